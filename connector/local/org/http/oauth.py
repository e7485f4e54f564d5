"""The token endpoint (client credentials, JWT bearer, authorization code), who am I, and signing out."""

import base64
import binascii
import hashlib
import hmac
import time
from typing import Any

from flask import Blueprint, Response, request

from connector.local.org.http import identity
from connector.local.org.http.context import the_org
from connector.local.org.model import OrgError
from connector.local.org.sessions import App, OAuthError
from connector.local.org.wire import reply

oauth = Blueprint("oauth", __name__)
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@oauth.post("/services/oauth2/token")
def token() -> Response:
    """An access token for an app and the user behind it, or for a person who has let an app in."""
    grant = request.form.get("grant_type", "")
    if grant == "authorization_code":
        return reply(_for_code())
    app = _app(grant)
    return reply(_granted(app.user_id, app.client_secret, ("api",)))


def _for_code() -> dict[str, Any]:
    org = the_org()
    client_id, secret = _credentials()
    code = org.sign_in.exchange(request.form, client_id, secret)
    if not org.store.table("User").rows[code.user_id]["IsActive"]:
        raise OAuthError("inactive_user", "user is inactive")
    asked = code.asked
    answer = _granted(code.user_id, asked.app.client_secret, asked.scopes)
    if "openid" in asked.scopes:
        nonce = {} if asked.nonce is None else {"nonce": asked.nonce}
        told = identity.claims(code.user_id, client_id) | nonce
        answer["id_token"] = org.signing_key.id_token(answer["access_token"], told)
    return answer


def _granted(user_id: str, secret: str, scopes: tuple[str, ...]) -> dict[str, Any]:
    issued_at = str(int(time.time() * 1000))
    own = identity.identity_url(user_id)
    signature = hmac.digest(secret.encode(), (own + issued_at).encode(), hashlib.sha256)
    return {
        "access_token": the_org().sessions.issue(user_id, scopes),
        "signature": base64.b64encode(signature).decode(),
        "scope": " ".join(scopes),
        "instance_url": identity.address(),
        "id": own,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }


def _app(grant: str) -> App:
    sessions = the_org().sessions
    asked_host = request.headers.get("X-Orig-Host", request.host)
    if grant == "client_credentials":
        if asked_host in identity.SHARED_DOMAINS:
            raise OAuthError("invalid_grant", "request not supported on this domain")
        client_id, secret = _credentials()
        sign_in = the_org().config.sign_in
        if sign_in is not None and client_id == sign_in.client_id:  # it is for people alone
            raise OAuthError("invalid_grant", "no client credentials user enabled")
        return sessions.client_credentials(client_id, secret)
    if grant == _JWT:
        if "assertion" not in request.form:
            raise OAuthError("invalid_request", "missing required parameter: assertion")
        return sessions.jwt_bearer(request.form["assertion"], {identity.address(), f"https://{asked_host}"})
    if grant in {"password", "refresh_token"}:
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
    return reply(identity.user_info(_signed_in()))


@oauth.get("/id/<org_id>/<user_id>")
def who(org_id: str, user_id: str) -> Response:
    """The same, at the address that came with the token."""
    if org_id != the_org().org_id or user_id != _signed_in():
        raise OrgError("NOT_FOUND", "The requested resource does not exist", 404)
    return reply(identity.identity(user_id))


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
