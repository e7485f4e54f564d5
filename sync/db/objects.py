"""What the billing systems said of each object, with what the rule of sync.core.convergence needs to judge the next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, any_, bindparam, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from sync.core.convergence import Known
from sync.core.facts import Facts, unpack
from sync.core.mapping import Seen
from sync.db.tables import AnyRow, object_

_LINKS = ("customer", "invoice", "payment", "charge")

_LOCK = select(object_).where(object_.c.key == bindparam("key_")).with_for_update()
_CREATE = (
    insert(object_)
    .values(
        key=bindparam("key_"),
        kind=bindparam("kind_"),
        source=bindparam("source_"),
        scope=bindparam("scope_"),
        stamp=-1,
        read_until=-1,
        version=0,
    )
    .on_conflict_do_nothing(index_elements=["key"])
)


_ANY_KEY = any_(bindparam("keys", type_=ARRAY(Text)))
_MANY = select(object_).where(object_.c.key == _ANY_KEY)
_LOCK_MANY = _MANY.order_by(object_.c.key.collate("C")).with_for_update()  # in one order for all, which is Python's


def lock(conn: Connection, seen: Iterable[Seen], scope: str) -> dict[str, Known]:
    """Lock these objects' rows, made where they are new, and read what is known of each."""
    wanted = {item.facts.key: item for item in seen}
    rows = {row.key: row for row in conn.execute(_LOCK_MANY, {"keys": sorted(wanted)})}
    new = sorted(wanted.keys() - rows.keys())
    if new:
        made = [(key, wanted[key].facts.kind, wanted[key].source) for key in new]
        conn.execute(_CREATE, [{"key_": key, "kind_": kind, "source_": of, "scope_": scope} for key, kind, of in made])
        rows |= {row.key: row for row in conn.execute(_LOCK_MANY, {"keys": new})}
    return {key: known(row) for key, row in rows.items()}


def lock_key(conn: Connection, key: str) -> AnyRow | None:
    """Lock the row of that key, if there is one."""
    return conn.execute(_LOCK, {"key_": key}).first()


def known(row: AnyRow) -> Known:
    """A row as the core sees it."""
    return Known(
        facts=unpack(row.kind, row.facts) if row.facts is not None else None,
        stamp=row.stamp,
        read_until=row.read_until,
        version=row.version,
        candidate=unpack(row.kind, row.candidate) if row.candidate is not None else None,
        wanted=row.fetch_at is not None,
        doubtful=row.doubtful,
    )


_SAVE = (
    update(object_)
    .where(object_.c.key == bindparam("key_"))
    .values(
        facts=bindparam("facts_", type_=object_.c.facts.type),
        candidate=bindparam("candidate_", type_=object_.c.candidate.type),
        stamp=bindparam("stamp_"),
        read_until=bindparam("read_until_"),
        version=bindparam("version_"),
        doubtful=bindparam("doubtful_"),
        changed_at=func.clock_timestamp(),
        **{name: bindparam(f"{name}_") for name in _LINKS},
    )
)


def save(conn: Connection, states: Mapping[str, Known]) -> None:
    """Write what is known now, by key. Requests to fetch are written by `want` and `fetched`."""
    if not states:
        return
    rows = [
        {
            "key_": key,
            "facts_": state.facts.pack() if state.facts else None,
            "candidate_": state.candidate.pack() if state.candidate else None,
            "stamp_": state.stamp,
            "read_until_": state.read_until,
            "version_": state.version,
            "doubtful_": state.doubtful,
            **{f"{name}_": getattr(state.facts, name, None) for name in _LINKS},
        }
        for key, state in sorted(states.items())
    ]
    conn.execute(_SAVE, rows)


@dataclass(frozen=True, slots=True)
class Asker:
    """The event behind a wish: its id for the logs, and when it was received."""

    trace: str | None = None
    received_at: datetime | None = None

    def then(self, later: "Asker") -> "Asker":
        """Both of them: the trace of the later, the time of the one that has waited longer."""
        times = [at for at in (self.received_at, later.received_at) if at is not None]
        return Asker(later.trace or self.trace, min(times, default=None))


def want(conn: Connection, key: str, asker: Asker) -> None:
    """Have the object fetched as soon as can be; one already on its way began too early and will be repeated."""
    conn.execute(
        update(object_)
        .where(object_.c.key == key)
        .values(
            version=object_.c.version + 1,
            fetch_at=func.clock_timestamp(),
            trace=asker.trace,
            asked_at=func.least(object_.c.asked_at, asker.received_at) if asker.received_at else object_.c.asked_at,
        )
    )


def doubtful(conn: Connection, connection: str) -> list[str]:
    """The objects of a connection that reconciliation should look at and that can be fetched, by key."""
    ours = (object_.c.scope == connection) | object_.c.scope.startswith(f"{connection}/", autoescape=True)
    found = select(object_.c.key).where(object_.c.doubtful, ours, object_.c.source.is_not(None))
    return sorted(conn.scalars(found))


def want_missing(conn: Connection, parents: Mapping[tuple[str, str, str], Asker], scope: str) -> int:
    """Have objects fetched that were referred to and never seen: (key, kind of facts, source). Returns how many."""
    wanted = sorted(parents)
    if not wanted:
        return 0
    seen = set(conn.scalars(select(object_.c.key).where(object_.c.key.in_([key for key, _, _ in wanted]))))
    rows = [
        {
            "key": key,
            "kind": kind,
            "source": source,
            "scope": scope,
            "stamp": -1,
            "read_until": -1,
            "version": 0,
            "trace": parents[key, kind, source].trace,
            "asked_at": parents[key, kind, source].received_at,
        }
        for key, kind, source in wanted
        if key not in seen
    ]
    if not rows:
        return 0
    made = insert(object_).values(rows).on_conflict_do_nothing(index_elements=["key"])
    conn.execute(made)
    conn.execute(
        update(object_)
        .where(object_.c.key.in_([row["key"] for row in rows]), object_.c.version == 0)
        .values(fetch_at=func.clock_timestamp())
    )
    return len(rows)


def claim_fetches(conn: Connection, limit: int, lease_s: float) -> Sequence[AnyRow]:
    """Take up to `limit` wanted fetches; one is in flight per object until it ends or its lease does."""
    free = object_.c.fetch_until.is_(None) | (object_.c.fetch_until < func.now())
    due = (
        select(object_.c.key)
        .where(object_.c.fetch_at <= func.now(), free)
        .order_by(object_.c.fetch_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    until = func.clock_timestamp() + text("make_interval(secs => :lease)").bindparams(lease=lease_s)
    taken = (
        update(object_)
        .where(object_.c.key.in_(due.scalar_subquery()))
        .values(fetch_until=until)
        .returning(object_.c.key, object_.c.kind, object_.c.source, object_.c.scope, object_.c.version)
    )
    return conn.execute(taken).all()


def fetched(conn: Connection, key: str, *, again: bool) -> None:
    """A fetch has ended; `again` when it must be repeated at once."""
    conn.execute(
        update(object_)
        .where(object_.c.key == key)
        .values(
            fetch_at=func.clock_timestamp() if again else None,
            fetch_until=None,
            fetch_attempts=0,
            fetch_error=None,
            asked_at=object_.c.asked_at if again else None,
        )
    )


def fetch_failed(conn: Connection, key: str, error: str, *, retry_s: float | None) -> int:
    """A fetch failed; tried again in `retry_s` seconds, never if None. Returns how often it has failed."""
    wait = None if retry_s is None else func.clock_timestamp() + text("make_interval(secs => :s)").bindparams(s=retry_s)
    done = conn.execute(
        update(object_)
        .where(object_.c.key == key)
        .values(fetch_at=wait, fetch_until=None, fetch_attempts=object_.c.fetch_attempts + 1, fetch_error=error)
        .returning(object_.c.fetch_attempts)
    )
    return int(done.scalar() or 0)


def fetches_due(conn: Connection) -> bool:
    """Whether any fetch could be done now."""
    free = object_.c.fetch_until.is_(None) | (object_.c.fetch_until < func.now())
    return conn.execute(select(literal(1)).where(object_.c.fetch_at <= func.now(), free).limit(1)).first() is not None


def _naming(column: Any) -> Any:
    told = select(object_.c.kind, object_.c.facts).where(column == any_(bindparam("named", type_=ARRAY(Text))))
    kinds = object_.c.kind == any_(bindparam("kinds", type_=ARRAY(Text)))
    return told.where(kinds, object_.c.facts.is_not(None)).order_by(object_.c.key)


_OF_INVOICES, _OF_PAYMENTS, _OF_CHARGES = (_naming(object_.c[name]) for name in ("invoice", "payment", "charge"))
_CREDIT_ENTRIES = _naming(object_.c.customer).where(object_.c.stamp >= bindparam("since"))


def of_invoices(conn: Connection, invoices: Sequence[str], *kinds: str) -> list[Facts]:
    """Facts of these kinds that name one of the invoices, by key."""
    return _facts(conn, _OF_INVOICES, named=list(invoices), kinds=list(kinds))


def of_payments(conn: Connection, payments: Sequence[str], *kinds: str) -> list[Facts]:
    """Facts of these kinds that name one of the payments, by key."""
    return _facts(conn, _OF_PAYMENTS, named=list(payments), kinds=list(kinds))


def of_charges(conn: Connection, charges: Sequence[str], *kinds: str) -> list[Facts]:
    """Facts of these kinds that name one of the charges, by key."""
    return _facts(conn, _OF_CHARGES, named=list(charges), kinds=list(kinds))


def credit_entries(conn: Connection, customer: str, since: int) -> list[Facts]:
    """The customer's credit entries that are no older than provider second `since`."""
    return _facts(conn, _CREDIT_ENTRIES, named=[customer], since=since, kinds=["credit_entry"])


def _facts(conn: Connection, query: Any, **values: Any) -> list[Facts]:
    return [unpack(row.kind, row.facts) for row in conn.execute(query, values)]


def many(conn: Connection, keys: Iterable[str]) -> dict[str, Known]:
    """What is known of objects, by key, without locking them."""
    return {row.key: known(row) for row in conn.execute(_MANY, {"keys": sorted(keys)})}


def older_than(conn: Connection, key: str, stamp: int) -> bool:
    """Whether the object is known, and only as of a second no later than `stamp`."""
    found = select(literal(1)).where(object_.c.key == key, object_.c.facts.is_not(None), object_.c.stamp <= stamp)
    return conn.execute(found).first() is not None
