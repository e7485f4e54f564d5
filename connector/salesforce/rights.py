"""Which people of an org hold which permission sets.

A set that somebody has through a permission set group does not count: the assignment then names the group. Whoever asks
must be allowed to "View Setup and Configuration".
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_permissionsetassignment.htm
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from connector.errors import ConnectorError, MisconfiguredError
from connector.salesforce.errors import PERMISSION_SET
from connector.salesforce.limits import Priority
from connector.salesforce.read import in_parts, query_many, quote
from connector.salesforce.session import OrgSession

_VIEW_SETUP = (
    "give the integration user the permission 'View Setup and Configuration': assign the permission set "
    f"{PERMISSION_SET} of this release"
)


@dataclass(frozen=True, slots=True)
class User:
    """An active user of the org, and the permission sets of those asked about that they hold."""

    id: str
    name: str
    permission_sets: frozenset[str]


def active_users(session: OrgSession, ids: Collection[str], permission_sets: Collection[str]) -> dict[str, User]:
    """Those of these users that exist and are active, by 18-character id: one API call. Raises ConnectorError.

    Somebody waits for the answer, so it is asked for even when little is left of the API budget.
    """
    if not ids:
        return {}
    living = in_parts("SELECT Id, Name FROM User WHERE IsActive = true AND Id IN ", ids)
    assigned = []
    if permission_sets:
        names = quote(sorted(permission_sets))
        columns = "SELECT AssigneeId, PermissionSet.Name FROM PermissionSetAssignment"
        assigned = in_parts(f"{columns} WHERE PermissionSet.Name IN {names} AND AssigneeId IN ", ids)
    pages = _ask(session, [*living, *assigned])
    held: dict[str, set[str]] = {}
    for row in (row for page in pages[len(living) :] for row in page):
        held.setdefault(row["AssigneeId"], set()).add(row["PermissionSet"]["Name"])
    users = (row for page in pages[: len(living)] for row in page)
    return {row["Id"]: User(row["Id"], row["Name"], frozenset(held.get(row["Id"], ()))) for row in users}


def permission_sets(session: OrgSession, names: Collection[str]) -> list[str]:
    """Those of these permission sets that the org has, as it writes them. Raises ConnectorError."""
    if not names:
        return []
    soqls = in_parts("SELECT Name FROM PermissionSet WHERE IsOwnedByProfile = false AND Name IN ", names)
    return [row["Name"] for page in _ask(session, soqls) for row in page]


def _ask(session: OrgSession, soqls: Sequence[str]) -> list[list[dict[str, Any]]]:
    try:
        return query_many(session, soqls, priority=Priority.ESSENTIAL)
    except ConnectorError as error:
        if error.code == "INVALID_TYPE":  # of an object that exists, but not for us
            raise MisconfiguredError(error.code, error.reason, _VIEW_SETUP) from error
        raise
