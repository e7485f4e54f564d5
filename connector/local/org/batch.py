"""Many rows in one request: each row passes or fails for itself, or none passes (`allOrNone`)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from connector.local.org.dml import Saved, Writer
from connector.local.org.faults import RowFailure
from connector.local.org.model import OrgError

Action = Callable[[], Saved]

_ROLLED_BACK = (
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


class _NotAllError(Exception):
    """Some row failed, so none may pass."""


def run_rows(
    writer: Writer,
    actions: Sequence[Action],
    ids: Iterable[str | None],
    *,
    all_or_none: bool = False,
    failure: RowFailure | None = None,
) -> list[Saved]:
    """Run the rows in order in one transaction. `ids` are those that the caller named: a failed row repeats its id."""
    results: list[Saved] = []
    with suppress(_NotAllError), writer.store.transaction():
        for number, (action, record_id) in enumerate(zip(actions, ids, strict=True)):
            results.append(_run(writer, action, record_id, failure and failure(number, record_id)))
        if all_or_none and any(result.errors for result in results):
            for result in results:
                result.errors = result.errors or [OrgError(*_ROLLED_BACK)]
                result.created = True  # seen in a live org: it says so of every row, whatever it would have been
            raise _NotAllError
    return results


def _run(writer: Writer, action: Action, record_id: str | None, failed: OrgError | None) -> Saved:
    if failed is not None:
        return Saved(record_id, errors=[failed])
    try:
        with writer.store.transaction():
            return action()
    except OrgError as error:
        return Saved(record_id, errors=[error])


def repeated(values: Iterable[Any]) -> set[Any]:
    """Keys that one request names more than once: every row that has one fails."""
    counts = Counter(value.casefold() if isinstance(value, str) else value for value in values if value is not None)
    return {value for value, times in counts.items() if times > 1}


def refuse_repeated(value: Any, again: set[Any]) -> None:
    """Raise DUPLICATE_VALUE for a key that is in `again`."""
    if again and (value.casefold() if isinstance(value, str) else value) in again:
        raise OrgError("DUPLICATE_VALUE", f"Duplicate external id specified: {value}")
