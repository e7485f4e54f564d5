"""Accounts that tell something when a mapping is tried on them, and finding others by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select

from sync.db.tables import account, customer, invoice, record

MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Example:
    """An account, and what makes it a good example; empty where somebody picked it."""

    id: str
    name: str
    why: str = ""


_OURS = (
    select(record.c.key, func.coalesce(account.c.name, record.c.key))
    .join(account, account.c.id == record.c.key, isouter=True)
    .where(record.c.kind == "account", func.coalesce(~account.c.gone, True))
)


def telling(conn: Connection, today: date) -> list[Example]:
    """Up to three accounts: one with something overdue, one in several currencies, one that owes nothing."""
    late = _owes(invoice.c.due_on < today)
    found = _first(conn, [], late, "something is overdue")
    found = _first(conn, found, _several(), "has figures in several currencies")
    found = _first(conn, found, ~_owes(), "owes nothing")
    return found or _some(conn, _OURS.order_by(record.c.key).limit(1))


def _first(conn: Connection, found: list[Example], wanted: ColumnElement[bool], why: str) -> list[Example]:
    others = record.c.key.not_in([each.id for each in found])
    return found + _some(conn, _OURS.where(others, wanted).order_by(record.c.key).limit(1), why)


def _owes(*further: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        customer.c.account == record.c.key, invoice.c.customer == customer.c.key, invoice.c.balance > 0, *further
    )


def _several() -> ColumnElement[bool]:
    summaries = record.alias()
    several = select(summaries.c.lane).where(summaries.c.kind == "summary").group_by(summaries.c.lane)
    return record.c.key.in_(several.having(func.count() > 1))


def by_id(conn: Connection, ids: Iterable[str]) -> list[Example]:
    """Those of these accounts that we write to, in the order given."""
    wanted = list(ids)
    found = {each.id: each for each in _some(conn, _OURS.where(record.c.key.in_(wanted)))}
    return [found[each] for each in wanted if each in found]


def search(conn: Connection, text: str) -> Sequence[Example]:
    """Accounts that we write to whose name has the text in it, or whose id it is; at most MOST_FOUND."""
    named = or_(account.c.name.icontains(text, autoescape=True), record.c.key == text)
    return _some(conn, _OURS.where(named).order_by(account.c.name, record.c.key).limit(MOST_FOUND))


def _some(conn: Connection, query: Select[*tuple[Any, ...]], why: str = "") -> list[Example]:
    return [Example(key, name, why) for key, name in conn.execute(query)]
