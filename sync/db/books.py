"""Reads what summaries are made of, for many accounts at once: open invoices and sums by day, never closed invoices."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, Text, func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from sync.core.dates import Calendar, months_back
from sync.core.summary import Book, DaySums, LastContact, LastPayment, OpenLine
from sync.db.crm_tables import commitment, coverage, dispute, entry, hold
from sync.db.records import STANDS
from sync.db.tables import AnyRow, allocation, credit, customer, day_sum, invoice, object_, payment, record, total

Slot = tuple[str, str]  # (account, currency)


def load(conn: Connection, accounts: Iterable[str], today: date, calendar: Calendar) -> dict[str, dict[str, Book]]:
    """The books of these accounts, by account and currency; an account without any customer has none."""
    wanted = list(accounts)
    lines = _lists(conn, _lines(wanted), OpenLine)
    days = _lists(conn, _days(wanted, months_back(today, 13)), DaySums)
    totals = {(row.account, row.currency): row for row in conn.execute(_totals(wanted))}
    credits_ = {(row.account, row.currency): int(row.amount) for row in conn.execute(_credits(wanted))}
    latest = _latest(conn, wanted, calendar)
    promised = {(row.account, row.currency): row for row in conn.execute(_promised(wanted))}
    disputed = {(row.account, row.currency): int(row.contested) for row in conn.execute(_disputed(wanted))}
    contacts = {
        row.account: LastContact(calendar.on(row.occurred_at), row.by) for row in conn.execute(_contacts(wanted))
    }
    books: dict[str, dict[str, Book]] = {account: {} for account in wanted}
    for account, currency in lines.keys() | days.keys() | totals.keys() | credits_.keys():
        slot = (account, currency)
        sums, open_ = totals.get(slot), promised.get(slot)
        books[account][currency] = Book(
            account=account,
            currency=currency,
            lines=lines.get(slot, ()),
            days=days.get(slot, ()),
            collected=int(sums.collected) if sums else 0,
            written_off=int(sums.written_off) if sums else 0,
            credit=credits_.get(slot, 0),
            last_payment=latest.get(slot),
            promised=int(open_.promised) if open_ else 0,
            next_commitment_on=open_.next_on if open_ else None,
            disputed=disputed.get(slot, 0),
            last_contact=contacts.get(account),
        )
    return books


def _lists(conn: Connection, query: Select[*tuple[Any, ...]], make: Any) -> dict[Slot, list[Any]]:
    found: dict[Slot, list[Any]] = defaultdict(list)
    for account, currency, *values in conn.execute(query):
        found[account, currency].append(make(*values))
    return found


def _sum(column: Any) -> Any:
    return func.sum(column, type_=BigInteger).cast(BigInteger)


def _lines(accounts: list[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(customer.c.account, invoice.c.currency, invoice.c.due_on, _sum(invoice.c.balance), func.count())
        .join(customer, customer.c.key == invoice.c.customer)
        .where(customer.c.account.in_(accounts), invoice.c.balance > 0)
        .group_by(customer.c.account, invoice.c.currency, invoice.c.due_on)
        .order_by(invoice.c.due_on)
    )


def _days(accounts: list[str], since: date) -> Select[*tuple[Any, ...]]:
    sums = [_sum(day_sum.c[name]) for name in ("invoiced", "collected", "late_amount", "late_weight")]
    return (
        select(customer.c.account, day_sum.c.currency, day_sum.c.day, *sums)
        .join(customer, customer.c.key == day_sum.c.customer)
        .where(customer.c.account.in_(accounts), day_sum.c.day > since)
        .group_by(customer.c.account, day_sum.c.currency, day_sum.c.day)
        .order_by(day_sum.c.day)
    )


def _totals(accounts: list[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            customer.c.account,
            total.c.currency,
            _sum(total.c.collected).label("collected"),
            _sum(total.c.written_off).label("written_off"),
        )
        .join(customer, customer.c.key == total.c.customer)
        .where(customer.c.account.in_(accounts))
        .group_by(customer.c.account, total.c.currency)
    )


def _credits(accounts: list[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(customer.c.account, credit.c.currency, _sum(credit.c.amount).label("amount"))
        .join(customer, customer.c.key == credit.c.customer)
        .where(customer.c.account.in_(accounts))
        .group_by(customer.c.account, credit.c.currency)
    )


def _promised(accounts: list[str]) -> Select[*tuple[Any, ...]]:
    """Open commitments by account and currency."""
    return (
        select(
            commitment.c.account,
            commitment.c.currency,
            _sum(commitment.c.promised).label("promised"),
            func.min(commitment.c.promised_on).label("next_on"),
        )
        .where(commitment.c.account.in_(accounts), commitment.c.status == "Open")
        .group_by(commitment.c.account, commitment.c.currency)
    )


def _disputed(accounts: list[str]) -> Select[*tuple[Any, ...]]:
    """What is contested by account and currency; of one invoice never more than its balance."""
    each = (
        select(
            dispute.c.account,
            dispute.c.currency,
            func.least(_sum(dispute.c.contested), func.max(invoice.c.balance)).label("contested"),
        )
        .join(invoice, invoice.c.key == dispute.c.invoice)
        .where(dispute.c.account.in_(accounts), dispute.c.contested > 0)
        .group_by(dispute.c.account, dispute.c.currency, dispute.c.invoice)
        .subquery()
    )
    return select(each.c.account, each.c.currency, _sum(each.c.contested).label("contested")).group_by(
        each.c.account, each.c.currency
    )


def _contacts(accounts: list[str]) -> Select[*tuple[Any, ...]]:
    """The latest contact of each account."""
    return (
        select(entry.c.account, entry.c.occurred_at, entry.c.by)
        .ext(distinct_on(entry.c.account))
        .where(entry.c.account.in_(accounts), entry.c.contact)
        .order_by(entry.c.account, entry.c.occurred_at.desc(), entry.c.key)
    )


def _latest(conn: Connection, accounts: list[str], calendar: Calendar) -> dict[Slot, LastPayment]:
    """The last payment of each slot: one index look-up a customer and currency, whatever their history."""
    slots = (
        select(customer.c.account, total.c.customer, total.c.currency)
        .join(customer, customer.c.key == total.c.customer)
        .where(customer.c.account.in_(accounts))
        .subquery()
    )
    top = (
        select(allocation.c.paid_at, allocation.c.payment, allocation.c.amount)
        .where(allocation.c.customer == slots.c.customer, allocation.c.currency == slots.c.currency)
        .order_by(allocation.c.paid_at.desc(), allocation.c.payment.desc().nulls_last())
        .limit(1)
        .lateral("top")
    )
    rows = conn.execute(
        select(slots.c.account, slots.c.currency, top.c.paid_at, top.c.payment, top.c.amount)
        .select_from(slots.join(top, true()))
        .order_by(top.c.paid_at, top.c.payment.nulls_first())
    ).all()
    whole = _whole_payments(conn, [row.payment for row in rows if row.payment])
    return {
        (row.account, row.currency): LastPayment(calendar.on(row.paid_at), whole.get(row.payment, row.amount))
        for row in rows
    }


def _whole_payments(conn: Connection, keys: Sequence[str]) -> dict[str, int]:
    """What each payment paid over all its invoices."""
    if not keys:
        return {}
    found = select(allocation.c.payment, _sum(allocation.c.amount)).where(allocation.c.payment.in_(keys))
    return {key: int(amount) for key, amount in conn.execute(found.group_by(allocation.c.payment))}


def invoices(conn: Connection, keys: Sequence[str]) -> dict[str, AnyRow]:
    """Invoice rows with their customer's account, connection and provider, and what people claim of them."""
    promised_on = (
        select(func.min(commitment.c.promised_on))
        .join(coverage, coverage.c.commitment == commitment.c.id)
        .where(coverage.c.invoice == invoice.c.key, commitment.c.status == "Open")
    )
    contested = select(_sum(dispute.c.contested)).where(dispute.c.invoice == invoice.c.key)
    held = select(hold.c.invoice).where(hold.c.invoice == invoice.c.key, hold.c.state == "Held")
    found = select(
        invoice,
        customer.c.account,
        customer.c.connection,
        customer.c.provider,
        promised_on.correlate(invoice).scalar_subquery().label("promised_on"),
        func.coalesce(contested.correlate(invoice).scalar_subquery(), 0).label("contested"),
        held.correlate(invoice).exists().label("on_hold"),
    )
    rows = conn.execute(found.join(customer, customer.c.key == invoice.c.customer).where(invoice.c.key.in_(keys)))
    return {row.key: row for row in rows}


def payments(conn: Connection, keys: Sequence[str]) -> dict[str, AnyRow]:
    """Payment rows with their customer's account and the invoices they paid.

    `paid` are those invoices' keys, `numbers` their numbers, `shown` those that stand in Salesforce or are about to.
    """
    of_invoice = (record.c.kind == "invoice") & (record.c.key == invoice.c.key) & STANDS
    paid = allocation.join(invoice, invoice.c.key == allocation.c.invoice)

    def listed(column: Any, source: Any) -> Any:
        ours = select(func.array_agg(column, type_=ARRAY(Text))).select_from(source)
        ours = ours.where(allocation.c.payment == payment.c.key).correlate(payment)
        return func.coalesce(ours.scalar_subquery(), literal([], ARRAY(Text)))

    found = select(
        payment,
        customer.c.account,
        customer.c.connection,
        customer.c.provider,
        listed(invoice.c.key, paid).label("paid"),
        listed(invoice.c.number, paid).label("numbers"),
        listed(invoice.c.key, paid.join(record, of_invoice)).label("shown"),
    ).join(customer, customer.c.key == payment.c.customer)
    return {row.key: row for row in conn.execute(found.where(payment.c.key.in_(keys)))}


def refunds(conn: Connection, keys: Sequence[str]) -> dict[str, AnyRow]:
    """Refunds' facts with the account of the customer whose payment they give back."""
    charge = object_.alias("charge_object")
    paid = select(charge.c.payment).where(charge.c.key == object_.c.charge).scalar_subquery()
    found = (
        select(object_.c.key, object_.c.facts, customer.c.account, customer.c.connection, customer.c.provider)
        .select_from(object_)
        .join(payment, payment.c.key == func.coalesce(object_.c.payment, paid))
        .join(customer, customer.c.key == payment.c.customer)
        .where(object_.c.key.in_(keys))
    )
    return {row.key: row for row in conn.execute(found)}
