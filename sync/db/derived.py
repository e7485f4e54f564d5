"""Walking through what was derived from the facts, in the order of keys, to derive it again."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, tuple_, update

from sync.db.records import RecordKey
from sync.db.tables import customer, invoice, payment, record

_TABLES = {"invoice": invoice, "payment": payment, "customer": customer}


def keys(conn: Connection, table: str, after: str, limit: int) -> Sequence[str]:
    """The next keys of a table."""
    found = _TABLES[table].c.key
    return conn.scalars(select(found).where(found > after).order_by(found).limit(limit)).all()


def count(conn: Connection, tables: Sequence[str]) -> int:
    """How many rows these tables have."""
    return sum(conn.scalar(select(func.count()).select_from(_TABLES[table])) or 0 for table in tables)


def count_records(conn: Connection) -> int:
    """How many records there are, or are to be, in Salesforce."""
    return conn.scalar(select(func.count()).select_from(record)) or 0


def providers(conn: Connection) -> dict[str, str]:
    """The provider of each connection that has customers."""
    found = select(customer.c.connection, customer.c.provider).distinct()
    return {row.connection: row.provider for row in conn.execute(found)}


def records_after(conn: Connection, kind: str, key: str, limit: int) -> list[RecordKey]:
    """The next records after one."""
    place = tuple_(record.c.kind, record.c.key)
    found = select(record.c.kind, record.c.key).where(place > (kind, key)).order_by(record.c.kind, record.c.key)
    return [(row.kind, row.key) for row in conn.execute(found.limit(limit))]


def look_up_again(conn: Connection) -> int:
    """Have the accounts of unlinked customers looked up anew. Returns how many."""
    open_ = customer.c.account.is_(None) & ~customer.c.deleted & customer.c.looked_up_at.is_not(None)
    return conn.execute(update(customer).where(open_).values(looked_up_at=None)).rowcount
