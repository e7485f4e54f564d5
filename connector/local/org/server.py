"""Runs a local org: in a thread for tests, or in the foreground for the command line.

Werkzeug's threaded server, one thread per connection: a fault can close a connection after the work is done, and a
slow answer holds up nobody else. Nagle's algorithm is off, or every kept-alive answer would wait 40 ms for an ACK.
"""

import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from connector.local.org.app import create_app
from connector.local.org.config import Credentials, OrgConfig, OrgUser
from connector.local.org.org import Org

__all__ = ["Credentials", "LocalOrg", "OrgConfig", "OrgUser", "serve"]
_ADDRESS = "127.0.0.1"


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def log_request(self, code: int | HTTPStatus | str = "-", size: int | str = "-") -> None:
        """Say nothing: thousands of lines help nobody."""

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()


class _Server(ThreadedWSGIServer):
    connections: set[socket.socket]

    def __init__(self, port: int, app: Flask) -> None:
        self.connections = set()
        super().__init__(_ADDRESS, port, app, _Handler)

    def close_connections(self) -> None:
        """Hang up on clients that keep their connection alive."""
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster


class LocalOrg:
    """An org in a thread: `with LocalOrg(config) as org: … org.url`."""

    def __init__(self, config: OrgConfig) -> None:
        self.config = config
        self.app = create_app(config)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def org(self) -> Org:
        """What is behind the HTTP, for tests that look inside."""
        org: Org = self.app.extensions["org"]
        return org

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        if self._server is None:
            raise RuntimeError("The org is not running; call start() first.")
        return f"http://{_ADDRESS}:{self._server.port}"

    def start(self, port: int = 0) -> Self:
        """Answer from now on; port 0 takes a free one."""
        self._server = _Server(port, self.app)
        self._thread = threading.Thread(target=self._server.serve_forever, name="local-org", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Hang up, finish the job at hand and close the file."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.close_connections()
            self._server.server_close()
            self._server = None
        self.app.extensions["bulk_jobs"].stop()
        self.org.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(config: OrgConfig, port: int, ready: Callable[[str], Any]) -> None:
    """Answer until interrupted; `ready` is called with the URL once the port is open."""
    org = LocalOrg(config)
    server = _Server(port, org.app)
    try:
        ready(f"http://{_ADDRESS}:{server.port}")
        server.serve_forever()
    finally:
        server.close_connections()
        server.server_close()
        org.stop()
