"""What `dueline status`, /metrics and /readyz tell, read from the tables."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from sync.db import cursors, ignoring, links, parked, reviews, usage
from sync.db import inbox as inbox_store
from sync.db.crm_tables import hold
from sync.db.problems import problems
from sync.db.records import IN_LINE
from sync.db.tables import customer, inbox, object_, record


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand; ages are in seconds.

    `waiting` counts whatever is to be done yet: events, records, reviews of accounts, dunning holds. `parked` leaves
    out what somebody chose to ignore; `ignored` counts that.
    """

    waiting: int
    parked: int
    ignored: int
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


def read(conn: Connection, *, causes: bool = True) -> Status:
    """The status now; `problems` only where `causes` are asked for, as grouping them takes longer than all else.

    Freshness is of what was written in the last hour: event received → stands in Salesforce.
    """
    events = inbox_store.waiting(conn)
    records = _count(conn, record, IN_LINE)
    parked_events = _count(conn, inbox, parked.EVENTS & ~ignoring.EVENT)
    parked_records = _count(conn, record, parked.RECORDS & ~ignoring.RECORD)
    parked_holds = _count(conn, hold, parked.HOLDS & ~ignoring.HOLD)
    reviews_ = reviews.waiting(conn)
    holds_ = _count(conn, hold, hold.c.applied.is_distinct_from(hold.c.version) & hold.c.parked.is_(None))
    look_s = cursors.age_s(conn, cursors.LAST_LOOK)
    p50, p95 = _freshness(conn)
    ours, org = usage.read(conn)
    return Status(
        waiting=events + records + reviews_ + holds_,
        parked=parked_events + parked_records + parked_holds,
        ignored=parked.count(conn, left_alone=True),
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
        problems=problems(conn) if causes else [],
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
