"""2xx means stored: raw bytes → signature → one insert, committed → 2xx. Nothing else happens here.

4xx only for what cannot be verified, 5xx only for our own failure. What the event means is no concern of this path,
so nothing that reads events can break it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from sync.db import inbox
from webhooks.providers import PROVIDERS

log = structlog.get_logger()

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "stripe-signature"})
_STORED, _DUPLICATE = b'{"received":true,"duplicate":false}\n', b'{"received":true,"duplicate":true}\n'


@dataclass(frozen=True, slots=True)
class Receiver:
    """What receiving needs: where to store, whom to tell, and each connection's provider and live secrets."""

    engine: Engine
    ring: Callable[[], None]
    connections: Mapping[tuple[str, str], tuple[str, ...]]  # (provider, connection) → secrets
    tolerance_s: int
    seen: Callable[[str, str], None]  # provider, outcome: for the metrics


def make_blueprint(to: Receiver) -> Blueprint:
    """The webhook endpoints: POST /webhooks/<provider>/<connection>."""
    routes = Blueprint("webhooks", __name__, url_prefix="/webhooks")

    @routes.post("/<provider>/<connection>")
    def receive(provider: str, connection: str) -> tuple[Response, int]:
        secrets = to.connections.get((provider, connection))
        if secrets is None:
            return _refuse(to, provider, 404, f"no {provider} connection {connection!r} is configured here")
        body = request.get_data(cache=False)
        headers = dict(request.headers.items())
        wrong = PROVIDERS[provider].verify(body, headers, secrets, now=time.time(), tolerance_s=to.tolerance_s)
        if wrong:
            return _refuse(to, provider, 400, wrong)
        kept = {name: value for name, value in headers.items() if name.lower() not in _SECRET_HEADERS}
        item = PROVIDERS[provider].envelope(connection, body, kept)
        try:
            row = inbox.add(to.engine, item)
        except SQLAlchemyError as error:
            log.error("webhook not stored", connection=connection, trace=item.event_id, reason=str(error))  # noqa: TRY400
            return _refuse(to, provider, 503, "not stored; send it again")
        to.ring()
        to.seen(provider, "duplicate" if row is None else "stored")
        log.info("webhook stored", connection=connection, trace=item.event_id, type=item.type, inbox=row)
        return Response(_DUPLICATE if row is None else _STORED, mimetype="application/json"), 200

    return routes


def _refuse(to: Receiver, provider: str, status: int, why: str) -> tuple[Response, int]:
    to.seen(provider if provider in PROVIDERS else "unknown", str(status))
    return jsonify(error=why), status
