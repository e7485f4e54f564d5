"""The demo's world with the pages in it, and what browser tests ask of it: who is who, the ledger, Stripe."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import Engine, text

from sync.core.mapping.stripe import HOLD_KEY
from sync.db import health
from sync.demo.identities import CONNECTION
from sync.demo.people import OrgUserClient, StripeUserClient
from sync.demo.world import LocalWorld, local_world
from sync.pipeline import backfill as walk

BUILT = Path(__file__).resolve().parents[2] / "build/lightning"
IN_TIME_S = 20.0  # how long a test waits; how fast it is, a benchmark tells


@contextmanager
def opened(home: Path) -> Iterator["Site"]:
    """The company's book in a running world, read in and written to the org, with the pages to look at it."""
    with local_world(home, 0, Console(stderr=True, quiet=True), book=True, lightning=BUILT) as world:
        run = world.runtime()
        walk.backfill(run.engine, run.ingest, run.billing.pages, CONNECTION, "stripe", lambda *_: None)
        site = Site(world, world.org_admin, world.stripe, run.engine)
        site.settle()
        yield site
        run.close()


@dataclass
class Site:
    """A running world. `org` acts as its administrator, `stripe` as somebody at the Stripe dashboard."""

    world: LocalWorld
    org: OrgUserClient
    stripe: StripeUserClient
    engine: Engine

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"{self.world.org_url}/lightning"

    def username(self, name: str) -> str:
        """The username of somebody of the company."""
        [row] = self.org.query(f"SELECT Username FROM User WHERE Name = '{name}'")
        return str(row["Username"])

    def account(self, name: str) -> str:
        """The id of an account."""
        return self.org.find("Account", "Name", name)

    def owing(self, name: str, count: int) -> str:
        """A new account with so many open invoices, `MANY-0000` and so on, that only the org knows of; its id."""
        [account] = self.org.create("Account", [{"Name": name, "CurrencyIsoCode": "USD"}])
        given = {"Account__c": account, "Status__c": "Open", "Currency__c": "USD", "CurrencyIsoCode": "USD"}
        rows = [{**given, **_invoice(account, number)} for number in range(count)]
        self.org.create("AR_Invoice__c", rows)
        return account

    def one(self, soql: str) -> dict[str, Any]:
        """The only row of a query in the org."""
        [row] = self.org.query(soql)
        return row

    def ledger(self, sql: str, **given: Any) -> list[dict[str, Any]]:
        """Rows of the product's own database."""
        with self.engine.connect() as conn:
            return [dict(row) for row in conn.execute(text(sql), given).mappings()]

    def soon(self, what: str, look: Callable[[], Any], timeout_s: float = IN_TIME_S) -> Any:
        """Wait until `look` finds something; that. Fails with `what` did not come true."""
        until = time.monotonic() + timeout_s
        while not (found := look()):
            assert time.monotonic() < until, f"{what}: not within {timeout_s:.0f} s"
            time.sleep(0.1)
        return found

    def held_at_stripe(self, number: str) -> str | None:
        """Why the billing system leaves that invoice alone; None if it does not."""
        rows = [row for row in self.stripe.every("invoices", status="open") if row["number"] == number]
        note = (rows[0]["metadata"] or {}).get(HOLD_KEY) if rows else None
        return None if note is None else str(note)

    def settle(self) -> None:
        """Wait until nothing waits."""
        self.soon("everything is written", self._nothing_waits, 180)

    def _nothing_waits(self) -> bool:
        with self.engine.connect() as conn:
            found = health.read(conn)
        return not (found.waiting or found.waiting_fetches)


def _invoice(account: str, number: int) -> dict[str, Any]:
    name, amount = f"MANY-{number:04}", 100 + number
    day = f"2026-{1 + number % 10:02}-{1 + number % 28:02}"
    named = {"Key__c": f"{account}:{number}", "Name": name, "Number__c": name}
    return {**named, "Amount__c": amount, "Balance__c": amount, "Due_On__c": day}
