"""`POST /graphql`: one resource for everything. Answers are 200 even where the query is refused (documented)."""

from typing import Any

from flask import Blueprint, Response

from connector.local.org.graphql.run import Api
from connector.local.org.http.context import body, the_org, the_view
from connector.local.org.model import OrgError
from connector.local.org.org import View
from connector.local.org.wire import reply

_TAKEN = frozenset({"query", "variables", "operationName"})


class Apis:
    """The API of each view: a schema takes a moment to build, so it is kept as long as the app lives."""

    def __init__(self) -> None:
        self._made: dict[int, Api] = {}

    def of(self, view: View) -> Api:
        """The API of that view."""
        org = the_org()
        with org.store.lock:
            made = self._made.get(id(view))
            if made is None:  # which also holds the view, so that no other can get its id
                made = self._made[id(view)] = Api(org, view)
            return made


def graphql_resource() -> Blueprint:
    """The resource, with its own store of schemas: one for each app."""
    graphql, apis = Blueprint("graphql", __name__), Apis()

    @graphql.post("/graphql")
    def run() -> Response:
        """Answer a query, or carry out a mutation."""
        query, variables, operation = _read(body())
        return reply(apis.of(the_view()).answer(query, variables, operation))

    return graphql


def _read(given: dict[str, Any]) -> tuple[str, dict[str, Any], str | None]:
    unknown = sorted(set(given) - _TAKEN)
    if unknown:
        raise OrgError("JSON_PARSER_ERROR", f'Unrecognized field "{unknown[0]}" in a GraphQL request')
    query, variables, operation = given.get("query"), given.get("variables") or {}, given.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise OrgError("INVALID_INPUT", "Send the text of the query in 'query'.")
    if not isinstance(variables, dict):
        raise OrgError("INVALID_INPUT", "'variables' must be an object.")
    return query, variables, operation
