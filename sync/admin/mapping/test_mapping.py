"""The mapping screen on a whole product: an org with fields of its own, a draft, its preview, saving and undoing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from connector.local.org.server import LocalOrg
from connector.salesforce import fields as connector_fields
from sync.admin.mapping.lines import READ_BACK
from sync.core.fieldmap.rules import default
from sync.db import config, fieldmaps, work
from sync.db.admin_tables import audit
from sync.errands import do_slice
from tests.browsing import Visitor, text_of, visitor
from tests.integration.own_fields import org_with_own_fields
from tests.integration.world import World


@pytest.fixture
def local_org(tmp_path: Path) -> Iterator[LocalOrg]:
    """An org with fields of its company's own, and a rule that no account may owe more than 1,000."""
    with org_with_own_fields(tmp_path, rule=True) as org:
        yield org


def page_of(answer: TestResponse) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(answer.text)


def row(page: lxml.html.HtmlElement, field: str) -> list[str]:
    """The cells of the first line about a field, beside its heading."""
    lines = page.xpath(f"//tr[.//*[@class='dl-api' and text()='{field}']]")
    return [text_of(cell) for cell in lines[0].xpath("td")]


def rule(figure: str, field: str, kind: str = "account", replaces: str = "") -> str:
    more = f"&replaces={replaces}" if replaces else ""
    return f"/mapping/{kind}/rule?figure={figure}&field={field}{more}"


def draft(finance: Visitor, figure: str, field: str, kind: str = "account", **data: str) -> None:
    """Put a rule into the draft."""
    answer = finance.post(rule(figure, field, kind), {"way": "is", **data})
    assert answer.status_code == 303, text_of(page_of(answer))


def told(finance: Visitor, answer: TestResponse) -> str:
    """What the page says after a form was sent."""
    assert answer.status_code == 303, text_of(page_of(answer))
    return text_of(finance.page(answer.location.removeprefix("/admin")))


def seal(page: lxml.html.HtmlElement) -> str:
    [found] = page.xpath("//input[@name='seen']/@value")
    return str(found)


def save(finance: Visitor, page: lxml.html.HtmlElement, **data: str) -> TestResponse:
    """Save what a preview shows."""
    return finance.post("/mapping/save", {"seen": seal(page), "note": "Sales asked for it", "when": "now", **data})


def do_work(world: World) -> None:
    """All long work, and the writing that follows from it."""
    while do_slice(world.run, lambda: True):
        pass
    world.settle()


def on_account(world: World, account: str, *fields: str) -> list[Any]:
    [row] = world.admin.query(f"SELECT {', '.join(fields)} FROM Account WHERE Id = '{account}'")
    return [row[name] for name in fields]


def held(world: World) -> fieldmaps.Held:
    with world.engine.connect() as conn:
        return fieldmaps.held(conn, world.run.settings.account_fields)


@pytest.fixture
def late(world: World) -> str:
    """An account that owes 100 USD since three days."""
    account = world.account(Owed_Words__c="ask Dana")
    world.invoice(world.customer(account), due_in_days=-3)
    world.settle()
    return account


# --- the whole story -------------------------------------------------------------------------------------------------


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


# --- choosing --------------------------------------------------------------------------------------------------------


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


# --- several people, and the seal ------------------------------------------------------------------------------------


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
