"""The mapping as finance reads it: how a figure is shown in a field, an example of it, and what a change changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sync.core import words
from sync.core.dates import Calendar
from sync.core.fieldmap.figures import KIND_LABELS, KINDS, Figure, FigureType, figure
from sync.core.fieldmap.rules import FieldMap, Rule
from sync.core.fieldmap.transforms import (
    AsDay,
    AsIs,
    AsText,
    Choices,
    Constant,
    Rounded,
    Transform,
    TransformError,
    YesNo,
    say,
)

_CURRENCY = "USD"  # of every example
_DAY = date(2026, 3, 31)
_SAMPLES: dict[FigureType, Any] = {
    FigureType.MONEY: Decimal("1234.50"),
    FigureType.DATE: _DAY,
    FigureType.INSTANT: datetime(2026, 3, 31, 14, 5, tzinfo=UTC),
    FigureType.FLAG: True,
}
_TEXTS = {
    "Currency__c": _CURRENCY,
    "Name": "Acme · USD",
    "Last_Contact_By__c": "Dana Reyes",
    "Number__c": "INV-0042",
    "Invoices__c": "INV-0042, INV-0043",
    "Billing_System__c": "Stripe",
    "Billing_Customer__c": "cus_Q1w2e3",
    "Method__c": "card",
    "Pay_URL__c": "https://pay.example.com/0042",
    "PDF_URL__c": "https://pay.example.com/0042.pdf",
    "Original_Amount__c": "Amount EUR 1,140.00",
    "Original_Amounts__c": "Outstanding EUR 1,140.00",
}


def way(transform: Transform, about: Figure | None = None) -> str:
    """How a figure is shown, in words. `about`: the figure, to tell which of its words nothing is written for."""
    match transform:
        case AsIs():
            return "as it is"
        case Constant(text):
            return f"always “{text}”"
        case YesNo(yes, no):
            return f"{_quoted(yes)} for yes, {_quoted(no)} for no"
        case Choices(pairs):
            return _choices(pairs, about)
        case Rounded(0):
            return "rounded to a whole number"
        case Rounded(digits):
            return f"rounded to {words.counted(digits, 'digit')} after the point"
        case AsText(None):
            return "as text"
        case AsText(limit):
            return f"as text, cut at {limit} characters"
        case AsDay(form):
            return f"the day as text, like {form.value}" if form else "the day only"


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "empty"


def _choices(pairs: Iterable[tuple[str, str]], about: Figure | None) -> str:
    named = dict(pairs)
    order = list(about.values) if about else sorted(named)
    told = ", ".join(f"{value} → {named[value]}" for value in order if value in named)
    if about is None or set(order) <= set(named):
        return told
    return f"{told}; empty for the others" if told else "empty"


def example(about: Figure, transform: Transform, calendar: Calendar) -> str:
    """What a field would show, for a figure made up for the purpose."""
    try:
        return shown(say(transform, about, _sample(about), _CURRENCY, calendar), calendar)
    except TransformError:
        return shown(None, calendar)


def _sample(about: Figure) -> Any:
    if about.type is FigureType.CHOICE:
        return about.values[min(2, len(about.values) - 1)]
    if about.type is FigureType.TEXT:
        return _TEXTS.get(about.name, about.label)
    if about.type is FigureType.NUMBER:
        return Decimal("12.5") if about.digits else 12
    return _SAMPLES[about.type]


def shown(value: Any, calendar: Calendar) -> str:
    """A value of a record as people read it in Salesforce; nothing is shown as such."""
    match value:
        case None | "":
            return "empty"
        case bool():
            return "yes" if value else "no"
        case datetime():
            local = value.astimezone(calendar.zone)
            return f"{words.day(local.date())}, {local:%H:%M}"
        case date():
            return words.day(value)
        case int() | float() | Decimal():
            return f"{value:,}"
        case _:
            return str(value)


# --- changes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """One change, in words. `field`: its API name; empty where the whole kind is switched."""

    kind: str
    field: str
    what: str


def told(before: FieldMap, after: FieldMap, labels: Mapping[tuple[str, str], str] | None = None) -> list[Told]:
    """What differs between two mappings, field by field. `labels`: of (kind, API name in lower case)."""
    found = []
    for kind in KINDS:
        old, new = before.of(kind), after.of(kind)
        if old.on != new.on:
            found.append(Told(kind, "", f"{KIND_LABELS[kind]}: {_switched(kind, on=new.on)}"))
        were = {rule.field.lower(): rule for rule in old.rules}
        are = {rule.field.lower(): rule for rule in new.rules}
        for name in dict.fromkeys((*were, *are)):
            if what := _difference(kind, were.get(name), are.get(name)):
                rule = are.get(name) or were[name]
                called = (labels or {}).get((kind, name), rule.field)
                found.append(Told(kind, rule.field, f"{KIND_LABELS[kind]}, {called}: {what}"))
    return found


def _switched(kind: str, *, on: bool) -> str:
    if kind == "account":
        return "figures are written on accounts again" if on else "no figures are written on accounts any more"
    return "written again" if on else "not written any more; what stands in Salesforce stays as it is"


def _difference(kind: str, old: Rule | None, new: Rule | None) -> str | None:
    if new is None:
        return f"no longer written (was {_said(kind, old)})" if old else None
    if old is None:
        return f"now says {_said(kind, new)}"
    if (old.figure, old.transform) == (new.figure, new.transform):
        return None
    return f"says {_said(kind, new)} instead of {_said(kind, old)}"


def _said(kind: str, rule: Rule) -> str:
    about = figure(kind, rule.figure)
    name = about.label if about else rule.figure
    return f"{name}, {way(rule.transform, about)}"
