"""The queue of customers whose account is to be found, and lists of those that were decided.

What customers owe is read from the open invoices every time (an index holds all it needs), so that no figure kept on
the side can be wrong. Orders and searches are of one pass over the customers asked for: a queue is a few thousand.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, func, select

from sync.core.linking import LinkSource
from sync.core.matching import Match
from sync.core.money import Money
from sync.db.links import OPEN
from sync.db.suggestions import Hint, hints_of
from sync.db.tables import AnyRow, account, customer, invoice, suggestion


class Which(StrEnum):
    """Which customers are asked for."""

    OPEN = "open"
    EXACT = "exact"
    ONE = "one"
    SEVERAL = "several"
    NONE = "none"
    PROBLEM = "problem"
    NOT_OURS = "not_ours"
    LINKED = "linked"


class Order(StrEnum):
    """In which order: the oldest debt first, the largest in one currency, or by name."""

    OLDEST = "oldest"
    OWED = "owed"
    INVOICES = "invoices"
    NAME = "name"


_WHICH: Mapping[Which, ColumnElement[bool]] = {
    Which.OPEN: OPEN,
    **{Which(match.value): OPEN & (customer.c.match == match.value) for match in Match},
    Which.PROBLEM: OPEN & customer.c.link_problem.is_not(None) & customer.c.link_source.is_(None),
    Which.NOT_OURS: customer.c.account.is_(None) & (customer.c.link_source == LinkSource.NOT_OURS),
    Which.LINKED: customer.c.account.is_not(None),
}
_OWING = invoice.c.balance > 0


@dataclass(frozen=True, slots=True)
class Debt:
    """What a customer owes, by currency, and since when."""

    owed: tuple[Money, ...] = ()
    invoices: int = 0
    overdue: int = 0
    oldest_due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A customer of a list."""

    key: str
    name: str | None
    email: str | None
    domain: str | None
    connection: str
    provider: str
    account: str | None
    account_name: str | None
    source: LinkSource | None
    problem: str | None
    match: Match | None
    linked_at: datetime | None
    debt: Debt
    hints: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the list. `currency`: only those that owe in it, and by that amount where it is the order."""

    which: Which = Which.OPEN
    search: str = ""
    currency: str | None = None
    order: Order = Order.OLDEST
    down: bool = False


def counts(conn: Connection) -> dict[Which, int]:
    """How many customers there are of each sort."""
    undecided = [which for which in Which if which is not Which.LINKED]
    counted = [func.count().filter(_WHICH[which]) for which in undecided]
    row = conn.execute(select(*counted).where(customer.c.account.is_(None))).one()
    linked = conn.execute(select(func.count()).where(_WHICH[Which.LINKED])).scalar_one()
    return dict(zip(undecided, row, strict=True)) | {Which.LINKED: linked}


def owed_by(conn: Connection, which: Which = Which.OPEN) -> list[Money]:
    """What these customers owe together, each currency for itself, the most owing customers first."""
    total = select(invoice.c.currency, func.sum(invoice.c.balance).cast(BigInteger))
    owing = total.join(customer, customer.c.key == invoice.c.customer).where(_OWING, _WHICH[which])
    rows = conn.execute(owing.group_by(invoice.c.currency).order_by(func.count().desc(), invoice.c.currency))
    return [Money(minor, currency) for currency, minor in rows]


def page(conn: Connection, wanted: Wanted, today: date, *, offset: int, limit: int) -> tuple[int, list[Listed]]:
    """How many customers there are of those wanted, and some of them in that order."""
    counted = _ordered(wanted).add_columns(func.count().over())
    rows = conn.execute(counted.offset(offset).limit(limit)).all()
    total = rows[0][1] if rows else 0
    if not rows and offset:  # beyond the end: nobody has counted
        total = conn.execute(_chosen(wanted, func.count())).scalar_one()
    return total, listed(conn, [row.key for row in rows], today)


def keys(conn: Connection, wanted: Wanted, limit: int) -> Sequence[str]:
    """The keys of those wanted, in their order, at most so many."""
    return conn.scalars(_ordered(wanted).limit(limit)).all()


def _chosen(wanted: Wanted, *columns: Any) -> Select[Any]:
    """Those wanted, in no order."""
    chosen = select(*columns).select_from(customer).where(_WHICH[wanted.which])
    if wanted.search:
        told = (customer.c.name, customer.c.email, customer.c.key, customer.c.account)
        chosen = chosen.where(func.concat_ws(" ", *told).icontains(wanted.search, autoescape=True))
    if wanted.currency:
        owing = select(invoice.c.customer).where(_OWING, invoice.c.currency == wanted.currency)
        chosen = chosen.where(customer.c.key.in_(owing))
    return chosen


def _ordered(wanted: Wanted) -> Select[Any]:
    """Their keys in order; whoever owes nothing comes last, however it is turned."""
    by_name = func.lower(func.coalesce(customer.c.name, customer.c.email, customer.c.key))
    if wanted.order is Order.NAME:
        return _chosen(wanted, customer.c.key).order_by(_turn(by_name, down=wanted.down), customer.c.key)
    figure = {
        Order.OLDEST: func.min(invoice.c.due_on),
        Order.OWED: func.sum(invoice.c.balance),
        Order.INVOICES: func.count(),
    }[wanted.order]
    debts = select(invoice.c.customer, figure.label("figure")).where(_OWING)
    if wanted.currency:
        debts = debts.where(invoice.c.currency == wanted.currency)
    debt = debts.group_by(invoice.c.customer).subquery()
    chosen = _chosen(replace(wanted, currency=None), customer.c.key)
    keys = chosen.join_from(customer, debt, debt.c.customer == customer.c.key, isouter=not wanted.currency)
    return keys.order_by(_turn(debt.c.figure, down=wanted.down).nulls_last(), by_name, customer.c.key)


def _turn(column: ColumnElement[Any], *, down: bool) -> Any:
    return column.desc() if down else column.asc()


def listed(conn: Connection, keys: Sequence[str], today: date) -> list[Listed]:
    """These customers with all that a list shows of them, in the order given."""
    found = select(customer, account.c.name.label("account_name"))
    rows = conn.execute(
        found.outerjoin(account, account.c.id == customer.c.account).where(customer.c.key.in_(list(keys)))
    )
    by_key = {row.key: row for row in rows}
    debts, hinted = debts_of(conn, keys, today), hints_of(conn, keys)
    return [_listed(by_key[key], debts.get(key, Debt()), tuple(hinted.get(key, ()))) for key in keys if key in by_key]


def _listed(row: AnyRow, debt: Debt, hints: tuple[Hint, ...]) -> Listed:
    return Listed(
        key=row.key,
        name=row.name,
        email=row.email,
        domain=row.domain,
        connection=row.connection,
        provider=row.provider,
        account=row.account,
        account_name=row.account_name,
        source=LinkSource(row.link_source) if row.link_source else None,
        problem=row.link_problem,
        match=Match(row.match) if row.match else None,
        linked_at=row.linked_at,
        debt=debt,
        hints=hints,
    )


def debts_of(conn: Connection, keys: Iterable[str], today: date) -> dict[str, Debt]:
    """What these customers owe; those that owe nothing are left out."""
    late = func.count().filter(invoice.c.due_on < today)
    figures = (func.sum(invoice.c.balance).cast(BigInteger), func.count(), late, func.min(invoice.c.due_on))
    found = select(invoice.c.customer, invoice.c.currency, *figures).where(_OWING, invoice.c.customer.in_(list(keys)))
    debts: dict[str, Debt] = {}
    rows = conn.execute(found.group_by(invoice.c.customer, invoice.c.currency).order_by(invoice.c.currency))
    for key, currency, minor, number, overdue, oldest in rows:
        held = debts.get(key, Debt())
        days = [day for day in (held.oldest_due_on, oldest) if day]
        debts[key] = Debt(
            owed=(*held.owed, Money(minor, currency)),
            invoices=held.invoices + number,
            overdue=held.overdue + overdue,
            oldest_due_on=min(days, default=None),
        )
    return debts


def _exact_pairs(search: str, *columns: Any) -> Select[Any]:
    chosen = _chosen(Wanted(Which.EXACT, search), *columns)
    return chosen.join(suggestion, (suggestion.c.customer == customer.c.key) & suggestion.c.exact)


def exact_pairs(conn: Connection, search: str = "") -> list[tuple[str, str]]:
    """Every customer with an exact suggestion, and that account's id."""
    rows = conn.execute(_exact_pairs(search, customer.c.key, suggestion.c.account).order_by(customer.c.key))
    return [(key, to) for key, to in rows]


def is_exact(conn: Connection, key: str, to: str) -> bool:
    """Whether that account is the customer's exact suggestion now."""
    found = _exact_pairs("", customer.c.key).where(customer.c.key == key, suggestion.c.account == to)
    return conn.execute(found).first() is not None


def exact_stamp(conn: Connection, search: str = "") -> str:
    """Another text whenever the exact suggestions are others: nobody accepts what they have not seen."""
    hashed = func.hashtextextended(customer.c.key + "/" + suggestion.c.account, 0)
    number, total = conn.execute(_exact_pairs(search, func.count(), func.sum(hashed))).one()
    return f"{number}:{total or 0}"
