"""How late an amount is: days past due and aging buckets, on the company's business date."""

from datetime import date, timedelta
from enum import StrEnum


class Bucket(StrEnum):
    """Aging buckets, as they read in Salesforce."""

    NOT_DUE = "Not due"
    D1_30 = "1-30"
    D31_60 = "31-60"
    D61_90 = "61-90"
    OVER_90 = "Over 90"


_STARTS = ((91, Bucket.OVER_90), (61, Bucket.D61_90), (31, Bucket.D31_60), (1, Bucket.D1_30))


def bucket(due_on: date, today: date) -> Bucket:
    """The bucket of something due on `due_on`: the day it is due it is not late yet."""
    late = (today - due_on).days
    return next((name for start, name in _STARTS if late >= start), Bucket.NOT_DUE)


def next_change_on(due_on: date, today: date) -> date | None:
    """The next day, after `today`, on which time alone moves it to another bucket; None once over 90 days late."""
    days = (due_on + timedelta(days=start) for start, _ in reversed(_STARTS))
    return next((day for day in days if day > today), None)


def due_between(name: Bucket, today: date) -> tuple[date | None, date | None]:
    """The first and the last due date of a bucket; None where it has no end on that side."""
    starts = [*(start for start, _ in _STARTS), None]
    at = [*(found for _, found in _STARTS), Bucket.NOT_DUE].index(name)
    last = starts[at]
    upper = today - timedelta(days=last) if last is not None else None
    lower = today - timedelta(days=(starts[at - 1] or 0) - 1) if at else None
    return lower, upper
