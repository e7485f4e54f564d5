"""The types of the records a user sees: `X`, `X_Owner`, `XConnection`, `XEdge`, with what resolves them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLID,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLString,
    GraphQLUnionType,
    OperationType,
)

from connector.local.org.graphql.asked import written
from connector.local.org.graphql.cells import VALUE_TYPES, Cell
from connector.local.org.graphql.connections import connection_type
from connector.local.org.graphql.inputs import InputTypes
from connector.local.org.graphql.kinds import is_polymorphic, kind_of
from connector.local.org.graphql.nodes import Connection, Node, connect
from connector.local.org.graphql.refusals import FETCHING, refused
from connector.local.org.graphql.scalars import LONG
from connector.local.org.model import Child, Field, SObject

MOST_PARENTS = 5  # levels of lookups (documented)
MOST_CHILDREN = 1  # levels of lists: "only supports one level of child relationships" (documented)

Resolver = Callable[..., Any]
Fields = dict[str, GraphQLField]


def _etag(node: Node, _info: GraphQLResolveInfo) -> int:
    return int(node.row["SystemModstamp"].timestamp() * 1_000)


def _display(node: Node, _info: GraphQLResolveInfo) -> Any:
    own = next((own for own in node.page.item.fields.values() if own.name_field), None)
    return node.row.get(own.name) if own else node.row.get("Subject")


def _cell(own: Field) -> Resolver:
    name = own.name
    if own.formula is None:

        def stored(node: Node, _info: GraphQLResolveInfo) -> Cell:
            return Cell(own, node.row.get(name), node.row, node.page.reading.org)

        return stored

    def computed(node: Node, _info: GraphQLResolveInfo) -> Cell:
        page = node.page
        return Cell(own, page.reading.source.value(page.item.name, node.row, name), node.row, page.reading.org)

    return computed


_OF_EVERY_RECORD: Fields = {
    "Id": GraphQLField(GraphQLNonNull(GraphQLID), resolve=lambda node, _info: node.row["Id"]),
    "ApiName": GraphQLField(GraphQLNonNull(GraphQLString), resolve=lambda node, _info: node.page.item.name),
    "WeakEtag": GraphQLField(GraphQLNonNull(LONG), resolve=_etag),
    "DisplayValue": GraphQLField(GraphQLString, resolve=_display),
}
RECORD = GraphQLInterfaceType(
    "Record",
    {
        **_OF_EVERY_RECORD,
        "LastModifiedById": GraphQLField(VALUE_TYPES["ID"]),
        "LastModifiedDate": GraphQLField(VALUE_TYPES["DateTime"]),
        "SystemModstamp": GraphQLField(VALUE_TYPES["DateTime"]),
    },
)


class RecordTypes:
    """The record types over the objects that one user sees. Types are filled in when first looked into."""

    def __init__(self, objects: dict[str, SObject], inputs: InputTypes) -> None:
        self._objects = objects
        self._inputs = inputs
        self._records = {
            name: GraphQLObjectType(name, partial(self._fields, item), interfaces=[RECORD])
            for name, item in objects.items()
        }
        self._connections = {name: connection_type(name, kind) for name, kind in self._records.items()}

    def record(self, item: SObject) -> GraphQLObjectType:
        """`X`."""
        return self._records[item.name]

    def query(self) -> GraphQLObjectType:
        """`RecordQuery`: a list of each object."""
        return GraphQLObjectType(
            "RecordQuery", lambda: {name: self._root(item) for name, item in self._objects.items()}
        )

    def _root(self, item: SObject) -> GraphQLField:
        def resolve(_query: Any, info: GraphQLResolveInfo, **given: Any) -> Connection:
            return connect(info.context, item, given, written(info, "orderBy"))

        return GraphQLField(self._connections[item.name], args=self._inputs.of_query(item), resolve=resolve)

    def _fields(self, item: SObject) -> Fields:
        fields = dict(_OF_EVERY_RECORD)
        for own in item.fields.values():
            if own.name != "Id":
                fields[own.name] = GraphQLField(VALUE_TYPES[kind_of(own)], resolve=_cell(own))
            parents = [self._objects[name] for name in own.reference_to if name in self._objects]
            if own.relationship_name and parents:
                kind = self._union(item, own, parents) if is_polymorphic(item, own) else self.record(parents[0])
                fields[own.relationship_name] = GraphQLField(kind, resolve=_parent(own, parents))
        for child in item.children:
            if child.sobject in self._objects:
                fields[child.relationship_name] = self._list(child)
        return fields

    def _union(self, item: SObject, own: Field, parents: list[SObject]) -> GraphQLOutputType:
        """`Case_Owner`: a query says `... on User` to look into it."""
        members = [self.record(parent) for parent in parents]
        name = f"{item.name}_{own.relationship_name}"
        return GraphQLUnionType(name, members, resolve_type=lambda node, _info, _type: node.page.item.name)

    def _list(self, child: Child) -> GraphQLField:
        item = self._objects[child.sobject]

        def resolve(node: Node, info: GraphQLResolveInfo, **given: Any) -> Connection:
            _refuse_in_mutation(info)
            if node.page.down >= MOST_CHILDREN:
                message = f"{info.field_name}: only {MOST_CHILDREN} level of child relationships is supported"
                raise refused(message, FETCHING)
            return node.page.family(str(info.path.key), child, given, written(info, "orderBy")).of(node.row)

        return GraphQLField(self._connections[item.name], args=self._inputs.of_connection(item), resolve=resolve)


def _parent(own: Field, targets: list[SObject]) -> Resolver:
    by_prefix = {item.key_prefix: item for item in targets}

    def resolve(node: Node, info: GraphQLResolveInfo) -> Node | None:
        _refuse_in_mutation(info)
        page, record_id = node.page, node.row.get(own.name)
        if page.up >= MOST_PARENTS:
            raise refused(f"{info.field_name}: at most {MOST_PARENTS} levels of parents are supported", FETCHING)
        item = by_prefix.get(record_id[:3]) if record_id else None
        row = page.reading.row(item, record_id) if item else None
        return Node(row, page.parents(str(info.path.key), own, item)) if row is not None and item else None

    return resolve


def _refuse_in_mutation(info: GraphQLResolveInfo) -> None:
    """What a mutation returns has fields only, neither parents nor children (documented)."""
    if info.operation.operation is OperationType.MUTATION:
        raise refused(f"{info.field_name} is not currently available in mutation results", FETCHING)
