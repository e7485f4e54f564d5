"""How GraphQL refuses: with 200, and `errors` in Salesforce's form (`paths`, and the kind in `extensions.ErrorType`).

Documented are the five kinds, `message`, `locations` and `paths`. Unverified: `errorCode` and `fields`, which carry
here what the REST API says of a refused row (the message says it too, as it does there), and the words of most
validation errors; only those of an undefined field are published.
"""

from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError

from connector.local.org.model import OrgError

SYNTAX = "InvalidSyntax"
VALIDATION = "ValidationError"
FETCHING = "DataFetchingException"
NOT_SUPPORTED = "OperationNotSupported"
ABORTED = "ExecutionAborted"

NOT_IMPLEMENTED = 501  # a refusal of ours, not of Salesforce: it must not look like an answer


def invalid(rule: str, message: str) -> str:
    """The words of a validation error; `rule` as graphql-java, which Salesforce uses, names it."""
    return f"Validation error of type {rule}: {message}"


def refused(message: str, kind: str = VALIDATION) -> GraphQLError:
    """A refusal of that kind."""
    return GraphQLError(message, extensions={"ErrorType": kind})


def formatted(error: GraphQLError) -> dict[str, Any]:
    """One entry of `errors`."""
    locations = [{"column": one.column, "line": one.line} for one in error.locations or ()]
    return {
        "message": _message(error),
        "locations": locations,
        "paths": list(error.path or ()),
        "extensions": {"ErrorType": _kind(error), **_details(error)},
    }


def _message(error: GraphQLError) -> str:
    if isinstance(error.original_error, OrgError):
        return error.original_error.message
    if isinstance(error, GraphQLSyntaxError):
        return f"Invalid syntax: {error.message.removeprefix('Syntax Error: ')}"
    return error.message


def _kind(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return SYNTAX
    given = (error.extensions or {}).get("ErrorType")
    return given or (FETCHING if error.path else VALIDATION)


def _details(error: GraphQLError) -> dict[str, Any]:
    cause = error.original_error
    return {"errorCode": cause.code, "fields": cause.fields} if isinstance(cause, OrgError) else {}


def unanswerable(error: GraphQLError) -> Exception | None:
    """What must not be answered as an error of the query: what the local org does not support, and its own failures."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return None
    return None if isinstance(cause, OrgError) and cause.status != NOT_IMPLEMENTED else cause
