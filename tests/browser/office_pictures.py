"""Pictures of finance's page: every screen of a running company, and what a newcomer sees first.

Something is done on the way, because a page where something happened says more than an empty one: a customer nobody
knows, an invoice that Salesforce refuses, a draft of a mapping.
"""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from sync.demo.book import WORLDWIDE
from sync.demo.world import LocalWorld
from tests.browser.clerk import Clerk
from tests.browser.site import Site
from tests.browser.visitor import PHONE

WIDE = (1280, 860)


class OfficeAlbum:
    """Takes the pictures of one running world."""

    def __init__(self, site: Site, browser: Browser, folder: Path) -> None:
        self.site, self.browser, self.folder = site, browser, folder

    def clerk(self, size: tuple[int, int] = WIDE) -> Clerk:
        """Somebody of finance, signed in."""
        return signed_in(self.browser, self.site.world, size)

    def screens(self) -> None:
        """Everything that stands there without doing anything."""
        self._unknown_customer()
        clerk = self.clerk()
        for name, path in {
            "receivables": "receivables/",
            "trend": "receivables/trend",
            "by-account": "receivables/accounts",
            "by-owner": "receivables/owners",
            "setup-done": "setup/",
            "matching": "matching/",
            "mapping": "mapping/",
            "rules": "rules/",
            "health": "health/",
            "people": "people/",
            "history": "history/",
        }.items():
            clerk.open(path)
            keep(clerk.page, self.folder, f"office-{name}")
        self._account(clerk)
        self._journey(clerk)
        clerk.context.close()

    def _account(self, clerk: Clerk) -> None:
        """One account, and what Salesforce shows for it."""
        account = self.site.account(WORLDWIDE)
        clerk.open(f"receivables/accounts/{account}")
        keep(clerk.page, self.folder, "office-account")
        clerk.open(f"receivables/accounts/{account}/salesforce")
        keep(clerk.page, self.folder, "office-account-salesforce")

    def _journey(self, clerk: Clerk) -> None:
        """One event from Stripe to Salesforce."""
        [event] = self.site.ledger("SELECT event_id FROM inbox WHERE type = 'invoice.finalized' ORDER BY id LIMIT 1")
        clerk.open(f"health/find?q={event['event_id']}")
        keep(clerk.page, self.folder, "office-journey")

    def _unknown_customer(self) -> None:
        """A customer that one account is like."""
        self.site.org.create("Account", [{"Name": "Marigold Trading", "Website": "https://www.marigold.example"}])
        fields = {"name": "Marigold Trading", "email": "accounts@marigold.example"}
        customer = self.site.stripe.act("create_customer", deliver="soon", **fields)["id"]
        draft = self.site.stripe.act("create_invoice", customer=customer, lines=[{"amount": 184_000}], deliver="soon")
        self.site.stripe.act("finalize_invoice", invoice=draft["id"], due_in_days=14, deliver="soon")
        known = "SELECT 1 FROM suggestion JOIN customer ON key = customer WHERE name = 'Marigold Trading'"
        self.site.soon("it is known", lambda: self.site.ledger(known), 150)

    def mapping(self) -> None:
        """Choosing how a figure is shown, and the preview of it."""
        clerk = self.clerk()
        page = clerk.open("mapping/account/figures?q=ar+status")
        page.get_by_role("link", name="AR status", exact=True).click()
        page.get_by_role("link", name="Credit Status").click()
        for status, word in _CREDIT.items():
            page.get_by_label(status, exact=True).select_option(word)
        keep(page, self.folder, "office-mapping-rule")
        clerk.press("Put into the draft")
        page.get_by_role("link", name="Preview", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        keep(page, self.folder, "office-mapping-preview", height=1300)
        clerk.open("mapping/")
        page.once("dialog", lambda dialog: dialog.accept())
        clerk.press("Discard the draft")
        clerk.context.close()

    def parked(self) -> None:
        """What Salesforce refused, with what to do."""
        [account] = self.site.org.create("Account", [{"Name": "Vanishing Ltd"}])
        customer = self.site.stripe.act(
            "create_customer", name="Vanishing Ltd", metadata={"salesforce_account_id": account}
        )
        linked = "SELECT 1 FROM record WHERE lane = :lane AND written_at IS NOT NULL"
        self.site.soon("it is written", lambda: self.site.ledger(linked, lane=account), 60)
        self.site.org.answer("DELETE", f"/services/data/v66.0/sobjects/Account/{account}")
        draft = self.site.stripe.act("create_invoice", customer=customer["id"], lines=[{"amount": 12_300}])
        self.site.stripe.act("finalize_invoice", invoice=draft["id"], due_in_days=10)
        refused = "SELECT 1 FROM record WHERE lane = :lane AND kind = 'invoice' AND parked IS NOT NULL"
        self.site.soon("it is refused", lambda: self.site.ledger(refused, lane=account), 60)
        clerk = self.clerk()
        page = clerk.open("health/parked")
        keep(page, self.folder, "office-parked")
        page.locator("section h2 a").first.click()
        page.get_by_role("link", name=re.compile("^Invoice")).first.click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        keep(page, self.folder, "office-parked-item")
        clerk.context.close()

    def phone(self) -> None:
        """The same at phone width."""
        clerk = self.clerk(PHONE)
        for name, path in {"receivables": "receivables/", "health": "health/", "matching": "matching/"}.items():
            clerk.open(path)
            keep(clerk.page, self.folder, f"office-phone-{name}")
        clerk.context.close()


_CREDIT = {"Clear": "Good standing", "Current": "Good standing", "Overdue 1-30": "Watch", "Overdue 31-60": "Stop"}


def newcomer(world: LocalWorld, browser: Browser, folder: Path) -> None:
    """The way in, and the checklist as it stands at first."""
    clerk = Clerk.arrive(browser, f"{world.web_url}/admin/", WIDE)
    clerk.page.goto(clerk.base)
    keep(clerk.page, folder, "office-sign-in")
    clerk.context.close()
    clerk = signed_in(browser, world, WIDE)
    keep(clerk.page, folder, "office-setup")
    page = clerk.open("setup/salesforce")
    page.get_by_label("My Domain address").fill(world.org_url)
    page.get_by_label("Consumer key").fill(world.who.integration_id)
    page.get_by_label("Consumer secret").fill(world.who.integration_secret)
    clerk.press("Save and test")
    clerk.wait_for_work()
    keep(page, folder, "office-setup-salesforce", height=1500)
    page = clerk.open("setup/stripe/main")
    page.get_by_label("Restricted API key").fill(world.who.stripe_key)
    page.get_by_text("A stand-in instead of Stripe").click()
    page.get_by_label("Another API address").fill(world.stripe_url)
    clerk.press("Save and test")
    clerk.wait_for_work()
    clerk.press("Create the endpoint for me")
    clerk.told("Waiting for the first event")
    keep(page, folder, "office-setup-stripe", height=1500)
    clerk.context.close()


def signed_in(browser: Browser, world: LocalWorld, size: tuple[int, int]) -> Clerk:
    """Somebody of finance."""
    clerk = Clerk.arrive(browser, f"{world.web_url}/admin/", size)
    clerk.sign_in("finance", world.admin_password)
    return clerk


def keep(page: Page, folder: Path, name: str, height: int | None = None) -> None:
    """Store what is seen; with `height`, in a window as high as that."""
    size = page.viewport_size
    if height and size:
        page.set_viewport_size({"width": size["width"], "height": height})
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)
    page.screenshot(path=folder / f"{name}.png", animations="disabled")
    if height and size:
        page.set_viewport_size(size)
