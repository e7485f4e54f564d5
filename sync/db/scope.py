"""Whose receivables somebody sees: everybody's, or those of the accounts that a Salesforce user owns or works on.

Every query of the receivables goes through here, so that no list, file or address shows more than another.
"""

from sqlalchemy import ColumnElement, Connection, Select, exists, select

from sync.core.linking import LinkSource
from sync.db.crm_tables import teammate
from sync.db.tables import AnyRow, account, customer, invoice

Scope = str | None  # a Salesforce user's id; None: everything


def customers(scope: Scope) -> ColumnElement[bool]:
    """Which rows of `customer` count. Who was found to be no customer of ours counts for nobody."""
    if scope is None:
        return customer.c.link_source.is_distinct_from(LinkSource.NOT_OURS)
    return customer.c.account.in_(accounts(scope))


def accounts(scope: str) -> Select[tuple[str]]:
    """The accounts that this user owns, or is on the team of."""
    owned = select(account.c.id).where(account.c.owner == scope)
    helped = select(teammate.c.account).where(teammate.c.person == scope)
    return select(owned.union(helped).subquery().c.id)


def linked_accounts(scope: Scope) -> Select[tuple[str | None]]:
    """The accounts of all customers that count."""
    return select(customer.c.account).where(customer.c.account.is_not(None), customers(scope))


def sees_account(conn: Connection, scope: Scope, account_id: str) -> bool:
    """Whether there is anything of that account, and it may be seen."""
    linked = select(customer.c.key).where(customer.c.account == account_id)
    known = select(account.c.id).where(account.c.id == account_id)
    if scope is not None:
        known = known.where(account.c.id.in_(accounts(scope)))
        return bool(conn.scalar(select(exists(known))))
    return bool(conn.scalar(select(exists(known) | exists(linked))))


def invoice_seen(conn: Connection, scope: Scope, key: str) -> AnyRow | None:
    """A posted invoice with its customer, if it may be seen."""
    names = ("account", "connection", "provider", "name", "email", "link_source")
    found = select(invoice, *(customer.c[name].label(f"customer_{name}") for name in names))
    found = found.join(customer, customer.c.key == invoice.c.customer).where(invoice.c.key == key, invoice.c.posted)
    return conn.execute(found if scope is None else found.where(customers(scope))).first()
