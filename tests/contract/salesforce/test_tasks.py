"""Follow-ups against the local org, and against canned answers for what it cannot be made to say."""

import threading
import time
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.errors import MisconfiguredError, RejectedError, RetryableError
from connector.salesforce import tasks
from connector.salesforce.describe import Exposure
from connector.salesforce.read import query, quote
from connector.salesforce.tasks import TaskRow, put_tasks
from tests.contract.salesforce.fake_org import described, described_field, ok, sent

KEY = "due:c:in_1:20260310"


@pytest.fixture
def seen(us):
    return Exposure(us)


@pytest.fixture
def owner(ann):
    return ann.connect().user_id


@pytest.fixture
def row(account, owner):
    ours = {
        "Subject": "INV-1 is overdue",
        "ActivityDate": date(2026, 3, 11),
        "Priority": "High",
        "WhatId": account,
        "AR_Outcome__c": None,
    }
    first = {"OwnerId": owner, "Status": "Not Started", "Description": "Ask when it will be paid.\n1. Call.\n"}
    return TaskRow(KEY, ours, first, done=False, left=None)


def done(row: TaskRow, outcome: str = "Paid on 2026-03-12", **changes: Any) -> TaskRow:
    return replace(row, ours={**row.ours, "AR_Outcome__c": outcome}, done=True, **changes)


def put(us, seen, *rows):
    results = put_tasks(us, seen, rows)
    assert [each.key for each in results] == [row.key for row in rows]
    return results[0] if len(rows) == 1 else results


def standing_tasks(session, key: str = KEY) -> list[dict[str, Any]]:
    names = "Id, Subject, Status, OwnerId, Description, AR_Outcome__c, IsClosed, Priority, IsDeleted"
    return list(query(session, f"SELECT {names} FROM Task WHERE AR_Key__c = {quote(key)} ORDER BY Id"))


def edit(session, task_id, **fields):
    session.request("PATCH", f"sobjects/Task/{task_id}", json=fields)


def test_a_task_is_made_once_and_then_left_as_it_is(us, seen, row, calls, admin):
    seen.learn(["Task"])
    calls()
    made = put(us, seen, row)
    assert calls() == {"POST composite/batch": 1, "POST composite/sobjects": 1}
    assert (made.state, made.error) == ("created", None)
    assert made.left == row.first
    again = put(us, seen, replace(row, left=made.left))
    assert (again.state, again.id, again.error) == ("unchanged", made.id, None)
    assert calls() == {"POST composite/batch": 1}
    assert put(us, seen, row).state == "unchanged"  # also where we forgot what we left
    (task,) = standing_tasks(admin)
    assert (task["Id"], task["Subject"], task["Status"]) == (made.id, "INV-1 is overdue", "Not Started")


def test_ours_follow_and_it_is_closed_and_reopened(us, seen, row, admin):
    made = put(us, seen, row)
    renamed = replace(row, ours={**row.ours, "Subject": "INV-1 is long overdue"}, left=made.left)
    assert put(us, seen, renamed).state == "updated"
    closed = put(us, seen, done(renamed))
    assert (closed.state, closed.left["Status"]) == ("updated", "Completed")
    (task,) = standing_tasks(admin)
    assert (task["Subject"], task["IsClosed"], task["AR_Outcome__c"]) == (
        "INV-1 is long overdue", True, "Paid on 2026-03-12",
    )  # fmt: skip
    assert put(us, seen, done(renamed, left=closed.left)).state == "unchanged"
    opened = put(us, seen, replace(renamed, left=closed.left))
    assert (opened.state, opened.left["Status"]) == ("updated", "Not Started")
    (task,) = standing_tasks(admin)
    assert (task["IsClosed"], task["AR_Outcome__c"]) == (False, None)


def test_done_before_there_was_a_task(us, seen, row, admin):
    assert put(us, seen, done(row)).state == "not_needed"
    assert standing_tasks(admin) == []


@pytest.mark.parametrize(
    "change",
    [{"Status": "In Progress"}, {"Status": "Completed"}, {"Description": "They pay in May"}, {"OwnerId": None}],
)
@pytest.mark.parametrize("known", [True, False])
def test_what_a_person_worked_on_is_theirs(us, seen, row, admin, ann, change, known):
    made = put(us, seen, row)
    if "OwnerId" in change:
        change = {"OwnerId": admin.connect().user_id}
    edit(ann, made.id, **change)
    before = {name: value for name, value in standing_tasks(admin)[0].items() if name in {"Status", *change}}
    left = made.left if known else None
    for _ in range(2):  # and it stays theirs
        found = put(us, seen, done(row, left=left))
        assert (found.state, found.id, found.error) == ("worked_on", made.id, None)
        left = found.left
    (task,) = standing_tasks(admin)
    assert {name: task[name] for name in before} == before
    assert task["AR_Outcome__c"] == "Paid on 2026-03-12"  # ours, all the same


def test_an_untouched_task_is_handed_on_and_still_ours_to_close(us, seen, row, admin):
    made = put(us, seen, row)
    to = admin.connect().user_id
    handed = put(us, seen, replace(row, left=made.left, hand_to=to))
    assert (handed.state, handed.left["OwnerId"], standing_tasks(admin)[0]["OwnerId"]) == ("updated", to, to)
    assert put(us, seen, replace(row, left=handed.left, hand_to=to)).state == "unchanged"
    lost = replace(row, left=made.left, hand_to=to)  # the answer never came: we still think it is with the first one
    assert put(us, seen, lost).state == "unchanged"
    closed = put(us, seen, done(row, left=handed.left, hand_to=to))
    assert (closed.state, standing_tasks(admin)[0]["Status"]) == ("updated", "Completed")


@pytest.mark.parametrize("change", [{"Status": "In Progress"}, {"Status": "Completed"}, {"OwnerId": None}])
def test_a_task_that_somebody_touched_is_not_handed_on(us, seen, row, admin, ann, as_user, change):
    made = put(us, seen, row)
    if "OwnerId" in change:
        change = {"OwnerId": us.connect().user_id}
    edit(ann, made.id, **change)
    found = put(us, seen, replace(row, left=made.left, hand_to=admin.connect().user_id))
    assert (found.state, standing_tasks(admin)[0]["OwnerId"]) == (
        "worked_on",
        change.get("OwnerId", row.first["OwnerId"]),
    )


def test_the_ends_of_lines_are_nobodys_work(us, seen, row, ann):
    made = put(us, seen, row)
    edit(ann, made.id, Description="Ask when it will be paid.\r\n1. Call.")
    assert put(us, seen, replace(row, left=made.left)).state == "unchanged"


def test_a_task_that_a_person_deleted_is_not_made_again(us, seen, row, admin):
    made = put(us, seen, row)
    admin.request("DELETE", f"sobjects/Task/{made.id}")
    for left in (made.left, None):
        assert put(us, seen, replace(row, left=left)).state == "deleted"
    assert standing_tasks(admin) == []
    other = replace(row, key="due:c:in_2:20260310", left=made.left)  # it left the recycle bin, too
    assert (put(us, seen, other).state, standing_tasks(admin, other.key)) == ("deleted", [])


def test_keys_that_differ_by_case_only_are_two(us, seen, row):
    upper = replace(row, key=KEY.upper())
    assert [each.state for each in put(us, seen, row, upper)] == ["created", "created"]
    assert [each.state for each in put(us, seen, row, upper)] == ["unchanged", "unchanged"]


def test_a_key_comes_once(us, seen, row):
    with pytest.raises(ValueError, match="comes twice"):
        put_tasks(us, seen, [row, row])
    assert put_tasks(us, seen, []) == []


def test_one_bad_row_holds_back_no_other(us, seen, row):
    bad = replace(row, key="bad", ours={**row.ours, "Subject": "x" * 300})
    first, second = put(us, seen, bad, row)
    assert (first.state, first.error.code, second.state) == ("", "STRING_TOO_LONG", "created")
    good = replace(row, left=second.left, ours={**row.ours, "Priority": "Low"})
    other = replace(row, key="other")
    put(us, seen, other)
    wrong = replace(other, ours={**row.ours, "Subject": "x" * 300})
    first, second = put(us, seen, wrong, good)
    assert (first.error.code, second.state) == ("STRING_TOO_LONG", "updated")


def test_many_tasks_in_few_calls(us, seen, row, calls):
    rows = [replace(row, key=f"due:c:in_{number}:20260310") for number in range(300)]
    seen.learn(["Task"])
    calls()
    assert {each.state for each in put(us, seen, *rows)} == {"created"}
    assert calls() == {"POST composite/batch": 1, "POST composite/sobjects": 2}
    time.sleep(2.1)  # so that no second look is needed
    us.request("GET", "limits")
    calls()
    assert {each.state for each in put(us, seen, *(done(each) for each in rows))} == {"updated"}
    assert calls() == {"POST composite/batch": 1, "POST composite": 12}


# --- doubt ------------------------------------------------------------------------------------------------------------


def test_a_lost_answer_to_a_create_is_doubt_and_the_next_look_finds_the_task(us, seen, row, admin, fault):
    fault("drop_after_commit", method="POST", path="composite/sobjects")
    lost = put(us, seen, row)
    assert (lost.state, lost.error.outcome_unknown) == ("", True)
    assert put(us, seen, row).state == "unchanged"
    assert len(standing_tasks(admin)) == 1


def test_a_lost_answer_to_our_closing_is_not_taken_for_a_persons_work(us, seen, row, fault, monkeypatch):
    made = put(us, seen, row)
    time.sleep(2.1)
    us.request("GET", "limits")
    look = tasks._look

    def look_and_break(desk, rows):
        found = look(desk, rows)
        fault("drop_after_commit", method="POST", path="/composite")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(tasks, "_look", look_and_break)
        assert put(us, seen, done(row, left=made.left)).error.outcome_unknown
    found = put(us, seen, done(row, left=made.left))
    assert (found.state, found.left["Status"]) == ("unchanged", "Completed")


def test_of_several_tasks_with_one_key_the_oldest_counts(us, seen, row, admin, account):
    made = put(us, seen, row)
    other = admin.request("POST", "sobjects/Task", json={"AR_Key__c": KEY, "WhatId": account, "Subject": "again"})["id"]
    with capture_logs() as logs:
        assert put(us, seen, row).id == made.id
    assert [(log["event"], log["kept"], log["others"]) for log in logs] == [
        ("several tasks with one key", made.id, [other])
    ]
    admin.request("DELETE", f"sobjects/Task/{made.id}")
    assert put(us, seen, row).id == other


@pytest.mark.parametrize("edits", [1, 9])
def test_an_edit_between_look_and_write_is_never_overwritten(us, seen, row, ann, admin, monkeypatch, edits):
    made = put(us, seen, row)
    look, notes, told = tasks._look, [f"note {number}" for number in range(edits)], []

    def look_and_be_late(desk, rows):
        found = look(desk, rows)
        time.sleep(1.1)  # so that the second of the last change is over
        if notes:
            told.append(notes.pop())
            edit(ann, made.id, Description=told[-1], Subject="Call Ann back")
        return found

    wanted = replace(row, ours={**row.ours, "Priority": "Low"}, left=made.left)
    with monkeypatch.context() as patched:
        patched.setattr(tasks, "_look", look_and_be_late)
        found = put(us, seen, wanted)
    if edits > 1:
        assert (found.error.code, found.error.outcome_unknown) == ("CHANGED_MEANWHILE", False)
        found = put(us, seen, wanted)
    assert found.state == "worked_on"
    (task,) = standing_tasks(admin)
    assert task["Description"] == told[-1]
    assert (task["Subject"], task["Priority"]) == ("INV-1 is overdue", "Low")  # ours are put back


def test_people_typing_all_the_time_lose_nothing(us, seen, row, ann, admin):
    """Somebody edits theirs as fast as they can while we change ours: no edit of theirs is ever gone."""
    made = put(us, seen, row)
    stop, lost = threading.Event(), []

    def type_on() -> None:
        number = 0
        while not stop.is_set():
            edit(ann, made.id, Description=f"note {number}")
            time.sleep(0.3)
            if standing_tasks(admin)[0]["Description"] != f"note {number}":
                lost.append(number)
            number += 1

    typing = threading.Thread(target=type_on)
    typing.start()
    for priority in ("Low", "High"):
        put(us, seen, replace(row, ours={**row.ours, "Priority": priority}, left=made.left))
    stop.set()
    typing.join()
    assert lost == []


# --- rights -----------------------------------------------------------------------------------------------------------


def test_without_the_key_nothing_is_made(us, seen, row, admin, fault):
    fault("revoke_field", object="Task", field="AR_Key__c")
    found = put(us, seen, row)
    assert isinstance(found.error, MisconfiguredError)
    assert "Dueline_Integration" in found.error.fix
    assert list(query(admin, "SELECT Id FROM Task")) == []


def test_a_key_that_is_hidden_from_one_call_to_the_next(us, seen, row, admin, fault):
    seen.learn(["Task"])
    fault("revoke_field", object="Task", field="AR_Key__c")
    assert isinstance(put(us, seen, row).error, MisconfiguredError)
    assert list(query(admin, "SELECT Id FROM Task")) == []


def test_a_hidden_field_of_ours_is_left_out(us, seen, row, fault):
    fault("revoke_field", object="Task", field="AR_Outcome__c")
    with capture_logs() as logs:
        made = put(us, seen, row)
        assert made.state == "created"
        assert put(us, seen, done(row, left=made.left)).state == "updated"
        assert put(us, seen, done(row, "another reason")).error is None
    assert [log["fields"] for log in logs if log["event"] == "fields left out"] == [("AR_Outcome__c",)]


@pytest.fixture
def canned(org):
    """One task, as canned answers tell it; PATCHes get `org.patched`."""
    names = ["Id", "AR_Key__c", "IsDeleted", "IsClosed", "Status", "OwnerId", "Description", "Subject"]
    names += ["CreatedDate", "LastModifiedDate", "LastModifiedById", "CompletedDateTime"]
    org.objects["Task"] = described("Task", [described_field(name) for name in names])
    org.task = dict.fromkeys(names) | {
        "Id": "00T000000000001AAA", "AR_Key__c": KEY, "IsDeleted": False, "IsClosed": False, "Subject": "old",
        "CreatedDate": "2026-03-01T10:00:00.000+0000", "LastModifiedDate": "2026-03-01T10:00:00.000+0000",
    }  # fmt: skip
    describes = org.batch

    def batch(request):
        if "/describe" in sent(request)["batchRequests"][0]["url"]:
            return describes(request)
        return ok({"results": [{"statusCode": 200, "result": {"done": True, "records": [org.task]}}]})

    org.batch = batch
    org.on("POST", "composite", lambda request: org.patched(request))  # noqa: PLW0108 - tests replace it
    return org


ROW = TaskRow(KEY, {"Subject": "new"}, {}, done=False, left={})


def answers(status, body=None):
    return lambda request: ok(
        {"compositeResponse": [{"httpStatusCode": status, "body": body} for _each in sent(request)["compositeRequest"]]}
    )


def test_an_update_says_what_it_has_read(canned, session, exposure):
    canned.patched = answers(204)
    (result,) = put_tasks(session, exposure, [ROW])
    assert (result.state, result.error) == ("updated", None)
    (request,) = sent(canned.asked[-1])["compositeRequest"]
    assert request == {
        "method": "PATCH",
        "url": "/services/data/v66.0/sobjects/Task/00T000000000001AAA",
        "referenceId": "task0",
        "httpHeaders": {"If-Unmodified-Since": "Sun, 01 Mar 2026 10:00:00 GMT"},
        "body": {"Subject": "new"},
    }


@pytest.mark.parametrize(
    ("status", "body", "family"),
    [
        (403, [{"errorCode": "INSUFFICIENT_ACCESS_OR_READONLY", "message": "no"}], RejectedError),
        (400, [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "locked"}], RetryableError),
        (500, None, RetryableError),
    ],
)
def test_a_refused_update_is_told_for_its_row(canned, session, exposure, status, body, family):
    canned.patched = answers(status, body)
    (result,) = put_tasks(session, exposure, [ROW])
    assert (result.state, result.left, result.id) == ("", {}, "00T000000000001AAA")
    assert isinstance(result.error, family)


@pytest.mark.parametrize("body", [{"compositeResponse": []}, [], "?"])
def test_an_answer_that_makes_no_sense_is_doubt(canned, session, exposure, body):
    canned.patched = lambda _request: ok(body)
    (result,) = put_tasks(session, exposure, [ROW])
    assert result.error.outcome_unknown


def test_a_request_that_fails_as_a_whole_leaves_the_rest_unsent(canned, session, exposure):
    canned.patched = lambda _request: (502, {}, "bad gateway")
    task, rows = dict(canned.task), [replace(ROW, key=f"k{number}") for number in range(30)]
    batch = canned.batch

    def many(request):
        if "/describe" in sent(request)["batchRequests"][0]["url"]:
            return batch(request)
        records = [task | {"AR_Key__c": row.key, "Id": f"00T{number:012}AAA"} for number, row in enumerate(rows)]
        return ok({"results": [{"statusCode": 200, "result": {"done": True, "records": records}}]})

    canned.batch = many
    results = put_tasks(session, exposure, rows)
    assert [each.error.outcome_unknown for each in results] == [True] * 25 + [False] * 5


def test_a_task_that_vanishes_between_look_and_write_is_deleted(canned, session, exposure):
    def patched(request):
        canned.task["IsDeleted"] = True
        return answers(404, [{"errorCode": "ENTITY_IS_DELETED", "message": "entity is deleted"}])(request)

    canned.patched = patched
    (result,) = put_tasks(session, exposure, [ROW])
    assert (result.state, result.error) == ("deleted", None)


def test_a_look_that_fails_is_told_for_every_row(canned, session, exposure):
    describes = canned.batch

    def batch(request):
        if "/describe" in sent(request)["batchRequests"][0]["url"]:
            return describes(request)
        return ok({"results": [{"statusCode": 400, "result": [{"errorCode": "QUERY_TIMEOUT", "message": "slow"}]}]})

    canned.batch = batch
    results = put_tasks(session, exposure, [ROW, replace(ROW, key="other")])
    assert [(each.error.code, each.error.outcome_unknown) for each in results] == [("QUERY_TIMEOUT", False)] * 2
