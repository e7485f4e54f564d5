"""Aging milestones: when an open invoice has been past due for so many days, its account's timeline says so.

A turn of the day tells what was crossed since the turn before it, and nothing older: neither what was long past due
when a milestone was set, nor what a backfill brings in late. Telling twice makes one entry, so a turn that was broken
off begins again.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from sync.core.budget import Priority
from sync.core.timeline import milestone
from sync.db import ledger, records, timeline
from sync.db.records import Mark
from sync.pipeline.owed import owed

BATCH = 500


def tell_milestones(
    engine: Engine, milestones: Sequence[int], last: date | None, today: date, proceed: Callable[[], bool]
) -> bool:
    """Tell what was crossed after `last` (None: what is crossed today). False if `proceed` said stop before the end."""
    since = last if last is not None else today - timedelta(days=1)
    for days in milestones:
        first, until, after = since - timedelta(days=days), today - timedelta(days=days), ""
        while key := _tell_some(engine, days, first, until, after):
            after = key
            if not proceed():
                return False
    return True


def _tell_some(engine: Engine, days: int, first: date, until: date, after: str) -> str | None:
    """Some invoices in the order of their keys. The last of them; None if there was none."""
    with engine.begin() as conn:
        rows = ledger.open_and_due(conn, first, until, after, BATCH)
        marks = set()
        for row in rows:
            entry = milestone(owed(row), days, datetime.now(UTC))
            if timeline.add(conn, row.account, entry) and row.account is not None:
                marks.add(Mark("activity", entry.key, row.account, Priority.BACKGROUND))
        records.mark(conn, marks)
    return rows[-1].key if rows else None
