"""The GraphQL schema as one user sees the org. What is hidden from the user is not in it, so asking is an error.

The schema of a user is built once: the types are many, and nearly every one of them leads to all others.
"""

from typing import Any

from graphql import (
    DirectiveLocation,
    GraphQLDirective,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    specified_directives,
)

from connector.local.org.access import Access
from connector.local.org.graphql.aggregates import AggregateTypes
from connector.local.org.graphql.inputs import InputTypes
from connector.local.org.graphql.kinds import supported
from connector.local.org.graphql.mutations import MutationTypes
from connector.local.org.graphql.nodes import Node, Reading, alone
from connector.local.org.graphql.object_infos import OBJECT_INFOS, PICKLIST_FIELD, STANDARD_FIELD
from connector.local.org.graphql.records import RecordTypes
from connector.local.org.model import SObject

OPTIONAL = GraphQLDirective("optional", [DirectiveLocation.FIELD])


def build_schema(access: Access) -> GraphQLSchema:
    """The schema of that user."""
    objects = supported(access.schema)
    inputs = InputTypes(objects)
    records = RecordTypes(objects, inputs)
    uiapi = {
        "query": _namespace(records.query()),
        "aggregate": _namespace(AggregateTypes(objects, inputs).query()),
        "objectInfos": OBJECT_INFOS,
    }
    if "User" in objects:
        uiapi["currentUser"] = _current_user(records, objects["User"])
    return GraphQLSchema(
        query=GraphQLObjectType("Query", {"uiapi": _namespace(GraphQLObjectType("UIAPI", uiapi))}),
        mutation=MutationTypes(objects, dict(access.rights), records).mutation(),
        types=[STANDARD_FIELD, PICKLIST_FIELD],
        directives=[*specified_directives, OPTIONAL],
        assume_valid=True,  # checking it anew for every user would take longer than building it; a test checks it
    )


def _namespace(kind: GraphQLObjectType) -> GraphQLField:
    return GraphQLField(GraphQLNonNull(kind), resolve=lambda _above, _info: {})


def _current_user(records: RecordTypes, item: SObject) -> GraphQLField:
    def resolve(_uiapi: Any, info: GraphQLResolveInfo) -> Node | None:
        reading: Reading = info.context
        row = reading.row(item, reading.source.user_id)
        return alone(reading, item, row) if row else None

    return GraphQLField(records.record(item), resolve=resolve)
