"""`/composite/sobjects`: up to 200 records a request, each with its own result. The busiest resource of all."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, request

from connector.local.org.batch import Action, refuse_repeated, repeated, run_rows
from connector.local.org.dml import Record, Saved, Writer, key_column
from connector.local.org.faults import RowFailure
from connector.local.org.http.context import base, body, row_failure, seen, the_org, the_remover, the_view, the_writer
from connector.local.org.http.sobjects import record_fields
from connector.local.org.ids import to_18
from connector.local.org.model import OrgError, Row, SObject
from connector.local.org.wire import reply, row_error

collections = Blueprint("collections", __name__)
_MOST_ROWS = 200
_MOST_READ = 2_000
_MOST_CHUNKS = 10


@collections.post("/composite/sobjects")
def insert() -> Response:
    """Make records."""
    records, all_or_none = _records()
    _check_chunks(records)
    writer = the_writer()
    actions = [_insert(writer, record) for record in records]
    return _run(writer, actions, [None] * len(records), records, all_or_none)


@collections.patch("/composite/sobjects")
def update() -> Response:
    """Change records by id."""
    records, all_or_none = _records()
    _check_chunks(records)
    writer = the_writer()
    ids = [_pop(record, "id") for record in records]
    again = repeated(to_18(given) if isinstance(given, str) else None for given in ids)
    actions = [_update(writer, given, record, again) for given, record in zip(ids, records, strict=True)]
    return _run(writer, actions, ids, records, all_or_none)


@collections.patch("/composite/sobjects/<name>/<key>")
def upsert(name: str, key: str) -> Response:
    """Make or change records of one object by external id."""
    item, _ = seen(name)
    records, all_or_none = _records()
    wrong = next((record for record in records if type_of(record).lower() != item.name.lower()), None)
    if wrong is not None:
        message = f"Unexpected type {type_of(wrong)}: all records of this request must be of type {item.name}"
        raise OrgError("INVALID_TYPE", message)
    writer = the_writer()
    field = key_column(writer.plan_of(item.name), key).field.name
    keys = [_get(record, field) for record in records]
    again = repeated(keys)

    def action(record: Record, value: Any) -> Action:
        def run() -> Saved:
            refuse_repeated(value, again)
            return writer.upsert(item.name, field, value, record)

        return run

    actions = [action(record, value) for record, value in zip(records, keys, strict=True)]
    return _run(writer, actions, [None] * len(records), records, all_or_none, upserting=True)


@collections.delete("/composite/sobjects")
def delete() -> Response:
    """Delete records of any objects by id."""
    ids = [given for given in request.args.get("ids", "").split(",") if given]
    _check_count(len(ids), _MOST_ROWS)
    all_or_none = request.args.get("allOrNone", "false").lower() == "true"
    remover = the_remover()
    store = the_org().store

    def action(given: str) -> Action:
        def run() -> Saved:
            table = store.table_of(to_18(given) or "")
            if table is None:
                raise OrgError("MALFORMED_ID", f"malformed id {given}")
            return remover.delete(table.sobject.name, given)

        return run

    names = [table.sobject.name if (table := store.table_of(given)) else "" for given in ids]
    results = run_rows(
        remover.writer, [action(given) for given in ids], ids, all_or_none=all_or_none, failure=_failures(names)
    )
    return reply([_result(saved, upserting=False) for saved in results])


@collections.get("/composite/sobjects/<name>")
def read(name: str) -> Response:
    """Records of one object by id; null for those that are not there."""
    return _read(name, request.args.get("ids", "").split(","), request.args.get("fields", "").split(","))


@collections.post("/composite/sobjects/<name>")
def read_many(name: str) -> Response:
    """The same, with the ids in the body."""
    given = body()
    return _read(name, given.get("ids") or [], given.get("fields") or [])


def _read(name: str, ids: list[str], names: list[str]) -> Response:
    item, _ = seen(name)
    _check_count(len(ids), _MOST_READ if request.method == "POST" else _MOST_ROWS)
    if not any(names):
        raise OrgError("INVALID_FIELD", "Name the fields to read in 'fields'.")
    org = the_org()
    with org.store.lock:
        source = org.source(the_view())
        return reply([_found(item, source.by_id(item.name, to_18(given) or ""), names) for given in ids])


def _found(item: SObject, row: Row | None, names: list[str]) -> dict[str, Any] | None:
    if row is None or row["IsDeleted"]:
        return None
    url = f"{base()}/sobjects/{item.name}/{row['Id']}"
    return {"attributes": {"type": item.name, "url": url}, **record_fields(item, row, names)}


def _records() -> tuple[list[dict[str, Any]], bool]:
    given = body()
    records = given.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise OrgError("JSON_PARSER_ERROR", "'records' must be a list of objects at [line:1, column:1]")
    _check_count(len(records), _MOST_ROWS)
    for record in records:
        type_of(record)
    return records, given.get("allOrNone") is True


def _check_count(count: int, most: int) -> None:
    if count > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise OrgError("EXCEEDED_ID_LIMIT", message)
    if not count:
        raise OrgError("INVALID_INPUT", "There are no records in this request.")  # unverified wording


def _check_chunks(records: list[dict[str, Any]]) -> None:
    if sum(1 for _ in groupby(records, key=lambda record: type_of(record).lower())) > _MOST_CHUNKS:
        message = (
            f"Cannot have more than {_MOST_CHUNKS} chunks in a single operation. Please rearrange the data to reduce "
            "chunking."
        )
        raise OrgError("LIMIT_EXCEEDED", message)  # unverified code


def type_of(record: Record) -> str:
    """The object that a record says it is of. Raises INVALID_INPUT where it says none."""
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise OrgError("INVALID_INPUT", "Include an entity type in 'attributes.type' of each record.")
    return name


def _get(record: Record, name: str) -> Any:
    if name in record:
        return record[name]
    return next((value for given, value in record.items() if given.lower() == name.lower()), None)


def _pop(record: dict[str, Any], name: str) -> Any:
    found = next((given for given in record if given.lower() == name), None)
    return record.pop(found) if found is not None else None


def _insert(writer: Writer, record: Record) -> Action:
    return lambda: writer.insert(type_of(record), record)


def _update(writer: Writer, record_id: Any, record: Record, again: set[Any]) -> Action:
    def run() -> Saved:
        if record_id is None:
            raise OrgError("MISSING_ARGUMENT", "Id not specified in an update call")
        refuse_repeated(to_18(str(record_id)), again)
        return writer.update(type_of(record), record_id, record)

    return run


def _failures(names: list[str]) -> RowFailure | None:
    """Faults are asked once per object; each sees the rows' numbers in the whole request."""
    by_name: dict[str, RowFailure | None] = {name: row_failure(name) for name in dict.fromkeys(names) if name}
    if not any(by_name.values()):
        return None

    def fails(number: int, record_id: str | None) -> OrgError | None:
        failure = by_name.get(names[number])
        return failure(number, record_id) if failure else None

    return fails


def _run(
    writer: Writer,
    actions: list[Callable[[], Saved]],
    ids: list[str | None],
    records: list[dict[str, Any]],
    all_or_none: bool,
    *,
    upserting: bool = False,
) -> Response:
    schema = the_view().access.schema
    names = [found.name if (found := schema.get(type_of(record))) else "" for record in records]
    results = run_rows(writer, actions, ids, all_or_none=all_or_none, failure=_failures(names))
    return reply([_result(saved, upserting=upserting) for saved in results])


def _result(saved: Saved, *, upserting: bool) -> dict[str, Any]:
    result: dict[str, Any] = {} if saved.id is None else {"id": saved.id}
    result |= {"success": not saved.errors, "errors": [row_error(error) for error in saved.errors]}
    if upserting and saved.created is not None:
        result["created"] = saved.created
    return result
