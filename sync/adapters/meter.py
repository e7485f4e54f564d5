"""Counts API calls over all processes and says how much of our share of the org's allowance is left."""

import threading
import time

from sqlalchemy import Engine

from connector.errors import RetryableError
from sync.core.budget import Budget, Priority
from sync.db import usage

_REMEMBER_S = 2.0  # how long a reading of the shared count is good for
# How long the org's own count is believed: calls fall out of its 24 hours all the time. Where it says that nothing is
# left nobody calls, so nobody would hear that it is over: then somebody asks every minute.
_BELIEVE_S, _BELIEVE_SPENT_S = 900.0, 60.0


class CallMeter:
    """The API budget of this process and all others. Safe to share by threads."""

    def __init__(self, engine: Engine, share: float) -> None:
        self._engine = engine
        self._share = share
        self._lock = threading.Lock()
        self._unwritten = 0
        self._org: tuple[int, int] | None = None  # used by everybody, and allowed
        self._told: tuple[int, int] | None = None  # the same, as heard since it was last written down
        self._read_at = 0.0
        self._ours = 0

    def count(self, calls: int, org_used: int | None, org_maximum: int | None) -> None:
        """Calls were made; the org says how many it has counted and how many it allows."""
        with self._lock:
            self._unwritten += calls
            self._ours += calls
            if org_used is not None and org_maximum is not None:
                self._org = self._told = (org_used, org_maximum)

    def budget(self) -> Budget:
        """The budget as of a moment ago."""
        with self._lock:
            if time.monotonic() - self._read_at > _REMEMBER_S:
                self._exchange()
            used, maximum = self._org or (0, 0)
            return Budget(self._ours, used, maximum, self._share)

    def require(self, priority: Priority) -> None:
        """Raise RetryableError if a call of this priority may not be made now."""
        budget = self.budget()
        if not budget.allows(priority):
            told = f"{budget.ours} calls of ours, {budget.org_used} of {budget.org_maximum} in the org"
            fix = "wait for the 24-hour window to move on, or raise DUELINE_API_SHARE"
            raise RetryableError("API_BUDGET_SPENT", told, fix, retry_after=60.0)

    def flush(self) -> None:
        """Write down what has been counted here."""
        with self._lock:
            self._exchange()

    def _exchange(self) -> None:
        """Write down our calls and read everybody's. A count that nobody has heard lately keeps nobody from calling:
        a spent day would otherwise never be seen to be over.
        """
        with self._engine.begin() as conn:
            if self._unwritten or self._told:
                usage.add(conn, self._unwritten, self._told)
            self._ours, known = usage.read(conn)
            if known and usage.heard_s(conn) > (_BELIEVE_SPENT_S if known[0] >= known[1] else _BELIEVE_S):
                known = (0, known[1])
        self._org, self._told, self._unwritten = known, None, 0
        self._read_at = time.monotonic()
