"""New objects that move money around an invoice: what was paid, given back, credited, contested or kept on account."""

from connector.local.stripe import templates
from connector.local.stripe.objects import fresh, listing
from connector.local.stripe.refusal import Json


def invoice_payment(object_id: str, created: int, invoice: Json, payment: Json, requested: int) -> Json:
    """The share of a payment that is meant for one invoice; `payment` is `{"type": t, t: id}`."""
    return {
        "id": object_id,
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": requested,
        "created": created,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": False,
        "livemode": False,
        "payment": payment,
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


def payment_record(object_id: str, created: int, owner: Json, currency: str, amount: int) -> Json:
    """Money received outside of Stripe and reported to it."""

    def money(value: int) -> Json:
        return {"currency": currency, "value": value}

    return fresh(
        templates.PAYMENT_RECORD,
        {
            "id": object_id,
            "amount": money(amount),
            "amount_authorized": money(amount),
            "amount_canceled": money(0),
            "amount_failed": money(0),
            "amount_refunded": money(0),
            "amount_guaranteed": money(amount),
            "amount_requested": money(amount),
            "created": created,
            "customer_details": {
                "customer": owner["id"],
                "email": owner["email"],
                "name": owner["name"],
                "phone": None,
            },
            "latest_payment_attempt_record": object_id.replace("pr_", "par_"),
            "processor_details": {"custom": {"payment_reference": object_id}, "type": "custom"},
        },
    )


def refund(object_id: str, created: int, charge: Json, amount: int, *, reason: str | None, pending: bool) -> Json:
    """Money on its way back to where it came from."""
    kind = charge["payment_method_details"]["type"]
    return {
        "id": object_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": object_id.replace("re_", "txn_"),
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {kind: {"reference": None, "reference_status": "pending"}, "type": kind},
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if pending else "succeeded",
        "transfer_reversal": None,
    }


def credit_note(object_id: str, created: int, invoice: Json, pre: int, post: int, sequence: int) -> Json:
    """What was taken off an invoice: `pre` from what was still owed, `post` from what had been paid."""
    amount = pre + post
    custom = {
        "id": object_id.replace("cn_", "cnli_"),
        "object": "credit_note_line_item",
        "amount": amount,
        "description": "Credit",
        "discount_amount": 0,
        "discount_amounts": [],
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": 1,
        "tax_rates": [],
        "taxes": [],
        "type": "custom_line_item",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
    return fresh(
        templates.CREDIT_NOTE,
        {
            "id": object_id,
            "amount": amount,
            "created": created,
            "currency": invoice["currency"],
            "customer": invoice["customer"],
            "effective_at": created,
            "invoice": invoice["id"],
            "lines": listing(f"/v1/credit_notes/{object_id}/lines", [custom]),
            "number": f"{invoice['number']}-CN-{sequence:02d}",
            "pdf": f"https://pay.stripe.com/credit_notes/{object_id}/pdf",
            "post_payment_amount": post,
            "pre_payment_amount": pre,
            "subtotal": amount,
            "subtotal_excluding_tax": amount,
            "total": amount,
            "total_excluding_tax": amount,
            "type": "mixed" if pre and post else "post_payment" if post else "pre_payment",
        },
    )


def dispute(object_id: str, created: int, charge: Json, amount: int, reason: str) -> Json:
    """A chargeback: the bank has taken the money back until it is decided."""
    return fresh(
        templates.DISPUTE,
        {
            "id": object_id,
            "amount": amount,
            "charge": charge["id"],
            "created": created,
            "currency": charge["currency"],
            "evidence_details": {
                "due_by": created + 14 * 86_400,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "payment_intent": charge["payment_intent"],
            "reason": reason,
        },
    )


def balance_transaction(object_id: str, created: int, owner: str, currency: str, kind: str) -> Json:
    """A move on the customer's credit balance (negative is credit); amount and ending balance are the caller's."""
    return {
        "id": object_id,
        "object": "customer_balance_transaction",
        "amount": 0,
        "checkout_session": None,
        "created": created,
        "credit_note": None,
        "currency": currency,
        "customer": owner,
        "customer_account": None,
        "description": None,
        "ending_balance": 0,
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }
