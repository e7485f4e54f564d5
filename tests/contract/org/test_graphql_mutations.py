"""`executeMutation`: several records that stand or fall together, and what is said of those that fail."""

import pytest

from connector.local.org.graphql.mutations import MOST_OPERATIONS

from .conftest import Api, invoice
from .graphql_api import ask, data, listed, refused

DISPUTES = """
mutation disputes($first: AR_Dispute__cCreateInput!, $second: AR_Dispute__cCreateInput!, $all: Boolean) {
  uiapi(input: { allOrNone: $all }) {
    first: AR_Dispute__cCreate(input: $first) { Record { Id Reason__c { value } Disputed_Amount__c { value } } }
    second: AR_Dispute__cCreate(input: $second) { Record { Id } }
  }
}
"""


@pytest.fixture
def bill(api, account):
    """One invoice of the account."""
    return api.upsert("AR_Invoice__c", [invoice("k1", Account__c=account)])[0]["id"]


def dispute(bill: str, account: str, **values: object) -> dict[str, object]:
    fields = {"Invoice__c": bill, "Account__c": account, "Category__c": "Pricing", "Reason__c": "Wrong price"}
    return {"AR_Dispute__c": {**fields, **values}}


def test_create_update_delete(ann, account):
    made = data(
        ann,
        """mutation { uiapi(input: { allOrNone: true }) { AR_Commitment__cCreate(input: {
        AR_Commitment__c: { Amount__c: 20000.50, Promised_On__c: "2030-01-31", CurrencyIsoCode: "USD" } }) {
        Record { Id Amount__c { value } Promised_On__c { value } OwnerId { value } } } } }""",
    )
    record = made["AR_Commitment__cCreate"]["Record"]
    assert record["Amount__c"] == {"value": 20000.5}
    assert record["Promised_On__c"] == {"value": "2030-01-31"}
    changed = data(
        ann,
        """mutation change($input: AR_Commitment__cUpdateInput!) { uiapi {
            AR_Commitment__cUpdate(input: $input) { success Record { Note__c { value } Amount__c { value } } } } }""",
        {"input": {"Id": record["Id"], "AR_Commitment__c": {"Note__c": "by phone", "Amount__c": 30000}}},
    )
    done = changed["AR_Commitment__cUpdate"]
    assert done == {"success": True, "Record": {"Note__c": {"value": "by phone"}, "Amount__c": {"value": 30000}}}
    gone = "mutation d($input: RecordDeleteInput!) { uiapi { AccountDelete(input: $input) { Id } } }"
    assert data(ann, gone, {"input": {"Id": ann.create("Account", Name="Gone")}})["AccountDelete"]["Id"]
    assert [node["Id"] for node in listed(ann, 'Account(where: { Name: { eq: "Gone" } })')] == []
    assert account


def test_one_bad_record_undoes_all(ann, account, bill):
    variables = {"first": dispute(bill, account), "second": dispute(bill, account, Category__c="Nonsense")}
    answer = ask(ann, DISPUTES, variables)
    assert answer["data"] == {"uiapi": {"first": None, "second": None}}
    first, second = answer["errors"]
    assert first == {
        "message": "The transaction was rolled back since another operation in the same transaction failed.",
        "locations": [{"line": 4, "column": 5}],
        "paths": ["uiapi", "first"],
        "extensions": {"ErrorType": "DataFetchingException", "errorCode": "PROCESSING_HALTED", "fields": []},
    }
    assert second["paths"] == ["uiapi", "second"]
    assert second["message"].endswith("bad value for restricted picklist field: Nonsense")
    assert second["extensions"] == {
        "ErrorType": "DataFetchingException",
        "errorCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "fields": ["Category__c"],
    }
    assert listed(ann, "AR_Dispute__c") == []


def test_each_for_itself(ann, account, bill):
    variables = {
        "first": dispute(bill, account),
        "second": dispute(bill, account, Category__c="Nonsense"),
        "all": False,
    }
    answer = ask(ann, DISPUTES, variables)
    assert answer["data"]["uiapi"]["first"]["Record"]["Reason__c"] == {"value": "Wrong price"}
    assert answer["data"]["uiapi"]["second"] is None
    assert [error["paths"] for error in answer["errors"]] == [["uiapi", "second"]]
    assert len(listed(ann, "AR_Dispute__c")) == 1


def test_taking_the_follow_up(api, ann, account):
    """Many updates of two objects in one mutation, each under its own alias."""
    keys = [f"k{number}" for number in range(30)]
    ids = [one["id"] for one in api.upsert("AR_Invoice__c", [invoice(key, Account__c=account) for key in keys])]
    task = ann.create("Task", Subject="Chase", WhatId=account)
    me = data(ann, "{ uiapi { currentUser { Id } } }")["currentUser"]["Id"]
    variables = {f"i{number}": {"Id": one, "AR_Invoice__c": {"Assigned_To__c": me}} for number, one in enumerate(ids)}
    parameters = ", ".join(f"${name}: AR_Invoice__cUpdateInput!" for name in variables)
    operations = " ".join(f"{name}: AR_Invoice__cUpdate(input: ${name}) {{ success }}" for name in variables)
    text = f"""mutation take({parameters}, $task: TaskUpdateInput!) {{ uiapi(input: {{ allOrNone: true }}) {{
        {operations} task: TaskUpdate(input: $task) {{ Record {{ Status {{ value }} }} }} }} }}"""
    variables["task"] = {"Id": task, "Task": {"OwnerId": me, "Status": "In Progress"}}
    done = data(ann, text, variables)
    assert done["i29"] == {"success": True}
    assert done["task"] == {"Record": {"Status": {"value": "In Progress"}}}
    mine = f'AR_Invoice__c(first: 100, where: {{ Assigned_To__c: {{ eq: "{me}" }} }})'
    assert len(listed(ann, mine)) == 30


def test_what_is_not_ones_own_to_write_is_not_in_the_input(ann, bill):
    given = f'Id: "{bill}", AR_Invoice__c: {{ %s }}'
    change = f"mutation {{ uiapi {{ AR_Invoice__cUpdate(input: {{ {given} }}) {{ success }} }} }}"
    assert data(ann, change % "Assigned_To__c: null") == {"AR_Invoice__cUpdate": {"success": True}}
    (error,) = refused(ann, change % "Balance__c: 0")
    assert error["message"].startswith("Validation error of type WrongType: ")
    assert "'Balance__c' is not defined by type 'AR_Invoice__cUpdateRepresentation'" in error["message"]
    (error,) = refused(ann, f'mutation {{ uiapi {{ AR_InvoiceCreate(input: {{ Id: "{bill}" }}) {{ success }} }} }}')
    assert "Field 'AR_InvoiceCreate' in type 'UIAPIMutations' is undefined" in error["message"]


def test_required_fields_and_rules_are_said_with_their_fields(ann):
    (error,) = refused(
        ann, "mutation { uiapi { OpportunityCreate(input: { Opportunity: { Amount: 5 } }) { Record { Id } } } }"
    )
    assert error["message"] == "Required fields are missing: [Name, StageName, CloseDate]"
    assert error["extensions"]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert error["extensions"]["fields"] == ["Name", "StageName", "CloseDate"]
    (error,) = refused(ann, 'mutation { uiapi { AccountDelete(input: { Id: "001000000000000AAA" }) { Id } } }')
    assert error["message"] == "invalid cross reference id"


def test_later_operations_refer_to_earlier_ones(admin):
    chained = """mutation {{ uiapi(input: {{ allOrNone: {} }}) {{
        parent: AccountCreate(input: {{ Account: {{ {} }} }}) {{ Record {{ Id }} }}
        ContactCreate(input: {{ Contact: {{ LastName: "Moe", AccountId: "@{{{}}}" }} }}) {{
            Record {{ Id AccountId {{ value }} }} }} }} }}"""
    done = data(admin, chained.format("true", 'Name: "Acme"', "parent"))
    assert done["ContactCreate"]["Record"]["AccountId"]["value"] == done["parent"]["Record"]["Id"]
    (error,) = refused(admin, chained.format("false", 'Name: "Other"', "nobody"))
    assert "nobody is no earlier operation" in error["message"]
    first, second = refused(admin, chained.format("false", "Site: null", "parent"))
    assert first["extensions"]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert "parent did not succeed" in second["message"]


def test_results_have_fields_only(admin, account):
    text = """mutation m($input: ContactCreateInput!) { uiapi { ContactCreate(input: $input) {
        Record { Id Account { Name { value } } } } } }"""
    answer = ask(admin, text, {"input": {"Contact": {"LastName": "Moe", "AccountId": account}}})
    assert answer["data"]["uiapi"]["ContactCreate"]["Record"]["Id"]
    (error,) = answer["errors"]
    assert error["message"] == "Account is not currently available in mutation results"
    assert len(listed(admin, "Contact")) == 1  # it was carried out all the same


def test_no_more_than_75_operations(admin):
    operations = " ".join(
        f'a{number}: AccountCreate(input: {{ Account: {{ Name: "A" }} }}) {{ Record {{ Id }} }}'
        for number in range(MOST_OPERATIONS + 1)
    )
    answer = ask(admin, f"mutation {{ uiapi {{ {operations} }} }}")
    assert answer["data"] == {}
    assert answer["errors"][0]["message"] == "Limit of 75 reached for number of graphs in Graph Api"
    assert listed(admin, "Account") == []


def test_faults_strike_here_too(admin, ann: Api, account):
    admin.post("/_control/faults", {"kind": "lock_row", "object": "Account"})
    given = f'Id: "{account}", Account: {{ Site: "x" }}'
    change = f"mutation {{ uiapi {{ AccountUpdate(input: {{ {given} }}) {{ success }} }} }}"
    assert refused(ann, change)[0]["extensions"]["errorCode"] == "UNABLE_TO_LOCK_ROW"
    assert data(ann, change) == {"AccountUpdate": {"success": True}}
