"""What is owed, over many customers at once: by currency, by account, by owner.

Open invoices are added up customer by customer, from an index that holds all that is needed of them; so a page costs as
much as there are open invoices, whatever the history.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, case, func, select

from sync.core.aging import Bucket, due_between
from sync.core.linking import LinkSource
from sync.db.crm_tables import commitment, coverage, dispute, person
from sync.db.scope import Scope, customers, linked_accounts
from sync.db.tables import AnyRow, account, customer, invoice, total

MEASURES = ("outstanding", "invoices", "overdue", "overdue_invoices", *(f"bucket_{n}" for n in range(len(Bucket))))
MISSED = ("Broken", "Partly Kept")


def summed(column: Any, where: ColumnElement[bool] | None = None) -> Any:
    """A sum of minor units, of those rows only; nothing is 0."""
    added = func.sum(column)
    return func.coalesce(added if where is None else added.filter(where), 0).cast(BigInteger)


def _in(name: Bucket, today: date) -> ColumnElement[bool]:
    first, last = due_between(name, today)
    ends = [invoice.c.due_on >= first] if first else []
    return and_(*ends, *([invoice.c.due_on <= last] if last else []))


def _owing(scope: Scope, today: date, currency: str) -> Any:
    """What each customer that may be seen owes in a currency, as a subquery."""
    late = invoice.c.due_on < today
    found = select(
        invoice.c.customer,
        summed(invoice.c.balance).label("outstanding"),
        func.count().label("invoices"),
        summed(invoice.c.balance, late).label("overdue"),
        func.count().filter(late).label("overdue_invoices"),
        *(summed(invoice.c.balance, _in(name, today)).label(f"bucket_{n}") for n, name in enumerate(Bucket)),
        func.min(invoice.c.due_on).label("oldest"),
    ).where(invoice.c.balance > 0, invoice.c.currency == currency)
    return _seen(found, scope).group_by(invoice.c.customer).subquery("owing")


def _seen(found: Select[Any], scope: Scope) -> Select[Any]:
    """Before anything is added up, only what somebody may see who does not see all."""
    if scope is None:
        return found
    return found.where(invoice.c.customer.in_(select(customer.c.key).where(customers(scope))))


def _added(each: Any) -> list[Any]:
    return [*(summed(each.c[name]).label(name) for name in MEASURES), func.min(each.c.oldest).label("oldest")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What is owed in one currency, in minor units; `buckets` and `counts` (of invoices) in the order of Bucket.

    `kind`: linked, unlinked, or not_ours (what somebody owes who was found to be no customer of ours). `accounts`,
    `customers`: how many owe.
    """

    currency: str
    kind: str
    buckets: tuple[int, ...]
    counts: tuple[int, ...]
    accounts: int
    customers: int

    @property
    def outstanding(self) -> int:
        """Everything that is owed."""
        return sum(self.buckets)

    @property
    def overdue(self) -> int:
        """What is past due."""
        return sum(self.buckets[1:])

    @property
    def invoices(self) -> int:
        """How many invoices are open."""
        return sum(self.counts)

    @property
    def overdue_invoices(self) -> int:
        """How many of them are past due."""
        return sum(self.counts[1:])


_KIND = case(
    (customer.c.link_source.is_not_distinct_from(LinkSource.NOT_OURS), "not_ours"),
    (customer.c.account.is_(None), "unlinked"),
    else_="linked",
).label("kind")


def positions(conn: Connection, scope: Scope, today: date) -> list[Position]:
    """What is owed by currency, apart for linked and unlinked customers; the currency with most open invoices first."""
    owed: dict[tuple[str, str], dict[int, tuple[int, int]]] = defaultdict(dict)
    for currency, kind, bucket, amount, count in conn.execute(_by_bucket(scope, today)):
        owed[currency, kind][bucket] = (amount, count)
    debtors = {(row.currency, row.kind): row for row in conn.execute(_debtors(scope))}
    found = [
        Position(
            currency=slot[0],
            kind=slot[1],
            buckets=tuple(sums.get(n, (0, 0))[0] for n in range(len(Bucket))),
            counts=tuple(sums.get(n, (0, 0))[1] for n in range(len(Bucket))),
            accounts=debtors[slot].accounts if slot in debtors else 0,
            customers=debtors[slot].customers if slot in debtors else 0,
        )
        for slot, sums in owed.items()
    ]
    invoices = Counter({currency: 0 for currency, _ in owed})
    for each in found:
        invoices[each.currency] += each.invoices
    return sorted(found, key=lambda each: (-invoices[each.currency], each.currency, each.kind))


def _by_bucket(scope: Scope, today: date) -> Select[Any]:
    whens = [(_in(name, today), n) for n, name in enumerate(Bucket)]
    bucket = case(*whens[:-1], else_=whens[-1][1]).label("bucket")
    open_ = select(invoice.c.customer, invoice.c.currency, invoice.c.balance, bucket).where(invoice.c.balance > 0)
    each = _seen(open_, scope).subquery("open")
    found = select(each.c.currency, _KIND, each.c.bucket, summed(each.c.balance), func.count())
    return found.join(customer, customer.c.key == each.c.customer).group_by(each.c.currency, _KIND, each.c.bucket)


def _debtors(scope: Scope) -> Select[Any]:
    """How many accounts and customers owe anything: grouped twice, as counting distinct texts would sort them."""
    each = select(invoice.c.customer, invoice.c.currency).where(invoice.c.balance > 0)
    debtor = _seen(each, scope).distinct().subquery("debtor")
    owing = select(debtor.c.currency, _KIND, customer.c.account, func.count().label("customers"))
    owing = owing.join(customer, customer.c.key == debtor.c.customer)
    by = owing.group_by(debtor.c.currency, _KIND, customer.c.account).subquery("owing").c
    counts = (func.count(by.account).label("accounts"), summed(by.customers).label("customers"))
    return select(by.currency, by.kind, *counts).group_by(by.currency, by.kind)


def buckets_of(row: AnyRow) -> tuple[int, ...]:
    """The amounts of a row by bucket, in the order of Bucket."""
    return tuple(int(row._mapping[f"bucket_{n}"]) for n in range(len(Bucket)))  # noqa: SLF001 - public, despite its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which accounts are asked for, and in which order. Empty texts ask for nothing."""

    currency: str
    search: str = ""
    bucket: str = ""
    owner: str = ""
    only: str = ""  # late, missed (a promise), disputed
    settled: bool = False  # accounts that owe nothing, too
    sort: str = "overdue"
    down: bool = True
    offset: int = 0
    limit: int | None = None


def currencies(conn: Connection, scope: Scope) -> list[str]:
    """The currencies in which anything was ever invoiced or paid."""
    ever = select(total.c.currency).distinct()
    if scope is not None:
        ever = ever.where(total.c.customer.in_(select(customer.c.key).where(customers(scope))))
    return sorted(conn.scalars(ever))


def main_currency(conn: Connection, scope: Scope) -> str | None:
    """The currency with most open invoices; None if none is open."""
    found = select(invoice.c.currency).where(invoice.c.balance > 0)
    if scope is not None:
        found = found.where(invoice.c.customer.in_(select(customer.c.key).where(customers(scope))))
    grouped = found.group_by(invoice.c.currency).order_by(func.count().desc(), invoice.c.currency).limit(1)
    return conn.scalar(grouped)


def by_account(conn: Connection, scope: Scope, today: date, wanted: Wanted) -> Sequence[AnyRow]:
    """One row for each account, with totals over all that were asked for (`all_…`) and their number (`found`)."""
    each = _owing(scope, today, wanted.currency)
    owes = (
        select(customer.c.account.label("id"), *_added(each))
        .select_from(customer.outerjoin(each, each.c.customer == customer.c.key) if wanted.settled else
                     customer.join(each, each.c.customer == customer.c.key))
        .where(customer.c.account.is_not(None), customers(scope))
        .group_by(customer.c.account)
        .subquery("owes")
    )  # fmt: skip
    name = func.coalesce(account.c.name, owes.c.id).label("name")
    found = (
        select(owes, name, account.c.owner, person.c.name.label("owner_name"), *_totals(owes))
        .select_from(owes)
        .outerjoin(account, account.c.id == owes.c.id)
        .outerjoin(person, person.c.id == account.c.owner)
        .where(*_conditions(owes, wanted))
    )
    orders = {"name": func.lower(name), "owner": func.lower(person.c.name)}
    order = orders.get(wanted.sort, owes.c.get(wanted.sort, owes.c.overdue))
    directed = order.desc().nulls_last() if wanted.down else order.asc().nulls_last()
    return conn.execute(found.order_by(directed, owes.c.id).offset(wanted.offset).limit(wanted.limit)).all()


def _totals(each: Any) -> list[Any]:
    added = [func.sum(each.c[name]).over().cast(BigInteger).label(f"all_{name}") for name in MEASURES]
    return [func.count().over().label("found"), *added]


def _conditions(owes: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.search:
        found.append(account.c.name.icontains(wanted.search, autoescape=True) | (owes.c.id == wanted.search))
    if wanted.bucket:
        found.append(owes.c[f"bucket_{list(Bucket).index(Bucket(wanted.bucket))}"] > 0)
    if wanted.owner:
        found.append(account.c.owner.is_(None) if wanted.owner == "none" else account.c.owner == wanted.owner)
    if wanted.only == "late":
        found.append(owes.c.overdue > 0)
    if wanted.only == "missed":
        found.append(owes.c.id.in_(_missing(wanted.currency)))
    if wanted.only == "disputed":
        contested = select(dispute.c.account).where(dispute.c.open, dispute.c.currency == wanted.currency)
        found.append(owes.c.id.in_(contested))
    return found


def _missing(currency: str) -> Select[tuple[str]]:
    """Accounts that missed a promise of which something is still owed."""
    return (
        select(commitment.c.account)
        .join(coverage, coverage.c.commitment == commitment.c.id)
        .join(invoice, invoice.c.key == coverage.c.invoice)
        .where(commitment.c.status.in_(MISSED), commitment.c.currency == currency, invoice.c.balance > 0)
    )


def by_owner(conn: Connection, scope: Scope, today: date, currency: str, sort: str, *, down: bool) -> Sequence[AnyRow]:
    """One row for each account owner (`id` empty: nobody, or nobody knows), and how many accounts owe."""
    each = _owing(scope, today, currency)
    found = (
        select(
            account.c.owner.label("id"),
            person.c.name.label("name"),
            func.count(customer.c.account.distinct()).label("accounts"),
            *_added(each),
        )
        .select_from(each)
        .join(customer, customer.c.key == each.c.customer)
        .outerjoin(account, account.c.id == customer.c.account)
        .outerjoin(person, person.c.id == account.c.owner)
        .where(customer.c.account.is_not(None), customers(scope))
        .group_by(account.c.owner, person.c.name)
        .subquery("owners")
    )
    order = func.lower(found.c.name) if sort == "name" else found.c[sort]
    directed = order.desc().nulls_last() if down else order.asc().nulls_last()
    return conn.execute(select(found).order_by(directed, found.c.id)).all()


def owners(conn: Connection, scope: Scope) -> Sequence[AnyRow]:
    """Who owns an account, by name."""
    found = select(account.c.owner.label("id"), person.c.name).outerjoin(person, person.c.id == account.c.owner)
    found = found.where(account.c.owner.is_not(None), account.c.id.in_(linked_accounts(scope))).distinct()
    return sorted(conn.execute(found).all(), key=lambda row: ((row.name or "").casefold(), row.id))
