"""`/ui-api/object-info`: objects, and the values of their picklists. Infos are kept: they are large and never change
but for the currencies in force.
"""

import json
from typing import Any

from flask import Blueprint, Response, request

from connector.local.org.http.context import base, the_org, the_view
from connector.local.org.model import OrgError, SObject
from connector.local.org.ui.object_info import object_info, picklist_values
from connector.local.org.ui.requests import supported
from connector.local.org.ui.selecting import MASTER, etag
from connector.local.org.wire import JSON_TYPE, reply

infos = Blueprint("ui_infos", __name__)


@infos.get("/ui-api/object-info/<name>")
def read(name: str) -> Response:
    """One object."""
    return Response(_info(name), content_type=JSON_TYPE)


@infos.get("/ui-api/object-info/batch/<names>")
def read_many(names: str) -> Response:
    """Several objects, each with its own status."""
    return reply({"results": [_one_of_many(name) for name in names.split(",")]})


@infos.get("/ui-api/object-info/<name>/picklist-values/<record_type_id>")
def all_values(name: str, record_type_id: str) -> Response:
    """The values of every picklist of the object."""
    item = _of_master(name, record_type_id)
    found = {own.name: _values(item, own.name) for own in item.fields.values() if own.picklist}
    return reply({"eTag": etag(found), "picklistFieldValues": found})


@infos.get("/ui-api/object-info/<name>/picklist-values/<record_type_id>/<field>")
def values(name: str, record_type_id: str, field: str) -> Response:
    """The values of one picklist. The field may be written with its object."""
    item = _of_master(name, record_type_id)
    return reply(_values(item, field.removeprefix(f"{item.name}.")))


def _info(name: str) -> bytes:
    org, view = the_org(), the_view()
    item = supported(name)
    key = f"info {base()} {item.name} {request.host_url} {org.active_currencies()}"
    if key not in view.described:
        info = object_info(item, org, view, base(), request.host_url.rstrip("/"))
        view.described[key] = json.dumps(info).encode()
    return view.described[key]


def _one_of_many(name: str) -> dict[str, Any]:
    try:
        return {"result": json.loads(_info(name)), "statusCode": 200}
    except OrgError as error:
        return {"result": [{"errorCode": error.code, "message": error.message}], "statusCode": error.status}


def _of_master(name: str, record_type_id: str) -> SObject:
    item = supported(name)
    if record_type_id not in {MASTER, MASTER[:15]}:
        raise OrgError("NOT_FOUND", f"{item.name} has no record type {record_type_id}, only {MASTER}", 404)
    return item


def _values(item: SObject, name: str) -> dict[str, Any]:
    own = item.get(name)
    if own is None or own.picklist is None:
        raise OrgError("INVALID_FIELD", f"{item.name} has no picklist {name}")  # unverified wording
    return picklist_values(item, own, the_org().active_currencies(), base())
