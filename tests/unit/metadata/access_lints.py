"""Who may do what: what an org refuses of permission sets, and whether they say what the design says.

One owner per field: the integration user writes what is ours and only reads what is theirs, people the other way
round.
"""

from collections.abc import Iterator

from tests.unit.metadata.ownership import people_write, we_write
from tests.unit.metadata.project import Node, Part, Project, flag, text

INTEGRATION = "Dueline_Integration"
FINANCE = "Dueline_Finance"
PEOPLE = ("Dueline_User", FINANCE)

# Fields left out of a permission set on purpose: (permission set, field) → why.
LEFT_OUT = {
    ("Dueline_Integration", "Opportunity.AR_Warning__c"): "the service reads no opportunities; people do",
}
# Fields of people's own that only some of them write: (permission set, field) → why.
READ_ONLY = {
    (
        "Dueline_User",
        "Account.Billing_Customer_Id__c",
    ): "a wrong link shows one customer another's debts: finance links",
}
# Standard fields of Account that the integration reads, to suggest which account a billing customer is.
STANDARD_FIELDS = {"Account": {"AccountNumber", "ParentId", "Type", "Website"}}
# Custom fields of activities are defined on Activity, but permissions are given on Task.
_DEFINED_ON = {"Task": "Activity"}
# The only permissions beyond objects and fields that a permission set of ours may give: name → why.
USER_PERMISSIONS = {
    "ApiEnabled": "the integration speaks to the API",
    "ActivitiesAccess": "EditTask depends on it",
    "EditTask": "follow-ups are tasks; permission sets know no object permissions for Task",
    "ViewRoles": "ViewSetup depends on it",
    "ViewSetup": "who signs in on finance's page may do what their permission sets say, and only this shows them",
}
_DEPENDS = {
    "allowCreate": ("allowRead",),
    "allowEdit": ("allowRead",),
    "allowDelete": ("allowRead", "allowEdit"),
    "viewAllRecords": ("allowRead",),
    "modifyAllRecords": ("allowRead", "allowEdit", "allowDelete", "viewAllRecords"),
}
_SECRETS = {"consumerKey", "consumerSecret", "certificate", "oauthLink", "orgScopedExternalApp"}


def _field(project: Project, path: str) -> Node | None:
    sobject, _, name = path.partition(".")
    item = project.objects.get(_DEFINED_ON.get(sobject, sobject))
    return None if item is None else item.find(name)


def _grants(part: Part) -> dict[str, bool]:
    """Field → may be edited."""
    return {text(node, "field"): flag(node, "editable") for node in part.root.findall("fieldPermissions")}


def field_permissions(project: Project) -> Iterator[str]:
    """Permissions name fields that exist; a required field takes none, and a formula cannot be edited."""
    for part in project.of("PermissionSet"):
        seen: set[str] = set()
        for node in part.root.findall("fieldPermissions"):
            path = text(node, "field")
            for problem in _permission_problems(project, node, path):
                yield f"{project.where(part, node)}: {path} {problem}"
            if path in seen:
                yield f"{project.where(part, node)}: {path} stands there twice"
            seen.add(path)


def _permission_problems(project: Project, node: Node, path: str) -> Iterator[str]:
    sobject, _, name = path.partition(".")
    definition = _field(project, path)
    if definition is None:
        if name not in STANDARD_FIELDS.get(sobject, set()):
            yield "does not exist"
        elif flag(node, "editable"):
            yield "is a standard field, which is only read"
        return
    if flag(definition, "required") or text(definition, "type") == "MasterDetail":
        yield "is required, and so always visible: an org refuses a permission for it"
    if definition.find("formula") is not None and flag(node, "editable"):
        yield "is a formula, and cannot be edited"
    if flag(node, "editable") and not flag(node, "readable"):
        yield "can be edited but not read"


def object_permissions(project: Project) -> Iterator[str]:
    """Object permissions include those they depend on, name objects that exist, and cover the fields granted."""
    for part in project.of("PermissionSet"):
        granted = {text(node, "object"): node for node in part.root.findall("objectPermissions")}
        for name, node in granted.items():
            if name not in project.objects:
                yield f"{project.where(part, node)}: there is no object {name}"
            for right, needed in _DEPENDS.items():
                missing = [other for other in needed if flag(node, right) and not flag(node, other)]
                if missing:
                    yield f"{project.where(part, node)}: {right} on {name} needs {', '.join(missing)}"
        for path in _grants(part):
            if (sobject := path.partition(".")[0]) in project.custom_objects and sobject not in granted:
                yield f"{project.where(part)}: {path} is granted, {sobject} is not"


def coverage(project: Project) -> Iterator[str]:
    """Every field is granted in every permission set, or left out for a reason: a new field is invisible otherwise."""
    for name in (INTEGRATION, *PEOPLE):
        part = next((found for found in project.of("PermissionSet") if found.name == name), None)
        if part is None:
            yield f"permissionsets: there is no {name}"
            continue
        for path in _grantable(project):
            if path not in _grants(part) and (name, path) not in LEFT_OUT:
                yield f"{project.where(part)}: {path} is not granted"


def _grantable(project: Project) -> Iterator[str]:
    given_on = {defined: given for given, defined in _DEFINED_ON.items()}
    for item in project.objects.values():
        for name, part in item.fields.items():
            if not flag(part.root, "required"):
                yield f"{given_on.get(item.name, item.name)}.{name}"


def ownership(project: Project) -> Iterator[str]:
    """The integration user may edit exactly what is ours, people exactly what is theirs."""
    for part in project.of("PermissionSet"):
        for path, editable in _grants(part).items():
            definition = _field(project, path)
            if definition is None or definition.find("formula") is not None:
                continue
            wanted = _may_edit(part.name, path)
            if editable != wanted:
                yield f"{project.where(part)}: {path} must {'' if wanted else 'not '}be editable"


def _may_edit(permission_set: str, path: str) -> bool:
    sobject, _, name = path.partition(".")
    if permission_set == INTEGRATION:
        return we_write(sobject, name)
    return people_write(sobject, name) and (permission_set, path) not in READ_ONLY


def grants_exist(project: Project) -> Iterator[str]:
    """Tabs and apps that permission sets show exist; no permission set gives more than it must."""
    for part in project.of("PermissionSet"):
        for node in part.root.findall("tabSettings"):
            if text(node, "tab") not in project.names("CustomTab"):
                yield f"{project.where(part, node)}: there is no tab {text(node, 'tab')}"
        for node in part.root.findall("applicationVisibilities"):
            if text(node, "application") not in project.names("CustomApplication"):
                yield f"{project.where(part, node)}: there is no app {text(node, 'application')}"
        for node in part.root.findall("userPermissions"):
            if text(node, "name") not in USER_PERMISSIONS or part.name != INTEGRATION:
                yield f"{project.where(part, node)}: nothing here needs {text(node, 'name')}"
        # With a licence, the set could not be given to integration users and to people alike.
        if part.root.find("license") is not None:
            yield f"{project.where(part)}: a permission set with a <license> cannot grant standard objects"


def external_client_app(project: Project) -> Iterator[str]:
    """The settings belong to an app of the project, admit our permission set, and hold no secret."""
    apps, sets = project.names("ExternalClientApplication"), project.names("PermissionSet")
    for part in project.parts:
        app = part.root.find("externalClientApplication")
        if app is not None and app.text not in apps:
            yield f"{project.where(part, app)}: there is no external client app {app.text}"
        for name in filter(None, text(part.root, "commaSeparatedPermissionSet").split(",")):
            if name.strip() not in sets:
                yield f"{project.where(part)}: there is no permission set {name.strip()}"
        for secret in _SECRETS:
            if part.root.find(secret) is not None or part.kind == "ExtlClntAppGlobalOauthSettings":
                yield f"{project.where(part)}: belongs to one org and is not committed ({secret})"


def placeholders(project: Project) -> Iterator[str]:
    """What differs from org to org is replaced at deployment: every placeholder is declared, every declaration used."""
    declared = {(item["filename"], item["stringToReplace"]) for item in project.settings.get("replacements", [])}
    used = {
        (str(part.path.relative_to(project.root)), node.text)
        for part in project.parts
        for node in part.root.iter()
        if (node.text or "").startswith("__")
    }
    for file, name in sorted(used - declared):
        yield f"{file}: sfdx-project.json does not replace {name}"
    for file, name in sorted(declared - used):
        yield f"sfdx-project.json: {name} is not in {file}"
