"""What long work there is, by kind, and how a slice of it is done. Screens ask for it by `sync.db.work.ask`.

A slice goes on for some seconds, commits, and says where the next one goes on: so work outlives any process, and no
worker is held up by it.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

import structlog

from sync.bootstrap import Runtime
from sync.core.redact import redacted_text
from sync.db import work
from sync.db.work import Slice
from sync.failures import in_words

log = structlog.get_logger()

HOLD_S = 120.0  # so long a dead worker holds a piece of work up; longer than any slice takes
_LONGEST = 300  # characters of an error that are told
ERRANDS: dict[str, str] = {
    "backfill": "sync.admin.setup.work.backfill",
    "doctor": "sync.admin.setup.work.examine",
    "reconcile": "sync.admin.setup.work.reconcile",
    "rules": "sync.admin.rules.after.follow",
    "retry": "sync.admin.health.retrying.retry",
    "apply mapping": "sync.admin.mapping.applying.apply",
    "look at links": "sync.admin.matching.planned.look",
    "change links": "sync.admin.matching.planned.carry_out",
}  # kind of work → dotted name of its Errand


class Errand(Protocol):
    """Does a slice of one kind of work.

    `place` is what the slice before left (None for the first); `proceed` says when it is time to end; `note` tells
    progress meanwhile (done, words). May be repeated after a kill, so it must do no harm twice.
    """

    def __call__(
        self,
        run: Runtime,
        argument: dict[str, Any],
        place: Any,
        proceed: Callable[[], bool],
        note: Callable[[int, str], None],
    ) -> Slice:
        """Do it. Exceptions that a person can mend are told in their words; the slice is tried again later."""


class StoppedError(Exception):
    """Somebody has stopped the work."""


def do_slice(run: Runtime, proceed: Callable[[], bool]) -> bool:
    """Do a slice of whatever waits longest. False if nothing waits."""
    with run.engine.begin() as conn:
        item = work.claim(conn, HOLD_S)
    if item is None:
        return False

    def note(done: int, told: str) -> None:
        with run.engine.begin() as conn:
            if not work.note(conn, item.id, done, told):
                raise StoppedError

    try:
        module, _, name = ERRANDS[item.kind].rpartition(".")
        errand: Errand = getattr(import_module(module), name)
        done = errand(run, item.argument, item.place, proceed, note)
    except StoppedError:
        log.info("work stopped", work=item.id, kind=item.kind)
    except Exception as error:  # noqa: BLE001 - whatever it was, the work says so and is tried again
        _failed(run, item, error)
    else:
        with run.engine.begin() as conn:
            work.advanced(conn, item.id, done)
    return True


def _failed(run: Runtime, item: Any, error: Exception) -> None:
    words = in_words(error)
    if words is None:
        log.error("work failed", work=item.id, kind=item.kind, exc_info=error)
    with run.engine.begin() as conn:
        why = redacted_text(words or f"{_gist(error)}: report this, it is an error of Dueline's own")
        work.failed(conn, item.id, item.attempts, why, final=isinstance(error, KeyError | NotImplementedError))


def _gist(error: Exception) -> str:
    """What it is, in one line: a database's errors go on with the statement and its values, which are for the log."""
    first = str(error).partition("\n")[0][:_LONGEST]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
