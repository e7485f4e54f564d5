"""What we write on the rows of the way back: on commitments and disputes that people made, our own timeline entries,
and follow-ups as Tasks.

Only fields that are ours (DESIGN section 4): what its owner wrote is never sent back, so no edit can be lost to us.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sync.core.currency import OrgMoney
from sync.core.projection import SalesforceRow

DONE = "Completed"  # the status of Task that closes it, and the one that a new one has
NOT_STARTED = "Not Started"


@dataclass(frozen=True, slots=True)
class References:
    """Which Salesforce record an entry can point to: the key of an invoice that stands there, ids of the others."""

    invoice: str | None = None
    commitment: str | None = None
    dispute: str | None = None


def project_commitment(row: Any, money: OrgMoney, as_of: datetime) -> SalesforceRow:
    """Our fields of an `AR_Commitment__c`; `row`: as it was decided last."""
    return {
        "Id": row.id,
        "Status__c": row.status,
        "Kept_Amount__c": money.show(row.kept, row.currency, into=row.shown_in),
        "Kept_On__c": row.kept_on,
        "Currency__c": row.currency,
        "Covers__c": row.covers,
        "Problem__c": row.problem,
        "Hold_State__c": row.hold_state,
        "As_Of__c": as_of,
    }


def project_dispute(row: Any, closed_on: date | None, as_of: datetime) -> SalesforceRow:
    """Our fields of an `AR_Dispute__c`; `row`: as it was decided last."""
    return {
        "Id": row.id,
        "SLA_Due_At__c": row.sla_due_at,
        "SLA_Breached__c": row.breached,
        "Closed_On__c": closed_on,
        "Currency__c": row.currency,
        "Problem__c": row.problem,
        "Hold_State__c": row.hold_state,
        "As_Of__c": as_of,
    }


def project_entry(row: Any, to: References, money: OrgMoney) -> SalesforceRow:
    """An `AR_Activity__c` for a timeline entry that we made."""
    invoice = {"Invoice__r": {"Key__c": to.invoice}} if to.invoice else {"Invoice__c": None}
    shown = row.amount is not None and row.currency is not None
    return {
        "Key__c": row.key,
        "Account__c": row.account,
        "Kind__c": row.kind,
        "Subject__c": row.subject[:255],
        "Body__c": row.body,
        "Occurred_At__c": row.occurred_at,
        "By__c": row.by,
        "System__c": row.system,
        **invoice,
        "Commitment__c": to.commitment,
        "Dispute__c": to.dispute,
        "Amount__c": money.show(row.amount, row.currency) if shown else None,
        "Currency__c": money.shown_in(row.currency) if row.currency else None,
        **({"CurrencyIsoCode": row.currency} if money.multi and row.currency else {}),
    }


def project_task(row: Any, owner: str | None, hand_to: str | None = None) -> SalesforceRow:
    """A follow-up as a Task, in the parts that the writing of tasks tells apart (connector.salesforce.tasks).

    `owner`: whose it is when it is created; `hand_to`: whose it should be now, if nobody has touched it.
    """
    first = {"Status": NOT_STARTED, "Description": row.description, **({"OwnerId": owner} if owner else {})}
    return {
        "AR_Key__c": row.key,
        "ours": {
            "Subject": row.subject,
            "ActivityDate": row.due_on,
            "Priority": "High" if row.high else "Normal",
            "WhatId": row.account,
            "AR_Outcome__c": row.outcome,
        },
        "first": first,
        "hand_to": hand_to,
        "done": row.outcome is not None,
        "left": row.left_there,
        "in_hand": row.theirs is not None,
    }
