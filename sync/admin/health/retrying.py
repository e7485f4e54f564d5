"""The errand behind “Try all again”: has parked things tried again, and watches until each has been."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sync.bootstrap import Runtime
from sync.db import unpark
from sync.db.work import Slice

_LOOK_EVERY_S = 1.0
_LONGEST = timedelta(minutes=15)  # then the rest is left to go on by itself


def retry(
    run: Runtime,
    argument: dict[str, Any],
    place: Any,
    proceed: Callable[[], bool],  # noqa: ARG001 - a slice is one look
    note: Callable[[int, str], None],  # noqa: ARG001 - and tells at its end
) -> Slice:
    """Try everything of `argument["cause"]` again (None: of all causes). A slice is one look at how far that is."""
    cause = argument["cause"]
    if place is None:
        with run.engine.begin() as conn:
            total, began = unpark.retry(conn, cause)
        for queue in unpark.QUEUES:
            run.bell.ring(queue)
        place = {"began": began.isoformat(), "total": total}
    began = datetime.fromisoformat(place["began"])
    with run.engine.connect() as conn:
        found = unpark.progress(conn, cause, began)
    late = datetime.now(began.tzinfo) - began > _LONGEST
    done = max(0, place["total"] - found.untried)
    finished = found.untried == 0 or late
    return Slice(place, done, place["total"], _words(found, done), finished, wait_s=_LOOK_EVERY_S)


def _words(found: unpark.Progress, tried: int) -> str:
    if found.untried:
        return f"tried; {found.untried:,} wait for their turn, {found.refused:,} were refused again."
    if not found.refused:
        return "were tried again, and all of them went through."
    return f"were tried again: {max(0, tried - found.refused):,} went through, {found.refused:,} are refused still."
