"""`where` and `orderBy` as SOQL text: what the real API makes of them too, so refusals are in Salesforce's words."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connector.local.org.graphql.kinds import is_polymorphic, kind_of
from connector.local.org.model import Field, OrgError, Schema, SObject

Given = Mapping[str, Any]

COMPARISONS = {
    "eq": "=",
    "ne": "!=",
    "lt": "<",
    "lte": "<=",
    "gt": ">",
    "gte": ">=",
    "like": "LIKE",
    "in": "IN",
    "nin": "NOT IN",
}
_JOINS = {"inq": "IN", "ninq": "NOT IN"}
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_OF_PATTERN = re.compile(r"\\[%_\\]|.", re.DOTALL)


def quoted(text: str, *, pattern: bool = False) -> str:
    r"""A string literal. In a pattern `\%`, `\_` and `\\` are the sender's own escapes and stay what they are."""
    characters = _OF_PATTERN.findall(text) if pattern else text
    return f"'{''.join(_ESCAPES.get(character, character) for character in characters)}'"


def parent_field(item: SObject, name: str) -> Field | None:
    """The lookup whose relationship has that name."""
    return next((own for own in item.fields.values() if own.relationship_name == name), None)


def where(schema: Schema, item: SObject, given: Given | None) -> str:
    """The condition that a filter says, empty where it says nothing."""
    return Filters(schema).condition(item, given or {}, "")


class Filters:
    """Filters of one user's schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def condition(self, item: SObject, given: Given, prefix: str) -> str:
        """The terms of a filter on that object, joined by AND. `prefix` (as `Account__r.`) is the path to it."""
        return _joined(self._terms(item, given, prefix), "AND")

    def _terms(self, item: SObject, given: Given, prefix: str) -> Iterator[str]:
        for name, value in given.items():
            if value is None:
                continue
            if name in ("and", "or"):
                yield _joined((self.condition(item, one, prefix) for one in value), name.upper())
            elif name == "not":
                inner = self.condition(item, value, prefix)
                yield f"NOT ({inner})" if inner else ""
            elif own := item.get(name):
                yield from self._comparisons(own, value, f"{prefix}{own.name}")
            else:
                yield from self._parent(item, name, value, prefix)

    def _parent(self, item: SObject, name: str, given: Given, prefix: str) -> Iterator[str]:
        own = parent_field(item, name)
        if own is None:
            raise KeyError(f"{item.name} has no {name}, yet the schema let it pass")
        path = f"{prefix}{name}."
        if not is_polymorphic(item, own):
            yield self.condition(self._object(own.reference_to[0]), given, path)
            return
        for target, inner in given.items():
            if inner is None:
                continue
            if len(own.reference_to) > 1:
                yield f"{path}Type = {quoted(target)}"
            yield self.condition(self._object(target), inner, path)

    def _object(self, name: str) -> SObject:
        found = self._schema.get(name)
        if found is None:
            raise KeyError(f"{name} is hidden, yet the schema let it pass")
        return found

    def _comparisons(self, own: Field, given: Given, path: str) -> Iterator[str]:
        for operator, value in given.items():
            if operator in _JOINS:
                yield f"{path} {_JOINS[operator]} ({self._join(value)})" if value else ""
            elif operator in COMPARISONS:
                yield f"{path} {COMPARISONS[operator]} {_operand(own, operator, value)}"
            else:
                yield from _function(operator, path, value or {})

    def _join(self, given: Given) -> str:
        """`inq: {Contact: {…}, ApiName: "AccountId"}` → `SELECT AccountId FROM Contact WHERE …`."""
        named = [(name, inner) for name, inner in given.items() if name != "ApiName" and inner is not None]
        if len(named) != 1:
            raise OrgError("INVALID_INPUT", "Name exactly one object in a join, beside its ApiName.")
        ((name, inner),) = named
        item = self._object(name)
        return select(given["ApiName"], item.name, self.condition(item, inner, ""))


def _joined(terms: Iterator[str], word: str) -> str:
    """The terms in brackets, for AND and OR must not be mixed; one term alone as it is."""
    found = [term for term in terms if term]
    return found[0] if len(found) == 1 else f" {word} ".join(f"({term})" for term in found)


def _operand(own: Field, operator: str, value: Any) -> str:
    if operator in ("in", "nin"):
        if not value:
            raise OrgError("INVALID_INPUT", f"'{operator}' of {own.name} needs at least one value.", fields=[own.name])
        return f"({', '.join(_literal(own, one) for one in value)})"
    return quoted(value, pattern=True) if operator == "like" and value is not None else _literal(own, value)


def _literal(own: Field, value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).upper()
        case int() | Decimal():
            return format(Decimal(value), "f")
        case dict():
            return _day(own, value)
    return quoted(value)


def _day(own: Field, given: Given) -> str:
    """`{value: …}`, `{literal: TODAY}` or `{range: {last_n_days: 30}}`."""
    if len(given) != 1:
        raise OrgError("INVALID_INPUT", f"Say exactly one of value, literal and range for {own.name}.")
    ((form, value),) = given.items()
    if value is None:
        return "NULL"
    if form == "literal":
        return str(value)
    if form == "range":
        if len(value) != 1:
            raise OrgError("INVALID_INPUT", f"Say exactly one range for {own.name}.")
        ((name, count),) = value.items()
        return f"{name.upper()}:{count}"
    return _instant(value) if own.type == "datetime" else str(value)


def _instant(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _function(name: str, path: str, given: Given) -> Iterator[str]:
    """`CALENDAR_YEAR: {value: {eq: 2026}}`."""
    for operator, value in (given.get("value") or {}).items():
        operand = f"({', '.join(map(str, value))})" if operator in ("in", "nin") else str(value)
        yield f"{name}({path}) {COMPARISONS[operator]} {operand}"


def order_by(item: SObject, given: Given | None, schema: Schema, prefix: str = "") -> list[str]:
    """The entries of ORDER BY, in the order written."""
    entries: list[str] = []
    for name, clause in (given or {}).items():
        own = item.get(name)
        if own is not None:
            entries.append(ordering(f"{prefix}{own.name}", clause or {}))
        elif lookup := parent_field(item, name):
            parent = schema.objects[lookup.reference_to[0].lower()]
            entries += order_by(parent, clause, schema, f"{prefix}{name}.")
    return entries


def ordering(operand: str, clause: Given) -> str:
    """`Due_On__c ASC NULLS LAST`. Nulls come first unless said otherwise (documented), in either direction."""
    return f"{operand} {clause.get('order') or 'ASC'} NULLS {clause.get('nulls') or 'FIRST'}"


def select(
    columns: str,
    sobject: str,
    condition: str = "",
    *,
    mine: bool = False,
    group_by: str = "",
    orderings: list[str] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> str:
    """The statement."""
    clauses = [
        f"SELECT {columns} FROM {sobject}",  # noqa: S608 - SOQL, and every literal in it is quoted here
        "USING SCOPE mine" if mine else "",
        f"WHERE {condition}" if condition else "",
        f"GROUP BY {group_by}" if group_by else "",
        f"ORDER BY {', '.join(orderings)}" if orderings else "",
        f"LIMIT {limit}" if limit is not None else "",
        f"OFFSET {offset}" if offset else "",
    ]
    return " ".join(clause for clause in clauses if clause)


def is_groupable(own: Field) -> bool:
    """Whether GROUP BY takes the field."""
    return kind_of(own) not in {"Currency", "Double", "Percent", "DateTime", "LongTextArea"} and own.formula is None
