"""What billing systems have sent us: the first sign that an endpoint over there is the right one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from sync.db.tables import inbox

_LATELY = 20_000  # rows of the inbox in which the last event of a connection is looked for
_BY_ITSELF = "Dueline-Source"  # the header of what we read from a list of events; delivered ones do not have it


@dataclass(frozen=True, slots=True)
class Arrival:
    """A webhook that was delivered. Without `type` and `at` it is an old one."""

    type: str | None
    at: datetime | None


def last_delivered(conn: Connection, connection: str) -> Arrival | None:
    """The last webhook of a connection; None if there never was one. Costs the same however many there were."""
    ours = (inbox.c.connection == connection) & ~inbox.c.headers.has_key(_BY_ITSELF)
    recent = inbox.c.id > (conn.scalar(select(func.max(inbox.c.id))) or 0) - _LATELY
    last = select(inbox.c.type, inbox.c.received_at).where(ours, recent).order_by(inbox.c.id.desc()).limit(1)
    row = conn.execute(last).first()
    if row is not None:
        return Arrival(row.type, row.received_at)
    ever = conn.execute(select(inbox.c.id).where(ours).limit(1)).first()
    return Arrival(None, None) if ever is not None else None
