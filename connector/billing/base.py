"""What the product asks of any billing system, and the values that come back.

Bodies stay the provider's own JSON: what they mean is decided by the mapping of that provider, in one place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

Json = dict[str, Any]


@dataclass(frozen=True)
class Fetched:
    """One object as the provider had it at some moment from `date - elapsed` to `date`.

    `date`: the provider's own clock when it answered (its Date header), epoch seconds. `elapsed`: seconds the request
    took by our monotonic clock, retries included, so that the interval never claims too much.
    """

    body: Json
    date: int
    elapsed: float


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first. Resume after `last_id`, which is None on an empty page."""

    items: Sequence[Json]
    date: int
    elapsed: float
    last_id: str | None
    has_more: bool


class HoldState(StrEnum):
    """What asking for, or ending, a dunning hold came to."""

    HELD = "held"
    ALREADY_HELD = "already_held"
    HELD_ELSEWHERE = "held_elsewhere"  # somebody else has switched automatic collection off: theirs to switch on
    NOT_COLLECTING = "not_collecting"  # paid, void, written off: nothing to hold
    RELEASED = "released"
    NOT_HELD = "not_held"


@dataclass(frozen=True)
class Hold:
    """The outcome for one invoice, and the invoice as it is now (in the provider's shape)."""

    invoice_id: str
    state: HoldState
    body: Json


@dataclass(frozen=True)
class Finding:
    """One permission of the key: `ok`, or the `fix` in words."""

    kind: str
    ok: bool
    permission: str
    fix: str = ""


@dataclass(frozen=True)
class Endpoint:
    """Where a billing system sends its events: its id there, and the secret that it signs them with, told once."""

    id: str
    secret: str = field(repr=False)


class Billing(Protocol):
    """A billing system. Errors are those of connector.errors, whatever the provider says."""

    def fetch(self, kind: str, object_id: str, *, account: str | None = None) -> Fetched:
        """One object now. Raises GoneError when there is none."""
        ...

    def list_all(
        self,
        kind: str,
        *,
        created_gte: int | None = None,
        starting_after: str | None = None,
        page_size: int = 100,
        account: str | None = None,
    ) -> Iterator[Page]:
        """All objects of a kind, page by page; resumable with the last page's `last_id`."""
        ...

    def hold(self, invoice_id: str, *, note: str, account: str | None = None) -> Hold:
        """Ask the provider to leave the invoice alone. Repeating it changes nothing."""
        ...

    def release(self, invoice_id: str, *, account: str | None = None) -> Hold:
        """End our hold; somebody else's stays."""
        ...

    def permissions(self) -> list[Finding]:
        """What the key may do of what we need."""
        ...

    def listen(self, url: str) -> Endpoint:
        """Have events sent to `url` from now on."""
        ...

    def close(self) -> None:
        """Release connections of the calling thread."""
        ...
