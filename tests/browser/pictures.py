"""Pictures of the main states, for the README and to look at: `python -m tests.browser.pictures [--out docs/pictures]`.

Nothing is staged: it is the demo's own company, seen by its people in a real browser. One promise is made on the way,
because a page where something was promised says more than one where nothing was.
"""

import argparse
import base64
import re
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Locator, Page, expect, sync_playwright
from rich.console import Console

from sync.demo.book import BUSY, OWING, WORLDWIDE
from sync.demo.sales import UNBILLED
from sync.demo.world import LocalWorld, local_world
from tests.browser.office_pictures import OfficeAlbum, newcomer
from tests.browser.site import Site, opened
from tests.browser.visitor import CHROMIUM, FLAGS, PHONE, Visitor

MOST_KB = 150
WIDE = (1280, 970)
TALL = (1280, 2400)  # the bar at the bottom of the window stands on no element then
_BESIDE = """<body style="margin:0;padding:16px;background:#f3f3f3">
<div style="display:flex;gap:16px;align-items:start">{}</div></body>"""


class Album:
    """Takes the pictures of one world."""

    def __init__(self, site: Site, browser: Browser, folder: Path) -> None:
        self.site, self.browser, self.folder = site, browser, folder

    def visitor(self, name: str = "Ada Okafor", size: tuple[int, int] = WIDE) -> Visitor:
        """Somebody who looks."""
        return Visitor.arrive(self.browser, self.site, name, size)

    def keep(self, name: str, what: Page | Locator, height: int | None = None) -> None:
        """Store what is seen, the upper part of it only if `height` is given."""
        page = what.page if isinstance(what, Locator) else what
        _settle(page)
        if isinstance(what, Locator) and height:
            box = _box(what)
            shot = page.screenshot(clip={**box, "height": min(height, box["height"])}, animations="disabled")
        else:
            shot = what.screenshot(animations="disabled")
        self._store(name, shot)

    def keep_form(self, name: str, form: Locator) -> None:
        """Store a dialog without the page behind it."""
        _settle(form.page)
        head, body = _box(form.locator(".slds-modal__header")), _box(form.locator(".slds-modal__content"))
        clip: FloatRect = {**head, "height": body["y"] + body["height"] - head["y"]}
        self._store(name, form.page.screenshot(clip=clip, animations="disabled"))

    def _store(self, name: str, shot: bytes) -> None:
        assert len(shot) <= MOST_KB * 1024, f"{name}.png has {len(shot) // 1024} kB, more than {MOST_KB}"
        (self.folder / f"{name}.png").write_bytes(shot)

    def forms(self) -> None:
        """A dispute about one invoice, and a promise for another; the promise is saved."""
        visitor = self.visitor(size=TALL)
        visitor.open_account(OWING)
        boxes = visitor.invoices.get_by_label(re.compile("^Select invoice"))
        chosen = visitor.invoices.get_by_role("group", name="Receivables actions")
        boxes.nth(1).check()
        form = visitor.act("Raise dispute", chosen)
        form.get_by_role("combobox", name="Category").click()
        visitor.page.get_by_role("option", name="Billing Error").click()
        form.get_by_label("What the customer says").fill("Charged for 12 seats, they have 10")
        self.keep_form("dispute", form)
        form.get_by_role("button", name="Cancel", exact=True).click()
        boxes.nth(1).uncheck()
        boxes.nth(0).check()
        form = visitor.act("Add commitment", chosen)
        form.get_by_label("Who promised it").fill("Elena, accounts payable: the purchase order is there now")
        self.keep_form("commitment", form)
        form.get_by_role("button", name="Save commitment").click()
        visitor.told("Commitment saved")
        visitor.context.close()

    def account(self) -> None:
        """An account that owes, sixty invoices of another, a timeline, and an account billed in three currencies."""
        visitor = self.visitor()
        page = visitor.open_account(OWING)
        # what the promise leads to: the billing system is asked to leave that invoice alone
        expect(visitor.panel).to_contain_text("reminders on hold", timeout=60_000)
        self.keep("account", page)
        visitor.open_account(BUSY)
        boxes = visitor.invoices.get_by_label(re.compile("^Select invoice"))
        for number in range(3):
            boxes.nth(number).check()
        visitor.invoices.evaluate("element => element.scrollIntoView()")
        self.keep("invoices", visitor.invoices, 990)
        visitor.open_account(OWING)
        page.set_viewport_size({"width": TALL[0], "height": TALL[1]})
        page.get_by_role("tab", name="Timeline").click()
        expect(visitor.timeline).to_contain_text("Statement of account sent")
        self.keep("timeline", visitor.timeline, 860)
        visitor.open_account(WORLDWIDE)
        self.keep("currencies", visitor.panel)
        visitor.context.close()

    def sales(self) -> None:
        """Where sales works: an opportunity with a customer under final notice, and the day's list."""
        visitor = self.visitor(size=(1280, 900))
        account = self.site.account(BUSY)
        page = visitor.open("Opportunity", self.site.org.find("Opportunity", "AccountId", account))
        expect(visitor.panel.get_by_text("As of")).to_be_visible()
        expect(page.locator("c-ar-warning")).to_contain_text("Open pipeline")
        self.keep("opportunity", page)
        page.goto(f"{self.site.url}/page/home")
        expect(page.locator("c-ar-work-item").first).to_be_visible()
        self.keep("worklist", page)
        visitor.context.close()

    def phone(self) -> None:
        """The same account on a phone: its top, and its invoices as cards."""
        visitor = self.visitor(size=PHONE)
        page = visitor.open_account(OWING)
        self.keep("phone", page)
        visitor.invoices.evaluate("element => element.scrollIntoView()")
        self.keep("phone-invoices", page)
        visitor.context.close()

    def quiet(self) -> None:
        """What stands where there is nothing to say: not billed, nothing owed, no permission."""
        clear = self.site.org.query(
            "SELECT Account__c FROM AR_Summary__c WHERE Outstanding__c = 0 AND Collected__c > 0 "
            "AND Account__r.AR_Status__c = 'Clear' ORDER BY Name LIMIT 1"
        )[0]["Account__c"]
        seen = [
            self._panel("Ada Okafor", self.site.account(UNBILLED), "No billing customer"),
            self._panel("Gina Rossi", self.site.account(OWING), "Dueline User"),
            self._panel("Ada Okafor", clear, "Nothing owed"),
        ]
        page = self.browser.new_page(viewport={"width": 1280, "height": 600})
        images = [f'<img src="data:image/png;base64,{base64.b64encode(shot).decode()}">' for shot in seen]
        page.set_content(_BESIDE.format("".join(images)))
        self.keep("quiet", page.locator("div"))
        page.close()

    def _panel(self, name: str, account: str, words: str) -> bytes:
        # narrow enough that three of them stand beside each other
        visitor = self.visitor(name, (426, 1600))
        visitor.open("Account", account)
        expect(visitor.panel).to_contain_text(words)
        _settle(visitor.page)
        shot = visitor.panel.screenshot(animations="disabled")
        visitor.context.close()
        return shot


def _box(what: Locator) -> FloatRect:
    box = what.bounding_box()
    assert box is not None, f"nothing to see of {what}"
    return box


def _settle(page: Page) -> None:
    """Let the last of the page arrive, and nothing be told to have been hovered."""
    page.mouse.move(0, 0)
    page.wait_for_load_state("networkidle")
    page.evaluate("() => document.fonts.ready")


def _unconnected(home: Path) -> AbstractContextManager[LocalWorld]:
    return local_world(home, 0, Console(stderr=True, quiet=True), book=True, connected=False)


def take(folder: Path) -> list[str]:
    """All pictures, into that folder; their names."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="dueline-pictures-") as home,
        opened(Path(home)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        album = Album(site, browser, folder)
        office = OfficeAlbum(site, browser, folder)
        chapters: list[Callable[[], None]] = [album.sales, album.forms, album.account, album.phone, album.quiet]
        chapters += [office.screens, office.mapping, office.phone, office.parked]
        for chapter in chapters:
            chapter()
        with tempfile.TemporaryDirectory(prefix="dueline-newcomer-") as empty, _unconnected(Path(empty)) as world:
            newcomer(world, browser, folder)
        browser.close()
    return sorted(path.name for path in folder.glob("*.png"))


def main() -> None:
    """Take them, and say which there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"), help="the folder (docs/pictures)")
    folder = parser.parse_args().out
    sys.stdout.write("".join(f"{folder / name}\n" for name in take(folder)))


if __name__ == "__main__":
    main()
