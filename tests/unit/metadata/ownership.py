"""Who writes which field (DESIGN section 4): one owner per field, so nothing flips back and forth.

A field that is in neither table belongs to Dueline.
"""

# What people write, by object.
THEIRS: dict[str, frozenset[str]] = {
    "Account": frozenset({"Billing_Customer_Id__c"}),
    "AR_Invoice__c": frozenset({"Assigned_To__c"}),
    "AR_Commitment__c": frozenset(
        {"Account__c", "Invoice__c", "Invoices__c", "Amount__c", "Promised_On__c", "Note__c", "Cancelled__c"}
    ),
    "AR_Dispute__c": frozenset(
        {
            "Account__c",
            "Invoice__c",
            "Category__c",
            "Reason__c",
            "Disputed_Amount__c",
            "Status__c",
            "Assigned_To__c",
            "Resolution__c",
        }
    ),
    "AR_Activity__c": frozenset({"Escalated_To__c", "Escalated_Team__c"}),
}
# Written by whoever makes the row: each timeline entry has one author, a person or Dueline.
SHARED: dict[str, frozenset[str]] = {
    "AR_Activity__c": frozenset(
        {
            "Account__c",
            "Invoice__c",
            "Commitment__c",
            "Dispute__c",
            "Kind__c",
            "Subject__c",
            "Body__c",
            "Occurred_At__c",
        }
    ),
}


def people_write(sobject: str, field: str) -> bool:
    """True for what people may fill in."""
    return field in THEIRS.get(sobject, ()) or field in SHARED.get(sobject, ())


def we_write(sobject: str, field: str) -> bool:
    """True for what the integration may fill in."""
    return field not in THEIRS.get(sobject, ())
