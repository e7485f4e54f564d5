"""A world with a clock that tests move, and no HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from connector.local.stripe.world import World


class Clock:
    now = 1_800_000_000.25

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock):
    made = World(clock=clock, seed=7)
    yield made
    made.store.close()


@pytest.fixture
def do(world) -> Callable[..., Any]:
    """Run an action; the result, with the types of its events left in `do.events`."""

    def run(action: str, **arguments: Any) -> Any:
        result, events = world.act(action, arguments)
        run.raw = events
        run.events = [event["type"] for event in events]
        return result

    return run


@pytest.fixture
def customer(do):
    return do("create_customer", name="Acme", email="ap@acme.test")["id"]


@pytest.fixture
def open_invoice(do, customer):
    """1,000.00 USD, due in 30 days."""
    draft = do("create_invoice", customer=customer, lines=[{"amount": 100_000}], auto_advance=True)
    return do("finalize_invoice", invoice=draft["id"], due_in_days=30)["id"]
