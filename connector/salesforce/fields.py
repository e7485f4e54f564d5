"""The Salesforce objects and key fields that Dueline writes, and the fields it reads back from people.

Which of our figures stands in which field is decided in sync/core/projection.py; tests check both against
salesforce_metadata.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """Where records of one kind go. `key` is the external id, or `Id` where records are never created."""

    object: str
    key: str


TARGETS = {
    "summary": Target("AR_Summary__c", "Key__c"),
    "account": Target("Account", "Id"),
    "invoice": Target("AR_Invoice__c", "Key__c"),
    "payment": Target("AR_Payment__c", "Key__c"),
    "refund": Target("AR_Payment__c", "Key__c"),
}
