"""What the billing system did to be paid, as sales reads it: told once, in words that are true."""

from datetime import UTC, datetime, timedelta

import pytest

from sync.core.dates import Calendar
from sync.core.dunning import Happening, dunning_entry
from sync.core.mapping import UnmappableError
from sync.core.mapping.stripe import map_dunning
from tests.unit.core import bodies

DUE = 1_802_592_000  # the due date of bodies.invoice: 14 Feb 2027
CALENDAR = Calendar("UTC")


def event(kind, created=DUE - 86_400, **invoice):
    body = bodies.new_invoice(**({"number": "A-1", "customer_email": "ap@acme.example"} | invoice))
    return {"type": kind, "created": created, "data": {"object": body}}


def told(kind, **given):
    happened = map_dunning(event(kind, **given), "acme")
    assert happened is not None
    return dunning_entry(happened, "Stripe", CALENDAR)


def test_a_mail_is_told_with_where_it_went():
    entry = told("invoice.sent")
    assert entry.subject == "A-1 e-mailed to ap@acme.example"
    assert entry.body == "Stripe sent it to ap@acme.example. It is due on 14 Feb 2027, USD 100.00 open."
    assert (entry.kind, entry.system, entry.by) == ("Dunning", "Stripe", None)
    assert (entry.invoice, entry.amount, entry.currency) == ("acme:in_1", 10_000, "USD")
    assert entry.occurred_at == datetime.fromtimestamp(DUE - 86_400, UTC)


def test_a_mail_after_the_due_date_is_a_reminder():
    assert told("invoice.sent", created=DUE + 86_400).subject == "Reminder: A-1 e-mailed to ap@acme.example"
    assert told("invoice.sent", created=DUE).subject.startswith("A-1")  # the due day itself is not late
    paid = told("invoice.sent", created=DUE + 86_400, status="paid", amount_remaining=0)  # a receipt
    assert (paid.subject[:3], paid.body, paid.amount) == ("A-1", "Stripe sent it to ap@acme.example.", None)


def test_nobody_knows_where_it_went():
    assert told("invoice.sent", customer_email=None, number=None).subject == "in_1 e-mailed to the customer"


@pytest.mark.parametrize(
    ("given", "subject", "body"),
    [
        (
            {"collection_method": "charge_automatically", "attempt_count": 2, "next_payment_attempt": DUE},
            "Automatic charge for A-1 failed: USD 100.00 open",
            "Attempt 2. Stripe tries again on 14 Feb 2027 by itself.",
        ),
        (
            {"collection_method": "charge_automatically", "attempt_count": 4, "next_payment_attempt": None},
            "Automatic charge for A-1 failed: USD 100.00 open",
            "Attempt 4. Stripe does not try again by itself.",
        ),
        (
            {"collection_method": "send_invoice", "attempt_count": 1},
            "Payment of A-1 failed: USD 100.00 open",
            "The customer tried to pay in Stripe, and the payment was refused.",
        ),
    ],
)
def test_a_charge_that_failed(given, subject, body):
    entry = told("invoice.payment_failed", **given)
    assert (entry.subject, entry.body) == (subject, body)


def test_what_happened_once_is_one_entry_whoever_tells_it():
    keys = {told("invoice.sent", amount_remaining=owed).key for owed in (10_000, 5_000)}
    keys |= {told("invoice.payment_failed").key, told("invoice.sent", created=DUE).key}
    assert len(keys) == 3


@pytest.mark.parametrize("kind", ["invoice.overdue", "invoice.will_be_due", "invoice.finalized", "customer.updated"])
def test_what_reached_nobody_is_no_dunning(kind):
    assert map_dunning(event(kind), "acme") is None


def test_what_cannot_be_read_is_refused_by_name():
    broken = event("invoice.sent", amount_remaining=None)
    with pytest.raises(UnmappableError, match="amount_remaining is missing"):
        map_dunning(broken, "acme")


def test_the_day_is_the_companys_own():
    late = datetime.fromtimestamp(DUE, UTC) + timedelta(hours=13)  # the next day in Auckland
    happened = map_dunning(event("invoice.sent", created=int(late.timestamp())), "acme")
    assert happened is not None
    assert happened.what is Happening.SENT
    assert dunning_entry(happened, "Stripe", Calendar("UTC")).subject.startswith("A-1")
    assert dunning_entry(happened, "Stripe", Calendar("Pacific/Auckland")).subject.startswith("Reminder")
