"""Getting in with Salesforce: the whole way through the local org's pages, and what is refused on it."""

import json
import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from connector.local.org.server import OrgUser, SignInApp
from connector.local.org.signing_key import SigningKey
from sync.admin.signin import local, oidc, renew
from sync.db import config
from tests.browsing import AGENT, Visitor

APP = SignInApp("page", "s-page", loopback_paths=("/admin/signin/salesforce/callback",))
PEOPLE = (
    OrgUser("Ada Okafor", "Account Executive", "ada", "s-ada", ("Dueline_User",)),
    OrgUser("Farid Nasser", "Finance", "farid", "s-farid", ("Dueline_Finance", "Dueline_User")),
    OrgUser("Gina Rossi", "Marketing", "gina", "s-gina", ()),
)
ENVIRONMENT = {"DUELINE_SIGN_IN__CLIENT_ID": "page", "DUELINE_SIGN_IN__CLIENT_SECRET": "s-page"}


@pytest.fixture
def org_options() -> dict:
    """An org with people, and an app through which they sign in."""
    return {"sign_in": APP, "users": PEOPLE}


@pytest.fixture
def settings() -> dict[str, str]:
    """The environment names the app; override by parametrizing."""
    return ENVIRONMENT


class Person:
    """Somebody at the org's own pages."""

    def __init__(self, org_url: str, username: str) -> None:
        self.url, self.username = org_url, username
        self.http = requests.Session()

    def lets_in(self, address: str, decision: str = "allow") -> str:
        """Sign in there; the address that Salesforce sends the browser back to."""
        page = self._press(self.http.get(address, timeout=10), user=f"{self.username}@dueline.example")
        answer = self._press(page, decision=decision) if page.status_code == 200 else page
        self.http.close()
        return answer.headers["Location"]

    def _press(self, page: requests.Response, **button: str) -> requests.Response:
        form = {"ticket": re.search(r'name="ticket" value="([^"]+)"', page.text)[1], **button}
        return self.http.post(f"{self.url}/services/oauth2/authorize", form, timeout=10, allow_redirects=False)


@pytest.fixture
def through(world):
    """Through Salesforce as somebody: the answer of our callback."""

    def go(visitor: Visitor, username: str, then: str = "", decision: str = "allow"):
        begun = visitor.get(f"/signin/salesforce?then={then}")
        assert begun.status_code == 302, begun.text
        back = Person(world.org.url, username).lets_in(begun.location, decision)
        return visitor.get(back.removeprefix("http://localhost/admin"))

    return go


def user_id(world, name: str) -> str:
    [row] = world.admin.query(f"SELECT Id FROM User WHERE Name = '{name}'")
    return row["Id"]


def take_away(world, name: str, permission_set: str) -> None:
    soql = (
        f"SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{user_id(world, name)}' "
        f"AND PermissionSet.Name = '{permission_set}'"
    )
    [row] = world.admin.query(soql)
    world.admin._json("DELETE", f"/services/data/v66.0/sobjects/PermissionSetAssignment/{row['Id']}")


def age(world, seconds: float) -> None:
    """Let so much time pass since Salesforce was asked."""
    world._set("web_session", f"checked_at = checked_at - interval '{seconds} s'", "checked_at IS NOT NULL")


def test_finance_signs_in_and_goes_where_they_wanted(world, browser, through):
    visitor = browser(None)
    answer = through(visitor, "farid.nasser", then="%2Fhistory%2F")
    assert (answer.status_code, answer.location) == (303, "/admin/history/")
    assert "Farid Nasser" in visitor.get("/history/").text


def test_sales_sees_its_own_accounts_only(world, browser, through):
    visitor = browser(None)
    assert through(visitor, "ada.okafor").status_code == 303
    assert visitor.get("/history/").status_code == 403
    with world.engine.connect() as conn:
        [row] = conn.exec_driver_sql("SELECT role, scope, subject FROM web_session").all()
    ada = user_id(world, "Ada Okafor")
    assert tuple(row) == ("viewer", ada, f"salesforce:{ada}")


def test_without_a_permission_set_one_is_told_what_to_ask_for(browser, through):
    visitor = browser(None)
    answer = through(visitor, "gina.rossi")
    assert answer.status_code == 403
    assert "Ask your Salesforce administrator" in answer.text
    assert "Dueline_Finance" in answer.text
    assert visitor.get("/history/").status_code == 303


def test_what_leaves_is_bound_to_this_browser_and_this_moment(world, browser):
    visitor = browser(None)
    asked = {
        name: values[0] for name, values in parse_qs(urlsplit(visitor.get("/signin/salesforce").location).query).items()
    }
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 30
    assert len(asked["nonce"]) >= 20
    assert asked["scope"] == "openid profile email"
    again = parse_qs(urlsplit(visitor.get("/signin/salesforce").location).query)
    assert again["state"] != [asked["state"]]
    assert again["code_challenge"] != [asked["code_challenge"]]


def test_the_answer_counts_only_in_the_browser_that_asked(world, browser):
    victim, thief = browser(None), browser(None)
    back = Person(world.org.url, "farid.nasser").lets_in(thief.get("/signin/salesforce").location)
    answer = victim.get(back.removeprefix("http://localhost/admin"))
    assert answer.status_code == 401
    assert "begun in another browser" in answer.text
    assert victim.get("/history/").status_code == 303


def test_an_answer_counts_once(world, browser):
    visitor = browser(None)
    back = Person(world.org.url, "farid.nasser").lets_in(visitor.get("/signin/salesforce").location)
    path = back.removeprefix("http://localhost/admin")
    kept = visitor.client.get_cookie("dueline", path="/admin").value
    assert visitor.get(path).status_code == 303
    visitor.client.set_cookie("dueline", kept, path="/admin")
    answer = visitor.get(path)
    assert answer.status_code == 401
    assert "had been used already" in answer.text


def test_who_does_not_allow_it_is_told_so(browser, through):
    answer = through(browser(None), "farid.nasser", decision="deny")
    assert answer.status_code == 401
    assert "choose “Allow”" in answer.text


def test_what_the_browser_brings_is_shown_harmless(browser):
    visitor = browser(None)
    visitor.get("/signin/salesforce")
    answer = visitor.get(
        "/signin/salesforce/callback?error=%3Cscript%3Ealert(1)%3C/script%3E&error_description=" + "x" * 5000
    )
    assert answer.status_code == 401
    assert "<script>alert" not in answer.text
    assert len(answer.text) < 10_000


# --- what only pretends to come from Salesforce ----------------------------------------------------------------------


def _signed(claims: dict, key: RSAKey | None = None, **header: str) -> str:
    return jwt.encode({"alg": "RS256", **header}, claims, key or RSAKey.generate_key(2048, auto_kid=True))


def _unsigned(claims: dict) -> str:
    from joserfc.util import urlsafe_b64encode as encoded

    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    return ".".join(encoded(part).decode() for part in parts) + "."


@pytest.fixture
def told_instead(monkeypatch):
    """Have the org send another ID token: `told_instead(make)`, given its claims and its signer."""
    real = SigningKey.id_token

    def install(make) -> None:
        monkeypatch.setattr(SigningKey, "id_token", lambda key, access, claims: make(real, key, access, claims))

    return install


_TIMES = {"iat": int(time.time()), "exp": int(time.time()) + 300}
_LIES = {
    "signed by somebody else": lambda real, key, access, claims: _signed({**claims, **_TIMES}),
    "signed by somebody else under the org's key id": lambda real, key, access, claims: _signed(
        {**claims, **_TIMES}, RSAKey.generate_key(2048), kid=key.published()["keys"][0]["kid"]
    ),
    "not signed": lambda real, key, access, claims: _unsigned({**claims, **_TIMES}),
    "for another app": lambda real, key, access, claims: real(key, access, {**claims, "aud": "another"}),
    "of another issuer": lambda real, key, access, claims: real(key, access, {**claims, "iss": "https://evil.example"}),
    "with another nonce": lambda real, key, access, claims: real(key, access, {**claims, "nonce": "another"}),
    "without the nonce": lambda real, key, access, claims: real(
        key, access, {name: value for name, value in claims.items() if name != "nonce"}
    ),
    "about nobody": lambda real, key, access, claims: real(key, access, {**claims, "sub": "https://x.example/farid"}),
    "for another token": lambda real, key, access, claims: real(key, access, {**claims, "at_hash": "another"}),
}


@pytest.mark.parametrize("lie", _LIES)
def test_an_id_token_that_is_not_what_it_should_be_is_refused(world, browser, through, told_instead, lie):
    told_instead(_LIES[lie])
    visitor = browser(None)
    answer = through(visitor, "farid.nasser")
    assert answer.status_code == 401
    assert "could not be verified" in answer.text
    assert visitor.get("/history/").status_code == 303


def test_an_id_token_that_has_expired_is_refused(world, browser, through, monkeypatch):
    monkeypatch.setattr("connector.local.org.signing_key._ID_TOKEN_S", -300)
    assert "could not be verified" in through(browser(None), "farid.nasser").text


def test_somebody_of_another_org_is_refused(world, browser, through, told_instead):
    def elsewhere(real, key, access, claims):
        return real(key, access, {**claims, "sub": claims["sub"].replace(world.org.org.org_id, "00DXX0000000001AAA")})

    told_instead(elsewhere)
    answer = through(browser(None), "farid.nasser")
    assert answer.status_code == 401
    assert "another Salesforce org" in answer.text


def test_while_the_org_is_away_the_page_says_so(world, browser, through, monkeypatch):
    visitor = browser(None)
    begun = visitor.get("/signin/salesforce")
    back = Person(world.org.url, "farid.nasser").lets_in(begun.location)
    monkeypatch.setattr("sync.adapters.rights.asking", _away)
    answer = visitor.get(back.removeprefix("http://localhost/admin"))
    assert answer.status_code == 503
    assert "Salesforce could not be asked" in answer.text


def _away():
    from sync.pipeline.accounts import OrgAwayError

    raise OrgAwayError("UNREACHABLE", "the org does not answer", "try again later", 1.0)


@pytest.mark.parametrize("settings", [ENVIRONMENT | {"DUELINE_SIGN_IN__LOGIN_URL": "http://127.0.0.1:1"}], ids=[""])
def test_an_address_where_nobody_answers_is_told(browser):
    answer = browser(None).get("/signin/salesforce")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


@pytest.mark.parametrize("settings", [ENVIRONMENT | {"DUELINE_PUBLIC_URL": "https://ar.acme.example"}], ids=[""])
def test_the_callback_is_at_the_public_address_whatever_host_is_asked_for(world, browser, monkeypatch):
    visitor = browser(None)
    tricks = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    for headers in (tricks, {}):
        asked = parse_qs(urlsplit(visitor.get("/signin/salesforce", headers=headers).location).query)
        assert asked["redirect_uri"] == ["https://ar.acme.example/admin/signin/salesforce/callback"]


def test_a_foreign_host_is_sent_along_and_the_org_refuses_it(world, browser):
    asked = browser(None).get("/signin/salesforce", headers={"Host": "evil.example"})
    answer = requests.get(asked.location, timeout=10, allow_redirects=False)
    assert "redirect_uri_mismatch" in answer.text
    assert "Location" not in answer.headers


# --- while one is signed in ------------------------------------------------------------------------------------------


def test_a_permission_set_that_is_taken_away_ends_the_session(world, browser, through):
    visitor = browser(None)
    through(visitor, "ada.okafor")
    take_away(world, "Ada Okafor", "Dueline_User")
    assert visitor.get("/people/me").status_code == 200
    age(world, renew.MUST_S + 1)
    answer = visitor.get("/people/me")
    assert answer.status_code == 303
    assert (
        "Salesforce says that you may not use Dueline any more"
        in visitor.get(answer.location.removeprefix("/admin")).text
    )


def test_somebody_who_left_the_company_is_out(world, browser, through):
    visitor = browser(None)
    through(visitor, "ada.okafor")
    path = f"/services/data/v66.0/sobjects/User/{user_id(world, 'Ada Okafor')}"
    world.admin._json("PATCH", path, json={"IsActive": False})
    age(world, renew.MUST_S + 1)
    assert visitor.get("/people/me").status_code == 303


def test_a_role_that_changes_holds_without_signing_in_again(world, browser, through):
    visitor = browser(None)
    through(visitor, "farid.nasser")
    take_away(world, "Farid Nasser", "Dueline_Finance")
    age(world, renew.MUST_S + 1)
    assert visitor.get("/history/").status_code == 403
    assert "accounts of" in visitor.get("/people/me").text


def test_nobody_waits_while_the_answer_is_only_somewhat_old_and_one_call_serves_all(world, browser, through):
    visitors = [browser(None), browser(None)]
    for visitor, name in zip(visitors, ("ada.okafor", "farid.nasser"), strict=True):
        through(visitor, name)
    age(world, renew.ASK_S + 1)
    world.calls()
    for visitor in visitors:
        assert visitor.get("/people/me").status_code == 200
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and oldest(world) > renew.ASK_S:
        time.sleep(0.02)
    assert oldest(world) < 5
    assert sum(world.calls().values()) == 1


def oldest(world) -> float:
    with world.engine.connect() as conn:
        return conn.exec_driver_sql("SELECT max(extract(epoch FROM now() - checked_at)) FROM web_session").scalar()


def test_while_the_org_is_away_people_stay_for_an_hour(world, browser, through, monkeypatch):
    visitor = browser(None)
    through(visitor, "ada.okafor")
    monkeypatch.setattr("sync.adapters.rights.asking", _away)
    age(world, renew.MUST_S + 1)
    assert visitor.get("/people/me").status_code == 200
    age(world, renew.LOST_S)
    answer = visitor.get("/people/me")
    assert answer.status_code == 303
    assert "not answered for an hour" in visitor.get("/signin/").text


def test_another_table_of_permission_sets_holds_at_the_next_click(world, browser, through):
    visitor = browser(None)
    through(visitor, "ada.okafor")
    finance = browser("finance")
    page = finance.page("/people/access")
    [form] = page.xpath("//main//form[.//input[@name='based_on']]")
    fields = {**dict(form.fields), "grants-1-sees": "finance"}
    assert fields["grants-1-permission_set"] == "Dueline_User"
    assert finance.post("/people/access", fields).status_code == 303
    assert visitor.get("/history/").status_code == 200


# --- the app as entered on the page ----------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}], ids=[""])
def test_the_app_can_be_entered_on_the_page(world, browser, through):
    assert "Sign in with Salesforce" not in browser(None).get("/signin/").text
    finance = browser("finance")
    form = {"login_url": world.org.url, "client_id": "page", "client_secret": "s-page"}
    assert finance.post("/people/salesforce", form).status_code == 303
    assert "Sign in with Salesforce" in browser(None).get("/signin/").text
    assert through(browser(None), "farid.nasser").status_code == 303
    for path in ("/people/salesforce", "/history/", "/people/"):
        assert "s-page" not in finance.get(path).text
    with world.engine.connect() as conn:
        assert "s-page" not in json.dumps(config.current(conn, "access").value)


@pytest.mark.parametrize("settings", [{}], ids=[""])
def test_a_secret_is_not_sent_to_another_address_than_it_was_entered_for(world, browser):
    finance = browser("finance")
    form = {"login_url": world.org.url, "client_id": "page", "client_secret": "s-page"}
    finance.post("/people/salesforce", form)
    answer = finance.post("/people/salesforce", {**form, "login_url": "https://evil.example", "client_secret": ""})
    assert answer.status_code == 400
    assert "Type the consumer secret of this app." in answer.text
    kept = finance.post("/people/salesforce", {**form, "client_secret": ""})
    assert kept.status_code == 303
    assert finance.post("/people/salesforce/remove").status_code == 303
    assert browser(None).get("/signin/salesforce").location == "/admin/signin/"


@pytest.mark.parametrize("settings", [{}], ids=[""])
@pytest.mark.parametrize("address", ["http://evil.example", "javascript:alert(1)", "https://", "http://127.0.0.1:1"])
def test_an_address_that_is_no_sign_in_is_told_at_the_field(browser, address):
    form = {"login_url": address, "client_id": "page", "client_secret": "s-page"}
    answer = browser("finance").post("/people/salesforce", form)
    assert answer.status_code == 400
    assert 'id="login_url-error"' in answer.text


def test_what_the_environment_sets_cannot_be_changed_on_the_page(browser):
    finance = browser("finance")
    assert "DUELINE_SIGN_IN__CLIENT_ID" in finance.get("/people/salesforce").text
    form = {"login_url": "https://a.my.salesforce.com", "client_id": "x", "client_secret": "y"}
    assert finance.post("/people/salesforce", form).status_code == 400


def test_ids_of_an_id_token_are_brought_to_their_full_length():
    ids = oidc._who("https://login.salesforce.com/id/00DXX0000000001/005XX0000000001")
    assert [len(each) for each in ids] == [18, 18]


def test_the_member_and_the_salesforce_user_of_one_name_are_two(world, browser, through):
    local.add(world.engine, "ada.okafor", "finance", None, local.COMMAND_LINE)
    visitor = browser(None)
    through(visitor, "ada.okafor")
    assert visitor.get("/history/").status_code == 403
    assert AGENT
