import pytest

from connector.salesforce.doctor import ObjectNeeds, examine
from connector.salesforce.errors import MANAGE_CURRENCIES
from tests.contract.salesforce.fake_org import KEY, TOKEN_URL, described, described_field, ok, refuse

AMOUNT = described_field("Balance__c", type="currency", precision=18, scale=2)
NEEDS = {
    "AR_Invoice__c": ObjectNeeds(
        writes=frozenset({"Balance__c", "Key__c"}),
        reads=frozenset({"Assigned_To__c"}),
        key="Key__c",
        amounts=frozenset({"Balance__c"}),
    ),
    "Account": ObjectNeeds(writes=frozenset({"AR_Status__c"}), reads=frozenset({"OwnerId"}), creates=False),
}
ORGANIZATION = {
    "Id": "00D000000000001EAA",
    "Name": "Acme",
    "IsSandbox": False,
    "InstanceName": "EU1",
    "OrganizationType": "Enterprise Edition",
}
EUR = {"IsoCode": "EUR", "ConversionRate": 0.92, "DecimalPlaces": 2, "IsActive": True, "IsCorporate": True}
GBP = {"IsoCode": "GBP", "ConversionRate": 0.8, "DecimalPlaces": 2, "IsActive": False, "IsCorporate": False}
LIMITS = {
    "DailyApiRequests": {"Max": 15000, "Remaining": 14000},
    "DataStorageMB": {"Max": 5, "Remaining": 4},
}


@pytest.fixture
def healthy(org):
    org.objects["AR_Invoice__c"] = described("AR_Invoice__c", [KEY, AMOUNT, described_field("Assigned_To__c")])
    org.objects["Account"] = described(
        "Account", [described_field("AR_Status__c"), described_field("OwnerId", updateable=False)], createable=False
    )
    org.limits = ok(LIMITS)

    def query(request):
        rows = [ORGANIZATION] if "Organization" in request.url else [EUR, GBP]
        return ok({"done": True, "records": rows})

    org.on("GET", "query/", query)
    org.on("GET", "/services/data/", ok([{"version": "65.0"}, {"version": "66.0"}]))
    org.on("GET", "limits", lambda _request: org.limits)
    return org


def wrong(session, **options):
    return [(each.area, each.what, each.fix) for each in examine(session, NEEDS, **options) if not each.ok]


def test_a_healthy_org_has_nothing_wrong(healthy, session):
    findings = examine(session, NEEDS, currencies=["EUR"])
    assert [each for each in findings if not each.ok] == []
    assert {each.area for each in findings} == {
        "login", "version", "package", "fields", "key", "currency", "api", "storage",
    }  # fmt: skip
    assert all(not each.fix for each in findings)


def test_without_a_login_there_is_one_finding(org, session):
    org.mock.replace("POST", TOKEN_URL, status=400, json={"error": "invalid_client", "error_description": "no"})
    (finding,) = wrong(session)
    assert finding[0] == "login"
    assert "copy client id" in finding[2]


def test_an_object_that_is_not_deployed(healthy, session):
    del healthy.objects["AR_Invoice__c"]
    ((area, what, fix),) = wrong(session)
    assert (area, what) == ("package", "AR_Invoice__c does not exist for the integration user")
    assert "Dueline_Integration" in fix


def test_fields_that_are_hidden_or_locked(healthy, session):
    locked = described_field("Balance__c", createable=False, updateable=False)
    healthy.objects["AR_Invoice__c"] = described("AR_Invoice__c", [KEY, locked])
    assert [what for _area, what, _fix in wrong(session)] == [
        "AR_Invoice__c: not visible: Assigned_To__c",
        "AR_Invoice__c: not editable: Balance__c",
    ]


def test_an_object_that_we_may_only_read(healthy, session):
    healthy.objects["Account"]["updateable"] = False
    ((area, what, _fix),) = wrong(session)
    assert (area, what) == ("package", "Account cannot be written")


@pytest.mark.parametrize("fault", [{"unique": False}, {"externalId": False}, {"caseSensitive": False}])
def test_a_key_that_is_none(healthy, session, fault):
    fields = [{**KEY, **fault}, AMOUNT, described_field("Assigned_To__c")]
    healthy.objects["AR_Invoice__c"] = described("AR_Invoice__c", fields)
    ((area, what, _fix),) = wrong(session)
    assert (area, what) == ("key", "AR_Invoice__c.Key__c is not a unique, case-sensitive external id")


def test_fields_that_somebody_made_required(healthy, session):
    healthy.objects["AR_Invoice__c"]["fields"].append(described_field("Region__c", nillable=False))
    ((area, what, _fix),) = wrong(session)
    assert (area, what) == ("fields", "AR_Invoice__c: required, but not filled by Dueline: Region__c")


def test_a_three_digit_currency_asks_for_scale_three_and_an_inactive_one_for_activation(healthy, session):
    assert [(what, fix) for _area, what, fix in wrong(session, currencies=["KWD", "GBP", "EUR"])] == [
        ("AR_Invoice__c: fewer than 3 decimal places: Balance__c", "give these fields 3 decimal places"),
        ("not active: GBP, KWD", MANAGE_CURRENCIES.format(value="GBP, KWD")),
    ]


def test_an_api_version_that_is_not_offered(healthy, session):
    healthy.mock.replace(
        "GET", "https://acme.my.salesforce.com/services/data/", json=[{"version": "9.0"}, {"version": "65.0"}]
    )
    ((area, _what, fix),) = wrong(session)
    assert area == "version"
    assert fix.endswith("newest is 65.0")


def test_little_room_left(healthy, session):
    healthy.limits = ok(
        {
            "DailyApiRequests": {"Max": 15000, "Remaining": 100},
            "DataStorageMB": {"Max": 5, "Remaining": 0},
        }
    )
    assert [area for area, _what, _fix in wrong(session)] == ["api", "storage"]


def test_where_limits_are_not_shown_the_header_tells(healthy, session):
    healthy.limits = refuse("FUNCTIONALITY_NOT_ENABLED", "View Setup", 403)
    findings = examine(session, NEEDS)
    assert "18 of 15000" in next(each.what for each in findings if each.area == "api")
    storage = next(each for each in findings if each.area == "storage")
    assert (storage.ok, "View Setup" in storage.fix) == (True, True)


def test_what_cannot_be_looked_at_is_a_finding_too(healthy, session):
    healthy.mock.replace("GET", "https://acme.my.salesforce.com/services/data/", status=404)
    assert [area for area, _what, _fix in wrong(session)] == ["version"]


def test_paths_are_followed_and_an_optional_object_may_be_absent(healthy, session):
    reference = described_field("Owner__c", relationshipName="Owner", referenceTo=["Person__c"])
    healthy.objects["Thing__c"] = described("Thing__c", [reference], createable=False, updateable=False)
    healthy.objects["Person__c"] = described("Person__c", [described_field("Name")])
    reads = frozenset({"Owner.Name", "Owner.Shoe_Size__c", "CurrencyIsoCode"})
    needs = {
        "Thing__c": ObjectNeeds(reads=reads, creates=False),
        "Team__c": ObjectNeeds(reads=frozenset({"Name"}), creates=False, optional=True),
    }
    findings = examine(session, needs)
    assert [each.what for each in findings if not each.ok] == ["Thing__c: not visible: Owner.Shoe_Size__c"]
    assert "Team__c: this org does not use it" in [each.what for each in findings]
