"""What speaks for an account, and how far it goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.linking import AccountCard, LinkSource, meant
from sync.core.matching import (
    Evidence,
    Match,
    exact,
    grade,
    in_words,
    names_to_ask,
    plain_name,
    same_name,
    suggest,
    why_open,
)
from tests.unit.core.made import STEADY

ID, NAME, DOMAIN, FORM = Evidence.BILLING_ID, Evidence.NAME, Evidence.DOMAIN, Evidence.NAME_BUT_FORM


def card(number, name, website=None):
    return AccountCard(f"00100000000000{number}AAA", name, website)


ACME = card(1, "Acme", "https://www.acme.com/about")
OTHER = card(2, "Other")


@pytest.mark.parametrize(
    ("name", "email", "expected"),
    [
        (" acme ", None, [(NAME,)]),
        (None, "ap@acme.com", [(DOMAIN,)]),
        ("Acme", "ap@acme.com", [(DOMAIN, NAME)]),
        ("ACME, Inc.", "ap@acme.com", [(DOMAIN, FORM)]),
        (None, "ap@sub.acme.com", []),
        (None, "someone@gmail.com", []),
        (None, None, []),
        ("", "", []),
    ],
)
def test_suggestions_come_with_their_evidence(name, email, expected):
    assert [each.evidence for each in suggest(name, email, [ACME, OTHER])] == expected


def test_mail_providers_are_no_companies():
    assert suggest(None, "someone@gmail.com", [card(3, "Google", "gmail.com")]) == []


def test_the_best_comes_first():
    cards = [card(1, "Acme Inc"), card(2, "Acme"), card(3, "X", "acme.com"), card(4, "acme", "acme.com"), card(5, "Y")]
    found = suggest("Acme", "ap@acme.com", cards, {card(5, "Y").id})
    assert [each.account.name for each in found] == ["Y", "acme", "X", "Acme", "Acme Inc"]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("Acme", "ACME", NAME),
        ("Acme Ltd.", "acme limited", NAME),
        ("Acme, Inc.", "Acme Incorporated", NAME),
        ("Smith & Sons", "Smith and Sons", NAME),
        ("Straße AG", "STRASSE ag", NAME),
        ("Müller GmbH & Co. KG", "müller gmbh and co kg", NAME),
        ("O'Neil", "ONeil", NAME),
        ("\uff21cme", "Acme", NAME),  # a full-width letter
        ("Acme", "Acme Inc", FORM),
        ("Acme S.A.", "Acme", FORM),
        ("Acme Ltd", "Acme GmbH", None),
        ("Acme", "Acme EMEA", None),
        ("Acme Inc", "Acme Holdings Inc", None),
        ("Limited", "Ltd", None),  # a name that is nothing but a form is a name
        ("Müller", "Mueller", None),
        ("", "", None),
        (None, "Acme", None),
        ("!!!", "???", None),
    ],
)
def test_which_names_are_the_same(ours, theirs, expected):
    assert same_name(ours, theirs) is expected
    assert same_name(theirs, ours) is expected


@STEADY
@given(st.text(max_size=60))
def test_any_text_is_a_name_and_the_same_as_itself(text):
    core, _ = plain_name(text)
    assert same_name(text, text) is (Evidence.NAME if core else None)
    assert all(name == " ".join(name.split()) for name in names_to_ask(text))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Acme, Inc.", ["Acme", "Acme, Inc."]),
        ("Acme GmbH & Co. KG", ["Acme", "Acme GmbH & Co. KG"]),
        ("Acme", ["Acme"]),
        ("  ", []),
        (None, []),
    ],
)
def test_under_which_names_an_account_is_looked_for(name, expected):
    assert names_to_ask(name) == expected


@pytest.mark.parametrize(
    ("cards", "holders", "expected"),
    [
        ([ACME], (), ACME),
        ([ACME, card(2, "Acme EMEA", "acme.com")], (), ACME),  # a subsidiary: the name decides
        ([ACME, card(2, "Acme")], (), None),  # a namesake: which of them?
        ([ACME, card(2, "Acme Inc")], (), None),
        ([ACME, card(2, "Acme", "acme.com")], (), None),
        ([card(2, "Acme")], (), None),  # the name alone proves nothing
        ([card(2, "Acme EMEA", "acme.com")], (), None),  # nor does the domain
        ([ACME, OTHER], {OTHER.id}, OTHER),  # its billing id outranks both
        ([ACME, OTHER], {OTHER.id, ACME.id}, None),
        ([], (), None),
    ],
)
def test_exact_is_only_what_nothing_speaks_against(cards, holders, expected):
    found = suggest("Acme", "ap@acme.com", cards, holders)
    best = exact(found)
    assert (best and best.account) == expected
    assert (grade(found) is Match.EXACT) == (expected is not None)


def test_what_a_person_has_unlinked_is_never_exact_again():
    found = suggest("Acme", "ap@acme.com", [ACME])
    assert grade(found) is Match.EXACT
    assert grade(found, LinkSource.PERSON) is Match.ONE


@pytest.mark.parametrize(
    ("cards", "told"),
    [
        ([], "No account has its name, domain or billing id"),
        ([ACME], "One account has its name and its domain: it waits for your yes"),
        ([card(2, "Acme")], "One account has its name: that alone proves nothing"),
        ([card(2, "X", "acme.com")], "One account has its domain: that alone proves nothing"),
        ([ACME, card(2, "Acme")], "2 accounts have its name"),
        ([card(2, "Acme"), card(3, "X", "acme.com")], "Different accounts have its name and its domain"),
    ],
)
def test_why_a_customer_is_open(cards, told):
    found = suggest("Acme", "ap@acme.com", cards)
    assert why_open(grade(found), [each.evidence for each in found], None, None) == told


def test_a_problem_and_a_decision_are_told_first():
    assert why_open(None, [], None, None) == "Salesforce has not been asked yet"
    assert why_open(Match.NONE, [], "2 accounts hold it in X", None) == "2 accounts hold it in X"
    assert why_open(Match.NONE, [], "x", LinkSource.PERSON).startswith("Somebody unlinked it")


def test_evidence_in_words():
    assert in_words([ID, DOMAIN, NAME], "acme.com", "Billing_Id__c") == [
        "same billing id in Billing_Id__c",
        "same domain acme.com",
        "same name",
    ]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("https://acme.lightning.force.com/lightning/r/Account/001000000000001AAA/view", "001000000000001AAA"),
        ("  Acme   Inc ", "Acme Inc"),
        ("001000000000001", "001000000000001"),
        ("a/b", "a/b"),
    ],
)
def test_what_somebody_means_by_a_search(typed, expected):
    assert meant(typed) == expected
