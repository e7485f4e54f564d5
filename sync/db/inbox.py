"""The inbox: every verified webhook, kept with what became of it. Seen is not processed: the status says which."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect
from sqlalchemy.exc import DBAPIError

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


_INSERT = (
    insert(inbox)
    .values({name: bindparam(name) for name in Envelope.__slots__ if name != "problem"})
    .values(status=bindparam("status"), reason=bindparam("reason"))
    .on_conflict_do_nothing(index_elements=["connection", "event_id"])
    .returning(inbox.c.id)
)


# On this one path SQLAlchemy lends its statement and its pool, but does not run the statement: that would cost as much
# again as the insert itself (python -m tests.bench acks).
_SQL = str(_INSERT.compile(dialect=psycopg_dialect()))  # type: ignore[no-untyped-call] # SQLAlchemy's


def add(engine: Engine, item: Envelope) -> int | None:
    """Store it; committed when this returns. None if this event is already here. Raises SQLAlchemyError."""
    values: dict[str, Any] = {name: getattr(item, name) for name in Envelope.__slots__ if name != "problem"}
    values |= {"status": PARKED if item.problem else RECEIVED, "reason": item.problem, "headers": Jsonb(item.headers)}
    try:
        return _insert(engine, values)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        engine.dispose()  # a pooled connection had gone stale, and so may have the others
        return _insert(engine, values)  # the unique key makes this harmless


def _insert(engine: Engine, values: dict[str, Any]) -> int | None:
    pooled = None
    try:
        pooled = engine.raw_connection()
        cursor = pooled.cursor()
        cursor.execute(_SQL, values)
        found = cursor.fetchone()
        cursor.close()
    except psycopg.Error as error:
        stale = pooled is not None and pooled.dbapi_connection is not None and pooled.dbapi_connection.closed
        raise DBAPIError(_SQL, None, error, connection_invalidated=stale) from error
    finally:
        if pooled is not None:
            pooled.close()
    return None if found is None else int(found[0])


_CLAIM = (
    select(inbox)
    .where(inbox.c.status == RECEIVED, inbox.c.id > bindparam("after"), inbox.c.next_attempt_at <= func.now())
    .order_by(inbox.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def claim(conn: Connection, after: int) -> AnyRow | None:
    """Lock the next waiting row beyond id `after`, passing over those that others hold."""
    return conn.execute(_CLAIM, {"after": after}).first()


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
        attempts=inbox.c.attempts + 1,
        processed_at=func.clock_timestamp(),
    )
)


def finish(conn: Connection, row: int, status: str, reason: str) -> None:
    """Say what became of a row: processed, or parked with the reason."""
    conn.execute(_FINISH, {"row": row, "to": status, "why": reason})


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
    """Have rows processed again: those named by event id, or all that are parked. Returns how many."""
    which = inbox.c.status == PARKED if parked else inbox.c.event_id.in_(events)
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
