"""Who is signed in, and one's own password."""

import pytest

from sync.admin.signin import local
from sync.admin.signin.local import COMMAND_LINE
from sync.db import members
from tests.browsing import text_of
from tests.people_steps import as_member, history, send


def test_who_is_signed_in_and_one_of_them_is_signed_out(world, browser):
    viewer, finance = browser("viewer"), browser("finance")
    page = finance.page("/people/sessions")
    assert "Viewer person" in text_of(page.xpath("//main//tbody")[0])
    [form] = page.xpath("//main//tr[contains(., 'Viewer person')]//form")
    assert finance.post("/people/sessions/end", dict(form.fields)).status_code == 303
    assert viewer.get("/people/me").status_code == 303
    assert ("Finance person", "signed somebody out", "Viewer person") in history(world)
    assert finance.post("/people/sessions/end", {"session": "nonsense"}).status_code == 303


def test_what_identifies_a_session_here_is_not_what_stands_in_its_cookie(browser):
    viewer, finance = browser("viewer"), browser("finance")
    assert viewer.session["token"] not in finance.get("/people/sessions").text


def test_ones_own_password(world, browser, ann):
    name, password = ann
    here, elsewhere = (as_member(world, browser, name, password) for _ in range(2))
    answer = send(here, "/people/me", now=password, new="four words are better", again="four words are better")
    assert answer.status_code == 303
    assert here.get("/people/me").status_code == 200
    assert elsewhere.get("/people/me").status_code == 303
    as_member(world, browser, name, "four words are better")
    assert ("ann.lee", "changed their own password", "ann.lee") in history(world)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"now": "wrong-password", "new": "four words are better", "again": "four words are better"},
            "not your password",
        ),
        ({"new": "short", "again": "short"}, "12 characters or more"),
        ({"new": "four words are better", "again": "four words are worse"}, "not the same as above"),
        ({"new": "aaaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaaa"}, "5 different characters"),
        ({"new": "ann.lee-and-some", "again": "ann.lee-and-some"}, "must not hold your name"),
        ({"new": "x" * 10_000, "again": "x" * 10_000}, "too long"),
        ({"new": "", "again": ""}, "Type a new password."),
    ],
)
def test_what_a_password_must_be_is_told(world, browser, ann, fields, told):
    name, password = ann
    me = as_member(world, browser, name, password)
    answer = send(me, "/people/me", **{"now": password, **fields})
    assert answer.status_code == 400
    assert told in answer.text
    as_member(world, browser, name, password)


def test_the_form_of_ones_own_password_changes_nothing_else(world, browser):
    name, password = local.add(world.engine, "carl", "viewer", None, COMMAND_LINE)
    me = as_member(world, browser, name, password)
    more = {"role": "finance", "sees": "finance", "scope": "", "name": "ann.lee", "disabled_at": ""}
    new = "four words are better"
    assert send(me, "/people/me", now=password, new=new, again=new, **more).status_code == 303
    with world.engine.connect() as conn:
        found = members.get(conn, "carl")
    assert (found.role, found.enabled) == ("viewer", True)
    assert as_member(world, browser, "carl", new).get("/history/").status_code == 403


def test_trying_to_guess_it_there_is_held_back_too(world, browser, ann):
    name, password = ann
    me = as_member(world, browser, name, password)
    new = {"new": "four words are better", "again": "four words are better"}
    statuses = [send(me, "/people/me", now="wrong-password", **new).status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]
