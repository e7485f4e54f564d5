"""Reads the records that a change of the mapping concerns: how many they are, and one after the other."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, or_, select, true

from sync.db.records import WAITING
from sync.db.tables import AnyRow, customer, invoice, record


def count(conn: Connection, kinds: Sequence[str], *, unwritten: bool) -> int:
    """How many records of these kinds there are; without those never written, unless `unwritten`."""
    found = select(func.count()).select_from(record).where(record.c.kind.in_(kinds), _concerned(unwritten=unwritten))
    return int(conn.execute(found).scalar_one())


def accounts(conn: Connection, kinds: Sequence[str]) -> int:
    """Of how many accounts records of these kinds are."""
    lanes = select(record.c.lane).distinct().where(record.c.kind.in_(kinds), _concerned(unwritten=False))
    return int(conn.execute(select(func.count()).select_from(lanes.subquery())).scalar_one())


def overdue_accounts(conn: Connection, today: date) -> int:
    """How many accounts have an invoice that is past due and not paid."""
    late = select(customer.c.account).distinct().join(invoice, invoice.c.customer == customer.c.key)
    late = late.where(invoice.c.balance > 0, invoice.c.due_on < today, customer.c.account.is_not(None))
    return int(conn.execute(select(func.count()).select_from(late.subquery())).scalar_one())


def keys(conn: Connection, kind: str, after: str, limit: int, *, unwritten: bool) -> list[str]:
    """The keys of up to so many records of a kind, in order, locked: those who mark records lock them in this order."""
    found = select(record.c.key).where(record.c.kind == kind, record.c.key > after, _concerned(unwritten=unwritten))
    return list(conn.scalars(found.order_by(record.c.key).limit(limit).with_for_update()))


def some_records(conn: Connection, accounts: Sequence[str], kinds: Sequence[str], each: int) -> Sequence[AnyRow]:
    """Of each kind some records of each of these accounts that stand in Salesforce or wait: those written last."""
    place = func.row_number().over(
        partition_by=(record.c.lane, record.c.kind), order_by=(record.c.written_at.desc().nulls_last(), record.c.key)
    )
    ranked = select(record, place.label("place")).where(
        record.c.lane.in_(accounts), record.c.kind.in_(kinds), _concerned(unwritten=False)
    )
    found = ranked.subquery()
    return conn.execute(select(found).where(found.c.place <= each).order_by(found.c.lane, found.c.place)).all()


def _concerned(*, unwritten: bool) -> Any:
    """Those that stand in Salesforce, and those that wait: also on the wire, they do so until they are answered."""
    return true() if unwritten else or_(record.c.written_at.is_not(None), WAITING)
