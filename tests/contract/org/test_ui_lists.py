"""`/ui-api/object-info`, picklist values and related lists."""

from collections.abc import Iterator

import pytest

from connector.local.org.server import LocalOrg

from .browsers import Browser, browsing, saved
from .conftest import METADATA, Api, invoice

MASTER = "012000000000000AAA"
# what a recorded info of an account says of these fields
RECORDED = {
    "AnnualRevenue": ("Currency", 0, 18, 0, False, True),
    "Description": ("TextArea", 32_000, 0, 0, False, True),
    "Id": ("String", 18, 0, 0, True, False),
    "IsDeleted": ("Boolean", 0, 0, 0, True, False),
    "CreatedDate": ("DateTime", 0, 0, 0, True, False),
    "NumberOfEmployees": ("Int", 0, 0, 0, False, True),
    "OwnerId": ("Reference", 18, 0, 0, True, True),
    "Website": ("Url", 255, 0, 0, False, True),
}


@pytest.fixture
def ann(org: LocalOrg) -> Iterator[Browser]:
    with browsing(org, "ann.lee") as browser:
        yield browser


def test_an_object_is_described_as_a_recorded_one(ann: Browser):
    info = saved(ann.get("ui-api/object-info/Account"))
    assert set(info) == {
        *("apiName", "childRelationships", "createable", "custom", "defaultRecordTypeId", "deletable", "eTag"),
        *("dependentFields", "feedEnabled", "fields", "keyPrefix", "label", "labelPlural", "layoutable", "mruEnabled"),
        *("nameFields", "queryable", "recordTypeInfos", "searchable", "themeInfo", "updateable"),
    }
    assert (info["keyPrefix"], info["nameFields"], info["defaultRecordTypeId"]) == ("001", ["Name"], MASTER)
    assert set(info["fields"]["Name"]) == {
        *("apiName", "calculated", "compound", "compoundComponentName", "compoundFieldName", "controllerName"),
        *("controllingFields", "createable", "custom", "dataType", "extraTypeInfo", "filterable", "filteredLookupInfo"),
        *(
            "highScaleNumber",
            "htmlFormatted",
            "inlineHelpText",
            "label",
            "length",
            "nameField",
            "polymorphicForeignKey",
        ),
        *("precision", "reference", "referenceTargetField", "referenceToInfos", "relationshipName", "required"),
        *("scale", "searchPrefilterable", "sortable", "unique", "updateable"),
    }
    keys = ("dataType", "length", "precision", "scale", "required", "updateable")
    assert {name: tuple(info["fields"][name][key] for key in keys) for name in RECORDED} == RECORDED
    people = [{"apiName": "User", "nameFields": ["FirstName", "LastName", "Name"]}]
    assert info["fields"]["OwnerId"]["referenceToInfos"] == people
    children = {child["relationshipName"]: child["childObjectApiName"] for child in info["childRelationships"]}
    assert children["AR_Invoices__r"] == "AR_Invoice__c"


def test_an_object_of_ours_says_what_each_may_do(ann: Browser):
    info = saved(ann.get("ui-api/object-info/AR_Commitment__c"))
    assert (info["createable"], info["custom"]) == (True, True)
    fields = info["fields"]
    assert (fields["Amount__c"]["updateable"], fields["Status__c"]["updateable"]) == (True, False)
    assert fields["Amount__c"]["inlineHelpText"]
    assert fields["Account__c"]["relationshipName"] == "Account__r"


def test_an_icon_is_that_of_the_tab(ann: Browser):
    tab = (METADATA / "force-app/main/default/tabs/AR_Invoice__c.tab-meta.xml").read_text()
    icon = saved(ann.get("ui-api/object-info/AR_Invoice__c"))["themeInfo"]["iconUrl"]
    number = tab.partition("<motif>Custom")[2].partition(":")[0]
    assert icon.endswith(f"/custom/custom{number}_120.png")


def test_several_objects_at_once(ann: Browser):
    results = saved(ann.get("ui-api/object-info/batch/Account,Nope__c"))["results"]
    assert [one["statusCode"] for one in results] == [200, 404]
    assert results[0]["result"]["apiName"] == "Account"


def test_the_values_of_a_picklist(ann: Browser):
    path = f"ui-api/object-info/AR_Dispute__c/picklist-values/{MASTER}"
    one = saved(ann.get(f"{path}/Category__c"))
    assert set(one) == {"controllerValues", "defaultValue", "eTag", "url", "values"}
    first = {"attributes": None, "label": "Pricing", "validFor": [], "value": "Pricing"}
    assert one["values"][0] == first
    assert one["url"].endswith(f"{path}/Category__c")
    every = saved(ann.get(path))["picklistFieldValues"]
    assert every["Category__c"] == one
    assert every["Status__c"]["defaultValue"]["value"] == "New"


def test_the_values_of_the_currency_are_those_in_force(ann: Browser):
    values = saved(ann.get(f"ui-api/object-info/AR_Commitment__c/picklist-values/{MASTER}/CurrencyIsoCode"))["values"]
    assert {value["value"] for value in values} == {"USD", "EUR", "GBP", "JPY", "VND", "KWD"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("object-info/AR_Dispute__c/picklist-values/012000000000001AAA/Category__c", 404, "NOT_FOUND"),
        (f"object-info/AR_Dispute__c/picklist-values/{MASTER}/Reason__c", 400, "INVALID_FIELD"),
        (f"object-info/Task/picklist-values/{MASTER}/Status", 400, "INVALID_TYPE"),
        ("object-info/Profile", 400, "INVALID_TYPE"),
    ],
)
def test_refused_infos(ann: Browser, path: str, status: int, code: str):
    answer = ann.get(f"ui-api/{path}")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


@pytest.fixture
def invoices(api: Api, account: str) -> list[str]:
    rows = [invoice(f"in_{n}", Account__c=account, Due_On__c=f"2026-03-{n:02d}") for n in range(1, 8)]
    return [one["id"] for one in api.upsert("AR_Invoice__c", rows)]


def path_of(account: str) -> str:
    return f"ui-api/related-list-records/{account}/AR_Invoices__r"


def test_a_related_list_comes_sorted_and_in_pages(ann: Browser, account: str, invoices: list[str]):
    body = {"fields": ["AR_Invoice__c.Name"], "sortBy": ["-AR_Invoice__c.Due_On__c"], "pageSize": 3}
    names, sizes, token = [], [], "0"
    while token is not None:
        page = saved(ann.post(path_of(account), {**body, "pageToken": token}))
        names += [record["fields"]["Name"]["value"] for record in page["records"]]
        sizes.append(page["count"])
        token = page["nextPageToken"]
    assert names == [f"in_{n}" for n in range(7, 0, -1)]
    assert sizes == [3, 3, 1]
    assert page["listReference"]["relatedListId"] == "AR_Invoices__r"
    assert (page["pageSize"], page["previousPageToken"], page["sortBy"]) == (3, "3", body["sortBy"])


def test_a_related_list_can_be_asked_for_by_address(ann: Browser, account: str, invoices: list[str]):
    parameters = {"fields": "AR_Invoice__c.Name,Status__c", "optionalFields": "AR_Invoice__c.Nope__c", "pageSize": "2"}
    page = saved(ann.get(path_of(account), params=parameters))
    assert [set(record["fields"]) for record in page["records"]] == [{"Name", "Status__c"}] * 2
    following = saved(ann.get(page["nextPageUrl"]))
    assert following["records"][0]["id"] == invoices[2]


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"where": '{Status__c: {eq: "Open"}}'}, 501, "NOT_IMPLEMENTED_LOCALLY"),
        ({"pageSize": "2000"}, 400, "ILLEGAL_QUERY_PARAMETER_VALUE"),
        ({"pageSize": "many"}, 400, "ILLEGAL_QUERY_PARAMETER_VALUE"),
        ({"pageToken": "x"}, 400, "ILLEGAL_QUERY_PARAMETER_VALUE"),
        ({"sortBy": "Name,Due_On__c"}, 400, "ILLEGAL_QUERY_PARAMETER_VALUE"),
        ({"sortBy": "Name LIMIT 1"}, 400, "ILLEGAL_QUERY_PARAMETER_VALUE"),
        ({"sortBy": "Nope__c"}, 400, "INVALID_FIELD"),
        ({"fields": "Nope__c"}, 400, "INVALID_FIELD"),
    ],
)
def test_refused_lists(ann: Browser, account: str, parameters: dict[str, str], status: int, code: str):
    answer = ann.get(path_of(account), params=parameters)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


def test_a_list_that_the_object_does_not_have(ann: Browser, account: str):
    assert ann.get(f"ui-api/related-list-records/{account}/Nopes__r").status_code == 404
