"""Whatever is done in whatever order, the books of the stand-in add up: otherwise it would be no yardstick."""

import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.local.stripe import shapes
from connector.local.stripe.refusal import StripeRefusal
from connector.local.stripe.world import World

AMOUNT = st.integers(1, 150)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            "pay pay_part outside overpay together fail refund fail_refund credit credit_void void write_off dispute"
            " win balance new dunning".split()
        ),
        AMOUNT,
        st.integers(0, 9),
    ),
    max_size=25,
)


def step(world, owner, name, amount, pick):
    def any_of(kind):
        rows = world.find(kind)
        if not rows:
            raise StripeRefusal(400, "nothing there")
        return rows[pick % len(rows)]["id"]

    match name:
        case "new":
            draft = world.create_invoice(owner, [{"amount": amount}], tax=pick, auto_advance=pick % 2 == 0)["id"]
            world.finalize_invoice(draft, due_in_days=pick)
        case "pay":
            world.pay_invoice(any_of("invoice"))
        case "pay_part":
            world.pay_invoice(any_of("invoice"), amount=amount, method="bank")
        case "outside":
            world.pay_invoice(any_of("invoice"), amount=amount, method="out_of_band")
        case "overpay":
            world.overpay(any_of("invoice"), amount)
        case "together":
            world.pay_together([row["id"] for row in world.find("invoice", status="open")], amount=amount)
        case "fail":
            world.fail_payment(any_of("invoice"))
        case "refund":
            world.refund(any_of("charge"), amount=amount, pending=pick % 2 == 0)
        case "fail_refund":
            world.fail_refund(any_of("refund"))
        case "credit":
            row = world.get("invoice", any_of("invoice"))
            world.credit_note(row["id"], amount, credit_amount=max(0, amount - row["amount_remaining"]))
        case "credit_void":
            world.void_credit_note(any_of("credit_note"))
        case "void":
            world.void_invoice(any_of("invoice"))
        case "write_off":
            world.mark_uncollectible(any_of("invoice"))
        case "dispute":
            world.dispute_charge(any_of("charge"))
        case "win":
            world.close_dispute(any_of("dispute"), "won" if pick % 2 else "lost")
        case "balance":
            world.adjust_balance(owner, amount - 75, "usd")
        case "dunning":
            world.dunning(outcome="paid" if pick % 2 else "declined")


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_the_books_add_up(steps):
    world = World(clock=lambda: 1_800_000_000.0)
    try:
        owner = world.create_customer(name="A")["id"]
        for name, amount, pick in [("new", 100, 0), *steps]:
            with contextlib.suppress(StripeRefusal):
                step(world, owner, name, amount, pick)
        check(world, owner)
    finally:
        world.store.close()


def check(world, owner):
    moved = world.find("customer_balance_transaction", customer=owner)
    assert world.get("customer", owner)["balance"] == sum(move["amount"] for move in moved)
    for invoice in world.find("invoice"):
        check_invoice(world, invoice)
    for charge in world.find("charge"):
        live = [
            refund["amount"] for refund in world.find("refund", charge=charge["id"]) if refund["status"] != "failed"
        ]
        assert charge["amount_refunded"] == sum(live) <= charge["amount"]
    newest = {}
    for event in world.store.everything("event"):  # the last snapshot of each kind of event's object is the truth
        newest[event["data"]["object"]["id"]] = event["data"]["object"]
        if event["data"]["object"].get("type") != "mixed":
            shown = shapes.render_event(event, "2020-03-02")
            assert "_links" not in json.dumps([shown, shapes.render_event(event)])
    for invoice in world.find("invoice"):
        assert newest[invoice["id"]] == invoice


def check_invoice(world, invoice):
    payments = world.find("invoice_payment", invoice=invoice["id"])
    paid = sum(each["amount_paid"] for each in payments if each["status"] == "paid")
    assert invoice["amount_paid"] == paid
    assert invoice["amount_remaining"] == invoice["amount_due"] - invoice["amount_paid"] >= 0
    assert (invoice["status"] == "paid") == (invoice["amount_remaining"] == 0 and invoice["status"] != "void")
    waiting = [each["amount_requested"] for each in payments if each["status"] == "open"]
    owes = invoice["status"] in ("open", "uncollectible")
    assert waiting == ([invoice["amount_remaining"]] if owes else [])
    notes = world.find("credit_note", invoice=invoice["id"])
    before = sum(note["pre_payment_amount"] for note in notes if note["status"] == "issued")
    applied = invoice["ending_balance"] - invoice["starting_balance"]
    assert invoice["total"] == invoice["amount_due"] + before + applied
