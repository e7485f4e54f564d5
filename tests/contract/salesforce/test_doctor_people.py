import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connector.errors import RejectedError, RetryableError
from connector.salesforce import doctor_people
from connector.salesforce.describe import Exposure
from connector.salesforce.rehearsal import Scene, rehearse
from tests.contract.salesforce.fake_org import described, described_field, ok, refuse, sent

OBJECTS = ("AR_Invoice__c", "AR_Dispute__c")


def wrong(findings):
    return [(each.area, each.what, each.fix) for each in findings if not each.ok]


# --- what can be seen -------------------------------------------------------------------------------------------------


def granted(org, objects, everything=()):
    def batch(request):
        first, second = sent(request)["batchRequests"]
        assert "ObjectPermissions" in first["url"]
        assert "PermissionsViewAllData" in second["url"]
        rows = [[{"SobjectType": name} for name in objects], [{"Id": each} for each in everything]]
        return ok({"results": [{"statusCode": 200, "result": {"done": True, "records": each}} for each in rows]})

    org.batch = batch


def test_records_that_are_not_shared_with_us_are_named_by_object(org, session):
    granted(org, ["AR_Invoice__c"])
    ((area, what, fix),) = wrong(doctor_people.visibility(session, OBJECTS))
    assert (area, what) == ("visibility", "only some records can be seen of: AR_Dispute__c")
    assert "View All" in fix


@pytest.mark.parametrize(("objects", "everything"), [(OBJECTS, ()), ((), ("0PS",))])
def test_who_sees_all_of_these_objects_or_everything_is_fine(org, session, objects, everything):
    granted(org, objects, everything)
    assert [each.ok for each in doctor_people.visibility(session, OBJECTS)] == [True]


def test_where_permissions_are_not_shown_that_is_said(us):
    (finding,) = doctor_people.visibility(us, OBJECTS)
    assert finding.ok
    assert "cannot be looked at" in finding.what


def test_another_trouble_is_raised(org, session):
    org.on("POST", "composite/batch", refuse("INVALID_SESSION_ID", "The REST API is off", 400))
    org.batch = lambda _request: ok(
        {"results": [{"statusCode": 400, "result": [{"errorCode": "QUERY_TIMEOUT", "message": "slow"}]}] * 2}
    )
    with pytest.raises(RetryableError):
        list(doctor_people.visibility(session, OBJECTS))


def test_users_are_seen(us):
    assert wrong(doctor_people.users(us)) == []


def test_no_user_but_ourselves_is_seen(org, session):
    org.on("GET", "query/", ok({"done": True, "records": [{"Id": "005"}]}))
    assert [area for area, _what, _fix in wrong(doctor_people.users(session))] == ["people"]


def test_owners_who_left_are_named(us, admin, ann, account):
    assert [each.ok for each in doctor_people.owners(us, [])] == [True]
    user = ann.connect().user_id
    admin.request("PATCH", f"sobjects/Account/{account}", json={"OwnerId": user})
    assert wrong(doctor_people.owners(us, [account])) == []
    many = [
        admin.request("POST", "sobjects/Account", json={"Name": f"A{number}", "OwnerId": user})["id"]
        for number in range(6)
    ]
    admin.request("DELETE", f"sobjects/Account/{many.pop()}")
    admin.request("PATCH", f"sobjects/User/{user}", json={"IsActive": False})
    ((_area, what, _fix),) = wrong(doctor_people.owners(us, [account, *many]))
    assert what == (
        "the owner is not active of: A0 (Ann Lee), A1 (Ann Lee), A2 (Ann Lee), A3 (Ann Lee), A4 (Ann Lee) and 1 more"
    )


def test_the_statuses_of_tasks_are_there(us):
    assert wrong(doctor_people.statuses(Exposure(us), "Not Started")) == []


def test_a_status_that_an_admin_took_away(org, exposure):
    values = [{"value": "Open", "active": True}, {"value": "Completed", "active": False}]
    org.objects["Task"] = described("Task", [described_field("Status", type="picklist", picklistValues=values)])
    ((area, what, fix),) = wrong(doctor_people.statuses(exposure, "Open"))
    assert (area, what) == ("fields", "Task.Status has no value Completed")
    assert fix.startswith("add Completed")
    del org.objects["Task"]
    assert list(doctor_people.statuses(Exposure(exposure._session), "Open")) == []


@pytest.mark.parametrize(
    ("minutes", "told"), [(0, None), (-10, "ahead of that of Salesforce"), (10, "behind that of Salesforce")]
)
def test_clocks(session, minutes, told):
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    session.clock.hear({"Date": format_datetime(now, usegmt=True)}, sent=time.monotonic())
    found = wrong(doctor_people.clock(session))
    assert [told in what for _area, what, _fix in found] == ([True] if told else [])


def test_a_clock_that_is_not_told(session):
    assert [area for area, _what, _fix in wrong(doctor_people.clock(session))] == ["clock"]


# --- the rehearsal ----------------------------------------------------------------------------------------------------


def rows_of(session):
    names = ("Task", "AR_Invoice__c")
    return [session.request("GET", f"query/?q=SELECT+COUNT()+FROM+{name}")["totalSize"] for name in names]


def test_nothing_of_a_rehearsal_stays_and_it_is_one_call(us, admin, ann, account, calls):
    owner = ann.connect().user_id
    scenes = [
        Scene("AR_Invoice__c", "AR_Invoice__c", {"Key__c": "doctor", "Number__c": "1", "Account__c": account}),
        Scene("a task", "Task", {"Subject": "x", "WhatId": account, "OwnerId": owner}, then={"Subject": "y"}),
        Scene("Acme", "Account", {"AR_Status__c": "Clear"}, record_id=account),
    ]
    us.connect()
    calls()
    (finding,) = rehearse(us, scenes)
    assert (finding.ok, finding.what) == (True, "3 rows would be saved (tried, and taken back)")
    assert calls() == {"POST composite/graph": 1}
    assert rows_of(admin) == [0, 0]
    row = admin.request("GET", f"sobjects/Account/{account}")
    assert row["AR_Status__c"] is None


def test_what_the_org_refuses_is_told_with_its_fix(us, admin, account):
    invoice = {"Key__c": "doctor", "Number__c": "x" * 300, "Account__c": account}
    scenes = [
        Scene("AR_Invoice__c", "AR_Invoice__c", invoice),
        Scene("a task", "Task", {"Subject": "x", "WhatId": account}, then={"Subject": "x" * 300}),
        Scene("Nobody", "Account", {"AR_Status__c": "Clear"}, record_id="001000000000009AAA"),
        Scene("AR_Activity__c", "AR_Activity__c", {"Key__c": "doctor", "Account__c": account}),
    ]
    found = list(rehearse(us, scenes))
    told = [(what.partition(":")[0], what.split(": ")[1]) for _area, what, _fix in wrong(found)]
    assert told[:2] == [
        ("AR_Invoice__c cannot be created", "STRING_TOO_LONG"),
        ("a task cannot be changed", "STRING_TOO_LONG"),
    ]
    assert told[2][0] == "Nobody cannot be changed"
    assert all(fix for _area, _what, fix in wrong(found))
    assert rows_of(admin) == [0, 0]


def graph(*steps, successful=False):
    names = ("row", "again", "stop")[: len(steps) - 1]
    answers = [
        {"httpStatusCode": status, "body": body, "referenceId": name, "httpHeaders": {}}
        for (status, body), name in zip(steps, [*names, "stop"], strict=True)
    ]
    return {"graphId": "g0", "graphResponse": {"compositeResponse": answers}, "isSuccessful": successful}


HALTED = (400, [{"errorCode": "PROCESSING_HALTED", "message": "rolled back"}])
NO_ACCESS = (403, [{"errorCode": "INSUFFICIENT_ACCESS_OR_READONLY", "message": "insufficient access rights"}])
TASK = Scene("a task", "Task", {"Subject": "x"}, then={"Subject": "y"})


def test_a_task_of_somebody_else_that_we_may_not_change(org, session):
    org.on("POST", "composite/graph", ok({"graphs": [graph(HALTED, NO_ACCESS, HALTED)]}))
    ((area, what, fix),) = wrong(rehearse(session, [TASK]))
    assert (area, what) == (
        "rules",
        "a task cannot be changed: INSUFFICIENT_ACCESS_OR_READONLY: insufficient access rights",
    )
    assert "edit access" in fix
    (steps,) = [each["compositeRequest"] for each in json.loads(org.asked[-1].body)["graphs"]]
    assert [(each["method"], each["url"].partition("/sobjects/")[2]) for each in steps] == [
        ("POST", "Task"), ("PATCH", "Task/@{row.id}"), ("PATCH", "Account/001000000000000AAA"),
    ]  # fmt: skip


def test_a_row_that_was_not_taken_back_is_loud(org, session):
    made = (201, {"id": "00T1", "success": True, "errors": []})
    org.on("POST", "composite/graph", ok({"graphs": [graph(made, (204, None), (204, None), successful=True)]}))
    ((_area, what, fix),) = wrong(rehearse(session, [TASK]))
    assert "00T1 was saved for practice and not taken back" in what
    assert fix == "delete the Task record 00T1"


def test_a_rehearsal_that_is_refused_or_answered_oddly(org, session):
    org.in_turn("POST", "composite/graph", refuse("MALFORMED_QUERY", "no"), ok({"graphs": []}))
    with pytest.raises(RejectedError):
        list(rehearse(session, [TASK]))
    with pytest.raises(RetryableError):
        list(rehearse(session, [TASK]))


def test_nothing_to_rehearse(session):
    assert list(rehearse(session, [])) == []
