"""The Salesforce objects and key fields that Dueline writes, and the fields it reads back from people.

Which of our figures stands in which field is decided in sync/core/projection.py; tests check both against
salesforce_metadata.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """Where records of one kind go. `key` is the external id, or `Id` where people make the records."""

    object: str
    key: str


TARGETS = {
    "summary": Target("AR_Summary__c", "Key__c"),
    "account": Target("Account", "Id"),
    "invoice": Target("AR_Invoice__c", "Key__c"),
    "payment": Target("AR_Payment__c", "Key__c"),
    "refund": Target("AR_Payment__c", "Key__c"),
    "commitment": Target("AR_Commitment__c", "Id"),
    "dispute": Target("AR_Dispute__c", "Id"),
    "activity": Target("AR_Activity__c", "Key__c"),
    "sync": Target("AR_Sync__c", "Key__c"),
    "task": Target("Task", "AR_Key__c"),
}

MULTI_CURRENCY_ONLY = "CurrencyIsoCode"  # single-currency orgs do not have it, and nothing is wrong with them

_PEOPLE = ("CreatedById", "CreatedBy.Name", "LastModifiedBy.Name")  # who: every entry of the timeline names a person

READ_BACK: dict[str, tuple[str, ...]] = {
    # A follow-up of ours (it has our key) or a person's own task or logged call: what became of it, whose it is, and
    # what is ours on it, to see whether somebody changed that.
    "Task": (
        *("Subject", "Status", "Priority", "ActivityDate", "Description", "OwnerId", "Owner.Name", "WhatId"),
        *("AccountId", "IsClosed", "CompletedDateTime", "TaskSubtype", "Type", "AR_Key__c", "AR_Outcome__c", *_PEOPLE),
    ),
    # What a person promised; then what we wrote to it, to put it back where somebody changed it.
    "AR_Commitment__c": (
        *("Name", "Account__c", "Invoice__c", "Invoice__r.Key__c", "Invoices__c", "Amount__c", "Promised_On__c"),
        *("Note__c", "Cancelled__c", "CurrencyIsoCode"),
        *("Status__c", "Kept_Amount__c", "Kept_On__c", "Hold_State__c", "Currency__c", "Covers__c", "Problem__c"),
        *_PEOPLE,
    ),
    # What a customer contests and who looks after it; then ours.
    "AR_Dispute__c": (
        *("Name", "Account__c", "Invoice__c", "Invoice__r.Key__c", "Category__c", "Reason__c", "Disputed_Amount__c"),
        *("Status__c", "Assigned_To__c", "Assigned_To__r.Name", "Resolution__c", "CurrencyIsoCode"),
        *("SLA_Due_At__c", "SLA_Breached__c", "Hold_State__c", "Closed_On__c", "Currency__c", "Problem__c"),
        *_PEOPLE,
    ),
    # Notes, calls and escalations that people write; entries with a Key__c are ours.
    "AR_Activity__c": (
        *("Key__c", "Kind__c", "Subject__c", "Body__c", "Account__c", "Invoice__c", "Invoice__r.Key__c"),
        *("Commitment__c", "Dispute__c", "Occurred_At__c", "By__c", "System__c", "Amount__c", "Currency__c"),
        *("CurrencyIsoCode", "Escalated_To__c", "Escalated_To__r.Name", "Escalated_Team__c", *_PEOPLE),
    ),
    # Whom to name, and whether a task can still be theirs: Salesforce refuses inactive owners.
    "User": ("Name", "Email", "IsActive", "UserRole.Name"),
    # Who gets the follow-ups, and in which currency the account is shown. (Our own fields there are read, too.)
    "Account": ("Name", "OwnerId", "CurrencyIsoCode"),
    # Who follows an invoice up: the one field there that is people's. (Ours are read, too.)
    "AR_Invoice__c": ("Assigned_To__c", "Assigned_To__r.Name"),
    # Who else works with the account. Only orgs with account teams have it.
    "AccountTeamMember": ("AccountId", "UserId", "User.Name", "TeamMemberRole"),
}

OPTIONAL_OBJECTS = frozenset({"AccountTeamMember"})
