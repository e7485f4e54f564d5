"""Promises to pay: kept, partly kept, broken or cancelled, decided by payments and the business date.

All promises of an account are judged together, from facts alone: what was promised, what was paid, which day it is.
The order in which any of it was learned never matters, and nothing is remembered between two judgements. So late
webhooks, edits and repeats need no rule of their own: they are only another input.

- **Money counts once.** Payments on an invoice count, oldest first, for the promises that cover it; the promise with
  the earliest date takes first (then the one made first), up to what it lacks, and the rest goes to the next. Else two
  promises about one invoice would both be kept by one payment.
- **In time** is a payment from the day on which the promise was written (people write it down after the call, so the
  same day counts) to its deadline: the promised date and the days of grace.
- **Kept**: that money reaches the promised amount; or every covered invoice is paid by the deadline, whatever paid it.
  Who promised 500 and owes nothing any more has nothing left to promise, even if the money came before the promise,
  went to another promise, or was a credit note.
- **Cancelled**: by its owner (it takes no money then); or every covered invoice was voided, so nothing can be kept. Of
  several invoices of which some are void, the others decide. Money that reached the amount before that still kept it.
- **Open** until the deadline has passed; without a date, until it is kept or cancelled. Afterwards **partly kept** if
  anything counted, else **broken**. What is paid later changes nothing: history stays.
- A later date, another amount, a cancellation taken back make a different promise, judged by the same rules.
- **Currencies never mix**: covered invoices of another currency are ignored (`foreign` names them).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sync.core.facts import InvoiceStatus

_VOID = frozenset({InvoiceStatus.VOID, InvoiceStatus.DELETED})
_ONE_DAY = timedelta(days=1)


class CommitmentStatus(StrEnum):
    """Where a commitment stands, as it reads in Salesforce."""

    OPEN = "Open"
    KEPT = "Kept"
    PARTLY_KEPT = "Partly Kept"
    BROKEN = "Broken"
    CANCELLED = "Cancelled"


@dataclass(frozen=True, slots=True)
class Received:
    """Money counted on an invoice: its business date, and minor units (more than 0)."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An invoice as promises, disputes and follow-ups see it; amounts in minor units of `currency`.

    `received` is what the customer paid, less chargebacks that were lost. Refunds are left out: giving money back is
    our side's decision and does not break a promise that was kept.
    `void_on`: when it was voided; without it a void counts as made in time. `written_off`: what was given up on it.
    """

    key: str
    number: str
    currency: str
    status: str  # a value of InvoiceStatus
    posted: bool
    total: int
    balance: int
    due_on: date | None
    paid_on: date | None
    received: tuple[Received, ...] = ()
    void_on: date | None = None
    written_off: int = 0

    @property
    def open(self) -> bool:
        """Whether anything is owed on it."""
        return self.status == InvoiceStatus.OPEN and self.balance > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A promise to pay, as its owner wrote it.

    `id`: Salesforce's. `amount`: minor units; None means all that is owed on its invoices; an amount of 0 or less
    promises nothing and takes nothing. Without `promised_on` it stays open. `made_at`, `made_on`: when it was written,
    and the business date of that; `by`: who wrote it, a person's name. `covers`: keys of its invoices, in the order in
    which payments of one day count.
    """

    id: str
    currency: str
    amount: int | None
    promised_on: date | None
    made_at: datetime
    made_on: date
    by: str | None = None
    cancelled: bool = False
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What has become of a commitment; amounts in minor units of its currency.

    `kept`: the money that counted for it. `kept_on`: the day that made it kept, never before it was made.
    `promised`: what is still promised, 0 unless open; never more than the balances of its invoices, less what open
    commitments before it promise of them. `next_change_on`: the day on which time alone changes it.
    """

    status: CommitmentStatus
    kept: int
    kept_on: date | None
    promised: int
    next_change_on: date | None


def judge(
    commitments: Iterable[Commitment], invoices: Mapping[str, Owed], today: date, grace_days: int
) -> dict[str, Standing]:
    """Where each commitment of one account stands on `today`, by its id."""
    till = _Till(invoices.values())
    return {
        commitment.id: _judge_one(commitment, covered(commitment, invoices), till, today, grace_days)
        for commitment in sorted(commitments, key=precedence)
    }


def precedence(commitment: Commitment) -> tuple[date, datetime, str]:
    """The order in which commitments take money: the earliest date first, without a date last."""
    return commitment.promised_on or date.max, commitment.made_at, commitment.id


def deadline(commitment: Commitment, grace_days: int) -> date | None:
    """The last day on which money counts for it; None where no date was given."""
    return commitment.promised_on + timedelta(days=grace_days) if commitment.promised_on else None


def covered(commitment: Commitment, invoices: Mapping[str, Owed]) -> tuple[Owed, ...]:
    """The invoices that it is counted against: those that it covers, are known, and are of its currency."""
    known = (invoices[key] for key in dict.fromkeys(commitment.covers) if key in invoices)
    return tuple(owed for owed in known if owed.currency == commitment.currency)


def foreign(commitment: Commitment, invoices: Mapping[str, Owed]) -> tuple[str, ...]:
    """Keys of covered invoices that are ignored, for they are of another currency."""
    known = (invoices[key] for key in dict.fromkeys(commitment.covers) if key in invoices)
    return tuple(owed.key for owed in known if owed.currency != commitment.currency)


def oldest_open(amount: int | None, currency: str, invoices: Iterable[Owed]) -> tuple[str, ...]:
    """What a commitment without an invoice covers: the oldest open invoices until their balances reach the amount.

    Without an amount it is the oldest one only. An invoice without a due date comes last.
    """
    found = sorted(
        (owed for owed in invoices if owed.open and owed.currency == currency),
        key=lambda owed: (owed.due_on or date.max, owed.number, owed.key),
    )
    if amount is None:
        return tuple(owed.key for owed in found[:1])
    keys, reached = [], 0
    for owed in found:
        if reached >= amount:
            break
        keys.append(owed.key)
        reached += owed.balance
    return tuple(keys)


class _Till:
    """What commitments judged before have left: money not yet counted, and balances not yet promised."""

    def __init__(self, invoices: Iterable[Owed]) -> None:
        self._money: dict[str, Counter[date]] = {}
        self._unpromised: dict[str, int] = {}
        for owed in invoices:
            self._unpromised[owed.key] = owed.balance if owed.open else 0
            money = self._money[owed.key] = Counter()
            for received in owed.received:
                money[received.on] += received.amount

    def take(self, invoices: Sequence[Owed], first: date, last: date, wanted: int | None) -> list[Received]:
        """Count money of the days from `first` to `last`, oldest first, up to `wanted` (None: all of it)."""
        days = sorted(
            (on, n, owed.key) for n, owed in enumerate(invoices) for on in self._money[owed.key] if first <= on <= last
        )
        taken = []
        for on, _, key in days:
            there = self._money[key][on]
            part = there if wanted is None else min(there, wanted)
            if part <= 0:
                continue
            self._money[key][on] -= part
            wanted = wanted if wanted is None else wanted - part
            taken.append(Received(on, part))
        return taken

    def promise(self, invoices: Sequence[Owed], wanted: int | None) -> int:
        """Set `wanted` (None: everything) aside of what these invoices still owe. Returns how much there was."""
        promised = 0
        for owed in invoices:
            left = self._unpromised[owed.key]
            part = left if wanted is None else max(0, min(left, wanted - promised))
            self._unpromised[owed.key] -= part
            promised += part
        return promised


def _judge_one(commitment: Commitment, invoices: Sequence[Owed], till: _Till, today: date, grace_days: int) -> Standing:
    if commitment.cancelled:
        return _closed(CommitmentStatus.CANCELLED)
    last = deadline(commitment, grace_days)
    taken = till.take(invoices, commitment.made_on, last or date.max, commitment.amount)
    counted = sum(part.amount for part in taken)
    kept_on = _kept_on(commitment, taken, invoices, last)
    if kept_on is not None:
        return _closed(CommitmentStatus.KEPT, counted, kept_on)
    if invoices and all(_void(owed, last) for owed in invoices):
        return _closed(CommitmentStatus.CANCELLED, counted)
    if last is not None and today > last:
        return _closed(CommitmentStatus.PARTLY_KEPT if counted else CommitmentStatus.BROKEN, counted)
    lacks = None if commitment.amount is None else commitment.amount - counted
    return Standing(
        status=CommitmentStatus.OPEN,
        kept=counted,
        kept_on=None,
        promised=till.promise(invoices, lacks),
        next_change_on=last + _ONE_DAY if last else None,
    )


def _closed(status: CommitmentStatus, kept: int = 0, kept_on: date | None = None) -> Standing:
    return Standing(status=status, kept=kept, kept_on=kept_on, promised=0, next_change_on=None)


def _kept_on(
    commitment: Commitment, taken: Sequence[Received], invoices: Sequence[Owed], last: date | None
) -> date | None:
    """The day on which the amount was reached, or on which the last of its invoices was paid; the earlier one."""
    days = []
    if commitment.amount is not None and 0 < commitment.amount <= sum(part.amount for part in taken):
        days.append(taken[-1].on)
    paid_on = _all_paid_on([owed for owed in invoices if not _void(owed, last)])
    if paid_on is not None and paid_on <= (last or date.max):
        days.append(max(paid_on, commitment.made_on))
    return min(days, default=None)


def _all_paid_on(invoices: Sequence[Owed]) -> date | None:
    """The day on which the last of these was paid; None where one is not, or there are none.

    One whose day nobody knows goes by its last money; one that took no money (settled by credit) was never late.
    """
    if not all(owed.status == InvoiceStatus.PAID and owed.balance == 0 for owed in invoices):
        return None
    days = (owed.paid_on or max((part.on for part in owed.received), default=date.min) for owed in invoices)
    return max(days, default=None)


def _void(owed: Owed, last: date | None) -> bool:
    """Whether it was voided before the deadline; what is voided later was owed when it counted."""
    return owed.status in _VOID and (owed.void_on is None or last is None or owed.void_on <= last)
