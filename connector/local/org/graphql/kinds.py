"""Which of Salesforce's GraphQL kinds a field is of; its value type, operators and aggregates are named after it.

Also which objects the UI API knows at all; setup objects as Profile or CurrencyType are none of them.
"""

from connector.local.org.model import Field, Schema, SObject
from connector.local.org.soql.terms import LONG_TEXT

_KINDS = {
    "boolean": "Boolean",
    "currency": "Currency",
    "date": "Date",
    "datetime": "DateTime",
    "double": "Double",
    "email": "Email",
    "id": "ID",
    "int": "Int",
    "percent": "Percent",
    "phone": "PhoneNumber",
    "picklist": "Picklist",
    "reference": "ID",
    "string": "String",
    "textarea": "TextArea",
    "url": "Url",
}
_STANDARD = frozenset({"Account", "AccountTeamMember", "Case", "Contact", "Opportunity", "Task", "User"})
# Lookups that lead to one object in the local org, but to users or queues in a real one: a union there, so here too.
_OWNER_IS_A_USER = frozenset({"Account", "AccountTeamMember", "Contact", "Opportunity"})


def kind_of(own: Field) -> str:
    """The kind: `Currency`, `Picklist` and so on."""
    return "LongTextArea" if is_long_text(own) else _KINDS[own.type]


def is_long_text(own: Field) -> bool:
    """Whether it is a long text area: shown, but neither filtered nor sorted."""
    return own.type == "textarea" and own.length > LONG_TEXT


def supported(schema: Schema) -> dict[str, SObject]:
    """The objects of the user that the UI API supports, by API name."""
    return {item.name: item for item in schema.objects.values() if item.custom or item.name in _STANDARD}


def is_polymorphic(item: SObject, own: Field) -> bool:
    """Whether its parent can be of several objects, so that a query must say `... on User`."""
    if len(own.reference_to) > 1 or (item.name == "Task" and own.name == "WhoId"):
        return True
    return own.name == "OwnerId" and item.name not in _OWNER_IS_A_USER
