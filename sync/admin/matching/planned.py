"""Plans of many decisions, as long work: looking at their lines, and doing them."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from sync.admin.gate import who
from sync.bootstrap import Runtime
from sync.core.words import counted
from sync.db import plans, work
from sync.db.work import Slice
from sync.pipeline import link_plan
from sync.pipeline.link import Decider

LOOK, CHANGE = "look at links", "change links"  # kinds of work
_TELL_EVERY_S = 1.0

Note = Callable[[int, str], None]


def begin(conn: Connection, plan: int, *, moves: bool) -> bool:
    """Have a plan done, as whoever calls. False if that was asked for already."""
    if not plans.begin(conn, plan, moves=moves):
        return False
    person = who()
    argument = {"plan": plan, "by": person.name, "subject": person.subject}
    plans.applied_by(conn, plan, work.ask(conn, CHANGE, argument, person.name))
    return True


def look(run: Runtime, argument: dict[str, Any], place: Any, proceed: Callable[[], bool], note: Note) -> Slice:  # noqa: ARG001 - its lines say how far it is
    """Look at the lines of a file."""
    plan = argument["plan"]
    finished = link_plan.look(run.engine, run.require_org, plan, proceed)
    with run.engine.connect() as conn:
        found = plans.sums(conn, plan)
    looked = found.total - found.unjudged
    return Slice(None, looked, found.total, "lines looked at", finished)


def carry_out(run: Runtime, argument: dict[str, Any], place: Any, proceed: Callable[[], bool], note: Note) -> Slice:
    """Do the lines of a plan."""
    with run.engine.connect() as conn:
        plan = plans.get(conn, argument["plan"])
    if plan is None:
        return Slice(None, 0, None, "it was forgotten: load the file again", finished=True)
    by = Decider(argument["by"], argument["subject"])
    going = _telling(run, plan.id, proceed, note)
    after, finished = link_plan.carry_out(run.engine, run.require_org, plan, by, place or 0, going)
    for queue in ("salesforce", "crm"):
        run.bell.ring(queue)
    done, total, told = _progress(run, plan.id)
    return Slice(after, done, total, told, finished)


def _telling(run: Runtime, plan: int, proceed: Callable[[], bool], note: Note) -> Callable[[], bool]:
    """`proceed`, which also tells how far it is, and so hears if somebody has stopped it."""
    last = time.monotonic()

    def going() -> bool:
        nonlocal last
        if time.monotonic() - last > _TELL_EVERY_S:
            done, _, told = _progress(run, plan)
            note(done, told)
            last = time.monotonic()
        return proceed()

    return going


def _progress(run: Runtime, plan: int) -> tuple[int, int, str]:
    with run.engine.connect() as conn:
        found = plans.sums(conn, plan)
    left = f", {found.left_out:,} left out" if found.left_out else ""
    return found.done + found.left_out, found.to_do, f"{counted(found.done, 'customer')} changed{left}"
