"""Where Salesforce says something else than we would: field by field, for records that have no write waiting."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import Engine

from sync.core.mapping.salesforce import same_value
from sync.core.projection import SalesforceRow
from sync.db import links, records
from sync.db.records import RecordKey
from sync.db.tables import AnyRow
from sync.pipeline.accounts import settle_accounts
from sync.pipeline.item import Item
from sync.pipeline.publish import Org, Publishing
from sync.pipeline.render import render

Told = Mapping[str, Any]  # a record as Salesforce's JSON has it, relationship values under their path

_NOT_COMPARED = frozenset({"Id", "Key__c", "AR_Key__c", "attributes"})


class Scales(Protocol):
    """What is known of fields. Everything raises OrgAwayError."""

    def scale(self, kind: str, name: str) -> int | None:
        """Digits after the point that a field keeps; None for what is no number."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One record that says something else: by field, what it says and what it should say.

    `written_at`: by us, last. `as_written`: what it should say is what we wrote then; else our own figures have moved
    on since, and nobody need have touched it.
    """

    kind: str
    key: str
    lane: str
    written_at: datetime | None
    changes: Mapping[str, tuple[Any, Any]]
    as_written: bool = True


def differences(engine: Engine, org: Org, how: Publishing, told: Mapping[RecordKey, Told]) -> list[Difference]:
    """Compare records as read with what the ledger would say of them now. Raises OrgAwayError.

    A record that is about to be written, or is being written, is left out: it is known to differ.
    """
    if not told:
        return []
    with engine.connect() as conn:
        quiet = records.quiet(conn, list(told))
        gone = links.gone(conn, {row.lane for row in quiet})  # nothing is to be said there until the account is back
        rows = [row for row in quiet if row.lane not in gone]
    found: list[Difference] = []
    for item in said(engine, org, how, rows):
        if item.row is None or item.problem or item.elsewhere:
            continue
        record = item.record
        changes = unlike(item.row, told[record.kind, record.key], item.untold)
        if changes:
            same = item.content == record.content
            found.append(Difference(record.kind, record.key, record.lane, record.written_at, changes, same))
    return found


def said(engine: Engine, org: Org, how: Publishing, rows: Sequence[AnyRow]) -> list[Item]:
    """What these records should say, from one moment of the ledger. Raises OrgAwayError."""
    if not rows:
        return []
    settled = settle_accounts(engine, org, {row.lane for row in rows})
    rendering = how.rendering(org.money(), settled.accounts)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        items, _ = render(conn, rows, rendering)
    return items


def unlike(row: SalesforceRow, told: Told, untold: Collection[str]) -> dict[str, tuple[Any, Any]]:
    """The fields in which a record differs from what we say: what it says, and what we do. Unread ones are left out."""
    left_out = _NOT_COMPARED | set(untold)
    flat = _flat(row.get("ours", row))
    return {
        name: (told[name], value)
        for name, value in flat.items()
        if name in told and name not in left_out and not same_value(value, told[name])
    }


def rounded(kind: str, name: str, theirs: Any, ours: Any, scales: Scales) -> bool:
    """Whether a number differs only in digits that the field does not keep."""
    scale = scales.scale(kind, name) if isinstance(ours, Decimal) and theirs is not None else None
    return scale is not None and abs(Decimal(str(theirs)) - ours) < Decimal(1).scaleb(-scale)


def _flat(said: Mapping[str, Any]) -> dict[str, Any]:
    """Relationship values under their path: {"Invoice__r": {"Key__c": …}} as "Invoice__r.Key__c"."""
    flat: dict[str, Any] = {}
    for name, value in said.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            flat[name] = value
    return flat


def fields_of(rows: Sequence[SalesforceRow]) -> tuple[str, ...]:
    """The fields, relationship paths included, in which these rows say anything."""
    return tuple(sorted({name for row in rows for name in _flat(row)} - {"Id"}))
