"""What happens in the Stripe account: customers come, and their stories go on side by side at the wanted rate."""

import random
import threading
import time
from typing import Any

from connector.local.stripe.refusal import StripeRefusal
from tests.chaos.arena import Account
from tests.chaos.people import Person
from tests.e2e.stories import _TODAY, Story

Json = dict[str, Any]
CURRENCIES = ("usd", "usd", "usd", "eur", "gbp", "jpy")  # none of three digits: the org shows two
EVENTS_A_STEP = 2.2  # as measured; only the number of accounts made beforehand depends on it
STEPS = (8, 24)  # of one customer
AT_ONCE = 30  # customers with something going on, at most
EVENTS_EACH = 15  # so many at least of each customer
LINKS = {"metadata": 70, "field": 10, "late": 12, "never": 4, "shared": 14}


class LiveStory(Story):
    """A story whose invoices Stripe collects by itself, unless somebody holds one up."""

    on_hold: set[str]

    def invoice(self) -> Json:
        """A new invoice that is reminded of automatically."""
        draft = super().invoice()
        self.act("update_invoice", invoice=draft["id"], auto_advance=True)
        return draft

    def _hold_up(self) -> bool | None:
        """Somebody at Stripe stops the reminders of an invoice, for reasons of their own."""
        row = self._row()
        if row["status"] != "open" or not row["auto_advance"]:
            return False
        changed = self.act("update_invoice", invoice=row["id"], auto_advance=False)
        if "dueline_hold" not in changed["metadata"]:
            self.on_hold.add(row["id"])
        return None

    @property
    def _actions(self) -> list[Any]:
        return [*_TODAY, LiveStory._hold_up]

    @property
    def _weights(self) -> list[int]:
        return [*_TODAY.values(), 4]


class StripeSide:
    """Tells stories until time is up. `accounts`: Salesforce account by customer; those without one are not in it."""

    def __init__(self, stripe: Account, admin: Person, seed: int, seconds: float, rate: float) -> None:
        self._stripe, self._admin, self._rate = stripe, admin, rate
        self._dice = random.Random(f"stripe:{seed}")
        self._seed = seed
        self._left: dict[int, int] = {}
        self.stories: list[LiveStory] = []
        self.on_hold: set[str] = set()  # invoices that somebody else holds
        self.accounts: dict[str, str] = {}
        self.steps = 0
        self._late: list[str] = []
        self._lock = threading.Lock()
        self._at_once = max(3, min(AT_ONCE, int(seconds * rate / EVENTS_EACH)))
        wanted = int(seconds * rate / EVENTS_A_STEP / STEPS[0]) + AT_ONCE
        self._currencies = [self._dice.choice(CURRENCIES) for _ in range(wanted)]
        self._fresh = self._make_accounts(self._currencies)
        self._later: dict[str, str] = {}  # account that a customer will be linked to

    def run(self, seconds: float) -> None:
        """Go on for so long."""
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            if self._stripe.caused > passed * self._rate:
                time.sleep(0.02)
            else:
                self._step()

    def link_everyone(self) -> None:
        """Those who were to be linked later are linked now."""
        for customer in list(self._later):
            self._link_late(customer)

    def merge(self, loser: str, winner: str, admin: Person) -> None:
        """Make two accounts one."""
        with self._lock:
            admin.control("POST", "merge", {"master": winner, "merged": [loser]})
            for book in (self.accounts, self._later):
                book.update({customer: winner for customer, account in book.items() if account == loser})
            self._fresh = [winner if account == loser else account for account in self._fresh]

    def _step(self) -> None:
        if len(self._left) < self._at_once and len(self.stories) < len(self._currencies):
            self._arrive()
            return
        if not self._left:
            time.sleep(0.05)
            return
        number = self._dice.choice(list(self._left))
        self._left[number] -= 1
        self.steps += 1
        if self._left[number] <= 0:
            del self._left[number]
        if self._later and self._dice.random() < 0.02:
            self._link_late(next(iter(self._later)))
        self.stories[number].step()

    def _arrive(self) -> None:
        number = len(self.stories)
        how = self._dice.choices(list(LINKS), list(LINKS.values()))[0]
        with self._lock:
            account = self._fresh[number]
            if how == "shared" and self.accounts:
                account = self._dice.choice(sorted(set(self.accounts.values())))
        story = LiveStory(self._stripe, random.Random(f"{self._seed}:{number}"), "", self._currencies[number])
        story.on_hold = self.on_hold
        metadata = {"salesforce_account_id": account} if how in {"metadata", "shared"} else {}
        story.customer = story.act("create_customer", name=f"Company {number}", metadata=metadata)["id"]
        with self._lock:
            if how == "late":
                self._later[story.customer] = account
            elif how != "never":
                self.accounts[story.customer] = account
        if how == "field":
            self._admin.edit("Account", {"Id": account, "Billing_Customer_Id__c": story.customer})
        self.stories.append(story)
        self._left[number] = self._dice.randint(*STEPS)
        story.invoice()

    def _link_late(self, customer: str) -> None:
        with self._lock:
            account = self._later.pop(customer)
            self.accounts[customer] = account
        try:
            self._stripe.act("update_customer", {"customer": customer, "metadata": {"salesforce_account_id": account}})
        except StripeRefusal as error:
            raise AssertionError(f"{customer} cannot be linked: {error}") from error

    def _make_accounts(self, currencies: list[str]) -> list[str]:
        rows = [
            {"Name": f"Account {number}", "CurrencyIsoCode": currency.upper()}
            for number, currency in enumerate(currencies)
        ]
        return self._admin.create("Account", rows)
