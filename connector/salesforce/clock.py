"""The org's clock, as the Date header of its answers tells it: in whole seconds, and never ahead of what it really is.

Salesforce compares and stamps by its own clock. Ours may be wrong, so nothing that depends on "later than" uses it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_RESOLUTION = timedelta(seconds=1)  # of the header: the org's time was up to this much later than it says
_TRUSTED = 60.0  # seconds in which two machines' clocks run alike, to some hundredths


@dataclass(frozen=True, slots=True)
class _Heard:
    date: datetime
    sent: float  # monotonic seconds
    received: float
    sent_at: datetime  # by this machine's clock
    received_at: datetime


class OrgClock:
    """What time it is in the org. Safe to share between threads."""

    def __init__(self) -> None:
        self._heard: _Heard | None = None

    def hear(self, headers: Mapping[str, str], *, sent: float) -> None:
        """Take in the headers of an answer to a request sent at `sent` (monotonic seconds)."""
        try:
            date = parsedate_to_datetime(headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError):  # no such header, or none that can be read: what was heard before still holds
            return
        received, here = time.monotonic(), datetime.now(UTC)
        known = self._heard
        lately = known is not None and received - known.received < _TRUSTED
        if lately and date <= self.at_least() <= date + _RESOLUTION:
            return  # what was heard before says the same, more closely
        self._heard = _Heard(date, sent, received, here - timedelta(seconds=received - sent), here)

    def at_least(self) -> datetime:
        """The org's time now; it may be later by a second and the time an answer travels, but never earlier.

        This machine's time, until an answer with a Date has come.
        """
        heard = self._heard
        if heard is None:
            return datetime.now(UTC)
        return heard.date + timedelta(seconds=time.monotonic() - heard.received)

    def ahead(self) -> timedelta | None:
        """By how much the org's clock is certainly ahead of this machine's (negative: behind); None if it never said.

        Zero where the difference is within what a header in whole seconds and the journey of the answer can explain.
        """
        heard = self._heard
        if heard is None:
            return None
        least, most = heard.date - heard.received_at, heard.date + _RESOLUTION - heard.sent_at
        return max(least, timedelta(0)) or min(most, timedelta(0))
