"""The screen of people: members, who is signed in, one's own password, who of Salesforce may see what."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from sync.admin.signin import local, passwords
from sync.admin.signin.local import COMMAND_LINE, Actor, MemberError
from sync.db import config, crm, members
from tests.browsing import Visitor, text_of


@pytest.fixture
def ann(world) -> tuple[str, str]:
    """A member of finance: name and password."""
    return local.add(world.engine, "ann.lee", "finance", None, COMMAND_LINE)


@pytest.fixture
def users(world) -> None:
    """People of Salesforce as read back."""
    rows = [
        ("005000000000001AAA", "Ada Okafor", "ada@acme.example", True),
        ("005000000000002AAA", "Ada Okoye", None, True),
        ("005000000000003AAA", "Ben <b>Sato</b>", "ben@acme.example", True),
        ("005000000000004AAA", "Ada Gone", "gone@acme.example", False),
    ]
    keys = ("id", "name", "email", "active")
    with world.engine.begin() as conn:
        crm.put_people(conn, [{**dict(zip(keys, row, strict=True)), "role": None} for row in rows])


def as_member(world, browser, name: str, password: str) -> Visitor:
    """A browser of a member who typed that."""
    made = browser(None)
    made.keep()
    assert made.post("/signin/", {"name": name, "password": password}).status_code == 303
    return made


def send(visitor: Visitor, path: str, form: int = -1, **fields: str):
    """Open a page and send one of its forms as a browser does."""
    found = [each for each in visitor.page(path).xpath("//main//form") if each.method == "POST"][form]
    data = {**dict(found.fields), **fields}
    target = found.action or f"/admin{path}"
    return visitor.client.post(target, data=data, headers={"User-Agent": "Test browser"}, buffered=True)


def history(world) -> list[tuple[str, str, str]]:
    with world.engine.connect() as conn:
        return [tuple(row) for row in conn.exec_driver_sql("SELECT by, action, what FROM audit ORDER BY id").all()]


# --- members ---------------------------------------------------------------------------------------------------------


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


# --- who is signed in ------------------------------------------------------------------------------------------------


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


# --- one's own password ----------------------------------------------------------------------------------------------


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


# --- who of Salesforce may see what ----------------------------------------------------------------------------------


def grants(world) -> dict[str, str]:
    with world.engine.connect() as conn:
        return {row["permission_set"]: row["sees"] for row in config.current(conn, "access").value["grants"]}


def lines(*rows: tuple[str, str]) -> dict[str, str]:
    told = {}
    for number, (name, sees) in enumerate(rows):
        told |= {f"grants-{number}-permission_set": name, f"grants-{number}-sees": sees}
    return told


def test_the_table_is_saved_in_versions_and_brought_back(world, browser):
    finance = browser("finance")
    first = lines(("dueline_finance", "finance"), ("Dueline_User", "viewer"))
    assert finance.post("/people/access", {"based_on": "0", **first}).status_code == 303
    assert grants(world) == {"Dueline_Finance": "finance", "Dueline_User": "viewer"}  # as the org writes them
    with world.engine.connect() as conn:
        based_on = str(config.current(conn, "access").id)
    assert (
        finance.post("/people/access", {"based_on": based_on, **lines(("Dueline_Finance", "finance"))}).status_code
        == 303
    )
    assert grants(world) == {"Dueline_Finance": "finance"}
    assert "Bring back" in finance.get("/people/access").text
    assert finance.post(f"/people/access/{based_on}").status_code == 303
    assert grants(world) == {"Dueline_Finance": "finance", "Dueline_User": "viewer"}
    with world.engine.connect() as conn:
        [last] = conn.exec_driver_sql("SELECT before, after FROM audit ORDER BY id DESC LIMIT 1").all()
    assert last.before == {"Dueline_Finance": "finance"}
    assert last.after == grants(world)


def test_two_who_change_it_at_once_do_not_overwrite_each_other(world, browser):
    finance = browser("finance")
    sent = {"based_on": "0", **lines(("Dueline_Finance", "finance"))}
    assert finance.post("/people/access", sent).status_code == 303
    answer = finance.post("/people/access", {**sent, **lines(("Dueline_User", "viewer"))})
    assert answer.status_code == 409
    assert "has saved this meanwhile" in answer.text
    assert grants(world) == {"Dueline_Finance": "finance"}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("Dueline_Nowhere", "finance")], "no permission set with the API name Dueline_Nowhere"),
        ([("Dueline_User", "owner")], "Not a valid choice"),
        ([("Dueline User", "viewer")], "API name: letters, digits and _"),
        ([("x' OR Name != '", "finance")], "API name: letters, digits and _"),
        ([("x" * 10_000, "finance")], "80 characters at most"),
        ([("Dueline_User", "viewer"), ("DUELINE_USER", "finance")], "can stand there once"),
    ],
)
def test_a_line_that_cannot_be_is_told(world, browser, rows, told):
    answer = browser("finance").post("/people/access", {"based_on": "0", **lines(*rows)})
    assert answer.status_code == 400
    assert told in answer.text
    with world.engine.connect() as conn:
        assert config.current(conn, "access") is None


def test_odd_numbers_of_lines_and_versions(browser):
    finance = browser("finance")
    odd = {
        "grants-²-permission_set": "x",
        "grants-99999-sees": "x",
        "grants--1-sees": "y",
        "grants": "z",
        "based_on": "²",
    }
    assert finance.post("/people/access", odd).status_code == 303
    for number in ("0", "999999999999999999999999999", "-1"):
        assert finance.post(f"/people/access/{number}").status_code == 404


def test_what_was_stored_and_says_nothing_lets_nobody_in():
    from sync.admin.access import DEFAULTS, highest, read_grants

    assert read_grants(None) == read_grants({}) == read_grants({"grants": "x"}) == DEFAULTS
    assert read_grants({"grants": [{"sees": "finance"}, {"permission_set": "X", "sees": "god"}, 3]}) == ()
    assert highest(DEFAULTS, {"Dueline_User", "dueline_FINANCE"}) == "finance"
    assert highest(DEFAULTS, {"Dueline_User"}) == "own"
    assert highest(DEFAULTS, {"Dueline_Integration"}) is None


# --- the command line ------------------------------------------------------------------------------------------------


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
