"""`/dashboard`: where a person of the account finds its API key and makes webhook endpoints, as on Stripe's own.

Nobody signs in: it is a local tool, like /_control. So that no page of another site can use it, it answers only to the
loopback's names, and takes forms only from itself.
"""

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for

from connector.local.stripe import endpoints
from connector.local.stripe.desk import Desk
from connector.local.stripe.refusal import StripeRefusal

_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def blueprint(desk: Desk) -> Blueprint:
    """The routes under /dashboard."""
    pages = Blueprint(
        "dashboard", __name__, url_prefix="/dashboard", template_folder="pages", static_folder="pages/static"
    )
    dashboard = Dashboard(desk)
    pages.before_request(_only_this_machine)
    pages.add_url_rule("/", view_func=dashboard.page, methods=["GET"])
    pages.add_url_rule("/webhooks", view_func=dashboard.add, methods=["POST"])
    pages.add_url_rule("/webhooks/<endpoint_id>/delete", view_func=dashboard.delete, methods=["POST"])
    return pages


class Dashboard:
    """The one page, and its two forms."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def page(self) -> Response:
        """The account's key and endpoints."""
        return self._page()

    def add(self) -> Response:
        """A new endpoint; what is wrong with it is said where it was typed."""
        names = [name.strip() for name in request.form.get("events", "*").split(",") if name.strip()]
        given = {"url": request.form.get("url", "").strip(), "enabled_events": names}
        try:
            endpoints.create(self.desk.world(None), given)
        except StripeRefusal as refusal:
            return self._page(400, refusal=refusal, typed=request.form)
        return self._changed()

    def delete(self, endpoint_id: str) -> Response:
        """An endpoint less."""
        endpoints.delete(self.desk.world(None), endpoint_id)
        return self._changed()

    def _changed(self) -> Response:
        self.desk.endpoints_changed()
        return make_response(redirect(url_for("dashboard.page"), 303))

    def _page(self, status: int = 200, **shown: Any) -> Response:
        found = endpoints.revealed(self.desk.world(None))
        waiting = self.desk.courier.outbound.state()["waiting"]
        key = self.desk.config.api_key
        html = render_template("dashboard.html", endpoints=found, waiting=waiting, key=key, **shown)
        answer = make_response(html, status)
        answer.headers["Content-Security-Policy"] = _POLICY
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _only_this_machine() -> None:
    origin = request.headers.get("Origin")
    if request.host.rsplit(":", 1)[0] not in _LOOPBACK or (origin and origin != request.host_url.rstrip("/")):
        abort(403, "The local account's pages are for browsers on this machine only.")
