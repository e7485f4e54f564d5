"""Members of the page: added, changed, shut out; on the page and by the command line."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from sync.admin.signin import local, passwords
from sync.admin.signin.local import COMMAND_LINE, Actor, MemberError
from sync.db import members
from tests.browsing import text_of
from tests.people_steps import as_member, history, send


def test_a_member_is_added_and_gets_in_with_the_password_shown_once(world, browser):
    finance = browser("finance")
    answer = send(finance, "/people/add", name="Carl.Fox", sees="operator")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    password = answer.text.split('<dd class="dl-code">')[1].split("<")[0]
    assert passwords.wrong_with(password, "carl.fox") is None
    assert password not in finance.get("/people/").text
    assert password not in finance.get("/history/").text
    carl = as_member(world, browser, "carl.fox", password)
    assert carl.get("/health/").status_code == 200
    assert carl.get("/people/").status_code == 403
    assert ("Finance person", "added a member", "carl.fox") in history(world)


@pytest.mark.parametrize("name", ["", "a", "Ann Lee", "<b>x</b>", "x" * 10_000, "../etc", "ünal", "-x", "x/y", "a'b"])
def test_a_name_that_cannot_be_is_told_at_the_field(browser, name):
    answer = send(browser("finance"), "/people/add", name=name, sees="viewer")
    assert answer.status_code == 400
    assert 'id="name-error"' in answer.text
    assert "<b>x</b>" not in answer.text


def test_a_name_can_be_taken_once(browser, ann):
    answer = send(browser("finance"), "/people/add", name="ANN.LEE", sees="viewer")
    assert answer.status_code == 400
    assert "already" in answer.text


def test_a_role_that_is_none_is_refused(world, browser):
    for sees in ("admin", "", "viewer'"):
        assert send(browser("finance"), "/people/add", name="carl", sees=sees).status_code == 400
    with world.engine.connect() as conn:
        assert members.get(conn, "carl") is None


@pytest.mark.parametrize("typed", ["Ada Okafor", "ADA@acme.example", "okafor", "005000000000001AAA"])
def test_a_viewer_of_own_accounts_is_bound_to_a_salesforce_user(world, browser, users, typed):
    assert send(browser("finance"), "/people/add", name="ada", sees="own", owner=typed).status_code == 200
    with world.engine.connect() as conn:
        found = members.get(conn, "ada")
    assert (found.role, found.scope) == ("viewer", "005000000000001AAA")
    assert "accounts of Ada Okafor" in text_of(browser("finance").page("/people/").xpath("//main")[0])


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Say whose accounts they see."),
        ("ada", "Ada Okafor (ada@acme.example), Ada Okoye (005000000000002AAA)"),
        ("gone@acme.example", "No active Salesforce user"),
        ("%", "No active Salesforce user"),
        ("x" * 500, "too long"),
    ],
)
def test_whose_accounts_must_be_clear(world, browser, users, typed, told):
    answer = send(browser("finance"), "/people/add", name="ada", sees="own", owner=typed)
    assert answer.status_code == 400
    assert told in answer.text
    with world.engine.connect() as conn:
        assert members.get(conn, "ada") is None


def test_a_scope_is_not_kept_for_roles_that_see_everything(world, browser, users):
    send(browser("finance"), "/people/add", name="carl", sees="operator", owner="Ada Okafor")
    with world.engine.connect() as conn:
        assert members.get(conn, "carl").scope is None


def test_suggestions_of_users_are_harmless_and_active_ones_only(browser, users):
    finance = browser("finance")
    assert "Ben &lt;b&gt;Sato&lt;/b&gt;" in finance.get("/people/users?owner=ben").text
    assert "Ada Gone" not in finance.get("/people/users?owner=ada").text
    assert "option" not in finance.get("/people/users?owner=%25").text
    assert "option" not in finance.get("/people/users").text


def test_another_role_holds_at_once(world, browser, ann):
    name, password = local.add(world.engine, "carl", "finance", None, COMMAND_LINE)
    carl = as_member(world, browser, name, password)
    assert carl.get("/history/").status_code == 200
    assert send(browser("finance"), "/people/member/carl", 0, sees="viewer").status_code == 303
    assert carl.get("/history/").status_code == 303
    assert as_member(world, browser, name, password).get("/history/").status_code == 403


def test_a_new_password_replaces_the_old_one_and_ends_sessions(world, browser, ann):
    carl = as_member(world, browser, *local.add(world.engine, "carl", "viewer", None, COMMAND_LINE))
    answer = browser("finance").post("/people/member/carl/password")
    password = answer.text.split('<dd class="dl-code">')[1].split("<")[0]
    assert carl.get("/people/me").status_code == 303
    assert as_member(world, browser, "carl", password).get("/people/me").status_code == 200


def test_disabled_and_enabled_again(world, browser, ann):
    name, password = local.add(world.engine, "carl", "viewer", None, COMMAND_LINE)
    carl, finance = as_member(world, browser, name, password), browser("finance")
    finance.post("/people/member/carl/disable")
    assert carl.get("/people/me").status_code == 303
    assert "disabled since" in finance.get("/people/member/carl").text
    finance.post("/people/member/carl/enable")
    as_member(world, browser, name, password)
    told = [action for _by, action, what in history(world) if what == "carl"]
    assert told == ["added a member", "disabled a member", "enabled a member"]


def test_nobody_takes_away_their_own_role_or_the_last_one_of_finance(world, browser, ann):
    me = as_member(world, browser, *ann)
    token = me.page("/people/me").xpath("//input[@name='csrf_token']")[0].value
    answer = me.post("/people/member/ann.lee/disable", {"csrf_token": token}, csrf=False)
    assert "cannot take your own role away" in me.get(_after(answer)).text
    assert "cannot take your own role" in send(me, "/people/member/ann.lee", 0, sees="viewer").text
    other = browser("finance")  # by Salesforce, say
    assert "last member of finance" in other.get(_after(other.post("/people/member/ann.lee/disable"))).text
    with world.engine.connect() as conn:
        found = members.get(conn, "ann.lee")
    assert (found.enabled, found.role) == (True, "finance")


def _after(answer) -> str:
    assert answer.status_code == 303
    return answer.location.removeprefix("/admin")


def test_two_who_disable_each_other_at_once_do_not_both_succeed(world, ann):
    local.add(world.engine, "carl", "finance", None, COMMAND_LINE)

    def disable(name: str, by: str) -> bool:
        try:
            local.disable(world.engine, name, Actor(by, local.subject_of(by)))
        except MemberError:
            return False
        return True

    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(disable, ("ann.lee", "carl"), ("carl", "ann.lee")))
        assert sorted(done) == [False, True]
        for name in ("ann.lee", "carl"):
            local.enable(world.engine, name, COMMAND_LINE)


def test_a_member_who_is_not_there(browser):
    finance = browser("finance")
    for name in ("nobody", "x" * 3_000, "<script>", "a%00b"):
        assert finance.get(f"/people/member/{name}").status_code in {400, 404}
        for act in ("disable", "enable", "sign_out", "password"):
            assert finance.post(f"/people/member/{name}/{act}").status_code in {400, 404}
    assert finance.post("/people/member/nobody/promote").status_code == 404


def test_a_list_longer_than_a_page(world, browser):
    with world.engine.begin() as conn:
        for number in range(60):
            members.add(conn, f"member-{number:02}", "x", "viewer", None, "test")
    finance = browser("finance")
    assert "1 to 50 of 60" in text_of(finance.page("/people/").xpath("//main")[0])
    second = text_of(finance.page("/people/?page=2&sort=name&down=1").xpath("//main")[0])
    assert "member-00" in second
    assert "51 to 60 of 60" in second
    assert "member-07" in finance.get("/people/?q=-07").text


def test_the_command_line_makes_members(world, browser, monkeypatch):
    from click.testing import CliRunner

    from sync.cli import admin

    monkeypatch.setattr(admin, "runtime", lambda: world.run)

    def call(*arguments: str):
        return CliRunner().invoke(admin.admin, list(arguments))

    assert "nobody yet" in call("list").output
    made = call("add", "Ann.Lee", "--role", "finance")
    assert made.exit_code == 0
    as_member(world, browser, "ann.lee", made.output.split()[-1])
    assert "already" in call("add", "ann.lee", "--role", "viewer").output
    assert call("add", "a b", "--role", "viewer").exit_code == 1
    assert call("add", "carl", "--role", "viewer", "--accounts-of", "Nobody").exit_code == 1
    again = call("password", "ann.lee")
    as_member(world, browser, "ann.lee", again.output.split()[-1])
    assert call("password", "nobody").exit_code == 1
    assert call("list").output.startswith("ann.lee ")


def test_nothing_secret_is_in_the_history(world, browser, ann):
    finance = browser("finance")
    finance.post("/people/member/ann.lee/password")
    with world.engine.connect() as conn:
        rows = [tuple(row) for row in conn.exec_driver_sql("SELECT * FROM audit").all()]
        stored = members.get(conn, "ann.lee").password
    told = json.dumps(rows, default=str)
    assert stored not in told
    assert ann[1] not in told
