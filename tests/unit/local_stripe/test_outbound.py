"""What is delivered in the background arrives in the end, unless it is told not to."""

import threading
import time

import pytest

from connector.local.stripe import outbound
from connector.local.stripe.outbound import Outbound

EVENTS = [{"id": f"evt_{n}", "type": "x"} for n in range(30)]


@pytest.fixture
def opened(monkeypatch):
    """Makes an Outbound that is closed afterwards, and pauses only briefly."""
    monkeypatch.setattr(outbound, "FIRST_PAUSE_S", 0.01)
    made = []

    def make(*arguments, **named):
        made.append(Outbound(*arguments, **named))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_one_that_fails_is_tried_again_and_holds_nobody_up(opened):
    arrived, failures = [], {"evt_0": 3}

    def post(_, event):
        if failures.get(event["id"], 0) > 0:
            failures[event["id"]] -= 1
            return False
        arrived.append(event["id"])
        return True

    out = opened(post)
    out.put(EVENTS, lambda _: ["a"])
    out.settle(5)
    assert arrived[-1] == "evt_0"
    assert sorted(arrived) == sorted(event["id"] for event in EVENTS)


def test_every_target_gets_every_event_once(opened):
    arrived, lock = [], threading.Lock()

    def post(target, event):
        with lock:
            arrived.append((target, event["id"]))
        return True

    out = opened(post, senders=4)
    out.put(EVENTS, lambda _: ["a", "b"])
    out.settle(5)
    assert sorted(arrived) == sorted((target, event["id"]) for target in ("a", "b") for event in EVENTS)


def test_late_ones_wait_to_be_released_and_lost_ones_are_named(opened):
    arrived = []
    fates = iter(["sent_late", "never_sent", *[""] * 28])
    out = opened(lambda _, event: arrived.append(event["id"]) or True, lambda _: next(fates))
    out.put(EVENTS, lambda _: ["a"])
    out.settle(5)
    assert len(arrived) == 28
    assert out.state() == {"waiting": 0, "late": 1, "never_sent": ["evt_1"]}
    out.release()
    out.settle(5)
    assert arrived[-1] == "evt_0"
    assert out.state()["late"] == 0


def test_closing_drops_what_waits(opened):
    out = opened(lambda *_: False)
    out.put(EVENTS, lambda _: ["a"])
    with pytest.raises(TimeoutError, match="still under way"):
        out.settle(0.05)
    began = time.monotonic()
    out.close()
    assert time.monotonic() - began < 5
    assert out.state()["waiting"] == 0
