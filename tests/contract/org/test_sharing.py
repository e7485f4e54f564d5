"""Whose rows one sees, edits and deletes: owner, team, rule, everybody, and the ways in which each is asked for."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from connector.local.org.metadata import MetadataError
from connector.local.org.org import Org
from connector.local.org.server import LocalOrg, OrgUser
from connector.local.org.sharing import Level

from .browsers import NOBODY, user_id
from .conftest import METADATA, Api, invoice

ACCESS = "INSUFFICIENT_ACCESS_OR_READONLY"
REFUSED = (403, [{"message": "insufficient access rights on object id", "errorCode": ACCESS}])
Start = Callable[..., LocalOrg]
SignIn = Callable[[LocalOrg, str], Api]
CLOSED = {"Account": "Private", "Opportunity": "Private", "Case": "Private", "Contact": "ControlledByParent"}
DEMO = {"Account": "Read", "Opportunity": "Read", "Case": "Read", "Task": "ControlledByParent"}
BOB = OrgUser("Bob Hall", "Account Executive", "bob", "s-bob", ("Dueline_User",))
SECRETS = {"admin": "s-adm", "integration": "s-int", "ann": "s-ann", "finn": "s-finn", "bob": "s-bob", "nora": "s-nora"}


@pytest.fixture
def sign_in() -> Iterator[SignIn]:
    signed_in: list[Api] = []

    def begin(org: LocalOrg, who: str) -> Api:
        signed_in.append(Api(org.url, who, SECRETS[who]))
        return signed_in[-1]

    yield begin
    for api in signed_in:
        api.session.close()


@pytest.fixture
def people(config) -> tuple[OrgUser, ...]:
    return (*config.users, BOB, NOBODY)


def answered(answer: requests.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json() if answer.content else None


def names(api: Api, sobject: str = "Account") -> set[str]:
    return {row["Name"] for row in api.query(f"SELECT Name FROM {sobject}")}


def test_what_is_public_read_only_is_read_by_all_and_edited_by_its_owner(started: Start, people, sign_in: SignIn):
    org = started(sharing=DEMO, users=people)
    ann, bob = sign_in(org, "ann"), sign_in(org, "bob")
    acme = ann.create("Account", Name="Acme")
    assert names(bob) == {"Acme"}
    assert answered(bob.patch(f"sobjects/Account/{acme}", {"Site": "x"})) == REFUSED
    assert answered(bob.delete(f"sobjects/Account/{acme}")) == REFUSED
    assert ann.patch(f"sobjects/Account/{acme}", {"Site": "x"}).status_code == 204
    assert sign_in(org, "admin").patch(f"sobjects/Account/{acme}", {"Site": "y"}).status_code == 204
    assert ann.delete(f"sobjects/Account/{acme}").status_code == 204


def test_what_is_private_is_not_there_for_others(started: Start, people, sign_in: SignIn):
    org = started(sharing=CLOSED, users=people)
    ann, bob = sign_in(org, "ann"), sign_in(org, "bob")
    acme = ann.create("Account", Name="Acme")
    bob.create("Account", Name="Bolt")
    assert (names(ann), names(bob)) == ({"Acme"}, {"Bolt"})
    assert names(sign_in(org, "admin")) == {"Acme", "Bolt"}
    assert bob.query(f"SELECT Id FROM Account WHERE Id = '{acme}'") == []
    assert bob.query("SELECT COUNT(Id) n FROM Account")[0]["n"] == 1
    assert bob.get(f"sobjects/Account/{acme}").status_code == 404
    read = bob.get("composite/sobjects/Account", params={"ids": acme, "fields": "Name"})
    assert read.json() == [None]
    answer = bob.patch(f"sobjects/Account/{acme}", {"Site": "x"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "INVALID_CROSS_REFERENCE_KEY")
    updates = [{"attributes": {"type": "Account"}, "id": acme, "Site": "x"}]
    (row,) = bob.patch("composite/sobjects", {"records": updates}).json()
    assert row["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    page = bob.get(f"ui-api/records/{acme}", params={"fields": "Account.Name"})
    assert (page.status_code, page.json()[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS")


def test_nobody_points_to_a_row_that_is_hidden_from_them(started: Start, people, sign_in: SignIn):
    org = started(sharing=CLOSED, users=people)
    acme = sign_in(org, "ann").create("Account", Name="Acme")
    answer = sign_in(org, "bob").post("sobjects/AR_Activity__c", {"Kind__c": "Note", "Account__c": acme})
    code = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    message = f"insufficient access rights on cross-reference id: {acme[:15]}"
    assert answered(answer) == (400, [{"message": message, "errorCode": code, "fields": ["Account__c"]}])


def test_a_parent_that_is_hidden_is_null(started: Start, people, sign_in: SignIn):
    org = started(sharing=CLOSED, users=people)
    acme = sign_in(org, "ann").create("Account", Name="Acme")
    sign_in(org, "integration").upsert("AR_Invoice__c", [invoice("in_1", Account__c=acme)])
    (row,) = sign_in(org, "bob").query("SELECT Account__c, Account__r.Name FROM AR_Invoice__c")
    assert (row["Account__c"], row["Account__r"]) == (acme, None)


@pytest.mark.parametrize(
    ("level", "reads", "edits", "deletes"),
    [
        ("None", False, False, False),
        ("Read", True, False, False),
        ("Edit", True, True, False),
        ("All", True, True, True),
    ],
)
@pytest.mark.parametrize("sobject", ["Account", "Opportunity", "Case"])
def test_a_team_member_has_the_level_of_the_team(
    started: Start, people, sign_in: SignIn, sobject: str, level: str, reads: bool, edits: bool, deletes: bool
):
    org = started(sharing=CLOSED, users=people)
    ann, bob = sign_in(org, "ann"), sign_in(org, "bob")
    acme = ann.create("Account", Name="Acme")
    more = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-01"} if sobject == "Opportunity" else {}
    row = acme if sobject == "Account" else ann.create(sobject, AccountId=acme, **more)
    levels = {f"{sobject}AccessLevel": level} | ({} if sobject == "Account" else {"AccountAccessLevel": "None"})
    ann.create("AccountTeamMember", AccountId=acme, UserId=user_id(org, "bob.hall"), **levels)
    assert bool(bob.query(f"SELECT Id FROM {sobject}")) == reads
    assert (bob.patch(f"sobjects/{sobject}/{row}", {"Description": "x"}).status_code == 204) == edits
    assert (bob.delete(f"sobjects/{sobject}/{row}").status_code == 204) == deletes


def test_leaving_the_team_ends_it(started: Start, people, sign_in: SignIn):
    org = started(sharing=CLOSED, users=people)
    ann, bob = sign_in(org, "ann"), sign_in(org, "bob")
    acme = ann.create("Account", Name="Acme")
    member = ann.create("AccountTeamMember", AccountId=acme, UserId=user_id(org, "bob.hall"))
    assert names(bob) == {"Acme"}
    assert len(bob.query("SELECT Id FROM AccountTeamMember")) == 1
    ann.delete(f"sobjects/AccountTeamMember/{member}")
    assert names(bob) == set()
    assert bob.query("SELECT Id FROM AccountTeamMember") == []


def test_the_owner_of_an_account_reads_what_hangs_from_it(started: Start, people, sign_in: SignIn):
    org = started(sharing=CLOSED, users=people)
    ann, admin = sign_in(org, "ann"), sign_in(org, "admin")
    acme = ann.create("Account", Name="Acme")
    case = admin.create("Case", AccountId=acme, Subject="Late")
    contact = admin.create("Contact", AccountId=acme, LastName="Lovelace")
    assert len(ann.query("SELECT Id FROM Case")) == 1
    assert answered(ann.patch(f"sobjects/Case/{case}", {"Subject": "x"})) == REFUSED
    assert ann.patch(f"sobjects/Contact/{contact}", {"Title": "x"}).status_code == 204  # controlled by the account
    assert sign_in(org, "bob").query("SELECT Id FROM Contact") == []


def test_a_rule_opens_every_row_to_one_user(started: Start, people, sign_in: SignIn):
    rule = ("integration@dueline.example", "Account", "Edit")
    for rules, status in (((), 403), ((rule,), 204)):
        org = started(sharing=DEMO, sharing_rules=rules, users=people)
        acme = sign_in(org, "ann").create("Account", Name="Acme")
        integration = sign_in(org, "integration")
        assert names(integration) == {"Acme"}  # its permission set lets it see all accounts
        assert integration.patch(f"sobjects/Account/{acme}", {"AR_Overdue__c": True}).status_code == status
        org.stop()


def test_a_task_is_edited_by_whoever_may_edit_what_it_is_about(started: Start, people, sign_in: SignIn):
    rules = (("integration@dueline.example", "Account", "Edit"),)
    org = started(sharing=DEMO, sharing_rules=rules, users=people)
    ann, bob, api = (sign_in(org, who) for who in ("ann", "bob", "integration"))
    acme = ann.create("Account", Name="Acme")
    task = api.create("Task", Subject="Chase", WhatId=acme, OwnerId=user_id(org, "ann.lee"))
    path = f"sobjects/Task/{task}"
    assert len(bob.query("SELECT Id FROM Task")) == 1  # who reads the account reads it
    assert answered(bob.patch(path, {"Status": "In Progress"})) == REFUSED
    ann.create("AccountTeamMember", AccountId=acme, UserId=user_id(org, "bob.hall"), AccountAccessLevel="Edit")
    assert bob.patch(path, {"Status": "In Progress", "OwnerId": user_id(org, "bob.hall")}).status_code == 204
    assert api.patch(path, {"Status": "Completed"}).status_code == 204
    assert ann.patch(path, {"Description": "hers by the account"}).status_code == 204


def test_a_task_about_nothing_is_its_owners(started: Start, people, sign_in: SignIn):
    org = started(sharing=DEMO, users=people)
    sign_in(org, "ann").create("Task", Subject="Hers")
    assert sign_in(org, "bob").query("SELECT Id FROM Task") == []
    assert len(sign_in(org, "ann").query("SELECT Id FROM Task")) == 1
    assert len(sign_in(org, "admin").query("SELECT Id FROM Task")) == 1


def test_a_private_task_is_its_owners_whoever_has_the_account(started: Start, people, sign_in: SignIn):
    org = started(sharing={"Task": "Private"}, users=people)
    ann, bob = sign_in(org, "ann"), sign_in(org, "bob")
    task = bob.create("Task", Subject="His", WhatId=ann.create("Account", Name="Acme"))
    assert ann.query("SELECT Id FROM Task") == []
    assert bob.patch(f"sobjects/Task/{task}", {"Status": "Completed"}).status_code == 204


def test_what_is_public_is_edited_by_all_but_deleted_by_its_owner(started: Start, people, sign_in: SignIn):
    org = started(sharing={"Account": "ReadWrite"}, users=people)
    ann, bob = sign_in(org, "ann"), sign_in(org, "bob")
    path = f"sobjects/Account/{ann.create('Account', Name='Acme')}"
    assert bob.patch(path, {"Site": "x"}).status_code == 204
    assert answered(bob.delete(path)) == REFUSED
    assert ann.delete(path).status_code == 204


@pytest.fixture
def closed_metadata(tmp_path: Path) -> Path:
    """The package with private commitments."""
    copy = shutil.copytree(METADATA / "force-app/main/default", tmp_path / "project")
    path = copy / "objects/AR_Commitment__c/AR_Commitment__c.object-meta.xml"
    path.write_text(path.read_text().replace("<sharingModel>ReadWrite<", "<sharingModel>Private<"))
    return copy


def test_a_custom_object_is_shared_as_its_metadata_says(started: Start, closed_metadata, people, sign_in: SignIn):
    org = started(metadata=closed_metadata, users=people)
    ann, bob, finn = (sign_in(org, who) for who in ("ann", "bob", "finn"))
    row = ann.create("AR_Commitment__c", Amount__c=5)
    assert (len(names(ann, "AR_Commitment__c")), names(bob, "AR_Commitment__c")) == (1, set())
    path = f"sobjects/AR_Commitment__c/{row}"
    assert finn.patch(path, {"Note__c": "modifies all"}).status_code == 204
    since = "SELECT Id FROM AR_Commitment__c WHERE SystemModstamp > 2020-01-01T00:00:00Z"
    assert (len(ann.query(since)), bob.query(since)) == (1, [])
    assert (len(ann.query(since, "queryAll")), bob.query(since, "queryAll")) == (1, [])
    (parent,) = bob.query("SELECT Id, (SELECT Id FROM AR_Commitments__r) FROM Account") or ({},)
    assert not parent.get("AR_Commitments__r")


def test_a_key_is_found_whoever_may_edit_its_row(started: Start, closed_metadata, people, sign_in: SignIn):
    org = started(metadata=closed_metadata, users=people)
    api = sign_in(org, "integration")  # views all commitments, and edits its own
    sign_in(org, "admin").create("AR_Commitment__c", Key__c="taken")
    assert api.get("sobjects/AR_Commitment__c/Key__c/taken").status_code == 200
    (row,) = api.upsert("AR_Commitment__c", [{"Key__c": "taken", "Status__c": "Kept"}])
    assert row["errors"][0]["statusCode"] == ACCESS


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sharing": {"Account": "Open"}}, "Account cannot be Open"),
        ({"sharing": {"User": "Private"}}, "User cannot be Private"),
        ({"sharing": {"AR_Invoice__c": "Private"}}, "Custom objects say it themselves"),
        ({"sharing_rules": (("who@dueline.example", "Account", "Edit"),)}, "must be a username"),
        ({"sharing_rules": (("integration@dueline.example", "Acount", "Edit"),)}, "must be a username"),
        ({"sharing_rules": (("integration@dueline.example", "Account", "All"),)}, "must be a username"),
    ],
)
def test_sharing_that_cannot_be_is_refused_at_the_start(config, changes: dict[str, Any], words: str):
    with pytest.raises(MetadataError, match=words):
        Org(replace(config, **changes))


def test_a_sharing_model_that_is_not_enforced_is_refused(config, closed_metadata: Path):
    path = closed_metadata / "objects/AR_Commitment__c/AR_Commitment__c.object-meta.xml"
    path.write_text(path.read_text().replace("<sharingModel>Private<", "<sharingModel>ControlledByParent<"))
    with pytest.raises(MetadataError, match="does not enforce <sharingModel>ControlledByParent"):
        Org(replace(config, metadata=closed_metadata))


def test_nothing_is_asked_of_rows_that_everybody_may_read(org: LocalOrg, account: str):
    """Load runs rely on it: without a word on sharing, no row is looked at to decide who may read it."""
    inside = org.org
    for who in ("ann.lee", "integration", "admin"):
        view = inside.view(user_id(org, who))
        assert {view.shared.test(name, Level.READ) for name in inside.store.tables} == {None}
        assert type(inside.source(view).rows("Account")) is type({}.values())
