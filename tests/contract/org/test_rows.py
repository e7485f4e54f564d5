"""What a single row must satisfy, and the words in which it is refused."""

from typing import Any

import pytest

from .conftest import Api, invoice


def refusal(api: Api, record: dict[str, Any], sobject: str = "AR_Invoice__c") -> dict[str, Any]:
    """The error of the one row that is written."""
    (result,) = api.upsert(sobject, [record])
    assert result["success"] is False, result
    (error,) = result["errors"]
    return error


NOT_WRITABLE = (
    "Unable to create/update fields: Bucket__c. Please check the security settings of this field and verify that it is "
    "read/write for your profile or permission set."
)
REFUSALS = [
    ({"Nope__c": 1}, "INVALID_FIELD", "No such column 'Nope__c' on sobject of type AR_Invoice__c", []),
    (
        {"Bucket__c": "1-30"},
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        NOT_WRITABLE,
        ["Bucket__c"],
    ),
    ({"CreatedDate": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "CreatedDate", ["CreatedDate"]),
    (
        {"Name": "x" * 81},
        "STRING_TOO_LONG",
        f"Invoice: data value too large: {'x' * 81} (max length=80)",
        ["Name"],
    ),
    (
        {"Status__c": "Nonsense"},
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Status: bad value for restricted picklist field: Nonsense",
        ["Status__c"],
    ),
    (
        {"CurrencyIsoCode": "CHF"},
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Currency ISO Code: bad value for restricted picklist field: CHF",
        ["CurrencyIsoCode"],
    ),
    (
        {"Balance__c": 10**17},
        "NUMBER_OUTSIDE_VALID_RANGE",
        f"Balance: value outside of valid range on numeric field: {10**17}",
        ["Balance__c"],
    ),
    ({"Account__c": "banana"}, "MALFORMED_ID", "Account: id value of incorrect type: banana", ["Account__c"]),
    (
        {"Account__c": "005000000000001AAA"},
        "FIELD_INTEGRITY_EXCEPTION",
        "Account: id value of incorrect type: 005000000000001AAA",
        ["Account__c"],
    ),
    ({"Account__c": "001000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", []),
    (
        {"Account__r": {"Nope__c": "x"}},
        "NOT_FOUND",
        "Provided external ID field does not exist or is not accessible: Nope__c",
        [],
    ),
]


@pytest.mark.parametrize(("values", "code", "message", "fields"), REFUSALS, ids=[str(case[1]) for case in REFUSALS])
def test_refusals(api: Api, values, code, message, fields):
    error = refusal(api, invoice("k1", **values))
    assert error["statusCode"] == code
    assert message in error["message"]
    assert error["fields"] == fields
    assert api.query("SELECT Id FROM AR_Invoice__c") == []


def test_required_fields_are_named_together(admin: Api):
    answer = admin.post("sobjects/Opportunity", {"Amount": 1})
    assert answer.status_code == 400
    assert answer.json() == [
        {
            "message": "Required fields are missing: [Name, StageName, CloseDate]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["Name", "StageName", "CloseDate"],
        }
    ]


def test_deleted_parent(api: Api, admin: Api, account: str):
    admin.delete(f"sobjects/Account/{account}")
    assert refusal(api, invoice("k1", Account__c=account))["statusCode"] == "ENTITY_IS_DELETED"


def test_email(admin: Api):
    answer = admin.post("sobjects/Contact", {"LastName": "Bluth", "Email": "foo"})
    assert answer.json()[0]["errorCode"] == "INVALID_EMAIL_ADDRESS"
    assert answer.json()[0]["message"] == "Email: invalid email address: foo"


def test_unique_value_of_another_row(admin: Api):
    first = admin.create("AR_Invoice__c", Key__c="k1")
    answer = admin.post("sobjects/AR_Invoice__c", {"Key__c": "k1"})
    assert answer.json()[0] == {
        "message": f"duplicate value found: Key__c duplicates value on record with id: {first[:15]}",
        "errorCode": "DUPLICATE_VALUE",
    }


def test_a_value_of_the_wrong_json_type_refuses_the_whole_request(api: Api):
    rows = [{"attributes": {"type": "AR_Invoice__c"}, **invoice(key)} for key in ("k1", "k2")]
    rows[1]["Due_On__c"] = "31.01.2026"
    answer = api.patch("composite/sobjects/AR_Invoice__c/Key__c", {"records": rows})
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "JSON_PARSER_ERROR"
    assert "instance of date from VALUE_STRING value 31.01.2026" in answer.json()[0]["message"]
    assert api.query("SELECT Id FROM AR_Invoice__c") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("Name", 5), ("Balance__c", "ten"), ("Balance__c", True), ("On_Hold__c", None), ("As_Of__c", "2026-01-01")],
)
def test_json_types(api: Api, name, value):
    rows = [{"attributes": {"type": "AR_Invoice__c"}, **invoice("k1"), name: value}]
    answer = api.patch("composite/sobjects/AR_Invoice__c/Key__c", {"records": rows})
    assert answer.json()[0]["errorCode"] == "JSON_PARSER_ERROR"


def test_values_come_back_as_they_are_kept(api: Api, account: str):
    values = {
        "Name": "  padded  ",
        "Number__c": "",
        "Balance__c": "12.345",
        "Amount__c": 1234567890123.99,
        "As_Of__c": "2026-01-31T13:00:00+01:00",
        "Due_On__c": "2026-01-31",
        "Account__c": account[:15],
    }
    (result,) = api.upsert("AR_Invoice__c", [invoice("K1", **values)])
    row = api.get(f"sobjects/AR_Invoice__c/{result['id']}").json()
    assert row["Name"] == "padded"
    assert row["Number__c"] is None
    assert row["Balance__c"] == 12.35  # half up, on the field's scale
    assert row["Amount__c"] == 1234567890123.99
    assert row["As_Of__c"] == "2026-01-31T12:00:00.000+0000"
    assert row["Due_On__c"] == "2026-01-31"
    assert row["Account__c"] == account
    assert row["On_Hold__c"] is False


def test_defaults_and_what_the_platform_writes(admin: Api, api: Api, account: str):
    task = api.create("Task", Subject="Call", WhatId=account, ActivityDate="2026-02-01")
    row = api.get(f"sobjects/Task/{task}").json()
    assert (row["Status"], row["Priority"], row["IsClosed"], row["AccountId"]) == (
        "Not Started",
        "Normal",
        False,
        account,
    )
    assert api.patch(f"sobjects/Task/{task}", {"Status": "Completed"}).status_code == 204
    row = api.get(f"sobjects/Task/{task}", params={"fields": "IsClosed,CompletedDateTime"}).json()
    assert row["IsClosed"] is True
    assert row["CompletedDateTime"] is not None
    contact = admin.create("Contact", FirstName="Lucille", LastName="Bluth", Email="Lucille@Example.com")
    assert admin.get(f"sobjects/Contact/{contact}").json()["Name"] == "Lucille Bluth"
    assert admin.get(f"sobjects/Contact/{contact}").json()["Email"] == "lucille@example.com"
    dispute = admin.create("AR_Dispute__c")
    assert admin.get(f"sobjects/AR_Dispute__c/{dispute}").json()["Name"] == "D-00001"


def test_validation_rule(api: Api):
    (made,) = api.upsert("AR_Invoice__c", [invoice("k1")])
    answer = api.patch(f"sobjects/AR_Invoice__c/{made['id']}", {"Key__c": "k2"})
    assert answer.json()[0] == {
        "message": "The key identifies this invoice in Dueline and cannot be changed.",
        "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "fields": ["Key__c"],
    }


def test_parent_by_external_id(admin: Api):
    made = admin.create("AR_Invoice__c", Key__c="k1")
    commitment = admin.create("AR_Commitment__c", Invoice__r={"Key__c": "k1"}, Amount__c=5, Promised_On__c="2026-03-01")
    assert admin.get(f"sobjects/AR_Commitment__c/{commitment}").json()["Invoice__c"] == made
    answer = admin.post("sobjects/AR_Commitment__c", {"Invoice__r": {"Key__c": "0116"}, "Amount__c": 5})
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD"
    message = "Foreign key external ID: 0116 not found for field Key__c in entity AR_Invoice__c"
    assert answer.json()[0]["message"] == message


def test_names_in_any_case(api: Api):
    body = {"records": [{"attributes": {"type": "ar_invoice__C"}, "KEY__c": "k1", "balance__C": 3}]}
    (result,) = api.patch("composite/sobjects/ar_invoice__c/key__C", body).json()
    assert api.get(f"sobjects/Ar_Invoice__c/{result['id']}").json()["Balance__c"] == 3


def test_a_currency_can_be_activated_later(admin: Api, api: Api):
    assert refusal(api, invoice("k1", CurrencyIsoCode="CHF"))["fields"] == ["CurrencyIsoCode"]
    admin.create("CurrencyType", IsoCode="CHF", ConversionRate=0.88, DecimalPlaces=2, IsActive=True)
    (result,) = api.upsert("AR_Invoice__c", [invoice("k1", CurrencyIsoCode="CHF")])
    assert result["success"]


def test_what_the_integration_user_may_not(api: Api, admin: Api, account: str):
    assert api.get(f"sobjects/Account/{account}").json()["Name"] == "Acme"
    made = api.post("sobjects/Account", {"Name": "Beta"})
    assert (made.status_code, made.json()[0]["errorCode"]) == (403, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")
    changed = api.patch(f"sobjects/Account/{account}", {"Phone": "1"})
    assert changed.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert api.patch(f"sobjects/Account/{account}", {"AR_Outstanding__c": 5}).status_code == 204
    gone = api.delete(f"sobjects/Account/{account}")
    assert (gone.status_code, gone.json()[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert admin.get(f"sobjects/Account/{account}").json()["AR_Outstanding__c"] == 5


def test_people_write_what_their_permission_set_gives(ann: Api, api: Api, account: str):
    (made,) = api.upsert("AR_Invoice__c", [invoice("k1", Account__c=account)])
    me = ann.get("/services/oauth2/userinfo").json()["user_id"]
    assert ann.patch(f"sobjects/AR_Invoice__c/{made['id']}", {"Assigned_To__c": me}).status_code == 204
    answer = ann.patch(f"sobjects/AR_Invoice__c/{made['id']}", {"Balance__c": 0})
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    row = ann.get(f"sobjects/AR_Invoice__c/{made['id']}").json()
    assert row["LastModifiedById"] == me
    assert row["CreatedById"] != me


def test_people_are_users(admin: Api):
    rows = admin.query("SELECT Name, UserRole.Name, IsActive FROM User ORDER BY Name")
    assert [(row["Name"], (row["UserRole"] or {}).get("Name")) for row in rows] == [
        ("Ann Lee", "Account Executive"),
        ("Dueline Integration", None),
        ("Finn Olsen", "Finance"),
        ("System Administrator", None),
    ]


def test_delete_sets_lookups_to_null_and_undelete_brings_back(admin: Api, api: Api, account: str):
    (made,) = api.upsert("AR_Invoice__c", [invoice("k1", Account__c=account)])
    contact = admin.create("Contact", LastName="Bluth", AccountId=account)
    assert admin.delete(f"sobjects/Account/{account}").status_code == 204
    assert api.get(f"sobjects/AR_Invoice__c/{made['id']}").json()["Account__c"] is None
    assert admin.query("SELECT Id FROM Contact") == []
    (row,) = admin.query("SELECT Id, IsDeleted FROM Account WHERE IsDeleted = true", "queryAll")
    assert row["Id"] == account
    assert admin.post("/_control/undelete", {"ids": [account]}).json() == {"ids": [account]}
    assert [row["Id"] for row in admin.query("SELECT Id FROM Contact")] == [contact]


def test_restricted_delete(admin: Api, account: str):
    admin.create("Case", AccountId=account, Subject="Invoice is wrong")
    answer = admin.delete(f"sobjects/Account/{account}")
    assert answer.json()[0]["errorCode"] == "DELETE_FAILED"
    assert answer.json()[0]["message"] == (
        "Your attempt to delete Acme could not be completed because it is associated with the following cases.: "
        "00000001"
    )


def test_merged_accounts(admin: Api, api: Api, account: str):
    other = admin.create("Account", Name="Acme Inc")
    (made,) = api.upsert("AR_Invoice__c", [invoice("k1", Account__c=other)])
    admin.post("/_control/merge", {"master": account, "merged": [other]}).raise_for_status()
    assert api.get(f"sobjects/AR_Invoice__c/{made['id']}").json()["Account__c"] == account
    (row,) = admin.query(f"SELECT MasterRecordId FROM Account WHERE Id = '{other}'", "queryAll")
    assert row["MasterRecordId"] == account


def test_formulas_follow_the_org_clock(api: Api, admin: Api):
    (made,) = api.upsert("AR_Invoice__c", [invoice("k1", Due_On__c="2026-03-01")])
    seen = []
    for today in ("2026-03-01", "2026-03-02", "2026-04-15", "2026-06-30"):
        admin.post("/_control/clock", {"today": today}).raise_for_status()
        row = api.get(f"sobjects/AR_Invoice__c/{made['id']}", params={"fields": "Bucket__c,Days_Past_Due__c"}).json()
        seen.append((row["Bucket__c"], row["Days_Past_Due__c"]))
    assert seen == [("Not due", 0), ("1-30", 1), ("31-60", 45), ("Over 90", 121)]
