"""Who follows an invoice up: read from where people choose it, followed by untouched tasks, told on the timeline."""

from typing import Any

import pytest

from connector.local.org.config import OrgUser
from sync.db import assignments
from tests.integration.place import CONNECTION
from tests.integration.selling import bill, edit, next_day, promise, remove, tasks, told
from tests.integration.world import World

ADA, BEN = "Ada Okafor", "Ben Cole"


@pytest.fixture
def org_options() -> dict[str, Any]:
    return {"users": tuple(OrgUser(name, "Sales", name, "secret") for name in (ADA, BEN))}


def user(world: World, name: str = ADA) -> str:
    return world.admin.query(f"SELECT Id FROM User WHERE Name = '{name}'")[0]["Id"]


def row_of(world: World, invoice: str) -> str:
    found = world.shown_invoice(invoice, "Assigned_To__c")
    assert found is not None
    return found["Id"]


def assign(world: World, person: str | None, *invoices: str) -> None:
    world.admin.update(
        "AR_Invoice__c", [{"Id": row_of(world, invoice), "Assigned_To__c": person} for invoice in invoices]
    )


def overdue(world: World, count: int = 1) -> tuple[str, list[str]]:
    account = world.account(OwnerId=user(world, BEN))
    customer = world.customer(account)
    invoices = [bill(world, customer, 50_000, due_in_days=1) for _ in range(count)]
    world.come_to_rest()
    return account, invoices


def late(world: World) -> None:
    next_day(world, 2)
    world.come_to_rest()


def owners(world: World, account: str) -> list[str]:
    return [task["OwnerId"] for task in tasks(world, account)]


def test_a_new_follow_up_belongs_to_whoever_has_taken_the_invoice(world: World):
    account, [one, two] = overdue(world, 2)
    assign(world, user(world), one)
    late(world)
    by_invoice = {task["AR_Key__c"].split(":")[2]: task["OwnerId"] for task in tasks(world, account)}
    assert by_invoice == {one: user(world), two: user(world, BEN)}


def test_nobody_is_given_work_who_is_not_there(world: World):
    account, [invoice] = overdue(world)
    assign(world, user(world), invoice)
    edit(world, "User", user(world), IsActive=False)
    late(world)
    assert owners(world, account) == [user(world, BEN)]


def test_an_untouched_follow_up_goes_with_its_invoice_and_back(world: World):
    account, [invoice] = overdue(world)
    late(world)
    assert owners(world, account) == [user(world, BEN)]
    assign(world, user(world), invoice)
    world.come_to_rest()
    assert owners(world, account) == [user(world)]
    assign(world, None, invoice)
    world.come_to_rest()
    assert owners(world, account) == [user(world, BEN)]
    world.act("pay_invoice", invoice=invoice)
    world.come_to_rest()
    assert [task["Status"] for task in tasks(world, account)] == ["Completed"]  # still ours to close


@pytest.mark.parametrize("choice", ["owner", "status"])
def test_what_a_person_chose_on_the_task_stays(world: World, choice: str):
    account, [invoice] = overdue(world)
    late(world)
    [task] = tasks(world, account)
    change = {"OwnerId": user(world)} if choice == "owner" else {"Status": "In Progress"}
    edit(world, "Task", task["Id"], **change)
    world.come_to_rest()
    admin = user(world, world.admin.query("SELECT Name FROM User WHERE Name LIKE '%dministrator%'")[0]["Name"])
    assign(world, admin, invoice)
    world.come_to_rest()
    assert owners(world, account) == [change.get("OwnerId", user(world, BEN))]


def test_taking_and_giving_back_as_the_page_does_it(world: World):
    account, [invoice] = overdue(world)
    late(world)
    [task] = tasks(world, account)
    assign(world, user(world), invoice)
    edit(world, "Task", task["Id"], OwnerId=user(world), Status="In Progress")
    world.come_to_rest()
    assert [(each["OwnerId"], each["Status"]) for each in tasks(world, account)] == [(user(world), "In Progress")]
    assert world.one("SELECT theirs FROM followup").theirs == "worked_on"
    assign(world, None, invoice)
    edit(world, "Task", task["Id"], OwnerId=user(world, BEN), Status="Not Started")
    world.come_to_rest()
    assert world.one("SELECT theirs FROM followup").theirs is None
    world.act("pay_invoice", invoice=invoice)
    world.come_to_rest()
    assert [each["Status"] for each in tasks(world, account)] == ["Completed"]
    texts = ["Ada Okafor follows up", "Ada Okafor no longer follows up"]
    assert sorted(" ".join(each.split()[:-1]) for each in told(world, account, "Task")) == sorted(texts)


def test_several_at_once_are_one_entry(world: World):
    account, invoices = overdue(world, 3)
    numbers = sorted(world.ledger(each).number for each in invoices)
    assign(world, user(world), *invoices)
    world.come_to_rest()
    assert told(world, account, "Task") == [f"Ada Okafor follows up {', '.join(numbers)}"]
    world.read_back()
    world.come_to_rest()
    assert len(told(world, account, "Task")) == 1
    [entry] = world.admin.query("SELECT System__c, By__c, Invoice__c FROM AR_Activity__c WHERE Kind__c = 'Task'")
    assert (entry["System__c"], entry["Invoice__c"]) == ("Salesforce", None)


def test_a_broken_promise_is_followed_up_by_whoever_has_its_invoices(world: World):
    account, [one, two] = overdue(world, 2)
    numbers = ", ".join(world.ledger(each).number for each in (one, two))
    promise(world, account, by=3, Invoices__c=numbers)
    world.come_to_rest()
    assign(world, user(world), one, two)
    next_day(world, 4)
    world.come_to_rest()
    [task] = [task for task in tasks(world, account) if task["AR_Key__c"].startswith("broken:")]
    assert task["OwnerId"] == user(world)
    assign(world, user(world, BEN), one)  # two people now: it stays where it is
    world.come_to_rest()
    assert [each["OwnerId"] for each in tasks(world, account) if each["Id"] == task["Id"]] == [user(world)]


def test_what_was_chosen_just_before_we_wrote_is_read_all_the_same(world: World):
    """Rows that we changed last are not read back as a rule; a choice must not be lost by that."""
    account, [invoice] = overdue(world)
    late(world)
    assign(world, user(world), invoice)
    world.act("credit_note", invoice=invoice, amount=100)
    world.settle()  # our write comes before the look
    world.come_to_rest()
    assert owners(world, account) == [user(world)]
    assign(world, None, invoice)
    world.act("credit_note", invoice=invoice, amount=100)
    world.settle()
    with world.engine.connect() as conn:
        assert assignments.in_doubt(conn, 10) == [f"{CONNECTION}:{invoice}"]
    world.come_to_rest()
    assert owners(world, account) == [user(world, BEN)]
    with world.engine.connect() as conn:
        assert assignments.in_doubt(conn, 10) == []


def test_looking_costs_one_call_however_much_is_assigned(world: World):
    _, invoices = overdue(world, 3)
    assign(world, user(world), *invoices)
    world.come_to_rest()
    world.calls()
    world.read_back()
    assert sum(world.calls().values()) == 1


def test_an_invoice_that_somebody_deletes_is_made_again_and_nobody_has_it(world: World):
    account, [invoice] = overdue(world)
    assign(world, user(world), invoice)
    world.come_to_rest()
    remove(world, "AR_Invoice__c", row_of(world, invoice))
    world.come_to_rest()
    assert world.shown_invoice(invoice, "Assigned_To__c")["Assigned_To__c"] is None  # type: ignore[index]
    assert world.one("SELECT person FROM assignment").person is None
    assert len(told(world, account, "Task")) == 1  # nobody gave it back
