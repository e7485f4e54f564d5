"""Who changed what on finance's page, with what it was before and after. Rows are only ever added."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select

from sync.db.admin_tables import audit
from sync.db.tables import AnyRow


def add(
    conn: Connection, *, by: str, subject: str, action: str, what: str, before: Any = None, after: Any = None
) -> None:
    """Write a change down, in the transaction that makes it."""
    conn.execute(insert(audit).values(by=by, subject=subject, action=action, what=what, before=before, after=after))


def page(conn: Connection, *, search: str, offset: int, limit: int) -> tuple[int, Sequence[AnyRow]]:
    """How many entries there are, and some of them, the latest first. `search`: in who, what was done and to what."""
    columns = (audit.c.by, audit.c.action, audit.c.what)
    where = or_(*(column.icontains(search, autoescape=True) for column in columns)) if search else audit.c.id > 0
    total = conn.execute(select(func.count()).select_from(audit).where(where)).scalar() or 0
    rows = conn.execute(select(audit).where(where).order_by(audit.c.id.desc()).offset(offset).limit(limit)).all()
    return total, rows


def about(conn: Connection, what: str, limit: int) -> Sequence[AnyRow]:
    """The latest changes of one thing, newest first."""
    return conn.execute(select(audit).where(audit.c.what == what).order_by(audit.c.id.desc()).limit(limit)).all()
