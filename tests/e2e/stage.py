"""A running local world, what tests do in it, and what they look at."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from sqlalchemy import Engine, text

from connector.local.stripe.world import World
from sync.db import health
from sync.demo.identities import CONNECTION
from sync.demo.people import OrgUserClient
from sync.demo.world import Cast, LocalWorld, local_world
from tests.e2e.compare import check
from tests.e2e.oracle import Truth
from tests.e2e.stories import open_account


@contextmanager
def opened(home: Path, workers: int) -> Iterator["Stage"]:
    """PostgreSQL, Redis, org, Stripe, web, workers (`workers` for the ledger) and clock as processes, for a while."""
    with local_world(home, 0, Console(stderr=True), book=False, cast=Cast({"ledger": workers})) as world:
        run, stripe = world.runtime(), open_account(home)
        yield Stage(world, stripe, world.org_admin, run.engine)
        stripe.store.close()
        run.close()


@dataclass
class Stage:
    """A running world, with what tests do in it and look at."""

    world: LocalWorld
    stripe: World
    org: OrgUserClient
    engine: Engine
    accounts: dict[str, str] = field(default_factory=dict)  # Salesforce account by customer id
    old: set[str] = field(default_factory=set)  # customers whose events come in the shape before Basil

    def new_accounts(self, currencies: list[str]) -> list[str]:
        """New accounts in the org, one of each currency named."""
        rows = [
            {"Name": f"Account {time.monotonic_ns()}-{number}", "CurrencyIsoCode": currency.upper()}
            for number, currency in enumerate(currencies)
        ]
        return self.org.create("Account", rows)

    def calls(self, url: str) -> int:
        """API calls that Stripe or the org has counted."""
        return int(requests.get(f"{url}/_control/calls", timeout=30).json()["total"])

    def delay(self, *, stripe_ms: int | None = None, org_ms: int | None = None) -> None:
        """Let Stripe or the org answer slowly from now on."""
        for url, ms in ((self.world.stripe_url, stripe_ms), (self.world.org_url, org_ms)):
            if ms is not None:
                requests.post(f"{url}/_control/delay", json={"ms": ms}, timeout=30).raise_for_status()

    def status(self) -> health.Status:
        """How things stand."""
        with self.engine.connect() as conn:
            return health.read(conn)

    def settle(self, timeout_s: float) -> dict[str, Any]:
        """Wait until `dueline status` shows nothing waiting; what it shows. Raises TimeoutError."""
        until = time.monotonic() + timeout_s
        while True:
            found = self.status()
            if not (found.waiting or found.waiting_fetches):
                shown = self.dueline("status", "--json")
                told: dict[str, Any] = json.loads(shown)
                if not (told["waiting"] or told["waiting_fetches"]):
                    return told
            if time.monotonic() > until:
                raise TimeoutError(f"after {timeout_s} s still under way: {found}\n" + "\n".join(self.waiting()))
            time.sleep(0.2)

    def waiting(self) -> list[str]:
        """Some of what is still to be done, for a person to see why."""
        found = []
        with self.engine.connect() as conn:
            for table, where in (
                ("record", "marked > written"),
                ("inbox", "status = 'received'"),
                ("object", "fetch_at IS NOT NULL"),
            ):
                shown = conn.execute(
                    text(f"SELECT to_jsonb(t) - 'body' - 'headers' FROM {table} t WHERE {where} LIMIT 5")
                )
                found += [f"{table} {row[0]}" for row in shown]
        return found

    def dueline(self, *arguments: str) -> str:
        """Run a command as an operator would; what it prints."""
        command = [sys.executable, "-m", "sync.cli", *arguments]
        environment = {**os.environ, **self.world.environment}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def check(self) -> dict[str, int]:
        """Compare everything in Stripe with the ledger and the org."""
        listed = requests.get(f"{self.world.stripe_url}/_control/objects", timeout=60).json()["data"]
        truth = Truth(listed, self.accounts, self.old, CONNECTION, datetime.now(UTC).date())
        return check(self.engine, self.org, truth)
