"""What strangers and colleagues try on the page as a whole: numbers, addresses, what others decided, every thread."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client

from connector.billing.stripe import StripeBilling
from connector.errors import ConnectorError
from sync.admin import mount as mounting
from sync.admin.receivables.screen import web_address
from sync.admin.signin import local, oidc
from sync.admin.signin.local import COMMAND_LINE
from sync.admin.signin.provider import Provider
from sync.core.redact import redacted_text
from sync.db import members, work
from sync.db.admin_tables import web_session
from sync.errands import _failed
from sync.settings import is_safe_address, own_domain
from tests.browsing import Visitor

TOO_LARGE = 2**63

# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [TOO_LARGE, "9" * 25, "9" * 5_000, "0" * 30 + "7", "٣"])
def test_a_number_that_no_row_can_have_is_that_of_none(browser, number):
    finance = browser("finance")
    for path in (f"/progress/{number}", f"/matching/plans/{number}", f"/matching/plans/{number}.csv"):
        assert finance.get(path).status_code == 404, path
    for path in (f"/progress/{number}/stop", f"/progress/{number}/go-on", f"/rules/versions/{number}"):
        assert finance.post(path).status_code in {303, 404}, path
    assert finance.post(f"/mapping/versions/{number}/bring-back").status_code in {303, 404}


def test_a_number_in_a_form_that_is_far_too_long_is_none(browser):
    page = browser("finance").page("/rules/")
    [form] = page.xpath("//form[.//input[@name='based_on']]")
    filled = {field.name: field.value for field in form.inputs if field.name and field.value is not None}
    finance = browser("finance")
    answer = finance.post("/rules/", {**filled, "grace_days": "3", "based_on": "9" * 5_000})
    assert answer.status_code in {409, 422}


# --- addresses that are asked ----------------------------------------------------------------------------------------

ADDRESSES = [
    "http://localhost:x@169.254.169.254/latest",
    "http://127.0.0.1:80@169.254.169.254",
    "http://127.0.0.1:@internal.example/",
    "http://169.254.169.254",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example:80",
    "https://acme.my.salesforce.com@evil.example",
    "https://acme.my.salesforce.com#@evil.example",
    "https://acme.my.salesforce.com\\@evil.example",
    "https://acme.my.salesforce.com/\r\nX: y",
    "https:///etc/passwd",
    "https://[fd00:ec2::254]",
    "file:///etc/passwd",
    "javascript:alert(1)//https://a.b",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_hides_another(world, browser, address):
    assert not is_safe_address(address)
    with pytest.raises(ValueError, match="must be https"):
        own_domain(address)
    finance = browser("finance")
    form = {"login_url": address, "client_id": "x", "client_secret": "y", "way": "secret", "api_version": "66.0"}
    assert finance.post("/people/salesforce", form).status_code == 400
    assert finance.post("/setup/stripe/other", {"api_key": "rk_test_1", "api_base": address}).status_code == 422


def test_addresses_as_people_have_them():
    for address in ("https://acme.my.salesforce.com/", "http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"):
        assert own_domain(address) == address.rstrip("/")
        assert is_safe_address(address)
    with pytest.raises(ValueError, match="must be https"):
        own_domain("https://acme.my.salesforce.com\n")
    assert is_safe_address("https://stand-in.example:8443/stripe/v1")


class _Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody on to what is inside, and is that as well."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        inside = self.path == "/inside"
        body = b"the key of the house" if inside or self.path.startswith("/plain") else b""
        self.send_response(200 if body else 302)
        if not body:
            self.send_header("Location", "/inside")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def elsewhere():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_nobody_is_led_elsewhere_by_an_answer(elsewhere):
    here = f"http://127.0.0.1:{elsewhere.server_port}"
    with pytest.raises(ConnectorError):
        StripeBilling("rk_test_1", api_base=here, max_network_retries=0).fetch("invoice", "in_1")
    with pytest.raises(oidc.SignInError):
        oidc.reachable(Provider(here, "x", "y"))
    assert "/inside" not in elsewhere.asked
    assert len(elsewhere.asked) == 2


def test_what_another_server_says_is_not_shown(elsewhere):
    here = f"http://127.0.0.1:{elsewhere.server_port}/plain"
    with pytest.raises(ConnectorError) as caught:
        StripeBilling("rk_test_1", api_base=here, max_network_retries=0).fetch("invoice", "in_1")
    assert "key of the house" not in str(caught.value)


def test_a_description_may_not_name_addresses_inside():
    told = {"authorization_endpoint": "https://a/x", "token_endpoint": "https://a/y", "jwks_uri": "http://10.0.0.1/"}
    with pytest.raises(oidc.SignInError, match="jwks_uri"):
        oidc._checked(Provider("https://a", "x", "y"), told)
    oidc._checked(Provider("http://10.0.0.1", "x", "y"), told)  # a stand-in of which all is there


def test_an_address_that_is_none_is_no_link():
    for text in ("http://[", "https://[x]/", "javascript:alert(1)", "JAVASCRIPT://a", "//a", "data:x", ""):
        assert web_address(text) is None


# --- what others have decided ----------------------------------------------------------------------------------------


def ended(world, kind: str, status: str) -> int:
    with world.engine.begin() as conn:
        number = work.ask(conn, kind, {"version": 1, "steps": []}, "Finance person")
        conn.exec_driver_sql(f"UPDATE work SET status = '{status}' WHERE id = {number}")
    return number


@pytest.mark.parametrize("kind", ["apply mapping", "change links", "rules"])
def test_only_finance_goes_on_with_what_it_called_off(world, browser, kind):
    number = ended(world, kind, work.STOPPED)
    operator = browser("operator")
    assert "Go on" not in operator.get(f"/progress/{number}").text
    assert operator.post(f"/progress/{number}/go-on").status_code == 403
    assert status(world, number) == work.STOPPED
    assert "Go on" in browser("finance").get(f"/progress/{number}").text
    assert browser("finance").post(f"/progress/{number}/go-on").status_code == 303
    assert status(world, number) == work.WAITING


@pytest.mark.parametrize(("kind", "was"), [("rules", work.FAILED), ("backfill", work.STOPPED), ("rules", work.DONE)])
def test_operators_go_on_with_what_failed_and_nobody_with_what_is_done(world, browser, kind, was):
    number = ended(world, kind, was)
    assert browser("operator").post(f"/progress/{number}/go-on").status_code == 303
    assert status(world, number) == (work.DONE if was == work.DONE else work.WAITING)


def status(world, number: int) -> str:
    with world.engine.connect() as conn:
        return work.get(conn, number).status


def test_a_role_that_is_taken_while_the_password_changes_is_gone(world, browser, monkeypatch):
    name, password = local.add(world.engine, "ann.lee", "finance", None, COMMAND_LINE)
    local.add(world.engine, "other", "finance", None, COMMAND_LINE)
    real = local.change_own

    def meanwhile(engine, who, new) -> None:
        local.set_role(engine, who, "viewer", None, COMMAND_LINE)
        real(engine, who, new)

    monkeypatch.setattr(local, "change_own", meanwhile)
    new = "four words and a horse"
    own = as_member(world, browser(None), name)
    assert own.post("/people/me", {"now": password, "new": new, "again": new}).status_code == 303
    with world.engine.connect() as conn:
        assert members.get(conn, name).role == "viewer"
        roles = {row.role for row in conn.execute(web_session.select()).all()}
    assert roles == {"viewer"}


def as_member(world, own: Visitor, name: str) -> Visitor:
    own.sign_in(world.run, "finance", name=name)
    return own


# --- what errors tell ------------------------------------------------------------------------------------------------


def test_a_failure_of_ours_tells_no_statement_and_no_secret(world):
    with world.engine.begin() as conn:
        number = work.ask(conn, "retry", {"cause": None}, "x")
        item = work.get(conn, number)
    try:
        with world.engine.begin() as conn:
            conn.execute(insert(web_session).values(id="a" * 64, subject="whsec_" + "a" * 30))
    except Exception as error:  # noqa: BLE001 - whatever the database makes of it
        _failed(world.run, item, error)
    with world.engine.begin() as conn:
        first = work.get(conn, number).told
    assert "IntegrityError" in first
    assert "INSERT" not in first
    _failed(world.run, item, ValueError("the key sk_live_" + "b" * 24 + " is " + "x" * 10_000))
    with world.engine.begin() as conn:
        told = work.get(conn, number).told
    assert "sk_live_" not in told
    assert "whsec_" not in first + told
    assert len(told) < 500


def test_strangers_learn_no_names_of_servers(world, browser, monkeypatch):
    def away(*_: object) -> None:
        raise OperationalError("x", None, Exception('connection to server at "db.internal" failed'))

    visitor = browser(None)
    monkeypatch.setattr("sync.db.members.anybody", away)
    answer = visitor.get("/signin/")
    assert answer.status_code == 503
    assert "db.internal" not in answer.text


def test_what_looks_like_many_tokens_takes_no_longer():
    begun = monotonic()
    redacted_text("eyJ-" * 60_000)
    redacted_text("://a:" * 50_000)
    redacted_text("-----BEGIN " * 25_000)
    redacted_text("a_secret_" * 25_000)
    assert monotonic() - begun < 2


# --- places ----------------------------------------------------------------------------------------------------------


def test_who_waits_for_a_place_does_not_take_every_thread(monkeypatch):
    site, held, going = Flask("site"), threading.Event(), threading.Semaphore(0)

    def slow(environ, start_response):
        going.release()
        if not environ["PATH_INFO"].startswith("/static/"):
            held.wait(20)
        start_response("200 OK", [])
        return [b""]

    monkeypatch.setattr("sync.admin.app.make_app", lambda _current: slow)
    mounting.mount(site, lambda: None, at_once=2)  # type: ignore[arg-type,return-value]
    answers: list[int] = []

    def ask(path: str) -> int:
        return Client(site).get(path, buffered=True).status_code

    threads = [threading.Thread(target=lambda: answers.append(ask("/admin/x"))) for _ in "1234"]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            assert going.acquire(timeout=5)
        threading.Event().wait(0.2)
        begun = monotonic()
        assert answers == [503]  # two are under way, one waits
        assert ask("/admin/y") == 503
        assert ask("/admin/static/dueline.css") == 200
        assert monotonic() - begun < 1
    finally:
        held.set()
        for thread in threads:
            thread.join()
    assert sorted(answers) == [200, 200, 200, 503]
