"""Tasks read back: what became of our follow-ups, and what people did for a customer.

A follow-up is a person's once they change what is theirs on its task; given back as we made it, to somebody to whom we
would give it, it is ours to close again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from sync.core.mapping.salesforce import is_contact, same_value, task_entry
from sync.db import crm, crm_books, links, promises, records, timeline
from sync.db.crm import CrmRow
from sync.db.tables import AnyRow
from sync.pipeline.intake import Intake, Rows, figures

_EVER_S = 1e9


def tasks(look: Intake, rows: Rows) -> None:
    """What became of our follow-ups, and calls, emails and tasks of linked accounts onto the timeline."""
    with look.engine.begin() as conn:
        mine = crm_books.follow_ups(conn, sorted({key for row in rows if (key := _key(row))}))
        _tell(conn, look, rows, mine)
        _take_note(conn, look, rows, mine)
    look.compare("task", {_key(row): row for row in rows if _key(row) in mine and not row.deleted})


def _tell(conn: Connection, look: Intake, rows: Rows, mine: Mapping[str, AnyRow]) -> None:
    """Onto the timeline: what we know, and whatever is done for a linked account."""
    known = crm.known_accounts(conn, {name for row in rows if (name := row.text("AccountId"))})
    stored = crm.stored(conn, [row.id for row in rows])
    about = [row for row in rows if row.text("AccountId") in known or _key(row) in mine or row.id in stored]
    new, concerned = look.take_in(conn, about, {})
    for row in new:
        followup = mine.get(_key(row))
        account = row.text("AccountId") or (followup.account if followup is not None else None)
        if account is None:
            timeline.drop(conn, [row.id])
            continue
        entry = task_entry(row.id, row.fields, row.created_at, row.changed_by)
        timeline.put(conn, account, entry, contact=is_contact(entry.kind, row.fields))
        if entry.kind != "Task":
            concerned.add(account)
    records.mark(conn, figures(conn, concerned))


def _take_note(conn: Connection, look: Intake, rows: Iterable[CrmRow], mine: Mapping[str, AnyRow]) -> None:
    """In whose hands each of our follow-ups is now."""
    ours = [(row, mine[_key(row)]) for row in rows if _key(row) in mine]
    ours = [(row, followup) for row, followup in ours if followup.task in {None, row.id}]
    accounts = links.known_accounts(conn, {followup.account for _, followup in ours}, _EVER_S)
    for row, followup in ours:
        account = accounts.get(followup.account)
        to = {name for name in [followup.assignee or (account.owner if account else None)] if name}
        if followup.theirs == "worked_on" and _given_back(row, followup.left_there, look.org.user_id, to):
            promises.give_back(conn, followup.key, {**followup.left_there, "OwnerId": row.fields.get("OwnerId")})
            records.rewrite(conn, [("task", followup.key)])
        else:
            hands = _in_whose_hands(row, followup.left_there, look.org.user_id, to)
            promises.set_task(conn, followup.key, row.id, None, hands)


def _key(row: CrmRow) -> str:
    return row.text("AR_Key__c") or ""


def _in_whose_hands(row: CrmRow, left: Mapping[str, Any] | None, us: str | None, to: set[str]) -> str | None:
    """`deleted` or `worked_on`, where a person took the follow-up in hand. `to`: whom we would give it to."""
    if row.deleted:
        return "deleted"
    if left is None or row.changed_by_id == us:  # what we have just written there may not be noted here yet
        return None
    closed = row.fields.get("IsClosed") is True  # who saves a closed task means it to be closed
    return "worked_on" if closed or not _as_left(row, left, to) else None


def _given_back(row: CrmRow, left: Mapping[str, Any] | None, us: str | None, to: set[str]) -> bool:
    """Whether a person has put the follow-up back to what we made it, open and with somebody it could be made for."""
    untouched = left is not None and not row.deleted and row.changed_by_id != us
    return untouched and row.fields.get("IsClosed") is not True and _as_left(row, left or {}, to)


def _as_left(row: CrmRow, left: Mapping[str, Any], to: set[str]) -> bool:
    same = all(same_value(value, row.fields.get(name)) for name, value in left.items() if name != "OwnerId")
    return same and ("OwnerId" not in left or row.fields.get("OwnerId") in {left["OwnerId"], *to})
