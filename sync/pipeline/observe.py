"""Every snapshot of a provider's object, however it came, passes here: judged, stored, posted, in one transaction."""

from collections.abc import Callable, Mapping, Sequence
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


def observe(conn: Connection, seen: Sequence[Seen], judge: Judge, context: Posting, *, can_fetch: bool) -> Observed:
    """Judge each snapshot of a payload under its row's lock, and post what changed."""
    return observe_all(conn, [seen], judge, context, can_fetch=can_fetch)[0]


def observe_all(
    conn: Connection, payloads: Sequence[Sequence[Seen]], judge: Judge, context: Posting, *, can_fetch: bool
) -> list[Observed]:
    """The same for many payloads at once: what they have in common is read, moved and marked once."""
    snapshots = [item for seen in payloads for item in seen]
    states = objects.lock(conn, snapshots, context.scope)
    before = dict(states)
    changed: dict[str, Known] = {}
    outcomes: dict[str, Outcome] = {}
    for item in snapshots:
        key = item.facts.key
        state, outcomes[key] = judge(states[key], item.facts)
        if state != states[key]:
            states[key] = changed[key] = state
    objects.save(conn, changed)
    fetches = _ask_for_fetches(conn, before, changed, context, can_fetch=can_fetch)
    units: set[Unit] = set()
    for key, state in changed.items():
        if state.facts != before[key].facts:
            units |= touched_by(before[key].facts) | touched_by(state.facts)
    if units:
        post(conn, units, context)
    firsts = [seen[0].facts for seen in payloads]
    return [
        Observed(outcomes[facts.key], before[facts.key].facts is None, before[facts.key].facts != facts, fetches)
        for facts in firsts
    ]


def _ask_for_fetches(
    conn: Connection, before: Mapping[str, Known], changed: Mapping[str, Known], context: Posting, *, can_fetch: bool
) -> int:
    """Have fetched what the rule wants fetched; what new facts refer to and was never seen; and the invoices that
    credit notes change. Returns how many.
    """
    wanted = {key for key, state in changed.items() if state.wanted and not before[key].wanted}
    parents: set[tuple[str, str, str]] = set()
    asked = 0
    for key, state in sorted(changed.items()):
        if not can_fetch or state.facts is None or state.facts == before[key].facts:
            continue
        parents |= parents_of(state.facts)
        if isinstance(state.facts, CreditNoteFacts) and objects.older_than(conn, state.facts.invoice, state.stamp):
            wanted.add(state.facts.invoice)
    asked += objects.want_missing(conn, parents, context.scope, context.asker)
    for key in sorted(wanted):
        objects.want(conn, key, context.asker)
    return asked + len(wanted)
