"""What stands before Flask: bodies that break off or never end, and failures nobody thought of."""

import io
import json

import pytest

from tests.unit.webhooks.test_receive import EVENT, PATH, SECRET, Place, client, place, signed
from webhooks.receive import FrontDoor, Receiver

__all__ = ["client", "place"]


class Inside:
    """Whatever is behind the door; it remembers what it was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, environ, start_response):
        self.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        start_response("204 No Content", [])
        return []


@pytest.fixture
def inside():
    return Inside()


@pytest.fixture
def door(place: Place, inside):
    """The door, with what it did written down in `place`."""
    connections = {("stripe", "main"): (SECRET,)}
    seen = lambda *outcome: place.outcomes.append(outcome)  # noqa: E731
    return FrontDoor(Receiver(None, place.ring, connections, 300, seen), inside, body_limit=10_000)


def ask(door, method="POST", path=PATH, body=EVENT, **more):
    """Ask as a server would: the status, and the JSON of the answer."""
    statuses = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body.encode()),
        "HTTP_STRIPE_SIGNATURE": signed(body)["Stripe-Signature"],
        "SERVER_NAME": "x",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        **more,
    }
    answer = b"".join(door(environ, lambda status, _headers: statuses.append(status)))
    return int(statuses[0][:3]), json.loads(answer) if answer else None


def test_configured_connections_are_taken_in_at_the_door(door, place, inside):
    assert ask(door) == (200, {"received": True, "duplicate": False})
    assert (inside.asked, place.rings) == ([], 1)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", PATH), ("POST", PATH + "/"), ("POST", "/webhooks/stripe/other"), ("GET", "/healthz")]
)
def test_everything_else_goes_inside(door, inside, method, path):
    assert ask(door, method, path)[0] == 204
    assert inside.asked == [(method, path)]


def test_a_body_that_is_announced_too_long_is_refused_unread(door, place):
    status, told = ask(door, CONTENT_LENGTH="10001")
    assert (status, place.stored) == (413, {})
    assert "error" in told
    assert place.outcomes == [("stripe", "413")]


def test_a_body_that_breaks_off_is_not_acknowledged(door, place):
    status, _ = ask(door, CONTENT_LENGTH=str(len(EVENT) + 1))
    assert (status, place.stored) == (400, {})


def test_a_failure_nobody_thought_of_is_not_acknowledged(door, place):
    place.broken = ZeroDivisionError("a bug")
    assert ask(door) == (500, {"error": "not stored; send it again"})
    assert (place.rings, place.outcomes) == (0, [("stripe", "500")])


class TestWhatIsConfiguredMeanwhile:
    """Connections and secrets may come and go; who keeps them up to date is asked before anything is refused."""

    @pytest.fixture
    def live(self):
        """The connections, and what the next look will find."""
        return {"now": {}, "next": None, "looks": 0}

    @pytest.fixture
    def door(self, place: Place, inside, live):
        """The door with connections that change."""
        connections = live["now"]

        def look():
            live["looks"] += 1
            if live["next"] is not None:
                connections.clear()
                connections.update(live["next"])

        seen = lambda *outcome: place.outcomes.append(outcome)  # noqa: E731
        to = Receiver(None, place.ring, connections, 300, seen, look=look)
        return FrontDoor(to, inside, body_limit=10_000)

    def test_a_connection_that_was_just_added_is_let_in(self, door, live):
        live["next"] = {("stripe", "main"): (SECRET,)}
        assert ask(door)[0] == 200
        assert live["looks"] == 1

    def test_a_secret_that_was_just_added_is_good(self, door, live):
        live["now"]["stripe", "main"] = ("whsec_old",)
        live["next"] = {("stripe", "main"): ("whsec_old", SECRET)}
        assert ask(door)[0] == 200

    def test_nobody_looks_while_all_is_well(self, door, live):
        live["now"]["stripe", "main"] = (SECRET,)
        assert ask(door)[0] == 200
        assert live["looks"] == 0

    def test_what_stays_unknown_is_refused(self, door, live, inside):
        assert ask(door)[0] == 204
        assert inside.asked == [("POST", PATH)]
        live["now"]["stripe", "main"] = ("whsec_other",)
        assert ask(door)[0] == 400
        assert live["looks"] == 2

    def test_a_connection_that_is_gone_by_then_is_refused(self, door, live):
        live["now"]["stripe", "main"] = ("whsec_other",)
        live["next"] = {}
        assert ask(door)[0] == 400
