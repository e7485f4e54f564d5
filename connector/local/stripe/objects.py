"""New objects in the shape of Stripe's API since 2025-03-31 (Basil), with every field a reader may look at.

Amounts are minor units. Field meanings: https://docs.stripe.com/api
"""

import json
from collections.abc import Sequence

from connector.local.stripe import templates
from connector.local.stripe.refusal import Json

_NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def fresh(template: Json, values: Json) -> Json:
    """A new object: the template's fields, copied, with those that are its own."""
    body: Json = json.loads(json.dumps(template))
    return {**body, **values}


def listing(url: str, data: Sequence[Json], *, has_more: bool = False) -> Json:
    """Stripe's list envelope."""
    return {"object": "list", "data": list(data), "has_more": has_more, "url": url}


def customer(object_id: str, created: int, prefix: str) -> Json:
    """A customer who has never been billed."""
    return fresh(
        templates.CUSTOMER,
        {
            "id": object_id,
            "created": created,
            "invoice_prefix": prefix,
        },
    )


def line(object_id: str, invoice: Json, given: Json, *, discount: int, tax: int) -> Json:
    """One line; `amount` is before discount and exclusive tax."""
    quantity = given.get("quantity") or 1
    parent: Json = {"invoice_item_details": {"invoice_item": object_id.replace("il_", "ii_"), "proration": False}}
    return {
        "id": object_id,
        "object": "line_item",
        "amount": given["amount"],
        "currency": invoice["currency"],
        "description": given.get("description"),
        "discount_amounts": [{"amount": discount, "discount": object_id.replace("il_", "di_")}] if discount else [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice["id"],
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "parent": {**parent, "subscription_item_details": None, "type": "invoice_item_details"},
        "period": {"start": invoice["period_start"], "end": invoice["period_end"]},
        "pretax_credit_amounts": [],
        "pricing": {
            "type": "price_details",
            "price_details": {
                "price": object_id.replace("il_", "price_"),
                "product": object_id.replace("il_", "prod_"),
            },
            "unit_amount_decimal": str(given["amount"] // quantity) if given["amount"] % quantity == 0 else None,
        },
        "quantity": quantity,
        "subtotal": given["amount"],
        "taxes": [tax_share(tax, given["amount"] - discount)] if tax else [],
    }


def tax_share(amount: int, taxable: int) -> Json:
    """Exclusive tax on one line, on an invoice or on a credit note."""
    return {
        "amount": amount,
        "tax_behavior": "exclusive",
        "tax_rate_details": {"tax_rate": "txr_local"},
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    }


def invoice(object_id: str, created: int, owner: Json, currency: str) -> Json:
    """An empty draft for `owner` (a customer)."""
    return fresh(
        templates.INVOICE,
        {
            "id": object_id,
            "created": created,
            "currency": currency,
            "customer": owner["id"],
            "customer_address": owner["address"],
            "customer_email": owner["email"],
            "customer_name": owner["name"],
            "customer_phone": owner["phone"],
            "customer_shipping": owner["shipping"],
            "customer_tax_exempt": owner["tax_exempt"],
            "lines": listing(f"/v1/invoices/{object_id}/lines", []),
            "period_end": created,
            "period_start": created,
        },
    )


def payment_intent(object_id: str, created: int, owner: str, currency: str, amount: int) -> Json:
    """A payment that waits for its means of payment."""
    return fresh(
        templates.PAYMENT_INTENT,
        {
            "id": object_id,
            "amount": amount,
            "client_secret": f"{object_id}_secret_local",
            "created": created,
            "currency": currency,
            "customer": owner,
        },
    )


def charge(object_id: str, created: int, intent: Json, owner: Json, method: str) -> Json:
    """A charge that succeeded, for the whole of its payment intent."""
    return fresh(
        templates.CHARGE,
        {
            "id": object_id,
            "amount": intent["amount"],
            "amount_captured": intent["amount"],
            "balance_transaction": object_id.replace("ch_", "txn_"),
            "billing_details": {
                "address": _NO_ADDRESS,
                "email": owner["email"],
                "name": owner["name"],
                "phone": None,
                "tax_id": None,
            },
            "created": created,
            "currency": intent["currency"],
            "customer": intent["customer"],
            "payment_intent": intent["id"],
            "payment_method": object_id.replace("ch_", "pm_"),
            "payment_method_details": _method_details(method),
            "receipt_email": owner["email"],
            "receipt_url": f"https://pay.stripe.com/receipts/{object_id}",
        },
    )


def _method_details(method: str) -> Json:
    if method == "card":
        return {
            "card": {
                "brand": "visa",
                "country": "US",
                "exp_month": 8,
                "exp_year": 2034,
                "fingerprint": "localStripe00001",
                "funding": "credit",
                "last4": "4242",
                "network": "visa",
                "wallet": None,
            },
            "type": "card",
        }
    return {
        "type": "us_bank_account",
        "us_bank_account": {
            "account_holder_type": "company",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "last4": "6789",
            "routing_number": "110000000",
        },
    }
