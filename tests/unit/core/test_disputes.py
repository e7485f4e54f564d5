from datetime import UTC, datetime, timedelta

import pytest

from sync.core.dates import Calendar
from sync.core.disputes import contested_by_invoice, judge_dispute, open_by_invoice
from sync.core.facts import InvoiceStatus
from tests.unit.core.made import UTC_DAYS, noon
from tests.unit.core.promised import by_key, dispute, march, owed


def standing(found, invoice=None, now=None, sla_days=5, calendar=UTC_DAYS):
    return judge_dispute(found, invoice, now or noon(march(3)), sla_days, calendar)


@pytest.mark.parametrize(
    ("amount", "contested"),
    [(None, 1_000), (300, 300), (1_000, 1_000), (5_000, 1_000), (0, 0), (-5, 0)],
)
def test_contested_is_at_most_the_balance(amount, contested):
    assert standing(dispute(amount=amount), owed()).contested == contested


@pytest.mark.parametrize(
    "invoice",
    [
        None,
        owed(balance=0),
        owed(balance=0, status=InvoiceStatus.VOID),
        owed(balance=0, status=InvoiceStatus.WRITTEN_OFF),
        owed(status=InvoiceStatus.DRAFT),
    ],
)
def test_nothing_is_contested_where_nothing_is_owed(invoice):
    assert standing(dispute(), invoice).contested == 0


def test_closed_it_contests_nothing():
    assert standing(dispute(open=False), owed()).contested == 0


@pytest.mark.parametrize(
    ("opened", "sla_days", "due"),
    [
        (2, 0, 2),  # Monday, to be settled the same day
        (2, 1, 3),
        (2, 5, 9),  # over a weekend
        (6, 1, 9),  # Friday
        (7, 1, 9),  # Saturday
        (8, 1, 9),  # Sunday
        (7, 0, 9),
        (2, 10, 16),
    ],
)
def test_to_be_settled_by_the_end_of_a_working_day(opened, sla_days, due):
    found = standing(dispute(opened_at=noon(march(opened))), owed(), sla_days=sla_days)
    assert found.sla_due_at == datetime(2026, 3, due, 23, 59, 59, tzinfo=UTC)


def test_days_are_the_companys():
    """22:30 UTC on Thursday is Friday in Helsinki, and Friday's end there is 21:00 UTC after clocks went forward."""
    helsinki = Calendar("Europe/Helsinki")
    found = standing(
        dispute(opened_at=datetime(2026, 3, 26, 22, 30, tzinfo=UTC)), owed(), sla_days=1, calendar=helsinki
    )
    assert found.sla_due_at == datetime(2026, 3, 30, 20, 59, 59, tzinfo=UTC)


def test_late_from_the_first_instant_of_the_next_day():
    ends = datetime(2026, 3, 10, tzinfo=UTC)
    in_time = standing(dispute(), owed(), now=ends - timedelta(microseconds=1))
    assert (in_time.breached, in_time.next_change_at) == (False, ends)
    late = standing(dispute(), owed(), now=ends)
    assert (late.breached, late.next_change_at) == (True, None)


@pytest.mark.parametrize(("closed_on", "breached"), [(9, False), (10, True)])
def test_a_closed_one_stays_as_it_was_when_it_was_closed(closed_on, breached):
    found = dispute(open=False, closed_at=noon(march(closed_on)))
    now = standing(found, owed(), now=noon(march(31)))
    assert (now.breached, now.next_change_at) == (breached, None)


def test_closed_at_a_time_that_nobody_knows_it_was_not_late():
    assert not standing(dispute(open=False), owed(), now=noon(march(31))).breached


def test_opened_again_it_is_as_late_as_it_is():
    again = dispute(closed_at=noon(march(4)))
    assert standing(again, owed(), now=noon(march(31))).breached


def test_several_about_one_invoice_contest_at_most_its_balance():
    invoices = by_key(owed("A"), owed("B"), owed("C"))
    disputes = [
        dispute("d1", amount=300),
        dispute("d2", amount=400),
        dispute("d3", invoice="B", amount=800),
        dispute("d4", invoice="B"),
        dispute("d5", invoice="C", open=False),
        dispute("d6", invoice=None),
        dispute("d7", invoice="gone"),
    ]
    assert contested_by_invoice(disputes, invoices) == {"A": 700, "B": 1_000}


def test_open_ones_by_invoice_the_oldest_first():
    invoices = by_key(owed("A"), owed("B", balance=0))
    later = dispute("d0", opened_at=noon(march(3)))
    disputes = [later, dispute("d2"), dispute("d1"), dispute("d3", invoice="B"), dispute("d4", open=False)]
    assert {key: [item.id for item in found] for key, found in open_by_invoice(disputes, invoices).items()} == {
        "A": ["d1", "d2", "d0"]
    }
