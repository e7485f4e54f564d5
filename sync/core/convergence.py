"""Which snapshot of a provider's object may replace the one we hold.

Providers duplicate and reorder events, and their times are whole seconds, so "newer wins" and "always fetch again"
both end with a paid invoice shown open. The rule here, per object, ends in the provider's final state and never shows
one older than it has shown; tests/unit/core/test_convergence.py proves it over random histories, beside the others:

- an event of a second before `stamp` changes nothing; one after both `stamp` and `read_until` is applied;
- otherwise (same second, or inside the window of a fetch) the object is fetched again if its facts differ;
- a fetch counts only if nothing changed the object meanwhile; it is then true as of the provider's `Date` header
  less the time the answer took, and may already include anything up to that header's second and one more;
- where nothing can be fetched, a tie goes to the further state and is marked for reconciliation.

Settled facts (paid, void, deleted) are not undone by a payload: the provider is asked first.
"""

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from math import floor

from sync.core.facts import Facts


class Outcome(StrEnum):
    """What an observation led to; stored with the event, so that a person can see why."""

    APPLIED = "applied"
    OLDER = "older than what is known"
    SAME = "says what is known"
    FETCH = "fetch again"
    FURTHER = "tie: further state kept"


@dataclass(frozen=True, slots=True)
class Known:
    """What we hold of one object. `stamp`, `read_until`: provider seconds; `version` counts changes of any kind.

    `candidate` waits for the answer of a fetch; `wanted` counts requests to fetch; `doubtful` asks reconciliation
    to look at this object.
    """

    facts: Facts | None = None
    stamp: int = -1
    read_until: int = -1
    version: int = 0
    candidate: Facts | None = None
    wanted: bool = False
    doubtful: bool = False


def on_event(known: Known, facts: Facts, created: int, *, can_fetch: bool) -> tuple[Known, Outcome]:
    """A webhook with a snapshot taken at second `created` has arrived."""
    facts = facts.over(known.facts)
    if created < known.stamp:
        return known, Outcome.OLDER
    if created > known.stamp and created > known.read_until and not _unsettles(known.facts, facts):
        return _applied(known, facts, created), Outcome.APPLIED
    if facts == known.facts:
        return _repeated(known), Outcome.SAME
    if can_fetch:
        return _asked(known, facts), Outcome.FETCH
    return _tie(known, facts), Outcome.FURTHER


def on_fetch(known: Known, facts: Facts, *, version: int, date: int, elapsed: float) -> tuple[Known, Outcome]:
    """A fetch came back. `version` was read when it began; `date` is the answer's Date header; `elapsed` seconds."""
    if known.version != version:
        return replace(known, wanted=True), Outcome.FETCH
    facts = facts.over(known.facts)
    stamp = max(known.stamp, floor(date - elapsed))
    settled = replace(known, wanted=False, doubtful=False)
    return replace(_applied(settled, facts, stamp), read_until=max(known.read_until, date + 1)), Outcome.APPLIED


def on_read(known: Known, facts: Facts, *, date: int, elapsed: float, can_fetch: bool) -> tuple[Known, Outcome]:
    """A snapshot was read without watching the object meanwhile: in a list, or embedded in another's answer.

    It includes everything up to the second the request began, and perhaps anything up to the answer's; so it counts
    as an event of the former, and opens a window up to the latter.
    """
    seen, outcome = on_event(known, facts, floor(date - elapsed), can_fetch=can_fetch)
    if outcome is Outcome.APPLIED:
        seen = replace(seen, read_until=max(seen.read_until, date + 1))
    if outcome in {Outcome.APPLIED, Outcome.SAME}:
        seen = replace(seen, doubtful=False)
    return seen, outcome


def on_unfetchable(known: Known) -> tuple[Known, Outcome]:
    """The fetch cannot be done (gone, no key): what waited for it is decided without it."""
    if known.candidate is None:
        return replace(known, wanted=False, doubtful=known.facts is None or not known.facts.gone), Outcome.SAME
    return _tie(replace(known, candidate=None, wanted=False), known.candidate), Outcome.FURTHER


def further(left: Facts, right: Facts) -> Facts:
    """The later of two snapshots that time cannot tell apart; the same one whatever order they came in."""
    return max(left, right, key=lambda facts: (facts.progress, json.dumps(facts.pack(), sort_keys=True)))


def _applied(known: Known, facts: Facts, stamp: int) -> Known:
    """A candidate is of an earlier second than what is applied: a fetch that fails must not bring it back."""
    return replace(known, facts=facts, stamp=stamp, version=known.version + 1, candidate=None)


def _repeated(known: Known) -> Known:
    """What came back to what we know may have done so after a fetch in flight read it: that fetch is repeated."""
    return replace(known, version=known.version + 1) if known.wanted else known


def _asked(known: Known, facts: Facts) -> Known:
    """A request to fetch changes the version, so that a fetch already in flight is repeated."""
    candidate = facts if known.candidate is None else further(known.candidate, facts)
    return replace(known, candidate=candidate, wanted=True, version=known.version + 1)


def _tie(known: Known, facts: Facts) -> Known:
    kept = facts if known.facts is None else further(known.facts, facts)
    return replace(known, facts=kept, doubtful=not kept.gone, version=known.version + 1)


def _unsettles(old: Facts | None, new: Facts) -> bool:
    return old is not None and old.settled and new.progress < old.progress
