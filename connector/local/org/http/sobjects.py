"""`/sobjects`: describe, and one record at a time, by id or by external id."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request

from connector.local.org.describe import full, summary
from connector.local.org.dml import Saved, TooManyError, Writer, key_column
from connector.local.org.http.conditions import check_unmodified, date_of, not_modified
from connector.local.org.http.context import alone, base, body, seen, the_org, the_remover, the_view, the_writer
from connector.local.org.ids import to_18
from connector.local.org.model import OrgError, Row, SObject
from connector.local.org.values import stamp, to_wire
from connector.local.org.wire import JSON_TYPE, nothing, refusal, reply

sobjects = Blueprint("sobjects", __name__)
_LONGEST_LOOK_BACK = timedelta(days=30)


@sobjects.get("/sobjects")
def list_objects() -> Response:
    """The global describe."""
    access = the_view().access
    items = [summary(item, access.rights[name], base()) for name, item in access.schema.objects.items()]
    return reply({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": sorted(items, key=lambda item: item["name"])})


@sobjects.get("/sobjects/<name>")
def basic_information(name: str) -> Response:
    """The object in short."""
    item, rights = seen(name)
    return reply({"objectDescribe": summary(item, rights, base()), "recentItems": []})


@sobjects.get("/sobjects/<name>/describe")
def describe(name: str) -> Response:
    """The object in full. Answers are kept: a describe is large and asked for often."""
    item, rights = seen(name)
    view, org = the_view(), the_org()
    currencies = org.active_currencies()
    key = f"{base()} {item.name} {currencies}"
    if key not in view.described:
        view.described[key] = json.dumps(full(item, rights, base(), view.access.schema, currencies)).encode()
    return Response(view.described[key], content_type=JSON_TYPE)


@sobjects.post("/sobjects/<name>")
def create(name: str) -> Response:
    """Make a record."""
    item, _ = seen(name)
    saved = alone(item, None, lambda writer: writer.insert(item.name, _without_id(body())))
    return _created(item, saved)


@sobjects.get("/sobjects/<name>/<record_id>")
def read(name: str, record_id: str) -> Response:
    """One record, with the fields asked for or all of them."""
    item, _ = seen(name)
    with the_org().store.lock:  # nobody sees half a transaction
        return _shown(item, _row(item, record_id))


@sobjects.patch("/sobjects/<name>/<record_id>")
def update(name: str, record_id: str) -> Response:
    """Change a record."""
    item, _ = seen(name)
    since = date_of("If-Unmodified-Since")
    _row(item, record_id)
    changes = _without_id(body())

    def change(writer: Writer) -> Saved:
        check_unmodified(_row(item, record_id), since)
        return writer.update(item.name, record_id, changes)

    alone(item, record_id, change)
    return nothing()


@sobjects.delete("/sobjects/<name>/<record_id>")
def delete(name: str, record_id: str) -> Response:
    """Move a record to the recycle bin."""
    item, _ = seen(name)
    _row(item, record_id)
    alone(item, record_id, lambda _: the_remover().delete(item.name, record_id))
    return nothing()


@sobjects.get("/sobjects/<name>/<key>/<path:value>")
def read_by_key(name: str, key: str, value: str) -> Response:
    """One record, by external id."""
    item, _ = seen(name)
    with the_org().store.lock:
        return _shown(item, _row(item, _by_key(item, key, value)))


@sobjects.delete("/sobjects/<name>/<key>/<path:value>")
def delete_by_key(name: str, key: str, value: str) -> Response:
    """Delete by external id."""
    item, _ = seen(name)
    record_id = _by_key(item, key, value)
    alone(item, record_id, lambda _: the_remover().delete(item.name, record_id))
    return nothing()


@sobjects.route("/sobjects/<name>/<key>/<path:value>", methods=["PATCH"])
def upsert(name: str, key: str, value: str) -> Response:
    """Make or change the record with that external id."""
    item, _ = seen(name)
    record = body()
    field = key_column(the_writer().plan_of(item.name), key).field
    if any(given.lower() == field.name.lower() for given in record):
        raise OrgError("INVALID_FIELD", f"The {field.name} field should not be specified in the sobject data.")
    only = request.args.get("updateOnly", "").lower() == "true"
    saved = alone(item, None, lambda writer: writer.upsert(item.name, key, value, record, update_only=only))
    status = 201 if saved.created else 200
    return reply({"id": saved.id, "success": True, "errors": [], "created": saved.created}, status)


@sobjects.get("/sobjects/<name>/updated")
def updated(name: str) -> Response:
    """Ids of the records that changed between two minutes."""
    item, _ = seen(name)
    start, end = _period()
    ids = [row["Id"] for row in _all(item) if start <= row["SystemModstamp"] < end and not row["IsDeleted"]]
    return reply({"ids": ids, "latestDateCovered": stamp(end)})


@sobjects.get("/sobjects/<name>/deleted")
def deleted(name: str) -> Response:
    """Records that were deleted between two minutes."""
    item, _ = seen(name)
    start, end = _period()
    gone_at = {row["Id"]: row["SystemModstamp"] for row in _all(item) if row["IsDeleted"]}
    gone = [{"id": key, "deletedDate": stamp(at)} for key, at in gone_at.items() if start <= at < end]
    earliest = min(gone_at.values(), default=start)
    covered = {"earliestDateAvailable": stamp(earliest), "latestDateCovered": stamp(end)}
    return reply({"deletedRecords": gone, **covered})


def _all(item: SObject) -> list[Row]:
    org = the_org()
    with org.store.lock:
        return list(org.source(the_view()).rows(item.name))


@sobjects.app_errorhandler(TooManyError)
def many_choices(error: TooManyError) -> Response:
    """300, with the addresses of the records that share the external id."""
    table = the_org().store.table_of(error.found[0])
    if table is None:
        return refusal(error)
    return reply([f"{base()}/sobjects/{table.sobject.name}/{record_id}" for record_id in error.found], 300)


def _created(item: SObject, saved: Saved) -> Response:
    answer = reply({"id": saved.id, "success": True, "errors": []}, 201)
    answer.headers["Location"] = f"{base()}/sobjects/{item.name}/{quote(saved.id or '')}"
    return answer


def _without_id(record: dict[str, Any]) -> dict[str, Any]:
    if any(name.lower() == "id" for name in record):
        raise OrgError("INVALID_FIELD", "The Id field should not be specified in the sobject data.")
    return record


def _row(item: SObject, record_id: str) -> Row:
    """The live row with that id. Raises 404."""
    full_id = to_18(record_id)
    if full_id is None:
        message = f"Provided external ID field does not exist or is not accessible: {record_id}"
        raise OrgError("NOT_FOUND", message, 404)
    row = the_org().source(the_view()).by_id(item.name, full_id)
    if row is None and request.method == "GET":
        raise OrgError("NOT_FOUND", "The requested resource does not exist", 404)
    if row is None:
        raise OrgError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", 404)
    if row["IsDeleted"]:
        raise OrgError("ENTITY_IS_DELETED", "entity is deleted", 404)
    return row


def _by_key(item: SObject, key: str, value: str) -> str:
    writer = the_writer()
    plan = writer.plan_of(item.name)
    column = key_column(plan, key)
    if column.field.name == "Id":
        return str(_row(item, value)["Id"])
    found = writer.live(plan, column.field.name, column.convert(value))
    if not found:
        raise OrgError("NOT_FOUND", "The requested resource does not exist", 404)
    if len(found) > 1:
        raise TooManyError("DUPLICATE_EXTERNAL_ID", "More than one record has this external id.", found=found)
    return found[0]


def _shown(item: SObject, row: Row) -> Response:
    if (unchanged := not_modified(row)) is not None:
        return unchanged
    names = [name for name in request.args.get("fields", "").split(",") if name]
    url = f"{base()}/sobjects/{item.name}/{row['Id']}"
    return reply({"attributes": {"type": item.name, "url": url}, **record_fields(item, row, names)})


def record_fields(item: SObject, row: Row, names: list[str]) -> dict[str, Any]:
    """The named fields of a row (all that the user sees where none is named), as JSON shows them."""
    source = the_org().source(the_view())
    fields = [item.get(name.strip()) for name in names] if names else list(item.fields.values())
    for name, field in zip(names, fields, strict=False):
        if field is None:
            raise OrgError("INVALID_FIELD", f"No such column '{name}' on sobject of type {item.name}")
    return {field.name: to_wire(field, source.value(item.name, row, field.name)) for field in fields if field}


def _period() -> tuple[datetime, datetime]:
    """`start` and `end`, floored to the minute. Raises INVALID_REPLICATION_DATE."""
    try:
        start, end = (datetime.fromisoformat(request.args[name]).astimezone(UTC) for name in ("start", "end"))
    except (KeyError, ValueError) as error:
        raise OrgError("INVALID_REPLICATION_DATE", "start and end must be ISO 8601 dates with an offset") from error
    start, end = (moment.replace(second=0, microsecond=0) for moment in (start, end))
    if start >= end:
        raise OrgError("INVALID_REPLICATION_DATE", "startDate must be at least one minute before endDate")
    if start < datetime.now(UTC) - _LONGEST_LOOK_BACK:
        raise OrgError("INVALID_REPLICATION_DATE", "startDate before org replication enabled date")
    return start, end
