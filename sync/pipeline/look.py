"""One look at one account: everything open there is decided anew, and what differs is written.

In this order, for each needs what was decided before it: what people wrote → where promises stand → which invoices
are to be left alone → what is written on commitments and disputes → who has to do what.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection

from sync.core import timeline as words
from sync.core.budget import Priority
from sync.core.commitments import Commitment, CommitmentStatus, Owed, Standing, judge
from sync.core.currency import OrgMoney
from sync.core.dates import Calendar
from sync.core.disputes import Dispute, DisputeStanding, judge_dispute
from sync.core.followups import KnownFollowUp, follow_ups, next_look_on
from sync.core.holds import HoldState, state_of, wanted_holds
from sync.core.mapping.salesforce import promise_terms
from sync.core.timeline import Entry
from sync.db import crm, holds, promises, timeline
from sync.db.records import Mark
from sync.db.tables import AnyRow
from sync.pipeline.owed import load_owed
from sync.pipeline.terms import Contest, Known, Promise, contest, promise

_NO_MONEY = OrgMoney("USD", multi=False)  # where nobody promised or contested anything, no currency is converted


@dataclass(frozen=True, slots=True)
class Terms:
    """What finance has set: see the settings of the same names."""

    grace_days: int
    commitment_grace_days: int
    follow_up_days: int
    dispute_sla_days: int


@dataclass(frozen=True, slots=True)
class _Before:
    """What was read: people's rows, and what was decided about them last."""

    commitment_rows: Sequence[AnyRow]
    dispute_rows: Sequence[AnyRow]
    commitments: Mapping[str, AnyRow]
    covered: Mapping[str, Sequence[str]]
    disputes: Mapping[str, AnyRow]
    holds: Mapping[str, AnyRow]
    follow_ups: Sequence[AnyRow]

    @classmethod
    def load(cls, conn: Connection, account: str) -> "_Before":
        rows, contested = crm.of_account(conn, account, "commitment"), crm.of_account(conn, account, "dispute")
        decided = promises.commitments(conn, account, [row.id for row in rows])
        return cls(
            commitment_rows=rows,
            dispute_rows=contested,
            commitments=decided,
            covered=promises.covered(conn, decided.keys() | {row.id for row in rows}),
            disputes=promises.disputes(conn, account, [row.id for row in contested]),
            holds=holds.of_account(conn, account),
            follow_ups=promises.follow_ups(conn, account),
        )

    @property
    def invoices(self) -> set[str]:
        """Invoices that anything here concerns."""
        keys = {key for covers in self.covered.values() for key in covers} | self.holds.keys()
        rows = (*self.commitment_rows, *self.dispute_rows, *self.follow_ups)
        return keys | {row.invoice for row in rows if row.invoice}

    @property
    def numbers(self) -> set[str]:
        """Numbers of invoices that people wrote down."""
        return {part for row in self.commitment_rows for part in promise_terms(row.row).numbers}


@dataclass(slots=True)
class Look:
    """A look, inside one transaction. Afterwards: records to be marked, whether holds changed, when to look next."""

    conn: Connection
    account: str
    calendar: Calendar
    terms: Terms
    money: Callable[[], OrgMoney]
    marks: set[Mark] = field(default_factory=set)
    holds_changed: bool = False
    next_on: date | None = None
    _before: _Before = field(init=False)
    _invoices: dict[str, Owed] = field(init=False)
    _states: dict[str, HoldState] = field(init=False)
    _today: date = field(init=False)
    _at: datetime = field(init=False)

    def decide(self) -> None:
        """Read everything, decide, and write what differs. Raises OrgAwayError where currencies are not known."""
        self._today, self._at = self.calendar.today(), datetime.now(UTC)
        before = self._before = _Before.load(self.conn, self.account)
        self._invoices = load_owed(self.conn, self.account, before.invoices, before.numbers, self.calendar)
        asked = before.commitment_rows or before.dispute_rows
        known = Known(self._invoices, self.money() if asked else _NO_MONEY, self.calendar)
        made = [
            promise(row, before.commitments.get(row.id), before.covered.get(row.id, ()), known)
            for row in before.commitment_rows
        ]
        chosen = {key for item in made for key in item.commitment.covers}
        if not chosen <= before.invoices:  # chosen in this look: what was received for them is not loaded yet
            keys = before.invoices | chosen
            self._invoices = load_owed(self.conn, self.account, keys, before.numbers, self.calendar)
        contested = [contest(row, before.disputes.get(row.id), known) for row in before.dispute_rows]
        commitments = {item.commitment.id: item.commitment for item in made}
        disputes = [item.dispute for item in contested]
        standings = judge(commitments.values(), self._invoices, self._today, self.terms.commitment_grace_days)
        notes = wanted_holds(commitments, standings, disputes, self._invoices)
        self.holds_changed = holds.want(self.conn, self.account, notes, before.holds)
        standing = holds.of_account(self.conn, self.account) if self.holds_changed else before.holds
        self._states = {key: HoldState(row.state) for key, row in standing.items()}
        for item in made:
            self._write_commitment(item, standings[item.commitment.id])
        for item_ in contested:
            self._write_dispute(item_)
        self._let_go(before.commitments.keys() - commitments.keys(), before.disputes.keys() - {d.id for d in disputes})
        self._follow_up(commitments, standings, disputes)
        self._watch(standings.values())

    def _write_commitment(self, item: Promise, standing: Standing) -> None:
        commitment = item.commitment
        before, covered = self._before.commitments.get(commitment.id), self._before.covered.get(commitment.id, ())
        values = self._commitment(item, standing)
        if before is not None and not item.covers_anew and _same(before, values):
            return
        promises.put_commitment(self.conn, values, commitment.covers if item.covers_anew else None)
        was = None if before is None else CommitmentStatus(before.status)
        numbers = [self._invoices[key].number for key in commitment.covers]
        self._enter(words.commitment_settled(self.account, commitment, was, standing, numbers, self._at))
        if before is not None:
            edit = next(row for row in self._before.commitment_rows if row.id == commitment.id)
            was_so = _as_commitment(before, covered)
            self._enter(words.commitment_changed(was_so, commitment, edit.changed_by, edit.changed_at))
            self._taken_from(before)
        self.marks.add(Mark("commitment", commitment.id, self.account, Priority.NORMAL))
        self._mark_claims({*commitment.covers, *covered}, {commitment.currency})

    def _commitment(self, item: Promise, standing: Standing) -> dict[str, Any]:
        commitment = item.commitment
        return {
            "id": commitment.id,
            "account": self.account,
            "currency": commitment.currency,
            "shown_in": item.shown_in,
            "amount": commitment.amount,
            "promised_on": commitment.promised_on,
            "made_at": commitment.made_at,
            "made_on": commitment.made_on,
            "by": commitment.by,
            "cancelled": commitment.cancelled,
            "named": item.named,
            "status": str(standing.status),
            "kept": standing.kept,
            "kept_on": standing.kept_on,
            "promised": standing.promised,
            "covers": ", ".join(self._invoices[key].number for key in commitment.covers)[:255] or None,
            "problem": item.problem,
            "hold_state": str(state_of(commitment.covers, self._states)),
        }

    def _write_dispute(self, item: Contest) -> None:
        dispute = item.dispute
        owed = self._invoices.get(dispute.invoice) if dispute.invoice else None
        now = self.calendar.lived(self._at)
        standing = judge_dispute(dispute, owed, now, self.terms.dispute_sla_days, self.calendar)
        if standing.next_change_at is not None:
            self._watch_day(self.calendar.on(standing.next_change_at))
        before, values = self._before.disputes.get(dispute.id), self._dispute(item, standing)
        if before is not None and _same(before, values):
            return
        promises.put_dispute(self.conn, values)
        if before is not None:
            self._taken_from(before)
        self.marks.add(Mark("dispute", dispute.id, self.account, Priority.NORMAL))
        concerned = {key for key in (dispute.invoice, before.invoice if before is not None else None) if key}
        self._mark_claims(concerned, {item.currency} if item.currency else ())
        self._mark_account(concerned)
        if before is not None and before.account != self.account and before.invoice:
            self.marks.add(Mark("account", before.account, before.account, Priority.NORMAL))

    def _dispute(self, item: Contest, standing: DisputeStanding) -> dict[str, Any]:
        dispute = item.dispute
        return {
            "id": dispute.id,
            "account": self.account,
            "invoice": dispute.invoice,
            "currency": item.currency,
            "amount": dispute.amount,
            "open": dispute.open,
            "opened_at": dispute.opened_at,
            "closed_at": dispute.closed_at,
            "by": dispute.by,
            "category": dispute.category,
            "contested": standing.contested,
            "sla_due_at": standing.sla_due_at,
            "breached": standing.breached,
            "problem": item.problem,
            "hold_state": str(state_of([dispute.invoice] if dispute.invoice else [], self._states)),
        }

    def _let_go(self, commitments_gone: Iterable[str], disputes_gone: Iterable[str]) -> None:
        """Forget what was deleted in Salesforce, or now concerns another account; nothing is claimed by it any more."""
        gone, gone_disputes = sorted(commitments_gone), sorted(disputes_gone)
        promises.drop(self.conn, gone, gone_disputes)
        for key in gone:
            self._mark_claims(self._before.covered.get(key, ()), {self._before.commitments[key].currency})
        for key in gone_disputes:
            row = self._before.disputes[key]
            concerned = {row.invoice} if row.invoice else set()
            self._mark_claims(concerned, {row.currency} if row.currency else ())
            self._mark_account(concerned)

    def _follow_up(
        self, commitments: Mapping[str, Commitment], standings: Mapping[str, Standing], disputes: Sequence[Dispute]
    ) -> None:
        known = [
            KnownFollowUp(key=row.key, invoice=row.invoice, commitment=row.commitment, due_on=row.due_on)
            for row in self._before.follow_ups
        ]
        wanted = follow_ups(
            self.account,
            self._invoices,
            commitments,
            standings,
            disputes,
            known,
            self._today,
            self.terms.grace_days,
            self.terms.follow_up_days,
            self.terms.commitment_grace_days,
        )
        for item in wanted:
            if promises.put_follow_up(self.conn, item):
                self.marks.add(Mark("task", item.key, self.account, Priority.NORMAL))

    def _enter(self, entry: Entry | None) -> None:
        if entry is not None and timeline.add(self.conn, self.account, entry):
            self.marks.add(Mark("activity", entry.key, self.account, Priority.BACKGROUND))

    def _mark_claims(self, invoices: Iterable[str], currencies: Collection[str]) -> None:
        """Invoices say what is promised and contested of them, and so do the account's figures."""
        self.marks |= {Mark("invoice", key, self.account, Priority.NORMAL) for key in invoices}
        self.marks |= {Mark("summary", f"{self.account}:{name}", self.account, Priority.NORMAL) for name in currencies}
        self._mark_account(currencies)  # finance may have it say these figures, too

    def _mark_account(self, because: Collection[str]) -> None:
        """The account says whether anything of it is contested."""
        if because:
            self.marks.add(Mark("account", self.account, self.account, Priority.NORMAL))

    def _taken_from(self, before: AnyRow) -> None:
        """What was another account's so far is left out of the figures there."""
        if before.account != self.account and before.currency:
            key = f"{before.account}:{before.currency}"
            self.marks.add(Mark("summary", key, before.account, Priority.NORMAL))
            self.marks.add(Mark("account", before.account, before.account, Priority.NORMAL))

    def _watch(self, standings: Iterable[Standing]) -> None:
        """Know the day on which time alone calls for the next look."""
        for standing in standings:
            self._watch_day(standing.next_change_on)
        self._watch_day(next_look_on(self._invoices.values(), self._today, self.terms.grace_days))

    def _watch_day(self, day: date | None) -> None:
        if day is not None and day > self._today and (self.next_on is None or day < self.next_on):
            self.next_on = day


def _as_commitment(row: AnyRow, covers: Sequence[str]) -> Commitment:
    return Commitment(
        id=row.id,
        currency=row.currency,
        amount=row.amount,
        promised_on=row.promised_on,
        made_at=row.made_at,
        made_on=row.made_on,
        by=row.by,
        cancelled=row.cancelled,
        covers=tuple(covers),
    )


def _same(row: AnyRow, values: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())
