"""The way of one event, or of one Salesforce record, told step by step with the times between."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `at` is None for what is still to come. `mood`: good, wait or bad; empty where neither.

    `to`: what it leads to, as (kind, key), if that has a page of its own.
    """

    at: datetime | None
    what: str
    detail: str = ""
    mood: str = ""
    to: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A step in its place: `after_s` seconds after the one before; None for the first and for what is to come."""

    step: Step
    after_s: float | None


def in_order(steps: Iterable[Step]) -> Sequence[Stop]:
    """The steps by time, what is to come at the end. Of one moment the order stays as given."""
    ordered = sorted(steps, key=lambda step: (step.at is None, step.at.timestamp() if step.at else 0.0))
    stops: list[Stop] = []
    before: datetime | None = None
    for step in ordered:
        after = (step.at - before).total_seconds() if step.at and before else None
        stops.append(Stop(step, after))
        before = step.at or before
    return stops
