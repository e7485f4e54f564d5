"""`first`, `after` and `upperBound`: which slice of a result is asked for, and the cursors that lead to the next.

Without `upperBound` a page is LIMIT and OFFSET, and SOQL's own largest offset ends it: 4,000 rows in pages of 2,000, as
documented. With it the cursor remembers the bound, since the guide lets later requests leave it out. The form of a
cursor is nobody's business; what is said about sizes that are not allowed is unverified.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.local.org.model import OrgError

DEFAULT_SIZE = 10
LARGEST_PAGE = 2_000
SMALLEST_BOUNDED_PAGE = 200
_CURSOR = re.compile(r"v1:(\d+):(\d*)")


@dataclass(frozen=True, slots=True)
class Slice:
    """`size` rows from `start` on, and none beyond `bound`."""

    start: int
    size: int
    bound: int | None = None

    @property
    def limit(self) -> int:
        """How many rows to ask for: one more than fits, to know whether there is a next page."""
        return self.size + 1 if self.bound is None else max(0, min(self.size + 1, self.bound - self.start))

    def cursor(self, position: int) -> str:
        """What leads to the rows after the one at that position of this slice."""
        return b64encode(f"v1:{self.start + position + 1}:{self.bound or ''}".encode()).decode()


def read_slice(given: Mapping[str, Any]) -> Slice:
    """The slice that the arguments of a connection ask for."""
    start, bound = _position(given["after"]) if given.get("after") else (0, None)
    bound = given.get("upperBound") or bound
    size = given.get("first")
    if bound is not None:
        return Slice(start, _size(SMALLEST_BOUNDED_PAGE if size is None else size, SMALLEST_BOUNDED_PAGE), bound)
    return Slice(start, _size(DEFAULT_SIZE if size is None else size, 1))


def _size(size: int, least: int) -> int:
    if not least <= size <= LARGEST_PAGE:
        because = " where upperBound is given" if least > 1 else ""
        message = f"The 'first' argument must be between {least} and {LARGEST_PAGE}{because}, not {size}."
        raise OrgError("NUMBER_OUTSIDE_VALID_RANGE", message)
    return size


def _position(cursor: str) -> tuple[int, int | None]:
    try:
        found = _CURSOR.fullmatch(b64decode(cursor, validate=True).decode())
    except (NotBase64, UnicodeDecodeError):
        found = None
    if found is None:
        raise OrgError("INVALID_INPUT", f"'after' must be a cursor of an earlier answer, not {cursor!r}.")
    return int(found[1]), int(found[2]) if found[2] else None
