"""What size costs: one event beside a million invoices, the summary of an account with a long history, and the daily
turn (tests/bench/turn.py), which is measured here too because it needs the same ledgers.
"""

import random
import statistics
import time
from datetime import UTC, datetime

from sqlalchemy import Engine

from sync.core.dates import Calendar
from sync.core.summary import summarise
from sync.db import books
from tests.bench import turn
from tests.bench.history import OPEN, named, told
from tests.bench.ledger import Ledger, filled, server, settle
from tests.bench.table import Result

FEW, MANY = 10_000, 1_000_000  # invoices in all
ROUNDS, INVOICES = 4, 25  # of these, paid in each database and round; the first round warms up


def run() -> list[Result]:
    with server() as url, filled(url, FEW) as few, filled(url, MANY) as many:
        return [_events(few, many), _summaries(many.engine), turn.measure(few, many)]


def _events(few: Ledger, many: Ledger) -> Result:
    took: dict[int, list[float]] = {FEW: [], MANY: []}
    for number in range(ROUNDS):
        for size, ledger in ((FEW, few), (MANY, many)):
            seconds = ledger.process_each(_payments(ledger, number))
            took[size] += seconds if number else []
    small, large = (statistics.median(took[size]) * 1000 for size in (FEW, MANY))
    detail = f"median {large:.2f} ms with {MANY:,} invoices, {small:.2f} ms with {FEW:,} ({len(took[FEW])} events each)"
    what = "cost of one event with 1 M invoices, against 10 k"
    return Result(what, f"{large / small:.2f}", "<= 1.3", large / small <= 1.3, detail, "growth")


def _payments(ledger: Ledger, number: int) -> list[str]:
    """Payments of open invoices, each of another customer anywhere in the ledger."""
    copies = random.Random(number).sample(range(1, ledger.customers + 1), INVOICES)
    return [named(body, copy) for copy in copies for body in told().payments[number]]


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
    settle(engine)
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
