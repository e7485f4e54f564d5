"""What finance configured, by area, as versions that are only ever added to, and the draft somebody is working on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from sync.db.admin_tables import config, draft, secret


@dataclass(frozen=True, slots=True)
class Version:
    """One saved value of an area. `undoes`: the older version whose value it brought back."""

    id: int
    value: Any
    note: str | None
    made_by: str
    made_at: datetime
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody is working on. `based_on`: the version that was current when it was begun; 0 if there was none."""

    value: Any
    based_on: int
    made_by: str
    made_at: datetime


class StaleError(ValueError):
    """Somebody else has saved this area meanwhile."""


_VERSION = select(
    config.c.id, config.c.value, config.c.note, config.c.made_by, config.c.made_at, config.c.undoes
).order_by(config.c.id.desc())


def current(conn: Connection, area: str) -> Version | None:
    """The version that holds; None while everything in the area is as it came."""
    row = conn.execute(_VERSION.where(config.c.area == area).limit(1)).first()
    return Version(*row) if row else None


def version(conn: Connection, area: str, number: int) -> Version | None:
    """One version; None if the area has no such."""
    row = conn.execute(_VERSION.where(config.c.area == area, config.c.id == number)).first()
    return Version(*row) if row else None


def versions(conn: Connection, area: str, limit: int = 50, offset: int = 0) -> list[Version]:
    """The latest versions of an area, newest first."""
    wanted = _VERSION.where(config.c.area == area).limit(limit).offset(offset)
    return [Version(*row) for row in conn.execute(wanted)]


def count(conn: Connection, area: str) -> int:
    """How many versions of an area there are."""
    return conn.execute(select(func.count()).select_from(config).where(config.c.area == area)).scalar_one()


def lock(conn: Connection, area: str) -> None:
    """Let nobody else save this area until this transaction ends."""
    conn.execute(select(func.pg_advisory_xact_lock(func.hashtext(text("'config ' || :area").bindparams(area=area)))))


def add(
    conn: Connection,
    area: str,
    value: Any,
    by: str,
    *,
    note: str | None = None,
    undoes: int | None = None,
    based_on: int | None = None,
) -> Version:
    """Save a value. `based_on`: the version it was made from (0: none); StaleError if another is current by now."""
    lock(conn, area)
    held = current(conn, area)
    if based_on is not None and (held.id if held else 0) != based_on:
        raise StaleError(f"{held.made_by if held else 'somebody'} has saved this meanwhile: look at it, then try again")
    made = insert(config).values(area=area, value=value, note=note, made_by=by, undoes=undoes)
    returned = made.returning(*_VERSION.selected_columns)
    return Version(*conn.execute(returned).one())


_STAMP = select(
    select(func.count()).select_from(config).scalar_subquery(),  # a lower number may be committed after a higher one
    select(func.count()).select_from(secret).scalar_subquery(),
    select(func.max(secret.c.set_at)).scalar_subquery(),
)


def stamp(conn: Connection) -> tuple[int, int, datetime | None]:
    """Changes whenever anything was configured, secrets included. Versions are only ever added, so they are counted."""
    versions_, secrets_, latest = conn.execute(_STAMP).one()
    return int(versions_), int(secrets_), latest


def lock_draft(conn: Connection, area: str) -> None:
    """Let nobody else change the draft of an area until this transaction ends."""
    conn.execute(select(func.pg_advisory_xact_lock(func.hashtext(text("'draft ' || :area").bindparams(area=area)))))


def get_draft(conn: Connection, area: str) -> Draft | None:
    """The draft of an area; None if nobody is working on one."""
    columns = (draft.c.value, draft.c.based_on, draft.c.made_by, draft.c.made_at)
    row = conn.execute(select(*columns).where(draft.c.area == area)).first()
    return Draft(*row) if row else None


def put_draft(conn: Connection, area: str, value: Any, by: str, based_on: int) -> None:
    """Keep a draft in the place of an older one."""
    made = insert(draft).values(area=area, value=value, based_on=based_on, made_by=by, made_at=func.clock_timestamp())
    changed = {name: made.excluded[name] for name in ("value", "based_on", "made_by", "made_at")}
    conn.execute(made.on_conflict_do_update(index_elements=["area"], set_=changed))


def drop_draft(conn: Connection, area: str) -> None:
    """Throw a draft away."""
    conn.execute(delete(draft).where(draft.c.area == area))
