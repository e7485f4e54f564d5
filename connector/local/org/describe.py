"""Describe results in their full real shape; keys and types were compared with recordings of a real org."""

from collections.abc import Iterable
from typing import Any

from connector.local.org.access import Rights, permissionable
from connector.local.org.model import Child, Field, Schema, SObject
from connector.local.org.plan import has_default_formula
from connector.local.org.standard import MERGEABLE, SETUP_OBJECTS, UNDELETABLE
from connector.local.org.values import to_wire

_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
}
_LONG_TEXT = 255  # longer text areas can be neither filtered nor sorted
_NUMBERS = {"double", "currency", "percent"}
_TEXTS = {"string", "textarea", "email", "phone", "url", "picklist"}
_ALWAYS_SET = {"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "OwnerId", "Id"}


def summary(item: SObject, rights: Rights, base: str) -> dict[str, Any]:
    """The object as the list of all objects shows it. `base` is `/services/data/vXX.X`."""
    url = f"{base}/sobjects/{item.name}"
    setup = item.name in SETUP_OBJECTS
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": rights.create,
        "custom": item.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": rights.delete and item.name not in UNDELETABLE,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": item.key_prefix,
        "label": item.label,
        "labelPlural": item.label_plural,
        "layoutable": not setup,
        "mergeable": item.name in MERGEABLE,
        "mruEnabled": not setup,
        "name": item.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": not setup,
        "triggerable": not setup,
        "undeletable": not setup,
        "updateable": rights.edit,
        "urls": {"rowTemplate": f"{url}/{{ID}}", "describe": f"{url}/describe", "sobject": url},
    }


def full(item: SObject, rights: Rights, base: str, schema: Schema, currencies: Iterable[str]) -> dict[str, Any]:
    """The describe result of one object, as the user whose `item`, `rights` and `schema` these are gets it."""
    described = summary(item, rights, base) | {
        "actionOverrides": [],
        "childRelationships": [_child(child, schema) for child in item.children],
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [_field(item, own, tuple(currencies)) for own in item.fields.values()],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [_master_record_type(item, base)],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {item.label_plural.lower()}", "name": "everything"}],
    }
    return dict(sorted(described.items()))


def _master_record_type(item: SObject, base: str) -> dict[str, Any]:
    record_type = "012000000000000AAA"
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": record_type,
        "urls": {"layout": f"{base}/sobjects/{item.name}/describe/layouts/{record_type}"},
    }


def _child(child: Child, schema: Schema) -> dict[str, Any]:
    sobject = schema.get(child.sobject)
    field = sobject.get(child.field) if sobject else None
    return {
        "cascadeDelete": child.cascade_delete,
        "childSObject": child.sobject,
        "deprecatedAndHidden": False,
        "field": child.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": child.relationship_name,
        "restrictedDelete": field is not None and field.delete_constraint == "Restrict",
    }


def _field(item: SObject, own: Field, currencies: tuple[str, ...]) -> dict[str, Any]:
    described = {
        **_UNUSED,
        **_nature(item, own),
        **_size(own),
        **_use(own),
        "picklistValues": _picklist(own, currencies),
    }
    return dict(sorted(described.items()))


# what no field of this org has
_UNUSED = {
    "aiPredictionField": False,
    "controllerName": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "filteredLookupInfo": None,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "mask": None,
    "maskType": None,
    "queryByDistance": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "writeRequiresMasterRead": False,
}


def _nature(item: SObject, own: Field) -> dict[str, Any]:
    """What the field is."""
    polymorphic = len(own.reference_to) > 1
    return {
        "autoNumber": own.auto_number is not None,
        "calculated": own.formula is not None,
        "calculatedFormula": own.formula,
        "cascadeDelete": own.custom and own.delete_constraint == "Cascade",
        "caseSensitive": own.case_sensitive,
        "compoundFieldName": "Name" if own.name == "Name" and not item.custom else None,
        "custom": own.custom,
        "defaultValue": _default(own),
        "defaultValueFormula": own.default if has_default_formula(own) else None,
        "defaultedOnCreate": _defaulted(item, own),
        "externalId": own.external_id,
        "extraTypeInfo": "plaintextarea" if own.type == "textarea" else None,
        "formulaTreatNullNumberAsZero": own.formula_blank_as_zero,
        "idLookup": own.id_lookup,
        "inlineHelpText": own.help_text,
        "label": own.label,
        "name": own.name,
        "nameField": own.name_field,
        "namePointing": polymorphic,
        "polymorphicForeignKey": polymorphic,
        "referenceTo": list(own.reference_to),
        "relationshipName": own.relationship_name,
        "restrictedDelete": own.custom and own.delete_constraint == "Restrict",
        "restrictedPicklist": own.picklist is not None and own.picklist.restricted,
        "soapType": _SOAP.get(own.type, "xsd:string"),
        "type": own.type,
        "unique": own.unique,
    }


def _size(own: Field) -> dict[str, Any]:
    return {
        "byteLength": own.length * 3 if own.type in _TEXTS else own.length,
        "digits": own.precision if own.type == "int" else 0,
        "length": own.length,
        "precision": own.precision if own.type in _NUMBERS else 0,
        "scale": own.scale,
    }


def _use(own: Field) -> dict[str, Any]:
    """What one may do with the field."""
    short = not (own.type == "textarea" and own.length > _LONG_TEXT)
    return {
        "aggregatable": short and own.type != "boolean",
        "createable": own.createable,
        "filterable": short,
        "groupable": short and own.type not in _NUMBERS | {"datetime"} and own.formula is None,
        "nillable": not own.required and own.type != "boolean",
        "permissionable": permissionable(own),
        "searchPrefilterable": own.type == "reference" and permissionable(own),
        "sortable": short,
        "updateable": own.updateable,
    }


def _picklist(own: Field, currencies: tuple[str, ...]) -> list[dict[str, Any]]:
    if own.picklist is None:
        return []
    values = currencies if own.name == "CurrencyIsoCode" else own.picklist.values
    return [
        {
            "active": True,
            "defaultValue": value == own.picklist.default,
            "label": value,
            "validFor": None,
            "value": value,
        }
        for value in values
    ]


def _default(own: Field) -> Any:
    if own.type == "boolean":
        return bool(own.default) if own.formula is None else None
    return None if own.custom else to_wire(own, own.default)


def _defaulted(item: SObject, own: Field) -> bool:
    if own.name in _ALWAYS_SET or own.auto_number or (own.type == "boolean" and own.formula is None):
        return True
    return own.default is not None or (own.name == "Name" and item.custom)
