"""Stripe bodies for mapping tests, in both shapes, with only what a mapping reads; a test names what it is about."""

from typing import Any

Json = dict[str, Any]


def _moments(given: Json) -> Json:
    known = {"finalized_at": 1_800_000_100, "marked_uncollectible_at": None, "paid_at": None, "voided_at": None}
    return known | given.pop("status_transitions", {})


def invoice(**given: Any) -> Json:
    """What both shapes say of an open invoice of 100.00 USD."""
    body = {
        "id": "in_1",
        "object": "invoice",
        "customer": "cus_1",
        "currency": "usd",
        "status": "open",
        "subtotal": 10_000,
        "total": 10_000,
        "amount_due": 10_000,
        "amount_paid": 0,
        "amount_remaining": 10_000,
        "created": 1_800_000_000,
        "due_date": 1_802_592_000,
        "status_transitions": _moments(given),
    }
    return body | given


def old_invoice(**given: Any) -> Json:
    """As before Basil."""
    old = {
        "charge": None,
        "paid": False,
        "paid_out_of_band": False,
        "payment_intent": "pi_1",
        "subscription": None,
        "tax": None,
        "total_tax_amounts": [],
    }
    return invoice(**(old | given))


def new_invoice(**given: Any) -> Json:
    """As since Basil."""
    return invoice(**({"amount_overpaid": 0, "customer_account": None, "parent": None, "total_taxes": None} | given))


def charge(**given: Any) -> Json:
    """100.00 USD taken by card."""
    body = {
        "id": "ch_1",
        "object": "charge",
        "amount": 10_000,
        "amount_captured": 10_000,
        "amount_refunded": 0,
        "captured": True,
        "created": 1_800_000_200,
        "currency": "usd",
        "customer": "cus_1",
        "payment_intent": "pi_1",
        "payment_method_details": {"type": "card"},
        "status": "succeeded",
    }
    return body | given


def refund(**given: Any) -> Json:
    """10.00 USD given back."""
    body = {
        "id": "re_1",
        "object": "refund",
        "amount": 1_000,
        "charge": "ch_1",
        "created": 1_800_000_300,
        "currency": "usd",
        "payment_intent": "pi_1",
        "status": "succeeded",
    }
    return body | given


def invoice_payment(**given: Any) -> Json:
    """A payment's share of 100.00 USD."""
    body = {
        "id": "inpay_1",
        "object": "invoice_payment",
        "amount_paid": 10_000,
        "amount_requested": 10_000,
        "created": 1_800_000_100,
        "currency": "usd",
        "invoice": "in_1",
        "payment": {"type": "payment_intent", "payment_intent": "pi_1"},
        "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": 1_800_000_200},
    }
    return body | given


def customer(**given: Any) -> Json:
    """A customer who owes nothing."""
    body = {
        "id": "cus_1",
        "object": "customer",
        "balance": 0,
        "created": 1_800_000_000,
        "currency": "usd",
        "description": None,
        "email": "ap@acme.test",
        "metadata": {},
        "name": "Acme",
    }
    return body | given


def payment_record(**given: Any) -> Json:
    """100.00 USD received outside of Stripe."""

    def money(value: int) -> Json:
        return {"currency": "usd", "value": value}

    body = {
        "id": "pr_1",
        "object": "payment_record",
        "amount_requested": money(10_000),
        "amount_guaranteed": money(10_000),
        "amount_failed": money(0),
        "amount_refunded": money(0),
        "created": 1_800_000_200,
        "customer_details": {"customer": "cus_1"},
        "payment_method_details": {"type": "custom"},
    }
    return body | given


def listing(*items: Json) -> Json:
    """Stripe's list envelope."""
    return {"object": "list", "data": list(items), "has_more": False}
