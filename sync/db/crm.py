"""What Salesforce said of the records that people make there, and of the people themselves. No rules.

A row is applied only where it says something else than what is stored, so reading the same span twice, equal stamps
and repeated messages do no harm. One poller reads at a time, so what is read later is newer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from sync.db.crm_tables import commitment, crm, dispute, entry, followup, hold, person, teammate
from sync.db.tables import AnyRow, account, customer, invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmRow:
    """One record as read: `fields` in Salesforce's own JSON values (numbers as text), stamps by Salesforce's clock."""

    kind: str
    id: str
    fields: Mapping[str, Any]
    stamp: datetime
    deleted: bool
    created_at: datetime
    changed_at: datetime
    changed_by_id: str | None
    changed_by: str | None

    def text(self, name: str) -> str | None:
        """A field's value as text; None where it is empty."""
        value = self.fields.get(name)
        return None if value is None or value == "" else str(value)


def stored(conn: Connection, ids: Iterable[str]) -> dict[str, AnyRow]:
    """What is stored of these records."""
    rows = conn.execute(select(crm).where(crm.c.id.in_(list(ids))))
    return {row.id: row for row in rows}


def put(conn: Connection, row: CrmRow, account_id: str | None, invoice_key: str | None) -> None:
    """Store a record as read; a field that we may not see any more keeps what was read of it last."""
    made = insert(crm).values(
        id=row.id,
        kind=row.kind,
        account=account_id,
        invoice=invoice_key,
        row=dict(row.fields),
        stamp=row.stamp,
        deleted=row.deleted,
        created_at=row.created_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )
    names = ("account", "invoice", "row", "stamp", "deleted", "changed_by", "changed_at")
    changed: dict[str, Any] = {name: made.excluded[name] for name in names}
    changed["row"] = crm.c.row.op("||")(made.excluded.row)
    changed["read_at"] = func.clock_timestamp()
    conn.execute(made.on_conflict_do_update(index_elements=["id"], set_=changed))


def of_account(conn: Connection, account_id: str, kind: str) -> Sequence[AnyRow]:
    """The living records of one kind that concern an account, oldest first."""
    wanted = select(crm).where(crm.c.account == account_id, crm.c.kind == kind, ~crm.c.deleted)
    return conn.execute(wanted.order_by(crm.c.created_at, crm.c.id)).all()


def accounts_of_invoices(conn: Connection, keys: Iterable[str]) -> dict[str, str]:
    """The linked accounts of those invoices that have one."""
    found = select(invoice.c.key, customer.c.account).join(customer, customer.c.key == invoice.c.customer)
    rows = conn.execute(found.where(invoice.c.key.in_(list(keys)), customer.c.account.is_not(None)))
    return {row.key: row.account for row in rows}


def known_accounts(conn: Connection, ids: Iterable[str]) -> set[str]:
    """Those of these accounts to which a billing customer is linked."""
    return set(conn.scalars(select(customer.c.account).where(customer.c.account.in_(list(ids))).distinct()))


def follow(conn: Connection, customer_key: str, to: str | None) -> None:
    """A customer now belongs to another account: whatever concerns its invoices goes with it."""
    if to is None:
        return
    ours = select(invoice.c.key).where(invoice.c.customer == customer_key, invoice.c.posted)  # as its index has it
    for table in (crm, followup, hold, dispute, entry):
        conn.execute(
            update(table).where(table.c.invoice.in_(ours), table.c.account.is_distinct_from(to)).values(account=to)
        )
    named = select(crm.c.id).where(crm.c.invoice.in_(ours))
    conn.execute(update(commitment).where(commitment.c.id.in_(named)).values(account=to))


def move_account(conn: Connection, merged: str, into: str) -> None:
    """An account was merged into another: what concerned it concerns the other."""
    for table in (crm, followup, hold, dispute, entry, commitment):
        conn.execute(update(table).where(table.c.account == merged).values(account=into))


def put_people(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Remember users: id, name, email, role, active."""
    _put_all(conn, person, rows)


def put_team(conn: Connection, rows: Sequence[Mapping[str, Any]], gone: Iterable[str]) -> None:
    """Remember members of account teams: id, account, person, role; forget those that are gone."""
    _put_all(conn, teammate, rows)
    left = list(gone)
    if left:
        conn.execute(delete(teammate).where(teammate.c.id.in_(left)))


def _put_all(conn: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        made = insert(table).values([dict(row) for row in sorted(rows, key=lambda row: str(row["id"]))])
        changed = {column.name: made.excluded[column.name] for column in table.columns if not column.primary_key}
        conn.execute(made.on_conflict_do_update(index_elements=["id"], set_=changed))


def inactive(conn: Connection, ids: Iterable[str]) -> set[str]:
    """Those of these users that were not active when they were read last."""
    return set(conn.scalars(select(person.c.id).where(person.c.id.in_(list(ids)), ~person.c.active)))


def owned_by(conn: Connection, people: Iterable[str]) -> list[str]:
    """The accounts that these users own."""
    return list(conn.scalars(select(account.c.id).where(account.c.owner.in_(list(people)))))
