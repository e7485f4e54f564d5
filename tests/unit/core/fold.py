"""The whole ledger from facts alone, all at once: what the pipeline keeps up to date row by row."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sync.core.dates import Calendar, months_back
from sync.core.facts import ChargebackFacts, ChargeFacts, Facts, InvoiceFacts, InvoicePaymentFacts, RefundFacts
from sync.core.ledger import (
    MEASURES,
    Allocation,
    Invoice,
    Payment,
    Postings,
    derive_invoice,
    derive_payment,
    post_invoice,
    post_payment,
)
from sync.core.summary import Book, DaySums, LastPayment, OpenLine
from tests.unit.core.made import UTC_DAYS


@dataclass
class Ledger:
    """Rows by key, and the sums of all postings."""

    invoices: dict[str, Invoice] = field(default_factory=dict)
    allocations: dict[str, tuple[Allocation, ...]] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    sums: Counter[tuple[date, str]] = field(default_factory=Counter)

    def total(self, measure: str) -> int:
        """A measure over all days."""
        return sum(amount for (_, name), amount in self.sums.items() if name == measure)

    def add(self, postings: Postings) -> None:
        """Count postings in."""
        for slot, amount in postings.items():
            self.sums[slot] += amount


def fold(facts: Iterable[Facts], today: date, calendar: Calendar = UTC_DAYS) -> Ledger:
    """The ledger of these facts, whatever their order."""
    known = list(facts)
    ledger = Ledger()
    for item in known:
        if isinstance(item, InvoiceFacts):
            parts = [each for each in known if isinstance(each, InvoicePaymentFacts) and each.invoice == item.key]
            row, given = derive_invoice(item, parts, calendar, today)
            ledger.invoices[item.key], ledger.allocations[item.key] = row, given
            ledger.add(post_invoice(item, row, given, calendar))
    for key in sorted({item.payment for item in known if isinstance(item, ChargeFacts)}):
        _fold_payment(ledger, key, known, calendar)
    return ledger


def _fold_payment(ledger: Ledger, key: str, known: Sequence[Facts], calendar: Calendar) -> None:
    charges = [item for item in known if isinstance(item, ChargeFacts) and item.payment == key]
    names = {key, *(charge.key for charge in charges)}
    refunds = [item for item in known if isinstance(item, RefundFacts) and {item.payment, item.charge} & names]
    lost = [item for item in known if isinstance(item, ChargebackFacts) and {item.payment, item.charge} & names]
    paid = [(name, given) for name, found in ledger.allocations.items() for given in found if given.payment in names]
    payers = sorted({ledger.invoices[name].customer for name, _ in paid})
    row = derive_payment(key, charges, refunds, lost, payers)
    assert row is not None
    ledger.payments[key] = row
    ledger.add(post_payment(row, charges, refunds, lost, calendar))


def book(ledger: Ledger, today: date, *, currency: str = "USD", credit: int = 0) -> Book:
    """The book of one account that owns everything in the ledger; all of it is in one currency."""
    by_due: dict[date, list[int]] = {}
    for row in ledger.invoices.values():
        if row.balance > 0 and row.due_on:
            by_due.setdefault(row.due_on, []).append(row.balance)
    days = sorted({day for day, _ in ledger.sums if day > months_back(today, 13)})
    return Book(
        account="001",
        currency=currency,
        lines=[OpenLine(due_on, sum(balances), len(balances)) for due_on, balances in sorted(by_due.items())],
        days=[
            DaySums(day, **{name: ledger.sums[day, name] for name in MEASURES if name != "written_off"}) for day in days
        ],
        collected=ledger.total("collected"),
        written_off=ledger.total("written_off"),
        credit=credit,
        last_payment=_last_payment(ledger),
    )


def _last_payment(ledger: Ledger) -> LastPayment | None:
    given = [item for found in ledger.allocations.values() for item in found]
    if not given:
        return None
    last = max(given, key=lambda item: item.paid_at)
    whole = [item.amount for item in given if last.payment and item.payment == last.payment] or [last.amount]
    return LastPayment(UTC_DAYS.on(last.paid_at), sum(whole))
