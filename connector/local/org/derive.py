"""What the platform itself writes into standard rows as they are saved: full names, closed flags, a task's account.

Each function is given the row as it is about to be stored and changes it; `find` looks other rows up by id.
"""

from collections.abc import Callable
from decimal import Decimal

from connector.local.org.model import Row
from connector.local.org.values import Find

_WON, _LOST = "Closed Won", "Closed Lost"


def _person(row: Row, _: Find) -> None:
    row["Name"] = " ".join(filter(None, (row["FirstName"], row["LastName"])))


def _opportunity(row: Row, _: Find) -> None:
    row["IsClosed"] = row["StageName"] in {_WON, _LOST}
    row["IsWon"] = row["StageName"] == _WON
    if row["IsClosed"]:
        row["Probability"] = Decimal(100 if row["IsWon"] else 0)


def _case(row: Row, _: Find) -> None:
    row["IsClosed"] = row["Status"] == "Closed"
    row["ClosedDate"] = (row["ClosedDate"] or row["LastModifiedDate"]) if row["IsClosed"] else None


def _task(row: Row, find: Find) -> None:
    row["IsClosed"] = row["Status"] == "Completed"
    row["IsHighPriority"] = row["Priority"] == "High"
    row["CompletedDateTime"] = (row["CompletedDateTime"] or row["LastModifiedDate"]) if row["IsClosed"] else None
    row["AccountId"] = _account_of(row["WhatId"], find) or _account_of(row["WhoId"], find)


def _account_of(record_id: str | None, find: Find) -> str | None:
    """The account that a task about this record counts for."""
    if record_id is None or record_id.startswith("001"):
        return record_id
    row = find(record_id)
    account = row.get("AccountId") if row is not None and row["Id"][:3] in {"003", "006", "500"} else None
    return account if isinstance(account, str) else None


def _team_member(row: Row, find: Find) -> None:
    user = find(row["UserId"])
    row["Title"] = None if user is None else user["Title"]


DERIVED: dict[str, Callable[[Row, Find], None]] = {
    "AccountTeamMember": _team_member,
    "Contact": _person,
    "User": _person,
    "Opportunity": _opportunity,
    "Case": _case,
    "Task": _task,
}
