"""One world for all browser tests, since it takes half a minute to make; each test opens its own window."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.site import BUILT, Site, opened
from tests.browser.visitor import CHROMIUM, DESKTOP, FLAGS, Visitor

Arrive = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several test workers, all of this runs in one of them."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The running world."""
    if not (BUILT / "manifest.json").exists():
        pytest.fail("The pages are not compiled: make lightning")
    home = Path(tempfile.mkdtemp(prefix="dueline-browser-"))
    with opened(home) as site:
        yield site
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.fail("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def arrive(site: Site, browser: Browser) -> Iterator[Arrive]:
    """Opens windows: `arrive("Ada Okafor", PHONE)`. Afterwards no window may have complained of anything."""
    visitors: list[Visitor] = []

    def make(name: str = "Ada Okafor", size: tuple[int, int] = DESKTOP) -> Visitor:
        visitors.append(Visitor.arrive(browser, site, name, size))
        return visitors[-1]

    yield make
    complaints = [each for visitor in visitors for each in visitor.unexpected]
    for visitor in visitors:
        visitor.context.close()
    assert complaints == []
