"""Formula text to something that can be evaluated again and again: closures, built once by the parser itself."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from connector.local.org.formula import functions, operators, values
from connector.local.org.formula.values import Env, Thunk, invalid
from connector.local.org.model import OrgError

_CONSTANTS: dict[str, Any] = {"TRUE": True, "FALSE": False, "NULL": None}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled formula and the field paths it reads."""

    value: Thunk
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Part:
    value: Thunk
    fields: frozenset[str] = frozenset()


def _constant(value: Any) -> _Part:
    return _Part(lambda _env: value)


def _unquoted(literal: str) -> str:
    body, parts = iter(literal[1:-1]), []
    for char in body:
        escaped = next(body) if char == "\\" else ""
        parts.append(_ESCAPES.get(escaped, escaped) if escaped else char)
    return "".join(parts)


def _combine(call: Callable[[Env, list[Thunk]], Any], parts: list[_Part]) -> _Part:
    thunks = [part.value for part in parts]
    return _Part(lambda env: call(env, thunks), frozenset().union(*(part.fields for part in parts)))


def _arithmetic(sign: str, env: Env, args: list[Thunk]) -> Any:
    return operators.arithmetic(sign, args[0](env), args[1](env), env)


def _compare(sign: str, env: Env, args: list[Thunk]) -> bool:
    return operators.compare(sign, args[0](env), args[1](env), env)


def _join(env: Env, args: list[Thunk]) -> str:
    return "".join(values.text(arg(env), "operator '&'") for arg in args)


def _minus(env: Env, args: list[Thunk]) -> Decimal | None:
    found = values.number(args[0](env), env, "operator '-'")
    return None if found is None else -found


def _plus(env: Env, args: list[Thunk]) -> Decimal | None:
    return values.number(args[0](env), env, "operator '+'")


class _Build(Transformer[Token, _Part]):
    """Called by the parser as each rule is complete; every method is named after its rule."""

    def number(self, children: list[Token]) -> _Part:
        return _constant(Decimal(children[0]))

    def text(self, children: list[Token]) -> _Part:
        return _constant(_unquoted(children[0]))

    def name(self, children: list[Token]) -> _Part:
        path = "".join(children[0].split())
        if path.upper() in _CONSTANTS:
            return _constant(_CONSTANTS[path.upper()])
        if path.startswith("$"):
            raise OrgError("UNSUPPORTED_FORMULA", f"The local org does not know the global variable {path}.", 501)
        return _Part(lambda env: env.fields(path), frozenset({path}))

    def call(self, children: list[Any]) -> _Part:
        name = children[0][:-1].strip().upper()
        arguments = [child for child in children[1:] if child is not None]
        return _combine(functions.find(name, len(arguments)).call, arguments)

    def arithmetic(self, children: list[Any]) -> _Part:
        left, sign, right = children
        return _combine(partial(_arithmetic, str(sign)), [left, right])

    def compare(self, children: list[Any]) -> _Part:
        left, sign, right = children
        return _combine(partial(_compare, str(sign)), [left, right])

    def join(self, children: list[_Part]) -> _Part:
        return _combine(_join, children)

    def both(self, children: list[_Part]) -> _Part:
        return _combine(functions.FUNCTIONS["AND"].call, children)

    def either(self, children: list[_Part]) -> _Part:
        return _combine(functions.FUNCTIONS["OR"].call, children)

    def negate(self, children: list[_Part]) -> _Part:
        return _combine(functions.FUNCTIONS["NOT"].call, children)

    def minus(self, children: list[_Part]) -> _Part:
        return _combine(_minus, children)

    def plus(self, children: list[_Part]) -> _Part:
        return _combine(_plus, children)


@cache
def _parser() -> Lark:
    return Lark.open("grammar.lark", rel_to=__file__, parser="lalr", transformer=_Build())


@lru_cache(maxsize=1_024)
def compile_formula(formula: str) -> Formula:
    """The formula, ready to run; FIELD_INTEGRITY_EXCEPTION if a real org would not save it."""
    try:
        part = _parser().parse(formula)
    except UnexpectedToken as error:
        at_end = error.token.type == "$END"
        raise invalid(
            "Syntax error. Found end of formula" if at_end else f"Syntax error. Found '{error.token}'"
        ) from None
    except UnexpectedEOF:
        raise invalid("Syntax error. Found end of formula") from None
    except UnexpectedCharacters as error:
        raise invalid(f"Syntax error. Found '{error.char}' at line {error.line}, column {error.column}") from None
    if not isinstance(part, _Part):
        raise TypeError(f"the grammar built {type(part).__name__}, not a formula")
    return Formula(part.value, part.fields)
