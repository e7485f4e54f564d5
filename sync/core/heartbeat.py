"""How far the service has come, as one row that the pages in Salesforce read (`AR_Sync__c`).

A figure's own time says when it was last written, and a figure that nothing has changed for a month is a month old and
right. Only the service can say that nothing happened; so it says until when everything it knew stands in Salesforce.
What Salesforce refuses is not behind but refused: it is told as a problem, and does not make every page look stale.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sync.core.words import counted, cut

KEY = "service"
AT_MOST_EVERY_S = 60.0
_PROBLEM_LENGTH = 255  # of AR_Sync__c.Problem__c


class Cause(StrEnum):
    """What keeps changes from being shown, in words with a place for how many."""

    REFUSED = "Salesforce refuses {}"
    HELD_UP = "{} cannot be written yet"
    UNFETCHED = "the billing system does not answer for {}"
    UNREAD = "{} of the billing system cannot be read"


_WHAT = {Cause.UNFETCHED: "object", Cause.UNREAD: "event"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One cause: how much it concerns, and the commonest reason in words, where there is one."""

    cause: Cause
    count: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Pulse:
    """How things stand: `caught_up_at` is the instant before which everything known stands in Salesforce."""

    caught_up_at: datetime
    waiting: int
    troubles: Sequence[Trouble] = ()

    @property
    def problem(self) -> str | None:
        """What keeps changes from being shown, in words; None while nothing does."""
        return cut("; ".join(_told(trouble) for trouble in self.troubles), _PROBLEM_LENGTH) or None


def _told(trouble: Trouble) -> str:
    what = counted(trouble.count, _WHAT.get(trouble.cause, "row"))
    return trouble.cause.format(what) + (f": {trouble.reason}" if trouble.reason else "")


@dataclass(frozen=True, slots=True)
class Beat:
    """The last attempt to say so: how long ago, whether a problem was told, and how often in a row it failed."""

    age_s: float
    problem: bool = False
    failed: int = 0

    def due(self, every_s: float, *, problem: bool) -> bool:
        """Whether it is time for the next; a problem that comes or goes is told at once, though not too often."""
        if self.failed:
            return self.age_s >= min(every_s, AT_MOST_EVERY_S * 2.0 ** min(self.failed - 1, 20))
        changed = problem != self.problem and self.age_s >= AT_MOST_EVERY_S
        return changed or self.age_s >= every_s


def project_pulse(pulse: Pulse) -> dict[str, Any]:
    """The one `AR_Sync__c`."""
    return {
        "Key__c": KEY,
        "Name": "Dueline service",
        "Caught_Up_At__c": pulse.caught_up_at,
        "Waiting__c": pulse.waiting,
        "Problem__c": pulse.problem,
    }
