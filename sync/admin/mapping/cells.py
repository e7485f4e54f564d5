"""The table of a preview: what stands in a field today, what would stand there, and what is to be said of it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sync.admin.mapping.desk import Org
from sync.core.dates import Calendar
from sync.core.fieldmap.editing import find
from sync.core.fieldmap.figures import ACCOUNT, KIND_LABELS, figure, map_kind
from sync.core.fieldmap.orgfield import OrgField
from sync.core.fieldmap.rules import FieldMap
from sync.core.fieldmap.telling import shown
from sync.pipeline.preview import AccountView, FieldView, Preview, RecordView

_HIDDEN = "hidden from the integration user, so it is left alone"


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of one record. `now`, `new`: as Salesforce shows them; `note`: what else is to be said."""

    label: str
    name: str
    now: str
    new: str
    changed: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One record. `refusal`: why Salesforce would not take it, and the way out. `telling`: what a reader looks for."""

    kind: str
    name: str
    note: str
    refusal: str
    fix: str
    telling: tuple[Cell, ...]
    same: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One account with its records."""

    name: str
    id: str
    sheets: tuple[Sheet, ...]


def groups(found: Preview, after: FieldMap, org: Org, calendar: Calendar) -> list[Group]:
    """The accounts of a preview. `after`: the mapping that was tried."""
    made = _Maker(after, org, calendar)
    return [made.group(each) for each in found.accounts]


@dataclass(frozen=True, slots=True)
class _Maker:
    """Tells what a preview found."""

    after: FieldMap
    org: Org
    calendar: Calendar

    def group(self, view: AccountView) -> Group:
        """One account."""
        return Group(view.name, view.account, tuple(self.sheet(each, view.name) for each in view.records))

    def sheet(self, record: RecordView, account: str) -> Sheet:
        """One record."""
        kind, refusal = map_kind(record.kind), record.refusal
        cells = tuple(self.cell(kind, each) for each in record.fields)
        return Sheet(
            kind=KIND_LABELS[kind],
            name=account if kind == ACCOUNT else record.name,
            note="" if record.there else "This record is not in Salesforce yet; it gets these values when it is made.",
            refusal=record.problem or (f"{refusal.reason} ({refusal.code})" if refusal else ""),
            fix=refusal.fix if refusal else "",
            telling=tuple(cell for cell in cells if cell.changed or cell.note),
            same=tuple(cell for cell in cells if not cell.changed and not cell.note),
        )

    def cell(self, kind: str, view: FieldView) -> Cell:
        """One field."""
        target = self.org.field(kind, view.field)
        label = target.label if target else view.field
        if not view.seen:
            return Cell(label, view.field, "–", "–", changed=False, note=_HIDDEN)
        now, new = (_shown(value, target, self.calendar) for value in (view.today, view.after))
        if not view.written:
            note = "no longer written: stays as it is" if view.was_written else "not written"
            return Cell(label, view.field, now, now, changed=False, note=note)
        if self.is_stamp(kind, view.field):
            return Cell(label, view.field, now, "when the record is written", changed=False)
        return Cell(label, view.field, now, new, changed=view.changed)

    def is_stamp(self, kind: str, field: str) -> bool:
        """Whether the field only says when the others were true, so that it is always about to change."""
        rule = find(self.after, kind, field)
        about = figure(kind, rule.figure) if rule else None
        return about is not None and about.as_of


def _shown(value: Any, target: OrgField | None, calendar: Calendar) -> str:
    """As the field shows it: numbers with its digits, days as days, whichever way they came."""
    kind = target.type if target else ""
    if isinstance(value, str) and kind == "date":
        value = date.fromisoformat(value)
    elif isinstance(value, str) and kind == "datetime":
        value = datetime.fromisoformat(value)
    if target and kind in {"currency", "double", "int"} and isinstance(value, int | float | Decimal | str):
        return f"{Decimal(str(value)):,.{target.scale}f}"
    return shown(value, calendar)
