"""Webhooks on their way in the background: tried again until they are answered 2xx, as Stripe does for three days.

What waits is in memory. An event that fails goes behind those that are due, so one endpoint that is away for a moment
does not hold the others up; nothing promises any order, as with Stripe.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from connector.local.stripe.refusal import Json

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0


@dataclass(order=True)
class Parcel:
    """One delivery to one endpoint, not before `due` (monotonic seconds)."""

    due: float
    number: int
    target: str = field(compare=False)
    event: Json = field(compare=False)
    attempts: int = field(default=0, compare=False)


class Outbound:
    """Delivers with `senders` threads. `post`: one attempt of an event at the target of that name; whether 2xx.

    `fate` says what becomes of an event: `never_sent`, `sent_late` (kept until `release`), or nothing special.
    """

    def __init__(
        self, post: Callable[[str, Json], bool], fate: Callable[[str], str] = lambda _: "", senders: int = 1
    ) -> None:
        self._post, self._fate, self._senders = post, fate, senders
        self._changed = threading.Condition()
        self._waiting: list[Parcel] = []
        self._late: list[tuple[str, Json]] = []
        self._never: list[str] = []
        self._number = itertools.count()
        self._flying = 0
        self._closing = False
        self._threads: list[threading.Thread] = []

    def put(self, events: Sequence[Json], targets: Callable[[Json], Iterable[str]]) -> None:
        """Have each delivered to the targets that `targets` names for it."""
        with self._changed:
            for event in events:
                fate = self._fate(event["type"])
                if fate == "never_sent":
                    self._never.append(event["id"])
                elif fate == "sent_late":
                    self._late += [(target, event) for target in targets(event)]
                else:
                    self._push((target, event) for target in targets(event))
            self._start()

    def release(self) -> None:
        """Let go of what was kept back."""
        with self._changed:
            late, self._late = self._late, []
            self._push(late)
            self._start()

    def state(self) -> Json:
        """How many deliveries wait or are kept back, and the events that were never sent."""
        with self._changed:
            return {
                "waiting": len(self._waiting) + self._flying,
                "late": len(self._late),
                "never_sent": list(self._never),
            }

    def settle(self, timeout: float) -> None:
        """Wait until nothing is under way. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._waiting and not self._flying, timeout):
                raise TimeoutError(f"webhooks are still under way after {timeout} s")

    def close(self) -> None:
        """Stop; what waits is dropped."""
        with self._changed:
            self._closing = True
            self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=15)

    def _push(self, parcels: Iterable[tuple[str, Json]]) -> None:
        now = time.monotonic()
        for target, event in parcels:
            heapq.heappush(self._waiting, Parcel(now, next(self._number), target, event))
        self._changed.notify_all()

    def _start(self) -> None:
        while self._waiting and len(self._threads) < self._senders and not self._closing:
            name = f"local-stripe-courier-{len(self._threads)}"
            self._threads.append(threading.Thread(target=self._work, name=name, daemon=True))
            self._threads[-1].start()

    def _work(self) -> None:
        while (parcel := self._take()) is not None:
            sent = self._post(parcel.target, parcel.event)
            with self._changed:
                self._flying -= 1
                if not sent and not self._closing:
                    pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**parcel.attempts)
                    parcel.due, parcel.attempts = time.monotonic() + pause, parcel.attempts + 1
                    heapq.heappush(self._waiting, parcel)
                self._changed.notify_all()

    def _take(self) -> Parcel | None:
        with self._changed:
            while not self._closing:
                wait = self._waiting[0].due - time.monotonic() if self._waiting else None
                if wait is not None and wait <= 0:
                    self._flying += 1
                    return heapq.heappop(self._waiting)
                self._changed.wait(wait)
        return None
