"""What moves records without an event: days, dead workers, lost answers, people."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, bindparam, case, func, null, or_, select, true, tuple_, update

from sync.db import ignoring
from sync.db.crm_tables import entry
from sync.db.records import AGAIN, RecordKey, seconds, update_each
from sync.db.tables import AnyRow, allocation, record


def set_turn(conn: Connection, days: Mapping[RecordKey, date | None]) -> None:
    """Write, for each summary or account, when time alone changes what it says next."""
    update_each(
        conn,
        [{"kind_": kind, "key_": key, "day": days[kind, key]} for kind, key in sorted(days)],
        next_change_on=bindparam("day"),
    )


def sweep(conn: Connection, lifetime_s: float) -> int:
    """Mark again what was being sent by a worker that died, and what lost its answer long enough ago.

    The request of a dead worker may live for `lifetime_s` yet, so its records are written once more after that.
    """
    died = record.c.sending_until < func.now()
    lost = record.c.rewrite_at <= func.now()
    due = select(record.c.kind, record.c.key).where(or_(died, lost)).with_for_update(skip_locked=True)
    done = conn.execute(
        update(record)
        .where(tuple_(record.c.kind, record.c.key).in_(due))  # what others hold is left to the next sweep
        .values(
            AGAIN
            | {
                "content": null(),
                "sending_until": null(),
                "rewrite_at": case((died, func.clock_timestamp() + seconds("life")), else_=null()),
            }
        ),
        {"life": lifetime_s},
    )
    return done.rowcount


def turn_summaries(conn: Connection, today: date, limit: int) -> Sequence[AnyRow]:
    """Up to `limit` summaries and accounts whose day of change has come.

    They are not locked: marking them twice does no harm.
    """
    return conn.execute(
        select(record.c.kind, record.c.key, record.c.lane)
        .where(record.c.next_change_on <= today)
        .order_by(record.c.next_change_on, record.c.key)
        .limit(limit)
    ).all()


def restart_turns(conn: Connection) -> None:
    """Have every summary looked at by the next turn, and every account that turns."""
    turns = (record.c.kind == "summary") | record.c.next_change_on.is_not(None)
    conn.execute(update(record).where(turns).values(next_change_on=date.min))


def retry_parked(conn: Connection, *, codes: Sequence[str] | None = None, lanes: Sequence[str] | None = None) -> int:
    """Have parked records tried again now: all but those that somebody chose to ignore; or, because their cause may be
    gone, all that were refused with these codes, of these accounts.
    """
    which = record.c.parked.is_not(None) if codes is None else record.c.parked.in_(codes)
    if codes is None and lanes is None:
        which &= ~ignoring.RECORD
    done = conn.execute(
        update(record)
        .where(which, true() if lanes is None else record.c.lane.in_(lanes))
        .values(due_at=func.clock_timestamp(), marked=func.greatest(record.c.marked, record.c.written + 1))
    )
    return done.rowcount


def left_out(conn: Connection) -> list[tuple[str, str]]:
    """Kinds of records, each with the fields (commas between) that the org did not let us write of some."""
    found = select(record.c.kind, record.c.left_out).where(record.c.left_out.is_not(None)).distinct()
    return [(row.kind, row.left_out) for row in conn.execute(found)]


def refill(conn: Connection, kind: str, fields: str) -> int:
    """Have those records written again, in full this time."""
    done = conn.execute(
        update(record).where(record.c.kind == kind, record.c.left_out == fields).values(AGAIN | {"left_out": null()})
    )
    return done.rowcount


def link_to_invoices(conn: Connection, invoices: Sequence[str]) -> int:
    """These invoices stand in Salesforce for the first time: payments and timeline entries already written there can
    point to them now. What somebody else holds is being marked anyway.
    """
    paid = select(allocation.c.payment).where(allocation.c.invoice.in_(invoices), allocation.c.payment.is_not(None))
    told = select(entry.c.key).where(entry.c.invoice.in_(invoices))
    payments = (record.c.kind == "payment") & record.c.key.in_(paid)
    entries = (record.c.kind == "activity") & record.c.key.in_(told)
    there = record.c.written_at.is_not(None) & (payments | entries)
    free = select(record.c.kind, record.c.key).where(there).with_for_update(skip_locked=True)
    done = conn.execute(update(record).where(tuple_(record.c.kind, record.c.key).in_(free)).values(AGAIN))
    return done.rowcount
