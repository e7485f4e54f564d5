"""The org can be told to fail, and tells what it was asked."""

import json
import time
from datetime import UTC, datetime

import pytest
import requests

from connector.local.org.faults import KINDS

from .conftest import Api, invoice


def fault(api: Api, kind: str, **more) -> None:
    api.post("/_control/faults", {"kind": kind, **more}).raise_for_status()


def test_errors_come_as_often_as_asked(api: Api):
    fault(api, "error", status=503, times=2)
    assert [api.get("limits").status_code for _ in range(3)] == [503, 503, 200]
    assert api.get("/_control/faults").json() == {"faults": []}


@pytest.mark.parametrize(("status", "code"), [(500, "UNKNOWN_EXCEPTION"), (503, "SERVER_UNAVAILABLE")])
def test_server_errors_in_json(api: Api, status, code):
    fault(api, "error", status=status)
    assert api.get("limits").json()[0]["errorCode"] == code


def test_a_bad_gateway_answers_in_html(api: Api):
    fault(api, "error", status=502)
    answer = api.get("limits")
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")


def test_faults_hit_what_they_are_meant_for(api: Api):
    fault(api, "error", path="query", method="GET")
    fault(api, "error", object="AR_Payment__c")
    fault(api, "error", object="Account", method="PATCH")
    assert api.upsert("AR_Invoice__c", [invoice("k0", Account__c=None)])[0]["success"]
    assert api.get("limits").status_code == 200
    assert api.create("AR_Invoice__c", Key__c="k1")
    assert api.post("sobjects/AR_Payment__c", {"Key__c": "k1"}).status_code == 503
    assert api.get("query?q=SELECT+Id+FROM+Account").status_code == 503
    assert api.get("query?q=SELECT+Id+FROM+Account").status_code == 200


def test_token_requests_are_spared_unless_named(api: Api):
    fault(api, "error", path="/services/oauth2/token")
    form = {"grant_type": "client_credentials", "client_id": "admin", "client_secret": "s-adm"}
    codes = [requests.post(f"{api.url}/services/oauth2/token", data=form, timeout=10).status_code for _ in range(2)]
    assert codes == [503, 200]


def test_locked_rows(api: Api):
    fault(api, "lock_row", object="AR_Invoice__c")
    rows = [{"attributes": {"type": "AR_Invoice__c"}, **invoice(key)} for key in ("k1", "k2")]
    results = api.patch("composite/sobjects/AR_Invoice__c/Key__c", {"records": rows}).json()
    assert [result["errors"][0]["statusCode"] for result in results] == ["UNABLE_TO_LOCK_ROW"] * 2
    assert all(result["success"] for result in api.upsert("AR_Invoice__c", [invoice("k1"), invoice("k2")]))


def test_some_rows_fail(api: Api):
    fault(api, "partial", every=3, code="CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message="a trigger said no")
    results = api.upsert("AR_Invoice__c", [invoice(f"k{number}") for number in range(7)])
    assert [result["success"] for result in results] == [True, True, False, True, True, False, True]
    assert results[2]["errors"][0]["message"] == "a trigger said no"
    assert len(api.query("SELECT Id FROM AR_Invoice__c")) == 5


def test_a_connection_dropped_after_the_commit(api: Api):
    fault(api, "drop_after_commit", method="PATCH")
    with pytest.raises(requests.ConnectionError):
        api.upsert("AR_Invoice__c", [invoice("k1")])
    assert [row["Key__c"] for row in api.query("SELECT Key__c FROM AR_Invoice__c")] == ["k1"]


def test_an_expired_session(api: Api):
    fault(api, "expire_session")
    assert [api.get("limits").status_code for _ in range(2)] == [401, 401]
    api.sign_in()
    assert api.get("limits").status_code == 200


def test_sessions_refused_for_good(api: Api):
    fault(api, "expire_session", for_good=True)
    for _ in range(2):
        assert api.get("limits").json()[0]["errorCode"] == "INVALID_SESSION_ID"
        api.sign_in()
    api.delete("/_control/faults")
    api.sign_in()
    assert api.get("limits").status_code == 200


def test_idle_sessions_end(started):
    org = started(session_minutes=0.002)
    api = Api(org.url, "admin", "s-adm")
    assert api.get("limits").status_code == 200
    time.sleep(0.2)
    assert api.get("limits").status_code == 401
    api.session.close()


def test_the_daily_limit(started):
    api = Api(started(daily_api_limit=3).url, "admin", "s-adm")
    answers = [api.get("limits") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 403]
    assert answers[1].headers["Sforce-Limit-Info"] == "api-usage=2/3"
    assert answers[3].json() == [
        {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"},
    ]
    api.session.close()


def test_the_limit_can_be_spent_at_will(api: Api):
    fault(api, "limit_spent")
    answer = api.get("limits")
    assert (answer.status_code, answer.headers["Sforce-Limit-Info"]) == (403, "api-usage=100000/100000")
    api.delete("/_control/faults")
    assert api.get("limits").status_code == 200


def test_a_revoked_field_does_not_exist_any_more(api: Api, admin: Api):
    (made,) = api.upsert("AR_Invoice__c", [invoice("k1")])
    fault(admin, "revoke_field", object="AR_Invoice__c", field="Balance__c")
    names = {field["name"] for field in api.get("sobjects/AR_Invoice__c/describe").json()["fields"]}
    assert "Balance__c" not in names
    assert api.get("query?q=SELECT+Balance__c+FROM+AR_Invoice__c").json()[0]["errorCode"] == "INVALID_FIELD"
    (result,) = api.upsert("AR_Invoice__c", [invoice("k1")])
    assert result["errors"][0]["message"] == "No such column 'Balance__c' on sobject of type AR_Invoice__c"
    assert "Balance__c" not in api.get(f"sobjects/AR_Invoice__c/{made['id']}").json()
    assert admin.get(f"sobjects/AR_Invoice__c/{made['id']}").json()["Balance__c"] == 10.5
    admin.delete("/_control/faults")
    assert api.upsert("AR_Invoice__c", [invoice("k1")])[0]["success"]


def test_rows_that_appear_late_with_an_old_stamp(api: Api, admin: Api):
    fault(admin, "late_stamp", ms=1_500, object="AR_Invoice__c")
    began = datetime.now(UTC).replace(microsecond=0)
    api.upsert("AR_Invoice__c", [invoice("k1")])
    took = datetime.now(UTC) - began
    (row,) = api.query("SELECT SystemModstamp FROM AR_Invoice__c")
    assert took.total_seconds() >= 1.5
    assert (datetime.fromisoformat(row["SystemModstamp"]) - began).total_seconds() <= 1


def test_faults_by_chance_are_the_same_for_the_same_seed(api: Api):
    seen = []
    for seed in (7, 7, 8):
        fault(api, "error", path="limits", chance=0.3, seed=seed)
        seen.append([api.get("limits").status_code for _ in range(60)])
        assert api.get("/_control/faults").json()["faults"][0]["chance"] == 0.3
        api.delete("/_control/faults?kind=error").raise_for_status()
        assert api.get("/_control/faults").json() == {"faults": []}
    assert seen[0] == seen[1] != seen[2]
    assert 5 <= seen[0].count(503) <= 35


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_takes_a_chance_and_a_time_to_heal(api: Api, kind):
    more = {"object": "AR_Invoice__c", "field": "Balance__c"} if kind == "revoke_field" else {}
    fault(api, kind, chance=0, until=0.1, **more)
    assert len(api.get("/_control/faults").json()["faults"]) == 1
    assert api.upsert("AR_Invoice__c", [invoice("k1")])[0]["success"]
    time.sleep(0.1)
    assert api.get("/_control/faults").json() == {"faults": []}


def test_a_fault_heals_by_itself(api: Api, admin: Api):
    fault(admin, "revoke_field", object="AR_Invoice__c", field="Balance__c", until=0.4)
    refused = api.upsert("AR_Invoice__c", [invoice("k1")])[0]
    assert refused["errors"][0]["statusCode"] == "INVALID_FIELD"
    time.sleep(0.4)
    assert api.upsert("AR_Invoice__c", [invoice("k1")])[0]["success"]


def test_times_and_chance_together_strike_so_often_and_no_more(api: Api):
    fault(api, "error", path="limits", chance=0.5, seed=1, times=3)
    assert [api.get("limits").status_code for _ in range(40)].count(503) == 3


def test_slowness(api: Api, admin: Api):
    fault(admin, "slow", ms=300)
    began = time.monotonic()
    api.get("limits")
    assert time.monotonic() - began >= 0.3
    admin.post("/_control/delay", {"ms": 200})
    began = time.monotonic()
    api.get("limits")
    api.get("limits")
    assert time.monotonic() - began >= 0.4


def test_calls_are_counted_as_salesforce_counts_them(api: Api):
    api.delete("/_control/calls")
    api.upsert("AR_Invoice__c", [invoice("k1"), invoice("k2")])
    api.get("sobjects/AR_Invoice__c/Key__c/k1")
    api.query("SELECT Id FROM Account")
    api.sign_in()
    assert api.get("/_control/calls").json() == {
        "total": 3,
        "by": {"PATCH composite/sobjects/AR_Invoice__c": 1, "GET sobjects/AR_Invoice__c": 1, "GET query": 1},
    }


def test_the_clock_is_told_to_others(started, tmp_path):
    file = tmp_path / "world/today.json"
    org = started(today_file=file)
    api = Api(org.url, "admin", "s-adm")
    assert api.post("/_control/clock", {"today": "2026-12-01"}).json() == {"today": "2026-12-01", "moved": True}
    told = json.loads(file.read_text())
    assert (told["today"], [date for _since, date in told["moves"]]) == ("2026-12-01", ["2026-12-01"])
    api.create("AR_Invoice__c", Key__c="k1", Due_On__c="2026-12-01")
    assert len(api.query("SELECT Id FROM AR_Invoice__c WHERE Due_On__c = TODAY")) == 1
    again = started(today_file=file)
    assert requests.get(f"{again.url}/_control/clock", timeout=10).json()["today"] == "2026-12-01"
    assert api.post("/_control/clock", {"today": None}).json()["moved"] is False
    told = json.loads(file.read_text())
    assert (told["today"], [date for _since, date in told["moves"]]) == (None, ["2026-12-01", None])
    api.session.close()


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("faults", {"kind": "flood"}, "kind must be one of: lock_row"),
        ("faults", {"kind": "slow", "every": 2}, "slow does not take 'every'"),
        ("faults", {"kind": "error", "status": 418}, "500, 502 or 503"),
        ("faults", {"kind": "error", "times": 0}, "times must be a number of at least 1"),
        ("faults", {"kind": "error", "chance": 2}, "chance must be a number from 0 to 1"),
        ("faults", {"kind": "error", "until": -1}, "until must be a number of at least 0"),
        ("faults", {"kind": "error", "chance": 0.5, "seed": "x"}, "seed must be a whole number"),
        ("faults", {"kind": "revoke_field", "object": "Account"}, "needs object and field"),
        ("faults", {"kind": "revoke_field", "object": "Account", "field": "X"}, "no field Account.X"),
        ("clock", {"today": "soon"}, "Invalid isoformat"),
        ("clock", {}, "YYYY-MM-DD"),
        ("delay", {"ms": -1}, "not negative"),
    ],
)
def test_control_says_what_it_does_not_understand(api: Api, path, body, words):
    answer = api.post(f"/_control/{path}", body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
