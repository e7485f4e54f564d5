"""Real engines for every test that asks for them: one private PostgreSQL and Redis per test process, one fresh database
per test, and the local world around the product.

A database is copied from a migrated template, which takes some milliseconds; durability is switched off, for nobody
pulls the plug here. Nothing is started before a test asks for it.
"""

import signal
import tempfile
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client
import structlog
from sqlalchemy import Engine, create_engine, make_url, text

from connector.local.org.server import LocalOrg, OrgConfig
from connector.local.stripe.server import LocalStripe, StripeConfig
from sync import private
from sync.db import migrate
from sync.db.engine import make_engine
from tests.integration import place as places
from tests.integration.place import Place
from tests.integration.world import World

TEMPLATE = "dueline_template"

# A shell that starts the tests in the background has them ignore interrupts, and so would every process that they
# start and interrupt.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Short lines: the usual console format renders every traceback with all its variables, which takes seconds."""
    renderers = [structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer(key_order=["event"])]
    structlog.configure(processors=[structlog.processors.add_log_level, *renderers])


@pytest.fixture(scope="session")
def servers() -> Iterator[Path]:
    """The folder of this test process's private servers.

    Not pytest's own: whoever starts pytest next closes that to everybody else, and a PostgreSQL that root has started
    runs as somebody else.
    """
    with tempfile.TemporaryDirectory(prefix="dueline-tests-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres_server(servers: Path) -> Iterator[Engine]:
    """A running PostgreSQL as its superuser, with a migrated template database."""
    with private.running_postgres(servers) as url:
        full = url.replace("postgresql://", "postgresql+psycopg://", 1)
        server = create_engine(full, isolation_level="AUTOCOMMIT", pool_size=1)
        with server.connect() as conn:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                conn.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            conn.execute(text("SELECT pg_reload_conf()"))
            conn.execute(text(f"CREATE DATABASE {TEMPLATE}"))
        migrate.upgrade(_named(server, TEMPLATE))
        yield server
        server.dispose()


def _named(server: Engine, database: str) -> str:
    return make_url(str(server.url)).set(database=database).render_as_string(hide_password=False)


@pytest.fixture
def empty_database_url(postgres_server: Engine) -> Iterator[str]:
    """A database without any table."""
    yield from _database(postgres_server, "template0")


@pytest.fixture
def database_url(postgres_server: Engine) -> Iterator[str]:
    """A fresh, migrated database."""
    yield from _database(postgres_server, TEMPLATE)


def _database(server: Engine, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    with server.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield _named(server, name)
    with server.connect() as conn:
        conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Connections to the test's database."""
    made = make_engine(database_url, pool=10)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def redis_server(servers: Path) -> str:
    """The URL of this test process's Redis."""
    return private.redis(servers)


@pytest.fixture
def redis_url(redis_server: str) -> Iterator[str]:
    """An empty Redis."""
    with redis_client.Redis.from_url(redis_server) as client:
        client.flushall()
        yield redis_server


@pytest.fixture
def org_options() -> dict[str, Any]:
    """What a test's local org has that others do not (OrgConfig's names); override by parametrizing."""
    return {}


@pytest.fixture
def local_org(org_options: dict[str, Any]) -> Iterator[LocalOrg]:
    """A Salesforce org with Dueline's metadata deployed."""
    config = OrgConfig(
        metadata=places.METADATA,
        integration=places.INTEGRATION,
        org_admin=places.ADMIN,
        **org_options,
    )
    with LocalOrg(config) as org:
        yield org


@pytest.fixture
def local_stripe() -> Iterator[LocalStripe]:
    """A Stripe account that delivers nothing by itself, on a clock that tests move (`world.Clock`)."""
    stripe = LocalStripe(StripeConfig(api_key=places.API_KEY))
    stripe.desk.clock = stripe.world.clock = places.Clock(places.TODAY)
    with stripe.running():
        yield stripe


@pytest.fixture
def settings() -> dict[str, str]:
    """Environment variables that a test's product has beyond those of `world`; override by parametrizing."""
    return {}


@pytest.fixture
def place(database_url: str, redis_url: str, local_stripe: LocalStripe, tmp_path: Path) -> Place:
    """Where the engines and the local Stripe of this test are."""
    return Place(database_url, redis_url, local_stripe.url, tmp_path / "today.json")


@pytest.fixture
def world(place: Place, local_stripe: LocalStripe, local_org: LocalOrg, settings: dict[str, str]) -> Iterator[World]:
    """The product on real engines between a local Stripe and a local org, driven by hand in this process."""
    made = World.build(replace(place, org_url=local_org.url), local_stripe, local_org, settings)
    yield made
    made.close()


@pytest.fixture
def books(place: Place, local_stripe: LocalStripe, settings: dict[str, str]) -> Iterator[World]:
    """The same without an org: for what ends in the ledger."""
    made = World.build(place, local_stripe, None, settings)
    yield made
    made.close()
