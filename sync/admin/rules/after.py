"""What follows from changed rules: figures derived again, accounts looked at again, records written again.

A process goes on with the rules as they were until its next job begins. So what follows is done once none does any
more; what the old ones still decided meanwhile is then decided again.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, replace
from enum import StrEnum
from typing import Any

from sync.admin import audit
from sync.admin.gate import connection, run, who
from sync.bootstrap import Runtime
from sync.core.budget import Priority
from sync.db import config, derived, reviews, work
from sync.db.config import Version
from sync.db.work import Slice
from sync.effective import RULES
from sync.pipeline.changes import Posting
from sync.pipeline.rederive import CUSTOMERS, LEDGER, Place, derive_again, review_again, write_again

FOLLOW = "rules"  # the kind of work
SETTLE_S = 25.0  # longer than any job goes on (sync.jobs.JOB_S), its last step included
_PAUSE_S = 0.5


class Step(StrEnum):
    """Something that follows, in the order in which it is done."""

    DERIVE = "derive"
    CUSTOMERS = "customers"
    LOOK_UP = "look up"
    WRITE = "write"
    REVIEW = "review"


STEPS: Mapping[str, tuple[Step, ...]] = {
    "time_zone": (Step.DERIVE, Step.REVIEW),
    "closed_days": (Step.DERIVE,),
    "org_currency": (Step.WRITE,),
    "exchange_rates": (Step.WRITE,),
    "grace_days": (Step.REVIEW,),
    "commitment_grace_days": (Step.REVIEW,),
    "follow_up_days": (Step.REVIEW,),
    "dispute_sla_days": (Step.REVIEW,),
    "account_metadata_key": (Step.CUSTOMERS,),
    "account_billing_field": (Step.LOOK_UP,),
}
_WORDS = {
    Step.DERIVE: "deriving the ledger again",
    Step.CUSTOMERS: "reading the customers again",
    Step.LOOK_UP: "accounts are looked up again",
    Step.WRITE: "going through the records in Salesforce",
    Step.REVIEW: "every account is looked at again",
}


def steps_of(changed: Collection[str]) -> list[Step]:
    """What follows when these rules change."""
    wanted = {step for name in changed for step in STEPS.get(name, ())}
    return [step for step in Step if step in wanted]


def save(
    rules: Mapping[str, Any], *, note: str | None = None, undoes: int | None = None, based_on: int | None = None
) -> Version:
    """Save the rules in the caller's name, and ask for what follows. Raises StaleError."""
    with connection() as conn:
        config.lock(conn, RULES)
        held = config.current(conn, RULES)
        before = dict(held.value) if held else {}
        made = config.add(conn, RULES, dict(rules), who().name, note=note, undoes=undoes, based_on=based_on)
        changed = {name for name in {*before, *rules} if before.get(name) != rules.get(name)}
        told = [{name: value[name] for name in sorted(changed) if name in value} for value in (before, rules)]
        audit.note(conn, "saved rules", ", ".join(sorted(changed)).replace("_", " "), before=told[0], after=told[1])
        steps = steps_of(changed)
        if Step.REVIEW in steps:
            reviews.want_all(conn)  # so that it is seen soon; once everybody has the new rules, they are asked again
        if steps:
            work.ask(conn, FOLLOW, {"version": made.id, "steps": steps}, who().name)
    run().bell.ring("work")
    run().bell.ring("crm")
    return made


def follow(
    run_: Runtime,
    argument: dict[str, Any],
    place: Any,
    proceed: Callable[[], bool],
    note: Callable[[int, str], None],  # noqa: ARG001 - a slice is short, and tells at its end
) -> Slice:
    """Do what follows from one version of the rules. `place`: when to begin, the step, and where that stands."""
    steps = [Step(name) for name in argument["steps"]]
    here = place or {"from": time.time() + SETTLE_S, "step": 0, "at": None}
    if time.time() < here["from"]:
        while proceed() and time.time() < here["from"]:
            time.sleep(_PAUSE_S)
        return Slice(here, 0, None, "waiting until every process has the new rules", finished=False)
    at = Place(**(here["at"] or {}))
    if _do(run_, steps[here["step"]], at, proceed):
        here = {**here, "step": here["step"] + 1, "at": asdict(Place(done=at.done))}
    else:
        here = {**here, "at": asdict(at)}
    over = here["step"] >= len(steps)
    told = "everything follows the new rules" if over else _WORDS[steps[here["step"]]]
    return Slice(here, at.done, _total(run_, steps), told, finished=over)


def _do(run_: Runtime, step: Step, at: Place, proceed: Callable[[], bool]) -> bool:
    """Go on with a step. Whether it is over."""
    match step:
        case Step.DERIVE:
            over = derive_again(run_.engine, _context(run_), LEDGER, at, proceed)
        case Step.CUSTOMERS:
            over = derive_again(run_.engine, _context(run_), CUSTOMERS, at, proceed)
        case Step.WRITE:
            over = write_again(run_.engine, at, proceed)
        case Step.LOOK_UP:
            with run_.engine.begin() as conn:
                over = derived.look_up_again(conn) >= 0
        case Step.REVIEW:
            over = review_again(run_.engine) >= 0
            run_.bell.ring("crm")
    run_.bell.ring("salesforce")
    return over


def _context(run_: Runtime) -> Callable[[str, str], Posting]:
    return lambda scope, provider: replace(run_.ingest.posting(scope, provider), urgency=Priority.BACKGROUND)


def _total(run_: Runtime, steps: Collection[str]) -> int:
    with run_.engine.connect() as conn:
        ledger = derived.count(conn, LEDGER) if Step.DERIVE in steps else 0
        customers = derived.count(conn, CUSTOMERS) if Step.CUSTOMERS in steps else 0
        return ledger + customers + (derived.count_records(conn) if Step.WRITE in steps else 0)
