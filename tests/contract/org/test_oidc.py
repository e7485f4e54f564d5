"""People sign in to other applications through the org. The application here is Authlib's client; ID tokens are checked
by joserfc, with the keys that the org publishes.
"""

import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from .conftest import Api, V

CALLBACK = "http://127.0.0.1:5/back"
SCOPES = "openid profile email"


class Browser:
    """Somebody's browser, as far as forms and redirects go."""

    def __init__(self, org) -> None:
        self.org = org
        self.http = requests.Session()

    def open(self, address: str) -> requests.Response:
        return self.http.get(address, timeout=10, allow_redirects=False)

    def press(self, page: requests.Response, **button: str) -> requests.Response:
        form = {"ticket": re.search(r'name="ticket" value="([^"]+)"', page.text)[1], **button}
        return self.http.post(f"{self.org.url}/services/oauth2/authorize", form, timeout=10, allow_redirects=False)

    def sign_in(self, address: str, username: str) -> requests.Response:
        """Through both pages; where the browser is led then."""
        page = self.press(self.open(address), user=f"{username}@dueline.example")
        return self.press(page, decision="allow")


@pytest.fixture
def browser(org):
    made = Browser(org)
    yield made
    made.http.close()


@pytest.fixture
def found(org) -> dict:
    return requests.get(f"{org.url}/.well-known/openid-configuration", timeout=10).json()


@pytest.fixture
def client():
    with OAuth2Session("page", "s-page", scope=SCOPES, redirect_uri=CALLBACK, code_challenge_method="S256") as made:
        yield made


@pytest.fixture
def begun(client, found):
    """The address to send people to, with the verifier that is kept."""
    verifier = generate_token(48)

    def begin(**more: str) -> str:
        address, _ = client.create_authorization_url(
            found["authorization_endpoint"], code_verifier=verifier, nonce="n-1", **more
        )
        return address

    begin.verifier = verifier
    return begin


def told(answer: requests.Response) -> dict[str, str]:
    """What the browser carries back to the application."""
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def exchange(client, found, begun, answer):
    return client.fetch_token(
        found["token_endpoint"], authorization_response=answer.headers["Location"], code_verifier=begun.verifier
    )


def test_authlib_signs_somebody_in(org, browser, client, found, begun):
    token = exchange(client, found, begun, browser.sign_in(begun(), "ann.lee"))
    keys = KeySet.import_key_set(requests.get(found["jwks_uri"], timeout=10).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    assert decoded.header["kid"] == keys.keys[0].kid
    claims = decoded.claims
    rules = jwt.JWTClaimsRegistry(iss={"value": org.url}, aud={"value": "page"}, nonce={"value": "n-1"})
    rules.validate(claims)
    assert claims["sub"] == token["id"] == f"{org.url}/id/{org.org.org_id}/{claims['sub'].rsplit('/', 1)[1]}"
    assert 60 < claims["exp"] - time.time() <= 120
    info = client.get(found["userinfo_endpoint"], timeout=10).json()
    assert info["sub"] == claims["sub"]
    assert (info["preferred_username"], info["name"], info["organization_id"]) == (
        "ann.lee@dueline.example",
        "Ann Lee",
        org.org.org_id,
    )
    whole = client.get(token["id"], timeout=10).json()
    assert (whole["username"], whole["display_name"]) == (info["preferred_username"], "Ann Lee")
    assert (token["scope"], token["token_type"], token["instance_url"]) == (SCOPES, "Bearer", org.url)


def test_what_is_offered_is_found_where_it_is_said_to_be(org, found):
    assert found["issuer"] == org.url
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "revocation_endpoint"):
        assert requests.get(found[name], timeout=10).status_code not in {404, 500}, name


@pytest.mark.parametrize(("scope", "status"), [("openid", 401), ("openid api", 200)])
def test_a_token_is_good_for_its_scopes(org, browser, found, begun, client, scope, status):
    client.scope = scope
    token = exchange(client, found, begun, browser.sign_in(begun(), "ann.lee"))
    answer = client.get(f"{org.url}/services/data/{V}/limits", timeout=10)
    assert answer.status_code == status
    assert token["scope"] == scope
    if status == 401:
        assert answer.json()[0]["message"] == "This session is not valid for use with the REST API"


def test_without_openid_there_is_no_id_token(browser, found, begun, client):
    client.scope = "api"
    assert "id_token" not in exchange(client, found, begun, browser.sign_in(begun(), "ann.lee"))


def test_who_may_sign_in(org, browser, begun, admin: Api):
    page = browser.open(begun()).text
    assert re.findall(r'name="user" value="([^"@]+)@', page) == ["ann.lee", "finn.olsen", "admin"]
    assert "Dueline Finance" in page
    [finn] = admin.query("SELECT Id FROM User WHERE Name = 'Finn Olsen'")
    admin.patch(f"sobjects/User/{finn['Id']}", {"IsActive": False})
    assert "finn.olsen" not in browser.open(begun()).text
    refused = browser.press(browser.open(begun()), user="finn.olsen@dueline.example")
    assert 'name="user"' in refused.text
    assert 'name="user"' in browser.press(refused, user="integration@dueline.example").text


def test_denied(browser, begun):
    page = browser.press(browser.open(begun(state="s-1")), user="ann.lee@dueline.example")
    assert told(browser.press(page, decision="deny")) == {
        "error": "access_denied",
        "error_description": "end-user denied authorization",
        "state": "s-1",
    }


def test_a_browser_is_asked_once_and_again_when_the_application_wants_it(browser, begun):
    assert told(browser.open(begun(immediate="true")))["error"] == "immediate_unsuccessful"
    browser.sign_in(begun(), "ann.lee")
    assert "code" in told(browser.open(begun()))
    assert "code" in told(browser.open(begun(immediate="true")))
    assert 'name="user"' in browser.open(begun(prompt="login")).text
    assert 'name="user"' in browser.open(begun(prompt="select_account")).text
    assert 'name="decision"' in browser.open(begun(prompt="consent")).text
    other = browser.press(browser.open(begun(prompt="login")), user="finn.olsen@dueline.example")
    assert "Finn Olsen" in other.text
    browser.open(f"{browser.org.url}/secur/logout.jsp")
    assert 'name="user"' in browser.open(begun()).text


def test_not_me(browser, begun):
    browser.press(browser.open(begun()), user="ann.lee@dueline.example")
    page = browser.open(begun())
    assert "Ann Lee" in page.text
    link = re.search(r'href="([^"]+authorize[^"]+)"', page.text)[1].replace("&amp;", "&")
    page = browser.press(browser.open(f"{browser.org.url}{link}"), user="finn.olsen@dueline.example")
    assert "code" in told(browser.press(page, decision="allow"))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "who"}, "invalid_client_id"),
        ({"client_id": "integration"}, "invalid_client_id"),
        ({"redirect_uri": ""}, "redirect_uri_missing"),
        ({"redirect_uri": "https://ar.acme.example/back/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "https://evil.example/back"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1:5/back?x=1"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1:5/back#x"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1:5@evil.example/back"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://evil.example@127.0.0.1:5/back"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "https://127.0.0.1:5/back"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1:x/back"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri_mismatch"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none"}, "invalid_request"),
    ],
)
def test_requests_that_lead_nowhere(org, changes, error):
    asked = {
        "client_id": "page",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "code_challenge": "c",
        "code_challenge_method": "S256",
        **changes,
    }
    answer = requests.get(f"{org.url}/services/oauth2/authorize", asked, timeout=10, allow_redirects=False)
    assert answer.status_code == 400
    assert f"error={error}" in answer.text
    assert "javascript:" not in re.sub(r"<code>.*?</code>", "", answer.text)


def test_a_scope_that_the_app_does_not_have(browser, begun, client):
    client.scope = "openid full"
    assert told(browser.open(begun()))["error"] == "invalid_scope"


def test_the_exact_callback_of_the_app_is_good(org, browser, begun):
    page = browser.open(begun(redirect_uri="https://ar.acme.example/back"))
    assert "form-action 'self' https://ar.acme.example;" in page.headers["Content-Security-Policy"]


def test_answers_come_from_the_page_that_asked(org, browser, begun):
    page = browser.open(begun())
    stranger = Browser(org)
    for who, form in ((browser, {"user": "ann.lee@dueline.example"}), (browser, {"ticket": "x", "decision": "allow"})):
        bare = who.http.post(f"{org.url}/services/oauth2/authorize", form, timeout=10)
        assert bare.status_code == 400
    assert stranger.press(page, user="ann.lee@dueline.example").status_code == 400
    page = browser.press(page, user="ann.lee@dueline.example")
    assert browser.press(page, decision="allow").status_code == 302
    assert browser.press(page, decision="allow").status_code == 400
    stranger.http.close()


def test_nobody_is_led_here_by_another_name(org):
    answer = requests.get(f"{org.url}/services/oauth2/authorize", headers={"Host": "evil.example"}, timeout=10)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"code": "aPrxNo"}, "invalid_grant", "invalid authorization code"),
        ({"code": ""}, "invalid_request", "missing required parameter: code"),
        ({"client_secret": "no"}, "invalid_client", "invalid client credentials"),
        ({"client_secret": ""}, "invalid_client", "invalid client credentials"),
        ({"client_id": "who"}, "invalid_client_id", "client identifier invalid"),
        ({"redirect_uri": "https://ar.acme.example/back"}, "redirect_uri_mismatch", "must match configuration"),
        ({"code_verifier": "wrong"}, "invalid_grant", "invalid code verifier"),
        ({"code_verifier": None}, "invalid_grant", "invalid code verifier"),
    ],
)
def test_codes_that_get_nothing(org, browser, begun, changes, error, description):
    code = told(browser.sign_in(begun(), "ann.lee"))["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": "page",
        "client_secret": "s-page",
        "redirect_uri": CALLBACK,
        "code_verifier": begun.verifier,
    }
    answer = requests.post(f"{org.url}/services/oauth2/token", {**form, **changes}, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert description in answer.json()["error_description"]


def test_a_code_is_good_once(browser, client, found, begun):
    answer = browser.sign_in(begun(), "ann.lee")
    exchange(client, found, begun, answer)
    with pytest.raises(OAuthError, match="invalid_grant"):
        exchange(client, found, begun, answer)


def test_a_code_grows_old(started, client):
    org = started(code_minutes=0)
    browser = Browser(org)
    verifier = generate_token(48)
    address, _ = client.create_authorization_url(f"{org.url}/services/oauth2/authorize", code_verifier=verifier)
    location = browser.sign_in(address, "ann.lee").headers["Location"]
    with pytest.raises(OAuthError, match="expired authorization code"):
        client.fetch_token(f"{org.url}/services/oauth2/token", authorization_response=location, code_verifier=verifier)
    browser.http.close()


def test_somebody_who_left_meanwhile(browser, client, found, begun, admin: Api):
    answer = browser.sign_in(begun(), "ann.lee")
    [ann] = admin.query("SELECT Id FROM User WHERE Name = 'Ann Lee'")
    admin.patch(f"sobjects/User/{ann['Id']}", {"IsActive": False})
    with pytest.raises(OAuthError, match="inactive_user"):
        exchange(client, found, begun, answer)


def test_the_app_of_people_is_nobody_by_itself(org):
    form = {"grant_type": "client_credentials", "client_id": "page", "client_secret": "s-page"}
    answer = requests.post(f"{org.url}/services/oauth2/token", form, timeout=10)
    assert answer.json() == {"error": "invalid_grant", "error_description": "no client credentials user enabled"}


def test_keys_survive_a_restart(started, tmp_path):
    def published() -> dict:
        org = started(data=tmp_path / "org.db")
        found = requests.get(f"{org.url}/id/keys", timeout=10).json()
        org.stop()
        return found

    assert published() == published()


def test_an_org_without_such_an_app(started, begun):
    org = started(sign_in=None)
    address = begun().replace(urlsplit(begun()).netloc, urlsplit(org.url).netloc)
    assert "error=invalid_client_id" in requests.get(address, timeout=10).text
