"""Alembic's entry: forward only, and never waiting long for a lock that the running release holds.

Each migration must work beside the code that is already running: add first, remove in a later release.
"""

from alembic import context
from sqlalchemy import create_engine, text

from sync.db.admin_tables import metadata

LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"


def run() -> None:
    """Run the migrations that are due, each in its own transaction."""
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as conn:
        conn.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        conn.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
        conn.commit()
        context.configure(
            connection=conn, target_metadata=metadata, transaction_per_migration=True, compare_server_default=True
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
