"""The rows that are written: figures in the fields that the mapping gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.core.dates import Calendar
from sync.core.fieldmap.figures import ACCOUNT, MAPPED, Figure, figure, map_kind
from sync.core.fieldmap.rules import FieldMap, Rule
from sync.core.fieldmap.transforms import say
from sync.core.projection import UNTOLD, SalesforceRow


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A row as it is written. `untold`: fields that are no reason to write it, and in which it is never compared."""

    row: SalesforceRow
    untold: frozenset[str] = UNTOLD


def mapped(fieldmap: FieldMap, kind: str, figures: Mapping[str, Any], calendar: Calendar) -> MappedRow:
    """The row of a record, from its figures (the row as projected; on Account with `account_figures`)."""
    if map_kind(kind) not in MAPPED:
        return MappedRow(dict(figures))
    rules = fieldmap.rules(kind)
    said = {rule.field: _say(map_kind(kind), rule, figures, calendar) for rule in rules}
    stamps = frozenset(rule.field for rule in rules if _is_as_of(map_kind(kind), rule))
    if kind == ACCOUNT:
        return MappedRow({"Id": figures["Id"], **said}, stamps)
    return MappedRow({**figures, **said}, UNTOLD | stamps)


def _say(kind: str, rule: Rule, figures: Mapping[str, Any], calendar: Calendar) -> Any:
    found = _figure(kind, rule)
    return say(rule.transform, found, figures.get(found.name), figures.get("Currency__c"), calendar)


def _figure(kind: str, rule: Rule) -> Figure:
    found = figure(kind, rule.figure)
    if found is None:
        raise ValueError(f"{rule.field} is mapped to {rule.figure}, which this release does not know")
    return found


def _is_as_of(kind: str, rule: Rule) -> bool:
    return _figure(kind, rule).as_of
