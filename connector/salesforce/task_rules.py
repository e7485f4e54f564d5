"""What is to be done to one Task: what is ours is written, what a person took in hand is left alone.

Subject, due date, priority, what it is about and why it is over are ours. Status, owner and description are theirs:
written once, at creation; then only on a task that no person has worked on: Status to close or reopen it, and the owner
to hand it to whoever has taken the invoice.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.salesforce.read import Record
from connector.salesforce.values import moment, plain

CLOSED = "Completed"
THEIRS = ("Status", "OwnerId", "Description")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One follow-up as it should be.

    `ours`: fields written whenever they differ. `first`: fields written at creation only. `done`: it should be closed.
    `left`: what we left there last of Status, OwnerId and Description; None: we know of none. `in_hand`: a person is
    known to have worked on it. `hand_to`: the user to whom it goes while nobody has.
    """

    key: str
    ours: Mapping[str, Any]
    first: Mapping[str, Any]
    done: bool
    left: Mapping[str, Any] | None
    in_hand: bool = False
    hand_to: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What to write to a task that is there; `state` and `left` (see TaskResult) hold once that is done."""

    fields: Mapping[str, Any]
    state: str
    left: Mapping[str, Any]


def last_change(task: Record) -> datetime:
    """When somebody changed the task last, in whole seconds of the org's clock."""
    return moment(task["LastModifiedDate"])


def decide(row: TaskRow, task: Record, us: str, writable: Collection[str]) -> Step:
    """What to do with a living task, given as read. `us`: our user; `writable`: the fields that we may change."""
    baseline = row.first if row.left is None else row.left
    known = {name: plain(baseline[name]) for name in THEIRS if name in baseline}
    fields = {
        name: plain(value) for name, value in row.ours.items() if name in writable and _differs(task, name, value)
    }
    if row.in_hand or _worked_on(known, task, us, row.hand_to):
        # What we left is told again as it was, so that the next look finds the same difference.
        return Step(fields, "worked_on", known)
    left = {name: task[name] for name in known if name in task}
    status = _status(row, task)
    if status and "Status" in writable:
        fields["Status"] = left["Status"] = status
    if _handed_on(row, task, known) and "OwnerId" in writable:
        fields["OwnerId"] = left["OwnerId"] = row.hand_to
    return Step(fields, "updated" if fields else "unchanged", left)


def _status(row: TaskRow, task: Record) -> str | None:
    """The status that closes or reopens the task; None where it stays as it is."""
    if row.done == task["IsClosed"]:
        return None
    return CLOSED if row.done else row.first.get("Status")


def _handed_on(row: TaskRow, task: Record, known: Mapping[str, Any]) -> bool:
    """Whether the open task goes to somebody else; only where we know whom we gave it to."""
    is_open = not row.done and not task["IsClosed"]
    return is_open and row.hand_to is not None and "OwnerId" in known and _differs(task, "OwnerId", row.hand_to)


def _worked_on(known: Mapping[str, Any], task: Record, us: str, hand_to: str | None) -> bool:
    """Whether a person has changed what is theirs (or automation of the org has, which is theirs too).

    One that belongs to whom it is to be handed to says nothing: the answer to our own write may have been lost.
    """
    handed = hand_to is not None and not _differs(task, "OwnerId", hand_to)
    told = known.keys() - {"Status"} - ({"OwnerId"} if handed else set())
    if any(_differs(task, name, known[name]) for name in told):
        return True
    if task["IsClosed"] and task["LastModifiedById"] != us:
        return True  # who saves a closed task means it to be closed, even if it was so already
    changed = _differs(task, "Status", known["Status"]) if "Status" in known else bool(task["IsClosed"])
    return changed and not _closed_by_us(task, us)


def _closed_by_us(task: Record, us: str) -> bool:
    """Whether our own last write closed it, and only its answer was lost: ours is the last change, and of one second
    with the closing. A task that a person closed, and on which we wrote later, was completed before its last change.
    """
    ours = bool(task["LastModifiedById"] == us and task["Status"] == CLOSED)
    return ours and task.get("CompletedDateTime") == task["LastModifiedDate"]


def _differs(task: Record, name: str, value: Any) -> bool:
    """Whether the field shows something else than was written; False for a field that we do not see.

    Salesforce trims texts and stores empty ones as null, its pages end lines in their own way, and ids have two forms.
    """
    return name in task and _comparable(name, task[name]) != _comparable(name, plain(value))


def _comparable(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name.endswith("Id"):
        return value[:15]
    return "\n".join(line.rstrip() for line in value.strip().splitlines()) or None
