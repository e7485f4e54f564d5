"""Whatever JSON stands in a field: facts, a rule, or a refusal in words. Never a crash, never a guess."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.dates import Calendar
from sync.core.dunning import dunning_entry
from sync.core.facts import unpack
from sync.core.mapping import Ignored, UnmappableError
from sync.core.mapping.stripe import MAPPERS, map_dunning, map_event
from tests.unit.core import bodies
from tests.unit.core.made import STEADY

DISPUTE = {"id": "dp_1", "object": "dispute", "amount": 5, "charge": "ch_1", "currency": "usd", "created": 1}
NOTE = {"id": "cn_1", "object": "credit_note", "invoice": "in_1", "customer": "cus_1", "currency": "usd", "created": 1}
MOVE = {"id": "cbtxn_1", "object": "customer_balance_transaction", "amount": -5, "ending_balance": -5}
WHOLE = [
    bodies.old_invoice(total_discount_amounts=[{"amount": 5}]),
    bodies.new_invoice(payments=bodies.listing(bodies.invoice_payment()), total_taxes=[{"amount": 5}]),
    bodies.charge(refunds=bodies.listing(bodies.refund())),
    bodies.customer(invoice_credit_balance={"usd": -5}, metadata={"a": "b"}),
    bodies.payment_record(),
    DISPUTE | {"status": "lost"},
    NOTE | {"status": "issued", "amount": 5},
    MOVE | {"customer": "cus_1", "currency": "usd", "type": "adjustment", "created": 1},
]
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "amount", "data"]), inner),
    max_leaves=4,
)


def test_the_bodies_above_are_whole():
    for body in WHOLE:
        assert not isinstance(map_event({"type": "a.b", "data": {"object": body}}, "acme"), Ignored)
    assert {body["object"] for body in WHOLE} | {"refund", "invoice_payment"} == set(MAPPERS)


def read(body):
    """The facts, the rule, or the refusal."""
    try:
        return map_event({"type": "a.b", "data": {"object": body}}, "acme")
    except UnmappableError as error:
        return error


@settings(STEADY, max_examples=1_500)
@given(st.data())
def test_any_json_in_any_fields(data):
    body = json.loads(json.dumps(data.draw(st.sampled_from(WHOLE))))
    for place in data.draw(st.lists(st.sampled_from(sorted(body)), min_size=1, max_size=3)):
        body[place] = data.draw(ANY)
    found = read(body)
    if isinstance(found, UnmappableError):
        assert " is missing" in str(found) or " is not " in str(found)
    elif not isinstance(found, Ignored):
        for seen in found:
            assert unpack(seen.facts.kind, json.loads(json.dumps(seen.facts.pack()))) == seen.facts


@settings(STEADY, max_examples=500)
@given(st.data())
def test_dunning_is_read_from_whatever_an_invoice_can_be_read_from(data):
    body = json.loads(json.dumps(next(body for body in WHOLE if body["object"] == "invoice")))
    for place in data.draw(st.lists(st.sampled_from(sorted(body)), min_size=1, max_size=3)):
        body[place] = data.draw(ANY)
    told = {"type": "invoice.sent", "created": 1_800_000_000, "data": {"object": body}}
    try:
        happened = map_dunning(told, "acme")
    except UnmappableError:
        assert isinstance(read(body), UnmappableError | Ignored)
    else:
        assert happened is not None
        assert dunning_entry(happened, "Stripe", Calendar("UTC")).kind == "Dunning"


# What an object cannot be read without. `amount_due` and the like have no sensible default: absent is not zero.
NEEDED = {
    "invoice": "id customer currency status total amount_due amount_paid amount_remaining created",
    "charge": "id currency status amount created",
    "customer": "id",
    "payment_record": "id amount_requested created",
    "dispute": "id currency status amount created",
    "credit_note": "id invoice customer currency status amount created",
    "customer_balance_transaction": "id customer currency amount ending_balance type created",
}


@pytest.mark.parametrize("body", WHOLE, ids=lambda body: body["object"])
def test_what_an_object_cannot_be_read_without(body):
    needed = {place for place in body if isinstance(read({**body, place: None}), UnmappableError)}
    assert needed == set(NEEDED[body["object"]].split())
