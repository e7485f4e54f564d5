"""Taking rows of ours out of an org by their key: look up the ids, then delete 200 a call.

There is no delete by external id for many rows at once. What is not there (any more) is as good as deleted, so
everything here can be repeated.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.errors import ConnectorError, GoneError, RetryableError
from connector.salesforce.errors import refusals
from connector.salesforce.limits import Priority
from connector.salesforce.read import checked_name, in_parts, query_many
from connector.salesforce.rows import not_sent
from connector.salesforce.session import OrgSession
from connector.salesforce.write import ROWS_PER_CALL


@dataclass(frozen=True)
class _Removal:
    session: OrgSession
    object_name: str
    key_field: str
    priority: Priority


def delete_by_key(
    session: OrgSession,
    object_name: str,
    key_field: str,
    keys: Sequence[str],
    *,
    priority: Priority = Priority.BACKGROUND,
) -> dict[str, ConnectorError | None]:
    """Move the rows with these keys to the recycle bin; for each key None, or why its row still stands there.

    Keys are compared with regard to case. Never raises ConnectorError; after `outcome_unknown` do it again.
    """
    removal = _Removal(session, object_name, key_field, priority)
    done: dict[str, ConnectorError | None] = dict.fromkeys(keys)
    if not done:
        return done
    try:
        rows = list(_look_up(removal, frozenset(done)))
    except ConnectorError as error:
        return dict.fromkeys(done, error)
    blocker: ConnectorError | None = None
    for start in range(0, len(rows), ROWS_PER_CALL):
        some = rows[start : start + ROWS_PER_CALL]
        if blocker is not None:
            done |= dict.fromkeys((key for _id, key in some), not_sent(blocker))
            continue
        try:
            done |= _delete(removal, some)
        except ConnectorError as error:
            blocker = error
            done |= dict.fromkeys((key for _id, key in some), error)
    return done


def _look_up(removal: _Removal, keys: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Ids and keys of the living rows. SOQL finds them without regard to case; two keys may differ in nothing else."""
    name = checked_name(removal.key_field)
    start = f"SELECT Id, {name} FROM {checked_name(removal.object_name)} WHERE {name} IN "  # noqa: S608 - names checked
    for page in query_many(removal.session, in_parts(start, keys), priority=removal.priority):
        yield from ((row["Id"], row[name]) for row in page if row[name] in keys)


def _delete(removal: _Removal, rows: Sequence[tuple[str, str]]) -> dict[str, ConnectorError | None]:
    """One request. Raises ConnectorError where it is refused as a whole."""
    params = {"ids": ",".join(record_id for record_id, _key in rows), "allOrNone": "false"}
    results = removal.session.request("DELETE", "composite/sobjects", params=params, priority=removal.priority)
    if not isinstance(results, list) or len(results) != len(rows):
        raise RetryableError(
            "UNEXPECTED_ANSWER", f"not one result for each of {len(rows)} deletions", outcome_unknown=True
        )
    return {key: _error(removal, result) for (_id, key), result in zip(rows, results, strict=True)}


def _error(removal: _Removal, result: Mapping[str, Any]) -> ConnectorError | None:
    if result.get("success") is True:
        return None
    error = refusals(result.get("errors"), object_name=removal.object_name)
    if isinstance(error, GoneError):
        return None
    return error or RetryableError("UNEXPECTED_ANSWER", f"neither success nor errors: {result}", outcome_unknown=True)
