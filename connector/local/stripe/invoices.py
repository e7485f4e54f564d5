"""The life of an invoice: draft, open, paid, void, uncollectible.

Transitions and their events: https://docs.stripe.com/invoicing/integration/workflow-transitions
"""

from collections.abc import Sequence
from typing import Any

from connector.local.stripe import objects, objects_money
from connector.local.stripe.book import LINKS, action
from connector.local.stripe.customers import CustomerActions, merged
from connector.local.stripe.refusal import Json, StripeRefusal, invalid

DAY = 86_400
_ALWAYS = frozenset({"auto_advance", "description", "footer", "metadata", "payment_settings"})
_DRAFT_ONLY = frozenset({"collection_method", "custom_fields", "days_until_due", "due_date", "number", "parent"})


class InvoiceActions(CustomerActions):
    """What may happen to an invoice, payments and credits aside."""

    @action
    def create_invoice(
        self,
        customer: str,
        lines: Sequence[Json],
        *,
        currency: str = "usd",
        tax: int = 0,
        discount: int = 0,
        subscription: str | None = None,
        **fields: Any,
    ) -> Json:
        """A draft. Lines are `{"amount": minor, "description"?, "quantity"?}`; tax and discount are for the whole."""
        row = objects.invoice(self.new_id("in"), self.now, self.get("customer", customer), currency)
        if subscription:
            row["billing_reason"] = "subscription_cycle"
            details = {"metadata": {}, "subscription": subscription}
            row["parent"] = {
                "quote_details": None,
                "subscription_details": details,
                "type": "subscription_details",
            }
        self._total(row, lines, tax=tax, discount=discount)
        self._assign(row, fields)
        return self.add(row, "invoice.created")

    @action
    def update_invoice(self, invoice: str, **fields: Any) -> Json:
        """Change a draft, or of a finalized invoice what Stripe still lets change (auto_advance, metadata …)."""
        with self.edit("invoice", invoice, "invoice.updated") as row:
            fixed = sorted(fields.keys() - _ALWAYS)
            if row["status"] != "draft" and fixed:
                raise invalid(
                    f"Finalized invoices can't be updated in this way: {fixed[0]}",
                    param=fixed[0],
                    code="invoice_not_editable",
                )
            if fields.get("auto_advance") and row["status"] not in ("draft", "open"):
                raise invalid(f"auto_advance cannot be turned on: the invoice is {row['status']}", param="auto_advance")
            self._assign(row, fields)
        return row

    @action
    def delete_invoice(self, invoice: str) -> Json:
        """Delete a draft; afterwards there is no such invoice."""
        row = self._in_status(invoice, "draft")
        self.emit("invoice.deleted", {**row, "status": "deleted", "auto_advance": False})
        stub = {"id": invoice, "object": "invoice", "deleted": True}
        self.store.put(stub)
        return stub

    @action
    def finalize_invoice(self, invoice: str, *, due_in_days: int | None = None) -> Json:
        """Make it binding: number, due date, the customer's balance applied, a payment to wait for."""
        self._in_status(invoice, "draft")
        with self.edit("invoice", invoice, "invoice.finalized", "invoice.updated") as row:
            owner = self._number(row)
            row.update({"status": "open", "effective_at": self.now})
            row["status_transitions"]["finalized_at"] = self.now
            if due_in_days is not None:
                row["due_date"] = self.now + due_in_days * DAY
            if row["collection_method"] == "send_invoice" and row["due_date"] is None:
                raise invalid("Invoices that are sent need a due date: pass due_in_days.", param="due_date")
            if row["collection_method"] == "charge_automatically" and row["auto_advance"]:
                row["next_payment_attempt"] = self.now + 3600
            self._apply_balance(row, owner)
            self._await_payment(row)
        if row["amount_remaining"] == 0:
            with self.edit("invoice", invoice, "invoice.updated", "invoice.paid", "invoice.payment_succeeded") as row:
                self.settle(row)
        return row

    @action
    def send_invoice(self, invoice: str) -> Json:
        """E-mail it to the customer."""
        row = self._in_status(invoice, "open", "uncollectible", "paid")
        self.emit("invoice.sent", row)
        return row

    @action
    def void_invoice(self, invoice: str) -> Json:
        """Cancel it; an applied balance goes back. Not possible once something was paid on it."""
        row = self._in_status(invoice, "open", "uncollectible")
        if row["amount_paid"]:
            raise invalid("You can't void an invoice that has paid payments: issue a credit note instead.")
        with self.edit("invoice", invoice, "invoice.voided", "invoice.updated") as row:
            row.update({"status": "void", "auto_advance": False, "next_payment_attempt": None})
            row["status_transitions"]["voided_at"] = self.now
        self.follow_default(row)
        applied = (row["ending_balance"] or 0) - row["starting_balance"]
        if applied:
            self.move_balance(row["customer"], -applied, row["currency"], "unapplied_from_invoice", invoice=row["id"])
        return row

    @action
    def mark_uncollectible(self, invoice: str) -> Json:
        """Write it off; it may still be paid or voided later."""
        self._in_status(invoice, "open")
        with self.edit("invoice", invoice, "invoice.marked_uncollectible", "invoice.updated") as row:
            row.update({"status": "uncollectible", "auto_advance": False, "next_payment_attempt": None})
            row["status_transitions"]["marked_uncollectible_at"] = self.now
        return row

    @action
    def mark_overdue(self, invoice: str) -> Json:
        """Say that it is past due; nothing on the invoice itself changes."""
        row = self._in_status(invoice, "open")
        self.emit("invoice.overdue", row)
        return row

    @action
    def will_be_due(self, invoice: str) -> Json:
        """Say that it will soon be due."""
        row = self._in_status(invoice, "open")
        self.emit("invoice.will_be_due", row)
        return row

    def settle(self, row: Json) -> None:
        """Mark as paid a row that owes nothing any more; the caller stores and announces it."""
        row.update({"status": "paid", "attempted": True, "auto_advance": False, "next_payment_attempt": None})
        row["status_transitions"]["paid_at"] = self.now

    def follow_default(self, invoice: Json) -> None:
        """Keep the payment that waits since finalization in step with what is still owed, or cancel it."""
        still_owed = invoice["amount_remaining"] if invoice["status"] in ("open", "uncollectible") else 0
        for waiting in self.find("invoice_payment", invoice=invoice["id"], status="open"):
            intent = waiting["payment"]["payment_intent"]
            with self.edit("invoice_payment", waiting["id"]) as payment:
                payment["amount_requested"] = still_owed or payment["amount_requested"]
                if not still_owed:
                    payment["status"] = "canceled"
                    payment["status_transitions"]["canceled_at"] = self.now
            with self.edit("payment_intent", intent, *(() if still_owed else ("payment_intent.canceled",))) as row:
                row["amount"] = still_owed or row["amount"]
                if not still_owed:
                    row.update({"status": "canceled", "canceled_at": self.now})
                    row["cancellation_reason"] = "void_invoice" if invoice["status"] == "void" else "automatic"

    def _in_status(self, invoice: str, *allowed: str) -> Json:
        row = self.get("invoice", invoice)
        if row["status"] not in allowed:
            raise StripeRefusal(
                400,
                f"This invoice is {row['status']}; it would have to be {' or '.join(allowed)}.",
                code="invoice_not_editable",
            )
        return row

    def _assign(self, row: Json, fields: dict[str, Any]) -> None:
        unknown = sorted(fields.keys() - _ALWAYS - _DRAFT_ONLY)
        if unknown:
            raise invalid(f"Received unknown parameter: {unknown[0]}", param=unknown[0], code="parameter_unknown")
        fields = dict(fields)
        days = fields.pop("days_until_due", None)
        if days is not None:
            row["due_date"] = self.now + int(days) * DAY
        row.update({**fields, "metadata": merged(row["metadata"], fields.get("metadata"))})

    def _total(self, row: Json, lines: Sequence[Json], *, tax: int, discount: int) -> None:
        amounts = [int(each["amount"]) for each in lines]
        subtotal = sum(amounts)
        discounts = share(discount, amounts)
        taxes = share(tax, [amount - off for amount, off in zip(amounts, discounts, strict=True)])
        row["lines"]["data"] = [
            objects.line(self.new_id("il"), row, given, discount=off, tax=levy)
            for given, off, levy in zip(lines, discounts, taxes, strict=True)
        ]
        net = subtotal - discount
        row.update({"subtotal": subtotal, "subtotal_excluding_tax": subtotal, "total_excluding_tax": net})
        row["total"] = net + tax
        row["amount_due"] = row["amount_remaining"] = max(net + tax, 0)
        row["total_taxes"] = [objects.tax_share(tax, net)] if tax else []
        row["total_discount_amounts"] = [{"amount": discount, "discount": self.new_id("di")}] if discount else []

    def _number(self, row: Json) -> Json:
        with self.edit("customer", row["customer"]) as owner:
            row["number"] = row["number"] or f"{owner['invoice_prefix']}-{owner['next_invoice_sequence']:04d}"
            owner["next_invoice_sequence"] += 1
            owner["currency"] = owner["currency"] or row["currency"]
        row["hosted_invoice_url"] = f"https://invoice.stripe.com/i/{row['id']}"
        row["invoice_pdf"] = f"{row['hosted_invoice_url']}/pdf"
        return owner

    def _apply_balance(self, row: Json, owner: Json) -> None:
        start = owner["invoice_credit_balance"].get(row["currency"], 0)
        due = max(0, row["total"] + start)
        end = min(0, row["total"] + start)
        row.update({"starting_balance": start, "ending_balance": end, "amount_due": due, "amount_remaining": due})
        if end != start:
            self.move_balance(owner["id"], end - start, row["currency"], "applied_to_invoice", invoice=row["id"])

    def _await_payment(self, row: Json) -> None:
        if not row["amount_due"]:
            return
        intent = objects.payment_intent(
            self.new_id("pi"), self.now, row["customer"], row["currency"], row["amount_due"]
        )
        intent[LINKS]["invoice"] = row["id"]
        row[LINKS]["payment_intent"] = intent["id"]
        self.add(intent, "payment_intent.created")
        payment = {"type": "payment_intent", "payment_intent": intent["id"]}
        waiting = objects_money.invoice_payment(self.new_id("inpay"), self.now, row, payment, row["amount_due"])
        self.add({**waiting, "is_default": True})


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion, exactly: the rounding goes to the first parts."""
    whole = sum(weights)
    if not whole:
        return [total, *(0 for _ in weights[1:])] if weights else []
    parts = [total * weight // whole for weight in weights]
    for index in range(total - sum(parts)):
        parts[index % len(parts)] += 1
    return parts
