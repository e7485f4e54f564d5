"""Samples: exactly one a minute, of what came and went, kept for long without growing."""

from datetime import UTC, datetime, timedelta

from redis import Redis
from rq import Queue
from rq.worker import SimpleWorker
from sqlalchemy import text

from sync.admin.health.staff import staff
from sync.bootstrap import JOBS
from sync.db import cursors, samples
from sync.db.samples import Span
from sync.jobs import _look_at_ourselves

MINUTE = timedelta(minutes=1)


def shift(world, minutes: float) -> None:
    """Let so many minutes pass: everything that was written moves into the past."""
    moves = {
        "inbox": ("received_at", "processed_at"),
        "record": ("written_at", "event_at", "marked_at"),
        "crm": ("read_at", "changed_at"),
        "hold": ("settled_at",),
        "sample": ("at",),
    }
    with world.engine.begin() as conn:
        for table, columns in moves.items():
            changes = ", ".join(f"{name} = {name} - make_interval(mins => {minutes})" for name in columns)
            conn.execute(text(f"UPDATE {table} SET {changes}"))
        told = cursors.get(conn, samples.TAKEN)
        if told:
            until = datetime.fromisoformat(told["until"]) - timedelta(minutes=minutes)
            cursors.put(conn, samples.TAKEN, told | {"until": until.isoformat()})


def take(world) -> bool:
    with world.engine.begin() as conn:
        return samples.take(conn)


def values(world, name: str) -> list[float]:
    return [row.value for row in world.rows("SELECT value FROM sample WHERE name = :name ORDER BY at", name=name)]


def test_one_a_minute_whoever_takes_it(world):
    assert take(world)
    assert not take(world)
    shift(world, 1)
    assert take(world)
    assert not take(world)
    assert len(values(world, "waiting_events")) == 2


def test_minutes_that_nobody_sampled_are_made_up_for_as_far_as_can_be_known(world):
    take(world)
    invoice = world.invoice(world.customer(world.account()))
    shift(world, 3)
    world.act("pay_invoice", invoice=invoice)
    shift(world, 2)
    take(world)
    received = values(world, "events_received")
    assert len(received) == 6
    assert sum(received) == world.one("SELECT count(*) AS n FROM inbox").n
    assert len(values(world, "waiting_events")) == 2, "what waited then is not known any more"


def test_what_came_and_went_is_counted_and_timed(world):
    take(world)
    world.invoice(world.customer(world.account()))
    world.come_to_rest()
    written = world.one("SELECT count(*) AS n FROM record WHERE written_at IS NOT NULL").n
    events = world.one("SELECT count(*) AS n FROM inbox").n
    shift(world, 1)
    take(world)
    assert sum(values(world, "events_processed")) == events
    assert sum(values(world, "records_written")) == written
    assert 0 < values(world, "freshness_p50_s")[0] <= values(world, "freshness_p95_s")[0] < 60
    assert values(world, "waiting_records")[-1] == 0
    with world.engine.connect() as conn:
        assert samples.latest_hour(conn)["events_received"] == events
        assert set(samples.last_received(conn)) == {"main"}


def test_a_connection_is_heard_of_even_within_the_minute(world):
    with world.engine.connect() as conn:
        assert samples.last_received(conn) == {}
    world.customer()
    with world.engine.connect() as conn:
        assert set(samples.last_received(conn)) == {"main"}


def test_minutes_become_hours_that_hide_nothing(books):
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    hour = (now - timedelta(days=3)).replace(minute=0)
    bases = {"events_received": 1, "oldest_waiting_s": 5, "freshness_p50_s": 2}
    rows = [(name, hour + MINUTE * at, base * n) for name, base in bases.items() for at, n in enumerate((1, 3, 2))]
    others = (("events_received", now, 7.0), ("events_received", now - timedelta(days=500), 1.0))
    with books.engine.begin() as conn:
        for name, at, value in [*rows, *others]:
            conn.execute(text("INSERT INTO sample VALUES (:n, :a, :v)"), {"n": name, "a": at, "v": value})
        for _ in range(2):  # a second time changes nothing
            samples.thin(conn)
            found = {(row.name, row.at): row.value for row in conn.execute(text("SELECT * FROM sample"))}
            assert found == {
                ("events_received", hour): 6.0,
                ("oldest_waiting_s", hour): 15.0,
                ("freshness_p50_s", hour): 4.0,
                ("events_received", now): 7.0,
            }


def test_a_series_has_a_value_for_every_step_and_none_where_nobody_looked(books):
    until = datetime(2026, 3, 10, 12, 34, 56, tzinfo=UTC)
    span = Span(until, timedelta(hours=1), timedelta(minutes=15))
    assert [f"{step:%H:%M}" for step in span.steps] == ["11:45", "12:00", "12:15", "12:30"]
    with books.engine.begin() as conn:
        for minute, value in ((1, 2.0), (14, 3.0), (31, 5.0)):
            at = datetime(2026, 3, 10, 12, minute, tzinfo=UTC)
            conn.execute(text("INSERT INTO sample VALUES ('events_received', :a, :v)"), {"a": at, "v": value})
        assert samples.series(conn, ["events_received"], span) == {"events_received": [None, 5.0, None, 5.0]}


def test_upkeep_takes_them_and_tidies_up(world):
    _look_at_ourselves(world.run)
    _look_at_ourselves(world.run)
    assert len(values(world, "waiting_events")) == 1
    assert world.one("SELECT count(*) AS n FROM cursor WHERE name IN ('samples', 'samples thinned', 'tidying')").n == 3


def test_who_works_is_told_by_queue(place):
    assert set(staff(place.redis_url).unstaffed) == set(JOBS)
    with Redis.from_url(place.redis_url) as redis:
        worker = SimpleWorker([Queue("ledger", connection=redis)], connection=redis)
        worker.register_birth()
        assert "ledger" not in staff(place.redis_url).unstaffed
        assert staff(place.redis_url).workers["ledger"] == 1
        redis.hset(worker.key, "last_heartbeat", "2026-01-01T00:00:00.000000Z")
        assert "ledger" in staff(place.redis_url).unstaffed, "it has not stirred for long"
        worker.register_death()


def test_a_redis_that_is_away_is_a_problem_and_not_a_missing_worker():
    found = staff("redis://127.0.0.1:1")
    assert found.problem
    assert found.unstaffed == ()
