"""Bringing a database up to this release's tables, and telling whether it is."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from sync.db.admin_tables import metadata

_FOLDER = Path(__file__).parent / "migrations"


def config(url: str) -> Config:
    """Alembic's configuration for a database."""
    made = Config()
    made.set_main_option("script_location", str(_FOLDER))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(url: str) -> str:
    """Run every migration that is due. Returns the revision reached."""
    command.upgrade(config(url), "head")
    return head()


def head() -> str:
    """The revision that this release needs."""
    return ScriptDirectory(str(_FOLDER)).get_current_head() or ""


def current(engine: Engine) -> str | None:
    """The revision that the database has."""
    with engine.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def drift(engine: Engine) -> list[object]:
    """Differences between the database and the tables that the code knows; none when migrations are complete."""
    with engine.connect() as conn:
        return list(compare_metadata(MigrationContext.configure(conn), metadata))
