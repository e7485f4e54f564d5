"""The local Stripe account as an HTTP server, for tests, the demo and `dueline local-stripe`.

werkzeug's threaded server does: it is Flask's own, takes a free port, and lets the Date header be the world's time at
the moment the answer is sent, which readers of Stripe's clock rely on.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from connector.local.stripe import api, control, dashboard
from connector.local.stripe.desk import Desk, StripeConfig
from connector.local.stripe.refusal import Json, StripeRefusal
from connector.local.stripe.webhooks import IN_ORDER, Disorder, Receipt
from connector.local.stripe.world import World

__all__ = ["LocalStripe", "StripeConfig", "make_app", "serve"]

_log = logging.getLogger(__name__)


def make_app(desk: Desk) -> Flask:
    """The WSGI application over a desk."""
    app = Flask("local-stripe", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined] # Stripe's order is for people to read
    app.register_blueprint(api.blueprint(desk))
    app.register_blueprint(control.blueprint(desk))
    app.register_blueprint(dashboard.blueprint(desk))
    app.register_error_handler(StripeRefusal, _refuse)
    app.register_error_handler(HTTPException, _refuse_http)
    return app


def _refuse(refusal: StripeRefusal) -> Response:
    answer = jsonify(refusal.body())
    answer.status_code = refusal.status
    return answer


def _refuse_http(error: HTTPException) -> Response:
    message = f"Unrecognized request URL ({request.method}: {request.path}). {error.description}"
    return _refuse(StripeRefusal(error.code or 500, message))


class LocalStripe:
    """A running account: `start`, use `url` (and `world` from Python), `stop`."""

    def __init__(self, config: StripeConfig | None = None) -> None:
        self.config = config or StripeConfig()
        self.desk = Desk(self.config)
        self._server: Any = None
        self._thread: threading.Thread | None = None

    @property
    def world(self) -> World:
        """The account itself."""
        return self.desk.world(None)

    @property
    def url(self) -> str:
        """Where it answers: the `api_base` of clients."""
        if self._server is None:
            raise RuntimeError("the local Stripe is not started")
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 (0: a free port), in a thread; the URL."""
        clock = self.desk.clock

        class Handler(WSGIRequestHandler):
            def date_time_string(self, timestamp: float | None = None) -> str:
                return formatdate(int(clock() if timestamp is None else timestamp), usegmt=True)

            def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
                _log.log(logging.ERROR if type == "error" else logging.DEBUG, message, *args)

        self._server = make_server("127.0.0.1", port, make_app(self.desk), threaded=True, request_handler=Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="local-stripe", daemon=True
        )
        self._thread.start()
        return self.url

    def stop(self) -> None:
        """Stop listening and delivering."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join(timeout=10)
            self._server.server_close()
            self._server = None
        self.desk.close()

    def act(self, action: str, /, *, disorder: Disorder = IN_ORDER, deliver: bool = True, **arguments: Any) -> Json:
        """Run an action of the world and deliver its events; the action's result."""
        result, events = self.world.act(action, arguments)
        if deliver:
            self.deliver(events, disorder)
        return result  # type: ignore[no-any-return]

    def deliver(self, events: list[Json], disorder: Disorder = IN_ORDER) -> list[Receipt]:
        """Deliver events that were collected earlier."""
        return self.desk.courier.deliver(events, disorder)

    @contextmanager
    def running(self, port: int = 0) -> Iterator["LocalStripe"]:
        """Start, and stop afterwards."""
        self.start(port)
        try:
            yield self
        finally:
            self.stop()


def serve(config: StripeConfig, port: int, ready: Callable[[str], None] | None = None) -> None:
    """Run until interrupted; `ready` is called with the URL once it answers."""
    with LocalStripe(config).running(port) as local:
        if ready:
            ready(local.url)
        try:
            # not one endless wait: an interrupt that comes just before it begins would be seen only after it
            while not threading.Event().wait(0.5):
                pass
        except KeyboardInterrupt:
            _log.info("local Stripe stopped")
