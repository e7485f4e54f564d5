"""Ways in which the org can be told to fail, and the calls it has counted: what a test or a demo turns on and off."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from connector.local.org.model import OrgError

RowFailure = Callable[[int, str | None], OrgError | None]  # of a row's number in the request, and its id

# kind → parameters it takes, besides times, path, method and object
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
_STATES = {"limit_spent", "revoke_field"}  # last until cleared, unless `times` is given
_MATCHING = {"kind", "times", "path", "method", "object"}
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
    """One fault. `times`: how often it still strikes, None until cleared; `path` is a part of the request's path."""

    kind: str
    times: int | None = 1
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

    def matches(self, request: "Asked") -> bool:
        """Whether it is meant for that request; token requests are left alone unless `path` names them."""
        return (
            (self.method is None or self.method.upper() == request.method)
            and (self.path in request.path if self.path is not None else "/oauth2/" not in request.path)
            and (self.object is None or request.is_about(self.object))
        )

    def shown(self) -> dict[str, Any]:
        """The fault as `GET /_control/faults` lists it."""
        allowed = _MATCHING | KINDS[self.kind]
        return {name: value for name, value in asdict(self).items() if name in allowed and value is not None}


def read_fault(payload: Any) -> Fault:
    """The fault that a control request asks for. Raises ValueError in words."""
    if not isinstance(payload, dict) or payload.get("kind") not in KINDS:
        raise ValueError(f"kind must be one of: {', '.join(KINDS)}.")
    kind = payload["kind"]
    allowed = _MATCHING | KINDS[kind]
    unknown = sorted(set(payload) - allowed)
    if unknown:
        raise ValueError(f"{kind} does not take {unknown[0]!r}; it takes {', '.join(sorted(allowed))}.")
    if kind == "revoke_field" and not (payload.get("object") and payload.get("field")):
        raise ValueError("revoke_field needs object and field.")
    if payload.get("status", 503) not in _STATUSES:
        raise ValueError("status must be 500, 502 or 503.")
    wanted: dict[str, Any] = {"times": None} if kind in _STATES or payload.get("for_good") else {}
    fault = Fault(**(wanted | payload))
    _check_number("times", fault.times, least=1, optional=True)
    _check_number("every", fault.every, least=1)
    _check_number("ms", fault.ms, least=0)
    return fault


def _check_number(name: str, value: Any, *, least: int, optional: bool = False) -> None:
    if not (isinstance(value, int | float) and value >= least) and not (optional and value is None):
        until = ", or null for 'until cleared'" if optional else ""
        raise ValueError(f"{name} must be a number of at least {least}{until}.")


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

    def clear(self) -> None:
        """Heal everything."""
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        """Those still in force."""
        with self._lock:
            return [fault.shown() for fault in self._faults]

    def strike(self, kind: str, request: Asked) -> Fault | None:
        """The fault of that kind that hits this request, counted down; None mostly."""
        if not self._faults:
            return None
        with self._lock:
            fault = next((f for f in self._faults if f.kind == kind and f.matches(request)), None)
            if fault is not None and fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    self._faults.remove(fault)
            return fault

    def row_failure(self, request: Asked) -> RowFailure | None:
        """What decides which rows of this request fail; None where none does."""
        for kind in ("lock_row", "partial"):
            fault = self.strike(kind, request)
            if fault is not None:
                return _failing(fault)
        return None

    @property
    def revoked(self) -> frozenset[str]:
        """Lower-case `object.field` that nobody but the administrator may see."""
        with self._lock:
            return frozenset(f"{f.object}.{f.field}".lower() for f in self._faults if f.kind == "revoke_field")


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
