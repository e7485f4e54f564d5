"""API calls to Salesforce by hour, and the org's own count, shared by all processes."""

from sqlalchemy import Connection, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from sync.db import cursors
from sync.db.tables import api_use

_ORG = "org api usage"


def add(conn: Connection, calls: int, org: tuple[int, int] | None) -> None:
    """Count calls of this hour; `org`: how many calls the org has counted and allows."""
    if calls:
        hour = func.date_trunc("hour", func.clock_timestamp())
        made = insert(api_use).values(hour=hour, calls=calls)
        conn.execute(made.on_conflict_do_update(index_elements=["hour"], set_={"calls": api_use.c.calls + calls}))
    if org:
        cursors.put(conn, _ORG, list(org))


def read(conn: Connection) -> tuple[int, tuple[int, int] | None]:
    """Our calls of the last 24 hours, and the org's count and allowance as last heard."""
    day = func.now() - text("interval '24 hours'")
    calls = conn.execute(select(func.coalesce(func.sum(api_use.c.calls), 0)).where(api_use.c.hour > day)).scalar()
    org = cursors.get(conn, _ORG)
    return int(calls or 0), (int(org[0]), int(org[1])) if org else None


def heard_s(conn: Connection) -> float:
    """Seconds since the org last told its count."""
    age = cursors.age_s(conn, _ORG)
    return float("inf") if age is None else age


def forget(conn: Connection) -> None:
    """Drop counts that no window reaches any more."""
    conn.execute(delete(api_use).where(api_use.c.hour < func.now() - text("interval '7 days'")))
