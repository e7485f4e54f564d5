"""Who holds which permission set: seen by those who may view the setup, and changed while the org runs."""

import pytest

from .conftest import Api

HELD = "SELECT PermissionSet.Name FROM PermissionSetAssignment WHERE AssigneeId = '{}' AND PermissionSet.Name IN ({})"
OURS = "'Dueline_User', 'Dueline_Finance'"


def user(api: Api, name: str) -> str:
    [row] = api.query(f"SELECT Id FROM User WHERE Name = '{name}' AND IsActive = true")
    return row["Id"]


def held(api: Api, name: str) -> list[str]:
    return [row["PermissionSet"]["Name"] for row in api.query(HELD.format(user(api, name), OURS))]


def test_the_integration_user_sees_who_holds_what(api: Api):
    assert held(api, "Ann Lee") == ["Dueline_User"]
    assert held(api, "Finn Olsen") == ["Dueline_Finance"]
    assert held(api, "System Administrator") == []
    soql = "SELECT Label, IsOwnedByProfile FROM PermissionSet WHERE Name LIKE 'Dueline%' ORDER BY Name"
    labels = [(row["Label"], row["IsOwnedByProfile"]) for row in api.query(soql)]
    assert labels == [("Dueline Finance", False), ("Dueline Integration", False), ("Dueline User", False)]


def test_a_profile_is_a_permission_set_too(api: Api):
    soql = "SELECT PermissionSet.IsOwnedByProfile FROM PermissionSetAssignment WHERE AssigneeId = '{}'"
    rows = api.query(soql.format(user(api, "Ann Lee")))
    assert sorted(row["PermissionSet"]["IsOwnedByProfile"] for row in rows) == [False, True]


def test_users_by_their_permission_set(api: Api):
    inner = "SELECT AssigneeId FROM PermissionSetAssignment WHERE PermissionSet.Name = 'Dueline_Finance'"
    assert [row["Name"] for row in api.query(f"SELECT Name FROM User WHERE Id IN ({inner})")] == ["Finn Olsen"]


@pytest.mark.parametrize("name", ["PermissionSet", "PermissionSetAssignment"])
def test_people_in_sales_do_not_see_them(ann: Api, name):
    answer = ann.get("query", params={"q": f"SELECT Id FROM {name}"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_TYPE")


def test_without_view_setup_neither_does_the_integration_user(started):
    org = started(integration_permission_sets=("Dueline_Finance",))
    answer = Api(org.url, "integration", "s-int").get("query", params={"q": "SELECT Id FROM PermissionSetAssignment"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_TYPE")


def test_nobody_but_an_administrator_assigns(api: Api, admin: Api):
    [finance] = admin.query("SELECT Id FROM PermissionSet WHERE Name = 'Dueline_Finance'")
    values = {"AssigneeId": user(admin, "Ann Lee"), "PermissionSetId": finance["Id"]}
    assert api.post("sobjects/PermissionSetAssignment", values).status_code == 403


def test_what_somebody_is_given_or_loses_holds_at_once(api: Api, admin: Api, ann: Api):
    query = {"q": "SELECT Id FROM AR_Invoice__c"}
    [row] = admin.query(
        f"SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{user(api, 'Ann Lee')}' "
        "AND PermissionSet.Name = 'Dueline_User'"
    )
    assert ann.get("query", params=query).status_code == 200
    assert admin.delete(f"sobjects/PermissionSetAssignment/{row['Id']}").status_code == 204
    assert held(api, "Ann Lee") == []
    assert ann.get("query", params=query).json()[0]["errorCode"] == "INVALID_TYPE"
    [finance] = admin.query("SELECT Id FROM PermissionSet WHERE Name = 'Dueline_Finance'")
    admin.create("PermissionSetAssignment", AssigneeId=user(api, "Ann Lee"), PermissionSetId=finance["Id"])
    assert held(api, "Ann Lee") == ["Dueline_Finance"]
    assert ann.get("query", params=query).status_code == 200


def test_what_was_taken_away_stays_so_after_a_restart(started, tmp_path):
    org = started(data=tmp_path / "org.db")
    admin = Api(org.url, "admin", "s-adm")
    inner = (
        "SELECT Id FROM PermissionSetAssignment WHERE Assignee.Name = 'Ann Lee' AND PermissionSet.Name = 'Dueline_User'"
    )
    [row] = admin.query(inner)
    admin.delete(f"sobjects/PermissionSetAssignment/{row['Id']}")
    org.stop()
    admin = Api(started(data=tmp_path / "org.db").url, "admin", "s-adm")
    assert admin.query(inner) == []
    assert held(admin, "Finn Olsen") == ["Dueline_Finance"]


def test_somebody_who_left_is_out_at_once(admin: Api, ann: Api):
    assert ann.get("limits").status_code == 200
    admin.patch(f"sobjects/User/{user(admin, 'Ann Lee')}", {"IsActive": False})
    assert ann.get("limits").status_code == 401
