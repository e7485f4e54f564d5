"""What a poll needs of the org: stamps that can be trusted, names that can be read, and every kind of change."""

from datetime import UTC, datetime
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest

from .conftest import Api, V, invoice
from .test_control import fault


def poll(api: Api, *queries: str) -> list[list[dict[str, Any]]]:
    """The rows of each query, deleted ones included, in one API call."""
    requests_ = [{"method": "GET", "url": f"{V}/queryAll?q={quote(query)}"} for query in queries]
    answer = api.post("composite/batch", {"batchRequests": requests_}).json()
    assert answer["hasErrors"] is False, answer
    return [result["result"]["records"] for result in answer["results"]]


def stamps(api: Api, record_id: str, sobject: str = "AR_Invoice__c") -> dict[str, Any]:
    fields = "IsDeleted, SystemModstamp, LastModifiedDate, LastModifiedById"
    (row,) = api.query(f"SELECT {fields} FROM {sobject} WHERE Id = '{record_id}'", "queryAll")
    return row


def user(api: Api, name: str) -> str:
    return api.query(f"SELECT Id FROM User WHERE Name = '{name}'")[0]["Id"]


@pytest.fixture
def an_hour_ago(org) -> Any:
    """Puts rows back in time, so that what touches them shows."""
    store = org.org.store

    def age(*ids: str) -> None:
        old = datetime(2026, 1, 1, tzinfo=UTC)
        with store.transaction():
            for record_id in ids:
                row = {**store.find(record_id), "SystemModstamp": old, "LastModifiedDate": old}
                store.put(store.table_of(record_id), record_id, row)

    return age


OLD = "2026-01-01T00:00:00.000+0000"


def test_one_call_reads_everything_with_names(api: Api, ann: Api, admin: Api, account: str):
    (made,) = api.upsert("AR_Invoice__c", [invoice("k1", Account__c=account, Number__c="INV-1")])
    task = ann.create("Task", Subject="Call", WhatId=made["id"])
    ann.create("AR_Commitment__c", Account__c=account, Invoice__c=made["id"], Amount__c=1, Promised_On__c="2026-12-01")
    ann.create("AccountTeamMember", AccountId=account, UserId=user(api, "Finn Olsen"), TeamMemberRole="Sales Rep")
    since = "SystemModstamp >= 2020-01-01T00:00:00.000Z ORDER BY SystemModstamp, Id LIMIT 2000"
    tasks, commitments, invoices, team, users = poll(
        api,
        "SELECT Id, Status, IsClosed, CompletedDateTime, TaskSubtype, AccountId, WhatId, What.Type, What.Name, "
        f"Owner.Name, CreatedBy.Name, LastModifiedBy.UserRole.Name, AR_Key__c, AR_Outcome__c FROM Task WHERE {since}",
        "SELECT Account__r.Name, Account__r.Owner.Name, Invoice__r.Key__c, Invoices__c, Covers__c, Problem__c "
        f"FROM AR_Commitment__c WHERE LastModifiedById != '{user(api, 'Dueline Integration')}' AND {since}",
        f"SELECT Id FROM AR_Invoice__c WHERE LastModifiedById != '{user(api, 'Dueline Integration')}' AND {since}",
        f"SELECT AccountId, User.Name, User.IsActive, TeamMemberRole, Title FROM AccountTeamMember WHERE {since}",
        f"SELECT Id, Name, Email, IsActive, Title, UserRole.Name, Manager.Name FROM User WHERE {since}",
    )
    assert invoices == []
    (row,) = tasks
    assert (row["Id"], row["What"]["Type"], row["What"]["Name"]) == (task, "AR_Invoice__c", "k1")
    assert row["Owner"]["Name"] == row["CreatedBy"]["Name"] == "Ann Lee"
    assert row["LastModifiedBy"]["UserRole"]["Name"] == "Account Executive"
    assert (row["AccountId"], row["IsClosed"], row["TaskSubtype"]) == (None, False, "Task")
    (row,) = commitments
    assert (row["Account__r"]["Name"], row["Invoice__r"]["Key__c"]) == ("Acme", "k1")
    assert row["Account__r"]["Owner"]["Name"] == "System Administrator"
    (row,) = team
    assert (row["User"]["Name"], row["Title"]) == ("Finn Olsen", "Finance")
    assert len(users) == 4


def test_account_teams_can_be_off(started):
    api = Api(started(account_teams=False).url, "integration", "s-int")
    answer = api.get("query?q=SELECT+Id+FROM+AccountTeamMember")
    assert answer.json()[0]["errorCode"] == "INVALID_TYPE"
    api.session.close()


def test_a_stamp_never_goes_back(api: Api, admin: Api):
    made = api.create("AR_Invoice__c", **invoice("k1"))
    fault(admin, "late_stamp", ms=1_500, method="PATCH", path="composite/sobjects")
    late = Thread(target=api.upsert, args=("AR_Invoice__c", [invoice("k1", Balance__c=1)]))
    late.start()
    while admin.get("/_control/faults").json()["faults"]:
        pass
    for balance in (2, 3):
        admin.patch(f"sobjects/AR_Invoice__c/{made}", {"Balance__c": balance}).raise_for_status()
    between = stamps(admin, made)["SystemModstamp"]
    late.join()
    assert admin.get(f"sobjects/AR_Invoice__c/{made}").json()["Balance__c"] == 1
    assert stamps(admin, made)["SystemModstamp"] >= between


def test_reading_is_never_late(api: Api, admin: Api):
    fault(admin, "late_stamp", ms=60_000)
    assert api.query("SELECT Id FROM AR_Invoice__c") == []
    assert api.get("/_control/faults").json()["faults"]
    admin.delete("/_control/faults")


def test_deleting_and_bringing_back_touch_what_they_change(api: Api, ann: Api, admin: Api, account: str, an_hour_ago):
    ours, theirs = user(api, "Dueline Integration"), user(api, "System Administrator")
    (made,) = api.upsert("AR_Invoice__c", [invoice("k1", Account__c=account)])
    other = admin.create("Account", Name="Other")
    moved = api.upsert("AR_Invoice__c", [invoice("k2", Account__c=account)])[0]["id"]
    task = ann.create("Task", Subject="Call", WhatId=account)
    an_hour_ago(account, made["id"], moved, task)
    admin.delete(f"sobjects/Account/{account}").raise_for_status()
    for record_id, sobject in ((account, "Account"), (task, "Task")):
        row = stamps(api, record_id, sobject)
        assert (row["IsDeleted"], row["LastModifiedById"], row["SystemModstamp"] > OLD) == (True, theirs, True)
    row = stamps(api, made["id"])
    assert (row["LastModifiedById"], row["LastModifiedDate"], row["SystemModstamp"] > OLD) == (ours, OLD, True)
    api.upsert("AR_Invoice__c", [invoice("k2", Account__c=other)])
    an_hour_ago(account, made["id"], moved, task)
    admin.post("/_control/undelete", {"ids": [account]}).raise_for_status()
    assert stamps(api, account, "Account")["SystemModstamp"] > OLD
    row = stamps(api, task, "Task")
    assert (row["IsDeleted"], row["LastModifiedById"], row["SystemModstamp"] > OLD) == (False, theirs, True)
    rows = api.query("SELECT Account__c, SystemModstamp FROM AR_Invoice__c ORDER BY Key__c")
    assert [row["Account__c"] for row in rows] == [account, other]
    assert [row["SystemModstamp"] > OLD for row in rows] == [True, False]


def test_what_was_deleted_before_stays_deleted(admin: Api, account: str):
    contacts = [admin.create("Contact", LastName=name, AccountId=account) for name in ("A", "B")]
    for gone in (f"Contact/{contacts[0]}", f"Account/{account}"):
        admin.delete(f"sobjects/{gone}").raise_for_status()
    admin.post("/_control/undelete", {"ids": [account]}).raise_for_status()
    assert [row["Id"] for row in admin.query("SELECT Id FROM Contact")] == [contacts[1]]


def test_a_merge_moves_and_touches_the_children(api: Api, ann: Api, admin: Api, account: str, an_hour_ago):
    theirs = user(api, "System Administrator")
    loser = admin.create("Account", Name="Acme Inc")
    child = admin.create("Account", Name="Branch", ParentId=loser)
    admin.patch(f"sobjects/Account/{account}", {"ParentId": loser}).raise_for_status()
    (made,) = api.upsert("AR_Invoice__c", [invoice("k1", Account__c=loser)])
    task = ann.create("Task", Subject="Call", WhatId=loser)
    everything = (("Account", account), ("Account", loser), ("Account", child), ("Task", task))
    an_hour_ago(made["id"], *(record_id for _, record_id in everything))
    admin.post("/_control/merge", {"master": account, "merged": [loser]}).raise_for_status()
    for sobject, record_id in (*everything, ("AR_Invoice__c", made["id"])):
        row = stamps(api, record_id, sobject)
        assert (row["LastModifiedById"], row["SystemModstamp"] > OLD) == (theirs, True), sobject
    (row,) = api.query("SELECT WhatId, AccountId FROM Task")
    assert (row["WhatId"], row["AccountId"]) == (account, account)
    rows = api.query(f"SELECT ParentId FROM Account WHERE Id IN ('{account}', '{child}') ORDER BY Name")
    assert [row["ParentId"] for row in rows] == [None, account]
    too_many = [admin.create("Account", Name=f"A{number}") for number in range(3)]
    assert admin.post("/_control/merge", {"master": account, "merged": too_many}).status_code == 400


def test_a_task_knows_its_account_and_when_it_was_done(api: Api, ann: Api, admin: Api, account: str):
    opportunity = admin.create(
        "Opportunity", AccountId=account, Name="Big", StageName="Prospecting", CloseDate="2026-12-31"
    )
    contact = admin.create("Contact", LastName="Bluth", AccountId=account)
    commitment = ann.create("AR_Commitment__c", Account__c=account, Amount__c=1, Promised_On__c="2026-12-01")
    about: list[dict[str, str]] = [
        {"WhatId": account},
        {"WhatId": opportunity},
        {"WhoId": contact},
        {"WhatId": commitment, "WhoId": contact},
        {"WhatId": commitment},
    ]
    ids = [ann.create("Task", Subject="x", **fields) for fields in about]
    rows = {row["Id"]: row["AccountId"] for row in api.query("SELECT Id, AccountId FROM Task")}
    assert [rows[record_id] for record_id in ids] == [account, account, account, account, None]
    for status, closed in (("In Progress", False), ("Completed", True), ("Completed", True), ("Not Started", False)):
        ann.patch(f"sobjects/Task/{ids[0]}", {"Status": status}).raise_for_status()
        task = ann.get(f"sobjects/Task/{ids[0]}").json()
        assert (task["IsClosed"], task["CompletedDateTime"] is not None) == (closed, closed)


def test_nobody_who_has_left_is_given_anything(api: Api, ann: Api, admin: Api, account: str):
    ann_id = user(api, "Ann Lee")
    task = api.create("Task", Subject="Call", WhatId=account, OwnerId=ann_id)
    admin.patch(f"sobjects/User/{ann_id}", {"IsActive": False}).raise_for_status()
    answer = api.post("sobjects/Task", {"Subject": "Call", "WhatId": account, "OwnerId": ann_id})
    assert answer.status_code == 400
    assert answer.json() == [
        {
            "message": f"operation performed with inactive user [{ann_id[:15]}] as owner of task",
            "errorCode": "INACTIVE_OWNER_OR_USER",
            "fields": ["OwnerId"],
        }
    ]
    assert api.patch(f"sobjects/Task/{task}", {"Subject": "Call again"}).status_code == 204


def test_the_integration_user_retires_what_it_made(api: Api, account: str):
    made = [row["id"] for row in api.upsert("AR_Invoice__c", [invoice(key) for key in ("k1", "k2")])]
    made.append(api.create("AR_Payment__c", Key__c="p1"))
    answer = api.delete(f"composite/sobjects?ids={','.join(made)}").json()
    assert [row["success"] for row in answer] == [True] * 3
    assert api.query("SELECT Id FROM AR_Invoice__c") == []


def test_the_token_says_who_and_where(org, api: Api):
    form = {"grant_type": "client_credentials", "client_id": "integration", "client_secret": "s-int"}
    address = api.session.post(f"{org.url}/services/oauth2/token", data=form, timeout=10).json()["id"]
    own = user(api, "Dueline Integration")
    assert address == f"{org.url}/id/{org.org.org_id}/{own}"
    (organization,) = api.query("SELECT Id FROM Organization")
    for place in ("/services/oauth2/userinfo", address.removeprefix(org.url)):
        told = api.get(place).json()
        assert (told["organization_id"], told["user_id"]) == (organization["Id"], own)
