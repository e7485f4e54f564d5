"""The field mapping as it was saved: versions of the area `mapping`, with what the environment pins laid over them.

A version also says what becomes of fields that it lets go of: they keep their last value (`leave`), or get back what
stood there before (`restore`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, select

from sync.core.fieldmap.rules import FieldMap, default, pinned, unpacked
from sync.db import config
from sync.db.admin_tables import config as config_table
from sync.db.config import Version

AREA = "mapping"
Leaving = Literal["leave", "restore"]
Pins = Mapping[str, str | None]  # the environment's word on our Account fields: figure → field, or None


@dataclass(frozen=True, slots=True)
class Held:
    """The mapping that holds, and the number of its version; 0 while nobody has saved any."""

    map: FieldMap
    version: int


def held(conn: Connection, pins: Pins) -> Held:
    """The mapping that holds in this snapshot. Raises FieldMapError for one that this release cannot read."""
    version = config.current(conn, AREA)
    return Held(of(version, pins), version.id if version else 0)


def current(conn: Connection, pins: Pins) -> FieldMap:
    """The mapping alone."""
    return held(conn, pins).map


def of(version: Version | None, pins: Pins) -> FieldMap:
    """The mapping that a version says; ours for none."""
    return pinned(unpacked(version.value["kinds"]) if version else default(), pins)


def leaving(version: Version) -> Leaving:
    """What becomes of the fields that the version let go of."""
    return "restore" if version.value.get("leaving") == "restore" else "leave"


def before(conn: Connection, number: int, pins: Pins) -> FieldMap:
    """The mapping that held until that version was saved."""
    columns = config_table.c
    wanted = select(columns.id).where(columns.area == AREA, columns.id < number).order_by(columns.id.desc()).limit(1)
    earlier = conn.execute(wanted).scalar()
    return of(config.version(conn, AREA, int(earlier)) if earlier is not None else None, pins)


def save(
    conn: Connection,
    fieldmap: FieldMap,
    by: str,
    *,
    leaving: Leaving = "leave",
    note: str | None = None,
    undoes: int | None = None,
    based_on: int | None = None,
) -> Version:
    """Save a mapping; it holds from the commit on, for every record rendered after it.

    `based_on`: the version it was made from (0: none). Raises sync.db.config.StaleError.
    """
    value = {"kinds": fieldmap.pack(), "leaving": leaving}
    return config.add(conn, AREA, value, by, note=note, undoes=undoes, based_on=based_on)
