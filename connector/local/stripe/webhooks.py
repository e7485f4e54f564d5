"""Signing and delivering webhooks, in order or as badly as the internet does it.

`arrange` is pure and seeded: it turns a story into the sequence in which its deliveries arrive. `Courier` posts them,
retrying what was not answered 2xx (https://docs.stripe.com/webhooks#retries, with seconds instead of hours).
"""

import json
import queue
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import requests
from stripe import WebhookSignature

from connector.local.stripe import shapes
from connector.local.stripe.refusal import Json

NO_ANSWER = 0  # instead of an HTTP status


@dataclass(frozen=True)
class Target:
    """An endpoint and the secret it shares with us."""

    url: str
    secret: str


@dataclass(frozen=True)
class Disorder:
    """What goes wrong on the way: probabilities from 0 to 1, `copies` extra deliveries of each event."""

    shuffle: bool = False
    copies: int = 0
    same_second: bool = False
    late: float = 0.0
    never: float = 0.0
    seed: int = 0


IN_ORDER = Disorder()


@dataclass(frozen=True)
class Receipt:
    """One delivery to one target: the last HTTP status (`NO_ANSWER`: none) after so many attempts."""

    event_id: str
    url: str
    status: int
    attempts: int


def arrange(events: Sequence[Json], disorder: Disorder) -> list[Json]:
    """The deliveries in the order in which they arrive; events may be missing, repeated or share their second."""
    dice = random.Random(disorder.seed)  # noqa: S311 - reproducible disorder, no secret
    if disorder.same_second and events:
        second = events[-1]["created"]
        events = [{**event, "created": second} for event in events]
    kept = [event for event in events if dice.random() >= disorder.never]
    early, late = list[Json](), list[Json]()
    for event in kept:
        for _ in range(1 + disorder.copies):
            (late if dice.random() < disorder.late else early).append(event)
    if disorder.shuffle:
        dice.shuffle(early)
    dice.shuffle(late)
    return early + late


class Courier:
    """Delivers events to the targets; `post` now and here, `enqueue` soon and in the background."""

    def __init__(
        self, targets: Sequence[Target], *, api_version: str | None = None, attempts: int = 4, backoff: float = 0.2
    ) -> None:
        self.targets = tuple(targets)
        self._api_version = api_version
        self._attempts = attempts
        self._backoff = backoff
        self._queue: queue.Queue[list[Json] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def deliver(self, events: Sequence[Json], disorder: Disorder = IN_ORDER) -> list[Receipt]:
        """Post each event, as the endpoint's version shows it, until it is answered 2xx or attempts run out."""
        shown = [shapes.render_event(event, self._api_version) for event in arrange(events, disorder)]
        with _session() as session:
            return [
                self._insist(session, target, event) for event in shown if event is not None for target in self.targets
            ]

    def send(self, event: Json, *, times: int = 1) -> list[int]:
        """Post an event exactly as it is, once per target and time; the HTTP statuses."""
        with _session() as session:
            return [_post(session, target, event) for _ in range(times) for target in self.targets]

    def enqueue(self, events: Sequence[Json]) -> None:
        """Deliver in the background: whoever caused the events is not kept waiting (and may be their receiver)."""
        if not events or not self.targets:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="local-stripe-courier", daemon=True)
            self._thread.start()
        self._queue.put(list(events))

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until everything enqueued was delivered. Raises TimeoutError."""
        until = time.monotonic() + timeout
        while self._queue.unfinished_tasks:
            if time.monotonic() > until:
                raise TimeoutError(f"webhooks are still under way after {timeout} s")
            time.sleep(0.005)

    def close(self) -> None:
        """Stop delivering; what is enqueued is dropped."""
        self._closing.set()
        if self._thread:
            self._queue.put(None)
            self._thread.join(timeout=15)

    def _work(self) -> None:
        while (events := self._queue.get()) is not None:
            try:
                if not self._closing.is_set():
                    self.deliver(events)
            finally:
                self._queue.task_done()

    def _insist(self, session: requests.Session, target: Target, event: Json) -> Receipt:
        status = NO_ANSWER
        for attempt in range(1, self._attempts + 1):
            status = _post(session, target, event)
            if 200 <= status < 300:
                return Receipt(event["id"], target.url, status, attempt)
            if attempt < self._attempts and self._closing.wait(self._backoff * 2 ** (attempt - 1)):
                break
        return Receipt(event["id"], target.url, status, attempt)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # endpoints are on this machine: no proxy between us
    return session


def _post(session: requests.Session, target: Target, event: Json) -> int:
    body = json.dumps(event, indent=2)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        # The signature's time is the real one, whatever day the world thinks it is: receivers check its age.
        "Stripe-Signature": str(WebhookSignature.generate_signature_header(body, target.secret)),
    }
    try:
        return session.post(target.url, data=body.encode(), headers=headers, timeout=20).status_code
    except requests.RequestException:
        return NO_ANSWER
