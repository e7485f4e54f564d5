"""Object Info and picklist values: what the UI API says of an object, in other words than describe does.

Keys and terms are those of a recorded answer for accounts. Left out are compound fields, as everywhere in this org;
nothing here has record types or dependent picklists. An object's colour and icon are those of its tab.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from connector.local.org.describe import full
from connector.local.org.metadata import source_root
from connector.local.org.model import Field, SObject
from connector.local.org.org import Org, View
from connector.local.org.ui.selecting import MASTER, etag

_SAME = (
    "calculated compoundFieldName controllerName createable custom filterable filteredLookupInfo highScaleNumber "
    "htmlFormatted inlineHelpText label length nameField polymorphicForeignKey precision referenceTargetField "
    "relationshipName scale searchPrefilterable sortable unique updateable"
).split()
_OF_OBJECT = (
    "createable custom deletable feedEnabled keyPrefix label labelPlural layoutable mruEnabled queryable searchable "
    "updateable"
).split()
_DATA_TYPES = {"datetime": "DateTime", "textarea": "TextArea", "id": "String"}
_PERSON_NAMES = ["FirstName", "LastName", "Name"]
_THEMES = {
    "Account": ("5867E8", "standard/account"),
    "AccountTeamMember": ("8199AF", "standard/team_member"),
    "Case": ("FF538A", "standard/case"),
    "Contact": ("9602C7", "standard/contact"),
    "Opportunity": ("FF5D2D", "standard/opportunity"),
    "User": ("0D9DDA", "standard/user"),
}
_MOTIF = re.compile(r"<motif>Custom(\d+):")


def object_info(item: SObject, org: Org, view: View, base: str, host: str) -> dict[str, Any]:
    """The object as this user gets it. `base` is `/services/data/vXX.X`, `host` this org's address."""
    rights, schema = view.access.rights[item.name.lower()], view.access.schema
    described = full(item, rights, base, schema, org.active_currencies())
    info = {
        **{key: described[key] for key in _OF_OBJECT},
        "apiName": item.name,
        "childRelationships": [_child(child) for child in described["childRelationships"]],
        "defaultRecordTypeId": MASTER,
        "dependentFields": {},
        "fields": {own["name"]: _field(own, org) for own in sorted(described["fields"], key=lambda own: own["name"])},
        "nameFields": _name_fields(item),
        "recordTypeInfos": {MASTER: _master()},
        "themeInfo": _theme(item, org, host),
    }
    return {**info, "eTag": etag(info)}


def picklist_values(item: SObject, own: Field, currencies: Iterable[str], base: str) -> dict[str, Any]:
    """The values of a picklist field."""
    picklist = own.picklist
    if picklist is None:
        raise ValueError(f"{own.name} is not a picklist.")
    values = [_value(value) for value in (currencies if own.name == "CurrencyIsoCode" else picklist.values)]
    answer = {
        "controllerValues": {},
        "defaultValue": None if picklist.default is None else _value(picklist.default),
        "url": f"{base}/ui-api/object-info/{item.name}/picklist-values/{MASTER}/{own.name}",
        "values": values,
    }
    return {**answer, "eTag": etag(answer)}


def _value(value: str) -> dict[str, Any]:
    return {"attributes": None, "label": value, "validFor": [], "value": value}


def _field(described: dict[str, Any], org: Org) -> dict[str, Any]:
    """One field. `required` says that it is never empty, even where nobody need fill it in."""
    kind = described["type"]
    return {
        **{key: described[key] for key in _SAME},
        "apiName": described["name"],
        "compound": False,
        "compoundComponentName": None,
        "controllingFields": [],
        "dataType": _DATA_TYPES.get(kind, kind.capitalize()),
        "extraTypeInfo": "PlainTextArea" if described["extraTypeInfo"] else None,
        "reference": bool(described["referenceTo"]),
        "referenceToInfos": [
            {"apiName": name, "nameFields": _name_fields(target)}
            for name in described["referenceTo"]
            if (target := org.schema.get(name))
        ],
        "required": not described["nillable"],
    }


def _name_fields(item: SObject) -> list[str]:
    if item.get("LastName"):
        return list(_PERSON_NAMES)
    return [own.name for own in item.fields.values() if own.name_field]


def _child(described: dict[str, Any]) -> dict[str, Any]:
    return {
        "childObjectApiName": described["childSObject"],
        "fieldName": described["field"],
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": described["relationshipName"],
    }


def _master() -> dict[str, Any]:
    return {
        "available": True,
        "defaultRecordTypeMapping": True,
        "master": True,
        "name": "Master",
        "recordTypeId": MASTER,
    }


def _theme(item: SObject, org: Org, host: str) -> dict[str, str]:
    color, icon = _THEMES.get(item.name) or ("5C7CFA", _custom_icon(item.name, org.config.metadata))
    return {"color": color, "iconUrl": f"{host}/img/icon/t4v35/{icon}_120.png"}


@lru_cache(maxsize=64)
def _custom_icon(name: str, metadata: Path) -> str:
    """The icon of the motif that the object's tab has."""
    tab = source_root(metadata) / "tabs" / f"{name}.tab-meta.xml"
    found = _MOTIF.search(tab.read_text()) if tab.exists() else None
    return f"custom/custom{found[1]}" if found else "standard/custom_notification"
