"""What follow-ups say: the subject, what to do and why, and the reason for which one is closed.

A description is written once, when the task is made; subjects are kept up to date, so they hold nothing that changes
with the passing of days.
"""

from collections.abc import Sequence
from datetime import date

from sync.core.commitments import Commitment, Owed, Standing
from sync.core.disputes import Dispute
from sync.core.facts import InvoiceStatus
from sync.core.words import cut, day, listed, sum_of

SUBJECT_LENGTH = 255  # of Task.Subject
OUTCOME_LENGTH = 255  # of Activity.AR_Outcome__c

INVOICE_GONE = "The invoice is no longer on this account."
DUE_DATE_GONE = "The invoice has no due date any more."
PROMISE_GONE = "The commitment was deleted."
PROMISE_CANCELLED = "The commitment was cancelled."
PROMISE_CHANGED = "The promise was changed."
NEWER_TASK = "A promise was broken since: see the newer task."

_HOW = (
    "If they name a day, add an AR Commitment with the amount and the date; if they contest it, add an AR Dispute. "
    "Either stops the reminders of the billing system and closes this task. It also closes by itself when nothing is "
    "owed any more."
)


def due_subject(owed: Owed | None, missed_on: date, *, asks: bool) -> str:
    """INV-0042 was due on 12 Mar 2026: USD 1,200.00 open."""
    if owed is None:
        return f"An invoice was due on {day(missed_on)}"
    end = f" was due on {day(missed_on)}" + (f": {_balance([owed])} open" if asks else "")
    return cut(owed.number, SUBJECT_LENGTH - len(end)) + end


def due_description(owed: Owed, missed_on: date) -> str:
    """Why an invoice is to be chased, and how."""
    came_in = sum(part.amount for part in owed.received)
    so_far = f" {sum_of(came_in, owed.currency)} came in so far." if came_in else ""
    return (
        f"Invoice {owed.number} over {sum_of(owed.total, owed.currency)} was due on {day(missed_on)}, and "
        f"{_balance([owed])} of it is still open.{so_far}\n\n"
        f"Ask the customer when it will be paid, and log what they say as a call or a note. {_HOW}"
    )


def broken_subject(commitment: Commitment | None, missed_on: date, asked: Sequence[Owed]) -> str:
    """Promise of USD 500.00 by 12 Mar 2026 not kept: INV-1, INV-2, USD 300.00 open."""
    if commitment is None or not asked:
        return f"Promise to pay by {day(missed_on)} not kept"
    start = f"Promise of {sum_of(commitment.amount, commitment.currency)} by {day(missed_on)} not kept: "
    end = f", {_balance(asked)} open"
    return start + cut(listed((owed.number for owed in asked), 3), SUBJECT_LENGTH - len(start) - len(end)) + end


def broken_description(commitment: Commitment, standing: Standing, asked: Sequence[Owed], missed_on: date) -> str:
    """Which promise was not kept, and what to do about it."""
    numbers = listed((f"{owed.number} ({_balance([owed])})" for owed in asked), 20)
    came_in = sum_of(standing.kept, commitment.currency) if standing.kept else "nothing"
    return (
        f"{commitment.by or 'The owner'} wrote down on {day(commitment.made_on)} that the customer would pay "
        f"{sum_of(commitment.amount, commitment.currency)} by {day(missed_on)}. Of that {came_in} came in by then. "
        f"Still open: {numbers}.\n\n"
        "The billing system sends its reminders again. Call the customer, ask what went wrong, and log what they say; "
        f"if this is not the first time, add an escalation. {_HOW}"
    )


def closed(invoices: Sequence[Owed]) -> str:
    """Why nothing is owed on any of these invoices."""
    statuses = {owed.status for owed in invoices}
    if InvoiceStatus.PAID in statuses:
        days = [owed.paid_on for owed in invoices if owed.status == InvoiceStatus.PAID]
        known = [on for on in days if on is not None]
        return f"Paid on {day(max(known))}." if known else "Paid."
    if InvoiceStatus.WRITTEN_OFF in statuses:
        return "Written off."
    if statuses and statuses <= {InvoiceStatus.VOID, InvoiceStatus.DELETED}:
        return "Void: nothing is owed any more."
    return "Nothing is owed any more."


def due_date_moved(due_on: date) -> str:
    """Another due date takes its place."""
    return f"Due date moved to {day(due_on)}."


def time_until(last: date) -> str:
    """The date is not missed: there are days of grace, or more of them than there were."""
    return f"There is time until {day(last)}."


def kept(standing: Standing) -> str:
    """The promise was kept after all."""
    return f"The promise was kept on {day(standing.kept_on)}." if standing.kept_on else "The promise was kept."


def promised(commitment: Commitment) -> str:
    """Promised: USD 500.00 by 12 Mar 2026 (Dana Cole)."""
    until = f" by {day(commitment.promised_on)}" if commitment.promised_on else ""
    by = f" ({commitment.by})" if commitment.by else ""
    start = f"Promised: {sum_of(commitment.amount, commitment.currency)}{until}"
    return f"{start}{cut(by, OUTCOME_LENGTH - len(start) - 1)}."


def disputed(disputes: Sequence[Dispute]) -> str:
    """Disputed: Pricing."""
    named = ", ".join(dict.fromkeys(dispute.category for dispute in disputes if dispute.category))
    return cut(f"Disputed: {named}." if named else "Disputed.", OUTCOME_LENGTH)


def _balance(invoices: Sequence[Owed]) -> str:
    """What is open on invoices of one currency."""
    return sum_of(sum(owed.balance for owed in invoices), invoices[0].currency)
