"""A formula through a lookup, as sales sees it: an opportunity warns of what its account owes."""

import pytest

from .conftest import Api

ACCOUNT = {"AR_Overdue__c": True, "AR_Status__c": "Overdue 31-60", "AR_Final_Notice_On__c": "2026-03-01"}


@pytest.fixture
def opportunity(admin: Api, api: Api) -> str:
    """Open, on an account that is overdue; another one on an account that owes nothing."""
    owing, clear = admin.create("Account", Name="Owing"), admin.create("Account", Name="Clear")
    sale = {"StageName": "Prospecting", "CloseDate": "2026-12-31"}
    admin.create("Opportunity", Name="On a clear account", AccountId=clear, **sale)
    answer = api.patch(f"sobjects/Account/{owing}", ACCOUNT)
    assert answer.status_code == 204, answer.text
    return admin.create("Opportunity", Name="On an overdue account", AccountId=owing, **sale)


def test_an_opportunity_shows_what_its_account_owes(opportunity: str, admin: Api, api: Api):
    read = f"SELECT AR_Warning__c FROM Opportunity WHERE Id = '{opportunity}'"
    assert [row["AR_Warning__c"] for row in admin.query(read)] == ["Overdue 31-60 · Final notice"]

    account = admin.query(f"SELECT AccountId FROM Opportunity WHERE Id = '{opportunity}'")[0]["AccountId"]
    api.patch(f"sobjects/Account/{account}", {"AR_Overdue__c": False, "AR_Final_Notice_On__c": None})
    assert [row["AR_Warning__c"] for row in admin.query(read)] == [None]


def test_the_list_of_opportunities_filters_by_the_warning(opportunity: str, admin: Api):
    rows = admin.query("SELECT Id FROM Opportunity WHERE IsClosed = false AND AR_Warning__c LIKE '%Overdue%'")
    assert [row["Id"] for row in rows] == [opportunity]


def test_the_warning_is_for_reading_only(opportunity: str, admin: Api):
    answer = admin.patch(f"sobjects/Opportunity/{opportunity}", {"AR_Warning__c": "All is well"})
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
