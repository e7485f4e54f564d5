"""One company's believable book: about 60 accounts with owners, 500 invoices over 18 months, in three currencies.

Most pay late sometimes, a few always; there are partial and short payments, credits, refunds, chargebacks, and
customers whom nobody has linked to an account yet. A few are there to be looked at: one that has stopped paying lately,
one with some sixty open invoices, one that is billed in three currencies. The same seed gives the same book, told up to
today.
"""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from connector.local.stripe.desk import OWN_ACCOUNT, StripeConfig
from connector.local.stripe.store import Store
from connector.local.stripe.world import World

DAY = 86_400
OWED_DAYS = 70  # those who owe have paid nothing that fell due since
MONTHS = 18
_DELAY_DAYS = {
    "prompt": (-9, 0),
    "late": (1, 25),
    "slow": (20, 75),
    "partial": (5, 40),
    "troubled": (30, 120),
    "owing": (5, 25),
}
MARK = "demo_book"  # metadata of the book's customers: what the demo itself moves, and nothing else
_FIRST = "Alder Basalt Cobalt Delta Ember Fjord Garnet Harbor Indigo Juniper Kestrel Lumen Marble Nimbus Opal".split()
_SECOND = "Analytics Foods Logistics Media Robotics Systems Textiles Ventures".split()
_PLACES = (("USD", ".com"), ("USD", ".com"), ("EUR", ".eu"), ("GBP", ".co.uk"))


@dataclass(frozen=True)
class Company:
    """A customer to be: how it is found (metadata, field, nothing), and how it pays.

    `account` is whose customer it is, where that is not the account of the same name; `days`, since when.
    """

    name: str
    domain: str
    currency: str
    linked_by: str
    habit: str  # prompt, late, slow, partial, troubled, owing
    invoices: int
    account: str | None = None
    days: int | None = None


OWING, BUSY, WORLDWIDE = "Harborline Foods", "Summit Retail Group", "Meridian Group"
SHOWN = (
    Company(OWING, "harborline-foods.com", "USD", "metadata", "owing", 12, days=360),
    Company(BUSY, "summit-retail.com", "USD", "metadata", "owing", 60, days=72),
    Company(f"{WORLDWIDE} US", "meridian.com", "USD", "metadata", "owing", 8, WORLDWIDE, days=240),
    Company(f"{WORLDWIDE} Europe", "meridian.eu", "EUR", "metadata", "late", 10, WORLDWIDE, days=300),
    Company(f"{WORLDWIDE} UK", "meridian.co.uk", "GBP", "metadata", "owing", 6, WORLDWIDE, days=180),
)


def companies(seed: int = 7, count: int = 60) -> list[Company]:
    """The companies of the book."""
    dice = random.Random(seed)  # noqa: S311 - a story, not a secret
    names = [f"{first} {second}" for first, second in itertools.product(_FIRST, _SECOND)]
    dice.shuffle(names)
    made = []
    for number, name in enumerate(names[:count]):
        currency, ending = _PLACES[number % len(_PLACES)]
        linked_by = "nothing" if number % 20 == 19 else ("field" if number % 7 == 3 else "metadata")
        habit = dice.choices(("prompt", "late", "slow", "partial", "troubled"), (40, 30, 15, 10, 5))[0]
        domain = name.lower().replace(" ", "-") + ending
        made.append(Company(name, domain, currency, linked_by, habit, dice.randint(4, 13)))
    return [*made, *SHOWN]


@dataclass
class _Clock:
    """World time, moved by hand."""

    now: float

    def __call__(self) -> float:
        return self.now


class Story:
    """Tells the book into a Stripe account, in the order in which things happened."""

    def __init__(self, world: World, clock: _Clock, end: float, dice: random.Random) -> None:
        self.world, self.clock, self.end, self.dice = world, clock, end, dice
        self._plan: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self.customers: dict[str, str] = {}  # by company name

    def at(self, when: float, what: Callable[[], None]) -> None:
        """Have something happen, unless that is still to come today."""
        if when < self.end:
            heapq.heappush(self._plan, (when, next(self._number), what))

    def tell(self) -> None:
        """Let everything happen."""
        while self._plan:
            self.clock.now, _, happen = heapq.heappop(self._plan)
            happen()

    def customer(self, company: Company, account: str | None) -> None:
        """A company signs up and is invoiced from then on."""
        metadata = {MARK: "yes"}
        if company.linked_by == "metadata" and account:
            metadata["salesforce_account_id"] = account
        fields = {"name": company.name, "email": f"billing@{company.domain}", "metadata": metadata}
        row = self.world.create_customer(**fields)
        self.customers[company.name] = row["id"]
        gap = (self.end - self.clock.now) / company.invoices
        for number in range(company.invoices):
            when = self.clock.now + gap * number + self.dice.uniform(0, min(gap, 3 * DAY))
            self.at(when, lambda: self._invoice(row["id"], company))

    def _invoice(self, customer: str, company: Company) -> None:
        dice, now = self.dice, self.clock.now
        amount = dice.choice((90_000, 145_000, 240_000, 480_000, 960_000, 1_750_000)) + dice.randrange(0, 9_900, 25)
        lines = [{"amount": amount, "description": "Subscription"}]
        tax = 0 if company.currency == "USD" else amount // 5
        draft = self.world.create_invoice(
            customer,
            lines,
            currency=company.currency.lower(),
            tax=tax,
            collection_method="send_invoice",
            auto_advance=True,
        )
        term = 30 if company.habit == "owing" else dice.choice((14, 30, 30, 45))
        invoice = self.world.finalize_invoice(draft["id"], due_in_days=term)
        self.at(now + 3600, lambda: self._send(invoice["id"]))
        self._plan_payment(invoice["id"], company, now + term * DAY)

    def _send(self, invoice: str) -> None:
        if self.world.get("invoice", invoice)["status"] == "open":
            self.world.send_invoice(invoice)

    def _plan_payment(self, invoice: str, company: Company, due: float) -> None:
        dice = self.dice
        if company.habit == "owing" and due > self.end - OWED_DAYS * DAY:
            return
        when = due + dice.uniform(*_DELAY_DAYS[company.habit]) * DAY
        method = dice.choice(("card", "bank", "bank"))
        if company.habit == "partial":
            self.at(due + DAY, lambda: self._pay(invoice, 0.5, "bank"))
        if company.habit == "troubled" and dice.random() < 0.5:
            self.at(when, lambda: self._trouble(invoice))
        elif dice.random() < 0.06:
            self.at(due + 2 * DAY, lambda: self._credit(invoice))
            self.at(when, lambda: self._pay(invoice, 1.0, method))
        else:
            self.at(when, lambda: self._pay(invoice, 1.0, method))

    def _pay(self, invoice: str, part: float, method: str) -> None:
        row = self.world.get("invoice", invoice)
        if row["status"] != "open":
            return
        amount = max(1, int(row["amount_remaining"] * part))
        self.world.pay_invoice(invoice, amount=amount, method=method)
        if part == 1.0 and self.dice.random() < 0.04:
            self.at(self.clock.now + 5 * DAY, lambda: self._give_back(invoice))

    def _give_back(self, invoice: str) -> None:
        charges = [row for row in self._charges(invoice) if row["status"] == "succeeded" and not row["disputed"]]
        if charges and self.dice.random() < 0.5:
            self.world.refund(charges[0]["id"], amount=charges[0]["amount_captured"] // 4)
        elif charges and charges[0]["payment_method_details"]["type"] == "card":
            dispute = self.world.dispute_charge(charges[0]["id"])
            outcome = self.dice.choice(("won", "lost"))
            self.at(self.clock.now + 30 * DAY, lambda: self._close(dispute["id"], outcome))

    def _close(self, dispute: str, outcome: str) -> None:
        self.world.close_dispute(dispute, outcome)

    def _charges(self, invoice: str) -> list[dict[str, Any]]:
        paid = self.world.find("invoice_payment", invoice=invoice)
        intents = [row["payment"].get("payment_intent") for row in paid]
        return [row for intent in intents if intent for row in self.world.find("charge", payment_intent=intent)]

    def _credit(self, invoice: str) -> None:
        row = self.world.get("invoice", invoice)
        if row["status"] == "open" and row["amount_remaining"] > 10_000:
            self.world.credit_note(invoice, row["amount_remaining"] // 10, reason="order_change")

    def _trouble(self, invoice: str) -> None:
        row = self.world.get("invoice", invoice)
        if row["status"] == "open":
            act = self.dice.choice((self.world.mark_uncollectible, self.world.void_invoice, self.world.mark_overdue))
            act(invoice)


def write_book(config: StripeConfig, accounts: dict[str, str], end: float, seed: int = 7) -> dict[str, str]:
    """Tell the whole book into the local Stripe's folder. `accounts`: Salesforce account id by company name.

    Returns the customer ids, by company name.
    """
    folder = config.data or Path()
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(seed)  # noqa: S311 - a story, not a secret
    clock = _Clock(end - MONTHS * 30 * DAY)
    store = Store(folder / f"{OWN_ACCOUNT}.sqlite")
    story = Story(World(store, clock=clock, seed=seed, api_version=config.api_version), clock, end, dice)
    for company in companies(seed):
        began = clock.now + dice.uniform(0, 250) * DAY if company.days is None else end - company.days * DAY
        account = accounts.get(company.account or company.name)
        story.at(began, partial(story.customer, company, account))
    with story.world.transaction():
        story.tell()
    store.close()
    return story.customers
