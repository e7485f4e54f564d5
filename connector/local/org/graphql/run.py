"""A request from its text to its answer: parse, leave out, validate (all kept), then execute under the store's lock."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    parse,
)

from connector.local.org.graphql.nodes import Reading
from connector.local.org.graphql.refusals import NOT_SUPPORTED, formatted, refused, unanswerable
from connector.local.org.graphql.schema import build_schema
from connector.local.org.graphql.validation import checked
from connector.local.org.org import Org, View

_KEPT = 256  # queries of a user: components ask the same few again and again
Prepared = tuple[DocumentNode | None, list[GraphQLError]]


class Api:
    """The GraphQL API as one user has it."""

    def __init__(self, org: Org, view: View) -> None:
        self.view = view
        self._org = org
        self.schema = build_schema(view.access)
        self._prepared = lru_cache(maxsize=_KEPT)(self._prepare)

    def answer(self, query: str, variables: Mapping[str, Any], operation: str | None) -> dict[str, Any]:
        """`data` and `errors`."""
        document, errors = self._prepared(query)
        if document is None or errors:
            return _answer(None, errors)
        if problem := _unclear(document, operation):
            return _answer(None, [problem])
        result = self._execute(document, variables, operation)
        for error in result.errors or ():
            if cause := unanswerable(error):
                raise cause
        return _answer(result.data, result.errors or [])

    def _prepare(self, query: str) -> Prepared:
        try:
            document = parse(query)
        except GraphQLError as error:
            return None, [error]
        return checked(self.schema, document)

    def _execute(self, document: DocumentNode, variables: Mapping[str, Any], operation: str | None) -> ExecutionResult:
        with self._org.store.lock:  # nobody sees half a transaction
            reading = Reading(self._org, self.view, self._org.source(self.view), variables)
            return execute_sync(
                self.schema,
                document,
                context_value=reading,
                variable_values=dict(variables),
                operation_name=operation,
            )


def _unclear(document: DocumentNode, name: str | None) -> GraphQLError | None:
    """Why it cannot be said which operation to run, or why it cannot be run."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if name is None and len(operations) > 1:
        return refused("Must provide operation name if query contains multiple operations.", NOT_SUPPORTED)
    chosen = [one for one in operations if name is None or (one.name and one.name.value == name)]
    if not chosen:
        return refused(f"Unknown operation named '{name}'.", NOT_SUPPORTED)
    if chosen[0].operation is OperationType.SUBSCRIPTION:
        return refused("Subscriptions are not supported.", NOT_SUPPORTED)
    return None


def _answer(data: Mapping[str, Any] | None, errors: list[GraphQLError]) -> dict[str, Any]:
    return {"data": data or {}, "errors": [formatted(error) for error in errors], "extensions": {}}
