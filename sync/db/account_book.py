"""The lists of one account: its invoices, payments, promises, disputes, timeline, customers. Page by page, and whole.

Whoever asks has found out before that the account may be seen (sync.db.scope).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, Text, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from sync.db.crm_tables import commitment, coverage, dispute, entry, followup, hold, person
from sync.db.records import IN_LINE, WAITING
from sync.db.tables import AnyRow, account, allocation, credit, customer, invoice, object_, payment, record

INVOICE_ORDERS = ("number", "issued_on", "due_on", "total", "balance", "status")


def head(conn: Connection, account_id: str) -> AnyRow | None:
    """The account as last read, with its owner's name; None if Salesforce has not been asked about it yet."""
    found = select(account, person.c.name.label("owner_name"))
    found = found.outerjoin(person, person.c.id == account.c.owner)
    return conn.execute(found.where(account.c.id == account_id)).first()


def linked(conn: Connection, account_id: str) -> Sequence[AnyRow]:
    """Its billing customers, with the credit they hold: by currency, as text."""
    held = select(func.array_agg(credit.c.currency + literal(" ") + credit.c.amount.cast(Text), type_=ARRAY(Text)))
    held = held.where(credit.c.customer == customer.c.key, credit.c.amount != 0)
    found = select(customer, held.scalar_subquery().label("credits"))
    return conn.execute(found.where(customer.c.account == account_id).order_by(customer.c.key)).all()


def _mine(account_id: str) -> Any:
    return select(customer.c.key).where(customer.c.account == account_id)


_SHOWN: dict[str, Any] = {
    "open": lambda _today: invoice.c.balance > 0,
    "overdue": lambda today: (invoice.c.balance > 0) & (invoice.c.due_on < today),
    "closed": lambda _today: invoice.c.balance <= 0,
}
SHOWN = tuple(_SHOWN)


def _invoices(account_id: str, today: date, which: str, search: str, currency: str) -> Select[Any]:
    found = select(invoice).where(invoice.c.customer.in_(_mine(account_id)), invoice.c.posted)
    if which in _SHOWN:
        found = found.where(_SHOWN[which](today))
    if search:
        found = found.where(invoice.c.number.icontains(search, autoescape=True))
    return found.where(invoice.c.currency == currency) if currency else found


def invoices(
    conn: Connection,
    account_id: str,
    today: date,
    *,
    which: str = "",
    search: str = "",
    currency: str = "",
    sort: str = "due_on",
    down: bool = True,
    offset: int = 0,
    limit: int | None = None,
) -> tuple[int, Sequence[AnyRow]]:
    """How many invoices there are of those asked for, and some of them. `which`: one of SHOWN, else all."""
    found = _invoices(account_id, today, which, search, currency)
    total = int(conn.scalar(select(func.count()).select_from(found.subquery())) or 0)
    order = invoice.c[sort if sort in INVOICE_ORDERS else "due_on"]
    directed = order.desc().nulls_last() if down else order.asc().nulls_last()
    return total, conn.execute(found.order_by(directed, invoice.c.key).offset(offset).limit(limit)).all()


def payments(conn: Connection, account_id: str, *, offset: int, limit: int) -> tuple[int, Sequence[AnyRow]]:
    """How many payments there are, and some of them, the latest first, with the numbers of the invoices they paid."""
    mine = payment.c.customer.in_(_mine(account_id)) & payment.c.receivable
    total = int(conn.scalar(select(func.count()).select_from(payment).where(mine)) or 0)
    page = select(payment).where(mine).order_by(payment.c.paid_at.desc(), payment.c.key)
    each = page.offset(offset).limit(limit).subquery()
    paid = (
        select(func.array_agg(func.coalesce(invoice.c.number, invoice.c.key), type_=ARRAY(Text)))
        .select_from(allocation.join(invoice, invoice.c.key == allocation.c.invoice))
        .where(allocation.c.payment == each.c.key)
    )
    found = select(each, paid.scalar_subquery().label("numbers")).order_by(each.c.paid_at.desc(), each.c.key)
    return total, conn.execute(found).all()


def timeline(conn: Connection, account_id: str, *, offset: int, limit: int) -> tuple[int, Sequence[AnyRow]]:
    """How many entries there are, and some of them, the latest first, with their invoices' numbers."""
    mine = entry.c.account == account_id
    total = int(conn.scalar(select(func.count()).select_from(entry).where(mine)) or 0)
    found = select(entry, invoice.c.number).outerjoin(invoice, invoice.c.key == entry.c.invoice).where(mine)
    return total, conn.execute(
        found.order_by(entry.c.occurred_at.desc(), entry.c.key).offset(offset).limit(limit)
    ).all()


def _number(table: Any) -> Any:
    return select(invoice.c.number).where(invoice.c.key == table.c.invoice).scalar_subquery().label("number")


def promises(conn: Connection, account_id: str, limit: int) -> Sequence[AnyRow]:
    """Its latest commitments, open ones first."""
    is_open = case((commitment.c.status == "Open", 0), else_=1)
    found = select(commitment).where(commitment.c.account == account_id)
    return conn.execute(found.order_by(is_open, commitment.c.promised_on.desc().nulls_first()).limit(limit)).all()


def contested(conn: Connection, account_id: str, limit: int) -> Sequence[AnyRow]:
    """Its latest disputes, open ones first."""
    found = select(dispute, _number(dispute)).where(dispute.c.account == account_id)
    return conn.execute(found.order_by(dispute.c.open.desc(), dispute.c.opened_at.desc()).limit(limit)).all()


def holds(conn: Connection, account_id: str, limit: int) -> Sequence[AnyRow]:
    """Invoices that the billing system was asked to leave alone, or is being asked."""
    found = select(hold, _number(hold)).where(hold.c.account == account_id, hold.c.state != "Not Held")
    return conn.execute(found.order_by(hold.c.wanted.desc(), hold.c.invoice).limit(limit)).all()


def follow_ups(conn: Connection, account_id: str, limit: int) -> Sequence[AnyRow]:
    """What somebody has to chase, and what was chased: open ones first."""
    is_open = case((followup.c.outcome.is_(None), 0), else_=1)
    found = select(followup, _number(followup)).where(followup.c.account == account_id)
    return conn.execute(found.order_by(is_open, followup.c.due_on.desc(), followup.c.key).limit(limit)).all()


# --- one invoice ------------------------------------------------------------------------------------------------------


def allocations(conn: Connection, key: str) -> Sequence[AnyRow]:
    """What was paid on an invoice, with its payments where they are known."""
    names = ("method", "status", "refunded", "charged_back")
    found = select(allocation, *(payment.c[name] for name in names), payment.c.amount.label("whole"))
    found = found.outerjoin(payment, payment.c.key == allocation.c.payment).where(allocation.c.invoice == key)
    return conn.execute(found.order_by(allocation.c.paid_at, allocation.c.n)).all()


def told_of(conn: Connection, key: str) -> Sequence[AnyRow]:
    """What the billing system said of an invoice, and of its credit notes: kind and facts."""
    notes = (object_.c.invoice == key) & (object_.c.kind == "credit_note")
    found = select(object_.c.kind, object_.c.facts, object_.c.doubtful, object_.c.changed_at)
    return conn.execute(found.where(or_(object_.c.key == key, notes), object_.c.facts.is_not(None))).all()


def entries_of(conn: Connection, key: str, limit: int) -> Sequence[AnyRow]:
    """The latest timeline entries about an invoice."""
    return conn.execute(
        select(entry).where(entry.c.invoice == key).order_by(entry.c.occurred_at.desc(), entry.c.key).limit(limit)
    ).all()


def claims_of(conn: Connection, key: str) -> tuple[Sequence[AnyRow], Sequence[AnyRow], AnyRow | None]:
    """The commitments that cover an invoice, the disputes about it, and its hold."""
    promised = select(commitment).join(coverage, coverage.c.commitment == commitment.c.id)
    promised = promised.where(coverage.c.invoice == key).order_by(commitment.c.promised_on.desc().nulls_first())
    disputed = select(dispute).where(dispute.c.invoice == key).order_by(dispute.c.opened_at.desc())
    held = conn.execute(select(hold).where(hold.c.invoice == key, hold.c.state != "Not Held")).first()
    return conn.execute(promised).all(), conn.execute(disputed).all(), held


def records_of(conn: Connection, key: str) -> Sequence[AnyRow]:
    """The records in Salesforce of an invoice and of its payments."""
    paid = select(allocation.c.payment).where(allocation.c.invoice == key, allocation.c.payment.is_not(None))
    mine = (record.c.kind == "invoice") & (record.c.key == key)
    theirs = (record.c.kind == "payment") & record.c.key.in_(paid)
    return conn.execute(select(record).where(or_(mine, theirs)).order_by(record.c.kind, record.c.key)).all()


# --- as far as is known here of Salesforce ----------------------------------------------------------------------------


def standing(conn: Connection, account_id: str) -> Sequence[AnyRow]:
    """Its records by kind: how many stand in Salesforce, wait to be written, are parked; when one was written last."""
    found = select(
        record.c.kind,
        func.count().filter(record.c.written_at.is_not(None)).label("written"),
        func.count().filter(IN_LINE).label("waiting"),
        func.count().filter(record.c.parked.is_not(None)).label("parked"),
        func.max(record.c.written_at).label("written_at"),
    )
    return conn.execute(found.where(record.c.lane == account_id).group_by(record.c.kind).order_by(record.c.kind)).all()


def stuck(conn: Connection, account_id: str, limit: int) -> Sequence[AnyRow]:
    """Its records that Salesforce refused, by cause: the code, reason and fix, and how many."""
    found = select(record.c.kind, record.c.parked, record.c.reason, record.c.fix, func.count().label("records"))
    found = found.where(record.c.lane == account_id, record.c.parked.is_not(None))
    grouped = found.group_by(record.c.kind, record.c.parked, record.c.reason, record.c.fix)
    return conn.execute(grouped.order_by(func.count().desc(), record.c.kind).limit(limit)).all()


def latest_records(conn: Connection, account_id: str, limit: int) -> tuple[int, Sequence[AnyRow]]:
    """How many records it has, and some: its figures, what waits or is parked, then what was written last."""
    mine = record.c.lane == account_id
    total = int(conn.scalar(select(func.count()).select_from(record).where(mine)) or 0)
    order = (
        record.c.kind.not_in(("summary", "account")),
        ~or_(WAITING, record.c.parked.is_not(None)),
        record.c.written_at.desc().nulls_last(),
        record.c.kind,
        record.c.key,
    )
    return total, conn.execute(select(record).where(mine).order_by(*order).limit(limit)).all()
