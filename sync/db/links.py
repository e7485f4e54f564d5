"""Which account each billing customer belongs to, and what is known of accounts. Suggestions: sync.db.matching."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Connection, delete, func, literal, null, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from sync.core.linking import SHARED_FIELD, LinkSource
from sync.db.crm_tables import entry, person
from sync.db.records import seconds
from sync.db.tables import AnyRow, account, customer, invoice, object_, payment, suggestion

# Customers whose account is to be found: those that a person has unlinked are among them, those not ours are not.
OPEN = customer.c.account.is_(None) & ~customer.c.deleted & customer.c.link_source.is_distinct_from(LinkSource.NOT_OURS)


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
    """Write a customer's link, or why it has none. What was suggested before does not count any more."""
    values = {"account": to, "link_source": source, "link_problem": problem, "match": null(), "looked_up_at": null()}
    linked_at = func.clock_timestamp() if to else None
    conn.execute(update(customer).where(customer.c.key == key).values(**values, linked_at=linked_at))
    conn.execute(delete(suggestion).where(suggestion.c.customer == key))


def tell_problem(conn: Connection, key: str, problem: str | None) -> None:
    """Why rules could not link a customer; nothing is said of one that is linked, or about which a person decided."""
    undecided = customer.c.account.is_(None) & customer.c.link_source.is_(None)
    conn.execute(update(customer).where(customer.c.key == key, undecided).values(link_problem=problem))


def field_is_free(conn: Connection, keys: Iterable[str]) -> None:
    """No two accounts hold the billing ids of these customers any more: that is not told any longer."""
    told = customer.c.key.in_(list(keys)) & customer.c.link_problem.contains(SHARED_FIELD)
    conn.execute(update(customer).where(told, customer.c.account.is_(None)).values(link_problem=None))


def customers_of(conn: Connection, accounts: Iterable[str]) -> Sequence[AnyRow]:
    """Customers linked to these accounts."""
    found = select(customer.c.key, customer.c.account, customer.c.connection, customer.c.provider)
    return conn.execute(found.where(customer.c.account.in_(list(accounts)))).all()


def linked_to(conn: Connection, accounts: Iterable[str]) -> dict[str, int]:
    """How many customers are linked to each of these accounts; those without any are left out."""
    counted = select(customer.c.account, func.count().label("number")).where(customer.c.account.in_(list(accounts)))
    return {row.account: row.number for row in conn.execute(counted.group_by(customer.c.account))}


def linked_accounts(conn: Connection, limit: int) -> Sequence[str]:
    """Accounts that some customer is linked to, at most so many."""
    return conn.scalars(select(customer.c.account).where(customer.c.account.is_not(None)).distinct().limit(limit)).all()


def records_of(conn: Connection, key: str) -> list[tuple[str, str]]:
    """Everything of a customer that has, or would have, a record of its own in Salesforce: (kind, key)."""
    return [(row.kind, row.key) for row in conn.execute(_records_of(key))]


def count_records(conn: Connection, key: str) -> dict[str, int]:
    """How many of each kind these are."""
    records = _records_of(key).subquery()
    counted = select(records.c.kind, func.count().label("number")).group_by(records.c.kind)
    return {row.kind: row.number for row in conn.execute(counted)}


def _records_of(key: str) -> CompoundSelect[Any]:
    invoices = select(literal("invoice").label("kind"), invoice.c.key).where(
        invoice.c.customer == key, invoice.c.posted
    )
    paid = select(payment.c.key).where(payment.c.customer == key)
    payments = select(literal("payment"), payment.c.key).where(payment.c.customer == key)
    charge = object_.alias("charge_object")
    charges = select(charge.c.key).where(charge.c.payment.in_(paid), charge.c.kind == "charge")
    refund = select(literal("refund"), object_.c.key).where(object_.c.kind == "refund")
    refunds = (  # one condition each: an index serves each, and none serves all of them
        refund.where(object_.c.payment.in_(paid)),
        refund.where(object_.c.charge.in_(paid)),
        refund.where(object_.c.charge.in_(charges)),
    )
    ours = select(invoice.c.key).where(invoice.c.customer == key, invoice.c.posted)
    told = select(literal("activity"), entry.c.key).where(entry.c.invoice.in_(ours), entry.c.ours)
    return invoices.union(payments, *refunds, told)


def to_look_up(conn: Connection, every_s: float, limit: int) -> Sequence[AnyRow]:
    """Open customers for which Salesforce has not been asked lately; they are taken to be asked for now."""
    stale = or_(
        customer.c.looked_up_at.is_(None),
        customer.c.looked_up_at < func.now() - seconds("every").bindparams(every=every_s),
    )
    due = (
        select(customer.c.key)
        .where(OPEN, stale)
        .order_by(customer.c.looked_up_at.nulls_first(), customer.c.key)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return conn.execute(
        update(customer)
        .where(customer.c.key.in_(due.scalar_subquery()))
        .values(looked_up_at=func.clock_timestamp())
        .returning(customer.c.key, customer.c.name, customer.c.email, customer.c.domain, customer.c.link_source)
    ).all()


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as last read from Salesforce. `gone`: deleted there."""

    id: str
    name: str
    currency: str | None = None
    owner: str | None = None
    gone: bool = False


def seen_account(conn: Connection, account_id: str) -> AnyRow | None:
    """An account as last read, however long ago, with its owner's name (`owner_name`)."""
    found = select(account, person.c.name.label("owner_name")).outerjoin(person, person.c.id == account.c.owner)
    return conn.execute(found.where(account.c.id == account_id)).first()


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
