"""Rows and postings of the AR ledger, one rule at a time."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.dates import Calendar
from sync.core.facts import CreditEntryFacts, CreditNoteFacts, CustomerFacts, InvoiceStatus
from sync.core.ledger import (
    Allocation,
    Unit,
    customer_unit,
    derive_invoice,
    derive_payment,
    difference,
    invoice_unit,
    pack_postings,
    parents_of,
    payment_unit,
    post_invoice,
    post_payment,
    touched_by,
    unpack_postings,
)
from tests.unit.core import made
from tests.unit.core.made import STEADY, UTC_DAYS, noon

TODAY = date(2026, 3, 1)
ISSUED, PAID_ON = date(2026, 1, 5), date(2026, 1, 20)


def derived(facts, *parts):
    return derive_invoice(facts, parts, UTC_DAYS, TODAY)


def posted(facts, *parts):
    row, given = derived(facts, *parts)
    return post_invoice(facts, row, given, UTC_DAYS)


@pytest.mark.parametrize(
    ("status", "balance", "written_off", "is_posted"),
    [
        (InvoiceStatus.DRAFT, 0, 0, False),
        (InvoiceStatus.OPEN, 7_000, 0, True),
        (InvoiceStatus.WRITTEN_OFF, 0, 7_000, True),
        (InvoiceStatus.PAID, 0, 0, True),
        (InvoiceStatus.VOID, 0, 0, True),
    ],
)
def test_what_is_owed_in_each_status(status, balance, written_off, is_posted):
    row, _ = derived(made.invoice(status=status, paid=3_000))
    assert (row.balance, row.written_off, row.posted) == (balance, written_off, is_posted)


def test_a_deleted_draft_is_no_row_to_show_but_a_deleted_invoice_is():
    assert not derived(made.invoice(status=InvoiceStatus.DELETED, issued_at=None))[0].posted
    assert derived(made.invoice(status=InvoiceStatus.DELETED))[0].posted


def test_without_a_due_date_it_is_due_on_receipt():
    assert derived(made.invoice())[0].due_on == ISSUED
    assert derived(made.invoice(due_at=noon(date(2026, 2, 4))))[0].due_on == date(2026, 2, 4)


def test_only_what_is_owed_changes_with_time():
    due = {"due_at": noon(date(2026, 2, 27))}
    assert derived(made.invoice(**due))[0].next_change_on == date(2026, 3, 30)
    assert derived(made.invoice(paid=10_000, status=InvoiceStatus.PAID, **due))[0].next_change_on is None
    assert derived(made.invoice(due_at=noon(date(2025, 11, 1))))[0].next_change_on is None


def test_credit_notes_of_both_kinds_are_shown_as_one_amount():
    assert derived(made.invoice(credited=1_000, credited_after_payment=250))[0].credited == 1_250


def test_days_are_business_dates_of_the_company():
    late_evening = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
    facts = made.invoice(created_at=late_evening)
    in_oslo, _ = derive_invoice(facts, (), Calendar("Europe/Oslo"), TODAY)
    in_los_angeles, _ = derive_invoice(facts, (), Calendar("America/Los_Angeles"), TODAY)
    assert (in_oslo.issued_on, in_los_angeles.issued_on) == (date(2026, 1, 6), date(2026, 1, 5))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (InvoiceStatus.DRAFT, {}),
        (InvoiceStatus.OPEN, {(ISSUED, "invoiced"): 10_000}),
        (InvoiceStatus.PAID, {(ISSUED, "invoiced"): 10_000}),
        (InvoiceStatus.VOID, {}),
        (InvoiceStatus.DELETED, {}),
    ],
)
def test_void_deleted_and_draft_invoices_are_no_sales(status, expected):
    assert posted(made.invoice(status=status)) == expected


def test_a_write_off_is_posted_on_its_day_and_stays_a_sale():
    facts = made.invoice(status=InvoiceStatus.WRITTEN_OFF, paid=4_000, written_off_at=noon(date(2026, 2, 20)))
    found = posted(facts, made.part(amount=4_000))
    assert found[date(2026, 2, 20), "written_off"] == 6_000
    assert found[ISSUED, "invoiced"] == 10_000
    assert found[PAID_ON, "collected"] == 4_000


@pytest.mark.parametrize(
    ("due_on", "weight"),
    [(date(2026, 2, 4), None), (PAID_ON, None), (date(2026, 1, 19), 10_000), (ISSUED, 150_000)],
)
def test_days_late_weigh_by_amount_and_early_is_not_late(due_on, weight):
    found = posted(made.invoice(paid=10_000, status=InvoiceStatus.PAID, due_at=noon(due_on)), made.part())
    assert found[PAID_ON, "late_amount"] == 10_000
    assert found.get((PAID_ON, "late_weight")) == weight


def test_what_no_part_explains_goes_to_the_payment_the_invoice_names():
    facts = made.invoice(status=InvoiceStatus.PAID, paid=10_000, payment="c:pi_9", paid_at=noon(date(2026, 2, 2)))
    implied = Allocation(invoice="c:in_1", payment="c:pi_9", amount=10_000, paid_at=noon(date(2026, 2, 2)))
    assert derived(facts)[1] == (implied,)
    assert derived(facts, made.part(payment="c:pi_9"))[1] == (
        Allocation(invoice="c:in_1", payment="c:pi_9", amount=10_000, paid_at=noon(PAID_ON)),
    )


def test_the_payment_named_is_not_given_twice_when_a_part_of_it_is_known():
    facts = made.invoice(status=InvoiceStatus.PAID, paid=10_000, payment="c:pi_1")
    given = derived(facts, made.part(amount=4_000))[1]
    assert [(item.payment, item.amount) for item in given] == [("c:pi_1", 4_000), (None, 6_000)]


def test_open_and_canceled_parts_have_paid_nothing():
    facts = made.invoice(paid=4_000)
    parts = [
        made.part("c:inpay_1", amount=4_000),
        made.part("c:inpay_2", status="open", amount=0),
        made.part("c:inpay_3", status="canceled", amount=6_000),
    ]
    assert [item.amount for item in derived(facts, *parts)[1]] == [4_000]


def test_a_payment_is_its_best_charge_with_what_came_back():
    failed = made.charge("c:ch_0", status="failed", created_at=noon(date(2026, 1, 19)))
    row = derive_payment("c:pi_1", [made.charge(), failed], [made.refund()], [made.chargeback(amount=500)], ["c:cus_1"])
    assert (row.status, row.amount, row.refunded, row.charged_back) == ("succeeded", 10_000, 1_000, 500)
    assert (row.paid_at, row.customer, row.receivable) == (noon(PAID_ON), "c:cus_1", True)


def test_a_payment_without_a_charge_is_not_known_yet():
    assert derive_payment("c:pi_1", [], [made.refund()], [], ["c:cus_1"]) is None


def test_a_failed_payment_shows_what_was_tried():
    row = derive_payment("c:pi_1", [made.charge(status="failed")], [], [], [])
    assert (row.status, row.amount, row.receivable) == ("failed", 10_000, False)


def test_a_charge_of_nobody_belongs_to_whose_invoices_it_paid():
    row = derive_payment("c:pi_1", [made.charge(customer=None)], [], [], ["c:cus_5"])
    assert row.customer == "c:cus_5"
    assert derive_payment("c:pi_1", [made.charge(customer=None)], [], [], []).customer is None


def collected(charges, refunds=(), chargebacks=(), payers=("c:cus_1",)):
    row = derive_payment("c:pi_1", charges, refunds, chargebacks, payers)
    return post_payment(row, charges, refunds, chargebacks, UTC_DAYS)


def test_money_back_lowers_what_was_collected_on_the_day_it_went():
    assert collected([made.charge()], [made.refund()]) == {(date(2026, 2, 1), "collected"): -1_000}
    assert collected([made.charge()], [], [made.chargeback()]) == {(date(2026, 2, 10), "collected"): -10_000}


@pytest.mark.parametrize("status", ["needs_response", "under_review", "won", "warning_closed"])
def test_only_a_lost_chargeback_takes_money_back(status):
    assert collected([made.charge()], [], [made.chargeback(status=status)]) == {}


@pytest.mark.parametrize(
    ("status", "counts"),
    [("succeeded", True), ("pending", True), ("requires_action", True), ("failed", False), ("canceled", False)],
)
def test_a_refund_under_way_counts_and_a_failed_one_does_not(status, counts):
    found = collected([made.charge()], [made.refund(status=status)])
    assert sum(found.values()) == (-1_000 if counts else 0)


def test_a_refund_that_only_the_charge_tells_of_counts_until_it_is_known_itself():
    told = made.charge(refunded=1_500)
    assert collected([told]) == {(PAID_ON, "collected"): -1_500}
    assert collected([told], [made.refund()]) == {(date(2026, 2, 1), "collected"): -1_000, (PAID_ON, "collected"): -500}
    both = [made.refund(), made.refund("c:re_2", amount=500)]
    assert collected([told], both) == {(date(2026, 2, 1), "collected"): -1_500}


def test_a_failed_refund_was_told_of_and_is_not_taken_from_the_charge_again():
    assert collected([made.charge(refunded=1_000)], [made.refund(status="failed")]) == {}


def test_a_payment_that_paid_no_invoice_is_no_receivable():
    assert collected([made.charge(refunded=500)], [made.refund()], [made.chargeback()], payers=()) == {}


POSTINGS = st.dictionaries(
    st.tuples(st.dates(), st.sampled_from(["invoiced", "collected", "late_weight"])),
    st.integers(-(2**40), 2**40).filter(bool),
    max_size=5,
)


@STEADY
@given(POSTINGS, POSTINGS)
def test_adding_the_difference_makes_the_old_the_new(old, new):
    moved = difference(old, new)
    assert 0 not in moved.values()
    sums = {slot: old.get(slot, 0) + moved.get(slot, 0) for slot in old.keys() | new.keys()}
    assert {slot: amount for slot, amount in sums.items() if amount} == new
    assert difference(old, old) == {}


@STEADY
@given(POSTINGS)
def test_postings_survive_being_stored(postings):
    assert unpack_postings(pack_postings(postings)) == postings


CREDIT_NOTE = CreditNoteFacts(
    key="c:cn_1",
    invoice="c:in_1",
    customer="c:cus_1",
    currency="USD",
    status="issued",
    amount=5,
    before_payment=True,
    created_at=noon(ISSUED),
)
CREDIT_ENTRY = CreditEntryFacts(
    key="c:cbtxn_1",
    customer="c:cus_1",
    currency="USD",
    amount=5,
    balance=5,
    reason="adjustment",
    created_at=noon(ISSUED),
)


@pytest.mark.parametrize(
    ("facts", "units", "parents"),
    [
        (made.invoice(), {invoice_unit("c:in_1")}, {("c:cus_1", "customer", "customer")}),
        (
            made.invoice(payment="c:pi_1"),
            {invoice_unit("c:in_1"), payment_unit("c:pi_1")},
            {("c:cus_1", "customer", "customer")},
        ),
        (made.part(), {invoice_unit("c:in_1"), payment_unit("c:pi_1")}, {("c:in_1", "invoice", "invoice")}),
        (
            made.part(payment="c:pr_1", payment_source="payment_record"),
            {invoice_unit("c:in_1"), payment_unit("c:pr_1")},
            {("c:in_1", "invoice", "invoice"), ("c:pr_1", "charge", "payment_record")},
        ),
        (made.charge(), {payment_unit("c:pi_1")}, set()),
        (made.refund(), {payment_unit("c:pi_1")}, {("c:ch_1", "charge", "charge")}),
        (made.refund(payment=None), {payment_unit("c:ch_1")}, {("c:ch_1", "charge", "charge")}),
        (made.chargeback(charge=None), {payment_unit("c:pi_1")}, set()),
        (CREDIT_NOTE, set(), {("c:in_1", "invoice", "invoice")}),
        (CREDIT_ENTRY, {customer_unit("c:cus_1")}, {("c:cus_1", "customer", "customer")}),
        (CustomerFacts(key="c:cus_1", credits={}, metadata={}), {customer_unit("c:cus_1")}, set()),
    ],
    ids=lambda item: type(item).__name__,
)
def test_what_facts_touch_and_what_they_refer_to(facts, units, parents):
    assert touched_by(facts) == units
    assert parents_of(facts) == parents
    assert touched_by(None) == set()


def test_units_are_locked_invoices_first_then_payments_then_customers():
    units = [customer_unit("a"), payment_unit("b"), payment_unit("a"), invoice_unit("z")]
    assert sorted(units) == [Unit(0, "invoice", "z"), payment_unit("a"), payment_unit("b"), customer_unit("a")]
