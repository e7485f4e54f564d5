"""Single comparisons: a term's kind, an operator and a literal become a test of one value.

Null as Salesforce has it: only `=` with null (or '') finds it; `!=` and NOT IN find it whenever null is not what they
exclude; every other operator passes it over. A null checkbox is an unchecked one.
"""

import operator
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connector.local.org.ids import to_18
from connector.local.org.model import OrgError
from connector.local.org.soql import errors, literals
from connector.local.org.soql.terms import Context, Term
from connector.local.org.soql.tree import Literal

Test = Callable[[Any], bool]

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# What an error calls the type that a literal should have had.
_TYPE_NAMES = {"currency": "double", "percent": "double", "long": "int", "datetime": "dateTime"}


def long_id(text: str) -> str:
    """The 18-character form of an id; INVALID_QUERY_FILTER_OPERATOR if it cannot be one."""
    found = to_18(text)
    if found is None:
        raise OrgError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return found


def value_of(literal: Literal, term: Term, context: Context) -> Any:
    """The literal as a value of the term's type (null for '' and NULL, a `Span` for date literals that mean days)."""
    if literal.kind == "null" or (literal.kind == "string" and not literal.text and term.kind in ("text", "id")):
        return None
    match term.kind, literal.kind:
        case "text" | "multipicklist", "string":
            return literals.unescape(literal.text)
        case "id", "string":
            return long_id(literal.text)
        case "number", "number":
            return Decimal(literal.text)
        case "boolean", "boolean":
            return literal.text.lower() == "true"
        case "date", "date":
            return literals.parse_date(literal.text)
        case "datetime", "datetime":
            return literals.parse_datetime(literal.text)
        case "date" | "datetime", "relative":
            return _span(literal, context, has_field=term.field is not None)
        case _:
            raise _wrong(literal, term, context)


def _span(literal: Literal, context: Context, *, has_field: bool) -> literals.Span:
    span = literals.relative(literal.text, context.source.today, context.source.zone)
    if span is None or not has_field:
        raise _unexpected(literal, context)
    return span


def _unexpected(literal: Literal, context: Context) -> OrgError:
    return errors.malformed(f"{errors.header(context.text, literal.at)}unexpected token: '{literal.text}'")


def _wrong(literal: Literal, term: Term, context: Context) -> OrgError:
    if literal.kind == "relative" and literals.relative(literal.text, context.source.today) is None:
        return _unexpected(literal, context)
    if term.kind not in ("text", "id", "number", "boolean", "date", "datetime", "multipicklist"):
        return errors.unsupported(f"filters on fields of type {term.type} ('{term.name}')")
    wanted = "string" if term.kind in ("text", "id", "multipicklist") else _TYPE_NAMES.get(term.type, term.type)
    return errors.wrong_literal(context.text, term.at, term.name, wanted)


def fold(term: Term) -> Callable[[Any], Any]:
    """What two values of the term are compared by: text without case, unless the field is case sensitive."""
    if term.kind == "multipicklist":
        return lambda value: frozenset(part.strip().upper() for part in value.split(";"))
    if term.kind == "text" and not (term.field and term.field.case_sensitive):
        return str.upper
    return lambda value: value


def equality(term: Term, values: Sequence[Any]) -> Test:
    """Whether a value is one of `values`, of which None stands for null."""
    if term.kind == "boolean":
        wanted = {bool(value) for value in values}
        return lambda value: bool(value) in wanted
    key = fold(term)
    has_null = None in values
    spans = [_bounds(value, term) for value in values if isinstance(value, literals.Span)]
    plain = {key(value) for value in values if value is not None and not isinstance(value, literals.Span)}
    if spans:
        return lambda value: (
            has_null if value is None else key(value) in plain or any(first <= value < after for first, after in spans)
        )
    if len(plain) == 1 and not has_null:
        (only,) = plain
        return lambda value: value is not None and key(value) == only
    return lambda value: has_null if value is None else key(value) in plain


def order(term: Term, op: str, value: Any, null_literal: Literal) -> Test:
    """`<`, `<=`, `>` or `>=`; a range of days is compared by its start (`<`, `>=`) or by its end (`<=`, `>`)."""
    if term.kind in ("boolean", "multipicklist"):
        raise errors.wrong_operator(term.type)
    if value is None:
        raise errors.unsupported(f"'{op}' with {null_literal.text or 'an empty string'}: null has no order")
    if isinstance(value, literals.Span):
        first, after = _bounds(value, term)
        bound, compare = {
            "<": (first, operator.lt),
            "<=": (after, operator.lt),
            ">": (after, operator.ge),
            ">=": (first, operator.ge),
        }[op]
        return lambda found: found is not None and compare(found, bound)
    key, compare = fold(term), _ORDER[op]
    bound = key(value)
    return lambda found: found is not None and compare(key(found), bound)


def _bounds(span: literals.Span, term: Term) -> tuple[date, date] | tuple[datetime, datetime]:
    return span.instants() if term.kind == "datetime" else (span.first, span.after)


def check_text_operator(term: Term, op: str) -> None:
    """LIKE is for text, INCLUDES and EXCLUDES are for multi-select picklists."""
    if term.kind != ("text" if op == "LIKE" else "multipicklist"):
        raise errors.wrong_operator(term.kind if term.kind == "id" else term.type)


def like(patterns: Sequence[str]) -> Test:
    """LIKE: text that one of the patterns matches as a whole."""
    tests = [literals.like_pattern(pattern).fullmatch for pattern in patterns]
    return lambda value: value is not None and any(test(value) for test in tests)


def includes(term: Term, values: Sequence[str]) -> Test:
    """INCLUDES: the value has every entry of at least one of 'A;B'."""
    key = fold(term)
    wanted = [key(literals.unescape(value)) for value in values]
    return lambda value: value is not None and any(entries <= key(value) for entries in wanted)
