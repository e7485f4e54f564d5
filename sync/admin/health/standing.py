"""Gathers how the service stands, for the page and for the banners of all pages."""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from sync.admin.health.staff import Staff, staff
from sync.bootstrap import Runtime
from sync.core.budget import Budget
from sync.core.condition import Away, Condition
from sync.core.silence import Rhythm
from sync.db import cursors, health, problems, samples, secrets
from sync.vault import VaultError

FRESH_S = 10.0  # so long what was gathered serves the banners of one process


@dataclass(frozen=True, slots=True)
class Standing:
    """The status, what follows from it, and what else the page shows."""

    status: health.Status
    condition: Condition
    staff: Staff
    budget: Budget
    last_events: dict[str, datetime | None]

    @property
    def our_share(self) -> int:
        """How many API calls of the org's allowance are ours to make."""
        return round(self.budget.org_maximum * self.budget.share)


def gather(run: Runtime) -> Standing:
    """How the service stands now."""
    team = staff(run.redis_url)
    with run.engine.connect() as conn:
        status = health.read(conn, causes=False)
        rhythms = samples.rhythms(conn)
        events = samples.last_received(conn)
        budget = Budget(status.api_calls_today, status.api_used or 0, status.api_maximum or 0, run.settings.api_share)
        condition = _condition(run, conn, status, team, budget, rhythms)
    heard = {name: events.get(name) for name in (*run.settings.connections(), *events)}
    return Standing(status, condition, team, budget, heard)


def _condition(
    run: Runtime, conn: Connection, status: health.Status, team: Staff, budget: Budget, rhythms: dict[str, Rhythm]
) -> Condition:
    now = datetime.now(UTC)
    overdue = {name: rhythm.overdue_s(now) for name, rhythm in rhythms.items() if name in run.settings.connections()}
    return Condition(
        now=now,
        connected=run.settings.salesforce is not None,
        waiting=waiting(status),
        oldest_s=status.oldest_waiting_s,
        parked=status.parked,
        within_s=status.freshness_p95_s,
        half_within_s=status.freshness_p50_s,
        away=_away(cursors.get(conn, cursors.ORG_AWAY)),
        redis_problem=team.problem,
        unstaffed=team.unstaffed,
        clock_age_s=cursors.age_s(conn, samples.TAKEN),
        budget=budget.used,
        hidden=[str(each["reason"]) for each in problems.hidden(conn)],
        first_event_at=min((rhythm.first for rhythm in rhythms.values()), default=status.last_event_at),
        silent={name: seconds for name, seconds in overdue.items() if seconds is not None},
        reconcile=status.last_reconcile,
        sealed=_sealed(run, conn),
    )


def waiting(status: health.Status) -> dict[str, int]:
    """What waits, by stage, in the order of the journey."""
    return {
        "events": status.waiting_events,
        "objects to be fetched": status.waiting_fetches,
        "accounts to be looked at": status.waiting_reviews,
        "dunning holds": status.waiting_holds,
        "records": status.waiting_records,
    }


def _away(told: Any) -> Away | None:
    return Away(datetime.fromisoformat(told["since"]), told["code"], told["reason"], told["fix"]) if told else None


def _sealed(run: Runtime, conn: Connection) -> list[str]:
    """Secrets that were sealed with another key."""
    closed = []
    for name, sealed in secrets.sealed(conn).items():
        try:
            run.vault.open(sealed)
        except VaultError:
            closed.append(name)
    return closed


class Watch:
    """The condition as of a few seconds ago: banners stand on every page, and must not slow any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: tuple[Engine, float, Condition] | None = None

    def condition(self, run: Runtime) -> Condition:
        """As gathered at most ten seconds ago; while one request gathers anew, others take what there is."""
        found = self._found
        if found is not None and found[0] is run.engine and time.monotonic() - found[1] < FRESH_S:
            return found[2]
        if not self._lock.acquire(blocking=found is None or found[0] is not run.engine):
            return found[2]  # type: ignore[index] # the lock is waited for if there is none
        try:
            return self.renew(run, gather(run).condition)
        finally:
            self._lock.release()

    def renew(self, run: Runtime, condition: Condition) -> Condition:
        """Serve this one from now on."""
        self._found = (run.engine, time.monotonic(), condition)
        return condition


watch = Watch()
