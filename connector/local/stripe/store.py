"""Where the account's objects live: SQLite rows holding JSON.

Rows instead of dictionaries in memory, because then every read is a copy (a snapshot in an event can never change
afterwards), an action that fails half-way rolls back, 100,000 invoices list by index, and a restart needs no more code.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connector.local.stripe.refusal import Json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, created INTEGER NOT NULL,
  gone INTEGER NOT NULL, customer TEXT, invoice TEXT, charge TEXT, payment_intent TEXT, status TEXT, type TEXT,
  body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS newest ON objects (kind, created, seq);
CREATE INDEX IF NOT EXISTS by_customer ON objects (kind, customer, created, seq) WHERE customer IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_invoice ON objects (kind, invoice, created, seq) WHERE invoice IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_charge ON objects (kind, charge, created, seq) WHERE charge IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_intent ON objects (kind, payment_intent, created, seq)
  WHERE payment_intent IS NOT NULL;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
COLUMNS = ("customer", "invoice", "charge", "payment_intent", "status", "type")


@dataclass(frozen=True)
class Query:
    """One page of a list: newest first, `bounds` on created as (operator, second), `match` on indexed columns."""

    kind: str
    match: Mapping[str, str] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  # patterns of event types
    bounds: tuple[tuple[str, int], ...] = ()
    limit: int = 10
    starting_after: str | None = None
    ending_before: str | None = None


class Store:
    """The rows of one account. Every call may come from any thread; `transaction` nests."""

    def __init__(self, path: Path | None = None) -> None:
        # An empty name is SQLite's private temporary database: in memory, spilling to disk when it grows.
        self._db = sqlite3.connect(str(path) if path else "", check_same_thread=False, isolation_level=None)
        self._lock = threading.RLock()
        self._depth = 0
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else in between."""
        with self._lock:
            if self._depth == 0:
                # At once the writer: another process that serves the same file waits instead of failing later.
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                if self._depth == 1:
                    self._db.execute("ROLLBACK")
                raise
            else:
                if self._depth == 1:
                    self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def count(self, name: str) -> int:
        """The next number of a counter, from 1; it survives a restart."""
        with self._lock:
            row = self._db.execute(
                "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
                (name,),
            ).fetchone()
            return int(row[0])

    def put(self, body: Json) -> None:
        """Insert or replace by id; a replaced object keeps its place among those of the same second."""
        paid_by = body.get("payment")  # an invoice_payment names its payment one level deeper
        refers = {**(paid_by if isinstance(paid_by, dict) and body["object"] == "invoice_payment" else {}), **body}
        columns = (_reference(refers.get(name)) for name in COLUMNS)
        values = (body["id"], body["object"], int(body.get("created") or 0), bool(body.get("deleted")), *columns)
        with self._lock:
            self._db.execute(
                "INSERT INTO objects (id, kind, created, gone, customer, invoice, charge, payment_intent, status, type,"
                " body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET kind=excluded.kind,"
                " created=excluded.created, gone=excluded.gone, customer=excluded.customer, invoice=excluded.invoice,"
                " charge=excluded.charge, payment_intent=excluded.payment_intent, status=excluded.status,"
                " type=excluded.type, body=excluded.body",
                (*values, json.dumps(body, separators=(",", ":"))),
            )

    def get(self, object_id: str) -> Json | None:
        """A fresh copy of the object, deleted ones included."""
        with self._lock:
            row = self._db.execute("SELECT body FROM objects WHERE id = ?", (object_id,)).fetchone()
        return _load(row[0]) if row else None

    def everything(self, kind: str | None = None) -> list[Json]:
        """All objects in the order of their making, deleted ones included; events only when asked for."""
        where, values = ("kind = ?", (kind,)) if kind else ("kind <> 'event'", ())
        with self._lock:
            rows = self._db.execute(f"SELECT body FROM objects WHERE {where} ORDER BY seq", values).fetchall()  # noqa: S608
        return [_load(row[0]) for row in rows]

    def page(self, query: Query) -> tuple[list[Json], bool]:
        """The page and whether there is more beyond it, in the direction of travel."""
        where, values = _where(query)
        backwards = query.ending_before is not None
        cursor = query.ending_before or query.starting_after
        order = "ASC" if backwards else "DESC"
        with self._lock:
            if cursor:
                where.append(f"(created, seq) {'>' if backwards else '<'} (?, ?)")
                values += self._place(cursor)
            sql = f"SELECT body FROM objects WHERE {' AND '.join(where)} ORDER BY created {order}, seq {order} LIMIT ?"  # noqa: S608
            rows = self._db.execute(sql, (*values, query.limit + 1)).fetchall()
        found = [_load(row[0]) for row in rows[: query.limit]]
        return (found[::-1] if backwards else found), len(rows) > query.limit

    def _place(self, object_id: str) -> list[int]:
        row = self._db.execute("SELECT created, seq FROM objects WHERE id = ?", (object_id,)).fetchone()
        return list(row)


def _where(query: Query) -> tuple[list[str], list[object]]:
    where, values = ["kind = ?", "gone = 0"], list[object]([query.kind])
    for name, value in query.match.items():
        if name not in COLUMNS:
            raise ValueError(f"lists are not indexed by {name!r}")
        where.append(f"{name} GLOB ?" if "*" in value else f"{name} = ?")
        values.append(value)
    if query.types:
        where.append(f"type IN ({', '.join('?' * len(query.types))})")
        values += query.types
    for pattern in query.without:
        where.append("type NOT GLOB ?")
        values.append(pattern)
    for operator, second in query.bounds:
        where.append(f"created {operator} ?")
        values.append(second)
    return where, values


def _reference(value: object) -> str | None:
    """The id behind a reference, expanded or not."""
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) else None


def _load(text: str) -> Json:
    body: Json = json.loads(text)
    return body
