"""Keeps the rows in a SQLite file. One SQLite transaction per transaction of the org: after a kill -9 the file holds
exactly the committed requests (write-ahead log; without fsync only a crash of the machine could lose the last ones).
Values are stored as JSON text and read back by the field's type, so that metadata may grow between two starts.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from connector.local.org.model import TAKEN, Row, Schema, SObject

_TABLES = """
create table if not exists rows (sobject text, id text, body text, primary key (sobject, id)) without rowid;
create table if not exists facts (name text primary key, body text) without rowid;
"""
_NUMBERS = {"double", "int", "currency", "percent"}


class Journal:
    """The file behind a store. Without a path it forgets everything, and costs nothing."""

    def __init__(self, path: Path | None) -> None:
        self._db: sqlite3.Connection | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = normal")
            self._db.executescript(_TABLES)

    def load(self, schema: Schema) -> Iterator[tuple[str, Iterator[Row]]]:
        """Rows by lower-case object name; objects and fields that the schema no longer has are left alone."""
        for name, sobject in schema.objects.items():
            if self._db is not None:
                found = self._db.execute("select body from rows where sobject = ? order by id", (sobject.name,))
                yield name, map(_reader(sobject), (body for (body,) in found.fetchall()))

    def write(self, rows: Iterable[tuple[str, str, Row | None]], counters: Mapping[str, int]) -> None:
        """Make one transaction durable: (object, id, row), None for a row that is gone."""
        if self._db is None:
            return
        with self._db:  # commits, or rolls back where one statement fails
            self._db.execute("begin")
            self._db.executemany(
                "insert into rows values (?, ?, ?) on conflict do update set body = excluded.body",
                [(name, key, _dump(row)) for name, key, row in rows if row is not None],
            )
            gone = [(name, key) for name, key, row in rows if row is None]
            self._db.executemany("delete from rows where sobject = ? and id = ?", gone)
            self._put_fact("counters", dict(counters))

    def counters(self) -> Counter[str]:
        """The numbers that ids and auto-numbers have reached."""
        return Counter(self.fact("counters") or {})

    def fact(self, name: str) -> Any:
        """Something remembered besides the rows, or None."""
        if self._db is None:
            return None
        found = self._db.execute("select body from facts where name = ?", (name,)).fetchone()
        return json.loads(found[0]) if found else None

    def remember(self, name: str, value: Any) -> None:
        """Remember a JSON value under a name, durably."""
        if self._db is not None:
            self._put_fact(name, value)

    def _put_fact(self, name: str, value: Any) -> None:
        assert self._db is not None  # noqa: S101 - both callers have looked
        statement = "insert into facts values (?, ?) on conflict do update set body = excluded.body"
        self._db.execute(statement, (name, json.dumps(value)))

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()


def _dump(row: Row) -> str:
    return json.dumps({name: value for name, value in row.items() if value is not None}, default=str)


def _reader(sobject: SObject) -> Callable[[str], Row]:
    readers: dict[str, Callable[[str], Any]] = {}
    for field in sobject.fields.values():
        if field.type in _NUMBERS:
            readers[field.name] = Decimal
        elif field.type in {"date", "datetime"}:
            readers[field.name] = date.fromisoformat if field.type == "date" else datetime.fromisoformat
    known = {field.name for field in sobject.fields.values()} | {TAKEN}

    def read(body: str) -> Row:
        row = json.loads(body)
        return {
            name: readers[name](value) if name in readers else value for name, value in row.items() if name in known
        }

    return read
