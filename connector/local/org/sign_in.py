"""Signing people in to other applications: OpenID Connect by the authorization code flow, as a real org does it.

What an app may ask, who of the org is signed in to which browser, what each person has allowed, and the codes that come
of it. People have no passwords here: whoever sits at the browser says who they are. Facts: Salesforce help, "OAuth 2.0
Web Server Flow for Web App Integration"; refusals whose words are not documented there are marked.
"""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connector.local.org.config import SignInApp
from connector.local.org.sessions import OAuthError

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_PROMPTS = {"login", "consent", "select_account"}
_UNFINISHED_S = 30 * 60  # how long a page may stay open before somebody answers it


class SentBackError(OAuthError):
    """A refusal that the app is told of, at its own callback address."""

    def __init__(self, asked: "Asked", error: str, description: str) -> None:
        super().__init__(error, description)
        self.asked = asked


@dataclass(frozen=True)
class Asked:
    """What an app asks of the authorization endpoint."""

    app: SignInApp
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None = None
    nonce: str | None = None
    challenge: str | None = None
    prompts: frozenset[str] = frozenset()
    immediate: bool = False


@dataclass(frozen=True)
class Code:
    """What an authorization code stands for. `dies`: monotonic seconds."""

    asked: Asked
    user_id: str
    dies: float


@dataclass
class Browser:
    """Somebody's browser: who of the org is signed in there, and which requests are open on its pages."""

    user_id: str | None = None
    open: dict[str, tuple[Asked, float]] = field(default_factory=dict)

    def ask(self, asked: Asked) -> str:
        """Keep a request until somebody has answered; the ticket that the page's form carries, which proves that the
        answer comes from that page (CSRF).
        """
        now = time.monotonic()
        self.open = {ticket: kept for ticket, kept in self.open.items() if kept[1] > now}
        ticket = secrets.token_urlsafe(24)
        self.open[ticket] = asked, now + _UNFINISHED_S
        return ticket

    def answer(self, ticket: str) -> Asked | None:
        """The request that the ticket is for, closed by that; None where there is none."""
        asked, dies = self.open.pop(ticket, (None, 0.0))
        return asked if time.monotonic() < dies else None


class SignIn:
    """The state behind the pages. Forgotten when the org stops: people then sign in again."""

    def __init__(self, app: SignInApp | None, code_minutes: float) -> None:
        self._app = app
        self._code_s = code_minutes * 60
        self._lock = threading.Lock()
        self._browsers: dict[str, Browser] = {}
        self._allowed: set[tuple[str, str]] = set()
        self._codes: dict[str, Code] = {}

    def browser(self, cookie: str) -> tuple[str, Browser]:
        """The browser with that cookie, or a new one; and the cookie it is to have."""
        with self._lock:
            found = self._browsers.get(cookie)
            if found is None:
                cookie, found = secrets.token_urlsafe(24), Browser()
                self._browsers[cookie] = found
            return cookie, found

    def read(self, given: Mapping[str, str]) -> Asked:
        """The request of an app. Raises OAuthError, as SentBackError where the app itself is to be told."""
        app = self._known(given.get("client_id", ""))
        redirect_uri = given.get("redirect_uri", "")
        if not redirect_uri:
            raise OAuthError("redirect_uri_missing", "redirect_uri not provided")
        if not _may_return_to(app, redirect_uri):
            raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
        if given.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", "response type not supported")
        asked = Asked(
            app,
            redirect_uri,
            tuple(given["scope"].split()) if "scope" in given else app.scopes,
            state=given.get("state"),
            nonce=given.get("nonce"),
            challenge=_challenge(app, given),
            prompts=frozenset(given.get("prompt", "").split()),
            immediate=given.get("immediate") == "true",
        )
        if asked.prompts - _PROMPTS:
            known = ", ".join(sorted(_PROMPTS))  # Salesforce names these alone; what it says of others is unverified
            raise OAuthError("invalid_request", f"prompt must be one of {known}; immediate=true asks for no page")
        if set(asked.scopes) - set(app.scopes):
            raise SentBackError(asked, "invalid_scope", "the requested scope is invalid, unknown, or malformed")
        return asked

    def allows(self, user_id: str, asked: Asked) -> bool:
        """Whether that person has let the app in before."""
        return (user_id, asked.app.client_id) in self._allowed

    def allow(self, user_id: str, asked: Asked) -> str:
        """Let the app in as that person; the code to send them back with."""
        self._allowed.add((user_id, asked.app.client_id))
        code = f"aPrx{secrets.token_urlsafe(48)}"
        now = time.monotonic()
        with self._lock:
            self._codes = {name: kept for name, kept in self._codes.items() if kept.dies > now}
            self._codes[code] = Code(asked, user_id, now + self._code_s)
        return code

    def exchange(self, given: Mapping[str, str], client_id: str, client_secret: str) -> Code:
        """What the code in a token request stands for; it is spent by that. Raises OAuthError."""
        app = self._known(client_id)
        _check_secret(app, client_secret)
        for name in ("code", "redirect_uri"):
            if not given.get(name):
                raise OAuthError("invalid_request", f"missing required parameter: {name}")
        with self._lock:
            code = self._codes.pop(given["code"], None)
        if code is None or code.asked.app is not app:
            raise OAuthError("invalid_grant", "invalid authorization code")
        if time.monotonic() >= code.dies:
            raise OAuthError("invalid_grant", "expired authorization code")
        if given["redirect_uri"] != code.asked.redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
        _check_verifier(code.asked.challenge, given.get("code_verifier"))
        return code

    def _known(self, client_id: str) -> SignInApp:
        if self._app is None or client_id != self._app.client_id:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        return self._app


def _may_return_to(app: SignInApp, address: str) -> bool:
    if address in app.callbacks:
        return True
    try:
        url = urlsplit(address)
        here = url.scheme == "http" and url.hostname in _LOOPBACK and url.username is None and url.port != 0
    except ValueError:
        return False
    return here and url.path in app.loopback_paths and not url.query and "#" not in address


def _challenge(app: SignInApp, given: Mapping[str, str]) -> str | None:
    challenge = given.get("code_challenge")
    if challenge is None:
        if app.pkce_required:
            raise OAuthError("invalid_request", "missing required code challenge")
        return None
    if given.get("code_challenge_method") != "S256":  # Salesforce knows no other; its words are unverified
        raise OAuthError("invalid_request", "code_challenge_method must be S256")
    return challenge


def _check_secret(app: SignInApp, given: str) -> None:
    if not given and not app.secret_required:
        return
    if not secrets.compare_digest(app.client_secret.encode(), given.encode()):
        raise OAuthError("invalid_client", "invalid client credentials")


def _check_verifier(challenge: str | None, verifier: str | None) -> None:
    if challenge is None and verifier is None:
        return
    digest = hashlib.sha256((verifier or "").encode()).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if challenge is None or verifier is None or not secrets.compare_digest(challenge.encode(), expected.encode()):
        raise OAuthError("invalid_grant", "invalid code verifier")
