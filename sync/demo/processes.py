"""Starts the processes of a local world, waits until they answer, starts again what dies, and ends them all."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

STOP_S = 15.0
RESTART_AFTER_S = 0.5


class ProcessError(RuntimeError):
    """A process did not come up; the message says where its log is."""


@dataclass
class Child:
    """One process of ours and how to start it again. Its log is `log`.

    `user`: whom it runs as, where that is not us. `ending`: the signal that asks it to end.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    user: str | None = None
    ending: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches only us and we end it in order."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.user,
            )

    @property
    def died(self) -> bool:
        """Whether it was started and has ended."""
        return self.process is not None and self.process.poll() is not None


@dataclass
class Processes:
    """The processes of one local world."""

    folder: Path
    children: list[Child] = field(default_factory=list)
    _ending: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None

    def start(self, name: str, *arguments: str, environment: Mapping[str, str]) -> Child:
        """Start one more `dueline` command."""
        return self.start_other(name, (sys.executable, "-m", "sync.cli", *arguments), environment)

    def start_other(
        self,
        name: str,
        command: tuple[str, ...],
        environment: Mapping[str, str],
        *,
        user: str | None = None,
        ending: signal.Signals = signal.SIGTERM,
    ) -> Child:
        """Start a program of somebody else's."""
        self.folder.mkdir(parents=True, exist_ok=True)
        child = Child(name, command, environment, self.folder / f"{name}.log", user, ending)
        child.start()
        self.children.append(child)
        return child

    def watch(self) -> None:
        """From now on, start again whatever dies."""
        self._watch = threading.Thread(target=self._restart, name="watch", daemon=True)
        self._watch.start()

    def _restart(self) -> None:
        while not self._ending.wait(RESTART_AFTER_S):
            for child in self.children:
                if child.died and not self._ending.is_set():
                    self._signal(child, signal.SIGKILL)  # what it had started itself (a web server's own workers)
                    child.start()

    def stop(self) -> None:
        """End everything: politely, then not. Once: later the numbers of our processes may be somebody else's."""
        if self._ending.is_set():
            return
        self._ending.set()
        if self._watch is not None:
            self._watch.join()
        for child in reversed(self.children):
            self._signal(child, child.ending)
        deadline = time.monotonic() + STOP_S
        for child in reversed(self.children):
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.1, deadline - time.monotonic()))
            self._signal(child, signal.SIGKILL)

    def _signal(self, child: Child, number: int) -> None:
        if child.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, number)


def first_line(child: Child, timeout_s: float = 60.0) -> dict[str, str]:
    """The JSON object that a stand-in prints once it answers."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for line in child.log.read_text().splitlines() if child.log.exists() else ():
            if line.startswith("{"):
                found: dict[str, str] = json.loads(line)
                return found
        if child.died:
            break
        time.sleep(0.02)
    raise ProcessError(f"{child.name} did not start: see {child.log}")


def wait_for(url: str, child: Child, timeout_s: float = 60.0) -> None:
    """Wait until a URL answers 200."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with contextlib.suppress(URLError, OSError), urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            if answer.status == 200:
                return
        if child.died:
            break
        time.sleep(0.05)
    raise ProcessError(f"{child.name} does not answer at {url}: see {child.log}")
