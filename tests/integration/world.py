"""A small world to tell stories in: a Stripe account and an org that stand in, and the product's own parts between.

Nothing runs by itself. A story acts at Stripe; its events are signed and posted through the real web application (or
withheld); the pipeline is drained here, in this process; and at the end Stripe, the ledger and the org must say the
same. Stripe's clock and the company's date are moved by hand, so that stories end the same on every day.
"""

import json
import os
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any
from unittest.mock import patch

from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from connector.local.org.server import LocalOrg
from connector.local.stripe import shapes
from connector.local.stripe.server import LocalStripe
from sync import web
from sync.bootstrap import Current, Runtime
from sync.db import upkeep
from sync.db.engine import DirectEngine
from sync.demo.people import API, OrgUserClient
from sync.pipeline import backfill as walk
from sync.pipeline.answers import Published
from sync.pipeline.day import turn_day
from sync.pipeline.fetch import fetch_due
from sync.pipeline.holds import settle_holds
from sync.pipeline.inbox import Drained, process_inbox
from sync.pipeline.intake import Read
from sync.pipeline.link import link_by_person, link_waiting
from sync.pipeline.publish import publish
from sync.pipeline.readback import read_back
from sync.pipeline.review import review_waiting
from sync.settings import Settings
from tests.integration.looking import Json, Looking
from tests.integration.place import ADMIN, CONNECTION, PACE, TODAY, Clock, Place, StillBell, signature


def once() -> Any:
    """A `proceed` that lets a loop run for ten seconds at most: far more than anything here needs."""
    end = time.monotonic() + 10
    return lambda: time.monotonic() < end


def _hurry(run: Runtime) -> None:
    if run.org is not None:
        run.org.session.pace = PACE


@dataclass
class World(Looking):
    """The product between its two stand-ins. `accounts`: the org's account of each Stripe customer, as it should be.

    `run` is as configured when the world was made, or when somebody called `renew` last.
    """

    run: Runtime
    now: Current
    client: FlaskClient
    stripe: LocalStripe
    place: Place
    opened: list[DirectEngine]
    local_org: LocalOrg | None = None
    accounts: dict[str, str] = field(default_factory=dict)
    withheld: list[Json] = field(default_factory=list)
    today: date = TODAY

    @classmethod
    def build(cls, place: Place, stripe: LocalStripe, org: LocalOrg | None, settings: dict[str, str]) -> "World":
        """Wire it up. `settings` are environment variables beyond the usual ones."""
        with patch.dict(os.environ, place.environment() | settings):
            first = Runtime(Settings())
        first.__dict__["bell"] = StillBell()
        now = Current(first, _hurry)
        run = now.look()
        opened: list[DirectEngine] = []

        def engine(url: str) -> DirectEngine:
            opened.append(DirectEngine(url))
            return opened[-1]

        with patch.object(web, "DirectEngine", engine):
            client = web.make_app(now).test_client()
        made = cls(run, now, client, stripe, place, opened, org)
        made.move_to(TODAY)
        return made

    def renew(self) -> Runtime:
        """Go on with what is configured now, as every process does within a second."""
        self.run = self.now.look()
        return self.run

    def close(self) -> None:
        """Let go of every connection."""
        self.renew()
        for engine in self.opened:
            engine.dispose()
        self.run.close()
        if self.run.org is not None:
            self.run.org.session.close()
        if "admin" in self.__dict__:
            self.admin._http.close()

    @cached_property
    def admin(self) -> OrgUserClient:
        """The org's administrator, signed in."""
        return OrgUserClient(self.org.url, ADMIN.client_id, ADMIN.client_secret)

    @property
    def org(self) -> LocalOrg:
        """The org; a world without one is not asked for it."""
        assert self.local_org is not None, "this world has no org: use the fixture `world` instead of `books`"
        return self.local_org

    @property
    def engine(self) -> Engine:
        """The product's database."""
        return self.run.engine

    @property
    def clock(self) -> Clock:
        """Stripe's clock."""
        clock = self.stripe.desk.clock
        assert isinstance(clock, Clock)
        return clock

    def move_to(self, day: date) -> None:
        """Make it another day everywhere: for Stripe, the org and the company."""
        self.today = day
        self.clock.move(day)
        if self.local_org is not None:
            self.local_org.org.clock.move(day)
        self.place.today_file.write_text(json.dumps({"today": day.isoformat()}))

    # --- the story ---------------------------------------------------------------------------------------------------

    def account(self, name: str = "Acme", **fields: Any) -> str:
        """A new account in the org; its id."""
        [made] = self.admin.create("Account", [{"Name": name, "CurrencyIsoCode": "USD", **fields}])
        return made

    def customer(self, account: str | None = None, *, name: str = "Acme", deliver: bool = True, **fields: Any) -> str:
        """A new customer at Stripe, linked by metadata if there is an account; its id."""
        metadata = {"salesforce_account_id": account} if account else {}
        row = self.act("create_customer", name=name, deliver=deliver, **{"metadata": metadata, **fields})
        if account:
            self.accounts[row["id"]] = account
        return row["id"]

    def invoice(
        self, customer: str, amount: int = 10_000, *, due_in_days: int = 30, deliver: bool = True, **fields: Any
    ) -> str:
        """A finalized invoice of `amount` minor units, to be paid by transfer; its id."""
        lines = [{"amount": amount}]
        fields = {"collection_method": "send_invoice", **fields}
        draft = self.act("create_invoice", customer=customer, lines=lines, deliver=deliver, **fields)
        self.act("finalize_invoice", invoice=draft["id"], due_in_days=due_in_days, deliver=deliver)
        return draft["id"]

    def act(self, action: str, /, *, deliver: bool = True, seconds: float = 2, **arguments: Any) -> Any:
        """Do something at Stripe, so many seconds later; its events are posted, or kept in `withheld`."""
        self.clock.tick(seconds)
        result, events = self.stripe.world.act(action, arguments)
        if deliver:
            self.post(*events)
        else:
            self.withheld += events
        return result

    def shown(self, event: Json) -> Json:
        """An event as Stripe sends it."""
        shown = shapes.render_event(event, self.stripe.config.api_version)
        assert shown is not None
        return shown

    def post(self, *events: Json) -> None:
        """Deliver events by webhook; each must be acknowledged."""
        for event in events:
            answer = self.send(json.dumps(self.shown(event)).encode())
            assert answer.status_code == 200, answer.text

    def send(self, body: bytes, *, connection: str = CONNECTION, header: str | None = None) -> TestResponse:
        """Post a signed body to the web application."""
        headers = {"Stripe-Signature": signature(body) if header is None else header}
        return self.client.post(f"/webhooks/stripe/{connection}", data=body, headers=headers)

    def objects(self, kind: str) -> list[Json]:
        """Stripe's objects of a kind."""
        return self.stripe.world.store.everything(kind)

    # --- the product's work ------------------------------------------------------------------------------------------

    def drain(self, workers: int = 1) -> None:
        """Take events in and fetch what is wanted, with so many workers at once, until nothing moves."""
        for _ in range(100):
            with ThreadPoolExecutor(workers) as pool:
                if not sum(pool.map(lambda _worker: self._drain_once(), range(workers))):
                    return
        raise AssertionError("events and fetches do not come to rest")

    def take_in(self) -> Drained:
        """Take in the events that came, without fetching anything."""
        return process_inbox(self.engine, self.run.ingest, once())

    def _drain_once(self) -> int:
        done = self.take_in()
        return done.rows + done.parked + self.fetch_once()

    def fetch_once(self, fetch: Any = None) -> int:
        """One round of fetching again, perhaps by somebody else's means."""
        connections = self.run.settings.connections()
        return fetch_due(self.engine, self.run.ingest, connections, fetch or self.run.billing.fetch)

    def reconcile(self, since: int | None = None) -> walk.Walked:
        """Compare everything with Stripe, and mend what differs."""
        pages = self.run.billing.pages
        return walk.reconcile(self.engine, self.run.ingest, pages, CONNECTION, "stripe", lambda *_: None, since=since)

    def backfill(self, note: Any = lambda *_: None) -> walk.Walked:
        """Read everything that Stripe has."""
        return walk.backfill(self.engine, self.run.ingest, self.run.billing.pages, CONNECTION, "stripe", note)

    def publish(self, proceed: Any = None, **changes: Any) -> Published:
        """Write to the org what waits, perhaps in another way than the settings say."""
        how = replace(self.run.publishing, **changes)
        return publish(self.engine, self.run.require_org(), how, proceed or once())

    def link(self) -> int:
        """Look for the accounts of customers that have none, however lately that was done."""
        return link_waiting(self.engine, self.run.require_org(), self.run.settings.account_billing_field, 0.0)

    def decide(self, customer: str, account: str | None) -> None:
        """A person links a customer to an account, or to none."""
        decided = link_by_person(self.engine, self.run.org, f"{CONNECTION}:{customer}", account)
        self.accounts.pop(customer, None)
        if decided:
            self.accounts[customer] = decided

    def turn(self) -> int:
        """Turn the day."""
        return turn_day(self.engine, self.run.calendar, once(), self.run.settings.milestones)

    def settle(self) -> Published:
        """Do all work there is to do now."""
        self.drain()
        self.review()
        return self.publish()

    def read_back(self) -> Read:
        """Look once what people did in the org."""
        read = read_back(self.engine, self.run.require_org(), self.run.reading_back)
        assert read is not None, "somebody else is reading"
        return read

    def review(self) -> int:
        """Look at every account that waits for it."""
        return review_waiting(self.engine, self.run.reviewing, once()).accounts

    def settle_holds(self) -> int:
        """Put on and take off every hold that is wanted, or not any more."""
        return settle_holds(self.engine, self.run.billing.ask_hold, self.run.settings.request_lifetime_s)

    def come_to_rest(self) -> None:
        """Do all work there is in both directions, until a whole round finds nothing."""
        for _ in range(20):
            self.drain()
            read = self.read_back()
            work = sum(read.new.values()) + read.put_back + self.review() + self.settle_holds()
            published = self.publish()
            if not work and not published.written:
                return
        raise AssertionError("both directions keep each other busy")

    def hurry(self) -> None:
        """Let every waiting time be over: of events, fetches, refused and parked records."""
        self._set("inbox", "next_attempt_at = now()", "status = 'received'")
        self._set("object", "fetch_at = now(), fetch_until = NULL", "fetch_at IS NOT NULL")
        self._set("record", "due_at = now()", "marked > written")

    def sweep(self) -> int:
        """Sweep up after workers that died and answers that were lost, as if long ago."""
        self._set("record", "sending_until = now() - interval '1 s'", "sending_until > now()")
        self._set("record", "rewrite_at = now()", "rewrite_at IS NOT NULL")
        with self.engine.begin() as conn:
            return upkeep.sweep(conn, self.run.settings.request_lifetime_s)

    def _set(self, table: str, values: str, where: str) -> None:
        """Change rows that nobody holds, without waiting for those that somebody does."""
        free = f"SELECT ctid FROM {table} WHERE {where} FOR UPDATE SKIP LOCKED"
        with self.engine.begin() as conn:
            conn.execute(text(f"UPDATE {table} SET {values} WHERE ctid IN ({free})"))

    # --- what people and faults do in the org -------------------------------------------------------------------------

    def fault(self, kind: str, **details: Any) -> None:
        """Break something in the org."""
        self.admin._json("POST", "/_control/faults", json={"kind": kind, **details})

    def heal(self) -> None:
        """Mend the org. Its administrator signs in again: the faults of sessions are everybody's."""
        self.admin._json("DELETE", "/_control/faults")
        self.admin._http.close()
        del self.__dict__["admin"]

    def delete(self, account: str) -> None:
        """Put an account into the recycle bin."""
        self.admin._json("DELETE", f"{API}/sobjects/Account/{account}")

    def undelete(self, account: str) -> None:
        """Bring it back."""
        self.admin._json("POST", "/_control/undelete", json={"ids": [account]})

    def merge(self, master: str, loser: str) -> None:
        """Merge one account into another."""
        self.admin._json("POST", "/_control/merge", json={"master": master, "merged": [loser]})


def in_threads(count: int, work: Any) -> list[Any]:
    """Do the same at the same time, so many times; the results. The first exception is raised."""
    start = threading.Barrier(count)

    def begin(number: int) -> Any:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def kinds_of(events: Iterable[Json]) -> Sequence[str]:
    """The types of events."""
    return [event["type"] for event in events]
