from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from connector.errors import MisconfiguredError, RejectedError, RetryableError
from connector.salesforce.changes import Changes, Watch, changes
from connector.salesforce.describe import Exposure
from connector.salesforce.fields import OPTIONAL_OBJECTS, READ_BACK
from connector.salesforce.read import quote
from connector.salesforce.values import moment
from tests.contract.salesforce.fake_org import described, described_field, ok, sent

TASK = Watch("Task", ("Subject", "Owner.Name", "CreatedBy.Name"), None)


def task(session, account, subject="Call", **fields):
    return session.request("POST", "sobjects/Task", json={"Subject": subject, "WhatId": account, **fields})["id"]


@pytest.fixture
def seen(us):
    return Exposure(us)


def test_everything_of_every_object_is_one_call(us, seen, account, ann, calls):
    made = task(ann, account)
    watches = [Watch(name, fields, None, optional=name in OPTIONAL_OBJECTS) for name, fields in READ_BACK.items()]
    first = changes(us, seen, watches)
    assert [each.left_out for each in first if not each.absent] == [()] * (len(first) - sum(a.absent for a in first))
    assert {name for name, each in zip(READ_BACK, first, strict=True) if each.absent} <= OPTIONAL_OBJECTS
    calls()
    again = changes(us, seen, watches)
    assert calls() == {"POST composite/batch": 1}
    assert again == first
    (row,) = again[0].rows
    assert (row["Id"], row["CreatedBy.Name"], row["Owner.Name"], row["IsDeleted"]) == (
        made,
        "Ann Lee",
        "Ann Lee",
        False,
    )
    assert set(row) == {
        *READ_BACK["Task"], "Id", "IsDeleted", "SystemModstamp", "LastModifiedById", "LastModifiedDate", "CreatedDate"
    }  # fmt: skip


def test_references_lead_on_and_may_be_empty(us, seen, account, ann):
    invoice = us.request(
        "PATCH", "sobjects/AR_Invoice__c/Key__c/c:in_1", json={"Number__c": "INV-1", "Account__c": account}
    )["id"]
    promised = {"Account__c": account, "Promised_On__c": "2026-04-01"}
    for extra in ({"Invoice__c": invoice}, {}):
        ann.request("POST", "sobjects/AR_Commitment__c", json=promised | extra)
    (found,) = changes(us, seen, [Watch("AR_Commitment__c", READ_BACK["AR_Commitment__c"], None)])
    by_invoice = {row["Invoice__c"]: row for row in found.rows}
    assert by_invoice[invoice]["Invoice__r.Key__c"] == "c:in_1"
    assert by_invoice[None]["Invoice__r.Key__c"] is None


def test_only_what_changed_since_and_deleted_rows_with_it(us, seen, account, ann, admin):
    old = task(ann, account)
    (found,) = changes(us, seen, [TASK])
    stamp = moment(found.rows[0]["SystemModstamp"])
    since = Watch("Task", TASK.fields, stamp)
    assert [row["Id"] for row in changes(us, seen, [since])[0].rows] == [old]
    later = Watch("Task", TASK.fields, stamp + timedelta(hours=1))
    assert changes(us, seen, [later]) == [Changes([], (), absent=False)]
    admin.request("DELETE", f"sobjects/Task/{old}")
    assert [(row["Id"], row["IsDeleted"]) for row in changes(us, seen, [since])[0].rows] == [(old, True)]


def test_our_own_writes_can_be_left_out_by_a_condition(us, seen, admin, account):
    user = us.connect().user_id
    not_ours = f"LastModifiedById != {quote(user)} OR LastModifiedById = null"
    watch = Watch("Account", ("Name", "AR_Status__c"), None, condition=not_ours)
    assert [row["Id"] for row in changes(us, seen, [watch])[0].rows] == [account]
    us.request("PATCH", f"sobjects/Account/{account}", json={"AR_Status__c": "Current"})
    assert changes(us, seen, [watch])[0].rows == []


def test_a_hidden_field_is_left_out_and_named_once(us, seen, account, ann, fault):
    task(ann, account)
    fault("revoke_field", object="Task", field="AR_Outcome__c")
    watch = Watch("Task", ("Subject", "AR_Outcome__c", "Nobody__r.Name", "CreatedBy.Shoe_Size__c"), None)
    with capture_logs() as logs:
        for _ in range(2):
            (found,) = changes(us, seen, [watch])
            assert found.left_out == ("AR_Outcome__c", "Nobody__r.Name", "CreatedBy.Shoe_Size__c")
            assert set(found.rows[0]).isdisjoint(found.left_out)
    assert [log["event"] for log in logs] == ["fields not read"]


def test_a_field_that_has_just_been_hidden_is_looked_at_anew(us, seen, account, ann, fault):
    task(ann, account)
    watch = Watch("Task", ("Subject", "AR_Outcome__c"), None)
    assert changes(us, seen, [watch])[0].left_out == ()
    fault("revoke_field", object="Task", field="AR_Outcome__c")
    with capture_logs():
        assert changes(us, seen, [watch])[0].left_out == ("AR_Outcome__c",)


def test_an_object_that_is_not_there_hides_no_other(us, seen, account):
    account_watch = Watch("Account", ("Name",), None)
    absent = Changes([], (), absent=True)
    with capture_logs() as logs:
        for _ in range(2):
            found = changes(
                us,
                seen,
                [Watch("Nothing__c", ("A",), None), Watch("Nix__c", ("A",), None, optional=True), account_watch],
            )
            assert found[:2] == [absent, absent]
            assert [row["Id"] for row in found[2].rows] == [account]
    assert [(log["event"], log["object"]) for log in logs] == [("object not read", "Nothing__c")]


def test_a_single_currency_org_lacks_nothing(org, session, exposure):
    org.objects["Account"] = described("Account", [described_field("Id"), described_field("SystemModstamp")])
    org.queries["SELECT Id, SystemModstamp FROM Account ORDER BY SystemModstamp, Id"] = {"done": True, "records": []}
    assert changes(session, exposure, [Watch("Account", ("CurrencyIsoCode",), None)]) == [Changes([], (), absent=False)]


def test_names_are_spelled_as_the_org_does_and_told_as_asked(org, session, exposure):
    reference = described_field("Invoice__c", relationshipName="Invoice__r", referenceTo=["AR_Invoice__c"])
    always = [described_field("Id"), described_field("SystemModstamp")]
    org.objects["Thing__c"] = described("Thing__c", [*always, reference])
    org.objects["AR_Invoice__c"] = described("AR_Invoice__c", [described_field("Key__c")])
    since = datetime(2026, 3, 1, tzinfo=UTC)
    org.queries[
        "SELECT Id, SystemModstamp, Invoice__r.Key__c FROM Thing__c WHERE SystemModstamp >= 2026-03-01T00:00:00.000Z "
        "AND (Id != null) ORDER BY SystemModstamp, Id"
    ] = {"done": True, "records": [{"Id": "1", "SystemModstamp": "s", "Invoice__r": {"Key__c": "k"}}]}
    watch = Watch("Thing__c", ("invoice__R.key__C",), since, condition="Id != null")
    (found,) = changes(session, exposure, [watch])
    assert found.rows == [{"Id": "1", "SystemModstamp": "s", "IsDeleted": False, "invoice__R.key__C": "k"}]
    assert org.paths() == ["POST composite/batch"] * 3  # the objects, what they refer to, the rows
    assert all("/queryAll/" in each["url"] for each in sent(org.asked[2])["batchRequests"])


def test_more_rows_than_one_page(org, session, exposure):
    org.objects["Task"] = described("Task", [described_field("Id"), described_field("SystemModstamp")])
    url = "/services/data/v66.0/query/01g-2000"
    first = {"done": False, "nextRecordsUrl": url, "records": [{"Id": "1", "SystemModstamp": "a"}]}
    org.queries["SELECT Id, SystemModstamp FROM Task ORDER BY SystemModstamp, Id"] = first
    org.on("GET", url, ok({"done": True, "records": [{"Id": "2", "SystemModstamp": "b"}]}))
    assert [row["Id"] for row in changes(session, exposure, [Watch("Task", (), None)])[0].rows] == ["1", "2"]


def test_what_cannot_be_asked_is_told(us, seen, fault):
    with pytest.raises(RejectedError):
        changes(us, seen, [Watch("Task", ("Subject",), None, condition="Subject ==")])
    with pytest.raises(MisconfiguredError):  # looked at anew, and still refused
        changes(us, seen, [Watch("Task", ("Subject",), None, condition="Nothing__c = 1")])
    with pytest.raises(ValueError, match="not the API name"):
        changes(us, seen, [Watch("Task", ("Subject FROM Task",), None)])
    fault("error", status=503, times=9)
    with pytest.raises(RetryableError):
        changes(us, seen, [TASK])
