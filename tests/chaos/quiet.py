"""After the storm: everything healed and running again, then waiting until nothing waits. Bounded."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from sync.db import health
from tests.chaos.arena import Arena
from tests.chaos.verdict import Check

Json = dict[str, Any]
LOOK_EVERY_S = 1.0
STEADY_LOOKS = 3  # so many times in a row nothing waits
WEBHOOKS_WITHIN_S = 60.0
REST_WITHIN_S = 180.0
RECONCILED_WITHIN_S = 300.0


class RestlessError(AssertionError):
    """Something still waits when time is up; the message says what."""


def rest(arena: Arena) -> Iterator[Check]:
    """Wait until everything has come in and been worked off."""
    yield _step("webhooks are delivered", lambda: wait_for_webhooks(arena, WEBHOOKS_WITHIN_S))
    yield _step("everything comes to rest", lambda: wait_for_rest(arena, REST_WITHIN_S))


def reconciled(arena: Arena) -> Iterator[Check]:
    """Have what is parked tried again and everything compared once, as an operator would; wait again."""
    yield _step("dueline replay --parked", lambda: arena.dueline("replay", "--parked"))
    yield _step("dueline reconcile", lambda: arena.dueline("reconcile", timeout_s=RECONCILED_WITHIN_S))
    yield _step("everything comes to rest again", lambda: wait_for_rest(arena, REST_WITHIN_S))


def _step(name: str, act: Callable[[], object]) -> Check:
    began, said, wrong = time.monotonic(), None, list[str]()
    try:
        said = act()
    except (RestlessError, RuntimeError) as error:
        wrong = [str(error)]
    told = f": {' '.join(said.split())}" if isinstance(said, str) else ""
    return Check(name, f"after {time.monotonic() - began:.0f} s{told}", wrong)


def wait_for_webhooks(arena: Arena, timeout_s: float) -> None:
    """Until Stripe has delivered everything it will. Raises RestlessError."""
    deadline = time.monotonic() + timeout_s
    while (state := arena.stripe.control("GET", "deliveries"))["waiting"]:
        if time.monotonic() > deadline:
            raise RestlessError(f"Stripe could not deliver its webhooks within {timeout_s:.0f} s: {state}")
        time.sleep(0.2)


def wait_for_rest(arena: Arena, timeout_s: float) -> None:
    """Until nothing waits for a while, by what `dueline status` counts. Raises RestlessError."""
    engine = arena.engine()
    try:
        _wait_for_rest(engine, timeout_s)
    finally:
        engine.dispose()


def _wait_for_rest(engine: Engine, timeout_s: float) -> None:
    deadline, steady = time.monotonic() + timeout_s, 0
    told: Json = {}
    while steady < STEADY_LOOKS:
        if time.monotonic() > deadline:
            raise RestlessError(f"after {timeout_s:.0f} s something still waits: {told}")
        time.sleep(LOOK_EVERY_S)
        try:
            with engine.connect() as conn:
                told = asdict(health.read(conn))
        except DBAPIError as error:  # the database may just be starting
            told, steady = {"error": str(error)}, 0
            continue
        busy = [name for name, value in told.items() if name.startswith("waiting") and value]
        steady = 0 if busy else steady + 1
