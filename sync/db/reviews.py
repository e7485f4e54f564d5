"""Accounts whose open questions are to be looked at again: promises, disputes, holds, follow-ups.

A wish is a counter, as with records: a look fulfils the wish it read. Whoever writes several kinds of rows in one
transaction writes here before holds and records, so that no two transactions wait in a ring.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Boolean, Connection, Date, Select, Text, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from sync.core.causes import fingerprint
from sync.db.crm_tables import review
from sync.db.records import seconds
from sync.db.tables import AnyRow

_WANT = insert(review).values(account=bindparam("name"), wanted=1, since=func.clock_timestamp())
_WAITS = review.c.wanted > review.c.done
_WANTS = _WANT.on_conflict_do_update(
    index_elements=["account"],
    set_={
        "wanted": review.c.wanted + 1,
        "since": func.coalesce(review.c.since, _WANT.excluded.since),
        "due_at": func.clock_timestamp(),
    },
)


def want(conn: Connection, accounts: Iterable[str]) -> None:
    """Have these accounts looked at."""
    names = sorted(set(accounts))
    if names:
        conn.execute(_WANTS, [{"name": name} for name in names])


def want_all(conn: Connection) -> int:
    """Have every account looked at that has, or had, anything to look at. Returns how many."""
    every = update(review).values(
        wanted=review.c.wanted + 1,
        since=func.coalesce(review.c.since, func.clock_timestamp()),
        due_at=func.clock_timestamp(),
    )
    return conn.execute(every).rowcount


@dataclass(frozen=True, slots=True, order=True)
class Posted:
    """An invoice of the account was posted. `now`: something follows from it in any case (it is, or was, overdue).

    `next_on`: the day after its due date, while that lies ahead.
    """

    account: str
    invoice: str
    now: bool
    next_on: date | None


# Most invoices raise no question: they are not due yet, nobody promised or contested anything. Those cost this
# statement, and a row in `review` only if its date is the next one.
_POSTED = text(
    """
    INSERT INTO review AS r (account, wanted, next_on, since)
    SELECT :account, CASE WHEN q.open THEN 1 ELSE 0 END, :next_on, CASE WHEN q.open THEN clock_timestamp() END
    FROM (SELECT :now
        OR EXISTS (SELECT 1 FROM coverage WHERE invoice = :invoice)
        OR EXISTS (SELECT 1 FROM dispute WHERE invoice = :invoice)
        OR EXISTS (SELECT 1 FROM followup WHERE invoice = :invoice)
        OR EXISTS (SELECT 1 FROM hold WHERE invoice = :invoice)
        OR EXISTS (SELECT 1 FROM commitment WHERE account = :account AND status = 'Open' AND problem IS NOT NULL)
        AS open) q
    WHERE q.open OR CAST(:next_on AS date) IS NOT NULL
    ON CONFLICT (account) DO UPDATE SET
        wanted = r.wanted + excluded.wanted,
        since = coalesce(r.since, excluded.since),
        due_at = CASE WHEN excluded.wanted > 0 THEN clock_timestamp() ELSE r.due_at END,
        next_on = least(r.next_on, excluded.next_on)
    WHERE excluded.wanted > 0 OR r.next_on IS NULL OR excluded.next_on < r.next_on
    """
).bindparams(
    bindparam("account", type_=Text),
    bindparam("invoice", type_=Text),
    bindparam("now", type_=Boolean),
    bindparam("next_on", type_=Date),
)


def _lock_of(accounts: Iterable[str]) -> Select[tuple[str]]:
    wanted = select(review.c.account).where(review.c.account.in_(sorted(accounts)))
    return wanted.order_by(review.c.account).with_for_update()


def posted(conn: Connection, rows: Iterable[Posted]) -> None:
    """Invoices were posted: have their accounts looked at where that may change anything."""
    values = [
        {"account": row.account, "invoice": row.invoice, "now": row.now, "next_on": row.next_on}
        for row in sorted(set(rows), key=lambda row: (row.account, row.invoice))
    ]
    if values:
        # A look that is under way is waited for, in a statement of its own: only the next one sees what it wrote down,
        # and whether that concerns these invoices.
        conn.execute(_lock_of({str(row["account"]) for row in values}))
        conn.execute(_POSTED, values)


_CLAIM = (
    select(review)
    .where(_WAITS, review.c.due_at <= func.now())
    .order_by(review.c.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def claim(conn: Connection) -> AnyRow | None:
    """Lock the next account that waits, passing over those that others look at."""
    return conn.execute(_CLAIM).first()


def finish(conn: Connection, row: AnyRow, next_on: date | None) -> None:
    """The account was looked at; `next_on`: when time alone calls for the next look."""
    conn.execute(
        update(review)
        .where(review.c.account == row.account)
        .values(done=row.wanted, next_on=next_on, since=None, attempts=0, error=None, cause=None)
    )


def postpone(conn: Connection, account: str, retry_s: float, error: str) -> None:
    """The look failed; tried again in so many seconds."""
    conn.execute(
        update(review)
        .where(review.c.account == account)
        .values(
            due_at=func.clock_timestamp() + seconds("wait").bindparams(wait=retry_s),
            attempts=review.c.attempts + 1,
            error=error,
            cause=fingerprint("review", None, error),
        )
    )


def turn(conn: Connection, today: date, limit: int) -> int:
    """Have up to `limit` accounts looked at whose day has come. Returns how many."""
    due = (
        select(review.c.account)
        .where(review.c.next_on <= today)
        .order_by(review.c.next_on, review.c.account)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    done = conn.execute(
        update(review)
        .where(review.c.account.in_(due.scalar_subquery()))
        .values(
            wanted=review.c.wanted + 1,
            next_on=None,
            since=func.coalesce(review.c.since, func.clock_timestamp()),
            due_at=func.clock_timestamp(),
        )
    )
    return done.rowcount


def restart_turns(conn: Connection) -> None:
    """Have every account looked at by the next turn."""
    conn.execute(update(review).values(next_on=date.min))


def anything_due(conn: Connection) -> bool:
    """Whether any account could be looked at now."""
    return (
        conn.execute(select(review.c.account).where(_WAITS, review.c.due_at <= func.now()).limit(1)).first() is not None
    )


def waiting(conn: Connection) -> int:
    """How many accounts wait to be looked at."""
    return int(conn.execute(select(func.count()).select_from(review).where(_WAITS)).scalar() or 0)
