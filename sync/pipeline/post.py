"""From changed facts to ledger rows, sums and wishes to write: the middle of the journey, inside one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast

from sqlalchemy import Connection

from sync.core.convergence import Known
from sync.core.dunning import Dunning, dunning_entry
from sync.core.facts import (
    ChargebackFacts,
    ChargeFacts,
    CreditEntryFacts,
    CustomerFacts,
    InvoiceFacts,
    InvoicePaymentFacts,
    InvoiceStatus,
    RefundFacts,
)
from sync.core.ledger import (
    Invoice,
    Payment,
    Postings,
    Unit,
    customer_unit,
    derive_invoice,
    derive_payment,
    invoice_unit,
    payment_unit,
    post_invoice,
    post_payment,
)
from sync.core.linking import DECIDED, LinkSource, named_in_metadata
from sync.core.timeline import written_off
from sync.db import ledger, links, objects
from sync.db.objects import Asker
from sync.db.records import Mark
from sync.db.reviews import Posted
from sync.db.tables import AnyRow
from sync.pipeline.belonging import marks_for, relink
from sync.pipeline.changes import Changes, Posting
from sync.pipeline.owed import owed

_IN_METADATA = "metadata "  # how every problem with a customer's metadata begins


def post(
    conn: Connection,
    units: Mapping[Unit, Asker],
    context: Posting,
    dunned: Sequence[tuple[Dunning, Asker]] = (),
) -> None:
    """Derive these ledger rows again, move the sums, and have what changed written to Salesforce.

    Each unit comes with the event behind it, and so does each piece of dunning, which goes onto the timeline.
    """
    changes = Changes(dict(units))
    first = {unit for unit in units if unit.kind == "invoice"}
    rest = set(units) - first
    ledger.lock_units(conn, first)
    rest |= _post_invoices(conn, _keys(first, "invoice"), context, changes)
    ledger.lock_units(conn, rest)
    _post_payments(conn, _keys(rest, "payment"), context, changes)
    for key in _keys(rest, "customer"):
        _post_customer(conn, key, context, changes)
    _tell_dunning(conn, dunned, context, changes)
    changes.write(conn, context.urgency)


def _keys(units: Iterable[Unit], kind: str) -> list[str]:
    return sorted(unit.key for unit in units if unit.kind == kind)


def _post_invoices(conn: Connection, keys: Sequence[str], context: Posting, changes: Changes) -> set[Unit]:
    """Invoices. Returns the payments whose standing their allocations change."""
    if not keys:
        return set()
    states = objects.many(conn, keys)
    parts: dict[str, list[InvoicePaymentFacts]] = defaultdict(list)
    for part in cast("list[InvoicePaymentFacts]", objects.of_invoices(conn, keys, InvoicePaymentFacts.kind)):
        parts[part.invoice].append(part)
    before, had = ledger.old_invoices(conn, keys), ledger.old_allocations(conn, keys)
    derived = [
        (facts, *derive_invoice(facts, parts[facts.key], context.calendar, context.today))
        for facts in (cast("InvoiceFacts", state.facts) for _, state in sorted(states.items()) if state.facts)
    ]
    made = [(row, post_invoice(facts, row, items, context.calendar)) for facts, row, items in derived]
    replaced = [(row, items) for _, row, items in derived if list(items) != had[row.key]]
    ledger.put_invoices(conn, made)
    ledger.put_allocations(conn, replaced)
    accounts = ledger.accounts_of(
        conn, (row.customer for row, _ in made if row.posted), context.connection, context.provider
    )
    for row, postings in made:
        _account_for_invoice(before.get(row.key), row, postings, accounts.get(row.customer), context, changes)
    paid_by: set[Unit] = set()
    for row, items in replaced:
        units = {payment_unit(share.payment) for share in (*had[row.key], *items) if share.payment}
        changes.inherit(invoice_unit(row.key), units)
        paid_by |= units
    return paid_by


def _account_for_invoice(
    before: AnyRow | None, row: Invoice, postings: Postings, account: str | None, context: Posting, changes: Changes
) -> None:
    """Move what an invoice adds to its customer's sums, and have it shown in its account, if it is known."""
    old = ledger.postings_of(before)
    if before is not None and (before.customer, before.currency) != (row.customer, row.currency):
        changes.move(before.customer, before.currency, old, {})
        old = {}
    changes.move(row.customer, row.currency, old, postings)
    if row.posted and account is not None:
        changes.wish(invoice_unit(row.key), marks_for(account, [row.currency], [("invoice", row.key)]))
        _raise_questions(before, row, account, context.today, changes)


def _raise_questions(before: AnyRow | None, row: Invoice, account: str, today: date, changes: Changes) -> None:
    """Whether promises, follow-ups or holds of the account are to be looked at because of this invoice."""
    if row.balance > 0 and row.held:
        changes.marked.add(row.key)
    if row.balance > 0 and row.collecting:
        changes.chased.add(row.key)
    if before is not None and before.status == InvoiceStatus.OPEN and row.status == InvoiceStatus.WRITTEN_OFF:
        changes.tell(account, written_off(owed(row), datetime.now(UTC)))
    ahead = row.due_on is not None and row.due_on >= today and row.balance > 0
    late = row.balance > 0 and not ahead
    was_late = before is not None and before.balance > 0 and before.due_on is not None and before.due_on < today
    next_on = row.due_on + timedelta(days=1) if ahead and row.due_on else None
    changes.posted.add(Posted(account, row.key, late or was_late, next_on))


@dataclass(frozen=True, slots=True)
class _Money:
    """What is known of the money that moved under some payments."""

    charges: dict[str, list[ChargeFacts]]  # by payment
    back: dict[str, dict[str, RefundFacts | ChargebackFacts]]  # by payment and own key

    @classmethod
    def read(cls, conn: Connection, keys: Sequence[str]) -> "_Money":
        """Everything that names these payments, or one of their charges."""
        money = cls(defaultdict(list), defaultdict(dict))
        backs = (RefundFacts.kind, ChargebackFacts.kind)
        for facts in objects.of_payments(conn, keys, ChargeFacts.kind, *backs):
            if isinstance(facts, ChargeFacts):
                money.charges[facts.payment].append(facts)
            elif isinstance(facts, RefundFacts | ChargebackFacts) and facts.payment:
                money.back[facts.payment][facts.key] = facts
        owners = {name: key for key in keys for name in money.names(key)}
        for facts in objects.of_charges(conn, sorted(owners), *backs):
            if isinstance(facts, RefundFacts | ChargebackFacts) and facts.charge:
                money.back[owners[facts.charge]][facts.key] = facts
        return money

    def names(self, key: str) -> list[str]:
        """All names of a payment: its own, and those of its charges."""
        return [key, *(charge.key for charge in self.charges[key] if charge.key != key)]

    def given_back(self, key: str) -> tuple[list[RefundFacts], list[ChargebackFacts]]:
        """What went back of a payment."""
        found = [facts for _, facts in sorted(self.back[key].items())]
        refunds = [facts for facts in found if isinstance(facts, RefundFacts)]
        return refunds, [facts for facts in found if isinstance(facts, ChargebackFacts)]


def _post_payments(conn: Connection, names: Sequence[str], context: Posting, changes: Changes) -> None:
    """Payments, under whichever of their names they were called."""
    if not names:
        return
    aliases = (state.facts for state in objects.many(conn, names).values() if isinstance(state.facts, ChargeFacts))
    real = {facts.key: facts.payment for facts in aliases}
    for name, payment in real.items():
        changes.inherit(payment_unit(name), [payment_unit(payment)])
    keys = sorted({real.get(name, name) for name in names})
    ledger.lock_units(conn, {payment_unit(key) for key in keys if key not in names})
    money = _Money.read(conn, keys)
    payers = ledger.payers(conn, [name for key in keys for name in money.names(key)])
    made = []
    for key in keys:
        refunds, chargebacks = money.given_back(key)
        paid_for = sorted({payer for name in money.names(key) for payer in payers.get(name, ())})
        row = derive_payment(key, money.charges[key], refunds, chargebacks, paid_for)
        if row is not None:
            made.append((row, post_payment(row, money.charges[key], refunds, chargebacks, context.calendar)))
    before = ledger.old_payments(conn, keys)
    ledger.put_payments(conn, made)
    customers = (row.customer for row, _ in made if row.customer)
    accounts = ledger.accounts_of(conn, customers, context.connection, context.provider)
    for row, postings in made:
        shown = [("payment", row.key), *(("refund", refund.key) for refund in money.given_back(row.key)[0])]
        _account_for_payment(before.get(row.key), row, postings, shown if row.receivable else [], accounts, changes)


def _account_for_payment(
    before: AnyRow | None,
    row: Payment,
    postings: Postings,
    shown: Sequence[tuple[str, str]],
    accounts: Mapping[str, str | None],
    changes: Changes,
) -> None:
    """Move what a payment takes from its customer's sums, and have it and its refunds shown in the account."""
    if before is not None and before.customer and (before.customer, before.currency) != (row.customer, row.currency):
        changes.move(before.customer, before.currency, ledger.postings_of(before), {})
        before = None
    if row.customer is None:
        return
    changes.move(row.customer, row.currency, ledger.postings_of(before), postings)
    account = accounts[row.customer]
    if account is None:
        return
    if row.charged_back != (before.charged_back if before is not None else 0):  # promises it kept are so no more
        changes.looks.add(account)
    changes.wish(payment_unit(row.key), marks_for(account, [row.currency], shown))


def _post_customer(conn: Connection, key: str, context: Posting, changes: Changes) -> None:
    """One customer: who it is, its link where the metadata names one, its unapplied credit."""
    row = ledger.know_customer(conn, key, context.connection, context.provider, to_change=True)
    state = objects.many(conn, [key]).get(key) or Known()
    facts = state.facts if isinstance(state.facts, CustomerFacts) else None
    if facts is not None:
        ledger.put_customer(conn, facts)
    before = set(ledger.currencies(conn, key))
    ledger.put_credits(conn, key, _credits(conn, key, state, facts))
    if facts and row.link_source not in DECIDED:
        changes.wish(customer_unit(key), _follow_metadata(conn, row, facts, context))
    currencies = before | set(ledger.currencies(conn, key))
    account = ledger.know_customer(conn, key, context.connection, context.provider).account  # it may be another now
    if account is not None and currencies:
        changes.wish(customer_unit(key), marks_for(account, currencies, []))


def _follow_metadata(conn: Connection, row: AnyRow, facts: CustomerFacts, context: Posting) -> set[Mark]:
    """Link the customer to the account that its metadata names, or say why that cannot be."""
    told, named = facts.metadata.get(context.metadata_key), named_in_metadata(facts, context.metadata_key)
    followed = row.link_source == LinkSource.MERGE and named is not None and links.is_gone(conn, named)
    if named and row.account != named and not followed:
        return relink(conn, row.key, named, LinkSource.METADATA)
    if told and named is None and row.account is None:
        links.tell_problem(conn, row.key, f"{_IN_METADATA}{context.metadata_key} is not an account id: {told!r}")
    elif not told and (row.link_problem or "").startswith(_IN_METADATA):
        links.tell_problem(conn, row.key, None)
    return set()


def _credits(conn: Connection, key: str, state: Known, facts: CustomerFacts | None) -> dict[str, int]:
    """The provider's figure, moved on by credit entries that are later than it."""
    entries = cast("list[CreditEntryFacts]", objects.credit_entries(conn, key, state.stamp))
    found = dict(facts.credits) if facts else {}
    for entry in sorted(entries, key=lambda entry: (entry.created_at, entry.key)):
        found[entry.currency] = entry.balance
    return {currency: amount for currency, amount in found.items() if amount}


def _tell_dunning(
    conn: Connection, dunned: Sequence[tuple[Dunning, Asker]], context: Posting, changes: Changes
) -> None:
    """What the billing system did to be paid, for sales to see; also of customers that are linked only later."""
    if not dunned:
        return
    customers = {happened.customer for happened, _ in dunned}
    accounts = ledger.accounts_of(conn, customers, context.connection, context.provider)
    for happened, asker in dunned:
        entry = dunning_entry(happened, context.system, context.calendar)
        changes.tell(accounts.get(happened.customer), entry, asker)
