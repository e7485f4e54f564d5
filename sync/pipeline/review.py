"""One account at a time, whatever is open there: promises kept or broken, disputes, holds, follow-ups.

Everything is decided anew from what people wrote and what the ledger holds, and only differences are written. So a look
can be repeated at any time, and what led to it does not matter: a payment, an edit in Salesforce, a day.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from sync.core import timeline as words
from sync.core.budget import Priority
from sync.core.commitments import Commitment, CommitmentStatus, Owed, Received, Standing, judge
from sync.core.currency import OrgMoney
from sync.core.dates import Calendar
from sync.core.disputes import Dispute, DisputeStanding, judge_dispute
from sync.core.followups import KnownFollowUp, follow_ups
from sync.core.holds import HoldState, state_of, wanted_holds
from sync.core.timeline import Entry
from sync.db import crm, holds, promises, records, reviews, timeline
from sync.db.records import Mark
from sync.db.tables import AnyRow
from sync.pipeline.accounts import OrgAwayError
from sync.pipeline.inbox import in_a_line
from sync.pipeline.terms import Contest, Known, Promise, contest, promise

log = structlog.get_logger()

_NO_MONEY = OrgMoney("USD", multi=False)  # where nobody promised or contested anything, no currency is converted


@dataclass(frozen=True, slots=True)
class Reviewing:
    """How reviews are done: see the settings of the same names. `money` raises OrgAwayError."""

    calendar: Calendar
    money: Callable[[], OrgMoney]
    grace_days: int
    commitment_grace_days: int
    follow_up_days: int
    dispute_sla_days: int


@dataclass(slots=True)
class Reviewed:
    """What a run of reviews did: accounts looked at, and whether holds are to be put or taken off."""

    accounts: int = 0
    holds: bool = False


def review_waiting(engine: Engine, how: Reviewing, proceed: Callable[[], bool]) -> Reviewed:
    """Look at the accounts that wait, one transaction each, until none is left or `proceed` says stop."""
    done = Reviewed()
    while proceed() and _next(engine, how, done):
        pass
    return done


def _next(engine: Engine, how: Reviewing, done: Reviewed) -> bool:
    row = None
    try:
        with engine.begin() as conn:
            row = reviews.claim(conn)
            if row is None:
                return False
            look = _Look(conn, row.account, how)
            look.decide()
            reviews.finish(conn, row, look.next_on)
            records.mark(conn, look.marks)
            done.holds = done.holds or look.holds_changed
            done.accounts += 1
    except Exception as error:
        if row is None or (isinstance(error, DBAPIError) and error.connection_invalidated):
            raise  # the database is away: the job ends, the account waits
        _postpone(engine, row, error)
    return True


def _postpone(engine: Engine, row: AnyRow, error: Exception) -> None:
    wait = 0.05 if isinstance(error, OperationalError) else min(300.0, 1.0 * 2.0**row.attempts)
    if isinstance(error, OrgAwayError):
        wait = max(wait, error.retry_after_s)
    else:
        log.error("account not reviewed", account=row.account, exc_info=error)
    with engine.begin() as conn:
        reviews.postpone(conn, row.account, wait, in_a_line(error))


@dataclass(slots=True)
class _Look:
    """One look at one account, inside one transaction."""

    conn: Connection
    account: str
    how: Reviewing
    marks: set[Mark] = field(default_factory=set)
    holds_changed: bool = False
    next_on: date | None = None
    today: date = field(init=False)
    at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.today = self.how.calendar.today()
        self.at = datetime.now(UTC)

    def decide(self) -> None:
        """Read everything, decide, and write what differs."""
        rows = crm.of_account(self.conn, self.account, "commitment")
        contested = crm.of_account(self.conn, self.account, "dispute")
        old = promises.commitments(self.conn, self.account)
        old_disputes = promises.disputes(self.conn, self.account)
        covered = promises.covered(self.conn, old.keys() | {row.id for row in rows})
        had = holds.of_account(self.conn, self.account)
        tasks = promises.follow_ups(self.conn, self.account)
        invoices = self._invoices(rows, contested, covered, had, tasks)
        money = self.how.money() if rows or contested else _NO_MONEY
        known = Known(invoices, money, self.how.calendar)
        made = [promise(row, old.get(row.id), covered.get(row.id, ()), known) for row in rows]
        disputed = [contest(row, old_disputes.get(row.id), known) for row in contested]
        commitments = {item.commitment.id: item.commitment for item in made}
        standings = judge(commitments.values(), invoices, self.today, self.how.commitment_grace_days)
        disputes = [item.dispute for item in disputed]
        notes = wanted_holds(commitments, standings, disputes, invoices)
        self.holds_changed = holds.want(self.conn, self.account, notes, had)
        states = self._hold_states()
        self._write_commitments(made, standings, old, states, invoices, covered)
        self._write_disputes(disputed, old_disputes, states, invoices)
        gone = old.keys() - commitments.keys()
        promises.drop(self.conn, gone, old_disputes.keys() - {item.id for item in disputes})
        self._mark_left(gone, old, covered, old_disputes, {item.id for item in disputes})
        self._follow_up(invoices, commitments, standings, disputes, tasks)
        self._watch(standings.values(), invoices)

    def _invoices(
        self,
        rows: Sequence[AnyRow],
        contested: Sequence[AnyRow],
        covered: Mapping[str, Sequence[str]],
        had: Iterable[str],
        tasks: Iterable[AnyRow],
    ) -> dict[str, Owed]:
        """The account's open invoices, and closed ones that anything here concerns."""
        keys = {key for invoices in covered.values() for key in invoices} | set(had)
        keys |= {row.invoice for row in (*rows, *contested, *tasks) if row.invoice}
        numbers = {part for row in rows for part in _numbers(row)}
        keys |= numbers
        found = promises.invoices(self.conn, self.account, keys, numbers)
        concerned = [row.key for row in found if row.key in keys or (row.number or "").lower() in numbers]
        received = _received(promises.received(self.conn, concerned), self.how.calendar) if concerned else {}
        return {row.key: _owed(row, received.get(row.key, ())) for row in found}

    def _hold_states(self) -> dict[str, HoldState]:
        return {key: HoldState(row.state) for key, row in holds.of_account(self.conn, self.account).items()}

    def _write_commitments(
        self,
        made: Sequence[Promise],
        standings: Mapping[str, Standing],
        old: Mapping[str, AnyRow],
        states: Mapping[str, HoldState],
        invoices: Mapping[str, Owed],
        covered: Mapping[str, Sequence[str]],
    ) -> None:
        for item in made:
            before, standing = old.get(item.commitment.id), standings[item.commitment.id]
            values = self._commitment(item, standing, states, invoices)
            if before is not None and not item.covers_anew and _same(before, values):
                continue
            promises.put_commitment(self.conn, values, item.commitment.covers if item.covers_anew else None)
            numbers = [invoices[key].number for key in item.commitment.covers]
            self._tell(item.commitment, before, standing, numbers, covered)
            self.marks.add(Mark("commitment", item.commitment.id, self.account, Priority.NORMAL))
            touched = {*item.commitment.covers, *covered.get(item.commitment.id, ())}
            self._mark_invoices(touched, {item.commitment.currency})

    def _commitment(
        self, item: Promise, standing: Standing, states: Mapping[str, HoldState], invoices: Mapping[str, Owed]
    ) -> dict[str, Any]:
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
            "covers": ", ".join(invoices[key].number for key in commitment.covers)[:255] or None,
            "problem": item.problem,
            "hold_state": str(state_of(commitment.covers, states)),
        }

    def _tell(
        self,
        commitment: Commitment,
        before: AnyRow | None,
        standing: Standing,
        numbers: Sequence[str],
        covered: Mapping[str, Sequence[str]],
    ) -> None:
        """Put on the timeline what became of a commitment, and what its owner changed of it."""
        was = None if before is None else CommitmentStatus(before.status)
        settled = words.commitment_settled(self.account, commitment, was, standing, numbers, self.at)
        self._enter(settled)
        if before is not None:
            earlier = _as_commitment(before, covered.get(before.id, ()))
            self._enter(words.commitment_changed(earlier, commitment, self._editor(commitment.id), self.at))

    def _editor(self, record_id: str) -> str | None:
        row = crm.stored(self.conn, [record_id]).get(record_id)
        return row.changed_by if row is not None else None

    def _enter(self, entry: Entry | None) -> None:
        if entry is not None and timeline.add(self.conn, self.account, entry):
            self.marks.add(Mark("activity", entry.key, self.account, Priority.BACKGROUND))

    def _write_disputes(
        self,
        disputed: Sequence[Contest],
        old: Mapping[str, AnyRow],
        states: Mapping[str, HoldState],
        invoices: Mapping[str, Owed],
    ) -> None:
        now = self.how.calendar.lived(self.at)
        for item in disputed:
            dispute = item.dispute
            owed = invoices.get(dispute.invoice) if dispute.invoice else None
            standing = judge_dispute(dispute, owed, now, self.how.dispute_sla_days, self.how.calendar)
            values = self._dispute(item, standing, states)
            self._watch_instant(standing.next_change_at)
            before = old.get(dispute.id)
            if before is not None and _same(before, values):
                continue
            promises.put_dispute(self.conn, values)
            self.marks.add(Mark("dispute", dispute.id, self.account, Priority.NORMAL))
            touched = {key for key in (dispute.invoice, before.invoice if before is not None else None) if key}
            self._mark_invoices(touched, {item.currency} if item.currency else ())

    def _dispute(self, item: Contest, standing: DisputeStanding, states: Mapping[str, HoldState]) -> dict[str, Any]:
        dispute: Dispute = item.dispute
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
            "hold_state": str(state_of([dispute.invoice] if dispute.invoice else [], states)),
        }

    def _mark_left(
        self,
        gone: Iterable[str],
        old: Mapping[str, AnyRow],
        covered: Mapping[str, Sequence[str]],
        old_disputes: Mapping[str, AnyRow],
        disputes: set[str],
    ) -> None:
        """What was promised or contested by something that is gone is neither any more."""
        for key in gone:
            self._mark_invoices(covered.get(key, ()), {old[key].currency})
        for key, row in old_disputes.items():
            if key not in disputes and row.invoice:
                self._mark_invoices({row.invoice}, {row.currency} if row.currency else ())

    def _mark_invoices(self, keys: Iterable[str], currencies: Iterable[str]) -> None:
        """Invoices say what is promised and contested of them, and so do the account's figures."""
        self.marks |= {Mark("invoice", key, self.account, Priority.NORMAL) for key in keys}
        self.marks |= {Mark("summary", f"{self.account}:{name}", self.account, Priority.NORMAL) for name in currencies}

    def _follow_up(
        self,
        invoices: Mapping[str, Owed],
        commitments: Mapping[str, Commitment],
        standings: Mapping[str, Standing],
        disputes: Sequence[Dispute],
        tasks: Sequence[AnyRow],
    ) -> None:
        known = [
            KnownFollowUp(key=row.key, invoice=row.invoice, commitment=row.commitment, due_on=row.due_on)
            for row in tasks
        ]
        grace, longest = self.how.grace_days, self.how.follow_up_days
        wanted = follow_ups(self.account, invoices, commitments, standings, disputes, known, self.today, grace, longest)
        for item in wanted:
            if promises.put_follow_up(self.conn, item):
                self.marks.add(Mark("task", item.key, self.account, Priority.NORMAL))

    def _watch(self, standings: Iterable[Standing], invoices: Mapping[str, Owed]) -> None:
        """Know the day on which time alone calls for the next look."""
        days = [standing.next_change_on for standing in standings]
        grace = timedelta(days=self.how.grace_days + 1)
        days += [owed.due_on + grace for owed in invoices.values() if owed.due_on and owed.balance > 0]
        for day in days:
            self._watch_day(day)

    def _watch_instant(self, at: datetime | None) -> None:
        if at is not None:
            self._watch_day(self.how.calendar.on(at) + timedelta(days=1))

    def _watch_day(self, day: date | None) -> None:
        if day is not None and day > self.today and (self.next_on is None or day < self.next_on):
            self.next_on = day


def _numbers(row: AnyRow) -> list[str]:
    from sync.core.mapping.salesforce import promise_terms

    return [part.lower() for part in promise_terms(row.row).numbers]


def _owed(row: AnyRow, received: Sequence[Received]) -> Owed:
    return Owed(
        key=row.key,
        number=row.number or row.key.rpartition(":")[2],
        currency=row.currency,
        status=row.status,
        posted=row.posted,
        total=row.total,
        balance=row.balance,
        due_on=row.due_on,
        paid_on=row.paid_on,
        received=tuple(received),
    )


def _received(rows: Iterable[AnyRow], calendar: Calendar) -> dict[str, list[Received]]:
    """Money by invoice, less what the card network took back for good (from a payment's first invoice on)."""
    taken: dict[str, int] = {}
    found: dict[str, list[Received]] = {}
    for row in rows:
        back = min(row.amount, taken.setdefault(row.payment, row.charged_back)) if row.payment else 0
        if row.payment:
            taken[row.payment] -= back
        if row.amount > back:
            found.setdefault(row.invoice, []).append(Received(calendar.on(row.paid_at), row.amount - back))
    return found


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
