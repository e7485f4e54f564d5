"""What an account executive sees on a record, in every state, and that the figures are those of the ledger."""

import pytest
from playwright.sync_api import expect

from sync.demo.book import BUSY, OWING, WORLDWIDE
from sync.demo.sales import UNBILLED
from tests.browser.conftest import Arrive
from tests.browser.site import Site
from tests.browser.visitor import DESKTOP, PHONE


def _dollars(minor: int) -> str:
    shown = f"${minor / 100:,.2f}"
    return shown.removesuffix(".00")


def test_the_headline_says_what_is_owed_and_how_long(arrive: Arrive, site: Site):
    visitor = arrive()
    visitor.open_account(OWING)
    account = site.account(OWING)
    rows = site.ledger(
        "SELECT balance, CURRENT_DATE - due_on AS late FROM invoice JOIN customer ON customer.key = invoice.customer "
        "WHERE customer.account = :account AND status = 'open' AND due_on < CURRENT_DATE",
        account=account,
    )
    overdue, oldest = sum(row["balance"] for row in rows), max(row["late"] for row in rows)
    expect(visitor.panel).to_contain_text(f"{_dollars(overdue)} overdue, oldest {oldest} days")
    expect(visitor.panel).to_contain_text("Statement of account sent")  # finance wrote yesterday
    expect(visitor.panel).to_contain_text("Farid Nasser")


def test_several_currencies_are_told_apart_and_never_added(arrive: Arrive):
    visitor = arrive()
    visitor.open_account(WORLDWIDE)
    panel = visitor.panel
    for sign in ("$", "€", "£"):
        expect(panel.get_by_text("overdue", exact=False).filter(has_text=sign).first).to_be_visible()
    expect(panel.locator("c-ar-figures")).to_have_count(3)


def test_an_account_that_nobody_bills_says_so(arrive: Arrive):
    visitor = arrive()
    visitor.open("Account", visitor.site.account(UNBILLED))
    expect(visitor.panel).to_contain_text("No billing customer is linked to this account yet")


def test_nothing_owed_is_said_quietly(arrive: Arrive, site: Site):
    [row] = site.org.query(
        "SELECT Account__c FROM AR_Summary__c WHERE Outstanding__c = 0 AND Collected__c > 0 "
        "AND Account__r.AR_Status__c = 'Clear' LIMIT 1"
    )
    visitor = arrive()
    visitor.open("Account", row["Account__c"])
    expect(visitor.panel).to_contain_text("Nothing owed")
    expect(visitor.page.locator("c-ar-warning .slds-notify")).to_have_count(0)


@pytest.mark.parametrize("object_name", ["Opportunity", "Case", "Contact"])
def test_the_same_stands_on_what_belongs_to_the_account(arrive: Arrive, site: Site, object_name: str):
    record = site.org.find(object_name, "AccountId", site.account(OWING))
    visitor = arrive()
    visitor.open(object_name, record)
    expect(visitor.panel).to_contain_text("overdue, oldest")
    expect(visitor.page.locator("c-ar-warning")).to_contain_text(f"Careful: {OWING} owes")


def test_an_opportunity_warns_before_anybody_sells_into_a_final_notice(arrive: Arrive, site: Site):
    account = site.account(BUSY)
    visitor = arrive()
    visitor.open("Opportunity", site.org.find("Opportunity", "AccountId", account))
    warning = visitor.page.locator("c-ar-warning")
    expect(warning).to_contain_text("final notice sent")
    expect(warning).to_contain_text("Open pipeline on this account")
    shown = site.one(f"SELECT AR_Warning__c FROM Opportunity WHERE AccountId = '{account}' LIMIT 1")["AR_Warning__c"]
    assert shown.startswith("Overdue")
    assert "Final notice" in shown
    visitor.page.get_by_role("link", name="See the receivables of").click()
    expect(visitor.page).to_have_url(f"{site.url}/r/Account/{account}/view")


def test_whoever_may_see_nothing_sees_nothing(arrive: Arrive, site: Site):
    """No permission set: not on the page, not over the UI API, not over GraphQL."""
    visitor = arrive("Gina Rossi")
    account = site.account(OWING)
    page = visitor.open("Account", account)
    expect(visitor.panel).to_contain_text("permission set “Dueline User”")
    expect(visitor.invoices).to_contain_text("permission set “Dueline User”")
    assert "$" not in visitor.panel.inner_text()
    assert page.locator("c-ar-warning").inner_text() == ""
    gina = site.world.act_as("Gina Rossi")
    invoice = site.one(f"SELECT Id FROM AR_Invoice__c WHERE Account__c = '{account}' LIMIT 1")["Id"]
    api = "/services/data/v66.0"
    assert gina.answer("GET", f"{api}/ui-api/records/{invoice}?fields=AR_Invoice__c.Balance__c").status_code in {
        403,
        404,
    }
    assert gina.answer("GET", f"{api}/ui-api/object-info/AR_Summary__c").status_code in {403, 404}
    assert gina.answer("GET", f"{api}/ui-api/records/{account}?fields=Account.AR_Outstanding__c").status_code == 400
    for asked in ("AR_Summary__c", "AR_Invoice__c", "AR_Activity__c"):
        query = f"{{uiapi{{query{{{asked}(first:1){{edges{{node{{Id}}}}}}}}}}}}"
        found = gina.answer("POST", f"{api}/graphql", {"query": query}).json()
        assert "is undefined" in found["errors"][0]["message"]
        assert not found["data"]


def test_a_field_of_ours_cannot_be_changed_and_says_why(arrive: Arrive, site: Site):
    """Ada has Dueline_User only."""
    asked = f"SELECT Id, Balance__c FROM AR_Invoice__c WHERE Account__c = '{site.account(OWING)}' ORDER BY Id LIMIT 1"
    before = site.one(asked)
    visitor = arrive()
    page = visitor.open("AR_Invoice__c", before["Id"])
    page.get_by_role("tab", name="Details").click()
    page.get_by_role("button", name="Edit", exact=True).click()
    balance, assigned = (page.locator(f"[data-field='{name}']") for name in ("Balance__c", "Assigned_To__c"))
    expect(balance.get_by_title("You cannot change this")).to_be_visible()
    expect(balance.get_by_role("spinbutton")).to_have_count(0)
    expect(assigned.get_by_title("You cannot change this")).to_have_count(0)
    ada = site.world.act_as("Ada Okafor")
    api = f"/services/data/v66.0/ui-api/records/{before['Id']}"
    refused = ada.answer("PATCH", api, {"fields": {"Balance__c": 1}})
    assert refused.status_code == 400
    assert "security settings of this field" in refused.text
    assert site.one(asked) == before


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_payment_refreshes_the_open_page_by_itself(arrive: Arrive, site: Site, size):
    name = "Meridian Group"
    visitor = arrive(size=size)
    page = visitor.open_account(name)
    account = site.account(name)
    invoice = site.one(
        f"SELECT Key__c, Number__c FROM AR_Invoice__c WHERE Account__c = '{account}' AND Status__c = 'Open' "
        "AND CurrencyIsoCode = 'USD' ORDER BY Due_On__c LIMIT 1"
    )
    expect(visitor.invoices).to_contain_text(invoice["Number__c"])
    before = visitor.panel.inner_text()
    site.stripe.act("pay_invoice", invoice=invoice["Key__c"].partition(":")[2], method="bank")
    expect(visitor.invoices.get_by_text(invoice["Number__c"])).to_have_count(0, timeout=60_000)
    assert visitor.panel.inner_text() != before
    assert page.get_by_role("heading", level=1).is_visible()


@pytest.mark.parametrize("size", [DESKTOP, (768, 1024), PHONE, (320, 640)], ids=["desktop", "tablet", "phone", "small"])
@pytest.mark.parametrize("where", ["Account", "Opportunity", "Case", "AR_Invoice__c", "home"])
def test_nothing_serious_for_axe_and_nothing_beside_the_window(arrive: Arrive, site: Site, where: str, size):
    visitor = arrive(size=size)
    account = site.account(BUSY)
    if where == "home":
        visitor.page.goto(f"{site.url}/page/home")
        expect(visitor.page.locator("c-ar-worklist").first).to_contain_text("My receivables")
        expect(visitor.page.locator("c-ar-work-item").first).to_be_visible()
    else:
        field = {"Account": "Id", "AR_Invoice__c": "Account__c"}.get(where, "AccountId")
        account = account if where != "Case" else site.account(OWING)
        visitor.open(where, site.one(f"SELECT Id FROM {where} WHERE {field} = '{account}' LIMIT 1")["Id"])
        expect(visitor.panel.get_by_text("As of")).to_be_visible()
    assert visitor.serious() == []
    assert visitor.wider_than_the_window() <= 0
