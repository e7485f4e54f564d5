"""Customers and their credit balance (https://docs.stripe.com/billing/customer/balance): negative is credit."""

from typing import Any

from connector.local.stripe import objects, objects_money
from connector.local.stripe.book import Book, action
from connector.local.stripe.refusal import Json, invalid

_EDITABLE = frozenset(
    "address description email invoice_settings metadata name phone preferred_locales shipping tax_exempt".split()
)


class CustomerActions(Book):
    """What may happen to a customer."""

    @action
    def create_customer(self, **fields: Any) -> Json:
        """A new customer; `fields` as the API takes them (name, email, metadata …)."""
        _only(fields, _EDITABLE)
        object_id = self.new_id("cus")
        body = objects.customer(object_id, self.now, prefix=object_id[-8:].upper())
        return self.add({**body, **fields}, "customer.created")

    @action
    def update_customer(self, customer: str, **fields: Any) -> Json:
        """Change fields; metadata is merged, a None value removes its key."""
        _only(fields, _EDITABLE)
        with self.edit("customer", customer, "customer.updated") as row:
            row.update({**fields, "metadata": merged(row["metadata"], fields.get("metadata"))})
        return row

    @action
    def delete_customer(self, customer: str) -> Json:
        """Delete for good; a later read answers a stub with `deleted: true`."""
        row = self.get("customer", customer)
        self.emit("customer.deleted", row)
        stub = {"id": customer, "object": "customer", "deleted": True}
        self.store.put(stub)
        return stub

    @action
    def adjust_balance(self, customer: str, amount: int, currency: str | None = None) -> Json:
        """Give credit (negative) or charge (positive) by hand; the balance transaction."""
        row = self.get("customer", customer)
        currency = currency or row["currency"]
        if not currency:
            raise invalid("The customer has no currency yet: name one.", param="currency")
        return self.move_balance(customer, amount, currency, "adjustment")

    def move_balance(self, customer: str, amount: int, currency: str, kind: str, **links: str) -> Json:
        """Book `amount` on the customer's balance in `currency`; `links` name the invoice or credit note behind it."""
        with self.edit("customer", customer, "customer.updated") as row:
            balances = row["invoice_credit_balance"]
            balances[currency] = balances.get(currency, 0) + amount
            row["currency"] = row["currency"] or currency
            if row["currency"] == currency:
                row["balance"] = balances[currency]
        move = objects_money.balance_transaction(self.new_id("cbtxn"), self.now, customer, currency, kind)
        move.update({"amount": amount, "ending_balance": balances[currency], **links})
        return self.add(move)


def merged(old: dict[str, str], new: dict[str, str | None] | None) -> dict[str, str]:
    """Stripe's metadata rule: keys are merged, an empty value removes its key."""
    both = {**old, **(new or {})}
    return {key: value for key, value in both.items() if value}


def _only(fields: dict[str, Any], known: frozenset[str]) -> None:
    unknown = sorted(fields.keys() - known)
    if unknown:
        raise invalid(f"Received unknown parameter: {unknown[0]}", param=unknown[0], code="parameter_unknown")
