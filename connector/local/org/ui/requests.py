"""What the resources of the UI API need of a request: the object or record it is about, and lists in its address."""

from typing import Any

from flask import request

from connector.local.org.http.context import the_org, the_view
from connector.local.org.ids import to_18
from connector.local.org.model import OrgError, Row, SObject
from connector.local.org.sharing import Level
from connector.local.org.standard import SETUP_OBJECTS
from connector.local.org.ui.refusals import no_access, no_such_record

# a real org's list is long; of the objects here it has these not (of the last ones unverified)
_NOT_SUPPORTED = {"Task"} | SETUP_OBJECTS - {"User"}


def supported(name: str) -> SObject:
    """The object of that name as the user sees it. Raises where the UI API does not have it."""
    sobject = the_view().access.schema.get(name)
    if sobject is None:
        raise no_such_record()
    if sobject.name in _NOT_SUPPORTED:
        raise OrgError("INVALID_TYPE", f"Object {sobject.name} is not supported in UI API")
    return sobject


def found(record_id: str) -> tuple[SObject, Row]:
    """The record with that id, live and shared with the user, and its object."""
    org, view = the_org(), the_view()
    full = to_18(record_id)
    if full is None:
        raise OrgError("INVALID_ID_FIELD", f"{record_id} is not a record id.")  # unverified code
    table = org.store.table_of(full)
    row = table.rows.get(full) if table else None
    if table is None or row is None or row["IsDeleted"]:
        raise no_such_record()
    if view.access.schema.get(table.sobject.name) is None:
        raise no_access()
    item = supported(table.sobject.name)
    if not view.shared.may(item.name, row, Level.READ):
        raise no_access()
    return item, row


def listed(name: str, given: dict[str, Any] | None = None) -> list[str]:
    """A list of names, from the address (with commas, or said repeatedly) or from a body that was given."""
    if given is not None:
        values = given.get(name) or []
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise OrgError("POST_BODY_PARSE_ERROR", f"{name} must be a list of names.")
        return values
    return [part.strip() for text in request.args.getlist(name) for part in text.split(",") if part.strip()]


def refuse_parameters(*names: str) -> None:
    """Raise 501 where one of these is asked for."""
    for name in names:
        if name in request.args:
            message = f"The local org's UI API takes no {name}; ask for fields by name."
            raise OrgError("NOT_IMPLEMENTED_LOCALLY", message, 501)
