"""Ledger rows and sums. No rules: what a row holds is decided in sync.core.ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Date, Text, any_, bindparam, case, delete, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from sync.core.facts import CustomerFacts
from sync.core.ledger import (
    COLLECTED,
    INVOICED,
    LATE_AMOUNT,
    LATE_WEIGHT,
    WRITTEN_OFF,
    Allocation,
    Invoice,
    Payment,
    Postings,
    Unit,
    pack_postings,
    unpack_postings,
)
from sync.core.linking import mail_domain
from sync.db.tables import AnyRow, allocation, credit, customer, day_sum, invoice, payment, total

_BY_DAY = (INVOICED, COLLECTED, LATE_AMOUNT, LATE_WEIGHT)
_OF_ALL_TIME = (INVOICED, COLLECTED, WRITTEN_OFF)

_LOCK_UNITS = text("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(:names) AS name").bindparams(
    bindparam("names", type_=ARRAY(Text))
)


def lock_units(conn: Connection, units: Iterable[Unit]) -> None:
    """Hold the units until the transaction ends, taken in their order; rows that do not exist yet included."""
    names = [f"{unit.kind}:{unit.key}" for unit in sorted(units)]
    if names:
        conn.execute(_LOCK_UNITS, {"names": names})


_OF_ANY = any_(bindparam("keys", type_=ARRAY(Text)))
_OLD_INVOICES = select(invoice).where(invoice.c.key == _OF_ANY)
_OLD_PAYMENTS = select(payment).where(payment.c.key == _OF_ANY)
_OLD_ALLOCATIONS = select(allocation).where(allocation.c.invoice == _OF_ANY).order_by(allocation.c.n)


def old_invoices(conn: Connection, keys: Sequence[str]) -> dict[str, AnyRow]:
    """Invoices' rows as they stand."""
    return {row.key: row for row in conn.execute(_OLD_INVOICES, {"keys": list(keys)})}


def old_payments(conn: Connection, keys: Sequence[str]) -> dict[str, AnyRow]:
    """Payments' rows as they stand."""
    return {row.key: row for row in conn.execute(_OLD_PAYMENTS, {"keys": list(keys)})}


def old_allocations(conn: Connection, keys: Sequence[str]) -> dict[str, list[Allocation]]:
    """Invoices' allocations as they stand; none for those that have none."""
    found: dict[str, list[Allocation]] = {key: [] for key in keys}
    for row in conn.execute(_OLD_ALLOCATIONS, {"keys": list(keys)}):
        found[row.invoice].append(
            Allocation(invoice=row.invoice, payment=row.payment, amount=row.amount, paid_at=row.paid_at)
        )
    return found


def _upsert(table: Any) -> Any:
    made = insert(table)
    changed = {column.name: made.excluded[column.name] for column in table.columns if not column.primary_key}
    return made.on_conflict_do_update(index_elements=["key"], set_=changed)


_PUT_INVOICE = _upsert(invoice)
_PUT_PAYMENT = _upsert(payment)


def _columns(row: Invoice | Payment | Allocation) -> dict[str, Any]:
    return {item.name: getattr(row, item.name) for item in fields(row)}


def put_invoices(conn: Connection, rows: Iterable[tuple[Invoice, Postings]]) -> None:
    """Write invoices' rows with their postings."""
    values = [{**_columns(row), "postings": pack_postings(postings)} for row, postings in rows]
    if values:
        conn.execute(_PUT_INVOICE, values)


def put_payments(conn: Connection, rows: Iterable[tuple[Payment, Postings]]) -> None:
    """Write payments' rows with their postings."""
    values = [{**_columns(row), "postings": pack_postings(postings)} for row, postings in rows]
    if values:
        conn.execute(_PUT_PAYMENT, values)


def postings_of(row: AnyRow | None) -> Postings:
    """The postings that a row carries; none if there is no row."""
    return {} if row is None else unpack_postings(row.postings)


def put_allocations(conn: Connection, of: Iterable[tuple[Invoice, Sequence[Allocation]]]) -> None:
    """Replace invoices' allocations."""
    wanted = list(of)
    if not wanted:
        return
    conn.execute(delete(allocation).where(allocation.c.invoice == _OF_ANY), {"keys": [row.key for row, _ in wanted]})
    values = [
        {**_columns(item), "n": n, "customer": row.customer, "currency": row.currency}
        for row, items in wanted
        for n, item in enumerate(items)
    ]
    if values:
        conn.execute(insert(allocation), values)


_PAYERS = select(allocation.c.payment, allocation.c.customer).where(allocation.c.payment == _OF_ANY).distinct()


def payers(conn: Connection, payments: Sequence[str]) -> dict[str, set[str]]:
    """The customers whose invoices these payments (by any of their names) paid, by that name."""
    found: dict[str, set[str]] = {}
    for row in conn.execute(_PAYERS, {"keys": list(payments)}):
        found.setdefault(row.payment, set()).add(row.customer)
    return found


_ADD_DAY = insert(day_sum)
_ADD_DAY_SUMS = _ADD_DAY.on_conflict_do_update(
    index_elements=["customer", "currency", "day"],
    set_={name: day_sum.c[name] + _ADD_DAY.excluded[name] for name in _BY_DAY},
)
_ADD_TOTAL = insert(total)
_ADD_TOTALS = _ADD_TOTAL.on_conflict_do_update(
    index_elements=["customer", "currency"],
    set_={name: total.c[name] + _ADD_TOTAL.excluded[name] for name in _OF_ALL_TIME},
)


def add_sums(conn: Connection, changes: Mapping[tuple[str, str], Postings]) -> None:
    """Add differences of postings to customers' sums, by (customer, currency); all in one order."""
    days, totals = [], []
    for (customer_key, currency), postings in sorted(changes.items()):
        owner = {"customer": customer_key, "currency": currency}
        by_day = sorted((day, measure, amount) for (day, measure), amount in postings.items() if measure in _BY_DAY)
        days += [
            {**owner, **dict.fromkeys(_BY_DAY, 0), "day": day, **{measure: amount for _, measure, amount in slots}}
            for day, slots in groupby(by_day, key=lambda slot: slot[0])
        ]
        sums = dict.fromkeys(_OF_ALL_TIME, 0)
        for (_, measure), amount in postings.items():
            if measure in sums:
                sums[measure] += amount
        if any(sums.values()):
            totals.append({**owner, **sums})
    if days:
        conn.execute(_ADD_DAY_SUMS, days)
    if totals:
        conn.execute(_ADD_TOTALS, totals)


_ACCOUNTS = select(customer.c.key, customer.c.account).where(customer.c.key == _OF_ANY)
_KEEP_ACCOUNTS = _ACCOUNTS.order_by(customer.c.key.collate("C")).with_for_update(read=True)


def accounts_of(conn: Connection, keys: Iterable[str], connection: str, provider: str) -> dict[str, str | None]:
    """The account of each of these customers, made where they are new, and kept from being linked elsewhere until the
    transaction ends, as `know_customer` does.
    """
    wanted = sorted(set(keys))
    found = {row.key: row.account for row in conn.execute(_KEEP_ACCOUNTS, {"keys": wanted})} if wanted else {}
    new = [{"key": key, "connection": connection, "provider": provider} for key in wanted if key not in found]
    if new:
        conn.execute(insert(customer).on_conflict_do_nothing(index_elements=["key"]), new)
        again = conn.execute(_KEEP_ACCOUNTS, {"keys": [row["key"] for row in new]})
        found |= {row.key: row.account for row in again}
    return found


def know_customer(conn: Connection, key: str, connection: str, provider: str, *, to_change: bool = False) -> AnyRow:
    """The customer's row, made if it is new, and kept from being linked elsewhere until the transaction ends.

    Without that, a record written while its customer is being linked could miss both the old account and the new.
    """
    wanted = select(customer).where(customer.c.key == key).with_for_update(read=not to_change)
    row = conn.execute(wanted).first()
    if row is None:
        made = insert(customer).values(key=key, connection=connection, provider=provider)
        conn.execute(made.on_conflict_do_nothing(index_elements=["key"]))
        row = conn.execute(wanted).one()
    return row


def put_customer(conn: Connection, facts: CustomerFacts) -> None:
    """Write what a customer's facts say of it; its link is written by sync.db.links.

    Under another name or address the accounts found so far count no more: they are looked for again.
    """
    same = customer.c.name.is_not_distinct_from(facts.name) & customer.c.email.is_not_distinct_from(facts.email)
    conn.execute(
        update(customer)
        .where(customer.c.key == facts.key)
        .values(name=facts.name, email=facts.email, domain=mail_domain(facts.email), deleted=facts.deleted)
        .values(match=case((same, customer.c.match)), looked_up_at=case((same, customer.c.looked_up_at)))
    )


def put_credits(conn: Connection, customer_key: str, credits_: dict[str, int]) -> None:
    """Replace a customer's unapplied credit, by currency."""
    conn.execute(delete(credit).where(credit.c.customer == customer_key, credit.c.currency.not_in(list(credits_))))
    if credits_:
        made = insert(credit).values(
            [{"customer": customer_key, "currency": name, "amount": amount} for name, amount in credits_.items()]
        )
        conn.execute(
            made.on_conflict_do_update(index_elements=["customer", "currency"], set_={"amount": made.excluded.amount})
        )


def currencies(conn: Connection, customer_key: str) -> list[str]:
    """The currencies in which a customer has anything in the ledger."""
    found = (
        select(day_sum.c.currency)
        .where(day_sum.c.customer == customer_key)
        .union(
            select(credit.c.currency).where(credit.c.customer == customer_key),
            select(total.c.currency).where(total.c.customer == customer_key),
            select(invoice.c.currency).where(invoice.c.customer == customer_key, invoice.c.posted),
        )
    )
    return sorted(conn.scalars(found))


def turn_invoices(conn: Connection, today: date, limit: int) -> Sequence[AnyRow]:
    """Lock up to `limit` open invoices whose day of change has come."""
    return conn.execute(
        select(invoice.c.key, invoice.c.customer, invoice.c.currency, invoice.c.due_on)
        .where(invoice.c.next_change_on <= today)
        .order_by(invoice.c.next_change_on, invoice.c.key)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def open_and_due(conn: Connection, first: date, until: date, after: str, limit: int) -> Sequence[AnyRow]:
    """Open invoices that were due after `first` and not after `until`, by key, with their accounts if they have any."""
    found = select(invoice, customer.c.account).join(customer, customer.c.key == invoice.c.customer)
    due = (invoice.c.balance > 0) & (invoice.c.due_on > first) & (invoice.c.due_on <= until)
    return conn.execute(found.where(due, invoice.c.key > after).order_by(invoice.c.key).limit(limit)).all()


def turns_left(conn: Connection, today: date) -> bool:
    """Whether any invoice, held by somebody or not, is still to be turned."""
    return conn.execute(select(invoice.c.key).where(invoice.c.next_change_on <= today).limit(1)).first() is not None


_SET_NEXT_CHANGE = text(
    "UPDATE invoice SET next_change_on = v.day FROM unnest(:keys, :days) AS v (key, day) WHERE invoice.key = v.key"
).bindparams(bindparam("keys", type_=ARRAY(Text)), bindparam("days", type_=ARRAY(Date)))


def set_next_change(conn: Connection, days: dict[str, date | None]) -> None:
    """Write when each invoice changes next."""
    rows = sorted(days.items())
    if rows:
        conn.execute(_SET_NEXT_CHANGE, {"keys": [key for key, _ in rows], "days": [day for _, day in rows]})


def restart_turns(conn: Connection) -> None:
    """Have every open invoice looked at by the next turn."""
    conn.execute(update(invoice).where(invoice.c.balance > 0).values(next_change_on=invoice.c.issued_on))


def all_currencies(conn: Connection) -> list[str]:
    """Every currency that occurs in the ledger."""
    return sorted(conn.scalars(select(total.c.currency).distinct()))


def number_of(conn: Connection, key: str) -> str:
    """The number of an invoice as people know it."""
    found: str | None = conn.execute(select(invoice.c.number).where(invoice.c.key == key)).scalar()
    return found or key.rpartition(":")[2]
