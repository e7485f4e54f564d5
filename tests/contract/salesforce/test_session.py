import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import requests

from connector.errors import GoneError, MisconfiguredError, RejectedError, RetryableError
from connector.salesforce.limits import ApiUsage, Priority, parse_limit_info
from connector.salesforce.session import OrgSession, Pace
from tests.contract.salesforce.fake_org import DATA, LOGIN, QUICK, ok, refuse

EXPIRED = refuse("INVALID_SESSION_ID", "Session expired or invalid", 401)


def test_what_is_sent(org, session):
    org.on("PATCH", "sobjects/X/1", (204, {}, ""))
    session.request("PATCH", "sobjects/X/1", json={"Amount__c": Decimal("0.30")}, headers={"X-Mine": "1"})
    request = org.asked[0]
    assert request.body == b'{"Amount__c":0.30}'
    assert request.headers["Authorization"] == "Bearer token-1"
    assert request.headers["Sforce-Call-Options"] == "client=dueline"
    assert request.headers["Accept-Encoding"] == "gzip"
    assert request.headers["X-Mine"] == "1"
    assert "X-PrettyPrint" not in request.headers


def test_every_request_has_timeouts(org, session, mock):
    org.on("GET", "limits", ok({}))
    session.request("GET", "limits")
    assert [call.request.req_kwargs["timeout"] for call in mock.calls] == [(10.0, 30.0)] * 2


def test_fractions_come_back_as_decimals(org, session):
    body = '{"a": 0.1, "b": 0.2, "c": 12.345, "d": 123456789012345678.12, "e": 7}'
    org.on("GET", "limits", (200, {"Content-Type": "application/json"}, body))
    found = session.request("GET", "limits")
    assert found["a"] + found["b"] == Decimal("0.3")
    assert (found["c"], found["d"], found["e"]) == (Decimal("12.345"), Decimal("123456789012345678.12"), 7)


@pytest.mark.parametrize(
    ("answer", "content"),
    [
        ((204, {}, ""), None),
        (ok({"id": "a01", "created": False}), {"id": "a01", "created": False}),
        (ok({"id": "a01", "created": True}, 201), {"id": "a01", "created": True}),
    ],
)
def test_answers_that_went_well(org, session, answer, content):
    org.on("PATCH", "sobjects/X/Key__c/k", answer)
    assert session.request("PATCH", "sobjects/X/Key__c/k", json={}) == content


def test_a_key_in_more_than_one_record(org, session):
    urls = ["/services/data/v66.0/sobjects/X/a01A", "/services/data/v66.0/sobjects/X/a01B"]
    org.on("PATCH", "sobjects/X/Key__c/k", ok(urls, 300))
    with pytest.raises(RejectedError) as raised:
        session.request("PATCH", "sobjects/X/Key__c/k", json={})
    assert raised.value.code == "DUPLICATE_EXTERNAL_ID"
    assert "a01A, a01B" in raised.value.reason


STATUSES = [
    (403, MisconfiguredError, "permissions"),
    (404, GoneError, ""),
    (410, MisconfiguredError, "API version"),
    (420, MisconfiguredError, "login URL"),
    (405, RejectedError, "developers"),
    (414, RejectedError, "developers"),
    (429, RetryableError, ""),
    (500, RetryableError, ""),
    (502, RetryableError, ""),
    (503, RetryableError, ""),
    (504, RetryableError, ""),
]


@pytest.mark.parametrize(("status", "family", "fix"), STATUSES)
def test_statuses_without_salesforces_words(org, session, status, family, fix):
    org.on("GET", "limits", (status, {"Content-Type": "text/html"}, "<html>sorry</html>"))
    with pytest.raises(family) as raised:
        session.request("GET", "limits")
    assert raised.value.code == f"HTTP_{status}"
    assert fix in raised.value.fix


def test_a_moved_org_is_not_followed(org, session):
    org.on("GET", "limits", (302, {"Location": "https://elsewhere.my.salesforce.com/"}, ""))
    with pytest.raises(MisconfiguredError, match="moved to https://elsewhere"):
        session.request("GET", "limits")


def test_a_page_instead_of_json_leaves_a_write_in_doubt(org, session):
    org.on("PATCH", "sobjects/X/1", (200, {"Content-Type": "text/html"}, "<html>maintenance</html>"))
    with pytest.raises(RetryableError, match="instead of JSON") as raised:
        session.request("PATCH", "sobjects/X/1", json={})
    assert raised.value.outcome_unknown


# --- logging in again ---------------------------------------------------------------------------------------------


def test_an_expired_session_is_renewed_once_and_the_request_sent_again_as_it_was(org, session):
    org.in_turn("POST", "sobjects/X", EXPIRED, ok({"id": "a01"}, 201))
    answer = session.request("POST", "sobjects/X", json={"A": 1}, headers={"Sforce-X": "kept"}, idempotent=False)
    assert answer == {"id": "a01"}
    first, second = org.asked
    assert (first.headers["Authorization"], second.headers["Authorization"]) == ("Bearer token-1", "Bearer token-2")
    assert second.headers["Sforce-X"] == "kept"
    assert second.headers["Sforce-Call-Options"] == "client=dueline"
    assert second.body == first.body


def test_a_persistent_401_ends_after_two_requests(org, session):
    org.on("GET", "limits", EXPIRED)
    with pytest.raises(MisconfiguredError, match="even a new token") as raised:
        session.request("GET", "limits")
    assert (len(org.asked), org.tokens) == (2, 2)
    assert raised.value.code == "INVALID_SESSION_ID"


def test_logins_are_seconds_apart_however_many_ask(org):
    session = OrgSession(LOGIN, pace=Pace(first_wait=0, between_logins=0.3))
    org.on("GET", "limits", EXPIRED)
    session.connect()
    start = time.monotonic()

    def ask(_number):
        with pytest.raises(MisconfiguredError):
            session.request("GET", "limits")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(24)))
    assert org.tokens - 1 <= (time.monotonic() - start) / 0.3
    assert len(org.asked) <= 48


def test_a_working_token_is_replaced_even_if_young(org, session):
    org.in_turn("GET", "limits", ok({}), EXPIRED, ok({"again": True}))
    session.request("GET", "limits")
    assert session.request("GET", "limits") == {"again": True}
    assert org.tokens == 2


@pytest.mark.parametrize(
    "message", ["This session is not valid for use with the REST API", "Connected app is not attached to Agent"]
)
def test_a_401_that_no_login_cures_does_not_cause_one(org, session, message):
    org.on("GET", "limits", refuse("INVALID_SESSION_ID", message, 401))
    with pytest.raises(MisconfiguredError, match=message):
        session.request("GET", "limits")
    assert (len(org.asked), org.tokens) == (1, 1)


def test_a_401_without_json_is_renewed_too(org, session):
    org.in_turn("GET", "limits", (401, {"Content-Type": "text/html"}, "no"), ok({}))
    assert session.request("GET", "limits") == {}


def test_many_threads_share_one_renewal(org, session):
    together = threading.Barrier(6, timeout=10)

    def answer(request):
        if request.headers["Authorization"] == "Bearer token-1":
            together.wait()
            return EXPIRED
        return ok({})

    org.on("GET", "limits", answer)
    session.connect()
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda _n: session.request("GET", "limits"), range(6))) == [{}] * 6
    assert org.tokens == 2


# --- sending again ------------------------------------------------------------------------------------------------

UNSENT = requests.ConnectTimeout("no route")
SLOW = requests.ReadTimeout("no answer")
CUT = requests.ConnectionError("Connection aborted.")
GACK = refuse("UNKNOWN_EXCEPTION", "An unexpected error occurred.", 500)
BUSY = refuse("SERVER_UNAVAILABLE", "Server Unavailable", 503)
GATEWAY = (502, {"Content-Type": "text/html"}, "bad gateway")

# failure, then success: (method, idempotent, failure, sent again)
AGAIN = [
    ("GET", True, UNSENT, True),
    ("GET", True, SLOW, True),
    ("GET", True, CUT, True),
    ("GET", True, GACK, True),
    ("GET", True, BUSY, True),
    ("GET", True, GATEWAY, True),
    ("PATCH", True, UNSENT, True),
    ("PATCH", True, SLOW, False),
    ("PATCH", True, CUT, False),
    ("PATCH", True, GATEWAY, False),
    ("PATCH", True, GACK, True),
    ("PATCH", True, BUSY, True),
    ("POST", False, UNSENT, True),
    ("POST", False, SLOW, False),
    ("POST", False, GACK, False),
    ("POST", False, BUSY, False),
]


@pytest.mark.parametrize(("method", "idempotent", "failure", "again"), AGAIN)
def test_only_what_is_safe_is_sent_again(org, session, method, idempotent, failure, again):
    org.in_turn(method, "thing", failure, ok({}))
    body = None if method == "GET" else {}
    if again:
        assert session.request(method, "thing", json=body, idempotent=idempotent) == {}
        assert len(org.asked) == 2
    else:
        with pytest.raises(RetryableError):
            session.request(method, "thing", json=body, idempotent=idempotent)
        assert len(org.asked) == 1


@pytest.mark.parametrize(
    ("failure", "doubt"), [(UNSENT, False), (SLOW, True), (CUT, True), (GATEWAY, True), (GACK, False), (BUSY, False)]
)
def test_doubt_about_a_write_is_said(org, session, failure, doubt):
    org.in_turn("PATCH", "thing", failure)
    with pytest.raises(RetryableError) as raised:
        session.request("PATCH", "thing", json={})
    assert raised.value.outcome_unknown is doubt


def test_a_read_by_post_leaves_no_doubt(org, session):
    org.in_turn("POST", "composite", SLOW)
    with pytest.raises(RetryableError) as raised:
        session.request("POST", "composite", json={}, reads=True)
    assert not raised.value.outcome_unknown
    assert len(org.asked) == QUICK.attempts


def test_a_create_that_failed_over_there_is_in_doubt(org, session):
    org.on("POST", "thing", GACK)
    with pytest.raises(RetryableError) as raised:
        session.request("POST", "thing", json={}, idempotent=False)
    assert raised.value.outcome_unknown


def test_retries_are_bounded(org, session):
    org.on("GET", "limits", BUSY)
    with pytest.raises(RetryableError, match="SERVER_UNAVAILABLE"):
        session.request("GET", "limits")
    assert len(org.asked) == QUICK.attempts


def test_a_spent_day_is_not_hammered(org, session):
    org.on("GET", "limits", refuse("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403))
    with pytest.raises(RetryableError) as raised:
        session.request("GET", "limits")
    assert raised.value.retry_after == 60
    assert len(org.asked) == 1


def test_too_many_at_once_is_tried_again(org, session):
    crowded = refuse("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", 403)
    org.in_turn("GET", "limits", crowded, ok({}))
    assert session.request("GET", "limits") == {}


def test_retry_after_of_a_gateway_is_heard(org, session):
    org.on("GET", "limits", (503, {"Retry-After": "120"}, ""))
    with pytest.raises(RetryableError) as raised:
        session.request("GET", "limits")
    assert raised.value.retry_after == 120
    assert len(org.asked) == 1


# --- the caller's budget ------------------------------------------------------------------------------------------


def test_every_call_is_asked_for_and_told_of(org):
    asked, told = [], []
    session = OrgSession(LOGIN, allow=asked.append, on_call=lambda *each: told.append(each), pace=QUICK)
    org.in_turn("GET", "limits", EXPIRED, BUSY, UNSENT, ok({}))
    session.request("GET", "limits", priority=Priority.BACKGROUND)
    usage = ApiUsage(18, 15000)
    assert asked == [Priority.BACKGROUND] * 4
    assert told == [(1, usage)] * 3  # the login is no API call, and what never left is none either
    assert session.usage == usage


def test_a_call_without_an_answer_is_counted_too(org):
    told = []
    session = OrgSession(LOGIN, on_call=lambda *each: told.append(each), pace=QUICK)
    org.in_turn("PATCH", "thing", SLOW)
    with pytest.raises(RetryableError):
        session.request("PATCH", "thing", json={})
    assert told == [(1, None)]


def test_a_caller_may_say_not_now(org):
    def allow(priority):
        if priority > Priority.ESSENTIAL:
            raise RetryableError("API_BUDGET", "essentials only", retry_after=60)

    session = OrgSession(LOGIN, allow=allow, pace=QUICK)
    org.on("GET", "limits", ok({}))
    with pytest.raises(RetryableError, match="API_BUDGET"):
        session.request("GET", "limits")
    assert org.asked == []
    assert session.request("GET", "limits", priority=Priority.ESSENTIAL) == {}


@pytest.mark.parametrize(
    ("header", "usage"),
    [
        ("api-usage=18/5000", ApiUsage(18, 5000)),
        (
            "api-usage=25/5000; per-app-api-usage=17/250(appName=sample-connected-app)",
            ApiUsage(25, 5000, 17, 250, "sample-connected-app"),
        ),
        (None, None),
        ("", None),
        ("something=else", None),
    ],
)
def test_the_limit_header(header, usage):
    assert parse_limit_info(header) == usage


def test_the_fuller_allowance_counts():
    assert ApiUsage(50, 100).share == 0.5
    assert ApiUsage(50, 100, 200, 250, "x").share == 0.8
    assert ApiUsage(0, 0).share == 1.0


def test_rooted_paths_are_taken_as_they_are(org, session):
    org.on("GET", "/services/data/", ok([{"version": "66.0"}]))
    assert session.request("GET", "/services/data/") == [{"version": "66.0"}]
    assert org.asked[0].url == f"{DATA.removesuffix('v66.0')}"
