"""Values as SOQL writes them: strings with escapes, dates, instants, and the literals that mean a range of days.

Weeks start on Sunday and the fiscal year is the calendar year (the defaults of an org with an English locale). The days
of date literals are those of the user's time zone; date functions as `DAY_ONLY(CreatedDate)` count in UTC.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from connector.local.org.soql import errors

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "%": "%", "_": "_"}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days `[first, after)` of a time zone."""

    first: date
    after: date
    zone: tzinfo = UTC

    def instants(self) -> tuple[datetime, datetime]:
        """The same range as instants."""
        return datetime.combine(self.first, time(), self.zone), datetime.combine(self.after, time(), self.zone)


def _unescape_one(sequence: str, literal: str) -> str:
    if sequence[0] == "u" and len(sequence) == 5:
        return chr(int(sequence[1:], 16))
    plain = _ESCAPED.get(sequence.lower())
    if plain is None:
        raise errors.malformed(
            f"Invalid string literal '{literal}'. Illegal character sequence '\\{sequence}' in string literal."
        )
    return plain


def unescape(text: str) -> str:
    """The value of a string literal (without its quotes)."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _unescape_one(found[1], text), text)


def like_pattern(text: str) -> re.Pattern[str]:
    r"""The pattern of a LIKE literal: `%` any run, `_` one character, `\%` and `\_` themselves; in any case."""
    parts, end = [], 0
    for found in _ESCAPE.finditer(text):
        parts += [_wildcards(text[end : found.start()]), re.escape(_unescape_one(found[1], text))]
        end = found.end()
    parts.append(_wildcards(text[end:]))
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _wildcards(text: str) -> str:
    return re.escape(text).replace("%", ".*").replace("_", ".")


def parse_date(text: str) -> date:
    """A date literal, between 1700 and 4000 as the platform has it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise errors.malformed(f"Invalid date: {text}") from None
    if not 1700 <= day.year <= 4000:
        raise errors.malformed(f"Invalid date: {text}")
    return day


def parse_datetime(text: str) -> datetime:
    """A datetime literal as an instant of UTC."""
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise errors.malformed(f"Invalid datetime: {text}") from None


def _add_months(first: date, months: int) -> date:
    """The first of the month that lies `months` after the month of `first`."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _day(today: date, units: int) -> date:
    return today + units * _DAY


def _week(today: date, units: int) -> date:
    return today - ((today.weekday() + 1) % 7) * _DAY + 7 * units * _DAY


def _month(today: date, units: int) -> date:
    return _add_months(today, units)


def _quarter(today: date, units: int) -> date:
    return _add_months(today, 3 * units - (today.month - 1) % 3)


def _year(today: date, units: int) -> date:
    return date(today.year + units, 1, 1)


# For each unit: the first day of the period that lies so many periods from today's.
_UNITS: dict[str, Callable[[date, int], date]] = {
    "DAY": _day,
    "WEEK": _week,
    "MONTH": _month,
    "QUARTER": _quarter,
    "YEAR": _year,
    "FISCAL_QUARTER": _quarter,
    "FISCAL_YEAR": _year,
}
_NAMED_DAYS = {
    "YESTERDAY": (-1, 0),
    "TODAY": (0, 1),
    "TOMORROW": (1, 2),
    "LAST_90_DAYS": (-90, 1),
    "NEXT_90_DAYS": (1, 91),
}
_PERIODS = {"LAST": (-1, 0), "THIS": (0, 1), "NEXT": (1, 2)}
_PERIOD = re.compile(r"(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR)")
_COUNTED = re.compile(r"(LAST_N|NEXT_N|N)_(DAY|WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR)S(_AGO)?:(\d{1,5})")


def _counted(direction: str, unit: str, count: int) -> tuple[int, int]:
    """First and end period of LAST_N_x:n, NEXT_N_x:n and N_x_AGO:n. Only LAST_N_DAYS includes today."""
    if direction == "NEXT_N":
        return 1, count + 1
    if direction == "LAST_N":
        return -count, 1 if unit == "DAY" else 0
    return -count, 1 - count


def relative(text: str, today: date, zone: tzinfo = UTC) -> Span | None:
    """The days that a date literal means on that day in that zone; None if there is no such literal."""
    word = re.sub(r"\s", "", text.upper())
    unit, bounds = "DAY", _NAMED_DAYS.get(word)
    if period := _PERIOD.fullmatch(word):
        unit, bounds = period[2], _PERIODS[period[1]]
    elif (counted := _COUNTED.fullmatch(word)) and (counted[1] == "N") == bool(counted[3]):
        unit, bounds = counted[2], _counted(counted[1], counted[2], int(counted[4]))
    if bounds is None:
        return None
    try:
        return Span(_UNITS[unit](today, bounds[0]), _UNITS[unit](today, bounds[1]), zone)
    except (ValueError, OverflowError):
        raise errors.malformed(f"Invalid date: {text}") from None
