"""Rows that people make in Salesforce, as values: what they promised, contest, noted and did.

Only fields that are theirs are read for meaning (DESIGN section 4); those of ours are read to see whether somebody
changed them. What cannot be used as written is said in words, in the record's own problem field, and never guessed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sync.core.timeline import Entry

Fields = Mapping[str, Any]

CONTACT_KINDS = frozenset({"Call", "Email"})  # somebody spoke with the customer
OURS = {
    "commitment": frozenset(
        {"Status__c", "Kept_Amount__c", "Kept_On__c", "Currency__c", "Covers__c", "Problem__c", "Hold_State__c"}
    ),
    "dispute": frozenset(
        {"SLA_Due_At__c", "SLA_Breached__c", "Closed_On__c", "Currency__c", "Problem__c", "Hold_State__c"}
    ),
}
_SEPARATORS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseTerms:
    """A commitment as its owner wrote it: `amount` in major units of `shown_in` (empty in an org of one currency).

    `odd_amount`: an amount was written that nobody can promise; it is read as none.
    """

    amount: Decimal | None
    odd_amount: bool
    shown_in: str | None
    promised_on: date | None
    cancelled: bool
    invoice: str | None
    numbers: tuple[str, ...]
    by: str | None

    @property
    def named(self) -> str:
        """What decides which invoices it covers; where this changes they are chosen anew."""
        return f"{self.invoice or ''}|{','.join(self.numbers)}|{self.amount}|{self.shown_in}"


def promise_terms(fields: Fields) -> PromiseTerms:
    """The terms of an `AR_Commitment__c`."""
    amount = _decimal(fields.get("Amount__c"))
    return PromiseTerms(
        amount=amount if amount is not None and amount > 0 else None,
        odd_amount=amount is not None and amount <= 0,
        shown_in=_text(fields, "CurrencyIsoCode"),
        promised_on=_day(fields.get("Promised_On__c")),
        cancelled=fields.get("Cancelled__c") is True,
        invoice=_text(fields, "Invoice__r.Key__c"),
        numbers=tuple(part for part in _SEPARATORS.split(_text(fields, "Invoices__c") or "") if part),
        by=_text(fields, "CreatedBy.Name"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeTerms:
    """A dispute as its owner wrote it."""

    amount: Decimal | None
    shown_in: str | None
    invoice: str | None
    status: str
    category: str | None
    by: str | None


def dispute_terms(fields: Fields) -> DisputeTerms:
    """The terms of an `AR_Dispute__c`."""
    amount = _decimal(fields.get("Disputed_Amount__c"))
    return DisputeTerms(
        amount=amount if amount is not None and amount > 0 else None,
        shown_in=_text(fields, "CurrencyIsoCode"),
        invoice=_text(fields, "Invoice__r.Key__c"),
        status=_text(fields, "Status__c") or "New",
        category=_text(fields, "Category__c"),
        by=_text(fields, "CreatedBy.Name"),
    )


def activity_entry(record_id: str, fields: Fields, created_at: datetime) -> Entry:
    """The timeline entry of an `AR_Activity__c` that somebody made."""
    kind = _text(fields, "Kind__c") or "Note"
    body = _text(fields, "Body__c")
    escalated = ", ".join(filter(None, (_text(fields, name) for name in ("Escalated_To__r.Name", "Escalated_Team__c"))))
    subject = _text(fields, "Subject__c") or (f"Escalated to {escalated}" if escalated else None) or body or kind
    return Entry(
        key=record_id,
        kind=kind,
        subject=subject[:255],
        body=body,
        occurred_at=moment(fields.get("Occurred_At__c")) or created_at,
        by=_text(fields, "By__c") or _text(fields, "CreatedBy.Name"),
        system=_text(fields, "System__c") or "Salesforce",
        invoice=_text(fields, "Invoice__r.Key__c"),
        commitment=_text(fields, "Commitment__c"),
        dispute=_text(fields, "Dispute__c"),
    )


def task_entry(record_id: str, fields: Fields, created_at: datetime, changed_by: str | None) -> Entry:
    """The timeline entry of a Task: a call or an email that was logged, or something to do."""
    kind = task_kind(fields)
    done_at = moment(fields.get("CompletedDateTime"))
    closed = fields.get("IsClosed") is True
    verb = f"{_text(fields, 'Status')}: " if kind == "Task" else ""
    return Entry(
        key=record_id,
        kind=kind,
        subject=f"{verb}{_text(fields, 'Subject') or kind}"[:255],
        body=_text(fields, "Description"),
        occurred_at=(done_at if closed else None) or created_at,
        by=(changed_by if closed else None) or _text(fields, "Owner.Name") or _text(fields, "CreatedBy.Name"),
        system="Salesforce",
    )


def task_kind(fields: Fields) -> str:
    """Call, Email or Task."""
    told = _text(fields, "TaskSubtype")
    return told if told in CONTACT_KINDS else "Task"


def is_contact(entry_kind: str, fields: Fields) -> bool:
    """Whether the record says that somebody spoke with the customer. A call that is still to be made does not."""
    if entry_kind not in CONTACT_KINDS:
        return False
    return fields.get("IsClosed") is not False


def without(fields: Fields, names: Iterable[str]) -> dict[str, Any]:
    """The fields less some."""
    left_out = set(names)
    return {name: value for name, value in fields.items() if name not in left_out}


def moment(value: Any) -> datetime | None:
    """An instant as Salesforce's JSON writes it: 2026-03-10T12:00:00.000+0000."""
    return None if not value else datetime.fromisoformat(str(value)).astimezone(UTC)


def same_value(said: Any, told: Any) -> bool:
    """Whether a field holds what we said: `told` is Salesforce's JSON value of it."""
    if said is None or said == "":
        return told is None or told == ""
    if isinstance(said, bool) or told is None:
        return (told or False) is said or (isinstance(said, str) and not said.strip())
    try:
        if isinstance(said, Decimal | int | float):
            return _decimal(told) == said
        if isinstance(said, datetime):
            return _second(datetime.fromisoformat(str(told))) == _second(said)
    except (InvalidOperation, ValueError):
        return False  # finance may have mapped a figure to a field of another type
    if isinstance(said, date):
        return str(told)[:10] == said.isoformat()
    return _lines(said) == _lines(told)


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _lines(value: Any) -> str:
    """Text without what Salesforce does not keep: space around it, and the way in which its lines end."""
    return "\n".join(line.rstrip() for line in str(value).strip().splitlines())


def _text(fields: Fields, name: str) -> str | None:
    value = fields.get(name)
    return str(value).strip() or None if value is not None else None


def _decimal(value: Any) -> Decimal | None:
    return None if value is None or value == "" else Decimal(str(value))


def _day(value: Any) -> date | None:
    return None if not value else date.fromisoformat(str(value)[:10])
