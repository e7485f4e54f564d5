"""How the whole book has moved: what sync.core.trend works the months out of."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, Text, case, column, func, select, text
from sqlalchemy.dialects.postgresql import JSONB

from sync.core.dates import Calendar
from sync.core.linking import LinkSource
from sync.core.summary import DaySums
from sync.core.trend import Uneven
from sync.db.book_figures import summed
from sync.db.scope import Scope, customers
from sync.db.tables import AnyRow, customer, day_sum, invoice, object_


def day_sums(conn: Connection, scope: Scope, currency: str, since: date) -> list[DaySums]:
    """The postings of each day from `since`, over all customers."""
    sums = [summed(day_sum.c[name]) for name in ("invoiced", "collected", "late_amount")]
    found = select(day_sum.c.day, *sums).where(day_sum.c.currency == currency, day_sum.c.day >= since)
    found = _of(found, day_sum.c.customer, scope).group_by(day_sum.c.day).order_by(day_sum.c.day)
    return [DaySums(day, invoiced, collected, late) for day, invoiced, collected, late in conn.execute(found)]


def uneven(conn: Connection, scope: Scope, currency: str, calendar: Calendar) -> list[Uneven]:
    """Invoices that were not simply paid, or are not simply open, of all time."""
    lost = func.jsonb_each(invoice.c.postings).table_valued(column("key", Text), column("value", JSONB), name="lost")
    lost_on = select(func.min(lost.c.key)).where(lost.c.value.has_key("written_off"))
    note = func.jsonb_build_array(object_.c.facts["created_at"], object_.c.facts["amount"])
    notes = select(func.jsonb_agg(note)).where(
        object_.c.invoice == invoice.c.key,
        object_.c.kind == "credit_note",
        object_.c.facts["status"].astext == "issued",
        object_.c.facts["before_payment"].astext == "true",
    )
    names = ("status", "issued_on", "total", "paid", "balance", "written_off")
    found = select(
        *(invoice.c[name] for name in names),
        case((invoice.c.written_off > 0, lost_on.scalar_subquery())).label("lost_on"),
        case((invoice.c.credited > 0, notes.scalar_subquery())).label("notes"),
    ).where(invoice.c.currency == currency, invoice.c.issued_on.is_not(None), _UNEVEN)
    rows = conn.execute(_of(found, invoice.c.customer, scope))
    return [_uneven(row, calendar) for row in rows]


_UNEVEN = text("posted AND total <> paid + balance AND (paid > 0 OR status <> 'void')")  # as the index has it


def _uneven(row: AnyRow, calendar: Calendar) -> Uneven:
    return Uneven(
        status=row.status,
        issued_on=row.issued_on,
        total=row.total,
        paid=row.paid,
        balance=row.balance,
        written_off=row.written_off,
        written_off_on=date.fromisoformat(row.lost_on) if row.lost_on else None,
        notes=[(calendar.on(datetime.fromtimestamp(at, calendar.zone)), amount) for at, amount in row.notes or ()],
    )


def _of(found: Select[Any], key: Any, scope: Scope) -> Select[Any]:
    """Only what belongs to customers that count."""
    if scope is None:
        left_out = select(customer.c.key).where(customer.c.link_source == LinkSource.NOT_OURS)
        return found.where(key.not_in(left_out))
    return found.where(key.in_(select(customer.c.key).where(customers(scope))))
