"""Every snapshot of a provider's object, however it came, passes here: judged, stored, posted, in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from sync.core.convergence import Known, Outcome
from sync.core.dunning import Dunning
from sync.core.facts import CreditNoteFacts, Facts
from sync.core.ledger import Unit, parents_of, touched_by
from sync.core.mapping import Seen
from sync.db import objects
from sync.db.objects import Asker
from sync.pipeline.changes import Posting
from sync.pipeline.post import post

Judge = Callable[[Known, Facts], tuple[Known, Outcome]]


@dataclass(frozen=True, slots=True)
class Payload:
    """The snapshots that came together, how they are judged, the event that they came with, and what that says was done
    to be paid.
    """

    seen: Sequence[Seen]
    judge: Judge
    asker: Asker = field(default_factory=Asker)
    dunning: Dunning | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What became of the snapshots of one payload: the outcome of the first, and how its facts compared before."""

    outcome: Outcome
    was_missing: bool
    differed: bool


@dataclass(slots=True)
class _Change:
    """An object that payloads have changed: as it was, as it is, and the events behind that."""

    before: Known
    now: Known
    asker: Asker


def observe(conn: Connection, payload: Payload, context: Posting, *, can_fetch: bool) -> tuple[Observed, int]:
    """Judge each snapshot of a payload under its row's lock, and post what changed. How many fetches that asks for."""
    found, fetches = observe_all(conn, [payload], context, can_fetch=can_fetch)
    return found[0], fetches


def observe_all(
    conn: Connection, payloads: Sequence[Payload], context: Posting, *, can_fetch: bool
) -> tuple[list[Observed], int]:
    """The same for many payloads at once, in their order: what they have in common is read, moved and marked once."""
    states = objects.lock(conn, [item for payload in payloads for item in payload.seen], context.scope)
    changes: dict[str, _Change] = {}
    observed = [_judge(payload, states, changes) for payload in payloads]
    objects.save(conn, {key: change.now for key, change in changes.items()})
    fetches = _ask_for_fetches(conn, changes, context, can_fetch=can_fetch)
    units: dict[Unit, Asker] = {}
    for change in changes.values():
        if change.now.facts != change.before.facts:
            for unit in touched_by(change.before.facts) | touched_by(change.now.facts):
                units[unit] = units.get(unit, change.asker).then(change.asker)
    dunned = [(payload.dunning, payload.asker) for payload in payloads if payload.dunning is not None]
    if units or dunned:
        post(conn, units, context, dunned)
    return observed, fetches


def _judge(payload: Payload, states: dict[str, Known], changes: dict[str, _Change]) -> Observed:
    """Judge the snapshots of one payload, upon what those before it have left."""
    found = []
    for item in payload.seen:
        key = item.facts.key
        before = states[key]
        state, outcome = payload.judge(before, item.facts)
        found.append(Observed(outcome, before.facts is None, before.facts != item.facts))
        if state != before:
            change = changes.setdefault(key, _Change(before, state, payload.asker))
            states[key] = change.now = state
            change.asker = change.asker.then(payload.asker)
    return found[0]


def _ask_for_fetches(conn: Connection, changes: Mapping[str, _Change], context: Posting, *, can_fetch: bool) -> int:
    """Have fetched what the rule wants fetched; what new facts refer to and was never seen; and the invoices that
    credit notes change. Returns how many.
    """
    wanted = {key: change.asker for key, change in changes.items() if change.now.wanted and not change.before.wanted}
    parents: dict[tuple[str, str, str], Asker] = {}
    for _, change in sorted(changes.items()):
        facts, stamp = change.now.facts, change.now.stamp
        if not can_fetch or facts is None or facts == change.before.facts:
            continue
        parents |= dict.fromkeys(parents_of(facts), change.asker)
        if isinstance(facts, CreditNoteFacts) and objects.older_than(conn, facts.invoice, stamp):
            wanted[facts.invoice] = change.asker
    asked = objects.want_missing(conn, parents, context.scope)
    for key, asker in sorted(wanted.items()):
        objects.want(conn, key, asker)
    return asked + len(wanted)
