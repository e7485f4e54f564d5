"""Finance's page in a running world: matching, mapping with preview and undo, what was refused, each role's limits."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page, expect

from sync.demo.book import OWING
from tests.browser.clerk import Clerk
from tests.browser.site import Site
from tests.browser.visitor import DESKTOP, PHONE

Office = Callable[..., Clerk]
SCREENS = (
    "receivables/",
    "receivables/trend",
    "receivables/accounts",
    "receivables/owners",
    "receivables/commitments",
    "receivables/disputes",
    "setup/",
    "setup/salesforce",
    "setup/stripe/main",
    "setup/load",
    "setup/customers",
    "setup/mapping",
    "setup/check",
    "matching/",
    "matching/exact",
    "matching/file",
    "mapping/",
    "mapping/account/figures",
    "mapping/versions",
    "rules/",
    "rules/versions",
    "health/",
    "health/parked",
    "health/ignored",
    "people/",
    "people/add",
    "people/sessions",
    "people/me",
    "history/",
)


@pytest.fixture
def office(site: Site, browser: Browser) -> Iterator[Office]:
    """Opens windows of finance's page: `office(PHONE)`. Afterwards no window may have complained of anything."""
    clerks: list[Clerk] = []

    def make(size: tuple[int, int] = DESKTOP, *, user: str = "finance", password: str = "") -> Clerk:
        clerks.append(Clerk.arrive(browser, f"{site.world.web_url}/admin/", size))
        clerks[-1].sign_in(user, password or site.world.admin_password)
        return clerks[-1]

    yield make
    complaints = [each for clerk in clerks for each in clerk.unexpected]
    for clerk in clerks:
        clerk.context.close()
    assert complaints == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_screen_can_be_used_by_everybody(office: Office, size: tuple[int, int]):
    clerk = office(size)
    found = {}
    for path in SCREENS:
        clerk.open(path)
        if barriers := clerk.barriers():
            found[path] = barriers
    assert found == {}


def test_nothing_moves_while_a_screen_arrives(office: Office):
    clerk = office()
    clerk.context.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => { for (const each of list.getEntries()) "
        "if (!each.hadRecentInput) window.moved += each.value; }).observe({type: 'layout-shift', buffered: true})"
    )
    for path in ("receivables/", "health/", "matching/", "mapping/", "setup/", "rules/"):
        page = clerk.open(path)
        page.wait_for_timeout(300)
        assert page.evaluate("window.moved") < 0.02, path


def test_a_customer_is_matched_by_its_evidence(office: Office, site: Site):
    [account] = site.org.create("Account", [{"Name": "Marigold Trading", "Website": "https://www.marigold.example"}])
    fields = {"name": "Marigold Trading", "email": "pay@marigold.example"}
    customer = site.stripe.act("create_customer", deliver="soon", **fields)["id"]
    clerk = office()
    page = clerk.open("matching/?q=marigold")
    site.soon("it waits", lambda: page.reload() and page.get_by_text("Marigold Trading").count())
    site.soon("an account is suggested", lambda: page.reload() and page.get_by_role("button", name="Link").count(), 120)
    expect(page.locator("tbody tr")).to_contain_text("marigold.example")
    page.get_by_role("button", name="Link").click()
    expect(page.locator(".dl-flash")).to_contain_text("Marigold Trading")
    assert site.ledger("SELECT account FROM customer WHERE key = :key", key=f"main:{customer}") == [
        {"account": account}
    ]
    clerk.open(f"history/?q={customer}")
    expect(page.locator("tbody tr").first).to_contain_text("finance")


def _drafted(clerk: Clerk) -> Page:
    """The preview of a draft: what is overdue, in words, as the accounts' billing note."""
    page = clerk.open("mapping/account/figures?q=overdue+amount")
    page.get_by_role("link", name="Overdue amount", exact=True).click()
    page.get_by_role("link", name="Billing Note").click()
    clerk.press("Put into the draft")
    clerk.told("Draft, not in use: 1 change")
    page.get_by_role("link", name="Preview", exact=True).click()
    return page


def _saved(clerk: Clerk, why: str) -> None:
    clerk.page.get_by_label("Why").fill(why)
    clerk.press("Save and use it")
    clerk.wait_for_work()


def _as_it_came(clerk: Clerk) -> Page:
    """The preview of bringing back the mapping as it came."""
    clerk.open("mapping/versions")
    clerk.press("Bring back the mapping as it came")
    return clerk.open("mapping/preview")


def test_a_mapping_is_previewed_applied_and_undone(office: Office, site: Site):
    account = site.account(OWING)
    site.org.update("Account", [{"Id": account, "Billing_Note__c": "Pays by cheque"}])
    clerk = office()
    page = _drafted(clerk)
    _pick(page, OWING)
    expect(page.locator("main")).to_contain_text("Pays by cheque")  # today's value
    clerk.told("Salesforce would take all of these records")
    assert clerk.barriers() == []
    _saved(clerk, "Sales asked for it in words")
    note = lambda: site.one(f"SELECT Billing_Note__c FROM Account WHERE Id = '{account}'")["Billing_Note__c"]  # noqa: E731
    shown = site.soon("the figure stands there", lambda: (note() or "").startswith("USD") and note())
    overdue = site.one(f"SELECT AR_Overdue_Amount__c FROM Account WHERE Id = '{account}'")["AR_Overdue_Amount__c"]
    assert shown == f"USD {float(overdue):,.2f}"

    page = _as_it_came(clerk)
    _pick(page, OWING)
    expect(page.locator("main")).to_contain_text("Put back what stood there before")
    _saved(clerk, "Sales has changed its mind")
    site.soon("what stood there is back", lambda: note() == "Pays by cheque")
    assert clerk.barriers() == []


def test_a_mapping_changes_while_events_flow(office: Office, site: Site):
    """Through the running processes: afterwards Stripe, ledger and Salesforce say the same, field by field."""
    clerk, stop = office(), threading.Event()
    customers = [row["id"] for row in site.stripe.every("customers")][:12]

    def business() -> int:
        count = 0
        while not stop.is_set():
            customer = customers[count % len(customers)]
            draft = site.stripe.act("create_invoice", customer=customer, lines=[{"amount": 1_000 + count}])
            site.stripe.act("finalize_invoice", invoice=draft["id"], due_in_days=-3)
            if count % 2:
                site.stripe.act("pay_invoice", invoice=draft["id"])
            count += 1
        return count

    with ThreadPoolExecutor(1) as pool:
        billed = pool.submit(business)
        try:
            for _ in range(2):
                _drafted(clerk)
                _saved(clerk, "In words")
                _as_it_came(clerk)
                _saved(clerk, "As it was")
            _drafted(clerk)
            _saved(clerk, "In words after all")
        finally:
            stop.set()
        assert billed.result() > 20
    site.settle()
    rows = site.org.query("SELECT AR_Overdue_Amount__c, Billing_Note__c FROM Account WHERE AR_Overdue_Amount__c > 0")
    wrong = [row for row in rows if not str(row["Billing_Note__c"]).endswith(f"{row['AR_Overdue_Amount__c']:,.2f}")]
    assert rows
    assert wrong == []
    clerk.open("setup/check")
    clerk.page.get_by_role("button", name=re.compile("Compare")).click()
    clerk.wait_for_work(120)
    clerk.told("What the last comparison found")  # other tests write invoices that only the org knows: not ours
    [report] = site.ledger("SELECT position FROM cursor WHERE name = 'last reconcile'")
    assert {
        name: found["different"] + found["missing"] for name, found in report["position"]["salesforce"].items()
    } == (dict.fromkeys(report["position"]["salesforce"], 0))
    _as_it_came(clerk)
    _saved(clerk, "As it was")


def _pick(page: Page, name: str) -> None:
    """Preview that account, whichever others are shown."""
    page.get_by_label("Search accounts by name").fill(name)
    page.get_by_role("button", name="Search, or preview what is ticked").click()
    page.locator("label", has_text=name).first.click()
    page.get_by_role("button", name="Search, or preview what is ticked").click()
    expect(page.locator("h3", has_text=name)).to_be_visible()


def test_what_was_refused_is_mended_and_tried_again(office: Office, site: Site):
    [account] = site.org.create("Account", [{"Name": "Vanishing Ltd"}])
    customer = site.stripe.act("create_customer", name="Vanishing Ltd", metadata={"salesforce_account_id": account})
    site.soon("it is linked", lambda: site.ledger("SELECT 1 FROM record WHERE lane = :lane", lane=account))
    site.settle()
    site.org.answer("DELETE", f"/services/data/v66.0/sobjects/Account/{account}")
    draft = site.stripe.act("create_invoice", customer=customer["id"], lines=[{"amount": 12_300}])
    site.stripe.act("finalize_invoice", invoice=draft["id"], due_in_days=10)
    parked = "SELECT 1 FROM record WHERE lane = :lane AND parked IS NOT NULL"
    site.soon("it is refused", lambda: site.ledger(parked, lane=account), 60)
    clerk = office()
    page = clerk.open("health/parked")
    card = page.locator("section", has_text="Vanishing Ltd").first
    expect(card).to_contain_text("Restore the record from the recycle bin")
    assert clerk.barriers() == []
    card.get_by_role("heading").get_by_role("link").click()
    page.get_by_role("link", name=re.compile(r"^Invoice")).first.click()
    expect(page.locator("main")).to_contain_text("What to do")
    assert clerk.barriers() == []

    site.org._json("POST", "/_control/undelete", json={"ids": [account]})
    clerk.open("health/parked")
    clerk.press("Try all again")
    site.soon("nothing is parked for it", lambda: not site.ledger(parked, lane=account), 60)
    there = f"SELECT Balance__c FROM AR_Invoice__c WHERE Account__c = '{account}'"
    site.soon("the invoice stands there", lambda: site.org.query(there))


def test_an_event_is_followed_from_stripe_to_salesforce(office: Office, site: Site):
    [event] = site.ledger("SELECT event_id FROM inbox WHERE type = 'invoice.finalized' ORDER BY id DESC LIMIT 1")
    clerk = office()
    page = clerk.open("health/")
    page.get_by_label("Follow an event or record").fill(event["event_id"])
    page.get_by_role("button", name="Find").click()
    expect(page.locator("main")).to_contain_text("invoice.finalized")
    expect(page.locator("main")).to_contain_text(re.compile("Salesforce"))
    assert clerk.barriers() == []


def test_each_role_sees_what_is_its_own(office: Office, site: Site, browser: Browser):
    finance = office()
    password = {}
    for role in ("operator", "viewer"):
        page = finance.open("people/add")
        page.get_by_role("textbox", name="Name", exact=True).fill(f"{role}.kim")
        page.get_by_label("What they may do").select_option(role)
        finance.press("Add, and show the password")
        password[role] = page.locator(".dl-code").first.inner_text().strip()
    seen = {}
    for role, word in password.items():
        clerk = office(user=f"{role}.kim", password=word)
        seen[role] = clerk.page.get_by_role("navigation", name="Screens").get_by_role("link").all_inner_texts()
        clerk.expected.append("403")
        clerk.page.goto(f"{clerk.base}people/")
        expect(clerk.page.get_by_role("heading", level=1)).to_have_text("You may not do this")
        assert clerk.barriers() == []
    assert seen["viewer"] == ["Receivables"]
    assert seen["operator"] == ["Receivables", "Set-up", "Match customers", "Mapping", "Rules", "Health"]


def test_people_of_the_company_sign_in_with_salesforce(site: Site, browser: Browser):
    clerk = Clerk.arrive(browser, f"{site.world.web_url}/admin/")
    page = clerk.page
    page.goto(clerk.base)
    page.get_by_role("link", name="Sign in with Salesforce").click()
    page.get_by_text("Ada Okafor").click()
    if page.get_by_role("button", name="Allow").count():
        page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receivables")
    page.goto(f"{clerk.base}receivables/accounts")
    owners = site.org.query("SELECT Id FROM Account WHERE Owner.Name = 'Ada Okafor'")
    shown = page.locator("tbody tr").count()
    assert 0 < shown <= len(owners) + 5
    clerk.context.close()
