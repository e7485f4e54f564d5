"""The two shapes in which the same account is shown: today's, and the one before 2025-03-31 (Basil).

Pure renderings of a stored object. What changed: https://docs.stripe.com/changelog/basil/2025-03-31
(add-support-for-multiple-partial-payments-on-invoices). Stripe sends events in the version of the endpoint or account,
so a receiver meets both; the older one shows links that today's objects lack (`LINKS`).
"""

import json
from fnmatch import fnmatchcase
from typing import Any

from connector.local.stripe.book import LINKS, difference
from connector.local.stripe.objects import listing
from connector.local.stripe.refusal import Json, StripeRefusal

BASIL = "2025-03-31"
_NEW_INVOICE = ("amount_overpaid", "confirmation_secret", "customer_account", "parent", "payments", "total_taxes")
NEW_EVENTS = ("invoice_payment.*", "invoice.overpaid")


def is_old(api_version: str | None) -> bool:
    """Whether this `Stripe-Version` is before Basil."""
    return api_version is not None and api_version[:10] < BASIL


def render(body: Json, api_version: str | None = None) -> Json:
    """The object as `api_version` (None: today) shows it."""
    links = body.get(LINKS) or {}
    shown = {key: value for key, value in body.items() if key != LINKS}
    older = _OLD.get(str(body.get("object"))) if is_old(api_version) and not body.get("deleted") else None
    return older(shown, links) if older else shown


def render_event(event: Json, api_version: str | None = None) -> Json | None:
    """The event as an endpoint of `api_version` gets it; None when that version has no such event."""
    if is_old(api_version) and any(fnmatchcase(event["type"], pattern) for pattern in NEW_EVENTS):
        return None
    after, previous = event["data"]["object"], event["data"].get("previous_attributes")
    data = {**event["data"], "object": render(after, api_version)}
    if previous is not None:
        data["previous_attributes"] = (
            difference(render(_overlaid(after, previous), api_version), data["object"])
            if is_old(api_version)
            else {key: value for key, value in previous.items() if key != LINKS}
        )
    return {**event, "api_version": api_version or event["api_version"], "data": data}


def _overlaid(after: Json, previous: Json) -> Json:
    """The object before the change, from what it is and what `previous_attributes` remembers."""
    before: Json = json.loads(json.dumps(after))
    for key, old in previous.items():
        now = after.get(key)
        before[key] = _overlaid(now, old) if isinstance(now, dict) and isinstance(old, dict) else old
    return before


def _without(body: Json, *keys: str) -> Json:
    return {key: value for key, value in body.items() if key not in keys}


def _invoice(body: Json, links: Json) -> Json:
    """Before Basil `amount_paid` left out money received outside of Stripe, and `paid` told the status."""
    outside = links.get("out_of_band", 0)
    paid = body.get("amount_paid", 0) - outside
    taxes = body.get("total_taxes") or []
    parent = (body.get("parent") or {}).get("subscription_details") or {}
    lines = body.get("lines") or listing(f"/v1/invoices/{body['id']}/lines", [])
    old: Json = {
        "amount_paid": paid,
        "amount_remaining": body.get("amount_due", 0) - paid,
        "application_fee_amount": None,
        "charge": links.get("charge"),
        "discount": None,
        "lines": {**lines, "data": [_line(each, parent.get("subscription")) for each in lines["data"]]},
        "paid": body.get("status") == "paid",
        "paid_out_of_band": bool(outside) and body.get("status") == "paid",
        "payment_intent": links.get("payment_intent"),
        "quote": None,
        "subscription": parent.get("subscription"),
        "tax": sum(each["amount"] for each in taxes) if taxes else None,
        "total_tax_amounts": [_tax(each) for each in taxes],
        "transfer_data": None,
    }
    return {**_without(body, *_NEW_INVOICE), **_unless_given(body, old, "amount_paid", "amount_remaining", "lines")}


def _unless_given(body: Json, old: Json, *always: str) -> Json:
    """A body put there in the older shape keeps what it says itself."""
    return {key: value for key, value in old.items() if key in always or key not in body}


def _line(body: Json, subscription: str | None) -> Json:
    pricing = body.get("pricing") or {}
    details = pricing.get("price_details") or {}
    old: Json = {
        "plan": None,
        "price": {"id": details.get("price"), "object": "price", "product": details.get("product")},
        "proration": False,
        "subscription": subscription,
        "tax_amounts": [_tax(each) for each in body.get("taxes") or []],
        "tax_rates": [],
        "type": "subscription" if subscription else "invoiceitem",
    }
    return {**_without(body, "parent", "pricing", "taxes", "subtotal"), **_unless_given(body, old, "subscription")}


def _tax(each: Json) -> Json:
    return {
        "amount": each["amount"],
        "inclusive": each["tax_behavior"] == "inclusive",
        "tax_rate": (each.get("tax_rate_details") or {}).get("tax_rate"),
        "taxability_reason": each["taxability_reason"],
        "taxable_amount": each["taxable_amount"],
    }


def _charge(body: Json, links: Json) -> Json:
    refunds = links.get("refunds", [])
    return {
        **_without(body, "customer_account"),
        "destination": None,
        "dispute": links.get("dispute"),
        "invoice": links.get("invoice"),
        "order": None,
        "refunds": {**listing(f"/v1/charges/{body['id']}/refunds", refunds), "total_count": len(refunds)},
    }


def _payment_intent(body: Json, links: Json) -> Json:
    return {**_without(body, "customer_account", "source"), "invoice": links.get("invoice")}


def _credit_note(body: Json, _links: Json) -> Json:
    if body.get("type") == "mixed":
        raise StripeRefusal(400, f"Credit note {body['id']} is mixed: no version before {BASIL} can show it.")
    refunds = body.get("refunds") or []
    old: Json = {"refund": refunds[0]["refund"] if refunds else None, "tax_amounts": []}
    dropped = ("customer_account", "post_payment_amount", "pre_payment_amount", "refunds", "total_taxes")
    return {**_without(body, *dropped), **old}


def _plain(body: Json, _links: Json) -> Json:
    return _without(body, "customer_account")


_OLD: dict[str, Any] = {
    "invoice": _invoice,
    "charge": _charge,
    "payment_intent": _payment_intent,
    "credit_note": _credit_note,
    "customer": _plain,
    "refund": _plain,
    "customer_balance_transaction": _plain,
}
