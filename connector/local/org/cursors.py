"""Query results that are fetched page by page: each lives for a while, and only so many per user."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from connector.local.org.model import OrgError

_MOST_OPEN = 10  # cursors of one user; the oldest goes first


@dataclass(frozen=True)
class _Cursor:
    user_id: str
    records: list[dict[str, Any]]
    page: int
    dies: float


@dataclass
class Cursors:
    """Query results that were not fetched to the end."""

    minutes: float
    _cursors: dict[str, _Cursor] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0

    def open(self, user_id: str, records: list[dict[str, Any]], page: int) -> str:
        """Keep the records and return the locator that leads to them."""
        with self._lock:
            mine = [key for key, cursor in self._cursors.items() if cursor.user_id == user_id]
            for key in mine[: max(0, len(mine) - _MOST_OPEN + 1)]:
                del self._cursors[key]
            self._number += 1
            key = f"01gHu{self._number:010d}AAA"
            self._cursors[key] = _Cursor(user_id, records, page, time.monotonic() + self.minutes * 60)
            return key

    def find(self, key: str, user_id: str) -> _Cursor:
        """The cursor. Raises INVALID_QUERY_LOCATOR where it is gone, or another's."""
        with self._lock:
            cursor = self._cursors.get(key)
            if cursor is None or cursor.user_id != user_id or time.monotonic() >= cursor.dies:
                raise OrgError("INVALID_QUERY_LOCATOR", "invalid query locator")
            return cursor

    def drop_all(self) -> None:
        """Forget every cursor."""
        with self._lock:
            self._cursors.clear()
