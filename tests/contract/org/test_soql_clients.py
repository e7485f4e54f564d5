"""SOQL over HTTP with simple-salesforce, which nobody here wrote: pages, children, aggregates, refusals."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce, SalesforceMalformedRequest, format_soql
from simple_salesforce.exceptions import SalesforceGeneralError

from connector.local.org.server import LocalOrg, OrgConfig

from .conftest import Api, ToTheOrg, invoice

INVOICES = 2_450
TODAY = date(2026, 3, 18)


@pytest.fixture(scope="module")
def filled(config: OrgConfig) -> Iterator[LocalOrg]:
    """Two accounts with many invoices, one without any; contacts at the first."""
    with LocalOrg(config) as org:
        admin, api = Api(org.url, "admin", "s-adm"), Api(org.url, "integration", "s-int")
        admin.post("/_control/clock", {"today": TODAY.isoformat()})
        acme, zen, _empty = (admin.create("Account", Name=name) for name in ("Acme", "Zen", "O'Neill & Sons"))
        for name in ("Lee", "Ray"):
            admin.create("Contact", LastName=name, Email=f"{name}@example.com", AccountId=acme)
        rows = [_invoice(number, acme if number % 5 else zen) for number in range(INVOICES)]
        for start in range(0, INVOICES, 200):
            assert all(one["success"] for one in api.upsert("AR_Invoice__c", rows[start : start + 200]))
        yield org
        for one in (admin, api):
            one.session.close()


def _invoice(number: int, account: str) -> dict[str, Any]:
    return invoice(
        f"stripe:in_{number:05d}",
        Account__c=account,
        Status__c=("Open", "Paid")[number % 2],
        Balance__c=(number % 100) + 0.25 if number % 2 == 0 else 0,
        Amount__c=(number % 100) + 0.25,
        Due_On__c=(TODAY - timedelta(days=number % 90)).isoformat(),
    )


@pytest.fixture(scope="module")
def client(filled: LocalOrg) -> Iterator[Salesforce]:
    yield from _client(filled, "integration", "s-int")


@pytest.fixture(scope="module")
def as_admin(filled: LocalOrg) -> Iterator[Salesforce]:
    yield from _client(filled, "admin", "s-adm")


def _client(org: LocalOrg, key: str, secret: str) -> Iterator[Salesforce]:
    with requests.Session() as session:
        session.mount("https://", ToTheOrg(org.url))
        yield Salesforce(
            consumer_key=key,
            consumer_secret=secret,
            domain="acme.my",
            version="66.0",
            session=session,
            parse_float=Decimal,
        )


# --- pages ---------------------------------------------------------------------------------------------------------


def test_a_large_result_comes_in_pages(client):
    first = client.query("SELECT Id, Key__c FROM AR_Invoice__c ORDER BY Key__c")
    assert (first["totalSize"], first["done"], len(first["records"])) == (INVOICES, False, 2_000)
    assert first["nextRecordsUrl"].startswith("/services/data/v66.0/query/01g")
    assert first["nextRecordsUrl"].endswith("-2000")
    rest = client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert (rest["totalSize"], rest["done"], len(rest["records"])) == (INVOICES, True, INVOICES - 2_000)
    assert "nextRecordsUrl" not in rest
    keys = [one["Key__c"] for one in first["records"] + rest["records"]]
    assert keys == [f"stripe:in_{number:05d}" for number in range(INVOICES)]


def test_the_batch_size_can_be_asked_for(client):
    client.headers["Sforce-Query-Options"] = "batchSize=500"
    try:
        found = list(client.query_all_iter("SELECT Id FROM AR_Invoice__c WHERE Status__c = 'Open'"))
        page = client.query("SELECT Id FROM AR_Invoice__c")
    finally:
        del client.headers["Sforce-Query-Options"]
    assert len({one["Id"] for one in found}) == INVOICES / 2
    assert len(page["records"]) == 500


def test_a_page_is_of_the_moment_of_the_query(client, as_admin):
    """What is created after the first page is not on the second."""
    first = client.query("SELECT Id FROM AR_Invoice__c")
    made = as_admin.AR_Invoice__c.create(_invoice(99_999, as_admin.query("SELECT Id FROM Account")["records"][0]["Id"]))
    try:
        rest = client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    finally:
        as_admin.AR_Invoice__c.delete(made["id"])
    assert len(first["records"]) + len(rest["records"]) == INVOICES
    assert made["id"] not in {one["Id"] for one in rest["records"]}


def test_deleted_rows_are_in_query_all_only(client, as_admin):
    made = as_admin.Account.create({"Name": "gone"})["id"]
    as_admin.Account.delete(made)
    query = "SELECT Id, IsDeleted FROM Account WHERE Name = 'gone' ORDER BY SystemModstamp, Id"
    assert client.query(query)["records"] == []
    assert [one["IsDeleted"] for one in client.query_all(query, include_deleted=True)["records"]] == [True]


# --- records -------------------------------------------------------------------------------------------------------


def test_a_record_on_the_wire(client):
    answer = client.query(
        "select id, balance__c, due_on__c, days_past_due__c, on_hold__c, account__R.name, account__r.owner.name, "
        "systemmodstamp, paid_on__c from ar_invoice__c where key__c = 'stripe:in_00042'"
    )
    assert (answer["totalSize"], answer["done"]) == (1, True)
    record = answer["records"][0]
    assert list(record) == [
        "attributes",
        "Id",
        "Balance__c",
        "Due_On__c",
        "Days_Past_Due__c",
        "On_Hold__c",
        "Account__r",
        "SystemModstamp",
        "Paid_On__c",
    ]
    assert record["attributes"] == {
        "type": "AR_Invoice__c",
        "url": f"/services/data/v66.0/sobjects/AR_Invoice__c/{record['Id']}",
    }
    assert (record["Balance__c"], record["Due_On__c"], record["On_Hold__c"]) == (Decimal("42.25"), "2026-02-04", False)
    assert record["Days_Past_Due__c"] == 42
    assert record["Account__r"]["Name"] == "Acme"
    assert record["Account__r"]["Owner"]["attributes"]["type"] == "User"
    assert record["Paid_On__c"] is None
    stamp = datetime.strptime(record["SystemModstamp"], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert stamp.utcoffset() == timedelta(0)
    assert record["SystemModstamp"].endswith(".000+0000")


def test_the_client_escapes_what_it_quotes(client):
    query = format_soql("SELECT Name FROM Account WHERE Name = {} OR Name LIKE '{:like}%'", "O'Neill & Sons", "50%_")
    assert [one["Name"] for one in client.query(query)["records"]] == ["O'Neill & Sons"]
    query = format_soql("SELECT COUNT() FROM AR_Invoice__c WHERE Due_On__c IN {} AND On_Hold__c = {}", [TODAY], False)
    assert client.query(query)["totalSize"] == len(range(0, INVOICES, 90))
    future = datetime.now(UTC) + timedelta(days=1)
    assert client.query(format_soql("SELECT COUNT() FROM Account WHERE SystemModstamp > {}", future))["totalSize"] == 0


def test_date_literals_follow_the_clock_of_the_org(client):
    query = "SELECT COUNT() FROM AR_Invoice__c WHERE Due_On__c {}"
    assert client.query(query.format("= TODAY"))["totalSize"] == len(range(0, INVOICES, 90))
    assert client.query(query.format("> TODAY"))["totalSize"] == 0
    assert client.query(query.format("< LAST_N_DAYS:30"))["totalSize"] == sum(at % 90 > 30 for at in range(INVOICES))
    assert client.query(query.format("= LAST_N_DAYS:30"))["totalSize"] == sum(at % 90 <= 30 for at in range(INVOICES))
    overdue = client.query("SELECT COUNT() FROM AR_Invoice__c WHERE Overdue__c = true")["totalSize"]
    assert overdue == sum(at % 2 == 0 and at % 90 > 0 for at in range(INVOICES))


def test_polling_by_stamp_and_id_sees_every_row_once(client):
    """The cursor of a poll: (stamp, Id), as many rows share a stamp."""
    seen: list[str] = []
    where, window = "", "SELECT Id, SystemModstamp FROM AR_Invoice__c {} ORDER BY SystemModstamp, Id LIMIT 700"
    while records := client.query(window.format(where))["records"]:
        seen += [one["Id"] for one in records]
        stamp, last = records[-1]["SystemModstamp"].replace("+0000", "Z"), records[-1]["Id"]
        where = f"WHERE (SystemModstamp = {stamp} AND Id > '{last}') OR SystemModstamp > {stamp}"
    assert len(seen) == len(set(seen)) == INVOICES


def test_many_keys_in_one_list(client):
    keys = ", ".join(f"'stripe:in_{number:05d}'" for number in range(300))
    found = client.query(f"SELECT Key__c FROM AR_Invoice__c WHERE Key__c IN ({keys})")
    assert found["totalSize"] == 300


# --- children ------------------------------------------------------------------------------------------------------


def test_children_come_with_their_parents(client):
    query = (
        "SELECT Name, (SELECT LastName, Email FROM Contacts ORDER BY LastName DESC), "
        "(SELECT Key__c FROM AR_Invoices__r WHERE Balance__c > 90 ORDER BY Key__c LIMIT 3) FROM Account ORDER BY Name"
    )
    acme, empty, zen = client.query(query)["records"]
    assert acme["Contacts"]["done"] is True
    assert [one["LastName"] for one in acme["Contacts"]["records"]] == ["Ray", "Lee"]
    assert acme["Contacts"]["records"][0]["attributes"]["type"] == "Contact"
    assert acme["AR_Invoices__r"]["totalSize"] == 3
    assert [one["Key__c"][-3:] for one in acme["AR_Invoices__r"]["records"]] == ["092", "094", "096"]
    assert empty["Contacts"] is None
    assert empty["AR_Invoices__r"] is None
    assert zen["Contacts"] is None


def test_semi_joins(client):
    query = "SELECT Name FROM Account WHERE Id {} (SELECT Account__c FROM AR_Invoice__c WHERE Status__c = 'Open')"
    assert {one["Name"] for one in client.query(query.format("IN"))["records"]} == {"Acme", "Zen"}
    assert {one["Name"] for one in client.query(query.format("NOT IN"))["records"]} == {"O'Neill & Sons"}


# --- aggregates ----------------------------------------------------------------------------------------------------


def test_count(client):
    assert client.query("SELECT COUNT() FROM AR_Invoice__c WHERE Status__c = 'Open'") == {
        "totalSize": INVOICES // 2,
        "done": True,
        "records": [],
    }


def test_groups_over_the_wire(client):
    answer = client.query(
        "SELECT Account__r.Name account, Status__c, SUM(Balance__c), COUNT(Id) n, MAX(Due_On__c) FROM AR_Invoice__c "
        "GROUP BY Account__r.Name, Status__c HAVING SUM(Balance__c) > 0 ORDER BY Account__r.Name"
    )
    acme, zen = answer["records"]
    balances = [Decimal(at % 100) + Decimal("0.25") for at in range(INVOICES) if at % 2 == 0 and at % 5]
    assert acme == {
        "attributes": {"type": "AggregateResult"},
        "account": "Acme",
        "Status__c": "Open",
        "expr0": sum(balances),
        "n": len(balances),
        "expr1": (TODAY - timedelta(days=2)).isoformat(),
    }
    assert zen["account"] == "Zen"


def test_amounts_of_several_currencies_add_up_in_the_corporate_one(as_admin):
    account = as_admin.Account.create({"Name": "Many currencies"})["id"]
    rows = [{"Key__c": f"m:{code}", "CurrencyIsoCode": code, "Balance__c": amount} for code, amount in _AMOUNTS]
    made = [as_admin.AR_Invoice__c.create({"Name": "m", "Account__c": account, **row})["id"] for row in rows]
    try:
        where = f"FROM AR_Invoice__c WHERE Account__c = '{account}'"
        total = as_admin.query(f"SELECT SUM(Balance__c) total {where}")["records"][0]["total"]
        assert round(total, 6) == Decimal(300)
        found = as_admin.query(f"SELECT CurrencyIsoCode {where} AND Balance__c > USD99 ORDER BY Balance__c DESC, Id")
        assert [one["CurrencyIsoCode"] for one in found["records"]] == ["USD", "JPY"]
    finally:
        for record_id in made:
            as_admin.AR_Invoice__c.delete(record_id)
        as_admin.Account.delete(account)


_AMOUNTS = (("USD", 150), ("EUR", 46), ("JPY", 15_140))  # at the org's rates: 150, 50 and 100 US dollars


# --- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("SELECT Id, Nope__c FROM Account", "INVALID_FIELD", "\nSELECT Id, Nope__c FROM Account\n           ^\n"),
        ("SELECT Id FROM Nope__c", "INVALID_TYPE", "sObject type 'Nope__c' is not supported."),
        ("SELECT Id, FROM Account", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
        ("SELECT Id FROM Account WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered in a query call"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
    ],
)
def test_refusals_reach_the_client(client, query, code, message):
    with pytest.raises(SalesforceMalformedRequest) as caught:
        client.query(query)
    assert caught.value.status == 400
    (error,) = caught.value.content
    assert error["errorCode"] == code
    assert message in error["message"]


def test_what_is_not_supported_is_loud(client):
    with pytest.raises(SalesforceGeneralError) as caught:
        client.query("SELECT FORMAT(Balance__c) FROM AR_Invoice__c")
    assert caught.value.status == 501
    assert caught.value.content[0]["errorCode"] == "UNSUPPORTED_SOQL"


def test_every_field_that_describe_shows_can_be_selected(client):
    """FIELDS(ALL) and describe agree, and so do their flags and what a query may do."""
    described = client.AR_Invoice__c.describe()["fields"]
    (record,) = client.query("SELECT FIELDS(ALL) FROM AR_Invoice__c LIMIT 1")["records"]
    assert set(record) - {"attributes"} == {one["name"] for one in described}


@pytest.mark.parametrize("sobject", ["AR_Invoice__c", "Account", "Task"])
@pytest.mark.parametrize(
    ("flag", "query"),
    [
        ("filterable", "SELECT Id FROM {object} WHERE {field} = null"),
        ("sortable", "SELECT Id FROM {object} ORDER BY {field} LIMIT 1"),
        ("groupable", "SELECT {field} FROM {object} GROUP BY {field}"),
        ("aggregatable", "SELECT COUNT_DISTINCT({field}) FROM {object}"),
    ],
)
def test_describe_promises_what_a_query_keeps(client, sobject, flag, query):
    wrong = {}
    for one in getattr(client, sobject).describe()["fields"]:
        try:
            client.query(query.format(object=sobject, field=one["name"]))
            allowed = True
        except SalesforceMalformedRequest as error:
            allowed = error.content[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
        if allowed != one[flag]:
            wrong[one["name"]] = (one["type"], one["calculated"], one["autoNumber"], f"{flag}: {one[flag]}")
    assert wrong == {}
