"""`/ui-api/related-list-records`: the children of a record, sorted and page by page.

Children are found by the name of the relationship. A real org has only the lists of the page layout, and of those the
columns that it shows besides the fields asked for. A filter (`where`) is refused: use GraphQL.
"""

import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from connector.local.org.http.context import base, body, the_org, the_view
from connector.local.org.model import Child, OrgError, SObject
from connector.local.org.soql import run_query
from connector.local.org.ui.requests import found, listed, supported
from connector.local.org.ui.selecting import MASTER, Selection, etag
from connector.local.org.wire import reply

related_lists = Blueprint("ui_related_lists", __name__)
_LARGEST_PAGE, _PAGE = 1_999, 50
_FIELD = re.compile(r"(-?)([A-Za-z]\w*(?:\.[A-Za-z]\w*)*)")
_PARAMETERS = {"fields", "optionalFields", "pageSize", "pageToken", "sortBy"}


@dataclass(frozen=True)
class _Asked:
    """What a request says besides the list itself."""

    fields: list[str]
    optional: list[str]
    sort_by: list[str]
    page_size: int
    start: int


@related_lists.get("/ui-api/related-list-records/<parent_id>/<list_id>")
def read(parent_id: str, list_id: str) -> Response:
    """A page of the list."""
    return _page(parent_id, list_id, _asked(dict(request.args), None))


@related_lists.post("/ui-api/related-list-records/<parent_id>/<list_id>")
def read_posted(parent_id: str, list_id: str) -> Response:
    """The same, asked for in a body."""
    given = body()
    return _page(parent_id, list_id, _asked(given, given))


def _asked(given: dict[str, Any], posted: dict[str, Any] | None) -> _Asked:
    if unknown := sorted(set(given) - _PARAMETERS):
        raise OrgError("NOT_IMPLEMENTED_LOCALLY", f"The local org's related lists take no {unknown[0]}.", 501)
    size, token = (str(given.get(name) or default) for name, default in (("pageSize", _PAGE), ("pageToken", "0")))
    if not size.isdigit() or not 1 <= int(size) <= _LARGEST_PAGE or not token.isdigit():
        message = f"pageSize must be from 1 to {_LARGEST_PAGE}, and pageToken one that an answer gave."
        raise OrgError("ILLEGAL_QUERY_PARAMETER_VALUE", message)
    sort_by = listed("sortBy", posted)
    if len(sort_by) > 1 or not all(map(_FIELD.fullmatch, sort_by)):
        raise OrgError("ILLEGAL_QUERY_PARAMETER_VALUE", "sortBy takes one field, with - before it to descend.")
    return _Asked(listed("fields", posted), listed("optionalFields", posted), sort_by, int(size), int(token))


def _page(parent_id: str, list_id: str, asked: _Asked) -> Response:
    org, view = the_org(), the_view()
    with org.store.lock:
        parent, row = found(parent_id)
        child = _child(parent, list_id)
        item = supported(child.sobject)
        selection = Selection(org, view, item, bare=True)
        selection.add(asked.fields)
        selection.add_optional(asked.optional)
        ids = _ids(item, child, row["Id"], asked)
        rows = [org.store.table(item.name).rows[one] for one in ids[: asked.page_size]]
        records = [selection.record(one) for one in rows]
    reference = _reference(parent, item, list_id, row["Id"])
    return reply(_collection(asked, records, len(ids) > asked.page_size, reference))


def _child(parent: SObject, list_id: str) -> Child:
    for child in parent.children:
        if child.relationship_name == list_id:
            return child
    raise OrgError("NOT_FOUND", f"{parent.name} has no related list {list_id}", 404)  # unverified wording


def _ids(item: SObject, child: Child, parent_id: str, asked: _Asked) -> list[str]:
    """Ids of the records of the page, and of one more where there is one."""
    text = f"SELECT Id FROM {item.name} WHERE {child.field} = '{parent_id}'"  # noqa: S608 - names are checked
    for part in asked.sort_by:
        if match := _FIELD.fullmatch(part):
            text += f" ORDER BY {match[2]} {'DESC' if match[1] else 'ASC'}"
    text += f" LIMIT {asked.page_size + 1} OFFSET {asked.start}"
    return [record["Id"] for record in run_query(text, the_org().source(the_view())).records]


def _reference(parent: SObject, item: SObject, list_id: str, parent_id: str) -> dict[str, Any]:
    return {
        "id": None,
        "inContextOfRecordId": parent_id,
        "listViewApiName": None,
        "objectApiName": item.name,
        "parentObjectApiName": parent.name,
        "recordTypeId": MASTER,
        "relatedListId": list_id,
        "type": "relatedList",
    }


def _collection(asked: _Asked, records: list[dict[str, Any]], more: bool, reference: dict[str, Any]) -> dict[str, Any]:
    start, size = asked.start, asked.page_size
    following = str(start + size) if more else None
    before = str(max(start - size, 0)) if start else None
    path = f"{base()}/ui-api/related-list-records/{reference['inContextOfRecordId']}/{reference['relatedListId']}"
    tokens = {"current": str(start), "next": following, "previous": before}
    pages: dict[str, Any] = {f"{name}PageToken": token for name, token in tokens.items()}
    for name, token in tokens.items():
        pages[f"{name}PageUrl"] = token and f"{path}?{_query(asked, token)}"
    return {
        "count": len(records),
        **pages,
        "fields": asked.fields,
        "listInfoETag": etag(reference),
        "listReference": reference,
        "optionalFields": asked.optional,
        "pageSize": size,
        "records": records,
        "sortBy": asked.sort_by,
    }


def _query(asked: _Asked, token: str) -> str:
    lists = {"fields": asked.fields, "optionalFields": asked.optional, "sortBy": asked.sort_by}
    parts = [f"{name}={','.join(names)}" for name, names in lists.items() if names]
    return "&".join([*parts, f"pageSize={asked.page_size}", f"pageToken={token}"])
