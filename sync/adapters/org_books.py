"""Everything of ours in Salesforce, as comparing and retention see it: read page by page, and taken out by key."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from connector.errors import ConnectorError, RetryableError
from connector.salesforce import read
from connector.salesforce.fields import TARGETS
from connector.salesforce.limits import Priority
from connector.salesforce.remove import delete_by_key
from sync.adapters.salesforce import SalesforceOrg, asking
from sync.adapters.specimens import plain, read_fields, written_fields
from sync.core.fieldmap.rules import FieldMap, default
from sync.db.records import RecordKey
from sync.pipeline.differences import Told
from sync.pipeline.retain import Removal


class OrgBooks:
    """sync.pipeline.compare.OrgBooks and sync.pipeline.retain.Remover."""

    def __init__(self, org: SalesforceOrg, fieldmap: Callable[[], FieldMap] = default) -> None:
        self._org = org
        self._fieldmap = fieldmap  # asked whenever something is read: it may change while this lives

    def pages(self, object_name: str) -> Iterator[Mapping[RecordKey, Told]]:
        """Every row of ours of an object, page by page, in the order of their ids."""
        with asking():
            fields = self._exposed(object_name, read_fields(object_name, self._fieldmap()))
            for page in read.scan(
                self._org.session, object_name, fields, condition="Key__c != null", priority=Priority.BACKGROUND
            ):
                yield {(_kind(object_name, row), row["Key__c"]): plain(row) for row in page}

    def accounts(self, ids: Sequence[str]) -> Mapping[RecordKey, Told]:
        """The fields of these accounts that a figure is written to; an account that is gone is left out."""
        with asking():
            exposed = self._exposed("Account", written_fields(self._fieldmap())["Account"])
            found = read.accounts(self._org.session, ids, exposed, priority=Priority.BACKGROUND)
        return {
            ("account", key): plain({name: row[name] for name in exposed})
            for key, row in found.items()
            if key in ids and not row["IsDeleted"]
        }

    def scale(self, kind: str, name: str) -> int | None:
        """Digits after the point that a field keeps; None for what is no number."""
        with asking():
            facts = self._org.exposure.of(TARGETS[kind].object)
        field = facts.field(name) if facts else None
        return field.scale if field is not None and field.precision else None

    def remove(self, kind: str, keys: Sequence[str]) -> dict[str, Removal]:
        """Take rows out by their keys; what is not there is as good as removed."""
        target = TARGETS[kind]
        done = delete_by_key(self._org.session, target.object, target.key, keys, priority=Priority.BACKGROUND)
        return {key: _removal(error) for key, error in done.items()}

    def _exposed(self, object_name: str, names: Any) -> list[str]:
        facts = self._org.exposure.require(object_name, priority=Priority.BACKGROUND)
        return [name for name in dict.fromkeys(names) if facts.field(name.partition(".")[0])]


def _kind(object_name: str, row: Mapping[str, Any]) -> str:
    if object_name == "AR_Payment__c":
        return "refund" if row["Kind__c"] == "Refund" else "payment"
    return next(kind for kind, target in TARGETS.items() if target.object == object_name)


def _removal(error: ConnectorError | None) -> Removal:
    if error is None:
        return Removal("gone")
    unknown = isinstance(error, RetryableError) and error.outcome_unknown
    return Removal("unknown" if unknown else "stays", str(error))
