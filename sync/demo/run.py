"""`dueline demo`: a local world with a company's book in it, or one story, from start to end."""

import contextlib
import fcntl
import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from sync.demo.identities import CONNECTION
from sync.demo.pages import compiled_pages
from sync.demo.screen import show
from sync.demo.story import play
from sync.demo.world import LocalWorld, local_world
from sync.pipeline import backfill as walk


def run_demo(homes: Path, *, port: int, ready_file: Path | None, once: bool, connected: bool = True) -> str | None:
    """Run the demo until Ctrl-C, or one story. Returns what failed, if anything.

    `connected`: false leaves connecting Dueline to the org and to the Stripe account to whoever uses the page.
    """
    console = Console(stderr=once)
    signal.signal(signal.SIGTERM, _end)  # whoever ends us politely gets everything ended, as by Ctrl-C
    with _empty_home(homes) as home:
        if once:
            with local_world(home, port, console, book=False) as world:
                _write_ready(ready_file, world)
                return play(world)
        pages = compiled_pages(console)
        with local_world(home, port, console, book=True, lightning=pages, connected=connected) as world:
            if connected:
                console.print("reading the billing system …")
                _backfill(world)
            _write_ready(ready_file, world)
            show(world, console)
    return None


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _write_ready(file: Path | None, world: LocalWorld) -> None:
    if file is not None:
        part = file.with_suffix(".part")
        part.write_text(json.dumps(world.ready(), indent=2))
        part.replace(file)


def _backfill(world: LocalWorld) -> None:
    run = world.runtime()
    walk.backfill(run.engine, run.ingest, run.billing.pages, CONNECTION, "stripe", lambda *_: None)
    run.close()


@contextlib.contextmanager
def _empty_home(homes: Path) -> Iterator[Path]:
    """A folder that no other demo uses, emptied first."""
    homes.mkdir(parents=True, exist_ok=True)
    for number in range(100):
        with (homes / f"{number}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            home = homes / str(number)
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            yield home
            return
    raise RuntimeError(f"too many demos are running: see {homes}")
