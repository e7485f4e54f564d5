"""Follow-ups: what somebody has to chase, once, and why it is over.

A due date that was missed asks for one, and so does a promise that was not kept. Each has a key made of its cause, so
there is one task per cause, ever: when the cause goes away it is closed with the reason in words, and if the same cause
returns (a promise taken back, still overdue) the same one is open again.

No invoice is chased twice: every invoice that wants chasing is asked for by exactly one open follow-up (`_Case.asks`).
- A promise broken, or partly kept, asks for those of its invoices that are still open, unless a newer promise covers
  them or they are contested. Of several such promises the one whose date was missed last asks.
- Else its missed due date asks, unless the invoice is promised or contested. What is older than the given age when we
  first see it asks for nothing: the day Dueline is switched on must not make a task for every old invoice.

Subjects say dates and not days: "3 days overdue" would have to be written again every night.
"""

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sync.core import followup_words as words
from sync.core.commitments import Commitment, CommitmentStatus, Owed, Standing, covered, precedence
from sync.core.disputes import Dispute, open_by_invoice
from sync.core.holds import open_by_promise

KEY_LENGTH = 100  # of Activity.AR_Key__c
_MISSED = frozenset({CommitmentStatus.BROKEN, CommitmentStatus.PARTLY_KEPT})
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFollowUp:
    """A follow-up that was made before, as it was made: `due_on` is the date of its task."""

    key: str
    invoice: str | None
    commitment: str | None
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One task for the account's owner.

    `invoice`: the only one that it is about, if it is only one. `commitment`: the promise that was missed, if it is
    about one. `subject`: at most 255 characters. `description`: what to do and why, for the day it is made. `due_on`:
    the day on which it became due. `high`: priority. `outcome`: None while there is something to do; else why it is
    closed, at most 255 characters.
    """

    key: str
    account: str
    invoice: str | None
    commitment: str | None
    subject: str
    description: str
    due_on: date
    high: bool
    outcome: str | None


def due_key(invoice_key: str, due_on: date) -> str:
    """The key of the follow-up for a due date missed: at most 100 characters, ending in the date."""
    return _key("due", invoice_key, due_on)


def broken_key(commitment_id: str, promised_on: date) -> str:
    """The key of the follow-up for a promise not kept: at most 100 characters, ending in the promised date."""
    return _key("broken", commitment_id, promised_on)


def _key(kind: str, name: str, day: date) -> str:
    room = KEY_LENGTH - len(f"{kind}::{day:%Y%m%d}")
    if len(name) > room:
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        name = f"{name[: room - 17]}~{digest}"
    return f"{kind}:{name}:{day:%Y%m%d}"


def _missed_on(key: str) -> date:
    """The day that a key ends in."""
    return date.fromisoformat(key[-8:])


def follow_ups(
    account: str,
    invoices: Mapping[str, Owed],
    commitments: Mapping[str, Commitment],
    standings: Mapping[str, Standing],
    disputes: Iterable[Dispute],
    known: Iterable[KnownFollowUp],
    today: date,
    grace_days: int,
    max_age_days: int,
    commitment_grace_days: int | None = None,
) -> list[FollowUp]:
    """Every follow-up of the account that should be open on `today`, and every known one with its outcome.

    `grace_days` pass after a due date before it counts as missed, `commitment_grace_days` (the same number, where it is
    not given) after a promised date. A due date missed by more than `max_age_days` makes no new follow-up; a known one
    stays, whatever its age.
    """
    before = {item.key: item for item in known}
    promise_grace_days = grace_days if commitment_grace_days is None else commitment_grace_days
    case = _Case(invoices, commitments, standings, disputes, today, grace_days, promise_grace_days)
    asks = case.asks(before, max_age_days)
    causes = {key: ask.cause for key, ask in asks.items()} | before
    asked = {key: ask.invoices for key, ask in asks.items()}
    made = [
        case.of_promise(account, cause, asked.get(key, ()))
        if cause.commitment is not None
        else case.of_invoice(account, cause, asks=key in asked)
        for key, cause in causes.items()
    ]
    return sorted(made, key=lambda item: (item.due_on, item.key))


def next_look_on(invoices: Iterable[Owed], today: date, grace_days: int) -> date | None:
    """The next day, after `today`, on which the passing of time alone makes a due date count as missed."""
    days = (owed.due_on + timedelta(days=grace_days + 1) for owed in invoices if owed.open and owed.due_on)
    return min((day for day in days if day > today), default=None)


@dataclass(frozen=True, slots=True)
class _Ask:
    """A follow-up that should be open, and the invoices that it asks for."""

    cause: KnownFollowUp
    invoices: tuple[Owed, ...]


class _Case:
    """An account's open questions on one day."""

    def __init__(
        self,
        invoices: Mapping[str, Owed],
        commitments: Mapping[str, Commitment],
        standings: Mapping[str, Standing],
        disputes: Iterable[Dispute],
        today: date,
        grace_days: int,
        promise_grace_days: int,
    ) -> None:
        self.invoices = invoices
        self.commitments = commitments
        self.standings = standings
        self.today = today
        self.grace = timedelta(days=grace_days)
        self.promise_grace = timedelta(days=promise_grace_days)
        self.promised = open_by_promise(commitments, standings, invoices)
        self.disputed = open_by_invoice(disputes, invoices)
        self.missed: set[str] = set()  # invoices that a promise not kept asks for
        self._broken_promises = self._broken()

    def asks(self, known: Container[str], max_age_days: int) -> dict[str, _Ask]:
        """The follow-ups that should be open, by key; no two ask for the same invoice."""
        asks = [*self._broken_promises, *self._overdue(known, max_age_days)]
        return {ask.cause.key: ask for ask in asks}

    def _broken(self) -> list[_Ask]:
        asks = []
        for commitment in sorted(self.commitments.values(), key=precedence, reverse=True):
            promised_on = commitment.promised_on
            if promised_on is None or self.standings[commitment.id].status not in _MISSED:
                continue
            about = covered(commitment, self.invoices)
            asked = tuple(owed for owed in about if owed.open and not self._answered(owed, commitment))
            if asked:
                self.missed.update(owed.key for owed in asked)
                only = about[0].key if len(about) == 1 else None
                cause = KnownFollowUp(
                    key=broken_key(commitment.id, promised_on),
                    invoice=only,
                    commitment=commitment.id,
                    due_on=promised_on + self.promise_grace + _ONE_DAY,
                )
                asks.append(_Ask(cause, asked))
        return asks

    def _answered(self, owed: Owed, commitment: Commitment) -> bool:
        """Whether somebody else answers for an invoice of a promise that was missed."""
        newer = any(_is_newer(other, commitment) for other in self.promised.get(owed.key, ()))
        return newer or owed.key in self.disputed or owed.key in self.missed

    def _overdue(self, known: Container[str], max_age_days: int) -> list[_Ask]:
        asks = []
        for owed in self.invoices.values():
            if owed.due_on is None or not owed.open or self.today <= owed.due_on + self.grace:
                continue
            key = due_key(owed.key, owed.due_on)
            made_or_young = key in known or (self.today - owed.due_on).days <= max_age_days
            answered = owed.key in self.missed or owed.key in self.promised or owed.key in self.disputed
            if made_or_young and not answered:
                due_on = owed.due_on + self.grace + _ONE_DAY
                asks.append(_Ask(KnownFollowUp(key=key, invoice=owed.key, commitment=None, due_on=due_on), (owed,)))
        return asks

    def of_invoice(self, account: str, cause: KnownFollowUp, *, asks: bool) -> FollowUp:
        """The follow-up for a due date missed."""
        missed_on = _missed_on(cause.key)
        owed = self.invoices.get(cause.invoice) if cause.invoice else None
        subject = words.due_subject(owed, missed_on, asks=asks)
        return FollowUp(
            key=cause.key,
            account=account,
            invoice=cause.invoice,
            commitment=None,
            subject=subject,
            description=words.due_description(owed, missed_on) if owed else subject,
            due_on=cause.due_on,
            high=False,
            outcome=None if asks else self._why_not_due(cause.key, owed),
        )

    def _why_not_due(self, key: str, owed: Owed | None) -> str:
        if owed is None:
            return words.INVOICE_GONE
        if not owed.open:
            return words.closed([owed])
        if owed.due_on is None:
            return words.DUE_DATE_GONE
        if due_key(owed.key, owed.due_on) != key:
            return words.due_date_moved(owed.due_on)
        if self.today <= owed.due_on + self.grace:
            return words.time_until(owed.due_on + self.grace)
        return self._who_answers([owed], self.promised)

    def of_promise(self, account: str, cause: KnownFollowUp, asked: Sequence[Owed]) -> FollowUp:
        """The follow-up for a promise not kept."""
        missed_on = _missed_on(cause.key)
        commitment = self.commitments.get(cause.commitment or "")
        subject = words.broken_subject(commitment, missed_on, asked)
        description = subject
        if commitment and asked:
            description = words.broken_description(commitment, self.standings[commitment.id], asked, missed_on)
        return FollowUp(
            key=cause.key,
            account=account,
            invoice=cause.invoice,
            commitment=cause.commitment,
            subject=subject,
            description=description,
            due_on=cause.due_on,
            high=True,
            outcome=None if asked else self._why_not_missed(cause.key, commitment),
        )

    def _why_not_missed(self, key: str, commitment: Commitment | None) -> str:
        if commitment is None:
            return words.PROMISE_GONE
        if commitment.cancelled:
            return words.PROMISE_CANCELLED
        if commitment.promised_on is None or broken_key(commitment.id, commitment.promised_on) != key:
            return words.PROMISE_CHANGED
        standing = self.standings[commitment.id]
        about = covered(commitment, self.invoices)
        left = [owed for owed in about if owed.open]
        if not left:
            return words.closed(about)
        if standing.status is CommitmentStatus.KEPT:
            return words.kept(standing)
        if standing.status is CommitmentStatus.OPEN:
            return words.time_until(commitment.promised_on + self.promise_grace)
        newer = {
            key: [other for other in promises if _is_newer(other, commitment)]
            for key, promises in self.promised.items()
        }
        return self._who_answers(left, newer)

    def _who_answers(self, left: Sequence[Owed], promised: Mapping[str, Sequence[Commitment]]) -> str:
        """Why nobody is asked to chase what is open: a newer follow-up does, or it is promised, or contested."""
        if any(owed.key in self.missed for owed in left):
            return words.NEWER_TASK
        promises = [commitment for owed in left for commitment in promised.get(owed.key, ())]
        if promises:
            return words.promised(min(promises, key=precedence))
        return words.disputed([dispute for owed in left for dispute in self.disputed.get(owed.key, ())])


def _is_newer(one: Commitment, other: Commitment) -> bool:
    return (one.made_at, one.id) > (other.made_at, other.id)
