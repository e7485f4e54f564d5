"""New objects in the shape of Stripe's API since 2025-03-31 (Basil), with every field a reader may look at.

Amounts are minor units. Field meanings: https://docs.stripe.com/api
"""

from collections.abc import Sequence

from connector.local.stripe.book import LINKS
from connector.local.stripe.refusal import Json

_NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def listing(url: str, data: Sequence[Json], *, has_more: bool = False) -> Json:
    """Stripe's list envelope."""
    return {"object": "list", "data": list(data), "has_more": has_more, "url": url}


def customer(object_id: str, created: int, prefix: str) -> Json:
    """A customer who has never been billed."""
    return {
        "id": object_id,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": created,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "email": None,
        "invoice_credit_balance": {},
        "invoice_prefix": prefix,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def line(object_id: str, invoice: Json, given: Json, *, discount: int, tax: int) -> Json:
    """One line; `amount` is before discount and exclusive tax."""
    quantity = given.get("quantity", 1)
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
    return {
        "id": object_id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Local Stripe",
        "account_tax_ids": None,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": False,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "status": None},
        "automatically_finalizes_at": None,
        "billing_reason": "manual",
        "collection_method": "send_invoice",
        "created": created,
        "currency": currency,
        "custom_fields": None,
        "customer": owner["id"],
        "customer_account": None,
        "customer_address": owner["address"],
        "customer_email": owner["email"],
        "customer_name": owner["name"],
        "customer_phone": owner["phone"],
        "customer_shipping": owner["shipping"],
        "customer_tax_exempt": owner["tax_exempt"],
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": listing(f"/v1/invoices/{object_id}/lines", []),
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "parent": None,
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "period_end": created,
        "period_start": created,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": 0,
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": dict.fromkeys(("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")),
        "subtotal": 0,
        "subtotal_excluding_tax": 0,
        "test_clock": None,
        "total": 0,
        "total_discount_amounts": [],
        "total_excluding_tax": 0,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": None,
        LINKS: {"payment_intent": None, "charge": None, "out_of_band": 0},
    }


def payment_intent(object_id: str, created: int, owner: str, currency: str, amount: int) -> Json:
    """A payment that waits for its means of payment."""
    return {
        "id": object_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{object_id}_secret_local",
        "confirmation_method": "automatic",
        "created": created,
        "currency": currency,
        "customer": owner,
        "customer_account": None,
        "description": "Payment for Invoice",
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card", "us_bank_account"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
        LINKS: {"invoice": None},
    }


def charge(object_id: str, created: int, intent: Json, owner: Json, method: str) -> Json:
    """A charge that succeeded, for the whole of its payment intent."""
    return {
        "id": object_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": object_id.replace("ch_", "txn_"),
        "billing_details": {
            "address": _NO_ADDRESS,
            "email": owner["email"],
            "name": owner["name"],
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": "LOCAL STRIPE",
        "captured": True,
        "created": created,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": "Payment for Invoice",
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": object_id.replace("ch_", "pm_"),
        "payment_method_details": _method_details(method),
        "receipt_email": owner["email"],
        "receipt_number": None,
        "receipt_url": f"https://pay.stripe.com/receipts/{object_id}",
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
        LINKS: {"invoice": None, "dispute": None, "refunds": []},
    }


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
