"""What was outstanding at the end of each month: worked out backwards, and by walking through every invoice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sync.core.dates import Calendar
from sync.core.facts import InvoiceStatus
from sync.core.ledger import COLLECTED, INVOICED, LATE_AMOUNT, derive_invoice, post_invoice
from sync.core.summary import Book, DaySums, OpenLine, summarise
from sync.core.trend import Uneven, start, trend
from tests.unit.core.made import STEADY, invoice, noon, part

TODAY = date(2026, 3, 15)
MONTHS = 6


@dataclass
class Life:
    """What happened to an invoice; days are business dates."""

    issued_on: date
    total: int = 10_000
    paid: list[tuple[date, int]] = field(default_factory=list)
    notes: list[tuple[date, int]] = field(default_factory=list)
    written_off_on: date | None = None
    void_on: date | None = None
    from_balance: int = 0

    @property
    def remaining(self) -> int:
        gone = sum(amount for _, amount in (*self.paid, *self.notes))
        return self.total - self.from_balance - gone

    @property
    def status(self) -> InvoiceStatus:
        if self.void_on:
            return InvoiceStatus.VOID
        if self.written_off_on:
            return InvoiceStatus.WRITTEN_OFF
        return InvoiceStatus.OPEN if self.remaining else InvoiceStatus.PAID

    def owed_at(self, day: date) -> int:
        """What was owed on it at the end of a day, by plain counting."""
        if self.issued_on > day or self.void_on:
            return 0
        if self.written_off_on and self.written_off_on <= day:
            return 0
        gone = sum(amount for on, amount in (*self.paid, *self.notes) if on <= day)
        return self.total - self.from_balance - gone


@dataclass
class Ledger:
    """The same as the product keeps it: sums by day, and the invoices that do not come out even."""

    outstanding: int
    days: list[DaySums]
    uneven: list[Uneven]


def kept(lives: Sequence[Life]) -> Ledger:
    sums: dict[date, Counter[str]] = {}
    outstanding, uneven = 0, []
    for n, life in enumerate(lives):
        paid = sum(amount for _, amount in life.paid)
        credited = sum(amount for _, amount in life.notes)
        facts = invoice(
            f"c:in_{n}",
            status=life.status,
            total=life.total,
            paid=paid,
            credited=credited,
            remaining=0 if life.status in {InvoiceStatus.PAID, InvoiceStatus.VOID} else life.remaining,
            created_at=noon(life.issued_on),
            written_off_at=noon(life.written_off_on) if life.written_off_on else None,
        )
        parts = [
            part(f"c:ip_{n}_{k}", invoice=facts.key, payment=f"c:pi_{n}_{k}", amount=amount, at=noon(on))
            for k, (on, amount) in enumerate(life.paid)
        ]
        calendar = Calendar("UTC")
        row, allocations = derive_invoice(facts, parts, calendar, TODAY)
        for (day, measure), amount in post_invoice(facts, row, allocations, calendar).items():
            sums.setdefault(day, Counter())[measure] += amount
        outstanding += row.balance
        if row.total != row.paid + row.balance:
            lost = (row.written_off, life.written_off_on)
            plain = (row.status, row.issued_on, row.total, row.paid, row.balance)
            uneven.append(Uneven(*plain, *lost, life.notes))
    days = [DaySums(day, found[INVOICED], found[COLLECTED], found[LATE_AMOUNT]) for day, found in sorted(sums.items())]
    return Ledger(outstanding, days, uneven)


def worked_out(lives, months=MONTHS):
    ledger = kept(lives)
    return trend(ledger.outstanding, ledger.days, ledger.uneven, TODAY, months)


def test_nothing_gives_empty_months():
    found = worked_out([])
    assert [month.first for month in found] == [date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1)] + [
        date(2026, n, 1) for n in (1, 2, 3)
    ]
    assert found[-1].until == TODAY
    assert found[-2].until == date(2026, 2, 28)
    assert {(month.outstanding, month.dso_ratio, month.dso_count_back) for month in found} == {(0, None, None)}


def test_a_payment_lowers_what_is_outstanding_in_its_month():
    found = worked_out([Life(date(2025, 12, 10), paid=[(date(2026, 2, 3), 10_000)])])
    assert [month.outstanding for month in found] == [0, 0, 10_000, 10_000, 0, 0]
    assert [month.collected for month in found] == [0, 0, 0, 0, 10_000, 0]
    assert [month.invoiced for month in found] == [0, 0, 10_000, 0, 0, 0]


def test_a_credit_note_and_a_write_off_count_on_their_own_days():
    noted = Life(date(2025, 11, 5), notes=[(date(2026, 1, 9), 4_000)])
    lost = Life(date(2025, 11, 5), written_off_on=date(2026, 2, 28))
    found = worked_out([noted, lost])
    assert [month.outstanding for month in found] == [0, 20_000, 20_000, 16_000, 6_000, 6_000]
    assert [month.credited for month in found] == [0, 0, 0, 4_000, 0, 0]
    assert [month.written_off for month in found] == [0, 0, 0, 0, 10_000, 0]


def test_what_was_voided_was_never_owed_and_what_came_from_a_balance_was_not_either():
    void = Life(date(2025, 11, 5), void_on=date(2026, 2, 1))
    from_balance = Life(date(2025, 12, 5), from_balance=2_500)
    assert [month.outstanding for month in worked_out([void, from_balance])] == [0, 0, 7_500, 7_500, 7_500, 7_500]


def test_a_note_that_was_given_partly_after_payment_lowers_no_more_than_was_owed():
    uneven = Uneven("paid", date(2026, 1, 5), 10_000, 7_000, 0, notes=[(date(2026, 2, 5), 8_000)])
    days = [DaySums(date(2026, 1, 5), invoiced=10_000), DaySums(date(2026, 2, 1), late_amount=7_000)]
    found = trend(0, days, [uneven], TODAY, 3)
    assert [month.outstanding for month in found] == [10_000, 0, 0]
    assert [month.credited for month in found] == [0, 3_000, 0]


def test_what_clocks_ahead_of_ours_told_changes_nothing_of_today():
    ahead = TODAY + timedelta(days=1)
    [month] = trend(10_000, [DaySums(ahead, invoiced=10_000)], [], TODAY, 1)
    assert month.outstanding == 10_000


def test_this_months_dso_is_that_of_the_summary():
    lives = [
        Life(date(2025, 11, 10), total=300_000, notes=[(date(2025, 11, 20), 50_000)]),
        Life(date(2026, 1, 15), total=200_000, paid=[(date(2026, 2, 2), 50_000)]),
        Life(date(2026, 3, 2), total=120_000),
    ]
    ledger = kept(lives)
    lines = [OpenLine(life.issued_on, life.remaining, 1) for life in lives]
    summary = summarise(Book(account="001", currency="USD", lines=lines, days=ledger.days), TODAY)
    month = worked_out(lives)[-1]
    assert (month.outstanding, month.dso_ratio) == (summary.outstanding, summary.dso_ratio)
    assert month.dso_count_back == summary.dso_count_back(TODAY)
    assert month.dso_ratio == Decimal("146.3")  # 520,000 of 320,000 in 90 days


def test_enough_days_are_asked_for():
    assert start(TODAY, 18) == date(2023, 11, 1)  # 18 months, and the eleven that the first counts back through


def _days(first: date, last: date):
    return st.integers(0, (last - first).days).map(lambda n: first + timedelta(days=n))


@st.composite
def lives(draw):
    issued_on = draw(_days(date(2025, 6, 1), TODAY))
    total = draw(st.integers(100, 9_000))
    life = Life(issued_on, total, from_balance=draw(st.integers(0, 50)) if draw(st.booleans()) else 0)
    for _ in range(draw(st.integers(0, 3))):
        amount = draw(st.integers(0, life.remaining))
        where = life.paid if draw(st.booleans()) else life.notes
        if amount:
            where.append((draw(_days(issued_on, TODAY)), amount))
    ending = draw(st.sampled_from(["as it is", "void", "lost"]))
    if ending == "void" and not life.paid and not life.notes:
        life.void_on = draw(_days(issued_on, TODAY))
    if ending == "lost" and life.remaining:
        moved = [on for on, _ in (*life.paid, *life.notes)]
        life.written_off_on = draw(_days(max([issued_on, *moved]), TODAY))
    return life


@STEADY
@given(st.lists(lives(), max_size=12))
def test_backwards_from_the_sums_is_the_same_as_walking_through_every_invoice(found):
    for month in worked_out(found, 9):
        assert month.outstanding == sum(life.owed_at(month.until) for life in found), month.first
