"""The token endpoint (client credentials and JWT bearer), who am I, and signing out."""

import base64
import binascii
import hashlib
import hmac
import time
from typing import Any

from flask import Blueprint, Response, request

from connector.local.org.http.context import the_org
from connector.local.org.model import OrgError
from connector.local.org.sessions import App, OAuthError
from connector.local.org.wire import reply

oauth = Blueprint("oauth", __name__)
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SHARED_DOMAINS = ("login.salesforce.com", "test.salesforce.com")


@oauth.post("/services/oauth2/token")
def token() -> Response:
    """An access token for an app and the user behind it."""
    org = the_org()
    app = _app(request.form.get("grant_type", ""))
    issued_at = str(int(time.time() * 1000))
    identity = f"{_address()}/id/{org.org_id}/{app.user_id}"
    signature = hmac.digest(app.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256)
    return reply(
        {
            "access_token": org.sessions.issue(app.user_id),
            "signature": base64.b64encode(signature).decode(),
            "scope": "api",
            "instance_url": _address(),
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
        }
    )


def _app(grant: str) -> App:
    sessions = the_org().sessions
    if grant == "client_credentials":
        if _asked_host() in _SHARED_DOMAINS:
            raise OAuthError("invalid_grant", "request not supported on this domain")
        return sessions.client_credentials(*_credentials())
    if grant == _JWT:
        if "assertion" not in request.form:
            raise OAuthError("invalid_request", "missing required parameter: assertion")
        return sessions.jwt_bearer(request.form["assertion"], {_address(), f"https://{_asked_host()}"})
    if grant in {"password", "refresh_token", "authorization_code"}:
        raise OAuthError("unsupported_grant_type", f"the local org does not offer {grant}; use client_credentials")
    raise OAuthError("unsupported_grant_type", "grant type not supported")


def _credentials() -> tuple[str, str]:
    """From Basic authentication, or else from the form."""
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise OAuthError("invalid_client", "invalid client credentials") from error
        return client_id, secret
    if "client_id" not in request.form:
        raise OAuthError("invalid_request", "missing required parameter: client_id")
    return request.form["client_id"], request.form.get("client_secret", "")


@oauth.route("/services/oauth2/userinfo", methods=["GET", "POST"])
def user_info() -> Response:
    """Who the token is."""
    return reply(_identity(_signed_in()))


@oauth.get("/id/<org_id>/<user_id>")
def identity(org_id: str, user_id: str) -> Response:
    """The same, at the address that came with the token."""
    if org_id != the_org().org_id or user_id != _signed_in():
        raise OrgError("NOT_FOUND", "The requested resource does not exist", 404)
    return reply(_identity(user_id))


@oauth.route("/services/oauth2/revoke", methods=["GET", "POST"])
def revoke() -> Response:
    """Sign out."""
    if not the_org().sessions.revoke(request.values.get("token", "")):
        raise OAuthError("unsupported_token_type", "this token type is not supported")
    return Response(status=200)


@oauth.app_errorhandler(OAuthError)
def refused(error: OAuthError) -> Response:
    """The shape of every refusal here."""
    return reply({"error": error.error, "error_description": error.description}, 400)


def _signed_in() -> str:
    org = the_org()
    user_id = org.sessions.user_of(bearer())
    if user_id is None:
        raise OrgError("INVALID_SESSION_ID", "Session expired or invalid", 401)
    return user_id


def bearer() -> str:
    """The token that the request carries, or nothing."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return given.strip() if kind.lower() in {"bearer", "oauth"} else ""


def _identity(user_id: str) -> dict[str, Any]:
    org = the_org()
    user = org.store.table("User").rows[user_id]
    return {
        "sub": f"{_address()}/id/{org.org_id}/{user_id}",
        "id": f"{_address()}/id/{org.org_id}/{user_id}",
        "user_id": user_id,
        "organization_id": org.org_id,
        "preferred_username": user["Username"],
        "username": user["Username"],
        "nickname": user["Alias"],
        "name": user["Name"],
        "display_name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "given_name": user["FirstName"],
        "family_name": user["LastName"],
        "zoneinfo": user["TimeZoneSidKey"],
        "locale": user["LocaleSidKey"],
        "user_type": "STANDARD",
        "active": user["IsActive"],
        "urls": {"rest": f"{_address()}/services/data/v{{version}}/"},
    }


def _address() -> str:
    """This org's address as the client knows it: a client may have been led here from a real host name."""
    original = request.headers.get("X-Orig-Host")
    return f"https://{original}" if original and original not in _SHARED_DOMAINS else request.host_url.rstrip("/")


def _asked_host() -> str:
    return request.headers.get("X-Orig-Host", request.host)
