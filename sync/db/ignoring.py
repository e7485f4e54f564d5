"""What people have said to leave alone: parked things that are not counted, told or tried again by themselves.

What is ignored is one cause of one wish. If the cause becomes another, or something new is wished for (a new event, an
edit, a new day), the row no longer fits and the problem is told again, without anybody having to take it back.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Text, case, cast, exists, func, literal

from sync.db.admin_tables import ignored
from sync.db.crm_tables import hold, review
from sync.db.tables import inbox, record

NEVER = datetime(9000, 1, 1, tzinfo=UTC)  # when something is tried again that is ignored


def _ignored(kind: Any, key: Any, cause: Any, version: Any) -> Any:
    same = (ignored.c.kind == kind) & (ignored.c.key == key)
    return exists().where(same, ignored.c.cause == func.coalesce(cause, ""), ignored.c.version == version)


RECORD = _ignored(record.c.kind, record.c.key, record.c.cause, record.c.marked)
EVENT = _ignored(literal("event"), cast(inbox.c.id, Text), inbox.c.cause, inbox.c.attempts)
HOLD = _ignored(literal("hold"), hold.c.invoice, hold.c.cause, hold.c.version)
REVIEW = _ignored(literal("review"), review.c.account, review.c.cause, review.c.wanted)


def record_due(cause: Any, otherwise: Any) -> Any:
    """When to try a record again that was refused for this cause: never by itself if that is ignored."""
    return case((_ignored(record.c.kind, record.c.key, cause, record.c.marked), NEVER), else_=otherwise)


def hold_due(cause: Any, otherwise: Any) -> Any:
    """The same for a hold."""
    return case((_ignored(literal("hold"), hold.c.invoice, cause, hold.c.version), NEVER), else_=otherwise)
