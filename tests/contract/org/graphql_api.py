"""Asking the local org's GraphQL, in as few words as the tests need."""

from typing import Any

from .conftest import Api


def ask(api: Api, query: str, variables: dict[str, Any] | None = None, operation: str | None = None) -> dict[str, Any]:
    """The whole answer."""
    body = {"query": query, "variables": variables or {}, "operationName": operation}
    answer = api.post("graphql", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def data(api: Api, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    """What is below `uiapi` in an answer without errors."""
    answer = ask(api, query, variables)
    assert answer["errors"] == []
    return answer["data"]["uiapi"]


def refused(api: Api, query: str, variables: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The errors."""
    errors = ask(api, query, variables)["errors"]
    assert errors
    return errors


def nodes(connection: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes of a connection."""
    return [edge["node"] for edge in connection["edges"]]


def listed(api: Api, selection: str, fields: str = "Id") -> list[dict[str, Any]]:
    """The nodes of one list: `selection` is an object with its arguments."""
    query = f"{{ uiapi {{ query {{ {selection} {{ edges {{ node {{ {fields} }} }} }} }} }} }}"
    (connection,) = data(api, query)["query"].values()
    return nodes(connection)
