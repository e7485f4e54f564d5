"""What customers promised and what they contest, over many accounts at once."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, Text, case, func, literal, or_, select, true

from sync.db.book_figures import summed
from sync.db.crm_tables import commitment, dispute
from sync.db.scope import Scope, linked_accounts
from sync.db.tables import AnyRow, account, invoice


def claims_seen(table: Any, scope: Scope) -> ColumnElement[bool]:
    """Which commitments or disputes count: those of accounts that may be seen."""
    if scope is None:
        return true()
    seen: ColumnElement[bool] = table.c.account.in_(linked_accounts(scope))
    return seen


def promises(conn: Connection, scope: Scope, currency: str, dates: Mapping[str, date]) -> Sequence[AnyRow]:
    """How many commitments there are of each `standing`, what they promised, what came in, and what is still promised.

    `dates`: `soon` is the last day of what is due soon; what was settled before `since` is left out.
    """
    standing = case(
        ((commitment.c.status == "Open") & (commitment.c.promised_on <= dates["soon"]), "soon"),
        (commitment.c.status == "Open", "later"),
        else_=commitment.c.status,
    ).label("standing")
    settled_on = func.coalesce(commitment.c.kept_on, commitment.c.promised_on)
    found = select(
        standing,
        func.count().label("commitments"),
        summed(commitment.c.amount).label("amount"),
        summed(commitment.c.kept).label("kept"),
        summed(commitment.c.promised).label("promised"),
        func.count().filter(commitment.c.amount.is_(None)).label("unsaid"),
    ).where(
        commitment.c.currency == currency,
        claims_seen(commitment, scope),
        (commitment.c.status == "Open") | (settled_on >= dates["since"]),
    )
    return conn.execute(found.group_by(standing)).all()


def disputes(
    conn: Connection, scope: Scope, currency: str, today: date, zone: str, limits: Sequence[int]
) -> Sequence[AnyRow]:
    """Open disputes by `category` and `age`: how many, what they contest, how many are late.

    `age` 0: open for at most the first of `limits` days; beyond the last of them, their number.
    """
    opened_on = func.timezone(zone, dispute.c.opened_at).cast(Date)
    age = case(*((opened_on >= today - timedelta(days=days), n) for n, days in enumerate(limits)), else_=len(limits))
    each = (
        select(
            func.coalesce(dispute.c.category, literal("", Text)).label("category"),
            age.label("age"),
            dispute.c.contested,
            dispute.c.breached,
        )
        .where(dispute.c.open, dispute.c.currency == currency, claims_seen(dispute, scope))
        .subquery("each")
    )
    found = select(
        each.c.category,
        each.c.age,
        func.count().label("disputes"),
        summed(each.c.contested).label("contested"),
        func.count().filter(each.c.breached).label("late"),
    )
    return conn.execute(found.group_by(each.c.category, each.c.age)).all()


def list_promises(
    conn: Connection,
    scope: Scope,
    currency: str,
    *,
    status: str = "",
    search: str = "",
    sort: str = "promised_on",
    down: bool = True,
    offset: int = 0,
    limit: int = 50,
) -> tuple[int, Sequence[AnyRow]]:
    """How many commitments there are of those asked for, and some of them with their accounts' names."""
    name = func.coalesce(account.c.name, commitment.c.account).label("name")
    found = select(commitment, name).outerjoin(account, account.c.id == commitment.c.account)
    found = found.where(commitment.c.currency == currency, claims_seen(commitment, scope))
    if status:
        found = found.where(commitment.c.status == status)
    if search:
        told = (account.c.name, commitment.c.covers, commitment.c.by)
        found = found.where(or_(*(column.icontains(search, autoescape=True) for column in told)))
    order = func.lower(name) if sort == "account" else commitment.c[sort]
    return _page(conn, found, order, commitment.c.id, down=down, offset=offset, limit=limit)


def list_disputes(
    conn: Connection,
    scope: Scope,
    currency: str,
    *,
    which: str = "",
    search: str = "",
    sort: str = "opened_at",
    down: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> tuple[int, Sequence[AnyRow]]:
    """The same of disputes, with their invoices' numbers. `which`: open ones, unless late, closed or all."""
    name = func.coalesce(account.c.name, dispute.c.account).label("name")
    found = select(dispute, name, invoice.c.number).outerjoin(account, account.c.id == dispute.c.account)
    found = found.outerjoin(invoice, invoice.c.key == dispute.c.invoice)
    found = found.where(dispute.c.currency == currency, claims_seen(dispute, scope))
    if which != "all":
        found = found.where(dispute.c.open == (which != "closed"))
    if which == "late":
        found = found.where(dispute.c.breached)
    if search:
        told = (account.c.name, invoice.c.number, dispute.c.category, dispute.c.by)
        found = found.where(or_(*(column.icontains(search, autoescape=True) for column in told)))
    order = func.lower(name) if sort == "account" else dispute.c[sort]
    return _page(conn, found, order, dispute.c.id, down=down, offset=offset, limit=limit)


def _page(
    conn: Connection, found: Any, order: Any, then: Any, *, down: bool, offset: int, limit: int
) -> tuple[int, Sequence[AnyRow]]:
    total = int(conn.scalar(select(func.count()).select_from(found.subquery())) or 0)
    directed = order.desc().nulls_last() if down else order.asc().nulls_last()
    return total, conn.execute(found.order_by(directed, then).offset(offset).limit(limit)).all()
