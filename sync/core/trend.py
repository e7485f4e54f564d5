"""How a book of receivables has moved: month by month what was invoiced, collected and given up, what was outstanding
at the end of each month, and both DSO figures as they would have been told on that day.

What was outstanding is worked out backwards from what is outstanding now, by what has happened since; nothing is kept
for it, so it covers the time before Dueline was switched on as well, and agrees with today's figures by construction.

- **Void and deleted invoices count as never issued**, as in what was invoiced. What was paid on one before is taken as
  owed from its issue to the payment.
- **A write-off** lowers what is outstanding on the day on which it was made, and not what was invoiced.
- **A credit note** that lowered what is owed does so on its own day; one given after payment lowers nothing here.
- **Credit that an invoice took from the customer's balance** when it was issued was never outstanding.
- A refund or a lost chargeback lowers what was collected; the invoice it concerns is not owed again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sync.core.dates import first_of_next_month, months_back
from sync.core.facts import InvoiceStatus
from sync.core.summary import DaySums, dso

_NEVER_ISSUED = frozenset({InvoiceStatus.VOID, InvoiceStatus.DELETED, InvoiceStatus.DRAFT})
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uneven:
    """An invoice whose total is not what was paid and what is owed; amounts in minor units.

    `paid`: the money given to it. `notes`: day and amount of the credit notes that lowered what was owed.
    """

    status: str
    issued_on: date
    total: int
    paid: int
    balance: int
    written_off: int = 0
    written_off_on: date | None = None
    notes: Sequence[tuple[date, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month of a book; amounts in minor units. `until`: its last day, of the current month today."""

    first: date
    until: date
    invoiced: int
    collected: int
    written_off: int
    credited: int
    outstanding: int
    dso_ratio: Decimal | None
    dso_count_back: Decimal | None


def trend(outstanding: int, days: Sequence[DaySums], uneven: Iterable[Uneven], today: date, months: int) -> list[Month]:
    """The last so many months, the current one last. `outstanding`: now.

    `days` reach back 12 months more than is asked for; `late_amount` is the money given to invoices on that day.
    """
    owed: Counter[date] = Counter()
    for day in days:
        owed[day.day] += day.invoiced - day.late_amount
    written_off: Counter[date] = Counter()
    credited: Counter[date] = Counter()
    for invoice in uneven:
        if invoice.status in _NEVER_ISSUED:
            owed[invoice.issued_on] += invoice.paid
        else:
            _given_up(invoice, written_off, credited)
    owed.subtract(written_off)
    owed.subtract(credited)
    return [
        _month(first, until, outstanding - sum(moved for day, moved in owed.items() if day > until), days, lost)
        for first, until in _months(today, months)
        for lost in [(_within(written_off, first, until), _within(credited, first, until))]
    ]


def start(today: date, months: int) -> date:
    """The first day whose sums the trend of so many months needs."""
    return months_back(today.replace(day=1), months + 11)


def _month(first: date, until: date, outstanding: int, days: Sequence[DaySums], lost: tuple[int, int]) -> Month:
    ratio, count_back = dso(outstanding, days, until)
    mine = [day for day in days if first <= day.day <= until]
    return Month(
        first=first,
        until=until,
        invoiced=sum(day.invoiced for day in mine),
        collected=sum(day.collected for day in mine),
        written_off=lost[0],
        credited=lost[1],
        outstanding=outstanding,
        dso_ratio=ratio,
        dso_count_back=count_back,
    )


def _months(today: date, months: int) -> Iterator[tuple[date, date]]:
    for back in reversed(range(months)):
        first = months_back(today.replace(day=1), back)
        yield first, min(today, first_of_next_month(first) - _ONE_DAY)


def _within(amounts: Counter[date], first: date, until: date) -> int:
    return sum(amount for day, amount in amounts.items() if first <= day <= until)


def _given_up(invoice: Uneven, written_off: Counter[date], credited: Counter[date]) -> None:
    """What of an invoice neither was paid nor is owed, on the days on which that came to be."""
    written_off[invoice.written_off_on or invoice.issued_on] += invoice.written_off
    rest = invoice.total - invoice.paid - invoice.balance - invoice.written_off
    for day, amount in sorted(invoice.notes):
        part = max(0, min(amount, rest))  # a note may have been given in part after payment
        credited[max(day, invoice.issued_on)] += part
        rest -= part
    credited[invoice.issued_on] += rest  # taken from the customer's balance when it was issued
