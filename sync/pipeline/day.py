"""The daily turn: time passing is an event for exactly those rows whose date has come.

Each row knows the day on which it changes next, so running the turn twice, late, or after three days gives the same.
"""

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import Engine

from sync.core.aging import next_change_on
from sync.core.dates import Calendar
from sync.db import cursors, ledger, links, records, reviews, upkeep
from sync.pipeline.belonging import marks_for
from sync.pipeline.milestones import tell_milestones

BATCH = 1_000
_LAST = "day"


def turn_due(engine: Engine, calendar: Calendar) -> bool:
    """Whether the business date has moved since the last turn was finished."""
    with engine.connect() as conn:
        last: str | None = cursors.get(conn, _LAST)
    return last != calendar.today().isoformat()


def turn_day(engine: Engine, calendar: Calendar, proceed: Callable[[], bool], milestones: Sequence[int] = ()) -> int:
    """Have the figures of every account that today changes written again. Returns how many rows were touched.

    `milestones`: the days past due at which the timeline says so.
    """
    today, touched = calendar.today(), 0
    with engine.begin() as conn:
        last = cursors.get(conn, _LAST)
        if last is not None and date.fromisoformat(str(last)) > today:  # a moved clock went back: dates start anew
            ledger.restart_turns(conn)
            upkeep.restart_turns(conn)
            reviews.restart_turns(conn)
    while proceed():
        rows = _turn_invoices(engine, today) + _turn_summaries(engine, today) + _turn_reviews(engine, today)
        touched += rows
        if rows == 0:
            before = None if last is None else date.fromisoformat(str(last))
            if not tell_milestones(engine, milestones, before, today, proceed):
                break
            with engine.begin() as conn:
                if not ledger.turns_left(conn, today):  # else another turn holds them, and may die yet
                    cursors.put(conn, _LAST, today.isoformat())
            break
    return touched


def _turn_invoices(engine: Engine, today: date) -> int:
    with engine.begin() as conn:
        rows = ledger.turn_invoices(conn, today, BATCH)
        accounts = links.account_of(conn, {row.customer for row in rows})
        marks = set()
        for row in rows:
            if row.customer in accounts:
                marks |= marks_for(accounts[row.customer], [row.currency], [])
        records.mark(conn, marks)
        ledger.set_next_change(conn, {row.key: next_change_on(row.due_on, today) for row in rows})
        return len(rows)


def _turn_summaries(engine: Engine, today: date) -> int:
    """Summaries whose windows of time lose a day, and accounts that say something that changes daily.

    When they are rendered they learn their next date.
    """
    with engine.begin() as conn:
        rows = upkeep.turn_summaries(conn, today, BATCH)
        marks = set()
        for row in rows:
            marks |= marks_for(row.lane, [row.key.rpartition(":")[2]] if row.kind == "summary" else [], [])
        records.mark(conn, marks)
        upkeep.set_turn(conn, dict.fromkeys((row.kind, row.key) for row in rows))
        return len(rows)


def _turn_reviews(engine: Engine, today: date) -> int:
    """Accounts where a due date was missed, a promise may be broken, a dispute waits for too long."""
    with engine.begin() as conn:
        return reviews.turn(conn, today, BATCH)
