"""The AR ledger: what the facts of a billing system amount to, in postings that add up.

Two rows are derived, each from the facts that concern it and nothing else:
- an *invoice* with its allocations, from the invoice's facts and the invoice payments that name it;
- a *payment*, from its charges, refunds, chargebacks and the allocations that name it.

Each row also carries its *postings*: amounts by day and measure. The sums per customer are the postings of all
rows, kept up to date by the difference between a row's old and new ones; so an account's summary never reads closed
invoices, and deriving everything again from the facts must give the same sums (tests/integration compares them).

The invoice's paid amount is the provider's own figure. Invoice payments say when and by what it was paid; what they
do not explain (older shapes, payments out of band, a payment not yet heard of) is allocated to the payment that the
invoice names, or to none, on the day it was paid. So collected money is neither missed nor counted twice, whatever
arrives first.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sync.core.aging import next_change_on
from sync.core.dates import Calendar
from sync.core.facts import (
    ChargebackFacts,
    ChargeFacts,
    CreditEntryFacts,
    CreditNoteFacts,
    CustomerFacts,
    Facts,
    InvoiceFacts,
    InvoicePaymentFacts,
    InvoiceStatus,
    RefundFacts,
)

Postings = dict[tuple[date, str], int]

INVOICED = "invoiced"  # total of posted invoices, on the day of issue
COLLECTED = "collected"  # paid on invoices, less refunds and lost chargebacks, on the day the money moved
LATE_AMOUNT = "late_amount"  # paid on invoices, on the day of payment …
LATE_WEIGHT = "late_weight"  # … and the same times the days it was late
WRITTEN_OFF = "written_off"  # what was still owed on uncollectible invoices, on the day they were written off
MEASURES = (INVOICED, COLLECTED, LATE_AMOUNT, LATE_WEIGHT, WRITTEN_OFF)

_POSTED = frozenset({InvoiceStatus.OPEN, InvoiceStatus.WRITTEN_OFF, InvoiceStatus.PAID, InvoiceStatus.VOID})
_SOLD = _POSTED - {InvoiceStatus.VOID}


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Part of a payment given to one invoice. `payment` is None where nothing names it."""

    invoice: str
    payment: str | None
    amount: int
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """A ledger row. `balance` is what is still owed: the provider's figure while open, nothing once closed.

    `collecting`: whether the provider chases it by itself; `held`: our dunning hold stands there.
    """

    key: str
    customer: str
    currency: str
    status: str
    posted: bool
    number: str | None
    total: int
    tax: int
    credited: int
    paid: int
    balance: int
    written_off: int
    issued_on: date | None
    due_on: date | None
    paid_on: date | None
    pay_url: str | None
    pdf_url: str | None
    next_change_on: date | None
    collecting: bool | None = None
    held: bool = False
    void_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A ledger row: one payment with what came back of it. `customer` is empty while nobody knows whose it is."""

    key: str
    customer: str | None
    currency: str
    status: str
    amount: int
    refunded: int
    charged_back: int
    method: str | None
    paid_at: datetime
    receivable: bool


def derive_invoice(
    facts: InvoiceFacts, parts: Sequence[InvoicePaymentFacts], calendar: Calendar, today: date
) -> tuple[Invoice, tuple[Allocation, ...]]:
    """The ledger row of an invoice and its allocations, as they stand on `today`."""
    status = InvoiceStatus(facts.status)
    issued_on = calendar.on(facts.issued_at) if facts.issued_at else None
    due_on = calendar.on(facts.due_at) if facts.due_at else issued_on  # no due date: due on receipt
    balance = facts.remaining if status is InvoiceStatus.OPEN else 0
    invoice = Invoice(
        key=facts.key,
        customer=facts.customer,
        currency=facts.currency,
        status=status,
        posted=status in _POSTED or (status is InvoiceStatus.DELETED and facts.issued_at is not None),
        number=facts.number,
        total=facts.total,
        tax=facts.tax,
        credited=facts.credited + facts.credited_after_payment,
        paid=facts.paid,
        balance=balance,
        written_off=facts.remaining if status is InvoiceStatus.WRITTEN_OFF else 0,
        issued_on=issued_on,
        due_on=due_on,
        paid_on=calendar.on(facts.paid_at) if facts.paid_at and status is InvoiceStatus.PAID else None,
        pay_url=facts.pay_url,
        pdf_url=facts.pdf_url,
        next_change_on=next_change_on(due_on, today) if balance > 0 and due_on else None,
        collecting=facts.auto_advance,
        held=facts.hold_note is not None,
        void_on=calendar.on(facts.voided_at) if facts.voided_at and status is InvoiceStatus.VOID else None,
    )
    return invoice, _allocate(facts, parts)


def _allocate(facts: InvoiceFacts, parts: Iterable[InvoicePaymentFacts]) -> tuple[Allocation, ...]:
    made = [
        Allocation(invoice=facts.key, payment=part.payment, amount=part.amount, paid_at=part.paid_at or part.created_at)
        for part in sorted(parts, key=lambda part: part.key)
        if part.status == "paid" and part.amount
    ]
    unexplained = facts.paid - sum(item.amount for item in made)
    if unexplained > 0:
        paid_at = facts.paid_at or facts.issued_at or facts.created_at
        named = facts.payment if facts.payment not in {item.payment for item in made} else None
        made.append(Allocation(invoice=facts.key, payment=named, amount=unexplained, paid_at=paid_at))
    return tuple(made)


def post_invoice(
    facts: InvoiceFacts, invoice: Invoice, allocations: Iterable[Allocation], calendar: Calendar
) -> Postings:
    """What the invoice adds to its customer's sums."""
    posted: Counter[tuple[date, str]] = Counter()
    if invoice.issued_on and invoice.status in _SOLD:
        posted[invoice.issued_on, INVOICED] += invoice.total
    if invoice.written_off:
        posted[calendar.on(facts.written_off_at or facts.created_at), WRITTEN_OFF] += invoice.written_off
    for item in allocations:
        paid_on = calendar.on(item.paid_at)
        posted[paid_on, COLLECTED] += item.amount
        if invoice.due_on:
            posted[paid_on, LATE_AMOUNT] += item.amount
            posted[paid_on, LATE_WEIGHT] += item.amount * max(0, (paid_on - invoice.due_on).days)
    return {slot: amount for slot, amount in posted.items() if amount}


def derive_payment(
    key: str,
    charges: Sequence[ChargeFacts],
    refunds: Sequence[RefundFacts],
    chargebacks: Sequence[ChargebackFacts],
    payers: Sequence[str],
) -> Payment | None:
    """The ledger row of a payment; None while no charge is known. `payers`: customers whose invoices it paid."""
    if not charges:
        return None
    best = max(charges, key=lambda charge: (*charge.progress, charge.created_at, charge.key))
    taken = [charge for charge in charges if charge.status == "succeeded"]
    customers = [charge.customer for charge in charges if charge.customer] or list(payers)
    return Payment(
        key=key,
        customer=customers[0] if customers else None,
        currency=best.currency,
        status=best.status,
        amount=sum(charge.captured for charge in taken) if taken else best.amount,
        refunded=_refunded(charges, refunds),
        charged_back=sum(item.amount for item in chargebacks if item.lost),
        method=best.method,
        paid_at=min(charge.created_at for charge in taken) if taken else best.created_at,
        receivable=bool(payers),
    )


def _refunded(charges: Iterable[ChargeFacts], refunds: Iterable[RefundFacts]) -> int:
    """Refunds that went through or are under way, and those that so far only a charge tells of."""
    return sum(item.amount for item in refunds if _counts(item)) + _untold(charges, refunds)


def _untold(charges: Iterable[ChargeFacts], refunds: Iterable[RefundFacts]) -> int:
    """Refunded according to the charges but not, or not yet, by refunds of their own (failed ones were told of)."""
    return max(0, sum(charge.refunded for charge in charges) - sum(item.amount for item in refunds))


def _counts(refund: RefundFacts) -> bool:
    return refund.status in {"succeeded", "pending", "requires_action"}


def post_payment(
    payment: Payment,
    charges: Iterable[ChargeFacts],
    refunds: Iterable[RefundFacts],
    chargebacks: Iterable[ChargebackFacts],
    calendar: Calendar,
) -> Postings:
    """What came back of a payment that had paid invoices; one that paid none is no receivable and posts nothing."""
    posted: Counter[tuple[date, str]] = Counter()
    if not payment.receivable:
        return {}
    for refund in refunds:
        if _counts(refund):
            posted[calendar.on(refund.created_at), COLLECTED] -= refund.amount
    posted[calendar.on(payment.paid_at), COLLECTED] -= _untold(charges, refunds)
    for item in chargebacks:
        if item.lost:
            posted[calendar.on(item.created_at), COLLECTED] -= item.amount
    return {slot: amount for slot, amount in posted.items() if amount}


def pack_postings(postings: Postings) -> dict[str, dict[str, int]]:
    """Postings as JSON: {"2026-01-31": {"collected": 500}}."""
    packed: dict[str, dict[str, int]] = {}
    for (day, measure), amount in postings.items():
        packed.setdefault(day.isoformat(), {})[measure] = amount
    return packed


def unpack_postings(packed: dict[str, dict[str, int]]) -> Postings:
    """What `pack_postings` packed."""
    return {
        (date.fromisoformat(day), measure): amount for day, sums in packed.items() for measure, amount in sums.items()
    }


def difference(old: Postings, new: Postings) -> Postings:
    """What must be added to the sums when a row's postings change from `old` to `new`."""
    slots = old.keys() | new.keys()
    changes = {slot: new.get(slot, 0) - old.get(slot, 0) for slot in slots}
    return {slot: amount for slot, amount in changes.items() if amount}


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """A row to be derived again: `rank` gives the order in which units are locked, so that no two wait in a ring."""

    rank: int
    kind: str
    key: str


def invoice_unit(key: str) -> Unit:
    """The ledger row of an invoice."""
    return Unit(0, "invoice", key)


def payment_unit(key: str) -> Unit:
    """The ledger row of a payment, named by its intent or by one of its charges."""
    return Unit(1, "payment", key)


def customer_unit(key: str) -> Unit:
    """The row of a customer: who it is, its account, its unapplied credit."""
    return Unit(2, "customer", key)


def touched_by(facts: Facts | None) -> set[Unit]:
    """The rows that depend on these facts; of a changed object, on its old facts and on its new ones."""
    match facts:
        case InvoiceFacts():
            return {invoice_unit(facts.key), *_payments(facts.payment)}
        case InvoicePaymentFacts():
            return {invoice_unit(facts.invoice), *_payments(facts.payment)}
        case ChargeFacts():
            return {payment_unit(facts.payment)}
        case RefundFacts() | ChargebackFacts():
            return _payments(facts.payment or facts.charge)
        case CustomerFacts():
            return {customer_unit(facts.key)}
        case CreditEntryFacts():
            return {customer_unit(facts.customer)}
    return set()


def _payments(key: str | None) -> set[Unit]:
    return {payment_unit(key)} if key else set()


def parents_of(facts: Facts) -> set[tuple[str, str, str]]:
    """Objects that these facts refer to and the ledger needs: (key, kind of facts, kind to fetch it by)."""
    match facts:
        case InvoiceFacts() | CreditEntryFacts():
            return {(facts.customer, "customer", "customer")}
        case InvoicePaymentFacts(payment=str(payment), payment_source=str(source)) if facts.status == "paid":
            return {(facts.invoice, "invoice", "invoice"), (payment, "charge", source)}
        case InvoicePaymentFacts() | CreditNoteFacts():
            return {(facts.invoice, "invoice", "invoice")}
        case RefundFacts(charge=str(charge)) | ChargebackFacts(charge=str(charge)):
            return {(charge, "charge", "charge")}
    return set()
