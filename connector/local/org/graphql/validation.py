"""Validation of a query against the user's schema, in the words of graphql-java, which the real API runs on.

`FieldUndefined` is worded as published; for the rest the kind is graphql-java's and the words are graphql-core's.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    NoUnusedVariablesRule,
    OperationDefinitionNode,
    ScalarLeafsRule,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    specified_rules,
    validate,
    visit,
)

from connector.local.org.graphql.optional import without_inaccessible
from connector.local.org.graphql.refusals import ABORTED, VALIDATION, invalid, refused

MOST_SUBQUERIES = 10  # documented; counted are lists of records and aggregates, not the lists of children within them
_ROOTS = frozenset({"RecordQuery", "RecordQueryAggregate"})
_UNDEFINED = re.compile(r"Cannot query field '(?P<field>\w+)' on type '(?P<type>\w+)'")

# graphql-core's rule → what graphql-java calls the violation
_KINDS = {
    "FieldsOnCorrectTypeRule": "FieldUndefined",
    "FragmentsOnCompositeTypesRule": "FragmentTypeConditionInvalid",
    "KnownArgumentNamesRule": "UnknownArgument",
    "KnownDirectivesRule": "UnknownDirective",
    "KnownFragmentNamesRule": "UndefinedFragment",
    "KnownTypeNamesRule": "UnknownType",
    "LoneAnonymousOperationRule": "LoneAnonymousOperationViolation",
    "NoFragmentCyclesRule": "FragmentCycle",
    "NoUndefinedVariablesRule": "UndefinedVariable",
    "NoUnusedFragmentsRule": "UnusedFragment",
    "NoUnusedVariablesRule": "UnusedVariable",
    "OverlappingFieldsCanBeMergedRule": "FieldsConflict",
    "PossibleFragmentSpreadsRule": "InvalidFragmentType",
    "ProvidedRequiredArgumentsRule": "MissingFieldArgument",
    "ScalarLeafsRule": "SubSelectionRequired",
    "UniqueOperationNamesRule": "DuplicateOperationName",
    "ValuesOfCorrectTypeRule": "WrongType",
    "VariablesAreInputTypesRule": "NonInputTypeOnVariable",
    "VariablesInAllowedPositionRule": "VariableTypeMismatch",
}


# What @optional leaves out may have been all that a variable was for, or all that was selected.
_ON_THE_WHOLE = [NoUnusedVariablesRule, ScalarLeafsRule]
_RULES = [rule for rule in specified_rules if rule not in _ON_THE_WHOLE]


def checked(schema: GraphQLSchema, document: DocumentNode) -> tuple[DocumentNode, list[GraphQLError]]:
    """The document to execute, and what is wrong with it."""
    left = without_inaccessible(schema, document)
    parts = ((document, _ON_THE_WHOLE), (left, _RULES))
    if any(validate(schema, part, rules) for part, rules in parts):
        return left, [error for part, rules in parts for error in _worded(schema, part, rules)]
    return left, list(_too_many(schema, left))


def _worded(schema: GraphQLSchema, document: DocumentNode, rules: Iterable[type[Any]]) -> Iterator[GraphQLError]:
    """The errors, rule by rule: only so it is known which rule each of them broke."""
    paths = dict(_paths(document))
    for rule in rules:
        kind = _KINDS.get(rule.__name__, rule.__name__.removesuffix("Rule"))
        for error in validate(schema, document, [rule]):
            path = next((paths[id(node)] for node in error.nodes or () if id(node) in paths), "")
            words = error.message
            if found := _UNDEFINED.match(words):
                words = f"Field '{found['field']}' in type '{found['type']}' is undefined"
            message = invalid(kind, f"{words.rstrip('.')} @ '{path}'" if path else words)
            yield GraphQLError(message, nodes=error.nodes, extensions={"ErrorType": VALIDATION})


def _paths(node: Node, above: tuple[str, ...] = ()) -> Iterator[tuple[int, str]]:
    """The path of fields to every node, by the node's identity: `uiapi/query/Account`."""
    path = (*above, node.name.value) if isinstance(node, FieldNode) else above
    yield id(node), "/".join(path)
    for key in node.keys:
        value = getattr(node, key, None)
        for inner in value if isinstance(value, list | tuple) else (value,):
            if isinstance(inner, Node):
                yield from _paths(inner, path)


class _Counting(Visitor):
    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types
        self.count = 0

    def enter_field(self, _node: FieldNode, *_place: Any) -> None:
        parent = self._types.get_parent_type()
        self.count += parent is not None and parent.name in _ROOTS


def _too_many(schema: GraphQLSchema, document: DocumentNode) -> Iterator[GraphQLError]:
    """What is wrong with the number of subqueries."""
    for definition in document.definitions:
        types = TypeInfo(schema)
        counting = _Counting(types)
        visit(definition, TypeInfoVisitor(types, counting))
        if counting.count > MOST_SUBQUERIES and isinstance(definition, OperationDefinitionNode):
            yield refused(f"A query can have up to {MOST_SUBQUERIES} subqueries, not {counting.count}.", ABORTED)
