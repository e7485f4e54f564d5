"""How one user writes one object: each column's converter and rights, worked out once, as every value passes here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connector.local.org.access import Rights
from connector.local.org.model import Field, OrgError, Row, SObject
from connector.local.org.store import Store, Table
from connector.local.org.values import Converter, Find, bad_picklist_value, converter


@dataclass(frozen=True, slots=True)
class Column:
    """One field that the user sees."""

    field: Field
    convert: Converter
    createable: bool
    updateable: bool
    nullable: bool  # only a checkbox cannot even be sent as null


@dataclass(frozen=True, slots=True)
class Plan:
    """`columns` by lower-case and by exact name; `parents` by lower-case relationship name."""

    sobject: SObject
    table: Table
    rights: Rights
    columns: Mapping[str, Column]
    parents: Mapping[str, Column]
    required: tuple[Field, ...]
    unique: tuple[Field, ...]
    constants: Row  # default values
    formulas: tuple[Field, ...]  # fields whose default is a formula
    auto_numbers: tuple[Field, ...]

    def column(self, name: str) -> Column | None:
        """The column of that name, in any case."""
        return self.columns.get(name) or self.columns.get(name.lower())


def make_plan(
    whole: SObject, seen: SObject, rights: Rights, store: Store, is_active: Callable[[str], bool], user_id: str
) -> Plan:
    """`whole` is the object, `seen` what the user may see of it; `is_active` tells whether a currency is active."""
    prefixes = {table.sobject.key_prefix: table.sobject.name for table in store.tables.values()}
    columns: dict[str, Column] = {}
    parents: dict[str, Column] = {}
    for field in seen.fields.values():
        column = _column(field, store.find, prefixes, is_active)
        columns[field.name] = columns[field.name.lower()] = column
        if field.relationship_name:
            parents[field.relationship_name.lower()] = column
    fields = list(whole.fields.values())
    computed = [field for field in fields if has_default_formula(field)]
    constants = {field.name: field.default for field in fields if field.default is not None and field not in computed}
    if whole.get("OwnerId"):
        constants["OwnerId"] = user_id
    return Plan(
        whole,
        store.table(whole.name),
        rights,
        columns,
        parents,
        required=tuple(field for field in fields if field.required and field.createable and field.type != "boolean"),
        unique=tuple(field for field in fields if field.unique),
        constants=constants,
        formulas=tuple(computed),
        auto_numbers=tuple(field for field in fields if field.auto_number),
    )


def has_default_formula(field: Field) -> bool:
    """Whether the field's default is computed when a row is made."""
    return field.custom and field.default is not None and field.type not in {"boolean", "picklist"}


def _column(field: Field, find: Find, prefixes: Mapping[str, str], is_active: Callable[[str], bool]) -> Column:
    convert = converter(field, find, prefixes) if field.formula is None else _never
    if field.name == "CurrencyIsoCode":
        convert = _currency(field, is_active)
    return Column(field, convert, field.createable, field.updateable, field.type != "boolean")


def _currency(field: Field, is_active: Callable[[str], bool]) -> Converter:
    def convert(value: Any) -> str:
        if not isinstance(value, str) or not is_active(value):
            raise bad_picklist_value(field, value)
        return value

    return convert


def _never(value: Any) -> Any:
    raise OrgError("INVALID_FIELD_FOR_INSERT_UPDATE", f"a formula cannot be set to {value}")
