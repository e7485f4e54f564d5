"""Records that could not be written: when each is tried again, and of those that wait for a person what was sent last
and what Salesforce answered.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Float, Text, bindparam, case, cast, delete, func, null, select
from sqlalchemy.dialects.postgresql import insert

from sync.core.causes import fingerprint
from sync.core.redact import trimmed
from sync.db import ignoring, records
from sync.db.admin_tables import refusal
from sync.db.records import seconds
from sync.db.tables import AnyRow, record

LONGEST = 10_000  # characters of a row that are kept
KEPT_DAYS = 90  # after which what was refused, and is not parked any more, is forgotten
Sent = Mapping[str, Any] | None  # None: nothing was


@dataclass(frozen=True, slots=True, order=True)
class Refused:
    """A record that could not be written: tried again in `retry_s`. `parked`: shown to a person with reason and fix.

    `rewrite_s`: an answer was lost, so it is written once more when the old request can no longer be alive.
    """

    kind: str
    key: str
    code: str
    reason: str
    fix: str
    retry_s: float
    parked: bool
    rewrite_s: float | None = None


def write_down(conn: Connection, rows: Sequence[tuple[Refused, Sent]]) -> None:
    """Writes that failed, each with the row as it was sent."""
    _try_again(conn, (row for row, _ in rows))
    _keep(conn, rows)


def _try_again(conn: Connection, rows: Iterable[Refused]) -> None:
    code, cause = cast(bindparam("code_"), Text), cast(bindparam("cause_"), Text)  # a bare NULL has no type
    rewrite = cast(bindparam("rewrite"), Float)
    records.update_each(
        conn,
        [
            {
                "kind_": row.kind,
                "key_": row.key,
                "code_": row.code if row.parked else None,
                "cause_": fingerprint("record", row.code, row.reason) if row.parked else None,
                "reason_": row.reason,
                "fix_": row.fix,
                "retry": row.retry_s,
                "rewrite": row.rewrite_s,
            }
            for row in sorted(rows)
        ],
        parked=code,
        reason=bindparam("reason_"),
        fix=bindparam("fix_"),
        cause=cause,
        parked_at=case((code.is_(None), null()), else_=func.coalesce(record.c.parked_at, func.clock_timestamp())),
        attempts=record.c.attempts + 1,
        sending_until=null(),
        content=null(),
        due_at=ignoring.record_due(cause, func.clock_timestamp() + seconds("retry")),
        rewrite_at=case((rewrite.is_(None), record.c.rewrite_at), else_=func.clock_timestamp() + seconds("rewrite")),
    )


def _keep(conn: Connection, rows: Iterable[tuple[Refused, Sent]]) -> None:
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


def _plain(row: Sent) -> dict[str, Any] | None:
    """As JSON, not too long; amounts and days as text, as they are sent."""
    if row is None:
        return None
    return trimmed(json.loads(json.dumps(row, default=str)), LONGEST)
