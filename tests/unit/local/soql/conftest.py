"""A small org in memory: the `Source` that queries are run against, with a count of what was asked of it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any

import pytest

from connector.local.org.ids import make_id
from connector.local.org.model import Child, Field, Picklist, Row, Schema, SObject
from connector.local.org.soql import run_query

TODAY = date(2026, 3, 18)  # a Wednesday
NOW = datetime(2026, 3, 18, 15, 30, tzinfo=UTC)


def _field(name: str, kind: str, **more: Any) -> Field:
    return Field(name=name, label=name, type=kind, custom=name.endswith("__c"), **more)


def _lookup(name: str, relationship: str, *targets: str) -> Field:
    return _field(name, "reference", relationship_name=relationship, reference_to=targets)


def _object(name: str, prefix: str, *fields: Field, children: Iterable[Child] = ()) -> SObject:
    system = (
        _field("Id", "id"),
        _field("IsDeleted", "boolean"),
        _field("CreatedDate", "datetime"),
        _field("SystemModstamp", "datetime"),
    )
    every = {one.name.lower(): one for one in (*system, *fields)}
    return SObject(name, name, f"{name}s", prefix, name.endswith("__c"), every, tuple(children))


ACCOUNT = _object(
    "Account",
    "001",
    _field("Name", "string", length=255, name_field=True),
    _field("Industry", "picklist", picklist=Picklist(("Media", "Banking", "Energy"))),
    _field("AnnualRevenue", "currency", precision=18, scale=2),
    _field("NumberOfEmployees", "int"),
    _field("Rating__c", "double", precision=5, scale=1),
    _field("Description", "textarea", length=32_000),
    _field("Site", "textarea", length=255),
    _field("Active__c", "boolean"),
    _field("Tags__c", "multipicklist", picklist=Picklist(("A", "B", "C"))),
    _field("Code__c", "string", length=20, unique=True, case_sensitive=True, external_id=True),
    _field("CurrencyIsoCode", "picklist"),
    _field("Billing__c", "location"),
    _lookup("ParentId", "Parent", "Account"),
    _lookup("OwnerId", "Owner", "User"),
    children=(
        Child("Contact", "AccountId", "Contacts"),
        Child("AR_Invoice__c", "Account__c", "AR_Invoices__r"),
        Child("Account", "ParentId", "ChildAccounts"),
    ),
)
CONTACT = _object(
    "Contact",
    "003",
    _field("LastName", "string"),
    _field("Email", "email"),
    _field("Birthdate", "date"),
    _lookup("AccountId", "Account", "Account"),
    children=(Child("Case", "ContactId", "Cases"),),
)
CASE = _object("Case", "500", _field("Subject", "string"), _lookup("ContactId", "Contact", "Contact"))
INVOICE = _object(
    "AR_Invoice__c",
    "a00",
    _field("Name", "string", auto_number="I-{0000}", name_field=True),
    _field("Key__c", "string", unique=True, external_id=True),
    _field("Amount__c", "currency", precision=18, scale=2),
    _field("Status__c", "picklist", picklist=Picklist(("Open", "Paid", "Void"))),
    _field("Due_On__c", "date"),
    _field("Days_Past_Due__c", "double", formula="TODAY() - Due_On__c"),
    _field("Bucket__c", "string", formula='IF(TODAY() > Due_On__c, "late", "in time")'),
    _lookup("Account__c", "Account__r", "Account"),
)
TASK = _object(
    "Task",
    "00T",
    _field("Subject", "string"),
    _lookup("WhatId", "What", "Account", "AR_Invoice__c"),
    _lookup("OwnerId", "Owner", "User", "Group"),
)
USER = _object(
    "User", "005", _field("Name", "string"), _field("Email", "email"), _lookup("ManagerId", "Manager", "User")
)
CURRENCY_TYPE = _object(
    "CurrencyType",
    "01L",
    _field("IsoCode", "picklist"),
    _field("ConversionRate", "double"),
    _field("IsActive", "boolean"),
)
_OBJECTS = (ACCOUNT, CONTACT, CASE, INVOICE, TASK, USER, CURRENCY_TYPE)


@dataclass
class FakeSource:
    """Rows in dicts, an index on unique fields and lookups, and a count of the calls."""

    today: date = TODAY
    now: datetime = NOW
    zone: tzinfo = UTC
    user_id: str = make_id("005", 1)
    schema: Schema = field(default_factory=lambda: Schema({one.name.lower(): one for one in _OBJECTS}))
    tables: dict[str, dict[str, Row]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)

    def add(self, sobject: str, **values: Any) -> str:
        """Store a row with what is given, null for the rest, and return its id."""
        kind = self.schema.get(sobject)
        assert kind is not None
        table = self.tables.setdefault(kind.name, {})
        row = {one.name: None for one in kind.fields.values() if one.formula is None}
        row |= {"Id": make_id(kind.key_prefix, len(table) + 1), "IsDeleted": False, "CreatedDate": NOW}
        row |= {"SystemModstamp": NOW, **values}
        table[row["Id"]] = row
        return row["Id"]

    def rows(self, sobject: str) -> Iterable[Row]:
        self.calls["rows"] += 1
        return self.tables.get(sobject, {}).values()

    def by_id(self, sobject: str, record_id: str) -> Row | None:
        self.calls["by_id"] += 1
        return self.tables.get(sobject, {}).get(record_id)

    def matching(self, sobject: str, name: str, values: Iterable[Any]) -> Iterable[Row] | None:
        kind = self.schema.get(sobject)
        one = kind.get(name) if kind else None
        if one is None or not (one.unique or one.type == "reference"):
            return None
        self.calls["matching"] += 1
        wanted = {value.casefold() for value in values}
        return [row for row in self.tables.get(sobject, {}).values() if (row[one.name] or "").casefold() in wanted]

    def changed_since(self, sobject: str, moment: datetime) -> Iterable[Row]:
        self.calls["changed_since"] += 1
        return [row for row in self.tables.get(sobject, {}).values() if row["SystemModstamp"] >= moment]

    def value(self, sobject: str, row: Row, name: str) -> Any:
        if name == "Days_Past_Due__c":
            return None if row["Due_On__c"] is None else Decimal((self.today - row["Due_On__c"]).days)
        if name == "Bucket__c":
            return "late" if row["Due_On__c"] and self.today > row["Due_On__c"] else "in time"
        return row[name]


@pytest.fixture
def source() -> FakeSource:
    """An org with its objects and no rows."""
    return FakeSource()


@pytest.fixture
def ask(source: FakeSource) -> Callable[..., list[Any]]:
    """Run a query; one column (or a tuple of columns) of each record."""

    def run(query: str, *columns: str) -> list[Any]:
        records = run_query(query, source).records
        return [tuple(one[column] for column in columns) if len(columns) > 1 else one[columns[0]] for one in records]

    return run


@pytest.fixture(scope="session")
def make_source() -> Callable[[], FakeSource]:
    """A fresh org on every call: for properties, which run many times in one test."""
    return FakeSource
