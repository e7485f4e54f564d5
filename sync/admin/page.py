"""Finance's page. For now it shows how things stand: what waits, what is parked and why, who has no account."""

import hmac

from flask import Blueprint, Response, render_template, request

from sync.bootstrap import Runtime
from sync.db import health, links

_UNLINKED_SHOWN = 50


def make_blueprint(run: Runtime, user: str, password: str) -> Blueprint:
    """The page under /admin/, behind HTTP Basic."""
    routes = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")

    @routes.before_request
    def ask_who() -> Response | None:
        given = request.authorization
        name, word = (given.username or "", given.password or "") if given and given.type == "basic" else ("", "")
        right = hmac.compare_digest(name.encode(), user.encode()) & hmac.compare_digest(
            word.encode(), password.encode()
        )
        if right:
            return None
        return Response("sign in", 401, {"WWW-Authenticate": 'Basic realm="Dueline", charset="UTF-8"'})

    @routes.after_request
    def keep_private(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return response

    @routes.get("/")
    def page() -> str:
        with run.engine.connect() as conn:
            status = health.read(conn)
            waiting = links.unlinked(conn, _UNLINKED_SHOWN)
        return render_template("status.html", status=status, unlinked=waiting)

    return routes
