"""Random customers' stories, told into the running local Stripe account: what Stripe then holds is the truth.

They are told straight into the account's store, which the running server reads too, so that answers to re-fetches
change while events are still under way. The clock is the real one: a story that takes weeks in life happens within
seconds here, and most of its events share their `created` second with others.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connector.local.stripe import shapes
from connector.local.stripe.desk import OWN_ACCOUNT
from connector.local.stripe.refusal import StripeRefusal
from connector.local.stripe.store import Store
from connector.local.stripe.world import World

Json = dict[str, Any]

BEFORE_BASIL = "2024-06-20"  # an API version in which invoices name their one payment themselves
DUE_IN_DAYS = (-120, -75, -45, -10, -1, 0, 14, 30, 60)


def open_account(home: Path) -> World:
    """The account that the local Stripe of this home serves."""
    return World(Store(home / "stripe" / f"{OWN_ACCOUNT}.sqlite"))


@dataclass
class Story:
    """One customer. `old`: its events come in the shape before Basil, and only what that version could do happens."""

    world: World
    dice: random.Random
    customer: str
    currency: str
    old: bool = False
    events: list[Json] = field(default_factory=list)
    invoices: list[str] = field(default_factory=list)

    def step(self) -> None:
        """Let something happen that can happen now; its events are added to `events`."""
        for _ in range(50):
            action = self.dice.choices(self._actions, self._weights)[0]
            try:
                if action(self) is not False:
                    return
            except StripeRefusal:  # the account knows best what makes no sense
                continue

    def act(self, action: str, /, **arguments: Any) -> Any:
        """Run an action of the account and keep its events, as an endpoint of this story's version gets them."""
        result, events = self.world.act(action, arguments)
        shown = [shapes.render_event(event, BEFORE_BASIL if self.old else None) for event in events]
        self.events += [event for event in shown if event is not None]
        return result

    def invoice(self) -> Json:
        """A new invoice, mostly finalized at once."""
        lines = [{"amount": self.dice.randrange(1_000, 500_000)} for _ in range(self.dice.randint(1, 3))]
        tax = self.dice.choice((0, 0, 1_900))
        arguments: Json = {"currency": self.currency, "tax": tax, "collection_method": "send_invoice"}
        draft: Json = self.act("create_invoice", customer=self.customer, lines=lines, **arguments)
        self.invoices.append(draft["id"])
        if self.dice.random() < 0.85:
            self.act("finalize_invoice", invoice=draft["id"], due_in_days=self.dice.choice(DUE_IN_DAYS))
        return draft

    def _bill(self) -> bool | None:
        return None if len(self.invoices) < 6 and self.invoice() else False

    def _finalize(self) -> None:
        self.act("finalize_invoice", invoice=self._one(), due_in_days=self.dice.choice(DUE_IN_DAYS))

    def _delete_draft(self) -> None:
        self.act("delete_invoice", invoice=self._one())

    def _pay(self) -> None:
        self.act("pay_invoice", invoice=self._one(), method=self.dice.choice(("card", "bank", "out_of_band")))

    def _pay_part(self) -> None:
        row = self._row()
        amount = max(1, int(row["amount_remaining"] * self.dice.uniform(0.1, 0.9)))
        self.act("pay_invoice", invoice=row["id"], amount=amount, method=self.dice.choice(("card", "bank")))

    def _overpay(self) -> None:
        row = self._row()
        self.act("overpay", invoice=row["id"], amount=row["amount_remaining"] + self.dice.randrange(1, 50_000))

    def _pay_together(self) -> bool | None:
        rows = [row for row in map(self._get, self.invoices) if row and row["status"] == "open"]
        if len(rows) < 2:
            return False
        some = self.dice.sample(rows, 2)
        owed = sum(row["amount_remaining"] for row in some)
        self.act("pay_together", invoices=[row["id"] for row in some], amount=self.dice.choice((None, owed * 3 // 4)))
        return None

    def _fail(self) -> None:
        self.act("fail_payment", invoice=self._one())

    def _void(self) -> None:
        self.act("void_invoice", invoice=self._one())

    def _write_off(self) -> None:
        self.act("mark_uncollectible", invoice=self._one())

    def _remind(self) -> None:
        self.act(self.dice.choice(("send_invoice", "mark_overdue")), invoice=self._one())

    def _credit(self) -> None:
        row = self._row()
        self.act("credit_note", invoice=row["id"], amount=self.dice.randrange(1, max(2, row["amount_remaining"])))

    def _credit_paid(self) -> bool | None:
        row = self._row()
        if row["status"] != "paid":
            return False
        amount = self.dice.randrange(1, max(2, row["total"] // 2))
        self.act("credit_note", invoice=row["id"], amount=amount, **{self.dice.choice(_GIVE_BACK): amount})
        return None

    def _void_credit(self) -> None:
        self.act("void_credit_note", credit_note=self._any("credit_note")["id"])

    def _refund(self) -> None:
        charge = self._any("charge")
        left = charge["amount_captured"] - charge["amount_refunded"]
        amount = self.dice.choice((None, self.dice.randrange(1, max(2, left))))
        self.act("refund", charge=charge["id"], amount=amount, pending=self.dice.random() < 0.3)

    def _settle_refund(self) -> None:
        self.act(self.dice.choice(("settle_refund", "fail_refund")), refund=self._any("refund")["id"])

    def _dispute(self) -> None:
        self.act("dispute_charge", charge=self._any("charge")["id"])

    def _close_dispute(self) -> None:
        self.act("close_dispute", dispute=self._any("dispute")["id"], outcome=self.dice.choice(("won", "lost")))

    def _adjust(self) -> None:
        amount = self.dice.randrange(-60_000, 30_000)
        self.act("adjust_balance", customer=self.customer, amount=amount, currency=self.currency)

    def _rename(self) -> None:
        self.act("update_customer", customer=self.customer, name=f"Company {self.dice.randrange(10_000)}")

    def _one(self) -> str:
        return self.dice.choice(self.invoices)

    def _get(self, invoice: str) -> Json | None:
        row = self.world.store.get(invoice)
        return None if row is None or row.get("deleted") else row

    def _row(self) -> Json:
        return self.world.get("invoice", self._one())

    def _any(self, kind: str) -> Json:
        """Any object of a kind that belongs to this customer's invoices."""
        if kind == "credit_note":
            found = [row for invoice in self.invoices for row in self.world.find(kind, invoice=invoice)]
        else:
            charges = self.world.find("charge", customer=self.customer)
            found = charges
            if kind != "charge":
                found = [row for charge in charges for row in self.world.find(kind, charge=charge["id"])]
        if not found:
            raise StripeRefusal(404, f"no {kind} yet")
        return self.dice.choice(found)

    @property
    def _actions(self) -> list[Callable[["Story"], bool | None]]:
        return list(_BEFORE_BASIL if self.old else _TODAY)

    @property
    def _weights(self) -> list[int]:
        return list((_BEFORE_BASIL if self.old else _TODAY).values())


_GIVE_BACK = ("refund_amount", "credit_amount", "out_of_band_amount")
_BEFORE_BASIL: dict[Callable[[Story], bool | None], int] = {
    Story._bill: 25,
    Story._finalize: 8,
    Story._delete_draft: 3,
    Story._pay: 20,
    Story._fail: 8,
    Story._void: 5,
    Story._write_off: 7,
    Story._remind: 4,
    Story._credit: 10,
    Story._credit_paid: 6,
    Story._void_credit: 4,
    Story._refund: 8,
    Story._settle_refund: 6,
    Story._dispute: 5,
    Story._close_dispute: 6,
    Story._adjust: 6,
    Story._rename: 3,
}
_TODAY = {**_BEFORE_BASIL, Story._pay_part: 20, Story._overpay: 6, Story._pay_together: 8}
