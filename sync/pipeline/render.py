"""What each waiting record should say in Salesforce, read from one moment of the ledger for a whole batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from sync.core.currency import MissingRateError, OrgMoney
from sync.core.dates import Calendar
from sync.core.dunning import KIND as DUNNING
from sync.core.facts import RefundFacts
from sync.core.ledger import Invoice, Payment
from sync.core.projection import (
    Claims,
    Flags,
    SalesforceRow,
    fingerprint,
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
from sync.db import books, crm_books
from sync.db.links import AccountRow
from sync.db.tables import AnyRow

log = structlog.get_logger()

_ON_THEIR_ROWS = frozenset(
    {"commitment", "dispute"}
)  # rows that people made: they stand, whatever became of the account


class OwnerInactiveError(ValueError):
    """A follow-up for somebody who is not there any more."""


@dataclass(frozen=True, slots=True)
class Item:
    """One waiting record and what it should say. `row` is None where nothing (more) is to be written for it.

    `problem` (code, reason, fix) where it cannot be said; `elsewhere`: the account to which it has moved.
    """

    record: AnyRow
    row: SalesforceRow | None = None
    problem: tuple[str, str, str] | None = None
    elsewhere: str | None = None

    @property
    def content(self) -> str:
        """Fingerprint of what it should say."""
        return fingerprint(self.row) if self.row is not None else "nothing"


@dataclass(frozen=True, slots=True)
class Rendering:
    """What rendering needs besides the ledger."""

    calendar: Calendar
    today: date
    money: OrgMoney
    accounts: Mapping[str, AccountRow]
    systems: Mapping[str, str]  # provider → its name as people know it
    closed_days: int

    def gone(self, account: str | None) -> bool:
        """Whether that account does not exist in Salesforce (any more)."""
        found = self.accounts.get(account) if account else None
        return found is not None and found.gone

    def system(self, provider: str) -> str:
        """The billing system's name as people know it."""
        return self.systems.get(provider, provider)


def render(conn: Connection, waiting: Sequence[AnyRow], how: Rendering) -> tuple[list[Item], dict[str, date | None]]:
    """Every waiting record's row, and the day on which time alone changes each summary."""
    by_kind: dict[str, list[AnyRow]] = {}
    for record in waiting:
        by_kind.setdefault(record.kind, []).append(record)
    as_of = datetime.now(UTC)
    items, turns = _figures(conn, by_kind.get("summary", []), by_kind.get("account", []), how, as_of)
    for kind, load, make in _KINDS:
        records = by_kind.get(kind, [])
        found = load(conn, [record.key for record in records]) if records else {}
        items += [_item(record, found.get(record.key), make, how, as_of) for record in records]
    return items, turns


def _figures(
    conn: Connection, summaries: Sequence[AnyRow], accounts: Sequence[AnyRow], how: Rendering, as_of: datetime
) -> tuple[list[Item], dict[str, date | None]]:
    lanes = sorted({record.lane for record in (*summaries, *accounts)})
    loaded = books.load(conn, lanes, how.today, how.calendar) if lanes else {}
    computed = {
        lane: {currency: summarise(book, how.today) for currency, book in by_currency.items()}
        for lane, by_currency in loaded.items()
    }
    items, turns = [], {}
    for record in summaries:
        currency = record.key.rpartition(":")[2]
        summary = computed[record.lane].get(currency)
        summary = summary or summarise(Book(account=record.lane, currency=currency), how.today)
        turns[record.key] = summary.next_change_on
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
    return _try(record, lambda: project_account(record.lane, summaries, currency, how.money, how.today, as_of, flags))


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
    return project_payment(row, numbers, only, found.account, how.system(found.provider), how.money, paid_on, as_of)


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
    return project_entry(found, References(found.shown, found.commitment_there, found.dispute_there), how.money)


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
