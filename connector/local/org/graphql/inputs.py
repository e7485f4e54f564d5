"""The input types of each object a user sees: `X_Filter`, `X_OrderBy`, `X_GroupBy`, `X_AggregateOrderBy`.

All are made when first asked for: an object's filter leads to the filters of its parents, and so to nearly all of them.
"""

from collections.abc import Callable, Iterator
from functools import partial

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
)

from connector.local.org.graphql.kinds import is_long_text, is_polymorphic, kind_of
from connector.local.org.graphql.operators import (
    GROUP_BY_CLAUSE,
    GROUP_BY_DATE,
    GROUP_BY_TYPE,
    OPERATORS,
    ORDER_BY_CLAUSE,
    Inputs,
    aggregate_order,
    enum,
    id_operators,
)
from connector.local.org.graphql.soql import is_groupable
from connector.local.org.model import Field, SObject

Arguments = dict[str, GraphQLArgument]
Maker = Callable[[SObject], GraphQLInputObjectType]


class InputTypes:
    """The input types over the objects that one user sees."""

    def __init__(self, objects: dict[str, SObject]) -> None:
        self._objects = objects
        self._made: dict[str, GraphQLInputObjectType] = {}
        self._scopes: dict[str, GraphQLEnumType] = {}
        self._ids = id_operators(GraphQLInputObjectType("JoinInput", self._joins))

    def of_connection(self, item: SObject) -> Arguments:
        """The arguments of a list of children."""
        return {
            "first": GraphQLArgument(GraphQLInt),
            "after": GraphQLArgument(GraphQLString),
            "where": GraphQLArgument(self.filter(item)),
            "orderBy": GraphQLArgument(self.order_by(item)),
            "upperBound": GraphQLArgument(GraphQLInt),
        }

    def of_query(self, item: SObject) -> Arguments:
        """The arguments of a list of records; only these have a scope."""
        return {**self.of_connection(item), **self._scope(item)}

    def of_aggregate(self, item: SObject) -> Arguments:
        """The arguments of an aggregate query."""
        return {
            "first": GraphQLArgument(GraphQLInt),
            "after": GraphQLArgument(GraphQLString),
            "where": GraphQLArgument(self.filter(item)),
            "groupBy": GraphQLArgument(self.group_by(item)),
            "orderBy": GraphQLArgument(self._make(item, "AggregateOrderBy", self._aggregate_orders)),
            **self._scope(item),
        }

    def filter(self, item: SObject) -> GraphQLInputObjectType:
        """`X_Filter`."""
        return self._make(item, "Filter", self._filters)

    def order_by(self, item: SObject) -> GraphQLInputObjectType:
        """`X_OrderBy`."""
        return self._make(item, "OrderBy", self._orders)

    def group_by(self, item: SObject) -> GraphQLInputObjectType:
        """`X_GroupBy`."""
        return self._make(item, "GroupBy", self._groups)

    def _make(self, item: SObject, suffix: str, fields: Callable[[SObject], Inputs]) -> GraphQLInputObjectType:
        name = f"{item.name}_{suffix}"
        if name not in self._made:
            self._made[name] = GraphQLInputObjectType(name, partial(fields, item))
        return self._made[name]

    def _scope(self, item: SObject) -> Arguments:
        """Only the scopes that the local org can answer; any other is refused by its name."""
        if item.get("OwnerId") is None:
            return {}
        name = f"{item.name.upper()}_SCOPE"
        scope = self._scopes.setdefault(name, enum(name, "EVERYTHING", "MINE"))
        return {"scope": GraphQLArgument(scope)}

    def _joins(self) -> Inputs:
        joins = {name: GraphQLInputField(self.filter(item)) for name, item in self._objects.items()}
        return {**joins, "ApiName": GraphQLInputField(GraphQLNonNull(GraphQLString))}

    def _filters(self, item: SObject) -> Inputs:
        own = self.filter(item)
        fields = {
            "and": GraphQLInputField(GraphQLList(own)),
            "or": GraphQLInputField(GraphQLList(own)),
            "not": GraphQLInputField(own),
        }
        for field in _plain(item):
            kind = kind_of(field)
            fields[field.name] = GraphQLInputField(self._ids if kind == "ID" else OPERATORS[kind])
        for name, field, parents in self._parents(item):
            inner = self._polymorphic(item, field, parents) if is_polymorphic(item, field) else self.filter(parents[0])
            fields[name] = GraphQLInputField(inner)
        return fields

    def _polymorphic(self, item: SObject, field: Field, parents: list[SObject]) -> GraphQLInputObjectType:
        """`Case_Owner_Filters`: one filter for each object that the parent can be of."""
        fields = {parent.name: GraphQLInputField(self.filter(parent)) for parent in parents}
        return self._make(item, f"{field.relationship_name}_Filters", lambda _item: fields)

    def _orders(self, item: SObject) -> Inputs:
        fields = {field.name: GraphQLInputField(ORDER_BY_CLAUSE) for field in _plain(item)}
        return {**fields, **self._through(item, self.order_by)}

    def _aggregate_orders(self, item: SObject) -> Inputs:
        return {field.name: GraphQLInputField(aggregate_order(kind_of(field))) for field in _plain(item)}

    def _groups(self, item: SObject) -> Inputs:
        fields = {"type": GraphQLInputField(GROUP_BY_TYPE)}
        for field in _plain(item):
            if kind_of(field) in {"Date", "DateTime"}:
                fields[field.name] = GraphQLInputField(GROUP_BY_DATE)
            elif is_groupable(field):
                fields[field.name] = GraphQLInputField(GROUP_BY_CLAUSE)
        return {**fields, **self._through(item, self.group_by)}

    def _through(self, item: SObject, make: Maker) -> Inputs:
        """The same type of each parent whose object is certain."""
        return {
            name: GraphQLInputField(make(parents[0]))
            for name, field, parents in self._parents(item)
            if not is_polymorphic(item, field)
        }

    def _parents(self, item: SObject) -> Iterator[tuple[str, Field, list[SObject]]]:
        for field in item.fields.values():
            parents = [self._objects[name] for name in field.reference_to if name in self._objects]
            if field.relationship_name and parents:
                yield field.relationship_name, field, parents


def _plain(item: SObject) -> list[Field]:
    """The fields that can be filtered and sorted."""
    return [field for field in item.fields.values() if not is_long_text(field)]
