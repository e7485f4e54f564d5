"""Which objects, fields and relationships exist: those of the project, and the standard ones as the local org has them.

A path goes through lookups as formulas, GraphQL and `@salesforce/schema` write it: `Account.AR_Overdue__c` from
Opportunity, `Account__r.OwnerId` from AR_Invoice__c.
"""

from connector.local.org.standard import CHILD_NAMES, STANDARD, SYSTEM_END, SYSTEM_START
from tests.unit.metadata.project import Project, text

_SYSTEM = {field.name for field in (*SYSTEM_START, *SYSTEM_END)} | {"Name", "OwnerId", "CurrencyIsoCode"}
# Activities are defined on Activity and read on Task.
_DEFINED_ON = {"Task": ("Task", "Activity")}


def has_object(project: Project, name: str) -> bool:
    """True for the objects of the project and for standard ones."""
    return name in STANDARD or name in project.custom_objects


def field_names(project: Project, sobject: str) -> set[str]:
    """Every field of the object."""
    custom = {
        name
        for place in _DEFINED_ON.get(sobject, (sobject,))
        for name in (project.objects[place].fields if place in project.objects else ())
    }
    standard = {field.name for field in STANDARD[sobject][3]} if sobject in STANDARD else set()
    return _SYSTEM | standard | custom


def resolves(project: Project, sobject: str, path: str) -> bool:
    """True if the path, from rows of the object, ends at a field."""
    head, _, rest = path.partition(".")
    if not rest:
        return head in field_names(project, sobject)
    target = parent(project, sobject, head)
    return target is not None and resolves(project, target, rest)


def parent(project: Project, sobject: str, relationship: str) -> str | None:
    """The object that the relationship leads up to: `Account__r` of an invoice, `Account` of an opportunity."""
    if relationship.endswith("__r"):
        item = project.objects.get(sobject)
        node = item.find(relationship.removesuffix("__r") + "__c") if item else None
        return text(node, "referenceTo") or None
    if relationship in {"Owner", "CreatedBy", "LastModifiedBy"}:
        return "User"
    for field in STANDARD[sobject][3] if sobject in STANDARD else ():
        if field.relationship_name == relationship and len(field.reference_to) == 1:
            return field.reference_to[0]
    return None


def children(project: Project, sobject: str) -> dict[str, str]:
    """The object's child relationships (`AR_Invoices__r`, `Opportunities`) and what their rows are."""
    found = {
        name: child
        for (child, lookup), name in CHILD_NAMES.items()
        for field in STANDARD[child][3]
        if field.name == lookup and sobject in field.reference_to
    }
    for name, item in project.custom_objects.items():
        for part in item.fields.values():
            if text(part.root, "type") == "Lookup" and text(part.root, "referenceTo") == sobject:
                found[text(part.root, "relationshipName") + "__r"] = name
    return found
