"""Rows that people make in Salesforce, as values; and whether a field says what we said."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.mapping.salesforce import (
    OURS,
    activity_entry,
    dispute_terms,
    is_contact,
    moment,
    promise_terms,
    same_value,
    task_entry,
    without,
)
from tests.unit.core.made import STEADY

MADE = datetime(2026, 3, 10, 9, tzinfo=UTC)


def test_a_commitment_is_read_as_it_was_written():
    terms = promise_terms(
        {
            "Amount__c": "12.50",
            "CurrencyIsoCode": "EUR",
            "Promised_On__c": "2026-03-12",
            "Cancelled__c": True,
            "Invoice__r.Key__c": "main:in_1",
            "Invoices__c": " A-1, A-2;A-3\r\n\tA-4 ,, ",
            "CreatedBy.Name": " Ann ",
        }
    )
    assert (terms.amount, terms.shown_in, terms.promised_on) == (Decimal("12.50"), "EUR", date(2026, 3, 12))
    assert (terms.cancelled, terms.invoice, terms.by) == (True, "main:in_1", "Ann")
    assert terms.numbers == ("A-1", "A-2", "A-3", "A-4")


@pytest.mark.parametrize(
    "fields", [{}, {"Amount__c": None, "Invoices__c": "  ", "Cancelled__c": None, "Promised_On__c": ""}]
)
def test_what_nobody_wrote_is_empty(fields):
    terms = promise_terms(fields)
    assert (terms.amount, terms.promised_on, terms.cancelled, terms.numbers) == (None, None, False, ())
    about = dispute_terms(fields)
    assert (about.amount, about.invoice, about.status, about.category) == (None, None, "New", None)


@pytest.mark.parametrize("amount", ["0", "-3", 0])
def test_an_amount_that_nobody_can_promise_is_none_and_said_to_be_odd(amount):
    terms = promise_terms({"Amount__c": amount})
    assert (terms.amount, terms.odd_amount) == (None, True)
    assert dispute_terms({"Disputed_Amount__c": amount}).amount is None


@pytest.mark.parametrize(
    ("change", "anew"),
    [
        ({"Amount__c": "2"}, True),
        ({"Invoices__c": "A-2"}, True),
        ({"Invoice__r.Key__c": "main:in_2"}, True),
        ({"CurrencyIsoCode": "EUR"}, True),
        ({"Note__c": "x"}, False),
        ({"Promised_On__c": "2026-04-01"}, False),
        ({"Cancelled__c": True}, False),
        ({"Amount__c": "1"}, False),
    ],
)
def test_invoices_are_chosen_anew_only_where_what_was_named_changes(change, anew):
    fields = {"Amount__c": "1", "Invoices__c": "A-1", "Invoice__r.Key__c": "main:in_1", "CurrencyIsoCode": "USD"}
    assert (promise_terms(fields).named != promise_terms(fields | change).named) == anew


def test_an_activity_says_who_when_and_where():
    entry = activity_entry(
        "a1",
        {"Kind__c": "Call", "Subject__c": "Called", "By__c": "Ann", "Occurred_At__c": "2026-03-09T08:00:00.000+0000"},
        MADE,
    )
    assert (entry.kind, entry.subject, entry.by, entry.system) == ("Call", "Called", "Ann", "Salesforce")
    assert entry.occurred_at == datetime(2026, 3, 9, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "subject"),
    [
        ({"Kind__c": "Escalation", "Escalated_To__r.Name": "Eve", "Body__c": "help"}, "Escalated to Eve"),
        ({"Kind__c": "Escalation", "Escalated_Team__c": "Finance", "Body__c": "help"}, "Escalated to Finance"),
        (
            {"Kind__c": "Escalation", "Escalated_To__r.Name": "Eve", "Escalated_Team__c": "Legal"},
            "Escalated to Eve, Legal",
        ),
        ({"Kind__c": "Note", "Body__c": "y" * 300}, "y" * 255),
        ({"Kind__c": "Note"}, "Note"),
        ({}, "Note"),
    ],
)
def test_an_activity_without_a_subject_is_called_by_what_it_has(fields, subject):
    entry = activity_entry("a1", {**fields, "CreatedBy.Name": "Ann"}, MADE)
    assert (entry.subject, entry.by, entry.occurred_at) == (subject, "Ann", MADE)


@pytest.mark.parametrize(
    ("fields", "kind", "contact", "by"),
    [
        ({"TaskSubtype": "Call", "IsClosed": True, "Status": "Completed"}, "Call", True, "Ben"),
        ({"TaskSubtype": "Call", "IsClosed": False, "Status": "Open"}, "Call", False, "Ann"),
        ({"TaskSubtype": "Email", "IsClosed": True, "Status": "Completed"}, "Email", True, "Ben"),
        ({"TaskSubtype": "Task", "IsClosed": True, "Status": "Completed"}, "Task", False, "Ben"),
        ({"Status": "Open"}, "Task", False, "Ann"),
    ],
)
def test_only_what_was_done_with_the_customer_is_a_contact(fields, kind, contact, by):
    entry = task_entry("t1", {"Subject": "s", "Owner.Name": "Ann", **fields}, MADE, "Ben")
    assert (entry.kind, is_contact(entry.kind, fields), entry.by) == (kind, contact, by)


def test_a_task_happened_when_it_was_completed():
    fields = {"Status": "Completed", "IsClosed": True, "CompletedDateTime": "2026-03-11T10:00:00.000+0000"}
    assert task_entry("t1", fields, MADE, None).occurred_at == datetime(2026, 3, 11, 10, tzinfo=UTC)
    assert task_entry("t1", {**fields, "IsClosed": False}, MADE, None).occurred_at == MADE


AT = datetime(2026, 3, 10, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "told", "same"),
    [
        (None, None, True),
        (None, "", True),
        ("", None, True),
        ("  ", None, True),
        (None, "x", False),
        ("x", None, False),
        (False, None, True),
        (False, False, True),
        (True, True, True),
        (True, None, False),
        (True, "true", False),
        (Decimal("5.00"), "5.0", True),
        (Decimal(5), 5, True),
        (Decimal(0), None, False),
        (Decimal(5), "n/a", False),
        (Decimal(5), True, False),
        (3, "3.0", True),
        (date(2026, 3, 10), "2026-03-10", True),
        (date(2026, 3, 10), "2026-03-11", False),
        (AT, "2026-03-10T12:00:00.000+0000", True),
        (AT, "2026-03-10T13:00:00.000+0100", True),
        (AT, "2026-03-10T12:00:01.000+0000", False),
        (AT, "yesterday", False),
        (" a\nb ", "a\r\nb", True),
        ("a", "A", False),
    ],
)
def test_a_field_says_what_we_said_however_salesforce_spells_it(said, told, same):
    assert same_value(said, told) is same


@STEADY
@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_amounts_are_known_again_in_any_spelling(amount):
    assert same_value(amount, str(amount))
    assert same_value(amount, str(amount.normalize()))
    assert not same_value(amount, str(amount + 1))


def test_instants_are_read_in_utc():
    assert moment("2026-03-10T12:00:00.000+0200") == datetime(2026, 3, 10, 12, tzinfo=timezone(timedelta(hours=2)))
    assert moment(None) is None


def test_what_is_ours_says_nothing_of_theirs():
    assert without({"Status__c": "Kept", "Note__c": "n"}, OURS["commitment"]) == {"Note__c": "n"}
    assert not OURS["commitment"] & {
        "Amount__c",
        "Promised_On__c",
        "Invoice__c",
        "Invoices__c",
        "Note__c",
        "Cancelled__c",
    }
    assert not OURS["dispute"] & {"Category__c", "Reason__c", "Disputed_Amount__c", "Status__c", "Assigned_To__c"}
