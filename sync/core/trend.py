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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from sync.core.dates import first_of_next_month, months_back
from sync.core.facts import InvoiceStatus
from sync.core.summary import DaySums, dso

_NEVER_ISSUED = frozenset({InvoiceStatus.VOID, InvoiceStatus.DELETED, InvoiceStatus.DRAFT})
_ONE_DAY = timedelta(days=1)


class Uneven(NamedTuple):
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
    """One month of a book; amounts in minor units. `until`: its last day, of the current month today.

    `outstanding`, and both DSO figures, are those at its end; `moved`: by how much outstanding grew in it.
    """

    first: date
    until: date
    invoiced: int
    collected: int
    written_off: int
    credited: int
    outstanding: int
    moved: int
    dso_ratio: Decimal | None
    dso_count_back: Decimal | None


def trend(outstanding: int, days: Sequence[DaySums], uneven: Iterable[Uneven], today: date, months: int) -> list[Month]:
    """The last so many months, the current one last. `outstanding`: now.

    `days` reach back 12 months more than is asked for; `late_amount` is the money given to invoices on that day.
    """
    lost, noted, otherwise = _given_up(uneven)
    owed = Counter({day.day: day.invoiced - day.late_amount for day in days})
    owed.update(otherwise)
    owed.subtract(lost)
    owed.subtract(noted)
    moved = _by_month((min(day, today), amount) for day, amount in owed.items())  # a clock elsewhere may be ahead
    past = [day for day in days if day.day <= today]
    invoiced = _by_month((day.day, day.invoiced) for day in past)
    collected = _by_month((day.day, day.collected) for day in past)
    written_off, credited = (_by_month(item for item in each.items() if item[0] <= today) for each in (lost, noted))
    found: list[Month] = []
    for first, until in reversed(_months(today, months)):
        outstanding -= found[-1].moved if found else 0
        ratio, count_back = dso(outstanding, days, until)
        found.append(
            Month(
                first=first,
                until=until,
                invoiced=invoiced[first],
                collected=collected[first],
                written_off=written_off[first],
                credited=credited[first],
                outstanding=outstanding,
                moved=moved[first],
                dso_ratio=ratio,
                dso_count_back=count_back,
            )
        )
    return found[::-1]


def first_month(today: date, months: int) -> date:
    """The first day of the trend of so many months."""
    return months_back(today.replace(day=1), months - 1)


def start(today: date, months: int) -> date:
    """The first day whose sums the trend of so many months needs."""
    return months_back(first_month(today, months), 11)


def _months(today: date, months: int) -> list[tuple[date, date]]:
    """First and last day of each month, the latest last; of the current one the days it has had."""
    firsts = [months_back(today.replace(day=1), back) for back in reversed(range(months))]
    return [(first, min(today, first_of_next_month(first) - _ONE_DAY)) for first in firsts]


def _by_month(amounts: Iterable[tuple[date, int]]) -> Counter[date]:
    """Added up by the first of each month."""
    found: Counter[date] = Counter()
    for day, amount in amounts:
        found[day.replace(day=1)] += amount
    return found


def _given_up(uneven: Iterable[Uneven]) -> tuple[Counter[date], Counter[date], Counter[date]]:
    """What of invoices neither was paid nor is owed, by day: written off, credited; and what was paid on void ones."""
    written_off: Counter[date] = Counter()
    credited: Counter[date] = Counter()
    void: Counter[date] = Counter()
    for invoice in uneven:
        if invoice.status in _NEVER_ISSUED:
            void[invoice.issued_on] += invoice.paid
            continue
        if invoice.written_off:
            written_off[invoice.written_off_on or invoice.issued_on] += invoice.written_off
        rest = invoice.total - invoice.paid - invoice.balance - invoice.written_off
        for day, amount in sorted(invoice.notes):
            part = max(0, min(amount, rest))  # a note may have been given in part after payment
            credited[max(day, invoice.issued_on)] += part
            rest -= part
        if rest:
            credited[invoice.issued_on] += rest  # taken from the customer's balance when it was issued
    return written_off, credited, void
