"""Every code of Salesforce's error list, with the message it really sends, and the family it belongs to."""

import re
from pathlib import Path

import pytest
import simple_salesforce

from connector.errors import GoneError, MisconfiguredError, RejectedError, RetryableError
from connector.salesforce.errors import WAYS, refusal, refusals

CODES = [
    ("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name, Status__c]", RejectedError, "make Name, Status__c"),
    (
        "DUPLICATE_VALUE",
        "duplicate value found: Ext__c duplicates value on record with id: 0018M000003uKqq",
        RejectedError,
        "0018M000003uKqq",
    ),
    (
        "DUPLICATE_VALUE",
        "duplicate value found: Key__c duplicates value on record with id: a018M000003uKqq",
        RetryableError,
        "",
    ),
    ("DUPLICATE_VALUE", "duplicate value found: <unknown> duplicates <unknown>", RejectedError, "same unique value"),
    (
        "DUPLICATE_EXTERNAL_ID",
        "A user-specified external ID matches more than one record during an upsert.",
        RejectedError,
        "all but one",
    ),
    ("DUPLICATES_DETECTED", "Use one of these records?", RejectedError, "duplicate rule"),
    ("INVALID_FIELD", "No such column 'Foo__c' on sobject of type Bar__c", MisconfiguredError, "Foo__c is missing"),
    (
        "INVALID_FIELD",
        "Foreign key external ID: 0116 not found for field Ext__c in entity Invoice__c",
        RejectedError,
        "write the record 0116 first",
    ),
    ("INVALID_FIELD", "field 'X' can not be filtered in a query call", MisconfiguredError, "deploy the Dueline"),
    (
        "INVALID_TYPE",
        "\nselect count() from XYZZY\n  ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported.",
        MisconfiguredError,
        "XYZZY is missing",
    ),
    ("MALFORMED_QUERY", "unexpected token: 'FROM'", RejectedError, "developers"),
    ("INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc", RejectedError, "developers"),
    (
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "Unable to create/update fields: Name, Owner__c. Please check the security settings of this field",
        MisconfiguredError,
        "edit access to Name, Owner__c: assign the permission set Dueline_Integration",
    ),
    ("STRING_TOO_LONG", "Account Name: data value too large: x (max length=255)", RejectedError, "now 255 characters"),
    (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Job Category: bad value for restricted picklist field: X Y",
        RejectedError,
        "add X Y to the picklist",
    ),
    (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Currency ISO Code: bad value for restricted picklist field: VND",
        RejectedError,
        "add the currency VND under Setup › Company Information › Manage Currencies",  # noqa: RUF001
    ),
    ("NUMBER_OUTSIDE_VALID_RANGE", "Clicks: value outside of valid range on numeric field: 1", RejectedError, "digits"),
    ("INVALID_EMAIL_ADDRESS", "Email: invalid email address: foo", RejectedError, "e-mail"),
    ("INVALID_TYPE_ON_FIELD_IN_RECORD", "Label: value not of required type: x", RejectedError, "fitting type"),
    ("JSON_PARSER_ERROR", "Unexpected character ('}' (code 125))", RejectedError, "fitting type"),
    ("MALFORMED_ID", "Account ID: id value of incorrect type: 001900K0001pPuOAAU", RejectedError, "id"),
    ("FIELD_INTEGRITY_EXCEPTION", "Account ID: id value of incorrect type: 005", RejectedError, "correct"),
    ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", GoneError, "merged"),
    ("ENTITY_IS_DELETED", "entity is deleted", GoneError, "recycle bin"),
    ("NOT_FOUND", "The requested resource does not exist", GoneError, "no such record"),
    (
        "NOT_FOUND",
        "Provided external ID field does not exist or is not accessible: 23foo",
        MisconfiguredError,
        "deploy the Dueline package",
    ),
    ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Close date must be later", RejectedError, "validation rule"),
    (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "Trg: execution of BeforeInsert\n\ncaused by: System.NullPointerException",
        RejectedError,
        "automation",
    ),
    (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "Trg: execution of AfterUpdate\n\ncaused by: System.DmlException: UNABLE_TO_LOCK_ROW, unable to obtain",
        RetryableError,
        "",
    ),
    ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records: 001", RetryableError, ""),
    ("DELETE_FAILED", "Your attempt to delete X could not be completed", RejectedError, "depends"),
    ("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", RejectedError, "share the record"),
    (
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "insufficient access rights on cross-reference id: 0015e00000tW1f0",
        RejectedError,
        "share the account",
    ),
    ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", RetryableError, "24 hours"),
    (
        "REQUEST_LIMIT_EXCEEDED",
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        RetryableError,
        "",
    ),
    ("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", MisconfiguredError, "API Enabled"),
    ("INVALID_SESSION_ID", "Session expired or invalid", MisconfiguredError, "scope"),
    ("QUERY_TIMEOUT", "Your query request was running for too long.", RetryableError, ""),
    ("INVALID_QUERY_LOCATOR", "Invalid query locator", RetryableError, ""),
    ("METHOD_NOT_ALLOWED", "HTTP Method 'PATCH' not allowed. Allowed are HEAD,GET,POST", MisconfiguredError, "46.0"),
    ("UNSUPPORTED_MEDIA_TYPE", "", RejectedError, "developers"),
    ("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", MisconfiguredError, "storage"),
    ("INVALID_REPLICATION_DATE", "", RejectedError, "in full"),
    ("EXCEEDED_ID_LIMIT", "", RejectedError, "developers"),
    ("PROCESSING_HALTED", "The transaction was rolled back", RetryableError, ""),
    ("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back", RetryableError, ""),
    ("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId", RetryableError, ""),
    ("SERVER_UNAVAILABLE", "Server Unavailable", RetryableError, ""),
]


@pytest.mark.parametrize(("code", "message", "family", "fix"), CODES)
def test_every_known_refusal_has_its_meaning_and_its_way_out(code, message, family, fix):
    error = refusal(code, message, object_name="AR_Invoice__c")
    assert type(error) is family
    assert error.code == code
    assert fix in error.fix
    assert "{" not in error.fix


def test_a_daily_limit_says_when_to_come_back_and_a_concurrent_one_does_not():
    assert refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").retry_after == 60
    assert refusal("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.").retry_after is None


def test_an_unknown_code_is_shown_by_name():
    error = refusal("SOMETHING_NEW", "never seen")
    assert isinstance(error, RejectedError)
    assert error.code == "SOMETHING_NEW"
    assert "does not know this code" in error.fix


def test_a_currency_is_recognised_by_its_field_where_the_label_is_translated():
    error = refusal(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Waehrung: ungueltig", fields=["CurrencyIsoCode"], object_name="X"
    )
    assert "Manage Currencies" in error.fix


def test_what_does_not_pass_by_waiting_decides_and_all_messages_are_kept():
    error = refusals(
        [
            {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "locked", "fields": []},
            {"statusCode": "STRING_TOO_LONG", "message": "too long (max length=80)", "fields": ["Number__c"]},
        ]
    )
    assert isinstance(error, RejectedError)
    assert error.code == "STRING_TOO_LONG"
    assert error.fix == "lengthen Number__c (now 80 characters)"
    assert error.reason == "locked; too long (max length=80)"


@pytest.mark.parametrize("body", [None, [], {}, "text", [{"message": "no code"}], ["text"]])
def test_what_is_no_error_list_is_not_taken_for_one(body):
    assert refusals(body) is None


def test_long_messages_are_cut():
    assert len(refusal("JSON_PARSER_ERROR", "x" * 5000).reason) < 1000


def test_braces_in_a_message_do_no_harm():
    assert refusal("REQUIRED_FIELD_MISSING", "missing: [{0.__class__}]").fix.startswith("make {0.__class__} of")


def test_no_row_of_the_table_is_out_of_reach():
    open_ended: set[str] = set()
    for way in WAYS:
        assert way.code not in open_ended, f"a row before {way} already takes every {way.code}"
        if not way.pattern:
            open_ended.add(way.code)


def test_codes_are_spelt_as_salesforce_spells_them():
    wsdl = (Path(simple_salesforce.__file__).parent / "metadata.wsdl").read_text()
    known = set(re.findall(r'<xsd:enumeration value="([A-Z_]+)"/>', wsdl))
    rest_only = {  # codes of the REST API's own error list, which the metadata WSDL does not have
        *"REQUEST_LIMIT_EXCEEDED SERVER_UNAVAILABLE API_DISABLED_FOR_ORG API_CURRENTLY_DISABLED FORBIDDEN".split(),
        *"UNSUPPORTED_API_VERSION JSON_PARSER_ERROR MALFORMED_QUERY INVALID_QUERY_FILTER_OPERATOR".split(),
        *"UNSUPPORTED_MEDIA_TYPE EXCEEDED_ID_LIMIT INVALID_REPLICATION_DATE".split(),
        *"INVALIDJOB INVALIDJOBSTATE InvalidBatch".split(),
    }
    assert {way.code for way in WAYS} - rest_only - known == set()
