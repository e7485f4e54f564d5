"""What really happens on a socket: no mock between requests and the server here."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from connector.errors import MisconfiguredError, RetryableError
from connector.salesforce.session import OrgLogin, OrgSession, Pace
from connector.salesforce.transport import Http

QUICK = Pace(first_wait=0, between_logins=0)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: ClassVar[Callable[["Handler"], None]]
    seen: ClassVar[list["Handler"]]

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/services/oauth2/token":
            host, port = self.server.server_address[:2]
            self.reply({"access_token": "token", "instance_url": f"http://{host}:{port}", "id": "x/y"})
            return
        self.seen.append(self)
        type(self).api(self)

    do_GET = do_PATCH = do_POST  # noqa: N815 - the names that http.server calls

    def reply(self, body, **headers):
        content = json.dumps(body).encode()
        self.send_response(200)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_args):
        pass


class Server:
    def __init__(self):
        self.handler = type("OneTestsHandler", (Handler,), {"seen": []})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self.handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def answer(self, how):
        self.handler.api = how

    @property
    def seen(self):
        return self.handler.seen

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def session(server) -> Iterator[OrgSession]:
    session = OrgSession(OrgLogin(server.url, "c", "s", timeout=0.3), pace=QUICK)
    session.connect()
    yield session
    session.close()


def test_a_local_org_is_spoken_to_in_plain_http(server, session):
    server.answer(lambda request: request.reply({"path": request.path}))
    assert session.request("GET", "limits", params={"a": "b c"}) == {"path": "/services/data/v66.0/limits?a=b+c"}


def test_a_proxy_is_not_asked_for_the_loopback(server, session, monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.answer(lambda request: request.reply({}))
    assert session.request("GET", "limits") == {}


def test_netrc_does_not_replace_the_token(server, session, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.answer(lambda request: request.reply({"auth": request.headers["Authorization"]}))
    assert session.request("GET", "limits") == {"auth": "Bearer token"}


def test_cookies_are_not_kept(server, session):
    server.answer(lambda request: request.reply({"cookie": request.headers["Cookie"]}, **{"Set-Cookie": "a=b; Path=/"}))
    session.request("GET", "limits")
    assert session.request("GET", "limits") == {"cookie": None}


def test_connections_are_kept_alive(server, session):
    server.answer(lambda request: request.reply({"port": request.client_address[1]}))
    assert session.request("GET", "limits") == session.request("GET", "limits")


def test_an_answer_that_does_not_come_is_a_timeout_with_doubt(server, session):
    done = threading.Event()
    server.answer(lambda request: done.wait(5))
    with pytest.raises(RetryableError) as raised:
        session.request("PATCH", "composite/sobjects", json={})
    done.set()
    assert (raised.value.code, raised.value.outcome_unknown) == ("TIMEOUT", True)
    assert len(server.seen) == 1


def test_a_connection_lost_after_sending_is_a_disconnect_with_doubt(server, session):
    server.answer(Handler.hang_up)
    with pytest.raises(RetryableError) as raised:
        session.request("PATCH", "composite/sobjects", json={})
    assert (raised.value.code, raised.value.outcome_unknown) == ("DISCONNECTED", True)
    assert len(server.seen) == 1


def test_half_an_answer_is_no_answer(server, session):
    def half(request):
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b'[{"id": "a01')
        request.wfile.flush()
        request.hang_up()

    server.answer(half)
    with pytest.raises(RetryableError) as raised:
        session.request("PATCH", "composite/sobjects", json={})
    assert (raised.value.code, raised.value.outcome_unknown) == ("DISCONNECTED", True)


def test_a_read_survives_a_lost_connection(server, session):
    server.answer(lambda request: request.reply({}) if len(server.seen) > 1 else request.hang_up())
    assert session.request("GET", "limits") == {}


def test_nobody_there_means_never_sent(server):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(RetryableError) as raised:
        OrgSession(OrgLogin(url, "c", "s"), pace=QUICK).request("POST", "x", json={}, idempotent=False)
    assert (raised.value.code, raised.value.outcome_unknown) == ("UNREACHABLE", False)


def test_what_a_query_asked_for_is_not_in_the_error(server, session):
    server.answer(Handler.hang_up)
    with pytest.raises(RetryableError) as raised:
        session.request("GET", "query/", params={"q": "SELECT Id FROM Account WHERE Name = 'Confidential'"})
    assert "Confidential" not in str(raised.value)


def test_an_org_that_goes_away_after_the_login_means_never_sent(server, session):
    server.stop()
    try:
        with pytest.raises(RetryableError) as raised:
            session.request("POST", "composite/sobjects", json={}, idempotent=False)
        assert (raised.value.code, raised.value.outcome_unknown) == ("UNREACHABLE", False)
    finally:
        server.thread = threading.Thread(target=lambda: None)
        server.thread.start()


@pytest.mark.parametrize(
    "url", ["http://acme.my.salesforce.com", "http://10.0.0.1:8080", "http://127.0.0.1.evil.example"]
)
def test_plain_http_is_for_the_loopback_only(url):
    with pytest.raises(MisconfiguredError):
        OrgLogin(url, "c", "s")
    http = Http(1.0)
    http.allow_plain(url)
    assert list(http.adapters) == ["https://", "http://"]


def test_an_ipv6_loopback_is_one(server):
    http = Http(1.0)
    http.allow_plain("http://[::1]:8080")
    assert next(iter(http.adapters)) == "https://[::1]:8080/"


def test_a_certificate_that_nobody_vouches_for_needs_a_person(server, tmp_path, monkeypatch):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    server.http.handle_error = lambda *_args: None
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    login = OrgLogin(f"https://127.0.0.1:{server.http.server_port}", "c", "s")
    with pytest.raises(MisconfiguredError) as raised:
        OrgSession(login, pace=QUICK).connect()
    assert raised.value.code == "CERTIFICATE"
    assert "REQUESTS_CA_BUNDLE" in raised.value.fix


def test_a_proxy_that_is_down_means_never_sent(monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    session = OrgSession(OrgLogin("https://acme.my.salesforce.com", "c", "s"), pace=QUICK)
    with pytest.raises(RetryableError) as raised:
        session.request("POST", "composite/sobjects", json={}, idempotent=False)
    assert (raised.value.code, raised.value.outcome_unknown) == ("UNREACHABLE", False)
