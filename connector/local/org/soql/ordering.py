"""ORDER BY: text without case, picklists in the order of their definition, amounts in the corporate currency.

Nulls come first in either direction unless NULLS LAST is written, which ids and lookups ignore (documented). Rows that
compare equal keep the order of the store.
"""

from collections.abc import Callable
from typing import Any

from connector.local.org.soql import errors, tree
from connector.local.org.soql.currency import Currencies
from connector.local.org.soql.terms import Context, Get, Resolve, Term

Key = Callable[[Any], Any]


def collation(term: Term) -> Key:
    """What values of the term are sorted by."""
    if term.type == "picklist" and term.field and term.field.picklist:
        ranks = {value: rank for rank, value in enumerate(term.field.picklist.values)}
        return lambda value: (ranks.get(value, len(ranks)), value.upper())
    return str.upper if term.kind == "text" else lambda value: value


def _key(get: Get, collate: Key, null_rank: int) -> Key:
    def key(row: Any) -> tuple[int, Any]:
        value = get(row)
        return (null_rank, 0) if value is None else (1, collate(value))

    return key


def order_rows(
    rows: list[Any], orderings: tuple[tree.Ordering, ...], resolve: Resolve, currencies: Currencies, context: Context
) -> list[Any]:
    """The rows in the order asked for."""
    ordered = rows
    for ordering in reversed(orderings):
        term = resolve(ordering.operand)
        if term.is_long_text or term.kind == "multipicklist":
            message = f"field '{term.label}' can not be sorted in a query call"
            raise errors.malformed(errors.header(context.text, term.at) + message)
        nulls_last = ordering.nulls_last and term.kind != "id"
        null_rank = 2 if nulls_last != ordering.descending else 0
        get = currencies.converted(term)
        ordered = sorted(ordered, key=_key(get, collation(term), null_rank), reverse=ordering.descending)
    return ordered
