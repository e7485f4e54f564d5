"""The sums add up: whatever arrives first, however often it changes, they are what the final facts alone give."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.facts import ChargebackFacts, ChargeFacts, Facts, InvoiceFacts, InvoicePaymentFacts, RefundFacts
from sync.core.ledger import (
    Postings,
    derive_invoice,
    derive_payment,
    difference,
    payment_unit,
    post_invoice,
    post_payment,
    touched_by,
)
from tests.unit.core import made
from tests.unit.core.fold import fold
from tests.unit.core.made import STEADY, UTC_DAYS, noon

TODAY = date(2026, 6, 1)
PLENTY = settings(STEADY, max_examples=200)
DAYS = st.integers(0, 120).map(lambda days: noon(date(2026, 1, 5) + timedelta(days)))
SHARES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(1, 5_000), DAYS), max_size=6)


@st.composite
def accounts(draw):
    """Facts of one account that agree with each other: what invoices say was paid is what their parts say."""
    parts, taken = [], Counter()
    for n, (invoice, payment, amount, at) in enumerate(draw(SHARES)):
        parts.append(
            made.part(f"c:inpay_{n}", invoice=f"c:in_{invoice}", payment=f"c:pi_{payment}", amount=amount, at=at)
        )
        taken[payment] += amount
    facts: list[Facts] = list(parts)
    for n in range(3):
        paid = sum(part.amount for part in parts if part.invoice == f"c:in_{n}")
        total = paid + draw(st.sampled_from([0, 0, 900]))
        status = "paid" if paid == total else draw(st.sampled_from(["open", "uncollectible"]))
        facts.append(
            made.invoice(f"c:in_{n}", total=total, paid=paid, status=status, due_at=draw(DAYS), paid_at=draw(DAYS))
        )
    for n, amount in taken.items():
        facts += _money(draw, n, amount)
    return facts


def _money(draw, n, amount):
    """A payment's charges, perhaps a failed one before, and what came back of it."""
    names = {"payment": f"c:pi_{n}", "charge": f"c:ch_{n}"}
    back = draw(
        st.lists(st.tuples(st.sampled_from(["succeeded", "pending", "failed"]), st.integers(1, 50)), max_size=2)
    )
    refunds = [
        made.refund(f"c:re_{n}{i}", **names, status=status, amount=given, created_at=draw(DAYS))
        for i, (status, given) in enumerate(back)
    ]
    gone = sum(refund.amount for refund in refunds if refund.status != "failed")
    charge = made.charge(f"c:ch_{n}", payment=f"c:pi_{n}", amount=amount, refunded=gone, created_at=draw(DAYS))
    found = [charge, *refunds]
    if draw(st.booleans()):
        found.append(made.charge(f"c:ch_{n}f", payment=f"c:pi_{n}", amount=amount, status="failed"))
    contested = draw(st.sampled_from([None, "lost", "won", "needs_response"]))
    if contested:
        found.append(made.chargeback(f"c:dp_{n}", **names, status=contested, amount=amount, created_at=draw(DAYS)))
    return found


def of(kind, facts):
    return [item for item in facts if isinstance(item, kind)]


@PLENTY
@given(accounts())
def test_collected_is_what_was_paid_less_what_went_back(facts):
    paid = sum(item.paid for item in of(InvoiceFacts, facts))
    refunded = sum(item.amount for item in of(RefundFacts, facts) if item.status != "failed")
    lost = sum(item.amount for item in of(ChargebackFacts, facts) if item.lost)
    ledger = fold(facts, TODAY)
    assert ledger.total("collected") == paid - refunded - lost
    assert ledger.total("late_amount") == paid
    assert ledger.total("invoiced") == sum(item.total for item in of(InvoiceFacts, facts))
    assert ledger.total("written_off") == sum(
        item.remaining for item in of(InvoiceFacts, facts) if item.status == "uncollectible"
    )


@PLENTY
@given(accounts(), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(facts, dice):
    shuffled = dice.sample(facts, len(facts))
    one, other = fold(facts, TODAY), fold(shuffled, TODAY)
    assert (one.invoices, one.allocations, one.sums) == (other.invoices, other.allocations, other.sums)
    assert one.payments == other.payments


@PLENTY
@given(accounts(), st.randoms(use_true_random=False))
def test_what_no_part_explains_shrinks_as_the_parts_arrive(facts, dice):
    invoice = replace(of(InvoiceFacts, facts)[0], payment="c:pi_named")
    parts = [part for part in of(InvoicePaymentFacts, facts) if part.invoice == invoice.key]
    arriving = dice.sample(parts, len(parts))
    for count in range(len(parts) + 1):
        known = arriving[:count]
        _, given_out = derive_invoice(invoice, known, UTC_DAYS, TODAY)
        implied = [item for item in given_out if item.payment == "c:pi_named"]
        left = invoice.paid - sum(part.amount for part in known)
        assert [item.amount for item in implied] == ([left] if left else [])
        assert sum(item.amount for item in given_out) == invoice.paid


@dataclass
class Running:
    """The ledger as the pipeline keeps it: each change derives only the rows it touches, sums move by differences."""

    facts: dict[str, Facts] = field(default_factory=dict)
    given: dict[str, tuple] = field(default_factory=dict)
    postings: dict[str, Postings] = field(default_factory=dict)
    sums: Counter = field(default_factory=Counter)

    def learn(self, new):
        units = touched_by(self.facts.get(new.key)) | touched_by(new)
        self.facts[new.key] = new
        invoices = {unit for unit in units if unit.kind == "invoice"}
        payments = units - invoices
        for unit in sorted(invoices):
            payments |= self._invoice(unit.key)
        for unit in sorted(payments):
            self._payment(unit.key)

    def _invoice(self, key):
        facts = self.facts.get(key)
        if facts is None:
            return set()
        parts = [item for item in of(InvoicePaymentFacts, self.facts.values()) if item.invoice == key]
        row, given_out = derive_invoice(facts, parts, UTC_DAYS, TODAY)
        had = self.given.get(key, ())
        self.given[key] = given_out
        self._move(key, post_invoice(facts, row, given_out, UTC_DAYS))
        return (
            {payment_unit(item.payment) for item in (*had, *given_out) if item.payment} if had != given_out else set()
        )

    def _payment(self, key):
        alias = self.facts.get(key)
        key = alias.payment if isinstance(alias, ChargeFacts) else key
        known = self.facts.values()
        charges = [item for item in of(ChargeFacts, known) if item.payment == key]
        names = {key, *(charge.key for charge in charges)}
        refunds = [item for item in of(RefundFacts, known) if {item.payment, item.charge} & names]
        lost = [item for item in of(ChargebackFacts, known) if {item.payment, item.charge} & names]
        payers = {"c:cus_1" for found in self.given.values() for item in found if item.payment in names}
        row = derive_payment(key, charges, refunds, lost, sorted(payers))
        if row is not None:
            self._move(key, post_payment(row, charges, refunds, lost, UTC_DAYS))

    def _move(self, key, new):
        for slot, amount in difference(self.postings.get(key, {}), new).items():
            self.sums[slot] += amount
        self.postings[key] = new


def earlier(facts, dice):
    """A snapshot from before: nothing paid or given back yet, under another day or another payment."""
    match facts:
        case InvoiceFacts():
            return replace(facts, paid=0, status="open", remaining=facts.total, payment=dice.choice([None, "c:pi_0"]))
        case InvoicePaymentFacts():
            return replace(facts, amount=0, status="open", paid_at=None, payment=dice.choice([None, facts.payment]))
        case ChargeFacts():
            return replace(facts, refunded=0, status="pending", captured=0)
        case RefundFacts():
            return replace(facts, status="pending", payment=dice.choice([None, facts.payment]))
    return replace(facts, status="needs_response")


@PLENTY
@given(accounts(), st.randoms(use_true_random=False))
def test_moving_sums_by_differences_is_deriving_them_anew(facts, dice):
    """Each object may be seen as it was before, then as it is, the objects in any order among each other."""
    heard = []
    for item in facts:
        at = dice.random()
        heard.append((at, 1, item))
        if dice.random() < 0.7:
            heard.append((at * dice.random(), 0, earlier(item, dice)))
    running = Running()
    for _, _, item in sorted(heard, key=lambda each: each[:2]):
        running.learn(item)
    assert {slot: amount for slot, amount in running.sums.items() if amount} == {
        slot: amount for slot, amount in fold(facts, TODAY).sums.items() if amount
    }
