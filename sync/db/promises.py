"""What a review reads and writes: commitments with the invoices they cover, disputes, follow-ups."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from sync.core.followups import FollowUp
from sync.db.crm_tables import commitment, coverage, dispute, followup
from sync.db.tables import AnyRow, allocation, customer, invoice, payment


def commitments(conn: Connection, account: str, ids: Iterable[str] = ()) -> dict[str, AnyRow]:
    """The account's commitments as last decided, and these, which were perhaps another account's then."""
    wanted = or_(commitment.c.account == account, commitment.c.id.in_(list(ids)))
    return {row.id: row for row in conn.execute(select(commitment).where(wanted))}


def covered(conn: Connection, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The invoices of commitments, in the order in which payments count."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = select(coverage).where(coverage.c.commitment.in_(list(ids))).order_by(coverage.c.commitment, coverage.c.n)
    for row in conn.execute(rows):
        found[row.commitment].append(row.invoice)
    return {key: tuple(invoices) for key, invoices in found.items()}


def disputes(conn: Connection, account: str, ids: Iterable[str] = ()) -> dict[str, AnyRow]:
    """The account's disputes as last decided, and these, which were perhaps another account's then."""
    wanted = or_(dispute.c.account == account, dispute.c.id.in_(list(ids)))
    return {row.id: row for row in conn.execute(select(dispute).where(wanted))}


def put_commitment(conn: Connection, values: Mapping[str, Any], covers: Sequence[str] | None) -> None:
    """Write a commitment; `covers` only where its invoices were chosen anew."""
    _put(conn, commitment, "id", values)
    if covers is not None:
        conn.execute(delete(coverage).where(coverage.c.commitment == values["id"]))
        if covers:
            rows = [{"commitment": values["id"], "invoice": key, "n": n} for n, key in enumerate(covers)]
            conn.execute(insert(coverage).values(rows))


def put_dispute(conn: Connection, values: Mapping[str, Any]) -> None:
    """Write a dispute."""
    _put(conn, dispute, "id", values)


def drop(conn: Connection, commitments_gone: Iterable[str], disputes_gone: Iterable[str]) -> None:
    """Forget what was deleted in the CRM, or now concerns another account."""
    gone = sorted(commitments_gone)
    if gone:
        conn.execute(delete(coverage).where(coverage.c.commitment.in_(gone)))
        conn.execute(delete(commitment).where(commitment.c.id.in_(gone)))
    gone = sorted(disputes_gone)
    if gone:
        conn.execute(delete(dispute).where(dispute.c.id.in_(gone)))


def _put(conn: Connection, table: Any, key: str, values: Mapping[str, Any]) -> None:
    made = insert(table).values(dict(values))
    conn.execute(made.on_conflict_do_update(index_elements=[key], set_={name: made.excluded[name] for name in values}))


def invoices(conn: Connection, account: str, keys: Iterable[str], numbers: Iterable[str]) -> Sequence[AnyRow]:
    """The account's open invoices, and those asked for by key or number whether open or not."""
    named = sorted({number.lower() for number in numbers})
    which = [invoice.c.balance > 0, invoice.c.key.in_(sorted(set(keys)))]
    if named:
        which.append(func.lower(invoice.c.number).in_(named))
    return conn.execute(
        select(invoice)
        .join(customer, customer.c.key == invoice.c.customer)
        .where(customer.c.account == account, invoice.c.posted, or_(*which))
        .order_by(invoice.c.key)
    ).all()


def received(conn: Connection, keys: Iterable[str]) -> Sequence[AnyRow]:
    """What was paid on these invoices, payment by payment, and how much of each payment was charged back for good."""
    back = func.coalesce(payment.c.charged_back, 0).label("charged_back")
    rows = select(allocation.c.invoice, allocation.c.payment, allocation.c.amount, allocation.c.paid_at, back)
    rows = rows.select_from(allocation.outerjoin(payment, payment.c.key == allocation.c.payment))
    return conn.execute(
        rows.where(allocation.c.invoice.in_(sorted(set(keys)))).order_by(
            allocation.c.paid_at, allocation.c.invoice, allocation.c.n
        )
    ).all()


def follow_ups(conn: Connection, account: str) -> Sequence[AnyRow]:
    """The account's follow-ups that are open, or whose invoice is."""
    is_open = select(invoice.c.key).where(invoice.c.key == followup.c.invoice, invoice.c.balance > 0).exists()
    wanted = (followup.c.account == account) & (followup.c.outcome.is_(None) | is_open)
    return conn.execute(select(followup).where(wanted).order_by(followup.c.key)).all()


def put_follow_up(conn: Connection, wanted: FollowUp) -> bool:
    """Write a follow-up as it should be. Returns whether that changed anything."""
    values = asdict(wanted)
    made = insert(followup).values(values)
    names = ("account", "subject", "due_on", "high", "outcome")  # its description is written once
    differs = or_(*(followup.c[name].is_distinct_from(made.excluded[name]) for name in names))
    done = conn.execute(
        made.on_conflict_do_update(
            index_elements=["key"], set_={name: made.excluded[name] for name in names}, where=differs
        )
    )
    return bool(done.rowcount)


def give_back(conn: Connection, key: str, left: Mapping[str, Any]) -> None:
    """A person has put a follow-up back to how we made it: it is ours again."""
    conn.execute(update(followup).where(followup.c.key == key).values(theirs=None, left_there=dict(left)))


def set_task(conn: Connection, key: str, task: str | None, left: Mapping[str, Any] | None, theirs: str | None) -> None:
    """What became of a follow-up's Task: its id, what we left in the fields that are theirs, whose hands it is in."""
    values: dict[str, Any] = {"theirs": func.coalesce(followup.c.theirs, theirs) if theirs is None else theirs}
    if task is not None:
        values["task"] = task
    if left is not None:
        values["left_there"] = dict(left)
    conn.execute(update(followup).where(followup.c.key == key).values(**values))
