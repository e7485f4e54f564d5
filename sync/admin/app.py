"""Finance's page as an application of its own, mounted at /admin/: its errors are pages, and nothing in it can keep the
rest of the web process from receiving webhooks.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import structlog
from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from sync.admin import gate, shown
from sync.admin.rights import Person, Right, Role
from sync.admin.signin import basic, entrance, local
from sync.bootstrap import Runtime
from sync.failures import in_words

log = structlog.get_logger()

HERE = Path(__file__).parent
SCREENS = ("signin", "setup", "matching", "mapping", "rules", "health", "receivables", "people", "history", "progress")
FORM_BYTES = 200_000
UPLOAD_BYTES = 8_000_000
TOKEN = entrance.TOKEN

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class NumberConverter(IntegerConverter):
    """The number of a row: one that no column can hold is that of none (404)."""

    def __init__(self, map: Map, **options: Any) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, **{"max": 2**63 - 1, **options})


def make_app(current: Callable[[], Runtime]) -> Flask:
    """The page. `current` gives the runtime as configured now."""
    run = current()
    local.ensure_first(run)
    app = Flask("admin", static_folder=None, template_folder=None)
    app.url_map.converters["int"] = NumberConverter
    app.jinja_loader = FileSystemLoader(HERE)
    app.jinja_options = {"autoescape": select_autoescape(["html"]), "undefined": StrictUndefined}
    app.config.update(_settings(run))
    CSRFProtect(app)
    rights = _screens(app)
    _plain_routes(app, rights)
    _requests(app, current)
    gate.install(app, _identify, rights)
    app.after_request(_headers)
    _errors(app)
    shown.install(app)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=run.settings.proxies, x_proto=0)  # type: ignore[method-assign]
    return app


def _settings(run: Runtime) -> dict[str, Any]:
    secure = (run.settings.public_url or "").startswith("https://")
    return {
        "SECRET_KEY": run.vault.web_key,
        "SESSION_COOKIE_NAME": "__Secure-dueline" if secure else "dueline",
        "SESSION_COOKIE_PATH": "/admin",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": UPLOAD_BYTES,
        "MAX_FORM_MEMORY_SIZE": FORM_BYTES,
        "WTF_CSRF_TIME_LIMIT": None,  # a token lives as long as its session
        "WTF_CSRF_SSL_STRICT": secure,
    }


def _screens(app: Flask) -> dict[str, Right]:
    """Register every screen; the right of each endpoint."""
    rights: dict[str, Right] = {}
    for name in SCREENS:
        screen: gate.Screen = import_module(f"sync.admin.{name}.view").screen
        app.register_blueprint(screen)
        rights |= {f"{screen.name}.{endpoint}": right for endpoint, right in screen.rights.items()}
    return rights


def _plain_routes(app: Flask, rights: dict[str, Right]) -> None:
    @app.get("/")
    def home() -> Any:
        """To what the caller needs first."""
        person = gate.who()
        from sync.admin.setup import view as setup

        if person.may(Right.DECIDE) and not setup.finished():
            return redirect(url_for("setup.page"))
        return redirect(url_for("health.page" if person.role is Role.OPERATOR else "receivables.page"))

    @app.get("/static/<path:name>")
    def static(name: str) -> Response:
        answer = send_from_directory(HERE / "static", name)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if request.args.get("v") else "no-cache"
        return answer

    rights |= {"home": Right.READ, "static": Right.OPEN}


def _requests(app: Flask, current: Callable[[], Runtime]) -> None:
    @app.before_request
    def take_runtime() -> None:
        g.run = current()
        g.who = None

    @app.before_request
    def only_text() -> None:
        """Forms are forms and hold text: no JSON with values of other types, no NUL, which no column takes."""
        if request.method == "POST" and request.mimetype not in _FORMS:
            abort(415)
        values = (value for given in (request.args, request.form) for value in given.values())
        if any("\0" in value for value in values) or "\0" in request.path:
            abort(400, "Something in it is no text. Nothing was changed: go back, and type it again.")


def _identify() -> Person | None:
    """Whoever the session, or HTTP Basic on a plain read, says."""
    return entrance.signed_in() or (basic.identify() if request.authorization else None)


def _headers(answer: Response) -> Response:
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    if request.endpoint != "static":
        answer.headers["Cache-Control"] = "no-store"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    return answer


def _errors(app: Flask) -> None:
    @app.errorhandler(CSRFError)
    def no_token(error: CSRFError) -> tuple[str, int]:
        log.info("form refused", reason=error.description, path=request.path)
        words = "This form was open too long, or did not come from this page. Nothing was changed: send it again."
        return _page(400, "The form could not be taken", words)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Any:
        if error.response is not None or (error.code or 500) < 400:
            return error
        title, words = _WORDS.get(error.code or 500, ("That did not work", error.description or ""))
        return _page(error.code or 500, title, words)

    @app.errorhandler(Exception)
    def failed(error: Exception) -> tuple[str, int]:
        words = in_words(error)
        if words is None:
            log.error("page failed", path=request.path, exc_info=error)
            return _page(500, "Something went wrong here", "Nothing was lost. The log has the details; try again.")
        log.warning("page not shown", path=request.path, reason=words)
        who = g.get("who")
        told = words if who is not None and who.may(Right.LOOK) else _AWAY  # strangers learn no names of servers
        return _page(503, "That did not work", told)


_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", ""})
_AWAY = "Something that this page needs does not answer. Nothing was lost. The log has the details; try again."
_WORDS = {
    403: ("You may not do this", "Your role does not include this. Ask somebody of finance."),
    404: ("There is nothing here", "The address is wrong, or what it named is gone."),
    405: ("That did not work", "This address takes forms only: go back and press the button again."),
    413: ("That is too large", "Divide the file, and send its parts one after the other."),
    415: ("That did not work", "This address takes forms only. Nothing was changed."),
    429: ("Too many tries", "Wait a minute, then try again."),
}


def _page(status: int, title: str, words: str) -> tuple[str, int]:
    return render_template("layout/error.html", title=title, words=words, status=status), status
