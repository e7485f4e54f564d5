"""Stripe's fields, one by one: where a figure stands in each generation of the API, and what is refused."""

from datetime import UTC, datetime

import pytest

from sync.core.facts import ChargebackFacts, InvoiceStatus
from sync.core.mapping import Ignored, UnmappableError
from sync.core.mapping.stripe import DISPUTE_STATUSES, IGNORED_TYPES, map_event, map_object
from tests.unit.core import bodies


def facts(body, scope="acme"):
    found = map_object(body, scope)
    assert not isinstance(found, Ignored)
    return found[0].facts


def refusal(body):
    with pytest.raises(UnmappableError) as refused:
        map_object(body, "acme")
    return str(refused.value)


SHAPES = pytest.mark.parametrize("shape", [bodies.old_invoice, bodies.new_invoice], ids=["old", "new"])


def tax(*amounts):
    return [{"amount": amount} for amount in amounts]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"tax": 1_900}, 1_900),
        ({"tax": 1_900, "total_tax_amounts": tax(1_500, 400)}, 1_900),
        ({"tax": None, "total_tax_amounts": tax(700)}, 700),
        ({"tax": 1_900, "total_tax_amounts": []}, 1_900),
        ({"total_taxes": tax(1_500, 400)}, 1_900),
        ({"total_taxes": tax(100), "total_tax_amounts": tax(700), "tax": 9}, 100),
        ({"total_taxes": None, "total_tax_amounts": None, "tax": None}, 0),
        ({}, 0),
    ],
)
def test_three_generations_of_tax(given, expected):
    assert facts(bodies.invoice(**given)).tax == expected


@SHAPES
@pytest.mark.parametrize(("given", "expected"), [(tax(500, 250), 750), ([], 0), (None, 0)])
def test_discounts_are_added_up(shape, given, expected):
    assert facts(shape(total_discount_amounts=given)).discount == expected


@SHAPES
def test_an_open_invoice(shape):
    found = facts(shape(number="A-1", amount_due=9_000, amount_remaining=9_000, pre_payment_credit_notes_amount=1_000))
    assert (found.key, found.customer, found.currency) == ("acme:in_1", "acme:cus_1", "USD")
    assert (found.status, found.number) == (InvoiceStatus.OPEN, "A-1")
    assert (found.total, found.due, found.paid, found.remaining, found.credited) == (10_000, 9_000, 0, 9_000, 1_000)
    assert found.due_at == datetime.fromtimestamp(1_802_592_000, UTC)
    assert found.issued_at == datetime.fromtimestamp(1_800_000_100, UTC)


@SHAPES
def test_it_is_issued_when_it_takes_effect_or_else_is_finalized_or_else_made(shape):
    never = {"finalized_at": None}
    assert facts(shape(effective_at=1_790_000_000)).issued_at == datetime.fromtimestamp(1_790_000_000, UTC)
    assert facts(shape(status_transitions=never)).issued_at == datetime.fromtimestamp(1_800_000_000, UTC)


@SHAPES
@pytest.mark.parametrize("status", ["draft", "deleted"])
def test_what_was_never_finalized_was_never_issued(shape, status):
    body = shape(status=status, effective_at=1_790_000_000, status_transitions={"finalized_at": None})
    assert facts(body).issued_at is None


def test_a_deleted_draft_is_a_tombstone_with_its_figures():
    body = bodies.old_invoice(status="draft", status_transitions={"finalized_at": None})
    event = {"type": "invoice.deleted", "created": 1, "data": {"object": body}}
    found = map_event(event, "acme")[0].facts
    assert (found.status, found.settled, found.total) == (InvoiceStatus.DELETED, True, 10_000)
    assert found.progress > facts(bodies.old_invoice(status="paid", amount_remaining=0)).progress


def test_paid_outside_of_stripe_before_basil_is_paid_with_nothing_remaining():
    said = {"status": "paid", "paid": True, "paid_out_of_band": True}
    for amounts in ({"amount_paid": 0, "amount_remaining": 10_000}, {"amount_paid": 10_000, "amount_remaining": 0}):
        found = facts(bodies.old_invoice(**said, **amounts))
        assert (found.paid, found.remaining, found.paid_out_of_band) == (10_000, 0, True)


def test_paid_partly_outside_of_stripe_before_basil():
    body = bodies.old_invoice(status="paid", paid_out_of_band=True, amount_paid=4_000, amount_remaining=6_000)
    assert (facts(body).paid, facts(body).remaining) == (10_000, 0)


def test_paid_outside_of_stripe_since_basil_is_said_by_the_amounts():
    found = facts(bodies.new_invoice(status="paid", amount_paid=10_000, amount_remaining=0))
    assert (found.paid, found.remaining, found.paid_out_of_band) == (10_000, 0, False)


def test_an_open_invoice_is_not_paid_by_the_flag_alone():
    found = facts(bodies.old_invoice(paid_out_of_band=True))
    assert (found.paid, found.remaining) == (0, 10_000)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"payment_intent": "pi_1", "charge": "ch_1"}, "acme:pi_1"),
        ({"payment_intent": None, "charge": "ch_1"}, "acme:ch_1"),
        ({"payment_intent": {"id": "pi_9", "object": "payment_intent"}}, "acme:pi_9"),
        ({"payment_intent": None}, None),
    ],
)
def test_before_basil_an_invoice_names_its_payment(given, expected):
    assert facts(bodies.old_invoice(**given)).payment == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (bodies.old_invoice(subscription="sub_1"), "acme:sub_1"),
        (bodies.old_invoice(subscription={"id": "sub_1"}), "acme:sub_1"),
        (bodies.new_invoice(parent={"subscription_details": {"subscription": "sub_1"}}), "acme:sub_1"),
        (bodies.new_invoice(parent={"subscription_details": None}), None),
        (bodies.new_invoice(), None),
    ],
)
def test_the_subscription_in_both_shapes(body, expected):
    assert facts(body).subscription == expected


@SHAPES
def test_references_may_be_expanded(shape):
    assert facts(shape(customer={"id": "cus_7", "object": "customer", "deleted": True})).customer == "acme:cus_7"


@pytest.mark.parametrize("build", [bodies.new_invoice, bodies.charge])
def test_an_account_may_stand_in_the_customers_place(build):
    assert facts(build(customer=None, customer_account="acct_5")).customer == "acme:acct_5"


def test_a_charge_may_belong_to_nobody_but_an_invoice_may_not():
    assert facts(bodies.charge(customer=None)).customer is None
    assert refusal(bodies.new_invoice(customer=None)) == "invoice in_1: customer is missing"


def test_connected_accounts_have_keys_of_their_own():
    found = facts(bodies.new_invoice(), "acme/acct_9")
    assert (found.key, found.customer) == ("acme/acct_9:in_1", "acme/acct_9:cus_1")


@pytest.mark.parametrize(
    ("currency", "minor", "expected"),
    [("jpy", 250_000, "JPY"), ("kwd", 1_234_567, "KWD"), ("usd", 2**31 + 1, "USD"), ("vnd", 999_999_999_999, "VND")],
)
def test_amounts_are_minor_units_of_any_size(currency, minor, expected):
    found = facts(bodies.invoice(currency=currency, total=minor, amount_due=minor, amount_remaining=minor))
    assert (found.total, found.remaining, found.currency) == (minor, minor, expected)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"currency": "zzz"}, "currency 'ZZZ' is not known; its minor unit cannot be guessed"),
        ({"currency": None}, "currency is missing"),
        ({"status": "settled"}, "status 'settled' is not known"),
        ({"status": None}, "status is missing"),
        ({"total": None}, "total is missing"),
        ({"amount_remaining": None}, "amount_remaining is missing"),
        ({"amount_due": 10.5}, "amount_due is not a whole number of minor units: 10.5"),
        ({"amount_paid": "100"}, "amount_paid is not a whole number of minor units: '100'"),
        ({"amount_paid": True}, "amount_paid is not a whole number of minor units: True"),
        ({"due_date": "2026-01-05"}, "due_date is not a time in epoch seconds: '2026-01-05'"),
        ({"created": None}, "created is missing"),
        ({"created": 10**20}, f"created is not a time in epoch seconds: {10**20}"),
        ({"total_taxes": {"amount": 5}}, "total_taxes is not a list of objects"),
        ({"total_discount_amounts": [5]}, "total_discount_amounts is not a list of objects"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(given, reason):
    assert refusal(bodies.new_invoice(**given)) == f"invoice in_1: {reason}"


def test_everything_that_is_wrong_is_told_at_once():
    body = {"object": "invoice", "status": "open", "currency": "usd", "total": 5}
    assert refusal(body) == (
        "invoice without an id: amount_paid is missing; amount_remaining is missing; id is missing;"
        " customer is missing; amount_due is missing; created is missing"
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("succeeded", 10_000)),
        ({"amount_captured": 6_000}, ("succeeded", 6_000)),
        ({"amount_captured": None}, ("succeeded", 10_000)),
        ({"amount_captured": None, "captured": False}, ("succeeded", 0)),
        ({"amount_captured": 0, "captured": False, "status": "failed"}, ("failed", 0)),
    ],
)
def test_a_charge_counts_what_was_captured(given, expected):
    found = facts(bodies.charge(**given))
    assert (found.status, found.captured) == expected


def test_a_charge_without_an_intent_is_its_own_payment():
    assert facts(bodies.charge(payment_intent=None)).payment == "acme:ch_1"
    assert facts(bodies.charge(invoice="in_1")).invoice == "acme:in_1"


def test_refunds_inside_a_charge_are_read_too():
    body = bodies.charge(refunds=bodies.listing(bodies.refund(), bodies.refund(id="re_2", status="pending")))
    found = [seen.facts for seen in map_object(body, "acme")]
    assert [item.key for item in found] == ["acme:ch_1", "acme:re_1", "acme:re_2"]
    assert [item.status for item in found[1:]] == ["succeeded", "pending"]


def test_payments_inside_an_invoice_are_read_too():
    body = bodies.new_invoice(payments=bodies.listing(bodies.invoice_payment()))
    found = [seen.facts for seen in map_object(body, "acme")]
    assert [(item.kind, item.key) for item in found] == [("invoice", "acme:in_1"), ("invoice_payment", "acme:inpay_1")]


def test_one_bad_object_inside_refuses_the_whole():
    body = bodies.charge(refunds=bodies.listing(bodies.refund(currency="zzz")))
    assert "currency 'ZZZ' is not known" in refusal(body)


@pytest.mark.parametrize(
    ("payment", "expected"),
    [
        ({"type": "payment_intent", "payment_intent": "pi_1"}, "acme:pi_1"),
        ({"type": "payment_intent", "payment_intent": {"id": "pi_2"}}, "acme:pi_2"),
        ({"type": "charge", "charge": "ch_1"}, "acme:ch_1"),
        ({"type": "payment_record", "payment_record": "pr_1"}, "acme:pr_1"),
        ({}, None),
    ],
)
def test_what_paid_an_invoice(payment, expected):
    assert facts(bodies.invoice_payment(payment=payment)).payment == expected


def test_an_open_invoice_payment_has_paid_nothing_yet():
    found = facts(bodies.invoice_payment(status="open", amount_paid=None, status_transitions={"paid_at": None}))
    assert (found.amount, found.paid_at, found.settled) == (0, None, False)
    assert refusal(bodies.invoice_payment(amount_paid=None)) == "invoice_payment inpay_1: amount_paid is missing"


def test_a_refund_needs_something_that_it_refunds():
    assert facts(bodies.refund(payment_intent=None)).charge == "acme:ch_1"
    assert facts(bodies.refund(status=None)).status == "succeeded"  # very old ones have none
    refused = refusal(bodies.refund(payment_intent=None, charge=None))
    assert refused == "refund re_1: charge or payment_intent is missing"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "succeeded"),
        ({"amount_guaranteed": {"currency": "usd", "value": 0}}, "pending"),
        (
            {"amount_guaranteed": {"currency": "usd", "value": 0}, "amount_failed": {"currency": "usd", "value": 9}},
            "failed",
        ),
    ],
)
def test_money_reported_from_outside(given, expected):
    found = facts(bodies.payment_record(**given))
    assert (found.kind, found.key, found.payment, found.status) == ("charge", "acme:pr_1", "acme:pr_1", expected)
    assert (found.amount, found.customer, found.method) == (10_000, "acme:cus_1", "custom")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {}),
        ({"balance": -2_500}, {"USD": 2_500}),
        ({"balance": 300}, {"USD": -300}),
        ({"balance": -1, "invoice_credit_balance": {"usd": -900, "eur": -100, "gbp": 0}}, {"USD": 900, "EUR": 100}),
        ({"invoice_credit_balance": {}}, {}),
    ],
)
def test_unapplied_credit_is_positive_when_the_customer_is_owed(given, expected):
    assert facts(bodies.customer(**given)).credits == expected


def test_a_balance_in_no_currency_is_refused():
    assert refusal(bodies.customer(balance=-5, currency=None)) == "customer cus_1: currency is missing"
    refused = refusal(bodies.customer(invoice_credit_balance={"usd": "5"}))
    assert refused == "customer cus_1: usd is not a whole number of minor units: '5'"


def test_a_customer_is_called_by_name_or_description():
    assert facts(bodies.customer(name=None, description="Acme Inc")).name == "Acme Inc"
    assert facts(bodies.customer(metadata={"account": 7})).metadata == {"account": "7"}
    assert refusal(bodies.customer(metadata=[1])) == "customer cus_1: metadata is not an object"


def test_a_deleted_customer_keeps_what_was_known():
    known = facts(bodies.customer(balance=-2_500))
    gone = facts({"id": "cus_1", "object": "customer", "deleted": True})
    laid = gone.over(known)
    assert (laid.name, laid.credits, laid.deleted, laid.settled) == ("Acme", {"USD": 2_500}, True, True)
    assert gone.over(None) == gone
    event = {"type": "customer.deleted", "created": 1, "data": {"object": bodies.customer()}}
    assert map_event(event, "acme")[0].facts.deleted


def test_credit_notes():
    body = {"id": "cn_1", "object": "credit_note", "invoice": "in_1", "customer": "cus_1", "currency": "usd"}
    body |= {"status": "issued", "amount": 900, "created": 1_800_000_000, "number": "A-1-CN-01"}
    assert (facts(body).amount, facts(body).before_payment) == (900, True)
    after = facts(body | {"total": 1_000, "type": "post_payment", "status": "void", "voided_at": 1_800_000_001})
    assert (after.amount, after.before_payment, after.settled) == (1_000, False, True)


@pytest.mark.parametrize("status", DISPUTE_STATUSES)
def test_only_a_lost_chargeback_is_lost(status):
    body = {"id": "dp_1", "object": "dispute", "amount": 5, "charge": "ch_1", "currency": "usd", "created": 1}
    found = facts(body | {"status": status})
    assert isinstance(found, ChargebackFacts)
    assert found.lost == (status == "lost")
    assert found.settled == (found.progress == (2,))
    assert refusal(body | {"status": "odd"}) == "dispute dp_1: status 'odd' is not known"


@pytest.mark.parametrize("kind", IGNORED_TYPES)
def test_some_events_are_left_out_by_rule(kind):
    assert map_event({"type": kind, "data": {"object": {"object": "invoice"}}}, "acme") == Ignored(IGNORED_TYPES[kind])


@pytest.mark.parametrize("event", [{}, {"type": "invoice.paid"}, {"type": "invoice.paid", "data": {"object": None}}])
def test_an_event_about_nothing_is_refused(event):
    with pytest.raises(UnmappableError, match=r"data\.object is missing"):
        map_event(event, "acme")
