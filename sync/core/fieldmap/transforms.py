"""How a figure is said in a field: as it is, or turned into what the field holds. Pure, and empty stays empty."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from sync.core.dates import Calendar
from sync.core.fieldmap.figures import Figure, FigureType
from sync.core.money import Money, exponent
from sync.core.words import cut

LONGEST_TEXT = 255  # of what people type here


@dataclass(frozen=True, slots=True)
class AsIs:
    """The figure itself."""


@dataclass(frozen=True, slots=True)
class Constant:
    """The same text on every record, whatever the figure says."""

    text: str


@dataclass(frozen=True, slots=True)
class YesNo:
    """A text for yes and one for no; an empty one empties the field."""

    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Another word for each value. A value without one leaves the field empty."""

    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rounded:
    """A number with so many digits after the point, halves rounded up."""

    digits: int


@dataclass(frozen=True, slots=True)
class AsText:
    """As people read it: "USD 1,234.50", "12.5". `limit`: longer texts are cut there, with an ellipsis."""

    limit: int | None = None


class DayForm(StrEnum):
    """How a day is written as text."""

    ISO = "2026-12-31"
    DMY = "31.12.2026"
    MDY = "12/31/2026"


@dataclass(frozen=True, slots=True)
class AsDay:
    """The day: as a date, or with a `form` as text. Of an instant, the business date."""

    form: DayForm | None = None


Transform = AsIs | Constant | YesNo | Choices | Rounded | AsText | AsDay

_NUMBERS = frozenset({FigureType.MONEY, FigureType.NUMBER})
_DAYS = frozenset({FigureType.DATE, FigureType.INSTANT})
_EVERY = frozenset(FigureType)
TAKES: dict[type[Transform], frozenset[FigureType]] = {
    AsIs: _EVERY,
    Constant: _EVERY,
    YesNo: frozenset({FigureType.FLAG}),
    Choices: frozenset({FigureType.CHOICE}),
    Rounded: _NUMBERS,
    AsText: _NUMBERS | {FigureType.TEXT, FigureType.CHOICE},
    AsDay: _DAYS,
}


class TransformError(ValueError):
    """A transform that cannot be; the message says what it should be."""


def suits(transform: Transform, figure: Figure) -> bool:
    """Whether the figure can be said in that way."""
    return figure.type in TAKES[type(transform)]


def say(transform: Transform, figure: Figure, value: Any, currency: str | None, calendar: Calendar) -> Any:
    """What the field should hold. `currency`: of the record's amounts, in major units of which `value` is given."""
    match transform:
        case Constant(text):
            return text or None
        case AsIs():
            return value
        case YesNo(yes, no):
            return (yes if value else no) or None
    if value is None:
        return None
    match transform:
        case Choices(words):
            return dict(words).get(str(value)) or None
        case Rounded(digits):
            return Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        case AsText(limit):
            text = _as_text(figure, value, currency)
            return text if limit is None else cut(text, limit)
        case AsDay(form):
            day = calendar.on(value) if isinstance(value, datetime) else value
            return _written(day, form) if form else day


def _as_text(figure: Figure, value: Any, currency: str | None) -> str:
    if figure.type is FigureType.MONEY:
        if currency is None:
            raise TransformError(f"{figure.label} has no currency")
        return str(Money(int(Decimal(value).scaleb(exponent(currency))), currency))
    return f"{value:,}" if figure.type is FigureType.NUMBER else str(value)


def _written(on: date, form: DayForm) -> str:
    year, month, day = f"{on.year:04}", f"{on.month:02}", f"{on.day:02}"
    match form:
        case DayForm.ISO:
            return f"{year}-{month}-{day}"
        case DayForm.DMY:
            return f"{day}.{month}.{year}"
        case DayForm.MDY:
            return f"{month}/{day}/{year}"


# --- documents -------------------------------------------------------------------------------------------------------


def pack(transform: Transform) -> dict[str, Any]:
    """As a JSON object, `as` names it."""
    match transform:
        case AsIs():
            return {"as": "is"}
        case Constant(text):
            return {"as": "constant", "text": text}
        case YesNo(yes, no):
            return {"as": "yes_no", "yes": yes, "no": no}
        case Choices(words):
            return {"as": "choices", "values": dict(words)}
        case Rounded(digits):
            return {"as": "number", "digits": digits}
        case AsText(limit):
            return {"as": "text", "limit": limit}
        case AsDay(form):
            return {"as": "day", "form": form.name.lower() if form else None}


def unpack(document: Any) -> Transform:
    """From its JSON object. Raises TransformError in words."""
    if not isinstance(document, Mapping):
        raise TransformError("how the figure is written is not given")
    make = _MAKERS.get(str(document.get("as")))
    if make is None:
        raise TransformError(f"there is no way of writing a figure called {document.get('as')!r}")
    return make(document)


def _constant(document: Mapping[str, Any]) -> Constant:
    text = _typed(document, "text", "the fixed text")
    if not text:
        raise TransformError("the fixed text is empty: write one, or switch the field off")
    return Constant(text)


def _yes_no(document: Mapping[str, Any]) -> YesNo:
    made = YesNo(_typed(document, "yes", "the text for yes"), _typed(document, "no", "the text for no"))
    if made.yes == made.no:
        raise TransformError("the texts for yes and for no are the same")
    return made


def _choices(document: Mapping[str, Any]) -> Choices:
    given = document.get("values")
    if not isinstance(given, Mapping) or not all(isinstance(word, str) for word in given.values()):
        raise TransformError("give a text for each value")
    if too_long := [word for word in given.values() if len(word) > LONGEST_TEXT]:
        raise TransformError(f"{cut(too_long[0], 40)!r} is longer than {LONGEST_TEXT} characters")
    return Choices(tuple(sorted((str(value), word.strip()) for value, word in given.items() if word.strip())))


def _rounded(document: Mapping[str, Any]) -> Rounded:
    return Rounded(_whole(document, "digits", 0, 8, "digits after the point"))


def _as_text_of(document: Mapping[str, Any]) -> AsText:
    if document.get("limit") is None:
        return AsText()
    return AsText(_whole(document, "limit", 1, 131_072, "characters"))


def _as_day(document: Mapping[str, Any]) -> AsDay:
    form = document.get("form")
    if form is None:
        return AsDay()
    found = {each.name.lower(): each for each in DayForm}.get(str(form))
    if found is None:
        raise TransformError(f"a day cannot be written as {form!r}")
    return AsDay(found)


def _typed(document: Mapping[str, Any], name: str, what: str) -> str:
    text = document.get(name, "")
    if not isinstance(text, str):
        raise TransformError(f"{what} is not a text")
    if len(text) > LONGEST_TEXT:
        raise TransformError(f"{what} is longer than {LONGEST_TEXT} characters")
    return text.strip()


def _whole(document: Mapping[str, Any], name: str, least: int, most: int, what: str) -> int:
    number = document.get(name)
    if type(number) is not int or not least <= number <= most:
        raise TransformError(f"{what} must be a whole number from {least} to {most}")
    return number


_MAKERS: dict[str, Callable[[Mapping[str, Any]], Transform]] = {
    "is": lambda _document: AsIs(),
    "constant": _constant,
    "yes_no": _yes_no,
    "choices": _choices,
    "number": _rounded,
    "text": _as_text_of,
    "day": _as_day,
}
