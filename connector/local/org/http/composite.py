"""`/composite`, `/composite/batch` and `/composite/graph`: several requests in one, counted as one API call.

Each sub-request goes through the whole app again, so it behaves exactly like the request it stands for.
"""

import re
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, g

from connector.local.org.http.context import body, the_org
from connector.local.org.model import OrgError
from connector.local.org.wire import decode, reply

composite = Blueprint("composite", __name__)
_MOST, _MOST_HEAVY, _MOST_GRAPHS, _MOST_NODES = 25, 5, 75, 500
_REFERENCE = re.compile(r"@\{([^}.\[]+)((?:\.\w+|\[\d+\])*)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_HEAVY = re.compile(r"/(query|queryAll|composite/sobjects)([/?]|$)")
_HALTED = [{"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}]
_ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."


class _NotAllError(Exception):
    """Some sub-request failed, so none may stand."""


@composite.post("/composite")
def run() -> Response:
    """Sub-requests that may refer to the results of earlier ones."""
    given = body()
    requests = _checked(given.get("compositeRequest"), _MOST)
    heavy = [item for item in requests if _HEAVY.search(str(item.get("url")))]
    if len(heavy) > _MOST_HEAVY:
        raise OrgError("LIMIT_EXCEEDED", f"No more than {_MOST_HEAVY} subrequests may be queries or collections.")
    return reply({"compositeResponse": _transaction(requests, given.get("allOrNone") is True)})


@composite.post("/composite/graph")
def run_graphs() -> Response:
    """Several composites, each all or none."""
    graphs = _checked(body().get("graphs"), _MOST_GRAPHS)
    _checked([node for graph in graphs for node in graph.get("compositeRequest") or []], _MOST_NODES)
    answers = []
    for graph in graphs:
        responses = _transaction(graph.get("compositeRequest") or [], all_or_none=True)
        good = all(response["httpStatusCode"] < 400 for response in responses)
        inner = {"compositeResponse": responses}
        answers.append({"graphId": graph.get("graphId"), "graphResponse": inner, "isSuccessful": good})
    return reply({"graphs": answers})


@composite.post("/composite/batch")
def run_batch() -> Response:
    """Sub-requests that know nothing of each other."""
    given = body()
    requests = _checked(given.get("batchRequests"), _MOST)
    results: list[dict[str, Any]] = []
    failed = False
    for item in requests:
        if failed and given.get("haltOnError") is True:
            results.append({"statusCode": 412, "result": _HALTED})
            continue
        path = str(item.get("url", "")).removeprefix("/services/data").lstrip("/")
        status, answer, _ = _inner(item.get("method"), f"/services/data/{path}", item.get("richInput"))
        failed = failed or status >= 400
        results.append({"statusCode": status, "result": answer})
    return reply({"hasErrors": failed, "results": results})


def _transaction(requests: list[dict[str, Any]], all_or_none: bool) -> list[dict[str, Any]]:
    responses: list[dict[str, Any]] = []
    if not all_or_none:
        _run_all(requests, responses)
        return responses
    with suppress(_NotAllError), the_org().store.transaction():
        _run_all(requests, responses)
        if any(_failed(response) for response in responses):
            _mark_rolled_back(responses)
            raise _NotAllError
    return responses


def _mark_rolled_back(responses: list[dict[str, Any]]) -> None:
    """Collections keep the body they had: a real org's may say success though it was rolled back."""
    for response in responses:
        rows = isinstance(response["body"], list)
        if response["httpStatusCode"] < 400 and not rows:
            response |= {"body": _halted(_ROLLED_BACK), "httpStatusCode": 400, "httpHeaders": {}}


def _run_all(requests: list[dict[str, Any]], responses: list[dict[str, Any]]) -> None:
    results: dict[str, Any] = {}
    for item in requests:
        name = item.get("referenceId")
        if not isinstance(name, str) or name in results:
            raise OrgError("INVALID_INPUT", f"Each subrequest needs a referenceId of its own; {name!r} is not.")
        status, answer, headers = _answer(item, results)
        results[name] = answer if status < 400 else None
        shown = {key: value for key, value in headers.items() if key == "Location"}
        responses.append({"body": answer, "httpHeaders": shown, "httpStatusCode": status, "referenceId": name})


def _answer(item: dict[str, Any], results: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
    try:
        url = _fill(item.get("url", ""), results, quoted=True)
        payload = _fill(item.get("body"), results)
    except OrgError as error:
        return error.status, _halted(error.message), {}
    return _inner(item.get("method"), url, payload, item.get("httpHeaders"))


def _failed(response: dict[str, Any]) -> bool:
    """A failed sub-request, or a collection in which a row failed."""
    rows = response["body"] if isinstance(response["body"], list) else []
    return response["httpStatusCode"] >= 400 or any(isinstance(r, dict) and r.get("success") is False for r in rows)


def _halted(message: str) -> list[dict[str, str]]:
    return [{"errorCode": "PROCESSING_HALTED", "message": message}]


def _inner(
    method: str | None, url: str, payload: Any, headers: dict[str, str] | None = None
) -> tuple[int, Any, dict[str, str]]:
    """Carry out one sub-request as the same user. Returns status, decoded body and headers."""
    if not url.startswith("/services/data/") or "/composite/batch" in url or re.search(r"/composite/?(graph)?$", url):
        return 400, [{"errorCode": "INVALID_INPUT", "message": f"This URL cannot be a subrequest: {url}"}], {}
    outer = {"org.view": g.view, "org.stamp": g.get("stamp"), "org.body": payload}
    with current_app.test_request_context(url, method=method, headers=headers, environ_overrides=outer):
        response = current_app.full_dispatch_request()
        raw = response.get_data()
        return response.status_code, decode(raw) if raw else None, dict(response.headers)


def _fill(value: Any, results: dict[str, Any], *, quoted: bool = False) -> Any:
    """Put results of earlier sub-requests in the place of `@{reference.path}`."""
    if isinstance(value, dict):
        return {key: _fill(item, results) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, results) for item in value]
    if not isinstance(value, str):
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole and not quoted:
        return _look_up(whole, results)
    return _REFERENCE.sub(
        lambda match: quote(str(_look_up(match, results))) if quoted else str(_look_up(match, results)), value
    )


def _look_up(match: re.Match[str], results: dict[str, Any]) -> Any:
    name, steps = match[1], match[2]
    value = results.get(name)
    for key, index in _STEP.findall(steps):
        if isinstance(value, dict) and key:
            value = next((item for given, item in value.items() if given.lower() == key.lower()), None)
        elif isinstance(value, list) and index and int(index) < len(value):
            value = value[int(index)]
        else:
            value = None
    if value is None:
        missing = f"No value for {name}{steps} found in {name}."
        raise OrgError("PROCESSING_HALTED", f"Invalid reference specified. {missing}")
    return value


def _checked(items: Any, most: int) -> list[dict[str, Any]]:
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise OrgError("INVALID_INPUT", "This request needs a list of subrequests.")
    if len(items) > most:
        raise OrgError("LIMIT_EXCEEDED", f"No more than {most} are allowed here, there are {len(items)}.")
    return items
