"""Follow-ups in Salesforce: one Task for each cause, whatever happens on the way, and people's work left alone."""

from itertools import pairwise
from typing import Any

import pytest

from connector.local.org.config import OrgUser
from tests.integration.selling import (
    bill,
    contest,
    day,
    edit,
    next_day,
    promise,
    remove,
    shown,
    tasks,
)
from tests.integration.world import World, in_threads


def overdue(world: World, count: int = 1) -> list[tuple[str, str]]:
    """Accounts with an invoice that is overdue tomorrow: (account, invoice); it is the day after, nothing is made."""
    made = []
    for number in range(count):
        account = world.account(name=f"Account {number}")
        made.append((account, bill(world, world.customer(account), 50_000, due_in_days=1)))
    world.come_to_rest()
    next_day(world, 2)
    return made


def patient(world: World) -> None:
    """Wait until whatever is on the wire can no longer be alive, and try again."""
    world.hurry()
    world.sweep()
    world.hurry()
    world.come_to_rest()


@pytest.fixture
def org_options() -> dict[str, Any]:
    """An org with two people in sales."""
    names = ("Ann Berg", "Ben Cole")
    return {"users": tuple(OrgUser(name, "Sales", name, "secret") for name in names)}


def user(world: World, name: str = "Ann Berg") -> str:
    return world.admin.query(f"SELECT Id FROM User WHERE Name = '{name}'")[0]["Id"]


FAULTS = [
    ("answer lost", "drop_after_commit", {"object": "Task", "method": "POST", "path": "sobjects"}),
    ("refused in part", "partial", {"object": "Task", "every": 1}),
    ("row locked", "lock_row", {"object": "Task"}),
    ("session over", "expire_session", {}),
    ("503", "error", {"status": 503, "object": "Task"}),
]


@pytest.mark.parametrize(("kind", "details"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_there_is_one_task_each_whatever_the_org_answers(world: World, kind: str, details):
    made = overdue(world, 3)
    world.review()
    world.fault(kind, times=2, **details)
    world.publish()
    world.heal()
    patient(world)
    assert sorted(task["WhatId"] for task in tasks(world)) == sorted(account for account, _ in made)
    world.act("pay_invoice", invoice=made[0][1])
    world.fault(kind, times=2, **(details | ({"method": "POST", "path": "composite"} if "method" in details else {})))
    world.drain()
    world.review()
    world.publish()
    world.heal()
    patient(world)
    assert [task["Status"] for task in tasks(world, made[0][0])] == ["Completed"]
    assert len(tasks(world)) == 3


def test_a_worker_dies_after_the_task_was_made(world: World, monkeypatch):
    [(account, _)] = overdue(world)
    world.review()
    org = world.run.require_org()
    write = org.write

    def dies(kind, rows, priority):
        answer = write(kind, rows, priority)
        if kind == "task":
            raise KeyboardInterrupt
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(org, "write", dies)
        with pytest.raises(KeyboardInterrupt):
            world.publish()
    assert len(tasks(world, account)) == 1
    patient(world)
    assert len(tasks(world, account)) == 1
    [row] = world.rows("SELECT task, left_there, theirs FROM followup")
    assert (row.task, row.theirs) == (tasks(world, account)[0]["Id"], None)


def test_several_workers_make_one_task_each(world: World):
    made = overdue(world, 8)
    world._set("review", "wanted = wanted + 1", "true")
    in_threads(3, lambda _number: (world.review(), world.publish(), world.review(), world.publish()))
    patient(world)
    assert sorted(task["WhatId"] for task in tasks(world)) == sorted(account for account, _ in made)


def test_nobody_is_given_work_who_is_not_there_and_it_is_made_once_that_is_mended(world: World):
    moved, back = overdue(world, 2)
    owner = user(world)
    for account, _ in (moved, back):
        edit(world, "Account", account, OwnerId=owner)
    world.read_back()
    edit(world, "User", owner, IsActive=False)
    world.come_to_rest()
    assert tasks(world) == []
    problems = {row["code"]: row["fix"] for row in world.status.problems}
    assert "owner" in problems["OWNER_INACTIVE"]
    other = user(world, "Ben Cole")
    edit(world, "Account", moved[0], OwnerId=other)
    world.come_to_rest()
    assert [task["OwnerId"] for task in tasks(world)] == [other]
    edit(world, "User", owner, IsActive=True)
    world.come_to_rest()
    assert sorted(task["OwnerId"] for task in tasks(world)) == sorted([owner, other])
    assert world.status.parked == 0


TOUCHES = {
    "works on it": {"Status": "In Progress"},
    "reassigns it": {"OwnerId": None},
    "describes it": {"Description": "called twice"},
    "completes it": {"Status": "Completed"},
    "deletes it": None,
    "renames it": {"Subject": "never mind"},
}


def test_what_a_person_took_in_hand_is_left_to_them(world: World):
    made = dict(zip(TOUCHES, overdue(world, len(TOUCHES)), strict=True))
    world.come_to_rest()
    before = {name: tasks(world, made[name][0])[0] for name in TOUCHES}
    for name, fields in TOUCHES.items():
        if fields is None:
            remove(world, "Task", before[name]["Id"])
        else:
            edit(world, "Task", before[name]["Id"], **{key: value or user(world) for key, value in fields.items()})
    world.come_to_rest()
    promised = [promise(world, account, invoice, by=9) for account, invoice in made.values()]
    world.come_to_rest()
    for each in promised:
        edit(world, "AR_Commitment__c", each, Cancelled__c=True)
    world.come_to_rest()
    for _, invoice in made.values():
        world.act("pay_invoice", invoice=invoice)
    world.come_to_rest()
    after = {name: tasks(world, account) for name, (account, _) in made.items()}
    assert after["deletes it"] == []
    touched = {name: after[name][0] for name in TOUCHES if name != "deletes it"}
    assert {name: task["Status"] for name, task in touched.items()} == {
        "works on it": "In Progress",
        "reassigns it": "Not Started",
        "describes it": "Not Started",
        "completes it": "Completed",
        "renames it": "Completed",  # the subject is ours: it was put back, and the task stayed ours to close
    }
    assert touched["describes it"]["Description"] == "called twice"
    assert touched["renames it"]["Subject"] != "never mind"
    assert "Paid" in touched["renames it"]["AR_Outcome__c"]


def test_a_follow_up_ends_and_begins_again_with_its_cause(world: World):
    promised, argued, moved = overdue(world, 3)
    world.come_to_rest()
    first = {task["WhatId"]: task["Id"] for task in tasks(world)}
    made = promise(world, *promised, by=9)
    about = contest(world, *argued)
    body = next(row for row in world.objects("invoice") if row["id"] == moved[1])
    world.clock.tick(2)
    with world.stripe.world.transaction():
        world.stripe.world.put({**body, "due_date": body["due_date"] + 10 * 86_400})
    world.reconcile()
    world.come_to_rest()
    assert [task["IsClosed"] for task in tasks(world)] == [True] * 3
    outcomes = {task["WhatId"]: task["AR_Outcome__c"] for task in tasks(world)}
    assert outcomes[promised[0]].startswith("Promised")
    assert "dispute" in outcomes[argued[0]].lower() or "contest" in outcomes[argued[0]].lower()
    assert outcomes[moved[0]]
    edit(world, "AR_Commitment__c", made, Cancelled__c=True)
    edit(world, "AR_Dispute__c", about, Status__c="Resolved")
    world.come_to_rest()
    again = {task["WhatId"]: (task["Id"], task["IsClosed"], task["AR_Outcome__c"]) for task in tasks(world)}
    for account, _ in (promised, argued):
        assert again[account] == (first[account], False, None)
    next_day(world, 12)
    world.come_to_rest()
    keys = sorted(task["AR_Key__c"] for task in tasks(world, moved[0]))
    assert [key[-8:] for key in keys] == [f"{day(1):%Y%m%d}", f"{day(11):%Y%m%d}"]


@pytest.mark.parametrize("settings", [{"DUELINE_GRACE_DAYS": "3", "DUELINE_FOLLOW_UP_DAYS": "30"}])
def test_who_waits_and_what_is_too_old(world: World, settings):
    account = world.account()
    customer = world.customer(account)
    soon, paid = (bill(world, customer, 1_000 + n, due_in_days=1) for n in range(2))
    other = world.account(name="Old")
    bill(world, world.customer(other), 1_000, due_in_days=1)
    world.drain()
    world._set("customer", "account = NULL", f"account = '{other}'")
    next_day(world, 4)
    world.come_to_rest()
    assert tasks(world) == []
    world.act("pay_invoice", invoice=paid)
    next_day(world, 5)
    world.come_to_rest()
    [task] = tasks(world)
    assert soon in task["AR_Key__c"]
    next_day(world, 40)
    [unlinked] = [row.key.rpartition(":")[2] for row in world.rows("SELECT key FROM customer WHERE account IS NULL")]
    world.decide(unlinked, other)
    world.come_to_rest()
    assert tasks(world, other) == []


def test_a_task_belongs_to_the_owner_of_an_account_that_nobody_has_read_yet(world: World):
    owner = user(world)
    account = world.account(OwnerId=owner)
    world.invoice(world.customer(account), 1_000, due_in_days=1)
    next_day(world, 2)
    world.drain()
    world.review()
    world.publish()
    assert [task["OwnerId"] for task in tasks(world)] == [owner]


def test_everything_goes_with_its_invoice_when_accounts_are_merged_or_customers_relinked(world: World):
    merged, relinked = overdue(world, 2)
    into, to = world.account(name="Into"), world.account(name="To")
    for account in (into, to):
        bill(world, world.customer(account), 700)
    world.come_to_rest()
    promises = [promise(world, account, invoice, by=9, Amount__c=10) for account, invoice in (merged, relinked)]
    disputes = [contest(world, account, invoice) for account, invoice in (merged, relinked)]
    world.come_to_rest()
    world.merge(into, merged[0])
    customers = {account: customer for customer, account in world.accounts.items()}
    world.accounts[customers[merged[0]]] = into
    world.decide(customers[relinked[0]], to)
    world.come_to_rest()
    patient(world)
    sums = {
        row["Account__c"]: row
        for row in world.admin.query("SELECT Account__c, Promised__c, Disputed__c FROM AR_Summary__c")
    }
    assert [sums[account]["Promised__c"] for account in (into, to)] == [10, 10]
    assert [sums[account]["Disputed__c"] for account in (into, to)] == [500, 500]
    assert all(row["Promised__c"] == 0 for account, row in sums.items() if account not in {into, to})
    assert {
        row.account
        for table in ("commitment", "dispute", "hold", "followup")
        for row in world.rows(f"SELECT account FROM {table}")
    } == {into, to}
    assert {task["WhatId"] for task in tasks(world)} == {into, to}
    next_day(world, 10)
    world.come_to_rest()
    assert [shown(world, "AR_Commitment__c", each, "Status__c") for each in promises] == [("Broken",)] * 2
    for each in disputes:
        edit(world, "AR_Dispute__c", each, Status__c="Resolved")
    world.come_to_rest()
    for account in (into, to):
        keys = [task["AR_Key__c"].partition(":")[0] for task in tasks(world, account) if not task["IsClosed"]]
        assert keys == ["broken"], account
    assert all(one["AR_Key__c"] != two["AR_Key__c"] for one, two in pairwise(tasks(world)))


def test_an_account_that_is_deleted_and_restored_has_everything_again_at_once(world: World):
    [(account, invoice)] = overdue(world)
    world.come_to_rest()
    promise(world, account, invoice, by=9, Amount__c=10)
    world.come_to_rest()
    world.delete(account)
    world.read_back()
    world.act("pay_invoice", invoice=invoice, amount=100, method="bank")
    world.come_to_rest()
    world.calls()
    world.read_back()
    assert sum(world.calls().values()) == 1
    assert world.status.parked > 0
    world.undelete(account)
    world.come_to_rest()
    assert world.status.parked == 0
    world.check()
