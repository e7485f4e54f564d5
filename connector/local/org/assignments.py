"""Which permission sets a user holds: rows of PermissionSetAssignment, which an administrator adds and deletes while
the org runs, as in a real one. What the configuration says is only what the org starts with.
"""

from collections.abc import Sequence

from connector.local.org.model import Row
from connector.local.org.store import Change, Store

_OBJECT = "PermissionSetAssignment"


class Assignments:
    """The assignments of one org. `version` grows whenever one of them changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.version = 0
        store.listeners.append(self._note)

    def of(self, user_id: str) -> tuple[str, ...]:
        """Names of the permission sets that the user holds, those that belong to profiles left out."""
        with self._store.lock:
            return tuple(row["Name"] for row in self._sets(user_id) if not row["IsOwnedByProfile"])

    def _sets(self, user_id: str) -> list[Row]:
        table, sets = self._store.table(_OBJECT), self._store.table("PermissionSet")
        rows = [table.rows[one] for one in table.find("AssigneeId", user_id) or ()]
        return [sets.rows[row["PermissionSetId"]] for row in rows if not row["IsDeleted"]]

    def _note(self, changes: Sequence[Change]) -> None:
        self.version += any(change.sobject == _OBJECT for change in changes)
