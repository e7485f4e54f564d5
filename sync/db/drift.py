"""What a walk through Salesforce has seen, beside what we know to have written there.

The keys that were seen are kept in a temporary table of the walk's own connection, so a walk over a million rows needs
no more memory than one page of them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Self

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    any_,
    bindparam,
    exists,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from sync.db.records import QUIET, RecordKey
from sync.db.tables import AnyRow, record

NOTHING = "nothing"  # the content of a record for which nothing is written
_seen = Table(
    "seen_in_salesforce",
    MetaData(),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    PrimaryKeyConstraint("kind", "key"),
    prefixes=["TEMPORARY"],
)
_KEYS = any_(bindparam("keys", type_=ARRAY(Text)))


class Walk:
    """A walk through Salesforce; a context manager."""

    def __init__(self, engine: Engine) -> None:
        self._conn = engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def __enter__(self) -> Self:
        _seen.drop(self._conn, checkfirst=True)
        _seen.create(self._conn)
        self.began = self.now()
        return self

    def __exit__(self, *_exception: object) -> None:
        if not self._conn.invalidated:
            _seen.drop(self._conn)
        self._conn.close()

    def now(self) -> datetime:
        """The time by the database's clock, which also says when records were written."""
        found: datetime = self._conn.execute(select(func.clock_timestamp())).scalar_one()
        return found

    def note(self, keys: Collection[RecordKey]) -> None:
        """These rows stand in Salesforce."""
        if keys:
            rows = [{"kind": kind, "key": key} for kind, key in sorted(keys)]
            self._conn.execute(insert(_seen).on_conflict_do_nothing(), rows)

    def absent(self, kind: str, after: str, limit: int) -> Sequence[AnyRow]:
        """Up to so many records of a kind, by key, that were written before the walk began and were not seen on it."""
        seen = exists().where(_seen.c.kind == record.c.kind, _seen.c.key == record.c.key)
        stands = (record.c.written_at < self.began) & record.c.content.is_not(None) & (record.c.content != NOTHING)
        wanted = select(record).where(record.c.kind == kind, record.c.key > after, stands, QUIET, ~seen)
        return self._conn.execute(wanted.order_by(record.c.key).limit(limit)).all()

    def records(self, kind: str, after: str, limit: int) -> list[str]:
        """The keys of up to so many records of a kind that stand in Salesforce, in order."""
        wanted = select(record.c.key).where(
            record.c.kind == kind, record.c.key > after, record.c.written_at.is_not(None)
        )
        return list(self._conn.scalars(wanted.order_by(record.c.key).limit(limit)))

    def strange(self, keys: Collection[RecordKey]) -> list[RecordKey]:
        """Those of these keys for which there is no record."""
        if not keys:
            return []
        found = select(record.c.kind, record.c.key).where(tuple_(record.c.kind, record.c.key).in_(sorted(keys)))
        known = {(row.kind, row.key) for row in self._conn.execute(found)}
        return sorted(set(keys) - known)

    def left_over(self, keys: Collection[RecordKey]) -> list[RecordKey]:
        """Those of these keys that we take not to be there: removed when they were old, or never written."""
        if not keys:
            return []
        found = select(record.c.kind, record.c.key).where(
            tuple_(record.c.kind, record.c.key).in_(sorted(keys)), record.c.written_at.is_(None), QUIET
        )
        return [(row.kind, row.key) for row in self._conn.execute(found)]


def adopt(conn: Connection, keys: Collection[RecordKey]) -> None:
    """These stand in Salesforce although we took them not to: someone brought them back. Retention finds them again."""
    if keys:
        conn.execute(
            update(record)
            .where(tuple_(record.c.kind, record.c.key).in_(sorted(keys)), record.c.written_at.is_(None))
            .values(written_at=func.clock_timestamp())
        )
