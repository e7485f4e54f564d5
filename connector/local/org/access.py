"""Who may see and write what. A hidden field is not refused: it does not exist for that user, as in a real org.

Three kinds of user: the administrator (everything), people (standard objects, and what their permission sets add), and
the integration user, who like the API-only licence reads the standard objects and writes only what a permission set
says, field by field. Which rows of an object they have is said elsewhere, in `sharing`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from xml.etree.ElementTree import Element

from connector.local.org.metadata import MetadataError, flag_of, read_xml, source_root
from connector.local.org.model import Child, Field, Schema, SObject
from connector.local.org.standard import GUARDED_SETUP, SETUP_OBJECTS

_ELEMENTS = frozenset(
    "agentAccesses applicationVisibilities classAccesses customMetadataTypeAccesses customPermissions "
    "customSettingAccesses description externalCredentialPrincipalAccesses externalDataSourceAccesses fieldPermissions "
    "flowAccesses hasActivationRequired label license objectPermissions pageAccesses recordTypeVisibilities "
    "tabSettings userPermissions".split()
)


@dataclass(frozen=True)
class Rights:
    """What a user may do with the rows of one object."""

    read: bool = False
    create: bool = False
    edit: bool = False
    delete: bool = False
    view_all: bool = False  # whatever is shared with whom
    modify_all: bool = False

    def __or__(self, other: "Rights") -> "Rights":
        """What either grants."""
        return Rights(*(mine or theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


NOTHING = Rights()
READ = Rights(read=True)
ALL = Rights(read=True, create=True, edit=True, delete=True)
EVERYTHING = replace(ALL, view_all=True, modify_all=True)


@dataclass
class Grants:
    """Rights by lower-case object, and (read, edit) by lower-case `Object.Field`; `label`: of the permission set."""

    label: str = ""
    objects: dict[str, Rights] = field(default_factory=dict)
    fields: dict[str, tuple[bool, bool]] = field(default_factory=dict)

    def add(self, other: "Grants") -> None:
        """Permission sets only ever add."""
        for name, rights in other.objects.items():
            self.objects[name] = self.objects.get(name, NOTHING) | rights
        for name, (read, edit) in other.fields.items():
            had = self.fields.get(name, (False, False))
            self.fields[name] = (had[0] or read, had[1] or edit)


@dataclass(frozen=True)
class Access:
    """How one user sees the org: the schema that exists for them, and their rights on each of its objects."""

    schema: Schema
    rights: Mapping[str, Rights]


def read_permission_sets(metadata: Path, schema: Schema) -> dict[str, Grants]:
    """Each permission set of the project by name. Raises MetadataError where one names a field that does not exist."""
    folder = source_root(metadata) / "permissionsets"
    suffix = ".permissionset-meta.xml"
    return {path.name.removesuffix(suffix): _read(path, schema) for path in sorted(folder.glob(f"*{suffix}"))}


def administrator(schema: Schema) -> Access:
    """Everything."""
    return Access(schema, dict.fromkeys(schema.objects, EVERYTHING))


def person(schema: Schema, sets: Iterable[Grants], revoked: frozenset[str]) -> Access:
    """A person with a standard profile and permission sets."""
    own = {item.name.lower(): READ if item.name in SETUP_OBJECTS else ALL for item in _standard(schema)}
    return _restricted(schema, Grants(objects=own), sets, revoked, edits_standard=True)


def integration(schema: Schema, sets: Iterable[Grants], revoked: frozenset[str]) -> Access:
    """The API-only user."""
    own = {item.name.lower(): READ for item in _standard(schema)}
    return _restricted(schema, Grants(objects=own), sets, revoked, edits_standard=False)


def _standard(schema: Schema) -> list[SObject]:
    """The standard objects that everybody may use."""
    return [item for item in schema.objects.values() if not item.custom and item.name not in GUARDED_SETUP]


def _restricted(
    schema: Schema, grants: Grants, sets: Iterable[Grants], revoked: frozenset[str], *, edits_standard: bool
) -> Access:
    for added in sets:
        grants.add(added)
    rights = {name: rights for name, rights in grants.objects.items() if rights.read}
    objects = {}
    for name, item in schema.objects.items():
        if name in rights:
            fields = _fields(item, rights[name], grants, revoked, edits_standard=edits_standard)
            objects[name] = replace(item, fields=fields)
    seen = {name: replace(item, children=_children(item, objects)) for name, item in objects.items()}
    return Access(Schema(seen), rights)


def _fields(
    item: SObject, rights: Rights, grants: Grants, revoked: frozenset[str], *, edits_standard: bool
) -> dict[str, Field]:
    fields = {}
    for name, own in item.fields.items():
        key = f"{item.name}.{own.name}".lower()
        read, edit = grants.fields.get(key, (False, False))
        if not permissionable(own):
            read = edit = True
        elif not own.custom:
            read, edit = True, edit or edits_standard
        if read and key not in revoked:
            createable = own.createable and edit and rights.create
            fields[name] = replace(own, createable=createable, updateable=own.updateable and edit and rights.edit)
    return fields


def _children(item: SObject, objects: Mapping[str, SObject]) -> tuple[Child, ...]:
    return tuple(
        child for child in item.children if (seen := objects.get(child.sobject.lower())) and seen.get(child.field)
    )


def permissionable(own: Field) -> bool:
    """Whether field-level security applies: who sees an object sees its required, system and name fields."""
    if own.custom:
        return own.type == "boolean" or not own.required
    return own.createable and not own.required and not own.name_field and own.name != "CurrencyIsoCode"


def _read(path: Path, schema: Schema) -> Grants:
    node = read_xml(path, "PermissionSet", _ELEMENTS)
    grants = Grants(node.findtext("label") or "")
    for item in node.findall("objectPermissions"):
        name = (item.findtext("object") or "").lower()
        if name not in schema.objects:
            raise MetadataError(f"{path}: there is no object {item.findtext('object')}.")
        names = ("allowRead", "allowCreate", "allowEdit", "allowDelete", "viewAllRecords", "modifyAllRecords")
        grants.objects[name] = Rights(*(flag_of(item, allow) for allow in names))
    for item in node.findall("fieldPermissions"):
        full = item.findtext("field") or ""
        grants.fields |= dict.fromkeys(
            _keys(path, full, schema), (flag_of(item, "readable"), flag_of(item, "editable"))
        )
    _add_user_permissions(grants, _user_permissions(node), schema)
    return grants


def _user_permissions(node: Element) -> set[str | None]:
    return {item.findtext("name") for item in node.findall("userPermissions") if flag_of(item, "enabled")}


def _add_user_permissions(grants: Grants, held: set[str | None], schema: Schema) -> None:
    """Some objects have no object permissions; a user permission stands in their place."""
    if "EditTask" in held:
        grants.objects["task"] = ALL
        standard = [own for own in schema.objects["task"].fields.values() if not own.custom]
        grants.fields |= {f"task.{own.name}".lower(): (True, True) for own in standard}
    if "ViewSetup" in held:
        grants.objects |= {name.lower(): READ for name in GUARDED_SETUP}


def _keys(path: Path, full: str, schema: Schema) -> list[str]:
    """`Object.Field` in lower case; what is said of an activity holds for a task."""
    name, _, own = full.partition(".")
    if name == "Event":
        return []
    target = schema.get("Task" if name == "Activity" else name)
    parts = _parts_of_address(target, own)
    if parts:
        return parts
    found = None if target is None else target.get(own)
    if target is None or found is None:
        raise MetadataError(f"{path}: field permission for {full}, which does not exist.")
    if not permissionable(found) and found.custom:
        raise MetadataError(f"{path}: {full} is required, so it cannot have field permissions; remove them.")
    return [f"{target.name}.{found.name}".lower()]


def _parts_of_address(target: SObject | None, own: str) -> list[str]:
    """The fields behind a compound address: permission for `BillingAddress` is permission for its parts."""
    kind = own.removesuffix("Address")
    if target is None or kind == own or target.get(f"{kind}Street") is None:
        return []
    parts = ("Street", "City", "State", "PostalCode", "Country")
    return [f"{target.name}.{kind}{part}".lower() for part in parts]
