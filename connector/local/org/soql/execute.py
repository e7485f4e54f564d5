"""Runs a query: find the rows, keep those that pass, order, cut, and give them the form of the select list.

Rows are found through an index where WHERE demands a value of an indexed field (`filters.Lookup`) or a change since
some moment (`Filter.since`), else by a scan.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from connector.local.org.model import Child, OrgError, Row, SObject, Source
from connector.local.org.soql import aggregating, errors, semijoin, tree
from connector.local.org.soql.currency import Currencies
from connector.local.org.soql.filters import Filter, Filters, Lookup, everything
from connector.local.org.soql.ordering import order_rows
from connector.local.org.soql.parse import parse
from connector.local.org.soql.selecting import Shape, add_selected
from connector.local.org.soql.terms import Context, Names, Place, Term

_T = TypeVar("_T")

MAX_OFFSET = 2_000
MAX_DEPTH = 5  # levels of parent-to-child queries, the root included


@dataclass(frozen=True)
class QueryResult:
    """The answer: records ready for JSON (numbers as int or Decimal), and how many rows they stand for."""

    records: list[dict[str, Any]]
    total_size: int
    aggregate: bool = False


def run_query(text: str, source: Source, *, include_deleted: bool = False, api_version: str = "v66.0") -> QueryResult:
    """The answer of the org to a SOQL query; `OrgError` in Salesforce's words where it refuses."""
    try:
        query = parse(text)
        return _answer(query, Context(text, source, include_deleted or query.all_rows, api_version))
    except RecursionError:
        message = "Query is either selecting too many fields or the filter conditions are too complicated."
        raise OrgError("QUERY_TOO_COMPLICATED", message) from None


def _answer(query: tree.Query, context: Context) -> QueryResult:
    sobject = context.source.schema.get(query.sobject.text)
    if sobject is None:
        raise errors.no_such_object(context.text, query.sobject.at, query.sobject.text)
    select = _Select(context, query, sobject)
    if aggregating.check_counts(query, context):
        return QueryResult([], select.count(), aggregate=True)
    if aggregating.is_aggregate(query):
        groups = select.grouped()
        return QueryResult(groups, len(groups), aggregate=True)
    records = select.records()
    return QueryResult(records, len(records))


class _Select:
    """One SELECT of a query: the root, or a sub-select for the children of its rows."""

    def __init__(self, context: Context, query: tree.Query, sobject: SObject, depth: int = 1) -> None:
        if query.offset > MAX_OFFSET:
            raise OrgError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
        semijoin.check_places(query, depth)
        self._context = context
        self._query = query
        self._sobject = sobject
        self._depth = depth
        self._names = Names(context, sobject, query.alias)
        self._currencies = Currencies(context.source)

    def count(self) -> int:
        """How many rows COUNT() finds."""
        return len(self._cut(self.rows()))

    def records(self) -> list[dict[str, Any]]:
        """The records of a root query."""
        shape, families = self._shape()
        rows = self._cut(self._ordered(self.rows()))
        for family in families:
            family.load(rows)
        return [shape.record(row, row) for row in rows]

    def grouped(self) -> list[dict[str, Any]]:
        """The AggregateResults of a query with aggregates or GROUP BY."""
        query = self._query
        names = aggregating.Groups(self._names, query.group_by, self._currencies)
        columns = aggregating.result_columns(query, names)
        if query.having is not None and not query.group_by:
            raise errors.malformed("HAVING needs a GROUP BY")
        having = Filters(self._context, names, self._currencies, semijoin.refuse_in_having).compile(query.having)
        groups = [group for group in names.of(self.rows()) if having.test(group)]
        groups = self._cut(order_rows(groups, query.order_by, names, self._currencies, self._context))
        aggregating.check_one_batch(groups)
        attributes = {"type": "AggregateResult"}
        return [
            {"attributes": attributes, **{key: column(group) for key, column in columns.items()}} for group in groups
        ]

    def by_parent(self, child: Child, parents: list[Row]) -> dict[str, list[dict[str, Any]]]:
        """The records of a sub-select, for each parent that has any; LIMIT and OFFSET count within one parent."""
        shape, families = self._shape()
        ids = tuple(row["Id"] for row in parents)
        wanted, field = set(ids), child.field
        lookup = Lookup(field, unique=False, values=ids)
        rows = [row for row in self.rows(lookup) if row.get(field) in wanted]
        grouped: dict[str, list[Row]] = defaultdict(list)
        for row in self._ordered(rows):
            grouped[row[field]].append(row)
        kept = {parent: self._cut(members) for parent, members in grouped.items()}
        for family in families:
            family.load([row for members in kept.values() for row in members])
        return {parent: [shape.record(row, row) for row in members] for parent, members in kept.items()}

    def _shape(self) -> tuple[Shape, list["_Family"]]:
        shape, families = Shape(self._context, Place((self._sobject,))), []
        for item in self._query.select:
            if isinstance(item, tree.Selected):
                add_selected(shape, item, self._query, self._names)
                continue
            family = _Family(self._context, item, self._sobject, self._query, self._depth + 1)
            families.append(family)
            shape.add(family.key, family.part)
        return shape, families

    def rows(self, lookup: Lookup | None = None) -> list[Row]:
        """The rows that pass, in the order of the store."""
        filtering = Filters(self._context, self._names, self._currencies, self._ids_of).compile(self._query.where)
        test, shows, mine = filtering.test, self._context.shows, self._scope()
        rows: Iterable[Row] = self._candidates(filtering, lookup)
        if test is not everything:
            rows = [row for row in rows if test(row)]
        return [row for row in rows if shows(row) and (mine is None or row.get("OwnerId") == mine)]

    def _candidates(self, filtering: Filter, lookup: Lookup | None) -> Iterable[Row]:
        """Rows among which all that pass are: by id, by an indexed field (unique first), by stamp, else every row."""
        source, name = self._context.source, self._sobject.name
        lookups = [*filtering.lookups, lookup] if lookup else list(filtering.lookups)
        for one in sorted(lookups, key=lambda one: (one.field != "Id", not one.unique)):
            if one.field == "Id":
                found = (source.by_id(name, record_id) for record_id in dict.fromkeys(one.values))
                return [row for row in found if row is not None]
            rows = source.matching(name, one.field, one.values)
            if rows is not None:
                return rows
        return source.rows(name) if filtering.since is None else source.changed_since(name, filtering.since)

    def _scope(self) -> str | None:
        """The owner to whom USING SCOPE narrows the query."""
        scope = self._query.scope.text.lower() if self._query.scope else "everything"
        if scope == "everything":
            return None
        if scope != "mine" or self._sobject.get("OwnerId") is None:
            raise errors.unsupported(f"USING SCOPE {scope} on {self._sobject.name}")
        return self._context.source.user_id

    def _ordered(self, rows: list[Row]) -> list[Row]:
        return order_rows(rows, self._query.order_by, self._names, self._currencies, self._context)

    def _cut(self, rows: list[_T]) -> list[_T]:
        start, limit = self._query.offset, self._query.limit
        return rows[start:] if limit is None else rows[start : start + limit]

    def _ids_of(self, query: tree.Query, outer: Term) -> set[str]:
        """The ids that a semi-join selects."""
        sobject, term = semijoin.resolve(query, outer, self._sobject, self._context)
        rows = _Select(self._context, replace(query, select=()), sobject, depth=self._depth).rows()
        return {value for row in rows if (value := term.get(row)) is not None}


class _Family:
    """A sub-select over the children of the rows of another select."""

    def __init__(self, context: Context, query: tree.Query, parent: SObject, outer: tree.Query, depth: int) -> None:
        self._child = _child_of(context, query, parent, outer)
        self.key = self._child.relationship_name
        sobject = context.source.schema.get(self._child.sobject)
        if depth > MAX_DEPTH:
            raise errors.malformed(f"SOQL supports at most {MAX_DEPTH} levels of parent-to-child relationships")
        if sobject is None:
            raise errors.no_such_relationship(
                context.text, query.sobject.at, query.sobject.text, where="FROM part of query call"
            )
        if aggregating.is_aggregate(query):
            raise errors.malformed("Only root queries support aggregate expressions")
        self._select = _Select(context, query, sobject, depth)
        self._records: dict[str, list[dict[str, Any]]] = {}

    def load(self, parents: list[Row]) -> None:
        """Finds the children of all these rows at once."""
        self._records = self._select.by_parent(self._child, parents)

    def part(self, row: Row) -> dict[str, Any] | None:
        """The children of one row as results carry them; null where there are none."""
        records = self._records.get(row["Id"])
        return {"totalSize": len(records), "done": True, "records": records} if records else None


def _child_of(context: Context, query: tree.Query, parent: SObject, outer: tree.Query) -> Child:
    """The relationship that a sub-select names, alone or after its parent's name or alias."""
    *owner, name = query.sobject.parts
    own_names = {text.lower() for text in (parent.name, outer.alias, outer.sobject.parts[-1]) if text}
    if len(owner) <= 1 and own_names.issuperset(step.lower() for step in owner):
        for child in parent.children:
            if child.relationship_name.lower() == name.lower():
                return child
    raise errors.no_such_relationship(context.text, query.sobject.at, name, where="FROM part of query call")
