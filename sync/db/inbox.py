"""The inbox: every verified webhook, kept with what became of it. Seen is not processed: the status says which."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, func, select, text, update

from sync.db import ignoring
from sync.db.engine import DirectEngine
from sync.db.tables import AnyRow, inbox

RECEIVED, PROCESSED, PARKED = "received", "processed", "parked"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A verified webhook as it came, with what could be read off its outside."""

    connection: str
    provider: str
    event_id: str
    scope: str
    headers: dict[str, str]
    body: bytes
    type: str | None = None
    api_version: str | None = None
    created: int | None = None
    problem: str | None = None  # why it is parked at once


_INSERT = """\
INSERT INTO inbox (connection, provider, event_id, scope, headers, body, type, api_version, created, status, reason)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (connection, event_id) DO NOTHING
RETURNING id"""
_to_json = msgspec.json.Encoder().encode


def add(engine: DirectEngine, item: Envelope) -> int | None:
    """Store it; committed when this returns. None if this event is already here. Raises SQLAlchemyError."""
    found = engine.first(_INSERT, _values(item))
    return None if found is None else int(found[0])


def add_missing(conn: Connection, items: Sequence[Envelope]) -> int:
    """Store those of these events that are not here. Returns how many that were."""
    if not items:
        return 0
    return conn.exec_driver_sql(_INSERT, [_values(item) for item in items]).rowcount


def _values(item: Envelope) -> tuple[object, ...]:
    return (
        item.connection,
        item.provider,
        item.event_id,
        item.scope,
        _to_json(item.headers).decode(),
        item.body,
        item.type,
        item.api_version,
        item.created,
        PARKED if item.problem else RECEIVED,
        item.problem,
    )


_CLAIM = (
    select(inbox)
    .where(inbox.c.status == RECEIVED, inbox.c.id > bindparam("after"), inbox.c.next_attempt_at <= func.now())
    .order_by(inbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def claim(conn: Connection, after: int, most: int) -> Sequence[AnyRow]:
    """Lock the next waiting rows beyond id `after`, at most so many, passing over those that others hold."""
    return conn.execute(_CLAIM, {"after": after, "most": most}).all()


def claim_one(conn: Connection, row: int) -> AnyRow | None:
    """Lock that row if it still waits and nobody holds it."""
    wanted = select(inbox).where(inbox.c.id == row, inbox.c.status == RECEIVED).with_for_update(skip_locked=True)
    return conn.execute(wanted).first()


_FINISH = (
    update(inbox)
    .where(inbox.c.id == bindparam("row"))
    .values(
        status=bindparam("to"),
        reason=bindparam("why"),
        cause=bindparam("cause_"),
        attempts=inbox.c.attempts + 1,
        processed_at=func.clock_timestamp(),
    )
)


@dataclass(frozen=True, slots=True)
class End:
    """What became of a row: processed, or parked with the reason and the fingerprint of the cause."""

    row: int
    status: str
    reason: str
    cause: str | None = None


def finish(conn: Connection, ends: Iterable[End]) -> None:
    """Say what became of rows."""
    values = [{"row": end.row, "to": end.status, "why": end.reason, "cause_": end.cause} for end in ends]
    if values:
        conn.execute(_FINISH, values)


def postpone(conn: Connection, row: int, seconds: float, reason: str) -> None:
    """Leave a row waiting, to be tried again in so many seconds."""
    conn.execute(
        update(inbox)
        .where(inbox.c.id == row)
        .values(
            attempts=inbox.c.attempts + 1,
            reason=reason,
            next_attempt_at=func.clock_timestamp() + text("make_interval(secs => :wait)").bindparams(wait=seconds),
        )
    )


def replay(conn: Connection, *, events: tuple[str, ...] = (), parked: bool = False) -> int:
    """Have rows processed again: those named by event id that still have their bodies, or all that are parked.

    What somebody chose to ignore stays parked, unless it is named. Returns how many.
    """
    named = inbox.c.event_id.in_(events) & (inbox.c.body != b"")
    which = (inbox.c.status == PARKED) & ~ignoring.EVENT if parked else named
    done = conn.execute(
        update(inbox).where(which).values(status=RECEIVED, reason=None, next_attempt_at=func.clock_timestamp())
    )
    return done.rowcount


def waiting(conn: Connection) -> int:
    """How many rows wait to be processed."""
    found = conn.execute(select(func.count()).select_from(inbox).where(inbox.c.status == RECEIVED)).scalar()
    return int(found or 0)


def anything_due(conn: Connection) -> bool:
    """Whether any row could be processed now."""
    due = select(inbox.c.id).where(inbox.c.status == RECEIVED, inbox.c.next_attempt_at <= func.now()).limit(1)
    return conn.execute(due).first() is not None


def last_received_at(conn: Connection) -> datetime | None:
    """When the latest webhook came in."""
    return conn.execute(select(inbox.c.received_at).order_by(inbox.c.id.desc()).limit(1)).scalar()
