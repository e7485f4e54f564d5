"""When a billing system has been quiet for too long: longer than it ever is.

A company that bills on weekdays is silent every weekend, so what is usual is not the mean but the longest pause of the
last two weeks. Only silence of twice that, and of some hours, is told; before some days are known, none is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

_DAYS = 14  # that are remembered
_KNOWN_AFTER = timedelta(days=7)  # a weekend must have been seen
_TIMES = 2.0
_LEAST_S = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When events of a connection came: the first and the last ever, and the longest pause (seconds) by day."""

    first: datetime
    last: datetime
    pauses: Mapping[date, float] = field(default_factory=dict)

    def heard(self, first: datetime, last: datetime) -> "Rhythm":
        """With events that came since; the first and the last of them, not far apart."""
        pause, day = (first - self.last).total_seconds(), first.date()
        kept = {on: longest for on, longest in self.pauses.items() if (day - on).days < _DAYS}
        return Rhythm(self.first, max(self.last, last), kept | {day: max(pause, kept.get(day, 0.0))})

    def overdue_s(self, now: datetime) -> float | None:
        """For how long nothing has come, if that is too long; None if all is as usual, or what is usual is unknown."""
        silent = (now - self.last).total_seconds()
        longest = max(self.pauses.values(), default=0.0)
        if self.last - self.first < _KNOWN_AFTER or silent < max(_LEAST_S, _TIMES * longest):
            return None
        return silent

    def packed(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "pauses": {on.isoformat(): longest for on, longest in self.pauses.items()},
        }

    @classmethod
    def unpack(cls, told: Mapping[str, Any]) -> Self:
        """The same back."""
        pauses = {date.fromisoformat(on): float(longest) for on, longest in told["pauses"].items()}
        return cls(datetime.fromisoformat(told["first"]), datetime.fromisoformat(told["last"]), pauses)
