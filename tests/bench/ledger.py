"""A ledger of any size, quickly.

A real customer's events are processed by the product itself; the rows that this leaves are then copied under other
names, so that the tables hold what they would hold, and nothing here repeats how the ledger stores anything.
"""

import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import Connection, Engine, text

from sync import private
from sync.bootstrap import Runtime
from sync.db import inbox, migrate
from sync.db.engine import DirectEngine
from sync.demo.world import settings_from
from sync.pipeline.inbox import process_inbox
from tests.bench.history import ACCOUNT, INVOICES, TAG, told
from webhooks.providers import stripe

_NOT_COPIED = {"inbox", "alembic_version", "cursor", "api_use"}  # nobody's in particular

_INDEXES = text(
    "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
    "WHERE indrelid = CAST(:table AS regclass) AND NOT indisunique"
)


class Ledger:
    """A database, and what the product needs to process events in it. Its customers are numbered from 0."""

    def __init__(self, runtime: Runtime, customers: int) -> None:
        self.runtime, self.customers = runtime, customers
        self.engine, self.ingest = runtime.engine, runtime.ingest
        self._receiving = DirectEngine(runtime.database_url)

    def store(self, events: list[str]) -> None:
        """Have events wait in the inbox."""
        for body in events:
            inbox.add(self._receiving, stripe.envelope("main", body.encode(), {}))

    def process(self, events: list[str]) -> float:
        """Store events, and process them as a worker does that finds them all; seconds that processing took."""
        self.store(events)
        began = time.perf_counter()
        done = process_inbox(self.engine, self.ingest, lambda: True)
        took = time.perf_counter() - began
        if done.rows != len(events) or done.parked:
            raise RuntimeError(f"{done} of {len(events)} events")
        return took

    def process_each(self, events: list[str]) -> list[float]:
        """The same one by one, each alone in the inbox; seconds that each took."""
        return [self.process([body]) for body in events]

    def close(self) -> None:
        """Let go of the database."""
        self._receiving.dispose()
        self.runtime.close()


@contextmanager
def server() -> Iterator[str]:
    """A private PostgreSQL's URL; it is gone afterwards with all it held. Checkpoints come when `settle` says so."""
    folder = tempfile.TemporaryDirectory(prefix="dueline-bench-", ignore_cleanup_errors=True)
    with folder as home, private.running_postgres(Path(home)) as url:
        with psycopg.connect(url, autocommit=True) as conn:
            for setting in ("max_wal_size = '4GB'", "checkpoint_timeout = '1h'", "maintenance_work_mem = '256MB'"):
                conn.execute(f"ALTER SYSTEM SET {setting}")
            conn.execute("SELECT pg_reload_conf()")
        yield url


@contextmanager
def empty(server_url: str, name: str) -> Iterator[Ledger]:
    """A new database with nothing in it."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    own = re.sub(r"/postgres(?=\?|$)", f"/{name}", server_url, count=1)
    migrate.upgrade(own.replace("postgresql://", "postgresql+psycopg://", 1))
    ledger = Ledger(at(own), 0)
    yield ledger
    ledger.close()


def at(database_url: str) -> Runtime:
    """The product's own parts on a database, without anybody around."""
    secrets = {"DUELINE_STRIPE__MAIN__WEBHOOK_SECRETS": "whsec_bench"}
    return Runtime(settings_from({"DATABASE_URL": database_url, "REDIS_URL": "redis://127.0.0.1:1", **secrets}))


@contextmanager
def filled(server_url: str, invoices: int) -> Iterator[Ledger]:
    """A new database with so many invoices, all that follows from them written to Salesforce."""
    with empty(server_url, f"with_{invoices}") as ledger:
        ledger.process(told().events)
        ledger.customers = invoices // INVOICES
        _copy(ledger.engine, ledger.customers)
        yield ledger


def settle(engine: Engine) -> None:
    """Leave nothing for autovacuum or the checkpointer to do while something is measured."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM ANALYZE"))
        conn.execute(text("CHECKPOINT"))


def _copy(engine: Engine, copies: int) -> None:
    """Copy every row of the one customer, as customers 1 to `copies`; everything counts as written and looked at."""
    began = time.monotonic()
    with engine.begin() as conn:
        conn.execute(text("SET LOCAL synchronous_commit = off"))
        conn.execute(
            text("UPDATE record SET written = marked, content = 'copied', written_at = now(), event_at = NULL")
        )
        conn.execute(text("UPDATE review SET done = wanted, since = NULL"))
        for table in tables(engine):
            _copy_table(conn, table, copies)
    settle(engine)
    print(f"filled {engine.url.database} in {time.monotonic() - began:.0f} s", file=sys.stderr)


def tables(engine: Engine) -> list[str]:
    """The tables that hold rows of customers."""
    every = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    with engine.connect() as conn:
        names = sorted(set(conn.scalars(every)) - _NOT_COPIED)
        return [name for name in names if conn.scalar(text(f"SELECT EXISTS (SELECT FROM {name})"))]


def _copy_table(conn: Connection, table: str, copies: int) -> None:
    types = conn.execute(
        text("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = :table"),
        {"table": table},
    ).all()
    names = ", ".join(f'"{name}"' for name, _ in types)
    values = ", ".join(_renamed(name, kind) for name, kind in types)
    source = f"{table}, generate_series(1, {copies}) AS copy_number"
    indexes = conn.execute(_INDEXES, {"table": table}).all()  # made anew afterwards, which is quicker
    for index, _ in indexes:
        conn.execute(text(f"DROP INDEX {index}"))
    conn.execute(text(f"INSERT INTO {table} ({names}) SELECT {values} FROM {source}"))
    for _, definition in indexes:
        conn.execute(text(definition))


def _renamed(name: str, kind: str) -> str:
    if kind not in {"text", "jsonb"}:
        return f'"{name}"'
    account = "'001' || lpad(copy_number::text, 12, '0') || 'AAA'"
    renamed = f"""replace(replace("{name}"::text, '{TAG}', 'Copy' || copy_number || 'of'), '{ACCOUNT}', {account})"""
    return f"{renamed}::jsonb" if kind == "jsonb" else renamed
