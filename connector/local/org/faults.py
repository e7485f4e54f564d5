"""Ways in which the org can be told to fail, and the calls it has counted: what a test or a demo turns on and off."""

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from connector.local.org.model import OrgError

RowFailure = Callable[[int, str | None], OrgError | None]  # of a row's number in the request, and its id

# kind → parameters it takes, besides those that every kind takes
KINDS: dict[str, frozenset[str]] = {
    "lock_row": frozenset(),
    "partial": frozenset({"every", "code", "message"}),
    "error": frozenset({"status"}),
    "slow": frozenset({"ms"}),
    "drop_after_commit": frozenset(),
    "late_stamp": frozenset({"ms"}),
    "expire_session": frozenset({"for_good"}),
    "expire_locators": frozenset(),
    "limit_spent": frozenset(),
    "revoke_field": frozenset({"field"}),
}
_STATES = {"limit_spent", "revoke_field"}  # last until cleared, unless `times`, `chance` or `until` is given
_ALWAYS = {"kind", "times", "chance", "seed", "until", "path", "method", "object"}  # taken by every kind
_STATUSES = {500, 502, 503}


@dataclass(frozen=True)
class Asked:
    """A request, as far as faults look at it: `path` with its query; `sobject` where that is known for certain."""

    method: str
    path: str
    text: bytes = b""
    sobject: str | None = None

    def is_about(self, name: str) -> bool:
        """Whether it concerns that object: named for certain, or else in the path or the body."""
        if self.sobject is not None:
            return self.sobject == name
        word = re.compile(rf"\b{re.escape(name)}\b")
        return bool(word.search(self.path) or word.search(self.text.decode(errors="replace")))


@dataclass
class Fault:
    """One fault. It strikes `times` requests (None: until cleared), each with the `chance` from 0 to 1, and heals by
    itself `until` seconds after it was put. `path` is a part of the request's path; `seed` makes the dice repeatable.
    """

    kind: str
    times: int | None = 1
    chance: float | None = None
    seed: int | None = None
    until: float | None = None
    path: str | None = None
    method: str | None = None
    object: str | None = None
    every: int = 2
    code: str = "UNABLE_TO_LOCK_ROW"
    message: str = "unable to obtain exclusive access to this record or 1 records: {id}"
    status: int = 503
    ms: float = 1000
    for_good: bool = False
    field: str | None = None

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 - faults, not secrets
        self._heals = None if self.until is None else time.monotonic() + self.until

    @property
    def over(self) -> bool:
        """Whether it has healed."""
        return self.times == 0 or (self._heals is not None and time.monotonic() >= self._heals)

    def matches(self, request: "Asked") -> bool:
        """Whether it is meant for that request; token requests are left alone unless `path` names them."""
        return (
            (self.method is None or self.method.upper() == request.method)
            and (self.path in request.path if self.path is not None else "/oauth2/" not in request.path)
            and (self.object is None or request.is_about(self.object))
        )

    def hits(self) -> bool:
        """Whether it strikes this time, counted down. Only asked of requests that it is meant for."""
        if self.over or (self.chance is not None and self._dice.random() >= self.chance):
            return False
        if self.times is not None:
            self.times -= 1
        return True

    @property
    def revoked(self) -> str:
        """Lower-case `object.field`."""
        return f"{self.object}.{self.field}".lower()

    def shown(self) -> dict[str, Any]:
        """The fault as `GET /_control/faults` lists it."""
        allowed = _ALWAYS | KINDS[self.kind]
        return {name: value for name, value in asdict(self).items() if name in allowed and value is not None}


def read_fault(payload: Any) -> Fault:
    """The fault that a control request asks for. Raises ValueError in words."""
    if not isinstance(payload, dict) or payload.get("kind") not in KINDS:
        raise ValueError(f"kind must be one of: {', '.join(KINDS)}.")
    payload = {name: float(value) if isinstance(value, Decimal) else value for name, value in payload.items()}
    kind = payload["kind"]
    allowed = _ALWAYS | KINDS[kind]
    unknown = sorted(set(payload) - allowed)
    if unknown:
        raise ValueError(f"{kind} does not take {unknown[0]!r}; it takes {', '.join(sorted(allowed))}.")
    if kind == "revoke_field" and not (payload.get("object") and payload.get("field")):
        raise ValueError("revoke_field needs object and field.")
    if payload.get("status", 503) not in _STATUSES:
        raise ValueError("status must be 500, 502 or 503.")
    for name, (least, most) in _NUMBERS.items():
        _check_number(name, payload.get(name, least), least, most)
    if not isinstance(payload.get("seed"), int | None):
        raise ValueError("seed must be a whole number.")  # noqa: TRY004 - it is the sender's mistake, not ours
    lasting = kind in _STATES or payload.get("for_good") or not {"chance", "until"}.isdisjoint(payload)
    wanted: dict[str, Any] = {"times": None} if lasting else {}
    return Fault(**(wanted | payload))


_NUMBERS = {"times": (1, None), "every": (1, None), "ms": (0, None), "until": (0, None), "chance": (0, 1)}
_MAY_BE_NULL = {"times", "until", "chance"}


def _check_number(name: str, value: Any, least: float, most: float | None) -> None:
    if value is None and name in _MAY_BE_NULL:
        return
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or value < least or (most is not None and value > most):
        bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
        null = ", or null for 'until cleared'" if name == "times" else ""
        raise ValueError(f"{name} must be a number {bounds}{null}.")


class Faults:
    """The faults in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self.extra_ms = 0.0  # every answer takes this much longer

    def add(self, fault: Fault) -> None:
        """Let it strike from now on."""
        with self._lock:
            self._faults.append(fault)

    def clear(self, kind: str | None = None) -> None:
        """Heal everything, or everything of one kind."""
        with self._lock:
            self._faults[:] = [fault for fault in self._faults if kind not in {None, fault.kind}]

    def listed(self) -> list[dict[str, Any]]:
        """Those still in force."""
        with self._lock:
            self._forget()
            return [fault.shown() for fault in self._faults]

    def strike(self, kind: str, request: Asked) -> Fault | None:
        """The first fault of that kind that hits this request, counted down; None mostly."""
        if not self._faults:
            return None
        with self._lock:
            found = (fault for fault in self._faults if fault.kind == kind and fault.matches(request))
            fault = next((fault for fault in found if fault.hits()), None)
            self._forget()
            return fault

    def revoked(self) -> frozenset[str]:
        """Lower-case `object.field` that nobody but the administrator may see in the request at hand, counted down."""
        if not self._faults:
            return frozenset()
        with self._lock:
            found = [fault for fault in self._faults if fault.kind == "revoke_field" and fault.hits()]
            self._forget()
            return frozenset(fault.revoked for fault in found)

    def _forget(self) -> None:
        self._faults[:] = [fault for fault in self._faults if not fault.over]

    def row_failure(self, request: Asked) -> RowFailure | None:
        """What decides which rows of this request fail; None where none does."""
        for kind in ("lock_row", "partial"):
            fault = self.strike(kind, request)
            if fault is not None:
                return _failing(fault)
        return None


def _failing(fault: Fault) -> RowFailure:
    every = 1 if fault.kind == "lock_row" else fault.every

    def fails(number: int, record_id: str | None) -> OrgError | None:
        if (number + 1) % every:
            return None
        return OrgError(fault.code, fault.message.format(id=record_id or ""))

    return fails


class Calls:
    """API calls as Salesforce counts them: whole requests, token requests left out, over a rolling day."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._by: Counter[str] = Counter()
        self._hours: Counter[int] = Counter()

    def count(self, key: str) -> None:
        """One more, of that method and resource."""
        with self._lock:
            self._by[key] += 1
            self._hours[int(time.time() // 3600)] += 1

    @property
    def used(self) -> int:
        """Calls of the last 24 hours."""
        since = int(time.time() // 3600) - 24
        with self._lock:
            for hour in [hour for hour in self._hours if hour <= since]:
                del self._hours[hour]
            return self._hours.total()

    def since_reset(self) -> dict[str, Any]:
        """The count since the last `reset`, and what it was made of."""
        with self._lock:
            return {"total": self._by.total(), "by": dict(self._by)}

    def reset(self) -> None:
        """Count from zero; the daily usage goes on."""
        with self._lock:
            self._by.clear()
