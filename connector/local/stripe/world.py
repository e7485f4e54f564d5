"""One Stripe account as a state machine: actions go in, consistent objects and their events come out.

Nothing here knows of HTTP. `act` runs an action by name; called directly, inside `transaction()`, actions compose.
What Stripe does by itself (dunning) is one action too, so that a story decides when it happens.
"""

import inspect
from typing import Any

from connector.local.stripe.book import ACTIONS, LINKS, Request, action
from connector.local.stripe.credits import CreditActions
from connector.local.stripe.refusal import Json, StripeRefusal, invalid
from connector.local.stripe.store import Query

KINDS = (
    "customer",
    "invoice",
    "charge",
    "payment_intent",
    "invoice_payment",
    "refund",
    "credit_note",
    "dispute",
    "payment_record",
    "customer_balance_transaction",
    "event",
    "webhook_endpoint",
)
_NO_LINKS: dict[str, Json] = {
    "invoice": {"payment_intent": None, "charge": None, "out_of_band": 0},
    "payment_intent": {"invoice": None},
    "charge": {"invoice": None, "dispute": None, "refunds": []},
}


class World(CreditActions):
    """Everything that can happen in the account."""

    @action
    def dunning(self, *, outcome: str = "declined") -> list[str]:
        """One round of Stripe's automatic collection; the invoices it touched.

        Charges what is due to be charged (`outcome`: declined or paid) and reminds of what is overdue. An invoice
        with `auto_advance` false is on hold and left alone.
        """
        if outcome not in ("declined", "paid"):
            raise invalid("outcome must be declined or paid", param="outcome")
        touched = []
        for row in self._open_invoices():
            if not row["auto_advance"]:
                continue
            if row["collection_method"] == "send_invoice":
                if (row["due_date"] or self.now) < self.now:
                    self.emit("invoice.overdue", row)
                    self.emit("invoice.sent", row)
                    touched.append(row["id"])
            elif (row["next_payment_attempt"] or self.now) <= self.now:
                self.pay_invoice(row["id"]) if outcome == "paid" else self.fail_payment(row["id"])
                touched.append(row["id"])
        return touched

    def act(self, name: str, arguments: Json, request: Request | None = None) -> tuple[Any, list[Json]]:
        """Run the action called `name`; its result and the events it caused, as delivered to webhooks."""
        method = ACTIONS.get(name)
        if method is None:
            raise invalid(f"No action {name!r}. Known: {', '.join(sorted(ACTIONS))}", param="action")
        try:
            inspect.signature(method).bind(self, **arguments)
        except TypeError as error:
            raise invalid(f"{name}: {error}") from error
        try:
            with self.transaction(request) as events:
                result = method(self, **arguments)
        except KeyError as error:  # an argument, or an object put there by hand, may lack a field
            raise invalid(f"{name}: what it works on has no field {error}") from error
        except ValueError as error:
            raise invalid(f"{name}: {error}") from error
        return result, events

    def put(self, body: Json) -> Json:
        """From now on this is the truth about the object, whatever Stripe would have made of it; no event."""
        kind, object_id = body.get("object"), body.get("id")
        if kind not in KINDS or not isinstance(object_id, str):
            raise StripeRefusal(400, f"An object needs an id and one of these kinds as 'object': {', '.join(KINDS)}")
        known = self.store.get(object_id) or {}
        self.store.put({LINKS: known.get(LINKS, _NO_LINKS.get(kind, {})), **body})
        return body

    def _open_invoices(self) -> list[Json]:
        rows: list[Json] = []
        after: str | None = None
        while True:
            page, more = self.store.page(Query("invoice", {"status": "open"}, limit=500, starting_after=after))
            rows += page
            if not more:
                return rows
            after = page[-1]["id"]
