"""Rendered records in the fields that the mapping gives them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import structlog
from sqlalchemy import Connection

from sync.core.dates import Calendar
from sync.core.fieldmap.apply import mapped
from sync.core.fieldmap.figures import ACCOUNT, MAPPED, map_kind
from sync.core.fieldmap.rules import FieldMap
from sync.db import kept
from sync.db.records import RecordKey
from sync.pipeline.item import Item

log = structlog.get_logger()


def in_fields(
    conn: Connection, fieldmap: FieldMap, items: Sequence[Item], calendar: Calendar, *, kept_only: bool
) -> list[Item]:
    """The items with their figures in the mapped fields.

    `kept_only`: a field of somebody else's is left out where nothing was kept of it yet.
    """
    before = _kept(conn, fieldmap, items) if kept_only else None
    return [_in_fields(fieldmap, item, calendar, before) for item in items]


def _kept(conn: Connection, fieldmap: FieldMap, items: Iterable[Item]) -> Mapping[RecordKey, frozenset[str]]:
    """The fields of which a value is kept, of the records that say something in fields of somebody else's."""
    foreign = {kind for kind in MAPPED if fieldmap.foreign(kind)}
    keys = [(item.record.kind, item.record.key) for item in items if map_kind(item.record.kind) in foreign]
    found = kept.load(conn, keys) if keys else {}
    return {key: frozenset(each.field for each in rows) for key, rows in found.items()}


def _in_fields(
    fieldmap: FieldMap, item: Item, calendar: Calendar, before: Mapping[RecordKey, frozenset[str]] | None
) -> Item:
    kind = item.record.kind
    if item.row is None or map_kind(kind) not in MAPPED:
        return item
    try:
        made = mapped(fieldmap, kind, item.row, calendar)
    except Exception as error:  # one record that cannot be said holds no other back
        log.exception("record not mapped", record=item.record.key)
        reason = f"{type(error).__name__}: {error}"
        return replace(item, row=None, problem=("NOT_MAPPED", reason, "report this: it is an error of Dueline's own"))
    foreign = frozenset(fieldmap.foreign(kind))
    unkept = foreign - before.get((kind, item.record.key), frozenset()) if before is not None else frozenset[str]()
    row = {name: value for name, value in made.row.items() if name not in unkept}
    nothing = kind == ACCOUNT and row.keys() <= {"Id"} and not unkept
    return replace(item, row=None if nothing else row, untold=made.untold, foreign=foreign - unkept, unkept=unkept)


def daily_turns(fieldmap: FieldMap, items: Iterable[Item], today: date) -> dict[RecordKey, date | None]:
    """The day on which time alone changes what an account says: tomorrow, if it says something that changes daily."""
    turns: dict[RecordKey, date | None] = {}
    daily = fieldmap.daily(ACCOUNT)
    for item in items:
        if item.record.kind == ACCOUNT and (daily or item.record.next_change_on is not None):
            moves = daily and item.row is not None
            turns[ACCOUNT, item.record.key] = today + timedelta(days=1) if moves else None
    return turns
