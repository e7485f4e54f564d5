"""A new mapping, and the records that an older one wrote: what writing them again would cost, and doing it.

Applying only marks records, in slices, at the lowest priority; the publisher does the rest as always, and keeps what
stood in a field before it writes there (sync.pipeline.stood). So it holds no other writing up, and a slice that is
repeated after a kill marks some records twice, which makes one write of each.

Fields that the mapping lets go of keep their last value, or get back what stood there before: as whoever saved it
chose. A field that a later version has taken again is left alone. A version that lets go of fields is always applied,
also where nobody asked for records to be written again: what is kept of those fields is forgotten, or put back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine

from sync.core.budget import Priority
from sync.core.fieldmap.changes import KindChange, changes
from sync.core.fieldmap.figures import ACCOUNT, map_kind, our_fields, record_kinds
from sync.core.fieldmap.rules import FieldMap
from sync.core.words import counted
from sync.db import config, fieldmaps, kept, records, remap
from sync.db.fieldmaps import AREA, Leaving, Pins

STEP = 1_000  # records marked in one transaction
ROWS_A_CALL = 200
ROWS_A_ROUND = 10_000  # as many a publishing run takes at once, and as many share a bulk job
KEYS_A_CALL = 5_000  # about as many records one call can read, by keys of usual length
JOB_CALLS = 8  # to create, fill and close a bulk job, look at it some times and read what became of its rows


@dataclass(frozen=True, slots=True)
class Cost:
    """What a change of the mapping costs. `records`: by kind, how many are written again; `accounts`: of so many.

    `calls`: Salesforce API calls for that, at most; `daily`: accounts that are written once a day from then on, because
    they say something that changes with every day.
    """

    records: Mapping[str, int] = field(default_factory=dict)
    accounts: int = 0
    calls: int = 0
    daily: int = 0

    @property
    def rows(self) -> int:
        """All records that are written again."""
        return sum(self.records.values())


def cost(
    conn: Connection,
    before: FieldMap,
    after: FieldMap,
    today: date,
    leaving: Leaving = "leave",
    *,
    bulk_from: int = 2_000,
) -> Cost:
    """What applying `after` to the records written by `before` costs, with `leaving` for the fields it lets go of."""
    found = {kind: change for kind, change in changes(before, after).items() if concerns(change, leaving)}
    counts = {kind: remap.count(conn, _records_of(kind), unwritten=each.switched_on) for kind, each in found.items()}
    told = {kind: count for kind, count in counts.items() if count}
    reads = sum(_calls(counts[kind], KEYS_A_CALL) for kind, change in found.items() if _is_read(change, leaving))
    daily = after.daily(ACCOUNT) and not before.daily(ACCOUNT)
    return Cost(
        records=told,
        accounts=remap.accounts(conn, [name for kind in told for name in _records_of(kind)]) if told else 0,
        calls=reads + sum(_writing(count, bulk_from) for count in told.values()),
        daily=remap.overdue_accounts(conn, today) if daily else 0,
    )


def concerns(change: KindChange, leaving: Leaving) -> bool:
    """Whether records of the kind have to be looked at again."""
    return change.rewrites or (leaving == "restore" and bool(change.left))


def _is_read(change: KindChange, leaving: Leaving) -> bool:
    """Whether what stands there has to be read first."""
    ours = our_fields(change.kind)
    return any(name.lower() not in ours for name in change.taken) or (leaving == "restore" and bool(change.left))


def _records_of(kind: str) -> tuple[str, ...]:
    return record_kinds(map_kind(kind))


def _calls(rows: int, a_call: int) -> int:
    return -(-rows // a_call)


def _writing(rows: int, bulk_from: int) -> int:
    """Calls for so many rows of one object: 200 rows a call, a bulk job where many go at once."""
    rounds, rest = divmod(rows, ROWS_A_ROUND)
    return rounds * JOB_CALLS + (JOB_CALLS if rest >= bulk_from else _calls(rest, ROWS_A_CALL))


# --- applying --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Applied:
    """How far a slice came. `place`: where the next goes on; `done` of `total` records are marked."""

    place: dict[str, Any]
    done: int
    total: int
    finished: bool
    told: str


class NoSuchVersionError(ValueError):
    """A version of the mapping that was never saved."""


def apply_slice(
    engine: Engine, pins: Pins, version: int, place: dict[str, Any] | None, proceed: Callable[[], bool]
) -> Applied:
    """Have the records that a saved version concerns written again, from where the slice before stopped.

    Goes on until all are marked or `proceed` says stop. Raises NoSuchVersionError.
    """
    with engine.connect() as conn:
        work = _Work.of(conn, pins, version)
        at = place or {"kind": 0, "after": "", "done": 0, "total": work.total(conn)}
    while at["kind"] < len(work.walks) and proceed():
        with engine.begin() as conn:
            at = work.step(conn, at)
    finished = at["kind"] >= len(work.walks)
    return Applied(at, at["done"], max(at["total"], at["done"]), finished, _told(at, finished=finished))


def _told(at: Mapping[str, Any], *, finished: bool) -> str:
    if not finished:
        return f"{counted(at['done'], 'record is', 'records are')} to be written again so far"
    if not at["done"]:
        return "nothing had to be written"
    return f"{counted(at['done'], 'record is', 'records are')} written again, in the background"


@dataclass(frozen=True, slots=True)
class _Walk:
    """The records of one kind, and what becomes of fields there."""

    kind: str
    change: KindChange

    @property
    def unwritten(self) -> bool:
        """Whether those never written are concerned, too."""
        return self.change.switched_on


@dataclass(frozen=True, slots=True)
class _Work:
    """A version that is being applied."""

    pins: Pins
    version: int
    leaving: Leaving
    walks: Sequence[_Walk]

    @classmethod
    def of(cls, conn: Connection, pins: Pins, number: int) -> "_Work":
        """The work for a version: what it changes against the one before."""
        version = config.version(conn, AREA, number)
        if version is None:
            raise NoSuchVersionError(f"there is no version {number} of the mapping")
        leaving = fieldmaps.leaving(version)
        found = changes(fieldmaps.before(conn, number, pins), fieldmaps.of(version, pins))
        walks = [
            _Walk(kind, change)
            for name, change in found.items()
            if concerns(change, leaving) or change.left
            for kind in _records_of(name)
        ]
        return cls(pins, number, leaving, walks)

    def total(self, conn: Connection) -> int:
        """How many records are walked through."""
        return sum(remap.count(conn, [walk.kind], unwritten=walk.unwritten) for walk in self.walks)

    def step(self, conn: Connection, at: dict[str, Any]) -> dict[str, Any]:
        """Mark the next records of a kind; returns the place after them."""
        walk = self.walks[at["kind"]]
        keys = remap.keys(conn, walk.kind, at["after"], STEP, unwritten=walk.unwritten)
        if not keys:
            return {**at, "kind": at["kind"] + 1, "after": ""}
        self._let_go(conn, walk, keys)
        if concerns(walk.change, self.leaving):
            marked = [(walk.kind, key) for key in keys]
            records.rewrite(conn, marked, Priority.BACKGROUND, doubted=False)
        return {**at, "after": keys[-1], "done": at["done"] + len(keys)}

    def _let_go(self, conn: Connection, walk: _Walk, keys: Sequence[str]) -> None:
        """Fields that nothing is written to any more, by the mapping that holds now."""
        mapped = {name.lower() for name in fieldmaps.current(conn, self.pins).fields(walk.kind)}
        free = [name for name in walk.change.left if name.lower() not in mapped]
        if walk.change.taken:
            kept.take_back(conn, walk.kind, keys, walk.change.taken)
        if free and self.leaving == "leave":
            kept.let_go(conn, walk.kind, keys, free)
        elif free:
            ours = [name for name in free if name.lower() in our_fields(map_kind(walk.kind))]
            kept.give_back(conn, walk.kind, keys, free, ours, self.version)
