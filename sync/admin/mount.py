"""Finance's page beside the webhooks, in one process, without being able to harm them.

It is imported when somebody first opens it, it takes no more than so many threads at once, those that wait for a place
included, and whatever goes wrong in it is told there.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from sync.bootstrap import Runtime

log = structlog.get_logger()

_WAIT_S = 10.0  # for a place to become free
_FILES = "/static/"  # answered at once: they are small, and a page asks for several


def mount(app: Flask, current: Callable[[], Runtime], *, at_once: int) -> None:
    """Answer /admin/… there. `at_once`: requests of it that may be under way at once; half as many may wait."""
    inside = app.wsgi_app
    page = _Page(current, at_once)
    app.wsgi_app = DispatcherMiddleware(inside, {"/admin": page})  # type: ignore[method-assign] # Flask's way


class _Page:
    def __init__(self, current: Callable[[], Runtime], at_once: int) -> None:
        self._current = current
        self._places = threading.BoundedSemaphore(at_once)
        self._queue = threading.BoundedSemaphore(max(1, at_once // 2))  # who waits has a thread of the webhooks'
        self._making = threading.Lock()
        self._app: WSGIApplication | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as a WSGI application does. The place is given back once the answer is complete."""
        if not environ.get("PATH_INFO"):
            return Response(status=308, headers={"Location": "/admin/"})(environ, start_response)
        if self._app is not None and environ["PATH_INFO"].startswith(_FILES):
            return self._app(environ, start_response)
        if not self._place():
            busy = Response("Many people are here at once. Try again in a moment.", 503, {"Retry-After": "5"})
            return busy(environ, start_response)
        try:
            app = self._made()
            return _Answer(app(environ, start_response), self._places.release)
        except Exception:
            self._places.release()
            log.exception("finance's page does not work")
            broken = Response("This page does not work at the moment; webhooks are received. See the log.", 500)
            return broken(environ, start_response)

    def _place(self) -> bool:
        """Whether there is one for this request, or came to be while it waited."""
        if self._places.acquire(blocking=False):
            return True
        if not self._queue.acquire(blocking=False):
            return False
        try:
            return self._places.acquire(timeout=_WAIT_S)
        finally:
            self._queue.release()

    def _made(self) -> WSGIApplication:
        with self._making:
            if self._app is None:
                from sync.admin.app import make_app

                self._app = make_app(self._current)
            return self._app


class _Answer:
    """An answer that says when it has been sent, or broken off."""

    def __init__(self, parts: Iterable[bytes], then: Callable[[], None]) -> None:
        self._parts, self._then = parts, then

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        """Called by the server in any case (PEP 3333)."""
        try:
            if close := getattr(self._parts, "close", None):
                close()
        finally:
            self._then()
