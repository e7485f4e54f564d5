"""Aggregates and GROUP BY: rows are put into groups, and names mean what a group can be asked for.

Nulls count nowhere but in COUNT(). Text groups by its exact spelling. Amounts are added in the corporate currency, as
Salesforce does whenever an object has a CurrencyIsoCode, even if all rows share one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from connector.local.org.model import OrgError, Row
from connector.local.org.soql import dates, errors, tree
from connector.local.org.soql.currency import Currencies
from connector.local.org.soql.ordering import collation
from connector.local.org.soql.selecting import json_value
from connector.local.org.soql.terms import Context, Names, Term, date_function

MAX_GROUPS = 2_000  # one batch: grouped results have no query locator

_UNGROUPABLE = frozenset("double currency percent datetime multipicklist".split())
_COUNTS = frozenset({"COUNT", "COUNT_DISTINCT"})
_SUMS = frozenset({"SUM", "AVG"})
AGGREGATES = _COUNTS | _SUMS | {"MIN", "MAX"}


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that agree in every grouped value."""

    key: tuple[Any, ...]
    rows: list[Row]


def is_aggregate(query: tree.Query) -> bool:
    """Whether the query answers with groups instead of records."""
    return bool(query.group_by) or any(
        isinstance(item, tree.Selected)
        and isinstance(item.operand, tree.Call)
        and (item.operand.name in AGGREGATES or item.operand.name in dates.DATE_FUNCTIONS)
        for item in query.select
    )


class Groups:
    """The names of a grouped query: grouped fields, date functions of them, and aggregates."""

    def __init__(self, names: Names, group_by: tuple[tree.Operand, ...], currencies: Currencies) -> None:
        self._names = names
        self._currencies = currencies
        self._keys = [self._groupable(operand) for operand in group_by]
        self._position = {term.name: position for position, term in enumerate(self._keys)}

    def _groupable(self, operand: tree.Operand) -> Term:
        if isinstance(operand, tree.Call) and operand.name in ("ROLLUP", "CUBE"):
            raise errors.unsupported(f"GROUP BY {operand.name}")
        term = self._names(operand)
        field = term.field
        if field and (term.is_long_text or term.type in _UNGROUPABLE or field.formula is not None or field.auto_number):
            message = f"field '{term.label}' can not be grouped in a query call"
            raise errors.malformed(errors.header(self._names.context.text, term.at) + message)
        return term

    def of(self, rows: list[Row]) -> list[Group]:
        """The groups of the rows, in the order in which they first appear; one of everything without GROUP BY."""
        if not self._keys:
            return [Group((), rows)]
        getters = [term.get for term in self._keys]
        groups: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows:
            groups.setdefault(tuple(get(row) for get in getters), []).append(row)
        return [Group(key, members) for key, members in groups.items()]

    def __call__(self, operand: tree.Operand) -> Term:
        """The term of a group; MALFORMED_QUERY if its rows need not agree in it."""
        if isinstance(operand, tree.Call) and operand.name in AGGREGATES:
            return self._aggregate(operand)
        if isinstance(operand, tree.Call) and operand.name == "GROUPING":
            raise errors.unsupported("GROUPING()")
        term = self._names(operand)
        if term.name in self._position:
            return self._grouped(term)
        if isinstance(operand, tree.Call) and operand.name in dates.DATE_FUNCTIONS:
            argument = operand.args[0]
            inner = self._names(argument) if isinstance(argument, tree.Path) else None
            if inner is not None and inner.type == "date" and inner.name in self._position:
                return date_function(operand.name, self._grouped(inner), operand.at)
        raise errors.malformed(f"Field must be grouped or aggregated: {operand.text}")

    def _grouped(self, term: Term) -> Term:
        position = self._position[term.name]
        return replace(term, get=lambda group: group.key[position], place=None, hops=())

    def _aggregate(self, call: tree.Call) -> Term:
        if len(call.args) != 1 or not isinstance(call.args[0], tree.Path):
            raise errors.malformed(f"{call.name} takes one field: {call.text}")
        term = self._names.field(call.args[0])
        fits = term.kind == "number" if call.name in _SUMS else term.kind not in ("boolean", "multipicklist")
        if not fits or term.is_long_text:
            raise errors.malformed(f"field {term.label} does not support aggregate operator {call.name}")
        read = self._currencies.converted(term) if call.name not in _COUNTS else term.get
        function = _FUNCTIONS[call.name](term)

        def value(group: Group) -> Any:
            return function([found for row in group.rows if (found := read(row)) is not None])

        kind = "int" if call.name in _COUNTS else "double" if call.name == "AVG" else term.type
        keeps_field = call.name in ("MIN", "MAX") and term.kind != "number"
        return Term(f"{call.name}({term.name})", kind, value, call.at, term.field if keeps_field else None)


def _sum(_term: Term) -> Callable[[list[Decimal]], Decimal | None]:
    return lambda values: sum(values, Decimal()) if values else None


def _average(_term: Term) -> Callable[[list[Decimal]], Decimal | None]:
    return lambda values: sum(values, Decimal()) / len(values) if values else None


def _extreme(choose: Callable[..., Any]) -> Callable[[Term], Callable[[list[Any]], Any]]:
    def of(term: Term) -> Callable[[list[Any]], Any]:
        key = collation(term)
        return lambda values: choose(values, key=key, default=None)

    return of


_FUNCTIONS: dict[str, Callable[[Term], Callable[[list[Any]], Any]]] = {
    "COUNT": lambda _term: len,
    "COUNT_DISTINCT": lambda _term: lambda values: len(set(values)),
    "SUM": _sum,
    "AVG": _average,
    "MIN": _extreme(min),
    "MAX": _extreme(max),
}


def result_columns(query: tree.Query, groups: Groups) -> dict[str, Callable[[Group], Any]]:
    """The keys of an AggregateResult: alias, else the field's name, else `exprN` for anything computed."""
    columns: dict[str, Callable[[Group], Any]] = {}
    unnamed = 0
    for item in query.select:
        if isinstance(item, tree.Query):
            raise errors.malformed("Grouped query cannot use child relationships in the SELECT list")
        term = groups(item.operand)
        key = item.alias or (term.label if isinstance(item.operand, tree.Path) else f"expr{unnamed}")
        unnamed += key == f"expr{unnamed}" and not item.alias
        if key.lower() in {known.lower() for known in columns}:
            raise errors.malformed(f"duplicate alias: {key}")
        columns[key] = _column(term)
    return columns


def _column(term: Term) -> Callable[[Group], Any]:
    return lambda group: json_value(term.type, term.get(group))


def check_one_batch(groups: list[Group]) -> None:
    """More groups than one batch holds cannot be fetched at all."""
    if len(groups) > MAX_GROUPS:
        message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
        raise OrgError("EXCEEDED_ID_LIMIT", message)


def check_counts(query: tree.Query, context: Context) -> bool:
    """Whether this is SELECT COUNT(), which stands alone; MALFORMED_QUERY for combinations that cannot be."""
    counts = [
        item
        for item in query.select
        if isinstance(item, tree.Selected) and item.operand == tree.Call("COUNT", (), item.operand.at)
    ]
    if not counts:
        if not query.group_by and query.limit is not None and is_aggregate(query):
            raise errors.malformed("Non-grouped query that uses overall aggregate functions cannot also use LIMIT")
        return False
    if len(query.select) > 1 or query.group_by or query.order_by or counts[0].alias:
        at = counts[0].operand.at
        message = "COUNT() stands alone in its SELECT, without alias, GROUP BY and ORDER BY; use COUNT(Id)"
        raise errors.malformed(errors.header(context.text, at) + message)
    return True
