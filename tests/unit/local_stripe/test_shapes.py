"""The same story in today's shape and in the one before Basil, checked against real samples of both."""

import json
import os
from pathlib import Path

import pytest

from connector.local.stripe import shapes
from connector.local.stripe.refusal import StripeRefusal

OLD = "2020-03-02"
PAYLOADS = Path(os.environ.get("DUELINE_PAYLOADS", Path(__file__).parents[4] / "shared" / "payloads")) / "stripe"
needs_payloads = pytest.mark.skipif(not PAYLOADS.is_dir(), reason=f"no sample payloads at {PAYLOADS}")

# Fields of a sample that only accounts with that feature see, or that have no bearing on receivables.
NOT_OURS = {
    "charge": {"transfer_group", "source", "refunds"},
    "customer": {"discount", "sources", "subscriptions", "tax_ids"},
    "invoice": {"subscription", "rendering", "shipping_cost", "from_invoice", "tax_percent"},
    "payment_intent": {"excluded_payment_method_types", "managed_payments"},
}


@pytest.fixture
def story(do, world, customer, open_invoice):
    """Every kind of object, in one account."""
    do("pay_invoice", invoice=open_invoice)
    charge = world.find("charge")[0]["id"]
    do("dispute_charge", charge=charge)
    do("credit_note", invoice=open_invoice, amount=500, refund_amount=100, credit_amount=400)
    second = do("create_invoice", customer=customer, lines=[{"amount": 800}], tax=80, subscription="sub_1")["id"]
    do("finalize_invoice", invoice=second, due_in_days=1)
    do("pay_invoice", invoice=second, method="out_of_band")
    return world


@needs_payloads
@pytest.mark.parametrize(
    "kind",
    "charge credit_note customer customer_balance_transaction dispute invoice invoice_payment payment_intent"
    " payment_record refund".split(),
)
def test_todays_objects_have_the_fields_of_the_samples(story, kind):
    sample = json.loads((PAYLOADS / "objects-2026" / f"{kind}.json").read_text())
    shown = shapes.render(story.find(kind)[0])
    assert sample.keys() - shown.keys() <= NOT_OURS.get(kind, set())
    assert not shown.keys() & {"_links", "paid" if kind == "invoice" else "_links"}


@needs_payloads
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("invoice_paid", "invoice"),
        ("charge_refunded", "charge"),
        ("payment_intent_succeeded", "payment_intent"),
        ("credit_note_created", "credit_note"),
        ("customer_updated", "customer"),
    ],
)
def test_older_objects_have_the_fields_of_the_samples(story, name, kind):
    sample = json.loads((PAYLOADS / "events-2020-03-02" / f"{name}.json").read_text())["data"]["object"]
    shown = shapes.render(story.find(kind)[0], OLD)
    assert sample.keys() - shown.keys() <= NOT_OURS.get(kind, set())


def test_an_older_invoice_names_its_payment_and_leaves_out_money_from_elsewhere(story):
    outside, inside = (shapes.render(each, OLD) for each in story.find("invoice"))
    charge = story.find("charge")[0]
    assert (inside["paid"], inside["paid_out_of_band"], inside["charge"]) == (True, False, charge["id"])
    assert inside["payment_intent"] == charge["payment_intent"]
    assert shapes.render(charge, OLD)["invoice"] == inside["id"]
    assert (outside["paid"], outside["paid_out_of_band"], outside["amount_paid"]) == (True, True, 0)
    assert (outside["subscription"], outside["tax"]) == ("sub_1", 80)
    assert not outside.keys() & {"parent", "amount_overpaid", "total_taxes"}
    assert not outside["lines"]["data"][0].keys() & {"pricing", "taxes", "parent"}


def test_an_older_charge_carries_its_refunds_of_that_moment(story):
    refunded = [event for event in story.store.everything("event") if event["type"] == "charge.refunded"]
    shown = shapes.render_event(refunded[0], OLD)
    assert shown["data"]["object"]["refunds"]["data"][0]["amount"] == 100
    assert shown["data"]["previous_attributes"]["refunds"]["data"] == []
    assert shown["api_version"] == OLD


def test_older_events_say_paid_before_and_after(story):
    updates = [event for event in story.store.everything("event") if event["type"] == "invoice.updated"]
    paid = next(event for event in updates if event["data"]["object"]["status"] == "paid")
    assert shapes.render_event(paid, OLD)["data"]["previous_attributes"]["paid"] is False
    assert "paid" not in shapes.render_event(paid)["data"]["previous_attributes"]


def test_older_versions_have_no_invoice_payment_events(story):
    events = story.store.everything("event")
    shown = [shapes.render_event(event, OLD) for event in events]
    dropped = {event["type"] for event, each in zip(events, shown, strict=True) if each is None}
    assert dropped == {"invoice_payment.paid"}
    assert not any("_links" in json.dumps(shapes.render_event(event)) for event in events)


def test_a_mixed_credit_note_has_no_older_shape(do, world, customer, open_invoice):
    do("pay_invoice", invoice=open_invoice, amount=60_000)
    note = do("credit_note", invoice=open_invoice, amount=50_000, credit_amount=10_000)
    with pytest.raises(StripeRefusal, match="mixed"):
        shapes.render(note, OLD)
    world.api_version = OLD
    second = do("create_invoice", customer=customer, lines=[{"amount": 100_000}])["id"]
    do("finalize_invoice", invoice=second, due_in_days=1)
    do("pay_invoice", invoice=second, amount=50_000)
    with pytest.raises(StripeRefusal, match="no mixed credit notes"):
        do("credit_note", invoice=second, amount=60_000, credit_amount=20_000)


def test_versions():
    assert shapes.is_old("2024-06-20")
    assert shapes.is_old("2025-02-24.acacia")
    assert not shapes.is_old("2025-03-31.basil")
    assert not shapes.is_old(None)
