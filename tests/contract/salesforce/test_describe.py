from decimal import Decimal

import pytest

from connector.errors import MisconfiguredError, RejectedError
from connector.salesforce.describe import Currency, Exposure, missing
from tests.contract.salesforce.fake_org import KEY, described, described_field, ok, refuse, sent

INVOICE = described(
    "AR_Invoice__c",
    [
        KEY,
        described_field("Balance__c", type="currency", precision=18, scale=2),
        described_field("Bucket__c", createable=False, updateable=False),
        described_field("Account__c", type="reference", relationshipName="Account__r", updateable=False),
        described_field("Is_Open__c", type="boolean", nillable=False, defaultedOnCreate=True),
    ],
)


def test_what_we_may_do_with_an_object(org, exposure):
    org.objects["AR_Invoice__c"] = INVOICE
    facts = exposure.require("AR_Invoice__c")
    assert facts.field("balance__C").scale == 2
    assert facts.field("Account__r").name == "Account__c"
    assert facts.field("Hidden__c") is None
    assert facts.required == {"Key__c"}
    assert (facts.field("Key__c").unique, facts.field("Key__c").external_id) == (True, True)
    names = ["Balance__c", "Bucket__c", "Account__c", "Hidden__c"]
    assert missing(facts, names, "create") == ("Bucket__c", "Hidden__c")
    assert missing(facts, names, "update") == ("Bucket__c", "Account__c", "Hidden__c")
    assert missing(facts, names, "upsert") == ("Bucket__c", "Account__c", "Hidden__c")


def test_a_description_is_asked_for_once(org, exposure):
    org.objects["AR_Invoice__c"] = INVOICE
    assert exposure.of("AR_Invoice__c") is exposure.of("ar_invoice__c")
    assert org.paths() == ["POST composite/batch"]


def test_an_object_that_is_not_there_says_what_to_do_and_is_remembered(org, exposure):
    assert exposure.of("AR_Summary__c") is None
    with pytest.raises(MisconfiguredError, match="assign the permission set Dueline_Integration"):
        exposure.require("AR_Summary__c")
    assert len(org.asked) == 1


def test_what_was_contradicted_is_asked_for_again(org, exposure):
    org.objects["AR_Invoice__c"] = INVOICE
    exposure.require("AR_Invoice__c")
    del org.objects["AR_Invoice__c"]
    exposure.forget("AR_Invoice__c")
    assert exposure.of("AR_Invoice__c") is None


def test_what_has_aged_is_fetched_again_in_one_call(org, session, monkeypatch):
    for name in ("AR_Invoice__c", "AR_Summary__c", "Account"):
        org.objects[name] = {**INVOICE, "name": name}
    exposure = Exposure(session, max_age=300)
    now = [0.0]
    monkeypatch.setattr("connector.salesforce.describe.time.monotonic", lambda: now[0])
    for name in org.objects:
        exposure.require(name)
    now[0] = 301
    for name in org.objects:
        exposure.require(name)
    assert [len(sent(each)["batchRequests"]) for each in org.asked] == [1, 1, 1, 3]


def test_other_refusals_are_not_taken_for_absence(org, exposure):
    answer = ok({"results": [{"statusCode": 400, "result": [{"errorCode": "SOMETHING", "message": "odd"}]}]})
    org.batch = lambda _request: answer
    with pytest.raises(RejectedError, match="SOMETHING"):
        exposure.of("AR_Invoice__c")


def test_currencies_of_a_multi_currency_org(org, exposure):
    row = {"IsoCode": "EUR", "ConversionRate": 0.92, "DecimalPlaces": 2, "IsActive": True, "IsCorporate": False}
    org.on("GET", "query/", ok({"totalSize": 1, "done": True, "records": [row]}))
    assert exposure.org_currencies() == (Currency("EUR", Decimal("0.92"), 2, active=True, corporate=False),)
    exposure.org_currencies()
    assert len(org.asked) == 1


def test_a_single_currency_org_has_none(org, exposure):
    org.on("GET", "query/", refuse("INVALID_TYPE", "sObject type 'CurrencyType' is not supported."))
    assert exposure.org_currencies() == ()


def test_which_org_this_is(org, exposure):
    row = {
        "Id": "00D000000000001EAA",
        "Name": "Acme",
        "IsSandbox": True,
        "InstanceName": "EU1",
        "OrganizationType": "Enterprise Edition",
    }
    org.on("GET", "query/", ok({"totalSize": 1, "done": True, "records": [row]}))
    organization = exposure.organization()
    assert (organization.id, organization.sandbox, organization.instance) == ("00D000000000001EAA", True, "EU1")
