"""Events that no webhook brought: the billing system's own list of events, read back to where it was read last.

What is not in the inbox is put there as if it had just been delivered, so an event that was never sent, or is sent a
week late, is processed once; the unique key makes the other copy a duplicate. The list is newest first. A walk that is
interrupted goes on where it was; only when it has come to its end does the mark move, and by the provider's clock, so
nothing in between is passed over. An hour of overlap covers events that enter the list late.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor
from typing import Any, Protocol

import structlog
from sqlalchemy import Engine

from sync.db import cursors, inbox
from sync.db.inbox import Envelope
from sync.pipeline.pages import BillingAwayError, Gait, Page, Pages, walk

log = structlog.get_logger()

OVERLAP_S = 3_600
KEPT_S = 30 * 86_400  # https://docs.stripe.com/api/events/list: "going back up to 30 days"
NOTE = {"Dueline-Source": "event list"}  # stands where a delivered event has its headers


class Outside(Protocol):
    """Reads the outside of an event, as receiving does."""

    def envelope(self, connection: str, body: bytes, headers: Mapping[str, str]) -> Envelope:
        """What can be read off the outside of an event."""


@dataclass(slots=True)
class CaughtUp:
    """What a run found, by connection: events looked at, those that were missing, and why it could not go on."""

    seen: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    stopped: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Place:
    """How far one connection's list is read. `until`: everything before that second, or None if it never was.

    While a walk is under way: the second it goes back to, the one it began at, and the event to go on after.
    """

    until: int | None = None
    since: int | None = None
    began: int | None = None
    after: str | None = None


def catch_up(
    engine: Engine,
    pages: Pages,
    connections: Mapping[str, str],
    outsides: Mapping[str, Outside],
    now: float,
    *,
    first_days: int = 30,
    proceed: Callable[[], bool] = lambda: True,
    gait: Gait | None = None,
) -> CaughtUp:
    """Add missing events of these connections (name → provider) to the inbox; `now` is in epoch seconds.

    A provider that does not answer ends its own walk, in order: the place is kept, and the next run goes on there.
    """
    done = CaughtUp()
    for connection, provider in sorted(connections.items()):
        feed = _Feed(engine, pages, connection, outsides[provider], gait or Gait(tries=1))
        try:
            feed.read(floor(now), first_days, proceed, done)
        except BillingAwayError as error:
            done.stopped[connection] = str(error)
            log.warning("event list not read to its end, tried again later", connection=connection, reason=str(error))
    return done


@dataclass(frozen=True, slots=True)
class _Feed:
    """The event list of one connection."""

    engine: Engine
    pages: Pages
    connection: str
    outside: Outside
    gait: Gait

    @property
    def _name(self) -> str:
        return f"events:{self.connection}"

    def read(self, now: int, first_days: int, proceed: Callable[[], bool], done: CaughtUp) -> None:
        """Go on with the walk that was interrupted, if there is one, then read what has come since."""
        with self.engine.connect() as conn:
            place = _Place(**(cursors.get(conn, self._name) or {}))
        if place.since is not None:
            place = self._walk(place, place.since, proceed, done)
            if place.since is not None:
                return
        oldest = now - min(first_days * 86_400, KEPT_S)
        if place.until is not None and place.until < now - KEPT_S:
            log.error("events lost", connection=self.connection, until=place.until, fix="run dueline reconcile")
        since = oldest if place.until is None else place.until - OVERLAP_S
        self._walk(_Place(place.until), max(since, now - KEPT_S), proceed, done)

    def _walk(self, place: _Place, since: int, proceed: Callable[[], bool], done: CaughtUp) -> _Place:
        """Read back to the second `since`, each page's end written down with what the page brought."""
        for page in self._pages(place.after, since):
            events = [event for event in page.items if event["created"] >= since]
            began = floor(page.date - page.elapsed) if place.began is None else place.began
            over = not page.has_more or len(events) < len(page.items)
            place = _Place(began) if over else _Place(place.until, since, began, page.last_id or place.after)
            self._take_in(events, place, done)
            if over or not proceed():
                break
        return place

    def _pages(self, after: str | None, since: int) -> Iterator[Page]:
        try:
            yield from walk(self.pages, self.connection, "event", after, since, self.gait)
        except BillingAwayError as error:
            if not error.place_gone:
                raise
            yield from walk(self.pages, self.connection, "event", None, since, self.gait)  # it is over thirty days old

    def _take_in(self, events: Sequence[dict[str, Any]], place: _Place, done: CaughtUp) -> None:
        items = [self.outside.envelope(self.connection, json.dumps(event).encode(), NOTE) for event in reversed(events)]
        with self.engine.begin() as conn:
            added = inbox.add_missing(conn, items)
            cursors.put(conn, self._name, {name: getattr(place, name) for name in _Place.__slots__})
        done.seen[self.connection] += len(events)
        done.added[self.connection] += added
        if added:
            log.info("events caught up", connection=self.connection, added=added, seen=len(events))
