"""Follow-ups as Tasks: one Task per key, and what people did with it left alone.

A key on Task cannot be relied on to be unique, so there is no upsert: tasks are looked up by key, created where there
is none, and updated by id. The caller keeps two writers from one key, and calls again after any doubtful answer.

Which fields are whose: task_rules.py.

No edit of a person is ever overwritten unseen: every update carries `If-Unmodified-Since` with the LastModifiedDate
that was just read, and is refused (412) if somebody was faster. Header and field have whole seconds, so an edit in
the very second of the last one looks like no edit at all: a task is changed only if it was read after that second
had passed by the org's clock.
https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_rest_conditional_requests.htm
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import structlog

from connector.errors import ConnectorError, GoneError, MisconfiguredError, RetryableError
from connector.salesforce import write
from connector.salesforce.describe import Exposure
from connector.salesforce.errors import DEPLOY, refused_part
from connector.salesforce.limits import Priority
from connector.salesforce.read import Record, in_parts, query_many
from connector.salesforce.rows import keys_of, not_sent
from connector.salesforce.session import OrgSession
from connector.salesforce.task_rules import THEIRS, Step, TaskRow, decide, last_change
from connector.salesforce.values import plain

__all__ = ["TaskResult", "TaskRow", "put_tasks"]

OBJECT, KEY = "Task", "AR_Key__c"

_PER_CALL = 25  # sub-requests of one composite
_LOOKS = 4  # at one task: to begin with, after its second has passed, and the same after somebody was faster
_SECOND = timedelta(seconds=1)
_LONGEST_PAUSE = 3.0  # seconds; the org's Date and its stamps do not differ by more
_SYSTEM = ("Id", "IsDeleted", "IsClosed", "CreatedDate", "LastModifiedDate", "LastModifiedById", "CompletedDateTime")
_PRECONDITION_FAILED = 412

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What became of one follow-up; with an `error`, `state` is "" and `left` what the caller gave.

    `state`: created, updated, unchanged; not_needed (done, and there is no task); worked_on (a person did: only `ours`
    were written); deleted (a person deleted it: left alone). `left`: what stands there now of Status, OwnerId and
    Description as far as we left it, to be given back next time.
    """

    key: str
    id: str | None
    state: str
    left: Mapping[str, Any] | None
    error: ConnectorError | None


@dataclass
class _Desk:
    """What one call works with. `us`: our user; `fields`: those of Task that we can read; `writable`: may change."""

    session: OrgSession
    exposure: Exposure
    priority: Priority
    us: str
    fields: frozenset[str]
    writable: frozenset[str]
    results: dict[str, TaskResult] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)  # keys of which somebody else was faster once

    def settle(self, row: TaskRow, state: str, record_id: str | None, left: Mapping[str, Any] | None) -> None:
        self.results[row.key] = TaskResult(row.key, record_id, state, left, None)

    def fail(self, row: TaskRow, error: ConnectorError, record_id: str | None = None) -> None:
        self.results[row.key] = TaskResult(row.key, record_id, "", row.left, error)


@dataclass(frozen=True)
class _Look:
    """The task of each key that has one, as read when it was at least `at` by the org's clock."""

    tasks: Mapping[str, Record]
    at: datetime


@dataclass(frozen=True)
class _Change:
    """One task to be changed: as it was read, and what to do."""

    row: TaskRow
    task: Record
    step: Step

    @property
    def quiet_at(self) -> datetime:
        """When the second of its last change has passed."""
        return last_change(self.task) + _SECOND


def put_tasks(
    session: OrgSession, exposure: Exposure, rows: Sequence[TaskRow], *, priority: Priority = Priority.NORMAL
) -> list[TaskResult]:
    """Bring the tasks to what the rows say; one result per row, in order. Never raises ConnectorError.

    One call looks up thousands of keys; 200 a call are created, 25 a call updated. ValueError for a key that comes
    twice. After an error with `outcome_unknown` call again once the request can no longer be alive.
    """
    keys_of([{KEY: row.key} for row in rows], KEY)
    if not rows:
        return []
    try:
        desk = _desk(session, exposure, rows, priority)
        look = _look(desk, rows)
    except ConnectorError as error:
        return [TaskResult(row.key, None, "", row.left, error) for row in rows]
    _create(desk, [row for row in rows if row.key not in look.tasks and _wanted(desk, row)])
    _change(desk, [row for row in rows if row.key in look.tasks], look)
    return [desk.results[row.key] for row in rows]


def _desk(session: OrgSession, exposure: Exposure, rows: Sequence[TaskRow], priority: Priority) -> _Desk:
    """What we may read and write of Task, of all that matters. MisconfiguredError where we do not see the key."""
    facts = exposure.require(OBJECT, priority=priority)
    wanted = {*_SYSTEM, KEY, *THEIRS, *(name for row in rows for name in (*row.ours, *row.first))}
    shown = {name: found for name in wanted if (found := facts.field(name))}
    if KEY not in shown:
        raise MisconfiguredError("INVALID_FIELD", f"the integration user does not see {OBJECT}.{KEY}", DEPLOY)
    if new := exposure.first_told(OBJECT, wanted - shown.keys()):
        _log.warning("fields left out", object=OBJECT, fields=new, fix=DEPLOY)
    writable = frozenset(name for name, found in shown.items() if found.writable("update"))
    return _Desk(session, exposure, priority, session.connect().user_id, frozenset(shown), writable)


def _wanted(desk: _Desk, row: TaskRow) -> bool:
    """Whether a task that is not there should be. One that we know to have made was deleted, recycle bin and all."""
    if row.left is not None:
        desk.settle(row, "deleted", None, row.left)
    elif row.done:
        desk.settle(row, "not_needed", None, None)
    return row.key not in desk.results


# --- looking -------------------------------------------------------------------------------------------------------


def _look(desk: _Desk, rows: Iterable[TaskRow]) -> _Look:
    """The tasks of the rows, deleted ones included (and archived ones: queryAll shows both)."""
    at = desk.session.clock.at_least()
    keys = {row.key for row in rows}
    soqls = in_parts(f"SELECT {', '.join(sorted(desk.fields))} FROM {OBJECT} WHERE {KEY} IN ", keys)  # noqa: S608
    try:
        pages = query_many(desk.session, soqls, include_deleted=True, priority=desk.priority)
    except MisconfiguredError:
        desk.exposure.forget(OBJECT)  # a field has just been taken from us: next time we know
        raise
    by_key: dict[str, list[Record]] = {}
    for task in (task for page in pages for task in page):
        if task[KEY] in keys:  # SOQL does not regard case, keys do
            by_key.setdefault(task[KEY], []).append(task)
    return _Look({key: _the_one(key, tasks) for key, tasks in by_key.items()}, at)


def _the_one(key: str, tasks: Sequence[Record]) -> Record:
    """The oldest living task of a key, or else the oldest deleted one.

    There are several where the answer to a create was lost, and the create came through after the next look.
    """
    tasks = sorted(tasks, key=lambda task: (task["IsDeleted"], task["CreatedDate"], task["Id"]))
    others = [task["Id"] for task in tasks[1:] if not task["IsDeleted"]]
    if others:
        _log.warning("several tasks with one key", key=key, kept=tasks[0]["Id"], others=others)
    return tasks[0]


# --- creating ------------------------------------------------------------------------------------------------------


def _create(desk: _Desk, rows: Sequence[TaskRow]) -> None:
    records = [{KEY: row.key, **row.ours, **row.first} for row in rows]
    made = write.create(desk.session, desk.exposure, OBJECT, records, key_field=KEY, priority=desk.priority)
    for row, result in zip(rows, made, strict=True):
        if result.error is not None:
            desk.fail(row, result.error)
            continue
        left = {name: plain(row.first[name]) for name in THEIRS if name in row.first and name not in result.dropped}
        desk.settle(row, "created", result.id, left)


# --- changing ------------------------------------------------------------------------------------------------------


def _change(desk: _Desk, rows: Sequence[TaskRow], look: _Look) -> None:
    """Change the tasks of `rows`, all of which are there. Those that have just changed are looked at again."""
    for _again in range(_LOOKS - 1):
        until = _change_quiet(desk, rows, look)
        rows = [row for row in rows if row.key not in desk.results]
        if not rows:
            return
        time.sleep(max(min((until - desk.session.clock.at_least()).total_seconds(), _LONGEST_PAUSE), 0))
        try:
            look = _look(desk, rows)
        except ConnectorError as error:
            for row in rows:
                desk.fail(row, error)
            return
    _change_quiet(desk, rows, look)
    for row in rows:
        if row.key not in desk.results:
            desk.fail(row, _busy())


def _change_quiet(desk: _Desk, rows: Sequence[TaskRow], look: _Look) -> datetime:
    """Change those that were read after the second of their last change; when the others can be read so."""
    decided = [_decide(desk, row, look.tasks.get(row.key)) for row in rows]
    changes = [change for change in decided if change is not None]
    quiet = [change for change in changes if change.quiet_at <= look.at]
    fresh = [change.quiet_at for change in changes if change.quiet_at > look.at]
    for start in range(0, len(quiet), _PER_CALL):
        some = quiet[start : start + _PER_CALL]
        try:
            _send(desk, some)
        except ConnectorError as error:
            for change in some:
                desk.fail(change.row, error, change.task["Id"])
            for change in quiet[start + _PER_CALL :]:
                desk.fail(change.row, not_sent(error), change.task["Id"])
            break
    return max(fresh, default=desk.session.clock.at_least() + _SECOND)


def _decide(desk: _Desk, row: TaskRow, task: Record | None) -> _Change | None:
    """What to write to the task; None where there is nothing, and the row is settled."""
    if task is None or task["IsDeleted"]:
        desk.settle(row, "deleted", None if task is None else task["Id"], row.left)
        return None
    step = decide(row, task, desk.us, desk.writable)
    if not step.fields:
        desk.settle(row, step.state, task["Id"], step.left)
        return None
    return _Change(row, task, step)


def _send(desk: _Desk, changes: Sequence[_Change]) -> None:
    """One composite of single updates. Raises ConnectorError where it fails as a whole."""
    base = f"/services/data/v{desk.session.login.api_version}/sobjects/{OBJECT}"
    requests = [
        {
            "method": "PATCH",
            "url": f"{base}/{change.task['Id']}",
            "referenceId": f"task{at}",
            "httpHeaders": {"If-Unmodified-Since": format_datetime(last_change(change.task), usegmt=True)},
            "body": change.step.fields,
        }
        for at, change in enumerate(changes)
    ]
    body = {"allOrNone": False, "compositeRequest": requests}
    answer = desk.session.request("POST", "composite", json=body, priority=desk.priority)
    answers = answer.get("compositeResponse") if isinstance(answer, Mapping) else None
    if not isinstance(answers, list) or len(answers) != len(changes):
        reason = f"not one answer for each of {len(changes)} tasks"
        raise RetryableError("UNEXPECTED_ANSWER", reason, outcome_unknown=True)
    for change, each in zip(changes, answers, strict=True):
        _take(desk, change, each)


def _take(desk: _Desk, change: _Change, answer: Mapping[str, Any]) -> None:
    """Settle one change by its answer. Where somebody was faster it is left unsettled once, to be looked at again."""
    status, row = answer["httpStatusCode"], change.row
    if status < 300:
        desk.settle(row, change.step.state, change.task["Id"], change.step.left)
        return
    error = refused_part(status, answer["body"], object_name=OBJECT)
    if status != _PRECONDITION_FAILED and not isinstance(error, GoneError):
        if isinstance(error, MisconfiguredError):
            desk.exposure.forget(OBJECT)  # what we may write has changed: next time we know
        desk.fail(row, error, change.task["Id"])
    elif row.key in desk.refused:
        desk.fail(row, _busy(), change.task["Id"])
    else:
        desk.refused.add(row.key)


def _busy() -> RetryableError:
    return RetryableError("CHANGED_MEANWHILE", "somebody else is changing the task right now")
