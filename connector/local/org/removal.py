"""Deleting, undeleting and merging: what happens to a row's children, and what stays in the recycle bin.

Whom a row names as its last modifier matters to whoever reads changes by others. The row itself, what goes with it
and what a merge moves are changed by the user. A lookup that is cleared or given back because of what happened to the
row it points to is the platform's doing: the stamp moves, the last modifier does not, and nobody's rule runs. (The
stamps of rows are documented in general only; for these cases they are unverified.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connector.local.org.dml import Saved, Writer, no_access
from connector.local.org.model import TAKEN, Field, OrgError, Row, Schema
from connector.local.org.sharing import Level
from connector.local.org.standard import MERGEABLE, UNDELETABLE
from connector.local.org.store import Table

_MOST_MERGED = 2  # a merge takes a master and up to two others


@dataclass(frozen=True)
class Remover:
    """Removes as the Writer's user; `schema` is the whole org's, since hidden children are children too."""

    writer: Writer
    schema: Schema

    def delete(self, sobject: str, record_id: str) -> Saved:
        """Move a row to the recycle bin, with what its lookups say of its children."""
        plan = self.writer.plan_of(sobject)
        row = self.writer.existing(plan, record_id)
        allowed = plan.rights.delete and self.writer.shared.may(plan.sobject.name, row, Level.ALL)
        if not allowed or plan.sobject.name in UNDELETABLE:
            raise no_access()
        self._delete(plan.table, row)
        return Saved(row["Id"])

    def undelete(self, record_id: str) -> Saved:
        """Bring a row back from the recycle bin, with the children that went with it and the lookups it lost."""
        table, row = self._find(record_id)
        if not row["IsDeleted"] or row.get("MasterRecordId"):
            raise OrgError("UNDELETE_FAILED", "Entity is not in the recycle bin")
        self._undelete(table, row)
        return Saved(row["Id"])

    def merge(self, master_id: str, *losers: str) -> Saved:
        """Merge rows into a master: their children move to it, they vanish and point to it by MasterRecordId."""
        table, master = self._find(master_id)
        if table.sobject.name not in MERGEABLE or master["IsDeleted"] or not 0 < len(losers) <= _MOST_MERGED:
            raise OrgError("INVALID_ID_FIELD", f"These records cannot be merged: {', '.join((master_id, *losers))}")
        for loser_id in losers:
            other, loser = self._find(loser_id)
            if other is not table or loser["IsDeleted"] or loser["Id"] == master["Id"]:
                raise OrgError("INVALID_ID_FIELD", f"{loser_id} cannot be merged into {master_id}")
            for child_table, field, child_id in list(self._children(loser)):
                # a master that was the other's child has no parent now: nothing is its own
                parent = None if child_id == master["Id"] else master["Id"]
                self._touch(child_table, child_id, {field.name: parent})
            self._touch(table, loser["Id"], {"IsDeleted": True, "MasterRecordId": master["Id"]})
        self._touch(table, master["Id"], {})
        return Saved(master["Id"])

    def _delete(self, table: Table, row: Row) -> None:
        children = list(self._children(row))
        for child_table, field, _ in children:
            if field.delete_constraint == "Restrict":
                titles = [_title(child_table.rows[child_id]) for _, own, child_id in children if own is field]
                message = (
                    f"Your attempt to delete {row.get('Name') or row['Id']} could not be completed because it is "
                    f"associated with the following {child_table.sobject.label_plural.lower()}.: {', '.join(titles)}"
                )
                raise OrgError("DELETE_FAILED", message)
        taken = [[child_id, field.name] for _, field, child_id in children]
        self._touch(table, row["Id"], {"IsDeleted": True, TAKEN: taken or None})
        for child_table, field, child_id in children:
            child = child_table.rows[child_id]
            if child["IsDeleted"]:
                continue
            if field.delete_constraint == "Cascade":
                self._delete(child_table, child)
            else:
                self._by_platform(child_table, child_id, {field.name: None})

    def _undelete(self, table: Table, row: Row) -> None:
        live = {**row, "IsDeleted": False}
        for own in table.sobject.fields.values():
            if own.unique:
                self.writer.check_unique(self.writer.plan_of(table.sobject.name), own, live)
        self._touch(table, row["Id"], {"IsDeleted": False, TAKEN: None})
        for child_id, name in row.get(TAKEN) or ():
            child_table, child = self._find(child_id)
            if child["IsDeleted"] and child[name] == row["Id"]:
                self._undelete(child_table, child)
            elif child[name] is None:  # a lookup that was given another value keeps it, as documented
                self._by_platform(child_table, child_id, {name: row["Id"]})

    def _touch(self, table: Table, record_id: str, changes: dict[str, Any]) -> None:
        row = table.rows[record_id]
        self.writer.store.put(table, record_id, {**row, **changes, **self.writer.touched(row)})

    def _by_platform(self, table: Table, record_id: str, changes: dict[str, Any]) -> None:
        row = table.rows[record_id]
        stamp = self.writer.touched(row)["SystemModstamp"]
        self.writer.store.put(table, record_id, {**row, **changes, "SystemModstamp": stamp})

    def _find(self, record_id: str) -> tuple[Table, Row]:
        table = self.writer.store.table_of(record_id)
        row = self.writer.store.find(record_id)
        if table is None or row is None:
            raise OrgError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", 404)
        return table, row

    def _children(self, row: Row) -> Iterator[tuple[Table, Field, str]]:
        """Every lookup of a live row that holds the row's id: one child may have several."""
        parent = self.writer.store.table_of(row["Id"])
        name = parent.sobject.name if parent else ""
        for sobject in self.schema.objects.values():
            table = self.writer.store.table(sobject.name)
            for field in sobject.fields.values():
                if name in field.reference_to and field.name != "MasterRecordId":
                    for child_id in table.find(field.name, row["Id"]) or ():
                        if not table.rows[child_id]["IsDeleted"]:
                            yield table, field, child_id


def _title(row: Row) -> str:
    return str(row.get("CaseNumber") or row.get("Name") or row["Id"])
