"""The table of a preview: what stands in a field today, what would stand there, and what is to be said of it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sync.admin.mapping.desk import Org
from sync.core.dates import Calendar
from sync.core.fieldmap.figures import KIND_LABELS, map_kind
from sync.core.fieldmap.orgfield import OrgField
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
    """One record. `refusal`: why Salesforce would not take it, and the way out."""

    kind: str
    name: str
    note: str
    refusal: str
    fix: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One account with its records."""

    name: str
    id: str
    sheets: tuple[Sheet, ...]


def groups(found: Preview, org: Org, calendar: Calendar) -> list[Group]:
    """The accounts of a preview."""
    return [_group(each, org, calendar) for each in found.accounts]


def _group(view: AccountView, org: Org, calendar: Calendar) -> Group:
    return Group(view.name, view.account, tuple(_sheet(each, view.name, org, calendar) for each in view.records))


def _sheet(record: RecordView, account: str, org: Org, calendar: Calendar) -> Sheet:
    kind = map_kind(record.kind)
    cells = tuple(_cell(each, org.field(kind, each.field), calendar) for each in record.fields)
    refusal = record.refusal
    return Sheet(
        kind=KIND_LABELS[kind],
        name=account if kind == "account" else record.name,
        note="" if record.there else "This record is not in Salesforce yet; it gets these values when it is written.",
        refusal=record.problem or (f"{refusal.reason} ({refusal.code})" if refusal else ""),
        fix=refusal.fix if refusal else "",
        cells=tuple(sorted(cells, key=lambda cell: not cell.changed)),
    )


def _cell(view: FieldView, target: OrgField | None, calendar: Calendar) -> Cell:
    now = _shown(view.today, target, calendar) if view.seen else "–"
    label = target.label if target else view.field
    if not view.seen:
        return Cell(label, view.field, now, "–", changed=False, note=_HIDDEN)
    if not view.written:
        note = "no longer written: stays as it is" if view.was_written else "not written"
        return Cell(label, view.field, now, now, changed=False, note=note)
    return Cell(label, view.field, now, _shown(view.after, target, calendar), changed=view.changed)


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
