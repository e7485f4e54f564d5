"""What a heartbeat is made of: since when anything waits, how much, and why."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, func, select

from sync.core.heartbeat import Cause, Pulse, Trouble
from sync.db import ignoring
from sync.db import inbox as inbox_store
from sync.db.records import IN_LINE, OFTEN
from sync.db.tables import inbox, object_, record

_OF_ONE_ACCOUNT = ("ACCOUNT_GONE", "OWNER_INACTIVE")  # these keep nothing from being shown to anybody else

_EVENTS = inbox.c.status == inbox_store.RECEIVED
_FETCHES = object_.c.fetch_at.is_not(None)


def read(conn: Connection) -> Pulse:
    """How things stand now, by the database's clock."""
    since = (
        (func.min(inbox.c.received_at), inbox, _EVENTS),
        (func.min(func.coalesce(record.c.event_at, record.c.marked_at)), record, IN_LINE),
        (func.min(object_.c.asked_at), object_, _FETCHES),
    )
    found = [select(at, func.count()).select_from(table).where(where) for at, table, where in since]
    now = conn.execute(select(func.clock_timestamp())).scalar_one()  # what comes in after this is not known yet
    rows = [conn.execute(query).one() for query in found]
    return Pulse(min([now, *(at for at, _ in rows if at is not None)]), sum(n for _, n in rows), tuple(_troubles(conn)))


def _troubles(conn: Connection) -> Iterator[Trouble]:
    refused = record.c.parked.is_not(None) & record.c.parked.not_in(_OF_ONE_ACCOUNT) & ~ignoring.RECORD
    asked = (
        (Cause.REFUSED, _by_reason(record.c.reason).where(refused)),
        (Cause.HELD_UP, _by_reason(record.c.reason).where(IN_LINE, record.c.attempts >= OFTEN)),
        (Cause.UNFETCHED, _by_reason(object_.c.fetch_error).where(_FETCHES, object_.c.fetch_attempts >= OFTEN)),
    )
    for cause, query in asked:
        reasons = conn.execute(query).all()
        if reasons:
            yield Trouble(cause, sum(row.count_ for row in reasons), reasons[0].reason_)
    unreadable = (inbox.c.status == inbox_store.PARKED) & ~ignoring.EVENT
    unread = conn.execute(select(func.count()).where(unreadable)).scalar_one()
    if unread:
        yield Trouble(Cause.UNREAD, unread)


def _by_reason(column: Any) -> Select[*tuple[Any, ...]]:
    """How many by reason, the commonest first."""
    count = func.count().label("count_")
    return select(column.label("reason_"), count).group_by(column).order_by(count.desc(), column)
