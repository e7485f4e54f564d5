"""The history: what was changed, by whom, from what to what; for finance alone."""

import csv
import io

import pytest

from sync.db import audit
from tests.browsing import text_of


@pytest.fixture
def two_changes(world):
    with world.engine.begin() as conn:
        days = {"before": {"grace_days": 0}, "after": {"grace_days": 3}}
        audit.add(conn, by="Ann", subject="member:ann", action="saved rules", what="grace days", **days)
        audit.add(conn, by="Ben", subject="member:ben", action="=unlinked <b>", what="main:cus_1")


def test_the_latest_change_comes_first_with_what_was_before_and_after(browser, two_changes):
    latest, first = browser("finance").page("/history/").cssselect("tbody tr")
    assert [text_of(cell) for cell in latest][1:4] == ["Ben", "=unlinked <b>", "main:cus_1"]
    assert [text_of(each) for each in first.cssselect("dd")] == ['{"grace_days": 0}', '{"grace_days": 3}']


@pytest.mark.parametrize(("text", "found"), [("ann", 1), ("GRACE", 1), ("cus_1", 1), ("100%", 0)])
def test_it_is_searched_by_who_what_was_done_and_to_what(browser, two_changes, text, found):
    assert len(browser("finance").page("/history/", query_string={"q": text}).cssselect("tbody tr")) == found


def test_the_file_holds_everything_and_runs_nothing(browser, two_changes):
    answer = browser("finance").get("/history/changes.csv")
    latest, first = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (first["who"], first["before"], first["after"]) == ("Ann", '{"grace_days": 0}', '{"grace_days": 3}')
    assert latest["did"] == "'=unlinked <b>"
