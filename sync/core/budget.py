"""How many of the org's API calls are ours to make: a share of the day, with the urgent served first.

Salesforce counts calls over 24 rolling hours for the whole org (Sforce-Limit-Info); other integrations need theirs.
https://developer.salesforce.com/docs/platform/salesforce-app-limits-cheatsheet/guide/salesforce-app-limits-platform-api.html
"""

from dataclasses import dataclass
from enum import IntEnum

SLOW_AT = 0.80  # of our share: only what has waited a while
ESSENTIALS_AT = 0.95  # of our share: payments and overdue flags only
POLLING_SHARE = 0.5  # of our share, at most, for looking whether anything changed
SLOW_FACTOR = 4


class Priority(IntEnum):
    """What a call is for; the lower, the sooner."""

    ESSENTIAL = 0  # payments, overdue flags
    NORMAL = 1  # invoices, other figures
    BACKGROUND = 2  # backfill, reconciliation, look-ups


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls made by us and by everybody, against the org's maximum; `share` of it is ours (0 to 1)."""

    ours: int
    org_used: int
    org_maximum: int
    share: float

    @property
    def used(self) -> float:
        """The part of our share that is spent; an org that is nearly spent by others counts the same."""
        if self.org_maximum <= 0:
            return 0.0
        return max(self.ours / (self.org_maximum * self.share), self.org_used / self.org_maximum)

    def allows(self, priority: Priority) -> bool:
        """Whether a call of this priority may be made now."""
        if self.used >= 1:
            return False
        if self.used >= ESSENTIALS_AT:
            return priority is Priority.ESSENTIAL
        return self.used < SLOW_AT or priority is not Priority.BACKGROUND

    def poll_every_s(self, wanted_s: float) -> float:
        """How often to look for changes: as wanted, unless that alone would take more than half of our share."""
        if self.org_maximum <= 0:
            return wanted_s
        least = 86_400 / (self.org_maximum * self.share * POLLING_SHARE)
        return max(wanted_s, least) * (SLOW_FACTOR if self.slow else 1)

    @property
    def slow(self) -> bool:
        """Whether rows should be collected for longer before they are sent."""
        return self.used >= SLOW_AT
