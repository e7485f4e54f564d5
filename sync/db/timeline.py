"""The timeline of accounts: calls, notes, promises, holds; made in the CRM or by us."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert

from sync.core.timeline import Entry
from sync.db.crm_tables import entry


def add(conn: Connection, account: str | None, made: Entry) -> bool:
    """Add an entry of ours, to be shown in Salesforce. False if it is there already: every step may be repeated.

    Without an account it waits until the customer of its invoice is linked to one (sync.db.crm.follow).
    """
    values = {**asdict(made), "account": account, "ours": True, "contact": False}
    done = conn.execute(insert(entry).values(values).on_conflict_do_nothing(index_elements=["key"]))
    return bool(done.rowcount)


def put(conn: Connection, account: str, read: Entry, *, contact: bool) -> None:
    """Store an entry that was made in the CRM, as it reads now. `contact`: somebody spoke with the customer."""
    made = insert(entry).values({**asdict(read), "account": account, "ours": False, "contact": contact})
    changed = {column.name: made.excluded[column.name] for column in entry.columns if not column.primary_key}
    conn.execute(made.on_conflict_do_update(index_elements=["key"], set_=changed))


def drop(conn: Connection, keys: Iterable[str]) -> None:
    """Forget entries that were deleted in the CRM."""
    gone = list(keys)
    if gone:
        conn.execute(delete(entry).where(entry.c.key.in_(gone), ~entry.c.ours))
