"""Reads one JSON object field by field and remembers everything that was missing, so a person is told all of it."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sync.core.dates import instant
from sync.core.mapping import Seen, UnmappableError
from sync.core.money import UnknownCurrencyError, exponent

_EPOCH = datetime.fromtimestamp(0, UTC)


class Reader:
    """One object of a payload. Reading never raises; `finish` does, with the full list of what was wrong."""

    def __init__(self, body: Mapping[str, Any], scope: str, name: str, problems: list[str] | None = None) -> None:
        self.body = body
        self.scope = scope
        self.name = name
        self.problems: list[str] = [] if problems is None else problems

    def missing(self, what: str) -> None:
        """Remember that something needed is not there."""
        self.problems.append(f"{what} is missing")

    def finish(self) -> None:
        """Raise UnmappableError if anything was missing or unknown."""
        if self.problems:
            what = f"{self.name} {self.body.get('id', 'without an id')}"
            raise UnmappableError(f"{what}: {'; '.join(dict.fromkeys(self.problems))}")

    def key(self, name: str) -> str:
        """A reference that must be there, as a key of our own."""
        found = self.ref(name)
        if found is None:
            self.missing(name)
        return found or ""

    def ref(self, name: str) -> str | None:
        """A reference, given as an id or as the expanded object."""
        value = self.body.get(name)
        if isinstance(value, Mapping):
            value = value.get("id")
        return f"{self.scope}:{value}" if isinstance(value, str) and value else None

    def text(self, name: str) -> str | None:
        """A text that may be absent."""
        value = self.body.get(name)
        return value if isinstance(value, str) and value else None

    def word(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if value is None:
            self.missing(name)
        return value or ""

    def choice(self, name: str, known: Collection[str], default: str | None = None) -> str:
        """A text that must be one of those known."""
        value = self.text(name) or default
        if value is None:
            self.missing(name)
        elif value not in known:
            self.problems.append(f"{name} {value!r} is not known")
        return value or ""

    def amount(self, name: str, default: int | None = None) -> int:
        """Whole minor units; anything but an integer is a problem, absence too unless there is a default."""
        value = self.body.get(name)
        if value is None:
            if default is None:
                self.missing(name)
            return default or 0
        if type(value) is not int:
            self.problems.append(f"{name} is not a whole number of minor units: {value!r}")
            return 0
        return value

    def sum_of(self, name: str) -> int:
        """The sum of the `amount`s in a list that may be absent."""
        return sum(
            Reader(item, self.scope, name, self.problems).amount("amount", default=0) for item in self.items(name)
        )

    def items(self, name: str) -> list[Mapping[str, Any]]:
        """The objects in a list that may be absent; anything else in its place is a problem."""
        value = self.body.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            self.problems.append(f"{name} is not a list of objects")
            return []
        return value

    def entries(self, name: str) -> Mapping[str, Any]:
        """The entries of a nested object that may be absent; anything else in its place is a problem."""
        value = self.body.get(name) or {}
        if not isinstance(value, Mapping):
            self.problems.append(f"{name} is not an object")
            return {}
        return value

    def flag(self, name: str) -> bool | None:
        """A yes or no that may be absent."""
        value = self.body.get(name)
        return value if isinstance(value, bool) else None

    def currency(self) -> str:
        """The object's currency, upper case; one whose minor unit we do not know is a problem."""
        value = self.word("currency")
        return self.known_currency(value) if value else ""

    def known_currency(self, value: str) -> str:
        """A currency code, upper case, checked."""
        try:
            exponent(value.upper())
        except UnknownCurrencyError as error:
            self.problems.append(str(error))
        return value.upper()

    def at(self, name: str) -> datetime | None:
        """An instant that may be absent; anything but whole epoch seconds is a problem."""
        value = self.body.get(name)
        if value is None:
            return None
        try:
            if type(value) is int:
                return instant(value)
        except (OverflowError, OSError, ValueError):
            pass  # a number beyond any calendar
        self.problems.append(f"{name} is not a time in epoch seconds: {value!r}")
        return None

    def moment(self, name: str) -> datetime:
        """An instant that must be there."""
        value = self.at(name)
        if self.body.get(name) is None:
            self.missing(name)
        return value or _EPOCH

    def inner(self, name: str) -> "Reader":
        """A nested object; an absent one reads as empty."""
        value = self.body.get(name)
        return Reader(value if isinstance(value, Mapping) else {}, self.scope, name, self.problems)

    def embedded(self, name: str, kind: str, mapper: Callable[["Reader"], list[Seen]]) -> list[Seen]:
        """Objects of one kind embedded as a list; those of another kind, or none, read as nothing."""
        found = []
        for item in self.inner(name).items("data"):
            if item.get("object") == kind:
                found += mapper(Reader(item, self.scope, kind, self.problems))
        return found
