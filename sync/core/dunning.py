"""Dunning as the billing system does it by itself: an invoice e-mailed, an automatic charge that failed.

Sales has to know that the customer heard from us yesterday. Only what reached the customer, or tried to take their
money, counts: that an invoice became overdue is no contact, and Dueline knows it without being told.

Each happening is a timeline entry of its own. Its key is made of what happened and when, not of the event that told
it, so that an event sent again, or two events of one happening, make one entry.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sync.core.dates import Calendar
from sync.core.money import Money
from sync.core.timeline import SUBJECT_LENGTH, Entry
from sync.core.words import cut, day

KIND = "Dunning"  # of AR_Activity__c.Kind__c


class Happening(StrEnum):
    """What the billing system did."""

    SENT = "sent"  # the invoice was e-mailed to the customer
    FAILED = "failed"  # taking the money failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Dunning:
    """One happening. `remaining`: minor units that were owed then. `to`: where it was e-mailed, if that is known.

    `automatic`: the billing system charged by itself, else the customer tried to pay; `attempt`: the how manieth time,
    `next_at`: when it tries again by itself.
    """

    what: Happening
    invoice: str
    customer: str
    currency: str
    remaining: int
    at: datetime
    number: str | None = None
    to: str | None = None
    due_at: datetime | None = None
    automatic: bool = False
    attempt: int = 0
    next_at: datetime | None = None


def dunning_entry(happened: Dunning, system: str, calendar: Calendar) -> Entry:
    """The timeline entry; `system`: the billing system's name as people know it."""
    tell = _sent if happened.what is Happening.SENT else _failed
    subject, body = tell(happened, system, calendar)
    return Entry(
        key=f"dunning:{happened.invoice}:{happened.what}:{int(happened.at.timestamp())}",
        kind=KIND,
        subject=cut(subject, SUBJECT_LENGTH),
        body=body,
        occurred_at=happened.at,
        by=None,
        system=system,
        invoice=happened.invoice,
        amount=happened.remaining or None,
        currency=happened.currency,
    )


def _sent(happened: Dunning, system: str, calendar: Calendar) -> tuple[str, str]:
    """Reminder: INV-1 e-mailed to ap@acme.example. A mail after the due date reminds, whatever it is called there."""
    due_at, owed = happened.due_at, happened.remaining > 0
    late = owed and due_at is not None and calendar.on(due_at) < calendar.on(happened.at)
    to = happened.to or "the customer"
    told = [f"{system} sent it to {to}."]
    if due_at is not None and owed:
        told.append(f"It {'was' if late else 'is'} due on {day(calendar.on(due_at))}, {_open(happened)}.")
    return f"{'Reminder: ' if late else ''}{_number(happened)} e-mailed to {to}", " ".join(told)


def _failed(happened: Dunning, system: str, calendar: Calendar) -> tuple[str, str]:
    """Automatic charge for INV-1 failed: USD 500.00 open."""
    if not happened.automatic:
        told = f"The customer tried to pay in {system}, and the payment was refused."
        return f"Payment of {_number(happened)} failed: {_open(happened)}", told
    attempt = f"Attempt {happened.attempt}. " if happened.attempt else ""
    again = f"tries again on {day(calendar.on(happened.next_at))}" if happened.next_at else "does not try again"
    return (
        f"Automatic charge for {_number(happened)} failed: {_open(happened)}",
        f"{attempt}{system} {again} by itself.",
    )


def _number(happened: Dunning) -> str:
    return cut(happened.number or happened.invoice.rpartition(":")[2], 100)


def _open(happened: Dunning) -> str:
    return f"{Money(happened.remaining, happened.currency)} open"
