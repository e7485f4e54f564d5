"""What every action of the account stands on: the clock, ids, edits that know what changed, and events.

Stripe keeps, for older API versions, links that today's objects no longer show (which charge paid an invoice, say).
They live under `LINKS` inside the stored object, so that both shapes are pure renderings of one snapshot (shapes.py).
"""

import functools
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from connector.local.stripe.refusal import Json, missing
from connector.local.stripe.store import Query, Store

API_VERSION = "2026-10-28.endive"
LINKS = "_links"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WITH_PREVIOUS = (".updated", "charge.refunded")

Clock = Callable[[], float]
F = TypeVar("F", bound=Callable[..., Any])

ACTIONS: dict[str, Callable[..., Any]] = {}
"""Every action by name, for whoever drives the account from outside."""


@dataclass(frozen=True)
class Request:
    """The API request that caused an event; both None when it was not one."""

    id: str | None = None
    idempotency_key: str | None = None


class TodayClock:
    """The wall clock, moved to the day that a JSON file `{"today": "YYYY-MM-DD" | null}` names, while it names one."""

    def __init__(self, today_file: Path | None) -> None:
        self._file = today_file
        self._read: tuple[int, date | None] = (0, None)

    def __call__(self) -> float:
        """Seconds since the epoch."""
        today = self._today()
        if today is None:
            return time.time()
        return datetime.combine(today, datetime.now(UTC).time(), UTC).timestamp()

    def _today(self) -> date | None:
        if self._file is None or not self._file.exists():
            return None
        modified = self._file.stat().st_mtime_ns
        if modified != self._read[0]:
            text = self._file.read_text()
            if text:  # empty: just being written, the day before holds until the next look
                named = json.loads(text).get("today")
                self._read = (modified, date.fromisoformat(named) if named else None)
        return self._read[1]


class Book:
    """One account's objects and events. Subclasses add the actions; each runs in one `transaction`."""

    def __init__(
        self,
        store: Store | None = None,
        *,
        clock: Clock = time.time,
        seed: int = 0,
        account: str | None = None,
        api_version: str = API_VERSION,
    ) -> None:
        self.store = store or Store()
        self.clock = clock
        self.account = account
        self.api_version = api_version
        self.pending_webhooks = 0
        self._seed = seed
        self._request = Request()
        self._depth = 0
        self._outbox: list[Json] = []

    @property
    def now(self) -> int:
        """World time in whole seconds, as Stripe stamps everything."""
        return int(self.clock())

    @contextmanager
    def transaction(self, request: Request | None = None) -> Iterator[list[Json]]:
        """Run actions atomically; the list handed out fills with their events once they are committed."""
        emitted: list[Json] = []
        with self.store.transaction():
            if self._depth == 0:
                self._outbox, self._request = [], request or Request()
            self._depth += 1
            try:
                yield emitted
            finally:
                self._depth -= 1
            if self._depth == 0:
                emitted.extend(self._outbox)

    def new_id(self, prefix: str) -> str:
        """The next id of its kind, the same ones for the same seed."""
        number = self.store.count(f"id:{prefix}")
        seed = f"{self._seed}:{self.account}:{prefix}:{number}".encode()
        value = int.from_bytes(hashlib.blake2b(seed, digest_size=18).digest())
        digits = ""
        for _ in range(24):
            value, digit = divmod(value, 62)
            digits += _BASE62[digit]
        return f"{prefix}_{digits}"

    def get(self, kind: str, object_id: str) -> Json:
        """A copy of the object as it is now. Refuses what never was, was deleted, or is of another kind."""
        found = self.store.get(object_id)
        if found is None or found["object"] != kind or found.get("deleted"):
            raise missing(kind, object_id)
        return found

    def find(self, kind: str, **match: str) -> list[Json]:
        """All objects of a kind whose references match, newest first."""
        items, more = self.store.page(Query(kind, match=match, limit=1000))
        if more:
            raise OverflowError(f"more than 1000 objects of kind {kind} for {match}: use a page")
        return items

    @contextmanager
    def edit(self, kind: str, object_id: str, *events: str) -> Iterator[Json]:
        """Change the yielded object in place; it is stored, and `events` go out with what it was before."""
        row = self.get(kind, object_id)
        before = json.loads(json.dumps(row))
        yield row
        self.store.put(row)
        previous = difference(before, row)
        for event in events:
            if not event.endswith(_WITH_PREVIOUS):
                self.emit(event, row)
            elif any(key != LINKS for key in previous):  # Stripe says nothing when nothing changed
                self.emit(event, row, previous)

    def add(self, body: Json, *events: str) -> Json:
        """Store a new object and say so."""
        self.store.put(body)
        for event in events:
            self.emit(event, body)
        return body

    def emit(self, event_type: str, snapshot: Json, previous: Json | None = None) -> Json:
        """Record an event with the object as it is now; delivery is somebody else's."""
        event = self.event(event_type, snapshot, previous)
        self.store.put(event)
        # The snapshot is frozen here: actions go on changing the dictionary they hold.
        self._outbox.append(json.loads(json.dumps(event)))
        return event

    def event(self, event_type: str, snapshot: Json, previous: Json | None = None) -> Json:
        """An event that is not stored or sent yet."""
        data: Json = {"object": snapshot}
        if previous is not None:
            data["previous_attributes"] = previous
        event = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": self.api_version,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": self.pending_webhooks,
            "request": {"id": self._request.id, "idempotency_key": self._request.idempotency_key},
            "type": event_type,
        }
        if self.account:
            event["account"] = self.account
        return event


def action(method: F) -> F:
    """Make a method an action: known by name, and all of it happens or none."""

    @functools.wraps(method)
    def run(book: "Book", /, *args: Any, **kwargs: Any) -> Any:
        with book.transaction():
            return method(book, *args, **kwargs)

    ACTIONS[method.__name__] = run
    return cast("F", run)


def difference(before: Json, after: Json) -> Json:
    """What `previous_attributes` says: the old value of each changed key, descending into objects, not into lists."""
    changed: Json = {}
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        both = isinstance(old, dict) and isinstance(new, dict)
        changed[key] = difference(old, new) if both else old  # type: ignore[arg-type]
    return changed
