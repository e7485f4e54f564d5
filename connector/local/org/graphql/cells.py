"""One value of one row, and the types that show it: `CurrencyValue { value displayValue }` and the like.

What a person reads is only worked out where it is asked for: it costs ten times what the value itself costs.
"""

from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLString,
)

from connector.local.org.graphql.scalars import SCALARS
from connector.local.org.model import Field, Row
from connector.local.org.org import Org
from connector.local.org.ui.values import json_value, shown


@dataclass(frozen=True, slots=True)
class Cell:
    """The value of a field in a row."""

    own: Field
    value: Any
    row: Row
    org: Org


def _value(cell: Cell, _info: GraphQLResolveInfo) -> Any:
    return json_value(cell.own, cell.value)


def _display(cell: Cell, _info: GraphQLResolveInfo) -> Any:
    return shown(cell.own, cell.value, cell.row, cell.org)["displayValue"]


FIELD_VALUE = GraphQLInterfaceType("FieldValue", {"displayValue": GraphQLField(GraphQLString)})


def _type(kind: str) -> GraphQLObjectType:
    fields = {
        "value": GraphQLField(SCALARS[kind], resolve=_value),
        "displayValue": GraphQLField(GraphQLString, resolve=_display),
    }
    if kind == "Picklist":
        fields["label"] = GraphQLField(GraphQLString, resolve=_display)
    return GraphQLObjectType(f"{kind}Value", fields, interfaces=[FIELD_VALUE])


VALUE_TYPES = {kind: _type(kind) for kind in SCALARS}
