"""The figures of one account in one currency. docs/figures.md gives each formula with a worked example.

What is open is read line by line; what is closed only as sums by day, so the cost of a summary does not grow with an
account's history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sync.core.aging import Bucket, bucket
from sync.core.dates import days_in_month, first_of_next_month, months_back

RATIO_DAYS = 90
ONE_PLACE = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class OpenLine:
    """Open invoices of one due date: what is owed on them, and how many they are."""

    due_on: date
    balance: int
    count: int


@dataclass(frozen=True, slots=True)
class DaySums:
    """The postings of one day."""

    day: date
    invoiced: int = 0
    collected: int = 0
    late_amount: int = 0
    late_weight: int = 0


@dataclass(frozen=True, slots=True)
class LastPayment:
    """The latest payment on any invoice."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class LastContact:
    """When somebody last spoke with the customer, and who."""

    on: date
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What the ledger holds of one account in one currency: the input of a summary.

    `days` reaches back 12 months; `collected` and `written_off` are sums of all time.
    """

    account: str
    currency: str
    lines: Sequence[OpenLine] = ()
    days: Sequence[DaySums] = ()
    collected: int = 0
    written_off: int = 0
    credit: int = 0
    last_payment: LastPayment | None = None
    promised: int = 0
    next_commitment_on: date | None = None
    disputed: int = 0
    last_contact: LastContact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The AR summary: amounts in minor units of `currency`, days as decimals of one place."""

    account: str
    currency: str
    outstanding: int
    overdue: int
    buckets: dict[Bucket, int]
    open_invoices: int
    overdue_invoices: int
    oldest_due_on: date | None
    collected: int
    collected_12_months: int
    written_off: int
    unapplied_credit: int
    last_payment: LastPayment | None
    average_days_late: Decimal | None
    dso_ratio: Decimal | None
    dso_earlier_days: Decimal | None
    dso_month_share: Decimal | None
    promised: int
    next_commitment_on: date | None
    disputed: int
    last_contact: LastContact | None
    next_change_on: date | None

    def dso_count_back(self, today: date) -> Decimal | None:
        """Days of sales outstanding by count-back: the current month counts the days it has had."""
        return _count_back_on(today, self.dso_earlier_days, self.dso_month_share)


def summarise(book: Book, today: date) -> Summary:
    """All figures of a book as of `today`."""
    aged = [(bucket(line.due_on, today), line) for line in book.lines]
    overdue = [line for name, line in aged if name is not Bucket.NOT_DUE]
    outstanding = sum(line.balance for line in book.lines)
    year = [day for day in book.days if day.day > months_back(today, 12)]
    earlier, share = _count_back(outstanding, year, today)
    return Summary(
        account=book.account,
        currency=book.currency,
        outstanding=outstanding,
        overdue=sum(line.balance for line in overdue),
        buckets={name: sum(line.balance for found, line in aged if found is name) for name in Bucket},
        open_invoices=sum(line.count for line in book.lines),
        overdue_invoices=sum(line.count for line in overdue),
        oldest_due_on=min((line.due_on for line in book.lines), default=None),
        collected=book.collected,
        collected_12_months=sum(day.collected for day in year),
        written_off=book.written_off,
        unapplied_credit=max(0, book.credit),
        last_payment=book.last_payment,
        average_days_late=_average_days_late(year),
        dso_ratio=_dso_ratio(outstanding, year, today),
        dso_earlier_days=earlier,
        dso_month_share=share,
        promised=book.promised,
        next_commitment_on=book.next_commitment_on,
        disputed=book.disputed,
        last_contact=book.last_contact,
        next_change_on=_next_change_on(book, outstanding, year, today),
    )


def dso(outstanding: int, days: Sequence[DaySums], today: date) -> tuple[Decimal | None, Decimal | None]:
    """Both DSO figures of what is outstanding on `today`, ratio and count-back, as every summary has them.

    Of `days` those of the 12 months up to `today` count.
    """
    before = months_back(today, 12)
    year = [day for day in days if before < day.day <= today]
    earlier, share = _count_back(outstanding, year, today)
    return _dso_ratio(outstanding, year, today), _count_back_on(today, earlier, share)


def _count_back_on(today: date, earlier: Decimal | None, share: Decimal | None) -> Decimal | None:
    if earlier is None or share is None:
        return None
    return (earlier + share * today.day).quantize(ONE_PLACE, ROUND_HALF_UP)


def _average_days_late(year: Sequence[DaySums]) -> Decimal | None:
    """Days late weighted by amount; what was paid early was not late. None where nothing was paid."""
    amount = sum(day.late_amount for day in year)
    if amount <= 0:
        return None
    return (Decimal(sum(day.late_weight for day in year)) / amount).quantize(ONE_PLACE, ROUND_HALF_UP)


def _dso_ratio(outstanding: int, year: Sequence[DaySums], today: date) -> Decimal | None:
    """Outstanding ÷ invoiced in the last 90 days, times 90. None where nothing was invoiced in them."""
    window = today - timedelta(days=RATIO_DAYS)
    invoiced = sum(day.invoiced for day in year if day.day > window)
    if invoiced <= 0:
        return None
    return (Decimal(outstanding) * RATIO_DAYS / invoiced).quantize(ONE_PLACE, ROUND_HALF_UP)


def _count_back(outstanding: int, year: Sequence[DaySums], today: date) -> tuple[Decimal, Decimal] | tuple[None, None]:
    """Set what is outstanding against invoiced sales, month by month from the current one back, up to 12 months.

    A month whose sales are used up counts all its days, the last one its share. The current month is given as a
    share of the days it has had, so that the passing of a day changes nothing that must be written.
    Returns (days of earlier months, share of the current month); None where nothing was invoiced in the window.
    """
    sales = _sales_by_month(year, today)
    if not any(sales.values()):
        return None, None
    rest, earlier, share = outstanding, Decimal(0), Decimal(0)
    for month, sold in sales.items():
        if rest <= 0:
            break
        used = Decimal(1) if rest >= sold else Decimal(rest) / sold
        if month == today.replace(day=1):
            share = used
        else:
            earlier += used * days_in_month(month)
        rest -= sold
    return earlier.quantize(Decimal("0.0001"), ROUND_HALF_UP), share.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def _sales_by_month(year: Sequence[DaySums], today: date) -> dict[date, int]:
    """Invoiced sums by first of month: the current month and the eleven before it, newest first."""
    first = today.replace(day=1)
    sales = {months_back(first, back): 0 for back in range(12)}
    for day in year:
        month = day.day.replace(day=1)
        if month in sales:
            sales[month] += day.invoiced
    return {month: max(0, sold) for month, sold in sales.items()}


def _next_change_on(book: Book, outstanding: int, year: Sequence[DaySums], today: date) -> date | None:
    """The next day on which a window of time loses a day of postings, or the month turns under the count-back.

    Due dates are watched invoice by invoice, not here.
    """
    days = _month_turns(outstanding, year, today)
    recent = today - timedelta(days=RATIO_DAYS)
    sold = [day.day for day in year if day.invoiced and day.day > recent]
    if sold:
        days.append(min(sold) + timedelta(days=RATIO_DAYS))
    counted = [day.day for day in book.days if day.day > months_back(today, 12)]
    if counted:
        days.append(_leaves_year_on(min(counted), today))
    return min(days, default=None)


def _month_turns(outstanding: int, year: Sequence[DaySums], today: date) -> list[date]:
    """The first of the month that changes the count-back next; with nothing outstanding it stays 0 until sales end."""
    months = [month for month, sold in _sales_by_month(year, today).items() if sold]
    if not months:
        return []
    return [first_of_next_month(today)] if outstanding else [months_back(max(months), -12)]


def _leaves_year_on(day: date, today: date) -> date:
    """The first day after `today` on which `day` is 12 months back or more."""
    guess = max(today + timedelta(days=1), day + timedelta(days=360))
    while months_back(guess, 12) < day:
        guess += timedelta(days=1)
    return guess
