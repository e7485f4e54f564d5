"""Whatever could not be done and needs a person, as one list: events that cannot be read, records that Salesforce
refuses, dunning holds that a billing system refuses, accounts that cannot be reviewed, work that failed.

Like ones share a cause (`sync.core.causes`), which is written down where they are parked: so ten thousand of them are
grouped by an equality, and a group is read by an index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    Subquery,
    Text,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from sync.core.causes import UNSORTED
from sync.db import ignoring
from sync.db import inbox as inbox_store
from sync.db import work as work_store
from sync.db.admin_tables import ignored, work
from sync.db.crm_tables import hold, review
from sync.db.records import OFTEN
from sync.db.tables import AnyRow, account, inbox, invoice, record

EVENTS = inbox.c.status == inbox_store.PARKED
RECORDS = record.c.parked.is_not(None)
HOLDS = hold.c.parked.is_not(None)
REVIEWS = (review.c.wanted > review.c.done) & (review.c.attempts >= OFTEN)
WORK = work.c.status == work_store.FAILED
WORK_CAUSE = func.substr(func.md5(func.concat("work ", work.c.kind)), 1, 16)
WORK_IGNORED = (
    select(literal(1))
    .where(ignored.c.kind == "work", ignored.c.key == cast(work.c.id, Text), ignored.c.version == work.c.attempts)
    .exists()
)


def _of(what: str, kind: Any, key: Any, cause: Any, **columns: Any) -> Any:
    named = {"code": null(), "fix": null(), "account": null(), "next_at": null(), "event": null()} | columns
    parts = [cast(named[name], Text).label(name) for name in ("code", "reason", "fix", "account", "event")]
    since, next_at = named["since"].label("since"), _instant(named["next_at"]).label("next_at")
    sorted_ = func.coalesce(cause, UNSORTED).label("cause")
    numbers = (named["attempts"].label("attempts"), named["version"].label("version"))
    kind = cast(kind, Text).label("kind")
    return select(
        literal(what).label("what"), kind, cast(key, Text).label("key"), sorted_, *parts, since, next_at, *numbers
    )


def _instant(value: Any) -> Any:
    return cast(value, record.c.due_at.type)


def _everything(*, left_alone: bool = False) -> Subquery:
    """One row for each parked thing; with `left_alone` those that are ignored instead of the others."""

    def told(condition: Any) -> Any:
        return condition if left_alone else ~condition

    events = _of(
        "event",
        literal("event"),
        inbox.c.id,
        inbox.c.cause,
        code=inbox.c.type,
        reason=inbox.c.reason,
        since=func.coalesce(inbox.c.processed_at, inbox.c.received_at),
        event=inbox.c.event_id,
        attempts=inbox.c.attempts,
        version=inbox.c.attempts,
    ).where(EVENTS, told(ignoring.EVENT))
    records = _of(
        "record",
        record.c.kind,
        record.c.key,
        record.c.cause,
        code=record.c.parked,
        reason=record.c.reason,
        fix=record.c.fix,
        account=record.c.lane,
        since=func.coalesce(record.c.parked_at, record.c.marked_at),
        next_at=record.c.due_at,
        event=record.c.trace,
        attempts=record.c.attempts,
        version=record.c.marked,
    ).where(RECORDS, told(ignoring.RECORD))
    return union_all(events, records, *_smaller(told)).subquery("parked")


def _smaller(told: Any) -> Sequence[Any]:
    holds = _of(
        "hold",
        literal("hold"),
        hold.c.invoice,
        hold.c.cause,
        code=hold.c.parked,
        reason=hold.c.reason,
        fix=hold.c.fix,
        account=hold.c.account,
        since=func.coalesce(hold.c.parked_at, hold.c.due_at),
        next_at=hold.c.due_at,
        attempts=hold.c.attempts,
        version=hold.c.version,
    ).where(HOLDS, told(ignoring.HOLD))
    reviews = _of(
        "review",
        literal("review"),
        review.c.account,
        review.c.cause,
        reason=review.c.error,
        account=review.c.account,
        since=func.coalesce(review.c.since, review.c.due_at),
        next_at=review.c.due_at,
        attempts=review.c.attempts,
        version=review.c.wanted,
    ).where(REVIEWS, told(ignoring.REVIEW))
    failed = _of(
        "work",
        literal("work"),
        work.c.id,
        WORK_CAUSE,
        code=work.c.kind,
        reason=work.c.told,
        since=func.coalesce(work.c.ended_at, work.c.asked_at),
        attempts=work.c.attempts,
        version=work.c.attempts,
    ).where(WORK, told(WORK_IGNORED))
    return holds, reviews, failed


_BETWEEN = "\x1f"  # a kind and a key, in one text
TOLD, LEFT_ALONE = _everything(), _everything(left_alone=True)


@dataclass(frozen=True, slots=True)
class Group:
    """Parked things of one cause. `kinds`: what they are; `key`: one of them, as are `reason` and `fix`."""

    cause: str
    what: str
    kinds: tuple[str, ...]
    code: str | None
    reason: str | None
    fix: str | None
    count: int
    since: datetime
    latest: datetime
    kind: str
    key: str


def groups(conn: Connection) -> list[Group]:
    """Every cause, that of the most things first."""
    found = _grouped().subquery("found")
    return [_group(row) for row in conn.execute(select(found).order_by(found.c.n.desc(), found.c.what, found.c.cause))]


def group(conn: Connection, cause: str) -> Group | None:
    """The things of one cause; None if there are none (any more)."""
    row = conn.execute(_grouped(cause)).first()
    return None if row is None else _group(row)


def _grouped(cause: str | None = None) -> Select[*tuple[Any, ...]]:
    """By kind first, so that thousands of things need not be sorted to tell which kinds there are."""
    c = TOLD.c
    key = func.min(c.key.collate("C")).label("key")
    told = [func.min(column.collate("C")).label(column.name) for column in (c.code, c.reason, c.fix)]
    spans = (func.min(c.since).label("since"), func.max(c.since).label("latest"))
    by_kind = select(c.cause, c.what, c.kind, *told, func.count().label("n"), *spans, key)
    by_kind = by_kind.where(true() if cause is None else c.cause == cause).group_by(c.what, c.cause, c.kind)

    c = by_kind.subquery("by_kind").c
    told = [func.min(column.collate("C")).label(column.name) for column in (c.code, c.reason, c.fix)]
    kinds = func.array_agg(aggregate_order_by(c.kind, c.kind)).label("kinds")
    count = func.sum(c.n).cast(BigInteger).label("n")
    spans = (func.min(c.since).label("since"), func.max(c.latest).label("latest"))
    example = func.min(func.concat_ws(_BETWEEN, c.kind, c.key).collate("C")).label("example")
    return select(c.cause, c.what, *told, kinds, count, *spans, example).group_by(c.what, c.cause)


def _group(row: AnyRow) -> Group:
    kind, _, key = row.example.partition(_BETWEEN)
    told = (row.code, row.reason, row.fix, row.n, row.since, row.latest)
    return Group(row.cause, row.what, tuple(row.kinds), *told, kind, key)


SORTS = ("since", "key", "attempts", "account")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items: of one cause, or of all (None); found by a key, an invoice's number or an account's name."""

    cause: str | None = None
    search: str = ""
    left_alone: bool = False


def items(
    conn: Connection, wanted: Wanted, *, sort: str = "since", down: bool = False, offset: int = 0, limit: int = 50
) -> tuple[int, Sequence[AnyRow]]:
    """How many items there are, and some of them, with the name of their account; `sort`: one of SORTS."""
    rows = (LEFT_ALONE if wanted.left_alone else TOLD).c
    name = account.c.name.label("account_name")
    places = rows.key.table.outerjoin(account, account.c.id == rows.account)
    chosen = true() if wanted.cause is None else rows.cause == wanted.cause
    if wanted.search:
        chosen &= _found(rows, wanted.search)
        total = select(func.count()).select_from(places).where(chosen)
    else:
        total = select(func.count()).select_from(rows.key.table).where(chosen)
    by = name if sort == "account" else rows[sort]
    order = by.desc().nulls_last() if down else by.asc().nulls_last()
    columns: list[Any] = [*rows, name]
    if wanted.left_alone:
        places = places.join(ignored, (ignored.c.kind == rows.kind) & (ignored.c.key == rows.key))
        columns += [ignored.c.why, ignored.c.by, ignored.c.at]
    some = select(*columns).select_from(places).where(chosen).order_by(order, rows.kind, rows.key)
    return conn.execute(total).scalar() or 0, conn.execute(some.offset(offset).limit(limit)).all()


def _found(rows: Any, search: str) -> Any:
    numbered = select(invoice.c.key).where(invoice.c.number == search)
    like = (column.icontains(search, autoescape=True) for column in (rows.key, rows.event, account.c.name))
    return or_(*like, rows.key.in_(numbered))


def item(conn: Connection, kind: str, key: str) -> tuple[AnyRow | None, bool]:
    """One parked thing, None if it is not (any more); and whether it is ignored."""
    for rows, left_alone in ((TOLD, False), (LEFT_ALONE, True)):
        found = conn.execute(select(rows).where(rows.c.kind == kind, rows.c.key == key)).first()
        if found is not None:
            return found, left_alone
    return None, False


def count(conn: Connection, *, left_alone: bool = False) -> int:
    """How many things are parked; or ignored."""
    rows = LEFT_ALONE if left_alone else TOLD
    return int(conn.execute(select(func.count()).select_from(rows)).scalar() or 0)
