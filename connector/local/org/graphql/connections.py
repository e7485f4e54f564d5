"""The connection around a list, as the Relay specification has it: edges, cursors and page information."""

from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLString,
)


def _edges(connection: Any, _info: GraphQLResolveInfo) -> list[tuple[Any, int]]:
    return [(connection, position) for position in range(len(connection.nodes))]


def _node(edge: tuple[Any, int], _info: GraphQLResolveInfo) -> Any:
    connection, position = edge
    return connection.nodes[position]


def _cursor(edge: tuple[Any, int], _info: GraphQLResolveInfo) -> str:
    connection, position = edge
    return str(connection.slice.cursor(position))


def _first(connection: Any, _info: GraphQLResolveInfo) -> str | None:
    return connection.slice.cursor(0) if connection.nodes else None


def _last(connection: Any, _info: GraphQLResolveInfo) -> str | None:
    return connection.slice.cursor(len(connection.nodes) - 1) if connection.nodes else None


PAGE_INFO = GraphQLObjectType(
    "PageInfo",
    {
        "hasNextPage": GraphQLField(GraphQLNonNull(GraphQLBoolean), resolve=lambda one, _info: one.more),
        "hasPreviousPage": GraphQLField(GraphQLNonNull(GraphQLBoolean), resolve=lambda one, _info: one.slice.start > 0),
        "startCursor": GraphQLField(GraphQLString, resolve=_first),
        "endCursor": GraphQLField(GraphQLString, resolve=_last),
    },
)


def connection_type(name: str, node: GraphQLObjectType) -> GraphQLObjectType:
    """`XConnection` with its `XEdge`. What resolves it is a `nodes.Connection`, or one of aggregates."""
    edge = GraphQLObjectType(
        f"{name}Edge",
        {
            "node": GraphQLField(node, resolve=_node),
            "cursor": GraphQLField(GraphQLNonNull(GraphQLString), resolve=_cursor),
        },
    )
    return GraphQLObjectType(
        f"{name}Connection",
        {
            "edges": GraphQLField(GraphQLList(edge), resolve=_edges),
            "pageInfo": GraphQLField(GraphQLNonNull(PAGE_INFO), resolve=lambda connection, _info: connection),
            "totalCount": GraphQLField(GraphQLNonNull(GraphQLInt), resolve=lambda one, _info: one.count()),
            "pageResultCount": GraphQLField(GraphQLNonNull(GraphQLInt), resolve=lambda one, _info: len(one.nodes)),
        },
    )
