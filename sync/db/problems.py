"""What is parked, in doubt, or keeps failing while it waits, by cause: `dueline status` tells it below its figures."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from sync.db import cursors, ignoring
from sync.db.crm_tables import hold, review
from sync.db.inbox import PARKED
from sync.db.records import IN_LINE, OFTEN
from sync.db.tables import inbox, object_, record

_CAUSES = 20  # of each kind of problem that are shown

Problem = dict[str, str | int]


def problems(conn: Connection) -> list[Problem]:
    """Every cause but those that are ignored: the commonest first, with the way out."""
    found = [
        *hidden(conn),
        *_left_out(conn),
        *_refused(conn),
        *_unheld(conn),
        *_held_up(conn),
        *_unreviewed(conn),
        *_doubted(conn),
        *_unread(conn),
    ]
    return sorted(found, key=lambda item: -int(item["count"]))


def _refused(conn: Connection) -> Iterator[Problem]:
    rows = (
        select(record.c.parked, func.min(record.c.reason), func.min(record.c.fix), func.count())
        .where(record.c.parked.is_not(None), ~ignoring.RECORD)
        .group_by(record.c.parked)
    )
    for code, reason, fix, count in conn.execute(rows):
        yield {"code": code, "reason": reason or "", "fix": fix or "", "count": count}


def hidden(conn: Connection) -> Iterator[Problem]:
    """Objects of which we do not see enough to read them back."""
    for name, fields in (cursors.get(conn, cursors.UNREAD) or {}).items():
        what = f"{name}: {', '.join(fields)} cannot be seen" if fields else f"{name} cannot be seen"
        fix = "assign the permission set Dueline Integration to our user, deploy the package: dueline doctor"
        yield {"code": "not read back", "reason": what, "fix": fix, "count": max(1, len(fields))}


def _left_out(conn: Connection) -> Iterator[Problem]:
    left_out = select(record.c.kind, record.c.left_out, func.count()).where(record.c.left_out.is_not(None))
    for kind, fields, count in conn.execute(left_out.group_by(record.c.kind, record.c.left_out).limit(_CAUSES)):
        fix = "deploy the package, assign the permission set Dueline Integration; they are filled in by themselves then"
        yield {"code": "fields left out", "reason": f"{kind}: {fields} cannot be written", "fix": fix, "count": count}


def _unheld(conn: Connection) -> Iterator[Problem]:
    """Dunning holds that a billing system refuses."""
    rows = (
        select(hold.c.parked, func.min(hold.c.reason), func.min(hold.c.fix), func.count())
        .where(hold.c.parked.is_not(None), ~ignoring.HOLD)
        .group_by(hold.c.parked)
    )
    for code, reason, fix, count in conn.execute(rows):
        yield {"code": f"hold {code}", "reason": reason or "", "fix": fix or "", "count": count}


def _unreviewed(conn: Connection) -> Iterator[Problem]:
    """Accounts whose promises and follow-ups cannot be looked at."""
    rows = (
        select(review.c.error, func.count())
        .where(review.c.wanted > review.c.done, review.c.attempts >= OFTEN, ~ignoring.REVIEW)
        .group_by(review.c.error)
        .limit(_CAUSES)
    )
    for reason, count in conn.execute(rows):
        yield {"code": "not reviewed", "reason": reason or "", "fix": "it is tried again by itself", "count": count}


def _held_up(conn: Connection) -> Iterator[Problem]:
    rows = (
        select(record.c.reason, func.min(record.c.fix), func.count())
        .where(IN_LINE, record.c.attempts >= OFTEN)
        .group_by(record.c.reason)
        .limit(_CAUSES)
    )
    for reason, fix, count in conn.execute(rows):
        yield {"code": "waits", "reason": reason or "", "fix": fix or "it is tried again by itself", "count": count}


def _doubted(conn: Connection) -> Iterator[Problem]:
    rows = (
        select(object_.c.fetch_error, func.count())
        .where(object_.c.doubtful, object_.c.fetch_error.is_not(None))
        .group_by(object_.c.fetch_error)
        .limit(_CAUSES)
    )
    for reason, count in conn.execute(rows):
        yield {"code": "doubtful", "reason": reason, "fix": "dueline reconcile once the cause is gone", "count": count}


def _unread(conn: Connection) -> Iterator[Problem]:
    rows = (
        select(inbox.c.type, inbox.c.reason, func.count())
        .where(inbox.c.status == PARKED, ~ignoring.EVENT)
        .group_by(inbox.c.type, inbox.c.reason)
        .limit(_CAUSES)
    )
    fix = "dueline replay EVENT once the cause is gone"
    for kind, reason, count in conn.execute(rows):
        yield {"code": f"event {kind or 'without a type'}", "reason": reason or "", "fix": fix, "count": count}
