"""What customers promised and what they contest, over many accounts at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, case, func, literal, select, true

from sync.db.book_figures import summed
from sync.db.crm_tables import commitment, dispute
from sync.db.scope import Scope, linked_accounts
from sync.db.tables import AnyRow


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


def disputes(conn: Connection, scope: Scope, currency: str) -> Sequence[AnyRow]:
    """Open disputes: category, when it was opened, what it contests, whether it is late."""
    found = select(
        func.coalesce(dispute.c.category, literal("", Text)).label("category"),
        dispute.c.opened_at,
        dispute.c.contested,
        dispute.c.breached,
    )
    return conn.execute(found.where(dispute.c.open, dispute.c.currency == currency, claims_seen(dispute, scope))).all()
