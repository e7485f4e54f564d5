"""Faults strike as often as they are told, or by a chance that the seed repeats."""

import pytest

from connector.local.stripe.faults import Faults, read_fault
from connector.local.stripe.refusal import StripeRefusal


def strikes(faults, path="/v1/invoices/in_1", tries=50):
    return [faults.of_answer(path) is not None for _ in range(tries)]


def test_so_many_times_then_never_again():
    faults = Faults()
    faults.add(read_fault({"kind": "drop", "times": 2, "path": "/v1/invoices/*"}))
    assert faults.of_answer("/v1/customers/cus_1") is None
    assert strikes(faults, tries=4) == [True, True, False, False]
    assert faults.struck == {"drop": 2}
    assert faults.listed() == []


def test_chances_are_repeated_by_the_seed():
    drawn = []
    for seed in (1, 1, 2):
        faults = Faults()
        faults.add(read_fault({"kind": "status", "times": None, "chance": 0.4, "seed": seed}))
        drawn.append(strikes(faults))
    assert drawn[0] == drawn[1] != drawn[2]
    assert 5 < sum(drawn[0]) < 35


def test_until_healed_and_only_in_the_respect_that_is_healed():
    faults = Faults()
    faults.add(read_fault({"kind": "slow", "times": None}))
    faults.add(read_fault({"kind": "never_sent", "times": None}))
    faults.heal("slow")
    assert strikes(faults, tries=2) == [False, False]
    assert faults.of_delivery("invoice.paid") == "never_sent"
    faults.heal()
    assert faults.of_delivery("invoice.paid") == ""


def test_who_comes_back_before_retry_after_is_counted():
    faults = Faults()
    faults.add(read_fault({"kind": "rate_limit", "retry_after": 60}))
    assert strikes(faults, "/v1/invoices/in_1", tries=1) == [True]
    assert strikes(faults, "/v1/invoices/in_2", tries=1) == [False]
    assert faults.hurried == 0
    assert strikes(faults, "/v1/invoices/in_1", tries=2) == [False, False]
    assert faults.hurried == 1


def test_what_befalls_webhooks_does_not_befall_answers():
    faults = Faults()
    faults.add(read_fault({"kind": "sent_late", "path": "invoice.*"}))
    assert faults.of_answer("/v1/invoices") is None
    assert faults.of_delivery("charge.succeeded") == ""
    assert faults.of_delivery("invoice.paid") == "sent_late"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kind": "unicorn"}, "kind is one of"),
        ({"kind": "slow", "colour": 1}, "Received unknown parameter: colour"),
        ({"kind": "slow", "when": "soon"}, "when is before or after"),
        ({"kind": "slow", "chance": 0}, "chance is above 0"),
    ],
)
def test_nonsense_is_refused_in_words(given, told):
    with pytest.raises(StripeRefusal, match=told):
        read_fault(given)
