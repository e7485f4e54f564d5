"""The one gate of finance's page: who is calling, and may they? Every route names the right it asks for.

A route without one does not import, so none can be forgotten. State is changed by POST only, and Flask-WTF checks the
token of every POST before any view runs.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, Flask, Response, abort, g, redirect, request, url_for
from sqlalchemy import Connection

from sync.admin.rights import Person, Right
from sync.bootstrap import Runtime

SIGN_IN, STATIC = "signin.form", "static"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Screen(Blueprint):
    """A screen: a blueprint whose routes each say which right they ask for, with its place in the navigation."""

    def __init__(self, name: str, title: str, *, order: int = 0, shown_to: Right | None = None) -> None:
        """`shown_to`: the right with which its title stands in the navigation; None: it does not."""
        super().__init__(name, __name__, url_prefix=f"/{name}")
        self.title, self.order, self.shown_to = title, order, shown_to
        self.rights: dict[str, Right] = {}

    def add_url_rule(  # type: ignore[override]  # a route must name its right
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *, right: Right, **options: Any
    ) -> None:
        """As Flask's, with the right that the route asks for."""
        name = endpoint or view_func.__name__
        if self.rights.setdefault(name, right) is not right:
            raise ValueError(f"{self.name}.{name} is given two rights")
        super().add_url_rule(rule, endpoint, view_func, **options)


def install(app: Flask, identify: Callable[[], Person | None], rights: dict[str, Right]) -> None:
    """Put the gate before every view of the app. `rights`: by endpoint."""

    @app.before_request
    def ask_who() -> Any:
        if request.endpoint in {None, STATIC}:
            return None  # no such page: 404, whoever asks; and a file is everybody's, so nobody is looked up for it
        needed = rights[request.endpoint]
        g.who = identify()
        if needed is Right.OPEN:
            return None
        if g.who is None:
            return _sign_in_first()
        if not g.who.may(needed):
            abort(403)
        return None


def _sign_in_first() -> Response:
    """To the sign-in page and back; what was posted cannot be taken along."""
    if "HX-Request" in request.headers:  # a part of a page that is open: the whole page must go
        return Response(status=401, headers={"HX-Redirect": url_for(SIGN_IN)})
    then = request.full_path.rstrip("?") if request.method in _SAFE else ""
    target = url_for(SIGN_IN) + (f"?then={quote(then, safe='')}" if then not in {"", "/"} else "")
    return redirect(target, 303)  # type: ignore[return-value]


def within(target: str | None) -> str:
    """Where to go after signing in: a path of this app that was asked for, else its beginning. Never another site."""
    home = url_for("home")
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return home
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or "\\" in target:
        return home
    return request.script_root + target


def run() -> Runtime:
    """The runtime as configured when this request came in."""
    found: Runtime = g.run
    return found


def who() -> Person:
    """Who is calling; only for routes that ask for a right."""
    found: Person | None = g.who
    if found is None:
        abort(401)
    return found


@contextlib.contextmanager
def connection() -> Iterator[Connection]:
    """A transaction on the database, committed at its end."""
    with run().engine.begin() as conn:
        yield conn
