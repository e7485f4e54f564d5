"""See, commit, dispute, escalate, take over, complete: as an account executive does it, on a computer and on a phone.

Each step is looked for where it has to end: in the ledger, and where money is concerned at Stripe.
"""

import re

import pytest
from playwright.sync_api import expect

from sync.demo.book import BUSY
from tests.browser.conftest import Arrive
from tests.browser.site import Site
from tests.browser.steps import close, commit, complete, dispute, escalate, overdue, select, take_over
from tests.browser.visitor import DESKTOP, PHONE


@pytest.mark.parametrize(("size", "first"), [(DESKTOP, 0), (PHONE, 10)], ids=["desktop", "phone"])
def test_the_story(arrive: Arrive, site: Site, size: tuple[int, int], first: int):
    visitor = arrive("Ada Okafor", size)
    visitor.open_account(BUSY)
    expect(visitor.panel).to_contain_text("overdue, oldest")
    some = overdue(site, first, 4)
    numbers = [row["Number__c"] for row in some]

    # commit, to two chosen invoices: the amount is theirs, the past is refused
    step, form = commit(visitor, some[:2], f"Carla promises ({first})"), visitor.dialog
    owed = sum(float(row["Balance__c"]) for row in some[:2])
    expect(form.get_by_label("Amount promised")).to_have_value(re.compile(rf"^{owed:,.2f}|^{owed:.2f}|^{owed:g}"))
    day = form.get_by_label("Promised by")
    good = day.input_value()
    day.fill("Jan 1, 2020" if size == DESKTOP else "2020-01-01")  # phones have a date picker of their own
    day.blur()
    step.save.click()
    expect(form).to_contain_text("a promise cannot be for the past")
    day.fill(good)
    day.blur()
    [promised] = step.play(visitor)
    assert promised["amount"] == round(owed * 100)
    assert promised["problem"] is None
    assert set(promised["covers"]) == {row["Key__c"] for row in some[:2]}
    for number in numbers[:2]:
        site.soon(f"{number} is held at Stripe", lambda number=number: site.held_at_stripe(number))
    expect(visitor.panel).to_contain_text("promised", timeout=40_000)

    # dispute the third: not without a reason
    step, form = dispute(visitor, some[2], ""), visitor.dialog
    step.save.click()
    expect(form).to_contain_text("Say what the customer contests")
    form.get_by_label("What the customer says").fill("Charged for 12 seats, they have 10")
    [disputed] = step.play(visitor)
    assert disputed["category"] == "Billing Error"
    site.soon("it is held at Stripe", lambda: site.held_at_stripe(numbers[2]))

    # escalate to a team, take over, and complete a task
    escalate(visitor, f"They want to speak with finance ({first})").play(visitor)
    take_over(visitor, some[3], "Ada Okafor").play(visitor)
    complete(visitor, some[3], "They pay by transfer").play(visitor)
    close(visitor)

    # and everybody sees what was said
    visitor.page.get_by_role("tab", name="Timeline").click()
    expect(visitor.timeline).to_contain_text("Escalated to Finance", timeout=40_000)
    expect(visitor.timeline).to_contain_text("Charged for 12 seats, they have 10")


def test_what_the_platform_refuses_is_said_in_the_form_and_nothing_typed_is_lost(arrive: Arrive, site: Site):
    """The invoice of a promise is deleted while somebody writes the promise down."""
    visitor = arrive()
    [account] = site.org.create("Account", [{"Name": "Vanishing Act", "CurrencyIsoCode": "USD"}])
    row = {"Account__c": account, "Status__c": "Open", "Balance__c": 90, "Amount__c": 90, "Currency__c": "USD"}
    row |= {"Key__c": "gone:1", "Name": "GONE-1", "Number__c": "GONE-1", "Due_On__c": "2026-01-01"}
    site.org.create("AR_Invoice__c", [row])
    visitor.open("Account", account)
    actions = select(visitor, ["GONE-1"])
    form = visitor.act("Raise dispute", actions)
    form.get_by_role("combobox", name="Category").click()
    visitor.page.get_by_role("option", name="Pricing").click()
    form.get_by_label("What the customer says").fill("Never ordered")
    invoice = site.one("SELECT Id FROM AR_Invoice__c WHERE Key__c = 'gone:1'")["Id"]
    assert site.org.answer("DELETE", f"/services/data/v66.0/sobjects/AR_Invoice__c/{invoice}").status_code == 204
    form.get_by_role("button", name="Raise dispute").click()
    expect(form.get_by_role("alert")).not_to_be_empty()
    expect(form.get_by_label("What the customer says")).to_have_value("Never ordered")
    assert site.org.query(f"SELECT Id FROM AR_Dispute__c WHERE Account__c = '{account}'") == []


def test_forms_work_by_keyboard_alone(arrive: Arrive, site: Site):
    visitor = arrive()
    page = visitor.open_account(BUSY)
    button = visitor.panel.get_by_role("button", name="Log a call")
    button.focus()
    page.keyboard.press("Enter")
    form = visitor.dialog
    expect(form).to_be_visible()
    expect(form.get_by_label("What came of it")).to_be_visible()
    form.get_by_label("What came of it").focus()
    page.keyboard.type("Keyboard call")
    page.keyboard.press("Enter")
    visitor.told("Call saved")
    site.soon(
        "the call is in the ledger",
        lambda: site.ledger("SELECT 1 FROM crm WHERE row->>'Subject__c' = 'Keyboard call'"),
    )
    visitor.act("Escalate")
    page.keyboard.press("Escape")
    expect(visitor.dialog).to_have_count(0)
