"""What belongs to an account: which records are written for it, and what moves when a customer is given to another."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from sync.core.budget import Priority
from sync.core.linking import LinkSource
from sync.db import crm, ledger, links, reviews
from sync.db.records import Mark

_PRIORITIES = {"invoice": Priority.NORMAL, "activity": Priority.BACKGROUND}


def marks_for(account: str, currencies: Iterable[str], rows: Iterable[tuple[str, str]]) -> set[Mark]:
    """Wishes for records of an account and for its figures. Payments and overdue flags are the essential ones."""
    marks = {Mark("account", account, account, Priority.ESSENTIAL)}
    marks |= {Mark("summary", f"{account}:{name}", account, Priority.ESSENTIAL) for name in currencies}
    for kind, key in rows:
        marks.add(Mark(kind, key, account, _PRIORITIES.get(kind, Priority.ESSENTIAL)))
    return marks


def relink(conn: Connection, customer: str, to: str | None, source: LinkSource) -> set[Mark]:
    """Give a customer to an account (or take it back). Returns what is to be written: both accounts' figures, and the
    customer's whole history.

    The caller marks it, together with whatever else it has to mark: one statement, one order, no ring of waiting.
    """
    row = links.get(conn, customer)
    if row is None or row.account == to:
        if row is not None and to is not None:
            links.set_link(conn, customer, to, source, None)
        return set()
    currencies, history = ledger.currencies(conn, customer), links.records_of(conn, customer)
    links.set_link(conn, customer, to, source if to else None, None)
    crm.follow(conn, customer, to)
    reviews.want(conn, {name for name in (row.account, to) if name})
    if to is None:  # its records are let go of where they are
        return marks_for(row.account, currencies, history)
    left = marks_for(row.account, currencies, []) if row.account else set()
    moved = marks_for(to, currencies, history)
    return left | {replace(mark, priority=max(mark.priority, Priority.NORMAL)) for mark in moved}
