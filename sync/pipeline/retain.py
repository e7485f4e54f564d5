"""What is not kept for ever: bodies of old webhooks here, closed rows in Salesforce. The ledger keeps everything.

Both go in small steps that remember how far they came, a bounded number a run, and one round a day. A row that leaves
Salesforce counts as never written, and rendering does not write what closed so long ago (sync.pipeline.render): so it
does not come back by itself, while a late refund, which is a row of its own and new, is shown, and an invoice that is
owed again is written anew. Removing asks for more than rendering does, so no row can go to and fro between them.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol

import structlog
from sqlalchemy import Engine

from sync.core.budget import Priority
from sync.core.dates import Calendar
from sync.db import cursors, kept, retention
from sync.db.retention import BodyPlace

log = structlog.get_logger()

BODIES = 1_000  # inbox rows a step
ROWS = 200  # rows of Salesforce a step: one call to find them, one to delete them
MOST_KEPT = 20_000  # inbox rows that are carried along because they may not go yet


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of one row: gone; it stays, and why; or nobody knows, because the answer was lost."""

    state: Literal["gone", "stays", "unknown"]
    reason: str = ""


class Remover(Protocol):
    """What retention asks of Salesforce."""

    def remove(self, kind: str, keys: Sequence[str]) -> dict[str, Removal]:
        """Take rows out by their keys. Never raises what Salesforce says."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept for how long: see the settings of the same names."""

    calendar: Calendar
    body_days: int
    closed_days: int
    request_lifetime_s: float
    rows_a_run: int = 5_000


@dataclass(slots=True)
class Retained:
    """What a run let go of: bodies here, rows in Salesforce by kind; and why others stayed, by reason."""

    bodies: int = 0
    removed: Counter[str] = field(default_factory=Counter)
    stayed: Counter[str] = field(default_factory=Counter)


def retain(
    engine: Engine,
    how: Retention,
    proceed: Callable[[], bool],
    remover: Remover | None = None,
    allows: Callable[[Priority], bool] = lambda _priority: True,
) -> Retained:
    """Let go of what is old, until nothing is, the run's share is done or `proceed` says stop.

    Salesforce is left alone without a `remover`, and while its budget does not allow background work.
    """
    done = Retained()
    _bodies(engine, how, proceed, done)
    if remover is not None:
        for kind in retention.KINDS:
            _rows(engine, how, kind, remover, lambda: proceed() and allows(Priority.BACKGROUND), done)
    if done.bodies or done.removed or done.stayed:
        log.info("retention", bodies=done.bodies, removed=dict(done.removed), stayed=dict(done.stayed))
    return done


def _bodies(engine: Engine, how: Retention, proceed: Callable[[], bool], done: Retained) -> None:
    name = "retention:bodies"
    while proceed():
        with engine.begin() as conn:
            known = cursors.get(conn, name) or {"id": 0, "kept": []}
            place = BodyPlace(known["id"], tuple(known["kept"]))
            if len(place.kept) >= MOST_KEPT:
                log.error(
                    "webhook bodies are kept", reason=f"{len(place.kept)} old events are parked", fix="replay them"
                )
                return
            emptied, now = retention.empty_bodies(conn, how.body_days, place, BODIES)
            cursors.put(conn, name, {"id": now.id, "kept": list(now.kept)})
        done.bodies += emptied
        if now.id == place.id:
            return


def _rows(
    engine: Engine, how: Retention, kind: str, remover: Remover, proceed: Callable[[], bool], done: Retained
) -> None:
    """One kind, from where the last run stopped; from the start once a day."""
    name, today = f"retention:{kind}", how.calendar.today()
    before = today - timedelta(days=how.closed_days)
    taken = 0
    while proceed() and taken < how.rows_a_run:
        with engine.begin() as conn:
            place = cursors.get(conn, name) or {"after": "", "round": None}
            if place["round"] == today.isoformat():
                return
            rows = retention.claim_closed(conn, kind, before, place["after"], ROWS, how.request_lifetime_s)
            if not rows:
                cursors.put(conn, name, {"after": "", "round": today.isoformat()})
                return
            cursors.put(conn, name, {"after": rows[-1].key, "round": None})
        answers = remover.remove(kind, [row.key for row in rows])
        with engine.begin() as conn:
            gone = [row.key for row in rows if answers[row.key].state == "gone"]
            retention.removed(conn, kind, gone)
            kept.forget_records(conn, kind, gone)
            retention.left(conn, kind, [row for row in rows if answers[row.key].state == "stays"])
        taken += len(rows)
        done.removed[kind] += sum(answer.state == "gone" for answer in answers.values())
        done.stayed.update(answer.reason for answer in answers.values() if answer.state != "gone")
