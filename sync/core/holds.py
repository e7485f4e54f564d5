"""Dunning holds: which invoices the billing system should leave alone, and why.

Exactly the open invoices that somebody promised to pay or contests. Nothing is remembered: when the promise is kept,
broken or cancelled, the dispute settled or the invoice closed, the hold is no longer wanted, and that is all there is
to taking it off.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from sync.core.commitments import Commitment, CommitmentStatus, Owed, Standing, covered, precedence
from sync.core.disputes import Dispute, open_by_invoice
from sync.core.words import cut, sum_of

NOTE_LENGTH = 500  # of a metadata value: https://docs.stripe.com/metadata


class HoldState(StrEnum):
    """Where a dunning hold stands, as it reads in Salesforce."""

    NOT_HELD = "Not Held"
    REQUESTED = "Requested"
    HELD = "Held"
    RELEASED = "Released"
    NOT_SUPPORTED = "Not Supported"
    FAILED = "Failed"


# What a person has to know of several comes first: one refusal says more than ten holds that stand.
_FIRST_TOLD = (
    HoldState.FAILED,
    HoldState.NOT_SUPPORTED,
    HoldState.REQUESTED,
    HoldState.HELD,
    HoldState.RELEASED,
    HoldState.NOT_HELD,
)


def wanted_holds(
    commitments: Mapping[str, Commitment],
    standings: Mapping[str, Standing],
    disputes: Iterable[Dispute],
    invoices: Mapping[str, Owed],
) -> dict[str, str]:
    """The invoices to be held, each with the reason in words for the billing system: at most 500 characters."""
    promised = open_by_promise(commitments, standings, invoices)
    disputed = open_by_invoice(disputes, invoices)
    return {key: _note(promised.get(key, []), disputed.get(key, [])) for key in sorted({*promised, *disputed})}


def open_by_promise(
    commitments: Mapping[str, Commitment], standings: Mapping[str, Standing], invoices: Mapping[str, Owed]
) -> dict[str, list[Commitment]]:
    """The open commitments of each invoice on which anything is owed, in the order in which they take money."""
    found: dict[str, list[Commitment]] = {}
    for commitment in sorted(commitments.values(), key=precedence):
        if standings[commitment.id].status is CommitmentStatus.OPEN:
            for owed in covered(commitment, invoices):
                if owed.open:
                    found.setdefault(owed.key, []).append(commitment)
    return found


def _note(promises: Iterable[Commitment], disputes: Iterable[Dispute]) -> str:
    parts = [_promise(commitment) for commitment in promises]
    contested = list(disputes)
    if contested:
        named = ", ".join(dict.fromkeys(dispute.category for dispute in contested if dispute.category))
        parts.append(f"disputed: {named}" if named else "disputed")
    text = "; ".join(parts)
    return cut(text[:1].upper() + text[1:], NOTE_LENGTH)


def _promise(commitment: Commitment) -> str:
    until = f" by {commitment.promised_on.isoformat()}" if commitment.promised_on else ""
    by = f" ({commitment.by})" if commitment.by else ""
    return f"promised {sum_of(commitment.amount, commitment.currency)}{until}{by}"


def state_of(keys: Iterable[str], states: Mapping[str, HoldState]) -> HoldState:
    """The state of a commitment or dispute over these invoices; an invoice of which nothing is known is not held."""
    found = {states.get(key, HoldState.NOT_HELD) for key in keys}
    return next((state for state in _FIRST_TOLD if state in found), HoldState.NOT_HELD)
