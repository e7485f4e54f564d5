from dataclasses import replace
from datetime import timedelta

import pytest

from sync.core.commitments import CommitmentStatus, Received, Standing, foreign, judge, oldest_open
from sync.core.facts import InvoiceStatus
from tests.unit.core.made import noon
from tests.unit.core.promised import by_key, march, owed, paid, promise

OPEN, KEPT, PARTLY_KEPT, BROKEN, CANCELLED = CommitmentStatus


def standing(commitment, *invoices, on=13, grace_days=0):
    """Of one promise (5.00 USD by 12 March, made on the 2nd, about A) as a day of March sees it."""
    return judge([commitment], by_key(*invoices), march(on), grace_days)[commitment.id]


def settled(status, kept=0, kept_on=None):
    return Standing(status=status, kept=kept, kept_on=kept_on, promised=0, next_change_on=None)


def test_open_until_its_day_has_passed_then_broken():
    assert standing(promise(), owed(), on=12) == Standing(
        status=OPEN, kept=0, kept_on=None, promised=500, next_change_on=march(13)
    )
    assert standing(promise(), owed(), on=13) == settled(BROKEN)


def test_days_of_grace_move_the_deadline_and_nothing_else():
    assert standing(promise(), owed(), on=15, grace_days=3).next_change_on == march(16)
    assert standing(promise(), owed(received=paid((15, 500))), on=20, grace_days=3) == settled(KEPT, 500, march(15))
    assert standing(promise(), owed(received=paid((16, 500))), on=20, grace_days=3) == settled(BROKEN)


def test_kept_on_the_day_that_reached_the_amount():
    invoice = owed(received=paid((4, 200), (7, 300), (9, 100)))
    assert standing(promise(), invoice, on=10) == settled(KEPT, 500, march(7))


def test_kept_while_more_is_owed_on_the_invoice():
    assert standing(promise(), owed(received=paid((12, 500))), on=12) == settled(KEPT, 500, march(12))


def test_partly_kept_only_when_the_deadline_has_passed():
    invoice = owed(received=paid((5, 200)))
    assert standing(promise(), invoice, on=12).status is OPEN
    assert standing(promise(), invoice, on=12).promised == 300
    assert standing(promise(), invoice, on=13) == settled(PARTLY_KEPT, 200)


@pytest.mark.parametrize(
    ("made_on", "status"),
    [(march(5), KEPT), (march(6), BROKEN)],
    ids=["written down the same day, after the call", "paid the day before"],
)
def test_a_payment_counts_from_the_day_the_promise_was_written(made_on, status):
    assert standing(promise(made_on=made_on), owed(received=paid((5, 500)))).status is status


def test_paid_in_full_before_the_promise_there_is_nothing_left_to_promise():
    invoice = owed(received=paid((1, 1_000)))
    assert standing(promise(made_on=march(6)), invoice) == settled(KEPT, 0, march(6))


def test_paid_in_full_partly_before_the_promise():
    invoice = owed(received=paid((1, 700), (9, 300)))
    assert standing(promise(), invoice) == settled(KEPT, 300, march(9))


def test_what_is_paid_later_changes_nothing():
    assert standing(promise(), owed(received=paid((13, 1_000))), on=20) == settled(BROKEN)
    assert standing(promise(), owed(received=paid((12, 100), (13, 900))), on=20) == settled(PARTLY_KEPT, 100)


def test_one_over_several_invoices():
    both = promise(amount=1_500, covers=("A", "B"))
    assert standing(both, owed("A", received=paid((5, 1_000))), owed("B"), on=6).promised == 500
    invoices = owed("A", received=paid((5, 1_000))), owed("B", received=paid((8, 500)))
    assert standing(both, *invoices) == settled(KEPT, 1_500, march(8))


def test_money_counts_oldest_first_across_invoices():
    """The one that came first is taken first, so the later one is left for the other promise."""
    first = promise("p1", covers=("A", "B"))
    other = promise("p2", promised_on=march(14), covers=("A",))
    invoices = by_key(owed("A", received=paid((8, 500))), owed("B", received=paid((5, 500))))
    found = judge([first, other], invoices, march(20), 0)
    assert (found["p1"], found["p2"]) == (settled(KEPT, 500, march(5)), settled(KEPT, 500, march(8)))


def test_money_of_one_day_counts_in_the_order_of_the_invoices():
    first = promise("p1", covers=("B", "A"))
    other = promise("p2", promised_on=march(14), covers=("A",))
    invoices = by_key(owed("A", received=paid((5, 500))), owed("B", received=paid((5, 500))))
    assert [found.kept for found in judge([first, other], invoices, march(20), 0).values()] == [500, 500]


def test_several_on_one_invoice_the_earliest_date_takes_first():
    early, late = promise("late-made", made_on=march(3)), promise("early-made", promised_on=march(14))
    found = judge([late, early], by_key(owed(received=paid((8, 700)))), march(20), 0)
    assert found["late-made"] == settled(KEPT, 500, march(8))
    assert found["early-made"] == settled(PARTLY_KEPT, 200)


def test_of_the_same_date_the_one_made_first_takes_first_then_the_smaller_id():
    made_at = noon(march(2))
    second = promise("a", made_at=made_at + timedelta(seconds=1))
    found = judge([second, promise("c"), promise("b")], by_key(owed(received=paid((8, 600)))), march(20), 0)
    assert {key: item.kept for key, item in found.items()} == {"b": 500, "c": 100, "a": 0}


def test_one_without_a_date_takes_last():
    found = judge([promise("a", promised_on=None), promise("b")], by_key(owed(received=paid((8, 600)))), march(20), 0)
    assert {key: item.kept for key, item in found.items()} == {"b": 500, "a": 100}


def test_kept_on_the_earlier_day_of_the_amount_reached_and_everything_paid():
    """Its own money reached the amount on the 5th; a credit note settled the invoice on the 8th."""
    invoice = owed(received=paid((5, 500)), balance=0, status=InvoiceStatus.PAID, paid_on=march(8))
    assert standing(promise(), invoice) == settled(KEPT, 500, march(5))


def test_two_promises_about_an_invoice_are_both_kept_when_it_is_paid():
    """Nothing is owed any more, though the second one counted less than it promised."""
    invoices = by_key(owed(total=800, received=paid((8, 800))))
    found = judge([promise("p1"), promise("p2", promised_on=march(13))], invoices, march(20), 0)
    assert (found["p1"], found["p2"]) == (settled(KEPT, 500, march(8)), settled(KEPT, 300, march(8)))


def test_a_later_date_is_another_promise():
    invoice = owed(received=paid((14, 500)))
    assert standing(promise(), invoice).status is BROKEN
    assert standing(promise(promised_on=march(20)), invoice) == settled(KEPT, 500, march(14))
    assert standing(promise(promised_on=march(20)), owed()).status is OPEN


def test_a_changed_amount_is_another_promise():
    invoice = owed(received=paid((5, 300)))
    assert standing(promise(), invoice).status is PARTLY_KEPT
    assert standing(promise(amount=300), invoice) == settled(KEPT, 300, march(5))
    assert standing(promise(amount=301), invoice, on=10).status is OPEN


def test_cancelled_takes_no_money_and_leaves_it_to_the_others():
    invoices = by_key(owed(received=paid((5, 500))))
    other = promise("p2", promised_on=march(14))
    found = judge([promise(cancelled=True), other], invoices, march(20), 0)
    assert (found["p1"], found["p2"]) == (settled(CANCELLED), settled(KEPT, 500, march(5)))
    taken_back = judge([promise(), other], invoices, march(20), 0)
    assert (taken_back["p1"].status, taken_back["p2"].status) == (KEPT, BROKEN)


def test_a_refund_does_not_break_what_was_kept():
    """It is no part of `received`; the invoice stays paid."""
    assert standing(promise(), owed(received=paid((5, 1_000)), balance=0), on=20) == settled(KEPT, 500, march(5))


def test_a_chargeback_that_was_lost_is_no_money():
    assert standing(promise(), owed(received=(), balance=500), on=20) == settled(BROKEN)


def test_a_credit_note_that_settles_the_invoice_keeps_it():
    invoice = owed(received=paid((5, 300)), balance=0, status=InvoiceStatus.PAID, paid_on=march(9))
    assert standing(promise(), invoice) == settled(KEPT, 300, march(9))


def test_an_invoice_paid_after_the_deadline_keeps_nothing():
    invoice = owed(balance=0, status=InvoiceStatus.PAID, paid_on=march(13))
    assert standing(promise(), invoice, on=20) == settled(BROKEN)


def test_paid_on_a_day_that_nobody_knows():
    """It goes by the last money; without any it was never late."""
    unknown = {"balance": 0, "status": InvoiceStatus.PAID, "paid_on": None}
    assert standing(promise(amount=2_000), owed(received=paid((6, 10)), **unknown)) == settled(KEPT, 10, march(6))
    assert standing(promise(), owed(received=paid((13, 10)), **unknown), on=20).status is BROKEN
    assert standing(promise(), owed(**unknown)) == settled(KEPT, 0, march(2))


def test_money_of_another_currency_never_counts():
    euros = owed("E", currency="EUR", received=paid((5, 500)))
    mixed = promise(covers=("E", "A"))
    assert standing(mixed, owed(), euros) == settled(BROKEN)
    assert standing(mixed, owed(), replace(euros, received=()), on=5).promised == 500
    assert standing(promise(covers=("E",)), euros, on=5).promised == 0
    assert foreign(mixed, by_key(owed(), euros)) == ("E",)
    assert foreign(promise(covers=("A", "gone")), by_key(owed())) == ()


def test_an_invoice_named_twice_counts_once():
    assert standing(promise(amount=2_000, covers=("A", "A")), owed(), on=5).promised == 1_000


@pytest.mark.parametrize("covers", [(), ("gone",)])
def test_about_no_invoice_it_is_open_until_its_day_then_broken(covers):
    commitment = promise(covers=covers)
    assert standing(commitment, on=12) == Standing(
        status=OPEN, kept=0, kept_on=None, promised=0, next_change_on=march(13)
    )
    assert standing(commitment) == settled(BROKEN)


def test_without_a_date_it_stays_open_until_it_is_kept():
    commitment = promise(promised_on=None)
    assert standing(commitment, owed(), on=31) == Standing(
        status=OPEN, kept=0, kept_on=None, promised=500, next_change_on=None
    )
    assert standing(commitment, owed(received=paid((30, 500))), on=31) == settled(KEPT, 500, march(30))


def test_without_an_amount_everything_owed_is_promised():
    commitment = promise(amount=None, covers=("A", "B"))
    half = owed("A", received=paid((5, 1_000))), owed("B", received=paid((6, 400)))
    assert standing(commitment, *half, on=10) == Standing(
        status=OPEN, kept=1_400, kept_on=None, promised=600, next_change_on=march(13)
    )
    assert standing(commitment, *half) == settled(PARTLY_KEPT, 1_400)
    whole = half[0], owed("B", received=paid((6, 400), (12, 600)))
    assert standing(commitment, *whole) == settled(KEPT, 2_000, march(12))


@pytest.mark.parametrize("amount", [0, -500])
def test_an_amount_of_nothing_takes_nothing(amount):
    invoices = by_key(owed(received=paid((5, 500))))
    found = judge([promise(amount=amount), promise("p2", promised_on=march(14))], invoices, march(10), 0)
    assert (found["p1"].status, found["p1"].kept, found["p1"].promised) == (OPEN, 0, 0)
    assert found["p2"] == settled(KEPT, 500, march(5))


def test_promised_for_a_day_before_it_was_written():
    late = promise(promised_on=march(1))
    assert standing(late, owed(received=paid((2, 500))), on=2) == settled(BROKEN)
    assert standing(late, owed(balance=0, paid_on=march(1)), on=2) == settled(KEPT, 0, march(2))


VOID = {"status": InvoiceStatus.VOID, "balance": 0}


def test_void_means_that_nothing_can_be_kept_any_more():
    assert standing(promise(), owed(**VOID), on=5) == settled(CANCELLED)
    assert standing(promise(), owed(balance=0, status=InvoiceStatus.DELETED), on=20) == settled(CANCELLED)


def test_partly_void_the_rest_decides():
    both = promise(amount=2_000, covers=("A", "B"))
    assert standing(both, owed("A", **VOID), owed("B"), on=5).promised == 1_000
    assert standing(both, owed("A", **VOID), owed("B", received=paid((5, 1_000)))) == settled(KEPT, 1_000, march(5))
    assert standing(both, owed("A", **VOID), owed("B")) == settled(BROKEN)


def test_what_is_voided_after_the_deadline_was_owed_when_it_counted():
    both = promise(amount=2_000, covers=("A", "B"))
    in_time = owed("B", received=paid((5, 1_000)))
    assert standing(both, owed("A", void_on=march(12), **VOID), in_time).status is KEPT
    assert standing(both, owed("A", void_on=march(13), **VOID), in_time).status is PARTLY_KEPT
    assert standing(promise(), owed(void_on=march(13), **VOID)).status is BROKEN


def test_kept_before_it_was_voided_stays_kept():
    assert standing(promise(), owed(received=paid((5, 500)), **VOID)) == settled(KEPT, 500, march(5))


def test_written_off_is_not_paid():
    assert standing(promise(), owed(balance=0, status=InvoiceStatus.WRITTEN_OFF), on=12).promised == 0
    assert standing(promise(), owed(balance=0, status=InvoiceStatus.WRITTEN_OFF)) == settled(BROKEN)


def test_what_is_promised_never_exceeds_what_is_owed():
    first, second = promise("p1", amount=700), promise("p2", amount=700, promised_on=march(20))
    third = promise("p3", amount=None, promised_on=march(21), covers=("A", "B"))
    found = judge([third, second, first], by_key(owed("A"), owed("B", total=200)), march(5), 0)
    assert {key: item.promised for key, item in found.items()} == {"p1": 700, "p2": 300, "p3": 200}


def test_only_open_promises_promise():
    """The broken one leaves its share to the one that is still open."""
    found = judge([promise(), promise("p2", amount=900, promised_on=march(20))], by_key(owed()), march(13), 0)
    assert {key: item.promised for key, item in found.items()} == {"p1": 0, "p2": 900}


def test_the_oldest_open_invoices_until_they_reach_the_amount():
    invoices = [
        owed("late", due_on=march(20)),
        owed("no-date", due_on=None),
        owed("b", due_on=march(1), number="2"),
        owed("a", due_on=march(1), number="10"),
        owed("paid", due_on=march(1), balance=0),
        owed("void", due_on=march(1), **VOID),
        owed("euros", due_on=march(1), currency="EUR"),
    ]
    assert oldest_open(None, "USD", invoices) == ("a",)
    assert oldest_open(1_000, "USD", invoices) == ("a",)
    assert oldest_open(1_001, "USD", invoices) == ("a", "b")
    assert oldest_open(10_000, "USD", invoices) == ("a", "b", "late", "no-date")
    assert oldest_open(10, "GBP", invoices) == ()
    assert oldest_open(0, "USD", invoices) == ()


def test_money_of_a_day_comes_in_any_number_of_parts():
    parts = (Received(march(5), 200), Received(march(5), 300))
    assert standing(promise(), owed(received=parts)) == settled(KEPT, 500, march(5))
