"""What every resource needs of the request at hand: the org, the user, the API version, the body."""

from collections.abc import Callable
from typing import Any

from flask import current_app, g, request

from connector.local.org.access import Rights
from connector.local.org.dml import Saved, Writer
from connector.local.org.faults import Asked, RowFailure
from connector.local.org.model import OrgError, SObject
from connector.local.org.org import Org, View
from connector.local.org.removal import Remover
from connector.local.org.wire import decode_object


def the_org() -> Org:
    """The org that this app serves."""
    org: Org = current_app.extensions["org"]
    return org


def the_view() -> View:
    """The org as the user of this request sees it."""
    view: View = g.view
    return view


def the_writer() -> Writer:
    """Writes as the user of this request."""
    return the_org().writer(the_view(), g.get("stamp"))


def the_remover() -> Remover:
    """Deletes as the user of this request."""
    return the_org().remover(the_view(), g.get("stamp"))


def alone(item: SObject, record_id: str | None, write: Callable[[Writer], Saved]) -> Saved:
    """One row in its own transaction; faults may hit it."""
    failure = row_failure(item.name)
    if failure is not None and (error := failure(0, record_id)):
        raise error
    writer = the_writer()
    with writer.store.transaction():
        return write(writer)


def base() -> str:
    """`/services/data/vXX.X` of this request."""
    return f"/services/data/{g.version}"


def body() -> dict[str, Any]:
    """The request's body, a JSON object with exact numbers. A sub-request brings it decoded."""
    inner = request.environ.get("org.body")
    if isinstance(inner, dict):
        return inner
    if request.path.startswith("/services/") and request.mimetype not in {"", "application/json"}:
        raise OrgError("UNSUPPORTED_MEDIA_TYPE", f"Send application/json, not {request.mimetype}", 415)
    return decode_object(request.get_data())


def seen(name: str) -> tuple[SObject, Rights]:
    """The object of that name as the user sees it. Raises NOT_FOUND."""
    access = the_view().access
    sobject = access.schema.get(name)
    if sobject is None:
        raise OrgError("NOT_FOUND", "The requested resource does not exist", 404)
    return sobject, access.rights[sobject.name.lower()]


def asked(sobject: str | None = None) -> Asked:
    """This request as faults look at it."""
    return Asked(request.method, request.full_path, b"" if sobject else request.get_data(), sobject)


def row_failure(sobject: str) -> RowFailure | None:
    """Which rows of that object in this request are to fail."""
    return the_org().faults.row_failure(asked(sobject))
