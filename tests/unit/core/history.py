"""A simulated provider: one object changes, its events arrive late, twice and in any order, and reading takes time.

A history is data, so that a failing one shrinks and can be read. Times are seconds as floats; what the receiver gets
of them is what Stripe gives it: whole seconds, rounded down.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, count, product
from math import floor
from typing import Any

from hypothesis import strategies as st

from sync.core.convergence import Known, on_event, on_fetch, on_read
from sync.core.facts import InvoiceFacts, InvoiceStatus
from tests.unit.core.made import invoice

GAPS = (0.0001, 0.05, 0.3, 0.9, 1.5, 4.0)
TAKES = (0.02, 0.3, 2.0, 6.0)
DELAYS = (0.001, 0.01, 0.03, 0.06, 0.1, 0.2, 0.3, 0.45, 0.7, 1.0, 1.3, 2.1, 3.4, 5.5, 9.1, 20.0)


def palette() -> list[InvoiceFacts]:
    """States that an invoice may be in, in no particular order of progress."""
    states = [invoice(status=InvoiceStatus.DRAFT)]
    states += [invoice(paid=paid) for paid in (0, 2_500, 5_000)]
    states += [invoice(credited=1_000), invoice(status=InvoiceStatus.WRITTEN_OFF)]
    states += [invoice(status=InvoiceStatus.PAID, paid=10_000), invoice(status=InvoiceStatus.VOID, remaining=0)]
    return states


STATES = palette()


@dataclass(frozen=True)
class Change:
    """The object enters `state`, `after` seconds from the change before; its event arrives with each of `delays`."""

    after: float
    state: int
    delays: tuple[float, ...]


@dataclass(frozen=True)
class Look:
    """A request takes `takes` seconds; the provider reads after `read` of them (0 to 1) and dates its answer later."""

    takes: float
    read: float
    dated: float


@dataclass(frozen=True)
class History:
    """What happens to one object, how fetches behave (in turn, over and over), and lists read at moments of their own.

    `start`: the fraction of a second at which the first change happens.
    """

    start: float
    changes: tuple[Change, ...]
    fetches: tuple[Look, ...]
    lists: tuple[tuple[float, Look], ...] = ()

    @cached_property
    def times(self) -> list[float]:
        """When each change happens."""
        return [self.start + at for at in accumulate(change.after for change in self.changes)]

    @cached_property
    def states(self) -> list[InvoiceFacts]:
        """What each change leads to."""
        return [STATES[change.state] for change in self.changes]


# Each choice is one draw from a table of whole combinations: ten thousand histories must not take minutes.
_DELAYS = [(delay,) for delay in DELAYS] * len(DELAYS) + list(product(DELAYS, repeat=2))  # half of them come twice
_LOOKS = [Look(takes, read / 10, dated / 10) for takes in TAKES for read in range(11) for dated in range(11)]


def histories(*, lists: int = 0) -> st.SearchStrategy[History]:
    """Any history: states in any order, coming back too, several in one second; up to `lists` lists read in between."""
    moves = [(after, state) for after in GAPS for state in range(len(STATES))]
    change = st.tuples(st.sampled_from(moves), st.sampled_from(_DELAYS)).map(lambda drawn: Change(*drawn[0], drawn[1]))
    read = st.tuples(st.sampled_from([tenth / 10 for tenth in range(200)]), st.sampled_from(_LOOKS))
    return st.builds(
        History,
        start=st.sampled_from([tenth / 10 for tenth in range(10)]),
        changes=st.lists(change, min_size=2, max_size=6).map(tuple),
        fetches=st.lists(st.sampled_from(_LOOKS), min_size=1, max_size=3).map(tuple),
        lists=st.lists(read, max_size=lists).map(tuple) if lists else st.just(()),
    )


@dataclass
class Provider:
    """Plays a history to a receiver: a clock, a queue of things to come, and the truth."""

    history: History
    now: float = 0.0
    _queue: list[Any] = field(default_factory=list)
    _order: Any = field(default_factory=count)
    _looks: int = 0

    def at(self, moment: float, call: Callable[..., None], *args: Any) -> None:
        """Have something happen."""
        heapq.heappush(self._queue, (moment, next(self._order), call, args))

    def run(self) -> None:
        """Until nothing is left to happen."""
        while self._queue:
            self.now, _, call, args = heapq.heappop(self._queue)
            call(*args)

    def truth(self, moment: float) -> InvoiceFacts | None:
        """What the object is at that moment."""
        past = [state for time, state in zip(self.history.times, self.history.states, strict=True) if time <= moment]
        return past[-1] if past else None

    def deliver(self, receive: Callable[[InvoiceFacts, int], None]) -> None:
        """Queue all events, as often and as late as the history has them."""
        for change, time, state in zip(self.history.changes, self.history.times, self.history.states, strict=True):
            for delay in change.delays:
                self.at(time + delay, receive, state, floor(time))

    def answer(self, done: Callable[..., None], *args: Any) -> None:
        """Start a fetch: `done(facts, date, elapsed, *args)` is called when its answer is here."""
        look = self.history.fetches[self._looks % len(self.history.fetches)]
        self._looks += 1
        self.look(look, done, *args)

    def look(self, look: Look, done: Callable[..., None], *args: Any) -> None:
        """Start a request of this kind."""
        read = self.now + look.takes * look.read
        dated = read + (self.now + look.takes - read) * look.dated
        self.at(self.now + look.takes, self._answered, done, read, floor(dated), look.takes, args)

    def _answered(self, done: Callable[..., None], read: float, date: int, elapsed: float, args: Any) -> None:
        facts = self.truth(read)
        if facts is not None:
            done(facts, date, elapsed, *args)


@dataclass
class Ours:
    """A receiver that follows sync.core.convergence, with one fetch in flight at a time, as the pipeline does."""

    provider: Provider
    known: Known = field(default_factory=Known)
    shown: list[InvoiceFacts] = field(default_factory=list)
    fetches: int = 0
    _fetching: bool = False

    def event(self, facts: InvoiceFacts, created: int) -> None:
        """A webhook."""
        self._become(on_event(self.known, facts, created, can_fetch=True)[0])

    def listed(self, look: Look) -> None:
        """Begin to read a list."""
        self.provider.look(look, self._read)

    def _read(self, facts: InvoiceFacts, date: int, elapsed: float) -> None:
        self._become(on_read(self.known, facts, date=date, elapsed=elapsed, can_fetch=True)[0])

    def _fetched(self, facts: InvoiceFacts, date: int, elapsed: float, version: int) -> None:
        self._fetching = False
        self._become(on_fetch(self.known, facts, version=version, date=date, elapsed=elapsed)[0])

    def _become(self, known: Known) -> None:
        if known.facts != self.known.facts:
            self.shown.append(known.facts)
        self.known = known
        if known.wanted and not self._fetching:
            self._fetching = True
            self.fetches += 1
            self.provider.answer(self._fetched, known.version)


@dataclass
class Peer:
    """A receiver that follows one of the rules other sync engines have."""

    provider: Provider
    rule: str
    facts: InvoiceFacts | None = None
    stamp: int = -1
    shown: list[InvoiceFacts] = field(default_factory=list)

    def event(self, facts: InvoiceFacts, created: int) -> None:
        """A webhook."""
        if self.rule == "always fetch":
            self.provider.answer(self._fetched)
        elif created > self.stamp or (self.rule == "newer or equal" and created == self.stamp):
            self._show(facts)
            self.stamp = created

    def _fetched(self, facts: InvoiceFacts, _date: int, _elapsed: float) -> None:
        self._show(facts)

    def _show(self, facts: InvoiceFacts) -> None:
        self.facts = facts
        self.shown.append(facts)


def play(history: History) -> Ours:
    """Our receiver after the whole history."""
    provider = Provider(history)
    ours = Ours(provider)
    provider.deliver(ours.event)
    for moment, look in history.lists:
        provider.at(moment, ours.listed, look)
    provider.run()
    return ours


def play_peer(history: History, rule: str) -> Peer:
    """Another engine's receiver after the whole history."""
    provider = Provider(history)
    peer = Peer(provider, rule)
    provider.deliver(peer.event)
    provider.run()
    return peer


def forwards(shown: Sequence[InvoiceFacts], states: Sequence[InvoiceFacts]) -> bool:
    """Whether what was shown can be read along the history without ever stepping back."""
    place = 0
    for facts in shown:
        while place < len(states) and states[place] != facts:
            place += 1
        if place == len(states):
            return False
    return True
