"""Random stories at Stripe, told while their events are still on the way: late, twice, shuffled, in the same second."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connector.local.stripe.refusal import StripeRefusal
from tests.integration.looking import Json
from tests.integration.world import World

ACTIONS = (
    ("pay", 6),
    ("pay_part", 6),
    ("pay_together", 2),
    ("overpay", 1),
    ("fail", 2),
    ("credit", 3),
    ("write_off", 2),
    ("void", 2),
    ("refund", 3),
    ("dispute", 1),
    ("close", 2),
    ("invoice", 5),
    ("rename", 1),
    ("balance", 2),
)


@dataclass
class Teller:
    """Tells one customer's story, of `account` if there is one. `send` is given each delivery when it arrives."""

    world: World
    seed: int
    send: Callable[[Json], None]
    account: str | None = None
    customer: str = ""
    on_the_way: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def tell(self, steps: int, pause_s: float = 0.02) -> None:
        """Let so many things happen; everything has been delivered, at least once, when this returns."""
        metadata = {"salesforce_account_id": self.account} if self.account else {}
        self.customer = self._act("create_customer", name=f"Customer {self.seed}", metadata=metadata)["id"]
        if self.account:
            self.world.accounts[self.customer] = self.account
        self._invoice()
        names, weights = zip(*ACTIONS, strict=True)
        for name in self.dice.choices(names, weights, k=steps):
            try:
                getattr(self, f"_{name}")()
            except StripeRefusal:
                continue  # the story asked for what is not possible just now
            self._deliver_some()
            time.sleep(self.dice.choice((0, 0, pause_s, 3 * pause_s)))
        self.dice.shuffle(self.on_the_way)
        while self.on_the_way:
            self.send(self.on_the_way.pop())

    def _deliver_some(self) -> None:
        self.dice.shuffle(self.on_the_way)
        for _ in range(self.dice.randint(0, len(self.on_the_way))):
            self.send(self.on_the_way.pop())

    def _act(self, action: str, **arguments: Any) -> Any:
        result, events = self.world.stripe.world.act(action, arguments)
        self.on_the_way += events
        self.on_the_way += self.dice.sample(events, self.dice.randint(0, len(events)))  # these come twice
        return result

    def _one(self, kind: str, **match: str) -> Json:
        found = [row for row in self.world.stripe.world.find(kind, **match) if row.get("customer", self.customer)]
        if not found:
            raise StripeRefusal(400, f"there is no {kind} yet")
        return self.dice.choice(found)

    def _open(self) -> Json:
        return self._one("invoice", customer=self.customer, status="open")

    def _charge(self) -> str:
        return str(self._one("charge", customer=self.customer, status="succeeded")["id"])

    def _invoice(self) -> None:
        amount = self.dice.randrange(1_000, 90_000)
        lines, currency = [{"amount": amount}], self.dice.choice(("usd", "usd", "eur"))
        draft = self._act(
            "create_invoice", customer=self.customer, lines=lines, currency=currency, collection_method="send_invoice"
        )
        if self.dice.random() < 0.9:
            self._act("finalize_invoice", invoice=draft["id"], due_in_days=self.dice.choice((-40, -1, 0, 30)))
        elif self.dice.random() < 0.5:
            self._act("delete_invoice", invoice=draft["id"])

    def _pay(self) -> None:
        self._act("pay_invoice", invoice=self._open()["id"], method=self.dice.choice(("card", "bank", "out_of_band")))

    def _pay_part(self) -> None:
        row = self._open()
        self._act("pay_invoice", invoice=row["id"], amount=max(1, row["amount_remaining"] // 3), method="bank")

    def _pay_together(self) -> None:
        first = self._open()
        rows = self.world.stripe.world.find("invoice", customer=self.customer, status="open")
        self._act("pay_together", invoices=[row["id"] for row in rows if row["currency"] == first["currency"]])

    def _overpay(self) -> None:
        row = self._open()
        self._act("overpay", invoice=row["id"], amount=row["amount_remaining"] + 500)

    def _fail(self) -> None:
        self._act("fail_payment", invoice=self._open()["id"])

    def _credit(self) -> None:
        row = self._open()
        self._act("credit_note", invoice=row["id"], amount=max(1, row["amount_remaining"] // 4))

    def _write_off(self) -> None:
        self._act("mark_uncollectible", invoice=self._open()["id"])

    def _void(self) -> None:
        self._act("void_invoice", invoice=self._open()["id"])

    def _refund(self) -> None:
        self._act("refund", charge=self._charge(), amount=self.dice.randrange(1, 500), pending=self.dice.random() < 0.3)

    def _dispute(self) -> None:
        self._act("dispute_charge", charge=self._charge())

    def _close(self) -> None:
        charge = self._charge()
        outcome = self.dice.choice(("won", "lost"))
        self._act("close_dispute", dispute=self._one("dispute", charge=charge)["id"], outcome=outcome)

    def _rename(self) -> None:
        self._act("update_customer", customer=self.customer, name=f"Customer {self.dice.random()}")

    def _balance(self) -> None:
        self._act("adjust_balance", customer=self.customer, amount=self.dice.randrange(-900, 900), currency="usd")
