"""Query text to `tree.Query`. Syntax errors leave here as MALFORMED_QUERY with Salesforce's caret."""

import re
from functools import cache, lru_cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, v_args

from connector.local.org.model import OrgError
from connector.local.org.soql import errors, tree

MAX_QUERY = 100_000  # characters; SOQL and SOSL limits
MAX_STRING = 4_000  # characters of one string in WHERE

_STRING = re.compile(r"'([^'\\]*(?:\\.[^'\\]*)*)'", re.DOTALL)
_KINDS: dict[str, tree.LiteralKind] = {
    "STRING": "string",
    "NUMBER": "number",
    "DATE": "date",
    "DATETIME": "datetime",
    "CURRENCY": "currency",
    "TRUE": "boolean",
    "FALSE": "boolean",
    "NULL": "null",
    "RELATIVE": "relative",
}


def _at(token: Token) -> int:
    return token.start_pos or 0


def _path(token: Token) -> tree.Path:
    parts = tuple(part.strip() for part in token.split("."))
    return tree.Path(parts, _at(token))


def _count(token: Token) -> int:
    if not token.isdigit():
        raise errors.malformed(f"unexpected token: '{token}'")
    return int(token)


def _check_length(text: str) -> None:
    if len(text) > MAX_STRING:
        raise errors.malformed(f"String literals in a WHERE clause cannot be longer than {MAX_STRING} characters.")


class _Clause(tuple[str, Any]):
    """A named part of a query on its way into `tree.Query`."""

    __slots__ = ()


def _clause(name: str, value: Any) -> _Clause:
    return _Clause((name, value))


class _Build(Transformer[Token, tree.Query]):
    """Called by the parser as each rule is complete; every method is named after its rule."""

    def path(self, children: list[Any]) -> tree.Path:
        return _path(children[0])

    def call(self, children: list[Any]) -> tree.Call:
        name, *args = children
        return tree.Call(name.upper().replace(" ", ""), tuple(arg for arg in args if arg is not None), _at(name))

    @v_args(inline=True)
    def value(self, token: Token) -> tree.Literal:
        text = token[1:-1] if token.type == "STRING" else str(token)
        if token.type == "STRING":
            _check_length(text)
        return tree.Literal(_KINDS[token.type], text, _at(token))

    @v_args(inline=True)
    def string_list(self, token: Token) -> tuple[tree.Literal, ...]:
        at, texts = _at(token), _STRING.findall(token)
        for text in texts:
            _check_length(text)
        return tuple(tree.Literal("string", text, at) for text in texts)

    def value_list(self, children: list[tree.Literal]) -> tuple[tree.Literal, ...]:
        return tuple(children)

    @v_args(inline=True)
    def subquery(self, query: tree.Query) -> tree.Query:
        return query

    @v_args(inline=True)
    def compare(self, left: tree.Operand, op: Token, right: Any) -> tree.Comparison:
        name = op.upper()
        return tree.Comparison(left, "!=" if name == "<>" else name, right)

    @v_args(inline=True)
    def compare_not_in(self, left: tree.Operand, _not: Token, _in: Token, right: Any) -> tree.Comparison:
        return tree.Comparison(left, "NOT IN", right)

    def all_of(self, children: list[Any]) -> tree.Junction:
        return tree.Junction(every=True, terms=tuple(children[::2]))

    def any_of(self, children: list[Any]) -> tree.Junction:
        return tree.Junction(every=False, terms=tuple(children[::2]))

    @v_args(inline=True)
    def negation(self, _not: Token, term: tree.Condition) -> tree.Negation:
        return tree.Negation(term)

    @v_args(inline=True)
    def alias(self, token: Token) -> str:
        if "." in token:
            raise errors.malformed(f"unexpected token: '{token}'")
        return str(token)

    @v_args(inline=True)
    def selected(self, operand: tree.Operand, alias: str | None = None) -> tree.Selected:
        return tree.Selected(operand, alias)

    @v_args(inline=True)
    def child(self, query: tree.Query) -> tree.Query:
        return query

    def select_list(self, children: list[Any]) -> _Clause:
        return _clause("select", tuple(children))

    def from_clause(self, children: list[Any]) -> _Clause:
        return _clause("from", (_path(children[0]), children[1] if len(children) > 1 else None))

    def more_objects(self, children: list[Any]) -> str:
        raise errors.unsupported(f"several objects in FROM ('{children[0]}')")

    def scope(self, children: list[Token]) -> _Clause | None:
        return _clause("scope", _path(children[-1])) if children else None

    def where(self, children: list[Any]) -> _Clause | None:
        return _clause("where", children[-1]) if children else None

    def group(self, children: list[Any]) -> _Clause:
        return _clause("group_by", tuple(children[2:]))

    def having(self, children: list[Any]) -> _Clause | None:
        return _clause("having", children[-1]) if children else None

    def ordering(self, children: list[Any]) -> tree.Ordering:
        words = " ".join(str(word).upper() for word in children[1:])
        return tree.Ordering(children[0], descending="DESC" in words.split(), nulls_last=words.endswith("LAST"))

    def order(self, children: list[Any]) -> _Clause:
        return _clause("order_by", tuple(children[2:]))

    def limit(self, children: list[Token]) -> _Clause | None:
        return _clause("limit", _count(children[-1])) if children else None

    def offset(self, children: list[Token]) -> _Clause | None:
        return _clause("offset", _count(children[-1])) if children else None

    @v_args(inline=True)
    def tail(self, token: Token) -> _Clause | None:
        # FOR VIEW and FOR REFERENCE only feed "recently viewed", FOR UPDATE only locks inside Apex: no effect here.
        return _clause("all_rows", value=True) if token.type == "ALL_ROWS" else None

    def query(self, children: list[Any]) -> tree.Query:
        parts = dict(child for child in children if isinstance(child, _Clause))
        sobject, alias = parts.pop("from")
        return tree.Query(sobject=sobject, alias=alias, **parts)


def _refuse(what: str) -> Any:
    def refuse(_token: Token) -> Token:
        raise errors.unsupported(what)

    return refuse


def _refuse_bind(_token: Token) -> Token:
    raise errors.malformed("Bind variables only allowed in Apex code")


@cache
def _parser() -> Lark:
    return Lark.open(
        "grammar.lark",
        rel_to=__file__,
        start="query",
        parser="lalr",
        transformer=_Build(),
        lexer_callbacks={
            "WITH": _refuse("WITH"),
            "TYPEOF": _refuse("TYPEOF"),
            "UPDATE_CLAUSE": _refuse("UPDATE TRACKING and UPDATE VIEWSTAT"),
            "BIND": _refuse_bind,
        },
    )


def _at_character(text: str, row: int, column: int) -> OrgError:
    """A character that starts no token; these two messages come from Salesforce's lexer, with columns from 0."""
    character = text.split("\n")[row - 1][column]
    if character == "'":
        return errors.malformed(f"line {row}:{column} mismatched character '<EOF>' expecting '''")
    return errors.malformed(f"line {row}:{column} no viable alternative at character '{character}'")


@lru_cache(maxsize=256)
def parse(text: str) -> tree.Query:
    """The query that the text says; MALFORMED_QUERY if it is none, UNSUPPORTED_SOQL if the local org cannot run it."""
    if len(text) > MAX_QUERY:
        raise errors.malformed(f"SOQL statements cannot be longer than {MAX_QUERY} characters.")
    try:
        query = _parser().parse(text)
    except UnexpectedToken as error:
        at_end = error.token.type == "$END"
        found = "<EOF>" if at_end else "(" if error.token.type == "STRING_LIST" else str(error.token)
        at = len(text) if at_end else error.token.start_pos or 0
        raise errors.malformed(f"{errors.header(text, at)}unexpected token: '{found}'") from None
    except UnexpectedEOF:
        raise errors.malformed(f"{errors.header(text, len(text))}unexpected token: '<EOF>'") from None
    except UnexpectedCharacters as error:
        raise _at_character(text, error.line, error.column - 1) from None
    if not isinstance(query, tree.Query):
        raise TypeError(f"the grammar built {type(query).__name__}, not a Query")
    return query
