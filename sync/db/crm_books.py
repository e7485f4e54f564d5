"""Reads what is written on the rows of the way back, and what accounts are flagged with."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, case, distinct, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from sync.core.dates import Calendar
from sync.core.projection import Flags
from sync.db.crm_tables import assignment, commitment, coverage, crm, dispute, entry, followup, hold, person
from sync.db.records import STANDS
from sync.db.tables import AnyRow, invoice, record
from sync.db.tables import account as account_

FINAL_NOTICE = "Final Notice"  # of AR_Activity__c.Kind__c


def commitments(conn: Connection, keys: Sequence[str]) -> dict[str, AnyRow]:
    """Commitments as they were decided last."""
    return {row.id: row for row in conn.execute(select(commitment).where(commitment.c.id.in_(keys)))}


def disputes(conn: Connection, keys: Sequence[str]) -> dict[str, AnyRow]:
    """Disputes as they were decided last."""
    return {row.id: row for row in conn.execute(select(dispute).where(dispute.c.id.in_(keys)))}


def entries(conn: Connection, keys: Sequence[str]) -> dict[str, AnyRow]:
    """Timeline entries of ours, with what they can point to: records that stand in Salesforce or are about to."""
    there = select(record.c.key).where(record.c.kind == "invoice", record.c.key == entry.c.invoice, STANDS)
    alive = select(crm.c.id).where(~crm.c.deleted)
    found = select(
        entry,
        there.correlate(entry).scalar_subquery().label("shown"),
        alive.where(crm.c.id == entry.c.commitment).correlate(entry).scalar_subquery().label("commitment_there"),
        alive.where(crm.c.id == entry.c.dispute).correlate(entry).scalar_subquery().label("dispute_there"),
    ).where(entry.c.key.in_(keys))
    return {row.key: row for row in conn.execute(found)}


def follow_ups(conn: Connection, keys: Sequence[str]) -> dict[str, AnyRow]:
    """Follow-ups, with whose they are: `assignee` alone has taken what they are about, `takers` is how many invoices
    somebody has, `former` gave them back; and whether assignee and account owner are active (empty: nobody knows).
    """
    assignee = _about(_only(assignment.c.person))
    owner = select(person.c.active).join(account_, account_.c.owner == person.c.id)
    owner = owner.where(account_.c.id == followup.c.account)
    found = select(
        followup,
        owner.correlate(followup).scalar_subquery().label("owner_active"),
        assignee.label("assignee"),
        _about(_only(assignment.c.former)).label("former"),
        _about(func.count(assignment.c.person)).label("takers"),
        select(person.c.active).where(person.c.id == assignee).scalar_subquery().label("assignee_active"),
    )
    return {row.key: row for row in conn.execute(found.where(followup.c.key.in_(keys)))}


def _only(person_id: Any) -> Any:
    """The only person there; nobody where there are several."""
    return case((func.count(distinct(person_id)) == 1, func.min(person_id)))


def _about(figure: Any) -> Any:
    """Something of the assignments of the invoices that a follow-up is about."""
    promised = (
        select(coverage.c.invoice)
        .join(invoice, invoice.c.key == coverage.c.invoice)
        .where(coverage.c.commitment == followup.c.commitment, invoice.c.balance > 0)
    )
    about = or_(assignment.c.invoice == followup.c.invoice, assignment.c.invoice.in_(promised.correlate(followup)))
    return select(figure).where(about).correlate(followup).scalar_subquery()


def flags(conn: Connection, accounts: Iterable[str], calendar: Calendar) -> dict[str, Flags]:
    """What sales should know of these accounts before it sells there."""
    wanted = list(accounts)
    disputed = set(conn.scalars(_on_open_invoices(dispute, wanted, dispute.c.open)))
    held = set(conn.scalars(_on_open_invoices(hold, wanted, hold.c.state == "Held")))
    notices = {row.account: calendar.on(row.occurred_at) for row in conn.execute(_notices(wanted))}
    return {name: Flags(name in disputed, name in held, notices.get(name)) for name in wanted}


def _on_open_invoices(table: Any, accounts: list[str], which: Any) -> Any:
    found = select(table.c.account).join(invoice, invoice.c.key == table.c.invoice).distinct()
    return found.where(table.c.account.in_(accounts), which, invoice.c.balance > 0)


def _notices(accounts: list[str]) -> Any:
    """The latest final notice of each account."""
    return (
        select(entry.c.account, entry.c.occurred_at)
        .ext(distinct_on(entry.c.account))
        .where(entry.c.account.in_(accounts), entry.c.kind == FINAL_NOTICE)
        .order_by(entry.c.account, entry.c.occurred_at.desc())
    )
