"""What can be read under /v1, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Resource:
    """One collection: the kind in it, the permission of restricted keys, what lists filter by, what expands."""

    kind: str
    permission: str
    filters: frozenset[str] = frozenset()
    expands: frozenset[str] = frozenset()


RESOURCES = {
    "charges": Resource("charge", "rak_charge", frozenset({"customer", "payment_intent"}), frozenset({"refunds"})),
    "credit_notes": Resource("credit_note", "rak_credit_note", frozenset({"customer", "invoice"})),
    "customers": Resource("customer", "rak_customer"),
    "disputes": Resource("dispute", "rak_dispute", frozenset({"charge", "payment_intent"})),
    "events": Resource("event", "rak_event", frozenset({"type", "types"})),
    "invoice_payments": Resource("invoice_payment", "rak_invoice", frozenset({"invoice", "status", "payment"})),
    "invoices": Resource("invoice", "rak_invoice", frozenset({"customer", "status"}), frozenset({"payments"})),
    "payment_intents": Resource("payment_intent", "rak_payment_intent", frozenset({"customer"})),
    "payment_records": Resource("payment_record", "rak_payment_record", frozenset({"created_after", "created_before"})),
    "refunds": Resource("refund", "rak_charge", frozenset({"charge", "payment_intent"})),
    "webhook_endpoints": Resource("webhook_endpoint", "rak_webhook"),
}
