"""The endpoint, with a store that only remembers: statuses, limits, and what is and is not kept."""

import json
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from stripe import WebhookSignature

from webhooks import receive
from webhooks.app import create_app
from webhooks.receive import Receiver

SECRET = "whsec_live"
PATH = "/webhooks/stripe/main"
EVENT = json.dumps({"id": "evt_1", "type": "invoice.paid", "created": 1_772_000_000})


class Place:
    """What the application did to the world around it."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], Any] = {}
        self.rings = 0
        self.outcomes: list[tuple[str, str]] = []
        self.broken: Exception | None = None

    def add(self, _engine: object, item: Any) -> int | None:
        if self.broken:
            raise self.broken
        if (item.connection, item.event_id) in self.stored:
            return None
        self.stored[item.connection, item.event_id] = item
        return len(self.stored)

    def ring(self) -> None:
        self.rings += 1


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place()
    monkeypatch.setattr(receive.inbox, "add", made.add)
    return made


@pytest.fixture
def client(place: Place) -> FlaskClient:
    receiver = Receiver(
        engine=None,
        ring=place.ring,
        connections={("stripe", "main"): (SECRET,), ("stripe", "second"): (SECRET,)},
        tolerance_s=300,
        seen=lambda *outcome: place.outcomes.append(outcome),
    )
    return create_app(receiver, body_limit=10_000).test_client()


def signed(body: str = EVENT, **headers: str) -> dict[str, str]:
    made = WebhookSignature.generate_signature_header(body, SECRET, int(time.time()))
    return {"Stripe-Signature": str(made), **headers}


def test_a_good_event_is_stored_rung_for_and_acknowledged(client, place):
    answer = client.post(PATH, data=EVENT, headers=signed())
    assert (answer.status_code, answer.json) == (200, {"received": True, "duplicate": False})
    assert place.stored["main", "evt_1"].body == EVENT.encode()
    assert (place.rings, place.outcomes) == (1, [("stripe", "stored")])


def test_a_duplicate_is_acknowledged_and_told_apart(client, place):
    for _ in range(2):
        answer = client.post(PATH, data=EVENT, headers=signed())
    assert answer.json == {"received": True, "duplicate": True}
    assert place.outcomes == [("stripe", "stored"), ("stripe", "duplicate")]


def test_the_same_event_at_two_connections_is_two_events(client, place):
    client.post(PATH, data=EVENT, headers=signed())
    client.post("/webhooks/stripe/second", data=EVENT, headers=signed())
    assert len(place.stored) == 2


def test_what_cannot_be_verified_is_refused_and_not_stored(client, place):
    assert client.post(PATH, data=EVENT).status_code == 400
    assert client.post(PATH, data=EVENT + " ", headers=signed()).status_code == 400
    assert (place.stored, place.rings) == ({}, 0)
    assert place.outcomes == [("stripe", "400")] * 2


@pytest.mark.parametrize("path", ["/webhooks/stripe/other", "/webhooks/paypal/main", "/webhooks/stripe/MAIN"])
def test_a_connection_that_is_not_configured_is_not_found(client, place, path):
    answer = client.post(path, data=EVENT, headers=signed())
    assert answer.status_code == 404
    assert "no " in answer.json["error"]
    assert place.stored == {}


def test_only_post_is_answered(client):
    assert client.get(PATH).status_code == 405


def test_a_body_over_the_limit_is_refused_before_it_is_read(client, place):
    big = "x" * 10_001
    answer = client.post(PATH, data=big, headers=signed(big))
    assert (answer.status_code, answer.is_json, place.stored) == (413, True, {})
    fits = "x" * 10_000
    assert client.post(PATH, data=fits, headers=signed(fits)).status_code == 200


def test_garbage_under_a_good_signature_is_acknowledged_and_kept_with_the_reason(client, place):
    answer = client.post(PATH, data="garbage", headers=signed("garbage"))
    assert answer.status_code == 200
    [item] = place.stored.values()
    assert "not JSON" in item.problem


def test_secrets_are_not_kept_with_the_headers(client, place):
    headers = signed(Authorization="Bearer x", Cookie="a=b", **{"Proxy-Authorization": "y", "User-Agent": "Stripe"})
    client.post(PATH, data=EVENT, headers=headers)
    kept = place.stored["main", "evt_1"].headers
    assert kept["User-Agent"] == "Stripe"
    assert {name.lower() for name in kept}.isdisjoint(
        {"authorization", "cookie", "proxy-authorization", "stripe-signature"}
    )


def test_what_could_not_be_stored_is_not_acknowledged(client, place):
    place.broken = OperationalError("INSERT", {}, Exception("the database is away"))
    answer = client.post(PATH, data=EVENT, headers=signed())
    assert (answer.status_code, answer.json) == (503, {"error": "not stored; send it again"})
    assert (place.rings, place.outcomes) == (0, [("stripe", "503")])


def test_it_is_alive(client):
    assert client.get("/healthz").json == {"status": "alive"}
