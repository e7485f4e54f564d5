"""What goes along when a customer is given to another account, or taken off the one it has."""

from dataclasses import dataclass

from sqlalchemy import Connection, distinct, func, select

from sync.db.crm_tables import coverage, crm, dispute, followup, hold
from sync.db.links import count_records
from sync.db.tables import invoice


@dataclass(frozen=True, slots=True)
class Load:
    """What an account carries for one customer.

    `records`: by kind, what is written to Salesforce for it. Of what people made there: `commitments` and `disputes`
    name one of its invoices and go with it; `unnamed` commitments count for its invoices without naming one as theirs,
    and stay where they are.
    """

    records: dict[str, int]
    commitments: int
    unnamed: int
    disputes: int
    follow_ups: int
    holds: int


def load_of(conn: Connection, key: str) -> Load:
    """What goes where this customer goes."""
    ours = select(invoice.c.key).where(invoice.c.customer == key, invoice.c.posted)
    named = select(crm.c.id).where(crm.c.kind == "commitment", crm.c.invoice.in_(ours), ~crm.c.deleted)
    covering = select(func.count(distinct(coverage.c.commitment))).where(coverage.c.invoice.in_(ours))
    parts = {
        "commitments": select(func.count()).select_from(named.subquery()),
        "unnamed": covering.where(coverage.c.commitment.not_in(named)),
        "disputes": select(func.count()).where(dispute.c.invoice.in_(ours)),
        "follow_ups": select(func.count()).where(followup.c.invoice.in_(ours), followup.c.outcome.is_(None)),
        "holds": select(func.count()).where(hold.c.invoice.in_(ours), hold.c.wanted),
    }
    row = conn.execute(select(*(part.scalar_subquery().label(name) for name, part in parts.items()))).one()
    return Load(count_records(conn, key), *row)
