"""What strangers, thieves and curious colleagues try, on the way in and on the screen of people."""

import time
from urllib.parse import quote

import pytest
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from sync.admin.app import TOKEN
from sync.admin.gate import within
from sync.admin.signin import local
from sync.admin.signin.local import COMMAND_LINE
from sync.db import crm, members, sessions
from tests.browsing import AGENT, Visitor

HTML = "<script>alert(1)</script>"


def cookie(visitor: Visitor, value: str) -> None:
    visitor.client.set_cookie("dueline", value, path="/admin")


def is_out(visitor: Visitor, **options) -> bool:
    answer = visitor.get("/people/me", **options)
    assert answer.status_code in {200, 303}
    return answer.status_code == 303


# --- sessions --------------------------------------------------------------------------------------------------------


def test_a_cookie_that_somebody_else_signed_is_none(browser):
    finance, thief = browser("finance"), browser(None)
    told = {TOKEN: finance.session[TOKEN]}
    key_kwargs = {
        "key_derivation": SecureCookieSessionInterface.key_derivation,
        "digest_method": SecureCookieSessionInterface.digest_method,
    }
    for key in (b"another key", b"", b"dueline"):
        forged = URLSafeTimedSerializer(key, salt="cookie-session", signer_kwargs=key_kwargs).dumps(told)
        cookie(thief, forged)
        assert is_out(thief)
    payload = finance.client.get_cookie("dueline", path="/admin").value.split(".")
    for forged in (payload[0], f"{payload[0]}..", ".".join([payload[0], payload[1], "A" * 27]), "x" * 4_000):
        cookie(thief, forged)
        assert is_out(thief)


def test_a_token_of_any_kind_that_is_not_ours_is_none(browser):
    visitor = browser(None)
    for token in ("", "x", HTML, 7, True, None, ["a"], {"a": 1}, "x" * 3_000):
        visitor.session = {TOKEN: token}
        visitor.keep()
        assert is_out(visitor), token


def test_a_session_ends_when_nobody_uses_it_and_in_any_case(world, browser):
    for column, passed in (("seen_at", sessions.IDLE_S), ("ends_at", sessions.LIFE_S)):
        visitor = browser("finance")
        assert not is_out(visitor)
        world._set("web_session", f"{column} = {column} - interval '{passed + 1} s'", "true")
        assert is_out(visitor)


def test_being_used_does_not_lengthen_its_life(world, browser):
    visitor = browser("finance")
    with world.engine.connect() as conn:
        before = conn.exec_driver_sql("SELECT ends_at FROM web_session").scalar()
    world._set("web_session", "seen_at = seen_at - interval '10 minutes'", "true")
    assert not is_out(visitor)
    with world.engine.connect() as conn:
        row = conn.exec_driver_sql("SELECT ends_at, now() - seen_at < interval '5 s' AS noted FROM web_session").one()
    assert (row.ends_at, row.noted) == (before, True)


def test_a_stolen_cookie_does_not_work_in_another_browser(browser):
    victim, thief = browser("finance"), browser(None)
    cookie(thief, victim.client.get_cookie("dueline", path="/admin").value)
    assert is_out(thief, headers={"User-Agent": "Another"})
    assert not is_out(victim)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser):
    told = browser(None).get("/signin/").headers["Set-Cookie"]
    assert "HttpOnly" in told
    assert "SameSite=Lax" in told
    assert "Path=/admin" in told


@pytest.mark.parametrize("settings", [{"DUELINE_PUBLIC_URL": "https://ar.acme.example"}])
def test_over_https_the_cookie_never_travels_in_the_open(browser):
    answer = browser(None).get("/signin/")
    assert answer.headers["Set-Cookie"].startswith("__Secure-dueline=")
    assert "; Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers


def test_a_session_that_somebody_planted_is_left_behind_at_sign_in(world, browser):
    name, password = local.add(world.engine, "ann.lee", "finance", None, COMMAND_LINE)
    attacker, victim = browser("viewer"), browser(None)
    planted = attacker.client.get_cookie("dueline", path="/admin").value
    cookie(victim, planted)
    answer = victim.post("/signin/", {"name": name, "password": password, "csrf_token": attacker.token}, csrf=False)
    assert answer.status_code == 303
    assert victim.client.get_cookie("dueline", path="/admin").value != planted
    assert "ann.lee" in victim.get("/people/me").text
    assert is_out(attacker)  # the planted session is over, and was never the victim's
    cookie(attacker, planted)
    assert is_out(attacker)


# --- where one is sent -----------------------------------------------------------------------------------------------

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https://evil.example/",
    "https:evil.example",
    "http:/evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "/\tevil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    " //evil.example",
    "/ok\\..\\evil",
    "",
    "x" * 100_000,
]


def test_nobody_is_sent_to_another_site_after_signing_in(world, browser):
    name, password = local.add(world.engine, "ann.lee", "finance", None, COMMAND_LINE)
    visitor = browser(None)
    for target in ELSEWHERE:
        visitor.keep()
        answer = visitor.post(f"/signin/?then={quote(target, safe='')[:30_000]}", {"name": name, "password": password})
        assert (answer.status_code, answer.location) == (303, "/admin/"), target[:50]
        assert "evil" not in str(answer.headers)


def test_what_looks_like_another_site_stays_in_the_page(world, browser):
    with browser("finance").signer.test_request_context("/", base_url="http://localhost/admin"):
        for target in ("/%2f%2fevil.example", "/%5cevil.example", "/..//evil.example", "/history/?q=//evil.example"):
            assert within(target) == f"/admin{target}"


def test_the_form_sends_itself_nowhere_else(browser):
    page = browser(None).page("/signin/?then=" + quote('"><script>alert(1)</script>', safe=""))
    [form] = page.xpath("//form")
    assert form.action.startswith("/admin/signin/?then=")
    assert not page.xpath("//main//script")


# --- what is typed ---------------------------------------------------------------------------------------------------

ODD = [
    "x" * 10_000,
    "a\x00b",
    HTML,
    "' OR 1=1 --",
    "{{ 7 * 7 }}",
    "%s%n",
    "\u202e\u0000",
    "\ufffe",
    "-1",
    "9" * 5_000,
    "💥" * 300,
]
FORMS = {
    "/signin/": ("name", "password"),
    "/people/add": ("name", "sees", "owner"),
    "/people/member/ann.lee": ("sees", "owner"),
    "/people/me": ("now", "new", "again"),
    "/people/access": ("based_on", "grants-0-permission_set", "grants-0-sees", "grants-0", "grants"),
    "/people/salesforce": ("login_url", "client_id", "client_secret"),
    "/people/sessions/end": ("session",),
}


@pytest.mark.parametrize("path", FORMS)
def test_odd_things_in_forms_are_refused_or_shown_harmless(world, browser, path):
    local.add(world.engine, "ann.lee", "operator", None, COMMAND_LINE)
    finance = browser("finance")
    for field in FORMS[path]:
        for odd in ODD:
            form = {**dict.fromkeys(FORMS[path], "viewer"), field: odd}
            answer = finance.post(path, form)
            assert answer.status_code < 500, (field, odd[:20], answer.text[:500])
            assert HTML not in answer.text
            finance.keep()
    with world.engine.connect() as conn:
        found = {(member.name, member.role) for member in members.everybody(conn)}
    assert found - {("viewer", "viewer")} in ({("ann.lee", "operator")}, {("ann.lee", "viewer")})


@pytest.mark.parametrize("path", FORMS)
def test_several_values_where_one_is_meant_and_json(world, browser, path):
    local.add(world.engine, "ann.lee", "operator", None, COMMAND_LINE)
    finance = browser("finance")
    several = {name: ["viewer", "finance", HTML] for name in FORMS[path]}
    assert finance.post(path, several).status_code < 500
    as_json = {name: {"a": [1]} for name in FORMS[path]}
    headers = {"User-Agent": AGENT, "X-CSRFToken": finance.token}
    answer = finance.client.post(f"/admin{path}", json=as_json, headers=headers, buffered=True)
    assert answer.status_code == 415


def test_odd_addresses(world, browser):
    finance = browser("finance")
    queries = ["page=-1", "page=0", f"page={'9' * 400}", "page=abc", "page[]=1", "sort=password", "sort=a;b", "down=x"]
    queries += [f"{name}={quote(odd)}" for odd in ODD for name in ("q", "owner")]
    queries += ["q=%ff%fe", "%00=1", "q=%00"]
    for path in ("/people/", "/people/users", "/people/sessions", "/history/", "/signin/"):
        for query in queries:
            answer = finance.get(f"{path}?{query}")
            assert answer.status_code < 500, (path, query[:40])
            assert HTML not in answer.text


def test_what_is_far_too_long_is_refused_at_once(browser):
    begun = time.perf_counter()
    visitor = browser(None)
    visitor.keep()
    assert visitor.post("/signin/", {"name": "ann", "password": "x" * 150_000}).status_code == 400
    assert visitor.post("/signin/", {"name": "ann", "password": "x" * 10_000_000}).status_code == 413
    assert time.perf_counter() - begun < 5


def test_names_of_people_are_text(world, browser):
    name = f"{HTML}<img src=x onerror=alert(1)>"
    with world.engine.begin() as conn:
        sessions.begin(conn, subject="salesforce:x", name=name, role="viewer", scope=None, agent=AGENT)
        row = {"id": "005000000000001AAA", "name": name, "email": None, "role": None, "active": True}
        crm.put_people(conn, [row])
        members.add(conn, "ada", "x", "viewer", "005000000000001AAA", HTML)
    finance = browser("finance")
    for path in ("/people/", "/people/sessions", "/people/member/ada", "/people/users?owner=script"):
        text = finance.get(path).text
        assert "&lt;script&gt;" in text, path
        assert HTML not in text
        assert "<img src=x" not in text


def test_a_role_cannot_be_slipped_in_beside_other_fields(world, browser):
    finance = browser("finance")
    more = {"role": "finance", "scope": "005", "password": "chosen-by-me", "made_by": "x"}
    assert finance.post("/people/add", {"name": "carl", "sees": "viewer", **more}).status_code == 200
    with world.engine.connect() as conn:
        found = members.get(conn, "carl")
    assert (found.role, found.scope, found.made_by) == ("viewer", None, "Finance person")
    assert local.check(world.engine, "carl", "chosen-by-me") is None


# --- how it is asked -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_other_methods_do_nothing(world, browser, method):
    finance = browser("finance")
    for path in ("/people/", "/people/add", "/signin/"):
        headers = {"User-Agent": AGENT, "X-CSRFToken": finance.token}
        answer = finance.client.open(f"/admin{path}", method=method, headers=headers, buffered=True)
        assert answer.status_code in {400, 405}


def test_a_method_cannot_be_put_in_the_place_of_another(world, browser):
    local.add(world.engine, "ann.lee", "viewer", None, COMMAND_LINE)
    finance = browser("finance")
    for path in ("/people/member/ann.lee/disable", "/people/add?_method=POST&name=carl&sees=finance"):
        override = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST", "X-Method-Override": "POST"}
        assert finance.get(path, headers=override).status_code in {200, 405}
    with world.engine.connect() as conn:
        [only] = members.everybody(conn)
    assert (only.name, only.enabled) == ("ann.lee", True)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_another_address_cannot_be_pretended(world, browser, header, monkeypatch):
    taken = []
    monkeypatch.setattr("sync.admin.signin.tries.Tries.take", lambda _self, _name, address: taken.append(address))
    visitor = browser(None)
    visitor.keep()
    visitor.post("/signin/", {"name": "ann", "password": "x"}, headers={header: "203.0.113.9"})
    assert taken == ["127.0.0.1"]


@pytest.mark.parametrize("settings", [{"DUELINE_PROXIES": "1"}])
def test_behind_a_proxy_only_what_it_added_is_believed(world, browser, monkeypatch):
    taken = []
    monkeypatch.setattr("sync.admin.signin.tries.Tries.take", lambda _self, _name, address: taken.append(address))
    visitor = browser(None)
    visitor.keep()
    visitor.post("/signin/", {"name": "ann", "password": "x"}, headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.9"})
    assert taken == ["203.0.113.9"]
