"""Small named positions that outlive a process: how far a walk has come, which day was turned last."""

from typing import Any

from sqlalchemy import Connection, delete, func, select, type_coerce
from sqlalchemy.dialects.postgresql import insert

from sync.db.tables import cursor


def get(conn: Connection, name: str) -> Any:
    """The position of that name; None if there is none."""
    return conn.execute(select(cursor.c.position).where(cursor.c.name == name)).scalar()


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
