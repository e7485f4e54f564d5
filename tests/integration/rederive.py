"""The ledger derived a second time, from the facts alone and all at once, to be set beside the one kept step by step.

The rules are the product's (sync.core.ledger); what is checked is everything around them: that no posting was lost,
doubled, or left with a former owner while events, fetches and workers crossed each other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Engine, text

from sync.core.dates import Calendar
from sync.core.facts import (
    ChargebackFacts,
    ChargeFacts,
    CustomerFacts,
    Facts,
    InvoiceFacts,
    InvoicePaymentFacts,
    RefundFacts,
    unpack,
)
from sync.core.ledger import (
    COLLECTED,
    INVOICED,
    LATE_AMOUNT,
    LATE_WEIGHT,
    WRITTEN_OFF,
    Allocation,
    Invoice,
    Payment,
    Postings,
    derive_invoice,
    derive_payment,
    post_invoice,
    post_payment,
)

Sums = Mapping[Any, int]

BY_DAY = (INVOICED, COLLECTED, LATE_AMOUNT, LATE_WEIGHT)
OF_ALL_TIME = (INVOICED, COLLECTED, WRITTEN_OFF)


def rederive(engine: Engine, calendar: Calendar) -> list[str]:
    """Every difference between the ledger as kept and as derived again, in words; none if all is well."""
    with engine.connect() as conn:
        objects = conn.execute(text("SELECT kind, facts, stamp FROM object WHERE facts IS NOT NULL")).all()
        kept = {name: conn.execute(text(f"SELECT * FROM {name}")).all() for name in _TABLES}
    facts = [unpack(row.kind, row.facts) for row in objects]
    again = _Again(calendar, facts)
    return [
        *_compare("invoice", _rows(kept["invoice"], Invoice), again.invoices),
        *_compare("allocation", Counter(_allocations(kept["allocation"])), Counter(again.allocations)),
        *_compare("payment", _rows(kept["payment"], Payment), again.payments),
        *_compare("day_sum", _cells(kept["day_sum"], ("customer", "currency", "day"), BY_DAY), again.by_day),
        *_compare("total", _cells(kept["total"], ("customer", "currency"), OF_ALL_TIME), again.of_all_time),
        *_compare("credit", _cells(kept["credit"], ("customer", "currency"), ("amount",)), _credits(facts, objects)),
    ]


_TABLES = ("invoice", "allocation", "payment", "day_sum", "total", "credit")


class _Again:
    def __init__(self, calendar: Calendar, facts: Iterable[Facts]) -> None:
        self.calendar = calendar
        self.of: dict[type[Facts], list[Any]] = defaultdict(list)
        for item in facts:
            self.of[type(item)].append(item)
        self.invoices: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.allocations: list[tuple[Any, ...]] = []
        self.by_day: Counter[Any] = Counter()
        self.of_all_time: Counter[Any] = Counter()
        self.payers: dict[str | None, set[str]] = defaultdict(set)
        for invoice in self.of[InvoiceFacts]:
            self._invoice(invoice)
        for key in {charge.payment for charge in self.of[ChargeFacts]}:
            self._payment(key)

    def _invoice(self, facts: InvoiceFacts) -> None:
        parts = [part for part in self.of[InvoicePaymentFacts] if part.invoice == facts.key]
        row, allocations = derive_invoice(facts, parts, self.calendar, self.calendar.today())
        self.invoices[facts.key] = _told(row)
        self.allocations += [_allocation(item) for item in allocations]
        for item in allocations:
            self.payers[item.payment].add(row.customer)
        self._post(row.customer, row.currency, post_invoice(facts, row, allocations, self.calendar))

    def _payment(self, key: str) -> None:
        charges = [charge for charge in self.of[ChargeFacts] if charge.payment == key]
        names = {key, *(charge.key for charge in charges)}
        refunds = [item for item in self.of[RefundFacts] if {item.payment, item.charge} & names]
        chargebacks = [item for item in self.of[ChargebackFacts] if {item.payment, item.charge} & names]
        payers = sorted(set().union(*(self.payers[name] for name in names)))
        row = derive_payment(key, charges, refunds, chargebacks, payers)
        assert row is not None
        self.payments[key] = _told(row)
        if row.customer:
            self._post(row.customer, row.currency, post_payment(row, charges, refunds, chargebacks, self.calendar))

    def _post(self, customer: str, currency: str, postings: Postings) -> None:
        for (day, measure), amount in postings.items():
            if measure in BY_DAY:
                self.by_day[customer, currency, day, measure] += amount
            if measure in OF_ALL_TIME:
                self.of_all_time[customer, currency, measure] += amount


def _credits(facts: Iterable[Facts], objects: Iterable[Any]) -> Sums:
    """What customers say themselves; entries of their credit balance are compared by the stories that have them."""
    entries = {row.facts["customer"] for row in objects if row.kind == "credit_entry"}
    return {
        (item.key, currency, "amount"): amount
        for item in facts
        if isinstance(item, CustomerFacts) and item.key not in entries
        for currency, amount in item.credits.items()
    }


def _told(row: Invoice | Payment) -> dict[str, Any]:
    """A row without the day on which time alone changes it: that depends on when it was derived."""
    return {name: value for name, value in asdict(row).items() if name != "next_change_on"}


def _rows(kept: Iterable[Any], kind: type[Invoice | Payment]) -> dict[str, dict[str, Any]]:
    names = [item.name for item in fields(kind) if item.name != "next_change_on"]
    return {row.key: {name: getattr(row, name) for name in names} for row in kept}


def _allocation(item: Allocation) -> tuple[Any, ...]:
    return (item.invoice, item.payment, item.amount, item.paid_at)


def _allocations(kept: Iterable[Any]) -> list[tuple[Any, ...]]:
    return [(row.invoice, row.payment, row.amount, row.paid_at) for row in kept]


def _cells(kept: Iterable[Any], names: tuple[str, ...], measures: tuple[str, ...]) -> Sums:
    return {
        (*(getattr(row, name) for name in names), measure): getattr(row, measure)
        for row in kept
        for measure in measures
    }


def _compare(table: str, kept: Mapping[Any, Any], again: Mapping[Any, Any]) -> list[str]:
    """Zero and absent are the same."""
    return [
        f"{table} {key}: kept {kept.get(key)}, derived again {again.get(key)}"
        for key in sorted(kept.keys() | again.keys(), key=str)
        if (kept.get(key) or 0) != (again.get(key) or 0)
    ]
