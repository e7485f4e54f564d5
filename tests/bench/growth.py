"""What size costs: one event beside a million invoices, and the summary of an account with a long history.

A real customer's events are processed by the product itself; the rows that this leaves are then copied under other
names, so that the tables hold what they would hold, and nothing here repeats how the ledger stores anything.
"""

import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, text

from connector.local.stripe.world import World
from sync import private
from sync.bootstrap import Runtime
from sync.core.dates import Calendar
from sync.core.summary import summarise
from sync.db import books, inbox, migrate
from sync.db.engine import make_engine
from sync.demo.world import settings_from
from sync.pipeline.inbox import process_inbox
from tests.bench.table import Result
from webhooks.providers import stripe

DAY = 86_400
CLOSED, OPEN = 90, 10  # invoices of each customer
FEW, MANY = 10_000, 1_000_000  # invoices in all
ROUNDS, INVOICES = 4, 25  # of these, paid in each database and round; the first round warms up
TAG = "Copy0of"  # stands in every id of the customer that is copied
ACCOUNT = "001000000000000AAA"
COPIED = ("customer", "object", "invoice", "allocation", "payment", "day_sum", "total", "credit", "record")
_ID = re.compile(r'"((?:cus|in|ch|pi|inpay|py|pr|evt|cbtxn)_)([0-9A-Za-z]{24})"')


def run() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="dueline-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        with private.running_postgres(home) as url, _ledger(url, FEW) as few, _ledger(url, MANY) as many:
            return [_events(few, many), _summaries(many.engine)]


class Ledger:
    """A database with so many invoices, and what the product needs to process events in it."""

    def __init__(self, runtime: Runtime, customers: int) -> None:
        self.engine, self.ingest, self.customers = runtime.engine, runtime.ingest, customers
        self._receiving = make_engine(runtime.database_url, pool=1, autocommit=True)

    def process(self, events: list[str]) -> list[float]:
        """Store and process events one by one; seconds that each took."""
        for body in events:
            inbox.add(self._receiving, stripe.envelope("main", body.encode(), {}))
        at: list[float] = []

        def proceed() -> bool:
            at.append(time.perf_counter())
            return len(at) <= len(events)

        done = process_inbox(self.engine, self.ingest, proceed)
        if done.rows != len(events) or done.parked:
            raise RuntimeError(f"{done} of {len(events)} events")
        return [after - before for before, after in pairwise(at)]


@contextmanager
def _ledger(url: str, invoices: int) -> Iterator[Ledger]:
    name = f"with_{invoices}"
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    own = re.sub(r"/postgres(?=\?|$)", f"/{name}", url, count=1)
    migrate.upgrade(own.replace("postgresql://", "postgresql+psycopg://", 1))
    secrets = {"DUELINE_STRIPE__MAIN__WEBHOOK_SECRETS": "whsec_bench"}
    runtime = Runtime(settings_from({"DATABASE_URL": own, "REDIS_URL": "redis://127.0.0.1:1", **secrets}))
    ledger = Ledger(runtime, invoices // (CLOSED + OPEN))
    ledger.process(_told())
    _copy(ledger.engine, ledger.customers)
    yield ledger
    runtime.close()


class _Clock:
    def __init__(self) -> None:
        self.now = time.time() - 3 * 365 * DAY

    def __call__(self) -> float:
        return self.now


_HISTORY: list[list[str]] = []


def _told() -> list[str]:
    """Three years of one customer: its closed invoices, then its open ones. Payments of these are kept for later."""
    if not _HISTORY:
        clock = _Clock()
        world = World(clock=clock, seed=1)
        with world.transaction() as events:
            customer = world.create_customer(name="Acme", metadata={"salesforce_account_id": ACCOUNT})["id"]
            open_ = [_invoice(world, clock, customer, number) for number in range(CLOSED + OPEN)][CLOSED:]
        payments = []
        for invoice in open_:
            clock.now = time.time()
            payments.append(world.act("pay_invoice", {"invoice": invoice})[1])
        _HISTORY.extend(_bodies(some) for some in (events, *payments))
    return _HISTORY[0]


def _invoice(world: World, clock: _Clock, customer: str, number: int) -> str:
    clock.now += 10 * DAY
    draft = world.create_invoice(customer, [{"amount": 50_000 + number}])
    clock.now += 60
    world.finalize_invoice(draft["id"], due_in_days=30)
    if number < CLOSED:
        clock.now += DAY / 2
        world.pay_invoice(draft["id"], method="bank")
    return str(draft["id"])


def _bodies(events: list[dict[str, Any]]) -> list[str]:
    kept = [event for event in events if event["data"]["object"]["object"] != "payment_intent"]
    return [_ID.sub(rf'"\1{TAG}\2"', json.dumps(event)) for event in kept]


def _copy(engine: Engine, copies: int) -> None:
    """Copy every row of the one customer, as customers 1 to `copies`; everything counts as written to Salesforce."""
    began = time.monotonic()
    with engine.begin() as conn:
        conn.execute(text("SET LOCAL synchronous_commit = off"))
        conn.execute(
            text("UPDATE record SET written = marked, content = 'copied', written_at = now(), event_at = NULL")
        )
        for table in COPIED:
            types = conn.execute(
                text("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = :table"),
                {"table": table},
            ).all()
            names = ", ".join(f'"{name}"' for name, _ in types)
            values = ", ".join(_renamed(name, kind) for name, kind in types)
            source = f"{table}, generate_series(1, {copies}) AS copy_number"
            conn.execute(text(f"INSERT INTO {table} ({names}) SELECT {values} FROM {source}"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM ANALYZE"))
        conn.execute(text("CHECKPOINT"))
    print(f"filled {engine.url.database} in {time.monotonic() - began:.0f} s")


def _renamed(name: str, kind: str) -> str:
    if kind not in {"text", "jsonb"}:
        return f'"{name}"'
    account = "'001' || lpad(copy_number::text, 12, '0') || 'AAA'"
    renamed = f"""replace(replace("{name}"::text, '{TAG}', 'Copy' || copy_number || 'of'), '{ACCOUNT}', {account})"""
    return f"{renamed}::jsonb" if kind == "jsonb" else renamed


def _events(few: Ledger, many: Ledger) -> Result:
    took: dict[int, list[float]] = {FEW: [], MANY: []}
    for number in range(ROUNDS):
        for size, ledger in ((FEW, few), (MANY, many)):
            seconds = ledger.process(_payments(ledger, number))
            took[size] += seconds if number else []
    small, large = (statistics.median(took[size]) * 1000 for size in (FEW, MANY))
    detail = f"median {large:.2f} ms with {MANY:,} invoices, {small:.2f} ms with {FEW:,} ({len(took[FEW])} events each)"
    what = "cost of one event with 1 M invoices, against 10 k"
    return Result(what, f"{large / small:.2f}", "<= 1.3", large / small <= 1.3, detail, "growth")


def _payments(ledger: Ledger, number: int) -> list[str]:
    """Payments of open invoices, each of another customer anywhere in the ledger."""
    dice = random.Random(number)
    copies = dice.sample(range(1, ledger.customers + 1), INVOICES)
    return [
        body.replace(TAG, f"Copy{copy}of").replace(ACCOUNT, f"001{copy:012}AAA")
        for copy in copies
        for body in _HISTORY[1 + number]
    ]


_LONG = """\
INSERT INTO customer (key, connection, provider, account) VALUES ('main:cus_{n}', 'main', 'stripe', '{account}');
INSERT INTO invoice SELECT 'main:in_{n}_' || n, 'main:cus_{n}', 'USD',
  CASE WHEN n <= {open} THEN 'open' ELSE 'paid' END, true, 'L-' || n, 500, 0, 0,
  CASE WHEN n <= {open} THEN 0 ELSE 500 END, CASE WHEN n <= {open} THEN 500 ELSE 0 END, 0,
  current_date - (n * 1095 / {count})::int, current_date - (n * 1095 / {count})::int + 30,
  CASE WHEN n > {open} THEN current_date - (n * 1095 / {count})::int + 20 END, NULL, NULL, NULL, '{{}}'
  FROM generate_series(1::bigint, {count}) AS n;
INSERT INTO allocation SELECT key, 0, customer, currency, replace(key, ':in_', ':pi_'), paid, paid_on
  FROM invoice WHERE customer = 'main:cus_{n}' AND paid > 0;
INSERT INTO day_sum SELECT 'main:cus_{n}', 'USD', day, sum(invoiced), sum(collected), sum(collected), 0 FROM (
  SELECT issued_on AS day, total AS invoiced, 0 AS collected FROM invoice WHERE customer = 'main:cus_{n}'
  UNION ALL SELECT paid_on, 0, paid FROM invoice WHERE customer = 'main:cus_{n}' AND paid > 0) AS moves GROUP BY day;
INSERT INTO total SELECT 'main:cus_{n}', 'USD', sum(total), sum(paid), 0 FROM invoice WHERE customer = 'main:cus_{n}';
"""


def _summaries(engine: Engine) -> Result:
    """Two accounts with ten open invoices each, closed ones over three years: 100 of them, and 100,000."""
    accounts = {count: f"001{count:012}LNG" for count in (100, 100_000)}
    with engine.begin() as conn:
        for count, account in accounts.items():
            conn.exec_driver_sql(_LONG.format(n=f"long{count}", account=account, open=OPEN, count=count + OPEN))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM ANALYZE"))
    took: dict[int, list[float]] = {count: [] for count in accounts}
    calendar = Calendar("UTC")
    for number in range(220):
        for count, account in accounts.items():
            began = time.perf_counter()
            with engine.connect() as conn:
                today = datetime.now(UTC).date()
                book = books.load(conn, [account], today, calendar)[account]["USD"]
            summary = summarise(book, today)
            if number >= 20:  # warm
                took[count].append(time.perf_counter() - began)
            if (summary.open_invoices, summary.collected) != (OPEN, 500 * count):
                raise RuntimeError(f"a wrong summary is not worth timing: {summary}")
    small, large = (statistics.median(took[count]) * 1000 for count in accounts)
    detail = f"median {large:.2f} ms with 100,000 closed invoices, {small:.2f} ms with 100"
    what = "cost of an account's summary with 100,000 closed invoices, against 100"
    return Result(what, f"{large / small:.2f}", "<= 1.5", large / small <= 1.5, detail, "growth")
