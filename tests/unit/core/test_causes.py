"""Like refusals are one cause; unlike ones are not."""

import pytest

from sync.core.causes import explain, fingerprint, kind_words, normalised


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("entity is deleted: 001xx000003DGb2AAG", "entity is deleted: 001xx000003DGb9AAG"),
        (
            "Number: data value too large: Acme and sons (max length=80)",
            "Number: data value too large: B (max length=80)",
        ),
        ("account 001D000000IqhSLIAZ does not exist", "account 001D000000IqhSMIAZ does not exist"),
        ("Foreign key external ID: main:in_abcdefGHIJ not found", "Foreign key external ID: main:in_1a2b not found"),
        ("no customer 'Acme & Co' here", "no customer 'Umbrella, Inc' here"),
        ("amount 1,000.50 is over 10", "amount 3.20 is over 99"),
    ],
)
def test_what_differs_from_row_to_row_makes_no_other_cause(one, other):
    assert fingerprint("record", "X", one) == fingerprint("record", "X", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("No such column 'Foo__c'", "No such column 'Bar__c'"),
        ("bad value for restricted picklist field: Open", "bad value for restricted picklist field: Closed"),
        ("Required fields are missing: [Name]", "Required fields are missing: [Site]"),
    ],
)
def test_what_a_person_would_mend_in_another_place_is_another_cause(one, other):
    assert fingerprint("record", "X", one) != fingerprint("record", "X", other)


def test_the_code_and_the_sort_of_thing_tell_causes_apart():
    assert len({fingerprint(*each) for each in (("record", "A", "x"), ("record", "B", "x"), ("event", "A", "x"))}) == 3
    assert fingerprint("event", None, None) == fingerprint("event", "", "")


def test_long_reasons_are_normalised_in_no_time():
    assert len(normalised("word 'quoted text' 12345 " * 20_000)) <= 300


def test_every_cause_has_a_title_and_a_way_out():
    for what in ("event", "record", "hold", "review", "work"):
        cause = explain(what, "SOMETHING_NOBODY_HAS_MET", None)
        assert cause.title
        assert cause.fix
    assert explain("record", "ACCOUNT_GONE", "dueline link …").screen == "matching"
    assert "dueline" not in explain("record", "ACCOUNT_GONE", "dueline link …").fix
    assert explain("record", "STRING_TOO_LONG", "lengthen Number__c").fix == "lengthen Number__c"


def test_kinds_have_plurals_that_people_say():
    assert [kind_words(kind, 2) for kind in ("summary", "activity", "invoice", "account")] == [
        "AR summaries",
        "timeline entries",
        "invoices",
        "accounts",
    ]
