"""Who follows an invoice up: what people choose on it (`Assigned_To__c`), and what that says on the timeline.

The choice is theirs and is only read. A follow-up of the invoice belongs to whoever has taken it, as long as nobody
has touched its task: a person's own choice on a task is never overruled.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sync.core.timeline import SUBJECT_LENGTH, Entry
from sync.core.words import cut, listed

KIND = "Task"  # of AR_Activity__c.Kind__c
TOGETHER = timedelta(seconds=60)  # a page saves one invoice after the other: what lies closer is told as one


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """One invoice was taken by somebody, or given back (`taken` is false).

    `person`, `name`: who follows it up, or did so; `by`: who saved that, by name, None where nobody knows.
    """

    invoice: str
    number: str
    account: str
    person: str
    name: str
    taken: bool
    by: str | None
    at: datetime


def assignment_entries(changes: Iterable[Assigned]) -> list[tuple[str, Entry]]:
    """The entries for what one look brought, each with its account: one for what a person took or gave back at once."""
    groups: list[list[Assigned]] = []
    for change in sorted(changes, key=lambda item: (_who(item), item.at, item.invoice)):
        last = groups[-1][-1] if groups else None
        if last is not None and _who(last) == _who(change) and change.at - last.at <= TOGETHER:
            groups[-1].append(change)
        else:
            groups.append([change])
    return [(group[0].account, _entry(group)) for group in groups]


def _who(change: Assigned) -> tuple[str, str, bool, str]:
    return change.account, change.person, change.taken, change.by or ""


def _entry(group: list[Assigned]) -> Entry:
    first = group[0]
    verb = "follows up" if first.taken else "no longer follows up"
    happened = "\0".join(f"{item.invoice}\0{item.at.astimezone(UTC).isoformat()}" for item in group)
    digest = hashlib.sha256(f"{first.taken}\0{happened}".encode()).hexdigest()[:20]
    return Entry(
        key=f"assigned:{first.person}:{digest}",
        kind=KIND,
        subject=cut(f"{first.name} {verb} {listed((item.number for item in group), 5)}", SUBJECT_LENGTH),
        body=f"{', '.join(item.number for item in group)}{f', chosen by {first.by}' if _chosen(first) else ''}.",
        occurred_at=group[-1].at,
        by=first.by,
        system="Salesforce",
        invoice=first.invoice if len(group) == 1 else None,
    )


def _chosen(change: Assigned) -> bool:
    """Whether somebody else saved it: who takes an invoice need not be told who did so."""
    return change.by is not None and change.by != change.name
