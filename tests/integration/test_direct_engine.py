"""The short way into the database: lasting connections for single statements, from any thread, through restarts."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from sync.db.engine import DirectEngine
from tests.integration.world import in_threads

COUNT = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def direct(database_url):
    made = DirectEngine(database_url)
    yield made
    made.dispose()


def at_once(direct: DirectEngine, count: int) -> set[int]:
    """Statements that are under way at the same time; the sessions that ran them."""
    together = threading.Barrier(count)

    def one(_number: int) -> int:
        together.wait(10)
        return direct.first("SELECT pg_backend_pid() FROM pg_sleep(0.2)", ())[0]

    return set(in_threads(count, one))


def test_a_statement_is_committed_when_it_returns(direct, engine):
    assert direct.first("INSERT INTO cursor (name, position) VALUES (%s, %s) RETURNING name", ("x", "1")) == ("x",)
    assert direct.first("DELETE FROM cursor WHERE name = %s RETURNING name", ("y",)) is None
    with engine.connect() as conn:
        assert conn.scalar(text("SELECT position FROM cursor WHERE name = 'x'")) == 1


def test_threads_have_connections_of_their_own_and_leave_them_to_the_next(direct):
    first = at_once(direct, 6)
    assert len(first) == 6
    assert at_once(direct, 6) == first
    assert {direct.first("SELECT pg_backend_pid()", ())[0] for _ in range(5)} < first


def test_after_a_restart_of_postgresql_every_thread_goes_on(direct, engine):
    before = at_once(direct, 4)
    with engine.connect() as conn:
        conn.execute(text(KILL))
    after = at_once(direct, 4)
    assert len(after) == 4
    assert not after & before


def test_what_the_database_refuses_is_told_and_leaves_no_connection_in_doubt(direct, engine):
    with pytest.raises(DBAPIError, match="division by zero"):
        direct.first("SELECT 1 / %s", (0,))
    assert direct.first("SELECT 1", ()) == (1,)


def test_a_database_that_is_away_is_told():
    away = DirectEngine("postgresql+psycopg://127.0.0.1:1/nowhere")
    with pytest.raises(DBAPIError, match="refused"):
        away.first("SELECT 1", ())


def test_disposing_closes_what_rests(direct, engine):
    at_once(direct, 3)
    direct.dispose()
    with engine.connect() as conn:
        for _ in range(100):
            if conn.scalar(text(COUNT)) == 0:
                return
            conn.execute(text("SELECT pg_sleep(0.02)"))
    raise AssertionError("connections are still there")
