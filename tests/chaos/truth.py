"""What Stripe says, split: the ledger holds everybody, the org only customers with an account."""

from datetime import date
from typing import Any

from tests.e2e.oracle import Truth

Json = dict[str, Any]
_POINTERS = ("customer", "invoice", "charge", "payment_intent")


class Divided:
    """Two truths in the place of one (see tests/e2e/oracle.py): of all customers, and of those that are linked."""

    def __init__(self, objects: list[Json], accounts: dict[str, str], connection: str, today: date) -> None:
        self.everything = Truth(objects, accounts, set(), connection, today)
        self.linked = Truth(_of(objects, set(accounts)), accounts, set(), connection, today)
        self.uncertain = self.everything.uncertain
        self.ledger_invoices = self.everything.ledger_invoices
        self.ledger_payments = self.everything.ledger_payments
        self.ledger_credits = self.everything.ledger_credits
        self.org_invoices = self.linked.org_invoices
        self.org_payments = self.linked.org_payments
        self.org_summaries = self.linked.org_summaries
        self.org_accounts = self.linked.org_accounts


def _of(objects: list[Json], customers: set[str]) -> list[Json]:
    """The objects that belong to these customers, directly or through what they belong to."""
    by_id = {row["id"]: row for row in objects}

    def owner(row: Json | None) -> str | None:
        if row is None:
            return None
        if row["object"] == "customer":
            return str(row["id"])
        if row["object"] == "payment_record":
            return owner(told.get(row["id"]))
        for pointer in _POINTERS:
            if isinstance(row.get(pointer), str):
                return str(row[pointer]) if pointer == "customer" else owner(by_id.get(row[pointer]))
        return None

    told = {
        row["payment"]["payment_record"]: row
        for row in objects
        if row["object"] == "invoice_payment" and "payment_record" in row["payment"]
    }
    return [row for row in objects if row.get("deleted") or owner(row) in customers]
