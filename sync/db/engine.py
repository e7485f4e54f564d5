"""Connections to PostgreSQL."""

from sqlalchemy import Engine, create_engine


def make_engine(url: str, *, pool: int = 5, autocommit: bool = False) -> Engine:
    """An engine of at most `pool` lasting connections.

    `autocommit` suits single statements, such as the inbox insert, where BEGIN and COMMIT would be two more trips.
    """
    return create_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=False,
        pool_use_lifo=True,
        isolation_level="AUTOCOMMIT" if autocommit else "READ COMMITTED",
        pool_reset_on_return=None if autocommit else "rollback",  # nothing is ever open between single statements
        connect_args={"connect_timeout": 5, "application_name": "dueline"},
    )
