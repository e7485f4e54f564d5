"""How the service did, minute by minute: what came and went, how fresh Salesforce was, what waited.

Minutes are kept for two days, then an hour becomes one value: counts are added up, medians give their median, all else
its worst, so that a longer span never looks better than it was. Hours are kept for a bit more than a year. With some
twenty figures that is 60,000 rows of minutes and 190,000 of hours, whatever the volume of business.

Taking a sample costs no index that receiving has to write: events are counted by their ids since the last sample, and
by the time they were processed, which is empty while they are received.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, delete, func, literal, select, text
from sqlalchemy.dialects.postgresql import insert

from sync.core.silence import Rhythm
from sync.db import cursors, reviews, usage
from sync.db import inbox as inbox_store
from sync.db.admin_tables import sample
from sync.db.crm_tables import crm, hold
from sync.db.records import IN_LINE
from sync.db.tables import inbox, object_, record

TAKEN = "samples"  # cursor: the minute of the last, the last event counted, the rhythm of each connection
FLOWS = ("events_received", "events_processed", "records_written", "rows_read_back", "holds_settled")
MEDIANS = ("freshness_p50_s", "back_p50_s")
MINUTES_KEPT = timedelta(days=2)
HOURS_KEPT = timedelta(days=400)
_CATCH_UP = timedelta(hours=1)  # minutes that nobody sampled are made up for, as far as can be known, for so long
_LOCK = 0x736D706C  # "smpl": the advisory lock that makes the sampler exactly one
_START = text("timestamptz '2000-01-01 00:00+00'")
_OLD_NEWS_S = 86_400.0  # older changes that are read are history, read when Salesforce was connected
_MINUTE = timedelta(minutes=1)
_FIRST_LOOK = timedelta(days=14)


def take(conn: Connection) -> bool:
    """Note the last full minute, and those before it that were missed. False if that is done, or being done."""
    if not conn.scalar(text(f"SELECT pg_try_advisory_xact_lock({_LOCK})")):
        return False
    now: datetime = conn.execute(select(func.clock_timestamp())).scalar_one()
    end = now.replace(second=0, microsecond=0)
    before = cursors.get(conn, TAKEN)
    start = max(datetime.fromisoformat(before["until"]), end - _CATCH_UP) if before else end - _MINUTE
    if start >= end:
        return False
    last, rhythms = _received(conn, before, start, end)
    flows = _flows(conn, start, end)
    _put(conn, flows)
    _put(conn, ((name, end - _MINUTE, value) for name, value in _standing(conn).items()))
    cursors.put(conn, TAKEN, {"until": end.isoformat(), "inbox": last, "rhythms": rhythms})
    return True


def rhythms(conn: Connection) -> dict[str, Rhythm]:
    """When events of each connection came, as of the last sample."""
    told = cursors.get(conn, TAKEN) or {}
    return {name: Rhythm.unpack(rhythm) for name, rhythm in told.get("rhythms", {}).items()}


def last_received(conn: Connection) -> dict[str, datetime]:
    """When the latest event of each connection came, up to now."""
    told = cursors.get(conn, TAKEN) or {}
    known = {name: rhythm.last for name, rhythm in rhythms(conn).items()}
    since = select(inbox.c.connection, func.max(inbox.c.received_at)).where(inbox.c.id > told.get("inbox", 0))
    return known | {row[0]: row[1] for row in conn.execute(since.group_by(inbox.c.connection))}


def _received(conn: Connection, before: Any, start: datetime, end: datetime) -> tuple[int, dict[str, Any]]:
    """Count what came in by connection and minute. The last event counted, and the rhythms as they are now."""
    last = before["inbox"] if before else 0
    minute = _bin(inbox.c.received_at, _MINUTE).label("minute")
    news = (inbox.c.id > last) & (inbox.c.received_at < end)
    if before is None:  # the first time, what came lately tells the rhythm
        news &= inbox.c.received_at >= end - _FIRST_LOOK
    spans = (func.min(inbox.c.received_at), func.max(inbox.c.received_at))
    found = select(inbox.c.connection, minute, func.count(), *spans, func.max(inbox.c.id)).where(news)
    rows = conn.execute(found.group_by(inbox.c.connection, minute).order_by(minute)).all()
    counts: dict[datetime, float] = {}
    known = rhythms(conn)
    for connection, at, count, first, latest, _ in rows:
        if at >= start:
            counts[at] = counts.get(at, 0.0) + count
        rhythm = known.get(connection)
        known[connection] = rhythm.heard(first, latest) if rhythm else Rhythm(first, latest)
    _put(conn, (("events_received", at, counts.get(at, 0.0)) for at in _minutes(start, end)))
    return max((row[5] for row in rows), default=last), {name: each.packed() for name, each in known.items()}


def _flows(conn: Connection, start: datetime, end: datetime) -> Iterable[tuple[str, datetime, float]]:
    """What was done in each of these minutes."""
    for table, column, name in (
        (inbox, inbox.c.processed_at, "events_processed"),
        (hold, hold.c.settled_at, "holds_settled"),
    ):
        minute = _bin(column, _MINUTE).label("minute")
        found = select(minute, func.count()).select_from(table).where(column >= start, column < end).group_by(minute)
        counts = {at: float(count) for at, count in conn.execute(found)}
        yield from ((name, at, counts.get(at, 0.0)) for at in _minutes(start, end))
    yield from _spread(conn, record.c.written_at, record.c.freshness_s, "records_written", "freshness", start, end)
    age = func.extract("epoch", crm.c.read_at - crm.c.changed_at)
    recent = case((age < _OLD_NEWS_S, func.greatest(age, 0.0)))
    yield from _spread(conn, crm.c.read_at, recent, "rows_read_back", "back", start, end)


def _spread(
    conn: Connection, at: Any, seconds: Any, count: str, name: str, start: datetime, end: datetime
) -> Iterable[tuple[str, datetime, float]]:
    """How many in each minute, and the spread of how long they took; no value where none took any time."""
    minute = _bin(at, _MINUTE).label("minute")
    parts = [func.percentile_cont(part).within_group(seconds) for part in (0.5, 0.95)]
    found = select(minute, func.count(), *parts).where(at >= start, at < end).group_by(minute)
    rows = {row[0]: row for row in conn.execute(found)}
    for each in _minutes(start, end):
        row = rows.get(each)
        yield count, each, float(row[1]) if row else 0.0
        if row and row[2] is not None:
            p50, p95 = row[2:]
            yield from ((f"{name}_p50_s", each, float(p50)), (f"{name}_p95_s", each, float(p95)))


def _standing(conn: Connection) -> Mapping[str, float]:
    """What waits now, for how long, and how many API calls are used."""
    now = func.clock_timestamp()
    oldest_event = func.extract("epoch", now - func.min(inbox.c.received_at))
    oldest_record = func.extract("epoch", now - func.min(record.c.marked_at))
    events = conn.execute(select(func.count(), oldest_event).where(inbox.c.status == inbox_store.RECEIVED)).one()
    records = conn.execute(select(func.count(), oldest_record).where(IN_LINE)).one()
    fetches = select(func.count()).select_from(object_).where(object_.c.fetch_at.is_not(None))
    open_holds = hold.c.applied.is_distinct_from(hold.c.version) & hold.c.parked.is_(None)
    ours, org = usage.read(conn)
    told = {
        "waiting_events": events[0],
        "waiting_fetches": conn.execute(fetches).scalar_one(),
        "waiting_reviews": reviews.waiting(conn),
        "waiting_records": records[0],
        "waiting_holds": conn.execute(select(func.count()).select_from(hold).where(open_holds)).scalar_one(),
        "oldest_waiting_s": max(float(events[1] or 0.0), float(records[1] or 0.0)),
        "api_ours": ours,
    }
    return {name: float(value) for name, value in (told | ({"api_org": org[0]} if org else {})).items()}


def _minutes(start: datetime, end: datetime) -> Sequence[datetime]:
    return [start + _MINUTE * step for step in range(int((end - start) / _MINUTE))]


def _bin(column: Any, size: timedelta) -> Any:
    return func.date_bin(literal(size), column, _START)


def _put(conn: Connection, rows: Iterable[tuple[str, datetime, float]]) -> None:
    values = [{"name": name, "at": at, "value": value} for name, at, value in rows]
    if values:
        conn.execute(insert(sample).on_conflict_do_nothing(), values)


def _combined() -> Any:
    """Several values of one figure as one."""
    value = sample.c.value
    median = func.percentile_cont(0.5).within_group(value)
    return case(
        (sample.c.name.in_(FLOWS), func.sum(value)), (sample.c.name.in_(MEDIANS), median), else_=func.max(value)
    )


def thin(conn: Connection) -> None:
    """Make hours of minutes that are old enough, and forget what is older than anybody looks back."""
    now: datetime = conn.execute(select(func.clock_timestamp())).scalar_one()
    limit = (now - MINUTES_KEPT).replace(minute=0, second=0, microsecond=0)
    hour = _bin(sample.c.at, timedelta(hours=1)).label("hour")
    minutes = (sample.c.at < limit) & (sample.c.at >= _thinned(conn))
    hours = select(sample.c.name, hour, _combined()).where(minutes).group_by(sample.c.name, hour)
    made = insert(sample).from_select(["name", "at", "value"], hours)
    conn.execute(made.on_conflict_do_update(index_elements=["name", "at"], set_={"value": made.excluded.value}))
    conn.execute(delete(sample).where(minutes, sample.c.at != _bin(sample.c.at, timedelta(hours=1))))
    conn.execute(delete(sample).where(sample.c.at < now - HOURS_KEPT))
    cursors.put(conn, _THINNED, limit.isoformat())


_THINNED = "samples thinned"


def _thinned(conn: Connection) -> datetime:
    """Until when minutes have become hours."""
    told = cursors.get(conn, _THINNED)
    return datetime.fromisoformat(told) if told else datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time up to a moment, in steps."""

    until: datetime
    length: timedelta
    step: timedelta

    @property
    def steps(self) -> list[datetime]:
        """The beginning of each step."""
        origin = datetime(2000, 1, 1, tzinfo=UTC)
        first = self.until - self.length
        first += (origin - first) % self.step
        return [first + self.step * number for number in range(int((self.until - first) / self.step) + 1)]


def series(conn: Connection, names: Sequence[str], span: Span) -> dict[str, list[float | None]]:
    """The value of each figure in each step; None where nobody looked, or there was nothing to look at."""
    steps = span.steps
    at = _bin(sample.c.at, span.step).label("step")
    wanted = sample.c.name.in_(names) & (sample.c.at >= steps[0]) & (sample.c.at < steps[-1] + span.step)
    found = conn.execute(select(sample.c.name, at, _combined()).where(wanted).group_by(sample.c.name, at))
    values = {(name, step): value for name, step, value in found}
    return {name: [values.get((name, step)) for step in steps] for name in names}


def latest_hour(conn: Connection) -> dict[str, int]:
    """How much came and went in the last sixty minutes that were noted."""
    recent = sample.c.at >= func.now() - timedelta(minutes=61)
    found = select(sample.c.name, func.sum(sample.c.value)).where(sample.c.name.in_(FLOWS), recent)
    return {name: int(value) for name, value in conn.execute(found.group_by(sample.c.name))}


def way_back(conn: Connection) -> tuple[float | None, float | None]:
    """In how many seconds we knew half, and 95 of 100, of what people changed in Salesforce in the last hour."""
    age = func.greatest(func.extract("epoch", crm.c.read_at - crm.c.changed_at), 0.0)
    parts = [func.percentile_cont(part).within_group(age) for part in (0.5, 0.95)]
    recent = (crm.c.read_at > func.now() - timedelta(hours=1)) & (age < _OLD_NEWS_S)
    half, most = conn.execute(select(*parts).where(recent)).one()
    return half, most
