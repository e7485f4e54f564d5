"""What people do about parked things: have them tried again, or leave them alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, bindparam, cast, delete, func, null, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from sync.core.causes import fingerprint
from sync.db import ignoring, parked
from sync.db import inbox as inbox_store
from sync.db import work as work_store
from sync.db.admin_tables import ignored, work
from sync.db.crm_tables import hold, review
from sync.db.tables import AnyRow, inbox, record

QUEUES = ("ledger", "salesforce", "fetch", "crm", "work")  # who tries again what is parked
_SORT_AT_ONCE = 1_000


def retry(conn: Connection, cause: str | None) -> tuple[int, datetime]:
    """Have everything of one cause tried again now, or of every cause (None). How many that are, and the moment.

    What is ignored stays so.
    """
    at = conn.execute(select(func.clock_timestamp())).scalar_one()
    done = sum(
        (
            _replay(conn, _of(inbox.c.cause, cause) & ~ignoring.EVENT, at),
            _resend(conn, _of(record.c.cause, cause) & ~ignoring.RECORD, at),
            _ask_again(conn, _of(hold.c.cause, cause) & ~ignoring.HOLD, at),
            _look_again(conn, _of(review.c.cause, cause) & ~ignoring.REVIEW, at),
            _go_on(conn, _of(parked.WORK_CAUSE, cause) & ~parked.WORK_IGNORED, at),
        )
    )
    return done, at


def retry_item(conn: Connection, kind: str, key: str) -> bool:
    """Have one thing tried again now, ignored or not. False if it is not parked (any more)."""
    at = conn.execute(select(func.clock_timestamp())).scalar_one()
    conn.execute(delete(ignored).where(ignored.c.kind == kind, ignored.c.key == key))
    if kind == "event":
        return _replay(conn, cast(inbox.c.id, Text) == key, at) > 0
    if kind == "hold":
        return _ask_again(conn, hold.c.invoice == key, at) > 0
    if kind == "review":
        return _look_again(conn, review.c.account == key, at) > 0
    if kind == "work":
        return _go_on(conn, cast(work.c.id, Text) == key, at) > 0
    return _resend(conn, (record.c.kind == kind) & (record.c.key == key), at) > 0


def _of(column: Any, cause: str | None) -> Any:
    return true() if cause is None else func.coalesce(column, "") == cause


def _replay(conn: Connection, which: Any, at: datetime) -> int:
    values = {"status": inbox_store.RECEIVED, "reason": null(), "next_attempt_at": at}
    return conn.execute(update(inbox).where(parked.EVENTS, which).values(values)).rowcount


def _resend(conn: Connection, which: Any, at: datetime) -> int:
    values = {"due_at": at, "marked": func.greatest(record.c.marked, record.c.written + 1)}
    return conn.execute(update(record).where(parked.RECORDS, which).values(values)).rowcount


def _ask_again(conn: Connection, which: Any, at: datetime) -> int:
    return conn.execute(update(hold).where(parked.HOLDS, which).values(due_at=at)).rowcount


def _look_again(conn: Connection, which: Any, at: datetime) -> int:
    return conn.execute(update(review).where(parked.REVIEWS, which).values(due_at=at)).rowcount


def _go_on(conn: Connection, which: Any, at: datetime) -> int:
    values = {"status": work_store.WAITING, "ended_at": null(), "attempts": 0, "next_at": at}
    return conn.execute(update(work).where(parked.WORK, which).values(values)).rowcount


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of things that were to be tried again: how many were not yet, and how many are parked still."""

    untried: int
    refused: int


def progress(conn: Connection, cause: str | None, began: datetime) -> Progress:
    """How far a retry of that moment has come."""
    event = (inbox.c.status == inbox_store.RECEIVED) & inbox.c.cause.is_not(None) & _of(inbox.c.cause, cause)
    waiting = (
        (inbox, event & (inbox.c.next_attempt_at <= began)),
        (record, parked.RECORDS & _of(record.c.cause, cause) & (record.c.due_at <= began) & ~ignoring.RECORD),
        (hold, parked.HOLDS & _of(hold.c.cause, cause) & (hold.c.due_at <= began) & ~ignoring.HOLD),
        (review, parked.REVIEWS & _of(review.c.cause, cause) & (review.c.due_at <= began) & ~ignoring.REVIEW),
    )
    untried = sum(
        conn.execute(select(func.count()).select_from(table).where(where)).scalar_one() for table, where in waiting
    )
    total, _ = parked.items(conn, parked.Wanted(cause), limit=0)
    still = conn.execute(select(func.count()).select_from(inbox).where(waiting[0][1])).scalar_one()
    return Progress(untried, total - (untried - still))


def ignore(conn: Connection, wanted: parked.Wanted | tuple[str, str], why: str, by: str) -> int:
    """Leave everything of one cause alone, or one thing (kind and key). Returns how many things."""
    rows = parked.TOLD
    which = (
        rows.c.cause == wanted.cause
        if isinstance(wanted, parked.Wanted)
        else tuple_(rows.c.kind, rows.c.key) == tuple_(*wanted)
    )
    columns = ("kind", "key", "cause", "version")
    told = select(*(rows.c[name] for name in columns), bindparam("why", why), bindparam("by", by)).where(which)
    made = insert(ignored).from_select((*columns, "why", "by"), told)
    new = {name: made.excluded[name] for name in ("cause", "version", "why", "by")} | {"at": func.clock_timestamp()}
    upserted = made.on_conflict_do_update(index_elements=["kind", "key"], set_=new)
    done = conn.execute(upserted, execution_options={"preserve_rowcount": True}).rowcount
    conn.execute(
        update(record)
        .where(parked.RECORDS, ignoring.RECORD, record.c.due_at < ignoring.NEVER)
        .values(due_at=ignoring.NEVER)
    )
    conn.execute(
        update(hold).where(parked.HOLDS, ignoring.HOLD, hold.c.due_at < ignoring.NEVER).values(due_at=ignoring.NEVER)
    )
    return done


def take_back(conn: Connection, kind: str, key: str) -> bool:
    """Have something that was ignored told and tried again. False if it was not ignored."""
    gone = conn.execute(delete(ignored).where(ignored.c.kind == kind, ignored.c.key == key)).rowcount == 1
    return gone and (retry_item(conn, kind, key) or True)


def why_ignored(conn: Connection, kind: str, key: str) -> AnyRow | None:
    """Why something is ignored, by whom and since when."""
    return conn.execute(select(ignored).where(ignored.c.kind == kind, ignored.c.key == key)).first()


def forget(conn: Connection) -> None:
    """Drop what was said of things that are not parked any more, or for another reason."""
    left = parked.LEFT_ALONE
    still = select(left.c.key).where(left.c.kind == ignored.c.kind, left.c.key == ignored.c.key)
    conn.execute(delete(ignored).where(~still.exists()))


def sort_new(conn: Connection) -> int:
    """Give their cause to events that were parked as they came in. Returns how many."""
    unsorted: Sequence[AnyRow] = conn.execute(
        select(inbox.c.id, inbox.c.type, inbox.c.reason)
        .where(parked.EVENTS, inbox.c.cause.is_(None))
        .limit(_SORT_AT_ONCE)
    ).all()
    if unsorted:
        found = update(inbox).where(inbox.c.id == bindparam("row"), parked.EVENTS, inbox.c.cause.is_(None))
        rows = [{"row": row.id, "of": fingerprint("event", row.type, row.reason)} for row in unsorted]
        conn.execute(found.values(cause=bindparam("of")), rows)
    return len(unsorted)
