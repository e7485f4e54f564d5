"""Facts for tests, complete and valid; a test names only what it is about."""

from datetime import UTC, date, datetime, time
from typing import Any

from hypothesis import settings

from sync.core.dates import Calendar
from sync.core.facts import (
    ChargebackFacts,
    ChargeFacts,
    InvoiceFacts,
    InvoicePaymentFacts,
    InvoiceStatus,
    RefundFacts,
)

# The same cases each time, however busy the machine; a failing one is printed so that it can be run again.
STEADY = settings(deadline=None, derandomize=True, database=None, print_blob=True)
UTC_DAYS = Calendar("UTC")
NOON = time(12)


def noon(day: date) -> datetime:
    """An instant that falls on `day` in UTC."""
    return datetime.combine(day, NOON, UTC)


def invoice(key: str = "c:in_1", **given: Any) -> InvoiceFacts:
    """An open invoice of 100.00 USD issued on 2026-01-05; `paid` and `credited` lower what remains."""
    facts = {
        "customer": "c:cus_1",
        "currency": "USD",
        "status": InvoiceStatus.OPEN,
        "total": 10_000,
        "paid": 0,
        "credited": 0,
        "tax": 0,
        "discount": 0,
        "created_at": noon(date(2026, 1, 5)),
    } | given
    facts.setdefault("subtotal", facts["total"])
    facts.setdefault("due", max(0, facts["total"] - facts["credited"]))
    facts.setdefault("remaining", max(0, facts["due"] - facts["paid"]))
    facts.setdefault("issued_at", facts["created_at"])
    return InvoiceFacts(key=key, **facts)


def part(key: str = "c:inpay_1", **given: Any) -> InvoicePaymentFacts:
    """All of a payment of 100.00 USD, given to the invoice on 2026-01-20."""
    at = given.pop("at", noon(date(2026, 1, 20)))
    facts = {
        "invoice": "c:in_1",
        "payment": "c:pi_1",
        "currency": "USD",
        "status": "paid",
        "amount": 10_000,
        "paid_at": at,
        "created_at": at,
    }
    return InvoicePaymentFacts(key=key, **facts | given)


def charge(key: str = "c:ch_1", **given: Any) -> ChargeFacts:
    """100.00 USD taken on 2026-01-20 for the payment `c:pi_1`."""
    facts = {
        "payment": "c:pi_1",
        "customer": "c:cus_1",
        "currency": "USD",
        "status": "succeeded",
        "amount": 10_000,
        "refunded": 0,
        "created_at": noon(date(2026, 1, 20)),
    } | given
    facts.setdefault("captured", facts["amount"] if facts["status"] == "succeeded" else 0)
    return ChargeFacts(key=key, **facts)


def refund(key: str = "c:re_1", **given: Any) -> RefundFacts:
    """10.00 USD given back on 2026-02-01."""
    facts = {
        "payment": "c:pi_1",
        "charge": "c:ch_1",
        "currency": "USD",
        "status": "succeeded",
        "amount": 1_000,
        "created_at": noon(date(2026, 2, 1)),
    }
    return RefundFacts(key=key, **facts | given)


def chargeback(key: str = "c:dp_1", **given: Any) -> ChargebackFacts:
    """The whole 100.00 USD, contested on 2026-02-10 and lost."""
    facts = {
        "payment": "c:pi_1",
        "charge": "c:ch_1",
        "currency": "USD",
        "status": "lost",
        "amount": 10_000,
        "created_at": noon(date(2026, 2, 10)),
    }
    return ChargebackFacts(key=key, **facts | given)
