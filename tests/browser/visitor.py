"""Somebody at a browser: opens pages of the org as themselves, and whatever the browser complains of is remembered."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.browser.site import Site

DESKTOP = (1366, 900)
PHONE = (390, 844)
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
expect.set_options(timeout=15_000)


@dataclass
class Visitor:
    """One person in one window."""

    site: Site
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)  # parts of complaints that a test provokes on purpose

    @classmethod
    def arrive(cls, browser: Browser, site: Site, name: str, size: tuple[int, int] = DESKTOP) -> "Visitor":
        """A window of that size, signed in as that person of the company."""
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, has_touch=size == PHONE)
        cookie: Any = {"name": "lightning_user", "value": site.username(name), "url": site.url}
        context.add_cookies([cookie])
        visitor = cls(site, context, context.new_page())
        visitor.page.on("console", visitor._heard)
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        return visitor

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    @property
    def unexpected(self) -> list[str]:
        """What the browser complained of and no test had reckoned with."""
        return [each for each in self.complaints if not any(part in each for part in self.expected)]

    def open(self, object_name: str, record_id: str) -> Page:
        """The page of a record, once its title stands there."""
        self.page.goto(f"{self.site.url}/r/{object_name}/{record_id}/view")
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        return self.page

    def open_account(self, name: str) -> Page:
        """The page of an account, once its receivables are read."""
        self.open("Account", self.site.account(name))
        expect(self.panel.get_by_text("As of")).to_be_visible()
        return self.page

    @property
    def panel(self) -> Locator:
        """The receivables of the record."""
        return self.page.locator("c-ar-panel")

    @property
    def invoices(self) -> Locator:
        """The list of invoices."""
        return self.page.locator("c-ar-invoices")

    @property
    def timeline(self) -> Locator:
        """The timeline."""
        return self.page.locator("c-ar-timeline")

    @property
    def dialog(self) -> Locator:
        """The form that is open."""
        return self.page.get_by_role("dialog")

    def act(self, action: str, group: Locator | None = None) -> Locator:
        """Open the form of an action, of the panel if no other group of actions is given, from a button or the menu."""
        group = group or self.panel.get_by_role("group", name="Receivables actions").first
        button = group.get_by_role("button", name=action, exact=True)
        if not button.count():
            group.get_by_role("button", name="More actions").click()
            button = self.page.get_by_role("menuitem", name=action, exact=True)
        button.click()
        expect(self.dialog).to_be_visible()
        return self.dialog

    def told(self, words: str) -> None:
        """A toast says so."""
        expect(self.page.locator(".slds-notify_toast", has_text=words).first).to_be_visible()

    def serious(self) -> list[str]:
        """What axe finds serious or worse on the page as it is."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        ours = [
            (each, [node["target"] for node in each["nodes"] if not _not_ours(node)]) for each in found["violations"]
        ]
        return [
            f"{each['id']}: {json.dumps(targets[:3])} {each['help']}"
            for each, targets in ours
            if targets and each["impact"] in {"serious", "critical"}
        ]

    def wider_than_the_window(self) -> int:
        """By how many pixels the page has to be scrolled sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def _not_ours(node: dict[str, Any]) -> bool:
    """A button around a menu in lightning-tabset, as it is published for use outside the platform."""
    return ".slds-tabs_default__overflow-button" in json.dumps(node["target"])
