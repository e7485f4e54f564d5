"""Whose field it is: ours are put back and said so, theirs are never written, and our own writes are nobody's edits."""

from decimal import Decimal

import pytest

from tests.integration.place import CONNECTION
from tests.integration.selling import (
    bill,
    billed,
    contest,
    day,
    edit,
    next_day,
    promise,
    put_backs,
    remove,
    shown,
    tasks,
    told,
)
from tests.integration.world import World


def only(world: World, object_name: str, where: str = "Id != null") -> str:
    [row] = world.admin.query(f"SELECT Id FROM {object_name} WHERE {where}")
    return row["Id"]


def follow_up(world: World) -> tuple[str, str, str]:
    """An account with an overdue invoice and a task: their ids."""
    account, invoice = billed(world, due_in_days=1)
    next_day(world, 2)
    world.come_to_rest()
    [task] = tasks(world, account)
    return account, invoice, task["Id"]


def test_whatever_of_ours_somebody_changes_is_put_back_and_told_once(world: World):
    account, invoice, task = follow_up(world)
    other = world.account(name="Other")
    second = bill(world, next(iter(world.accounts)), 7_000)
    world.act("pay_together", invoices=[second, invoice], amount=10_000)
    charge = world.objects("charge")[0]["id"]
    world.act("refund", charge=charge, amount=1_000)
    made, about = promise(world, account, invoice), contest(world, account, invoice)
    world.come_to_rest()
    entry = world.admin.query("SELECT Id FROM AR_Activity__c WHERE Key__c != null ORDER BY Key__c")[0]["Id"]
    summary, record = only(world, "AR_Summary__c"), only(world, "AR_Invoice__c", f"Key__c = '{CONNECTION}:{invoice}'")
    paid, back = (only(world, "AR_Payment__c", f"Kind__c = '{kind}'") for kind in ("Payment", "Refund"))
    changes = {
        ("AR_Summary__c", summary): {"Outstanding__c": 1, "Currency__c": "EUR", "Account__c": other},
        ("AR_Invoice__c", record): {"Status__c": "Paid", "Due_On__c": "2030-01-01", "Account__c": None},
        ("AR_Payment__c", paid): {"Amount__c": 5, "Invoice__c": record},
        ("AR_Payment__c", back): {"Amount__c": 6},
        ("AR_Commitment__c", made): {"Status__c": "Kept", "Kept_Amount__c": 9, "Covers__c": "X", "Problem__c": "mine"},
        ("AR_Dispute__c", about): {"Hold_State__c": "Failed", "SLA_Breached__c": True},
        ("AR_Activity__c", entry): {"Subject__c": "nothing happened", "Account__c": other},
        ("Account", account): {"AR_Overdue__c": False, "AR_Outstanding__c": None},
        ("Task", task): {"Subject": "do not call", "Priority": "Low", "AR_Outcome__c": "I said so"},
    }
    before = {of: shown(world, *of, *fields) for of, fields in changes.items()}
    for (name, record_id), fields in changes.items():
        edit(world, name, record_id, **fields)
    world.come_to_rest()
    after = {of: shown(world, *of, *fields) for of, fields in changes.items()}
    assert after == before
    said = put_backs(world)
    assert len(said) == len(changes)
    assert {row["Account__c"] for row in said} == {account}
    assert all(row["By__c"] and row["By__c"] in row["Body__c"] for row in said)
    bodies = " ".join(row["Body__c"] for row in said)
    assert all(name in bodies for fields in changes.values() for name in fields if name != "Invoice__c")
    world.come_to_rest()
    assert len(put_backs(world)) == len(said)


def test_what_somebody_changes_again_is_told_again(world: World):
    billed(world)
    record = only(world, "AR_Invoice__c")
    for count in (1, 2):
        edit(world, "AR_Invoice__c", record, Balance__c=count)
        world.come_to_rest()
        assert shown(world, "AR_Invoice__c", record, "Balance__c") == (500,)
        assert len(put_backs(world)) == count


def test_one_update_of_both_keeps_theirs_and_puts_back_ours(world: World):
    account, invoice, task = follow_up(world)
    [person] = [row["Id"] for row in world.admin.query("SELECT Id FROM User WHERE IsActive = true")][:1]
    record = only(world, "AR_Invoice__c")
    made = promise(world, account, invoice, Amount__c=100, Note__c="first")
    about = contest(world, account, invoice, Disputed_Amount__c=5)
    world.come_to_rest()
    edit(world, "AR_Invoice__c", record, Assigned_To__c=person, Balance__c=3)
    edit(world, "AR_Commitment__c", made, Note__c="second", Amount__c=200, Status__c="Kept")
    edit(world, "AR_Dispute__c", about, Resolution__c="we agreed", Disputed_Amount__c=7, Problem__c="none")
    edit(world, "Task", task, Description="mine now", Subject="ours")
    world.come_to_rest()
    assert shown(world, "AR_Invoice__c", record, "Assigned_To__c", "Balance__c") == (person, 500)
    assert shown(world, "AR_Commitment__c", made, "Note__c", "Amount__c", "Status__c") == ("second", 200, "Open")
    assert shown(world, "AR_Dispute__c", about, "Resolution__c", "Disputed_Amount__c", "Problem__c") == (
        "we agreed",
        7,
        None,
    )
    description, subject = shown(world, "Task", task, "Description", "Subject")
    assert description == "mine now"
    assert subject != "ours"


def test_a_record_of_ours_that_somebody_deletes_is_made_again(world: World):
    account, invoice = billed(world)
    world.act("pay_invoice", invoice=invoice, amount=10_000)
    promise(world, account, invoice, Amount__c=100)
    world.come_to_rest()
    for name in ("AR_Invoice__c", "AR_Payment__c", "AR_Summary__c", "AR_Activity__c"):
        for row in world.admin.query(f"SELECT Id FROM {name}"):
            remove(world, name, row["Id"])
    world.come_to_rest()  # and comes to rest: what was deleted is read again for some minutes
    world.check()
    assert told(world, account)
    assert put_backs(world) == []
    [row] = world.admin.query("SELECT Id FROM AR_Summary__c")
    remove(world, "AR_Summary__c", row["Id"])
    world.come_to_rest()
    world.check()


@pytest.mark.parametrize(
    "settings",
    [{"DUELINE_ACCOUNT_FIELDS": '{"AR_Outstanding__c": "AR_Overdue_Amount__c", "AR_Overdue_Amount__c": null}'}],
)
def test_figures_on_the_account_are_ours_under_the_names_that_finance_gave_them(world: World, settings):
    account, _ = billed(world)
    assert shown(world, "Account", account, "AR_Overdue_Amount__c", "AR_Outstanding__c") == (500, None)
    edit(world, "Account", account, AR_Overdue_Amount__c=1, AR_Outstanding__c=77, Name="Acme Ltd")
    world.come_to_rest()
    assert shown(world, "Account", account, "AR_Overdue_Amount__c", "AR_Outstanding__c") == (500, 77)
    [said] = put_backs(world)
    assert "from 500" in said["Body__c"]


def test_what_we_wrote_ourselves_is_nobodys_edit(world: World):
    account, invoice = billed(world, due_in_days=1)
    made = promise(world, account, invoice, by=1, Amount__c=100)
    for step in range(2):
        world.read_back()
        world.review()
        world.read_back()
        world.publish()
        world.read_back()
        world.settle_holds()
        world.review()
        world.read_back()
        next_day(world, 1 + step)
        world.drain()
        world.read_back()
    edit(world, "AR_Commitment__c", made, Note__c="they will not pay")
    edit(world, "Account", account, Name="Acme Ltd")
    world.read_back()  # the day has turned, and nothing of it is written yet
    world.come_to_rest()
    assert put_backs(world) == []
    world.check()


def test_a_change_of_ours_that_comes_while_we_compare_is_nobodys_edit(world: World, monkeypatch):
    account, invoice = billed(world)
    made = promise(world, account, invoice, Amount__c=500)
    world.come_to_rest()
    record = only(world, "AR_Invoice__c")
    edit(world, "AR_Commitment__c", made, Note__c="on its way")
    edit(world, "AR_Invoice__c", record, Assigned_To__c=None)
    edit(world, "Account", account, Site="Berlin")
    org = world.run.require_org()
    told_money = org.money

    def money():
        if world.objects("invoice")[0]["status"] == "open":
            world.act("pay_invoice", invoice=invoice)
            world.drain()
            world.review()
        return told_money()

    monkeypatch.setattr(org, "money", money)
    world.read_back()
    world.come_to_rest()
    assert put_backs(world) == []
    assert shown(world, "AR_Commitment__c", made, "Status__c") == ("Kept",)


def test_an_account_that_is_renamed_or_shown_in_another_currency_is_no_breach(world: World):
    account, _ = billed(world)
    edit(world, "Account", account, Name="Zenith", CurrencyIsoCode="EUR")
    world.come_to_rest()
    assert put_backs(world) == []
    assert "Zenith" in world.admin.query("SELECT Name FROM AR_Summary__c")[0]["Name"]
    [outstanding] = shown(world, "Account", account, "AR_Outstanding__c")
    assert 0 < outstanding < Decimal(500)


def test_what_is_theirs_is_never_written_after_it_was_made(world: World):
    account, invoice, task = follow_up(world)
    person = world.admin.query("SELECT Id FROM User WHERE IsActive = true")[0]["Id"]
    made = promise(world, account, invoice, Amount__c=100, Note__c="n")
    world.come_to_rest()
    record = only(world, "AR_Invoice__c")
    edit(world, "AR_Invoice__c", record, Assigned_To__c=person)
    edit(world, "Task", task, OwnerId=person, Status="In Progress", Description="d")
    sent: set[tuple[str, str]] = set()
    session = world.run.require_org().session
    request = session.request

    def watched(method, path, **more):
        body = more.get("json") or {}
        for row in body.get("records", ()):
            sent.update((row["attributes"]["type"], name) for name in row)
        for part in body.get("compositeRequest", ()):
            sent.update(("Task", name) for name in part["body"])
        return request(method, path, **more)

    session.request = watched
    world.act("pay_invoice", invoice=invoice)
    next_day(world, 5)
    world.come_to_rest()
    theirs = {
        "AR_Commitment__c": {"Amount__c", "Promised_On__c", "Invoice__c", "Invoice__r", "Note__c", "Cancelled__c"},
        "AR_Invoice__c": {"Assigned_To__c"},
        "Task": {"Status", "OwnerId", "Description"},
    }
    assert {("AR_Commitment__c", "Status__c"), ("AR_Invoice__c", "Status__c")} <= sent
    assert not sent & {(kind, name) for kind, names in theirs.items() for name in names}
    assert shown(world, "AR_Commitment__c", made, "Note__c", "Amount__c", "Promised_On__c") == (
        "n",
        100,
        day(3).isoformat(),
    )
