"""From ledger rows to Salesforce rows: which figure stands in which field.

Only fields that are ours appear here (DESIGN section 4); what a user owns is never written. `As_Of__c` says when a row
was true and takes no part in deciding whether it changed.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sync.core.aging import Bucket, bucket
from sync.core.currency import MissingRateError, OrgMoney
from sync.core.facts import InvoiceStatus, RefundFacts
from sync.core.ledger import Invoice, Payment
from sync.core.money import Money
from sync.core.summary import Summary

SalesforceRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claims:
    """What people claim of an invoice: the day of the next promise, what is contested (minor units), our hold."""

    promised_on: date | None = None
    disputed: int = 0
    on_hold: bool = False


@dataclass(frozen=True, slots=True)
class Flags:
    """What sales should know of an account before it sells there.

    `disputed`: an open dispute on an open invoice; `on_hold`: an open invoice that its billing system leaves alone
    because we asked, or had been asked before us; `last_notice_on`: the day of the last final notice, ever.
    """

    disputed: bool = False
    on_hold: bool = False
    last_notice_on: date | None = None


_UNCLAIMED = Claims()
_UNFLAGGED = Flags()
UNTOLD = frozenset({"As_Of__c", "AR_As_Of__c", "left", "in_hand"})  # when it was true, and what stood there before

_INVOICE_STATUS = {
    InvoiceStatus.OPEN: "Open",
    InvoiceStatus.PAID: "Paid",
    InvoiceStatus.WRITTEN_OFF: "Written Off",
    InvoiceStatus.VOID: "Void",
    InvoiceStatus.DELETED: "Deleted",
}
_PAYMENT_STATUS = {
    "succeeded": "Succeeded",
    "pending": "Pending",
    "requires_action": "Pending",
    "failed": "Failed",
    "canceled": "Canceled",
}
_BUCKET_FIELDS = {
    Bucket.NOT_DUE: "Not_Due__c",
    Bucket.D1_30: "Bucket_1_30__c",
    Bucket.D31_60: "Bucket_31_60__c",
    Bucket.D61_90: "Bucket_61_90__c",
    Bucket.OVER_90: "Bucket_Over_90__c",
}


def project_summary(summary: Summary, name: str, money: OrgMoney, as_of: datetime) -> SalesforceRow:
    """One `AR_Summary__c`: the figures of an account, called `name`, in one currency."""
    currency = summary.currency
    amounts = {
        "Outstanding__c": summary.outstanding,
        "Overdue__c": summary.overdue,
        **{field: summary.buckets[found] for found, field in _BUCKET_FIELDS.items()},
        "Collected__c": summary.collected,
        "Collected_12_Months__c": summary.collected_12_months,
        "Written_Off__c": summary.written_off,
        "Unapplied_Credit__c": summary.unapplied_credit,
        "Disputed__c": summary.disputed,
        "Promised__c": summary.promised,
        "Last_Payment_Amount__c": summary.last_payment.amount if summary.last_payment else None,
    }
    contact = summary.last_contact
    return {
        "Key__c": f"{summary.account}:{currency}",
        "Name": f"{name[:70]} · {currency}",
        "Account__c": summary.account,
        "Currency__c": money.shown_in(currency),
        **_native(currency, money),
        **{field: None if minor is None else money.show(minor, currency) for field, minor in amounts.items()},
        **_original("Original_Amounts__c", {"Outstanding": summary.outstanding}, currency, money),
        "Open_Invoices__c": summary.open_invoices,
        "Overdue_Invoices__c": summary.overdue_invoices,
        "Oldest_Due_On__c": summary.oldest_due_on,
        "Last_Payment_On__c": summary.last_payment.on if summary.last_payment else None,
        "Next_Commitment_On__c": summary.next_commitment_on,
        "Last_Contact_On__c": contact.on if contact else None,
        "Last_Contact_By__c": contact.by if contact else None,
        "Average_Days_Late__c": summary.average_days_late,
        "DSO_Ratio__c": summary.dso_ratio,
        "DSO_Earlier_Days__c": summary.dso_earlier_days,
        "DSO_Current_Month_Share__c": summary.dso_month_share,
        "As_Of__c": as_of,
    }


def project_account(
    account: str,
    summaries: Sequence[Summary],
    account_currency: str,
    money: OrgMoney,
    today: date,
    as_of: datetime,
    flags: Flags = _UNFLAGGED,
) -> SalesforceRow:
    """Our fields on `Account`: the only list of them.

    Amounts are shown in the account's currency, converted by the org's own rates where need be; amounts of two
    currencies are never added, so with several the two amounts stay empty and the AR summaries tell them apart.
    """
    owing = [item for item in summaries if item.outstanding]
    worst = max((item.oldest_due_on for item in owing if item.oldest_due_on), key=lambda due: today - due, default=None)
    target = account_currency if money.multi else money.home
    return {
        "Id": account,
        "AR_Status__c": _account_status(worst, today),
        "AR_Overdue__c": any(item.overdue for item in owing),
        "AR_Outstanding__c": one_amount([(item.outstanding, item.currency) for item in owing], target, money),
        "AR_Overdue_Amount__c": one_amount([(item.overdue, item.currency) for item in owing], target, money),
        "AR_Disputed__c": flags.disputed,
        "AR_On_Hold__c": flags.on_hold,
        "AR_Final_Notice_On__c": _standing_notice(flags.last_notice_on, worst, today),
        "AR_As_Of__c": as_of,
    }


def _account_status(oldest_due_on: date | None, today: date) -> str:
    if oldest_due_on is None:
        return "Clear"
    found = bucket(oldest_due_on, today)
    return "Current" if found is Bucket.NOT_DUE else f"Overdue {found}"


def _standing_notice(notice_on: date | None, oldest_due_on: date | None, today: date) -> date | None:
    """The day of the last final notice, while anything that was overdue on that day still is."""
    if notice_on is None or oldest_due_on is None or oldest_due_on >= min(notice_on, today):
        return None
    return notice_on


def one_amount(amounts: Sequence[tuple[int, str]], target: str, money: OrgMoney) -> Decimal | None:
    """The amount (minor units, currency) shown in `target`; None if there are several, or nobody has given a rate."""
    if not amounts:
        return Decimal(0)
    if len(amounts) > 1:
        return None
    try:
        return money.show(*amounts[0], into=target)
    except MissingRateError:
        return None


def project_invoice(
    invoice: Invoice,
    account: str | None,
    system: str,
    money: OrgMoney,
    as_of: datetime,
    claims: Claims = _UNCLAIMED,
) -> SalesforceRow:
    """One `AR_Invoice__c`. `system` is the billing system's name as people know it."""
    amounts = {
        "Amount__c": invoice.total,
        "Paid__c": invoice.paid,
        "Balance__c": invoice.balance,
        "Credited__c": invoice.credited,
        "Tax__c": invoice.tax,
        "Disputed__c": claims.disputed,
    }
    number = invoice.number or invoice.key.rpartition(":")[2]
    return {
        "Key__c": invoice.key,
        "Name": number[:80],
        "Number__c": number,
        "Account__c": account,
        "Status__c": _INVOICE_STATUS[InvoiceStatus(invoice.status)],
        "Currency__c": money.shown_in(invoice.currency),
        **_native(invoice.currency, money),
        **{field: money.show(minor, invoice.currency) for field, minor in amounts.items()},
        **_original("Original_Amount__c", {"Amount": invoice.total}, invoice.currency, money),
        "Issued_On__c": invoice.issued_on,
        "Due_On__c": invoice.due_on,
        "Paid_On__c": invoice.paid_on,
        "Promised_On__c": claims.promised_on,
        "On_Hold__c": claims.on_hold,
        "Pay_URL__c": invoice.pay_url,
        "PDF_URL__c": invoice.pdf_url,
        "Billing_System__c": system,
        "Billing_Customer__c": invoice.customer.rpartition(":")[2],
        "As_Of__c": as_of,
    }


def project_payment(
    payment: Payment,
    numbers: Sequence[str],
    invoice: str | None,
    account: str | None,
    system: str,
    money: OrgMoney,
    paid_on: date,
    as_of: datetime,
) -> SalesforceRow:
    """One `AR_Payment__c` for money that came in.

    `numbers`: the invoices it paid; `invoice`: the key of the only one, if that stands in Salesforce.
    """
    amounts = {"Amount__c": payment.amount, "Refunded__c": payment.refunded, "Charged_Back__c": payment.charged_back}
    return {
        "Key__c": payment.key,
        "Name": f"Payment {paid_on.isoformat()}",
        "Account__c": account,
        "Kind__c": "Payment",
        "Status__c": _PAYMENT_STATUS[payment.status],
        "Currency__c": money.shown_in(payment.currency),
        **_native(payment.currency, money),
        **{field: money.show(minor, payment.currency) for field, minor in amounts.items()},
        **_original("Original_Amount__c", {"Amount": payment.amount}, payment.currency, money),
        "Paid_On__c": paid_on,
        "Method__c": payment.method,
        **({"Invoice__r": {"Key__c": invoice}} if invoice else {"Invoice__c": None}),
        "Invoices__c": ", ".join(numbers)[:255] or None,
        "Billing_System__c": system,
        "As_Of__c": as_of,
    }


def project_refund(
    refund: RefundFacts, account: str | None, system: str, money: OrgMoney, paid_on: date, as_of: datetime
) -> SalesforceRow:
    """One `AR_Payment__c` for money that went back."""
    return {
        "Key__c": refund.key,
        "Name": f"Refund {paid_on.isoformat()}",
        "Account__c": account,
        "Kind__c": "Refund",
        "Status__c": _PAYMENT_STATUS[refund.status],
        "Currency__c": money.shown_in(refund.currency),
        **_native(refund.currency, money),
        "Amount__c": money.show(refund.amount, refund.currency),
        **_original("Original_Amount__c", {"Amount": refund.amount}, refund.currency, money),
        "Paid_On__c": paid_on,
        "Billing_System__c": system,
        "As_Of__c": as_of,
    }


def _native(currency: str, money: OrgMoney) -> SalesforceRow:
    return {"CurrencyIsoCode": currency} if money.multi else {}


def _original(field: str, amounts: Mapping[str, int], currency: str, money: OrgMoney) -> SalesforceRow:
    """The original amounts in words, where the org shows converted ones."""
    if money.shown_in(currency) == currency:
        return {field: None}
    return {field: ", ".join(f"{name} {Money(minor, currency)}" for name, minor in amounts.items())}


def fingerprint(row: SalesforceRow, untold: Collection[str] = UNTOLD) -> str:
    """The same for rows that say the same, whatever they say in their `untold` fields."""
    told = {name: str(value) for name, value in row.items() if name not in untold}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
