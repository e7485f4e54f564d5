"""From waiting records to Salesforce: coalesced, 200 rows a call, one worker an account, nothing lost on the way.

Records of many accounts share a call; full calls go at once, the rest when things are quiet or have waited long
enough. Accounts are leased for as long as their rows are on the wire, and what is on the wire is written down before
it is sent, so that a worker that dies leaves a row that is known to be uncertain instead of one that is wrong.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

from sqlalchemy import Engine

from sync.core.budget import Priority
from sync.core.currency import OrgMoney
from sync.core.dates import Calendar
from sync.core.projection import SalesforceRow
from sync.db import inbox, lanes, links, records, refusals, upkeep
from sync.db.fieldmaps import Pins
from sync.db.records import Mark, Queue
from sync.db.tables import AnyRow
from sync.pipeline import answers
from sync.pipeline.accounts import AccountReader, OrgAwayError, settle_accounts
from sync.pipeline.answers import Published, Verdict
from sync.pipeline.item import Item
from sync.pipeline.render import Rendering, render
from sync.pipeline.stood import Stood, Values, know_what_stood, with_what_stood

# In the order in which they are sent: what others point to comes first.
KINDS = ("summary", "account", "invoice", "payment", "refund", "commitment", "dispute", "task", "activity")


class Org(AccountReader, Protocol):
    """What publishing asks of Salesforce."""

    def money(self) -> OrgMoney:
        """The org's currencies. Raises OrgAwayError."""

    def write(self, kind: str, rows: Sequence[SalesforceRow], priority: Priority) -> list[Verdict]:
        """Write rows of one kind, one verdict each, in their order."""

    def values(self, kind: str, keys: Sequence[str], fields: Sequence[str], priority: Priority) -> Values:
        """What fields of these records say now; hidden fields and absent records are missing. Raises OrgAwayError."""

    def allows(self, priority: Priority) -> bool:
        """Whether the API budget has room for calls of this priority."""

    def slow(self) -> bool:
        """Whether so much of the API budget is spent that rows should be gathered for longer."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """How publishing is done: see the settings of the same names."""

    calendar: Calendar
    systems: Mapping[str, str]
    closed_days: int
    flush_rows: int
    flush_after_s: float
    flush_busy_s: float
    request_lifetime_s: float
    batch: int = 10_000  # rows a round
    lanes: int = 5_000  # accounts a round
    bulk_from: int = 2_000  # rows of one kind from which they travel as one bulk job
    piece: int = 600  # rows between two renewals of the lease: three calls
    lease_s: float = 60.0  # so long a dead worker holds its accounts up; more than three calls take
    bulk_lease_s: float = 900.0
    slow_s: float = 60.0  # how long rows are gathered when the API budget runs low
    pins: Pins = field(default_factory=dict)  # what the environment says of our Account fields: it has the last word

    def rendering(self, money: OrgMoney, accounts: Mapping[str, links.AccountRow]) -> Rendering:
        """What rendering needs, as of today."""
        today = self.calendar.today()
        return Rendering(self.calendar, today, money, accounts, self.systems, self.closed_days, self.pins)


def publish(engine: Engine, org: Org, how: Publishing, proceed: Callable[[], bool]) -> Published:
    """Write what waits, until nothing does or `proceed` says stop."""
    done = Published()
    while proceed():
        with engine.connect() as conn:
            waiting, busy = records.queue(conn), inbox.anything_due(conn)
        if not waiting.rows or not org.allows(Priority.ESSENTIAL):
            break
        patience = how.slow_s if org.slow() else how.flush_busy_s if busy else how.flush_after_s
        kinds, limit = _ready(waiting, how, patience)
        if not kinds:
            time.sleep(0.05)
        elif not _round(engine, org, how, kinds, limit, done):
            break  # other workers hold these accounts
    return done


def _ready(waiting: Queue, how: Publishing, patience_s: float) -> tuple[tuple[str, ...], int]:
    """Which kinds to send now, and how many rows of them.

    Until the oldest has waited long enough, only full calls of rows that do not change with every event of their
    account.
    """
    if waiting.oldest_s >= patience_s:
        return KINDS, how.batch
    full = [kind for kind in ("invoice", "payment") if waiting.by_kind.get(kind, 0) >= how.flush_rows]
    if full == ["payment"] and waiting.by_kind.get("invoice"):
        return (), 0  # they point to invoices, which would have to be there
    if not full:
        return (), 0
    calls = min(waiting.by_kind[full[0]], how.batch) // how.flush_rows
    return (full[0],), calls * how.flush_rows


def _round(engine: Engine, org: Org, how: Publishing, kinds: Sequence[str], limit: int, done: Published) -> bool:
    """Lease accounts, write their records, say what came of it. False if there was nothing to lease."""
    with engine.begin() as conn:
        held = lanes.lease(conn, how.lanes, how.lease_s, kinds=kinds)
        waiting = records.due_in(conn, held, limit, kinds=kinds) if held else []
    try:
        if waiting:
            settled = settle_accounts(engine, org, {record.lane for record in waiting})
            stood = know_what_stood(engine, org, how.pins, waiting)
            items = _render(engine, org, how, waiting, settled.accounts, stood)
            _write(engine, org, how, held, items, done)
            done.rounds += 1
    except OrgAwayError as error:
        verdict = Verdict("retry", error.code, error.reason, error.fix, error.retry_after_s)
        answers.note(engine, how.request_lifetime_s, [(Item(record), verdict) for record in waiting], done)
    finally:
        with engine.begin() as conn:
            lanes.release(conn, held)
    return bool(waiting)


def _render(
    engine: Engine,
    org: Org,
    how: Publishing,
    waiting: Sequence[AnyRow],
    accounts: Mapping[str, links.AccountRow],
    stood: Stood,
) -> list[Item]:
    """What the waiting records should say.

    One that by a mapping saved this moment says something in a field whose value is not kept yet waits for the next
    round; a field that is hidden from us is left out, as one that we may not write.
    """
    rendering = how.rendering(org.money(), accounts)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        items, turns = render(conn, waiting, rendering)
    with engine.begin() as conn:
        upkeep.set_turn(conn, turns)
    known = [with_what_stood(item, stood) for item in items]
    return [item for item in known if item.unkept <= stood.hidden[item.record.kind]]


def _write(
    engine: Engine, org: Org, how: Publishing, held: dict[str, int], items: Sequence[Item], done: Published
) -> None:
    """Skip what stands there already, send the rest piece by piece, and write down each answer."""
    able = [item for item in items if not item.problem and not item.elsewhere]
    send = [item for item in able if _says_more(item)]
    skip = [item for item in able if not _says_more(item)]
    problems = [
        answers.refused(item, Verdict("rejected", *item.problem), how.request_lifetime_s)
        for item in items
        if item.problem
    ]
    with engine.begin() as conn:  # what has moved to another account waits there from now on
        records.mark(conn, [_moved(item.record, item.elsewhere) for item in items if item.elsewhere])
    with engine.begin() as conn:
        records.written(conn, [answers.written(item, skipped=True) for item in skip])
    with engine.begin() as conn:  # each in its own transaction: rows locked in two goes could wait in a ring
        refusals.write_down(conn, [(problem, None) for problem in problems])
    done.unchanged += len(skip)
    done.refused += len(problems)
    for piece in _pieces(send, how):
        lease_s = how.bulk_lease_s if len(piece) >= how.bulk_from else how.lease_s
        with engine.begin() as conn:
            if not lanes.renew(conn, held, lease_s):
                return  # this took so long that another worker has the accounts; what was not sent is still due
            kind = piece[0].record.kind
            # A Task is created, not upserted: nobody may create it again while a dead worker's request may be alive.
            alive_s = max(lease_s, how.request_lifetime_s) if kind == "task" else lease_s
            records.sending(conn, [(item.record.kind, item.record.key) for item in piece], alive_s)
        urgent = Priority(min(item.record.priority for item in piece))
        verdicts = org.write(kind, [item.sent for item in piece], urgent)
        answers.note(engine, how.request_lifetime_s, list(zip(piece, verdicts, strict=True)), done)


def _says_more(item: Item) -> bool:
    """Whether it says anything that Salesforce is not known to hold."""
    more = item.content != item.record.content or item.restoring or item.unkept
    return item.row is not None and bool(more)


def _pieces(send: Sequence[Item], how: Publishing) -> Iterator[list[Item]]:
    """Rows of one kind, sorted by account: enough for a bulk job at once, fewer in pieces that a lease outlives."""
    order = {kind: place for place, kind in enumerate(KINDS)}
    ordered = sorted(send, key=lambda item: (order[item.record.kind], item.record.lane, item.record.key))
    for _, group in groupby(ordered, key=lambda item: item.record.kind):
        batch = list(group)
        in_bulk = len(batch) >= how.bulk_from and batch[0].record.kind != "task"
        size = len(batch) if in_bulk else how.piece
        for start in range(0, len(batch), size):
            yield batch[start : start + size]


def _moved(record: AnyRow, account: str) -> Mark:
    return Mark(record.kind, record.key, account, Priority(record.priority))
