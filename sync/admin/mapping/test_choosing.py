"""Choosing a rule: what is offered, what is said while one chooses, what is refused."""

import pytest

from sync.db import config
from tests.browsing import text_of
from tests.mapping_steps import draft, page_of, rule, told


def test_fields_that_fit_come_first_and_the_others_say_why_not(browser):
    page = browser("finance").page("/mapping/account/fields?figure=AR_Outstanding__c")
    fit, misfit = (text_of(each) for each in page.xpath("//section")[:2])
    assert "Owed Owed__c · an amount" in fit
    assert "Since_Words" not in fit
    assert "Since_Words Since_Words__cHolds 20 characters" in misfit
    assert "Since Since__cHolds a date" in misfit
    assert "AR Status AR_Status__cSays AR status already" in misfit


def test_fields_and_figures_are_searched_by_any_of_their_words(browser):
    finance = browser("finance")
    fields = text_of(finance.page("/mapping/account/fields?figure=AR_Outstanding__c&q=words+owed"))
    assert "Owed_Words__c" in fields
    assert "Late_Box__c" not in fields
    figures = finance.page("/mapping/account/figures?q=promise").xpath("//ul[@class='dl-choices']//strong/text()")
    assert figures == ["Promised"]
    assert "No figure is called that" in text_of(finance.page("/mapping/account/figures?q=zebra"))


def test_a_value_table_offers_the_values_of_the_picklist(world, browser):
    finance = browser("finance")
    page = finance.page(rule("AR_Status__c", "Light__c"))
    assert page.xpath("//select[@name='value_0']/option/@value") == ["", "Green", "Amber", "Red"]
    data = {f"value_{at}": value for at, value in enumerate(("Green", "Green", "Amber", "Amber", "Red", "Red"))}
    draft(finance, "AR_Status__c", "Light__c", way="choices", **data)
    assert "Clear → Green, Current → Green, Overdue 1-30 → Amber" in text_of(finance.page("/mapping/"))
    page = finance.page(rule("AR_Status__c", "Light__c", replaces="Light__c"))
    assert page.xpath("//select[@name='value_4']/option[@selected]/@value") == ["Red"]


def test_while_one_chooses_the_page_tells_whether_it_fits(browser):
    finance, path = browser("finance"), rule("AR_Overdue__c", "Since_Words__c").replace("/rule?", "/check?")
    good = finance.post(path, {"way": "yes_no", "yes": "late", "no": ""})
    assert "For example: late" in text_of(page_of(good))
    bad = finance.post(path, {"way": "yes_no", "yes": "overdue since too long", "no": ""})
    assert "holds 20 characters" in bad.text
    same = finance.post(path, {"way": "yes_no", "yes": "x", "no": "x"})
    assert "are the same" in same.text
    assert finance.post(path, {"way": "<b>"}).status_code == 200


@pytest.mark.parametrize(
    ("field", "data", "words"),
    [
        ("Since_Words__c", {"way": "is"}, "Not a valid choice"),
        ("Since_Words__c", {}, "Choose how the figure is shown"),
        ("Since_Words__c", {"way": "yes_no", "yes": "overdue since too long", "no": "no"}, "holds 20 characters"),
        ("Since_Words__c", {"way": "constant", "text": "x" * 300}, "No more than 255 characters"),
        ("Since_Words__c", {"way": "constant", "text": " "}, "The fixed text is empty"),
        ("Light__c", {"way": "yes_no", "yes": "Purple", "no": "Red"}, "Not a valid choice"),
    ],
)
def test_what_does_not_fit_is_told_at_the_field_and_changes_nothing(world, browser, field, data, words):
    finance = browser("finance")
    answer = finance.post(rule("AR_Overdue__c", field), data)
    assert answer.status_code == 422
    page = page_of(answer)
    assert words in text_of(page)
    assert page.xpath("//*[@role='alert']//a/@href")
    assert "Draft, not in use" not in text_of(finance.page("/mapping/"))


@pytest.mark.parametrize(
    "path",
    [
        rule("No_Such__c", "Owed__c"),
        rule("AR_Outstanding__c", "No_Such__c"),
        rule("AR_Outstanding__c", "Since__c"),
        rule("AR_Outstanding__c", "Owed__c", kind="lead"),
        rule("AR_Outstanding__c", "Owed__c", kind="task"),
        "/mapping/lead/figures",
        "/mapping/account/fields",
    ],
)
def test_what_is_not_there_is_not_found(browser, path):
    finance = browser("finance")
    assert finance.get(path).status_code == 404
    if "/rule" in path:
        assert finance.post(path, {"way": "is"}).status_code == 404


def test_only_what_the_form_asks_for_is_taken(world, browser):
    finance = browser("finance")
    more = {"figure": "AR_Status__c", "on": "no", "made_by": "root", "undoes": "7", "version": "9", "text": "x"}
    answer = finance.post(rule("AR_Outstanding__c", "Owed__c"), {"way": "is", **more})
    assert answer.status_code == 303
    with world.engine.connect() as conn:
        kept = config.get_draft(conn, "mapping")
    assert (kept.made_by, kept.value["undoes"], set(kept.value)) == (
        "Finance person",
        None,
        {"map", "changed_by", "undoes"},
    )
    rules = kept.value["map"]["account"]["rules"]
    assert rules[-1] == {"figure": "AR_Outstanding__c", "field": "Owed__c", "as": "is"}
    for kind, on in (("task", "maybe"), ("lead", "no")):
        assert finance.post(f"/mapping/{kind}/switch", {"on": on}).status_code == 404
    assert "cannot be switched off" in told(finance, finance.post("/mapping/summary/switch", {"on": "no"}))
    assert finance.post("/mapping/account/remove", {"field": "Name"}).status_code == 404


def test_a_field_cannot_be_given_a_second_figure(browser):
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    answer = finance.post(rule("AR_Overdue_Amount__c", "Owed__c"), {"way": "is"})
    assert answer.status_code == 422
    assert "a field can only say one" in answer.text
