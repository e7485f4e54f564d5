"""What stood in a field before we wrote to it, and what we have written there since: so that it can be put back.

There is one row for each record and field of somebody else's that a figure was ever written to; the first value wins,
until the field is let go of.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, any_, bindparam, cast, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from sync.db.admin_tables import kept_value
from sync.db.records import RecordKey

_KEYS = any_(bindparam("keys", type_=ARRAY(Text)))
_FIELDS = any_(bindparam("fields", type_=ARRAY(Text)))
FieldKey = tuple[str, str, str]  # (kind, key, field)


@dataclass(frozen=True, slots=True)
class Kept:
    """What stood in one field of one record. Values as sync.core.fieldmap.values has them.

    `wrote`: what we may have written there; None: whatever stands there is ours. `leaving`: it is to be put back.
    """

    field: str
    value: Any
    wrote: Sequence[Any] | None
    leaving: bool


def load(conn: Connection, records: Iterable[RecordKey]) -> Mapping[RecordKey, Sequence[Kept]]:
    """Everything that is kept of these records."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, key in records:
        by_kind[kind].append(key)
    found: dict[RecordKey, list[Kept]] = defaultdict(list)
    columns = kept_value.c
    wanted = select(columns.key, columns.field, columns.value, columns.wrote, columns.leaving)
    wanted = wanted.where(columns.kind == bindparam("kind"), columns.key == _KEYS)
    for kind, keys in by_kind.items():
        for row in conn.execute(wanted, {"kind": kind, "keys": keys}):
            found[kind, row.key].append(Kept(row.field, row.value, row.wrote, row.leaving))
    return found


def keep(conn: Connection, values: Mapping[FieldKey, Any], version: int) -> None:
    """What stands in these fields now, before the mapping `version` writes to them for the first time."""
    rows = [
        {"kind": kind, "key": key, "field": field, "value": value, "wrote": [], "version": version}
        for (kind, key, field), value in sorted(values.items(), key=lambda item: item[0])
    ]
    if rows:
        conn.execute(insert(kept_value).on_conflict_do_nothing(), rows)


def wrote(conn: Connection, values: Mapping[FieldKey, Any], *, for_certain: bool = True) -> None:
    """These were written; not `for_certain`: the answer was lost, so that what was there before may stand there yet."""
    one = update(kept_value).where(
        kept_value.c.kind == bindparam("kind_"),
        kept_value.c.key == bindparam("key_"),
        kept_value.c.field == bindparam("field_"),
    )
    value = bindparam("wrote_", type_=JSONB)
    said = value if for_certain else func.coalesce(kept_value.c.wrote, cast("[]", JSONB)).concat(value)
    rows = [
        {"kind_": kind, "key_": key, "field_": field, "wrote_": [each]}
        for (kind, key, field), each in sorted(values.items(), key=lambda item: item[0])
    ]
    if rows:
        conn.execute(one.values(wrote=said), rows)


def forget(conn: Connection, fields: Iterable[FieldKey]) -> None:
    """Nothing is to be put back there (any more)."""
    wanted = sorted(set(fields))
    if wanted:
        columns = tuple_(kept_value.c.kind, kept_value.c.key, kept_value.c.field)
        conn.execute(delete(kept_value).where(columns.in_(wanted)))


def forget_records(conn: Connection, kind: str, keys: Sequence[str]) -> None:
    """These records do not stand in Salesforce any more."""
    which = (kept_value.c.kind == bindparam("kind_")) & (kept_value.c.key == _KEYS)
    conn.execute(delete(kept_value).where(which), {"kind_": kind, "keys": list(keys)})


def let_go(conn: Connection, kind: str, keys: Sequence[str], fields: Sequence[str]) -> None:
    """These fields keep what we wrote there last."""
    columns = kept_value.c
    which = (columns.kind == bindparam("kind_")) & (columns.key == _KEYS) & (columns.field == _FIELDS)
    conn.execute(delete(kept_value).where(which), {"kind_": kind, "keys": list(keys), "fields": list(fields)})


def give_back(
    conn: Connection, kind: str, keys: Sequence[str], fields: Sequence[str], ours: Sequence[str], version: int
) -> None:
    """Have what stood in these fields put back; `ours` are our own, which are emptied: nothing stood there before."""
    columns = kept_value.c
    which = (columns.kind == bindparam("kind_")) & (columns.key == _KEYS) & (columns.field == _FIELDS)
    conn.execute(
        update(kept_value).where(which).values(leaving=True),
        {"kind_": kind, "keys": list(keys), "fields": list(fields)},
    )
    rows = [
        {"kind": kind, "key": key, "field": field, "value": None, "version": version, "leaving": True}
        for key in keys
        for field in ours
    ]
    if rows:
        again = insert(kept_value).on_conflict_do_update(
            index_elements=["kind", "key", "field"], set_={"leaving": True}
        )
        conn.execute(again, rows)


def take_back(conn: Connection, kind: str, keys: Sequence[str], fields: Sequence[str]) -> None:
    """These fields are ours again: what stood there before stays kept, and is not put back now."""
    columns = kept_value.c
    which = (columns.kind == bindparam("kind_")) & (columns.key == _KEYS) & (columns.field == _FIELDS)
    conn.execute(
        update(kept_value).where(which, columns.leaving).values(leaving=False),
        {"kind_": kind, "keys": list(keys), "fields": list(fields)},
    )
