"""Sets what Stripe holds against the ledger and the org, and explains the first difference with what came in."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, text

from sync.demo.people import OrgUserClient
from tests.e2e.oracle import Expected, OneOf, Truth

_HISTORY = text(
    "SELECT id, event_id, type, api_version, created, received_at, processed_at, status, reason FROM inbox "
    "WHERE position(convert_to(:word, 'UTF8') IN body) > 0 ORDER BY processed_at, id"
)


@dataclass
class Compared:
    """One kind of rows: how many there should be, and what differs as (key, by Stripe, as it is)."""

    what: str
    count: int
    differences: list[tuple[str, object, object]]

    def in_words(self, engine: Engine, first: int) -> list[str]:
        """The first differences, each with its history."""
        return [
            "\n".join(
                [f"{self.what} {key}", f"  by Stripe: {expected}", f"  is:        {found}", "  its history:"]
                + [f"    {line}" for line in history(engine, key)]
            )
            for key, expected, found in self.differences[:first]
        ]


def check(engine: Engine, org: OrgUserClient, truth: Truth) -> dict[str, int]:
    """How many rows of each kind were compared. Raises AssertionError about the first that differs."""
    compared = {}
    for each in compare(engine, org, truth):
        if each.differences:
            raise AssertionError(each.in_words(engine, 1)[0])
        compared[each.what] = each.count
    return compared


def compare(engine: Engine, org: OrgUserClient, truth: Truth) -> Iterator[Compared]:
    """Everything in Stripe against the ledger and the org."""
    with engine.connect() as conn:
        for table, where, expected in (
            ("invoice", "posted", truth.ledger_invoices()),
            ("payment", "true", truth.ledger_payments()),
        ):
            rows = conn.execute(text(f"SELECT * FROM {table} WHERE {where}")).mappings()
            found_rows = {row["key"]: row for row in rows}
            yield _same(f"ledger {table}", _certain(expected, found_rows, truth), found_rows)
        credits_ = conn.execute(text("SELECT customer, currency, amount FROM credit WHERE amount <> 0"))
        found = {f"{customer} {currency}": {"amount": amount} for customer, currency, amount in credits_}
    wanted = {f"{key} {currency}": {"amount": amount} for (key, currency), amount in truth.ledger_credits().items()}
    yield _same("ledger credit", wanted, found)
    yield from _compare_org(org, truth)


def _compare_org(org: OrgUserClient, truth: Truth) -> Iterator[Compared]:
    for name, key, expected in (
        ("AR_Invoice__c", "Key__c", truth.org_invoices()),
        ("AR_Payment__c", "Key__c", truth.org_payments()),
        ("AR_Summary__c", "Key__c", truth.org_summaries()),
        ("Account", "Id", truth.org_accounts()),
    ):
        fields = {field for row in expected.values() for field in row} | {key}
        rows = org.query(f"SELECT {', '.join(sorted(fields))} FROM {name}")
        found = {row[key]: row for row in rows}
        if name in {"AR_Summary__c", "Account"}:  # one that has nothing to say (any more) may be there
            found = {at: row for at, row in found.items() if at in expected or _says_something(row)}
        yield _same(name, _certain(expected, found, truth), found)


def _certain(expected: Expected, found: Mapping[str, object], truth: Truth) -> Expected:
    """What must be there, and of the rest what is."""
    return {key: row for key, row in expected.items() if key in found or key not in truth.uncertain}


def _says_something(row: Mapping[str, Any]) -> bool:
    return any(isinstance(value, Decimal | int) and value != 0 for value in row.values())


def _same(what: str, expected: Expected, found: Mapping[str, Mapping[str, Any]]) -> Compared:
    compared = Compared(what, len(expected), [])
    for key in sorted(expected.keys() | found.keys()):
        wanted, has = expected.get(key), found.get(key)
        if wanted is None or has is None:
            compared.differences.append((key, wanted, has))
            continue
        different = {field: value for field, value in wanted.items() if not equal(value, has[field])}
        if different:
            compared.differences.append((key, different, {field: has[field] for field in different}))
    return compared


def equal(wanted: object, has: object) -> bool:
    """Whether a value read back says what was expected."""
    if isinstance(wanted, OneOf):
        return any(equal(value, has) for value in wanted.values)
    if isinstance(wanted, date) and isinstance(has, str):
        return wanted.isoformat() == has
    if isinstance(wanted, Decimal | int) and isinstance(has, Decimal | int):
        return Decimal(wanted) == Decimal(has)
    return wanted == has


def history(engine: Engine, key: str) -> Iterable[str]:
    """Every event that names an object, in the order of processing, and what became of it; then what is known of it."""
    word = key.partition(" ")[0].rpartition(":")[2]
    with engine.connect() as conn:
        for row in conn.execute(_HISTORY, {"word": word}):
            yield (
                f"{row.processed_at:%H:%M:%S.%f} {row.event_id} {row.type} ({row.api_version}) created {row.created}, "
                f"received {row.received_at:%H:%M:%S.%f}: {row.status}, {row.reason}"
                if row.processed_at
                else f"not processed: {row.event_id} {row.type}"
            )
        known = text(
            "SELECT kind, stamp, read_until, version, doubtful, fetch_error, facts FROM object WHERE key = :key"
        )
        for row in conn.execute(known, {"key": key}):
            yield f"known: {row}"
        stands = text(
            "SELECT kind, marked, written, parked, reason, due_at, sending_until FROM record WHERE key = :key"
        )
        for row in conn.execute(stands, {"key": key}):
            yield f"record: {row}"
