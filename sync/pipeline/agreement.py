"""What Salesforce shows for one account now, beside what it should: record by record and field by field.

It is asked at most so many records, the latest first; one call for each kind of them. What the ledger says is worked
out after Salesforce has answered, so what was written meanwhile is seen as such and not as a difference. Nothing is
mended here: comparing everything (sync.pipeline.compare) does that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Engine

from sync.core.budget import Priority
from sync.core.fieldmap.figures import figure, map_kind
from sync.core.mapping.salesforce import same_value
from sync.core.projection import SalesforceRow
from sync.db import account_book
from sync.db.tables import AnyRow
from sync.pipeline.differences import Scales, fields_of, rounded, said
from sync.pipeline.item import Item
from sync.pipeline.publish import KINDS, Org, Publishing

MOST = 200  # records that are compared at once
_BEHIND_REFERENCE = "."  # what stands on another record is not read here

Values = Mapping[str, Mapping[str, Any]]


class Reader(Org, Protocol):
    """What is asked of Salesforce. Everything raises OrgAwayError."""

    def values(self, kind: str, keys: Sequence[str], fields: Sequence[str], priority: Priority) -> Values:
        """What these fields of records say now, by key, with `Id`; hidden fields and missing records are left out."""


class State(StrEnum):
    """How a record stands, what needs a person first."""

    PARKED = "parked"  # Salesforce refused it
    DIFFERS = "differs"
    MISSING = "missing"  # written once, and not there any more
    WAITING = "waiting"  # about to be written
    AGREES = "agrees"
    NOT_THERE = "not there"  # nothing is to be written for it (any more)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what it says in Salesforce, and what it should say."""

    name: str
    label: str
    theirs: Any
    ours: Any
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One record. `record_id`: Salesforce's; `record`: how it stands here, with reason and fix where it is parked.

    `about`: what it is called, of an invoice its number.
    """

    kind: str
    key: str
    about: str
    state: State
    record: AnyRow
    record_id: str | None
    fields: Sequence[Field]

    @property
    def unlike(self) -> list[Field]:
        """The fields that do not say what they should."""
        return [each for each in self.fields if not each.same]


@dataclass(frozen=True, slots=True)
class Look:
    """What was found, what needs a person first. `left_out`: records of the account that were not looked at."""

    found: Sequence[Compared]
    left_out: int

    def count(self, state: str) -> int:
        """How many records stand like that: a value of State."""
        return sum(each.state == state for each in self.found)


def look(engine: Engine, org: Reader, how: Publishing, scales: Scales, account: str) -> Look:
    """Compare an account's records with what Salesforce says now. Raises OrgAwayError."""
    with engine.connect() as conn:
        total, before = account_book.latest_records(conn, account, MOST)
    told = _read(org, said(engine, org, how, before))
    with engine.connect() as conn:
        _, now = account_book.latest_records(conn, account, MOST)
    marked = {(row.kind, row.key): (row.marked, row.written_at) for row in before}
    found = []
    for item in said(engine, org, how, now):
        record = item.record
        if (record.kind, record.key) in marked:
            moved = marked[record.kind, record.key] != (record.marked, record.written_at)
            found.append(_compared(item, told.get(record.kind, {}).get(record.key), scales, moved=moved))
    order = {state: number for number, state in enumerate(State)}
    found.sort(key=lambda each: (order[each.state], KINDS.index(each.kind), each.about))
    return Look(found, total - len(found))


def _read(org: Reader, items: Sequence[Item]) -> dict[str, Values]:
    rows: dict[str, dict[str, SalesforceRow]] = {}
    for item in items:
        if item.row is not None:
            rows.setdefault(item.record.kind, {})[item.record.key] = _ours(item.row)
    return {
        kind: org.values(kind, list(each), _plain(fields_of(list(each.values()))), Priority.NORMAL)
        for kind, each in rows.items()
    }


def _plain(names: Sequence[str]) -> list[str]:
    return [name for name in names if _BEHIND_REFERENCE not in name]


def _ours(row: SalesforceRow) -> SalesforceRow:
    """What of a row is ours to say; Tasks keep it apart from what is the owner's."""
    ours: SalesforceRow = row.get("ours", row)
    return ours


def _compared(item: Item, told: Mapping[str, Any] | None, scales: Scales, *, moved: bool) -> Compared:
    record = item.record
    fields = _fields(item, told, scales) if told is not None and item.row is not None else []
    return Compared(
        kind=record.kind,
        key=record.key,
        about=_about(item),
        state=_state(item, told, fields, moved=moved),
        record=record,
        record_id=told["Id"] if told is not None else None,
        fields=fields,
    )


def _state(item: Item, told: Mapping[str, Any] | None, fields: Sequence[Field], *, moved: bool) -> State:
    record = item.record
    if record.parked is not None or item.problem is not None:
        return State.PARKED
    if moved or record.marked > record.written or record.sending_until is not None:
        return State.WAITING
    if item.row is None or item.elsewhere is not None:
        return State.NOT_THERE
    if told is None:
        return State.MISSING
    return State.AGREES if all(each.same for each in fields) else State.DIFFERS


def _fields(item: Item, told: Mapping[str, Any], scales: Scales) -> list[Field]:
    """The fields that could be read, what differs first; not those that only say when."""
    kind = item.record.kind
    found = []
    for name, ours in _ours(item.row or {}).items():
        if name in told and name not in item.untold | {"Id", "Key__c", "AR_Key__c"}:
            same = same_value(ours, told[name]) or rounded(kind, name, told[name], ours, scales)
            found.append(Field(name, _label(kind, name), told[name], ours, same))
    return sorted(found, key=lambda each: each.same)


def _label(kind: str, name: str) -> str:
    known = figure(map_kind(kind), name)
    return known.label if known else name.removesuffix("__c").removeprefix("AR_").replace("_", " ")


def _about(item: Item) -> str:
    row = _ours(item.row or {})
    named = row.get("Number__c") or row.get("Subject") or row.get("Subject__c") or row.get("Name")
    if item.record.kind == "summary":
        return str(item.record.key).rpartition(":")[2]  # its currency
    return str(named or row.get("Covers__c") or "").removeprefix("Payment ").removeprefix("Refund ")
