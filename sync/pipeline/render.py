"""What each waiting record should say in Salesforce, read from one moment of the ledger for a whole batch.

The field mapping is read in the same snapshot as the figures, so no record is left with an older one. A mapping is
saved (and committed) before the records that it concerns are marked. A record is picked up with the count of marks that
it has then, and rendered in a snapshot that begins afterwards: if the mark of the new mapping was counted, the snapshot
sees that mapping; if not, the write fulfils only the older count, and the record is rendered again. What is marked for
other reasons is rendered with whichever mapping its snapshot sees, and marked again by the work that applies the new
one, which meets every record that was there when the mapping was saved. Records that come later see it anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from sync.core.currency import MissingRateError, OrgMoney
from sync.core.dates import Calendar
from sync.core.dunning import KIND as DUNNING
from sync.core.facts import RefundFacts
from sync.core.fieldmap.account import account_figures
from sync.core.fieldmap.rules import FieldMap
from sync.core.ledger import Invoice, Payment
from sync.core.projection import (
    Claims,
    Flags,
    SalesforceRow,
    project_account,
    project_invoice,
    project_payment,
    project_refund,
    project_summary,
)
from sync.core.projection_crm import (
    References,
    project_commitment,
    project_dispute,
    project_entry,
    project_task,
)
from sync.core.summary import Book, Summary, summarise
from sync.db import books, crm_books, fieldmaps, records
from sync.db.fieldmaps import Pins
from sync.db.links import AccountRow
from sync.db.records import RecordKey
from sync.db.tables import AnyRow
from sync.pipeline.item import Item
from sync.pipeline.mapped import daily_turns, in_fields

log = structlog.get_logger()

_NONE: frozenset[str] = frozenset()
_ON_THEIR_ROWS = frozenset(
    {"commitment", "dispute"}
)  # rows that people made: they stand, whatever became of the account


class OwnerInactiveError(ValueError):
    """A follow-up for somebody who is not there any more."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What rendering needs besides the ledger."""

    calendar: Calendar
    today: date
    money: OrgMoney
    accounts: Mapping[str, AccountRow]
    systems: Mapping[str, str]  # provider → its name as people know it
    closed_days: int
    pins: Pins = field(default_factory=dict)  # what the environment says of Account fields
    invoices: frozenset[str] | None = None  # those to which others can point; None: those that stand there

    def gone(self, account: str | None) -> bool:
        """Whether that account does not exist in Salesforce (any more)."""
        found = self.accounts.get(account) if account else None
        return found is not None and found.gone

    def shown(self, invoice: str | None) -> str | None:
        """That invoice, if others can point to it."""
        return invoice if self.invoices is None or invoice in self.invoices else None

    def system(self, provider: str) -> str:
        """The billing system's name as people know it."""
        return self.systems.get(provider, provider)


def render(
    conn: Connection, waiting: Sequence[AnyRow], how: Rendering, fieldmap: FieldMap | None = None
) -> tuple[list[Item], dict[RecordKey, date | None]]:
    """Every waiting record's row, and the day on which time alone changes what summaries and accounts say.

    By the mapping that holds, less the fields in which nothing was kept yet; or, to see what it would say, by another.
    """
    mapping = fieldmap or fieldmaps.current(conn, how.pins)
    by_kind: dict[str, list[AnyRow]] = {}
    for record in waiting:
        if mapping.is_on(record.kind):
            by_kind.setdefault(record.kind, []).append(record)
    as_of = datetime.now(UTC)
    items, turns = _figures(conn, by_kind.get("summary", []), by_kind.get("account", []), how, as_of)
    for kind, load, make in _KINDS:
        some = by_kind.get(kind, [])
        found = load(conn, [record.key for record in some]) if some else {}
        seen = how if mapping.is_on("invoice") else replace(how, invoices=_written_invoices(conn, kind, found))
        items += [_item(record, found.get(record.key), make, seen, as_of) for record in some]
    told = in_fields(conn, mapping, items, how.calendar, kept_only=fieldmap is None)
    off = [Item(record) for record in waiting if not mapping.is_on(record.kind)]
    return told + off, turns | daily_turns(mapping, [*told, *off], how.today)


def _written_invoices(conn: Connection, kind: str, found: Mapping[str, AnyRow]) -> frozenset[str]:
    """While no invoices are written, others can point to those alone that were written before."""
    rows = found.values() if kind in {"payment", "activity"} else ()
    keys = {key for row in rows for key in (row.shown if kind == "payment" else [row.shown]) if key}
    return frozenset(key for _, key in records.standing(conn, [("invoice", key) for key in keys])) if keys else _NONE


def _figures(
    conn: Connection, summaries: Sequence[AnyRow], accounts: Sequence[AnyRow], how: Rendering, as_of: datetime
) -> tuple[list[Item], dict[RecordKey, date | None]]:
    lanes = sorted({record.lane for record in (*summaries, *accounts)})
    loaded = books.load(conn, lanes, how.today, how.calendar) if lanes else {}
    computed = {
        lane: {currency: summarise(book, how.today) for currency, book in by_currency.items()}
        for lane, by_currency in loaded.items()
    }
    items: list[Item] = []
    turns: dict[RecordKey, date | None] = {}
    for record in summaries:
        currency = record.key.rpartition(":")[2]
        summary = computed[record.lane].get(currency)
        summary = summary or summarise(Book(account=record.lane, currency=currency), how.today)
        turns["summary", record.key] = summary.next_change_on
        items.append(_summary_item(record, summary, how, as_of, orphaned=not computed[record.lane]))
    flagged = crm_books.flags(conn, sorted({record.lane for record in accounts}), how.calendar) if accounts else {}
    items += [
        _account_item(record, list(computed[record.lane].values()), flagged[record.lane], how, as_of)
        for record in accounts
    ]
    return items, turns


def _summary_item(record: AnyRow, summary: Summary, how: Rendering, as_of: datetime, *, orphaned: bool) -> Item:
    """A merged account's customers are gone to the other one: its own summary is emptied and let go of."""
    account = how.accounts.get(record.lane)
    name = account.name if account else record.lane
    if not how.gone(record.lane):
        return _try(record, lambda: project_summary(summary, name, how.money, as_of))
    if orphaned:
        return _try(record, lambda: project_summary(summary, name, how.money, as_of) | {"Account__c": None})
    return _gone(record)


def _account_item(record: AnyRow, summaries: Sequence[Summary], flags: Flags, how: Rendering, as_of: datetime) -> Item:
    account = how.accounts.get(record.lane)
    if how.gone(record.lane):
        return _gone(record) if summaries else Item(record)
    currency = account.currency if account and account.currency else how.money.home
    return _try(
        record,
        lambda: (
            project_account(record.lane, summaries, currency, how.money, how.today, as_of, flags)
            | account_figures(summaries, currency, how.money, how.today)
        ),
    )


def _item(record: AnyRow, found: AnyRow | None, make: Any, how: Rendering, as_of: datetime) -> Item:
    if found is None:
        return Item(record)
    if found.account not in {record.lane, None}:
        return Item(record, elsewhere=found.account)
    if how.gone(found.account) and record.kind not in _ON_THEIR_ROWS:
        return _gone(record)
    return _try(record, lambda: make(record, found, how, as_of))


def _gone(record: AnyRow) -> Item:
    """Nothing can point to an account that is not there."""
    reason = f"account {record.lane} does not exist in Salesforce, or the integration user may not see it"
    fix = "restore the account, or link the billing customer to another one: dueline link CUSTOMER ACCOUNT"
    return Item(record, problem=("ACCOUNT_GONE", reason, fix))


def _try(record: AnyRow, make: Any) -> Item:
    try:
        return Item(record, make())
    except MissingRateError as error:
        fix = "give the rate in DUELINE_EXCHANGE_RATES, or activate the currency in Salesforce"
        return Item(record, problem=("EXCHANGE_RATE_MISSING", str(error), fix))
    except OwnerInactiveError as error:
        return Item(record, problem=("OWNER_INACTIVE", str(error), "give the account an active owner"))
    except Exception as error:
        log.exception("record not rendered", record=record.key)
        reason = f"{type(error).__name__}: {error}"
        return Item(record, problem=("NOT_RENDERED", reason, "report this: it is an error of Dueline's own"))


def _invoice(record: AnyRow, found: AnyRow, how: Rendering, as_of: datetime) -> SalesforceRow | None:
    if not found.posted or (found.balance <= 0 and _forgotten(record, found.paid_on or found.issued_on, how)):
        return None
    row = Invoice(**{item.name: getattr(found, item.name) for item in fields(Invoice)})
    claims = Claims(found.promised_on, min(int(found.contested), max(0, found.balance)), found.on_hold)
    return project_invoice(row, found.account, how.system(found.provider), how.money, as_of, claims)


def _payment(record: AnyRow, found: AnyRow, how: Rendering, as_of: datetime) -> SalesforceRow | None:
    paid_on = how.calendar.on(found.paid_at)
    if not found.receivable or _forgotten(record, paid_on, how):
        return None
    row = Payment(**{item.name: getattr(found, item.name) for item in fields(Payment)})
    numbers = sorted({number for number in found.numbers if number})
    only = found.paid[0] if len(set(found.paid)) == 1 and found.paid[0] in found.shown else None
    shown = how.shown(only)
    return project_payment(row, numbers, shown, found.account, how.system(found.provider), how.money, paid_on, as_of)


def _refund(record: AnyRow, found: AnyRow, how: Rendering, as_of: datetime) -> SalesforceRow | None:
    facts = RefundFacts.unpack(found.facts)
    paid_on = how.calendar.on(facts.created_at)
    if _forgotten(record, paid_on, how):
        return None
    return project_refund(facts, found.account, how.system(found.provider), how.money, paid_on, as_of)


def _forgotten(record: AnyRow, closed_on: date | None, how: Rendering) -> bool:
    """Closed too long ago to be worth a record, and never written as one."""
    never = record.written_at is None
    return never and closed_on is not None and closed_on < how.today - timedelta(days=how.closed_days)


def _commitment(_record: AnyRow, found: AnyRow, how: Rendering, as_of: datetime) -> SalesforceRow | None:
    return project_commitment(found, how.money, as_of)


def _dispute(_record: AnyRow, found: AnyRow, how: Rendering, as_of: datetime) -> SalesforceRow | None:
    return project_dispute(found, how.calendar.on(found.closed_at) if found.closed_at else None, as_of)


def _entry(record: AnyRow, found: AnyRow, how: Rendering, _as_of: datetime) -> SalesforceRow | None:
    if found.kind == DUNNING and _forgotten(record, how.calendar.on(found.occurred_at), how):
        return None
    to = References(how.shown(found.shown), found.commitment_there, found.dispute_there)
    return project_entry(found, to, how.money)


def _task(_record: AnyRow, found: AnyRow, how: Rendering, _as_of: datetime) -> SalesforceRow | None:
    if found.theirs == "deleted":
        return None
    account = how.accounts.get(found.account)
    taken_by = found.assignee if found.assignee_active is not False else None
    if found.task is None and found.outcome is None and found.owner_active is False and taken_by is None:
        name = account.name if account else found.account
        raise OwnerInactiveError(f"the owner of {name} is not active, so nobody can be given its follow-up")
    owner = account.owner if account else None
    return project_task(found, taken_by or owner, taken_by or _given_back_to(found, owner))


def _given_back_to(found: AnyRow, owner: str | None) -> str | None:
    """The account's owner, where we gave the follow-up to somebody who does not have its invoices any more."""
    if found.assignee is None and found.takers:
        return None  # several people have them: it stays where it is
    ours = (found.left_there or {}).get("OwnerId") in {found.assignee, found.former} - {None}
    return owner if ours and found.owner_active is not False else None


_KINDS = (
    ("invoice", books.invoices, _invoice),
    ("payment", books.payments, _payment),
    ("refund", books.refunds, _refund),
    ("commitment", crm_books.commitments, _commitment),
    ("dispute", crm_books.disputes, _dispute),
    ("activity", crm_books.entries, _entry),
    ("task", crm_books.follow_ups, _task),
)
