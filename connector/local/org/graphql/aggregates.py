"""`uiapi { aggregate { X(groupBy: …) { edges { node { aggregate { … } } } } } }`: one grouped SOQL query each.

Which columns that query needs is read from the selection before it runs. Amounts are added in the corporate currency,
as SOQL does. Unverified: that `totalCount` counts records without a grouping and groups with one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_named_type,
)

from connector.local.org.graphql.asked import Selection, below, fields_of, written
from connector.local.org.graphql.cells import FIELD_VALUE, VALUE_TYPES, Cell
from connector.local.org.graphql.connections import connection_type
from connector.local.org.graphql.inputs import InputTypes
from connector.local.org.graphql.kinds import is_long_text, is_polymorphic, kind_of
from connector.local.org.graphql.nodes import Reading
from connector.local.org.graphql.operators import DATE_FUNCTIONS, TIME_FUNCTIONS
from connector.local.org.graphql.paging import Slice, read_slice
from connector.local.org.graphql.refusals import NOT_SUPPORTED, refused
from connector.local.org.graphql.scalars import SCALARS
from connector.local.org.graphql.soql import Given, ordering, parent_field, select, where
from connector.local.org.model import Field, OrgError, SObject

_FUNCTIONS = {
    "avg": "AVG",
    "count": "COUNT",
    "countDistinct": "COUNT_DISTINCT",
    "max": "MAX",
    "min": "MIN",
    "sum": "SUM",
}
_GROUPED = "value"
_COUNTS = frozenset({"count", "countDistinct"})
_NUMBERS = frozenset({"Currency", "Double", "Int", "Percent"})
_WHOLE = Field("count", "Count", "int")
_COUNTED = frozenset(SCALARS) - {"Boolean", "Long", "LongTextArea"}
_READ: dict[str, Callable[[str], Any]] = {"date": date.fromisoformat, "datetime": datetime.fromisoformat}

Column = tuple[str, str]  # a field's path, and "value" or the name of a function
Fields = dict[str, GraphQLField]


def _camel(name: str) -> str:
    """`CALENDAR_MONTH` → `calendarMonth`."""
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)


_DATE_PARTS = {_camel(name): name for name in TIME_FUNCTIONS}


@dataclass(frozen=True, slots=True)
class Group:
    """One group: the record of the query, and where in it each column is."""

    record: Mapping[str, Any]
    columns: Mapping[Column, str]
    reading: Reading
    path: str = ""


@dataclass(frozen=True, slots=True)
class Grouped:
    """One field of a group."""

    group: Group
    own: Field
    path: str

    def column(self, name: str, own: Field) -> Cell:
        """The value of one of the field's columns."""
        group, org = self.group, self.group.reading.org
        value = group.record[group.columns[self.path, name]]
        read = _READ.get(own.type)
        row = {"CurrencyIsoCode": org.config.corporate_currency}
        return Cell(own, read(value) if read and value is not None else value, row, org)


@dataclass
class Groups:
    """A slice of groups, in the form of a connection."""

    nodes: list[Group]
    slice: Slice
    more: bool
    count: Callable[[], int]


def _column(name: str, own: Field | None = None) -> Callable[[Grouped, GraphQLResolveInfo], Cell]:
    return lambda grouped, _info: grouped.column(name, own or grouped.own)


def _inner(name: str) -> Callable[[Grouped, GraphQLResolveInfo], Any]:
    def resolve(grouped: Grouped, info: GraphQLResolveInfo) -> Any:
        field = VALUE_TYPES[kind_of(grouped.own)].fields[name]
        return field.resolve(grouped.column(_GROUPED, grouped.own), info) if field.resolve else None

    return resolve


def _part(name: str) -> Callable[[Grouped, GraphQLResolveInfo], Any]:
    return lambda grouped, _info: {"value": grouped.column(name, _WHOLE).value}


def _plain_part(name: str, kind: str) -> GraphQLObjectType:
    return GraphQLObjectType(name, {"value": GraphQLField(SCALARS[kind])})


_DATE_PART = _plain_part("DateFunctionAggregation", "Long")
_DATE_ONLY = _plain_part("DateOnlyAggregation", "Date")


def _type(kind: str) -> GraphQLObjectType:
    value = VALUE_TYPES[kind]
    fields: Fields = {name: GraphQLField(field.type, resolve=_inner(name)) for name, field in value.fields.items()}
    if kind in _COUNTED:
        for name in _COUNTS:
            fields[name] = GraphQLField(VALUE_TYPES["Long"], resolve=_column(name, _WHOLE))
        for name in ("max", "min"):
            fields[name] = GraphQLField(value, resolve=_column(name))
    if kind in _NUMBERS:
        average = Field("avg", "Average", "double", precision=18, scale=2)
        fields["avg"] = GraphQLField(VALUE_TYPES["Double"], resolve=_column("avg", average))
        sums = VALUE_TYPES["Long"] if kind == "Int" else value
        fields["sum"] = GraphQLField(sums, resolve=_column("sum"))
    parts = {"Date": DATE_FUNCTIONS, "DateTime": TIME_FUNCTIONS}.get(kind, ())
    for name in map(_camel, parts):
        fields[name] = GraphQLField(_DATE_ONLY if name == "dayOnly" else _DATE_PART, resolve=_part(name))
    return GraphQLObjectType(f"{kind}Aggregate", fields, interfaces=[FIELD_VALUE])


AGGREGATE_TYPES = {kind: _type(kind) for kind in SCALARS if kind not in {"Long", "LongTextArea"}}


class AggregateTypes:
    """The aggregate types over the objects that one user sees."""

    def __init__(self, objects: dict[str, SObject], inputs: InputTypes) -> None:
        self._objects = objects
        self._inputs = inputs
        self._made: dict[str, GraphQLObjectType] = {}

    def query(self) -> GraphQLObjectType:
        """`RecordQueryAggregate`: an aggregate query of each object."""
        roots = {name: self._root(item) for name, item in self._objects.items()}
        return GraphQLObjectType("RecordQueryAggregate", roots)

    def _root(self, item: SObject) -> GraphQLField:
        result = GraphQLObjectType(
            f"{item.name}Result",
            lambda: {"aggregate": GraphQLField(self._aggregate(item), resolve=lambda group, _info: group)},
        )

        def resolve(_query: Any, info: GraphQLResolveInfo, **given: Any) -> Groups:
            return _Aggregation(info, item).run(given, written(info, "orderBy"))

        connection = connection_type(f"{item.name}Aggregate", result)
        return GraphQLField(connection, args=self._inputs.of_aggregate(item), resolve=resolve)

    def _aggregate(self, item: SObject) -> GraphQLObjectType:
        """`XAggregate`."""
        if item.name not in self._made:
            self._made[item.name] = GraphQLObjectType(f"{item.name}Aggregate", partial(self._fields, item))
        return self._made[item.name]

    def _fields(self, item: SObject) -> Fields:
        fields: Fields = {}
        for own in item.fields.values():
            if not is_long_text(own):
                fields[own.name] = GraphQLField(AGGREGATE_TYPES[kind_of(own)], resolve=_grouped(own))
            target = self._objects.get(own.reference_to[0]) if own.reference_to else None
            if own.relationship_name and target and not is_polymorphic(item, own):
                inner = self._aggregate(target)
                fields[own.relationship_name] = GraphQLField(inner, resolve=_through(own.relationship_name))
        return fields


def _grouped(own: Field) -> Callable[[Group, GraphQLResolveInfo], Grouped]:
    return lambda group, _info: Grouped(group, own, f"{group.path}{own.name}")


def _through(name: str) -> Callable[[Group, GraphQLResolveInfo], Group]:
    return lambda group, _info: replace(group, path=f"{group.path}{name}.")


class _Aggregation:
    """One aggregate query being run."""

    def __init__(self, info: GraphQLResolveInfo, item: SObject) -> None:
        self._info = info
        self._item = item
        self._reading: Reading = info.context

    def run(self, given: Given, orderings: Given) -> Groups:
        """The groups asked for."""
        part, grouping = read_slice(given), list(self._groupings(self._item, given.get("groupBy") or {}))
        condition = where(self._reading.source.schema, self._item, given.get("where"))
        mine = given.get("scope") == "MINE"
        operands = dict(self._columns())
        for (path, function), operand in operands.items():
            if function == _GROUPED and operand not in grouping:
                raise OrgError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {path}")
        columns = {column: f"c{number}" for number, column in enumerate(operands)}
        records = []
        if columns:
            text = select(
                ", ".join(f"{operand} {columns[column]}" for column, operand in operands.items()),
                self._item.name,
                condition,
                mine=mine,
                group_by=", ".join(grouping),
                orderings=list(_orderings(orderings)),
                limit=part.limit if grouping else None,
                offset=part.start,
            )
            records = self._reading.query(text).records
        nodes = [Group(record, columns, self._reading) for record in records[: part.size]]
        count = partial(self._count, grouping, condition, mine=mine)
        return Groups(nodes, part, len(records) > part.size, count)

    def _count(self, grouping: list[str], condition: str, *, mine: bool) -> int:
        column, group_by = ("COUNT(Id)", ", ".join(grouping)) if grouping else ("COUNT()", "")
        text = select(column, self._item.name, condition, mine=mine, group_by=group_by)
        return self._reading.query(text).total_size

    def _columns(self) -> Iterator[tuple[Column, str]]:
        """What has to be selected, as SOQL operands."""
        start = (get_named_type(self._info.return_type), self._info.field_nodes)
        for selection in below(self._info, start, "edges", "node", "aggregate"):
            yield from self._fields(selection, self._item, "")

    def _fields(self, selection: Selection, item: SObject, path: str) -> Iterator[tuple[Column, str]]:
        for name, inner in fields_of(self._info, selection):
            own = item.get(name)
            if own is not None:
                for function, _ in fields_of(self._info, inner):
                    yield _operand(f"{path}{own.name}", function)
            elif lookup := parent_field(item, name):
                yield from self._fields(inner, self._parent(lookup), f"{path}{name}.")

    def _groupings(self, item: SObject, given: Given, path: str = "") -> Iterator[str]:
        """The entries of GROUP BY."""
        for name, clause in given.items():
            if name == "type":
                if clause not in (None, "GROUP_BY"):
                    raise refused(f"The local org does not support groupBy type {clause}.", NOT_SUPPORTED)
            elif lookup := parent_field(item, name):
                yield from self._groupings(self._parent(lookup), clause or {}, f"{path}{name}.")
            elif clause and clause.get("function"):
                yield f"{clause['function']}({path}{name})"
            elif clause and clause.get("group"):
                yield f"{path}{name}"

    def _parent(self, lookup: Field) -> SObject:
        return self._reading.source.schema.objects[lookup.reference_to[0].lower()]


def _operand(path: str, function: str) -> tuple[Column, str]:
    if function in _FUNCTIONS:
        return (path, function), f"{_FUNCTIONS[function]}({path})"
    if function in _DATE_PARTS:
        return (path, function), f"{_DATE_PARTS[function]}({path})"
    return (path, _GROUPED), path  # value, displayValue and label are all made of the grouped value


def _orderings(given: Given) -> Iterator[str]:
    for name, clause in given.items():
        function = (clause or {}).get("function")
        yield ordering(f"{function}({name})" if function else name, clause or {})
