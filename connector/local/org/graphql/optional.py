"""`@optional`: a field that does not exist for the user is left out of the query, instead of failing all of it.

It is taken out before validation, so the answer simply lacks it. Documented is that inaccessible fields are omitted;
unverified, that this holds for objects directly below `query` as well.
"""

from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)


class _LeavingOut(Visitor):
    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types

    def enter_field(self, node: FieldNode, *_place: Any) -> Any:
        marked = any(directive.name.value == "optional" for directive in node.directives)
        unknown = self._types.get_parent_type() is not None and self._types.get_field_def() is None
        return REMOVE if marked and unknown else None


def without_inaccessible(schema: GraphQLSchema, document: DocumentNode) -> DocumentNode:
    """The document without the optional fields that the schema does not have."""
    types = TypeInfo(schema)
    left: DocumentNode = visit(document, TypeInfoVisitor(types, _LeavingOut(types)))
    return left
