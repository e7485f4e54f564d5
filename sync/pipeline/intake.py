"""What each kind of row read back from Salesforce means: stored, put on the timeline, put back, or asked about.

Rows of people's own objects are stored as read; what follows from them is decided by the review of their account.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection, Engine

from sync.core import timeline as words
from sync.core.budget import Priority
from sync.core.fieldmap.rules import FieldMap
from sync.core.mapping.salesforce import OURS, activity_entry, is_contact, without
from sync.db import crm, links, records, reviews, timeline, upkeep
from sync.db.crm import CrmRow
from sync.db.links import AccountRow
from sync.db.records import Mark, RecordKey
from sync.db.tables import AnyRow
from sync.pipeline.differences import Difference, differences
from sync.pipeline.publish import Org, Publishing

log = structlog.get_logger()

_EVER_S = 1e9
_CLOCKS_DIFFER = timedelta(seconds=10)  # Salesforce's and ours, at most; what this misses, reconciliation finds

Rows = Sequence[CrmRow]


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed, by kind, oldest change first; `unread`: objects that could not be read, with the hidden fields."""

    rows: Mapping[str, Rows]
    unread: Mapping[str, tuple[str, ...]]


class CrmReader(Org, Protocol):
    """What reading back asks of Salesforce. Raises OrgAwayError."""

    @property
    def user_id(self) -> str | None:
        """The Salesforce id of the user that we are there."""

    def changes(
        self, since: Mapping[str, datetime | None], doubted: Sequence[str] = (), fieldmap: FieldMap | None = None
    ) -> Changed:
        """Every watched record changed since; None: from the beginning.

        `doubted`: keys of invoices that are read even where we changed them last. `fieldmap`: which fields are ours.
        """


@dataclass(frozen=True, slots=True)
class ReadingBack:
    """How reading back is done: see the settings of the same names."""

    publishing: Publishing
    overlap_s: float
    history_days: int


@dataclass(slots=True)
class Read:
    """What a look brought: rows that said something new, by kind; fields of ours that were put back."""

    new: dict[str, int] = field(default_factory=dict)
    put_back: int = 0


@dataclass(frozen=True, slots=True)
class Intake:
    """One look, and what its handlers need."""

    engine: Engine
    org: CrmReader
    how: ReadingBack
    done: Read
    began: datetime  # by the database's clock

    def people(self, rows: Rows) -> None:
        """Users: so that every entry names a person. What waits for one to be active again waits no longer."""
        people: list[dict[str, Any]] = [
            {
                "id": row.id,
                "name": row.text("Name") or row.id,
                "email": row.text("Email"),
                "role": row.text("UserRole.Name"),
                "active": row.fields.get("IsActive") is True,
            }
            for row in rows
        ]
        with self.engine.begin() as conn:
            back = crm.inactive(conn, [person["id"] for person in people if person["active"]])
            crm.put_people(conn, people)
            upkeep.retry_parked(conn, lanes=crm.owned_by(conn, back))

    def team(self, rows: Rows) -> None:
        """Members of account teams."""
        there = [
            {
                "id": row.id,
                "account": row.fields["AccountId"],
                "person": row.fields["UserId"],
                "role": row.text("TeamMemberRole"),
            }
            for row in rows
            if not row.deleted
        ]
        with self.engine.begin() as conn:
            crm.put_team(conn, there, [row.id for row in rows if row.deleted])

    def accounts(self, rows: Rows) -> None:
        """Owners, names and currencies of linked accounts; one that is gone is looked at more closely when written."""
        with self.engine.begin() as conn:
            linked = crm.known_accounts(conn, [row.id for row in rows])
            before = links.known_accounts(conn, linked, _EVER_S)
            there = {row.id: row for row in rows if row.id in linked and not row.deleted}
            told = {
                name: AccountRow(name, row.text("Name") or name, row.text("CurrencyIsoCode"), row.text("OwnerId"))
                for name, row in there.items()
            }
            links.put_accounts(conn, list(told.values()))
            gone = sorted(row.id for row in rows if row.id in before and row.deleted)
            links.doubt_accounts(conn, gone)
            records.mark(conn, [Mark("account", name, name, Priority.ESSENTIAL) for name in gone])
        self.compare("account", there)
        self._account_changed([name for name, row in told.items() if before.get(name) != row])

    def _account_changed(self, names: Sequence[str]) -> None:
        """Figures are shown under the account's name and in its currency; what it lacked it may have now."""
        with self.engine.begin() as conn:
            marks = {Mark("account", name, name, Priority.NORMAL) for name in names}
            records.mark(conn, marks | figures(conn, names))
            upkeep.retry_parked(conn, lanes=names)

    def ours(self, kind: str, rows: Rows) -> None:
        """Records of ours that somebody else changed or deleted: put back, or made again."""
        keyed = {str(row.fields["Key__c"]): row for row in rows if row.fields.get("Key__c")}
        deleted = {key: row for key, row in keyed.items() if row.deleted}
        if deleted:
            with self.engine.begin() as conn:
                before = crm.stored(conn, [row.id for row in deleted.values()])
                stamps = {key: stored.stamp for key, stored in before.items()}
                again = [key for key, row in deleted.items() if row.id not in stamps or stamps[row.id] < row.stamp]
                for key in again:  # remembered, for it is read again and again, and is to be made again only once
                    crm.put(conn, deleted[key], None, None)
                records.rewrite(conn, records.standing(conn, [(kind, key) for key in again]))
        self.compare(kind, {key: row for key, row in keyed.items() if not row.deleted})

    def payments(self, rows: Rows) -> None:
        """Payments and refunds share an object."""
        refunds = [row for row in rows if row.fields.get("Kind__c") == "Refund"]
        self.ours("refund", refunds)
        self.ours("payment", [row for row in rows if row not in refunds])

    def promises(self, kind: str, rows: Rows) -> None:
        """Commitments and disputes: stored, and their accounts looked at again."""
        keys = {key for row in rows if (key := row.text("Invoice__r.Key__c"))}
        with self.engine.begin() as conn:
            before = crm.stored(conn, [row.id for row in rows])
            owners = crm.accounts_of_invoices(conn, keys)
            looks: set[str] = set()
            for row in rows:
                old = before.get(row.id)
                if old is not None and (old.stamp > row.stamp or _as_before(row, old)):
                    continue
                key = row.text("Invoice__r.Key__c")
                account = owners.get(key or "") or row.text("Account__c") or (old.account if old is not None else None)
                news = old is None or old.deleted != row.deleted or _theirs(kind, row.fields) != _theirs(kind, old.row)
                if news:
                    looks |= {name for name in (account, old.account if old is not None else None) if name}
                    self.count(kind)
                crm.put(conn, self._by_them(row, None if news else old), account, key)
            reviews.want(conn, looks)
        self.compare(kind, {row.id: row for row in rows if row.id in before and not row.deleted})

    def _by_them(self, row: CrmRow, old: AnyRow | None) -> CrmRow:
        """The row with the person who changed it last (and when, as in `old`), where we have written there since."""
        if row.changed_by_id != self.org.user_id:
            return row
        if old is None:
            return replace(row, changed_by=None)  # somebody did, just before us
        return replace(row, changed_by=old.changed_by, changed_at=old.changed_at)

    def activities(self, rows: Rows) -> None:
        """Notes, calls and escalations onto the timeline; entries of ours are compared."""
        theirs = [row for row in rows if not row.fields.get("Key__c")]
        keys = {key for row in theirs if (key := row.text("Invoice__r.Key__c"))}
        with self.engine.begin() as conn:
            owners = crm.accounts_of_invoices(conn, keys)
            new, concerned = self.take_in(conn, theirs, owners)
            for row in new:
                entry = activity_entry(row.id, row.fields, row.created_at)
                account = owners.get(entry.invoice or "") or row.text("Account__c")
                if account:
                    timeline.put(conn, account, entry, contact=is_contact(entry.kind, row.fields))
                    concerned.add(account)
            records.mark(conn, figures(conn, concerned))
        self.ours("activity", [row for row in rows if row.fields.get("Key__c")])

    def take_in(self, conn: Connection, rows: Rows, owners: Mapping[str, str]) -> tuple[list[CrmRow], set[str]]:
        """Those of these rows that say something new, stored; what was deleted is taken off the timeline.

        And the accounts that one was taken from: it was perhaps the last contact there.
        """
        before = crm.stored(conn, [row.id for row in rows])
        new = [
            row
            for row in rows
            if (old := before.get(row.id)) is None or (old.stamp <= row.stamp and not _as_before(row, old))
        ]
        taken_from: set[str] = set()
        for row in new:
            key = row.text("Invoice__r.Key__c")
            account = owners.get(key or "") or row.text("Account__c") or row.text("AccountId")
            old = before.get(row.id)
            if old is not None and old.account and (row.deleted or old.account != account):
                taken_from.add(old.account)
            crm.put(conn, row, account, key)
            self.count(row.kind)
        timeline.drop(conn, [row.id for row in new if row.deleted])
        return [row for row in new if not row.deleted], taken_from

    def compare(self, kind: str, rows: Mapping[str, CrmRow]) -> None:
        """Put back whatever of ours somebody changed in these records."""
        told: dict[RecordKey, Mapping[str, Any]] = {(kind, key): row.fields for key, row in rows.items()}
        found = [
            item
            for item in differences(self.engine, self.org, self.how.publishing, told)
            if _after(rows[item.key], item.written_at, self.began)
        ]
        if not found:
            return
        with self.engine.begin() as conn:
            for item in found:
                if item.as_written:  # else it is our own news that differs, and nobody's edit
                    self._say(conn, item, rows[item.key])
            records.rewrite(conn, [(item.kind, item.key) for item in found])
        self.done.put_back += len(found)

    def _say(self, conn: Connection, item: Difference, row: CrmRow) -> None:
        changes = {name: (said, told) for name, (told, said) in item.changes.items()}
        what = row.text("Name") or row.text("Subject") or item.kind
        entry = words.put_back(what, item.key, changes, row.changed_by, row.changed_at)
        if timeline.add(conn, item.lane, entry):
            records.mark(conn, [Mark("activity", entry.key, item.lane, Priority.BACKGROUND)])
        log.info("put back", record=item.key, kind=item.kind, fields=sorted(changes), by=row.changed_by)

    def count(self, kind: str) -> None:
        """One more row of that kind that said something new."""
        self.done.new[kind] = self.done.new.get(kind, 0) + 1


def figures(conn: Connection, accounts: Iterable[str]) -> set[Mark]:
    """Wishes for the figures of these accounts: they say when somebody last spoke with the customer, and of notices."""
    return {
        Mark(kind, key, account, Priority.NORMAL)
        for account in accounts
        for kind, key in records.figures_of(conn, account)
    }


def _after(row: CrmRow, written_at: datetime | None, began: datetime) -> bool:
    """Whether what the row says came after our last write of it, and not before, read while ours was on its way."""
    if written_at is None:
        return True
    return written_at < began and row.changed_at > written_at - _CLOCKS_DIFFER


def _as_before(row: CrmRow, old: Any) -> bool:
    """Whether the row says what is stored; a field that we may not see (any more) says nothing."""
    return bool(old.deleted == row.deleted and old.row == {**old.row, **row.fields})


def _theirs(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return without(fields, OURS[kind])
