"""Says in Salesforce how far the service has come; the pages there tell by it whether their figures are current.

One row and a call every few minutes, so it is worth a call even on a busy day. If nobody can write it, it grows old,
which is what the pages look at.
"""

from collections.abc import Sequence
from typing import Protocol

import structlog
from sqlalchemy import Connection, Engine

from sync.core.budget import Priority
from sync.core.heartbeat import AT_MOST_EVERY_S, Beat, Pulse, project_pulse
from sync.core.projection import SalesforceRow
from sync.db import cursors, heartbeat
from sync.pipeline.answers import Verdict

log = structlog.get_logger()


class Writes(Protocol):
    """What is asked of Salesforce."""

    def write(self, kind: str, rows: Sequence[SalesforceRow], priority: Priority) -> list[Verdict]:
        """Write rows of one kind, one verdict each. Never raises what Salesforce says."""

    def allows(self, priority: Priority) -> bool:
        """Whether the API budget has room for calls of this priority."""


def beat(engine: Engine, org: Writes, every_s: float) -> bool:
    """Say how far we are, if it is time to. Returns whether Salesforce was asked."""
    with engine.connect() as conn:
        last = _last(conn)
        if last is not None and last.age_s < AT_MOST_EVERY_S:
            return False
        pulse = heartbeat.read(conn)
    if last is not None and not last.due(every_s, problem=pulse.problem is not None):
        return False
    if not org.allows(Priority.NORMAL):
        return False
    [verdict] = org.write("sync", [project_pulse(pulse)], Priority.NORMAL)
    if verdict.kind:
        log.warning("heartbeat not written", code=verdict.code, reason=verdict.reason, fix=verdict.fix)
    _note(engine, pulse, (last.failed if last else 0) + 1 if verdict.kind else 0)
    return True


def _last(conn: Connection) -> Beat | None:
    age, told = cursors.age_s(conn, cursors.HEARTBEAT), cursors.get(conn, cursors.HEARTBEAT)
    return None if age is None else Beat(age, told["problem"], told["failed"])


def _note(engine: Engine, pulse: Pulse, failed: int) -> None:
    with engine.begin() as conn:
        cursors.put(conn, cursors.HEARTBEAT, {"problem": pulse.problem is not None, "failed": failed})
