"""From changed facts to ledger rows, sums and wishes to write: the middle of the journey, inside one transaction."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

from sqlalchemy import Connection

from sync.core.budget import Priority
from sync.core.convergence import Known
from sync.core.dates import Calendar
from sync.core.facts import (
    ChargebackFacts,
    ChargeFacts,
    CreditEntryFacts,
    CustomerFacts,
    InvoiceFacts,
    InvoicePaymentFacts,
    RefundFacts,
)
from sync.core.ledger import (
    Postings,
    Unit,
    derive_invoice,
    derive_payment,
    difference,
    payment_unit,
    post_invoice,
    post_payment,
)
from sync.core.linking import LinkSource, named_in_metadata
from sync.db import ledger, links, objects, records
from sync.db.objects import Asker
from sync.db.records import Mark
from sync.db.tables import AnyRow


@dataclass(frozen=True, slots=True)
class Posting:
    """Where postings happen: the company's calendar, and what is known of the event's scope."""

    calendar: Calendar
    today: date
    scope: str
    provider: str
    metadata_key: str
    asker: Asker

    @property
    def connection(self) -> str:
        """The connection that the scope belongs to."""
        return self.scope.partition("/")[0]


@dataclass(slots=True)
class _Changes:
    """What a posting changes beyond its own rows, by (customer, currency), and the records it wants written.

    Both are shared with the postings of others, so they are written last, when every unit is locked, and in one order
    for all: that way no two postings wait in a ring.
    """

    sums: dict[tuple[str, str], Counter[tuple[date, str]]] = field(default_factory=lambda: defaultdict(Counter))
    marks: set[Mark] = field(default_factory=set)

    def move(self, customer: str, currency: str, old: Postings, new: Postings) -> None:
        """A row's postings of that customer have changed."""
        for slot, amount in difference(old, new).items():
            self.sums[customer, currency][slot] += amount

    def write(self, conn: Connection, asker: Asker) -> None:
        """Move the sums and have the records written."""
        for (customer, currency), changes in sorted(self.sums.items()):
            ledger.add_sums(conn, customer, currency, {slot: amount for slot, amount in changes.items() if amount})
        records.mark(conn, self.marks, asker)


def post(conn: Connection, units: Iterable[Unit], context: Posting) -> None:
    """Derive these ledger rows again, move the sums, and have what changed written to Salesforce."""
    changes = _Changes()
    first = {unit for unit in units if unit.kind == "invoice"}
    rest = set(units) - first
    ledger.lock_units(conn, first)
    for unit in sorted(first):
        rest |= _post_invoice(conn, unit.key, context, changes)
    ledger.lock_units(conn, rest)
    for unit in sorted(rest):
        if unit.kind == "payment":
            _post_payment(conn, unit.key, context, changes)
        else:
            _post_customer(conn, unit.key, context, changes)
    changes.write(conn, context.asker)


def _post_invoice(conn: Connection, key: str, context: Posting, changes: _Changes) -> set[Unit]:
    """One invoice. Returns the payments whose standing its allocations change."""
    state = objects.one(conn, key)
    if state is None or state.facts is None:
        return set()
    facts = cast("InvoiceFacts", state.facts)
    parts = cast("list[InvoicePaymentFacts]", objects.of_invoice(conn, key, InvoicePaymentFacts.kind))
    before, had = ledger.old_invoice(conn, key), ledger.old_allocations(conn, key)
    row, allocations = derive_invoice(facts, parts, context.calendar, context.today)
    postings = post_invoice(facts, row, allocations, context.calendar)
    old = ledger.postings_of(before)
    if before is not None and (before.customer, before.currency) != (row.customer, row.currency):
        changes.move(before.customer, before.currency, old, {})
        old = {}
    ledger.put_invoice(conn, row, postings)
    paid_by: set[Unit] = set()
    if list(allocations) != had:
        ledger.put_allocations(conn, row, allocations, had=len(had))
        paid_by = {payment_unit(item.payment) for item in (*had, *allocations) if item.payment}
    changes.move(row.customer, row.currency, old, postings)
    if row.posted:
        changes.marks |= _marks(conn, row.customer, row.currency, [("invoice", key)], context)
    return paid_by


def _post_payment(conn: Connection, key: str, context: Posting, changes: _Changes) -> None:
    """One payment, under whichever of its names it was called."""
    alias = objects.one(conn, key)
    if alias is not None and isinstance(alias.facts, ChargeFacts) and alias.facts.payment != key:
        ledger.lock_units(conn, {payment_unit(alias.facts.payment)})
        key = alias.facts.payment
    charges = cast("list[ChargeFacts]", objects.of_payment(conn, key, ChargeFacts.kind))
    names = [key, *(charge.key for charge in charges if charge.key != key)]
    refunds = cast("list[RefundFacts]", _of_payment(conn, key, names, RefundFacts.kind))
    chargebacks = cast("list[ChargebackFacts]", _of_payment(conn, key, names, ChargebackFacts.kind))
    row = derive_payment(key, charges, refunds, chargebacks, ledger.payers(conn, names))
    if row is None:
        return
    postings = post_payment(row, charges, refunds, chargebacks, context.calendar)
    before = ledger.old_payment(conn, key)
    ledger.put_payment(conn, row, postings)
    if before is not None and before.customer and (before.customer, before.currency) != (row.customer, row.currency):
        changes.move(before.customer, before.currency, ledger.postings_of(before), {})
        before = None
    if row.customer is None:
        return
    changes.move(row.customer, row.currency, ledger.postings_of(before), postings)
    ours = [("payment", key), *(("refund", refund.key) for refund in refunds)] if row.receivable else []
    changes.marks |= _marks(conn, row.customer, row.currency, ours, context)


def _of_payment(conn: Connection, key: str, names: list[str], kind: str) -> list[object]:
    found = {facts.key: facts for facts in objects.of_payment(conn, key, kind)}
    found |= {facts.key: facts for facts in objects.of_charges(conn, names, kind)}
    return [found[name] for name in sorted(found)]


def _post_customer(conn: Connection, key: str, context: Posting, changes: _Changes) -> None:
    """One customer: who it is, its link where the metadata names one, its unapplied credit."""
    row = ledger.know_customer(conn, key, context.connection, context.provider, to_change=True)
    state = objects.one(conn, key) or Known()
    facts = state.facts if isinstance(state.facts, CustomerFacts) else None
    if facts is not None:
        ledger.put_customer(conn, facts)
    before = set(ledger.currencies(conn, key))
    ledger.put_credits(conn, key, _credits(conn, key, state, facts))
    if facts and row.link_source != LinkSource.PERSON:
        changes.marks |= _follow_metadata(conn, row, facts, context)
    for currency in sorted(before | set(ledger.currencies(conn, key))):
        changes.marks |= _marks(conn, key, currency, [], context)


def _follow_metadata(conn: Connection, row: AnyRow, facts: CustomerFacts, context: Posting) -> set[Mark]:
    """Link the customer to the account that its metadata names, or say why that cannot be."""
    told, named = facts.metadata.get(context.metadata_key), named_in_metadata(facts, context.metadata_key)
    followed = row.link_source == LinkSource.MERGE and named is not None and links.is_gone(conn, named)
    if named and row.account != named and not followed:
        return relink(conn, row.key, named, LinkSource.METADATA)
    if told and named is None and row.account is None:
        problem = f"metadata {context.metadata_key} is not an account id: {told!r}"
        links.set_link(conn, row.key, None, None, problem)
    return set()


def _credits(conn: Connection, key: str, state: Known, facts: CustomerFacts | None) -> dict[str, int]:
    """The provider's figure, moved on by credit entries that are later than it."""
    entries = cast("list[CreditEntryFacts]", objects.credit_entries(conn, key, state.stamp))
    found = dict(facts.credits) if facts else {}
    for entry in sorted(entries, key=lambda entry: (entry.created_at, entry.key)):
        found[entry.currency] = entry.balance
    return {currency: amount for currency, amount in found.items() if amount}


def _marks(
    conn: Connection, customer: str, currency: str, rows: Iterable[tuple[str, str]], context: Posting
) -> set[Mark]:
    """Wishes for these records and for their account's figures; none while the customer has no account."""
    row = ledger.know_customer(conn, customer, context.connection, context.provider)
    if row.account is None:
        return set()
    return marks_for(row.account, [currency], rows)


def marks_for(account: str, currencies: Iterable[str], rows: Iterable[tuple[str, str]]) -> set[Mark]:
    """Wishes for records of an account and for its figures. Payments and overdue flags are the essential ones."""
    marks = {Mark("account", account, account, Priority.ESSENTIAL)}
    marks |= {Mark("summary", f"{account}:{name}", account, Priority.ESSENTIAL) for name in currencies}
    for kind, key in rows:
        marks.add(Mark(kind, key, account, Priority.NORMAL if kind == "invoice" else Priority.ESSENTIAL))
    return marks


def relink(conn: Connection, customer: str, to: str | None, source: LinkSource) -> set[Mark]:
    """Give a customer to an account (or take it back). Returns what is to be written: both accounts' figures, and the
    customer's whole history.

    The caller marks it, together with whatever else it has to mark: one statement, one order, no ring of waiting.
    """
    row = links.get(conn, customer)
    if row is None or row.account == to:
        if row is not None and to is not None:
            links.set_link(conn, customer, to, source, None)
        return set()
    currencies, history = ledger.currencies(conn, customer), links.records_of(conn, customer)
    links.set_link(conn, customer, to, source if to else None, None)
    if to is None:  # its records are let go of where they are
        return marks_for(row.account, currencies, history)
    left = marks_for(row.account, currencies, []) if row.account else set()
    return left | {replace(mark, priority=Priority.NORMAL) for mark in marks_for(to, currencies, history)}
