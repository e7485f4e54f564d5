"""Which account each billing customer belongs to, what is known of accounts, and suggestions for the undecided."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, delete, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from sync.core.linking import AccountCard, LinkSource
from sync.core.money import Money
from sync.db.crm_tables import entry
from sync.db.records import seconds
from sync.db.tables import AnyRow, account, customer, invoice, object_, payment, suggestion


def get(conn: Connection, key: str) -> AnyRow | None:
    """The customer's row, locked."""
    return conn.execute(select(customer).where(customer.c.key == key).with_for_update()).first()


def account_of(conn: Connection, keys: Iterable[str]) -> dict[str, str]:
    """The linked accounts of those customers that have one."""
    found = select(customer.c.key, customer.c.account).where(
        customer.c.key.in_(list(keys)), customer.c.account.is_not(None)
    )
    return {row.key: row.account for row in conn.execute(found)}


def set_link(conn: Connection, key: str, to: str | None, source: LinkSource | None, problem: str | None) -> None:
    """Write a customer's link, or why there is none."""
    conn.execute(
        update(customer)
        .where(customer.c.key == key)
        .values(account=to, link_source=source, link_problem=problem, linked_at=func.clock_timestamp() if to else None)
    )
    if to:
        conn.execute(delete(suggestion).where(suggestion.c.customer == key))


def customers_of(conn: Connection, accounts: Iterable[str]) -> Sequence[AnyRow]:
    """Customers linked to these accounts."""
    found = select(customer.c.key, customer.c.account, customer.c.connection, customer.c.provider)
    return conn.execute(found.where(customer.c.account.in_(list(accounts)))).all()


def linked_accounts(conn: Connection, limit: int) -> Sequence[str]:
    """Accounts that some customer is linked to, at most so many."""
    return conn.scalars(select(customer.c.account).where(customer.c.account.is_not(None)).distinct().limit(limit)).all()


def records_of(conn: Connection, key: str) -> list[tuple[str, str]]:
    """Everything of a customer that has, or would have, a record of its own in Salesforce: (kind, key)."""
    invoices = select(literal("invoice"), invoice.c.key).where(invoice.c.customer == key, invoice.c.posted)
    payments = select(literal("payment"), payment.c.key).where(payment.c.customer == key)
    charge = object_.alias("charge_object")
    paid_back = or_(
        object_.c.payment == payment.c.key,
        object_.c.charge == payment.c.key,
        object_.c.charge.in_(select(charge.c.key).where(charge.c.payment == payment.c.key)),
    )
    refunds = (
        select(literal("refund"), object_.c.key)
        .select_from(object_)
        .join(payment, paid_back)
        .where(payment.c.customer == key, object_.c.kind == "refund")
    )
    ours = select(invoice.c.key).where(invoice.c.customer == key)
    told = select(literal("activity"), entry.c.key).where(entry.c.invoice.in_(ours), entry.c.ours)
    return [(kind, found) for kind, found in conn.execute(invoices.union(payments, refunds, told))]


def to_look_up(conn: Connection, every_s: float, limit: int) -> Sequence[AnyRow]:
    """Unlinked customers for which Salesforce has not been asked lately; they are taken to be asked for now."""
    stale = or_(
        customer.c.looked_up_at.is_(None),
        customer.c.looked_up_at < func.now() - seconds("every").bindparams(every=every_s),
    )
    due = (
        select(customer.c.key)
        .where(
            customer.c.account.is_(None),
            customer.c.link_source.is_distinct_from(LinkSource.PERSON),  # a person has decided on none
            ~customer.c.deleted,
            stale,
        )
        .order_by(customer.c.looked_up_at.nulls_first(), customer.c.key)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return conn.execute(
        update(customer)
        .where(customer.c.key.in_(due.scalar_subquery()))
        .values(looked_up_at=func.clock_timestamp())
        .returning(customer.c.key, customer.c.name, customer.c.email, customer.c.domain)
    ).all()


def suggest(conn: Connection, key: str, found: Sequence[tuple[AccountCard, str]]) -> None:
    """Replace a customer's suggestions."""
    conn.execute(delete(suggestion).where(suggestion.c.customer == key))
    if found:
        rows = [
            {"customer": key, "account": card.id, "account_name": card.name, "reason": reason} for card, reason in found
        ]
        conn.execute(insert(suggestion).values(rows).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A customer without an account: what it owes, why it has none if that is known, and whom it may belong to."""

    key: str
    name: str | None
    email: str | None
    problem: str | None
    owed: tuple[Money, ...]
    suggestions: tuple[AnyRow, ...]


def unlinked(conn: Connection, limit: int) -> list[Unlinked]:
    """Up to so many customers without an account."""
    open_ = (customer.c.account.is_(None)) & ~customer.c.deleted
    rows = conn.execute(select(customer).where(open_).order_by(customer.c.key).limit(limit)).all()
    keys = [row.key for row in rows]
    owed: dict[str, list[Money]] = defaultdict(list)
    balances = select(invoice.c.customer, invoice.c.currency, func.sum(invoice.c.balance).cast(BigInteger))
    of_them = invoice.c.customer.in_(keys) & (invoice.c.balance > 0)
    grouped = balances.where(of_them).group_by(invoice.c.customer, invoice.c.currency)
    for key, currency, balance in conn.execute(grouped.order_by(invoice.c.currency)):
        owed[key].append(Money(balance, currency))
    hints: dict[str, list[AnyRow]] = defaultdict(list)
    for hint in conn.execute(select(suggestion).where(suggestion.c.customer.in_(keys)).order_by(suggestion.c.account)):
        hints[hint.customer].append(hint)
    return [
        Unlinked(row.key, row.name, row.email, row.link_problem, tuple(owed[row.key]), tuple(hints[row.key]))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as last read from Salesforce. `gone`: deleted there."""

    id: str
    name: str
    currency: str | None = None
    owner: str | None = None
    gone: bool = False


def known_accounts(conn: Connection, ids: Iterable[str], max_age_s: float) -> dict[str, AccountRow]:
    """Accounts read from Salesforce no longer ago than that. One that was gone is not among them: it may be back."""
    fresh = account.c.read_at > func.now() - seconds("age").bindparams(age=max_age_s)
    rows = conn.execute(select(account).where(account.c.id.in_(list(ids)), fresh, ~account.c.gone))
    return {row.id: AccountRow(row.id, row.name, row.currency, row.owner, row.gone) for row in rows}


def gone(conn: Connection, ids: Iterable[str]) -> set[str]:
    """Those of these accounts that were found deleted, or merged into others."""
    return set(conn.scalars(select(account.c.id).where(account.c.id.in_(list(ids)), account.c.gone)))


def is_gone(conn: Connection, account_id: str) -> bool:
    """Whether that account was found deleted, or merged into another."""
    return bool(conn.execute(select(account.c.gone).where(account.c.id == account_id)).scalar())


def put_accounts(conn: Connection, rows: Sequence[AccountRow]) -> None:
    """Remember accounts as just read."""
    if not rows:
        return
    values = [
        {"id": row.id, "name": row.name, "currency": row.currency, "owner": row.owner, "gone": row.gone}
        for row in sorted(rows, key=lambda row: row.id)
    ]
    made = insert(account).values([{**value, "read_at": func.clock_timestamp()} for value in values])
    changed = {name: made.excluded[name] for name in ("name", "currency", "owner", "gone", "read_at")}
    conn.execute(made.on_conflict_do_update(index_elements=["id"], set_=changed))


def doubt_accounts(conn: Connection, ids: Iterable[str]) -> None:
    """Have these accounts read again before the next write: Salesforce said something about them that surprised us."""
    wanted = list(ids)
    if wanted:
        conn.execute(update(account).where(account.c.id.in_(wanted)).values(read_at=text("'-infinity'")))
