import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connector.errors import MisconfiguredError, RetryableError
from connector.salesforce.session import OrgLogin, OrgSession
from tests.contract.salesforce.fake_org import HOST, LOGIN, QUICK, TOKEN_URL, ok

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


def form(request):
    return {name: values[0] for name, values in parse_qs(request.body).items()}


def test_client_credentials(org, mock, session):
    token = session.connect()
    assert token.instance_url == HOST
    assert (token.org_id, token.user_id) == ("00D000000000001EAA", "005000000000001AAA")
    assert form(mock.calls[0].request) == {
        "grant_type": "client_credentials",
        "client_id": "client",
        "client_secret": "secret",
    }


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (
            "https://login.salesforce.com/id/00D5e000000HEcP/0055e00000CdXyZ",
            ("00D5e000000HEcPEAW", "0055e00000CdXyZAAV"),
        ),
        (
            "https://acme.my.salesforce.com/id/00D000000000001EAA/005000000000001AAA?x=1",
            ("00D000000000001EAA", "005000000000001AAA"),
        ),
        ("", ("", "")),
        ("https://login.salesforce.com/somewhere/else", ("", "")),
    ],
)
def test_who_we_are_is_told_in_18_characters(org, mock, session, url, told):
    body = {"access_token": "t", "instance_url": HOST, "id": url}
    mock.replace("POST", TOKEN_URL, json=body)
    token = session.connect()
    assert (token.org_id, token.user_id) == told


@pytest.mark.parametrize("host", ["https://login.salesforce.com", "https://test.salesforce.com", HOST])
def test_jwt_bearer(org, mock, host):
    mock.add_callback("POST", f"{host}/services/oauth2/token", org.token)
    OrgSession(OrgLogin(host, "client", username="ar@acme.example", private_key=PEM)).connect()
    sent = form(mock.calls[0].request)
    assert sent["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = jwt.decode(sent["assertion"], KEY.public_key(), algorithms=["RS256"], audience=host)
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("client", "ar@acme.example", host)
    assert type(claims["exp"]) is int
    assert 0 < claims["exp"] - time.time() <= 180


REFUSALS = [
    ("invalid_grant", "request not supported on this domain", "My Domain"),
    ("invalid_grant", "no client credentials user enabled", "Run As"),
    ("invalid_grant", "audience is invalid", "test.salesforce.com"),
    ("invalid_grant", "Audience validation failed", "test.salesforce.com"),
    ("invalid_grant", "expired authorization code", "clock"),
    ("invalid_grant", "user hasn't approved this consumer", "pre-authorise"),
    ("invalid_app_access", "user is not admin approved to access this app", "pre-authorise"),
    ("invalid_grant", "invalid assertion", "certificate"),
    ("invalid_grant", "ip restricted", "IP restriction"),
    ("invalid_grant", "authentication failure", "check user name"),
    ("invalid_client", "invalid client credentials", "copy client id"),
    ("invalid_client_id", "client identifier invalid", "copy client id"),
    ("unsupported_grant_type", "grant type not supported", "enable the OAuth flow"),
    ("inactive_user", "user is inactive", "activate"),
    ("inactive_org", "organization is locked, closed, or suspended", "ask Salesforce"),
    ("something_new", "never seen", "check the login URL"),
]


@pytest.mark.parametrize(("code", "description", "fix"), REFUSALS)
def test_every_refused_login_says_what_to_do(mock, code, description, fix):
    mock.add("POST", TOKEN_URL, status=400, json={"error": code, "error_description": description})
    with pytest.raises(MisconfiguredError) as raised:
        OrgSession(LOGIN).connect()
    assert (raised.value.code, raised.value.reason) == (code, description)
    assert fix in raised.value.fix


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": "rate_limit_exceeded", "error_description": "number of logins exceeded"}),
        (400, {"error": "unknown_error", "error_description": "retry your request"}),
        (503, {}),
        (429, {}),
    ],
)
def test_logins_that_may_pass_later(mock, status, body):
    mock.add("POST", TOKEN_URL, status=status, json=body)
    with pytest.raises(RetryableError):
        OrgSession(LOGIN).connect()


def test_a_page_that_is_no_salesforce_is_named(mock):
    mock.add("POST", TOKEN_URL, status=200, body="<html>captive portal</html>")
    with pytest.raises(MisconfiguredError, match="did not answer as a Salesforce login"):
        OrgSession(LOGIN).connect()


def test_a_moved_domain_is_not_followed_with_the_secret(mock):
    mock.add("POST", TOKEN_URL, status=302, headers={"Location": "https://new.my.salesforce.com/"})
    with pytest.raises(MisconfiguredError, match=r"moved to https://new\.my\.salesforce\.com"):
        OrgSession(LOGIN).connect()
    assert len(mock.calls) == 1


def test_an_insecure_instance_is_refused(mock):
    mock.add("POST", TOKEN_URL, json={"access_token": "x", "instance_url": "http://acme.my.salesforce.com"})
    with pytest.raises(MisconfiguredError, match="insecure"):
        OrgSession(LOGIN).connect()


def test_an_unreachable_login_is_retried_and_then_said(mock, org):
    mock.replace("POST", TOKEN_URL, body=requests.ConnectTimeout("no"))
    with pytest.raises(RetryableError) as raised:
        OrgSession(LOGIN, pace=QUICK).request("PATCH", "sobjects/X/1", json={})
    assert raised.value.code == "UNREACHABLE"
    assert not raised.value.outcome_unknown
    assert len(mock.calls) == QUICK.attempts


@pytest.mark.parametrize(
    ("login", "fix"),
    [
        ({"login_url": "http://acme.my.salesforce.com", "client_secret": "s"}, "https://"),
        ({"login_url": "acme.my.salesforce.com", "client_secret": "s"}, "https://"),
        ({"login_url": f"{HOST}/services/Soap/u", "client_secret": "s"}, "host only"),
        ({"login_url": "https://login.salesforce.com", "client_secret": "s"}, "My Domain"),
        ({"login_url": HOST}, "private key"),
        ({"login_url": HOST, "username": "u"}, "private key"),
        ({"login_url": HOST, "client_secret": "s", "api_version": "v66"}, "66.0"),
    ],
)
def test_a_login_that_cannot_work_is_refused_at_once(login, fix):
    with pytest.raises(MisconfiguredError) as raised:
        OrgLogin(client_id="c", **login)
    assert fix in raised.value.fix


@pytest.mark.parametrize("pem", ["not a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_a_broken_private_key_is_named_and_not_shown(mock, pem):
    with pytest.raises(MisconfiguredError) as raised:
        OrgSession(OrgLogin(HOST, "c", username="u", private_key=pem)).connect()
    assert "private key" in raised.value.reason


def test_secrets_are_not_in_the_repr():
    assert "s3cret" not in repr(OrgLogin(HOST, "c", "s3cret", private_key="s3cret"))


def test_one_login_serves_all_threads(org, mock, session):
    barrier = threading.Barrier(8)
    org.on("GET", "limits", ok({}))

    def ask(_number):
        barrier.wait()
        return session.request("GET", "limits")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [{}] * 8
    assert org.tokens == 1


def test_a_refused_login_is_not_tried_again_at_once(mock):
    mock.add("POST", TOKEN_URL, status=400, json={"error": "invalid_client", "error_description": "no"})
    session = OrgSession(LOGIN)
    for _attempt in range(5):
        with pytest.raises(MisconfiguredError):
            session.request("GET", "limits")
    assert len(mock.calls) == 1
