"""Long work that somebody asked for: done in slices, each committed, so that it goes on wherever it was stopped."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, null, or_, select, text, update

from sync.db.admin_tables import work
from sync.db.records import seconds
from sync.db.tables import AnyRow

WAITING, DONE, FAILED, STOPPED = "waiting", "done", "failed", "stopped"
RETRY_S = (2.0, 10.0, 60.0, 300.0)
MOST_FAILURES = 6  # slices that fail in a row, after which a person is asked


@dataclass(frozen=True, slots=True)
class Slice:
    """How far a slice came. `place` is whatever the next needs; `finished`: there is no next.

    `wait_s`: the next has nothing to do before.
    """

    place: Any
    done: int
    total: int | None
    told: str
    finished: bool
    result: Any = None
    wait_s: float = 0.0


def ask(conn: Connection, kind: str, argument: dict[str, Any], by: str) -> int:
    """Ask for work; its number. The same work that still waits is not asked for twice."""
    conn.execute(select(func.pg_advisory_xact_lock(func.hashtext(text("'work ' || :kind").bindparams(kind=kind)))))
    same = (work.c.kind == kind) & (work.c.status == WAITING) & (work.c.argument == argument)
    waits = conn.execute(select(work.c.id).where(same).limit(1)).scalar()
    if waits is not None:
        return int(waits)
    made = insert(work).values(kind=kind, argument=argument, asked_by=by).returning(work.c.id)
    return int(conn.execute(made).scalar_one())


def claim(conn: Connection, hold_s: float) -> AnyRow | None:
    """The work that has waited longest, held for so long; None if there is none to do now."""
    free = or_(work.c.held_until.is_(None), work.c.held_until < func.now())
    due = select(work.c.id).where(work.c.status == WAITING, work.c.next_at <= func.now(), free)
    first = due.order_by(work.c.next_at, work.c.id).limit(1).with_for_update(skip_locked=True)
    held = func.clock_timestamp() + seconds("hold").bindparams(hold=hold_s)
    return conn.execute(
        update(work).where(work.c.id == first.scalar_subquery()).values(held_until=held).returning(work)
    ).first()


def advanced(conn: Connection, number: int, slice_: Slice) -> None:
    """A slice was done."""
    values = {"place": slice_.place, "done": slice_.done, "total": slice_.total, "told": slice_.told}
    end = {"status": DONE, "ended_at": func.clock_timestamp(), "result": slice_.result} if slice_.finished else {}
    wait = seconds("wait").bindparams(wait=slice_.wait_s)
    conn.execute(
        update(work)
        .where(work.c.id == number, work.c.status == WAITING)
        .values(**values, **end, attempts=0, held_until=null(), next_at=func.clock_timestamp() + wait)
    )


def failed(conn: Connection, number: int, attempts: int, why: str, *, final: bool) -> None:
    """A slice failed: it is tried again in a while, unless `final` or it has too often."""
    over = final or attempts + 1 >= MOST_FAILURES
    wait = RETRY_S[min(attempts, len(RETRY_S) - 1)]
    end = {"status": FAILED, "ended_at": func.clock_timestamp()} if over else {}
    next_at = func.clock_timestamp() + seconds("wait").bindparams(wait=wait)
    conn.execute(
        update(work)
        .where(work.c.id == number, work.c.status == WAITING)
        .values(attempts=attempts + 1, told=why, held_until=null(), next_at=next_at, **end)
    )


def note(conn: Connection, number: int, done: int, told: str) -> bool:
    """Tell how far a slice is while it is being done. False if somebody has stopped the work."""
    changed = update(work).where(work.c.id == number, work.c.status == WAITING).values(done=done, told=told)
    return conn.execute(changed).rowcount == 1


def stop(conn: Connection, number: int) -> bool:
    """Stop it after the slice that is being done. What it did stays done."""
    end = {"status": STOPPED, "ended_at": func.clock_timestamp()}
    return conn.execute(update(work).where(work.c.id == number, work.c.status == WAITING).values(**end)).rowcount == 1


def go_on(conn: Connection, number: int, ended: Collection[str] = (FAILED, STOPPED)) -> bool:
    """Go on with work that failed or was stopped; with one of `ended` only."""
    again = {"status": WAITING, "ended_at": null(), "attempts": 0, "next_at": func.clock_timestamp()}
    found = (work.c.id == number) & work.c.status.in_(ended)
    return conn.execute(update(work).where(found).values(**again)).rowcount == 1


def get(conn: Connection, number: int) -> AnyRow | None:
    """One piece of work."""
    return conn.execute(select(work).where(work.c.id == number)).first()


def latest(conn: Connection, kind: str, argument: dict[str, Any] | None = None) -> AnyRow | None:
    """The latest of a kind (with that argument); None if nobody ever asked for it."""
    found = select(work).where(work.c.kind == kind)
    if argument is not None:
        found = found.where(work.c.argument == argument)
    return conn.execute(found.order_by(work.c.id.desc()).limit(1)).first()


def anything_due(conn: Connection) -> bool:
    """Whether any work could be done now."""
    free = or_(work.c.held_until.is_(None), work.c.held_until < func.now())
    due = select(work.c.id).where(work.c.status == WAITING, work.c.next_at <= func.now(), free).limit(1)
    return conn.execute(due).first() is not None
