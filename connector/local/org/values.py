"""One value at a time: from JSON or CSV into the row (with Salesforce's checks), and from the row onto the wire.

A converter is made once per field, since it runs for every value of every row: 200 rows of 25 fields are 5,000 calls.
Amounts go out as JSON numbers of double precision, as the platform's own double and currency types are.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import partial
from typing import Any

from connector.local.org.ids import to_18
from connector.local.org.model import Field, OrgError, Row

Converter = Callable[[Any], Any]
Find = Callable[[str], Row | None]

_EMAIL = re.compile(r"[^@\s,;<>()\[\]\"]+@[^@\s,;<>()\[\]\"]+\.[^@\s.,;<>()\[\]\"]{2,}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})")
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


class BadValueError(Exception):
    """A value that cannot be read as the field's type at all; JSON and CSV requests report it differently."""

    def __init__(self, field: Field, value: Any) -> None:
        super().__init__(f"{field.name}: {value!r}")
        self.field = field
        self.value = value


def converter(field: Field, find: Find, prefixes: Mapping[str, str]) -> Converter:
    """What turns a value other than null into the row's value. `find` looks rows up by id, `prefixes` maps key prefixes
    to objects. The converter raises OrgError (the row is refused) or BadValueError (the request is).
    """
    match field.type:
        case "string" | "textarea" | "phone" | "url":
            return _text(field)
        case "email":
            return _email(field)
        case "picklist":
            return _picklist(field)
        case "double" | "currency" | "percent":
            return _number(field, field.precision - field.scale, field.scale)
        case "int":
            return _number(field, field.precision, 0)
        case "boolean":
            return partial(_boolean, field)
        case "date":
            return partial(_date, field)
        case "datetime":
            return partial(_datetime, field)
        case "reference" | "id":
            return _reference(field, find, prefixes)
    raise NotImplementedError(f"The local org cannot store values of type {field.type} ({field.name}).")


def _text(field: Field) -> Converter:
    label, limit = field.label, field.length

    def convert(value: Any) -> str | None:
        if not isinstance(value, str):
            raise BadValueError(field, value)
        text = value.strip()
        if len(text) > limit:
            message = f"{label}: data value too large: {text} (max length={limit})"
            raise OrgError("STRING_TOO_LONG", message, fields=[field.name])
        return text or None

    return convert


def _email(field: Field) -> Converter:
    text: Callable[[Any], str | None] = _text(field)

    def convert(raw: Any) -> str | None:
        value = text(raw)
        if value is not None and not _EMAIL.fullmatch(value):
            message = f"{field.label}: invalid email address: {value}"
            raise OrgError("INVALID_EMAIL_ADDRESS", message, fields=[field.name])
        return None if value is None else value.lower()

    return convert


def _picklist(field: Field) -> Converter:
    text: Callable[[Any], str | None] = _text(field)
    picklist = field.picklist
    allowed = frozenset(picklist.values) if picklist and picklist.restricted else None

    def convert(raw: Any) -> str | None:
        value = text(raw)
        if allowed is not None and value is not None and value not in allowed:
            raise bad_picklist_value(field, value)
        return value

    return convert


def bad_picklist_value(field: Field, value: Any) -> OrgError:
    """The refusal of a value that a restricted picklist does not have."""
    message = f"{field.label}: bad value for restricted picklist field: {value}"
    return OrgError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, fields=[field.name])


def _number(field: Field, digits: int, scale: int) -> Converter:
    quantum, limit = Decimal(1).scaleb(-scale), Decimal(10) ** digits

    def convert(value: Any) -> Decimal | None:
        if value == "":
            return None
        exact: Decimal = value if value.__class__ is Decimal else _decimal(field, value)
        try:
            rounded = exact.quantize(quantum, ROUND_HALF_UP)
        except InvalidOperation:
            rounded = limit
        if not -limit < rounded < limit:
            message = f"{field.label}: value outside of valid range on numeric field: {value}"
            raise OrgError("NUMBER_OUTSIDE_VALID_RANGE", message, fields=[field.name])
        return rounded

    return convert


def _decimal(field: Field, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise BadValueError(field, value)
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise BadValueError(field, value) from error
    if not number.is_finite():
        raise BadValueError(field, value)
    return number


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and (known := _BOOLEANS.get(value.lower())) is not None:
        return known
    raise BadValueError(field, value)


def _date(field: Field, value: Any) -> date | None:
    if value == "":
        return None
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError as error:
        raise BadValueError(field, value) from error
    raise BadValueError(field, value)


def _datetime(field: Field, value: Any) -> datetime | None:
    if value == "":
        return None
    try:
        if isinstance(value, str) and _DATETIME.fullmatch(value):
            return datetime.fromisoformat(value).astimezone(UTC).replace(microsecond=0)
    except ValueError as error:
        raise BadValueError(field, value) from error
    raise BadValueError(field, value)


def _reference(field: Field, find: Find, prefixes: Mapping[str, str]) -> Converter:
    targets = frozenset(field.reference_to)

    def convert(value: Any) -> str | None:
        if not isinstance(value, str):
            raise BadValueError(field, value)
        if not value:
            return None
        record_id = to_18(value)
        if record_id is None:
            raise _wrong_id("MALFORMED_ID", field, value)
        if prefixes.get(record_id[:3]) not in targets:
            raise _wrong_id("FIELD_INTEGRITY_EXCEPTION", field, value)
        row = find(record_id)
        if row is None:
            raise OrgError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if row["IsDeleted"]:
            raise OrgError("ENTITY_IS_DELETED", "entity is deleted")
        return record_id

    return convert


def _wrong_id(code: str, field: Field, value: str) -> OrgError:
    return OrgError(code, f"{field.label}: id value of incorrect type: {value}", fields=[field.name])


def to_wire(field: Field, value: Any) -> Any:
    """The row's value as JSON shows it."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal):
        return int(value) if field.type == "int" else float(value)
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else value


def stamp(moment: datetime) -> str:
    """An instant the way Salesforce writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
