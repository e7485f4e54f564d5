"""Reading everything a billing system holds: to begin with (backfill), and to find and mend drift (reconcile).

Both pass what they read through the same rule as events, so they can run while events pour in. A backfill keeps its
place with every page, in the page's own transaction, and goes on where it was stopped, whatever stopped it; a
reconciliation is handed the place where it stands, and can be done in pieces, too. Nothing that they mark to be written
is as urgent as what an event marks.

A page is one transaction: what its objects have in common is read, summed and marked once, which is several times as
fast as one after another. Where that fails (one object with a value that no column holds), each is tried alone.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from sync.core.budget import Priority
from sync.core.convergence import Outcome, on_read
from sync.core.mapping import Ignored, Seen, UnmappableError
from sync.db import cursors, objects
from sync.db.objects import Asker
from sync.pipeline.fetch import Fetcher, fetch_due
from sync.pipeline.inbox import Ingest
from sync.pipeline.observe import Observed, Payload, observe_all
from sync.pipeline.pages import BillingAwayError, Gait, Page, Pages, walk

log = structlog.get_logger()

KINDS = ("customer", "invoice", "charge", "refund", "credit_note", "dispute")  # what others refer to comes first
_RACES = 5  # lost races for locks after which a page is taken in object by object

Note = Callable[[str, int], None]  # of each page: kind, objects
Proceed = Callable[[], bool]  # whether to go on


def _always() -> bool:
    return True


@dataclass(slots=True)
class Walked:
    """What a walk found: objects read, and by kind those that were missing, different, or could not be read.

    `doubtful`: how many objects an earlier tie had left in doubt; they were asked for first. `finished`: whether there
    is no more to read.
    """

    read: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    different: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0
    finished: bool = True

    @property
    def drift(self) -> int:
        """How many objects were not as the provider has them."""
        return self.missing.total() + self.different.total()

    def packed(self) -> dict[str, Any]:
        """As a JSON object."""
        counts = {name: dict(getattr(self, name)) for name in ("missing", "different", "unreadable")}
        return {"read": self.read, "doubtful": self.doubtful, **counts}

    def count(self, kind: str, observed: Observed) -> None:
        """Count one object by how it compared."""
        if observed.was_missing:
            self.missing[kind] += 1
        elif observed.outcome in {Outcome.APPLIED, Outcome.FETCH} and observed.differed:
            self.different[kind] += 1


@dataclass(slots=True)
class Place:
    """Where a reconciliation stands: so many kinds are done, and the next one up to an object."""

    kinds: int = 0
    after: str | None = None


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where pages of one connection are taken in. `dry`: look only, and leave everything as it is."""

    engine: Engine
    ingest: Ingest
    connection: str
    provider: str
    found: Walked
    dry: bool = False

    def take_in(self, page: Page, kind: str, then: Callable[[Connection], None] = lambda _conn: None) -> None:
        """Take a page in. `then` is done in the same transaction as the last of it."""
        payloads = [seen for body in page.items if (seen := self._read(body, kind))]
        judge = partial(on_read, date=page.date, elapsed=page.elapsed, can_fetch=True)
        for _ in range(_RACES):
            try:
                self._together(payloads, judge, kind, then)
            except OperationalError as error:
                if error.connection_invalidated:
                    raise
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise
                break
            else:
                return
        self._one_by_one(payloads, judge, kind)
        with self.engine.begin() as conn:
            then(conn)

    def _read(self, body: dict[str, Any], kind: str) -> list[Seen]:
        self.found.read += 1
        try:
            seen = self.ingest.mappers[self.provider].map_object(body, self.connection)
        except UnmappableError as error:
            self.found.unreadable[kind] += 1
            log.warning("object not read", connection=self.connection, kind=kind, id=body.get("id"), reason=str(error))
            return []
        return [] if isinstance(seen, Ignored) else seen

    def _together(
        self, payloads: Sequence[list[Seen]], judge: Any, kind: str, then: Callable[[Connection], None]
    ) -> None:
        context = replace(self.ingest.posting(self.connection, self.provider), urgency=Priority.BACKGROUND)
        told = [Payload(seen, judge) for seen in payloads]
        with self.engine.connect() as conn:
            observed, _ = observe_all(conn, told, context, can_fetch=True) if told else ([], 0)
            then(conn)
            if self.dry:
                conn.rollback()
            else:
                conn.commit()
        for item in observed:
            self.found.count(kind, item)

    def _one_by_one(self, payloads: Sequence[list[Seen]], judge: Any, kind: str) -> None:
        for seen in payloads:
            try:
                self._together([seen], judge, kind, lambda _conn: None)
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise
                self.found.unreadable[kind] += 1
                log.exception("object not taken in", object=seen[0].facts.key)


def backfill(
    engine: Engine,
    ingest: Ingest,
    pages: Pages,
    connection: str,
    provider: str,
    note: Note,
    *,
    gait: Gait | None = None,
    proceed: Proceed = _always,
) -> Walked:
    """Read everything, going on from where an earlier run stopped, until `proceed` says stop.

    Raises BillingAwayError; the place is kept.
    """
    desk = _Desk(engine, ingest, connection, provider, Walked())
    for kind in KINDS:
        name = _place(connection, kind)
        with engine.connect() as conn:
            place = cursors.get(conn, name) or {"after": None, "done": False}
        if place["done"]:
            continue
        try:
            done = _fill(desk, pages, kind, place["after"], note, gait or Gait(), proceed)
        except BillingAwayError as error:
            if not error.place_gone:
                raise
            log.warning("the place is gone, this kind is read from its start", connection=connection, kind=kind)
            done = _fill(desk, pages, kind, None, note, gait or Gait(), proceed)
        if not done:
            desk.found.finished = False
            break
    return desk.found


def _fill(desk: _Desk, pages: Pages, kind: str, after: str | None, note: Note, gait: Gait, proceed: Proceed) -> bool:
    """One kind, from `after` on, each page's end written down with the page. Whether it came to the end."""
    for page in walk(pages, desk.connection, kind, after, None, gait):
        after = page.last_id or after
        place = {"after": after, "done": not page.has_more}
        desk.take_in(page, kind, partial(cursors.put, name=_place(desk.connection, kind), position=place))
        note(kind, len(page.items))
        if page.has_more and not proceed():
            return False
    return True


def finished(conn: Connection, connection: str) -> bool:
    """Whether a backfill of the connection has come to its end, whenever that was."""
    return all((cursors.get(conn, _place(connection, kind)) or {}).get("done") for kind in KINDS)


def _place(connection: str, kind: str) -> str:
    return f"backfill:{connection}:{kind}"


def restart(engine: Engine, connection: str) -> None:
    """Forget how far a backfill has come."""
    with engine.begin() as conn:
        for kind in KINDS:
            cursors.drop(conn, _place(connection, kind))


def reconcile(
    engine: Engine,
    ingest: Ingest,
    pages: Pages,
    connection: str,
    provider: str,
    note: Note,
    *,
    since: int | None = None,
    fetch: Fetcher | None = None,
    gait: Gait | None = None,
    dry: bool = False,
    place: Place | None = None,
    proceed: Proceed = _always,
) -> Walked:
    """Compare everything (created since an epoch second) with the ledger, and mend what differs.

    With `fetch`, what is in doubt is asked for first, one by one. `place` is moved on with every page: handed in again,
    it goes on there. Raises BillingAwayError.
    """
    desk = _Desk(engine, ingest, connection, provider, Walked(), dry)
    here = place or Place()
    if fetch is not None and here == Place():
        desk.found.doubtful = _settle_doubts(desk, fetch)
    while here.kinds < len(KINDS):
        kind = KINDS[here.kinds]
        try:
            for page in walk(pages, connection, kind, here.after, since, gait or Gait()):
                desk.take_in(page, kind)
                here.after = page.last_id or here.after
                note(kind, len(page.items))
                if page.has_more and not proceed():
                    desk.found.finished = False
                    return desk.found
        except BillingAwayError as error:
            if not error.place_gone:
                raise
            here.after = None
            continue
        here.kinds, here.after = here.kinds + 1, None
    return desk.found


def _settle_doubts(desk: _Desk, fetch: Fetcher) -> int:
    """Fetch what ties have left in doubt. Returns how many objects that were."""
    with desk.engine.begin() as conn:
        doubts = objects.doubtful(conn, desk.connection)
        if not desk.dry:
            for key in doubts:
                objects.want(conn, key, Asker())
    while not desk.dry and fetch_due(desk.engine, desk.ingest, {desk.connection: desk.provider}, fetch):
        pass
    return len(doubts)
