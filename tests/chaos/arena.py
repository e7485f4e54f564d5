"""The whole world under test: stand-ins, engines, and two or more of every process of the product."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import requests
from rich.console import Console
from sqlalchemy import Engine

from connector.local.stripe.desk import OWN_ACCOUNT
from connector.local.stripe.refusal import StripeRefusal
from connector.local.stripe.store import Store
from connector.local.stripe.world import World
from sync.bootstrap import JOBS
from sync.db.engine import make_engine
from sync.demo.processes import Child
from sync.demo.world import Cast, LocalWorld, local_world, settings_from, webhook_url
from tests.chaos.people import Person
from tests.chaos.postgres import supervised_postgres

Json = dict[str, Any]

# So fast that a short run sees every rhythm of the product many times. A request of ours lives at most TIMEOUT_S.
SETTINGS = {
    "DUELINE_REQUEST_LIFETIME_S": "8",
    "DUELINE_LINK_EVERY_S": "5",
    "DUELINE_SALESFORCE__TIMEOUT_S": "5",
    "DUELINE_FLUSH_AFTER_S": "0.5",
    "DUELINE_API_SHARE": "1",
    "DUELINE_POLL_EVERY_S": "2",
    "DUELINE_POLL_OVERLAP_S": "10",
}


def cast() -> Cast:
    """Two of everything that there may be two of."""
    workers = dict.fromkeys(JOBS, 2)
    return Cast(workers=workers, webs=2, clocks=2, settings=SETTINGS, database=supervised_postgres)


def victims() -> dict[str, int]:
    """What may be killed, with weights."""
    workers = [f"worker-{queue}-{number}" for queue in JOBS for number in range(2)]
    return {**dict.fromkeys(workers, 3), "web": 4, "web-1": 4, "clock": 2, "clock-1": 2, "redis": 3, "postgres": 2}


class Account:
    """The Stripe account as stories see it: done over HTTP in the server, whose webhooks follow; read from its file."""

    def __init__(self, url: str, home: Path) -> None:
        self._url = url
        self._http = requests.Session()
        self._http.trust_env = False
        self.caused = 0  # events, by what was done here
        self._book = World(Store(home / "stripe" / f"{OWN_ACCOUNT}.sqlite"))
        self.store, self.get, self.find = self._book.store, self._book.get, self._book.find

    def act(self, name: str, arguments: Json) -> tuple[Any, list[Json]]:
        """Run an action; its events are on their way already. Raises StripeRefusal."""
        body = {"action": name, "deliver": "soon", **arguments}
        answer = self._http.post(f"{self._url}/_control/act", json=body, timeout=60)
        if answer.status_code >= 400:
            raise StripeRefusal(answer.status_code, answer.json()["error"]["message"])
        told = answer.json()
        self.caused += len(told["events"])
        return told["result"], []

    def control(self, method: str, path: str, body: Json | None = None, **params: str) -> Json:
        """One of the account's handles."""
        answer = self._http.request(method, f"{self._url}/_control/{path}", json=body, params=params, timeout=60)
        answer.raise_for_status()
        found: Json = answer.json()
        return found

    def close(self) -> None:
        """Release the file and the connection."""
        self._book.store.close()
        self._http.close()


@dataclass
class Arena:
    """A running world, with what the harness does in it and looks at."""

    world: LocalWorld
    stripe: Account
    admin: Person
    people: tuple[Person, ...]

    @property
    def children(self) -> dict[str, Child]:
        """The processes, by name."""
        return {child.name: child for child in self.world.processes.children}

    def kill(self, name: str) -> bool:
        """kill -9 for a process of ours and its own children, as when a machine dies. Whether it was there."""
        process = self.children[name].process
        if process is None or process.poll() is not None:
            return False
        try:
            head = psutil.Process(process.pid)
            family = [head, *head.children(recursive=True)]
        except psutil.NoSuchProcess:
            return False
        for member in family:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                continue
        return True

    def engine(self) -> Engine:
        """New connections to the database. The caller disposes of them."""
        return make_engine(settings_from({"DATABASE_URL": self.world.database_url}).database_url or "", pool=2)

    def dueline(self, *arguments: str, timeout_s: float = 120.0) -> str:
        """Run a command as an operator would; what it prints. Raises RuntimeError with what went wrong."""
        command = [sys.executable, "-m", "sync.cli", *arguments]
        environment = {**os.environ, **self.world.environment}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False)
        if done.returncode:
            raise RuntimeError(f"dueline {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def status(self) -> Json:
        """How things stand, as `dueline status --json` tells."""
        found: Json = json.loads(self.dueline("status", "--json"))
        return found


@contextmanager
def opened(home: Path, console: Console) -> Iterator[Arena]:
    """Everything running, for a while."""
    with local_world(home, 0, console, book=False, cast=cast()) as world:
        stripe = Account(world.stripe_url, home)
        _share_webhooks(stripe, world)
        admin = Person(world.org_url, world.who.admin_id, world.who.admin_secret, "administrator")
        people = [Person(world.org_url, who.client_id, who.client_secret, who.name) for who in world.who.people]
        yield Arena(world, stripe, admin, tuple(people))
        stripe.close()


def _share_webhooks(stripe: Account, world: LocalWorld) -> None:
    """Stripe's webhooks go to both web processes in turns, as through a load balancer."""
    first, *others = (webhook_url(url) for url in world.web_urls)
    target = {"url": first, "secret": world.who.webhook_secret, "others": others}
    stripe.control("POST", "targets", {"targets": [target]})
