"""Applying a saved mapping to old records, as long work."""

from collections.abc import Callable
from typing import Any

from sync.bootstrap import Runtime
from sync.db.work import Slice
from sync.pipeline.remap import apply_slice

APPLY = "apply mapping"  # kind of work; its argument: {"version": number}


def apply(
    run: Runtime,
    argument: dict[str, Any],
    place: Any,
    proceed: Callable[[], bool],
    note: Callable[[int, str], None],  # noqa: ARG001 - a slice takes seconds, and tells at its end
) -> Slice:
    """Do a slice of it, and wake whoever writes what was marked."""
    done = apply_slice(run.engine, run.settings.account_fields, argument["version"], place, proceed)
    run.bell.ring("salesforce")
    return Slice(done.place, done.done, done.total, done.told, done.finished)
