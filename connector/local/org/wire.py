"""JSON in and out of the HTTP interface, and refusals as the real one words them.

`X-PrettyPrint` is answered with line breaks and spaces at C speed, not with true indentation: Python's indenting
encoder would cost more than all the rest of a large answer, and no client reads the difference.
"""

import json
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from flask import Response, request

from connector.local.org.model import Field, OrgError
from connector.local.org.values import BadValueError

JSON_TYPE = "application/json;charset=UTF-8"
_PRETTY = (",\n  ", " : ")
_COMPACT = (",", ":")


def reply(payload: Any, status: int = 200) -> Response:
    """An answer in JSON."""
    pretty = request.headers.get("X-PrettyPrint") in {"1", "true"}
    text = json.dumps(payload, default=_plain, separators=_PRETTY if pretty else _COMPACT)
    return Response(text, status, content_type=JSON_TYPE)


def nothing() -> Response:
    """204."""
    return Response(status=HTTPStatus.NO_CONTENT)


def refusal(error: OrgError) -> Response:
    """The error list that single-record resources answer with."""
    body: dict[str, Any] = {"message": error.message, "errorCode": error.code}
    if error.fields:
        body["fields"] = error.fields
    return reply([body], error.status)


def row_error(error: OrgError) -> dict[str, Any]:
    """An error within a list of results: `statusCode` here, `errorCode` there."""
    return {"statusCode": error.code, "message": error.message, "fields": error.fields}


def decode(raw: bytes) -> Any:
    """The request's JSON with exact numbers. Raises OrgError where it is none."""
    if not raw.strip():
        raise OrgError("JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body.")
    try:
        return json.loads(raw, parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise OrgError("JSON_PARSER_ERROR", f"Invalid UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise OrgError("JSON_PARSER_ERROR", f"{error.msg} at [line:{error.lineno}, column:{error.colno}]") from error


def decode_object(raw: bytes) -> dict[str, Any]:
    """The same, for a body that must be one object."""
    payload = decode(raw)
    if not isinstance(payload, dict):
        raise OrgError("JSON_PARSER_ERROR", "Unexpected type: expected a JSON object at [line:1, column:1]")
    return payload


def unreadable(problem: BadValueError, raw: bytes) -> OrgError:
    """What a real org says when a value cannot be read as its field's type: the whole request is refused."""
    message = (
        f"Cannot deserialize instance of {_parser_type(problem.field)} from {_token(problem.value)} value "
        f"{_shown(problem.value)} or request may be missing a required field at {_place(problem, raw)}"
    )
    return OrgError("JSON_PARSER_ERROR", message)


def _parser_type(field: Field) -> str:
    return "string" if field.type in {"textarea", "phone", "url", "email", "picklist"} else field.type


def _token(value: Any) -> str:
    if value is None:
        return "VALUE_NULL"
    if isinstance(value, bool):
        return f"VALUE_{str(value).upper()}"
    if isinstance(value, dict | list):
        return "START_OBJECT" if isinstance(value, dict) else "START_ARRAY"
    names = {str: "VALUE_STRING", int: "VALUE_NUMBER_INT", Decimal: "VALUE_NUMBER_FLOAT"}
    return names[type(value)]


def _shown(value: Any) -> str:
    return json.dumps(value, default=str).strip('"')


def _place(problem: BadValueError, raw: bytes) -> str:
    """Line and column of the value: of its first occurrence after the field's name."""
    text = raw.decode(errors="replace")
    after = max(text.find(f'"{problem.field.name}"'), 0)
    at = text.find(_shown(problem.value), after + len(problem.field.name) + 2)
    at = max(at, 0)
    line_start = text.rfind("\n", 0, at) + 1
    return f"[line:{text.count(chr(10), 0, at) + 1}, column:{at - line_start + 1}]"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    raise TypeError(f"{type(value).__name__} has no form on the wire")
