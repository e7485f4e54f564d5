"""What formulas calculate with: coercions of Salesforce's types, and its rules for blanks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connector.local.org.model import OrgError


class Blunder(Exception):  # noqa: N818 - not a fault of the program: the formula's own #Error!
    """What the page of a real org shows as #Error! and its API as null."""


@dataclass(frozen=True, slots=True)
class Env:
    """What one evaluation can see."""

    fields: Callable[[str], Any]
    today: date
    now: datetime
    blank_as_zero: bool = False


Thunk = Callable[[Env], Any]


def invalid(message: str) -> OrgError:
    """A formula that a real org would not let be saved."""
    return OrgError("FIELD_INTEGRITY_EXCEPTION", f"Error: {message}")


_NAMES = {bool: "Boolean", Decimal: "Number", str: "Text", datetime: "DateTime", date: "Date"}


def type_name(value: Any) -> str:
    """The type as the formula editor calls it."""
    return next((name for kind, name in _NAMES.items() if isinstance(value, kind)), type(value).__name__)


def mismatch(where: str, expected: str, value: Any) -> OrgError:
    """The editor's complaint about a type."""
    return invalid(f"Incorrect parameter type for {where}. Expected {expected}, received {type_name(value)}")


def number(value: Any, env: Env, where: str) -> Decimal | None:
    """A number, or None for a blank that is not read as zero."""
    if value is None:
        return Decimal(0) if env.blank_as_zero else None
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if not isinstance(value, Decimal):
        raise mismatch(where, "Number", value)
    return value


def whole(value: Any, env: Env, where: str) -> int | None:
    """A number cut to its whole part, as positions and days are."""
    found = number(value, env, where)
    return None if found is None else int(found)


def text(value: Any, where: str) -> str:
    """A text; blank is the empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise mismatch(where, "Text", value)
    return value


def day(value: Any, where: str) -> date | None:
    """A date that is not an instant, or None for blank."""
    if value is None:
        return None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise mismatch(where, "Date", value)
    return value


def truth(value: Any, where: str) -> bool:
    """A condition; blank is false."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise mismatch(where, "Boolean", value)
    return value


def is_blank(value: Any) -> bool:
    """What ISBLANK says."""
    return value is None or value == ""
