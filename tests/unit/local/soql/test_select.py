"""The form of records: attributes, spelling, parents, children, order, LIMIT and OFFSET."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector.local.org.model import OrgError
from connector.local.org.soql import run_query


def test_a_record_has_attributes_first_and_keys_as_the_schema_spells_them(source):
    account = source.add(
        "Account",
        Name="Acme",
        AnnualRevenue=Decimal("12.50"),
        NumberOfEmployees=Decimal(7),
        Active__c=True,
        CreatedDate=datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=UTC),
    )
    result = run_query(
        "select id, NAME, annualrevenue, numberofemployees, ACTIVE__C, createdDATE, industry from ACCOUNT",
        source,
        api_version="v61.0",
    )
    assert result.total_size == 1
    assert not result.aggregate
    (record,) = result.records
    assert list(record.items()) == [
        ("attributes", {"type": "Account", "url": f"/services/data/v61.0/sobjects/Account/{account}"}),
        ("Id", account),
        ("Name", "Acme"),
        ("AnnualRevenue", Decimal("12.50")),
        ("NumberOfEmployees", 7),
        ("Active__c", True),
        ("CreatedDate", "2026-01-31T12:00:00.250+0000"),
        ("Industry", None),
    ]
    assert type(record["NumberOfEmployees"]) is int


def test_dates_and_formulas(source):
    source.add("AR_Invoice__c", Due_On__c=date(2026, 3, 1))
    (record,) = run_query("SELECT Due_On__c, Days_Past_Due__c, Bucket__c FROM AR_Invoice__c", source).records
    assert (record["Due_On__c"], record["Days_Past_Due__c"], record["Bucket__c"]) == ("2026-03-01", Decimal(17), "late")


def test_parents_nest_and_share_one_record(source):
    owner = source.add("User", Name="Ann", Email="ann@example.com")
    parent = source.add("Account", Name="Parent", OwnerId=owner)
    account = source.add("Account", Name="Child", ParentId=parent)
    source.add("Contact", LastName="Lee", AccountId=account)
    source.add("Contact", LastName="Ray")
    lee, ray = run_query(
        "SELECT Account.Parent.Owner.Email, LastName, account.name, Account.Parent.Name, c.Account.OwnerId, "
        "Account.Owner.Name FROM Contact c",
        source,
    ).records
    assert list(lee) == ["attributes", "Account", "LastName"]
    assert lee["Account"]["Name"] == "Child"
    assert lee["Account"]["Owner"] is None
    assert lee["Account"]["Parent"]["Name"] == "Parent"
    assert lee["Account"]["Parent"]["attributes"]["url"].endswith(f"/Account/{parent}")
    assert lee["Account"]["Parent"]["Owner"]["Email"] == "ann@example.com"
    assert ray == {"attributes": ray["attributes"], "Account": None, "LastName": "Ray"}


def test_labels_and_their_aliases(source):
    source.add("Account", Industry="Media")
    (record,) = run_query(
        "SELECT Industry, toLabel(Industry) label, toLabel(Parent.Industry) FROM Account", source
    ).records
    assert (record["Industry"], record["label"]) == ("Media", "Media")
    assert record["Parent"] is None


@pytest.mark.parametrize(
    ("which", "some", "none"),
    [
        ("ALL", {"Id", "Name", "Code__c"}, set()),
        ("STANDARD", {"Id", "Name"}, {"Code__c"}),
        ("CUSTOM", {"Code__c"}, {"Id"}),
    ],
)
def test_fields_of_a_kind(source, which, some, none):
    source.add("Account", Name="Acme")
    (record,) = run_query(f"SELECT FIELDS({which}) FROM Account LIMIT 200", source).records
    assert some <= set(record)
    assert not none & set(record)


def test_unbounded_fields_may_be_bounded_by_ids(source):
    account = source.add("Account", Name="Acme")
    query = f"SELECT FIELDS(ALL) FROM Account WHERE Name != null AND Id IN ('{account}')"
    assert len(run_query(query, source).records) == 1


# --- children ------------------------------------------------------------------------------------------------------


@pytest.fixture
def families(source):
    acme, zen = source.add("Account", Name="Acme"), source.add("Account", Name="Zen")
    for name, account in (("Lee", acme), ("Ray", acme), ("Abe", acme), ("Zoe", None)):
        source.add("Contact", LastName=name, AccountId=account)
    source.add("Account", Name="Sub", ParentId=zen)
    return source


def test_children_in_their_parents(families):
    acme, zen, _sub = run_query(
        "SELECT Name, (SELECT LastName, Account.Name FROM contacts ORDER BY LastName), "
        "(SELECT Id FROM Account.ChildAccounts) FROM Account",
        families,
    ).records
    assert list(acme) == ["attributes", "Name", "Contacts", "ChildAccounts"]
    assert acme["Contacts"]["totalSize"] == 3
    assert acme["Contacts"]["done"] is True
    assert [one["LastName"] for one in acme["Contacts"]["records"]] == ["Abe", "Lee", "Ray"]
    assert acme["Contacts"]["records"][0]["Account"]["Name"] == "Acme"
    assert acme["Contacts"]["records"][0]["attributes"]["type"] == "Contact"
    assert acme["ChildAccounts"] is None
    assert zen["Contacts"] is None
    assert zen["ChildAccounts"]["totalSize"] == 1


def test_children_are_filtered_and_cut_for_each_parent(families):
    query = "SELECT Name, (SELECT LastName FROM a.Contacts c WHERE c.LastName != 'Ray' ORDER BY LastName DESC LIMIT 1)"
    records = run_query(f"{query} FROM Account a ORDER BY Name LIMIT 1", families).records
    assert [one["LastName"] for one in records[0]["Contacts"]["records"]] == ["Lee"]


def test_children_come_by_index(families):
    run_query("SELECT (SELECT Id FROM Contacts) FROM Account WHERE Id = null", families)
    families.calls.clear()
    run_query("SELECT (SELECT Id FROM Contacts) FROM Account", families)
    assert families.calls["rows"] == 1
    assert families.calls["matching"] == 1


def test_grandchildren(families):
    contact = next(row["Id"] for row in families.rows("Contact"))
    families.add("Case", Subject="help", ContactId=contact)
    (record,) = run_query(
        "SELECT (SELECT LastName, (SELECT Subject FROM Cases) FROM Contacts WHERE LastName = 'Lee') FROM Account "
        "WHERE Name = 'Acme'",
        families,
    ).records
    (lee,) = record["Contacts"]["records"]
    assert lee["Cases"]["records"][0]["Subject"] == "help"


# --- order and size ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("Name", [None, "a", "B", "c"]),
        ("Name ASC NULLS LAST", ["a", "B", "c", None]),
        ("Name DESC", [None, "c", "B", "a"]),
        ("Name DESC NULLS LAST", ["c", "B", "a", None]),
        ("Name DESC NULLS FIRST", [None, "c", "B", "a"]),
        ("Industry, Name", [None, "B", "a", "c"]),
        ("Industry DESC NULLS LAST, Name DESC", ["c", "a", "B", None]),
        ("NumberOfEmployees DESC, Name", ["a", "B", None, "c"]),
        ("Parent.Name, Name DESC", [None, "c", "B", "a"]),
    ],
)
def test_order(source, order, found):
    for name, industry, size in (("c", "Energy", 1), ("a", "Banking", 9), ("B", "Media", 9), (None, None, 5)):
        source.add("Account", Name=name, Industry=industry, NumberOfEmployees=Decimal(size))
    records = run_query(f"SELECT Name FROM Account ORDER BY {order}", source).records
    assert [one["Name"] for one in records] == found


def test_lookups_keep_their_nulls_first(source):
    parent = source.add("Account", Name="parent")
    source.add("Account", Name="child", ParentId=parent)
    records = run_query("SELECT Name FROM Account ORDER BY ParentId DESC NULLS LAST", source).records
    assert [one["Name"] for one in records] == ["parent", "child"]


def test_amounts_are_ordered_by_their_corporate_value(source):
    for code, rate in (("USD", "1"), ("JPY", "150")):
        source.add("CurrencyType", IsoCode=code, ConversionRate=Decimal(rate), IsActive=True)
    source.add("Account", Name="yen", AnnualRevenue=Decimal(1000), CurrencyIsoCode="JPY")
    source.add("Account", Name="dollars", AnnualRevenue=Decimal(10), CurrencyIsoCode="USD")
    source.add("Account", Name="nothing", CurrencyIsoCode="USD")
    records = run_query("SELECT Name FROM Account ORDER BY AnnualRevenue", source).records
    assert [one["Name"] for one in records] == ["nothing", "yen", "dollars"]


def test_limit_and_offset(source):
    for number in range(10):
        source.add("Account", Name=str(number))
    result = run_query("SELECT Name FROM Account ORDER BY Name DESC LIMIT 3 OFFSET 2", source)
    assert [one["Name"] for one in result.records] == ["7", "6", "5"]
    assert result.total_size == 3
    assert run_query("SELECT Name FROM Account LIMIT 0", source).records == []
    assert run_query("SELECT Name FROM Account OFFSET 2000", source).records == []


def test_more_than_five_levels_of_children_are_refused(source):
    query = "SELECT Id FROM ChildAccounts"
    for _ in range(4):
        query = f"SELECT Id, ({query}) FROM ChildAccounts"
    with pytest.raises(OrgError, match="at most 5 levels"):
        run_query(f"SELECT Id, ({query}) FROM Account", source)
