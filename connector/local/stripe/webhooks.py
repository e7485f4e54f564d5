"""Signing and delivering webhooks, in order or as badly as the internet does it.

`arrange` is pure and seeded: it turns a story into the sequence in which its deliveries arrive. `Courier` posts them,
retrying what was not answered 2xx (https://docs.stripe.com/webhooks#retries, with seconds instead of hours).
"""

import itertools
import json
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import requests
from stripe import WebhookSignature

from connector.local.stripe import shapes
from connector.local.stripe.outbound import Outbound
from connector.local.stripe.refusal import Json

NO_ANSWER = 0  # instead of an HTTP status


@dataclass(frozen=True)
class Target:
    """An endpoint and the secret it shares with us. `others`: more addresses of it, taken in turns.

    They stand in for the load balancer that has several web processes behind it. `events`: the types it gets, or `*`;
    `connected`: those of connected accounts, or of the own one; None is both. `api_version`: None is the account's.
    """

    url: str
    secret: str
    others: tuple[str, ...] = ()
    events: frozenset[str] = frozenset({"*"})
    connected: bool | None = None
    api_version: str | None = None

    def wants(self, event: Json) -> bool:
        """Whether the event goes to it."""
        accounts = self.connected is None or self.connected == bool(event.get("account"))
        return accounts and not self.events.isdisjoint({"*", event["type"]})

    def address(self, turn: int) -> str:
        """The address whose turn it is."""
        urls = (self.url, *self.others)
        return urls[turn % len(urls)]


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
    """Delivers events to the targets; `post` now and here, `enqueue` soon and in the background.

    `fate` says what becomes of events in the background, by their type (see `Outbound`). `endpoints`: those that were
    made in the account, by id; they come and go while events wait.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        *,
        api_version: str | None = None,
        attempts: int = 4,
        backoff: float = 0.2,
        senders: int = 1,
        fate: Callable[[str], str] = lambda _: "",
    ) -> None:
        self.targets = tuple(targets)
        self.endpoints: Mapping[str, Target] = {}
        self._api_version = api_version
        self._attempts = attempts
        self._backoff = backoff
        self._closing = threading.Event()
        self._sessions = threading.local()
        self._turns = itertools.count()
        self.outbound = Outbound(self._once, fate, senders)

    def deliver(self, events: Sequence[Json], disorder: Disorder = IN_ORDER) -> list[Receipt]:
        """Post each event, as the endpoint's version shows it, until it is answered 2xx or attempts run out."""
        with _session() as session:
            return [
                self._insist(session, target, shown)
                for event in arrange(events, disorder)
                for target in self._everyone().values()
                if target.wants(event) and (shown := self._shown(target, event)) is not None
            ]

    def send(self, event: Json, *, times: int = 1) -> list[int]:
        """Post an event exactly as it is, once per target and time; the HTTP statuses."""
        with _session() as session:
            targets = [target for target in self._everyone().values() if target.wants(event)]
            return [_post(session, target, event) for _ in range(times) for target in targets]

    def enqueue(self, events: Sequence[Json]) -> None:
        """Deliver in the background: whoever caused the events is not kept waiting (and may be their receiver)."""
        everyone = self._everyone()
        self.outbound.put(events, lambda event: [name for name, target in everyone.items() if target.wants(event)])

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until everything enqueued was delivered. Raises TimeoutError."""
        self.outbound.settle(timeout)

    def close(self) -> None:
        """Stop delivering; what is enqueued is dropped."""
        self._closing.set()
        self.outbound.close()

    def _everyone(self) -> dict[str, Target]:
        """Every target by a name that stays the same while others come and go."""
        return {**{str(number): target for number, target in enumerate(self.targets)}, **self.endpoints}

    def _shown(self, target: Target, event: Json) -> Json | None:
        return shapes.render_event(event, target.api_version or self._api_version)

    def _once(self, name: str, event: Json) -> bool:
        target = self._everyone().get(name)
        shown = self._shown(target, event) if target else None
        if target is None or shown is None:
            return True  # the endpoint was taken away meanwhile, or its version has no such event
        if not hasattr(self._sessions, "own"):
            self._sessions.own = _session()
        status = _post(self._sessions.own, target, shown, next(self._turns))
        return 200 <= status < 300

    def _insist(self, session: requests.Session, target: Target, event: Json) -> Receipt:
        status = NO_ANSWER
        for attempt in range(1, self._attempts + 1):
            status = _post(session, target, event, attempt - 1)
            if 200 <= status < 300:
                return Receipt(event["id"], target.url, status, attempt)
            if attempt < self._attempts and self._closing.wait(self._backoff * 2 ** (attempt - 1)):
                break
        return Receipt(event["id"], target.url, status, attempt)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # endpoints are on this machine: no proxy between us
    return session


def _post(session: requests.Session, target: Target, event: Json, turn: int = 0) -> int:
    body = json.dumps(event, indent=2)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        # The signature's time is the real one, whatever day the world thinks it is: receivers check its age.
        "Stripe-Signature": str(WebhookSignature.generate_signature_header(body, target.secret)),
    }
    try:
        return session.post(target.address(turn), data=body.encode(), headers=headers, timeout=20).status_code
    except requests.RequestException:
        return NO_ANSWER
