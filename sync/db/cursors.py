"""Small named positions that outlive a process: how far a walk has come, which day was turned last."""

from typing import Any

from sqlalchemy import Connection, delete, func, select, type_coerce
from sqlalchemy.dialects.postgresql import insert

from sync.db.tables import cursor

LAST_LOOK = "last look"  # written when Salesforce is read back
UNREAD = "not read back"  # objects of which we do not see enough, with the hidden fields
ORG_AWAY = "salesforce away"  # while it does not answer: {"since": …, "code": …, "reason": …, "fix": …}
LAST_RECONCILE = "last reconcile"  # what the last reconciliation found
HEARTBEAT = "heartbeat"  # the last that was written: {"problem": whether one was told, "failed": how often}
ORG_CURRENCIES = "org currencies"  # as last seen: {"home": …, "multi": …, "rates": {…: units for one of home}}
ORG_IDENTITY = "org identity"  # the ids of the org and of our user there: {"org": …, "user": …}


def get(conn: Connection, name: str) -> Any:
    """The position of that name; None if there is none."""
    return conn.execute(select(cursor.c.position).where(cursor.c.name == name)).scalar()


def age_s(conn: Connection, name: str) -> float | None:
    """Seconds since a position was written, by the database's clock; None if there is none."""
    age = func.extract("epoch", func.clock_timestamp() - cursor.c.updated_at)
    found = conn.execute(select(age).where(cursor.c.name == name)).scalar()
    return None if found is None else float(found)


def put(conn: Connection, name: str, position: Any) -> None:
    """Write a position."""
    value = type_coerce(position, cursor.c.position.type)
    made = insert(cursor).values(name=name, position=value, updated_at=func.clock_timestamp())
    conn.execute(
        made.on_conflict_do_update(
            index_elements=["name"], set_={"position": made.excluded.position, "updated_at": made.excluded.updated_at}
        )
    )


def drop(conn: Connection, name: str) -> None:
    """Forget a position."""
    conn.execute(delete(cursor).where(cursor.c.name == name))
