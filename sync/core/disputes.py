"""Disputes: the customer contests an invoice, and somebody here has to answer within a time that finance sets.

(What the card network calls a dispute is a *chargeback* here and has nothing to do with this.)

The time is counted in working days, Monday to Friday, and ends with the business day: a dispute that comes in on a
Friday evening is not late on Monday morning. Public holidays are not known; who needs them sets a longer time.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sync.core.commitments import Owed
from sync.core.dates import Calendar

OPEN_STATUSES = frozenset({"New", "In Progress"})  # of AR_Dispute__c.Status__c
_FRIDAY = 4
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A contested invoice, as its owner wrote it.

    `id`: Salesforce's. `invoice`: its key. `amount`: minor units of the invoice's currency; None: the whole balance.
    `closed_at` counts only while it is not open. `by`: who opened it, a person's name.
    """

    id: str
    invoice: str | None
    amount: int | None
    open: bool
    opened_at: datetime
    closed_at: datetime | None = None
    by: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeStanding:
    """What a dispute means now.

    `contested`: minor units, of the invoice's balance. `sla_due_at`: the last second in time. `breached`: it was not
    settled in time; of a closed dispute, when it was closed. `next_change_at`: when time alone makes it late.
    """

    contested: int
    sla_due_at: datetime
    breached: bool
    next_change_at: datetime | None


def judge_dispute(
    dispute: Dispute, invoice: Owed | None, now: datetime, sla_days: int, calendar: Calendar
) -> DisputeStanding:
    """Where a dispute about `invoice` stands at `now`; it is to be settled within `sla_days` working days."""
    late_from = _day_ends_at(_working_days_after(calendar.on(dispute.opened_at), sla_days), calendar)
    until = now if dispute.open else dispute.closed_at
    breached = until is not None and until >= late_from
    return DisputeStanding(
        contested=_contested(dispute, invoice),
        sla_due_at=late_from - timedelta(seconds=1),
        breached=breached,
        next_change_at=late_from if dispute.open and not breached else None,
    )


def contested_by_invoice(disputes: Iterable[Dispute], invoices: Mapping[str, Owed]) -> dict[str, int]:
    """What open disputes contest of each invoice, in minor units of its currency: never more than its balance."""
    sums: Counter[str] = Counter()
    for dispute in disputes:
        if dispute.invoice is not None:
            sums[dispute.invoice] += _contested(dispute, invoices.get(dispute.invoice))
    return {key: min(amount, invoices[key].balance) for key, amount in sums.items() if amount}


def open_by_invoice(disputes: Iterable[Dispute], invoices: Mapping[str, Owed]) -> dict[str, list[Dispute]]:
    """The open disputes of each invoice on which anything is owed, the oldest first."""
    found: dict[str, list[Dispute]] = {}
    for dispute in sorted(disputes, key=lambda item: (item.opened_at, item.id)):
        owed = invoices.get(dispute.invoice) if dispute.invoice else None
        if dispute.open and owed is not None and owed.open:
            found.setdefault(owed.key, []).append(dispute)
    return found


def _contested(dispute: Dispute, invoice: Owed | None) -> int:
    if not dispute.open or invoice is None or not invoice.open:
        return 0
    return invoice.balance if dispute.amount is None else max(0, min(dispute.amount, invoice.balance))


def _working_days_after(day: date, days: int) -> date:
    """The working day that is `days` working days after `day`; with none, `day` or the Monday after it."""
    for _ in range(days):
        day = _working(day + _ONE_DAY)
    return _working(day)


def _working(day: date) -> date:
    """The day itself, or the Monday after it."""
    while day.weekday() > _FRIDAY:
        day += _ONE_DAY
    return day


def _day_ends_at(day: date, calendar: Calendar) -> datetime:
    """The first instant after a business day."""
    return datetime.combine(day + _ONE_DAY, time.min, calendar.zone).astimezone(UTC)
