"""Money coming in, going back, and taken back by banks.

Partial payments: https://docs.stripe.com/invoicing/partial-payments - Chargebacks: https://docs.stripe.com/disputes
"""

from collections.abc import Sequence

from connector.local.stripe import objects, objects_money
from connector.local.stripe.book import LINKS, action
from connector.local.stripe.invoices import DAY, InvoiceActions
from connector.local.stripe.refusal import Json, StripeRefusal, invalid

METHODS = ("card", "bank", "out_of_band")
RETRY_AFTER = 3 * DAY


class PaymentActions(InvoiceActions):
    """What may happen to the money."""

    @action
    def pay_invoice(self, invoice: str, *, amount: int | None = None, method: str = "card") -> Json:
        """Pay all (None) or part of what is owed, by card, bank, or outside of Stripe; the invoice."""
        row = self._payable(invoice)
        amount = row["amount_remaining"] if amount is None else amount
        if not 0 < amount <= row["amount_remaining"]:
            raise invalid(f"Amount must be from 1 to {row['amount_remaining']}, what is owed.", param="amount")
        self._collect([(row, amount)], method)
        return self.get("invoice", invoice)

    @action
    def overpay(self, invoice: str, amount: int, *, method: str = "bank") -> Json:
        """Pay more than is owed: the rest becomes credit of the customer. The invoice."""
        row = self._payable(invoice)
        if amount <= row["amount_remaining"]:
            raise invalid(f"{amount} does not exceed what is owed: pay_invoice does that.", param="amount")
        self._collect([(row, amount)], method)
        return self.get("invoice", invoice)

    @action
    def pay_together(self, invoices: Sequence[str], *, amount: int | None = None, method: str = "bank") -> list[Json]:
        """One payment over several invoices, in the order given; `amount` may run out on the way."""
        rows = [self._payable(each) for each in invoices]
        if len({(row["customer"], row["currency"]) for row in rows}) != 1:
            raise invalid("One payment needs invoices of one customer in one currency.", param="invoices")
        left = sum(row["amount_remaining"] for row in rows) if amount is None else amount
        parts = []
        for row in rows:
            part = min(left, row["amount_remaining"])
            left -= part
            if part:
                parts.append((row, part))
        if left or not parts:
            raise invalid("The amount must be positive and not exceed what is owed in all.", param="amount")
        self._collect(parts, method)
        return [self.get("invoice", each) for each in invoices]

    @action
    def fail_payment(self, invoice: str, *, code: str = "card_declined") -> Json:
        """An attempt to collect that the bank declines; the invoice."""
        row = self._payable(invoice)
        intent = self._intent(row, row["amount_remaining"], waiting=True)
        message = "Your card was declined."
        charge = self._charge(intent, "card", row["id"])
        charge.update({"status": "failed", "paid": False, "captured": False, "amount_captured": 0})
        charge.update({"failure_code": code, "failure_message": message, "balance_transaction": None})
        self.add(charge, "charge.failed")
        with self.edit("payment_intent", intent["id"], "payment_intent.payment_failed") as intent:
            intent["latest_charge"] = charge["id"]
            intent["last_payment_error"] = {
                "type": "card_error",
                "code": code,
                "message": message,
                "charge": charge["id"],
            }
        with self.edit("invoice", invoice, "invoice.updated", "invoice.payment_failed") as row:
            row.update({"attempted": True, "attempt_count": row["attempt_count"] + 1})
            row[LINKS]["charge"] = charge["id"]
            if row["auto_advance"] and row["collection_method"] == "charge_automatically":
                row["next_payment_attempt"] = self.now + RETRY_AFTER
        self._delinquent(row, late=row["collection_method"] == "charge_automatically")
        return row

    @action
    def refund(
        self, charge: str, *, amount: int | None = None, reason: str | None = None, pending: bool = False
    ) -> Json:
        """Give back all (None) or part of a charge; the refund. The invoice stays as it is."""
        row = self.get("charge", charge)
        left = row["amount_captured"] - row["amount_refunded"]
        amount = left if amount is None else amount
        if row["status"] != "succeeded" or not left:
            raise invalid(f"Charge {charge} has already been refunded.", code="charge_already_refunded")
        if not 0 < amount <= left:
            raise invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})")
        refund = objects_money.refund(self.new_id("re"), self.now, row, amount, reason=reason, pending=pending)
        self._refunded(charge, refund, amount, "charge.refunded")
        return self.add(refund, "refund.created")

    @action
    def settle_refund(self, refund: str) -> Json:
        """A pending refund arrives."""
        with self.edit("refund", refund, "refund.updated", "charge.refund.updated") as row:
            if row["status"] != "pending":
                raise invalid(f"The refund is {row['status']}, not pending.")
            row["status"] = "succeeded"
        self._refunded(row["charge"], row, 0)
        return row

    @action
    def fail_refund(self, refund: str, *, reason: str = "expired_or_canceled_card") -> Json:
        """The bank sends a refund back: the money is ours again, the charge no longer refunded by it."""
        with self.edit("refund", refund, "refund.updated", "charge.refund.updated", "refund.failed") as row:
            if row["status"] not in ("pending", "succeeded"):
                raise invalid(f"The refund is already {row['status']}.")
            row.update({"status": "failed", "failure_reason": reason})
            row["failure_balance_transaction"] = self.new_id("txn")
        self._refunded(row["charge"], row, -row["amount"])
        return row

    @action
    def dispute_charge(self, charge: str, *, amount: int | None = None, reason: str = "fraudulent") -> Json:
        """The card holder's bank takes the money back for now; the dispute."""
        with self.edit("charge", charge) as row:
            if row["disputed"] or row["status"] != "succeeded":
                raise invalid("Only a succeeded charge that is not disputed yet can be disputed.")
            dispute = objects_money.dispute(self.new_id("dp"), self.now, row, amount or row["amount"], reason)
            row["disputed"] = True
            row[LINKS]["dispute"] = dispute["id"]
        return self.add(dispute, "charge.dispute.created", "charge.dispute.funds_withdrawn")

    @action
    def close_dispute(self, dispute: str, outcome: str) -> Json:
        """Decide it: `won` brings the money back, `lost` does not."""
        if outcome not in ("won", "lost"):
            raise invalid("A dispute is won or lost.", param="outcome")
        with self.edit("dispute", dispute, "charge.dispute.closed") as row:
            if row["status"] in ("won", "lost"):
                raise invalid(f"The dispute is already {row['status']}.")
            row["status"] = outcome
        if outcome == "won":
            self.emit("charge.dispute.funds_reinstated", row)
        return row

    def _payable(self, invoice: str) -> Json:
        row = self.get("invoice", invoice)
        if row["status"] == "paid":
            raise StripeRefusal(400, "Invoice is already paid")
        if row["status"] not in ("open", "uncollectible"):
            raise invalid(f"The invoice is {row['status']}: only open or uncollectible ones can be paid.")
        return row

    def _collect(self, parts: Sequence[tuple[Json, int]], method: str) -> None:
        if method not in METHODS:
            raise invalid(f"method must be one of {', '.join(METHODS)}", param="method")
        total = sum(amount for _, amount in parts)
        first, _ = parts[0]
        if method == "out_of_band":
            owner = self.get("customer", first["customer"])
            record = objects_money.payment_record(self.new_id("pr"), self.now, owner, first["currency"], total)
            payment = {"type": "payment_record", "payment_record": self.add(record)["id"]}
            charge = None
        else:
            whole = len(parts) == 1 and total == first["amount_remaining"]
            intent = self._intent(first, total, waiting=whole)
            charge = self._succeed(intent, method, first["id"] if len(parts) == 1 else None)
            payment = {"type": "payment_intent", "payment_intent": intent["id"]}
        for row, amount in parts:
            self._allocate(row, amount, payment, charge)

    def _intent(self, row: Json, amount: int, *, waiting: bool) -> Json:
        found = self.find("invoice_payment", invoice=row["id"], status="open") if waiting else []
        if found:  # an invoice put there by hand may have none
            return self.get("payment_intent", found[0]["payment"]["payment_intent"])
        intent = objects.payment_intent(self.new_id("pi"), self.now, row["customer"], row["currency"], amount)
        return self.add(intent, "payment_intent.created")

    def _charge(self, intent: Json, method: str, invoice: str | None) -> Json:
        owner = self.get("customer", intent["customer"])
        charge = objects.charge(self.new_id("ch"), self.now, intent, owner, method)
        charge[LINKS]["invoice"] = invoice
        return charge

    def _succeed(self, intent: Json, method: str, invoice: str | None) -> str:
        charge = self.add(self._charge(intent, method, invoice), "charge.succeeded")
        with self.edit("payment_intent", intent["id"], "payment_intent.succeeded") as row:
            row.update({"status": "succeeded", "amount_received": row["amount"], "last_payment_error": None})
            row.update({"latest_charge": charge["id"], "payment_method": charge["payment_method"]})
        return str(charge["id"])

    def _allocate(self, row: Json, amount: int, payment: Json, charge: str | None) -> None:
        """Book a payment's share on one invoice; what exceeds the debt goes to the customer's balance."""
        applied = min(amount, row["amount_remaining"])
        mine = [each for each in self.find("invoice_payment", invoice=row["id"]) if each["payment"] == payment]
        share = mine[0] if mine else objects_money.invoice_payment(self.new_id("inpay"), self.now, row, payment, amount)
        share.update({"status": "paid", "amount_paid": applied})
        share["status_transitions"]["paid_at"] = self.now
        self.add(share, "invoice_payment.paid")
        with self.edit("invoice", row["id"], "invoice.updated") as paid:
            paid["amount_paid"] += applied
            paid["amount_remaining"] -= applied
            paid["amount_overpaid"] += amount - applied
            paid["attempted"] = True
            paid["attempt_count"] = paid["attempt_count"] or (1 if charge else 0)
            paid[LINKS]["charge"] = charge or paid[LINKS]["charge"]
            paid[LINKS]["out_of_band"] += 0 if charge else applied
            if not paid["amount_remaining"]:
                self.settle(paid)
        self._after_payment(paid, amount - applied, charge)

    def _after_payment(self, row: Json, excess: int, charge: str | None) -> None:
        if row["status"] == "paid":
            self.emit("invoice.paid", row)
            if charge:
                self.emit("invoice.payment_succeeded", row)
            self._delinquent(row, late=False)
        if excess:
            self.emit("invoice.overpaid", row)
            self.move_balance(row["customer"], -excess, row["currency"], "invoice_overpaid", invoice=row["id"])
        self.follow_default(row)

    def _refunded(self, charge: str, refund: Json, amount: int, *events: str) -> None:
        with self.edit("charge", charge, *events) as row:
            row["amount_refunded"] += amount
            row["refunded"] = row["amount_refunded"] == row["amount_captured"]
            others = [each for each in row[LINKS]["refunds"] if each["id"] != refund["id"]]
            row[LINKS]["refunds"] = [refund, *others]

    def _delinquent(self, row: Json, *, late: bool) -> None:
        owner = self.store.get(row["customer"])
        if owner and not owner.get("deleted") and owner["delinquent"] != late:
            with self.edit("customer", row["customer"], "customer.updated") as owner:
                owner["delinquent"] = late
