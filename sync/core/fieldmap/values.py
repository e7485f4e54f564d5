"""What stood in a field, so that it can be put back exactly: as JSON, with the type that JSON would lose."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sync.core.mapping.salesforce import same_value


def to_json(value: Any) -> Any:
    """A field's value as JSON. Numbers are kept digit by digit; days stay the text that they are in Salesforce."""
    match value:
        case None | bool() | str():
            return value
        case int() | Decimal():
            return {"number": str(value)}
        case datetime():
            return {"instant": value.isoformat()}
        case date():
            return value.isoformat()
    raise TypeError(f"{type(value).__name__} {value!r} is not the value of a field that can be mapped")


def from_json(stored: Any) -> Any:
    """The value again."""
    match stored:
        case {"number": str(digits)}:
            return Decimal(digits)
        case {"instant": str(text)}:
            return datetime.fromisoformat(text)
        case _:
            return stored


def given_back(stored: Any, told: Any) -> Any:
    """What is written to a field, read as `told`, to put back what was stored: a checkbox cannot be empty."""
    value = from_json(stored)
    return False if value is None and isinstance(told, bool) else value


def still_says(stored: Any, told: Any) -> bool:
    """Whether a field, read as `told`, holds what was stored."""
    return same_value(from_json(stored), told)
