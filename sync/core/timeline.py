"""The timeline entries that we make ourselves, in words: what payments and days decided, and what we put back.

Every entry has a key made of what happened, so that repeating a step makes no second entry. Where the same thing can
happen twice (a hold put again, a field changed again) the instant of the happening is part of the key: callers hand in
the instant that is stored with the change, never "now" of a repeated attempt.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sync.core.commitments import Commitment, CommitmentStatus, Owed, Standing
from sync.core.holds import HoldState
from sync.core.words import counted, cut, day, listed, sum_of

SYSTEM = "Dueline"
SUBJECT_LENGTH = 255  # of AR_Activity__c.Subject__c; its Key__c has the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of an account's timeline.

    `kind`: a value of AR_Activity__c.Kind__c. `subject`: at most 255 characters. `by`: a person's name; None where
    nobody did it. `system`: where it was done. `invoice`: its key; `commitment`, `dispute`: Salesforce ids; `amount`:
    minor units of `currency`.
    """

    key: str
    kind: str
    subject: str
    body: str | None
    occurred_at: datetime
    by: str | None
    system: str
    invoice: str | None = None
    commitment: str | None = None
    dispute: str | None = None
    amount: int | None = None
    currency: str | None = None


_SETTLED = {
    CommitmentStatus.KEPT: "kept",
    CommitmentStatus.PARTLY_KEPT: "partly kept",
    CommitmentStatus.BROKEN: "broken",
    CommitmentStatus.CANCELLED: "cancelled",
    CommitmentStatus.OPEN: "open again",
}


def commitment_settled(
    account: str,  # noqa: ARG001 - names whose timeline it is; a key with it would change when accounts are merged
    commitment: Commitment,
    before: CommitmentStatus | None,
    standing: Standing,
    numbers: Sequence[str],
    at: datetime,
) -> Entry | None:
    """A commitment was kept, partly kept, broken or cancelled, or is open again; None where its status is the same.

    `before`: its status so far, None for a new one (a new one that is open is no news). `numbers`: of its invoices.
    Of a cancellation by its owner `commitment_changed` tells, with the name of who did it.
    """
    status = standing.status
    if status is (before or CommitmentStatus.OPEN) or (commitment.cancelled and before is not None):
        return None
    promised_on = commitment.promised_on.isoformat() if commitment.promised_on else "no date"
    return Entry(
        key=f"commitment:{commitment.id}:{status}:{promised_on}",
        kind="Commitment",
        subject=cut(f"Commitment {_SETTLED[status]}: {_promise(commitment)}", SUBJECT_LENGTH),
        body=_outcome(commitment, standing, numbers),
        occurred_at=at,
        by=None,
        system=SYSTEM,
        commitment=commitment.id,
        amount=commitment.amount if commitment.amount is not None else standing.kept or None,
        currency=commitment.currency,
    )


def _promise(commitment: Commitment) -> str:
    return f"{sum_of(commitment.amount, commitment.currency)}{_until(commitment.promised_on)}"


def _until(on: date | None) -> str:
    return f" by {day(on)}" if on else ", without a date"


def _outcome(commitment: Commitment, standing: Standing, numbers: Sequence[str]) -> str:
    """What it was counted against, and what came in."""
    about = f"Counted against {listed(numbers, 20)}." if numbers else "It covers no invoice."
    came_in = f"{sum_of(standing.kept, commitment.currency)} came in for it." if standing.kept else "Nothing came in."
    match standing.status:
        case CommitmentStatus.KEPT if standing.kept_on:
            paid_anyway = "" if standing.kept == commitment.amount else " Nothing is owed on its invoices any more."
            return f"{about} Kept on {day(standing.kept_on)}: {came_in}{paid_anyway}"
        case CommitmentStatus.CANCELLED if not commitment.cancelled:
            return f"{about} All of it is void. {came_in}"
        case _:
            return f"{about} {came_in}"


def commitment_changed(before: Commitment, after: Commitment, by: str | None, at: datetime) -> Entry | None:
    """A commitment was edited by `by` at `at` (Salesforce's time of the change); None where nothing we tell changed."""
    changes = _changes(before, after)
    if not changes:
        return None
    return Entry(
        key=_key("commitment-changed", after.id, *changes, _stamp(at)),
        kind="Commitment",
        subject=cut(f"Commitment changed: {'; '.join(changes)}", SUBJECT_LENGTH),
        body=f"{by or 'Somebody'} changed it. It reads now: {_promise(after)}{', cancelled' * after.cancelled}.",
        occurred_at=at,
        by=by,
        system="Salesforce",
        commitment=after.id,
        amount=after.amount,
        currency=after.currency,
    )


def _changes(before: Commitment, after: Commitment) -> list[str]:
    changes = []
    amounts = sum_of(before.amount, before.currency), sum_of(after.amount, after.currency)
    if amounts[0] != amounts[1]:
        changes.append(f"{amounts[0]} is now {amounts[1]}")
    if before.promised_on != after.promised_on:
        days = [day(on) if on else "no date" for on in (before.promised_on, after.promised_on)]
        changes.append(f"{days[0]} is now {days[1]}")
    if before.cancelled != after.cancelled:
        changes.append("cancelled" if after.cancelled else "no longer cancelled")
    return changes


def hold_changed(
    invoice_key: str,
    number: str,
    state_before: HoldState | None,
    state_after: HoldState,
    note: str | None,
    at: datetime,
) -> Entry | None:
    """A dunning hold was put, taken off or refused; None for the steps between. `note`: why, or what was answered.

    `at`: the instant that is stored with the new state. The same refusal is told once per invoice, however often it is
    tried again.
    """
    told = {
        HoldState.HELD: f"Dunning hold put on {number}",
        HoldState.RELEASED: f"Dunning hold taken off {number}",
        HoldState.FAILED: f"Dunning hold on {number} was refused",
        HoldState.NOT_SUPPORTED: f"{number} cannot be held by its billing system",
    }
    never_held = {None, HoldState.NOT_HELD}
    if state_after not in told or state_before is state_after:
        return None
    if state_after is HoldState.RELEASED and state_before in never_held:
        return None
    refused = state_after in {HoldState.FAILED, HoldState.NOT_SUPPORTED}
    return Entry(
        key=_key("hold", invoice_key, state_after, note or "" if refused else _stamp(at)),
        kind="Hold",
        subject=cut(told[state_after], SUBJECT_LENGTH),
        body=note,
        occurred_at=at,
        by=None,
        system=SYSTEM,
        invoice=invoice_key,
    )


def put_back(what: str, record_key: str, changes: Mapping[str, tuple[Any, Any]], by: str | None, at: datetime) -> Entry:
    """Fields that are ours were changed by `by` at `at` (Salesforce's time of the change), and we wrote them again.

    `what`: the record as people know it, such as an invoice number. `changes`: by the field's label, what we had
    written and what it was changed to.
    """
    told = [f"{label} from {_value(ours)} to {_value(theirs)}" for label, (ours, theirs) in sorted(changes.items())]
    again = "Dueline put it back." if len(told) == 1 else "Dueline put them back."
    return Entry(
        key=_key("put-back", record_key, *told, _stamp(at)),
        kind="Note",
        subject=cut(f"{what}: {by or 'Somebody'} changed {listed(sorted(changes), 5)}", SUBJECT_LENGTH),
        body=f"{by or 'Somebody'} changed {', '.join(told)}; {again}",
        occurred_at=at,
        by=by,
        system=SYSTEM,
    )


def _value(value: Any) -> str:
    match value:
        case None | "":
            return "empty"
        case bool():
            return "checked" if value else "unchecked"
        case Decimal():
            return f"{value:,}"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        case date():
            return day(value)
        case _:
            return cut(str(value), 200)


def written_off(invoice: Owed, at: datetime) -> Entry:
    """An invoice was given up in the billing system."""
    lost = invoice.written_off or None
    amount = f": {sum_of(lost, invoice.currency)}" if lost else ""
    return Entry(
        key=_key("written-off", invoice.key),
        kind="Write-Off",
        subject=f"{cut(invoice.number, SUBJECT_LENGTH - 60)} written off{amount}",
        body=f"Of {sum_of(invoice.total, invoice.currency)} nothing more is expected.",
        occurred_at=at,
        by=None,
        system=SYSTEM,
        invoice=invoice.key,
        amount=lost,
        currency=invoice.currency,
    )


def milestone(invoice: Owed, days: int, at: datetime) -> Entry:
    """An open invoice is so many days past due. Told once for each due date that it has had."""
    still = sum_of(invoice.balance, invoice.currency)
    late = counted(days, "day")
    due_on = invoice.due_on.isoformat() if invoice.due_on else ""
    return Entry(
        key=f"milestone:{invoice.key}:{days}:{due_on}",
        kind="Note",
        subject=f"{cut(invoice.number, SUBJECT_LENGTH - 80)} is {late} past due, {still} open",
        body=f"It was due on {day(invoice.due_on)}." if invoice.due_on else None,
        occurred_at=at,
        by=None,
        system=SYSTEM,
        invoice=invoice.key,
        amount=invoice.balance,
        currency=invoice.currency,
    )


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _key(kind: str, name: str, *happened: str) -> str:
    """kind:name:digest of what happened; names of records are far shorter than the 255 characters of a key."""
    digest = hashlib.sha256("\0".join(happened).encode()).hexdigest()[:20]
    return f"{kind}:{name}:{digest}" if happened else f"{kind}:{name}"
