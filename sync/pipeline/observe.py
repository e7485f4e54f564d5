"""Every snapshot of a provider's object, however it came, passes here: judged, stored, posted, in one transaction."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from sync.core.convergence import Known, Outcome
from sync.core.facts import CreditNoteFacts, Facts
from sync.core.ledger import Unit, parents_of, touched_by
from sync.core.mapping import Seen
from sync.db import objects
from sync.pipeline.post import Posting, post

Judge = Callable[[Known, Facts], tuple[Known, Outcome]]


@dataclass(frozen=True, slots=True)
class Observed:
    """What became of the snapshots of one payload: the outcome of the first, and how its facts compared before."""

    outcome: Outcome
    was_missing: bool
    differed: bool
    fetches: int


def observe(conn: Connection, seen: Iterable[Seen], judge: Judge, context: Posting, *, can_fetch: bool) -> Observed:
    """Judge each snapshot under its row's lock, and post what changed."""
    outcomes: dict[str, Outcome] = {}
    before: dict[str, Facts | None] = {}
    units: set[Unit] = set()
    fetches = 0
    first, *_ = snapshots = list(seen)
    for item in sorted(snapshots, key=lambda item: item.facts.key):  # one order for all, so that no two wait in a ring
        known = objects.lock(conn, item, context.scope)
        before[item.facts.key] = known.facts
        state, outcomes[item.facts.key] = judge(known, item.facts)
        if state != known:
            objects.save(conn, item.facts.key, state)
            if state.wanted and not known.wanted:
                objects.want(conn, item.facts.key, context.asker)
                fetches += 1
        if state.facts != known.facts:
            units |= touched_by(known.facts) | touched_by(state.facts)
            if can_fetch:
                fetches += _ask_for_related(conn, item.facts, state, context)
    if units:
        post(conn, units, context)
    old = before[first.facts.key]
    return Observed(outcomes[first.facts.key], old is None, old != first.facts, fetches)


def _ask_for_related(conn: Connection, facts: Facts, state: Known, context: Posting) -> int:
    """Have fetched what these facts refer to and was never seen, and the invoice that a credit note changes."""
    asked = objects.want_missing(conn, parents_of(facts), context.scope, context.asker)
    if isinstance(facts, CreditNoteFacts) and objects.older_than(conn, facts.invoice, state.stamp):
        objects.want(conn, facts.invoice, context.asker)
        asked += 1
    return asked
