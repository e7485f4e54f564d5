"""A small threaded HTTP/1.1 server for a WSGI app, on the standard library's.

Why not a ready one: Werkzeug's closes every connection and waits 10 ms for stray input, which would be most of an
answer's time; pooled servers let 20 slow answers hold up the 21st; and none can be told to hang up after the work is
done (`environ["org.hang_up"]`), which is the failure that matters most to whoever writes to a real org.
Nagle's algorithm is off, or every kept-alive answer would wait 40 ms for an acknowledgement.
"""

import io
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask
from werkzeug.serving import DechunkedInput

ADDRESS = "127.0.0.1"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536  # headers and body leave in one packet
    server: "Listener"

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True  # the client hung up, or we did

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        try:
            super().finish()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing: thousands of lines help nobody."""

    def _answer(self) -> None:
        environ = self._environ(self._body())
        status, headers, body = _call(self.server.app, environ)
        if environ.get("org.hang_up"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(*status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - names that the base class calls

    def _body(self) -> bytes:
        """All of it, so that the next request on this connection starts where it should."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return DechunkedInput(self.rfile).readall()  # type: ignore[arg-type] # it only reads
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _environ(self, body: bytes) -> dict[str, Any]:
        url = urlsplit(self.path)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(url.path, "latin-1"),
            "QUERY_STRING": url.query,
            "RAW_URI": self.path,
            "SERVER_NAME": ADDRESS,
            "SERVER_PORT": str(self.server.port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            if (key := name.upper().replace("-", "_")) not in {"CONTENT_TYPE", "CONTENT_LENGTH", "TRANSFER_ENCODING"}:
                environ[f"HTTP_{key}"] = value
        return environ


def _call(app: Flask, environ: dict[str, Any]) -> tuple[tuple[int, str], list[tuple[str, str]], bytes]:
    """Status (number and words), headers and body of the app's answer."""
    answer: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        number, _, words = status.partition(" ")
        answer[:] = [(int(number), words), headers]

    chunks = app(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if callable(close := getattr(chunks, "close", None)):
            close()
    return answer[0], answer[1], body


class Listener(ThreadingHTTPServer):
    """The server; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 128
    connections: set[socket.socket]

    def __init__(self, port: int, app: Flask) -> None:
        self.app = app
        self.connections = set()
        super().__init__((ADDRESS, port), _Handler)

    @property
    def port(self) -> int:
        """The port it has."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://{ADDRESS}:{self.port}"

    def close(self) -> None:
        """Free the port and hang up on clients that keep their connection alive."""
        self.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster
