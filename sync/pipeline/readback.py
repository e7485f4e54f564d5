"""What people did in Salesforce since we last looked: one call for all objects, applied where it says something new.

The cursor of each object is the latest SystemModstamp seen, by Salesforce's clock; each look goes back `overlap_s`
before it, because a stamp is taken before its transaction commits. What is read twice says nothing new, so nothing is
done twice. One process reads at a time (an advisory lock, held by a connection: it is free again if the process dies).

Our own fields are compared with what we would write: where somebody changed one it is put back, and said so on the
timeline. Our own writes are known by what they say, not only by who wrote them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select, text

from sync.db import assignments, cursors, fieldmaps
from sync.pipeline.handlers import HANDLERS
from sync.pipeline.intake import CrmReader, Intake, Read, ReadingBack
from sync.pipeline.intake_invoices import DOUBTED

_LOCK = 0x63726D21  # "crm!": the advisory lock that makes the reader exactly one
_CURSOR = "read back"


def read_back(engine: Engine, org: CrmReader, how: ReadingBack) -> Read | None:
    """Look once. None if another process is looking now."""
    with _alone(engine) as first:
        if not first:
            return None
        with engine.connect() as conn:
            cursor: dict[str, str] = cursors.get(conn, _CURSOR) or {}
            began = conn.execute(select(func.clock_timestamp())).scalar_one()
            doubted = assignments.in_doubt(conn, DOUBTED)
            mapping = fieldmaps.current(conn, how.publishing.pins)
        answer = org.changes(_since(cursor, how), doubted, mapping)
        found = answer.rows
        done = Read()
        look = Intake(engine, org, how, done, began)
        for kind, take_in in HANDLERS.items():
            rows = found.get(kind, ())
            if rows:
                take_in(look, rows)
        latest = {kind: max(row.stamp for row in rows).isoformat() for kind, rows in found.items() if rows}
        begun = {kind: _start(how).isoformat() for kind in found if kind not in cursor and kind not in latest}
        with engine.begin() as conn:
            if cursors.get(conn, cursors.UNREAD) != answer.unread:
                cursors.put(conn, cursors.UNREAD, answer.unread)
            cursors.put(
                conn, _CURSOR, begun | cursor | {kind: max(at, cursor.get(kind, at)) for kind, at in latest.items()}
            )
        return done


def _since(cursor: Mapping[str, str], how: ReadingBack) -> dict[str, datetime | None]:
    """From where to read each kind. Tasks and accounts are the whole company's: only recent ones to begin with."""
    overlap = timedelta(seconds=how.overlap_s)
    since: dict[str, datetime | None] = {
        kind: datetime.fromisoformat(cursor[kind]) - overlap if kind in cursor else None for kind in HANDLERS
    }
    for kind in ("task", "account"):
        since[kind] = since[kind] or _start(how)
    return since


def _start(how: ReadingBack) -> datetime:
    return datetime.now(UTC) - timedelta(days=how.history_days)


@contextmanager
def _alone(engine: Engine) -> Iterator[bool]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        first = bool(conn.scalar(text(f"SELECT pg_try_advisory_lock({_LOCK})")))
        try:
            yield first
        finally:
            if first and not conn.invalidated:
                conn.execute(text(f"SELECT pg_advisory_unlock({_LOCK})"))
