"""From rows that people wrote in Salesforce to promises and disputes about invoices of the ledger.

What they named is looked up; what cannot be found or used is said in words on the record itself (`problem`), and the
rest still counts. A commitment that names nothing covers the account's oldest open invoices; that choice is kept until
its owner changes the terms, so that a hold does not wander from invoice to invoice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sync.core.commitments import Commitment, Owed, oldest_open
from sync.core.currency import MissingRateError, OrgMoney
from sync.core.dates import Calendar
from sync.core.disputes import OPEN_STATUSES, Dispute
from sync.core.mapping.salesforce import PromiseTerms, dispute_terms, promise_terms
from sync.db.tables import AnyRow

_MOST = 10**17  # minor units: far beyond any invoice, and room for sums in 64 bits


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment with what its row is written from; `covers_anew`: its invoices were chosen in this look."""

    commitment: Commitment
    named: str
    shown_in: str
    problem: str | None
    covers_anew: bool


@dataclass(frozen=True, slots=True)
class Contest:
    """A dispute with what its row is written from."""

    dispute: Dispute
    currency: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger and the org hold for the reading of terms."""

    invoices: Mapping[str, Owed]
    money: OrgMoney
    calendar: Calendar

    def by_number(self, text: str) -> Owed | None:
        """The invoice of that number, key or provider id."""
        wanted = text.lower()
        for owed in self.invoices.values():
            if wanted in {owed.number.lower(), owed.key.lower(), owed.key.rpartition(":")[2].lower()}:
                return owed
        return None


def promise(row: AnyRow, old: AnyRow | None, covered: Sequence[str], known: Known) -> Promise:
    """A commitment from its row in Salesforce; `old` and `covered`: as it was decided last."""
    terms = promise_terms(row.row)
    covers, problems = _named(terms, known)
    asked = bool(terms.invoice or terms.numbers)
    shown_in = terms.shown_in or known.money.home
    kept = [key for key in covered if key in known.invoices]
    if not asked and old is not None and old.named == terms.named and kept:
        covers = kept
    currency = _currency(covers, terms, known)
    amount = _amount(terms.amount, shown_in, currency, known, problems)
    if not asked and not covers:
        covers = list(oldest_open(amount, currency, known.invoices.values()))
        if not covers:
            problems.append(f"nothing is owed in {currency}: choose the invoice that was promised")
    if terms.odd_amount:
        problems.append("the amount must be more than 0: counted as all that is owed on its invoices")
    if terms.promised_on is None:
        problems.append("give the day on which payment is promised")
    made_at = old.made_at if old is not None else known.calendar.lived(row.created_at)
    commitment = Commitment(
        id=row.id,
        currency=currency,
        amount=amount,
        promised_on=terms.promised_on,
        made_at=made_at,
        made_on=old.made_on if old is not None else known.calendar.on(made_at),
        by=terms.by,
        cancelled=terms.cancelled,
        covers=tuple(covers),
    )
    problems += _foreign(covers, currency, known)
    return Promise(commitment, terms.named, shown_in, _told(problems), list(covered) != list(covers))


def _named(terms: PromiseTerms, known: Known) -> tuple[list[str], list[str]]:
    """The invoices that were named, in order, and what cannot be found."""
    covers: list[str] = []
    problems: list[str] = []
    if terms.invoice is not None:
        if terms.invoice in known.invoices:
            covers.append(terms.invoice)
        else:
            problems.append("its invoice belongs to no billing customer of this account")
    for number in terms.numbers:
        found = known.by_number(number)
        if found is None:
            problems.append(f"no invoice {number} of this account is known: check the number")
        elif found.key not in covers:
            covers.append(found.key)
    return covers, problems


def _currency(covers: Sequence[str], terms: PromiseTerms, known: Known) -> str:
    """That of its first invoice. Without one that in which it was written; where the org knows only one currency, the
    only one in which something is owed.
    """
    if covers:
        return known.invoices[covers[0]].currency
    if known.money.multi:
        return terms.shown_in or known.money.home
    owed_in = {owed.currency for owed in known.invoices.values() if owed.balance > 0}
    return owed_in.pop() if len(owed_in) == 1 else known.money.home


def _amount(written: Decimal | None, shown_in: str, currency: str, known: Known, problems: list[str]) -> int | None:
    if written is None:
        return None
    try:
        amount = known.money.take(written, shown_in, currency)
    except MissingRateError as error:
        problems.append(f"{error}: counted as all that is owed")
        return None
    if amount > _MOST:
        problems.append("no invoice is that large, check the amount: counted as all that is owed")
        return None
    if shown_in != currency and known.money.multi:
        problems.append(f"written in {shown_in}, counted in {currency} at the org's rate")
    return amount


def _foreign(covers: Sequence[str], currency: str, known: Known) -> list[str]:
    other = [known.invoices[key] for key in covers if known.invoices[key].currency != currency]
    return [f"{owed.number} is in {owed.currency}: make a commitment of its own for it" for owed in other]


def contest(row: AnyRow, old: AnyRow | None, known: Known) -> Contest:
    """A dispute from its row in Salesforce; `old`: as it was decided last."""
    terms = dispute_terms(row.row)
    owed = known.invoices.get(terms.invoice) if terms.invoice else None
    problems: list[str] = []
    if owed is None:
        problems.append("choose the invoice that is contested: without one nothing is put on hold")
    currency = owed.currency if owed else None
    shown_in = terms.shown_in or known.money.home
    is_open = terms.status in OPEN_STATUSES
    dispute = Dispute(
        id=row.id,
        invoice=owed.key if owed else None,
        amount=_amount(terms.amount, shown_in, currency, known, problems) if currency else None,
        open=is_open,
        opened_at=old.opened_at if old is not None else known.calendar.lived(row.created_at),
        closed_at=None if is_open else _closed_at(row, old, known),
        by=terms.by,
        category=terms.category,
    )
    return Contest(dispute, currency, _told(problems))


def _closed_at(row: AnyRow, old: AnyRow | None, known: Known) -> datetime:
    if old is not None and old.closed_at is not None:
        return old.closed_at  # type: ignore[no-any-return]
    return known.calendar.lived(row.changed_at)


def _told(problems: Sequence[str]) -> str | None:
    return "; ".join(problems)[:255] or None
