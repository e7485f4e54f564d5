"""The figures that finance can send to Salesforce fields, per kind of record: what each is called, is, and means.

A figure is named after the field of ours in which it stands by default, so there is one name for it everywhere. On
Account every field is a choice; on AR summaries, invoices and payments ours are always written, because the pages read
them, and further fields can say the same figures.
"""

from dataclasses import dataclass
from enum import StrEnum

from sync.core.aging import Bucket

ACCOUNT, SUMMARY, INVOICE, PAYMENT = "account", "summary", "invoice", "payment"
MAPPED = (ACCOUNT, SUMMARY, INVOICE, PAYMENT)  # kinds whose figures can be sent to further fields
KINDS = (*MAPPED, "activity", "task")
ALWAYS_ON = frozenset({SUMMARY})
OBJECTS = {
    ACCOUNT: "Account",
    SUMMARY: "AR_Summary__c",
    INVOICE: "AR_Invoice__c",
    PAYMENT: "AR_Payment__c",
    "activity": "AR_Activity__c",
    "task": "Task",
}
KIND_LABELS = {
    ACCOUNT: "Account",
    SUMMARY: "AR summary",
    INVOICE: "Invoice",
    PAYMENT: "Payment or refund",
    "activity": "Timeline entry",
    "task": "Follow-up task",
}


def map_kind(record_kind: str) -> str:
    """The kind under which a record is mapped: refunds are payments that went the other way, in the same object."""
    return PAYMENT if record_kind == "refund" else record_kind


def record_kinds(kind: str) -> tuple[str, ...]:
    """The kinds of records that are mapped as that kind."""
    return (PAYMENT, "refund") if kind == PAYMENT else (kind,)


class FigureType(StrEnum):
    """What a figure is; decides where it fits."""

    MONEY = "amount"
    NUMBER = "number"
    DATE = "date"
    INSTANT = "date and time"
    FLAG = "yes or no"
    TEXT = "text"
    CHOICE = "one of some words"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `length`: characters of its longest text; `whole`, `digits`: digits before and after the point.

    `daily`: it changes with every day that passes, so records that carry it are written once a day. `as_of`: it only
    says when the others were true, and is no reason to write a record.
    """

    name: str
    label: str
    type: FigureType
    meaning: str
    values: tuple[str, ...] = ()
    length: int = 0
    whole: int = 0
    digits: int = 0
    can_be_empty: bool = False
    daily: bool = False
    as_of: bool = False
    address: bool = False  # a web address


def _money(name: str, label: str, meaning: str, *, empty: bool = False) -> Figure:
    return Figure(name, label, FigureType.MONEY, meaning, whole=12, digits=2, can_be_empty=empty)


def _number(
    name: str, label: str, meaning: str, *, whole: int = 6, digits: int = 0, empty: bool = False, daily: bool = False
) -> Figure:
    number = FigureType.NUMBER
    return Figure(name, label, number, meaning, whole=whole, digits=digits, can_be_empty=empty, daily=daily)


def _date(name: str, label: str, meaning: str, *, empty: bool = True) -> Figure:
    return Figure(name, label, FigureType.DATE, meaning, can_be_empty=empty)


def _text(name: str, label: str, meaning: str, length: int, *, empty: bool = False, address: bool = False) -> Figure:
    return Figure(name, label, FigureType.TEXT, meaning, length=length, can_be_empty=empty, address=address)


def _choice(name: str, label: str, meaning: str, values: tuple[str, ...]) -> Figure:
    return Figure(name, label, FigureType.CHOICE, meaning, values=values, length=max(map(len, values)))


def _flag(name: str, label: str, meaning: str) -> Figure:
    return Figure(name, label, FigureType.FLAG, meaning)


def _as_of(name: str) -> Figure:
    meaning = "When these figures were true; on its own it is no reason to write a record."
    return Figure(name, "As of", FigureType.INSTANT, meaning, as_of=True)


_CURRENCY = _text("Currency__c", "Currency", "The currency in which the amounts are shown.", 3)
_BUCKETS = (
    _money("Not_Due__c", "Not due", "What is owed and not due yet."),
    _money("Bucket_1_30__c", "1-30 days late", "What is owed and 1 to 30 days past due."),
    _money("Bucket_31_60__c", "31-60 days late", "What is owed and 31 to 60 days past due."),
    _money("Bucket_61_90__c", "61-90 days late", "What is owed and 61 to 90 days past due."),
    _money("Bucket_Over_90__c", "Over 90 days late", "What is owed and more than 90 days past due."),
)
_HISTORY = (
    _money("Collected__c", "Collected", "What was paid, less refunds and lost chargebacks, of all time."),
    _money("Collected_12_Months__c", "Collected, 12 months", "The same, of the last 12 months."),
    _money("Written_Off__c", "Written off", "What was given up as bad debt, of all time."),
    _money("Unapplied_Credit__c", "Unapplied credit", "What the customer holds with us and no invoice has used yet."),
    _money("Disputed__c", "Disputed", "What customers contest of open invoices."),
    _money("Promised__c", "Promised", "What open commitments still promise."),
    _date("Next_Commitment_On__c", "Next commitment", "The earliest day of an open commitment."),
    _date("Oldest_Due_On__c", "Oldest due date", "The due date of the oldest open invoice."),
    _number("Open_Invoices__c", "Open invoices", "How many invoices are open."),
    _number("Overdue_Invoices__c", "Overdue invoices", "How many open invoices are past due."),
    _date("Last_Payment_On__c", "Last payment", "The day of the latest payment on any invoice."),
    _money("Last_Payment_Amount__c", "Last payment amount", "How much the latest payment was.", empty=True),
    _number(
        "Average_Days_Late__c",
        "Average days late",
        "How late invoices were paid in the last 12 months, weighted by amount.",
        whole=4,
        digits=1,
        empty=True,
    ),
    _number(
        "DSO_Ratio__c",
        "DSO (ratio)",
        "Outstanding divided by what was invoiced in the last 90 days, times 90.",
        whole=6,
        digits=1,
        empty=True,
    ),
    _date("Last_Contact_On__c", "Last contact", "The day of the latest call or email with the customer."),
    _text("Last_Contact_By__c", "Last contact by", "Who made the latest call or email.", 255, empty=True),
)
ACCOUNT_STATUSES = ("Clear", "Current", *(f"Overdue {name}" for name in Bucket if name is not Bucket.NOT_DUE))
OUR_ACCOUNT_FIGURES = (
    _choice("AR_Status__c", "AR status", "Clear, current, or how late the oldest open invoice is.", ACCOUNT_STATUSES),
    _flag("AR_Overdue__c", "Overdue", "Whether any open invoice is past due."),
    _money("AR_Outstanding__c", "Outstanding", "What is owed; empty with several currencies.", empty=True),
    _money("AR_Overdue_Amount__c", "Overdue amount", "What is past due; empty with several currencies.", empty=True),
    _flag("AR_Disputed__c", "Disputed invoice", "Whether an open invoice is contested."),
    _flag("AR_On_Hold__c", "On hold", "Whether the billing system leaves an open invoice alone."),
    _date("AR_Final_Notice_On__c", "Final notice", "The day of the last final notice that still stands."),
    _as_of("AR_As_Of__c"),
)


def _of_account(figure: Figure) -> Figure:
    """The figure as it stands on an account, where with several currencies amounts are empty."""
    if figure.type is not FigureType.MONEY:
        return figure
    meaning = f"{figure.meaning.removesuffix('.')}; empty with several currencies."
    return _money(figure.name, figure.label, meaning, empty=True)


FIGURES: dict[str, tuple[Figure, ...]] = {
    ACCOUNT: (
        *OUR_ACCOUNT_FIGURES,
        *(_of_account(figure) for figure in (*_BUCKETS, *_HISTORY)),
        _number(
            "Days_Past_Due__c",
            "Days past due",
            "How many days the oldest open invoice is past due; 0 while none is.",
            whole=5,
            daily=True,
        ),
        _number(
            "DSO_Count_Back__c",
            "DSO (count-back)",
            "The days of sales that make up what is outstanding.",
            whole=4,
            digits=1,
            empty=True,
            daily=True,
        ),
        _CURRENCY,
    ),
    SUMMARY: (
        _money("Outstanding__c", "Outstanding", "What is owed."),
        _money("Overdue__c", "Overdue", "What is owed and past due."),
        *_BUCKETS,
        *_HISTORY,
        _text("Name", "Name", "The account's name and the currency.", 80),
        _CURRENCY,
        _text("Original_Amounts__c", "Original amounts", "The amounts before conversion, as text.", 80, empty=True),
        _as_of("As_Of__c"),
    ),
    INVOICE: (
        _text("Number__c", "Number", "The number that stands on the invoice.", 255),
        _choice("Status__c", "Status", "Where the invoice stands.", ("Open", "Paid", "Written Off", "Void", "Deleted")),
        _money("Amount__c", "Amount", "The invoice's total, tax included."),
        _money("Paid__c", "Paid", "What was paid on it."),
        _money("Balance__c", "Balance", "What is still owed on it."),
        _money("Credited__c", "Credited", "What credit notes took off it."),
        _money("Tax__c", "Tax", "The tax in its total."),
        _money("Disputed__c", "Disputed", "What the customer contests of it."),
        _date("Issued_On__c", "Issued", "The day it was issued.", empty=False),
        _date("Due_On__c", "Due", "The day it is due.", empty=False),
        _date("Paid_On__c", "Paid on", "The day it was paid in full."),
        _date("Promised_On__c", "Promised for", "The day of the next promise that covers it."),
        _flag("On_Hold__c", "On hold", "Whether the billing system leaves it alone because we asked."),
        _text("Pay_URL__c", "Payment page", "Where the customer can pay it.", 2000, empty=True, address=True),
        _text("PDF_URL__c", "PDF", "Where the invoice can be downloaded.", 2000, empty=True, address=True),
        _text("Billing_System__c", "Billing system", "The billing system that issued it.", 80),
        _text("Billing_Customer__c", "Billing customer", "The customer's id in the billing system.", 255),
        _CURRENCY,
        _text("Original_Amount__c", "Original amount", "The amount before conversion, as text.", 80, empty=True),
        _as_of("As_Of__c"),
    ),
    PAYMENT: (
        _text("Name", "Name", "Payment or refund, and its day.", 80),
        _choice("Kind__c", "Kind", "Whether money came in or went back.", ("Payment", "Refund")),
        _choice("Status__c", "Status", "Whether it went through.", ("Succeeded", "Pending", "Failed", "Canceled")),
        _money("Amount__c", "Amount", "How much was paid or refunded."),
        _money("Refunded__c", "Refunded", "What of a payment was given back.", empty=True),
        _money("Charged_Back__c", "Charged back", "What of a payment the card network took back.", empty=True),
        _date("Paid_On__c", "Paid on", "The day it was made.", empty=False),
        _text("Method__c", "Method", "How it was paid: card, transfer and so on.", 255, empty=True),
        _text("Invoices__c", "Invoices", "The numbers of the invoices it paid.", 255, empty=True),
        _text("Billing_System__c", "Billing system", "The billing system that took it.", 80),
        _CURRENCY,
        _text("Original_Amount__c", "Original amount", "The amount before conversion, as text.", 80, empty=True),
        _as_of("As_Of__c"),
    ),
}

# Fields of ours that are no figures: keys, references, what only formulas read. People's own fields stand with them.
NOT_FIGURES: dict[str, frozenset[str]] = {
    ACCOUNT: frozenset({"Id"}),
    SUMMARY: frozenset(
        {"Key__c", "Account__c", "CurrencyIsoCode", "DSO_Earlier_Days__c", "DSO_Current_Month_Share__c"}
    ),
    INVOICE: frozenset({"Key__c", "Name", "Account__c", "CurrencyIsoCode", "Assigned_To__c"}),
    PAYMENT: frozenset({"Key__c", "Account__c", "CurrencyIsoCode", "Invoice__c", "Invoice__r"}),
}


def figure(kind: str, name: str) -> Figure | None:
    """The figure of that name; None if records of the kind have no such."""
    return next((each for each in FIGURES.get(kind, ()) if each.name == name), None)


def our_fields(kind: str) -> frozenset[str]:
    """The fields of ours that records of the kind have, in lower case: on Account any figure may stand in them."""
    if kind == ACCOUNT:
        return frozenset(each.name.lower() for each in OUR_ACCOUNT_FIGURES)
    names = {each.name for each in FIGURES.get(kind, ())} | NOT_FIGURES.get(kind, frozenset())
    return frozenset(name.lower() for name in names)
