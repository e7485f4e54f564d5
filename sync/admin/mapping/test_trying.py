"""Preview and saving: only what was seen is saved, whoever else is at work, whatever Salesforce says."""

import pytest

from sync.core.fieldmap.rules import default
from sync.db import fieldmaps
from tests.browsing import text_of
from tests.mapping_steps import draft, held, rule, save, seal, told


def test_two_who_change_the_same_field_do_not_overwrite_each_other(browser):
    ann, ben = browser("finance"), browser("finance")
    draft(ann, "AR_Outstanding__c", "Owed_Words__c", way="text")
    path = rule("AR_Outstanding__c", "Owed_Words__c", replaces="Owed_Words__c")
    [was] = ben.page(path).xpath("//input[@name='was']/@value")
    assert ann.post(path, {"way": "constant", "text": "ask Ann", "was": was}).status_code == 303
    answer = ben.post(path, {"way": "constant", "text": "ask Ben", "was": was})
    assert answer.status_code == 422
    assert "Somebody has changed this field in the draft meanwhile" in answer.text
    assert "always “ask Ann”" in text_of(ben.page("/mapping/"))


def test_only_what_was_previewed_is_saved(world, browser, late):
    ann, ben = browser("finance"), browser("finance")
    draft(ann, "AR_Outstanding__c", "Owed__c")
    seen = ann.page("/mapping/preview")
    draft(ben, "AR_Overdue_Amount__c", "Owed_Words__c", way="text")
    assert "The draft was changed since you previewed it" in told(ann, save(ann, seen))
    for forged in ("", "x", seal(seen)[:-3] + "abc"):
        answer = ann.post("/mapping/save", {"seen": forged, "note": "x", "when": "now"})
        assert "Look at the preview again" in told(ann, answer)
    assert held(world).version == 0
    assert "Saved as version 1" in told(ben, save(ben, ben.page("/mapping/preview")))
    assert "There is no draft any more" in told(ann, save(ann, seen))


def test_a_draft_of_an_older_version_is_told_and_cannot_be_saved(world, browser, late):
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    seen = finance.page("/mapping/preview")
    with world.engine.begin() as conn:
        fieldmaps.save(conn, default(), "Somebody else")
    assert "Somebody has saved the mapping since this draft was begun" in text_of(finance.page("/mapping/"))
    told(finance, save(finance, seen))
    assert held(world).version == 1
    assert not finance.page("/mapping/preview").xpath("//input[@name='seen']")
    answer = finance.post(rule("AR_Overdue__c", "Since_Words__c"), {"way": "yes_no", "yes": "late", "no": ""})
    assert "Somebody has saved the mapping" in answer.text


@pytest.mark.parametrize(
    ("note", "words"), [("", "Say in a few words why"), ("  ", "Say in a few"), ("x" * 501, "500 characters")]
)
def test_saving_asks_why(world, browser, late, note, words):
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    answer = save(finance, finance.page("/mapping/preview"), note=note)
    assert answer.status_code == 422
    assert words in answer.text
    assert held(world).version == 0


def test_with_a_draft_no_version_is_brought_back(browser):
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    assert "There is a draft with other changes" in told(finance, finance.post("/mapping/versions/0/bring-back"))
    finance.post("/mapping/discard")
    assert "There is no such version" in told(finance, finance.post("/mapping/versions/99/bring-back"))
    assert "nothing to bring back" in told(finance, finance.post("/mapping/versions/0/bring-back"))


# --- what Salesforce says --------------------------------------------------------------------------------------------


def test_what_salesforce_would_refuse_is_shown_and_saved_only_knowingly(world, browser):
    account = world.account()
    world.invoice(world.customer(account), 123_400, due_in_days=-3)
    world.settle()
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    page = finance.page("/mapping/preview")
    assert "Refused: Nobody may owe more than 1,000." in text_of(page)
    answer = save(finance, page)
    assert answer.status_code == 422
    assert "change the draft, or tick this" in answer.text
    assert "Saved as version 1" in told(finance, save(finance, page, although="y"))


def test_a_field_that_is_gone_since_keeps_the_draft_from_being_saved(world, browser, late):
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    seen = finance.page("/mapping/preview")
    world.fault("revoke_field", object="Account", field="Owed__c")
    world.run.require_org().exposure.forget("Account")
    page = finance.page("/mapping/preview")
    assert "This does not fit, so it cannot be saved" in text_of(page)
    assert not page.xpath("//input[@name='seen']")
    assert "No: is not in the org, or hidden" in text_of(finance.page("/mapping/"))
    assert seal(seen)


def test_salesforce_away_is_told_and_the_draft_is_kept(world, browser, late):
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    world.run.require_org().exposure.forget_all()
    world.fault("error", status=503, times=None)
    page = text_of(finance.page("/mapping/"))
    assert "Salesforce cannot be asked now" in page
    assert "Owed__c" in page
    assert "not known now" in page
    assert "Fields can be chosen once Salesforce answers" in text_of(
        finance.page("/mapping/account/fields?figure=AR_Status__c")
    )
    answer = finance.get(rule("AR_Overdue__c", "Since_Words__c"))
    assert answer.status_code == 503
    assert "Salesforce cannot be asked now" in answer.text
    preview = finance.page("/mapping/preview")
    assert "The draft is kept" in text_of(preview)
    assert not preview.xpath("//input[@name='seen']")


def test_examples_are_chosen_and_others_found_by_name(world, browser, late):
    several = world.account("Bolt <b>& Sons")
    customer = world.customer(several, name="Bolt")
    world.invoice(customer, 12_345)
    world.invoice(customer, 9_900, currency="eur")
    clear = world.account("Clear")
    world.act("pay_invoice", invoice=world.invoice(world.customer(clear)))
    further = world.account("Further")
    world.invoice(world.customer(further))
    world.settle()
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    page = finance.page("/mapping/preview")
    headings = [text_of(each) for each in page.xpath("//h3")]
    assert headings == [
        "Acme something is overdue",
        "Bolt <b>& Sons has figures in several currencies",
        "Clear owes nothing",
    ]
    assert "2 of" not in headings
    found = finance.page(f"/mapping/preview?account={clear}&q=urth")
    assert [text_of(each) for each in found.xpath("//h3")] == ["Clear"]
    assert found.xpath("//input[@name='account' and not(@checked)]/@value") == [further]
    assert "Further" in text_of(finance.page(f"/mapping/preview?account={further}&account=nobody").xpath("//h3")[0])
