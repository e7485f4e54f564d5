"""`/ui-api/records`: reading with fields of one's choice, saving, and refusals that a form can show."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests

from connector.local.org.server import LocalOrg

from .browsers import NOBODY, Browser, browsing, saved
from .conftest import Api, invoice

RECORD = {
    "apiName",
    "childRelationships",
    "eTag",
    "fields",
    "id",
    "lastModifiedById",
    "lastModifiedDate",
    "recordTypeId",
    "recordTypeInfo",
    "systemModstamp",
    "weakEtag",
}
DETAIL = {"constituentField", "duplicateRecordError", "errorCode", "field", "fieldLabel", "message"}
NO_PARENT = {"displayValue": None, "value": None}


@pytest.fixture
def org(config) -> Iterator[LocalOrg]:
    with LocalOrg(replace(config, users=(*config.users, NOBODY))) as running:
        yield running


@pytest.fixture
def ann(org: LocalOrg) -> Iterator[Browser]:
    with browsing(org, "ann.lee") as browser:
        yield browser


@pytest.fixture
def nora(org: LocalOrg) -> Iterator[Browser]:
    """Somebody without any permission set."""
    with browsing(org, "nora.quist") as browser:
        yield browser


@pytest.fixture
def invoice_id(api: Api, account: str) -> str:
    (made,) = api.upsert("AR_Invoice__c", [invoice("in_1", Account__c=account, Due_On__c="2026-03-02", Amount__c=10.5)])
    return made["id"]


def refused(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


def field_errors(answer: requests.Response) -> dict[str | None, tuple[str, str | None]]:
    """The code and the label of each field that a save was refused for; None stands for the whole record."""
    body = answer.json()
    assert answer.status_code == body["statusCode"] == 400
    assert body["enhancedErrorType"] == "RecordError"
    assert body["message"] == "An error occurred while trying to update the record. Please try again."
    by_field = body["output"]["fieldErrors"]
    details = [*body["output"]["errors"], *(one for name in by_field for one in by_field[name])]
    assert all(set(one) == DETAIL for one in details)
    assert {one["field"] for one in details if one["field"]} == set(by_field)
    return {one["field"]: (one["errorCode"], one["fieldLabel"]) for one in details}


def test_a_record_has_the_shape_of_a_recorded_one(ann: Browser, invoice_id: str, account: str):
    names = ("Name", "Amount__c", "Status__c", "Account__r.Owner.Name")
    record = saved(ann.record(invoice_id, *(f"AR_Invoice__c.{name}" for name in names)))
    assert set(record) == RECORD
    assert (record["apiName"], record["id"]) == ("AR_Invoice__c", invoice_id)
    assert record["recordTypeId"] == "012000000000000AAA"
    assert record["fields"]["Name"] == {"displayValue": None, "value": "in_1"}
    assert record["fields"]["Amount__c"] == {"displayValue": "USD 10.50", "value": 10.5}
    assert record["fields"]["Status__c"] == {"displayValue": "Open", "value": "Open"}
    parent = record["fields"]["Account__r"]
    assert (parent["displayValue"], parent["value"]["id"]) == ("Acme", account)
    owner = parent["value"]["fields"]["Owner"]["value"]
    assert set(owner) == RECORD
    assert (owner["apiName"], owner["recordTypeId"]) == ("User", None)
    assert owner["fields"]["Name"]["value"] == "System Administrator"
    assert owner["fields"]["Id"]["value"] == owner["id"]
    assert record["weakEtag"] == datetime.fromisoformat(record["systemModstamp"]).timestamp() * 1000
    assert len(record["eTag"]) == 32


def test_no_parent_is_null(ann: Browser, invoice_id: str):
    record = saved(ann.record(invoice_id, "AR_Invoice__c.Assigned_To__r.Name", "AR_Invoice__c.Assigned_To__c"))
    assert record["fields"] == {"Assigned_To__c": NO_PARENT, "Assigned_To__r": NO_PARENT}


def test_the_tag_changes_with_what_is_shown(ann: Browser, account: str):
    before = saved(ann.record(account, "Account.Name"))["eTag"]
    assert saved(ann.record(account, "Account.Name"))["eTag"] == before
    saved(ann.patch(f"ui-api/records/{account}", {"fields": {"Name": "Acme Ltd"}}))
    assert saved(ann.record(account, "Account.Name"))["eTag"] != before


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("Account.Nope__c", "No such column 'Nope__c' on entity 'Account'."),
        ("Account.Owner.Nope", "No such column 'Nope' on entity 'User'."),
        ("Account.Nope__r.Name", "Didn't understand relationship 'Nope__r' in field path."),
        ("Account.Owner", "No such column 'Owner' on entity 'Account'."),
        ("Contact.Name", "a field is named with its object"),
        ("Name", "a field is named with its object"),
    ],
)
def test_an_unknown_field_is_refused_unless_optional(ann: Browser, account: str, field: str, words: str):
    answer = ann.record(account, field)
    assert refused(answer) == (400, "INVALID_FIELD")
    assert words in answer.json()[0]["message"]
    optional = ann.record(account, "Account.Name", optionalFields=f"{field},Account.Type")
    assert set(saved(optional)["fields"]) == {"Name", "Type"}


def test_a_hidden_field_is_as_unknown(ann: Browser, nora: Browser, account: str):
    asked = ("Account.Name", "Account.AR_Status__c")
    assert set(saved(ann.record(account, *asked))["fields"]) == {"Name", "AR_Status__c"}
    assert refused(nora.record(account, *asked)) == (400, "INVALID_FIELD")
    assert set(saved(nora.record(account, asked[0], optionalFields=asked[1]))["fields"]) == {"Name"}
    answer = nora.patch(f"ui-api/records/{account}", {"fields": {"AR_Status__c": "Current"}})
    assert field_errors(answer) == {None: ("INVALID_FIELD", None)}


def test_a_hidden_object_is_not_there(nora: Browser, invoice_id: str, account: str):
    assert refused(nora.record(invoice_id, "AR_Invoice__c.Name")) == (403, "INSUFFICIENT_ACCESS")
    activity = {"apiName": "AR_Activity__c", "fields": {"Kind__c": "Note"}}
    assert refused(nora.post("ui-api/records", activity)) == (404, "NOT_FOUND")
    assert refused(nora.patch(f"ui-api/records/{invoice_id}", {"fields": {}})) == (403, "INSUFFICIENT_ACCESS")
    assert refused(nora.delete(f"ui-api/records/{invoice_id}")) == (403, "INSUFFICIENT_ACCESS")
    assert refused(nora.get(f"ui-api/related-list-records/{account}/AR_Invoices__r")) == (404, "NOT_FOUND")
    assert refused(nora.get("ui-api/object-info/AR_Invoice__c")) == (404, "NOT_FOUND")
    assert "AR_Invoice" not in nora.get("ui-api/object-info/Account").text


def test_records_that_are_not_there(ann: Browser, admin: Api, account: str):
    assert refused(ann.record("001Hu0000000099", "Account.Name")) == (404, "NOT_FOUND")
    assert refused(ann.record("nonsense", "Account.Name")) == (400, "INVALID_ID_FIELD")
    admin.delete(f"sobjects/Account/{account}")
    assert refused(ann.record(account, "Account.Name")) == (404, "NOT_FOUND")
    assert refused(ann.patch(f"ui-api/records/{account}", {"fields": {"Name": "x"}})) == (404, "NOT_FOUND")


def test_several_records_at_once(ann: Browser, invoice_id: str, account: str):
    asked = {"fields": "Account.Name,AR_Invoice__c.Status__c"}
    answer = saved(ann.get(f"ui-api/records/batch/{account},{invoice_id},nonsense", params=asked))
    assert answer["hasErrors"] is True
    assert [one["statusCode"] for one in answer["results"]] == [200, 200, 400]
    assert [set(one["result"]["fields"]) for one in answer["results"][:2]] == [{"Name"}, {"Status__c"}]


@pytest.mark.parametrize("parameter", ["layoutTypes", "modes", "childRelationships"])
def test_layouts_are_refused_by_name(ann: Browser, account: str, parameter: str):
    answer = ann.record(account, "Account.Name", **{parameter: "Full"})
    assert refused(answer) == (501, "NOT_IMPLEMENTED_LOCALLY")
    assert parameter in answer.json()[0]["message"]


@pytest.mark.parametrize("path", ["layout/Account", "list-ui/Account", "actions/record/001", "record-ui/001"])
def test_other_resources_are_refused_by_name(ann: Browser, path: str):
    answer = ann.get(f"ui-api/{path}")
    assert refused(answer) == (501, "NOT_IMPLEMENTED_LOCALLY")
    assert path in answer.json()[0]["message"]


def test_tasks_are_not_supported_just_as_in_a_real_org(ann: Browser, admin: Api, account: str):
    task = admin.create("Task", Subject="Call", WhatId=account)
    for answer in (
        ann.record(task, "Task.Subject"),
        ann.patch(f"ui-api/records/{task}", {"fields": {"Status": "Completed"}}),
        ann.post("ui-api/records", {"apiName": "Task", "fields": {"Subject": "x"}}),
        ann.get("ui-api/object-info/Task"),
        ann.get(f"ui-api/related-list-records/{account}/Tasks"),
    ):
        assert refused(answer) == (400, "INVALID_TYPE")
        assert answer.json()[0]["message"] == "Object Task is not supported in UI API"


def test_a_record_is_made_changed_and_deleted(ann: Browser, account: str):
    fields = {"Account__c": account, "Amount__c": 20_000, "Promised_On__c": "2026-12-04", "CurrencyIsoCode": "EUR"}
    made = ann.post("ui-api/records", {"apiName": "AR_Commitment__c", "fields": fields})
    record = saved(made)
    assert made.status_code == 201
    assert record["fields"]["Amount__c"] == {"displayValue": "EUR 20,000.00", "value": 20_000}
    assert record["fields"]["Promised_On__c"] == {"displayValue": "12/4/2026", "value": "2026-12-04"}
    assert record["fields"]["Name"]["value"]
    path = f"ui-api/records/{record['id']}"
    changed = saved(ann.patch(path, {"fields": {"Id": record["id"], "Amount__c": 15_000}}))
    assert changed["fields"]["Amount__c"]["value"] == 15_000
    assert changed["lastModifiedById"] == ann.user_id
    assert refused(ann.delete(path)) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")  # not of her permission set


def test_a_record_is_deleted(ann: Browser):
    made = saved(ann.post("ui-api/records", {"apiName": "Contact", "fields": {"LastName": "Lovelace"}}))
    assert ann.delete(f"ui-api/records/{made['id']}").status_code == 204
    assert refused(ann.record(made["id"], "Contact.Name")) == (404, "NOT_FOUND")


def test_a_save_that_comes_too_late_says_who_was_first(ann: Browser, admin: Api, account: str):
    read_at = datetime.fromisoformat(saved(ann.record(account, "Account.Name"))["lastModifiedDate"])
    path = f"ui-api/records/{account}"

    def save(at: datetime) -> requests.Response:
        stamp = {"If-Unmodified-Since": format_datetime(at, usegmt=True)}
        return ann.patch(path, {"fields": {"Site": "Berlin"}}, headers=stamp)

    saved(save(read_at))
    late = save(read_at - timedelta(seconds=10))
    assert field_errors(late) == {None: ("CollisionDetectedException", None)}
    assert "modified by Ann Lee during your edit session" in late.json()["output"]["errors"][0]["message"]


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("AR_Dispute__c", {"Category__c": "Nope"}, {"Category__c": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"}),
        ("AR_Commitment__c", {"Note__c": "x" * 40_000}, {"Note__c": "STRING_TOO_LONG"}),
        ("AR_Commitment__c", {"Amount__c": 10**17}, {"Amount__c": "NUMBER_OUTSIDE_VALID_RANGE"}),
        ("AR_Commitment__c", {"Account__c": "nonsense"}, {"Account__c": "MALFORMED_ID"}),
        ("AR_Commitment__c", {"Account__c": "003Hu0000000099"}, {"Account__c": "FIELD_INTEGRITY_EXCEPTION"}),
        ("AR_Commitment__c", {"Account__c": "001Hu0000000099"}, {None: "INVALID_CROSS_REFERENCE_KEY"}),
        ("AR_Commitment__c", {"Status__c": "Kept"}, {"Status__c": "INVALID_FIELD_FOR_INSERT_UPDATE"}),
        ("Contact", {"Email": "nobody"}, {"Email": "INVALID_EMAIL_ADDRESS", "LastName": "REQUIRED_FIELD_MISSING"}),
        ("Opportunity", {}, dict.fromkeys(("Name", "StageName", "CloseDate"), "REQUIRED_FIELD_MISSING")),
    ],
)
def test_what_is_wrong_with_a_field_is_said_at_the_field(ann: Browser, name: str, fields: dict[str, Any], expected):
    answer = ann.post("ui-api/records", {"apiName": name, "fields": fields})
    codes = {field: code for field, (code, _) in field_errors(answer).items()}
    assert codes.items() <= expected.items()
    labels = {field: label for field, (_, label) in field_errors(answer).items()}
    assert all(labels[field] for field in labels if field)


def test_a_validation_rule_speaks_where_it_is_displayed(admin: Api, org: LocalOrg, invoice_id: str):
    with browsing(org, "admin") as page:
        answer = page.patch(f"ui-api/records/{invoice_id}", {"fields": {"Key__c": "in_2"}})
    assert field_errors(answer) == {"Key__c": ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Key")}


def test_a_field_of_ours_cannot_be_written_and_says_so(ann: Browser, invoice_id: str):
    answer = ann.patch(f"ui-api/records/{invoice_id}", {"fields": {"Balance__c": 0}})
    assert field_errors(answer) == {"Balance__c": ("INVALID_FIELD_FOR_INSERT_UPDATE", "Balance")}
    assert "check the security settings of this field" in answer.text


def test_a_duplicate_concerns_the_whole_record(org: LocalOrg, invoice_id: str):
    with browsing(org, "admin") as page:
        fields = {"Key__c": "in_1", "Name": "again"}
        answer = page.post("ui-api/records", {"apiName": "AR_Invoice__c", "fields": fields})
    assert field_errors(answer) == {None: ("DUPLICATE_VALUE", None)}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"apiName": "AR_Commitment__c"}, "POST_BODY_PARSE_ERROR"),
        ({"apiName": "AR_Commitment__c", "fields": {"Amount__c": "many"}}, "POST_BODY_PARSE_ERROR"),
        ({"apiName": "AR_Commitment__c", "fields": {"Promised_On__c": "soon"}}, "POST_BODY_PARSE_ERROR"),
    ],
)
def test_what_cannot_be_read_at_all(ann: Browser, body: dict[str, Any], code: str):
    assert refused(ann.post("ui-api/records", body)) == (400, code)


def test_pages_do_not_spend_the_daily_limit(org: LocalOrg, api: Api, ann: Browser, account: str):
    before = org.org.calls.used
    answer = ann.record(account, "Account.Name")
    assert "Sforce-Limit-Info" not in answer.headers
    assert org.org.calls.used == before
    api.get("limits")
    assert org.org.calls.used == before + 1


def test_pages_work_while_the_limit_is_spent_and_apps_are_signed_out(org: LocalOrg, ann: Browser, account: str):
    org.org.calls.limit = 0
    org.org.sessions.expire_all()
    assert saved(ann.record(account, "Account.Name"))["id"] == account
    org.org.sessions.revoke(ann.session.headers["Authorization"].removeprefix("Bearer "))
    assert refused(ann.record(account, "Account.Name")) == (401, "INVALID_SESSION_ID")


def test_an_app_spends_calls_for_the_same(org: LocalOrg, admin: Api, account: str):
    before = org.org.calls.used
    admin.get(f"ui-api/records/{account}", params={"fields": "Account.Name"})
    assert org.org.calls.used == before + 1
