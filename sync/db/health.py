"""What `dueline status`, /metrics and /readyz tell, read from the tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from sync.db import cursors, links, reviews, usage
from sync.db import inbox as inbox_store
from sync.db.crm_tables import hold, review
from sync.db.records import IN_LINE, OFTEN
from sync.db.tables import customer, inbox, object_, record

_CAUSES = 20  # of each kind of problem that are shown


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand; ages are in seconds.

    `waiting` counts whatever is to be done yet: events, records, reviews of accounts, dunning holds.
    """

    waiting: int
    parked: int
    unlinked: int
    freshness_p50_s: float | None
    freshness_p95_s: float | None
    api_calls_today: int
    api_used: int | None
    api_maximum: int | None
    waiting_events: int
    waiting_records: int
    waiting_fetches: int
    oldest_waiting_s: float
    parked_events: int
    parked_records: int
    parked_holds: int
    waiting_reviews: int
    waiting_holds: int
    doubtful: int
    last_event_at: datetime | None
    last_look_s: float | None
    last_reconcile: dict[str, object] | None
    problems: list[dict[str, str | int]] = field(default_factory=list)


def read(conn: Connection) -> Status:
    """The status now. Freshness is of what was written in the last hour: event received → stands in Salesforce."""
    events = inbox_store.waiting(conn)
    records = _count(conn, record, IN_LINE)
    parked_events = _count(conn, inbox, inbox.c.status == inbox_store.PARKED)
    parked_records = _count(conn, record, record.c.parked.is_not(None))
    parked_holds = _count(conn, hold, hold.c.parked.is_not(None))
    reviews_ = reviews.waiting(conn)
    holds_ = _count(conn, hold, hold.c.applied.is_distinct_from(hold.c.version) & hold.c.parked.is_(None))
    look_s = cursors.age_s(conn, cursors.LAST_LOOK)
    p50, p95 = _freshness(conn)
    ours, org = usage.read(conn)
    return Status(
        waiting=events + records + reviews_ + holds_,
        parked=parked_events + parked_records + parked_holds,
        unlinked=_count(conn, customer, links.OPEN),
        freshness_p50_s=p50,
        freshness_p95_s=p95,
        api_calls_today=ours,
        api_used=org[0] if org else None,
        api_maximum=org[1] if org else None,
        waiting_events=events,
        waiting_records=records,
        waiting_fetches=_count(conn, object_, object_.c.fetch_at.is_not(None)),
        oldest_waiting_s=_oldest(conn),
        parked_events=parked_events,
        parked_records=parked_records,
        parked_holds=parked_holds,
        waiting_reviews=reviews_,
        waiting_holds=holds_,
        doubtful=_count(conn, object_, object_.c.doubtful),
        last_event_at=inbox_store.last_received_at(conn),
        last_look_s=None if look_s is None else round(look_s, 3),
        last_reconcile=cursors.get(conn, cursors.LAST_RECONCILE),
        problems=_problems(conn),
    )


def _count(conn: Connection, table: object, where: object) -> int:
    return int(conn.execute(select(func.count()).select_from(table).where(where)).scalar() or 0)  # type: ignore[arg-type]


def _freshness(conn: Connection) -> tuple[float | None, float | None]:
    recent = record.c.written_at > func.now() - text("interval '1 hour'")
    spread = [func.percentile_cont(part).within_group(record.c.freshness_s) for part in (0.5, 0.95)]
    low, high = conn.execute(select(*spread).where(recent, record.c.freshness_s.is_not(None))).one()
    return (None if low is None else round(low, 3)), (None if high is None else round(high, 3))


def _oldest(conn: Connection) -> float:
    """For how long the oldest waiting event or record has waited."""
    now = func.clock_timestamp()
    event = select(func.min(inbox.c.received_at)).where(inbox.c.status == inbox_store.RECEIVED).scalar_subquery()
    wish = select(func.min(record.c.marked_at)).where(IN_LINE).scalar_subquery()
    found = conn.execute(select(func.extract("epoch", now - func.least(event, wish)))).scalar()
    return round(float(found or 0.0), 3)


Problem = dict[str, str | int]


def _problems(conn: Connection) -> list[Problem]:
    """What is parked, in doubt, or keeps failing while it waits, by cause: the commonest first, with the way out."""
    found = [
        *_hidden(conn),
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
        .where(record.c.parked.is_not(None))
        .group_by(record.c.parked)
    )
    for code, reason, fix, count in conn.execute(rows):
        yield {"code": code, "reason": reason or "", "fix": fix or "", "count": count}


def _hidden(conn: Connection) -> Iterator[Problem]:
    """Objects of which we do not see enough to read them back."""
    for name, fields in (cursors.get(conn, cursors.UNREAD) or {}).items():
        what = f"{name}: {', '.join(fields)} cannot be seen" if fields else f"{name} cannot be seen"
        fix = "assign the permission set Dueline Integration to our user, deploy the package: dueline doctor"
        yield {"code": "not read back", "reason": what, "fix": fix, "count": max(1, len(fields))}
    left_out = select(record.c.kind, record.c.left_out, func.count()).where(record.c.left_out.is_not(None))
    for kind, fields, count in conn.execute(left_out.group_by(record.c.kind, record.c.left_out).limit(_CAUSES)):
        fix = "deploy the package, assign the permission set Dueline Integration; they are filled in by themselves then"
        yield {"code": "fields left out", "reason": f"{kind}: {fields} cannot be written", "fix": fix, "count": count}


def _unheld(conn: Connection) -> Iterator[Problem]:
    """Dunning holds that a billing system refuses."""
    rows = (
        select(hold.c.parked, func.min(hold.c.reason), func.min(hold.c.fix), func.count())
        .where(hold.c.parked.is_not(None))
        .group_by(hold.c.parked)
    )
    for code, reason, fix, count in conn.execute(rows):
        yield {"code": f"hold {code}", "reason": reason or "", "fix": fix or "", "count": count}


def _unreviewed(conn: Connection) -> Iterator[Problem]:
    """Accounts whose promises and follow-ups cannot be looked at."""
    rows = (
        select(review.c.error, func.count())
        .where(review.c.wanted > review.c.done, review.c.attempts >= OFTEN)
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
        .where(inbox.c.status == inbox_store.PARKED)
        .group_by(inbox.c.type, inbox.c.reason)
        .limit(_CAUSES)
    )
    fix = "dueline replay EVENT once the cause is gone"
    for kind, reason, count in conn.execute(rows):
        yield {"code": f"event {kind or 'without a type'}", "reason": reason or "", "fix": fix, "count": count}
