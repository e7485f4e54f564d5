"""From the inbox to the ledger: the events that wait, a handful in one transaction. A crash at any point leaves them
waiting.

What many events have in common is read, moved and marked once, so that a burst drains several times as fast as event
by event. Whatever fails is done again one by one, so that nothing is held up by what happens to wait beside it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from sync.core.causes import fingerprint
from sync.core.convergence import on_event
from sync.core.dates import Calendar
from sync.core.dunning import Dunning
from sync.core.mapping import Ignored, Mapper, Seen, UnmappableError
from sync.db import inbox
from sync.db.inbox import End
from sync.db.objects import Asker
from sync.db.tables import AnyRow
from sync.pipeline.changes import Posting
from sync.pipeline.observe import Observed, Payload, observe_all

log = structlog.get_logger()

TOGETHER = 50  # events in one transaction: more are hardly quicker, and hold their customers for longer


@dataclass(frozen=True, slots=True)
class Ingest:
    """What processing needs: the mapping and the name of each billing system, the calendar, and which connections can
    be read.
    """

    mappers: Mapping[str, Mapper]
    systems: Mapping[str, str]
    calendar: Calendar
    metadata_key: str
    fetchable: frozenset[str]  # connections with a key to fetch by
    max_attempts: int

    def posting(self, scope: str, provider: str) -> Posting:
        """The context of postings for events of one scope."""
        system = self.systems.get(provider, provider)
        return Posting(self.calendar, self.calendar.today(), scope, provider, self.metadata_key, system)


@dataclass(slots=True)
class Drained:
    """What one drain did."""

    rows: int = 0
    fetches: int = 0
    parked: int = 0

    def add(self, other: "Drained") -> None:
        """Count what another did, too."""
        self.rows += other.rows
        self.fetches += other.fetches
        self.parked += other.parked


def process_inbox(engine: Engine, ingest: Ingest, proceed: Callable[[], bool]) -> Drained:
    """Process waiting rows, oldest first, until none is left or `proceed` says stop."""
    done, after = Drained(), 0
    while proceed():
        found = _process_some(engine, ingest, after, done)
        if found is None and after == 0:
            break
        after = found or 0  # past the end, look again from the start: others may have put rows back
    return done


def _process_some(engine: Engine, ingest: Ingest, after: int, done: Drained) -> int | None:
    """The next rows in one transaction; where that fails, each in one of its own. The first row's id."""
    rows: Sequence[AnyRow] = ()
    try:
        with engine.begin() as conn:
            rows = _of_one_scope(inbox.claim(conn, after, TOGETHER))
            if not rows:
                return None
            found = _process(conn, ingest, rows)
    except Exception as error:
        if not rows or _gone(error):
            raise  # the database is away: the job ends, the rows wait
        log.info("events taken one by one", events=len(rows), reason=in_a_line(error))
        for row in rows:
            _process_alone(engine, ingest, row.id, done)
    else:
        done.add(found)
    return int(rows[0].id)


def _process_alone(engine: Engine, ingest: Ingest, row_id: int, done: Drained) -> None:
    """One row in a transaction of its own; what fails is tried again later, and parked when that has not helped."""
    try:
        with engine.begin() as conn:
            row = inbox.claim_one(conn, row_id)
            if row is None:
                return
            found = _process(conn, ingest, [row])
    except Exception as error:
        if _gone(error):
            raise
        _postpone(engine, ingest, row_id, error)
    else:
        done.add(found)


def _of_one_scope(rows: Sequence[AnyRow]) -> list[AnyRow]:
    """Those that can be processed together with the first; the others' turn comes next."""
    return [row for row in rows if (row.provider, row.scope) == (rows[0].provider, rows[0].scope)]


def _gone(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and bool(error.connection_invalidated)


def _process(conn: Connection, ingest: Ingest, rows: Sequence[AnyRow]) -> Drained:
    """Take in events of one scope."""
    told: dict[int, Payload] = {}
    ends: dict[int, End] = {}
    can_fetch = rows[0].connection in ingest.fetchable
    for row in rows:
        try:
            seen, dunning = _read(ingest.mappers[row.provider], row)
        except (UnmappableError, ValueError) as error:
            ends[row.id] = _parked(row, str(error))
            continue
        if isinstance(seen, Ignored):
            ends[row.id] = End(row.id, inbox.PROCESSED, f"ignored: {seen.rule}")
            continue
        judge = partial(on_event, created=row.created, can_fetch=can_fetch)
        told[row.id] = Payload(seen, judge, Asker(row.event_id, row.received_at), dunning)
    observed: list[Observed] = []
    fetches = 0
    if told:
        context = ingest.posting(rows[0].scope, rows[0].provider)
        observed, fetches = observe_all(conn, list(told.values()), context, can_fetch=can_fetch)
    for row_id, found in zip(told, observed, strict=True):
        ends[row_id] = End(row_id, inbox.PROCESSED, found.outcome)
    inbox.finish(conn, [ends[row.id] for row in rows])
    _tell(rows, ends, told)
    parked = sum(end.status == inbox.PARKED for end in ends.values())
    return Drained(len(rows), fetches, parked)


def _parked(row: AnyRow, reason: str) -> End:
    return End(row.id, inbox.PARKED, reason, fingerprint("event", row.type, reason))


def _tell(rows: Sequence[AnyRow], ends: Mapping[int, End], told: Mapping[int, Payload]) -> None:
    for row in rows:
        line = {"trace": row.event_id, "type": row.type, "inbox": row.id}
        if ends[row.id].status == inbox.PARKED:
            log.warning("event parked", **line, reason=ends[row.id].reason)
        elif row.id in told:
            log.info("event processed", **line, outcome=ends[row.id].reason, object=told[row.id].seen[0].facts.key)


def _read(mapper: Mapper, row: AnyRow) -> tuple[list[Seen] | Ignored, Dunning | None]:
    if row.created is None:
        raise UnmappableError("event: created is missing, so its place in time is unknown")
    event = json.loads(row.body)
    seen = mapper.map_event(event, row.scope)
    return seen, None if isinstance(seen, Ignored) else mapper.map_dunning(event, row.scope)


def _postpone(engine: Engine, ingest: Ingest, row_id: int, error: Exception) -> None:
    reason = in_a_line(error)
    with engine.begin() as conn:
        row = inbox.claim_one(conn, row_id)
        if row is None:
            return
        hopeless = isinstance(error, DataError)  # a value that no column holds: half a character, too many digits
        if hopeless or row.attempts + 1 >= ingest.max_attempts:
            inbox.finish(conn, [_parked(row, reason)])
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
