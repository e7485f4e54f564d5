"""Counts API calls over all processes and says how much of our share of the org's allowance is left."""

import threading
import time

from sqlalchemy import Engine

from connector.errors import RetryableError
from sync.core.budget import Budget, Priority
from sync.db import usage

_REMEMBER_S = 2.0  # how long a reading of the shared count is good for


class CallMeter:
    """The API budget of this process and all others. Safe to share by threads."""

    def __init__(self, engine: Engine, share: float) -> None:
        self._engine = engine
        self._share = share
        self._lock = threading.Lock()
        self._unwritten = 0
        self._org: tuple[int, int] | None = None
        self._read_at = 0.0
        self._ours = 0

    def count(self, calls: int, org_used: int | None, org_maximum: int | None) -> None:
        """Calls were made; the org says how many it has counted and how many it allows."""
        with self._lock:
            self._unwritten += calls
            self._ours += calls
            if org_used is not None and org_maximum is not None:
                self._org = (org_used, org_maximum)

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
        """Write down our calls and read everybody's."""
        with self._engine.begin() as conn:
            if self._unwritten or self._org:
                usage.add(conn, self._unwritten, self._org)
            self._ours, known = usage.read(conn)
        self._unwritten = 0
        self._org = self._org or known
        self._read_at = time.monotonic()
