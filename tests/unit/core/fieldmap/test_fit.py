"""Whether a figure fits a field, in words; and the fields it fits, best first."""

import pytest

from sync.core.fieldmap.choices import choices_for
from sync.core.fieldmap.figures import ACCOUNT, FIGURES, INVOICE, MAPPED, figure
from sync.core.fieldmap.fit import Misfit, misfits, problems
from sync.core.fieldmap.orgfield import OrgField
from sync.core.fieldmap.proposals import proposal
from sync.core.fieldmap.rules import KindMap, Rule, default
from sync.core.fieldmap.transforms import (
    AsDay,
    AsIs,
    AsText,
    Choices,
    Constant,
    DayForm,
    Rounded,
    YesNo,
    suits,
)

OWED, LATE, STATUS, SEEN, NOTICE, WHO = (
    figure(ACCOUNT, name)
    for name in (
        *("AR_Outstanding__c", "AR_Overdue__c", "AR_Status__c", "AR_As_Of__c", "AR_Final_Notice_On__c"),
        "Last_Contact_By__c",
    )
)
REVENUE = OrgField("AnnualRevenue", "Annual Revenue", "currency", precision=18, custom=False)
AMOUNT = OrgField("Owed__c", "Owed", "currency", precision=18, scale=2)
SMALL = OrgField("Small__c", "Small", "double", precision=6, scale=2)
WORDS = OrgField("Words__c", "Words", "string", length=40)
BRIEF = OrgField("Brief__c", "Brief", "string", length=10)
AREA = OrgField("Area__c", "Area", "textarea", length=32_000)
LIGHT = OrgField("Light__c", "Light", "picklist", length=255, values=("Green", "Amber", "Red"), restricted=True)
OPEN_LIST = OrgField("Rating", "Rating", "picklist", length=255, values=("Hot", "Cold"), custom=False)
BOX = OrgField("Box__c", "Box", "boolean")
DAY, STAMP = OrgField("Day__c", "Day", "date"), OrgField("At__c", "At", "datetime")
FORMULA = OrgField("Sum__c", "Sum", "currency", precision=18, scale=2, calculated=True, updateable=False)
NUMBERED = OrgField("No__c", "No", "string", length=30, auto_number=True, updateable=False)
LOCKED = OrgField("Locked__c", "Locked", "currency", precision=18, scale=2, updateable=False)
UNIQUE = OrgField("One__c", "One", "string", length=255, unique=True)
LOOKUP = OrgField("Boss__c", "Boss", "reference", length=18)
NEEDED = OrgField("Must__c", "Must", "currency", precision=18, scale=2, required=True)
URL = OrgField("Page__c", "Page", "url", length=255)
ALL = (
    *(REVENUE, AMOUNT, SMALL, WORDS, BRIEF, AREA, LIGHT, OPEN_LIST, BOX, DAY, STAMP, FORMULA, NUMBERED, LOCKED),
    *(UNIQUE, LOOKUP, NEEDED, URL),
)


def told(of, field, transform=None, kind=ACCOUNT):
    return problems(kind, of, Rule(of.name, field.name, transform or AsIs()), field)


@pytest.mark.parametrize(
    ("of", "field", "transform", "part"),
    [
        (OWED, REVENUE, AsIs(), "keeps no digits after the point; this has 2: have it rounded to 0"),
        (OWED, SMALL, AsIs(), "holds 4 digits before the point; this can have 12"),
        (OWED, WORDS, AsIs(), "holds text, and this is a number: write it as text"),
        (OWED, BRIEF, AsText(), "holds 10 characters; the longest text of Outstanding has 24: have it cut at 10"),
        (OWED, FORMULA, AsIs(), "is a formula: nobody can write it"),
        (OWED, NUMBERED, AsText(), "is numbered by Salesforce"),
        (OWED, LOCKED, AsIs(), "cannot be edited by the integration user"),
        (OWED, NEEDED, AsIs(), "must not be empty, and this can be"),
        (OWED, LOOKUP, AsText(), "holds a link to another record"),
        (OWED, DAY, AsIs(), "holds a date, and this is a number"),
        (STATUS, LIGHT, AsIs(), "'Overdue 1-30'"),
        (STATUS, LIGHT, Choices((("Clear", "Green"), ("Current", "Blue"))), "the value 'Blue' is not in its list"),
        (STATUS, LIGHT, Choices(()), "choose a value of its list for each"),
        (STATUS, BRIEF, AsIs(), "holds 10 characters; the longest text of AR status has 15"),
        (STATUS, UNIQUE, AsIs(), "must be different on every record"),
        (STATUS, BRIEF, Constant("a long constant"), "the longest text here has 15: shorten it"),
        (STATUS, LIGHT, Constant("Blue"), "the value 'Blue' is not in its list"),
        (LATE, WORDS, AsIs(), "give a text for yes and one for no"),
        (LATE, LIGHT, YesNo("Red", "Blue"), "the value 'Blue' is not in its list"),
        (LATE, WORDS, AsText(), "cannot be written in that way"),
        (SEEN, DAY, AsIs(), "holds a date, and this is a date and time: write it as a date"),
        (NOTICE, WORDS, AsIs(), "choose how the day is written"),
        (NOTICE, STAMP, AsIs(), "holds a date and time, and this is a date"),
        (WHO, WORDS, AsIs(), "have it cut at 40"),
        (WHO, LIGHT, AsIs(), "takes only the values of its list, and this can be any text"),
        (WHO, URL, AsText(), "holds a web address"),
    ],
)
def test_why_a_figure_does_not_fit(of, field, transform, part):
    assert any(part in problem for problem in told(of, field, transform)), told(of, field, transform)


@pytest.mark.parametrize(
    ("of", "field", "transform"),
    [
        (OWED, AMOUNT, AsIs()),
        (OWED, REVENUE, Rounded(0)),
        (OWED, WORDS, AsText()),
        (OWED, AREA, AsText()),
        (STATUS, WORDS, AsIs()),
        (STATUS, OPEN_LIST, AsIs()),
        (STATUS, LIGHT, Choices((("Clear", "Green"),))),
        (STATUS, LIGHT, Constant("Red")),
        (LATE, BOX, AsIs()),
        (LATE, LIGHT, YesNo("Red", "")),
        (SEEN, STAMP, AsIs()),
        (SEEN, DAY, AsDay()),
        (NOTICE, DAY, AsIs()),
        (NOTICE, BRIEF, AsDay(DayForm.DMY)),
        (WHO, WORDS, AsText(40)),
    ],
)
def test_what_fits(of, field, transform):
    assert told(of, field, transform) == []


def test_a_field_that_the_org_does_not_show_and_one_that_must_never_be_written():
    assert "not in the org, or hidden" in problems(ACCOUNT, OWED, Rule(OWED.name, "Gone__c"), None)[0]
    owner = OrgField("OwnerId", "Owner", "reference", custom=False)
    assert "standard field" in told(STATUS, owner)[0]
    balance = OrgField("Balance__c", "Balance", "currency", precision=18, scale=2)
    assert "Dueline's own" in told(figure(INVOICE, "Tax__c"), balance, kind=INVOICE)[0]


def test_records_that_we_create_need_fields_that_can_be_filled_then():
    field = OrgField("X__c", "X", "currency", precision=18, scale=2, createable=False)
    assert told(OWED, field) == []  # accounts are there already
    assert "cannot be edited" in told(figure(INVOICE, "Tax__c"), field, kind=INVOICE)[0]


@pytest.mark.parametrize("kind", MAPPED)
def test_whatever_is_offered_fits_and_nothing_that_would_fit_is_kept_back(kind):
    for of in FIGURES[kind]:
        offered = {choice.field.name: choice for choice in choices_for(of, kind, ALL)}
        for field in ALL:
            way = proposal(of, field)
            if field.name in offered:
                chosen = offered[field.name].transform
                assert suits(chosen, of)
                if not isinstance(chosen, Choices | YesNo):
                    assert problems(kind, of, Rule(of.name, field.name, chosen), field) == []
            else:
                assert way is None or problems(kind, of, Rule(of.name, field.name, way), field)


def test_the_best_field_comes_first_and_those_in_use_are_left_out():
    names = [choice.field.name for choice in choices_for(OWED, ACCOUNT, ALL)]
    assert names == ["Owed__c", "AnnualRevenue", "Words__c", "Area__c"]
    assert "Owed__c" not in [choice.field.name for choice in choices_for(OWED, ACCOUNT, ALL, used=["OWED__C"])]
    assert [choice.field.name for choice in choices_for(SEEN, ACCOUNT, ALL)][:2] == ["At__c", "Day__c"]
    assert choices_for(LATE, ACCOUNT, ALL)[0].field is BOX


def test_a_whole_mapping_is_checked_against_the_org():
    mapping = default().put(
        ACCOUNT, KindMap(rules=(Rule("AR_Outstanding__c", "Owed__c"), Rule("AR_Status__c", "X__c")))
    )
    mapping = mapping.put(INVOICE, KindMap(rules=(Rule("Tax__c", "AnnualRevenue"),)))
    found = misfits(mapping, {ACCOUNT: ALL, INVOICE: ALL})
    assert [(each.kind, each.field) for each in found] == [(ACCOUNT, "X__c"), (INVOICE, "AnnualRevenue")]
    assert isinstance(found[0], Misfit)
    off = mapping.put(INVOICE, KindMap(on=False, rules=mapping.of(INVOICE).rules))
    assert [each.kind for each in misfits(off, {ACCOUNT: ALL})] == [ACCOUNT]
