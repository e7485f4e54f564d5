"""What may go after its time: the bodies of processed webhooks, and closed rows in Salesforce. Never the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, any_, bindparam, exists, func, null, select, type_coerce, update
from sqlalchemy.dialects.postgresql import ARRAY

from sync.core.dunning import KIND as DUNNING
from sync.db.crm_tables import coverage, dispute, entry
from sync.db.inbox import PROCESSED
from sync.db.records import QUIET, seconds, sending, update_each
from sync.db.tables import AnyRow, inbox, invoice, object_, payment, record

_IDS = any_(bindparam("ids", type_=ARRAY(BigInteger)))
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class BodyPlace:
    """How far the inbox has been gone through: everything up to `id`, except rows that were `kept` there."""

    id: int = 0
    kept: tuple[int, ...] = ()


def empty_bodies(conn: Connection, days: int, place: BodyPlace, limit: int) -> tuple[int, BodyPlace]:
    """Empty bodies and headers of up to so many rows processed more than `days` ago. Returns how many, and the place.

    What is parked, or was processed lately, is kept, and looked at again by the next call. Nothing is gone through
    twice otherwise, so the inbox may be as long as it likes, without an index for this.
    """
    age = seconds("age").bindparams(age=days * _DAY_S)
    told = select(inbox.c.id, (inbox.c.status == PROCESSED) & (inbox.c.processed_at < func.now() - age))
    before = conn.execute(told.where(inbox.c.id == _IDS), {"ids": list(place.kept)}).all() if place.kept else []
    fresh = told.where(inbox.c.id > place.id, inbox.c.received_at < func.now() - age)
    rows = conn.execute(fresh.order_by(inbox.c.id).limit(limit)).all()
    old = [row.id for row in (*before, *rows) if row[1]]
    if old:
        emptied = (
            update(inbox).where(inbox.c.id == _IDS).values(body=b"", headers=type_coerce({}, inbox.c.headers.type))
        )
        conn.execute(emptied, {"ids": old})
    kept = tuple(row.id for row in (*before, *rows) if not row[1])
    return len(old), BodyPlace(rows[-1].id if rows else place.id, kept)


def claim_closed(
    conn: Connection, kind: str, before: date, after: str, limit: int, lifetime_s: float
) -> Sequence[AnyRow]:
    """Take up to so many records of a kind, by key beyond `after`, that stand in Salesforce and closed before that day.

    Nobody writes them while they are held; if this process dies, the sweep has them written again.
    """
    wanted = _CLOSED[kind](before).where(record.c.key > after).order_by(record.c.key).limit(limit)
    rows = conn.execute(wanted.with_for_update(of=record, skip_locked=True)).all()
    if rows:
        sending(conn, [(kind, row.key) for row in rows], lifetime_s)
    return rows


def _standing(kind: str) -> Select[*tuple[Any, ...]]:
    return select(record.c.key, record.c.content, record.c.marked).where(
        record.c.kind == kind, record.c.written_at.is_not(None), QUIET
    )


def _invoices(before: date) -> Select[*tuple[Any, ...]]:
    """Paid before that day; void or written off, issued before it and not changed since. Whoever has promised or
    contests something of an invoice still sees it.
    """
    closed_on = func.coalesce(invoice.c.paid_on, invoice.c.issued_on)
    unchanged = invoice.c.paid_on.is_not(None) | (object_.c.stamp < _start(before).timestamp())
    referred = exists().where(coverage.c.invoice == record.c.key) | exists().where(dispute.c.invoice == record.c.key)
    return (
        _standing("invoice")
        .join(invoice, invoice.c.key == record.c.key)
        .join(object_, object_.c.key == record.c.key)
        .where(invoice.c.balance <= 0, closed_on < before, unchanged, ~referred)
    )


def _payments(before: date) -> Select[*tuple[Any, ...]]:
    return _standing("payment").join(payment, payment.c.key == record.c.key).where(payment.c.paid_at < _start(before))


def _refunds(before: date) -> Select[*tuple[Any, ...]]:
    made = object_.c.facts["created_at"].as_integer()
    return (
        _standing("refund").join(object_, object_.c.key == record.c.key).where(made < int(_start(before).timestamp()))
    )


def _dunning(before: date) -> Select[*tuple[Any, ...]]:
    """What the billing system did, most of our entries; what people and Dueline did with a customer stays."""
    told = (entry.c.kind == DUNNING) & (entry.c.occurred_at < _start(before))
    return _standing("activity").join(entry, entry.c.key == record.c.key).where(entry.c.ours, told)


def _start(day: date) -> datetime:
    """An instant that is before that day everywhere."""
    return datetime.combine(day - timedelta(days=1), time(), UTC)


_CLOSED = {"payment": _payments, "refund": _refunds, "activity": _dunning, "invoice": _invoices}
KINDS = tuple(_CLOSED)  # what points to invoices goes before them


def removed(conn: Connection, kind: str, keys: Sequence[str]) -> None:
    """These do not stand in Salesforce any more, as if they had never been written."""
    update_each(
        conn,
        [{"kind_": kind, "key_": key} for key in sorted(keys)],
        written_at=null(),
        content=null(),
        sending_until=null(),
        freshness_s=null(),
    )


def left(conn: Connection, kind: str, rows: Sequence[AnyRow]) -> None:
    """These could not be removed, and stand there as before."""
    update_each(
        conn,
        [{"kind_": kind, "key_": row.key, "content_": row.content} for row in sorted(rows, key=lambda row: row.key)],
        content=bindparam("content_"),
        sending_until=null(),
    )
