"""See, commit, dispute, escalate, take over, complete: as an account executive does it, on a computer and on a phone.

Each step is looked for where it has to end: in the ledger, and where money is concerned at Stripe.
"""

import re

import pytest
from playwright.sync_api import Locator, expect

from sync.demo.book import BUSY
from tests.browser.conftest import Arrive
from tests.browser.site import Site
from tests.browser.visitor import DESKTOP, PHONE, Visitor


def _overdue(site: Site, skip: int, count: int) -> list[dict[str, str]]:
    """Some of the oldest overdue invoices of the busy account."""
    return site.org.query(
        f"SELECT Id, Number__c, Key__c, Balance__c FROM AR_Invoice__c WHERE Account__c = '{site.account(BUSY)}' "
        f"AND Status__c = 'Open' AND Days_Past_Due__c > 0 ORDER BY Due_On__c, Id LIMIT {count} OFFSET {skip}"
    )


def _select(visitor: Visitor, numbers: list[str]) -> Locator:
    """Tick these invoices in the list; the actions for them."""
    for number in numbers:
        visitor.invoices.get_by_label(f"Select invoice {number}").check(force=True)
    bar = visitor.invoices.get_by_text(f"{len(numbers)} selected", exact=False)
    expect(bar).to_be_visible()
    return visitor.invoices.get_by_role("group", name="Receivables actions")


@pytest.mark.parametrize(("size", "first"), [(DESKTOP, 0), (PHONE, 10)], ids=["desktop", "phone"])
def test_the_story(arrive: Arrive, site: Site, size: tuple[int, int], first: int):
    visitor = arrive("Ada Okafor", size)
    page = visitor.open_account(BUSY)
    account = site.account(BUSY)
    expect(visitor.panel).to_contain_text("overdue, oldest")
    some = _overdue(site, first, 4)
    numbers = [row["Number__c"] for row in some]

    # commit, to two chosen invoices: the amount is theirs, the past is refused
    actions = _select(visitor, numbers[:2])
    form = visitor.act("Add commitment", actions)
    owed = sum(float(row["Balance__c"]) for row in some[:2])
    amount = form.get_by_label("Amount promised")
    expect(amount).to_have_value(re.compile(rf"^{owed:,.2f}|^{owed:.2f}|^{owed:g}"))
    day = form.get_by_label("Promised by")
    good = day.input_value()
    day.fill("Jan 1, 2020" if size == DESKTOP else "2020-01-01")  # phones have a date picker of their own
    day.blur()
    form.get_by_role("button", name="Save commitment").click()
    expect(form).to_contain_text("a promise cannot be for the past")
    day.fill(good)
    day.blur()
    form.get_by_label("Who promised it").fill(f"Carla promises ({first})")
    form.get_by_role("button", name="Save commitment").click()
    visitor.told("Commitment saved")
    promised = site.soon(
        "the commitment is in the ledger",
        lambda: site.ledger(
            "SELECT c.id, c.amount, c.status, c.problem, array_agg(v.invoice) AS covers FROM commitment c "
            "JOIN coverage v ON v.commitment = c.id JOIN crm ON crm.id = c.id "
            "WHERE c.account = :account AND crm.row->>'Note__c' = :note GROUP BY 1, 2, 3, 4",
            account=account,
            note=f"Carla promises ({first})",
        ),
    )[0]
    assert promised["amount"] == round(owed * 100)
    assert promised["problem"] is None
    assert set(promised["covers"]) == {row["Key__c"] for row in some[:2]}
    for number in numbers[:2]:
        site.soon(f"{number} is held at Stripe", lambda number=number: site.held_at_stripe(number))
    expect(visitor.panel).to_contain_text("promised", timeout=40_000)

    # dispute the third
    _clear(visitor)
    actions = _select(visitor, numbers[2:3])
    form = visitor.act("Raise dispute", actions)
    form.get_by_role("combobox", name="Category").click()
    page.get_by_role("option", name="Billing Error").click()
    form.get_by_role("button", name="Raise dispute").click()
    expect(form).to_contain_text("Say what the customer contests")
    form.get_by_label("What the customer says").fill("Charged for 12 seats, they have 10")
    form.get_by_role("button", name="Raise dispute").click()
    visitor.told("Dispute raised about")
    disputed = site.soon(
        "the dispute is in the ledger",
        lambda: site.ledger("SELECT * FROM dispute WHERE invoice = :key AND open", key=some[2]["Key__c"]),
    )[0]
    assert disputed["category"] == "Billing Error"
    site.soon("it is held at Stripe", lambda: site.held_at_stripe(numbers[2]))

    # escalate to a team
    form = visitor.act("Escalate")
    form.get_by_text("A team").click()
    form.get_by_role("combobox", name="Team").click()
    page.get_by_role("option", name="Finance").click()
    form.get_by_label("Why, and what you need").fill(f"They want to speak with finance ({first})")
    form.get_by_role("button", name="Escalate").click()
    visitor.told("Escalated to Finance")
    site.soon(
        "the escalation is in the ledger",
        lambda: site.ledger(
            "SELECT 1 FROM crm WHERE kind = 'activity' AND account = :account AND row->>'Kind__c' = 'Escalation' "
            "AND row->>'Body__c' = :body",
            account=account,
            body=f"They want to speak with finance ({first})",
        ),
    )

    # take over, and complete a task
    _clear(visitor)
    actions = _select(visitor, numbers[3:4])
    form = visitor.act("I'm on it", actions)
    form.get_by_role("button", name=re.compile("I'm on it|Take it over")).click()
    visitor.told("You are on it")
    me = site.one("SELECT Id FROM User WHERE Name = 'Ada Okafor'")["Id"]
    site.soon(
        "who follows it up is in the ledger",
        lambda: site.ledger(
            "SELECT 1 FROM assignment WHERE invoice = :key AND person = :me", key=some[3]["Key__c"], me=me
        ),
    )
    form = visitor.act("Complete a task")
    line = form.get_by_role("listitem").filter(has_text=numbers[3])
    line.get_by_role("button", name=re.compile("^Complete")).click()
    line.get_by_label("What came of it").fill("They pay by transfer")
    line.get_by_role("button", name=re.compile("^Complete")).last.click()
    task = site.soon(
        "the task is completed in the ledger",
        lambda: site.ledger(
            "SELECT row FROM crm WHERE kind = 'task' AND account = :account AND row->>'Status' = 'Completed' "
            "AND row->>'AR_Key__c' LIKE :key",
            account=account,
            key=f"due:{some[3]['Key__c']}:%",
        ),
    )
    assert task
    form.get_by_role("button", name="Cancel and close").click()

    # and everybody sees what was said
    visitor.page.get_by_role("tab", name="Timeline").click()
    expect(visitor.timeline).to_contain_text("Escalated to Finance", timeout=40_000)
    expect(visitor.timeline).to_contain_text("Charged for 12 seats, they have 10")


def _clear(visitor: Visitor) -> None:
    clear = visitor.invoices.get_by_role("button", name="Clear selection")
    if clear.count():
        clear.click()


def test_what_the_platform_refuses_is_said_in_the_form_and_nothing_typed_is_lost(arrive: Arrive, site: Site):
    """The invoice of a promise is deleted while somebody writes the promise down."""
    visitor = arrive()
    [account] = site.org.create("Account", [{"Name": "Vanishing Act", "CurrencyIsoCode": "USD"}])
    row = {"Account__c": account, "Status__c": "Open", "Balance__c": 90, "Amount__c": 90, "Currency__c": "USD"}
    row |= {"Key__c": "gone:1", "Name": "GONE-1", "Number__c": "GONE-1", "Due_On__c": "2026-01-01"}
    site.org.create("AR_Invoice__c", [row])
    visitor.open("Account", account)
    actions = _select(visitor, ["GONE-1"])
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
