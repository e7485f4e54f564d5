"""Dunning holds: the billing system is asked until it holds exactly what is wanted.

Asking looks first and changes only what differs, so any step can be repeated: after a crash, after an answer that was
lost, after somebody changed it over there. What somebody else holds is left to them.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import structlog
from sqlalchemy import Connection, Engine

from sync.core import timeline as words
from sync.core.budget import Priority
from sync.core.holds import HoldState
from sync.db import holds, ledger, records, reviews, timeline
from sync.db.holds import Refused, Settled
from sync.db.records import Mark
from sync.db.tables import AnyRow

log = structlog.get_logger()

AT_ONCE = 8  # in flight per worker
LEASE_S = 90.0  # longer than any request may take
RETRY_S = (1.0, 5.0, 30.0, 120.0, 600.0, 3600.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """The billing system's answer. `state`: how the hold stands there now; None where it could not be asked.

    `code`, `reason`, `fix`: why not, and what to do. `final`: asking again will not help until a person acts.
    `unknown`: the request may have been carried out all the same. `others`: it stands so by others, not by us.
    """

    state: HoldState | None
    code: str = ""
    reason: str = ""
    fix: str = ""
    final: bool = False
    unknown: bool = False
    others: bool = False
    retry_after_s: float = 0.0


Ask = Callable[[str, str, str | None, str | None], Asked]  # connection, invoice id, note (None: release), account


def settle_holds(engine: Engine, ask: Ask, request_lifetime_s: float) -> int:
    """Put on and take off what is wanted, a handful at once. Returns how many were asked for."""
    with engine.begin() as conn:
        wanted = holds.claim(conn, AT_ONCE, LEASE_S)
    if not wanted:
        return 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(partial(_settle, engine, ask, request_lifetime_s), wanted))


def _settle(engine: Engine, ask: Ask, lifetime_s: float, row: AnyRow) -> int:
    scope, _, invoice_id = row.invoice.rpartition(":")
    connection, _, account = scope.partition("/")
    answer = ask(connection, invoice_id, row.note if row.wanted else None, account or None)
    with engine.begin() as conn:
        reviews.want(conn, [row.account])  # before the hold: see sync.db.reviews on the order of locks
        if answer.state is None or answer.code:
            holds.refused(conn, _refused(row, answer, lifetime_s))
        else:
            holds.settled(conn, Settled(row.invoice, row.version, answer.state))
        records.mark(conn, _marks(conn, row, answer))
    if answer.code:
        log.warning("hold not settled", invoice=row.invoice, code=answer.code, reason=answer.reason)
    else:
        log.info("hold settled", invoice=row.invoice, state=answer.state)
    return 1


def _marks(conn: Connection, row: AnyRow, answer: Asked) -> set[Mark]:
    """What tells of it: the invoice and the account say whether anything is held, the timeline says why."""
    if answer.state is None or answer.state == row.state:
        return set()
    marks = {
        Mark("invoice", row.invoice, row.account, Priority.NORMAL),
        Mark("account", row.account, row.account, Priority.NORMAL),
    }
    if answer.others or not _is_news(HoldState(row.state), answer.state):
        return marks
    entry = words.hold_changed(
        row.invoice,
        ledger.number_of(conn, row.invoice),
        HoldState(row.state),
        answer.state,
        answer.reason if answer.code else row.note,
        datetime.now(UTC),
    )
    if entry is not None and timeline.add(conn, row.account, entry):
        marks.add(Mark("activity", entry.key, row.account, Priority.BACKGROUND))
    return marks


def _is_news(before: HoldState, after: HoldState) -> bool:
    """Whether the timeline tells it: what was only asked for was never put on, so it is not taken off."""
    never_put = before is HoldState.REQUESTED and after is HoldState.RELEASED
    return after is not before and not never_put


def _refused(row: AnyRow, answer: Asked, lifetime_s: float) -> Refused:
    wait = RETRY_S[min(row.attempts, len(RETRY_S) - 1)]
    return Refused(
        invoice=row.invoice,
        version=row.version,
        code=answer.code,
        reason=answer.reason,
        fix=answer.fix,
        retry_s=max(wait, answer.retry_after_s),
        parked=answer.final,
        state=answer.state,
        again_s=lifetime_s if answer.unknown else None,
    )
