"""Reading back: whatever people did in Salesforce is seen, once, whatever happens to the looking."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from connector.local.org.config import OrgUser
from sync.db import cursors
from sync.pipeline.accounts import OrgAwayError
from sync.pipeline.handlers import HANDLERS
from sync.pipeline.readback import read_back
from tests.integration.selling import billed, contest, edit, held, promise, remove, shown, standing
from tests.integration.world import World, in_threads

EARLIER = timedelta(minutes=2)


def notes(world: World, account: str, count: int) -> list[str]:
    rows = [{"Account__c": account, "Kind__c": "Note", "Subject__c": f"Note {n}"} for n in range(count)]
    return world.admin.create("AR_Activity__c", rows)


def stamp(world: World, ids: list[str], at: datetime) -> None:
    """Have records stamped at one moment."""
    store = world.org.org.store
    with store.transaction():
        for name in ids:
            row = {**store.find(name), "SystemModstamp": at, "LastModifiedDate": at}
            store.put(store.table_of(name), name, row)


def count(world: World, sql: str) -> int:
    return int(world.one(f"SELECT count(*) AS n FROM {sql}").n)


def cursor(world: World) -> dict[str, str]:
    with world.engine.connect() as conn:
        return cursors.get(conn, "read back")


def test_a_look_with_nothing_new_is_one_call_and_changes_nothing(world: World):
    account, invoice = billed(world)
    promise(world, account, invoice)
    world.come_to_rest()
    before = world.rows("SELECT * FROM crm ORDER BY id"), world.rows("SELECT * FROM review")
    world.calls()
    for _ in range(3):
        read = world.read_back()
        assert (read.new, read.put_back) == ({}, 0)
    assert sum(world.calls().values()) == 3
    assert before == (world.rows("SELECT * FROM crm ORDER BY id"), world.rows("SELECT * FROM review"))


def test_more_than_a_page_of_one_stamp_is_read_whole_and_once(world: World):
    account, _ = billed(world)
    made = notes(world, account, 2_100)
    at = datetime.now(UTC).replace(microsecond=0)
    stamp(world, made, at)
    world.calls()
    assert world.read_back().new == {"activity": 2_100}
    assert sum(world.calls().values()) == 2
    assert world.read_back().new == {}
    more = notes(world, account, 5)
    stamp(world, more, at)  # of the very second that was read already
    assert world.read_back().new == {"activity": 5}
    assert count(world, "entry WHERE kind = 'Note' AND NOT ours") == 2_105


def test_what_appears_late_with_an_old_stamp_is_seen_and_the_cursor_never_goes_back(world: World):
    account, _ = billed(world)
    world.fault("late_stamp", ms=1_500, object="AR_Activity__c")
    late = threading.Thread(target=notes, args=(world, account, 1))
    late.start()
    edit(world, "Account", account, Name="Acme Ltd")
    promise(world, account)
    world.read_back()
    passed = cursor(world)
    late.join()
    assert world.read_back().new == {"activity": 1}
    now = cursor(world)
    assert all(now[kind] >= at for kind, at in passed.items())
    [row] = world.rows("SELECT id FROM crm WHERE kind = 'activity'")
    stamp(world, [row.id], datetime.now(UTC) - EARLIER)
    assert world.read_back().new == {}
    assert cursor(world) == now


def test_edits_faster_than_the_stamps_are_all_seen(world: World):
    account, invoice = billed(world)
    made = promise(world, account, invoice, Amount__c=1)
    for amount in range(2, 12):
        world.read_back()
        edit(world, "AR_Commitment__c", made, Amount__c=amount)
        assert world.read_back().new == {"commitment": 1}
        assert world.read_back().new == {}
    world.come_to_rest()
    assert world.one("SELECT amount FROM commitment").amount == 1_100


def test_several_pollers_at_once_are_one(world: World):
    account, _ = billed(world)
    notes(world, account, 30)
    world.fault("slow", ms=700, path="composite/batch")
    org, how = world.run.require_org(), world.run.reading_back
    found = in_threads(4, lambda _number: read_back(world.engine, org, how))
    assert [read.new for read in found if read is not None] == [{"activity": 30}]
    assert world.read_back().new == {}
    assert count(world, "entry WHERE NOT ours") == 30


BROKEN = [
    ("error", {"status": 503, "times": None}),
    ("error", {"status": 500, "times": None}),
    ("drop_after_commit", {"times": None}),
    ("expire_session", {"for_good": True}),
]


def test_a_look_that_fails_is_made_up_for_by_the_next(world: World):
    account, invoice = billed(world)
    for number, (kind, details) in enumerate(BROKEN):
        before = cursor(world)
        promise(world, account, invoice, Amount__c=number + 1)
        notes(world, account, 3)
        world.fault(kind, **details)
        with pytest.raises(OrgAwayError):
            world.read_back()
        assert cursor(world) == before
        world.heal()
        assert world.read_back().new == {"commitment": 1, "activity": 3}, kind
    world.come_to_rest()
    assert count(world, "entry WHERE kind = 'Note'") == 3 * len(BROKEN)
    assert count(world, "commitment") == len(BROKEN)


@pytest.mark.parametrize("kind", ["error", "expire_session", "drop_after_commit"])
def test_one_that_stumbles_gets_up_by_itself(world: World, kind: str):
    account, _ = billed(world)
    notes(world, account, 3)
    world.fault(kind, times=1)
    assert world.read_back().new == {"activity": 3}


@pytest.mark.parametrize("kind", ["commitment", "dispute", "activity", "task"])
def test_a_look_that_dies_half_way_is_repeated_without_loss(world: World, monkeypatch, kind: str):
    account, invoice = billed(world)
    made, about = promise(world, account, invoice), contest(world, account, invoice)
    notes(world, account, 3)
    world.admin.create("Task", [{"WhatId": account, "Subject": "Call", "TaskSubtype": "Call", "Status": "Completed"}])

    def dies(*_):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setitem(HANDLERS, kind, dies)
        with pytest.raises(RuntimeError):
            world.read_back()
    world.come_to_rest()
    assert count(world, "entry WHERE NOT ours") == 4
    assert standing(world, made)[2] == "Held"
    assert shown(world, "AR_Dispute__c", about, "Hold_State__c") == ("Held",)
    assert held(world, invoice) == (True, True)


def test_deleted_and_brought_back_is_as_if_nothing_had_been(world: World):
    account, _ = billed(world)
    rows = [{"Account__c": account, "Kind__c": "Call", "Subject__c": "Called", "Body__c": "They pay on Friday"}]
    [called] = world.admin.create("AR_Activity__c", rows)
    [mailed] = world.admin.create(
        "Task", [{"WhatId": account, "Subject": "Email", "TaskSubtype": "Email", "Status": "Completed"}]
    )
    world.come_to_rest()
    contact = "SELECT Last_Contact_On__c, Last_Contact_By__c FROM AR_Summary__c"
    before = world.admin.query(contact)
    assert before[0]["Last_Contact_On__c"]
    remove(world, "AR_Activity__c", called)
    remove(world, "Task", mailed)
    world.come_to_rest()
    assert count(world, "entry WHERE NOT ours") == 0
    assert [row["Last_Contact_On__c"] for row in world.admin.query(contact)] == [None]
    world.admin._json("POST", "/_control/undelete", json={"ids": [called, mailed]})
    world.come_to_rest()
    assert count(world, "entry WHERE NOT ours AND contact") == 2
    assert world.admin.query(contact)[0]["Last_Contact_On__c"] == before[0]["Last_Contact_On__c"]


def test_a_call_moved_to_another_account_is_the_other_accounts_contact(world: World):
    account, _ = billed(world)
    other, _ = billed(world)
    [called] = world.admin.create(
        "AR_Activity__c", [{"Account__c": account, "Kind__c": "Call", "Subject__c": "Called"}]
    )
    world.come_to_rest()
    edit(world, "AR_Activity__c", called, Account__c=other)
    world.come_to_rest()
    rows = world.admin.query("SELECT Account__c, Last_Contact_On__c FROM AR_Summary__c")
    assert {row["Account__c"]: bool(row["Last_Contact_On__c"]) for row in rows} == {account: False, other: True}


def test_a_right_taken_from_us_does_not_stop_the_reading_of_the_rest(world: World):
    account, invoice = billed(world)
    made = promise(world, account, invoice, Amount__c=100)
    world.come_to_rest()
    exposure = world.run.require_org().exposure
    for hidden in (("Task", "AR_Key__c"), ("AR_Commitment__c", "Amount__c")):
        world.fault("revoke_field", object=hidden[0], field=hidden[1])
    exposure.forget_all()
    notes(world, account, 1)
    edit(world, "AR_Commitment__c", made, Amount__c=70)
    assert world.read_back().new == {"activity": 1}
    world.review()
    assert world.one("SELECT amount FROM commitment").amount == 10_000  # what we may not read is not empty
    unread = {str(row["reason"]).partition(":")[0] for row in world.status.problems if row["code"] == "not read back"}
    assert unread == {"Task", "AR_Commitment__c"}
    world.heal()
    exposure.forget_all()
    world.come_to_rest()
    assert world.one("SELECT amount FROM commitment").amount == 7_000


def test_a_right_that_is_lost_between_two_looks_costs_one_look_at_most(world: World):
    account, _ = billed(world)
    world.read_back()
    world.fault("revoke_field", object="Task", field="AR_Key__c")
    notes(world, account, 1)
    assert world.read_back().new == {"activity": 1}


@pytest.mark.parametrize("org_options", [{"users": (OrgUser("Finn Berg", "Sales", "Finn Berg", "secret"),)}])
def test_people_are_known_by_the_names_they_have_now(world: World):
    account, _ = billed(world)
    [finn] = world.admin.query("SELECT Id, Name FROM User WHERE Name = 'Finn Berg'")
    world.read_back()
    assert world.one("SELECT name FROM person WHERE id = :id", id=finn["Id"]).name == finn["Name"]
    edit(world, "User", finn["Id"], LastName="Nowak", FirstName="Ida", IsActive=False)
    [member] = world.admin.create(
        "AccountTeamMember", [{"AccountId": account, "UserId": finn["Id"], "TeamMemberRole": "Sales Rep"}]
    )
    world.read_back()
    row = world.one("SELECT name, active FROM person WHERE id = :id", id=finn["Id"])
    assert (row.name, row.active) == ("Ida Nowak", False)
    assert world.one("SELECT account, person, role FROM teammate") == (account, finn["Id"], "Sales Rep")
    remove(world, "AccountTeamMember", member)
    world.read_back()
    assert world.rows("SELECT 1 FROM teammate") == []
