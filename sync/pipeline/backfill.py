"""Reading everything a billing system holds: to begin with (backfill), and to find and mend drift (reconcile).

Both pass what they read through the same rule as events, so they can run while events pour in. A backfill keeps its
place and goes on where it was stopped.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Engine

from sync.core.convergence import Outcome, on_read
from sync.core.mapping import Ignored, UnmappableError
from sync.db import cursors
from sync.db.objects import Asker
from sync.pipeline.inbox import Ingest
from sync.pipeline.observe import observe

KINDS = ("customer", "invoice", "charge", "refund", "credit_note", "dispute")  # what others refer to comes first


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


@dataclass(slots=True)
class Walked:
    """What a walk found: objects read, and by kind those that were missing, different, or could not be read."""

    read: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    different: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)

    @property
    def drift(self) -> int:
        """How many objects were not as the provider has them."""
        return self.missing.total() + self.different.total()


def backfill(
    engine: Engine, ingest: Ingest, pages: Pages, connection: str, provider: str, note: Callable[[str, int], None]
) -> Walked:
    """Read everything, going on from where an earlier run stopped. `note` is told of each page: kind, objects."""
    found = Walked()
    for kind in KINDS:
        name = f"backfill:{connection}:{kind}"
        with engine.connect() as conn:
            place = cursors.get(conn, name) or {"after": None, "done": False}
        if place["done"]:
            continue
        for page in pages(connection, kind, place["after"], None):
            _take_in(engine, ingest, page, kind, connection, provider, found)
            with engine.begin() as conn:
                cursors.put(conn, name, {"after": page.last_id, "done": not page.has_more})
            note(kind, len(page.items))
    return found


def restart(engine: Engine, connection: str) -> None:
    """Forget how far a backfill has come."""
    with engine.begin() as conn:
        for kind in KINDS:
            cursors.drop(conn, f"backfill:{connection}:{kind}")


def reconcile(
    engine: Engine,
    ingest: Ingest,
    pages: Pages,
    connection: str,
    provider: str,
    note: Callable[[str, int], None],
    *,
    since: int | None = None,
) -> Walked:
    """Compare everything (created since an epoch second) with the ledger, and mend what differs."""
    found = Walked()
    for kind in KINDS:
        for page in pages(connection, kind, None, since):
            _take_in(engine, ingest, page, kind, connection, provider, found)
            note(kind, len(page.items))
    return found


def _take_in(
    engine: Engine, ingest: Ingest, page: Page, kind: str, connection: str, provider: str, found: Walked
) -> None:
    context = ingest.posting(connection, provider, Asker())
    judge = partial(on_read, date=page.date, elapsed=page.elapsed, can_fetch=True)
    for body in page.items:
        found.read += 1
        try:
            seen = ingest.mappers[provider].map_object(body, connection)
        except UnmappableError:
            found.unreadable[kind] += 1
            continue
        if isinstance(seen, Ignored):
            continue
        with engine.begin() as conn:
            observed = observe(conn, seen, judge, context, can_fetch=True)
        if observed.was_missing:
            found.missing[kind] += 1
        elif observed.outcome in {Outcome.APPLIED, Outcome.FETCH} and observed.differed:
            found.different[kind] += 1
