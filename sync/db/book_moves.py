"""How the whole book has moved: what sync.core.trend works the months out of."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Text, column, literal_column, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from sync.core.dates import Calendar, instant
from sync.core.linking import LinkSource
from sync.core.summary import DaySums
from sync.core.trend import Uneven
from sync.db.book_figures import summed
from sync.db.scope import Scope, customers
from sync.db.tables import AnyRow, customer, day_sum, invoice


def outstanding(conn: Connection, scope: Scope, currency: str) -> int:
    """What is owed now, over all customers."""
    found = select(summed(invoice.c.balance)).where(invoice.c.balance > 0, invoice.c.currency == currency)
    return int(conn.scalar(_of(conn, found, invoice.c.customer, scope)) or 0)


def day_sums(conn: Connection, scope: Scope, currency: str, since: date) -> list[DaySums]:
    """The postings of each day from `since`, over all customers."""
    sums = [summed(day_sum.c[name]) for name in ("invoiced", "collected", "late_amount")]
    found = select(day_sum.c.day, *sums).where(day_sum.c.currency == currency, day_sum.c.day >= since)
    found = _of(conn, found, day_sum.c.customer, scope).group_by(day_sum.c.day).order_by(day_sum.c.day)
    return [DaySums(*row) for row in conn.execute(found)]


# Spelled as the index ix_invoice_uneven has it, so that it is used.
_UNEVEN = text("posted AND total <> paid + balance AND (paid > 0 OR status <> 'void')")
_LOST_ON: ColumnElement[Any] = literal_column("""\
CASE WHEN invoice.written_off > 0 THEN (
  SELECT min(day)::date FROM jsonb_each(invoice.postings) AS posted_on (day, sums)
  WHERE jsonb_exists(sums, 'written_off')) END""")
# Credit notes that lowered what is owed, by invoice: all of them at once, from an index of their own.
_NOTES = (
    text("""\
SELECT invoice AS of, max((facts ->> 'created_at')::bigint) AS latest,
  array_agg(ARRAY[(facts ->> 'created_at')::bigint, (facts ->> 'amount')::bigint]) AS given
FROM object WHERE kind = 'credit_note' AND facts ->> 'status' = 'issued' AND facts ->> 'before_payment' = 'true'
GROUP BY invoice""")
    .columns(column("of", Text), column("latest", BigInteger), column("given", ARRAY(BigInteger)))
    .subquery("notes")
)


def uneven(conn: Connection, scope: Scope, currency: str, calendar: Calendar, since: date) -> list[Uneven]:
    """Invoices that were not simply paid, or are not simply open; not those on which all moved before `since`."""
    names = ("status", "issued_on", "total", "paid", "balance", "written_off")
    midnight = int(datetime.combine(since, time.min, calendar.zone).timestamp())
    moved = (invoice.c.issued_on >= since) | (invoice.c.written_off > 0) | (_NOTES.c.latest >= midnight)
    found = (
        select(*(invoice.c[name] for name in names), _LOST_ON.label("lost_on"), _NOTES.c.given)
        .outerjoin(_NOTES, (_NOTES.c.of == invoice.c.key) & (invoice.c.credited > 0))
        .where(invoice.c.currency == currency, invoice.c.issued_on.is_not(None), _UNEVEN, moved)
    )
    return [_uneven(row, calendar) for row in conn.execute(_of(conn, found, invoice.c.customer, scope))]


def _uneven(row: AnyRow, calendar: Calendar) -> Uneven:
    status, issued_on, total, paid, balance, written_off, lost_on, notes = row
    told = [(calendar.on(instant(at)), amount) for at, amount in notes or ()]
    return Uneven(status, issued_on, total, paid, balance, written_off, lost_on, told)


def _of(conn: Connection, found: Select[Any], key: Any, scope: Scope) -> Select[Any]:
    """Only what belongs to customers that count. Few are no customers of ours: they are named, which costs nothing."""
    if scope is not None:
        return found.where(key.in_(select(customer.c.key).where(customers(scope))))
    strangers = select(customer.c.key).where(
        customer.c.account.is_(None), customer.c.link_source == LinkSource.NOT_OURS
    )
    left_out = list(conn.scalars(strangers))
    return found.where(key.not_in(left_out)) if left_out else found
