"""Salesforce's scalars. Each keeps the value as JSON has it: SOQL literals and rows are made from it elsewhere."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from graphql import (
    FloatValueNode,
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInt,
    GraphQLScalarType,
    GraphQLString,
    IntValueNode,
    ValueNode,
    value_from_ast_untyped,
)

_ZONE = re.compile(r"(Z|[+-]\d\d:?\d\d)$", re.IGNORECASE)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise GraphQLError(f"a number is needed, without quotes, not {value!r}")
    return Decimal(str(value)) if isinstance(value, float) else Decimal(value)


def _whole(value: Any) -> int:
    number = _number(value)
    if number != number.to_integral_value():
        raise GraphQLError(f"a whole number is needed, not {value!r}")
    return int(number)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError(f"a text is needed, not {value!r}")
    return value


def _day(value: Any) -> str:
    try:
        return date.fromisoformat(_text(value)).isoformat()
    except ValueError as error:
        raise GraphQLError(f"a date is needed as YYYY-MM-DD, not {value!r}") from error


def _instant(value: Any) -> str:
    text = _text(value)
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise GraphQLError(f"a time is needed as YYYY-MM-DDThh:mm:ssZ, not {value!r}") from error
    if not _ZONE.search(text):
        raise GraphQLError(f"a time needs a zone, as in 2026-01-31T12:00:00Z; {value!r} has none")
    return text


def _scalar(name: str, parse: Callable[[Any], Any]) -> GraphQLScalarType:
    def literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
        if isinstance(node, IntValueNode | FloatValueNode):
            return parse(Decimal(node.value))  # exactly as written
        return parse(value_from_ast_untyped(node, variables))

    return GraphQLScalarType(name, parse_value=parse, parse_literal=literal)


ID_OR_REF = _scalar("IdOrRef", _text)
LONG = _scalar("Long", _whole)

SCALARS: dict[str, GraphQLScalarType] = {
    "Boolean": GraphQLBoolean,
    "Currency": _scalar("Currency", _number),
    "Date": _scalar("Date", _day),
    "DateTime": _scalar("DateTime", _instant),
    "Double": _scalar("Double", _number),
    "Email": _scalar("Email", _text),
    "ID": GraphQLID,
    "Int": GraphQLInt,
    "Long": LONG,
    "LongTextArea": _scalar("LongTextArea", _text),
    "Percent": _scalar("Percent", _number),
    "PhoneNumber": _scalar("PhoneNumber", _text),
    "Picklist": _scalar("Picklist", _text),
    "String": GraphQLString,
    "TextArea": _scalar("TextArea", _text),
    "Url": _scalar("Url", _text),
}
