"""SOQL's date functions, over instants of UTC as documented.

Weeks count from the 1st of the month or year, as documented; the fiscal year is the calendar year.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

# Functions of dateTime fields only; the others take dates as well.
NEED_TIME = frozenset({"DAY_ONLY", "HOUR_IN_DAY"})


def _day_of_year(moment: datetime) -> int:
    return moment.timetuple().tm_yday


_CALENDAR: Mapping[str, Callable[[datetime], Any]] = {
    "MONTH": lambda moment: moment.month,
    "QUARTER": lambda moment: (moment.month + 2) // 3,
    "YEAR": lambda moment: moment.year,
}
DATE_FUNCTIONS: Mapping[str, Callable[[datetime], Any]] = {
    **{f"CALENDAR_{unit}": function for unit, function in _CALENDAR.items()},
    **{f"FISCAL_{unit}": function for unit, function in _CALENDAR.items()},
    "DAY_IN_MONTH": lambda moment: moment.day,
    "DAY_IN_WEEK": lambda moment: moment.isoweekday() % 7 + 1,
    "DAY_IN_YEAR": _day_of_year,
    "DAY_ONLY": lambda moment: moment.date(),
    "HOUR_IN_DAY": lambda moment: moment.hour,
    "WEEK_IN_MONTH": lambda moment: (moment.day - 1) // 7 + 1,
    "WEEK_IN_YEAR": lambda moment: (_day_of_year(moment) - 1) // 7 + 1,
}


def apply(name: str, value: date | datetime | None) -> Any:
    """The function's value for a date or an instant; null stays null."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
    return DATE_FUNCTIONS[name](moment)
