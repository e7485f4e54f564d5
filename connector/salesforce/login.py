"""How Dueline logs in: client credentials where there is a secret, else a signed JWT. Never SOAP, never a password.

simple-salesforce's own logins are not used: they force `*.salesforce.com`, send `exp` as a string and have no timeout.
Salesforce creates External Client Apps for both flows; neither has a refresh token, so a new token is a new login.
https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_client_credentials_flow.htm
https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.oauth2.rfc7523 import JWTBearerGrant
from joserfc.jwk import RSAKey

from connector.errors import ConnectorError, MisconfiguredError, RetryableError
from connector.salesforce import errors, transport
from connector.salesforce.errors import API_ENABLED, API_SCOPE, APP, PERMISSION_SET, Way
from connector.salesforce.values import long_id

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_LIFE = 170  # seconds; Salesforce allows three minutes, less some difference of clocks
_SHARED_HOSTS = ("login.salesforce.com", "test.salesforce.com")
_PREAUTHORISE = f"{APP} and pre-authorise the permission set {PERMISSION_SET}"
_MY_DOMAIN = "log in at the org's My Domain (https://….my.salesforce.com), not at login or test.salesforce.com"
_ENABLE_FLOW = f"{APP} and enable the OAuth flow in use"
_COPY_AGAIN = "copy client id and client secret again from the app's settings"

OAUTH_WAYS = errors.Table(
    (
        Way("invalid_grant", MisconfiguredError, _MY_DOMAIN, "not supported on this domain"),
        Way("invalid_grant", MisconfiguredError, f"{APP} and set its 'Run As' user", "no client credentials user"),
        Way("invalid_grant", MisconfiguredError, "log in at https://test.salesforce.com for a sandbox", "(?i)audience"),
        Way("invalid_grant", MisconfiguredError, "set this machine's clock", "expired authorization code"),
        Way("invalid_grant", MisconfiguredError, _PREAUTHORISE, "hasn't approved|not admin approved"),
        Way("invalid_grant", MisconfiguredError, f"{APP} and upload the key's certificate", "invalid assertion"),
        Way("invalid_grant", MisconfiguredError, f"{APP} and relax its IP restriction", "(?i)ip restricted"),
        Way("invalid_grant", MisconfiguredError, API_ENABLED, "(?i)api.*disabled"),
        Way("invalid_grant", MisconfiguredError, "check user name, key and client id; activate or unfreeze the user"),
        Way("invalid_app_access", MisconfiguredError, _PREAUTHORISE),
        Way("invalid_client", MisconfiguredError, _COPY_AGAIN),
        Way("invalid_client_id", MisconfiguredError, _COPY_AGAIN),
        Way("invalid_client_credentials", MisconfiguredError, _COPY_AGAIN),
        Way("invalid_request", MisconfiguredError, "check login URL, client id and client secret"),
        Way("invalid_scope", MisconfiguredError, API_SCOPE),
        Way("unauthorized_client", MisconfiguredError, _ENABLE_FLOW),
        Way("unsupported_grant_type", MisconfiguredError, _ENABLE_FLOW),
        Way("inactive_user", MisconfiguredError, "activate the integration user"),
        Way("inactive_org", MisconfiguredError, "the org is locked, closed or suspended: ask Salesforce"),
        Way("rate_limit_exceeded", RetryableError, retry_after=60.0),
        Way("temporarily_unavailable", RetryableError),
        Way("server_error", RetryableError),
        Way("unknown_error", RetryableError),
    )
)


@dataclass(frozen=True)
class OrgLogin:
    """Where and as whom to log in. `timeout`: seconds to wait for any answer of the org.

    With `client_secret`: client credentials, which need the org's My Domain as `login_url`. Else `username` and
    `private_key` (PEM): JWT bearer. MisconfiguredError says what is missing.
    """

    login_url: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    username: str | None = None
    private_key: str | None = field(default=None, repr=False)
    api_version: str = "66.0"
    timeout: float = 30.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.login_url)
        if not (parts.scheme == "https" and parts.hostname) and not transport.is_plain_loopback(self.login_url):
            raise _wrong(f"login URL {self.login_url!r}", "give https:// and the org's My Domain host")
        if parts.path.strip("/") or parts.query or parts.username:
            raise _wrong(f"login URL {self.login_url!r}", "give scheme and host only")
        if self.client_secret and parts.hostname in _SHARED_HOSTS:
            raise _wrong(f"client credentials at {parts.hostname}", _MY_DOMAIN)
        if not self.client_id or not (self.client_secret or (self.username and self.private_key)):
            raise _wrong("credentials incomplete", "give client id and secret, or client id, user name and private key")
        if not self.api_version.replace(".", "", 1).isdigit():
            raise _wrong(f"API version {self.api_version!r}", "write it as 66.0")

    @property
    def origin(self) -> str:
        """Scheme and host of the login URL."""
        parts = urlsplit(self.login_url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Token:
    """What a login gives: the token, where to use it, and in which org and as which user that is.

    The ids have 18 characters. They come from the `id` URL of the answer and are "" where it has none.
    """

    access_token: str = field(repr=False)
    instance_url: str
    org_id: str
    user_id: str


def log_in(login: OrgLogin, http: requests.Session) -> Token:
    """Ask for a token: one request, which Salesforce does not count as an API call. Raises ConnectorError."""
    form = _secret_form(login) if login.client_secret else _assertion_form(login)
    host = urlsplit(login.login_url).netloc
    try:
        answer = http.post(f"{login.origin}/services/oauth2/token", data=form, headers={"Accept": "application/json"})
    except requests.RequestException as error:
        raise transport.trouble(error, host, reads=True) from error
    body = _json_object(answer)
    if answer.status_code == requests.codes.ok and body.get("access_token") and body.get("instance_url"):
        return _token(login, body)
    raise _refused(answer, body, host)


def _secret_form(login: OrgLogin) -> dict[str, Any]:
    return {
        "grant_type": "client_credentials",
        "client_id": login.client_id,
        "client_secret": login.client_secret,
    }


def _assertion_form(login: OrgLogin) -> dict[str, Any]:
    now = int(time.time())
    try:
        assertion = JWTBearerGrant.sign(  # type: ignore[no-untyped-call]
            RSAKey.import_key(login.private_key or ""),
            issuer=login.client_id,
            audience=login.origin,
            subject=login.username,
            issued_at=now,
            expires_at=now + _ASSERTION_LIFE,
            header={"alg": "RS256"},
        )
    except (ValueError, TypeError) as error:
        raise _wrong(f"private key: {error}", "give an RSA private key in PEM form") from error
    return {"grant_type": _JWT_BEARER, "assertion": assertion}


def _token(login: OrgLogin, body: Mapping[str, Any]) -> Token:
    instance_url = str(body["instance_url"])
    plain_allowed = transport.is_plain_loopback(login.login_url) and transport.is_plain_loopback(instance_url)
    if urlsplit(instance_url).scheme != "https" and not plain_allowed:
        raise _wrong(f"the org gave the insecure address {instance_url}", "use an org that answers over https")
    org_id, user_id = identity(str(body.get("id", "")))
    return Token(str(body["access_token"]), instance_url, org_id, user_id)


def identity(url: str) -> tuple[str, str]:
    """Organization and user of an identity URL (https://login.salesforce.com/id/00D…/005…); "" where it is none."""
    parts = urlsplit(url).path.split("/")
    if len(parts) != 4 or parts[1] != "id":
        return "", ""
    return long_id(parts[2]), long_id(parts[3])


def _refused(answer: requests.Response, body: Mapping[str, Any], host: str) -> ConnectorError:
    code, message = str(body.get("error", "")), str(body.get("error_description", ""))
    if known := OAUTH_WAYS.explain(code, message):
        return known
    status = answer.status_code
    if status == requests.codes.too_many_requests or status >= requests.codes.internal_server_error:
        return RetryableError(code or f"HTTP_{status}", message or f"{host} could not log us in")
    if answer.is_redirect:
        return MisconfiguredError("MOVED", f"{host} moved to {answer.headers['Location']}", _MY_DOMAIN)
    reason = message or f"{host} did not answer as a Salesforce login does (HTTP {status})"
    return MisconfiguredError(code or f"HTTP_{status}", reason, "check the login URL and the app's OAuth settings")


def _json_object(answer: requests.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except requests.exceptions.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _wrong(what: str, fix: str) -> MisconfiguredError:
    return MisconfiguredError("INVALID_LOGIN", what, fix)
