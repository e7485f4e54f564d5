"""Changing a mapping one step at a time, as the page does it: each step gives a whole mapping that makes sense."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sync.core.fieldmap.figures import ACCOUNT, ALWAYS_ON, KINDS, Figure, FigureType, figure
from sync.core.fieldmap.orgfield import NUMBER_TYPES, TEXT_TYPES, OrgField
from sync.core.fieldmap.rules import FieldMap, FieldMapError, KindMap, Rule, pinned
from sync.core.fieldmap.transforms import AsDay, AsIs, AsText, Choices, Constant, Rounded, Transform, YesNo

Pins = Mapping[str, str | None]  # what the environment says of Account figures: their field, or none


def find(fieldmap: FieldMap, kind: str, field: str) -> Rule | None:
    """The rule for a field, in any case; None if there is none."""
    return next((rule for rule in fieldmap.of(kind).rules if rule.field.lower() == field.lower()), None)


def put(fieldmap: FieldMap, kind: str, rule: Rule, replaces: str | None = None) -> FieldMap:
    """With the rule, in the place of the one for the field `replaces`, else as the last. Raises FieldMapError."""
    old = find(fieldmap, kind, replaces) if replaces else None
    part = fieldmap.of(kind)
    rules = tuple(rule if each is old else each for each in part.rules) if old else (*part.rules, rule)
    return fieldmap.put(kind, replace(part, rules=rules))


def drop(fieldmap: FieldMap, kind: str, field: str) -> FieldMap:
    """Without the rule for that field."""
    old, part = find(fieldmap, kind, field), fieldmap.of(kind)
    return fieldmap.put(kind, replace(part, rules=tuple(each for each in part.rules if each is not old)))


def switch(fieldmap: FieldMap, kind: str, *, on: bool) -> FieldMap:
    """With records of the kind written, or not. Raises FieldMapError."""
    if kind not in KINDS:
        raise FieldMapError([f"there is no kind of record called {kind!r}"])
    return fieldmap.put(kind, replace(fieldmap.of(kind), on=on))


def take_back(fieldmap: FieldMap, held: FieldMap, kind: str, field: str) -> FieldMap:
    """With the field as in `held`: a change of it is taken back. Raises FieldMapError."""
    then, now = find(held, kind, field), find(fieldmap, kind, field)
    if then is None:
        return drop(fieldmap, kind, field)
    if now is not None:
        return put(fieldmap, kind, then, field)
    part, order = fieldmap.of(kind), [rule.field.lower() for rule in held.of(kind).rules]
    rules = sorted((*part.rules, then), key=lambda rule: _place(order, rule.field))
    return fieldmap.put(kind, KindMap(part.on, tuple(rules)))


def _place(order: list[str], field: str) -> int:
    return order.index(field.lower()) if field.lower() in order else len(order)


def can_switch(kind: str) -> bool:
    """Whether records of the kind can be left unwritten."""
    return kind in KINDS and kind not in ALWAYS_ON


def is_pinned(kind: str, name: str, pins: Pins) -> bool:
    """Whether the environment decides where that figure goes, so that nobody can change it here."""
    return kind == ACCOUNT and name in pins


def refuse_pinned(after: FieldMap, pins: Pins) -> None:
    """Raises FieldMapError where a mapping says something else than the environment, which has the last word."""
    said, holds = set(after.of(ACCOUNT).rules), set(pinned(after, pins).of(ACCOUNT).rules)
    names = dict.fromkeys(rule.figure for rule in said ^ holds)
    if names:
        labels = [found.label if (found := figure(ACCOUNT, name)) else name for name in names]
        raise FieldMapError([f"{label} is set by the environment: DUELINE_ACCOUNT_FIELDS" for label in labels])


def digest(document: Any) -> str:
    """The same for documents that say the same, in whatever order."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:32]


def ways(about: Figure, field: OrgField) -> list[type[Transform]]:
    """The ways in which the figure can be written to a field of that type, the plainest first."""
    text, listed = field.type in TEXT_TYPES or field.type == "url", field.type == "picklist"
    amounts = about.type in {FigureType.MONEY, FigureType.NUMBER}
    days = about.type in {FigureType.DATE, FigureType.INSTANT}
    worded = about.type in {FigureType.TEXT, FigureType.CHOICE}
    possible: dict[type[Transform], bool] = {
        AsIs: _as_it_is(about, field),
        Choices: about.type is FigureType.CHOICE and text,
        YesNo: about.type is FigureType.FLAG and text,
        Rounded: amounts and field.type in NUMBER_TYPES,
        AsText: (amounts or worded) and text and not listed,
        AsDay: (days and text and not listed) or (about.type is FigureType.INSTANT and field.type == "date"),
        Constant: text,
    }
    return [way for way, can in possible.items() if can]


def _as_it_is(about: Figure, field: OrgField) -> bool:
    match about.type:
        case FigureType.MONEY | FigureType.NUMBER:
            return field.type in NUMBER_TYPES
        case FigureType.DATE:
            return field.type == "date"
        case FigureType.INSTANT:
            return field.type == "datetime"
        case FigureType.FLAG:
            return field.type == "boolean"
        case FigureType.TEXT | FigureType.CHOICE:
            return field.type in TEXT_TYPES or field.type == "url"
