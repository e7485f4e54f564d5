"""What must have become of promises, holds and follow-ups, worked out plainly from Stripe's objects and the org's rows.

Written from the rules in words (the heads of sync/core/commitments.py, holds.py and followups.py), not from their code.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.e2e.oracle import DIGITS, Truth, day

Json = dict[str, Any]
FAR = date(9999, 12, 31)


@dataclass(frozen=True)
class Told:
    """A commitment as its owner left it. `covers`: ids of Stripe invoices; `amount` in minor units, None: all owed."""

    id: str
    amount: int | None
    promised_on: date | None
    cancelled: bool
    covers: tuple[str, ...]
    written_at: str
    made_on: date

    @property
    def turn(self) -> tuple[date, str, str]:
        """The earliest date takes first, then the one made first."""
        return self.promised_on or FAR, self.written_at, self.id


@dataclass
class Money:
    """What was paid on each invoice by day, and what of it no promise has taken yet."""

    left: dict[str, dict[date, int]] = field(default_factory=dict)

    def take(self, told: Told) -> list[tuple[date, int]]:
        """What counts for a promise, oldest first; of one day in the order of its invoices."""
        days = sorted(
            (on, place, invoice)
            for place, invoice in enumerate(told.covers)
            for on, amount in self.left.get(invoice, {}).items()
            if amount and told.made_on <= on <= (told.promised_on or FAR)
        )
        taken, wanted = [], told.amount
        for on, _, invoice in days:
            part = self.left[invoice][on] if wanted is None else min(wanted, self.left[invoice][on])
            if part > 0:
                self.left[invoice][on] -= part
                wanted = None if wanted is None else wanted - part
                taken.append((on, part))
        return taken


class Promises:
    """Judges all commitments of one day. `unsure`: invoices of which a bank took money back."""

    def __init__(self, truth: Truth, today: date) -> None:
        self.truth, self.today = truth, today
        self.invoices = truth.invoices
        self.unsure = {
            share["invoice"] for share in truth.shares if truth.charged_back(share["payment"].get("payment_intent", ""))
        }

    def money(self) -> Money:
        """All payments, untaken."""
        found: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        for share in self.truth.shares:
            found[share["invoice"]][day(share["status_transitions"]["paid_at"])] += share["amount_paid"]
        return Money({invoice: dict(days) for invoice, days in found.items()})

    def judge(self, told: Iterable[Told]) -> dict[str, str]:
        """The status of each, by id."""
        money = self.money()
        return {each.id: self._one(each, money) for each in sorted(told, key=lambda each: each.turn)}

    def _one(self, told: Told, money: Money) -> str:
        if told.cancelled:
            return "Cancelled"
        taken = money.take(told)
        counted = sum(amount for _, amount in taken)
        rows = [self.invoices[each] for each in told.covers]
        alive = [row for row in rows if not self._void_in_time(row, told)]
        if told.amount is not None and 0 < told.amount <= counted:
            return "Kept"
        if alive and all(self._paid_in_time(row, told) for row in alive):
            return "Kept"
        if rows and not alive:
            return "Cancelled"
        if told.promised_on is None or self.today <= told.promised_on:
            return "Open"
        return "Partly Kept" if counted else "Broken"

    def _void_in_time(self, row: Json, told: Told) -> bool:
        voided = row["status_transitions"]["voided_at"]
        return row["status"] == "void" and day(voided) <= (told.promised_on or FAR)

    def _paid_in_time(self, row: Json, told: Told) -> bool:
        if row["status"] != "paid":
            return False
        return day(row["status_transitions"]["paid_at"]) <= (told.promised_on or FAR)

    def owing(self, invoice: str) -> bool:
        """Whether anything is still owed on it."""
        row = self.invoices[invoice]
        return bool(row["status"] == "open" and row["amount_remaining"] > 0)

    def wanted_holds(self, told: Iterable[Told], status: Mapping[str, str], disputed: Iterable[str]) -> set[str]:
        """The invoices that Stripe should leave alone."""
        promised = {invoice for each in told if status[each.id] == "Open" for invoice in each.covers}
        return {invoice for invoice in promised | set(disputed) if self.owing(invoice)}

    def asked_for(self, told: list[Told], status: Mapping[str, str], disputed: set[str]) -> dict[str, set[str]]:
        """The follow-ups that must be open: key → the invoices that it asks for."""
        found: dict[str, set[str]] = defaultdict(set)
        for invoice in filter(self.owing, self.invoices):
            key = self._asks(invoice, [each for each in told if invoice in each.covers], status, disputed)
            if key:
                found[key].add(invoice)
        return dict(found)

    def _asks(self, invoice: str, told: list[Told], status: Mapping[str, str], disputed: set[str]) -> str | None:
        if invoice in disputed:
            return None
        opened = [each for each in told if status[each.id] == "Open"]
        missed = [each for each in told if status[each.id] in {"Broken", "Partly Kept"}]
        for each in sorted(missed, key=lambda each: each.turn, reverse=True):
            if not any((other.written_at, other.id) > (each.written_at, each.id) for other in opened):
                return f"broken:{each.id}:{each.promised_on:%Y%m%d}"
        due_on = self.truth.due_on(self.invoices[invoice])
        if opened or due_on >= self.today:
            return None
        return f"due:{self.truth.key(invoice)}:{due_on:%Y%m%d}"

    def too_old(self, key: str, max_age_days: int) -> bool:
        """Whether a missed due date may have been too old to be asked for when it was first seen."""
        missed_on = date.fromisoformat(key[-8:])
        return key.startswith("due:") and self.today - missed_on > timedelta(days=max_age_days)


def minor(amount: Any, currency: str) -> int | None:
    """An amount as a person wrote it, in minor units; None where it promises no amount of its own."""
    return int(amount.scaleb(DIGITS[currency])) if amount else None
