"""What a parsed query is made of. `at` is the offset in the query text, for the caret under an error."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as OneOf

LiteralKind = OneOf["string", "number", "date", "datetime", "currency", "boolean", "null", "relative"]


@dataclass(frozen=True, slots=True)
class Path:
    """A field or object as written: `Account__r.Name`."""

    parts: tuple[str, ...]
    at: int

    @property
    def text(self) -> str:
        """The path as written, without spaces."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written. `text` keeps the escapes of a string (LIKE needs them) but not its quotes."""

    kind: LiteralKind
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments; `name` in upper case."""

    name: str
    args: tuple["Path | Call | Literal", ...]
    at: int

    @property
    def text(self) -> str:
        """The call as written, the name in upper case."""
        return f"{self.name}({', '.join(arg.text for arg in self.args)})"


Operand = Path | Call


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left op right`; `op` in upper case, `<>` as `!=`."""

    left: Operand
    op: str
    right: "Literal | tuple[Literal, ...] | Query"


@dataclass(frozen=True, slots=True)
class Junction:
    """Terms joined by AND (`every`) or by OR."""

    every: bool
    terms: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """NOT term."""

    term: "Condition"


Condition = Comparison | Junction | Negation


@dataclass(frozen=True, slots=True)
class Selected:
    """One entry of the select list."""

    operand: Operand
    alias: str | None


@dataclass(frozen=True, slots=True)
class Ordering:
    """One entry of ORDER BY."""

    operand: Operand
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT statement; as an entry of `select` it asks for children, as the right side of IN it is a semi-join."""

    select: tuple["Selected | Query", ...]
    sobject: Path
    alias: str | None = None
    scope: Path | None = None
    where: Condition | None = None
    group_by: tuple[Operand, ...] = ()
    having: Condition | None = None
    order_by: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False


def comparisons(condition: Condition | None) -> Iterator[Comparison]:
    """Every comparison of a condition, in the order written."""
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, Junction):
        for term in condition.terms:
            yield from comparisons(term)
    elif isinstance(condition, Negation):
        yield from comparisons(condition.term)
