"""What a billing system says, in the words of accounts receivable: one frozen dataclass per kind of provider object.

Keys are `scope:provider_id`, where the scope is the connection, or `connection/account` for a connected account,
so two accounts never collide. Amounts are integer minor units of `currency` (upper case). Fields ending in `_at`
are instants (aware UTC). A fact set is a snapshot: it says everything known of its object, never a change.

`progress` orders snapshots of one object that cannot be told apart by time: the further one wins a tie that
nobody can resolve. `settled` facts do not leave that state without the provider confirming it.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

from sync.core.dates import instant


class InvoiceStatus(StrEnum):
    """Where an invoice stands. Drafts are kept but never shown; a deleted draft leaves a tombstone."""

    DRAFT = "draft"
    OPEN = "open"
    WRITTEN_OFF = "uncollectible"
    PAID = "paid"
    VOID = "void"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Root of all facts; `key` names the object."""

    kind: ClassVar[str]
    key: str

    @property
    def settled(self) -> bool:
        """True when only an explicit reversing fact may change the state."""
        return False

    @property
    def progress(self) -> tuple[int, ...]:
        """Orders two snapshots of the same second: the greater is the later one."""
        return (0,)

    @property
    def gone(self) -> bool:
        """True for a tombstone: nothing can follow it, and there is nothing left to read."""
        return False

    def over(self, old: "Facts | None") -> "Facts":  # noqa: ARG002 - tombstones need it
        """This snapshot laid over the one known before: a tombstone keeps what was known."""
        return self

    def pack(self) -> dict[str, Any]:
        """As a JSON object: instants as epoch seconds."""
        return {item.name: _pack(getattr(self, item.name)) for item in fields(self)}

    @classmethod
    def unpack(cls, stored: dict[str, Any]) -> Self:
        """From what `pack` made; fields added since take their defaults."""
        known = {item.name for item in fields(cls)}
        return cls(**{name: _unpack(name, value) for name, value in stored.items() if name in known})


def _pack(value: Any) -> Any:
    return int(value.timestamp()) if isinstance(value, datetime) else value


def _unpack(name: str, value: Any) -> Any:
    return instant(value) if name.endswith("_at") and value is not None else value


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFacts(Facts):
    """A billing customer. `credits` is unapplied credit by currency (positive: we owe the customer)."""

    kind = "customer"
    name: str | None = None
    email: str | None = None
    credits: dict[str, int]
    metadata: dict[str, str]
    deleted: bool = False
    created_at: datetime | None = None

    def over(self, old: Facts | None) -> Facts:
        if self.deleted and isinstance(old, CustomerFacts):
            return replace(old, deleted=True)
        return self

    @property
    def settled(self) -> bool:
        return self.deleted

    @property
    def gone(self) -> bool:
        return self.deleted

    @property
    def progress(self) -> tuple[int, ...]:
        return (int(self.deleted),)


_INVOICE_ORDER = {
    InvoiceStatus.DRAFT: 0,
    InvoiceStatus.OPEN: 1,
    InvoiceStatus.WRITTEN_OFF: 2,
    InvoiceStatus.PAID: 3,
    InvoiceStatus.VOID: 3,
    InvoiceStatus.DELETED: 4,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts(Facts):
    """An invoice, posted or draft. `remaining` is the provider's own figure of what is still owed."""

    kind = "invoice"
    customer: str
    currency: str
    status: str
    number: str | None = None
    subtotal: int
    tax: int
    discount: int
    total: int
    due: int
    paid: int
    remaining: int
    overpaid: int = 0
    credited: int = 0
    credited_after_payment: int = 0
    payment: str | None = None  # the payment that settled it, where the shape names one (before Basil)
    paid_out_of_band: bool = False
    subscription: str | None = None
    collection: str | None = None
    auto_advance: bool | None = None
    hold_note: str | None = None  # ours, in the provider's metadata, while our dunning hold stands
    pay_url: str | None = None
    pdf_url: str | None = None
    created_at: datetime
    issued_at: datetime | None = None
    due_at: datetime | None = None
    paid_at: datetime | None = None
    voided_at: datetime | None = None
    written_off_at: datetime | None = None
    next_attempt_at: datetime | None = None
    attempts: int = 0

    @property
    def settled(self) -> bool:
        return self.status in {InvoiceStatus.PAID, InvoiceStatus.VOID, InvoiceStatus.DELETED}

    @property
    def gone(self) -> bool:
        return self.status == InvoiceStatus.DELETED

    @property
    def progress(self) -> tuple[int, ...]:
        return (_INVOICE_ORDER[InvoiceStatus(self.status)], -self.remaining)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeFacts(Facts):
    """Money taken from a customer. `payment` is the payment it belongs to: its intent, or itself."""

    kind = "charge"
    payment: str
    customer: str | None
    currency: str
    status: str  # succeeded, pending, failed
    amount: int
    captured: int
    refunded: int
    invoice: str | None = None  # named by the charge itself only before Basil
    method: str | None = None
    created_at: datetime

    @property
    def progress(self) -> tuple[int, ...]:
        return ({"pending": 0, "failed": 1, "succeeded": 2}[self.status], self.captured, self.refunded)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaymentFacts(Facts):
    """How much of one payment went to one invoice."""

    kind = "invoice_payment"
    invoice: str
    payment: str | None
    payment_source: str | None = None  # the kind under which that payment can be fetched; intents cannot
    currency: str
    status: str  # open, paid, canceled
    amount: int
    paid_at: datetime | None = None
    created_at: datetime

    @property
    def settled(self) -> bool:
        return self.status == "paid"

    @property
    def progress(self) -> tuple[int, ...]:
        return ({"open": 0, "canceled": 1, "paid": 2}[self.status],)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts(Facts):
    """Money given back. `payment` is its payment where the refund names the intent, `charge` the charge."""

    kind = "refund"
    payment: str | None
    charge: str | None
    currency: str
    status: str  # pending, requires_action, succeeded, failed, canceled
    amount: int
    reason: str | None = None
    created_at: datetime

    @property
    def progress(self) -> tuple[int, ...]:
        order = {"pending": 0, "requires_action": 0, "succeeded": 1, "canceled": 2, "failed": 2}
        return (order[self.status],)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteFacts(Facts):
    """A credit note against an invoice; before payment it lowers what is owed, after it is refunded or credited."""

    kind = "credit_note"
    invoice: str
    customer: str
    currency: str
    status: str  # issued, void
    amount: int
    number: str | None = None
    before_payment: bool
    reason: str | None = None
    created_at: datetime
    voided_at: datetime | None = None

    @property
    def settled(self) -> bool:
        return self.status == "void"

    @property
    def progress(self) -> tuple[int, ...]:
        return (int(self.status == "void"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackFacts(Facts):
    """The card network's dispute of a charge (a *dispute* here is something else: see DESIGN's words)."""

    kind = "chargeback"
    payment: str | None
    charge: str | None
    currency: str
    status: str
    amount: int
    reason: str | None = None
    created_at: datetime

    @property
    def lost(self) -> bool:
        """True when the money is gone for good."""
        return self.status == "lost"

    @property
    def settled(self) -> bool:
        return self.status in {"won", "lost", "warning_closed", "prevented", "charge_refunded"}

    @property
    def progress(self) -> tuple[int, ...]:
        return (2 if self.settled else int(self.status.endswith("under_review")),)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditEntryFacts(Facts):
    """One entry of a customer's credit balance; never changes. `balance` is the unapplied credit after it."""

    kind = "credit_entry"
    customer: str
    currency: str
    amount: int
    balance: int
    reason: str
    created_at: datetime


KINDS: dict[str, type[Facts]] = {
    item.kind: item
    for item in (
        CustomerFacts,
        InvoiceFacts,
        ChargeFacts,
        InvoicePaymentFacts,
        RefundFacts,
        CreditNoteFacts,
        ChargebackFacts,
        CreditEntryFacts,
    )
}


def unpack(kind: str, stored: dict[str, Any]) -> Facts:
    """Facts of a kind from their stored JSON."""
    return KINDS[kind].unpack(stored)
