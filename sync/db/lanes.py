"""One worker an account: leases with a fencing number, held across a call to Salesforce."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from sync.db.records import DUE, FREE, seconds
from sync.db.tables import lane, record


def lease(conn: Connection, lanes: int, lease_s: float, *, kinds: Sequence[str] | None = None) -> dict[str, int]:
    """Take up to so many accounts that have something due, the urgent first, then the oldest: account → fencing number.

    An account leased by another worker is left to it; a lease that ran out is free, and its fence moves on.
    """
    urgency, since = func.min(record.c.priority), func.min(record.c.marked_at)
    due = select(record.c.lane).where(DUE, FREE).group_by(record.c.lane).order_by(urgency, since)
    if kinds is not None:
        due = due.where(record.c.kind.in_(kinds))
    wanted = [row.lane for row in conn.execute(due.limit(lanes))]
    if not wanted:
        return {}
    until = func.clock_timestamp() + seconds("lease_s").bindparams(lease_s=lease_s)
    made = insert(lane).values([{"account": name, "fence": 1, "leased_until": until} for name in sorted(wanted)])
    taken = made.on_conflict_do_update(
        index_elements=["account"],
        set_={"fence": lane.c.fence + 1, "leased_until": made.excluded.leased_until},
        where=lane.c.leased_until < func.clock_timestamp(),
    ).returning(lane.c.account, lane.c.fence)
    return {row.account: row.fence for row in conn.execute(taken)}


def renew(conn: Connection, held: dict[str, int], lease_s: float) -> bool:
    """Hold leased accounts for longer. False if any has passed to another worker since."""
    until = func.clock_timestamp() + seconds("lease_s").bindparams(lease_s=lease_s)
    ours = tuple_(lane.c.account, lane.c.fence).in_(sorted(held.items()))
    done = conn.execute(update(lane).where(ours).values(leased_until=until))
    return done.rowcount == len(held)


def release(conn: Connection, held: dict[str, int]) -> None:
    """Give accounts back, unless the lease has passed to another since."""
    if held:
        ours = tuple_(lane.c.account, lane.c.fence).in_(sorted(held.items()))
        conn.execute(update(lane).where(ours).values(leased_until=text("'-infinity'")))
