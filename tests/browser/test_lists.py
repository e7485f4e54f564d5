"""Invoices, timeline and worklist: filters, order, many rows, and what they lead to."""

import re

from playwright.sync_api import expect

from sync.demo.book import BUSY, OWING
from tests.browser.conftest import Arrive
from tests.browser.site import Site

MANY = 2_000


def test_a_bucket_of_the_aging_bar_shows_its_invoices(arrive: Arrive, site: Site):
    visitor = arrive()
    visitor.open_account(BUSY)
    account = site.account(BUSY)
    late = site.org.query(
        f"SELECT Number__c FROM AR_Invoice__c WHERE Account__c = '{account}' AND Status__c = 'Open' "
        "AND Bucket__c = '31-60'"
    )
    visitor.panel.locator("c-ar-aging-bar").get_by_role("button", name=re.compile("31\u201360")).first.click()
    shown = visitor.invoices.get_by_label(re.compile("^Select invoice"))
    expect(shown).to_have_count(len(late))
    expect(visitor.invoices).to_contain_text("31\u201360 days late")
    visitor.invoices.get_by_role("button", name="Clear filter").click()
    expect(shown).not_to_have_count(len(late))


def test_invoices_are_sorted_by_the_server(arrive: Arrive, site: Site):
    visitor = arrive()
    visitor.open_account(BUSY)
    account = site.account(BUSY)
    rows = site.org.query(
        f"SELECT Number__c FROM AR_Invoice__c WHERE Account__c = '{account}' AND Status__c = 'Open' ORDER BY Balance__c"
    )
    column = visitor.invoices.get_by_role("button", name=re.compile("Balance"))
    ends = {rows[0]["Number__c"], rows[-1]["Number__c"]}
    shown = set()
    for _ in ends:
        column.click()
        first = visitor.invoices.get_by_role("row").nth(1)
        expect(first).to_contain_text(re.compile("|".join(ends - shown)))
        shown |= {number for number in ends if number in first.inner_text()}
    assert shown == ends


def test_two_thousand_invoices_do_not_freeze_the_page(arrive: Arrive, site: Site):
    account = site.owing("Endless Supplies", MANY)
    visitor = arrive()
    visitor.open("Account", account)
    boxes = visitor.invoices.get_by_label(re.compile("^Select invoice"))
    expect(visitor.invoices).to_contain_text("of 2,000 invoices")
    first = boxes.count()
    assert first <= 100
    more = visitor.invoices.get_by_role("button", name=re.compile("^Load"))
    for _ in range(4):
        before = boxes.count()
        more.click()
        expect(boxes).not_to_have_count(before)
    names = boxes.evaluate_all(
        "boxes => boxes.map(box => box.getAttribute('aria-label') || box.labels?.[0]?.innerText)"
    )
    assert len(names) == len(set(names)) > first
    visitor.invoices.get_by_role("searchbox").fill("MANY-1999")
    expect(boxes).to_have_count(1)


def test_the_timeline_tells_what_finance_and_stripe_did(arrive: Arrive, site: Site):
    visitor = arrive()
    page = visitor.open_account(OWING)
    page.get_by_role("tab", name="Timeline").click()
    timeline = visitor.timeline
    expect(timeline).to_contain_text("Read it before you call")
    expect(timeline).to_contain_text("Statement of account sent")
    expect(timeline).to_contain_text("They wait for a purchase order number")
    expect(timeline).to_contain_text("e-mailed")  # by the billing system
    timeline.get_by_role("button", name="Filter", exact=True).click()
    timeline.get_by_role("button", name=re.compile("^Call")).click()
    expect(timeline.get_by_text("They wait for a purchase order number")).to_be_visible()
    expect(timeline.get_by_text("Statement of account sent", exact=True)).to_have_count(0)


def test_the_worklist_says_whom_to_act_on_and_why(arrive: Arrive, site: Site):
    visitor = arrive()
    page = visitor.page
    page.goto(f"{site.url}/page/home")
    items = page.locator("c-ar-worklist").first.locator("c-ar-work-item")
    expect(items.first).to_contain_text(BUSY)  # under final notice
    expect(items.first).to_contain_text("Final notice sent")
    expect(page.locator("c-ar-worklist").first).to_contain_text("Open pipeline on overdue accounts")
    items.filter(has_text=OWING).get_by_role("link", name=OWING).click()
    expect(page).to_have_url(re.compile("/r/Account/"))
    expect(visitor.panel).to_contain_text("overdue")


def test_a_promise_is_written_from_the_worklist_in_two_clicks(arrive: Arrive, site: Site):
    visitor = arrive()
    page = visitor.page
    page.goto(f"{site.url}/page/home")
    item = page.locator("c-ar-work-item").filter(has_text="Juniper Textiles")
    item.get_by_role("button", name="Add commitment").click()
    visitor.dialog.get_by_role("button", name="Save commitment").click()
    visitor.told("Commitment saved")
    account = site.account("Juniper Textiles")
    site.soon(
        "the commitment is in the ledger",
        lambda: site.ledger("SELECT 1 FROM commitment WHERE account = :account AND status = 'Open'", account=account),
    )


def test_the_list_of_opportunities_warns_too(arrive: Arrive, site: Site):
    visitor = arrive()
    page = visitor.page
    page.goto(f"{site.url}/o/Opportunity/list")
    row = page.get_by_role("row").filter(has_text=BUSY)
    expect(row.first).to_contain_text("Final notice")


def test_accounts_are_found_by_name(arrive: Arrive):
    visitor = arrive()
    page = visitor.page
    page.goto(f"{visitor.site.url}/page/home")
    page.get_by_role("combobox", name="Search accounts").fill("Harborl")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=OWING).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(OWING)


def test_another_user_sees_what_is_theirs(arrive: Arrive):
    visitor = arrive("Ben Sato")
    visitor.page.goto(f"{visitor.site.url}/page/home")
    worklist = visitor.page.locator("c-ar-worklist").first
    expect(worklist).to_contain_text("My receivables")
    expect(worklist.locator("c-ar-work-item").first).to_be_visible()
    expect(worklist.locator("c-ar-work-item").filter(has_text=OWING)).to_have_count(0)
