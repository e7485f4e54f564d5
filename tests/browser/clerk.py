"""Somebody at finance's page: signs in by name and password; whatever the browser complains of is remembered."""

import json
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.browser.visitor import AXE, DESKTOP


@dataclass
class Clerk:
    """One person in one window. `base`: the address of the page, with a slash at its end."""

    base: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)  # parts of complaints that a test provokes on purpose

    @classmethod
    def arrive(cls, browser: Browser, base: str, size: tuple[int, int] = DESKTOP) -> "Clerk":
        """An empty window of that size."""
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        clerk = cls(base, context, context.new_page())
        clerk.page.on("console", clerk._heard)
        clerk.page.on("pageerror", lambda error: clerk.complaints.append(str(error)))
        clerk.page.on("request", clerk._asked)
        return clerk

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text} {message.location['url']}")

    def _asked(self, request: Request) -> None:
        """Nothing may be loaded from elsewhere."""
        if request.resource_type != "document" and not request.url.startswith(("data:", self.base)):
            self.complaints.append(f"asks another place: {request.url}")

    @property
    def unexpected(self) -> list[str]:
        """What the browser complained of and no test had reckoned with."""
        return [each for each in self.complaints if not any(part in each for part in self.expected)]

    def sign_in(self, user: str, password: str) -> None:
        """With a name and a password."""
        self.page.goto(self.base)
        self.page.get_by_role("textbox", name="Name", exact=True).fill(user)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def open(self, path: str) -> Page:
        """A screen, by its path after /admin/."""
        self.page.goto(f"{self.base}{path}")
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        return self.page

    def press(self, name: str, within: Locator | None = None) -> None:
        """Press a button, and let the page that follows arrive."""
        (within or self.page.locator("main")).get_by_role("button", name=name, exact=True).first.click()

    def told(self, words: str) -> None:
        """The page says so somewhere."""
        expect(self.page.locator("main").get_by_text(words).first).to_be_visible()

    def wait_for_work(self, timeout_s: float = 60.0) -> None:
        """Until no work on the page is under way; it loads itself anew then."""
        expect(self.page.locator(".dl-meter")).to_have_count(0, timeout=timeout_s * 1000)

    def barriers(self) -> list[str]:
        """What keeps somebody out: axe-core's serious findings, and sideways scrolling."""
        self.page.evaluate(AXE.read_text())
        found: dict[str, Any] = self.page.evaluate(
            "axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
        )
        serious = [each for each in found["violations"] if each["impact"] in {"serious", "critical"}]
        told = [f"{each['id']}: {json.dumps([node['html'][:160] for node in each['nodes'][:3]])}" for each in serious]
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return [*told, *([f"{wide} px wider than the window"] if wide > 0 else [])]
