"""Deleting, undeleting and merging: what happens to a row's children, and what stays in the recycle bin."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connector.local.org.dml import Saved, Writer
from connector.local.org.model import Field, OrgError, Row, Schema
from connector.local.org.standard import MERGEABLE, SETUP_OBJECTS
from connector.local.org.store import Table


@dataclass(frozen=True)
class Remover:
    """Removes as the Writer's user; `schema` is the whole org's, since hidden children are children too."""

    writer: Writer
    schema: Schema

    def delete(self, sobject: str, record_id: str) -> Saved:
        """Move a row to the recycle bin, with what its lookups say of its children."""
        plan = self.writer.plan_of(sobject)
        row = self.writer.existing(plan, record_id)
        if not plan.rights.delete or plan.sobject.name in SETUP_OBJECTS:
            raise OrgError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", 403)
        self._delete(plan.table, row)
        return Saved(row["Id"])

    def undelete(self, record_id: str) -> Saved:
        """Bring a row back from the recycle bin, with the children that went with it."""
        table, row = self._find(record_id)
        if not row["IsDeleted"] or row.get("MasterRecordId"):
            raise OrgError("UNDELETE_FAILED", "Entity is not in the recycle bin")
        self._undelete(table, row)
        return Saved(row["Id"])

    def merge(self, master_id: str, *losers: str) -> Saved:
        """Merge rows into a master: their children move to it, they vanish and point to it by MasterRecordId."""
        table, master = self._find(master_id)
        if table.sobject.name not in MERGEABLE or master["IsDeleted"] or not losers:
            raise OrgError("INVALID_ID_FIELD", f"These records cannot be merged: {', '.join((master_id, *losers))}")
        for loser_id in losers:
            other, loser = self._find(loser_id)
            if other is not table or loser["IsDeleted"] or loser["Id"] == master["Id"]:
                raise OrgError("INVALID_ID_FIELD", f"{loser_id} cannot be merged into {master_id}")
            for child_table, field, child in list(self._children(loser)):
                self._touch(child_table, child, {field.name: master["Id"]})
            self._touch(table, loser, {"IsDeleted": True, "MasterRecordId": master["Id"]})
        self._touch(table, table.rows[master["Id"]], {"LastModifiedDate": self.writer.stamp})
        return Saved(master["Id"])

    def _delete(self, table: Table, row: Row) -> None:
        children = list(self._children(row))
        for child_table, field, _ in children:
            if field.delete_constraint == "Restrict":
                message = (
                    f"Your attempt to delete {row.get('Name') or row['Id']} could not be completed because it is "
                    f"associated with the following {child_table.sobject.label_plural.lower()}.: "
                    + ", ".join(_title(child) for _, own, child in children if own is field)
                )
                raise OrgError("DELETE_FAILED", message)
        self._touch(table, row, {"IsDeleted": True, "LastModifiedDate": self.writer.stamp})
        for child_table, field, child in children:
            if child_table.rows[child["Id"]]["IsDeleted"]:
                continue
            if field.delete_constraint == "Cascade":
                self._delete(child_table, child)
            else:
                self._touch(child_table, child, {field.name: None})

    def _undelete(self, table: Table, row: Row) -> None:
        gone_at = row["SystemModstamp"]
        live = {**row, "IsDeleted": False}
        for own in table.sobject.fields.values():
            if own.unique:
                self.writer.check_unique(self.writer.plan_of(table.sobject.name), own, live)
        self._touch(table, row, {"IsDeleted": False, "LastModifiedDate": self.writer.stamp})
        for child_table, field, child in list(self._children(row, deleted=True)):
            if field.delete_constraint == "Cascade" and child["SystemModstamp"] == gone_at:
                self._undelete(child_table, child)

    def _touch(self, table: Table, row: Row, changes: dict[str, Any]) -> None:
        self.writer.store.put(table, row["Id"], {**row, **changes, "SystemModstamp": self.writer.stamp})

    def _find(self, record_id: str) -> tuple[Table, Row]:
        table = self.writer.store.table_of(record_id)
        row = self.writer.store.find(record_id)
        if table is None or row is None:
            raise OrgError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", 404)
        return table, row

    def _children(self, row: Row, *, deleted: bool = False) -> Iterator[tuple[Table, Field, Row]]:
        parent = self.writer.store.table_of(row["Id"])
        name = parent.sobject.name if parent else ""
        for sobject in self.schema.objects.values():
            table = self.writer.store.table(sobject.name)
            for field in sobject.fields.values():
                if name in field.reference_to and field.name != "MasterRecordId":
                    for child_id in table.find(field.name, row["Id"]) or ():
                        if table.rows[child_id]["IsDeleted"] is deleted:
                            yield table, field, table.rows[child_id]


def _title(row: Row) -> str:
    return str(row.get("CaseNumber") or row.get("Name") or row["Id"])
