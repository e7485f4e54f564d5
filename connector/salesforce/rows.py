"""Rows on their way into an org: cut down to what it exposes, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connector.errors import ConnectorError, RetryableError
from connector.salesforce.describe import ObjectFacts, Verb
from connector.salesforce.values import plain


@dataclass(frozen=True, slots=True)
class Row:
    """One row ready to send: its key, the other fields in plain types, and the names of those left out."""

    key: str
    fields: Mapping[str, Any]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: its id, and whether it is new (None: not said); or the error."""

    id: str | None = None
    created: bool | None = None
    error: ConnectorError | None = None


def keys_of(rows: Sequence[Mapping[str, Any]], key_field: str) -> list[str]:
    """The key of each row. ValueError for a row without one, and for a key that comes twice.

    Two keys that differ only by case are two keys: our key fields are case-sensitive.
    """
    keys: list[str] = []
    seen: set[str] = set()
    for row in rows:
        key = row.get(key_field)
        if not isinstance(key, str) or not key or key != key.strip():
            raise ValueError(f"every row needs its key in {key_field} as trimmed text, not {key!r}")
        if key in seen:
            raise ValueError(f"{key_field} {key!r} comes twice; Salesforce would refuse both rows: merge them first")
        seen.add(key)
        keys.append(key)
    return keys


def fit(facts: ObjectFacts, row: Mapping[str, Any], key: str, verb: Verb, *, without: str | None) -> Row:
    """`row` with only the fields that we may write, `without` its key field where the key travels apart.

    TypeError or ValueError for a value that has no exact form (a float, a naive datetime).
    """
    fields: dict[str, Any] = {}
    left_out: list[str] = []
    for name, value in row.items():
        if name == without:
            continue
        known = facts.field(name)
        if known is None or not known.writable(verb):
            left_out.append(name)
        else:
            fields[name] = plain(value)
    return Row(key, fields, tuple(left_out))


def all_failed(rows: Sequence[Row], error: ConnectorError) -> list[Outcome]:
    """The same error for every row."""
    return [Outcome(error=error) for _row in rows]


def never_sent(rows: Sequence[Row], error: ConnectorError) -> list[Outcome]:
    """What stopped an earlier request, for rows that were not sent because of it."""
    return all_failed(rows, not_sent(error))


def not_sent(error: ConnectorError) -> ConnectorError:
    """`error` for what was not sent because of it: nothing about that is in doubt."""
    return replace(error, outcome_unknown=False) if isinstance(error, RetryableError) else error
