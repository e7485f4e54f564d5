"""Each action leaves the objects as Stripe documents them, and says so in events."""

import pytest

from connector.local.stripe.refusal import StripeRefusal
from connector.local.stripe.store import Store
from connector.local.stripe.world import World

PAID = ["charge.succeeded", "payment_intent.succeeded", "invoice_payment.paid", "invoice.updated"]


def balance_holds(invoice):
    """Stripe: amount_remaining is the difference between amount_due and amount_paid."""
    return invoice["amount_remaining"] == invoice["amount_due"] - invoice["amount_paid"]


def test_draft_totals_split_tax_and_discount_exactly_over_the_lines(do, customer):
    draft = do("create_invoice", customer=customer, lines=[{"amount": 1000}, {"amount": 501}], tax=134, discount=100)
    assert (draft["subtotal"], draft["total"], draft["status"]) == (1501, 1535, "draft")
    lines = draft["lines"]["data"]
    assert sum(line["discount_amounts"][0]["amount"] for line in lines) == 100
    assert sum(line["taxes"][0]["amount"] for line in lines) == 134
    assert do.events == ["invoice.created"]


def test_finalizing_applies_the_customers_credit_and_awaits_payment(do, world, customer):
    do("adjust_balance", customer=customer, amount=-30_000, currency="usd")
    draft = do("create_invoice", customer=customer, lines=[{"amount": 100_000}])
    invoice = do("finalize_invoice", invoice=draft["id"], due_in_days=30)
    assert (invoice["amount_due"], invoice["starting_balance"], invoice["ending_balance"]) == (70_000, -30_000, 0)
    assert invoice["due_date"] == world.now + 30 * 86_400
    assert invoice["number"].endswith("-0001")
    assert do.events == ["customer.updated", "payment_intent.created", "invoice.finalized", "invoice.updated"]
    [waiting] = world.find("invoice_payment", invoice=invoice["id"])
    assert (waiting["status"], waiting["amount_requested"], waiting["is_default"]) == ("open", 70_000, True)
    applied, given = world.find("customer_balance_transaction", customer=customer)
    assert (applied["type"], applied["amount"], applied["ending_balance"]) == ("applied_to_invoice", 30_000, 0)
    assert given["type"] == "adjustment"


def test_credit_that_covers_everything_pays_the_invoice_at_once(do, world, customer):
    do("adjust_balance", customer=customer, amount=-30_000, currency="usd")
    draft = do("create_invoice", customer=customer, lines=[{"amount": 10_000}])
    invoice = do("finalize_invoice", invoice=draft["id"], due_in_days=30)
    assert (invoice["status"], invoice["amount_due"], invoice["ending_balance"]) == ("paid", 0, -20_000)
    assert do.events[-2:] == ["invoice.paid", "invoice.payment_succeeded"]
    assert world.get("customer", customer)["balance"] == -20_000


def test_full_payment(do, world, open_invoice):
    invoice = do("pay_invoice", invoice=open_invoice)
    assert do.events == [*PAID, "invoice.paid", "invoice.payment_succeeded"]
    assert (invoice["status"], invoice["amount_paid"], invoice["amount_remaining"]) == ("paid", 100_000, 0)
    assert invoice["status_transitions"]["paid_at"] == world.now
    assert not invoice["auto_advance"]
    [payment] = world.find("invoice_payment", invoice=open_invoice)
    intent = world.get("payment_intent", payment["payment"]["payment_intent"])
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 100_000)
    assert world.get("charge", intent["latest_charge"])["paid"]


def test_events_say_what_was_before_and_are_snapshots(do, open_invoice):
    do("pay_invoice", invoice=open_invoice)
    updated = next(event for event in do.raw if event["type"] == "invoice.updated")
    assert updated["data"]["previous_attributes"]["status"] == "open"
    assert updated["data"]["previous_attributes"]["status_transitions"] == {"paid_at": None}
    assert updated["data"]["object"]["status"] == "paid"
    assert type(updated["created"]) is int


def test_partial_payments_leave_the_default_one_waiting_for_the_rest(do, world, open_invoice):
    invoice = do("pay_invoice", invoice=open_invoice, amount=40_000, method="bank")
    assert do.events == ["payment_intent.created", *PAID]
    assert (invoice["status"], invoice["amount_remaining"]) == ("open", 60_000)
    waiting, paid = sorted(world.find("invoice_payment", invoice=open_invoice), key=lambda each: each["status"])
    assert (waiting["amount_requested"], paid["amount_paid"]) == (60_000, 40_000)
    assert do("pay_invoice", invoice=open_invoice)["status"] == "paid"
    with pytest.raises(StripeRefusal, match="already paid"):
        do("pay_invoice", invoice=open_invoice)


def test_outside_of_stripe_is_a_payment_record(do, world, open_invoice):
    invoice = do("pay_invoice", invoice=open_invoice, method="out_of_band")
    assert do.events == ["invoice_payment.paid", "invoice.updated", "invoice.paid", "payment_intent.canceled"]
    assert (invoice["amount_paid"], invoice["attempt_count"]) == (100_000, 0)
    [paid] = world.find("invoice_payment", invoice=open_invoice, status="paid")
    record = world.get("payment_record", paid["payment"]["payment_record"])
    assert record["amount"] == {"currency": "usd", "value": 100_000}


def test_one_payment_over_several_invoices(do, world, customer, open_invoice):
    second = do("create_invoice", customer=customer, lines=[{"amount": 50_000}])["id"]
    do("finalize_invoice", invoice=second, due_in_days=10)
    first_after, second_after = do("pay_together", invoices=[open_invoice, second], amount=120_000)
    assert (first_after["status"], second_after["amount_remaining"]) == ("paid", 30_000)
    assert do.events.count("charge.succeeded") == 1
    shares = world.find("invoice_payment", status="paid")
    assert {share["payment"]["payment_intent"] for share in shares} == {shares[0]["payment"]["payment_intent"]}
    assert sum(share["amount_paid"] for share in shares) == world.find("charge")[0]["amount"] == 120_000


def test_overpaying_becomes_credit(do, world, customer, open_invoice):
    invoice = do("overpay", invoice=open_invoice, amount=100_500)
    assert (invoice["amount_paid"], invoice["amount_overpaid"], invoice["amount_remaining"]) == (100_000, 500, 0)
    assert "invoice.overpaid" in do.events
    assert world.get("customer", customer)["invoice_credit_balance"] == {"usd": -500}


def test_failed_payment_then_success_clears_delinquency(do, world, customer):
    draft = do(
        "create_invoice",
        customer=customer,
        lines=[{"amount": 5_000}],
        collection_method="charge_automatically",
        auto_advance=True,
    )
    do("finalize_invoice", invoice=draft["id"])
    invoice = do("fail_payment", invoice=draft["id"])
    assert do.events == [
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.updated",
        "invoice.payment_failed",
        "customer.updated",
    ]
    assert (invoice["attempt_count"], invoice["status"]) == (1, "open")
    assert world.get("customer", customer)["delinquent"]
    do("pay_invoice", invoice=draft["id"])
    assert not world.get("customer", customer)["delinquent"]


def test_refunds_partial_full_and_failed(do, world, open_invoice):
    do("pay_invoice", invoice=open_invoice)
    charge = world.find("charge")[0]["id"]
    do("refund", charge=charge, amount=40_000)
    assert do.events == ["charge.refunded", "refund.created"]
    second = do("refund", charge=charge)
    assert world.get("charge", charge)["refunded"]
    with pytest.raises(StripeRefusal, match="already been refunded"):
        do("refund", charge=charge)
    do("fail_refund", refund=second["id"])
    assert do.events == ["refund.updated", "charge.refund.updated", "refund.failed"]
    after = world.get("charge", charge)
    assert (after["amount_refunded"], after["refunded"]) == (40_000, False)
    assert world.get("invoice", open_invoice)["status"] == "paid"


def test_credit_note_before_payment_lowers_the_debt_and_can_be_voided(do, world, open_invoice):
    note = do("credit_note", invoice=open_invoice, amount=30_000)
    assert do.events == ["credit_note.created", "invoice.updated"]
    invoice = world.get("invoice", open_invoice)
    assert (invoice["amount_due"], invoice["amount_remaining"], invoice["total"]) == (70_000, 70_000, 100_000)
    assert invoice["pre_payment_credit_notes_amount"] == 30_000
    do("void_credit_note", credit_note=note["id"])
    assert do.events == ["credit_note.voided", "invoice.updated"]
    assert world.get("invoice", open_invoice)["amount_remaining"] == 100_000
    do("credit_note", invoice=open_invoice, amount=100_000)
    assert world.get("invoice", open_invoice)["status"] == "paid"


def test_credit_note_after_payment_must_say_where_the_money_goes(do, world, customer, open_invoice):
    do("pay_invoice", invoice=open_invoice, amount=80_000)
    with pytest.raises(StripeRefusal, match="must equal the post payment amount"):
        do("credit_note", invoice=open_invoice, amount=50_000)
    note = do("credit_note", invoice=open_invoice, amount=50_000, refund_amount=10_000, credit_amount=20_000)
    assert (note["type"], note["pre_payment_amount"], note["post_payment_amount"]) == ("mixed", 20_000, 30_000)
    assert world.get("refund", note["refunds"][0]["refund"])["amount"] == 10_000
    assert world.get("customer", customer)["balance"] == -20_000
    invoice = world.get("invoice", open_invoice)
    assert (invoice["status"], invoice["amount_due"]) == ("paid", 80_000)
    assert balance_holds(invoice)


def test_void_returns_the_balance_and_is_refused_after_a_payment(do, world, customer):
    do("adjust_balance", customer=customer, amount=-30_000, currency="usd")
    draft = do("create_invoice", customer=customer, lines=[{"amount": 100_000}])
    do("finalize_invoice", invoice=draft["id"], due_in_days=30)
    invoice = do("void_invoice", invoice=draft["id"])
    assert invoice["status"] == "void"
    assert do.events == ["invoice.voided", "invoice.updated", "payment_intent.canceled", "customer.updated"]
    assert world.get("customer", customer)["balance"] == -30_000
    second = do("create_invoice", customer=customer, lines=[{"amount": 100_000}])["id"]
    do("finalize_invoice", invoice=second, due_in_days=30)
    do("pay_invoice", invoice=second, amount=10)
    with pytest.raises(StripeRefusal, match="can't void"):
        do("void_invoice", invoice=second)


def test_written_off_and_still_paid(do, open_invoice):
    assert do("mark_uncollectible", invoice=open_invoice)["status"] == "uncollectible"
    assert do.events == ["invoice.marked_uncollectible", "invoice.updated"]
    assert do("pay_invoice", invoice=open_invoice)["status"] == "paid"


def test_chargebacks(do, world, open_invoice):
    do("pay_invoice", invoice=open_invoice)
    charge = world.find("charge")[0]["id"]
    dispute = do("dispute_charge", charge=charge)
    assert do.events == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert world.get("charge", charge)["disputed"]
    assert do("close_dispute", dispute=dispute["id"], outcome="lost")["status"] == "lost"
    assert do.events == ["charge.dispute.closed"]


def test_deleted_customers_and_drafts(do, world, customer):
    draft = do("create_invoice", customer=customer, lines=[{"amount": 1}])["id"]
    do("delete_invoice", invoice=draft)
    assert do.raw[0]["data"]["object"]["status"] == "deleted"
    do("delete_customer", customer=customer)
    assert do.events == ["customer.deleted"]
    for kind, gone in (("invoice", draft), ("customer", customer)):
        with pytest.raises(StripeRefusal, match="No such"):
            world.get(kind, gone)


def test_finalized_invoices_keep_their_terms(do, open_invoice):
    with pytest.raises(StripeRefusal, match="due_date"):
        do("update_invoice", invoice=open_invoice, due_date=1)
    changed = do("update_invoice", invoice=open_invoice, metadata={"a": "1", "b": "2"})
    assert changed["metadata"] == {"a": "1", "b": "2"}
    assert do("update_invoice", invoice=open_invoice, metadata={"a": ""})["metadata"] == {"b": "2"}
    do("update_invoice", invoice=open_invoice, metadata={"b": "2"})
    assert do.events == []  # nothing changed, nothing said


def test_dunning_leaves_held_invoices_alone(do, world, clock, open_invoice):
    clock.now += 31 * 86_400
    do("update_invoice", invoice=open_invoice, auto_advance=False)
    assert do("dunning") == []
    do("update_invoice", invoice=open_invoice, auto_advance=True)
    assert do("dunning") == [open_invoice]
    assert do.events == ["invoice.overdue", "invoice.sent"]


def test_a_refused_action_changes_nothing(do, world, open_invoice):
    before = world.store.everything(), world.store.everything("event")
    with pytest.raises(StripeRefusal):
        do("credit_note", invoice=open_invoice, amount=200_000)
    with pytest.raises(StripeRefusal, match="unexpected keyword"):
        do("pay_invoice", invoice=open_invoice, speed=1)
    with pytest.raises(StripeRefusal, match="No action"):
        do("steal")
    assert (world.store.everything(), world.store.everything("event")) == before


def test_the_same_seed_makes_the_same_world(clock):
    def story():
        world = World(clock=clock, seed=3)
        with world.transaction() as events:
            owner = world.create_customer(name="A")["id"]
            draft = world.create_invoice(owner, [{"amount": 500}])["id"]
            world.finalize_invoice(draft, due_in_days=1)
            world.pay_invoice(draft)
        return events

    assert story() == story()


def test_objects_survive_a_restart(tmp_path, clock):
    first = World(Store(tmp_path / "a.sqlite"), clock=clock)
    kept = first.create_customer(name="A")
    first.store.close()
    second = World(Store(tmp_path / "a.sqlite"), clock=clock)
    assert second.get("customer", kept["id"]) == kept
    assert second.create_customer(name="B")["id"] != kept["id"]
    second.store.close()


def test_an_object_put_there_is_the_truth_and_can_be_acted_on(world, do, customer):
    invoice = {"id": "in_1", "object": "invoice", "customer": customer, "status": "open", "currency": "usd"}
    world.put(invoice)
    with pytest.raises(StripeRefusal, match="no field 'amount_remaining'"):
        do("pay_invoice", invoice="in_1")
    with pytest.raises(StripeRefusal, match="kinds"):
        world.put({"id": "x_1", "object": "unicorn"})
