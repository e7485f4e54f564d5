"""Credit notes (https://docs.stripe.com/api/credit_notes): first off what is still owed, the rest off what was paid."""

from typing import Any

from connector.local.stripe import objects_money, shapes
from connector.local.stripe.book import action
from connector.local.stripe.payments import PaymentActions
from connector.local.stripe.refusal import Json, invalid


class CreditActions(PaymentActions):
    """Taking back what was invoiced."""

    @action
    def credit_note(
        self,
        invoice: str,
        amount: int,
        *,
        refund_amount: int = 0,
        credit_amount: int = 0,
        out_of_band_amount: int = 0,
        **fields: Any,
    ) -> Json:
        """Credit `amount`; its part beyond the debt must be refunded, kept as balance or given outside of Stripe."""
        row = self._in_status(invoice, "open", "paid", "uncollectible")
        given = row["pre_payment_credit_notes_amount"] + row["post_payment_credit_notes_amount"]
        if not 0 < amount <= row["total"] - given:
            raise invalid(f"Amount must be from 1 to {row['total'] - given}, what is not credited yet.", param="amount")
        pre = min(amount, row["amount_remaining"])
        post = amount - pre
        if refund_amount + credit_amount + out_of_band_amount != post:
            raise invalid(
                f"The sum of refund, credit and outside of Stripe amounts must equal the post payment amount ({post}).",
                code="credit_note_amounts_mismatch",
            )
        if pre and post and shapes.is_old(self.api_version):
            raise invalid(f"API version {self.api_version} has no mixed credit notes: credit the two parts apart.")
        sequence = len(self.find("credit_note", invoice=invoice)) + 1
        note = objects_money.credit_note(self.new_id("cn"), self.now, row, pre, post, sequence)
        note.update({**fields, "out_of_band_amount": out_of_band_amount or None})
        self._give_back(row, note, refund_amount, credit_amount)
        self.add(note, "credit_note.created")
        self._reduce(invoice, pre, post)
        return note

    @action
    def void_credit_note(self, credit_note: str) -> Json:
        """Take a credit note back; only one that lowered an invoice which is still open."""
        with self.edit("credit_note", credit_note, "credit_note.voided") as note:
            row = self._in_status(note["invoice"], "open")
            if note["status"] != "issued" or note["type"] != "pre_payment":
                raise invalid("Only an issued credit note that lowered an open invoice can be voided.")
            note.update({"status": "void", "voided_at": self.now})
        with self.edit("invoice", row["id"], "invoice.updated") as row:
            row["amount_due"] += note["amount"]
            row["amount_remaining"] += note["amount"]
            row["pre_payment_credit_notes_amount"] -= note["amount"]
        self.follow_default(row)
        return note

    def _give_back(self, row: Json, note: Json, refund_amount: int, credit_amount: int) -> None:
        if refund_amount:
            refund = self.refund(self._charge_of(row, refund_amount), amount=refund_amount)
            reference = {"refund": refund["id"], "payment_record_refund": None, "type": "refund"}
            note["refunds"] = [{"amount_refunded": refund_amount, **reference}]
        if credit_amount:
            move = self.move_balance(
                row["customer"], -credit_amount, row["currency"], "credit_note", credit_note=note["id"]
            )
            note["customer_balance_transaction"] = move["id"]

    def _charge_of(self, row: Json, amount: int) -> str:
        for paid in self.find("invoice_payment", invoice=row["id"], status="paid"):
            intent = paid["payment"].get("payment_intent")
            charge = intent and self.get("charge", self.get("payment_intent", intent)["latest_charge"])
            if charge and charge["amount_captured"] - charge["amount_refunded"] >= amount:
                return str(charge["id"])
        raise invalid("No payment of this invoice can be refunded by that much.", param="refund_amount")

    def _reduce(self, invoice: str, pre: int, post: int) -> None:
        with self.edit("invoice", invoice, "invoice.updated") as row:
            was = row["status"]
            row["amount_due"] -= pre
            row["amount_remaining"] -= pre
            row["pre_payment_credit_notes_amount"] += pre
            row["post_payment_credit_notes_amount"] += post
            if was != "paid" and not row["amount_remaining"]:
                self.settle(row)
        if was != row["status"]:
            self.emit("invoice.paid", row)
            self.emit("invoice.payment_succeeded", row)
        self.follow_default(row)
