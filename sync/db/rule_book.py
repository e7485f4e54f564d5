"""What the rules act on, counted: for telling what one does before it is saved."""

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import Connection, Date, cast, func, select

from sync.core.rule_effects import RuleBook
from sync.db import cursors, ledger, usage
from sync.db.crm_tables import commitment, dispute
from sync.db.tables import customer, invoice


def read(conn: Connection, today: date) -> RuleBook:
    """The book on a business date."""
    due = _by_day(conn, invoice.c.due_on, invoice.c.balance > 0, today)
    closed_on = func.coalesce(invoice.c.paid_on, invoice.c.void_on)
    opened_on = cast(dispute.c.opened_at, Date)  # to the day, in the database's zone: near enough for a count
    ours, org = usage.read(conn)
    known = cursors.get(conn, cursors.ORG_CURRENCIES) or {}
    return RuleBook(
        late={days: count for days, count in due.items() if days >= 0},
        promised=_by_day(conn, commitment.c.promised_on, commitment.c.status == "Open", today),
        disputes=_by_day(conn, opened_on, dispute.c.open, today),
        closed=_by_day(conn, closed_on, invoice.c.posted & (invoice.c.balance == 0), today),
        unlinked=_unlinked(conn),
        ours=ours,
        allowed=org[1] if org else 0,
        billed_in=tuple(ledger.all_currencies(conn)),
        home=known.get("home"),
        multi=bool(known.get("multi")),
    )


def _by_day(conn: Connection, day: Any, where: Any, today: date) -> Counter[int]:
    """How many rows there are by days since a day; rows without one are left out."""
    found = select(day, func.count()).where(where, day.is_not(None)).group_by(day)
    return Counter({(today - on).days: count for on, count in conn.execute(found)})


def _unlinked(conn: Connection) -> int:
    open_ = customer.c.account.is_(None) & ~customer.c.deleted
    return conn.scalar(select(func.count()).select_from(customer).where(open_)) or 0
