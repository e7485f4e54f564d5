"""Conditional requests: an edit that somebody else made in between is not overwritten."""

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from .conftest import Api, V, invoice


@pytest.fixture
def made(api: Api) -> str:
    return api.create("AR_Invoice__c", **invoice("k1"))


def modified(api: Api, made: str) -> datetime:
    return datetime.fromisoformat(api.get(f"sobjects/AR_Invoice__c/{made}").json()["LastModifiedDate"])


def http(moment: datetime) -> str:
    return format_datetime(moment).replace("+0000", "GMT")


def test_an_update_passes_if_nobody_was_faster(api: Api, made: str):
    since = {"If-Unmodified-Since": http(modified(api, made))}
    assert api.patch(f"sobjects/AR_Invoice__c/{made}", {"Balance__c": 1}, headers=since).status_code == 204


def test_an_update_is_refused_if_somebody_was(api: Api, made: str):
    before = {"If-Unmodified-Since": http(modified(api, made) - timedelta(seconds=1))}
    answer = api.patch(f"sobjects/AR_Invoice__c/{made}", {"Balance__c": 1}, headers=before)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (412, "PRECONDITION_FAILED")
    assert api.get(f"sobjects/AR_Invoice__c/{made}").json()["Balance__c"] == 10.5
    assert api.get(f"sobjects/AR_Invoice__c/{made}", headers=before).status_code == 412


def test_each_request_of_a_composite_has_its_own_condition(api: Api, made: str):
    url = f"/services/data/{V}/sobjects/AR_Invoice__c/{made}"
    stamp = modified(api, made)
    requests_ = [
        {"method": "PATCH", "url": url, "referenceId": name, "body": {"Balance__c": balance}, "httpHeaders": headers}
        for name, balance, headers in (
            ("late", 1, {"If-Unmodified-Since": http(stamp - timedelta(days=1))}),
            ("good", 2, {"If-Unmodified-Since": http(stamp + timedelta(days=1))}),
            ("wrong", 3, {"If-Unmodified-Since": stamp.isoformat()}),
        )
    ]
    answers = api.post("composite", {"compositeRequest": requests_}).json()["compositeResponse"]
    assert [answer["httpStatusCode"] for answer in answers] == [412, 204, 400]
    assert answers[0]["body"][0]["errorCode"] == "PRECONDITION_FAILED"
    assert api.get(f"sobjects/AR_Invoice__c/{made}").json()["Balance__c"] == 2


@pytest.mark.parametrize("value", ["yesterday", "2026-01-01T00:00:00Z", "", "Thu, 32 Jan 2026 00:00:00 GMT"])
def test_a_condition_that_is_no_date(api: Api, made: str, value):
    answer = api.patch(f"sobjects/AR_Invoice__c/{made}", {"Balance__c": 1}, headers={"If-Unmodified-Since": value})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_HEADER_VALUE")


def test_a_condition_is_never_lost(api: Api, made: str):
    since = {"If-Unmodified-Since": http(modified(api, made))}
    assert api.delete(f"sobjects/AR_Invoice__c/{made}", headers=since).status_code == 400
    assert api.patch("sobjects/AR_Invoice__c/Key__c/k1", {"Balance__c": 1}, headers=since).status_code == 501
    rows = {"records": [{"attributes": {"type": "AR_Invoice__c"}, **invoice("k1")}]}
    assert api.patch("composite/sobjects/AR_Invoice__c/Key__c", rows, headers=since).status_code == 501
    match = {"If-Match": '"abc"'}
    assert api.patch(f"sobjects/AR_Invoice__c/{made}", {"Balance__c": 1}, headers=match).status_code == 501
    assert api.get(f"sobjects/AR_Invoice__c/{made}").json()["Balance__c"] == 10.5
