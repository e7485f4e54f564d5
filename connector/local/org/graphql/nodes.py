"""Rows on their way out: one query finds the rows of a connection, one more finds the children of all of them at once.

A `Page` holds all rows that stand at one place of the answer, so the first of them that is asked for its children can
fetch those of the others too.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from connector.local.org.graphql.paging import Slice, read_slice
from connector.local.org.graphql.soql import Given, order_by, quoted, select, where
from connector.local.org.model import Child, Field, Row, SObject
from connector.local.org.org import Org, UserSource, View
from connector.local.org.soql import QueryResult, run_query
from connector.local.org.soql.execute import MAX_OFFSET


@dataclass
class Reading:
    """One request: the org as its user sees it, and the variables as they were sent (with their order of keys)."""

    org: Org
    view: View
    source: UserSource
    variables: Mapping[str, Any]

    def query(self, text: str) -> QueryResult:
        """The answer to a SOQL statement as that user."""
        return run_query(text, self.source)

    def row(self, item: SObject, record_id: str | None) -> Row | None:
        """The live row with that id."""
        row = self.source.by_id(item.name, record_id) if record_id else None
        return row if row is not None and not row["IsDeleted"] else None


@dataclass
class Page:
    """The rows at one place of the answer. `up` and `down` count the lookups and lists that led here."""

    reading: Reading
    item: SObject
    rows: Callable[[], list[Row]]
    up: int = 0
    down: int = 0
    _families: dict[str, "Family"] = field(default_factory=dict)
    _parents: dict[tuple[str, str], "Page"] = field(default_factory=dict)

    def family(self, key: str, child: Child, given: Given, orderings: Given) -> "Family":
        """The children of all rows; `key` tells apart what the query asks for more than once."""
        if key not in self._families:
            self._families[key] = Family(self, child, given, orderings)
        return self._families[key]

    def parents(self, key: str, own: Field, item: SObject) -> "Page":
        """The page of the rows' parents of that object."""
        if (key, item.name) not in self._parents:

            def rows() -> list[Row]:
                ids = dict.fromkeys(row.get(own.name) for row in self.rows())
                return [row for one in ids if one and (row := self.reading.row(item, one))]

            self._parents[key, item.name] = Page(self.reading, item, rows, self.up + 1, self.down)
        return self._parents[key, item.name]


@dataclass(frozen=True, slots=True)
class Node:
    """One row in its page."""

    row: Row
    page: Page


@dataclass
class Connection:
    """A slice of rows; `count` knows how many there are in all."""

    nodes: list[Node]
    slice: Slice
    more: bool
    count: Callable[[], int]


class Family:
    """The children of all rows of a page, by their parent's id."""

    def __init__(self, parents: Page, child: Child, given: Given, orderings: Given) -> None:
        self._parents = parents
        self._child = child
        self._given = given
        self._orderings = orderings
        self._slice = read_slice(given)
        reading = parents.reading
        self._item = reading.source.schema.objects[child.sobject.lower()]
        self._page = Page(reading, self._item, self._shown, up=0, down=parents.down + 1)

    @cached_property
    def _rows(self) -> dict[str, list[Row]]:
        reading, name = self._parents.reading, self._child.field
        ids = [row["Id"] for row in self._parents.rows()]
        found: dict[str, list[Row]] = defaultdict(list)
        if not ids:
            return found
        schema = reading.source.schema
        terms = [f"{name} IN ({','.join(map(quoted, ids))})"]
        if condition := where(schema, self._item, self._given.get("where")):
            terms.append(f"({condition})")
        orderings = order_by(self._item, self._orderings, schema)
        text = select("Id", self._item.name, " AND ".join(terms), orderings=orderings)
        for record in reading.query(text).records:
            row = reading.source.by_id(self._item.name, record["Id"])
            if row is not None:
                found[row[name]].append(row)
        return found

    def _shown(self) -> list[Row]:
        return [row for rows in self._rows.values() for row in self._cut(rows)]

    def _cut(self, rows: list[Row]) -> list[Row]:
        part = self._slice
        return rows[part.start : part.start + min(part.size, part.limit)]

    def of(self, parent: Row) -> Connection:
        """The children of one row."""
        rows, part = self._rows.get(parent["Id"], []), self._slice
        nodes = [Node(row, self._page) for row in self._cut(rows)]
        more = len(rows[part.start : part.start + part.limit]) > part.size
        return Connection(nodes, part, more, lambda: len(rows))


def connect(reading: Reading, item: SObject, given: Given, orderings: Given) -> Connection:
    """The rows that a query at the root asks for."""
    part, schema = read_slice(given), reading.source.schema
    condition = where(schema, item, given.get("where"))
    mine = given.get("scope") == "MINE"
    # beyond the offsets of SOQL a bounded query goes on: the real one keeps a server-side cursor there
    skipped = part.start if part.bound is not None and part.start > MAX_OFFSET else 0
    text = select(
        "Id",
        item.name,
        condition,
        mine=mine,
        orderings=order_by(item, orderings, schema),
        limit=skipped + part.limit,
        offset=part.start - skipped,
    )
    records = reading.query(text).records[skipped:]
    rows = [row for record in records[: part.size] if (row := reading.source.by_id(item.name, record["Id"]))]
    page = Page(reading, item, lambda: rows)

    def count() -> int:
        return reading.query(select("COUNT()", item.name, condition, mine=mine)).total_size

    return Connection([Node(row, page) for row in rows], part, len(records) > part.size, count)


def alone(reading: Reading, item: SObject, row: Row) -> Node:
    """A row by itself."""
    return Node(row, Page(reading, item, lambda: [row]))
