"""Reads the SFDX source files that make up an org. What it does not know it refuses by file and element: a field that
was half understood would be enforced wrongly, and the mistake would show only in a real org.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import ParseError
from defusedxml.ElementTree import parse as parse_xml

from connector.local.org.model import Field, Picklist

_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"

_OBJECT = frozenset(
    "actionOverrides allowInChatterGroups compactLayoutAssignment deploymentStatus description enableActivities "
    "enableBulkApi enableEnhancedLookup enableFeeds enableHistory enableLicensing enableReports enableSearch "
    "enableSharing enableStreamingApi externalSharingModel label nameField pluralLabel searchLayouts sharingModel "
    "startsWith visibility".split()
)
_FIELD = frozenset(
    "businessOwnerGroup businessStatus caseSensitive complianceGroup defaultValue deleteConstraint description "
    "displayFormat displayLocationInDecimal externalId formula formulaTreatBlanksAs fullName inlineHelpText label "
    "length precision populateExistingRows referenceTo relationshipLabel relationshipName required scale "
    "securityClassification startingNumber trackFeedHistory trackHistory trackTrending type unique valueSet "
    "visibleLines".split()
)
_RULE = frozenset("fullName active description errorConditionFormula errorDisplayField errorMessage".split())
_FOLDERS_READ = {"fields", "validationRules"}
_FOLDERS_WITHOUT_EFFECT_ON_DATA = {"listViews", "compactLayouts", "webLinks", "fieldSets"}
_OPEN = "ReadWrite"
_SHARING = ("Private", "Read", _OPEN)

# metadata type → type in a describe result, length where the metadata states none
_TYPES = {
    "AutoNumber": ("string", 30),
    "Checkbox": ("boolean", 0),
    "Currency": ("currency", 0),
    "Date": ("date", 0),
    "DateTime": ("datetime", 0),
    "Email": ("email", 80),
    "LongTextArea": ("textarea", 32_768),
    "Lookup": ("reference", 18),
    "Number": ("double", 0),
    "Percent": ("percent", 0),
    "Phone": ("phone", 40),
    "Picklist": ("picklist", 255),
    "Text": ("string", 255),
    "TextArea": ("textarea", 255),
    "Url": ("url", 255),
}


class MetadataError(Exception):
    """A source file that the local org cannot enforce; the message names the file and what to change."""


@dataclass(frozen=True)
class ObjectSource:
    """One folder under `objects/`, read: `name_field` is None for additions to a standard object."""

    name: str
    label: str
    label_plural: str
    name_field: Field | None
    activities: bool
    sharing: str  # organization-wide default
    fields: tuple[Field, ...]
    child_names: Mapping[str, str]  # lookup field → its rows' name seen from the parent
    rules: tuple["Rule", ...]


@dataclass(frozen=True)
class Rule:
    """A validation rule: a row for which `formula` is true is refused with `message`."""

    name: str
    formula: str
    message: str
    field: str | None


def source_root(metadata: Path) -> Path:
    """The folder that holds `objects/` and `permissionsets/`, given it or the SFDX project around it."""
    for root in (metadata / "force-app/main/default", metadata):
        if (root / "objects").is_dir():
            return root
    raise MetadataError(f"{metadata} has no objects/ folder; give the SFDX project (the folder with force-app/).")


def read_objects(root: Path) -> Iterator[ObjectSource]:
    """Every object folder, by name."""
    for folder in sorted(path for path in (root / "objects").iterdir() if path.is_dir()):
        yield _read_object(folder)


def read_xml(path: Path, root: str, known: Iterable[str]) -> Element:
    """The file's root element, all of whose children are known. Raises MetadataError naming what is not."""
    try:
        element = parse_xml(path).getroot()
    except ParseError as error:
        raise MetadataError(f"{path} is not well-formed XML: {error}") from error
    if element is None:
        raise MetadataError(f"{path} is empty.")
    for node in element.iter():
        node.tag = node.tag.removeprefix(_NAMESPACE)
    if element.tag != root:
        raise MetadataError(f"{path}: the root is <{element.tag}>, expected <{root}>.")
    unknown = sorted({child.tag for child in element} - set(known))
    if unknown:
        raise MetadataError(f"{path}: the local org does not know <{unknown[0]}> in <{root}>; teach it or remove it.")
    return element


def flag_of(element: Element, name: str, default: bool = False) -> bool:
    """A true/false child element."""
    value = element.findtext(name)
    return default if value is None else value.strip() == "true"


def _read_object(folder: Path) -> ObjectSource:
    strange = {p.name for p in folder.iterdir() if p.is_dir()} - _FOLDERS_READ - _FOLDERS_WITHOUT_EFFECT_ON_DATA
    if strange:
        raise MetadataError(f"{folder}: the local org does not support {min(strange)}/; remove it or teach it.")
    meta = folder / f"{folder.name}.object-meta.xml"
    read = [_read_field(path) for path in sorted(folder.glob("fields/*.field-meta.xml"))]
    fields = tuple(field for field, _ in read)
    names = {field.name: f"{child}__r" for field, child in read if child}
    rules = tuple(filter(None, map(_read_rule, sorted(folder.glob("validationRules/*.validationRule-meta.xml")))))
    if not meta.exists():
        if folder.name.endswith("__c"):
            raise MetadataError(f"{folder} has no {meta.name}.")
        return ObjectSource(folder.name, folder.name, folder.name, None, False, _OPEN, fields, names, rules)
    element = read_xml(meta, "CustomObject", _OBJECT)
    label = element.findtext("label") or folder.name
    return ObjectSource(
        folder.name,
        label,
        element.findtext("pluralLabel") or label,
        _name_field(meta, element) if folder.name.endswith("__c") else None,
        activities=flag_of(element, "enableActivities"),
        sharing=_sharing(meta, element),
        fields=fields,
        child_names=names,
        rules=rules,
    )


def _sharing(path: Path, element: Element) -> str:
    model = element.findtext("sharingModel") or _OPEN
    if model not in _SHARING:
        raise MetadataError(f"{path}: the local org does not enforce <sharingModel>{model}; use one of {_SHARING}.")
    return model


def _name_field(path: Path, element: Element) -> Field:
    node = element.find("nameField")
    kind = None if node is None else node.findtext("type")
    label = (node.findtext("label") if node is not None else None) or "Name"
    if node is not None and kind == "Text":
        return Field("Name", label, "string", length=80, name_field=True, id_lookup=True)
    if node is not None and kind == "AutoNumber":
        display = node.findtext("displayFormat") or "{0}"
        return Field(
            "Name",
            label,
            "string",
            length=80,
            name_field=True,
            id_lookup=True,
            required=True,
            auto_number=display,
            createable=False,
            updateable=False,
        )
    raise MetadataError(f"{path}: <nameField> must be of type Text or AutoNumber, not {kind}.")


def _read_field(path: Path) -> tuple[Field, str | None]:
    """The field, and for a lookup the name of the rows that point with it."""
    node = read_xml(path, "CustomField", _FIELD)
    kind = node.findtext("type") or ""
    if kind not in _TYPES:
        raise MetadataError(f"{path}: the local org does not know fields of type {kind!r}.")
    described, length = _TYPES[kind]
    name = path.name.removesuffix(".field-meta.xml")
    if node.findtext("fullName") not in {None, name}:
        raise MetadataError(f"{path}: <fullName> is not the name of the file.")
    external = flag_of(node, "externalId")
    computed = node.findtext("formula") is not None
    writable = kind != "AutoNumber" and not computed
    field = Field(
        name,
        node.findtext("label") or name,
        described,
        length=_integer(path, node, "length", length) if not computed else 1300 * (described == "string"),
        precision=_integer(path, node, "precision", 18 if described in {"currency", "double", "percent"} else 0),
        scale=_integer(path, node, "scale", 0),
        required=flag_of(node, "required") or kind in {"Checkbox", "AutoNumber"},
        unique=flag_of(node, "unique"),
        case_sensitive=flag_of(node, "caseSensitive"),
        external_id=external,
        id_lookup=external,
        auto_number=(node.findtext("displayFormat") or "{0}") if kind == "AutoNumber" else None,
        custom=True,
        createable=writable,
        updateable=writable,
        help_text=node.findtext("inlineHelpText"),
        formula=node.findtext("formula"),
        formula_blank_as_zero=node.findtext("formulaTreatBlanksAs") == "BlankAsZero",
        **_particulars(path, node, name, kind),
    )
    return field, node.findtext("relationshipName")


def _particulars(path: Path, node: Element, name: str, kind: str) -> dict[str, Any]:
    """What only some types have: picklist values, the target of a lookup, a default."""
    default = node.findtext("defaultValue")
    if kind == "Checkbox":
        return {"default": default == "true"}
    if kind == "Picklist":
        picklist = _picklist(path, node)
        return {"picklist": picklist, "default": picklist.default}
    if kind == "Lookup":
        target = node.findtext("referenceTo")
        if target is None:
            raise MetadataError(f"{path}: a lookup needs <referenceTo>.")
        return {
            "reference_to": (target,),
            "relationship_name": name.removesuffix("__c") + "__r",
            "delete_constraint": node.findtext("deleteConstraint") or "SetNull",
        }
    return {"default": default}  # a formula, evaluated when a row is made


def _picklist(path: Path, node: Element) -> Picklist:
    definition = node.find("valueSet/valueSetDefinition")
    if definition is None:
        raise MetadataError(f"{path}: only picklists with their own <valueSetDefinition> are supported.")
    active = [value for value in definition.findall("value") if flag_of(value, "isActive", default=True)]
    chosen = [value.findtext("fullName") for value in active if flag_of(value, "default")]
    values = tuple(value.findtext("fullName") or "" for value in active)
    return Picklist(values, flag_of(_child(node, "valueSet"), "restricted"), chosen[0] if chosen else None)


def _child(node: Element, name: str) -> Element:
    found = node.find(name)
    assert found is not None, name  # noqa: S101 - the caller has looked below it
    return found


def _integer(path: Path, node: Element, name: str, default: int) -> int:
    value = node.findtext(name)
    try:
        return default if value is None else int(Decimal(value))
    except ArithmeticError as error:
        raise MetadataError(f"{path}: <{name}> is not a number: {value!r}") from error


def _read_rule(path: Path) -> Rule | None:
    node = read_xml(path, "ValidationRule", _RULE)
    if not flag_of(node, "active"):
        return None
    return Rule(
        node.findtext("fullName") or path.name,
        node.findtext("errorConditionFormula") or "",
        node.findtext("errorMessage") or "",
        node.findtext("errorDisplayField"),
    )
