"""Stripe's objects as facts, in both of their shapes, told apart by which keys exist and never by a version string.

Before Basil (2025-03-31) an invoice names its `payment_intent`, `charge` and `subscription`, and a charge its
`invoice`; since then an invoice has `parent` and `payments`, and an `invoice_payment` says what paid what.
https://docs.stripe.com/changelog/basil

Charges carry the money, so payment intents are ignored by rule: two sources for one amount would count it twice.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sync.core.facts import (
    ChargebackFacts,
    ChargeFacts,
    CreditEntryFacts,
    CreditNoteFacts,
    CustomerFacts,
    InvoiceFacts,
    InvoicePaymentFacts,
    InvoiceStatus,
    RefundFacts,
)
from sync.core.mapping import Ignored, Seen, UnmappableError
from sync.core.mapping.reader import Reader
from sync.core.mapping.stripe_dunning import map_dunning

__all__ = ["DISPUTE_STATUSES", "HOLD_KEY", "MAPPERS", "map_dunning", "map_event", "map_object"]

HOLD_KEY = "dueline_hold"  # of an invoice's metadata: our dunning hold and its note
IGNORED_TYPES = {"invoice.upcoming": "a preview of an invoice that does not exist yet; it has no id"}
IGNORED_OBJECTS = {
    "payment_intent": "charges carry the money of a payment; its intent would count it twice",
    "invoiceitem": "invoice sums already include their items",
    "line_item": "invoice sums already include their lines",
}

# https://docs.stripe.com/api/disputes/object#dispute_object-status; charge_refunded is of older versions
DISPUTE_STATUSES = (
    "warning_needs_response warning_under_review warning_closed needs_response under_review won lost prevented"
    " charge_refunded"
).split()


def map_event(event: Mapping[str, Any], scope: str) -> list[Seen] | Ignored:
    """The facts in a webhook event. Raises UnmappableError for a shape we do not know."""
    kind = str(event.get("type", ""))
    if kind in IGNORED_TYPES:
        return Ignored(IGNORED_TYPES[kind])
    data = event.get("data")
    body = data.get("object") if isinstance(data, Mapping) else None
    if not isinstance(body, Mapping):
        raise UnmappableError(f"event {kind or 'without a type'}: data.object is missing")
    if kind in {"customer.deleted", "invoice.deleted"}:
        body = {**body, "deleted": True}
    return map_object(body, scope)


def map_object(body: Mapping[str, Any], scope: str) -> list[Seen] | Ignored:
    """The facts in one object. Raises UnmappableError for a shape we do not know."""
    name = body.get("object")
    if isinstance(name, str) and name in IGNORED_OBJECTS:
        return Ignored(IGNORED_OBJECTS[name])
    if not isinstance(name, str) or name not in MAPPERS:
        return Ignored(f"objects of type {name!r} are no part of receivables")
    reader = Reader(body, scope, name)
    seen = MAPPERS[name](reader)
    reader.finish()
    return seen


def _customer(read: Reader) -> list[Seen]:
    facts = CustomerFacts(
        key=read.key("id"),
        name=read.text("name") or read.text("description"),
        email=read.text("email"),
        credits=_credits(read),
        metadata={key: str(value) for key, value in read.entries("metadata").items()},
        deleted=bool(read.body.get("deleted")),
        created_at=read.at("created"),
    )
    return [Seen(facts, "customer")]


def _credits(read: Reader) -> dict[str, int]:
    """Unapplied credit by currency. Stripe's balance is negative when it owes the customer.

    https://docs.stripe.com/api/customers/object#customer_object-invoice_credit_balance
    """
    if read.body.get("invoice_credit_balance") is not None:
        balances = read.inner("invoice_credit_balance")
        owed = {read.known_currency(name): -balances.amount(name) for name in read.entries("invoice_credit_balance")}
        return {currency: amount for currency, amount in owed.items() if amount}
    balance = read.amount("balance", default=0)
    return {read.currency(): -balance} if balance else {}


def _invoice(read: Reader) -> list[Seen]:
    status = _invoice_status(read)
    moments = read.inner("status_transitions")
    total = read.amount("total")
    outside = status == InvoiceStatus.PAID and bool(read.flag("paid_out_of_band"))
    paid, remaining = _paid(read, outside=outside)
    facts = InvoiceFacts(
        key=read.key("id"),
        customer=_customer_of(read),
        currency=read.currency(),
        status=status,
        number=read.text("number"),
        subtotal=read.amount("subtotal", default=total),
        tax=_tax(read),
        discount=read.sum_of("total_discount_amounts"),
        total=total,
        due=read.amount("amount_due"),
        paid=paid,
        remaining=remaining,
        overpaid=read.amount("amount_overpaid", default=0),
        credited=read.amount("pre_payment_credit_notes_amount", default=0),
        credited_after_payment=read.amount("post_payment_credit_notes_amount", default=0),
        payment=None if outside else read.ref("payment_intent") or read.ref("charge"),
        paid_out_of_band=outside,
        subscription=_subscription(read),
        collection=read.text("collection_method"),
        auto_advance=read.flag("auto_advance"),
        hold_note=_hold_note(read),
        pay_url=read.text("hosted_invoice_url"),
        pdf_url=read.text("invoice_pdf"),
        created_at=read.moment("created"),
        issued_at=_issued_at(read, status),
        due_at=read.at("due_date"),
        paid_at=moments.at("paid_at"),
        voided_at=moments.at("voided_at"),
        written_off_at=moments.at("marked_uncollectible_at"),
        next_attempt_at=read.at("next_payment_attempt"),
        attempts=read.amount("attempt_count", default=0),
    )
    return [Seen(facts, "invoice"), *read.embedded("payments", "invoice_payment", MAPPERS["invoice_payment"])]


def _hold_note(read: Reader) -> str | None:
    note = read.entries("metadata").get(HOLD_KEY)
    return str(note) if note else None


def _invoice_status(read: Reader) -> str:
    if read.body.get("deleted"):
        return InvoiceStatus.DELETED
    return read.choice("status", tuple(InvoiceStatus))


def _paid(read: Reader, *, outside: bool) -> tuple[int, int]:
    """What was paid and what remains. Before Basil, one paid outside of Stripe said so by a flag, not by its amounts.

    https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices
    """
    paid, remaining = read.amount("amount_paid"), read.amount("amount_remaining")
    return (read.amount("amount_due"), 0) if outside else (paid, remaining)


def _issued_at(read: Reader, status: str) -> datetime | None:
    """When it became binding; a draft never did, nor did one that was deleted, whatever date it was to bear."""
    finalized_at = read.inner("status_transitions").at("finalized_at")
    if status in {InvoiceStatus.DRAFT, InvoiceStatus.DELETED}:
        return finalized_at
    return read.at("effective_at") or finalized_at or read.at("created")


def _customer_of(read: Reader) -> str:
    """The customer, or the account that stands in its place since Accounts v2."""
    return read.ref("customer") or read.ref("customer_account") or read.key("customer")


def _tax(read: Reader) -> int:
    """Three generations of the same figure: `total_taxes`, `total_tax_amounts`, `tax`; the newest that says one."""
    for name in ("total_taxes", "total_tax_amounts"):
        if read.body.get(name):
            return read.sum_of(name)
    return read.amount("tax", default=0)


def _subscription(read: Reader) -> str | None:
    parent = read.inner("parent").inner("subscription_details")
    return parent.ref("subscription") or read.ref("subscription")


def _charge(read: Reader) -> list[Seen]:
    key = read.key("id")
    amount = read.amount("amount")
    intent = read.ref("payment_intent")
    facts = ChargeFacts(
        key=key,
        payment=intent or key,
        customer=read.ref("customer") or read.ref("customer_account"),
        currency=read.currency(),
        status=read.choice("status", ("succeeded", "pending", "failed")),
        amount=amount,
        captured=read.amount("amount_captured", default=amount if read.body.get("captured") else 0),
        refunded=read.amount("amount_refunded", default=0),
        invoice=read.ref("invoice"),
        method=read.inner("payment_method_details").text("type"),
        created_at=read.moment("created"),
    )
    return [Seen(facts, "charge"), *read.embedded("refunds", "refund", MAPPERS["refund"])]


def _payment_record(read: Reader) -> list[Seen]:
    """Money that moved outside Stripe and was reported to it.

    https://docs.stripe.com/api/payment-record
    """
    key = read.key("id")
    requested = read.inner("amount_requested")
    captured = read.inner("amount_guaranteed").amount("value", default=0)
    failed = read.inner("amount_failed").amount("value", default=0)
    facts = ChargeFacts(
        key=key,
        payment=key,
        customer=read.inner("customer_details").ref("customer"),
        currency=requested.currency(),
        status="succeeded" if captured else ("failed" if failed else "pending"),
        amount=requested.amount("value"),
        captured=captured,
        refunded=read.inner("amount_refunded").amount("value", default=0),
        method=read.inner("payment_method_details").text("type"),
        created_at=read.moment("created"),
    )
    return [Seen(facts, "payment_record")]


def _invoice_payment(read: Reader) -> list[Seen]:
    payment = read.inner("payment")
    status = read.choice("status", ("open", "paid", "canceled"))
    facts = InvoicePaymentFacts(
        key=read.key("id"),
        invoice=read.key("invoice"),
        payment=payment.ref("payment_intent") or payment.ref("charge") or payment.ref("payment_record"),
        payment_source=_payment_source(payment),
        currency=read.currency(),
        status=status,
        amount=read.amount("amount_paid", default=None if status == "paid" else 0),
        paid_at=read.inner("status_transitions").at("paid_at"),
        created_at=read.moment("created"),
    )
    return [Seen(facts, "invoice_payment")]


def _payment_source(payment: Reader) -> str | None:
    if payment.ref("payment_intent"):
        return None
    return next((kind for kind in ("charge", "payment_record") if payment.ref(kind)), None)


def _refund(read: Reader) -> list[Seen]:
    facts = RefundFacts(
        key=read.key("id"),
        payment=read.ref("payment_intent"),
        charge=read.ref("charge"),
        currency=read.currency(),
        status=read.choice(
            "status", ("pending", "requires_action", "succeeded", "failed", "canceled"), default="succeeded"
        ),
        amount=read.amount("amount"),
        reason=read.text("reason"),
        created_at=read.moment("created"),
    )
    if facts.payment is None and facts.charge is None:
        read.missing("charge or payment_intent")
    return [Seen(facts, "refund")]


def _credit_note(read: Reader) -> list[Seen]:
    facts = CreditNoteFacts(
        key=read.key("id"),
        invoice=read.key("invoice"),
        customer=_customer_of(read),
        currency=read.currency(),
        status=read.choice("status", ("issued", "void")),
        amount=read.amount("total", default=read.amount("amount")),
        number=read.text("number"),
        before_payment=read.text("type") != "post_payment",
        reason=read.text("reason"),
        created_at=read.moment("created"),
        voided_at=read.at("voided_at"),
    )
    return [Seen(facts, "credit_note")]


def _dispute(read: Reader) -> list[Seen]:
    facts = ChargebackFacts(
        key=read.key("id"),
        payment=read.ref("payment_intent"),
        charge=read.ref("charge"),
        currency=read.currency(),
        status=read.choice("status", DISPUTE_STATUSES),
        amount=read.amount("amount"),
        reason=read.text("reason"),
        created_at=read.moment("created"),
    )
    return [Seen(facts, "dispute")]


def _credit_entry(read: Reader) -> list[Seen]:
    facts = CreditEntryFacts(
        key=read.key("id"),
        customer=_customer_of(read),
        currency=read.currency(),
        amount=-read.amount("amount"),
        balance=-read.amount("ending_balance"),
        reason=read.word("type"),
        created_at=read.moment("created"),
    )
    return [Seen(facts, None)]


MAPPERS: dict[str, Callable[[Reader], list[Seen]]] = {
    "customer": _customer,
    "invoice": _invoice,
    "charge": _charge,
    "payment_record": _payment_record,
    "invoice_payment": _invoice_payment,
    "refund": _refund,
    "credit_note": _credit_note,
    "dispute": _dispute,
    "customer_balance_transaction": _credit_entry,
}
