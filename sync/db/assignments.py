"""Who follows which invoice up, as people chose it in Salesforce."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from sync.db.crm_tables import assignment, coverage, followup
from sync.db.tables import AnyRow, record


def of_invoices(conn: Connection, keys: Iterable[str]) -> dict[str, AnyRow]:
    """What is known of these invoices, by key."""
    return {row.invoice: row for row in conn.execute(select(assignment).where(assignment.c.invoice.in_(list(keys))))}


def put(conn: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Write who has these invoices now: invoice, person, name, read_at. Whoever had one before is its former one."""
    if rows:
        made = insert(assignment).values([dict(row) for row in sorted(rows, key=lambda row: str(row["invoice"]))])
        changed = {name: made.excluded[name] for name in ("person", "name", "read_at")}
        former = func.coalesce(assignment.c.person, assignment.c.former)
        conn.execute(made.on_conflict_do_update(index_elements=["invoice"], set_={**changed, "former": former}))


def seen(conn: Connection, keys: Iterable[str], read_at: datetime) -> None:
    """These were read again, and say the same."""
    wanted = sorted(keys)
    if wanted:
        conn.execute(update(assignment).where(assignment.c.invoice.in_(wanted)).values(read_at=read_at))


def in_doubt(conn: Connection, limit: int) -> list[str]:
    """Assigned invoices that we have written since they were read: they may have been given back just before that,
    and rows that we changed last are not read back otherwise.
    """
    written = (record.c.kind == "invoice") & (record.c.key == assignment.c.invoice)
    found = (
        select(assignment.c.invoice)
        .join(record, written)
        .where(assignment.c.person.is_not(None), record.c.written_at > assignment.c.read_at)
        .order_by(assignment.c.read_at)
        .limit(limit)
    )
    return list(conn.scalars(found))


def open_follow_ups(conn: Connection, invoices: Iterable[str]) -> Sequence[AnyRow]:
    """The open follow-ups that are about any of these invoices: keys and accounts."""
    keys = sorted(invoices)
    promised = select(coverage.c.commitment).where(coverage.c.invoice.in_(keys))
    about = or_(followup.c.invoice.in_(keys), followup.c.commitment.in_(promised))
    found = select(followup.c.key, followup.c.account).where(about, followup.c.outcome.is_(None))
    return conn.execute(found.order_by(followup.c.key)).all()
