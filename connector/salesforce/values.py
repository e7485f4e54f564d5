"""Python values as Salesforce reads them: in JSON, in CSV and in SOQL.

Amounts travel as `Decimal` and are written digit by digit; a `float` is refused, because 0.1 + 0.2 must never reach
someone's ledger. The standard library cannot write a Decimal as a JSON number, hence msgspec.
Instants are aware and go out in UTC with milliseconds, the form that Salesforce documents; days are plain dates.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec

BULK_NULL = "#N/A"  # in Bulk API 2.0 an empty cell means "leave as it is"; this means "empty it"
_CHECK_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def plain(value: Any) -> Any:
    """`value` in JSON's own types (numbers as int and Decimal); TypeError or ValueError for what would not be exact."""
    match value:
        case None | bool() | str() | int():
            return value
        case Decimal():
            return _finite(value)
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(name): plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} {value!r} has no exact form in Salesforce; give amounts as Decimal")


def to_json(value: Any) -> bytes:
    """A JSON body, every Decimal as the number it is."""
    return _ENCODER.encode(plain(value))


def cell(value: Any) -> str:
    """One cell of a Bulk API 2.0 upload. None and "" both empty the field, as they do in JSON."""
    match plain(value):
        case None | "":
            return BULK_NULL
        case bool(truth):
            return "true" if truth else "false"
        case Decimal() as number:
            return f"{number:f}"
        case str() | int() as simple:
            return str(simple)
    raise TypeError(f"{value!r} does not fit into one CSV cell")


def instant(value: datetime) -> str:
    """`2026-01-31T12:00:00.000Z`. ValueError for a naive datetime: nobody can say which instant it means."""
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone; give an aware datetime")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """An instant as Salesforce writes it (`2026-01-31T12:00:00.000+0000`), aware, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def long_id(text: str) -> str:
    """A record id in its 18-character form, which does not depend on case; anything else comes back as it is.

    The last three characters tell which of the first fifteen are capitals:
    https://help.salesforce.com/s/articleView?id=000383751
    """
    if len(text) != 15 or not text.isalnum() or not text.isascii():
        return text
    thirds = (text[start : start + 5] for start in range(0, 15, 5))
    return text + "".join(_CHECK_DIGITS[sum(char.isupper() << at for at, char in enumerate(third))] for third in thirds)


_SOQL_ESCAPES = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
    }
)


def quote(value: Any) -> str:
    """`value` as a SOQL literal, whatever is in it; a list or set becomes the parenthesised form that IN takes.

    An empty list is refused (ValueError): `IN ()` is not SOQL, and a query without the condition would return
    everything.
    """
    match value:
        case str():
            return f"'{value.translate(_SOQL_ESCAPES)}'"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return f"{_finite(value):f}"
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case list() | tuple() | set() | frozenset():
            return _in_list(value)
    raise TypeError(f"{type(value).__name__} {value!r} cannot be written in SOQL")


def quote_like(text: str, *, before: str = "", after: str = "") -> str:
    """A literal for LIKE that matches `text` itself; `before` and `after` are the wildcards around it ("%")."""
    literal = text.translate(_SOQL_ESCAPES).replace("%", "\\%").replace("_", "\\_")
    return f"'{before}{literal}{after}'"


def _in_list(values: Iterable[Any]) -> str:
    literals = [quote(value) for value in values]
    if not literals:
        raise ValueError("IN needs at least one value; do not query for nothing")
    return f"({','.join(literals)})"


def _finite(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ValueError(f"{number} is not an amount")
    return number
