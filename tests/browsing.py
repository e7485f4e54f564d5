"""Somebody in a browser, signed in to finance's page with a role, who sends forms with their tokens."""

import secrets
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import lxml.html
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from sync.admin.app import TOKEN, make_app
from sync.bootstrap import Runtime
from sync.db import sessions

AGENT = "Test browser"


@dataclass
class Visitor:
    """Somebody in a browser. Paths are of the page: `/matching/`."""

    client: FlaskClient
    signer: Flask
    csrf: str = field(default_factory=lambda: secrets.token_hex(20))
    session: dict[str, Any] = field(default_factory=dict)

    def sign_in(self, run: Runtime, role: str, *, name: str = "", scope: str | None = None) -> None:
        """Begin a session without asking for a password."""
        name = name or f"{role.title()} person"
        with run.engine.begin() as conn:
            token = sessions.begin(conn, subject=f"member:{name}", name=name, role=role, scope=scope, agent=AGENT)
        self.session[TOKEN] = token
        self.keep()

    def keep(self) -> None:
        """Put the session into the cookie."""
        serializer = self.signer.session_interface.get_signing_serializer(self.signer)  # type: ignore[attr-defined]
        value = serializer.dumps({**self.session, "csrf_token": self.csrf})
        self.client.set_cookie(self.signer.config["SESSION_COOKIE_NAME"], value, path="/admin")

    @property
    def token(self) -> str:
        """A token that forms of this session carry."""
        key = self.signer.secret_key
        assert isinstance(key, bytes)
        return URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(self.csrf)  # type: ignore[no-any-return]

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        headers = self._headers(options)
        return self.client.get(f"/admin{path}", headers=headers, buffered=True, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, *, csrf: bool = True, **options: Any) -> TestResponse:
        """Send a form."""
        form = {**(data or {}), **({"csrf_token": self.token} if csrf else {})}
        headers = self._headers(options)
        return self.client.post(f"/admin{path}", data=form, headers=headers, buffered=True, **options)

    def page(self, path: str, **options: Any) -> lxml.html.HtmlElement:
        """Open a page that must be there, as a tree."""
        answer = self.get(path, **options)
        assert answer.status_code == 200, f"{answer.status_code}: {unescape(answer.text)[:2000]}"
        return lxml.html.fromstring(answer.text)

    def _headers(self, options: dict[str, Any]) -> dict[str, str]:
        return {"User-Agent": AGENT, **options.pop("headers", {})}


def visitor(run: Runtime, site: Flask, role: str | None, scope: str | None = None) -> Visitor:
    """A new browser; signed in unless `role` is None."""
    made = Visitor(site.test_client(), make_app(lambda: run))
    if role:
        made.sign_in(run, role, scope=scope)
    return made


def text_of(element: Any) -> str:
    """What a person reads there, in one line."""
    return " ".join(element.text_content().split())
