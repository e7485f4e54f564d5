"""From the inbox to the ledger: one row, one transaction. A crash at any point leaves the row waiting."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from sync.core.convergence import on_event
from sync.core.dates import Calendar
from sync.core.mapping import Ignored, Mapper, Seen, UnmappableError
from sync.db import inbox
from sync.db.objects import Asker
from sync.db.tables import AnyRow
from sync.pipeline.observe import observe
from sync.pipeline.post import Posting

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ingest:
    """What processing needs: the mapping of each billing system, the calendar, and which connections can be read."""

    mappers: Mapping[str, Mapper]
    calendar: Calendar
    metadata_key: str
    fetchable: frozenset[str]  # connections with a key to fetch by
    max_attempts: int

    def posting(self, scope: str, provider: str, asker: Asker) -> Posting:
        """The context of postings for one event."""
        return Posting(self.calendar, self.calendar.today(), scope, provider, self.metadata_key, asker)


@dataclass(slots=True)
class Drained:
    """What one drain did."""

    rows: int = 0
    fetches: int = 0
    parked: int = 0


def process_inbox(engine: Engine, ingest: Ingest, proceed: Callable[[], bool]) -> Drained:
    """Process waiting rows, oldest first, until none is left or `proceed` says stop."""
    done, after = Drained(), 0
    while proceed():
        found = _process_next(engine, ingest, after, done)
        if found is None and after == 0:
            break
        after = found or 0  # past the end, look again from the start: others may have put rows back
    return done


def _process_next(engine: Engine, ingest: Ingest, after: int, done: Drained) -> int | None:
    """One row in a transaction of its own; what fails is tried again later, and parked when that has not helped."""
    row = None
    try:
        with engine.begin() as conn:
            row = inbox.claim(conn, after)
            if row is None:
                return None
            _process(conn, ingest, row, done)
            done.rows += 1
    except Exception as error:
        if row is None or (isinstance(error, DBAPIError) and error.connection_invalidated):
            raise  # the database is away: the job ends, the row waits
        _postpone(engine, ingest, row.id, error)
    return int(row.id)


def _process(conn: Connection, ingest: Ingest, row: AnyRow, done: Drained) -> None:
    asker = Asker(row.event_id, row.received_at)
    bound = log.bind(trace=row.event_id, type=row.type, inbox=row.id)
    try:
        seen = _read(ingest.mappers[row.provider], row)
    except (UnmappableError, ValueError) as error:
        done.parked += 1
        inbox.finish(conn, row.id, inbox.PARKED, str(error))
        bound.warning("event parked", reason=str(error))
        return
    if isinstance(seen, Ignored):
        inbox.finish(conn, row.id, inbox.PROCESSED, f"ignored: {seen.rule}")
        return
    can_fetch = row.connection in ingest.fetchable
    judge = partial(on_event, created=row.created, can_fetch=can_fetch)
    context = ingest.posting(row.scope, row.provider, asker)
    found = observe(conn, seen, judge, context, can_fetch=can_fetch)
    done.fetches += found.fetches
    inbox.finish(conn, row.id, inbox.PROCESSED, found.outcome)
    bound.info("event processed", outcome=found.outcome, object=seen[0].facts.key)


def _read(mapper: Mapper, row: AnyRow) -> list[Seen] | Ignored:
    if row.created is None:
        raise UnmappableError("event: created is missing, so its place in time is unknown")
    return mapper.map_event(json.loads(row.body), row.scope)


def _postpone(engine: Engine, ingest: Ingest, row_id: int, error: Exception) -> None:
    reason = in_a_line(error)
    with engine.begin() as conn:
        row = inbox.claim_one(conn, row_id)
        if row is None:
            return
        hopeless = isinstance(error, DataError)  # a value that no column holds: half a character, too many digits
        if hopeless or row.attempts + 1 >= ingest.max_attempts:
            inbox.finish(conn, row_id, inbox.PARKED, reason)
        else:
            inbox.postpone(conn, row_id, _backoff_s(error, row.attempts), reason)
    log.error("event failed", inbox=row_id, trace=row.event_id, exc_info=error)


def in_a_line(error: Exception) -> str:
    """Of the database's errors the message and its detail; what follows them repeats the data."""
    told = error.orig if isinstance(error, DBAPIError) else error
    return f"{type(told).__name__}: {' '.join(str(told).splitlines()[:2])}"


def _backoff_s(error: Exception, attempts: int) -> float:
    """A deadlock or a lost race is tried again at once, anything else ever later, up to five minutes."""
    return 0.05 if isinstance(error, OperationalError) else min(300.0, 2.0**attempts)
