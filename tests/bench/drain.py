"""Events through one ledger worker that finds many waiting: how many a second, against one after another.

Events of 30 customers, each telling its history, mixed as they would come in. Both ways start from an empty ledger and
end with the same one; the worker's process and PostgreSQL share the machine with nothing else of ours.
"""

from sqlalchemy import text

from tests.bench.history import named, told
from tests.bench.ledger import Ledger, empty, server, settle
from tests.bench.table import Result

CUSTOMERS, EACH = 30, 120  # events of each
TARGET = 3


def run() -> list[Result]:
    events = [named(body, copy) for body in told().events[:EACH] for copy in range(1, CUSTOMERS + 1)]
    with server() as url, empty(url, "alone") as alone, empty(url, "together") as together:
        one_by_one = sum(alone.process_each(events))
        settle(alone.engine)
        at_once = together.process(events)
        if _sums(alone) != _sums(together):
            raise RuntimeError("the two ledgers are not the same")
    ratio = one_by_one / at_once
    detail = f"{len(events) / at_once:,.0f} events/s together, {len(events) / one_by_one:,.0f}/s one after another"
    what = f"{len(events):,} waiting events through one ledger worker, against one after another"
    return [Result(what, f"{ratio:.1f}x", f">= {TARGET}x", ratio >= TARGET, detail, "drain")]


def _sums(ledger: Ledger) -> list[tuple[object, ...]]:
    with ledger.engine.connect() as conn:
        found = conn.execute(text("SELECT customer, currency, invoiced, collected FROM total ORDER BY 1, 2"))
        return [tuple(row) for row in found]
