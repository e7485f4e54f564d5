"""The mapping in words, and changing it step by step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.dates import Calendar
from sync.core.fieldmap import editing, telling
from sync.core.fieldmap.figures import ACCOUNT, FIGURES, MAPPED, SUMMARY, figure
from sync.core.fieldmap.orgfield import OrgField
from sync.core.fieldmap.rules import FieldMapError, Rule, default, pinned
from sync.core.fieldmap.transforms import AsDay, AsIs, AsText, Choices, Constant, DayForm, Rounded, YesNo, suits

CALENDAR = Calendar("Europe/Berlin")
STATUS = figure(ACCOUNT, "AR_Status__c")
TYPES = (
    "currency",
    "double",
    "int",
    "string",
    "textarea",
    "picklist",
    "boolean",
    "date",
    "datetime",
    "url",
    "reference",
)
EVERY = [(kind, each) for kind in MAPPED for each in FIGURES[kind]]


@pytest.mark.parametrize(
    ("transform", "words"),
    [
        (AsIs(), "as it is"),
        (Constant("B2B"), "always “B2B”"),
        (YesNo("late", ""), "“late” for yes, empty for no"),
        (Rounded(0), "rounded to a whole number"),
        (Rounded(1), "rounded to 1 digit after the point"),
        (AsText(), "as text"),
        (AsText(40), "as text, cut at 40 characters"),
        (AsDay(), "the day only"),
        (AsDay(DayForm.DMY), "the day as text, like 31.12.2026"),
    ],
)
def test_every_way_has_its_words(transform, words):
    assert telling.way(transform) == words


def test_a_value_table_is_told_in_the_order_of_the_figure_with_what_stays_empty():
    told = telling.way(Choices((("Current", "Green"), ("Clear", "Green"))), STATUS)
    assert told == "Clear → Green, Current → Green; empty for the others"
    every = Choices(tuple((value, "x") for value in STATUS.values))
    assert "empty" not in telling.way(every, STATUS)
    assert telling.way(Choices(()), STATUS) == "empty"


@pytest.mark.parametrize(("kind", "about"), EVERY, ids=[f"{kind}-{each.name}" for kind, each in EVERY])
def test_every_figure_has_an_example_in_every_way_that_is_offered(kind, about):
    samples = {
        AsIs: AsIs(),
        Choices: Choices(tuple((value, f"<{value}>") for value in about.values)),
        YesNo: YesNo("late", "fine"),
        Rounded: Rounded(0),
        AsText: AsText(),
        AsDay: AsDay(DayForm.ISO),
        Constant: Constant("B2B"),
    }
    for field_type in TYPES:
        for way in editing.ways(about, OrgField("X__c", "X", field_type, length=100)):
            assert suits(samples[way], about)
            assert telling.example(about, samples[way], CALENDAR) != "empty"


def test_examples_read_as_salesforce_shows_them():
    money, late = figure(ACCOUNT, "AR_Outstanding__c"), figure(ACCOUNT, "AR_Overdue__c")
    assert telling.example(money, AsIs(), CALENDAR) == "1,234.50"
    assert telling.example(money, AsText(), CALENDAR) == "USD 1,234.50"
    assert telling.example(late, AsIs(), CALENDAR) == "yes"
    assert telling.example(figure(ACCOUNT, "AR_As_Of__c"), AsIs(), CALENDAR) == "31 Mar 2026, 16:05"
    assert telling.example(STATUS, Choices((("Clear", "Green"),)), CALENDAR) == "empty"


def test_changes_are_told_field_by_field():
    before = default()
    after = editing.put(before, ACCOUNT, Rule("AR_Outstanding__c", "Owed__c", AsText()))
    after = editing.drop(after, ACCOUNT, "ar_on_hold__c")
    after = editing.put(after, ACCOUNT, Rule("AR_Disputed__c", "AR_Disputed__c", AsIs()), "AR_Disputed__c")
    after = editing.switch(after, "task", on=False)
    told = [each.what for each in telling.told(before, after, {(ACCOUNT, "owed__c"): "Owed"})]
    assert told == [
        "Account, AR_On_Hold__c: no longer written (was On hold, as it is)",
        "Account, Owed: now says Outstanding, as text",
        "Follow-up task: not written any more; what stands in Salesforce stays as it is",
    ]
    assert telling.told(after, after) == []


def test_another_way_for_the_same_field_is_a_change():
    before = editing.put(default(), ACCOUNT, Rule("AR_Outstanding__c", "Owed__c"))
    after = editing.put(before, ACCOUNT, Rule("AR_Outstanding__c", "Owed__c", Rounded(0)), "Owed__c")
    [told] = telling.told(before, after)
    assert told.what == "Account, Owed__c: says Outstanding, rounded to a whole number instead of Outstanding, as it is"


# --- editing ---------------------------------------------------------------------------------------------------------


def test_a_rule_is_replaced_in_its_place_and_others_keep_theirs():
    before = default()
    after = editing.put(before, ACCOUNT, Rule("AR_Overdue__c", "Late__c"), "ar_overdue__C")
    assert [rule.field for rule in after.rules(ACCOUNT)][:3] == ["AR_Status__c", "Late__c", "AR_Outstanding__c"]


def test_a_field_cannot_get_two_figures():
    with pytest.raises(FieldMapError, match="two figures"):
        editing.put(default(), ACCOUNT, Rule("AR_Overdue__c", "ar_status__c"))


def test_summaries_cannot_be_switched_off_and_unknown_kinds_are_refused():
    assert not editing.can_switch(SUMMARY)
    with pytest.raises(FieldMapError, match="cannot be switched off"):
        editing.switch(default(), SUMMARY, on=False)
    with pytest.raises(FieldMapError, match="no kind"):
        editing.switch(default(), "lead", on=False)


@given(st.lists(st.tuples(st.sampled_from(["drop", "put", "way"]), st.integers(0, 7)), max_size=12))
def test_taking_every_change_back_leads_to_where_it_began(steps):
    held = now = default()
    names = [rule.field for rule in held.rules(ACCOUNT)]
    for step, at in steps:
        rule = editing.find(now, ACCOUNT, names[at])
        if step == "drop":
            now = editing.drop(now, ACCOUNT, names[at])
        elif step == "put" and editing.find(now, ACCOUNT, f"New_{at}__c") is None:
            now = editing.put(now, ACCOUNT, Rule("Collected__c", f"New_{at}__c"))
        elif step == "way" and rule is not None:
            now = editing.put(now, ACCOUNT, Rule("AR_On_Hold__c", rule.field), rule.field)
    for change in telling.told(held, now):
        now = editing.take_back(now, held, change.kind, change.field)
    assert now == held


def test_what_the_environment_pins_cannot_be_changed():
    pins = {"AR_Outstanding__c": "Owed__c", "AR_Status__c": None}
    held = pinned(default(), pins)
    editing.refuse_pinned(editing.drop(held, ACCOUNT, "AR_Overdue__c"), pins)
    with pytest.raises(FieldMapError, match="Outstanding is set by the environment"):
        editing.refuse_pinned(editing.drop(held, ACCOUNT, "Owed__c"), pins)
    with pytest.raises(FieldMapError, match="AR status is set by the environment"):
        editing.refuse_pinned(editing.put(held, ACCOUNT, Rule("AR_Status__c", "Other__c")), pins)


def test_a_digest_tells_documents_apart_and_not_their_order():
    assert editing.digest({"a": 1, "b": 2}) == editing.digest({"b": 2, "a": 1}) != editing.digest({"a": 1, "b": 3})
