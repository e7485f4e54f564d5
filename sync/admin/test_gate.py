"""The gate: nobody passes without the right that a route asks for."""

import pytest

from sync.admin.gate import Screen
from sync.admin.rights import Right


def test_a_route_without_a_right_does_not_import():
    with pytest.raises(TypeError, match="right"):
        Screen("some", "Some").get("/")(lambda: "")


def test_nobody_is_asked_to_sign_in_and_comes_back(browser):
    answer = browser(None).get("/history/?q=a b")
    assert answer.status_code == 303
    assert answer.location == "/admin/signin/?then=%2Fhistory%2F%3Fq%3Da%2520b" or "then=" in answer.location


def test_finance_sees_the_history_and_a_viewer_does_not(browser):
    assert "Nothing has been changed yet" in browser("finance").get("/history/").text
    assert browser("viewer").get("/history/").status_code == 403


def test_a_form_without_its_token_changes_nothing(browser):
    finance = browser("finance")
    answer = finance.post("/progress/1/stop", csrf=False)
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text


def test_a_stolen_cookie_is_worth_nothing_in_another_browser(browser):
    finance = browser("finance")
    assert finance.get("/history/", headers={"User-Agent": "Another"}).status_code == 303
    finance.keep()  # the thief's answer took the cookie out of this jar, which stands for both browsers
    assert finance.get("/history/").status_code == 200


def test_every_answer_has_the_headers_that_keep_strangers_out(browser):
    for role, path in (("finance", "/history/"), (None, "/signin/"), ("finance", "/nowhere")):
        headers = browser(role).get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_rights_are_four_and_open_is_not_in_the_navigation():
    assert set(Right) == {"open", "read", "look", "run", "decide"}
