"""WHERE and HAVING: a condition becomes a test of a row, and the equalities by which an index can find its rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connector.local.org.model import OrgError
from connector.local.org.soql import comparing, errors, tree
from connector.local.org.soql.currency import Currencies
from connector.local.org.soql.literals import Span
from connector.local.org.soql.terms import Context, Resolve, Term

SemiJoin = Callable[[tree.Query, Term], set[str]]


@dataclass(frozen=True)
class Lookup:
    """Every row that passes has one of these values in this stored field."""

    field: str
    unique: bool
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Filter:
    """A test of a row, with what is known about the rows that pass it."""

    test: comparing.Test
    lookups: tuple[Lookup, ...] = ()
    since: datetime | None = None  # no row that passes has an older SystemModstamp


def everything(_row: Any) -> bool:
    """The test of a query without WHERE."""
    return True


class Filters:
    """Compiles the conditions of one SELECT; `resolve` says what its names mean (rows in WHERE, groups in HAVING)."""

    def __init__(self, context: Context, resolve: Resolve, currencies: Currencies, semi_join: SemiJoin) -> None:
        self._context = context
        self._resolve = resolve
        self._currencies = currencies
        self._semi_join = semi_join

    def compile(self, condition: tree.Condition | None) -> Filter:
        """The filter of the condition; everything passes where there is none."""
        match condition:
            case None:
                return Filter(everything)
            case tree.Comparison():
                return self._comparison(condition)
            case tree.Negation(term):
                test = self.compile(term).test
                return Filter(lambda row: not test(row))
            case tree.Junction(every, terms):
                return _joined([self.compile(term) for term in terms], every=every)

    def _comparison(self, comparison: tree.Comparison) -> Filter:
        term = self._resolve(comparison.left)
        if term.is_long_text:
            message = f"field '{term.label}' can not be filtered in a query call"
            raise OrgError("INVALID_FIELD", errors.header(self._context.text, term.at) + message)
        if isinstance(comparison.right, tree.Query):
            return _semi_join_filter(term, comparison.op, self._semi_join(comparison.right, term))
        written = comparison.right if isinstance(comparison.right, tuple) else (comparison.right,)
        if any(literal.kind == "currency" for literal in written):
            return self._money(term, comparison.op, written)
        if comparison.op in ("LIKE", "INCLUDES", "EXCLUDES"):
            return _on(term, self._text_test(term, comparison.op, written))
        values = [comparing.value_of(literal, term, self._context) for literal in written]
        match comparison.op:
            case "=" | "IN":
                return _on(term, comparing.equality(term, values), values)
            case "!=" | "NOT IN":
                return _on(term, _not(comparing.equality(term, values)))
            case op:
                found = _on(term, comparing.order(term, op, values[0], written[0]))
                return replace(found, since=values[0]) if op in (">", ">=") and _is_stamp(term, values[0]) else found

    def _text_test(self, term: Term, op: str, written: Iterable[tree.Literal]) -> comparing.Test:
        literals = tuple(written)
        comparing.check_text_operator(term, op)
        for literal in literals:
            if literal.kind != "string":
                raise errors.wrong_literal(self._context.text, term.at, term.name, "string")
        texts = [literal.text for literal in literals]
        if op == "LIKE":
            return comparing.like(texts)
        test = comparing.includes(term, texts)
        return test if op == "INCLUDES" else _not(test)

    def _money(self, term: Term, op: str, written: tuple[tree.Literal, ...]) -> Filter:
        """`Amount > USD5000`: both sides in the corporate currency."""
        if term.type != "currency" or term.field is None:
            wanted = "double" if term.kind == "number" else term.type
            raise errors.wrong_literal(self._context.text, term.at, term.name, wanted)
        if any(literal.kind != "currency" for literal in written):
            raise errors.malformed("ISO code and non-ISO code values can not be mixed in one list")
        values = [self._currencies.literal(literal.text) for literal in written]
        match op:
            case "=" | "IN":
                test = comparing.equality(term, values)
            case "!=" | "NOT IN":
                test = _not(comparing.equality(term, values))
            case "LIKE" | "INCLUDES" | "EXCLUDES":
                raise errors.wrong_operator(term.type)
            case _:
                test = comparing.order(term, op, values[0], written[0])
        return _on(replace(term, get=self._currencies.converted(term)), test)


def _semi_join_filter(term: Term, op: str, ids: set[str]) -> Filter:
    if op == "IN":
        return _on(term, ids.__contains__, tuple(ids))
    return _on(term, _not(ids.__contains__))


def _on(term: Term, test: comparing.Test, values: Sequence[Any] = ()) -> Filter:
    """The test of a term's value; `values` if the term must equal one of them."""
    get = term.get
    lookups: tuple[Lookup, ...] = ()
    if values and term.stored_name and not any(value is None or isinstance(value, Span) for value in values):
        unique = bool(term.field and (term.field.unique or term.type == "id"))
        lookups = (Lookup(term.stored_name, unique, tuple(values)),)
    since = min(values) if lookups and all(_is_stamp(term, value) for value in values) else None
    return Filter(lambda row: test(get(row)), lookups, since)


def _is_stamp(term: Term, value: Any) -> bool:
    return term.stored_name == "SystemModstamp" and isinstance(value, datetime)


def _not(test: comparing.Test) -> comparing.Test:
    return lambda value: not test(value)


def _joined(filters: list[Filter], *, every: bool) -> Filter:
    tests = tuple(one.test for one in filters)
    bounds = [one.since for one in filters if one.since is not None]
    if not every:
        oldest = min(bounds) if len(bounds) == len(filters) else None
        return Filter(lambda row: any(test(row) for test in tests), since=oldest)
    return Filter(
        lambda row: all(test(row) for test in tests),
        tuple(lookup for one in filters for lookup in one.lookups),
        max(bounds, default=None),
    )
