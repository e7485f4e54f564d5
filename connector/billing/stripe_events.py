"""The events that a webhook endpoint of ours asks Stripe for: whatever changes a receivable, or tells of dunning.

Stripe knows no `invoice.*` here: each type is named (https://docs.stripe.com/api/webhook_endpoints/create).
"""

_OF = {
    "customer": "created updated deleted",
    "invoice": (
        "created updated deleted finalized finalization_failed sent paid payment_succeeded payment_failed"
        " payment_action_required marked_uncollectible voided overdue overpaid will_be_due"
    ),
    "invoice_payment": "paid",
    "charge": "succeeded failed pending updated captured expired refunded",
    "charge.dispute": "created updated closed funds_withdrawn funds_reinstated",
    "charge.refund": "updated",
    "refund": "created updated failed",
    "credit_note": "created updated voided",
}
EVENTS = tuple(f"{of}.{what}" for of, happenings in _OF.items() for what in happenings.split())
