"""Days are business dates in the company's time zone; instants are aware UTC. Names say which: `_on`, `_at`."""

import json
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo


class Calendar:
    """The company's calendar: which business date an instant falls on, and what today is.

    `today_file` belongs to the local world only: the local org's clock control writes {"today": "YYYY-MM-DD"} there,
    and under `moves` since when which date holds, so that every process of a demo agrees on a day that can be moved.
    """

    def __init__(self, zone: str, today_file: Path | None = None) -> None:
        self.zone = ZoneInfo(zone)
        self._today_file = today_file

    def on(self, at: datetime) -> date:
        """The business date of an instant."""
        return at.astimezone(self.zone).date()

    def today(self) -> date:
        """The business date now."""
        return self._set_today() or datetime.now(self.zone).date()

    def lived(self, at: datetime) -> datetime:
        """An instant of the real clock on the company's calendar: on the date to which today was moved then.

        The same instant wherever today has not been moved. Where nobody wrote down when it was moved, the instant is as
        many days from today as it is from the real one.
        """
        told = self._told()
        if not told.get("today") and not told.get("moves"):
            return at
        moves = told.get("moves")
        if moves is None:
            return at + (self.today() - datetime.now(self.zone).date())
        dates = [to for since, to in moves if datetime.fromisoformat(since) <= at]
        if not dates or dates[-1] is None:
            return at
        return at + (date.fromisoformat(dates[-1]) - self.on(at))

    def _set_today(self) -> date | None:
        text = self._told().get("today")
        return date.fromisoformat(text) if text else None

    def _told(self) -> dict[str, Any]:
        if self._today_file is None:
            return {}
        try:
            told: dict[str, Any] = json.loads(self._today_file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return told


def instant(epoch: int) -> datetime:
    """Whole epoch seconds, as billing systems send them, as an aware UTC datetime."""
    return datetime.fromtimestamp(epoch, UTC)


def months_back(day: date, months: int) -> date:
    """The same day `months` earlier, or the last day of that month where it is shorter."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def first_of_next_month(day: date) -> date:
    """The first day of the month after `day`'s."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def days_in_month(day: date) -> int:
    """How many days the month of `day` has."""
    return monthrange(day.year, day.month)[1]
