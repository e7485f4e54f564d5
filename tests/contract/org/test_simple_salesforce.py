"""simple-salesforce, which nobody here wrote, speaks to the local org as to a real one."""

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from simple_salesforce import Salesforce, SalesforceMalformedRequest
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)

from connector.local.org.server import LocalOrg

from .conftest import Api, invoice

DOMAIN = "acme.my"


@pytest.fixture
def client(salesforce_session: requests.Session) -> Salesforce:
    return Salesforce(
        consumer_key="integration",
        consumer_secret="s-int",
        domain=DOMAIN,
        version="66.0",
        session=salesforce_session,
    )


@pytest.fixture
def as_admin(salesforce_session: requests.Session) -> Salesforce:
    return Salesforce(
        consumer_key="admin", consumer_secret="s-adm", domain=DOMAIN, version="66.0", session=salesforce_session
    )


def test_client_credentials(client):
    assert client.sf_instance == f"{DOMAIN}.salesforce.com"
    assert client.oauth2("userinfo")["preferred_username"] == "integration@dueline.example"


def test_client_credentials_refuse_a_wrong_secret(salesforce_session):
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid client credentials"):
        Salesforce(consumer_key="integration", consumer_secret="no", domain=DOMAIN, session=salesforce_session)


def test_jwt_bearer(salesforce_session, private_key):
    pem = private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    client = Salesforce(
        username="integration@dueline.example",
        consumer_key="integration",
        privatekey=pem,
        version="66.0",
        session=salesforce_session,
    )
    assert client.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_create_read_update_delete(as_admin):
    made = as_admin.Account.create({"Name": "Acme", "Website": "https://acme.example"})
    assert made["success"] is True
    assert made["errors"] == []
    assert as_admin.Account.update(made["id"], {"Industry": "Retail"}) == 204
    row = as_admin.Account.get(made["id"])
    assert (row["Name"], row["Industry"], row["IsDeleted"]) == ("Acme", "Retail", False)
    assert as_admin.Account.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        as_admin.Account.get(made["id"])


def test_upsert_by_external_id(client, account):
    body = {"Name": "INV-1", "Account__c": account, "CurrencyIsoCode": "EUR", "Balance__c": 12.25}
    first = client.AR_Invoice__c.upsert("Key__c/stripe%3Ain_1%2FA", body, raw_response=True)
    second = client.AR_Invoice__c.upsert("Key__c/stripe%3Ain_1%2FA", body, raw_response=True)
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert first.json()["id"] == second.json()["id"]
    assert client.AR_Invoice__c.get_by_custom_id("Key__c", "stripe:in_1/A")["Balance__c"] == 12.25


def test_upsert_of_a_key_that_several_have(as_admin):
    for _ in range(2):
        as_admin.Task.create({"Subject": "Call", "AR_Key__c": "k"})
    with pytest.raises(SalesforceMoreThanOneRecord) as raised:
        as_admin.Task.upsert("AR_Key__c/k", {"Subject": "Call again"})
    assert all(url.startswith("/services/data/v66.0/sobjects/Task/00T") for url in raised.value.content)


def test_query_all_pages_through(client, api: Api):
    for start in range(0, 2_400, 200):
        api.upsert("AR_Invoice__c", [invoice(f"k{number:05}") for number in range(start, start + 200)])
    first = client.query("SELECT Id, Key__c FROM AR_Invoice__c ORDER BY Key__c")
    assert (first["totalSize"], first["done"], len(first["records"])) == (2_400, False, 2_000)
    found = client.query_all("SELECT Id, Key__c FROM AR_Invoice__c ORDER BY Key__c")
    assert [row["Key__c"] for row in found["records"]] == [f"k{number:05}" for number in range(2_400)]
    assert len(list(client.query_all_iter("SELECT Id FROM AR_Invoice__c"))) == 2_400


def test_describe_and_limits(client):
    described = client.AR_Invoice__c.describe()
    fields = {field["name"]: field for field in described["fields"]}
    assert fields["Key__c"]["externalId"]
    assert fields["Key__c"]["unique"]
    assert not fields["Bucket__c"]["createable"]
    assert {"Account", "AR_Invoice__c", "Task"} <= {item["name"] for item in client.describe()["sobjects"]}
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000
    assert client.api_usage["api-usage"].total == 100_000


def test_errors_are_raised_as_they_would_be(client):
    with pytest.raises(SalesforceMalformedRequest) as raised:
        client.query("SELECT Id, Nope__c FROM Account")
    assert raised.value.content[0]["errorCode"] == "INVALID_FIELD"
    with pytest.raises(SalesforceResourceNotFound):
        client.Nope__c.get("001000000000001")


def test_an_expired_session_is_renewed(client, org: LocalOrg):
    org.org.sessions.expire_all()
    assert client.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_bulk_2_upsert(client, account):
    rows = [
        {"Key__c": f"b{number}", "Name": f"B{number}", "Account__c": account, "Balance__c": str(number)}
        for number in range(450)
    ]
    rows[7] |= {"Balance__c": "lots"}
    (result,) = client.bulk2.AR_Invoice__c.upsert(records=rows, external_id_field="Key__c", wait=0.1)
    assert (result["numberRecordsTotal"], result["numberRecordsFailed"]) == (450, 1)
    failed = client.bulk2.AR_Invoice__c.get_failed_records(result["job_id"])
    assert "INVALID_TYPE_ON_FIELD_IN_RECORD:Balance: value not of required type: lots:Balance__c --" in failed
    assert client.query("SELECT COUNT() FROM AR_Invoice__c")["totalSize"] == 449


def test_bulk_2_query(client, api: Api):
    api.upsert("AR_Invoice__c", [invoice(f"k{number}") for number in range(150)])
    pages = list(client.bulk2.AR_Invoice__c.query("SELECT Id, Key__c FROM AR_Invoice__c", max_records=100, wait=0.1))
    lines = [line for page in pages for line in page.splitlines() if not line.startswith('"Id"')]
    assert len(lines) == 150


def test_collections_through_restful(client, account):
    body = {"records": [{"attributes": {"type": "AR_Invoice__c"}, **invoice("k1", Account__c=account)}]}
    (result,) = client.restful("composite/sobjects/AR_Invoice__c/Key__c", method="PATCH", json=body)
    assert result["created"] is True
