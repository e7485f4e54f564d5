"""Every figure of an AR summary, at the edges of its windows. The page docs/figures.md shows them at work."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.aging import Bucket
from sync.core.aging import next_change_on as line_changes_on
from sync.core.dates import months_back
from sync.core.summary import Book, DaySums, LastPayment, OpenLine, summarise
from tests.unit.core.made import STEADY

TODAY = date(2026, 3, 15)


def ago(days):
    return TODAY - timedelta(days=days)


def summary(*, lines=(), days=(), today=TODAY, **given):
    return summarise(Book(account="001", currency="USD", lines=lines, days=days, **given), today)


def test_an_empty_book():
    found = summary()
    assert (found.outstanding, found.overdue, found.open_invoices, found.overdue_invoices) == (0, 0, 0, 0)
    assert set(found.buckets.values()) == {0}
    assert (found.oldest_due_on, found.last_payment, found.next_change_on) == (None, None, None)
    assert (found.average_days_late, found.dso_ratio, found.dso_count_back(TODAY)) == (None, None, None)


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (-400, Bucket.NOT_DUE),
        (-1, Bucket.NOT_DUE),
        (0, Bucket.NOT_DUE),
        (1, Bucket.D1_30),
        (30, Bucket.D1_30),
        (31, Bucket.D31_60),
        (60, Bucket.D31_60),
        (61, Bucket.D61_90),
        (90, Bucket.D61_90),
        (91, Bucket.OVER_90),
        (4_000, Bucket.OVER_90),
    ],
)
def test_the_edges_of_the_buckets(late, expected):
    found = summary(lines=[OpenLine(ago(late), 500, 2)])
    assert {name for name, amount in found.buckets.items() if amount} == {expected}
    assert (found.overdue, found.overdue_invoices) == ((500, 2) if late > 0 else (0, 0))


def test_open_invoices_are_added_up():
    lines = [OpenLine(ago(40), 700, 2), OpenLine(ago(5), 300, 1), OpenLine(ago(-10), 1_000, 3)]
    found = summary(lines=lines)
    assert (found.outstanding, found.overdue) == (2_000, 1_000) == (sum(found.buckets.values()), 1_000)
    assert (found.open_invoices, found.overdue_invoices, found.oldest_due_on) == (6, 3, ago(40))


def test_sums_of_all_time_are_taken_as_they_are():
    last = LastPayment(ago(3), 250)
    found = summary(collected=9_000, written_off=70, credit=40, last_payment=last)
    assert (found.collected, found.written_off, found.unapplied_credit) == (9_000, 70, 40)
    assert found.last_payment == last


def test_a_customer_who_owes_on_the_credit_balance_has_no_credit():
    assert summary(credit=-40).unapplied_credit == 0


@pytest.mark.parametrize(
    ("today", "day", "counts"),
    [
        (date(2026, 3, 15), date(2025, 3, 15), False),
        (date(2026, 3, 15), date(2025, 3, 16), True),
        (date(2024, 2, 29), date(2023, 2, 28), False),
        (date(2024, 2, 29), date(2023, 3, 1), True),
        (date(2025, 2, 28), date(2024, 2, 28), False),
        (date(2025, 2, 28), date(2024, 2, 29), True),
        (date(2025, 3, 1), date(2024, 2, 29), False),
    ],
)
def test_twelve_months_end_with_the_same_day_last_year(today, day, counts):
    found = summary(days=[DaySums(day, collected=500, late_amount=500, late_weight=5_000)], today=today)
    assert found.collected_12_months == (500 if counts else 0)
    assert found.average_days_late == (Decimal("10.0") if counts else None)


def test_days_late_are_weighted_by_amount():
    days = [DaySums(ago(9), late_amount=9_000, late_weight=0), DaySums(ago(5), late_amount=1_000, late_weight=33_500)]
    assert summary(days=days).average_days_late == Decimal("3.4")  # 3.35, half up


@pytest.mark.parametrize(("day", "expected"), [(0, "45.0"), (89, "45.0"), (90, None)])
def test_the_ratio_looks_back_ninety_days(day, expected):
    found = summary(lines=[OpenLine(TODAY, 500, 1)], days=[DaySums(ago(day), invoiced=1_000)])
    assert found.dso_ratio == (Decimal(expected) if expected else None)


def test_a_ratio_of_nothing_outstanding_is_nought_and_of_no_sales_is_empty():
    assert summary(days=[DaySums(ago(3), invoiced=1_000)]).dso_ratio == 0
    assert summary(lines=[OpenLine(TODAY, 500, 1)], days=[DaySums(ago(3), collected=5)]).dso_ratio is None
    negative = [DaySums(ago(3), invoiced=-1_000)]
    assert summary(lines=[OpenLine(TODAY, 500, 1)], days=negative).dso_ratio is None


def count_back(outstanding, sales, today=TODAY):
    lines = [OpenLine(today, outstanding, 1)] if outstanding else []
    return summary(lines=lines, days=[DaySums(day, invoiced=sold) for day, sold in sales.items()], today=today)


MARCH, FEBRUARY, JANUARY = date(2026, 3, 2), date(2026, 2, 10), date(2026, 1, 31)


@pytest.mark.parametrize(
    ("outstanding", "earlier", "share", "expected"),
    [
        (0, "0", "0", "0.0"),
        (500, "0", "0.5", "7.5"),  # half of March, of which there were 15 days
        (1_000, "0", "1", "15.0"),
        (1_500, "7", "1", "22.0"),  # and 500 of February's 2,000: a quarter of 28 days
        (3_000, "28", "1", "43.0"),
        (4_000, "59", "1", "74.0"),  # and all of January
        (9_000, "334", "1", "349.0"),  # more than was ever invoiced: all of the eleven months before
    ],
)
def test_count_back_uses_sales_up_month_by_month(outstanding, earlier, share, expected):
    found = count_back(outstanding, {MARCH: 1_000, FEBRUARY: 2_000, JANUARY: 1_000})
    assert (found.dso_earlier_days, found.dso_month_share) == (Decimal(earlier), Decimal(share))
    assert found.dso_count_back(TODAY) == Decimal(expected)


def test_count_back_rises_with_the_days_of_the_month_by_its_share_alone():
    found = count_back(1_500, {MARCH: 1_000, FEBRUARY: 2_000})
    assert [found.dso_count_back(date(2026, 3, day)) for day in (15, 16, 31)] == [Decimal(22), Decimal(23), Decimal(38)]


def test_a_month_without_sales_counts_whole():
    assert count_back(1_000, {JANUARY: 1_000}).dso_count_back(TODAY) == Decimal("74.0")  # 15 + 28 + 31


def test_february_of_a_leap_year_has_29_days():
    found = count_back(1_000, {date(2024, 2, 1): 1_000}, today=date(2024, 3, 1))
    assert found.dso_count_back(date(2024, 3, 1)) == Decimal("30.0")


def test_count_back_is_empty_without_sales_in_twelve_months():
    sold = count_back(500, {date(2025, 4, 1): 1_000})
    assert sold.dso_count_back(TODAY) is not None
    assert count_back(500, {date(2025, 3, 31): 1_000}).dso_count_back(TODAY) is None


def test_negative_invoices_lower_the_sales_of_their_month():
    found = count_back(1_000, {MARCH: 3_000, date(2026, 3, 9): -1_000})
    assert found.dso_month_share == Decimal("0.5")
    assert count_back(1_000, {MARCH: 1_000, date(2026, 3, 9): -1_000}).dso_earlier_days is None
    month_of_credits = count_back(1_000, {MARCH: -500, FEBRUARY: 2_000})
    assert month_of_credits.dso_count_back(TODAY) == Decimal("29.0")  # 15, as without sales, and half of 28


def test_a_negative_invoice_leaving_the_ninety_days_changes_the_ratio():
    days = [DaySums(ago(89), invoiced=-700), DaySums(ago(3), invoiced=1_000)]
    assert summary(lines=[OpenLine(TODAY, 500, 1)], days=days).next_change_on == TODAY + timedelta(days=1)


DAYS_BACK = st.integers(0, 400)
SUMS = st.builds(
    DaySums,
    day=DAYS_BACK.map(ago),
    invoiced=st.sampled_from([0, 0, 1_000, 2_500, -700]),
    collected=st.sampled_from([0, 0, 900, -50]),
    late_amount=st.sampled_from([0, 0, 900]),
    late_weight=st.sampled_from([0, 9_000, 27_000]),
)
BOOKS = st.builds(
    Book,
    account=st.just("001"),
    currency=st.just("USD"),
    lines=st.lists(st.builds(OpenLine, st.integers(-60, 200).map(ago), st.integers(1, 4_000), st.just(1)), max_size=3),
    days=st.lists(SUMS, max_size=6),
)


def watched(found):
    """What is written of a summary; its next change is only when to look again."""
    return {name: getattr(found, name) for name in found.__dataclass_fields__ if name != "next_change_on"}


def next_look(book, today):
    dates = [line_changes_on(line.due_on, today) for line in book.lines]
    return min((day for day in [*dates, summarise(book, today).next_change_on] if day), default=None)


@settings(STEADY, max_examples=400)
@given(BOOKS, st.integers(0, 30))
def test_nothing_changes_before_the_day_it_is_said_to(book, later):
    today = TODAY + timedelta(days=later)
    until = next_look(book, today)
    assert until is None or until > today
    now = watched(summarise(book, today))
    for days in range(1, 400):
        day = today + timedelta(days=days)
        if day == until:
            break
        assert watched(summarise(book, day)) == now


@settings(STEADY, max_examples=300)
@given(st.dates(date(2019, 1, 1), date(2033, 1, 1)), st.dates(date(2019, 1, 1), date(2033, 1, 1)))
def test_a_posting_leaves_the_year_exactly_when_said(day, today):
    book = Book(account="001", currency="USD", days=[DaySums(day, collected=5)])
    found = summarise(book, today)
    if not months_back(today, 12) < day <= today:
        return
    leaves = found.next_change_on
    assert summarise(book, leaves - timedelta(days=1)).collected_12_months == 5
    assert summarise(book, leaves).collected_12_months == 0
