"""The daily turn: what it costs to find and note the 1,000 invoices that today changes, among few and among many.

In both ledgers the invoices of the day belong to 100 accounts, ten each, whose open questions are due for a look, too;
all others have their day later. Every statement is counted as it is sent. Nothing is written to Salesforce here: the
turn only says what is to be written.
"""

import random
import statistics
import time

from sqlalchemy import Engine, event, text

from sync.pipeline.day import turn_day
from tests.bench.history import OPEN, account
from tests.bench.ledger import Ledger, filled, server, settle
from tests.bench.table import Result

FEW, MANY = 10_000, 1_000_000
ACCOUNTS, ROUNDS = 100, 6  # the first round warms up


def run() -> list[Result]:
    with server() as url, filled(url, FEW) as few, filled(url, MANY) as many:
        return [measure(few, many)]


def measure(few: Ledger, many: Ledger) -> Result:
    """Turn the day in both, by turns."""
    ledgers = {FEW: few, MANY: many}
    took: dict[int, list[float]] = {size: [] for size in ledgers}
    touched, statements = set(), set()
    for number in range(ROUNDS):
        for size, ledger in ledgers.items():
            due = _arrange(ledger, number)
            settle(ledger.engine)
            sent = Counted(ledger.engine)
            began = time.perf_counter()
            rows = turn_day(ledger.engine, ledger.ingest.calendar, lambda: True)
            seconds = time.perf_counter() - began
            sent.stop()
            if rows != due:
                raise RuntimeError(f"{rows} rows were turned, not {due}")
            if number:
                took[size].append(seconds)
                touched.add(_marked(ledger.engine))
                statements.add(sent.count)
    return _result(took, touched, statements)


class Counted:
    """Counts the statements that an engine sends, from now until `stop`; one for many rows is one."""

    def __init__(self, engine: Engine) -> None:
        self.count = 0
        self._engine = engine
        event.listen(engine, "before_cursor_execute", self._one)

    def _one(self, *_: object) -> None:
        self.count += 1

    def stop(self) -> None:
        """Count no further."""
        event.remove(self._engine, "before_cursor_execute", self._one)


def _arrange(ledger: Ledger, number: int) -> int:
    """Yesterday was turned; ten invoices of each of 100 accounts become overdue today, and nothing else changes.

    Returns how many rows that makes due.
    """
    accounts = [account(copy) for copy in random.Random(number).sample(range(1, ledger.customers + 1), ACCOUNTS)]
    with ledger.engine.begin() as conn:
        conn.execute(text("DELETE FROM cursor"))
        for table, column in (("invoice", "next_change_on"), ("record", "next_change_on"), ("review", "next_on")):
            conn.execute(text(f"UPDATE {table} SET {column} = current_date + 9 WHERE {column} <= current_date"))
        conn.execute(text("UPDATE record SET written = marked WHERE marked > written"))
        invoices = conn.execute(
            text(
                "UPDATE invoice SET due_on = current_date - 1, next_change_on = current_date WHERE balance > 0 "
                "AND customer IN (SELECT key FROM customer WHERE account = ANY(:accounts))"
            ),
            {"accounts": accounts},
        )
        looks = conn.execute(
            text("UPDATE review SET next_on = current_date WHERE account = ANY(:accounts)"), {"accounts": accounts}
        )
        return invoices.rowcount + looks.rowcount


def _marked(engine: Engine) -> int:
    with engine.connect() as conn:
        return int(conn.scalar(text("SELECT count(*) FROM record WHERE marked > written")) or 0)


def _result(took: dict[int, list[float]], touched: set[int], statements: set[int]) -> Result:
    small, large = (statistics.median(took[size]) * 1000 for size in (FEW, MANY))
    detail = (
        f"median {large:.0f} ms with {MANY:,} invoices, {small:.0f} ms with {FEW:,}; {ACCOUNTS * OPEN:,} invoices "
        f"turned and {_told(touched)} records marked in {_told(statements)} statements"
    )
    what = f"the daily turn: 1 M invoices of which {ACCOUNTS * OPEN:,} change, against 10 k"
    return Result(what, f"{large / small:.2f}", "<= 2", large / small <= 2, detail, "turn")


def _told(counts: set[int]) -> str:
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
