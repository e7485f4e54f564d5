"""Bulk API 2.0, line by line."""

import csv
import io
import time
from typing import Any

import pytest

from .conftest import Api, invoice


def run(api: Api, text: str, **job: Any) -> dict[str, Any]:
    """Run an ingest job to its end and return its last description."""
    settings = {"object": "AR_Invoice__c", "operation": "upsert", "externalIdFieldName": "Key__c", **job}
    made = api.post("jobs/ingest", {name: value for name, value in settings.items() if value}).json()
    assert made["state"] == "Open", made
    assert made["contentUrl"] == f"services/data/v66.0/jobs/ingest/{made['id']}/batches"
    headers = {"Content-Type": "text/csv"}
    sent = api.call("PUT", f"jobs/ingest/{made['id']}/batches", data=text.encode(), headers=headers)
    assert sent.status_code == 201
    assert api.patch(f"jobs/ingest/{made['id']}", {"state": "UploadComplete"}).json()["state"] != "Open"
    return ended(api, f"jobs/ingest/{made['id']}")


def ended(api: Api, path: str) -> dict[str, Any]:
    for _ in range(500):
        info = api.get(path).json()
        if info["state"] in {"JobComplete", "Failed", "Aborted"}:
            return info
        time.sleep(0.02)
    pytest.fail("the job does not end")


def rows(api: Api, job: dict[str, Any], kind: str) -> list[dict[str, str]]:
    answer = api.get(f"jobs/ingest/{job['id']}/{kind}")
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_an_upsert_and_its_results(api: Api, account: str):
    text = f"Key__c,Account__c,Balance__c,Status__c,On_Hold__c\nk1,{account},1.5,Open,true\nk2,{account},2,No,\n"
    job = run(api, text)
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 2, 1)
    assert job["jobType"] == "V2Ingest"
    (good,) = rows(api, job, "successfulResults")
    assert (good["sf__Created"], good["Key__c"], len(good["sf__Id"])) == ("true", "k1", 18)
    (bad,) = rows(api, job, "failedResults")
    assert bad["sf__Error"] == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Status: bad value for restricted picklist field: No:Status__c --"
    )
    assert bad["Key__c"] == "k2"
    assert rows(api, job, "unprocessedrecords") == []
    assert api.get("sobjects/AR_Invoice__c/Key__c/k1").json()["On_Hold__c"] is True


def test_an_empty_cell_says_nothing_and_na_empties(api: Api):
    api.upsert("AR_Invoice__c", [invoice("k1", Number__c="N1", Due_On__c="2026-01-01")])
    run(api, "Key__c,Number__c,Due_On__c\nk1,,#N/A\n")
    row = api.get("sobjects/AR_Invoice__c/Key__c/k1").json()
    assert (row["Number__c"], row["Due_On__c"]) == ("N1", None)


def test_byte_order_mark_and_crlf_and_delimiter(api: Api):
    text = '\ufeffKey__c;Name\r\nk1;"a;b"\r\n'
    job = run(api, text, lineEnding="CRLF", columnDelimiter="SEMICOLON")
    assert job["state"] == "JobComplete"
    assert api.get("sobjects/AR_Invoice__c/Key__c/k1").json()["Name"] == "a;b"


def test_parent_by_external_id(admin: Api):
    invoice_id = admin.create("AR_Invoice__c", Key__c="k1")
    text = "Invoice__r.Key__c,Amount__c\nk1,5\nnope,6\n"
    job = run(admin, text, object="AR_Commitment__c", operation="insert", externalIdFieldName=None)
    (bad,) = rows(admin, job, "failedResults")
    assert bad["sf__Error"] == (
        "INVALID_FIELD:Foreign key external ID: nope not found for field Key__c in entity AR_Invoice__c:--"
    )
    (row,) = admin.query("SELECT Invoice__c FROM AR_Commitment__c")
    assert row["Invoice__c"] == invoice_id


def test_update_and_delete_by_id(api: Api):
    ids = [result["id"] for result in api.upsert("AR_Invoice__c", [invoice("k1"), invoice("k2")])]
    run(api, f"Id,Balance__c\n{ids[0]},7\n", operation="update", externalIdFieldName=None)
    job = run(api, f"Id\n{ids[1]}\nbanana\n", operation="delete", externalIdFieldName=None)
    assert job["numberRecordsFailed"] == 1
    assert [row["Balance__c"] for row in api.query("SELECT Balance__c FROM AR_Invoice__c")] == [7]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Key__c,Nope__c\nk1,2\n", "Field name not found : Nope__c"),
        ("Key__c\r\nk1\r\n", "LineEnding is invalid on user data"),
        ("Key__c,Name\nk1\n", "Line 2 does not have as many values"),
        ('Key__c,Name\nk1, "x"\n', "space beside a quote"),
        ('Key__c,Name\nk1,"x"y\n', "malformed"),
        ("", "no header"),
    ],
)
def test_uploads_that_fail_as_a_whole(api: Api, text, words):
    job = run(api, text)
    assert job["state"] == "Failed"
    assert words in job["errorMessage"]


def test_states(api: Api):
    made = api.post("jobs/ingest", {"object": "AR_Invoice__c", "operation": "insert"}).json()
    path = f"jobs/ingest/{made['id']}"
    assert api.get(f"{path}/failedResults").json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert api.patch(path, {"state": "Aborted"}).json()["state"] == "Aborted"
    late = api.call("PUT", f"{path}/batches", data=b"x", headers={"Content-Type": "text/csv"})
    assert late.json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert [job["id"] for job in api.get("jobs/ingest").json()["records"]] == [made["id"]]
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"object": "AR_Invoice__c", "operation": "hardDelete"}, "hardDelete"),
        ({"object": "AR_Invoice__c", "operation": "upsert"}, "externalIdFieldName"),
        ({"object": "AR_Invoice__c", "operation": "insert", "lineEnding": "CR"}, "lineEnding"),
        ({"object": "AR_Invoice__c", "operation": "insert", "extra": 1}, "Unrecognized field"),
    ],
)
def test_jobs_that_are_refused(api: Api, body, words):
    answer = api.post("jobs/ingest", body)
    assert answer.status_code == 400
    assert words in answer.json()[0]["message"]


def test_query_jobs_page_by_locator(api: Api, account: str):
    api.upsert("AR_Invoice__c", [invoice(f"k{number}", Account__c=account) for number in range(5)])
    text = "SELECT Key__c, Account__r.Name, Balance__c, On_Hold__c FROM AR_Invoice__c ORDER BY Key__c"
    made = api.post("jobs/query", {"operation": "query", "query": text}).json()
    assert ended(api, f"jobs/query/{made['id']}")["numberRecordsProcessed"] == 5
    seen, locator = [], "0"
    while locator != "null":
        answer = api.get(f"jobs/query/{made['id']}/results?maxRecords=2&locator={locator}")
        part = list(csv.DictReader(io.StringIO(answer.text)))
        assert int(answer.headers["Sforce-NumberOfRecords"]) == len(part)
        seen += part
        locator = answer.headers["Sforce-Locator"]
    assert [row["Key__c"] for row in seen] == [f"k{number}" for number in range(5)]
    assert seen[0] == {"Key__c": "k0", "Account__r.Name": "Acme", "Balance__c": "10.50", "On_Hold__c": "false"}


@pytest.mark.parametrize("text", ["SELECT COUNT(Id) FROM Account", "SELECT Id FROM Account GROUP BY Id", "Id"])
def test_query_jobs_are_plain(api: Api, text):
    assert api.post("jobs/query", {"operation": "query", "query": text}).json()[0]["errorCode"] == "INVALIDJOB"
