"""What we write on rows of the way back: our fields only, in the currency in which their owner reads them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from sync.core.currency import OrgMoney
from sync.core.mapping.salesforce import OURS
from sync.core.projection import fingerprint
from sync.core.projection_crm import References, project_commitment, project_dispute, project_entry, project_task

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MANY = OrgMoney("USD", multi=True, rates={"EUR": Decimal("0.8")})
ONE = OrgMoney("USD", multi=False, rates={"EUR": Decimal("0.8")})


def commitment(**changes):
    row = {
        "id": "a01", "status": "Kept", "kept": 8_000, "currency": "EUR", "shown_in": "EUR", "kept_on": date(2026, 3, 9),
        "covers": "A-1", "problem": None, "hold_state": "Released",
    }  # fmt: skip
    return SimpleNamespace(**(row | changes))


def entry(**changes):
    row = {
        "key": "hold:1", "account": "001", "kind": "Hold", "subject": "s" * 300, "body": "b", "occurred_at": NOW,
        "by": None, "system": "Dueline", "amount": 8_000, "currency": "EUR",
    }  # fmt: skip
    return SimpleNamespace(**(row | changes))


def follow_up(**changes):
    row = {
        "key": "due:1", "account": "001", "subject": "Ask", "due_on": date(2026, 3, 9), "high": True, "outcome": None,
        "description": "why", "left_there": None, "theirs": None,
    }  # fmt: skip
    return SimpleNamespace(**(row | changes))


def test_a_commitment_and_a_dispute_get_our_fields_and_no_other():
    written = project_commitment(commitment(), MANY, NOW)
    assert written.keys() - {"Id", "As_Of__c"} == OURS["commitment"]
    about = SimpleNamespace(id="a02", sla_due_at=NOW, breached=False, currency="EUR", problem=None, hold_state="Held")
    assert project_dispute(about, None, NOW).keys() - {"Id", "As_Of__c"} == OURS["dispute"]


@pytest.mark.parametrize(
    ("money", "shown_in", "kept"), [(MANY, "EUR", "80"), (MANY, "USD", "100"), (ONE, "USD", "100")]
)
def test_what_was_kept_is_shown_beside_what_was_promised(money, shown_in, kept):
    written = project_commitment(commitment(shown_in=shown_in), money, NOW)
    assert (written["Kept_Amount__c"], written["Currency__c"]) == (Decimal(kept), "EUR")


@pytest.mark.parametrize(("money", "amount", "currency"), [(MANY, "80", "EUR"), (ONE, "100", "USD")])
def test_an_entry_points_only_to_what_stands_there(money, amount, currency):
    bare = project_entry(entry(), References(), money)
    assert (bare["Invoice__c"], bare["Commitment__c"], bare["Dispute__c"]) == (None, None, None)
    assert "Invoice__r" not in bare
    whole = project_entry(entry(), References("main:in_1", "a01", "a02"), money)
    assert (whole["Invoice__r"], whole["Commitment__c"]) == ({"Key__c": "main:in_1"}, "a01")
    assert (whole["Amount__c"], whole["Currency__c"]) == (Decimal(amount), currency)
    assert ("CurrencyIsoCode" in whole) == money.multi
    assert len(whole["Subject__c"]) == 255


def test_an_entry_without_an_amount_has_none():
    written = project_entry(entry(amount=None, currency=None), References(), MANY)
    assert (written["Amount__c"], written["Currency__c"]) == (None, None)
    assert "CurrencyIsoCode" not in written


def test_a_follow_up_says_what_is_ours_and_gives_the_rest_once():
    written = project_task(follow_up(), "005")
    assert written["ours"].keys() == {"Subject", "ActivityDate", "Priority", "WhatId", "AR_Outcome__c"}
    assert written["first"] == {"Status": "Not Started", "Description": "why", "OwnerId": "005"}
    assert (written["ours"]["Priority"], written["done"]) == ("High", False)
    assert "OwnerId" not in project_task(follow_up(), None)["first"]
    assert project_task(follow_up(outcome="Paid"), "005")["done"] is True


def test_who_has_taken_it_is_whose_it_becomes():
    written = project_task(follow_up(), "005A", "005A")
    assert (written["first"]["OwnerId"], written["hand_to"]) == ("005A", "005A")
    assert project_task(follow_up(), "005")["hand_to"] is None
    assert fingerprint(written) != fingerprint(project_task(follow_up(), "005A"))


def test_what_we_left_there_is_no_news():
    """Else each look at a task would lead to another write."""
    left = {"Status": "Not Started", "OwnerId": "005"}
    assert fingerprint(project_task(follow_up(), "005")) == fingerprint(project_task(follow_up(left_there=left), "005"))
    assert fingerprint(project_task(follow_up(), "005")) != fingerprint(project_task(follow_up(outcome="Paid"), "005"))
