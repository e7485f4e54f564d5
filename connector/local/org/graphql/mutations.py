"""`mutation { uiapi(input: {allOrNone: …}) { XCreate XUpdate XDelete } }`: one transaction a `uiapi`.

All operations run when `uiapi` itself is resolved, in the order written; the fields below it only show what became of
each. The real API runs them as a composite graph, whose words for rolled back operations and whose limit they share.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_argument_values,
    get_named_type,
)
from graphql.execution.collect_fields import collect_sub_fields

from connector.local.org.access import Rights
from connector.local.org.batch import Action, run_rows
from connector.local.org.dml import Saved
from connector.local.org.faults import RowFailure
from connector.local.org.graphql.kinds import kind_of
from connector.local.org.graphql.nodes import Node, Reading, alone
from connector.local.org.graphql.records import RecordTypes
from connector.local.org.graphql.references import References
from connector.local.org.graphql.refusals import ABORTED, refused
from connector.local.org.graphql.scalars import ID_OR_REF, SCALARS
from connector.local.org.http.context import row_failure, the_remover
from connector.local.org.model import Field, OrgError, SObject
from connector.local.org.removal import Remover
from connector.local.org.values import BadValueError

# Not in the guide: measured on a live org with allOrNone false. Whether it holds with true is unknown, so it does here.
MOST_OPERATIONS = 75
_ROLLED_BACK = OrgError(
    "PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed."
)
Given = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One field below `uiapi`: its key in the answer, what it does to which object, and its input."""

    key: str
    verb: str
    item: SObject
    given: Given


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an operation."""

    item: SObject
    saved: Saved


class MutationTypes:
    """The mutations that one user may make."""

    def __init__(self, objects: dict[str, SObject], rights: dict[str, Rights], records: RecordTypes) -> None:
        self._objects = objects
        self._rights = rights
        self._records = records
        deletion = GraphQLInputObjectType("RecordDeleteInput", {"Id": GraphQLInputField(GraphQLNonNull(ID_OR_REF))})
        self._deletion = GraphQLArgument(GraphQLNonNull(deletion))
        self._deleted = GraphQLObjectType("RecordDeletePayload", {"Id": GraphQLField(GraphQLID, resolve=_id)})

    def mutation(self) -> GraphQLObjectType | None:
        """`Mutation`; none where the user may change nothing at all."""
        operations: dict[str, GraphQLField] = {}
        for item in self._objects.values():
            operations |= self._operations(item)
        if not operations:
            return None
        options = GraphQLInputObjectType("UIAPIMutationsInput", {"allOrNone": GraphQLInputField(GraphQLBoolean)})
        uiapi = GraphQLField(
            GraphQLNonNull(GraphQLObjectType("UIAPIMutations", operations)),
            args={"input": GraphQLArgument(options)},
            resolve=_run,
        )
        return GraphQLObjectType("Mutation", {"uiapi": uiapi})

    def _operations(self, item: SObject) -> dict[str, GraphQLField]:
        rights = self._rights[item.name.lower()]
        fields: dict[str, GraphQLField] = {}
        if rights.create and any(own.createable for own in item.fields.values()):
            fields[f"{item.name}Create"] = self._saving(item, "Create", lambda own: own.createable)
        if rights.edit and any(own.updateable for own in item.fields.values()):
            fields[f"{item.name}Update"] = self._saving(item, "Update", lambda own: own.updateable)
        if rights.delete:
            fields[f"{item.name}Delete"] = GraphQLField(
                self._deleted, args={"input": self._deletion}, resolve=_done, extensions={"does": ("Delete", item)}
            )
        return fields

    def _saving(self, item: SObject, verb: str, takes: Callable[[Field], bool]) -> GraphQLField:
        def values() -> dict[str, GraphQLInputField]:
            return {own.name: GraphQLInputField(_input(own)) for own in item.fields.values() if takes(own)}

        name = f"{item.name}{verb}"
        representation = GraphQLInputObjectType(f"{name}Representation", values)
        fields = {item.name: GraphQLInputField(GraphQLNonNull(representation))}
        if verb == "Update":
            fields["Id"] = GraphQLInputField(GraphQLNonNull(ID_OR_REF))
        given = GraphQLArgument(GraphQLNonNull(GraphQLInputObjectType(f"{name}Input", fields)))
        payload = GraphQLObjectType(f"{name}Payload", partial(self._payload, item, verb))
        return GraphQLField(payload, args={"input": given}, resolve=_done, extensions={"does": (verb, item)})

    def _payload(self, item: SObject, verb: str) -> dict[str, GraphQLField]:
        fields = {"Record": GraphQLField(GraphQLNonNull(self._records.record(item)), resolve=_record)}
        if verb == "Update":
            fields["success"] = GraphQLField(GraphQLBoolean, resolve=lambda _done, _info: True)
        return fields


def _input(own: Field) -> Any:
    kind = kind_of(own)
    return ID_OR_REF if kind == "ID" else SCALARS[kind]


def _id(done: Done, _info: GraphQLResolveInfo) -> str | None:
    return done.saved.id


def _record(done: Done, info: GraphQLResolveInfo) -> Node:
    reading: Reading = info.context
    row = reading.row(done.item, done.saved.id)
    if row is None:
        raise OrgError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", 403)
    return alone(reading, done.item, row)


def _done(results: dict[str, Done], info: GraphQLResolveInfo, **_given: Any) -> Done:
    done = results[str(info.path.key)]
    if done.saved.errors:
        raise done.saved.errors[0]
    return done


def _run(_root: Any, info: GraphQLResolveInfo, **given: Any) -> dict[str, Done]:
    """All operations, in one transaction."""
    operations = _operations(info)
    if len(operations) > MOST_OPERATIONS:
        raise refused(f"Limit of {MOST_OPERATIONS} reached for number of graphs in Graph Api", ABORTED)
    all_or_none = (given.get("input") or {}).get("allOrNone")
    references = References(operation.key for operation in operations)
    remover = the_remover()
    actions = [_action(operation, references, remover) for operation in operations]
    ids = [operation.given.get("Id") for operation in operations]
    saved = run_rows(remover.writer, actions, ids, all_or_none=all_or_none is not False, failure=_failures(operations))
    return {operation.key: Done(operation.item, _worded(one)) for operation, one in zip(operations, saved, strict=True)}


def _operations(info: GraphQLResolveInfo) -> list[Operation]:
    kind = get_named_type(info.return_type)
    assert isinstance(kind, GraphQLObjectType)  # noqa: S101 - it is UIAPIMutations
    found = collect_sub_fields(info.schema, info.fragments, info.variable_values, kind, info.field_nodes)
    named = [(key, nodes[0]) for key, nodes in found.items() if nodes[0].name.value in kind.fields]
    return [_operation(key, node, kind.fields[node.name.value], info) for key, node in named]


def _operation(key: str, node: FieldNode, field: GraphQLField, info: GraphQLResolveInfo) -> Operation:
    verb, item = field.extensions["does"]
    return Operation(key, verb, item, get_argument_values(field, node, info.variable_values)["input"])


def _action(operation: Operation, references: References, remover: Remover) -> Action:
    item, given, writer = operation.item, operation.given, remover.writer

    def save() -> Saved:
        values = references.filled(operation.key, item, given.get(item.name) or {})
        record_id = references.found(operation.key, "Id", given.get("Id"))
        match operation.verb:
            case "Create":
                return writer.insert(item.name, values)
            case "Update":
                return writer.update(item.name, record_id, values)
        return remover.delete(item.name, record_id or "")

    def run() -> Saved:
        try:
            saved = save()
        except BadValueError as error:
            message = f"{error.field.label}: value not of required type: {error.value}"
            raise OrgError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, fields=[error.field.name]) from error
        references.note(operation.key, operation.verb, saved.id)
        return saved

    return run


def _worded(saved: Saved) -> Saved:
    """A rolled back row of a collection is a halted operation of a graph."""
    halted = saved.errors and saved.errors[0].code == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    return Saved(saved.id, errors=[_ROLLED_BACK]) if halted else saved


def _failures(operations: list[Operation]) -> RowFailure | None:
    """The faults in force, asked once per object."""
    names = dict.fromkeys(operation.item.name for operation in operations)
    by_name = {name: failure for name in names if (failure := row_failure(name))}
    if not by_name:
        return None

    def fails(number: int, record_id: str | None) -> OrgError | None:
        failure = by_name.get(operations[number].item.name)
        return failure(number, record_id) if failure else None

    return fails
