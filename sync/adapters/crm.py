"""The way back from Salesforce as the pipeline sees it: what changed there, in one call, as plain rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connector.errors import MisconfiguredError
from connector.salesforce.changes import Changes, Watch, changes
from connector.salesforce.fields import OPTIONAL_OBJECTS
from connector.salesforce.limits import Priority
from connector.salesforce.read import quote
from sync.adapters.salesforce import SalesforceOrg, asking
from sync.adapters.specimens import plain, read_fields
from sync.core.fieldmap.rules import FieldMap, default
from sync.core.mapping.salesforce import moment
from sync.db.crm import CrmRow
from sync.pipeline.intake import Changed

# Kinds of rows as the pipeline calls them, and their objects.
OBJECTS = {
    "user": "User",
    "member": "AccountTeamMember",
    "account": "Account",
    "commitment": "AR_Commitment__c",
    "dispute": "AR_Dispute__c",
    "activity": "AR_Activity__c",
    "task": "Task",
    "summary": "AR_Summary__c",
    "invoice": "AR_Invoice__c",
    "payment": "AR_Payment__c",
}
# Without these a row says something else than its owner wrote: it is left unread until they can be seen.
_NEEDED = {
    "account": frozenset({"Name", "OwnerId"}),
    "commitment": frozenset(
        {"Account__c", "Invoice__r.Key__c", "Invoices__c", "Amount__c", "Promised_On__c", "Cancelled__c"}
    ),
    "dispute": frozenset({"Account__c", "Invoice__r.Key__c", "Disputed_Amount__c", "Status__c"}),
    "activity": frozenset({"Account__c", "Kind__c", "Key__c"}),
    "task": frozenset({"AccountId", "AR_Key__c", "Status", "OwnerId", "Description", "IsClosed"}),
    "user": frozenset({"Name", "IsActive"}),
    "member": frozenset({"AccountId", "UserId"}),
}
# Of these we write far more rows than people do, so our own writes are not read back: their last word is ours.
_MOSTLY_OURS = frozenset({"account", "summary", "invoice", "payment"})
# When and by whom a row was changed: no part of what it says.
_STAMPS = frozenset(
    {"Id", "IsDeleted", "SystemModstamp", "LastModifiedDate", "CreatedDate", "LastModifiedById", "LastModifiedBy.Name"}
)


class CrmOrg(SalesforceOrg):
    """SalesforceOrg, and what people changed there: sync.pipeline.readback.CrmReader."""

    @property
    def user_id(self) -> str | None:
        """The Salesforce id of the user that we are there."""
        with asking():
            return self.session.connect().user_id or None

    @property
    def org_id(self) -> str | None:
        """The id of the org."""
        with asking():
            return self.session.connect().org_id or None

    def changes(
        self, since: Mapping[str, datetime | None], doubted: Sequence[str] = (), fieldmap: FieldMap | None = None
    ) -> Changed:
        """Every watched record changed since, by kind; and kinds of which we do not see enough to read them.

        `doubted`: keys of invoices that are read even where we changed them last. `fieldmap`: which fields are ours.
        """
        mapping = fieldmap or default()
        kinds = list(OBJECTS)
        us = self.user_id
        with asking():
            try:
                found = self._ask(since, us, doubted, mapping)
            except MisconfiguredError as error:
                if error.code != "INVALID_FIELD":
                    raise
                # a condition named a field that was just hidden: now we know
                found = self._ask(since, us, doubted, mapping)
        rows: dict[str, list[CrmRow]] = {}
        unread: dict[str, tuple[str, ...]] = {}
        for kind, answer in zip(kinds, found, strict=True):
            if hidden := _NEEDED.get(kind, frozenset()) & set(answer.left_out):
                unread[OBJECTS[kind]] = tuple(sorted(hidden))
            elif answer.absent and OBJECTS[kind] not in OPTIONAL_OBJECTS:
                unread[OBJECTS[kind]] = ()
            elif not answer.absent:
                rows[kind] = [self._row(kind, row) for row in answer.rows]
        return Changed(rows, unread)

    def _ask(
        self, since: Mapping[str, datetime | None], us: str | None, doubted: Sequence[str], mapping: FieldMap
    ) -> list[Changes]:
        watches = [self._watch(kind, since.get(kind), us, doubted, mapping) for kind in OBJECTS]
        return changes(self.session, self.exposure, watches, priority=Priority.NORMAL)

    def _watch(
        self, kind: str, since: datetime | None, us: str | None, doubted: Sequence[str], mapping: FieldMap
    ) -> Watch:
        name = OBJECTS[kind]
        fields = (*read_fields(name, mapping), *(["LastModifiedBy.Name"] if kind in _MOSTLY_OURS else []))
        return Watch(name, fields, since, self._condition(kind, us, doubted), optional=name in OPTIONAL_OBJECTS)

    def _condition(self, kind: str, us: str | None, doubted: Sequence[str]) -> str:
        """Which rows of a kind are worth reading."""
        conditions = []
        if kind in _MOSTLY_OURS and us:
            conditions.append(f"LastModifiedById != {quote(us)}")
        if kind == "activity" and us and self._sees(kind, "Key__c"):  # what people made, and what they did to ours
            conditions += ["Key__c = null", f"LastModifiedById != {quote(us)}"]
        if kind == "invoice" and conditions and self._sees(kind, "Assigned_To__c"):
            conditions.append("Assigned_To__c != null")  # what people chose may be older than our last write
            conditions += [f"Key__c IN {quote(list(doubted))}"] if doubted else []
        if kind == "task":
            conditions.append("AccountId != null")
            conditions += ["AR_Key__c != null"] if self._sees(kind, "AR_Key__c") else []
        return " OR ".join(conditions)

    def _sees(self, kind: str, field: str) -> bool:
        facts = self.exposure.of(OBJECTS[kind])
        return facts is not None and facts.field(field) is not None

    def _row(self, kind: str, row: Mapping[str, Any]) -> CrmRow:
        fields = plain({name: value for name, value in row.items() if name not in _STAMPS})
        stamp = moment(row["SystemModstamp"])
        if stamp is None:
            raise ValueError(f"{row['Id']} has no SystemModstamp")
        return CrmRow(
            kind=kind,
            id=row["Id"],
            fields=fields,
            stamp=stamp,
            deleted=row.get("IsDeleted") is True,
            created_at=moment(row.get("CreatedDate")) or stamp,
            changed_at=moment(row.get("LastModifiedDate")) or stamp,
            changed_by_id=row.get("LastModifiedById"),
            changed_by=row.get("LastModifiedBy.Name"),
        )
