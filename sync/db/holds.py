"""Dunning holds: what is wanted of the billing system, what it is known to hold, and what came of asking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, cast, func, null, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from sync.core.causes import fingerprint
from sync.core.holds import HoldState
from sync.db import ignoring
from sync.db.crm_tables import hold
from sync.db.records import seconds
from sync.db.tables import AnyRow

_OPEN = hold.c.applied.is_distinct_from(hold.c.version)
_FREE = or_(hold.c.leased_until.is_(None), hold.c.leased_until < func.now())


def of_account(conn: Connection, account: str) -> dict[str, AnyRow]:
    """The holds of an account, by invoice."""
    return {row.invoice: row for row in conn.execute(select(hold).where(hold.c.account == account))}


def want(conn: Connection, account: str, notes: dict[str, str], invoices: Iterable[str]) -> bool:
    """Of these invoices exactly those with a note are to be held. Returns whether that changed anything."""
    there = {
        row.invoice: row for row in conn.execute(select(hold).where(hold.c.invoice.in_(sorted({*invoices, *notes}))))
    }
    changed = False
    for key in sorted({*there, *notes}):
        row, note = there.get(key), notes.get(key)
        if row is None:
            conn.execute(
                insert(hold).values(
                    invoice=key, account=account, wanted=True, note=note, version=1, state=HoldState.REQUESTED
                )
            )
        elif row.wanted != (note is not None):
            conn.execute(
                update(hold)
                .where(hold.c.invoice == key)
                .values(
                    wanted=note is not None,
                    note=note or row.note,
                    version=hold.c.version + 1,
                    state=HoldState.REQUESTED if note else row.state,
                    due_at=func.clock_timestamp(),
                    attempts=0,
                    parked=None,
                    reason=None,
                    fix=None,
                    cause=None,
                    parked_at=None,
                )
            )
        else:
            continue
        changed = True
    return changed


def doubt(conn: Connection, marked: Iterable[str], chased: Iterable[str]) -> None:
    """Invoices were seen with our mark, or chased by the billing system; where that is not what is wanted, it is asked
    again.

    As if something else were wanted: an answer that is on its way may be older than what was seen.
    """
    ours, free = sorted(marked), sorted(chased)
    if ours or free:
        unlike = or_(hold.c.invoice.in_(ours) & ~hold.c.wanted, hold.c.invoice.in_(free) & hold.c.wanted)
        conn.execute(update(hold).where(unlike).values(version=hold.c.version + 1, due_at=func.clock_timestamp()))


def claim(conn: Connection, limit: int, lease_s: float) -> Sequence[AnyRow]:
    """Take up to `limit` holds that are to be put or taken off, or to be looked at again."""
    conn.execute(
        update(hold)
        .where(hold.c.again_at <= func.now(), _FREE)
        .values(applied=None, again_at=None, due_at=func.clock_timestamp())
    )
    due = (
        select(hold.c.invoice)
        .where(_OPEN, _FREE, hold.c.due_at <= func.now())
        .order_by(hold.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    until = func.clock_timestamp() + seconds("lease").bindparams(lease=lease_s)
    return conn.execute(
        update(hold).where(hold.c.invoice.in_(due.scalar_subquery())).values(leased_until=until).returning(hold)
    ).all()


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of asking for one version of a hold."""

    invoice: str
    version: int
    state: HoldState


def settled(conn: Connection, done: Settled) -> None:
    """The billing system holds it (or not) as of that version; what was wanted since stays open."""
    conn.execute(
        update(hold)
        .where(hold.c.invoice == done.invoice)
        .values(
            applied=done.version,
            state=case((hold.c.version == done.version, done.state), else_=hold.c.state),
            leased_until=null(),
            attempts=0,
            parked=None,
            reason=None,
            fix=None,
            cause=None,
            parked_at=None,
            settled_at=func.clock_timestamp(),
        )
    )


@dataclass(frozen=True, slots=True)
class Refused:
    """Asking for one version failed: tried again in `retry_s`. `parked`: shown to a person; `again_s`: an answer was
    lost.
    """

    invoice: str
    version: int
    code: str
    reason: str
    fix: str
    retry_s: float
    parked: bool
    state: HoldState | None = None
    again_s: float | None = None


def refused(conn: Connection, bad: Refused) -> None:
    """The billing system could not be asked, or said no. What is wanted since is asked for at once."""
    stale = hold.c.version != bad.version
    cause = fingerprint("hold", bad.code, bad.reason) if bad.parked else None
    nothing = cast(null(), hold.c.parked_at.type)
    since = func.coalesce(hold.c.parked_at, func.clock_timestamp()) if bad.parked else nothing
    retry = func.clock_timestamp() + seconds("retry").bindparams(retry=bad.retry_s)
    later = None if bad.again_s is None else func.clock_timestamp() + seconds("again").bindparams(again=bad.again_s)
    conn.execute(
        update(hold)
        .where(hold.c.invoice == bad.invoice)
        .values(
            state=case((stale, hold.c.state), else_=bad.state or hold.c.state),
            leased_until=None,
            attempts=case((stale, 0), else_=hold.c.attempts + 1),
            due_at=case((stale, func.clock_timestamp()), else_=ignoring.hold_due(cause, retry) if cause else retry),
            parked=case((stale, null()), else_=bad.code if bad.parked else None),
            reason=case((stale, null()), else_=bad.reason),
            fix=case((stale, null()), else_=bad.fix),
            cause=case((stale, null()), else_=cause),
            parked_at=case((stale, nothing), else_=since),
            again_at=later if later is not None else hold.c.again_at,
        )
    )


def retry_parked(conn: Connection) -> int:
    """Have parked holds tried again now, except those that somebody chose to ignore."""
    told = hold.c.parked.is_not(None) & ~ignoring.HOLD
    done = conn.execute(update(hold).where(told).values(due_at=func.clock_timestamp()))
    return done.rowcount


def anything_due(conn: Connection) -> bool:
    """Whether any hold could be asked for now."""
    due = or_(_OPEN & (hold.c.due_at <= func.now()), hold.c.again_at <= func.now())
    return conn.execute(select(text("1")).select_from(hold).where(due, _FREE).limit(1)).first() is not None
