"""Invoices as promises, disputes and follow-ups see them: what is owed, and what was received when."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection

from sync.core.commitments import Owed, Received
from sync.core.dates import Calendar
from sync.core.ledger import Invoice
from sync.db import promises
from sync.db.tables import AnyRow


def load_owed(
    conn: Connection, account: str, keys: Collection[str], numbers: Collection[str], calendar: Calendar
) -> dict[str, Owed]:
    """The account's open invoices, and those of these keys or numbers, open or not; what was received only of these."""
    rows = promises.invoices(conn, account, keys, numbers)
    names = {number.lower() for number in numbers}
    named = [row.key for row in rows if row.key in keys or (row.number or "").lower() in names]
    received = _received(promises.received(conn, named), calendar) if named else {}
    return {row.key: owed(row, received.get(row.key, ())) for row in rows}


def owed(row: AnyRow | Invoice, received: Sequence[Received] = ()) -> Owed:
    """A ledger row as promises see it."""
    return Owed(
        key=row.key,
        number=row.number or row.key.rpartition(":")[2],
        currency=row.currency,
        status=row.status,
        posted=row.posted,
        total=row.total,
        balance=row.balance,
        due_on=row.due_on,
        paid_on=row.paid_on,
        void_on=row.void_on,
        written_off=row.written_off,
        received=tuple(received),
    )


def _received(rows: Iterable[AnyRow], calendar: Calendar) -> dict[str, list[Received]]:
    """Money by invoice, less what the card network took back for good (from a payment's first invoice on)."""
    taken: dict[str, int] = {}
    found: dict[str, list[Received]] = {}
    for row in rows:
        back = min(row.amount, taken.setdefault(row.payment, row.charged_back)) if row.payment else 0
        if row.payment:
            taken[row.payment] -= back
        if row.amount > back:
            found.setdefault(row.invoice, []).append(Received(calendar.on(row.paid_at), row.amount - back))
    return found
