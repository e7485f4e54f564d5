"""What stood in somebody else's field: read and kept before we write there for the first time, and put back after.

This is done by the publisher itself, in the lane that it holds for the account: so nothing is ever written to such a
field before its value is kept, whichever event comes first, and an account that is linked long after the mapping was
saved is no exception. A field that was let go of is put back only where it still says what we have written; a newer
value is somebody's edit, and stays. Putting back may be repeated after a lost answer: it is decided anew by what stands
there then.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog
from sqlalchemy import Engine

from sync.core.budget import Priority
from sync.core.fieldmap.figures import ACCOUNT, MAPPED, map_kind
from sync.core.fieldmap.values import given_back, still_says, to_json
from sync.core.mapping.salesforce import same_value
from sync.db import fieldmaps, kept
from sync.db.fieldmaps import Pins
from sync.db.kept import FieldKey, Kept
from sync.db.records import RecordKey
from sync.db.tables import AnyRow
from sync.pipeline.item import Item

log = structlog.get_logger()

Values = Mapping[str, Mapping[str, Any]]  # by key and field; a field that is hidden from us is missing


class ReadsValues(Protocol):
    """What is asked of Salesforce."""

    def values(self, kind: str, keys: Sequence[str], fields: Sequence[str], priority: Priority) -> Values:
        """What these fields say now; records that are not there are missing. Raises OrgAwayError."""


@dataclass(slots=True)
class Stood:
    """What is to be put back, by record and field; fields that are hidden, so that nothing can be kept of them."""

    back: dict[RecordKey, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    hidden: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def know_what_stood(engine: Engine, org: ReadsValues, pins: Pins, waiting: Sequence[AnyRow]) -> Stood:
    """Keep what stands in the fields that these records will be written to for the first time.

    The caller holds their lanes. Raises OrgAwayError.
    """
    records = [row for row in waiting if map_kind(row.kind) in MAPPED]
    if not records:
        return Stood()
    with engine.connect() as conn:
        held = fieldmaps.held(conn, pins)
        before = kept.load(conn, [(row.kind, row.key) for row in records])
    found = Stood()
    by_kind: dict[str, list[AnyRow]] = defaultdict(list)
    for row in records:
        by_kind[row.kind].append(row)
    for kind, rows in by_kind.items():
        if held.map.is_on(kind) or kind == ACCOUNT:
            _Kind(engine, org, held, kind, before).look(rows, found)
    return found


@dataclass(frozen=True, slots=True)
class _Kind:
    """The records of one kind, and what is kept of them."""

    engine: Engine
    org: ReadsValues
    held: fieldmaps.Held
    kind: str
    before: Mapping[RecordKey, Sequence[Kept]]

    def look(self, rows: Sequence[AnyRow], found: Stood) -> None:
        """Read what has to be known, keep it, and decide what is put back."""
        missing = {row.key: names for row in rows if (names := self._missing(row.key))}
        leaving = {row.key: fields for row in rows if (fields := self._leaving(row.key))}
        # Records that are ours alone and were never written hold nothing yet.
        new = {row.key for row in rows if row.written_at is None and self.kind != ACCOUNT}
        ask = sorted((missing.keys() - new) | leaving.keys())
        wanted = {name for key in ask for name in missing.get(key, ())}
        wanted |= {each.field for key in ask for each in leaving.get(key, ())}
        urgent = Priority(min((row.priority for row in rows if row.key in ask), default=Priority.BACKGROUND))
        told = self.org.values(self.kind, ask, sorted(wanted), urgent) if ask else {}
        seen = {name for row in told.values() for name in row}
        found.hidden[self.kind] |= wanted - seen if told else set()
        self._keep(missing, new, told, found.hidden[self.kind])
        self._give_back(leaving, told, found)

    def _missing(self, key: str) -> list[str]:
        have = {each.field for each in self.before.get((self.kind, key), ())}
        return [name for name in self.held.map.foreign(self.kind) if name not in have]

    def _leaving(self, key: str) -> list[Kept]:
        mapped = set(self.held.map.fields(self.kind))
        kept_ = self.before.get((self.kind, key), ())
        return [each for each in kept_ if each.leaving and each.field not in mapped]

    def _keep(self, missing: Mapping[str, Sequence[str]], new: set[str], told: Values, hidden: set[str]) -> None:
        values: dict[FieldKey, Any] = {}
        for key, fields in missing.items():
            stands = told.get(key, {}) if key not in new else {}
            values |= {(self.kind, key, name): to_json(stands.get(name)) for name in fields if name not in hidden}
        with self.engine.begin() as conn:
            kept.keep(conn, values, self.held.version)

    def _give_back(self, leaving: Mapping[str, Sequence[Kept]], told: Values, found: Stood) -> None:
        over: list[FieldKey] = []
        for key, fields in leaving.items():
            for each in fields:
                if each.field in found.hidden[self.kind]:
                    continue  # it cannot be read now: later, when the record is written again
                if key in told and _is_ours(each, told[key][each.field]):
                    found.back[self.kind, key][each.field] = given_back(each.value, told[key][each.field])
                else:
                    over.append((self.kind, key, each.field))
                    log.info("not put back", record=key, field=each.field, reason="it says something newer")
        with self.engine.begin() as conn:
            kept.forget(conn, over)


def _is_ours(kept_: Kept, told: Any) -> bool:
    """Whether the field still says what we wrote, and not yet what is to be put back."""
    if same_value(given_back(kept_.value, told), told):
        return False
    return kept_.wrote is None or any(still_says(value, told) for value in kept_.wrote)


def with_what_stood(item: Item, stood: Stood) -> Item:
    """The item with what is to be put back in the same write; fields that it says something in are ours again."""
    back = stood.back.get((item.record.kind, item.record.key), {})
    said = {*(item.row or {}), *item.unkept}
    values = {name: value for name, value in back.items() if name not in said}
    if not values or item.problem or item.elsewhere:
        return item
    if item.row is None and item.record.kind != ACCOUNT:
        return item  # its record is not written any more, and what stands there stays
    return replace(item, row=item.row or {"Id": item.record.key}, restoring=values)


def written(items: Sequence[tuple[Item, Sequence[str]]]) -> tuple[dict[FieldKey, Any], list[FieldKey]]:
    """What was said in somebody else's fields, and which were put back: of items, each with the fields left out."""
    said: dict[FieldKey, Any] = {}
    back: list[FieldKey] = []
    for item, left_out in items:
        kind, key = item.record.kind, item.record.key
        row = item.row or {}
        said |= {(kind, key, name): to_json(row[name]) for name in item.foreign - set(left_out)}
        back += [(kind, key, name) for name in item.restoring.keys() - set(left_out)]
    return said, back


def uncertain(items: Sequence[Item]) -> Mapping[FieldKey, Any]:
    """What may have been said in somebody else's fields, of items whose answer was lost."""
    return written([(item, ()) for item in items])[0]
