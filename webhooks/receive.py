"""2xx means stored: raw bytes → signature → one insert, committed → 2xx. Nothing else happens here.

4xx only for what cannot be verified, 5xx only for our own failure. What the event means is no concern of this path,
so nothing that reads events can break it.

Webhooks of configured connections are taken in by `FrontDoor`, before Flask: its dispatch of a request costs as much
as verifying and storing one together (python -m tests.bench acks). Whatever else comes in is Flask's, as usual.

Connections and secrets may be added and taken away while we run. Whoever keeps them up to date does so beside the
requests; only what is about to be refused waits until they have been looked at again.

Salesforce's Outbound Messages come in here too. They are hints and not facts: verified, rung for, and not stored.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import flask
import structlog
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from sync.db import inbox
from sync.db.engine import DirectEngine
from webhooks.providers import PROVIDERS, salesforce

log = structlog.get_logger()

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "stripe-signature"})
_DOOR_PARTS = 4  # "", "webhooks", provider, connection
_STORED, _DUPLICATE = b'{"received":true,"duplicate":false}\n', b'{"received":true,"duplicate":true}\n'


@dataclass(frozen=True, slots=True)
class Receiver:
    """What receiving needs: where to store, whom to tell, and each connection's provider and live secrets.

    `connections` and `hooks` may change at any time; `look` brings them up to date, unless that was done just now.
    `hooks`, `ring_crm` and `org_id` are for Outbound Messages; `org_id` is None until we have logged in to the org.
    """

    engine: DirectEngine
    ring: Callable[[], None]
    connections: Mapping[tuple[str, str], tuple[str, ...]]  # (provider, connection) → secrets
    tolerance_s: int
    seen: Callable[[str, str], None]  # provider, outcome: for the metrics
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # connection → live tokens
    ring_crm: Callable[[], None] = lambda: None
    org_id: Callable[[], str | None] = lambda: None
    look: Callable[[], object] = lambda: None


class FrontDoor:
    """Takes in POST /webhooks/<provider>/<connection> for the connections that are configured; the rest goes inside."""

    def __init__(self, to: Receiver, inside: WSGIApplication, *, body_limit: int) -> None:
        self._to, self._inside, self._limit = to, inside, body_limit

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as a WSGI application does."""
        door = self._door(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None
        if door is None:
            return self._inside(environ, start_response)
        request = Request(environ)
        request.max_content_length = self._limit
        try:
            answer = _take_in(self._to, request, *door)
        except HTTPException as error:  # while the body is read: too long, or broken off
            answer = _refuse(self._to, door[0], error.code or 400, error.description or error.name)
        except Exception:
            log.exception("webhook failed", connection=door[1])
            answer = _refuse(self._to, door[0], 500, "not stored; send it again")
        return answer(environ, start_response)

    def _door(self, path: str) -> tuple[str, str] | None:
        """Provider and connection, if it is one that is configured."""
        parts = path.split("/")
        if len(parts) != _DOOR_PARTS or parts[1] != "webhooks":
            return None
        door = parts[2], parts[3]
        if door not in self._to.connections:
            self._to.look()
        return door if door in self._to.connections else None


def _take_in(to: Receiver, request: Request, provider: str, connection: str) -> Response:
    """Verify, store, ring, answer."""
    body = request.get_data(cache=False)
    headers = dict(request.headers)
    wrong = _problem(to, body, headers, provider, connection)
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
    return Response(_DUPLICATE if row is None else _STORED, content_type="application/json")


def _problem(to: Receiver, body: bytes, headers: Mapping[str, str], provider: str, connection: str) -> str | None:
    """Why the signature cannot be accepted; secrets that were added a moment ago count."""
    secrets = to.connections.get((provider, connection), ())
    verify, now = PROVIDERS[provider].verify, time.time()
    wrong = verify(body, headers, secrets, now=now, tolerance_s=to.tolerance_s)
    if wrong:
        to.look()
        fresh = to.connections.get((provider, connection), ())
        if fresh != secrets:
            wrong = verify(body, headers, fresh, now=now, tolerance_s=to.tolerance_s)
    return wrong


def make_blueprint(to: Receiver) -> flask.Blueprint:
    """What is not the front door's: connections that nobody configured, and Outbound Messages."""
    routes = flask.Blueprint("webhooks", __name__, url_prefix="/webhooks")

    @routes.post("/<provider>/<connection>")
    def unknown(provider: str, connection: str) -> Response:
        return _refuse(to, provider, 404, f"no {provider} connection {connection!r} is configured here")

    @routes.post("/salesforce/<connection>/<token>")
    def outbound_message(connection: str, token: str) -> Response:
        status, refusal = _outbound(to, connection, token)
        to.seen("salesforce", "rung" if refusal is None else str(status))
        return Response(salesforce.answer(refusal), status, mimetype="text/xml")

    return routes


def _outbound(to: Receiver, connection: str, token: str) -> tuple[int, str | None]:
    """Status and refusal for an Outbound Message. Who does not know the address learns nothing about it."""
    if not salesforce.admitted(token, to.hooks.get(connection, ())):
        to.look()
        if not salesforce.admitted(token, to.hooks.get(connection, ())):
            return 404, "not found"
    try:
        ours = to.org_id()
    except SQLAlchemyError as error:
        log.error("org not known", reason=str(error))  # noqa: TRY400 - the database is away; its traceback says no more
        ours = None
    if ours is None:
        return 503, "which org is ours is not known yet; send it again"
    wrong = salesforce.problem(flask.request.get_data(cache=False), ours)
    if wrong:
        log.warning("outbound message refused", connection=connection, reason=wrong)
        return 400, wrong
    to.ring_crm()
    return 200, None


def _refuse(to: Receiver, provider: str, status: int, why: str) -> Response:
    to.seen(provider if provider in PROVIDERS else "unknown", str(status))
    return Response(json.dumps({"error": why}) + "\n", status, content_type="application/json")
