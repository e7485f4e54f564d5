"""What was sent of a record when Salesforce refused it last, and what it answered."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from sync.core.redact import trimmed
from sync.db.admin_tables import refusal
from sync.db.records import Refused, seconds
from sync.db.tables import AnyRow, record

LONGEST = 10_000  # characters of a row that are kept
KEPT_DAYS = 90  # after which what was refused, and is not parked any more, is forgotten


def keep(conn: Connection, rows: Iterable[tuple[Refused, Mapping[str, Any] | None]]) -> None:
    """Keep the latest refusal of each record that is parked by it, with the row as it was sent; None: it was not."""
    parked = sorted((row for row in rows if row[0].parked), key=lambda row: (row[0].kind, row[0].key))
    values = [
        {
            "kind": row.kind,
            "key": row.key,
            "sent": _plain(sent),
            "got": {"code": row.code, "reason": row.reason, "fix": row.fix},
        }
        for row, sent in parked
    ]
    if values:
        made = insert(refusal)
        new = {name: made.excluded[name] for name in ("sent", "got")} | {"at": func.clock_timestamp()}
        conn.execute(made.on_conflict_do_update(index_elements=["kind", "key"], set_=new), values)


def get(conn: Connection, kind: str, key: str) -> AnyRow | None:
    """The latest refusal of a record; None if it never was refused, or long ago."""
    return conn.execute(select(refusal).where(refusal.c.kind == kind, refusal.c.key == key)).first()


def forget(conn: Connection) -> None:
    """Drop what is old and of nobody's interest any more."""
    old = refusal.c.at < func.now() - seconds("age").bindparams(age=KEPT_DAYS * 86_400.0)
    parked = select(record.c.key).where(
        record.c.kind == refusal.c.kind, record.c.key == refusal.c.key, record.c.parked.is_not(None)
    )
    conn.execute(delete(refusal).where(old, ~parked.exists()))


def _plain(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """As JSON, not too long; amounts and days as text, as they are sent."""
    if row is None:
        return None
    return trimmed(json.loads(json.dumps(row, default=str)), LONGEST)
