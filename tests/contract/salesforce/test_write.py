import dataclasses
import json
from datetime import date
from decimal import Decimal

import pytest
import requests
from structlog.testing import capture_logs

from connector.errors import GoneError, MisconfiguredError, RejectedError, RetryableError
from connector.salesforce import write
from connector.salesforce.session import OrgSession
from tests.contract.salesforce.fake_org import KEY, LOGIN, QUICK, described, described_field, ok, refuse, sent

PATH = "composite/sobjects/AR_Invoice__c/Key__c"
FIELDS = [
    KEY,
    described_field("Balance__c", type="currency", scale=2),
    described_field("Status__c"),
    described_field("Due_On__c", type="date"),
    described_field("Account__c", type="reference", relationshipName="Account__r"),
]
LOCKED = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access", "fields": []}


@pytest.fixture(autouse=True)
def deployed(org):
    org.objects["AR_Invoice__c"] = described("AR_Invoice__c", FIELDS)
    org.objects["Account"] = described("Account", [described_field("AR_Status__c"), described_field("Name")])
    org.objects["Task"] = described("Task", [described_field("Subject"), described_field("AR_Key__c")])


def rows(count, **fields):
    return [{"Key__c": f"c1:in_{number}", "Balance__c": Decimal("1.10"), **fields} for number in range(count)]


def each_created(request):
    records = sent(request)["records"]
    return ok([{"id": f"a01-{each['Key__c']}", "success": True, "errors": [], "created": True} for each in records])


def writes(org):
    return [request for request in org.asked if "composite/sobjects" in request.url]


def carried(org):
    return [[each["Key__c"] for each in sent(request)["records"]] for request in writes(org)]


@pytest.mark.parametrize(("count", "calls"), [(1, [1]), (200, [200]), (201, [200, 1]), (1999, [200] * 9 + [199])])
def test_200_rows_a_call_in_the_callers_order(org, session, exposure, count, calls):
    org.on("PATCH", PATH, each_created)
    given = rows(count)
    results = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", given)
    assert [each.key for each in results] == [row["Key__c"] for row in given]
    assert [each.id for each in results] == [f"a01-{row['Key__c']}" for row in given]
    assert all(each.created and each.error is None and each.dropped == () for each in results)
    assert [len(keys) for keys in carried(org)] == calls
    assert [key for keys in carried(org) for key in keys] == [row["Key__c"] for row in given]


def test_what_a_row_looks_like_on_the_wire(org, session, exposure):
    org.on("PATCH", PATH, each_created)
    row = {
        "Key__c": "c1:in_1",
        "Balance__c": Decimal("0.1") + Decimal("0.2"),
        "Due_On__c": date(2026, 1, 31),
        "Status__c": None,
        "Account__r": {"Key__c": "a"},
    }
    write.upsert(session, exposure, "AR_Invoice__c", "Key__c", [row])
    assert writes(org)[0].body == (
        b'{"allOrNone":false,"records":[{"attributes":{"type":"AR_Invoice__c"},"Key__c":"c1:in_1",'
        b'"Balance__c":0.3,"Due_On__c":"2026-01-31","Status__c":null,"Account__r":{"Key__c":"a"}}]}'
    )


@pytest.mark.parametrize("amount", ["12.345", "123456789012345.678", "0.001", "99999999999999999.9"])
def test_amounts_arrive_digit_by_digit(org, session, exposure, amount):
    org.on("PATCH", PATH, each_created)
    write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(1, Balance__c=Decimal(amount)))
    (record,) = json.loads(writes(org)[0].body, parse_float=Decimal)["records"]
    assert record["Balance__c"] == Decimal(amount)


def test_nothing_to_write_costs_nothing(org, session, exposure):
    assert write.upsert(session, exposure, "AR_Invoice__c", "Key__c", []) == []
    assert org.asked == []


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ([{"Key__c": "a"}, {"Key__c": "a"}], "comes twice"),
        ([{"Balance__c": 1}], "needs its key"),
        ([{"Key__c": ""}], "needs its key"),
        ([{"Key__c": " a"}], "trimmed"),
    ],
)
def test_a_callers_mistake_with_keys_is_refused_before_anything_is_sent(org, session, exposure, bad, words):
    with pytest.raises(ValueError, match=words):
        write.upsert(session, exposure, "AR_Invoice__c", "Key__c", bad)
    assert org.asked == []


def test_keys_that_differ_by_case_are_two(org, session, exposure):
    org.on("PATCH", PATH, each_created)
    given = [{"Key__c": "c1:in_Ab"}, {"Key__c": "c1:in_aB"}]
    assert len(write.upsert(session, exposure, "AR_Invoice__c", "Key__c", given)) == 2


def test_a_float_is_refused_before_anything_is_written(org, session, exposure):
    with pytest.raises(TypeError, match="give amounts as Decimal"):
        write.upsert(session, exposure, "AR_Invoice__c", "Key__c", [*rows(300), {"Key__c": "x", "Balance__c": 0.3}])
    assert writes(org) == []


def test_one_bad_row_does_not_hold_back_the_others(org, session, exposure):
    bad = {"statusCode": "STRING_TOO_LONG", "message": "Status: data value too large (max length=40)", "fields": []}
    answers = [
        {"id": "a01", "success": True, "errors": [], "created": True},
        {"success": False, "errors": [bad]},
        {"id": "a02", "success": True, "errors": [], "created": False},
        {"success": False, "errors": [LOCKED]},
        {"success": False, "errors": [{"statusCode": "ENTITY_IS_DELETED", "message": "gone", "fields": []}]},
        {"success": False},
    ]
    org.on("PATCH", PATH, ok(answers))
    results = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(6))
    assert [(each.id, each.created) for each in results[:3]] == [("a01", True), (None, None), ("a02", False)]
    assert [type(each.error) for each in results[1::2]] == [RejectedError, RetryableError, RetryableError]
    assert isinstance(results[4].error, GoneError)
    assert results[5].error.outcome_unknown


def test_another_number_of_results_is_no_answer(org, session, exposure):
    org.on("PATCH", PATH, ok([]))
    (result,) = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(1))
    assert (result.error.code, result.error.outcome_unknown) == ("UNEXPECTED_ANSWER", True)


# --- what the org does not expose ---------------------------------------------------------------------------------


def test_hidden_fields_are_left_out_and_named_once(org, session, exposure):
    org.on("PATCH", PATH, each_created)
    given = rows(2, Pay_URL__c="https://x", On_Hold__c=True)
    with capture_logs() as logs:
        results = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", given)
        write.upsert(session, exposure, "AR_Invoice__c", "Key__c", given)
    assert all(each.error is None and each.dropped == ("Pay_URL__c", "On_Hold__c") for each in results)
    assert all(set(record) == {"attributes", "Key__c", "Balance__c"} for record in sent(writes(org)[0])["records"])
    (log,) = logs
    assert (log["log_level"], log["object"], log["fields"]) == (
        "warning",
        "AR_Invoice__c",
        ("On_Hold__c", "Pay_URL__c"),
    )
    assert "Dueline_Integration" in log["fix"]


def test_an_object_that_is_not_there_is_misconfigured_for_every_row(org, session, exposure):
    results = write.upsert(session, exposure, "AR_Payment__c", "Key__c", rows(2))
    assert [type(each.error) for each in results] == [MisconfiguredError] * 2
    assert "deploy the Dueline package" in results[0].error.fix
    assert writes(org) == []


def test_a_key_that_we_may_not_write_is_misconfigured(org, session, exposure):
    org.objects["AR_Invoice__c"] = described("AR_Invoice__c", FIELDS[1:])
    (result,) = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(1))
    assert isinstance(result.error, MisconfiguredError)
    assert "the key Key__c" in result.error.reason


@pytest.mark.parametrize("whole", [True, False])
def test_a_field_revoked_meanwhile_is_left_out_at_the_second_try(org, session, exposure, whole):
    message = "No such column 'Status__c' on sobject of type AR_Invoice__c"

    def answer(request):
        records = sent(request)["records"]
        if not any("Status__c" in each for each in records):
            return each_created(request)
        org.objects["AR_Invoice__c"] = described(
            "AR_Invoice__c", [each for each in FIELDS if each["name"] != "Status__c"]
        )
        if whole:
            return refuse("INVALID_FIELD", message)
        error = {"statusCode": "INVALID_FIELD", "message": message, "fields": ["Status__c"]}
        return ok([{"success": False, "errors": [error]} for _each in records])

    org.on("PATCH", PATH, answer)
    results = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(250, Status__c="open"))
    assert all(each.error is None and each.dropped == ("Status__c",) for each in results)
    assert len(writes(org)) == (3 if whole else 4)


def test_a_contradiction_that_stays_is_told_and_not_repeated(org, session, exposure):
    org.on("PATCH", PATH, refuse("INVALID_FIELD", "No such column 'Status__c' on sobject of type AR_Invoice__c"))
    (result,) = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(1, Status__c="open"))
    assert isinstance(result.error, MisconfiguredError)
    assert len(writes(org)) == 1


def test_a_missing_parent_by_key_is_no_contradiction(org, session, exposure):
    message = "Foreign key external ID: a not found for field Key__c in entity Account"
    org.on("PATCH", PATH, ok([{"success": False, "errors": [{"statusCode": "INVALID_FIELD", "message": message}]}]))
    (result,) = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(1, Account__r={"Key__c": "a"}))
    assert isinstance(result.error, RejectedError)
    assert org.paths().count("POST composite/batch") == 1


def test_an_object_that_vanished_is_misconfigured(org, session, exposure):
    def answer(_request):
        del org.objects["AR_Invoice__c"]
        return refuse("NOT_FOUND", "The requested resource does not exist", 404)

    org.on("PATCH", PATH, answer)
    (result,) = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(1))
    assert type(result.error) is MisconfiguredError
    assert len(writes(org)) == 1


# --- requests that fail as a whole --------------------------------------------------------------------------------


def test_a_lost_connection_is_doubt_for_its_rows_only(org, session, exposure):
    def answer(request):
        if sent(request)["records"][0]["Key__c"] == "c1:in_200":
            raise requests.ConnectionError("Connection aborted.")
        return each_created(request)

    org.on("PATCH", PATH, answer)
    results = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(600))
    assert [each.error is None for each in results] == [True] * 200 + [False] * 200 + [True] * 200
    assert all(each.error.outcome_unknown for each in results[200:400])


STOPS = [
    (refuse("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403), RetryableError, 1),
    (refuse("API_DISABLED_FOR_ORG", "API is not enabled", 403), MisconfiguredError, 1),
    (refuse("SERVER_UNAVAILABLE", "Server Unavailable", 503), RetryableError, QUICK.attempts),
    (requests.ReadTimeout("no answer"), RetryableError, 1),
]


@pytest.mark.parametrize(("failure", "family", "calls"), STOPS)
def test_what_stops_everything_stops_the_rest(org, session, exposure, failure, family, calls):
    org.in_turn("PATCH", PATH, failure)
    results = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(600))
    assert {type(each.error) for each in results} == {family}
    assert len(writes(org)) == calls
    assert not any(getattr(each.error, "outcome_unknown", False) for each in results[200:])


def test_a_spent_budget_is_an_answer_for_every_row(org, exposure):
    calls = []

    def allow(_priority):
        calls.append(1)
        if len(calls) > 2:
            raise RetryableError("API_BUDGET", "essentials only", retry_after=60)

    session = OrgSession(LOGIN, allow=allow, pace=QUICK)
    org.on("PATCH", PATH, each_created)
    exposure.require("AR_Invoice__c")
    results = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(600))
    assert [each.error is None for each in results] == [True] * 400 + [False] * 200
    assert results[-1].error.code == "API_BUDGET"


def test_a_poisoned_row_is_found_and_the_others_pass(org, session, exposure):
    def answer(request):
        if any(each["Key__c"] == "c1:in_77" for each in sent(request)["records"]):
            return refuse("JSON_PARSER_ERROR", "Cannot deserialize instance of date")
        return each_created(request)

    org.on("PATCH", PATH, answer)
    results = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(250))
    assert [each.key for each in results if each.error] == ["c1:in_77"]
    assert results[77].error.code == "JSON_PARSER_ERROR"
    assert len(writes(org)) < 20


def test_a_request_that_is_wrong_for_every_row_does_not_cost_hundreds_of_calls(org, session, exposure):
    org.on("PATCH", PATH, refuse("JSON_PARSER_ERROR", "Cannot deserialize"))
    results = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows(200))
    assert {each.error.code for each in results} == {"JSON_PARSER_ERROR"}
    assert len(writes(org)) <= 21


# --- records that are known by their id, and new ones -------------------------------------------------------------


def test_update_by_id(org, session, exposure):
    gone = {"statusCode": "ENTITY_IS_DELETED", "message": "entity is deleted", "fields": []}
    org.on(
        "PATCH",
        "composite/sobjects",
        ok([{"id": "001A", "success": True, "errors": []}, {"success": False, "errors": [gone]}]),
    )
    given = [{"Id": "001A", "AR_Status__c": "overdue", "AR_Hidden__c": 1}, {"Id": "001B", "AR_Status__c": None}]
    with capture_logs():
        first, second = write.update(session, exposure, "Account", given)
    assert (first.key, first.id, first.created, first.dropped) == ("001A", "001A", False, ("AR_Hidden__c",))
    assert isinstance(second.error, GoneError)
    assert sent(writes(org)[0])["records"] == [
        {"attributes": {"type": "Account"}, "id": "001A", "AR_Status__c": "overdue"},
        {"attributes": {"type": "Account"}, "id": "001B", "AR_Status__c": None},
    ]


def test_create(org, session, exposure):
    org.on("POST", "composite/sobjects", ok([{"id": "00T1", "success": True, "errors": []}]))
    (result,) = write.create(session, exposure, "Task", [{"AR_Key__c": "t1", "Subject": "Call"}], key_field="AR_Key__c")
    assert dataclasses.astuple(result) == ("t1", "00T1", True, None, ())
    assert sent(writes(org)[0])["records"] == [{"attributes": {"type": "Task"}, "AR_Key__c": "t1", "Subject": "Call"}]


@pytest.mark.parametrize(
    "failure", [requests.ReadTimeout("no answer"), refuse("UNKNOWN_EXCEPTION", "An unexpected error occurred.", 500)]
)
def test_a_create_is_never_repeated(org, session, exposure, failure):
    org.in_turn("POST", "composite/sobjects", failure)
    (result,) = write.create(session, exposure, "Task", [{"Subject": "Call"}])
    assert result.error.outcome_unknown
    assert len(writes(org)) == 1
