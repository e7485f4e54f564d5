"""What the local org is made of: objects, fields, rows and refusals. Everything here imports this, it imports nothing.

A row is a dict from API field name to a Python value: `str`, `bool`, `Decimal` (every number), `date`,
aware `datetime` (UTC) or `None`. Formula fields are never stored; `Source.value` computes them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, Protocol

Row = dict[str, Any]

TAKEN = "_taken"  # no field: on a deleted row, the lookups [[row id, field], …] by which its deletion took or emptied


@dataclass(frozen=True)
class Picklist:
    """The values of a picklist; `restricted` ones refuse anything else."""

    values: tuple[str, ...]
    restricted: bool = False
    default: str | None = None


@dataclass(frozen=True)
class Field:
    """One field of an object, in the terms of a describe result (`type` as describe spells it)."""

    name: str
    label: str
    type: str  # id string textarea email phone url picklist boolean int double currency percent date datetime reference
    length: int = 0
    precision: int = 0
    scale: int = 0
    required: bool = False
    unique: bool = False
    case_sensitive: bool = False
    external_id: bool = False
    id_lookup: bool = False
    auto_number: str | None = None  # display format, as "C-{00000}"
    name_field: bool = False
    custom: bool = False
    createable: bool = True
    updateable: bool = True
    default: Any = None
    picklist: Picklist | None = None
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None  # child to parent: "Account", "Account__r"
    delete_constraint: str | None = None  # SetNull | Restrict | Cascade
    formula: str | None = None
    formula_blank_as_zero: bool = False
    help_text: str | None = None


@dataclass(frozen=True)
class Child:
    """One relationship from parent to children: `relationship_name` as SOQL sub-selects write it."""

    sobject: str
    field: str
    relationship_name: str
    cascade_delete: bool = False


@dataclass(frozen=True)
class SObject:
    """One object; `fields` by lower-case API name, in describe order."""

    name: str
    label: str
    label_plural: str
    key_prefix: str
    custom: bool
    fields: Mapping[str, Field]
    children: tuple[Child, ...] = ()

    def get(self, name: str) -> Field | None:
        """The field of that name, in any case."""
        return self.fields.get(name.lower())


@dataclass(frozen=True)
class Schema:
    """Objects by lower-case API name: all of the org's, or those that one user may see."""

    objects: Mapping[str, SObject]

    def get(self, name: str) -> SObject | None:
        """The object of that name, in any case."""
        return self.objects.get(name.lower())


class Source(Protocol):
    """What a query may ask of the org, already restricted to what the asking user may see."""

    schema: Schema
    today: date
    now: datetime
    zone: tzinfo  # of the user: what a day is
    user_id: str

    def rows(self, sobject: str) -> Iterable[Row]:
        """Every row of the object, deleted ones included (`IsDeleted` says which)."""

    def by_id(self, sobject: str, record_id: str) -> Row | None:
        """The row with that 18-character id, deleted ones included."""

    def matching(self, sobject: str, name: str, values: Iterable[Any]) -> Iterable[Row] | None:
        """Rows whose field equals one of the values, where that field is indexed; else None."""

    def changed_since(self, sobject: str, moment: datetime) -> Iterable[Row]:
        """Rows whose SystemModstamp is not before that moment, deleted ones included."""

    def value(self, sobject: str, row: Row, name: str) -> Any:
        """The field's value in the row, formulas computed."""


@dataclass
class OrgError(Exception):
    """A refusal in Salesforce's own words: `code` and `message` of its error table, `status` of the HTTP answer."""

    code: str
    message: str
    status: int = 400
    fields: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
