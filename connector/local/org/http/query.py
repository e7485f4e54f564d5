"""`/query` and `/queryAll`, page by page."""

import re
from typing import Any

from flask import Blueprint, Response, g, request

from connector.local.org.http.context import asked, base, the_org, the_view
from connector.local.org.model import OrgError
from connector.local.org.soql import run_query
from connector.local.org.wire import reply

query = Blueprint("query", __name__)
_LARGEST_PAGE, _SMALLEST_PAGE = 2_000, 200
_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


@query.get("/query")
def run() -> Response:
    """The first page of a query."""
    return _run(include_deleted=False)


@query.get("/queryAll")
def run_all() -> Response:
    """The same, deleted rows included."""
    return _run(include_deleted=True)


@query.get("/query/<locator>")
@query.get("/queryAll/<locator>")
def more(locator: str) -> Response:
    """A later page."""
    key, _, offset = locator.rpartition("-")
    cursors = the_org().cursors
    if the_org().faults.strike("expire_locators", asked()):
        cursors.drop_all()
    if not offset.isdigit():
        raise OrgError("INVALID_QUERY_LOCATOR", "invalid query locator")
    cursor = cursors.find(key, the_view().user_id)
    return reply(_page(cursor.records, int(offset), cursor.page, len(cursor.records), key))


def _run(*, include_deleted: bool) -> Response:
    text = request.args.get("q")
    if not text:
        raise OrgError("MALFORMED_QUERY", "A query string has to be specified")
    org, view = the_org(), the_view()
    with org.store.lock:
        result = run_query(text, org.source(view), include_deleted=include_deleted, api_version=g.version)
    page = _page_size()
    if result.aggregate or len(result.records) <= page:
        return reply({"totalSize": result.total_size, "done": True, "records": result.records})
    key = org.cursors.open(view.user_id, result.records, page)
    return reply(_page(result.records, 0, page, result.total_size, key))


def _page(records: list[dict[str, Any]], start: int, size: int, total: int, key: str) -> dict[str, Any]:
    end = start + size
    answer: dict[str, Any] = {"totalSize": total, "done": end >= len(records), "records": records[start:end]}
    if not answer["done"]:
        answer["nextRecordsUrl"] = f"{base()}/query/{key}-{end}"
    return answer


def _page_size() -> int:
    found = _BATCH_SIZE.search(request.headers.get("Sforce-Query-Options", ""))
    return min(max(int(found[1]), _SMALLEST_PAGE), _LARGEST_PAGE) if found else _LARGEST_PAGE
