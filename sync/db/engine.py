"""Connections to PostgreSQL: SQLAlchemy's for everything, and a direct way in for the one statement of every webhook.

Checking a connection out of SQLAlchemy's pool and in again costs as much as the inbox insert itself spends in this
process (python -m tests.bench acks), for safeguards of transactions that a single statement does not have.
"""

import contextlib
from collections import deque
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import DBAPIError

_CONNECT: dict[str, Any] = {"connect_timeout": 5, "application_name": "dueline"}


def make_engine(url: str, *, pool: int = 5) -> Engine:
    """An engine of at most `pool` lasting connections, and as many more while they are all in use."""
    return create_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=False,
        pool_use_lifo=True,
        isolation_level="READ COMMITTED",
        connect_args=_CONNECT,
    )


class DirectEngine:
    """Single statements, each committed when it returns, from any thread, over lasting connections.

    There are as many connections as threads have ever been here at once. Statements are prepared once per connection.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self._dsn = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._free: deque[psycopg.Cursor[Any]] = deque()  # its append and pop are atomic; the latest is the warmest

    def first(self, statement: str, values: Sequence[object]) -> tuple[Any, ...] | None:
        """Run one statement, and give its first row if it has any. It may run twice. Raises SQLAlchemyError.

        A connection that has gone stale shows by failing: then those at rest are let go of, for so may they have, and
        the statement is run once more on a new one.
        """
        try:
            if self._free:
                try:
                    return self._first(statement, values)
                except psycopg.OperationalError:
                    self.dispose()
            return self._first(statement, values)
        except psycopg.Error as error:
            raise DBAPIError(statement, None, error) from error

    def _first(self, statement: str, values: Sequence[object]) -> tuple[Any, ...] | None:
        try:
            cursor = self._free.pop()
        except IndexError:
            cursor = psycopg.connect(self._dsn, autocommit=True, **_CONNECT).cursor()
        try:
            found: tuple[Any, ...] | None = cursor.execute(statement, values, prepare=True).fetchone()
        except BaseException:
            cursor.connection.close()  # in whatever state it is
            raise
        self._free.append(cursor)
        return found

    def dispose(self) -> None:
        """Close the connections at rest."""
        with contextlib.suppress(IndexError):
            while True:
                self._free.pop().connection.close()
