"""Getting in with a name and a password."""

from base64 import b64encode

import pytest
from argon2 import extract_parameters

from sync.admin.app import make_app
from sync.admin.signin import local, passwords
from sync.admin.signin.local import COMMAND_LINE
from sync.db import members
from tests.browsing import AGENT, Visitor, text_of


@pytest.fixture
def ann(world) -> tuple[str, str]:
    """A member of finance: name and password."""
    return local.add(world.engine, "Ann.Lee", "finance", None, COMMAND_LINE)


def enter(visitor: Visitor, name: str, password: str, path: str = "/signin/"):
    """Open the form as a browser does, and send it."""
    page = visitor.page(path)
    [form] = page.xpath("//form[.//input[@name='password']]")
    data = {field.name: field.value for field in form.inputs if field.type == "hidden"}
    return visitor.client.post(
        form.action, data={**data, "name": name, "password": password}, headers={"User-Agent": AGENT}, buffered=True
    )


def test_a_member_signs_in_and_goes_where_they_wanted(browser, ann):
    visitor = browser(None)
    answer = enter(visitor, *ann, path=visitor.get("/history/?q=ann").location.removeprefix("/admin"))
    assert (answer.status_code, answer.location) == (303, "/admin/history/?q=ann")
    page = visitor.page("/history/")
    assert "ann.lee" in text_of(page.xpath("//header")[0])
    assert visitor.get("/signin/").location == "/admin/"


def test_a_name_is_the_same_in_capitals_and_a_password_is_not(browser, ann):
    name, password = ann
    assert enter(browser(None), f" {name.upper()} ", password).status_code == 303
    assert enter(browser(None), name, password.upper()).status_code == 401


@pytest.mark.parametrize("name", ["ann.lee", "nobody", "' or 1=1 --", "Ünal"])
def test_what_is_wrong_is_told_alike_for_everybody(browser, ann, name):
    answer = enter(browser(None), name, "not-the-password")
    assert answer.status_code == 401
    assert "There is no member with this name and password." in answer.text


def test_empty_fields_are_told_at_the_fields(browser, ann):
    answer = enter(browser(None), "", "")
    assert answer.status_code == 400
    assert "Type your name." in answer.text
    assert "Type your password." in answer.text


def test_a_disabled_member_does_not_get_in_and_is_out_at_once(world, browser, ann):
    name, password = ann
    local.add(world.engine, "other", "finance", None, COMMAND_LINE)
    visitor = browser(None)
    enter(visitor, name, password)
    local.disable(world.engine, name, COMMAND_LINE)
    assert visitor.get("/history/").status_code == 303
    assert enter(browser(None), name, password).status_code == 401


def test_signing_out_ends_the_session_and_not_only_the_cookie(browser, ann):
    visitor = browser(None)
    enter(visitor, *ann)
    kept = visitor.client.get_cookie("dueline", path="/admin").value
    page = visitor.page("/history/")
    [form] = page.xpath("//header//form")
    out = visitor.client.post(form.action, data=dict(form.fields), headers={"User-Agent": AGENT}, buffered=True)
    assert out.location == "/admin/signin/"
    assert visitor.get("/history/").status_code == 303
    visitor.client.set_cookie("dueline", kept, path="/admin")
    assert visitor.get("/history/").status_code == 303


def test_after_too_many_tries_nobody_gets_in_by_that_name_for_a_while(world, browser, ann):
    name, password = ann
    visitor = browser(None)
    for _ in range(10):
        assert enter(visitor, name, "wrong-password").status_code == 401
    answer = enter(visitor, name, password)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 300
    assert "Wait 5 minutes, then try again." in answer.text
    other, right = local.add(world.engine, "other", "viewer", None, COMMAND_LINE)
    assert enter(visitor, other, right).status_code == 303


def test_who_knows_the_password_is_not_counted(browser, ann):
    for _ in range(12):
        assert enter(browser(None), *ann).status_code == 303


def test_without_redis_each_process_counts_alone(world, browser, ann, monkeypatch):
    from sync.admin.signin import tries

    away = tries.Tries("redis://127.0.0.1:1/0")
    monkeypatch.setattr("sync.admin.signin.view.tries_of", lambda _url: away)
    assert enter(browser(None), *ann).status_code == 303
    statuses = [enter(browser(None), "ann.lee", "wrong-password").status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


def test_an_address_is_held_back_too(world, browser):
    from sync.admin.signin.tries import TooManyTriesError, Tries

    tries = Tries(world.run.redis_url)
    for number in range(60):
        tries.take(f"name-{number}", "2001:db8::1")
    with pytest.raises(TooManyTriesError):
        tries.take("name-60", "2001:db8::2")  # a household has the whole /64
    tries.take("name-60", "2001:db8:0:1::2")


def test_the_first_administrator_is_whom_the_environment_names(world, browser):
    settings = world.run.settings
    for password in ("first-password", "second-password"):
        world.run.settings = settings.model_copy(
            update={"admin_user": "Boss", "admin_password": type(settings.stripe["main"].api_key)(password)}
        )
        make_app(lambda: world.run)
        make_app(lambda: world.run)  # a second process
        assert enter(browser(None), "boss", password).status_code == 303
    assert enter(browser(None), "boss", "first-password").status_code == 401
    with world.engine.connect() as conn:
        [stored] = members.everybody(conn)
    assert (stored.name, stored.role) == ("boss", "finance")
    assert stored.password.startswith("$argon2id$")


def test_before_there_is_anybody_the_page_says_how_to_get_in(browser):
    assert "dueline admin add NAME" in browser(None).get("/signin/").text


def test_a_password_hashed_at_another_cost_is_hashed_anew(world, browser, ann, monkeypatch):
    from argon2 import PasswordHasher

    name, password = ann
    with world.engine.begin() as conn:
        members.set_password(conn, name, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password))
    assert enter(browser(None), name, password).status_code == 303
    with world.engine.connect() as conn:
        assert not passwords.stale(members.get(conn, name).password)


def test_an_unknown_name_costs_as_much_as_a_known_one(world, ann, monkeypatch):
    costs = []

    class Watching:
        def verify(self, stored: str, password: bytes) -> None:
            costs.append(extract_parameters(stored))
            real.verify(stored, password)

        hash = property(lambda _self: real.hash)

    real = passwords._hasher
    monkeypatch.setattr(passwords, "_hasher", Watching())
    local.add(world.engine, "gone", "viewer", None, COMMAND_LINE)
    local.disable(world.engine, "gone", COMMAND_LINE)
    for name in ("ann.lee", "nobody", "gone", "no name at all", "x" * 5_000):
        assert local.check(world.engine, name, "wrong-password") is None
    assert len(costs) == 5
    assert all(cost == costs[0] for cost in costs)


# --- HTTP Basic ------------------------------------------------------------------------------------------------------


def basic(name: str, password: str) -> dict[str, str]:
    return {"headers": {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}}


def test_a_script_reads_with_name_and_password(browser, ann):
    answer = browser(None).get("/history/changes.csv", **basic(*ann))
    assert answer.status_code == 200
    assert "added a member" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_script_changes_nothing(browser, ann):
    visitor = browser(None)
    visitor.keep()
    answer = visitor.post("/progress/1/stop", **basic(*ann))
    assert (answer.status_code, answer.location) == (303, "/admin/signin/")


def test_wrong_ones_are_answered_at_once_and_held_back(browser, ann):
    visitor = browser(None)
    answer = visitor.get("/history/", **basic("ann.lee", "wrong-password"))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert "WWW-Authenticate" not in visitor.get("/history/").headers
    statuses = [visitor.get("/history/", **basic("ann.lee", "wrong-password")).status_code for _ in range(10)]
    assert statuses == [401] * 9 + [429]


def test_what_was_right_is_remembered_and_forgotten_with_the_member(world, browser, ann, monkeypatch):
    visitor, (name, password) = browser(None), ann
    visitor.get("/history/", **basic(name, password))
    with monkeypatch.context() as patch:
        patch.setattr("sync.admin.signin.local.check", lambda *_: pytest.fail("the password was checked again"))
        assert visitor.get("/history/", **basic(name, password)).status_code == 200
    local.new_password(world.engine, name, COMMAND_LINE)
    assert visitor.get("/history/", **basic(name, password)).status_code == 401
