"""The org's rows, in memory, under one lock; with a journal they survive the process.

A row is never changed in place: a write puts a new dict in the place of the old, so what a reader holds stays whole,
and undoing is putting the old one back. Reads take the lock too, so a query never sees half a transaction.
"""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.local.org.ids import make_id
from connector.local.org.journal import Journal
from connector.local.org.model import Field, Row, Schema, SObject


class Stamps:
    """Ids by SystemModstamp: whoever polls for what is new must not pay for what is old."""

    def __init__(self) -> None:
        self._ids: dict[datetime, dict[str, None]] = {}  # whole seconds, so there are few; emptied ones stay
        self._order: list[datetime] = []
        self._sorted = True

    def move(self, record_id: str, before: datetime | None, after: datetime | None) -> None:
        """The row had the one stamp and has the other; None where there was, or is, no row."""
        if before is not None:
            self._ids[before].pop(record_id, None)
        if after is None:
            return
        if after not in self._ids:
            self._ids[after] = {}
            self._sorted = self._sorted and (not self._order or self._order[-1] < after)
            self._order.append(after)
        self._ids[after][record_id] = None

    def since(self, moment: datetime) -> list[str]:
        """Ids of the rows stamped at that moment or later, oldest first."""
        if not self._sorted:
            self._order.sort()
            self._sorted = True
        stamps = self._order[bisect_left(self._order, moment) :]
        return [record_id for stamp in stamps for record_id in self._ids[stamp]]


class Table:
    """The rows of one object, by id, by the values of its indexed fields, and by when they changed."""

    def __init__(self, sobject: SObject) -> None:
        self.sobject = sobject
        self.rows: dict[str, Row] = {}
        self.stamps = Stamps()
        fields = [field for field in sobject.fields.values() if _indexed(field)]
        self._indexes: dict[str, dict[Any, dict[str, None]]] = {field.name: {} for field in fields}
        self._exact = {field.name for field in fields if field.case_sensitive or field.type == "reference"}
        self.blank: Row = {field.name: None for field in sobject.fields.values() if field.formula is None}

    def put(self, record_id: str, row: Row | None) -> Row | None:
        """Store the row (None removes it) and return what was there."""
        old = self.rows.get(record_id)
        for name, index in self._indexes.items():
            before, after = old and old[name], row and row[name]
            if before != after:
                self._reindex(index, self._key(name, before), self._key(name, after), record_id)
        then = None if old is None else old["SystemModstamp"]
        now = None if row is None else row["SystemModstamp"]
        if then != now:
            self.stamps.move(record_id, then, now)
        if row is None:
            self.rows.pop(record_id, None)
        else:
            self.rows[record_id] = row
        return old

    def find(self, name: str, value: Any) -> Iterable[str] | None:
        """Ids of the rows (deleted ones too) whose field has that value; None where the field has no index."""
        index = self._indexes.get(name)
        return None if index is None else tuple(index.get(self._key(name, value), ()))

    def _key(self, name: str, value: Any) -> Any:
        return value if name in self._exact or not isinstance(value, str) else value.casefold()

    @staticmethod
    def _reindex(index: dict[Any, dict[str, None]], before: Any, after: Any, record_id: str) -> None:
        if before is not None and (holders := index.get(before)) is not None:
            holders.pop(record_id, None)
            if not holders:
                del index[before]
        if after is not None:
            index.setdefault(after, {})[record_id] = None


@dataclass(frozen=True, slots=True)
class Change:
    """A row that a committed transaction made or changed; `old` is what was there before, None for a new one."""

    sobject: str
    row: Row
    old: Row | None


class Store:
    """All tables of an org. `listeners` are told of every commit, under the lock: they must be quick."""

    def __init__(self, schema: Schema, journal: Journal) -> None:
        self.lock = threading.RLock()
        self.tables = {name: Table(sobject) for name, sobject in schema.objects.items()}
        self._by_prefix = {table.sobject.key_prefix: table for table in self.tables.values()}
        self._journal = journal
        self._undo: list[tuple[Table, str, Row | None]] = []
        self._depth = 0
        self.listeners: list[Callable[[list[Change]], None]] = []
        self.counters: Counter[str] = Counter(journal.counters())
        for name, rows in journal.load(schema):
            table = self.tables[name]
            for row in rows:
                table.put(row["Id"], {**table.blank, **row})

    def table(self, sobject: str) -> Table:
        """The table of that object, whatever the case of its name."""
        return self.tables[sobject.lower()]

    def table_of(self, record_id: str) -> Table | None:
        """The table that an id belongs to by its key prefix."""
        return self._by_prefix.get(record_id[:3])

    def find(self, record_id: str) -> Row | None:
        """The row with that 18-character id, deleted ones included."""
        table = self._by_prefix.get(record_id[:3])
        return None if table is None else table.rows.get(record_id)

    def next_number(self, counter: str) -> int:
        """1, 2, 3 …; numbers of a transaction that was rolled back are lost, as in a real org."""
        self.counters[counter] += 1
        return self.counters[counter]

    def new_id(self, table: Table) -> str:
        """A fresh id for a row of that table."""
        prefix = table.sobject.key_prefix
        return make_id(prefix, self.next_number(f"id:{prefix}"))

    def put(self, table: Table, record_id: str, row: Row | None) -> None:
        """Write one row inside a transaction."""
        self._undo.append((table, record_id, table.put(record_id, row)))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes within, or none: an exception undoes them. May be nested; the outermost one is made durable."""
        with self.lock:
            mark = len(self._undo)
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self._commit()
            except BaseException:
                self._undo_to(mark)
                raise
            finally:
                self._depth -= 1

    def _undo_to(self, mark: int) -> None:
        while len(self._undo) > mark:
            table, record_id, old = self._undo.pop()
            table.put(record_id, old)

    def _commit(self) -> None:
        before: dict[tuple[str, str], tuple[Table, Row | None]] = {}
        for table, record_id, old in self._undo:
            before.setdefault((table.sobject.name, record_id), (table, old))
        if not before:
            return
        rows = [(name, key, table.rows.get(key)) for (name, key), (table, _) in before.items()]
        self._journal.write(rows, self.counters)
        self._undo.clear()
        if self.listeners:
            changes = [Change(name, row, before[name, key][1]) for name, key, row in rows if row is not None]
            for listener in self.listeners:
                listener(changes)


def _indexed(field: Field) -> bool:
    if field.formula is not None:
        return False
    keyed = field.unique or field.external_id or (field.id_lookup and field.type != "id")
    return keyed or (field.type == "reference" and field.name not in {"CreatedById", "LastModifiedById", "OwnerId"})
