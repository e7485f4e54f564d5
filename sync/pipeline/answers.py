"""What Salesforce answers to rows that were sent, and what is written down of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Engine

from sync.db import kept, links, promises, records, refusals, upkeep
from sync.db.records import Written
from sync.db.refusals import Refused
from sync.pipeline import stood
from sync.pipeline.item import Item

log = structlog.get_logger()

DELETED_BY_THEM = frozenset({"commitment", "dispute"})  # their rows: where one is gone there is nothing left to say
ACCOUNT_GONE = frozenset(
    {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"}
)
PARKED_RETRY_S = (5.0, 60.0, 300.0, 1800.0, 7200.0, 21_600.0)  # the cause may be gone by then
BUSY_RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """How a follow-up's Task stands: its id, what we left in the fields that are theirs.

    `theirs`: worked_on or deleted by a person.
    """

    id: str | None
    left: Mapping[str, Any] | None
    theirs: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Salesforce's answer for one row. `kind` is empty for a success, else retry, rejected or misconfigured."""

    kind: str = ""
    code: str = ""
    reason: str = ""
    fix: str = ""
    retry_after_s: float | None = None
    outcome_unknown: bool = False
    task: TaskOutcome | None = None
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class Published:
    """What a publishing run did."""

    written: int = 0
    unchanged: int = 0
    refused: int = 0
    rounds: int = 0
    problems: dict[str, int] = field(default_factory=dict)


def note(engine: Engine, lifetime_s: float, answers: Sequence[tuple[Item, Verdict]], done: Published) -> None:
    """Write down what came of rows that were sent. `lifetime_s`: so long may a request live whose answer was lost."""
    good = [(item, verdict) for item, verdict in answers if not verdict.kind or _gone_by_them(item, verdict)]
    bad = [(item, verdict) for item, verdict in answers if verdict.kind and not _gone_by_them(item, verdict)]
    with engine.begin() as conn:
        for item, verdict in answers:
            if verdict.task is not None:
                promises.set_task(conn, item.record.key, verdict.task.id, verdict.task.left, verdict.task.theirs)
        left_out = [(item, (*verdict.left_out, *sorted(item.unkept))) for item, verdict in good]
        records.written(conn, [written(item, left_out=fields) for item, fields in left_out])
        said, back = stood.written(left_out)
        kept.wrote(conn, said)
        kept.forget(conn, back)
    first = [item.record.key for item, _ in good if item.record.kind == "invoice" and item.record.written_at is None]
    if first:
        with engine.begin() as conn:
            upkeep.link_to_invoices(conn, first)
    with engine.begin() as conn:
        rows = [
            (refused(item, verdict, lifetime_s), item.sent if item.row is not None else None) for item, verdict in bad
        ]
        refusals.write_down(conn, rows)
        kept.wrote(conn, stood.uncertain([item for item, verdict in bad if verdict.outcome_unknown]), for_certain=False)
        links.doubt_accounts(conn, {item.record.lane for item, verdict in bad if verdict.code in ACCOUNT_GONE})
    done.written += len(good)
    done.refused += len(bad)
    for item, verdict in bad:
        done.problems[verdict.code] = done.problems.get(verdict.code, 0) + 1
        log.warning(
            "not written", record=item.record.key, code=verdict.code, reason=verdict.reason, trace=item.record.trace
        )
    for item, _verdict in good:
        log.info("written", record=item.record.key, kind=item.record.kind, trace=item.record.trace)


def _gone_by_them(item: Item, verdict: Verdict) -> bool:
    """Their row was deleted meanwhile: the poll will say so."""
    return item.record.kind in DELETED_BY_THEM and verdict.code in {"ENTITY_IS_DELETED", "NOT_FOUND"}


def written(item: Item, *, skipped: bool = False, left_out: tuple[str, ...] = ()) -> Written:
    """A row that stands there; `skipped`: it stood there already."""
    record = item.record
    return Written(record.kind, record.key, record.marked, record.lane, item.content, skipped, left_out)


def refused(item: Item, verdict: Verdict, lifetime_s: float) -> Refused:
    """A row that does not, and when it is tried again."""
    parked = verdict.kind != "retry"
    steps = PARKED_RETRY_S if parked else BUSY_RETRY_S
    wait = steps[min(item.record.attempts, len(steps) - 1)]
    if verdict.outcome_unknown and item.record.kind == "task":
        wait = max(wait, lifetime_s)
    return Refused(
        kind=item.record.kind,
        key=item.record.key,
        code=verdict.code,
        reason=verdict.reason if parked else f"{verdict.code}: {verdict.reason}",
        fix=verdict.fix,
        retry_s=max(wait, verdict.retry_after_s or 0.0),
        parked=parked,
        rewrite_s=lifetime_s if verdict.outcome_unknown else None,
    )
