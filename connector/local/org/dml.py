"""Insert, update and upsert, with a real org's checks in its order: columns, rights, required, values, rules, keys.

A record is a decoded JSON object (or a CSV line made into one). One Writer serves one request of one user; everything
here runs inside `Store.transaction`, where an OrgError undoes exactly its own row.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.local.org.derive import DERIVED
from connector.local.org.formulas import Formulas
from connector.local.org.ids import to_18
from connector.local.org.metadata import Rule
from connector.local.org.model import Field, OrgError, Row
from connector.local.org.plan import Column, Plan
from connector.local.org.sharing import Level, Shared
from connector.local.org.store import Store

Record = Mapping[str, Any]


@dataclass
class TooManyError(OrgError):
    """The external id is that of several rows, `found`."""

    found: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Saved:
    """What became of one row. `created` is None where the operation could only do one thing."""

    id: str | None = None
    created: bool | None = None
    errors: list[OrgError] = field(default_factory=list)


@dataclass(frozen=True)
class Writer:
    """Writes as one user at one instant: `stamp` becomes CreatedDate, LastModifiedDate and SystemModstamp."""

    store: Store
    formulas: Formulas
    rules: Mapping[str, tuple[Rule, ...]]
    plan_of: Callable[[str], Plan]
    shared: Shared
    user_id: str
    stamp: datetime

    def insert(self, sobject: str, record: Record) -> Saved:
        """Make a row."""
        plan = self.plan_of(sobject)
        if not plan.rights.create:
            message = f"entity type cannot be inserted: {plan.sobject.label}"
            raise OrgError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, 403)
        values, problem = self._values(plan, record, inserting=True)
        record_id = self.store.new_id(plan.table)
        self._check_parents(plan, values)
        row = {**plan.table.blank, **plan.constants, **self._defaults(plan, values), **values}
        self._require(plan.required, row)
        if problem is not None:
            raise problem
        row |= {"Id": record_id, "IsDeleted": False, "CreatedDate": self.stamp, "CreatedById": self.user_id}
        self._save(plan, row, None, plan.unique)
        return Saved(record_id, created=True)

    def update(self, sobject: str, record_id: Any, record: Record) -> Saved:
        """Change a row. The id may have 15 characters."""
        plan = self.plan_of(sobject)
        return self._change(plan, self.existing(plan, record_id), record)

    def _change(self, plan: Plan, old: Row, record: Record) -> Saved:
        if not plan.rights.edit or not self.shared.may(plan.sobject.name, old, Level.EDIT):
            raise no_access()
        values, problem = self._values(plan, record, inserting=False)
        self._check_parents(plan, values)
        self._require((own for own in plan.required if own.name in values), values)
        if problem is not None:
            raise problem
        self._save(plan, {**old, **values}, old, [own for own in plan.unique if own.name in values])
        return Saved(old["Id"], created=False)

    def upsert(self, sobject: str, key: str, value: Any, record: Record, *, update_only: bool = False) -> Saved:
        """Change the row whose external id is `value`, or make it. `record` need not repeat the key."""
        plan = self.plan_of(sobject)
        column = key_column(plan, key)
        others = _without(record, column.field.name)
        if column.field.name == "Id":
            return self.insert(sobject, others) if value is None else self.update(sobject, value, others)
        wanted = column.convert(value) if value is not None else None
        if wanted is None:
            raise OrgError("MISSING_ARGUMENT", f"{column.field.name} not specified", fields=[])
        found = self.live(plan, column.field.name, wanted)
        if len(found) > 1:
            message = "A user-specified external ID matches more than one record during an upsert."
            raise TooManyError("DUPLICATE_EXTERNAL_ID", message, found=found)
        if found:
            return self._change(plan, plan.table.rows[found[0]], others)
        if update_only:
            raise OrgError("NOT_FOUND", "The requested resource does not exist", 404)
        return self.insert(sobject, {**others, column.field.name: value})

    def existing(self, plan: Plan, record_id: Any) -> Row:
        """The live row of that object with that id."""
        full = to_18(record_id) if isinstance(record_id, str) else None
        if full is None or full[:3] != plan.sobject.key_prefix:
            message = f"{plan.sobject.label} ID: id value of incorrect type: {record_id}"
            raise OrgError("MALFORMED_ID", message, fields=["Id"])
        row = plan.table.rows.get(full)
        if row is None or not self.shared.may(plan.sobject.name, row, Level.READ):  # unseen is as good as missing
            raise OrgError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", 404)
        if row["IsDeleted"]:
            raise OrgError("ENTITY_IS_DELETED", "entity is deleted", 404)
        return row

    @staticmethod
    def live(plan: Plan, name: str, value: Any) -> list[str]:
        """Ids of the rows, deleted ones left out, whose key has that value."""
        found = plan.table.find(name, value) or ()
        return [record_id for record_id in found if not plan.table.rows[record_id]["IsDeleted"]]

    def _values(self, plan: Plan, record: Record, *, inserting: bool) -> tuple[Row, OrgError | None]:
        """The record's values converted, and the first one that was refused: a missing field is reported before it."""
        values: Row = {}
        refused: list[str] = []
        problem: OrgError | None = None
        for name, raw in record.items():
            if name == "attributes":
                continue
            column = plan.column(name) or self._parent_column(plan, name)
            if not (column.createable if inserting else column.updateable):
                refused.append(column.field.name)
                continue
            try:
                simple = raw is not None and raw.__class__ is not dict
                values[column.field.name] = column.convert(raw) if simple else self._special(plan, column, name, raw)
            except OrgError as error:
                problem = problem or error
        if refused:
            raise _not_writable(refused)
        return values, problem

    def _special(self, plan: Plan, column: Column, name: str, raw: Any) -> Any:
        """Null, and a parent named by its own key."""
        if raw is None:
            if not column.nullable or column.field.name == "CurrencyIsoCode":
                return column.convert(raw)
            return None
        if isinstance(raw, dict) and column.field.type == "reference" and name.lower() in plan.parents:
            return self._parent_id(column, raw)
        return column.convert(raw)

    @staticmethod
    def _parent_column(plan: Plan, name: str) -> Column:
        column = plan.parents.get(name.lower())
        if column is None:
            message = f"No such column '{name}' on sobject of type {plan.sobject.name}"
            raise OrgError("INVALID_FIELD", message)
        return column

    def _parent_id(self, column: Column, raw: Record) -> str | None:
        """The parent named by its own external id: `"Account__r": {"Key__c": "k"}`."""
        keys = {name: value for name, value in raw.items() if name != "attributes"}
        target = (raw.get("attributes") or {}).get("type") or column.field.reference_to[0]
        if len(keys) != 1 or target not in column.field.reference_to:
            message = f"{column.field.label}: name exactly one external id of the parent, of {target}"
            raise OrgError("INVALID_FIELD", message, fields=[column.field.name])
        plan = self.plan_of(target)
        ((name, value),) = keys.items()
        key = key_column(plan, name)
        found = self.live(plan, key.field.name, key.convert(value)) if key.field.name != "Id" else [key.convert(value)]
        if len(found) == 1:
            return found[0]
        many = "matches more than one record" if found else "not found"
        message = f"Foreign key external ID: {value} {many} for field {key.field.name} in entity {plan.sobject.name}"
        raise OrgError("INVALID_FIELD", message)

    def _check_parents(self, plan: Plan, values: Row) -> None:
        """Nobody may point to a row that is hidden from them."""
        for name in self.shared.guarded(plan.sobject):
            target_id: str = values.get(name) or ""
            table = self.store.table_of(target_id)
            if table and not self.shared.may(table.sobject.name, table.rows[target_id], Level.READ):
                message = f"insufficient access rights on cross-reference id: {target_id[:15]}"
                raise OrgError("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", message, fields=[name])

    def _defaults(self, plan: Plan, values: Row) -> Row:
        row = {own.name: self.formulas.default(plan.sobject, own) for own in plan.formulas if own.name not in values}
        for own in plan.auto_numbers:
            number = self.store.next_number(f"auto:{plan.sobject.name}.{own.name}")
            row[own.name] = _auto_number(own.auto_number or "", number, self.stamp)
        return row

    @staticmethod
    def _require(fields: Iterable[Field], row: Row) -> None:
        missing = [own.name for own in fields if row.get(own.name) is None]
        if missing:
            message = f"Required fields are missing: [{', '.join(missing)}]"
            raise OrgError("REQUIRED_FIELD_MISSING", message, fields=missing)

    def _save(self, plan: Plan, row: Row, old: Row | None, unique: Iterable[Field]) -> None:
        row |= self.touched(old)
        if plan.sobject.custom and row["Name"] is None:
            row["Name"] = row["Id"]  # a custom object's text name is never empty
        if derive := DERIVED.get(plan.sobject.name):
            derive(row, self.store.find)
        self._check_owner(plan, row, old)
        if rules := self.rules.get(plan.sobject.name.lower()):
            self.formulas.check(plan.sobject, rules, row, old)
        for own in unique:
            self.check_unique(plan, own, row)
        self.store.put(plan.table, row["Id"], row)

    def touched(self, old: Row | None) -> Row:
        """Who and when, for a row that takes the place of `old`. A row's stamp never goes back, even where a fault let
        a transaction with an older stamp wait until after one with a newer.
        """
        stamp = self.stamp if old is None else max(self.stamp, old["SystemModstamp"])
        return {"LastModifiedDate": stamp, "SystemModstamp": stamp, "LastModifiedById": self.user_id}

    def _check_owner(self, plan: Plan, row: Row, old: Row | None) -> None:
        """Nobody who has left can be given anything; what they have stays theirs."""
        owner_id = row.get("OwnerId")
        if owner_id is None or (old is not None and old["OwnerId"] == owner_id):
            return
        owner = self.store.find(owner_id)
        if owner is not None and not owner["IsActive"]:
            message = (
                f"operation performed with inactive user [{owner_id[:15]}] as owner of {plan.sobject.name.lower()}"
            )
            raise OrgError("INACTIVE_OWNER_OR_USER", message, fields=["OwnerId"])

    def check_unique(self, plan: Plan, own: Field, row: Row) -> None:
        """Raise DUPLICATE_VALUE where another live row has this row's value."""
        value = row[own.name]
        if value is None:
            return
        for other in self.live(plan, own.name, value):
            if other != row["Id"]:
                message = f"duplicate value found: {own.name} duplicates value on record with id: {other[:15]}"
                raise OrgError("DUPLICATE_VALUE", message)


def no_access() -> OrgError:
    """The refusal to change a row, or any row of its object."""
    return OrgError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", 403)


def key_column(plan: Plan, key: str) -> Column:
    """The field that rows may be addressed by. Raises NOT_FOUND where it is none, or hidden."""
    column = plan.column(key)
    if column is None or not (column.field.external_id or column.field.id_lookup or column.field.name == "Id"):
        message = f"Provided external ID field does not exist or is not accessible: {key}"
        raise OrgError("NOT_FOUND", message, 404)
    return column


def _without(record: Record, name: str) -> Record:
    """The record without that field, in whatever case it is written."""
    given = name if name in record else next((key for key in record if key.lower() == name.lower()), None)
    return {key: value for key, value in record.items() if key != given} if given is not None else record


def _not_writable(names: list[str]) -> OrgError:
    message = (
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this field and "
        "verify that it is read/write for your profile or permission set."
    )
    return OrgError("INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=names)


def _auto_number(display: str, number: int, stamp: datetime) -> str:
    """`INV-{0000}` → `INV-0007`; `{YYYY}`, `{MM}` and `{DD}` are today's."""
    text = display.replace("{YYYY}", f"{stamp:%Y}").replace("{MM}", f"{stamp:%m}").replace("{DD}", f"{stamp:%d}")
    before, _, rest = text.partition("{")
    digits, _, after = rest.partition("}")
    return f"{before}{number:0{len(digits)}d}{after}"
