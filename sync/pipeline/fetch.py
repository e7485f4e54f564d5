"""Fetching again what events alone cannot decide. The answer counts only if nothing changed the object meanwhile."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from sync.core.convergence import Known, Outcome, on_fetch, on_read, on_unfetchable
from sync.core.facts import Facts
from sync.core.ledger import touched_by
from sync.core.mapping import Ignored, Seen, UnmappableError
from sync.db import objects
from sync.db.objects import Asker
from sync.db.tables import AnyRow
from sync.pipeline.changes import Posting
from sync.pipeline.inbox import Ingest, in_a_line
from sync.pipeline.observe import Payload, observe
from sync.pipeline.post import post

log = structlog.get_logger()

AT_ONCE = 8  # fetches in flight per worker
LEASE_S = 90.0  # longer than any fetch may take
GIVE_UP_AFTER = 6  # failures after which a tie is decided without the provider's answer


class Answer(Protocol):
    """One object as fetched."""

    @property
    def body(self) -> dict[str, Any]:
        """The object in the provider's own shape."""

    @property
    def date(self) -> int:
        """The provider's Date header, epoch seconds."""

    @property
    def elapsed(self) -> float:
        """How long the answer took, seconds."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A fetch that brought nothing. `final`: it never will; `retry_after_s`: when the provider wants to be asked."""

    reason: str
    final: bool = False
    retry_after_s: float = 0.0


Fetcher = Callable[[str, str, str, str | None], Answer | Failed]  # connection, source, provider id, account


def fetch_due(engine: Engine, ingest: Ingest, providers: Mapping[str, str], fetch: Fetcher) -> int:
    """Fetch what is wanted, a handful at once. Returns how many fetches ended."""
    with engine.begin() as conn:
        wanted = objects.claim_fetches(conn, AT_ONCE, LEASE_S)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(partial(_fetch_one, engine, ingest, providers, fetch), wanted))


def _fetch_one(engine: Engine, ingest: Ingest, providers: Mapping[str, str], fetch: Fetcher, row: AnyRow) -> int:
    connection, _, account = row.scope.partition("/")
    provider_id = row.key.removeprefix(f"{row.scope}:")
    answer = fetch(connection, row.source, provider_id, account or None)
    try:
        return _take_in(engine, ingest, providers.get(connection, ""), row, answer)
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise  # the database is away: the job ends, and the fetch is done again when its lease is over
        _postpone(engine, row.key, error)
        return 1


def _take_in(engine: Engine, ingest: Ingest, provider: str, row: AnyRow, answer: Answer | Failed) -> int:
    with engine.begin() as conn:
        now = objects.lock_key(conn, row.key)
        if now is None or now.fetch_at is None:
            return 0
        context = ingest.posting(row.scope, provider)
        if isinstance(answer, Failed):
            _settle_without(conn, now, answer, context)
        else:
            _settle(conn, ingest, row, now, answer, context)
    return 1


def _postpone(engine: Engine, key: str, error: Exception) -> None:
    """A lost race for locks is tried again at once, anything else ever later; others are not held back by it."""
    with engine.begin() as conn:
        now = objects.lock_key(conn, key)
        attempts = 0 if now is None else now.fetch_attempts
        wait = 0.05 if isinstance(error, OperationalError) else _wait_s(attempts)
        objects.fetch_failed(conn, key, in_a_line(error), retry_s=wait)
    log.error("fetch not taken in", object=key, exc_info=error)


def _wait_s(attempts: int) -> float:
    return float(min(60.0, 0.5 * 2.0**attempts))


def _settle(conn: Connection, ingest: Ingest, row: AnyRow, now: AnyRow, answer: Answer, context: Posting) -> None:
    """Apply the answer to its object, and what came embedded in it to theirs. `row`: as it was when the fetch began."""
    try:
        seen = ingest.mappers[context.provider].map_object(answer.body, context.scope)
    except UnmappableError as error:
        _settle_without(conn, now, Failed(str(error), final=True), context)
        return
    own = [] if isinstance(seen, Ignored) else [item for item in seen if item.facts.key == row.key]
    if isinstance(seen, Ignored) or not own:
        reason = f"the provider answered something else than {row.key}"
        _settle_without(conn, now, Failed(reason, final=True), context)
        return

    def judge(known: Known, facts: Facts) -> tuple[Known, Outcome]:
        if facts.key == row.key:
            return on_fetch(known, facts, version=row.version, date=answer.date, elapsed=answer.elapsed)
        return on_read(known, facts, date=answer.date, elapsed=answer.elapsed, can_fetch=True)

    payload = Payload(_own_first(seen, row.key), judge, _asker(now))
    found, _ = observe(conn, payload, context, can_fetch=True)
    objects.fetched(conn, row.key, again=found.outcome is Outcome.FETCH)
    log.info("object fetched", object=row.key, outcome=found.outcome, trace=now.trace)


def _own_first(seen: list[Seen], key: str) -> list[Seen]:
    return sorted(seen, key=lambda item: item.facts.key != key)


def _settle_without(conn: Connection, row: AnyRow, failed: Failed, context: Posting) -> None:
    """No answer: try again, or decide without it."""
    known = objects.known(row)
    wait = None if failed.final else max(failed.retry_after_s, _wait_s(row.fetch_attempts))
    attempts = objects.fetch_failed(conn, row.key, failed.reason, retry_s=wait)
    log.warning("fetch failed", object=row.key, reason=failed.reason, attempts=attempts, trace=row.trace)
    if not failed.final and attempts < GIVE_UP_AFTER:
        return
    state, _ = on_unfetchable(known)
    objects.save(conn, {row.key: state})
    if state.facts != known.facts:
        post(conn, dict.fromkeys(touched_by(known.facts) | touched_by(state.facts), _asker(row)), context)


def _asker(row: AnyRow) -> Asker:
    """The event that asked for this object."""
    return Asker(row.trace, row.asked_at)
