"""Long work on the page: how far it is, stopping it, and going on with it."""

import pytest

from sync.db import work
from tests.browsing import text_of


@pytest.fixture
def number(world):
    with world.engine.begin() as conn:
        return work.ask(conn, "reconcile", {}, "Ann")


def status(world):
    return world.one("SELECT status FROM work").status


def test_it_is_stopped_and_gone_on_with_and_that_is_written_down(world, browser, number):
    operator = browser("operator")
    page = operator.page(f"/progress/{number}")
    assert "About to begin" in text_of(page)
    assert page.cssselect("[hx-get]")  # the page asks again by itself
    assert operator.post(f"/progress/{number}/stop").status_code == 303
    assert status(world) == work.STOPPED
    page = operator.page(f"/progress/{number}")
    assert "Stopped" in text_of(page)
    assert not page.cssselect("[hx-get]")
    assert operator.post(f"/progress/{number}/go-on").status_code == 303
    assert status(world) == work.WAITING
    assert [row.action for row in world.rows("SELECT action FROM audit ORDER BY id")] == [
        "stopped work",
        "went on with work",
    ]


def test_a_page_that_shows_it_loads_itself_anew_once_it_has_ended(world, browser, number):
    operator, part = browser("operator"), {"headers": {"HX-Request": "true"}}
    assert "HX-Refresh" not in operator.get(f"/progress/{number}", **part).headers
    operator.post(f"/progress/{number}/stop")
    assert operator.get(f"/progress/{number}", **part).headers["HX-Refresh"] == "true"


def test_work_that_is_not_there(browser):
    operator = browser("operator")
    assert operator.get("/progress/7").status_code == 404
    assert operator.post("/progress/7/go-on").status_code == 404
