"""What stands, or is to stand, in Salesforce: one row per record, with the wish to write it and what came of it; what
Salesforce refused is written down by `sync.db.refusals`.

A wish is a counter (`marked`); a write fulfils the wish it read, so marks made meanwhile stay open. While a request
may be alive (`sending_until`) no other writes the record, even if it has moved to another lane, and what Salesforce
holds counts as unknown (`content` is empty) until an answer says otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Connection,
    Float,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from sync.core.budget import Priority
from sync.db.objects import Asker
from sync.db.tables import AnyRow, record

RecordKey = tuple[str, str]  # (kind, key)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A wish to write one record."""

    kind: str
    key: str
    lane: str
    priority: Priority


def seconds(name: str) -> Any:
    """An interval of so many seconds, bound under a name."""
    return text(f"make_interval(secs => :{name})").bindparams(bindparam(name, type_=Float))


WAITING = record.c.marked > record.c.written
IN_LINE = WAITING & record.c.parked.is_(None)
STANDS = record.c.written_at.is_not(None) | IN_LINE  # in Salesforce, or about to be: others can point to it
OFTEN = 3  # failures from which waiting is told as a problem
DUE = WAITING & (record.c.due_at <= func.now())
QUIET = ~WAITING & record.c.sending_until.is_(None) & record.c.parked.is_(None) & record.c.rewrite_at.is_(None)
FREE = or_(record.c.sending_until.is_(None), record.c.sending_until < func.now())

# A wish to write a record again though nothing changed here; with `content` emptied, whatever is known of it there.
AGAIN = {
    "marked": record.c.marked + 1,
    "marked_at": case((WAITING, record.c.marked_at), else_=func.clock_timestamp()),
    "due_at": case((WAITING, record.c.due_at), else_=func.clock_timestamp()),
}

_MARK = insert(record).values(
    kind=bindparam("kind"),
    key=bindparam("key"),
    lane=bindparam("lane"),
    priority=bindparam("priority"),
    event_at=bindparam("event_at"),
    trace=bindparam("trace"),
    marked=1,
    marked_at=func.clock_timestamp(),
    due_at=func.clock_timestamp(),
)
_MARKS = _MARK.on_conflict_do_update(
    index_elements=["kind", "key"],
    set_={
        "marked": record.c.marked + 1,
        "lane": _MARK.excluded.lane,
        "content": case((record.c.lane == _MARK.excluded.lane, record.c.content), else_=null()),
        "priority": case(
            (WAITING, func.least(record.c.priority, _MARK.excluded.priority)), else_=_MARK.excluded.priority
        ),
        "marked_at": case((WAITING, record.c.marked_at), else_=_MARK.excluded.marked_at),
        "event_at": case(
            (WAITING, func.coalesce(record.c.event_at, _MARK.excluded.event_at)), else_=_MARK.excluded.event_at
        ),
        "trace": func.coalesce(_MARK.excluded.trace, record.c.trace),
        "due_at": case((IN_LINE, record.c.due_at), else_=_MARK.excluded.due_at),
    },
)


def mark(conn: Connection, marks: Iterable[Mark]) -> None:
    """Have records written, because of no event. Many wishes for one record become one write."""
    mark_for(conn, dict.fromkeys(marks, Asker()))


def mark_for(conn: Connection, marks: Mapping[Mark, Asker]) -> None:
    """Have records written, each because of an event."""
    values = [
        {
            "kind": item.kind,
            "key": item.key,
            "lane": item.lane,
            "priority": int(item.priority),
            "event_at": asker.received_at,
            "trace": asker.trace,
        }
        for item, asker in sorted(marks.items(), key=itemgetter(0))
    ]
    if values:
        conn.execute(_MARKS, values)


def due_in(
    conn: Connection, lanes: Iterable[str], limit: int, *, kinds: Sequence[str] | None = None
) -> Sequence[AnyRow]:
    """The due records of leased accounts, by kind and account."""
    wanted = select(record).where(record.c.lane.in_(sorted(lanes)), DUE, FREE)
    if kinds is not None:
        wanted = wanted.where(record.c.kind.in_(kinds))
    return conn.execute(
        wanted.order_by(record.c.priority, record.c.kind, record.c.lane, record.c.key).limit(limit)
    ).all()


def sending(conn: Connection, keys: Sequence[RecordKey], lifetime_s: float) -> None:
    """These are about to be sent: until an answer comes, nobody knows what Salesforce holds."""
    update_each(
        conn,
        [{"kind_": kind, "key_": key, "lifetime": lifetime_s} for kind, key in sorted(keys)],
        sending_until=func.clock_timestamp() + seconds("lifetime"),
        content=null(),
    )


@dataclass(frozen=True, slots=True, order=True)
class Written:
    """A record that stands in Salesforce as of wish `marked`, with this content, less the fields that were left out.

    `skipped`: it stood there already.
    """

    kind: str
    key: str
    marked: int
    lane: str
    content: str
    skipped: bool = False
    left_out: tuple[str, ...] = ()


def written(conn: Connection, rows: Sequence[Written]) -> None:
    """Writes that succeeded. One whose record has moved to another account meanwhile is written again there."""
    moved, left_out = record.c.lane != bindparam("lane_"), cast(bindparam("left_out_"), Text)
    update_each(
        conn,
        [
            {
                "kind_": row.kind,
                "key_": row.key,
                "lane_": row.lane,
                "marked_": row.marked,
                "content_": row.content,
                "skipped_": row.skipped,
                "left_out_": ",".join(row.left_out) or None,
            }
            for row in sorted(rows)
        ],
        written=func.greatest(record.c.written, bindparam("marked_")),
        marked=case((moved, record.c.marked + 1), else_=record.c.marked),
        content=case((or_(moved, left_out.is_not(None)), null()), else_=bindparam("content_")),
        left_out=case((bindparam("skipped_"), record.c.left_out), else_=left_out),
        sending_until=null(),
        attempts=0,
        parked=null(),
        reason=null(),
        fix=null(),
        cause=null(),
        parked_at=null(),
        written_at=case((bindparam("skipped_"), record.c.written_at), else_=func.clock_timestamp()),
        freshness_s=case(
            (
                record.c.event_at.is_not(None) & ~bindparam("skipped_"),
                func.extract("epoch", func.clock_timestamp() - record.c.event_at),
            ),
            (bindparam("skipped_"), record.c.freshness_s),
            else_=null(),
        ),
        event_at=case((record.c.marked > bindparam("marked_"), func.clock_timestamp()), else_=null()),
    )


def update_each(conn: Connection, rows: Sequence[dict[str, Any]], **values: Any) -> None:
    """Update one record for each of the parameter sets."""
    if rows:
        one = update(record).where(record.c.kind == bindparam("kind_"), record.c.key == bindparam("key_"))
        conn.execute(one.values(**values), rows)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits to be written: rows by kind, and for how long the oldest has waited (seconds)."""

    by_kind: dict[str, int]
    oldest_s: float

    @property
    def rows(self) -> int:
        """All waiting rows."""
        return sum(self.by_kind.values())


def queue(conn: Connection) -> Queue:
    """What could be sent now."""
    rows = conn.execute(
        select(
            record.c.kind,
            func.count(),
            func.extract("epoch", func.clock_timestamp() - func.min(record.c.marked_at)),
        )
        .where(DUE, FREE)
        .group_by(record.c.kind)
    ).all()
    return Queue({kind: count for kind, count, _ in rows}, max((float(age) for *_, age in rows), default=0.0))


def any_due(conn: Connection) -> bool:
    """Whether anything could be sent now."""
    return conn.execute(select(literal(1)).select_from(record).where(DUE, FREE).limit(1)).first() is not None


def quiet(conn: Connection, keys: Sequence[RecordKey]) -> Sequence[AnyRow]:
    """Of these records those that stand in Salesforce with nothing waiting, parked or on the wire."""
    return conn.execute(select(record).where(tuple_(record.c.kind, record.c.key).in_(sorted(keys)), QUIET)).all()


def standing(conn: Connection, keys: Sequence[RecordKey]) -> list[RecordKey]:
    """Those of these records that we have written, as far as we know."""
    found = select(record.c.kind, record.c.key).where(tuple_(record.c.kind, record.c.key).in_(sorted(keys)))
    return [(row.kind, row.key) for row in conn.execute(found.where(record.c.written_at.is_not(None)))]


def rewrite(
    conn: Connection, keys: Iterable[RecordKey], priority: Priority = Priority.NORMAL, *, doubted: bool = True
) -> int:
    """Have records looked at again although nothing changed here.

    `doubted`: Salesforce was seen to say something else, so they are written even if we have nothing new to say.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return 0
    done = conn.execute(
        update(record)
        .where(tuple_(record.c.kind, record.c.key).in_(wanted))
        .values(
            AGAIN
            | {
                "content": null() if doubted else record.c.content,
                "priority": case((WAITING, func.least(record.c.priority, int(priority))), else_=int(priority)),
                "due_at": case((IN_LINE, record.c.due_at), else_=func.clock_timestamp()),
            }
        )
    )
    return done.rowcount


def figures_of(conn: Connection, account: str) -> list[RecordKey]:
    """The AR summaries of an account, and our fields on the account itself."""
    kinds = record.c.kind.in_(("summary", "account"))
    found = select(record.c.kind, record.c.key).where(record.c.lane == account, kinds)
    return [(row.kind, row.key) for row in conn.execute(found)]
