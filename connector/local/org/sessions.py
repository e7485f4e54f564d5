"""Signing in, and the tokens that come of it. A token lives as long as it is used; the org may end it at any moment."""

import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import jwt

from connector.local.org.config import Credentials, OrgUser

_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
_LONGEST_ASSERTION_S = 180  # unverified: three minutes is what clients use
_SKEW_S = 30


class OAuthError(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


@dataclass(frozen=True)
class App:
    """An app and the user it acts as."""

    client_id: str
    client_secret: str
    username: str
    user_id: str
    public_key: str | None = None


@dataclass(frozen=True)
class Session:
    """A token in force. What a browser asks for on a page in Lightning is not counted as an API request."""

    user_id: str
    counted: bool = True
    scopes: tuple[str, ...] = ("api",)


def app_of(item: Credentials | OrgUser, user_id: str) -> App:
    """The app that those credentials make."""
    key = item.public_key if isinstance(item, Credentials) else None
    return App(item.client_id, item.client_secret, item.username, user_id, key)


class Sessions:
    """Tokens in force. They are forgotten when the org stops, as they may be in a real one."""

    def __init__(self, org_id: str, apps: Iterable[App], idle_minutes: float) -> None:
        self._apps = {app.client_id: app for app in apps}
        self._org_id = org_id
        self._idle_s = idle_minutes * 60
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[Session, float]] = {}  # and the time each dies of idleness

    def issue(self, user_id: str, scopes: tuple[str, ...] = ("api",)) -> str:
        """A new access token for an app, good for what the scopes say."""
        return self._begin(Session(user_id, scopes=scopes))

    def sign_in(self, user_id: str) -> str:
        """A token for a browser in which that user has signed in to Lightning."""
        return self._begin(Session(user_id, counted=False))

    def _begin(self, session: Session) -> str:
        token = f"{self._org_id[:15]}!AQ{secrets.token_urlsafe(64)}"
        with self._lock:
            self._tokens[token] = (session, time.monotonic() + self._idle_s)
        return token

    def find(self, token: str) -> Session | None:
        """The session of that token, whose life starts anew; None where it is no longer valid."""
        with self._lock:
            session, dies = self._tokens.get(token, (None, 0.0))
            if session is None or time.monotonic() >= dies:
                self._tokens.pop(token, None)
                return None
            self._tokens[token] = (session, time.monotonic() + self._idle_s)
            return session

    def user_of(self, token: str) -> str | None:
        """The user whose token this is, as `find` has it."""
        session = self.find(token)
        return session.user_id if session else None

    def revoke(self, token: str) -> bool:
        """End one session."""
        with self._lock:
            return self._tokens.pop(token, None) is not None

    def expire_all(self) -> None:
        """End every session of an app; people stay signed in."""
        with self._lock:
            self._tokens = {token: kept for token, kept in self._tokens.items() if not kept[0].counted}

    def client_credentials(self, client_id: str, client_secret: str) -> App:
        """The app with those credentials. Raises OAuthError."""
        app = self._known(client_id)
        if not secrets.compare_digest(app.client_secret.encode(), client_secret.encode()):
            raise OAuthError("invalid_client", "invalid client credentials")
        return app

    def jwt_bearer(self, assertion: str, audiences: Iterable[str]) -> App:
        """The app whose registered key signed the assertion (RS256). `audiences` are this org's own addresses."""
        try:
            claims = jwt.decode(assertion, options={"verify_signature": False})
            app = self._known(str(claims.get("iss", "")))
            if app.public_key is None:
                raise OAuthError("invalid_client", "no certificate is registered for this consumer")
            jwt.decode(assertion, app.public_key, algorithms=["RS256"], options=_SIGNATURE_ONLY)
        except jwt.PyJWTError as error:
            raise OAuthError("invalid_grant", "invalid assertion") from error
        _check_claims(claims, app, {*_AUDIENCES, *audiences})
        return app

    def _known(self, client_id: str) -> App:
        app = self._apps.get(client_id)
        if app is None:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        return app


_SIGNATURE_ONLY: Any = {"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_nbf": False}


def _check_claims(claims: dict[str, Any], app: App, audiences: set[str]) -> None:
    if str(claims.get("aud")).rstrip("/") not in audiences:
        raise OAuthError("invalid_grant", "audience is invalid")
    try:
        left = float(claims.get("exp", 0)) - time.time()  # some clients send it as text
    except ValueError as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error
    if not 0 < left <= _LONGEST_ASSERTION_S + _SKEW_S:
        raise OAuthError("invalid_grant", "expired authorization code")
    if claims.get("sub") != app.username:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
