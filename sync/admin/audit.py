"""Writing down what somebody changed on the page."""

from typing import Any

from sqlalchemy import Connection

from sync.admin.gate import who
from sync.db import audit


def note(conn: Connection, action: str, what: str, *, before: Any = None, after: Any = None) -> None:
    """The caller did this, in the transaction that does it. Never give it a secret."""
    person = who()
    audit.add(conn, by=person.name, subject=person.subject, action=action, what=what, before=before, after=after)
