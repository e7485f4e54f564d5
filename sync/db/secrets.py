"""Secrets that were entered on finance's page, sealed by sync.vault: written, used, and never shown again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from sync.db.admin_tables import secret

HINT = 4  # characters that people see, to tell two secrets apart
_LEAST = 12  # characters a secret must have for its end to be told


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told of a secret. `hint`: its last characters; None where it is too short to tell any."""

    name: str
    hint: str | None
    set_by: str
    set_at: datetime


def put(conn: Connection, name: str, clear: str, sealed: bytes, by: str) -> None:
    """Keep a secret in the place of an older one of that name. Only its end is kept of `clear`."""
    hint = clear[-HINT:] if len(clear) >= _LEAST and "\n" not in clear else None
    made = insert(secret).values(name=name, sealed=sealed, hint=hint, set_by=by, set_at=func.clock_timestamp())
    changed = {column: made.excluded[column] for column in ("sealed", "hint", "set_by", "set_at")}
    conn.execute(made.on_conflict_do_update(index_elements=["name"], set_=changed))


def drop(conn: Connection, name: str) -> bool:
    """Forget a secret. Whether there was one."""
    return conn.execute(delete(secret).where(secret.c.name == name)).rowcount == 1


def told(conn: Connection, prefix: str) -> Sequence[Told]:
    """What may be told of the secrets whose names begin so, in the order of their names."""
    columns = (secret.c.name, secret.c.hint, secret.c.set_by, secret.c.set_at)
    found = select(*columns).where(secret.c.name.startswith(prefix, autoescape=True)).order_by(secret.c.name)
    return [Told(*row) for row in conn.execute(found)]


def sealed(conn: Connection) -> dict[str, bytes]:
    """Every secret as it is stored, by name."""
    return {row.name: row.sealed for row in conn.execute(select(secret).order_by(secret.c.name))}
