"""One account at a time, whatever is open there: promises kept or broken, disputes, holds, follow-ups.

Everything is decided anew from what people wrote and what the ledger holds, and only differences are written. So a look
can be repeated at any time, and what led to it does not matter: a payment, an edit in Salesforce, a day.
"""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from sync.core.currency import OrgMoney
from sync.core.dates import Calendar
from sync.db import records, reviews
from sync.db.tables import AnyRow
from sync.pipeline.accounts import OrgAwayError
from sync.pipeline.inbox import in_a_line
from sync.pipeline.look import Look, Terms

log = structlog.get_logger()

AWAY_S = 60.0  # at most so long after Salesforce is back, what waited for it is looked at


@dataclass(frozen=True, slots=True)
class Reviewing:
    """How reviews are done. `money`: the org's currencies; raises OrgAwayError."""

    calendar: Calendar
    money: Callable[[], OrgMoney]
    terms: Terms


@dataclass(slots=True)
class Reviewed:
    """What a run of reviews did: accounts looked at, and whether holds are to be put or taken off."""

    accounts: int = 0
    holds: bool = False


def review_waiting(engine: Engine, how: Reviewing, proceed: Callable[[], bool]) -> Reviewed:
    """Look at the accounts that wait, one transaction each, until none is left or `proceed` says stop."""
    done = Reviewed()
    while proceed() and _next(engine, how, done):
        pass
    return done


def _next(engine: Engine, how: Reviewing, done: Reviewed) -> bool:
    row = None
    try:
        with engine.begin() as conn:
            row = reviews.claim(conn)
            if row is None:
                return False
            look = Look(conn, row.account, how.calendar, how.terms, how.money)
            look.decide()
            reviews.finish(conn, row, look.next_on)
            records.mark(conn, look.marks)
            done.holds = done.holds or look.holds_changed
            done.accounts += 1
    except Exception as error:
        if row is None or (isinstance(error, DBAPIError) and error.connection_invalidated):
            raise  # the database is away: the job ends, the account waits
        _postpone(engine, row, error)
    return True


def _postpone(engine: Engine, row: AnyRow, error: Exception) -> None:
    wait = min(300.0, 1.0 * 2.0**row.attempts)
    if isinstance(error, OrgAwayError):
        wait = min(AWAY_S, max(wait, error.retry_after_s))
    elif isinstance(error, OperationalError):  # a lost race for locks
        wait = 0.05
        log.info("account looked at again", account=row.account, reason=in_a_line(error))
    else:
        log.error("account not reviewed", account=row.account, exc_info=error)
    with engine.begin() as conn:
        reviews.postpone(conn, row.account, wait, in_a_line(error))
