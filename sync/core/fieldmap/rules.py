"""The field mapping as a document: which figures of which records are written, to which fields, in which way.

Our own fields of AR summaries, invoices and payments are no part of it: the pages inside Salesforce read them, so they
are always written, and rules add further fields to them. On Account every field is a rule, ours by default.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sync.core.fieldmap.figures import (
    ACCOUNT,
    ALWAYS_ON,
    KIND_LABELS,
    KINDS,
    MAPPED,
    OUR_ACCOUNT_FIGURES,
    Figure,
    figure,
    map_kind,
    our_fields,
)
from sync.core.fieldmap.transforms import AsIs, Transform, TransformError, pack, suits, unpack
from sync.core.words import cut

MOST_RULES = 100  # of one kind; an Account with more than that has other troubles
_AS_IS = AsIs()
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}", re.ASCII)


class FieldMapError(ValueError):
    """A mapping that cannot be: `problems` in words, one for each thing to mend."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Rule:
    """One figure (its name) into one field (its API name), in one way."""

    figure: str
    field: str
    transform: Transform = _AS_IS


@dataclass(frozen=True, slots=True)
class KindMap:
    """What is written of one kind of record. `on` False: nothing is, and what stands there stays."""

    on: bool = True
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldMap:
    """The whole mapping, by kind."""

    kinds: Mapping[str, KindMap]

    def of(self, kind: str) -> KindMap:
        """What is written of records of a kind; kinds that nobody can map (commitments, disputes) are always on."""
        return self.kinds.get(map_kind(kind), _ALWAYS)

    def is_on(self, kind: str) -> bool:
        """Whether records of the kind are written at all."""
        return self.of(kind).on

    def rules(self, kind: str) -> tuple[Rule, ...]:
        """The rules that hold for records of a kind: none while it is off."""
        found = self.of(kind)
        return found.rules if found.on else ()

    def fields(self, kind: str) -> tuple[str, ...]:
        """The fields that rules write."""
        return tuple(rule.field for rule in self.rules(kind))

    def foreign(self, kind: str) -> tuple[str, ...]:
        """Those of them that are not Dueline's own: somebody else's value may have stood there before."""
        ours = our_fields(map_kind(kind))
        return tuple(name for name in self.fields(kind) if name.lower() not in ours)

    def daily(self, kind: str) -> bool:
        """Whether records of the kind say something that changes with every day."""
        return any(found.daily for rule in self.rules(kind) if (found := figure(map_kind(kind), rule.figure)))

    def pack(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            kind: {
                "on": found.on,
                "rules": [{"figure": rule.figure, "field": rule.field, **pack(rule.transform)} for rule in found.rules],
            }
            for kind, found in self.kinds.items()
        }

    def put(self, kind: str, found: KindMap) -> "FieldMap":
        """The same with another part. Raises FieldMapError."""
        return checked(replace(self, kinds={**self.kinds, kind: found}))


_ALWAYS = KindMap()


def default() -> FieldMap:
    """Ours: everything is written, and on Account our fields."""
    ours = tuple(Rule(each.name, each.name) for each in OUR_ACCOUNT_FIGURES)
    return FieldMap({kind: KindMap(rules=ours if kind == ACCOUNT else ()) for kind in KINDS})


def pinned(fieldmap: FieldMap, pins: Mapping[str, str | None]) -> FieldMap:
    """The mapping with some of our Account figures where the environment wants them, or nowhere: it has the last word.

    Raises FieldMapError for what the environment cannot mean.
    """
    if not pins:
        return fieldmap
    known = [each.name for each in OUR_ACCOUNT_FIGURES]
    if unknown := sorted(set(pins) - set(known)):
        raise FieldMapError([f"{name} is none of our Account fields ({', '.join(known)})" for name in unknown])
    wanted = [Rule(name, to) for name in known if (to := pins.get(name))]
    taken = {rule.field.lower() for rule in wanted}
    part = fieldmap.of(ACCOUNT)
    free = [rule for rule in part.rules if rule.figure not in pins and rule.field.lower() not in taken]
    order = {name: place for place, name in enumerate(known)}
    rules = sorted((*wanted, *free), key=lambda rule: order.get(rule.figure, len(order)))
    return fieldmap.put(ACCOUNT, KindMap(part.on, tuple(rules)))


def unpacked(document: Any) -> FieldMap:
    """From its JSON object; kinds that it does not name are as by default. Raises FieldMapError."""
    if not isinstance(document, Mapping):
        raise FieldMapError(["the mapping is no object"])
    problems = [f"there is no kind of record called {name!r}" for name in document if name not in KINDS]
    kinds = dict(default().kinds)
    for kind, part in document.items():
        if kind in KINDS:
            kinds[kind] = _part(kind, part, problems)
    if problems:
        raise FieldMapError(problems)
    return checked(FieldMap(kinds))


def _part(kind: str, document: Any, problems: list[str]) -> KindMap:
    label = KIND_LABELS[kind]
    if not isinstance(document, Mapping) or not isinstance(document.get("on", True), bool):
        problems.append(f"{label}: on must be true or false")
        return KindMap()
    listed = document.get("rules", [])
    if not isinstance(listed, list):
        problems.append(f"{label}: its rules are no list")
        return KindMap()
    rules = [rule for each in listed if (rule := _rule(label, each, problems))]
    return KindMap(document.get("on", True), tuple(rules))


def _rule(label: str, document: Any, problems: list[str]) -> Rule | None:
    if not isinstance(document, Mapping):
        problems.append(f"{label}: a rule is no object")
        return None
    named, to = document.get("figure"), document.get("field")
    if not isinstance(named, str) or not isinstance(to, str):
        problems.append(f"{label}: a rule needs a figure and a field")
        return None
    try:
        return Rule(named, to.strip(), unpack(document))
    except TransformError as error:
        problems.append(f"{label}, {cut(to, 80)}: {error}")
        return None


def checked(fieldmap: FieldMap) -> FieldMap:
    """The mapping itself if it makes sense whatever the org is. Raises FieldMapError."""
    problems: list[str] = []
    for kind, found in fieldmap.kinds.items():
        if kind not in KINDS:
            problems.append(f"there is no kind of record called {kind!r}")
            continue
        label = KIND_LABELS[kind]
        if not found.on and kind in ALWAYS_ON:
            problems.append(f"{label}: cannot be switched off, everything else stands on it")
        if found.rules and kind not in MAPPED:
            problems.append(f"{label}: its figures cannot be sent to other fields")
        elif len(found.rules) > MOST_RULES:
            problems.append(f"{label}: {len(found.rules)} fields are more than the {MOST_RULES} that can be mapped")
        else:
            problems += _rule_problems(kind, found.rules)
    if problems:
        raise FieldMapError(problems)
    return fieldmap


def _rule_problems(kind: str, rules: Sequence[Rule]) -> list[str]:
    label, taken, problems = KIND_LABELS[kind], set[str](), []
    for rule in rules:
        found = figure(kind, rule.figure)
        if found is None:
            problems.append(f"{label}: there is no figure {cut(rule.figure, 80)!r}")
        elif not suits(rule.transform, found):
            problems.append(f"{label}, {rule.field}: {found.label} ({found.type}) cannot be written in that way")
        if problem := field_problem(kind, rule.field):
            problems.append(f"{label}, {cut(rule.field, 80)}: {problem}")
        if rule.field.lower() in taken:
            problems.append(f"{label}, {rule.field}: gets two figures; a field can only say one")
        taken.add(rule.field.lower())
    return problems


# Standard fields that a figure must never replace: what they say is what records are found, owned and dated by.
_STANDARD = frozenset(
    "id name ownerid isdeleted createdbyid createddate lastmodifiedbyid lastmodifieddate systemmodstamp "
    "lastactivitydate lastvieweddate lastreferenceddate recordtypeid currencyisocode masterrecordid parentid".split()
)
_MATCHED_BY = frozenset({"website"})


def field_problem(kind: str, name: str) -> str | None:
    """Why no figure may go to the field, whatever the org says of it; None where it may."""
    low = name.lower()
    if not _FIELD.fullmatch(name):
        return "is not the API name of a field"
    if low in _STANDARD:
        return "is a standard field that the record is known or kept by"
    if kind == ACCOUNT and low in _MATCHED_BY:
        return "is what accounts are matched by"
    if kind != ACCOUNT and low in our_fields(kind):
        return "is Dueline's own and always written"
    return None


def figure_of(kind: str, rule: Rule) -> Figure:
    """The figure of a checked rule."""
    found = figure(kind, rule.figure)
    if found is None:
        raise FieldMapError([f"{KIND_LABELS[kind]}: there is no figure {rule.figure!r}"])
    return found
