"""`/ui-api/records`: one record, several, and saving one.

After a save a real org answers with the fields of the page layout; here it is the name and what was sent.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Response

from connector.local.org.dml import Saved, Writer
from connector.local.org.http.conditions import date_of
from connector.local.org.http.context import alone, body, the_org, the_remover, the_view
from connector.local.org.model import OrgError, Row, SObject
from connector.local.org.ui.refusals import changed_meanwhile, not_saved, unreadable
from connector.local.org.ui.requests import found, listed, refuse_parameters, supported
from connector.local.org.ui.selecting import Selection
from connector.local.org.values import BadValueError
from connector.local.org.wire import nothing, reply

records = Blueprint("ui_records", __name__)
_MOST = 200
_NOT_TAKEN = ("layoutTypes", "modes", "childRelationships", "updateMru")


@records.get("/ui-api/records/<record_id>")
def read(record_id: str) -> Response:
    """One record, with the fields asked for."""
    _check_parameters()
    with the_org().store.lock:
        return reply(_read(record_id, lambda _: True))


@records.get("/ui-api/records/batch/<ids>")
def read_many(ids: str) -> Response:
    """Several records, each with the fields of its object, and with its own status."""
    _check_parameters()
    wanted = ids.split(",")
    if len(wanted) > _MOST:
        raise OrgError("LIMIT_EXCEEDED", f"No more than {_MOST} records can be asked for, not {len(wanted)}.")
    with the_org().store.lock:
        results = [_read_one_of_many(record_id) for record_id in wanted]
    return reply({"hasErrors": any(result["statusCode"] >= 400 for result in results), "results": results})


@records.post("/ui-api/records")
def create() -> Response:
    """Make a record: {"apiName": …, "fields": {…}}."""
    given = body()
    item = supported(str(given.get("apiName")))
    fields = _fields(given)
    return _saved(item, fields, 201, lambda: alone(item, None, lambda writer: writer.insert(item.name, fields)))


@records.patch("/ui-api/records/<record_id>")
def update(record_id: str) -> Response:
    """Change a record: {"fields": {…}}; with `If-Unmodified-Since`, only as long as nobody else has."""
    item, _ = found(record_id)
    since = date_of("If-Unmodified-Since")
    fields = _fields(body())

    def change(writer: Writer) -> Saved:
        row = found(record_id)[1]
        if since is not None and row["LastModifiedDate"] > since:
            raise changed_meanwhile(_name_of(row["LastModifiedById"]))
        return writer.update(item.name, record_id, fields)

    return _saved(item, fields, 200, lambda: alone(item, record_id, change))


@records.delete("/ui-api/records/<record_id>")
def delete(record_id: str) -> Response:
    """Move a record to the recycle bin."""
    item, _ = found(record_id)
    alone(item, record_id, lambda _: the_remover().delete(item.name, record_id))
    return nothing()


records.register_error_handler(BadValueError, unreadable)


def _check_parameters() -> None:
    refuse_parameters(*_NOT_TAKEN)
    if not listed("fields") and not listed("optionalFields"):
        raise OrgError("ILLEGAL_QUERY_PARAMETER_VALUE", "Name the fields to read in fields or optionalFields.")


def _read(record_id: str, wanted: Callable[[str], bool]) -> dict[str, Any]:
    item, row = found(record_id)
    selection = Selection(the_org(), the_view(), item)
    selection.add(name for name in listed("fields") if wanted(name))
    selection.add_optional(name for name in listed("optionalFields") if wanted(name))
    return selection.record(row)


def _read_one_of_many(record_id: str) -> dict[str, Any]:
    try:
        prefix = f"{found(record_id)[0].name}.".lower()
        return {"result": _read(record_id, lambda name: name.lower().startswith(prefix)), "statusCode": 200}
    except OrgError as error:
        return {"result": [{"errorCode": error.code, "message": error.message}], "statusCode": error.status}


def _saved(item: SObject, fields: dict[str, Any], status: int, save: Callable[[], Saved]) -> Response:
    try:
        record_id = save().id or ""
    except OrgError as error:
        if error.code in {"NOT_FOUND", "INSUFFICIENT_ACCESS"}:  # deleted, or taken away, since it was looked up
            raise
        return not_saved(error, item)
    with the_org().store.lock:
        row = the_org().store.table(item.name).rows[record_id]
        return reply(_after(item, row, fields), status)


def _after(item: SObject, row: Row, sent: Iterable[str]) -> dict[str, Any]:
    names = [own.name for own in item.fields.values() if own.name_field]
    selection = Selection(the_org(), the_view(), item)
    selection.add_optional(f"{item.name}.{name}" for name in (*names, *sent))
    return selection.record(row)


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    fields = given.get("fields")
    if not isinstance(fields, dict):
        raise OrgError("POST_BODY_PARSE_ERROR", 'Send {"fields": {…}} with the values by API name.')
    return {name: value for name, value in fields.items() if name != "Id"}


def _name_of(user_id: str) -> str:
    user = the_org().store.find(user_id)
    return "somebody else" if user is None else str(user["Name"])
