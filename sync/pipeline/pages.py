"""Walking through everything a billing system lists: page by page, at its pace, and on again after a hitch.

A walk is one request at a time, so its pace is a pause between two of them; what the provider refuses for a while is
asked for again where the walk stood, when the provider said, or ever later.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

log = structlog.get_logger()


class Page(Protocol):
    """One page of a list."""

    @property
    def items(self) -> Sequence[dict[str, Any]]:
        """The objects, newest first."""

    @property
    def date(self) -> int:
        """The provider's Date header, epoch seconds."""

    @property
    def elapsed(self) -> float:
        """How long the answer took, seconds."""

    @property
    def last_id(self) -> str | None:
        """Where the next page begins."""

    @property
    def has_more(self) -> bool:
        """Whether there is a next page."""


Pages = Callable[[str, str, str | None, int | None], Iterator[Page]]  # connection, kind, after, since
"""Raises BillingAwayError."""


@dataclass(eq=False)
class BillingAwayError(Exception):
    """A billing system gave no page.

    `passing`: asking again may help; `place_gone`: it was to go on after an object that is gone.
    """

    code: str
    reason: str
    fix: str = ""
    passing: bool = False
    place_gone: bool = False
    retry_after_s: float = 0.0

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}" + (f" ({self.fix})" if self.fix else "")


@dataclass(frozen=True, slots=True)
class Gait:
    """How a walk goes: requests a second at most, and how often it asks again for one page before it gives up."""

    rate: float = 25.0
    tries: int = 8
    longest_s: float = 60.0  # between two tries, unless the provider wants longer
    sleep: Callable[[float], None] = time.sleep

    def wait_s(self, failures: int, asked_s: float) -> float:
        """How long to wait after so many failures in a row."""
        return max(asked_s, min(self.longest_s, 0.5 * 2.0**failures))


def walk(pages: Pages, connection: str, kind: str, after: str | None, since: int | None, gait: Gait) -> Iterator[Page]:
    """Every page beyond `after`. Raises BillingAwayError when asking again has not helped, or cannot."""
    failures, asked_at = 0, float("-inf")
    listing = pages(connection, kind, after, since)
    while True:
        gait.sleep(max(0.0, asked_at + 1 / gait.rate - time.monotonic()))
        asked_at = time.monotonic()
        try:
            page = next(listing, None)
        except BillingAwayError as error:
            failures += 1
            if not error.passing or failures >= gait.tries:
                raise
            wait = gait.wait_s(failures, error.retry_after_s)
            log.warning(
                "list not read, asked for again", connection=connection, kind=kind, reason=str(error), in_s=wait
            )
            gait.sleep(wait)
            listing = pages(connection, kind, after, since)
            continue
        if page is None:
            return
        failures, after = 0, page.last_id or after
        yield page
