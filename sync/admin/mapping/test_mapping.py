"""The mapping screen on a whole product: a draft, its preview, saving and undoing; who may do what."""

import json

import pytest
from sqlalchemy import select

from connector.salesforce import fields as connector_fields
from sync.admin.mapping.lines import READ_BACK
from sync.core.fieldmap.rules import default
from sync.db import work
from sync.db.admin_tables import audit
from tests.browsing import text_of, visitor
from tests.mapping_steps import do_work, draft, held, on_account, row, rule, save, told


def test_from_a_draft_over_its_preview_to_old_records_and_back(world, browser, late):
    finance = browser("finance")
    draft(finance, "AR_Overdue_Amount__c", "Owed_Words__c", way="text")
    draft(finance, "Balance__c", "Still_Owed__c", "invoice", way="text")
    page = text_of(finance.page("/mapping/"))
    assert "Draft, not in use: 2 changes" in page
    assert "Begun by Finance person" in page
    assert on_account(world, late, "Owed_Words__c") == ["ask Dana"]

    preview = finance.page("/mapping/preview")
    text = text_of(preview)
    assert row(preview, "Owed_Words__c") == ["ask Dana", "USD 100.00"]
    assert row(preview, "Still_Owed__c") == ["empty", "USD 100.00"]
    assert "2 records of 1 account: 1 × Account, 1 × invoice" in text
    assert "Salesforce would take all of these records" in text
    assert on_account(world, late, "Owed_Words__c") == ["ask Dana"]  # the rehearsal left nothing behind

    assert "Saved as version 1" in told(finance, save(finance, preview))
    do_work(world)
    assert on_account(world, late, "Owed_Words__c") == ["USD 100.00"]
    assert "Done" in text_of(finance.page("/mapping/"))

    versions = text_of(finance.page("/mapping/versions"))
    assert "Sales asked for it" in versions
    assert "Account, Owed_Words__c: now says Overdue amount, as text" in versions
    undo = finance.post("/mapping/versions/0/bring-back")
    assert "Nothing has changed yet" in told(finance, undo)
    preview = finance.page("/mapping/preview")
    assert row(preview, "Owed_Words__c") == ["USD 100.00", "ask Dana"]
    assert "Saved as version 2" in told(finance, save(finance, preview))
    do_work(world)
    assert on_account(world, late, "Owed_Words__c") == ["ask Dana"]
    assert held(world).map == default()
    assert "Brought back the mapping as it came" in text_of(finance.page("/mapping/versions"))


def test_what_was_done_stands_in_the_audit_with_before_and_after(world, browser, late):
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    save(finance, finance.page("/mapping/preview"))
    with world.engine.connect() as conn:
        [row] = conn.execute(select(audit).where(audit.c.action == "saved mapping"))
    assert (row.by, row.what) == ("Finance person", "mapping version 1")
    assert row.before["mapping"]["account"] != row.after["mapping"]["account"]
    assert row.after["changes"] == ["Account, Owed__c: now says Outstanding, as it is"]
    assert row.after["note"] == "Sales asked for it"


def test_only_from_now_on_leaves_old_records_alone(world, browser, late):
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    answer = save(finance, finance.page("/mapping/preview"), when="later")
    assert "from now on" in told(finance, answer)
    with world.engine.connect() as conn:
        assert work.latest(conn, "apply mapping") is None
    do_work(world)
    assert on_account(world, late, "Owed__c") == [None]


def test_a_removed_field_keeps_its_value_or_gets_back_what_stood_there(world, browser, late):
    finance = browser("finance")
    draft(finance, "AR_Overdue_Amount__c", "Owed_Words__c", way="text")
    save(finance, finance.page("/mapping/preview"))
    do_work(world)
    finance.post("/mapping/account/remove", {"field": "owed_words__C"})
    assert "removed in the draft" in text_of(finance.page("/mapping/"))
    assert "no longer written: stays as it is" in text_of(finance.page("/mapping/preview"))
    restore = finance.page("/mapping/preview?leaving=restore")
    assert row(restore, "Owed_Words__c") == ["USD 100.00", "ask Dana"]
    save(finance, restore)
    do_work(world)
    assert on_account(world, late, "Owed_Words__c") == ["ask Dana"]


def test_a_kind_is_switched_off_and_on_through_the_draft(world, browser, late):
    finance = browser("finance")
    page = told(finance, finance.post("/mapping/task/switch", {"on": "no"}))
    assert "While it is off: No follow-up tasks are made or closed" in page
    save(finance, finance.page("/mapping/preview"))
    assert not held(world).map.is_on("task")
    finance.post("/mapping/task/switch", {"on": "yes"})
    assert "1 × follow-up task" in text_of(finance.page("/mapping/preview"))


def test_changes_of_a_draft_are_taken_back_one_by_one_until_there_is_none(world, browser):
    finance = browser("finance")
    finance.post("/mapping/account/remove", {"field": "AR_On_Hold__c"})
    draft(finance, "AR_Outstanding__c", "Owed__c")
    finance.post("/mapping/account/take-back", {"field": "AR_On_Hold__c"})
    page = told(finance, finance.post("/mapping/account/take-back", {"field": "Owed__c"}))
    assert "there is no draft any more" in page
    assert "Draft, not in use" not in page


def test_a_draft_is_discarded_and_nothing_has_changed(world, browser):
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    assert "The draft was discarded" in told(finance, finance.post("/mapping/discard"))
    assert held(world).version == 0
    assert "There is no draft to preview" in told(finance, finance.get("/mapping/preview"))


# --- rights, and what others decide ----------------------------------------------------------------------------------


def test_an_operator_sees_and_changes_nothing_and_a_viewer_does_not_even_see(world, browser):
    draft(browser("finance"), "AR_Outstanding__c", "Owed__c")
    operator, viewer = browser("operator"), browser("viewer")
    page = operator.page("/mapping/")
    assert "Draft, not in use: 1 change" in text_of(page)
    assert not page.xpath("//main//form | //main//a[contains(@href, 'figures')]")
    assert not operator.page("/mapping/versions").xpath("//main//form")
    gets = ("/mapping/preview", "/mapping/account/figures", rule("AR_Status__c", "Owed_Words__c"))
    posts = ("save", "discard", "task/switch", "account/remove", "account/take-back", "versions/0/bring-back")
    for path in gets:
        assert operator.get(path).status_code == viewer.get(path).status_code == 403
    for path in posts:
        assert operator.post(f"/mapping/{path}").status_code == viewer.post(f"/mapping/{path}").status_code == 403
    assert viewer.get("/mapping/").status_code == viewer.get("/mapping/versions").status_code == 403


@pytest.mark.parametrize(
    "settings",
    [{"DUELINE_ACCOUNT_FIELDS": json.dumps({"AR_Outstanding__c": "Owed__c", "AR_Status__c": None})}],
    ids=["pinned"],
)
def test_what_the_environment_decides_is_read_only_with_the_reason(world, browser):
    finance = browser("finance")
    page = finance.page("/mapping/")
    [line] = [each for each in page.xpath("//tr") if "Owed__c" in text_of(each)]
    assert "Set by the environment: DUELINE_ACCOUNT_FIELDS" in text_of(line)
    assert not line.xpath(".//form")
    assert "AR status is switched off by the environment" in text_of(page)
    answer = finance.post("/mapping/account/remove", {"field": "Owed__c"})
    assert "Outstanding is set by the environment" in told(finance, answer)
    assert finance.get(rule("AR_Status__c", "Light__c")).status_code == 404


def test_what_is_read_back_is_listed_as_it_is_read(browser):
    text = text_of(browser("finance").page("/mapping/"))
    for each in READ_BACK:
        assert each.field in connector_fields.READ_BACK[each.object]
        assert f"{each.object}.{each.field}" in text


def test_without_an_org_the_page_says_what_to_do(books):
    page = text_of(visitor(books.run, books.client.application, "finance").page("/mapping/"))
    assert "Salesforce is not connected yet" in page
    assert "AR_Outstanding__c" in page
