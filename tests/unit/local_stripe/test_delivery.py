"""Disorder is reproducible, and what arrives verifies with Stripe's own library."""

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
import stripe

from connector.local.stripe.webhooks import Courier, Disorder, Target, arrange

EVENTS = [{"id": f"evt_{n}", "created": 100 + n, "type": "x", "data": {"object": {"object": "x"}}} for n in range(20)]


def ids(events):
    return [event["id"] for event in events]


def test_in_order_is_in_order():
    assert arrange(EVENTS, Disorder()) == EVENTS


def test_disorder_is_seeded_and_loses_only_what_it_is_told_to():
    bad = Disorder(shuffle=True, copies=2, late=0.3, seed=5)
    arrived = arrange(EVENTS, bad)
    assert arrived == arrange(EVENTS, bad)
    assert ids(arrived)[:20] != ids(EVENTS)
    assert Counter(ids(arrived)) == dict.fromkeys(ids(EVENTS), 3)
    assert 0 < len(arrange(EVENTS, Disorder(never=0.5, seed=1))) < 20
    assert arrange(EVENTS, Disorder(never=1)) == []


def test_same_second_touches_copies_only():
    assert {event["created"] for event in arrange(EVENTS, Disorder(same_second=True))} == {119}
    assert EVENTS[0]["created"] == 100


@pytest.fixture
def endpoint():
    """An endpoint that answers 500 as often as `failures` says, and keeps what it got."""

    class Handler(BaseHTTPRequestHandler):
        got: ClassVar[list] = []
        failures = 0

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.got.append((body, self.headers["Stripe-Signature"]))
            Handler.failures -= 1
            self.send_response(500 if Handler.failures >= 0 else 200)
            self.end_headers()

        def log_message(self, *_):
            pass

    Handler.got = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Handler.url = f"http://127.0.0.1:{server.server_port}/"
    yield Handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_retries_until_2xx_and_signs_every_attempt(endpoint):
    endpoint.failures = 2
    courier = Courier([Target(endpoint.url, "whsec_1")], backoff=0.01)
    [receipt] = courier.deliver([{**EVENTS[0], "api_version": "x", "note": "ünïcode"}])
    assert (receipt.status, receipt.attempts) == (200, 3)
    for body, signature in endpoint.got:
        assert stripe.WebhookSignature.verify_header(body, signature, "whsec_1", 300)
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(body, signature, "whsec_2", 300)


def test_nobody_there_is_reported(endpoint):
    dead = Courier([Target("http://127.0.0.1:9/", "s")], attempts=2, backoff=0.01)
    [receipt] = dead.deliver([{**EVENTS[0], "api_version": "x"}])
    assert (receipt.status, receipt.attempts) == (0, 2)


def test_background_delivery_settles(endpoint):
    courier = Courier([Target(endpoint.url, "s")])
    courier.enqueue([{**event, "api_version": "x"} for event in EVENTS])
    courier.settle()
    assert len(endpoint.got) == 20
    courier.close()
