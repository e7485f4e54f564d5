"""What a query asks for beyond what its arguments were coerced to."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_named_type,
    value_from_ast_untyped,
)
from graphql.execution.collect_fields import collect_sub_fields


def written(info: GraphQLResolveInfo, name: str) -> Mapping[str, Any]:
    """An argument with its keys in the order written: coercion would put them in the order of the schema.

    Unverified: that a real org keeps the written order where several fields are to be ordered by.
    """
    for argument in info.field_nodes[0].arguments:
        if argument.name.value == name:
            variables = {**info.variable_values, **info.context.variables}
            return value_from_ast_untyped(argument.value, variables) or {}
    return {}


Selection = tuple[GraphQLNamedType, list[FieldNode]]


def below(info: GraphQLResolveInfo, selection: Selection, *names: str) -> Iterator[Selection]:
    """The selections found by going down through fields of these names."""
    if not names:
        yield selection
        return
    for name, inner in fields_of(info, selection):
        if name == names[0]:
            yield from below(info, inner, *names[1:])


def fields_of(info: GraphQLResolveInfo, selection: Selection) -> Iterator[tuple[str, Selection]]:
    """The fields selected directly in the selection, by their name in the schema (aliases looked through)."""
    kind, nodes = selection
    if not isinstance(kind, GraphQLObjectType):
        return
    found = collect_sub_fields(info.schema, info.fragments, info.variable_values, kind, nodes)
    for members in found.values():
        name = members[0].name.value
        if name in kind.fields:
            inner = get_named_type(kind.fields[name].type)
            yield name, (inner, members)
