"""`uiapi { objectInfos(apiNames: […]) { … } }`: labels, types and picklist values of what the user sees."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLString,
)

from connector.local.org.access import Access
from connector.local.org.graphql.kinds import is_long_text, supported
from connector.local.org.graphql.operators import enum
from connector.local.org.model import Child, Field, SObject

MASTER_RECORD_TYPE = "012000000000000AAA"

_Y_N = GraphQLNonNull(GraphQLBoolean)
_DATA_TYPE = enum(
    "DataType",
    *"STRING TEXTAREA PHONE EMAIL URL BOOLEAN CURRENCY INT DOUBLE PERCENT DATETIME DATE REFERENCE PICKLIST".split(),
)
Fields = dict[str, GraphQLField]


@dataclass(frozen=True, slots=True)
class Info:
    """One object as the user sees it."""

    item: SObject
    access: Access


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One of its fields."""

    own: Field
    access: Access


def _object(kind: Any, read: Any) -> GraphQLField:
    return GraphQLField(kind, resolve=lambda info, _info: read(info))


def _field(kind: Any, read: Any) -> GraphQLField:
    return GraphQLField(kind, resolve=lambda info, _info: read(info.own))


def _data_type(own: Field) -> str:
    return "REFERENCE" if own.type == "id" else own.type.upper()


_FIELD: Fields = {
    "ApiName": _field(GraphQLNonNull(GraphQLString), lambda own: own.name),
    "calculated": _field(_Y_N, lambda own: own.formula is not None or own.auto_number is not None),
    "createable": _field(_Y_N, lambda own: own.createable),
    "custom": _field(_Y_N, lambda own: own.custom),
    "dataType": _field(_DATA_TYPE, _data_type),
    "filterable": _field(_Y_N, lambda own: not is_long_text(own)),
    "inlineHelpText": _field(GraphQLString, lambda own: own.help_text),
    "label": _field(GraphQLString, lambda own: own.label),
    "nameField": _field(_Y_N, lambda own: own.name_field),
    "polymorphicForeignKey": _field(_Y_N, lambda own: len(own.reference_to) > 1),
    "precision": _field(GraphQLInt, lambda own: own.precision),
    "reference": _field(_Y_N, lambda own: own.type == "reference"),
    "relationshipName": _field(GraphQLString, lambda own: own.relationship_name),
    "required": _field(_Y_N, lambda own: own.required and own.type != "boolean"),
    "scale": _field(GraphQLInt, lambda own: own.scale),
    "sortable": _field(_Y_N, lambda own: not is_long_text(own)),
    "updateable": _field(_Y_N, lambda own: own.updateable),
}


def _targets(info: FieldInfo, _info: GraphQLResolveInfo) -> list[Info]:
    return _infos(info.access, info.own.reference_to)


def _infos(access: Access, names: Iterable[str]) -> list[Info]:
    seen = supported(access.schema)
    return [Info(seen[name], access) for name in names if name in seen]


def _names(info: Info) -> list[str]:
    return [own.name for own in info.item.fields.values() if own.name_field]


def _values(own: Field) -> list[dict[str, str]]:
    return [{"value": value, "label": value} for value in (own.picklist.values if own.picklist else ())]


_REFERENCE = GraphQLObjectType(
    "ReferenceToInfo",
    {
        "ApiName": _object(GraphQLNonNull(GraphQLString), lambda info: info.item.name),
        "nameFields": _object(GraphQLNonNull(GraphQLList(GraphQLString)), _names),
    },
)
_FIELD["referenceToInfos"] = GraphQLField(GraphQLNonNull(GraphQLList(_REFERENCE)), resolve=_targets)

_VALUE = GraphQLObjectType(
    "PicklistValues", {"value": GraphQLField(GraphQLString), "label": GraphQLField(GraphQLString)}
)
_BY_RECORD_TYPE = GraphQLObjectType(
    "PicklistValueByRecordTypeIDs",
    {
        "recordTypeID": GraphQLField(GraphQLNonNull(GraphQLString)),
        "picklistValues": GraphQLField(GraphQLList(GraphQLNonNull(_VALUE))),
        "defaultValue": GraphQLField(_VALUE),
    },
)


def _picklists(own: Field) -> list[dict[str, Any]]:
    """One list, of the master record type: the local org has no others."""
    chosen = own.picklist.default if own.picklist else None
    default = {"value": chosen, "label": chosen} if chosen else None
    return [{"recordTypeID": MASTER_RECORD_TYPE, "picklistValues": _values(own), "defaultValue": default}]


_FIELD_TYPE = GraphQLInterfaceType(
    "Field",
    _FIELD,
    resolve_type=lambda info, _info, _type: "PicklistField" if info.own.picklist else "StandardField",
)
STANDARD_FIELD = GraphQLObjectType("StandardField", _FIELD, interfaces=[_FIELD_TYPE])
PICKLIST_FIELD = GraphQLObjectType(
    "PicklistField",
    {**_FIELD, "picklistValuesByRecordTypeIDs": _field(GraphQLList(_BY_RECORD_TYPE), _picklists)},
    interfaces=[_FIELD_TYPE],
)


def _children(info: Info) -> list[Child]:
    seen = supported(info.access.schema)
    return [child for child in info.item.children if child.sobject in seen]


_CHILD = GraphQLObjectType(
    "ChildRelationship",
    {
        "childObjectApiName": _object(GraphQLNonNull(GraphQLString), lambda child: child.sobject),
        "fieldName": _object(GraphQLString, lambda child: child.field),
        "relationshipName": _object(GraphQLString, lambda child: child.relationship_name),
    },
)


def _right(name: str) -> GraphQLField:
    return _object(_Y_N, lambda info: getattr(info.access.rights[info.item.name.lower()], name))


OBJECT_INFO = GraphQLObjectType(
    "ObjectInfo",
    {
        "ApiName": _object(GraphQLNonNull(GraphQLString), lambda info: info.item.name),
        "childRelationships": _object(GraphQLNonNull(GraphQLList(_CHILD)), _children),
        "createable": _right("create"),
        "custom": _object(_Y_N, lambda info: info.item.custom),
        "defaultRecordTypeId": _object(GraphQLID, lambda _: MASTER_RECORD_TYPE),
        "deletable": _right("delete"),
        "fields": _object(
            GraphQLNonNull(GraphQLList(_FIELD_TYPE)),
            lambda info: [FieldInfo(own, info.access) for own in info.item.fields.values()],
        ),
        "keyPrefix": _object(GraphQLString, lambda info: info.item.key_prefix),
        "label": _object(GraphQLString, lambda info: info.item.label),
        "labelPlural": _object(GraphQLString, lambda info: info.item.label_plural),
        "nameFields": _object(GraphQLNonNull(GraphQLList(GraphQLString)), _names),
        "queryable": _right("read"),
        "updateable": _right("edit"),
    },
)


def _resolve(_uiapi: Any, info: GraphQLResolveInfo, **given: Any) -> list[Info]:
    """Unverified: that names the user does not see are left out of the list without an error."""
    return _infos(info.context.view.access, given["apiNames"])


OBJECT_INFOS = GraphQLField(
    GraphQLList(OBJECT_INFO),
    args={"apiNames": GraphQLArgument(GraphQLNonNull(GraphQLList(GraphQLNonNull(GraphQLString))))},
    resolve=_resolve,
)
