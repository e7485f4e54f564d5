"""One story, told in Stripe's two shapes, is one ledger.

The stories are those that the older shape can tell: it knows neither parts of a payment nor payments over several
invoices, and of money from outside of Stripe only that an invoice is paid, not what paid it.
"""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.local.stripe import shapes
from connector.local.stripe.refusal import StripeRefusal
from connector.local.stripe.world import World
from sync.core.facts import InvoiceStatus
from sync.core.mapping import Ignored
from sync.core.mapping.stripe import map_object
from tests.unit.core.fold import fold
from tests.unit.core.made import STEADY

OLD = "2020-08-27"
DAY = 86_400
START = 1_767_614_400.0  # 2026-01-05 12:00 UTC
UNKNOWN_BEFORE_BASIL = {"invoice_payment", "payment_record"}
KINDS = "customer invoice charge invoice_payment payment_record refund credit_note dispute".split()

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            "new new card bank outside fail refund fail_refund credit credit_refund credit_void void write_off dispute"
            " decide balance draft delete".split()
        ),
        st.integers(1, 150),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=20,
)


class Story:
    """A world of one customer, told step by step; what Stripe would refuse does not happen."""

    def __init__(self):
        self.now = START
        self.world = World(clock=lambda: self.now, api_version=OLD)
        self.customer = self.world.create_customer(name="Acme")["id"]

    def tell(self, steps):
        for name, amount, pick in steps:
            self.now += pick * DAY / 3
            with contextlib.suppress(StripeRefusal):
                getattr(self, f"step_{name}")(amount, pick)
        return self

    def any_of(self, kind, pick):
        rows = self.world.find(kind)
        if not rows:
            raise StripeRefusal(400, "nothing there")
        return rows[pick % len(rows)]["id"]

    def step_draft(self, amount, pick):
        given = {"tax": pick, "discount": pick % 3, "subscription": "sub_1" if pick % 2 else None}
        return self.world.create_invoice(self.customer, [{"amount": amount + 10}], **given)["id"]

    def step_new(self, amount, pick):
        self.world.finalize_invoice(self.step_draft(amount, pick), due_in_days=pick)

    def step_delete(self, _amount, pick):
        self.world.delete_invoice(self.any_of("invoice", pick))

    def step_card(self, _amount, pick):
        self.world.pay_invoice(self.any_of("invoice", pick))

    def step_bank(self, _amount, pick):
        self.world.pay_invoice(self.any_of("invoice", pick), method="bank")

    def step_outside(self, _amount, pick):
        self.world.pay_invoice(self.any_of("invoice", pick), method="out_of_band")

    def step_fail(self, _amount, pick):
        self.world.fail_payment(self.any_of("invoice", pick))

    def step_refund(self, amount, pick):
        self.world.refund(self.any_of("charge", pick), amount=amount, pending=pick % 2 == 0)

    def step_fail_refund(self, _amount, pick):
        self.world.fail_refund(self.any_of("refund", pick))

    def step_credit(self, amount, pick):
        row = self.world.get("invoice", self.any_of("invoice", pick))
        self.world.credit_note(row["id"], amount, credit_amount=max(0, amount - row["amount_remaining"]))

    def step_credit_refund(self, amount, pick):
        self.world.credit_note(self.any_of("invoice", pick), amount, refund_amount=amount)

    def step_credit_void(self, _amount, pick):
        self.world.void_credit_note(self.any_of("credit_note", pick))

    def step_void(self, _amount, pick):
        self.world.void_invoice(self.any_of("invoice", pick))

    def step_write_off(self, _amount, pick):
        self.world.mark_uncollectible(self.any_of("invoice", pick))

    def step_dispute(self, amount, pick):
        self.world.dispute_charge(self.any_of("charge", pick), amount=amount)

    def step_decide(self, _amount, pick):
        self.world.close_dispute(self.any_of("dispute", pick), "won" if pick % 2 else "lost")

    def step_balance(self, amount, _pick):
        self.world.adjust_balance(self.customer, amount - 75, "usd")

    def facts(self, version):
        """All facts of the account as this API version shows it, embedded ones included."""
        kinds = [kind for kind in KINDS if not (shapes.is_old(version) and kind in UNKNOWN_BEFORE_BASIL)]
        found = {}
        for body in (shapes.render(row, version) for kind in kinds for row in self.world.find(kind)):
            seen = map_object(body, "acme")
            assert not isinstance(seen, Ignored)
            found |= {item.facts.key: item.facts for item in seen}
        return list(found.values())

    def ledger(self, version):
        return fold(self.facts(version), datetime.fromtimestamp(self.now, UTC).date())


def outside(payment):
    """Money that came from outside of Stripe: today's shape names it, the older one cannot."""
    return payment is not None and payment.startswith("acme:pr_")


def given_out(ledger):
    return {
        key: sorted((item.payment or "", item.amount, item.paid_at) for item in found)
        for key, found in ledger.allocations.items()
    }


def unnamed(ledger):
    """The same ledger with money from outside coming from nobody, as the older shape has it."""
    ledger.payments = {key: row for key, row in ledger.payments.items() if not outside(key)}
    ledger.allocations = {
        key: tuple(replace(item, payment=None) if outside(item.payment) else item for item in found)
        for key, found in ledger.allocations.items()
    }
    return ledger


@settings(STEADY, max_examples=300)
@given(STEPS)
def test_the_same_story_is_the_same_ledger(steps):
    story = Story().tell(steps)
    try:
        old, new = story.ledger(OLD), unnamed(story.ledger(None))
    finally:
        story.world.store.close()
    assert old.invoices == new.invoices
    assert given_out(old) == given_out(new)
    assert old.payments == new.payments
    assert old.sums == new.sums


@settings(STEADY, max_examples=150)
@given(STEPS)
def test_the_ledger_says_what_stripe_says(steps):
    """Against the account's own objects, in today's shape: balances, and money collected less what went back."""
    story = Story().tell(steps)
    try:
        ledger = story.ledger(None)
        for body in story.world.find("invoice"):
            row = ledger.invoices[f"acme:{body['id']}"]
            assert row.balance == (body["amount_remaining"] if body["status"] == "open" else 0)
            assert row.written_off == (body["amount_remaining"] if body["status"] == "uncollectible" else 0)
            assert sum(item.amount for item in ledger.allocations[row.key]) == row.paid == body["amount_paid"]
        gone = sum(row["amount"] for row in story.world.find("refund") if row["status"] != "failed")
        gone += sum(row["amount"] for row in story.world.find("dispute") if row["status"] == "lost")
        paid = sum(row["amount_paid"] for row in story.world.find("invoice"))
        assert ledger.total("collected") == paid - gone
    finally:
        story.world.store.close()


def test_paid_from_outside_in_both_shapes():
    story = Story().tell([("new", 90, 3), ("outside", 1, 0)])
    old, new = story.ledger(OLD), story.ledger(None)
    story.world.store.close()
    (row,) = old.invoices.values()
    assert (row.status, row.total, row.paid, row.balance) == (InvoiceStatus.PAID, 103, 103, 0)
    assert old.invoices == new.invoices
    assert old.total("collected") == new.total("collected") == 103
    assert [item.payment for found in old.allocations.values() for item in found] == [None]
    assert [outside(item.payment) for found in new.allocations.values() for item in found] == [True]
