"""Invoices read back: one field there is people's, who follows the invoice up; the rest is ours, as on any record.

We write invoices far more often than people do, so rows that we changed last are not read back as a rule. Who took or
gave back an invoice may have done so just before we wrote it: so those that are assigned are read whoever changed them
last, and those that we know as assigned and have written since are asked for by key (sync.db.assignments.in_doubt).
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from sync.core.assignments import Assigned, assignment_entries
from sync.core.budget import Priority
from sync.db import assignments, crm, records, timeline
from sync.db.crm import CrmRow
from sync.db.records import Mark
from sync.db.tables import AnyRow
from sync.pipeline.intake import Intake, Rows

FIELD = "Assigned_To__c"
DOUBTED = 100  # invoices asked for by key in one look


def invoices(look: Intake, rows: Rows) -> None:
    """Who follows invoices up; then whatever somebody changed of ours."""
    by_key = {key: row for row in sorted(rows, key=_living_last) if (key := row.text("Key__c"))}
    told = {key: row for key, row in by_key.items() if FIELD in row.fields}
    with look.engine.begin() as conn:
        before = assignments.of_invoices(conn, told)
        news = {key: row for key, row in told.items() if _person(row) != _known(before.get(key))}
        assignments.seen(conn, before.keys() - news.keys(), look.began)
        if news:
            _take_in(conn, look, news, before)
    look.ours("invoice", [row for row in rows if row.changed_by_id != look.org.user_id])


def _take_in(conn: Connection, look: Intake, news: Mapping[str, CrmRow], before: Mapping[str, AnyRow]) -> None:
    """Store who has them now, tell it, and have follow-ups go to them."""
    assignments.put(
        conn,
        [
            {"invoice": key, "person": _person(row), "name": row.text("Assigned_To__r.Name"), "read_at": look.began}
            for key, row in news.items()
        ],
    )
    marks = {
        Mark("task", followup.key, followup.account, Priority.NORMAL)
        for followup in assignments.open_follow_ups(conn, news)
    }
    for account, entry in assignment_entries(_changes(conn, look, news, before)):
        if timeline.add(conn, account, entry):
            marks.add(Mark("activity", entry.key, account, Priority.BACKGROUND))
    records.mark(conn, marks)
    for _ in news:
        look.count("assignment")


def _changes(
    conn: Connection, look: Intake, news: Mapping[str, CrmRow], before: Mapping[str, AnyRow]
) -> Iterable[Assigned]:
    """What people did; a row that was deleted was not given back by anybody."""
    accounts = crm.accounts_of_invoices(conn, news)
    for key, row in news.items():
        person, old = _person(row), before.get(key)
        account, who = accounts.get(key), person or _known(old)
        if account is None or who is None or row.deleted:
            continue
        name = row.text("Assigned_To__r.Name") if person else old.name if old is not None else None
        yield Assigned(
            invoice=key,
            number=row.text("Number__c") or row.text("Name") or key,
            account=account,
            person=who,
            name=name or who,
            taken=person is not None,
            by=row.changed_by if row.changed_by_id != look.org.user_id else None,
            at=row.changed_at,
        )


def _person(row: CrmRow) -> str | None:
    return None if row.deleted else row.text(FIELD)


def _known(old: AnyRow | None) -> str | None:
    return old.person if old is not None else None


def _living_last(row: CrmRow) -> bool:
    """Of several rows with one key (made again after it was deleted) the living one counts."""
    return not row.deleted
