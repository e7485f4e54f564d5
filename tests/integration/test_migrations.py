"""Migrations: from nothing to what the code knows, without standing in the way of the release that runs."""

import subprocess
import sys

import pytest
from alembic.runtime.environment import EnvironmentContext
from sqlalchemy import text

from sync.db import migrate
from sync.db.engine import make_engine


def test_an_empty_database_becomes_what_the_code_knows(empty_database_url):
    engine = make_engine(empty_database_url, pool=1)
    assert migrate.current(engine) is None
    assert migrate.upgrade(empty_database_url) == migrate.head()
    assert migrate.current(engine) == migrate.head()
    assert migrate.drift(engine) == []
    assert migrate.upgrade(empty_database_url) == migrate.head()  # again: nothing to do
    engine.dispose()


def test_a_change_that_no_migration_makes_is_noticed(engine):
    with engine.begin() as conn:
        conn.execute(text("ALTER TABLE invoice ADD COLUMN surprise text"))
        conn.execute(text("DROP INDEX ix_invoice_open"))
    assert len(migrate.drift(engine)) == 2


def test_a_migration_does_not_wait_long_for_what_the_running_release_holds(empty_database_url, monkeypatch):
    """It gives up instead: everything behind it in the lock's queue would wait too."""
    seen: dict[str, str] = {}
    run = EnvironmentContext.run_migrations

    def watch(self, **options):
        conn = self.get_context().connection
        for name in ("lock_timeout", "statement_timeout"):
            seen[name] = conn.execute(text(f"SHOW {name}")).scalar()
        return run(self, **options)

    monkeypatch.setattr(EnvironmentContext, "run_migrations", watch)
    migrate.upgrade(empty_database_url)
    assert seen == {"lock_timeout": "4s", "statement_timeout": "1min"}


def test_two_upgrades_at_once_end_well(empty_database_url):
    """Two instances of a release start together; whoever is second finds the work done, or says that it could not."""
    script = f"from sync.db import migrate; migrate.upgrade({empty_database_url!r})"
    both = [subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL) for _ in range(2)]
    assert 0 in [process.wait(60) for process in both]
    assert migrate.upgrade(empty_database_url) == migrate.head()
    engine = make_engine(empty_database_url, pool=1)
    assert migrate.drift(engine) == []
    engine.dispose()


@pytest.mark.parametrize("table", ["inbox", "object", "invoice", "record"])
def test_money_is_bigint_and_instants_know_their_zone(engine, table):
    columns = (
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_name = :table AND data_type IN ('numeric', 'real', 'integer', 'timestamp without time zone')"
    )
    with engine.connect() as conn:
        found = {row.column_name for row in conn.execute(text(columns), {"table": table})}
    assert found <= {"attempts", "fetch_attempts", "priority"}
