"""`/lightning`: the package's Lightning components on pages like the platform's, for anybody of the org to look at.

The pages are compiled beforehand (`build/main.mjs`); here they are served, and a browser is signed in as whom it asks
to be. That is only right on this machine: whoever asks by another name than the loopback's is refused, so that no page
of another site can be led here (DNS rebinding), and the pages themselves may talk to nobody else.
"""

import json
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, send_from_directory

from connector.local.lightning.people import clock_of, person_of, session_of
from connector.local.org.http.context import the_org
from connector.local.org.wire import reply

_COOKIE = "lightning_user"
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class NotBuiltError(RuntimeError):
    """The folder holds no compiled pages; the message says how to make them."""


def lightning_pages(built: Path) -> Blueprint:
    """The pages compiled into that folder. Raises NotBuiltError."""
    _manifest(built)
    pages = Blueprint("lightning", __name__, url_prefix="/lightning", template_folder=".")

    @pages.before_request
    def only_this_machine() -> Response | None:
        if request.host.rsplit(":", 1)[0] not in _LOOPBACK:
            return reply({"error": "The local org's pages are for browsers on this machine only."}, 403)
        return None

    @pages.get("/", defaults={"path": ""})
    @pages.get("/<path:path>")
    def page(path: str) -> Response:  # noqa: ARG001 - the shell reads the address itself
        return _page(_manifest(built))  # read anew: a second build shows at the next page

    @pages.get("/static/<path:name>")
    def static(name: str) -> Response:
        # names of compiled files hold a digest of their content; the design system's change with its release only
        return send_from_directory(built.resolve(), name, max_age=3600 if name.startswith("assets/") else 31_536_000)

    pages.add_url_rule("/clock", view_func=clock)
    pages.add_url_rule("/session", view_func=sign_in, methods=["POST"])
    return pages


def _manifest(built: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((built / "manifest.json").read_text())
    except FileNotFoundError as error:
        message = f"{built} holds no pages; make them with: node connector/local/lightning/build/main.mjs --out {built}"
        raise NotBuiltError(message) from error
    return found


def _page(manifest: dict[str, str]) -> Response:
    """Every address has the same page; it is signed in as the user whom the browser last chose, or the first."""
    org = the_org()
    username = request.cookies.get(_COOKIE, "")
    session = session_of(org, person_of(org, username) or person_of(org, None) or {})
    html = render_template(
        "page.html",
        app="Receivables",
        session=session,
        script=manifest["app"],
        styles=manifest["styles"],
    )
    response = make_response(html)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-store"
    return response


def clock() -> Response:
    """What the org's date is now; pages follow it."""
    return reply(clock_of(the_org()))


def sign_in() -> Response:
    """Be somebody else from now on: {"username": …}."""
    given: Any = request.get_json(silent=True)
    username = given.get("username") if isinstance(given, dict) else None
    found = person_of(the_org(), str(username)) if username else None
    if found is None:
        return reply({"error": f"Nobody in the org has the username {username}."}, 404)
    response = reply({"token": the_org().sessions.sign_in(found["id"])})
    response.set_cookie(_COOKIE, found["username"], httponly=True, samesite="Strict", path="/lightning")
    return response
