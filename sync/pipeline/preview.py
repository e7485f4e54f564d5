"""What a new mapping would do, seen on some accounts before it is saved: today's value beside the new one, record by
record, and what the org says to it.

Both mappings are rendered from one snapshot of the ledger. The org is really asked: each record is changed for practice
and taken back (connector.salesforce.rehearsal), so validation rules, flows and picklists have their say.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, Engine

from sync.core.budget import Priority
from sync.core.fieldmap.changes import changes
from sync.core.fieldmap.figures import MAPPED, map_kind, record_kinds
from sync.core.fieldmap.fit import Misfit, misfits
from sync.core.fieldmap.orgfield import OrgField
from sync.core.fieldmap.rules import FieldMap
from sync.core.fieldmap.values import given_back
from sync.core.mapping.salesforce import same_value
from sync.core.projection import SalesforceRow
from sync.db import kept, remap
from sync.db.fieldmaps import Leaving
from sync.db.records import RecordKey
from sync.db.tables import AnyRow
from sync.pipeline.accounts import settle_accounts
from sync.pipeline.item import Item
from sync.pipeline.publish import Org, Publishing
from sync.pipeline.remap import Cost, cost
from sync.pipeline.render import render

MOST_ACCOUNTS = 10
RECORDS_EACH = 3  # of an account, of each kind but Account


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the org would not take a record: its code, its reason and the way out in words."""

    code: str
    reason: str
    fix: str


class PreviewOrg(Org, Protocol):
    """What a preview asks of Salesforce. Everything raises OrgAwayError."""

    def fields(self, kind: str) -> list[OrgField]:
        """The fields that records of a kind have, as far as we see them."""

    def rehearse(self, kind: str, rows: Sequence[SalesforceRow]) -> list[Refusal | None]:
        """What the org would say to changing these records (each with its Id), tried and taken back."""


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of one record. `today`: what Salesforce says now; `before`, `after`: what either mapping says.

    `was_written`, `written`: by either mapping something is said there (or put back); else its value is left alone.
    `seen`: the org shows us the field. `untold`: it only says when the others were true.
    """

    field: str
    today: Any
    before: Any
    after: Any
    was_written: bool
    written: bool
    seen: bool
    untold: bool = False

    @property
    def changed(self) -> bool:
        """Whether Salesforce would say something else than it does today."""
        return self.written and not self.untold and not same_value(self.after, self.today)


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record. `name`: as people know it; `there`: it stands in Salesforce; `refusal`: why it would not be taken."""

    kind: str
    key: str
    name: str
    there: bool
    fields: tuple[FieldView, ...] = ()
    refusal: Refusal | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class AccountView:
    """One of the accounts that were picked, with its records."""

    account: str
    name: str
    records: tuple[RecordView, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What the new mapping would do. `misfits`: where it does not fit; `cost`: of applying it to everything."""

    accounts: tuple[AccountView, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    cost: Cost = field(default_factory=Cost)

    @property
    def refused(self) -> tuple[RecordView, ...]:
        """The records that the org would not take."""
        return tuple(record for each in self.accounts for record in each.records if record.refusal or record.problem)


def preview(
    engine: Engine,
    org: PreviewOrg,
    how: Publishing,
    accounts: Sequence[str],
    before: FieldMap,
    after: FieldMap,
    leaving: Leaving = "leave",
) -> Preview:
    """What `after` would change, shown on these accounts (Salesforce ids, at most ten).

    Costs a handful of API calls: for each kind that changes one to read and one to try. Raises OrgAwayError.
    """
    wanted = list(dict.fromkeys(accounts))[:MOST_ACCOUNTS]
    found = changes(before, after)
    kinds = [name for kind in found if kind in MAPPED for name in record_kinds(kind)]
    settled = settle_accounts(engine, org, wanted)
    rendering = how.rendering(org.money(), settled.accounts)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        rows = remap.some_records(conn, wanted, kinds, RECORDS_EACH)
        old, _ = render(conn, rows, rendering, before)
        new, _ = render(conn, rows, rendering, after)
        back = _put_back(conn, rows, before, after, leaving)
        price = cost(conn, before, after, how.calendar.today(), leaving, bulk_from=how.bulk_from)
    views = _Look(org, before, after, back).at(old, new)
    return Preview(
        accounts=tuple(
            AccountView(name, settled.accounts[name].name, tuple(views[name]))
            for name in wanted
            if name in settled.accounts
        ),
        misfits=tuple(misfits(after, {kind: org.fields(kind) for kind in MAPPED if after.rules(kind)})),
        cost=price,
    )


def _put_back(
    conn: Connection, rows: Sequence[AnyRow], before: FieldMap, after: FieldMap, leaving: Leaving
) -> Mapping[RecordKey, dict[str, Any]]:
    """What is kept of the fields that are let go of, to be put back; of those of which nothing is, nothing."""
    if leaving != "restore":
        return {}
    left = {kind: change.left for kind, change in changes(before, after).items() if change.left}
    stood = kept.load(conn, [(row.kind, row.key) for row in rows if map_kind(row.kind) in left])
    found: dict[RecordKey, dict[str, Any]] = {}
    for row in rows:
        values = {each.field: each.value for each in stood.get((row.kind, row.key), ())}
        found[row.kind, row.key] = {name: values.get(name) for name in left.get(map_kind(row.kind), ())}
    return found


@dataclass(frozen=True, slots=True)
class _Look:
    """Both mappings beside what the org says."""

    org: PreviewOrg
    before: FieldMap
    after: FieldMap
    back: Mapping[RecordKey, dict[str, Any]]

    def at(self, old: Sequence[Item], new: Sequence[Item]) -> Mapping[str, list[RecordView]]:
        """The records by account, as they are today and would be."""
        earlier = {(item.record.kind, item.record.key): item for item in old}
        views: dict[str, list[RecordView]] = defaultdict(list)
        by_kind: dict[str, list[Item]] = defaultdict(list)
        for item in new:
            by_kind[item.record.kind].append(item)
        for kind, items in by_kind.items():
            for item, view in zip(items, self._kind(kind, items, earlier), strict=True):
                views[item.record.lane].append(view)
        return views

    def _kind(self, kind: str, items: Sequence[Item], earlier: Mapping[RecordKey, Item]) -> list[RecordView]:
        fields = list(dict.fromkeys((*self.before.fields(kind), *self.after.fields(kind))))
        told = self.org.values(kind, [item.record.key for item in items], fields, Priority.NORMAL)
        rows = {item.record.key: self._row(item, told) for item in items if item.record.key in told}
        tries = {key: row for key, row in rows.items() if len(row) > 1}
        refusals = dict(zip(tries, self.org.rehearse(kind, list(tries.values())), strict=True)) if tries else {}
        return [
            self._view(item, earlier[kind, item.record.key], fields, told.get(item.record.key), refusals)
            for item in items
        ]

    def _row(self, item: Item, told: Mapping[str, Mapping[str, Any]]) -> SalesforceRow:
        """The row that would be tried: only what would change, so that a refusal is about the new mapping."""
        kind, key = item.record.kind, item.record.key
        there = told[key]
        said = {name: value for name, value in (item.row or {}).items() if name in self.after.fields(kind)}
        said |= self._back(item, there)
        changed = {name: value for name, value in said.items() if name in there and not same_value(value, there[name])}
        return {"Id": there["Id"], **changed}

    def _back(self, item: Item, there: Mapping[str, Any]) -> SalesforceRow:
        stored = self.back.get((item.record.kind, item.record.key), {})
        return {name: given_back(value, there.get(name)) for name, value in stored.items()}

    def _view(
        self,
        item: Item,
        before: Item,
        fields: Sequence[str],
        told: Mapping[str, Any] | None,
        refusals: Mapping[str, Refusal | None],
    ) -> RecordView:
        kind, key = item.record.kind, item.record.key
        back, row, was = self._back(item, told or {}), item.row or {}, before.row or {}
        views = tuple(
            FieldView(
                field=name,
                today=(told or {}).get(name),
                before=was.get(name),
                after=row.get(name, back.get(name)),
                was_written=name in was,
                written=name in row or name in back,
                seen=told is None or name in told,
                untold=name in row and name in item.untold,
            )
            for name in fields
        )
        name = str(row.get("Name") or was.get("Name") or key)
        problem = item.problem[1] if item.problem else None
        return RecordView(kind, key, name, told is not None, views, refusals.get(key), problem)
