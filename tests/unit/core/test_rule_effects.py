"""What rules do, in words: the numbers are those of the book, and one thing is one."""

from datetime import UTC, datetime

import pytest

from sync.core.rule_effects import RuleBook, effect

BOOK = RuleBook(
    late={0: 4, 1: 2, 5: 1, 29: 3, 100: 1},
    promised={1: 2, 9: 1, -3: 5},
    disputes={2: 1, 8: 2},
    closed={10: 5, 500: 2},
    unlinked=1,
    ours=412,
    allowed=15_000,
    billed_in=("EUR", "USD"),
)
RULES = {"api_share": 0.2, "org_currency": "USD"}
NOW = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("grace_days", 0, "7 open invoices are past due."),
        ("grace_days", 5, "Of 7 open invoices past due, 3 are within grace"),
        ("grace_days", 1, "2 are within grace"),
        ("follow_up_days", 90, "1 open invoice is past due for longer"),
        ("commitment_grace_days", 3, "2 are within grace, and 1 is broken"),
        ("dispute_sla_days", 5, "3 disputes are open, 2 for more than 5 calendar days."),
        ("milestones", (1, 30), "at 1, 30 days past due; tomorrow 7 would."),
        ("milestones", (), "Nothing is written"),
        ("closed_days", 400, "Of 7 closed invoices, 5 belong in Salesforce and 2 are older."),
        ("body_days", 1, "after 1 day."),
        ("api_share", 0.2, "20 % is 3,000 of 15,000 calls a day; in the last 24 hours Dueline made 412."),
        ("poll_every_s", 15.0, "5,760 calls a day. That is more than half of Dueline's share, so it looks every 58 s."),
        ("poll_every_s", 60.0, "Dueline's share allows it."),
        ("time_zone", "Asia/Tokyo", "There it is 11 Mar 2026, 08:30 now."),
        ("exchange_rates", {}, "No rate yet for EUR: records in it wait for one."),
        ("exchange_rates", {"EUR": 1}, "Every currency that is billed in has a rate."),
        ("account_billing_field", "X__c", "1 customer without an account is looked up by it"),
        ("account_metadata_key", "x", ""),
    ],
)
def test_each_tells_what_it_does_to_this_book(name, value, told):
    found = effect(name, value, RULES, BOOK, NOW)
    assert told in found
    assert bool(told) == bool(found)


@pytest.mark.parametrize("name", ["grace_days", "commitment_grace_days", "dispute_sla_days", "closed_days"])
def test_an_empty_book_is_told_of_too(name):
    assert effect(name, 5, RULES, RuleBook(), NOW)


def test_an_org_with_several_currencies_uses_its_own_rates():
    book = RuleBook(home="EUR", multi=True)
    assert "EUR is its corporate one" in effect("org_currency", "USD", RULES, book, NOW)
    assert "its own rates are used" in effect("exchange_rates", {}, RULES, book, NOW)
