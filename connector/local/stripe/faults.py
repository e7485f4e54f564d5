"""Ways in which the account can be told to fail: what its API answers, and what becomes of its webhooks.

A fault strikes a number of times, or by chance until it is healed; the same seed draws the same chances.
"""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

from connector.local.stripe.refusal import Json, StripeRefusal, invalid

ANSWERS = ("status", "rate_limit", "drop", "slow")  # what an API request meets
DELIVERIES = ("never_sent", "sent_late")  # what an event meets


@dataclass
class Fault:
    """A misbehaviour, `times` more (None: until healed), each time with probability `chance`.

    `status` and `rate_limit` are answers, `drop` closes the connection instead, `slow` waits `ms` first; they strike
    requests whose path matches `path`, `before` the request is carried out or `after` (the caller cannot tell).
    `never_sent` loses an event, `sent_late` keeps it until the account is healed; for them `path` is an event type.
    """

    kind: str
    times: int | None = 1
    path: str = "*"
    status: int = 500
    retry_after: int | None = None
    when: str = "before"
    chance: float = 1.0
    ms: float = 1000.0
    seed: int = 0
    _dice: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in ANSWERS + DELIVERIES:
            raise invalid(f"kind is one of {', '.join(ANSWERS + DELIVERIES)}", param="kind")
        if self.when not in ("before", "after"):
            raise invalid("when is before or after", param="when")
        if not 0 < self.chance <= 1:
            raise invalid("chance is above 0 and at most 1", param="chance")
        self._dice = random.Random(self.seed)  # noqa: S311 - reproducible misbehaviour, no secret

    def strikes(self, path: str) -> bool:
        """Whether it hits this request or event type; that uses it up by one."""
        if self.times == 0 or not fnmatchcase(path, self.path):
            return False
        if self._dice.random() >= self.chance:
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def refusal(self) -> StripeRefusal:
        """The answer that this fault gives."""
        if self.kind == "rate_limit":
            return StripeRefusal(429, "Too many requests. Please back off.", code="rate_limit")
        message = "An unknown error occurred"
        return StripeRefusal(self.status, message, type="api_error" if self.status >= 500 else "invalid_request_error")

    def shown(self) -> Json:
        """The fault as the control routes show it."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.init}


def read_fault(given: Json) -> Fault:
    """The fault that a control request asks for. Refuses what it does not know."""
    known = sorted(each.name for each in fields(Fault) if each.init)
    strange = sorted(given.keys() - set(known))
    if strange:
        raise invalid(f"Received unknown parameter: {strange[0]}. Known: {', '.join(known)}", param=strange[0])
    return Fault(**{"kind": "", **given})


class Faults:
    """The faults in force, and how often each kind has struck. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._not_before: dict[str, float] = {}
        self.struck: Counter[str] = Counter()
        self.hurried = 0  # requests that came back before the Retry-After they were given was over

    def add(self, fault: Fault) -> None:
        """Misbehave from the next match on."""
        with self._lock:
            self._faults.append(fault)

    def heal(self, kind: str | None = None) -> None:
        """Behave from now on, or in this one respect; what was counted stays."""
        with self._lock:
            self._faults = [fault for fault in self._faults if kind is not None and fault.kind != kind]

    def of_answer(self, path: str) -> Fault | None:
        """The fault that hits this API request, used up by it."""
        now = time.monotonic()
        with self._lock:
            self.hurried += now < self._not_before.pop(path, 0.0)
        fault = self._strike(ANSWERS, path)
        if fault is not None and fault.kind == "rate_limit" and fault.retry_after:
            with self._lock:
                self._not_before[path] = now + fault.retry_after
        return fault

    def of_delivery(self, event_type: str) -> str:
        """What becomes of an event: `never_sent`, `sent_late`, or nothing special (empty)."""
        fault = self._strike(DELIVERIES, event_type)
        return fault.kind if fault else ""

    def listed(self) -> list[dict[str, Any]]:
        """Those still in force."""
        with self._lock:
            return [fault.shown() for fault in self._faults if fault.times != 0]

    def _strike(self, kinds: tuple[str, ...], path: str) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.kind in kinds and fault.strikes(path):
                    self.struck[fault.kind] += 1
                    return fault
        return None
