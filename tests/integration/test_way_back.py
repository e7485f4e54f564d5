"""What people do in Salesforce takes effect: promises, holds at Stripe, follow-ups, and back again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.integration.place import CONNECTION, TODAY
from tests.integration.world import World


def commitment(world: World, account: str, invoice: str | None = None, **fields) -> str:
    """An account executive writes down a promise, about invoices that stand there; its id."""
    world.come_to_rest()
    row = {"Account__c": account, "CurrencyIsoCode": "USD", **fields}
    if invoice:
        row["Invoice__r"] = {"Key__c": f"{CONNECTION}:{invoice}"}
    [made] = world.admin.create("AR_Commitment__c", [row])
    return made


def bill(world: World, customer: str, amount: int, **more) -> str:
    """An invoice that Stripe chases by itself."""
    return world.invoice(customer, amount, auto_advance=True, **more)


def shown(world: World, object_name: str, record: str, *names: str):
    [row] = world.admin.query(f"SELECT {', '.join(names)} FROM {object_name} WHERE Id = '{record}'")
    return tuple(row[name] for name in names)


def tasks(world: World):
    names = "AR_Key__c, Subject, Status, OwnerId, WhatId, Description, AR_Outcome__c, ActivityDate, Priority, IsClosed"
    return world.admin.query(f"SELECT Id, {names} FROM Task WHERE AR_Key__c != null ORDER BY CreatedDate, Id")


def held(world: World, invoice: str) -> tuple[bool, bool]:
    """At Stripe: whether it is left alone, and whether our note stands there."""
    [body] = [row for row in world.objects("invoice") if row["id"] == invoice]
    return not body["auto_advance"], "dueline_hold" in body["metadata"]


def test_a_promise_from_beginning_to_end(world: World):
    account = world.account()
    customer = world.customer(account)
    invoice = bill(world, customer, 120_000, due_in_days=5)
    world.come_to_rest()
    assert tasks(world) == []

    world.move_to(TODAY + timedelta(days=6))
    world.turn()
    world.come_to_rest()
    [task] = tasks(world)
    owner = shown(world, "Account", account, "OwnerId")[0]
    assert (task["Status"], task["OwnerId"], task["WhatId"]) == ("Not Started", owner, account)
    assert "1,200.00" in task["Subject"]

    promised_on = TODAY + timedelta(days=9)
    promise = commitment(world, account, invoice, Amount__c=1200, Promised_On__c=promised_on.isoformat())
    world.come_to_rest()
    assert held(world, invoice) == (True, True)
    assert shown(world, "AR_Commitment__c", promise, "Status__c", "Hold_State__c", "Currency__c", "Problem__c") == (
        "Open",
        "Held",
        "USD",
        None,
    )
    row = world.shown_invoice(invoice, "Promised_On__c", "On_Hold__c")
    assert (row["Promised_On__c"], row["On_Hold__c"]) == (promised_on.isoformat(), True)
    summary = world.admin.query("SELECT Promised__c, Next_Commitment_On__c FROM AR_Summary__c")[0]
    assert (summary["Promised__c"], summary["Next_Commitment_On__c"]) == (Decimal(1200), promised_on.isoformat())
    [task] = tasks(world)
    assert task["Status"] == "Completed"
    assert task["AR_Outcome__c"].startswith("Promised")

    world.move_to(TODAY + timedelta(days=10))
    world.turn()
    world.come_to_rest()
    assert shown(world, "AR_Commitment__c", promise, "Status__c", "Hold_State__c", "Kept_Amount__c") == (
        "Broken",
        "Released",
        0,
    )
    assert held(world, invoice) == (False, False)
    assert world.shown_invoice(invoice, "On_Hold__c")["On_Hold__c"] is False
    first, second = tasks(world)
    assert first["Status"] == "Completed"
    assert (second["Status"], second["WhatId"]) == ("Not Started", account)
    assert second["AR_Key__c"].startswith("broken:")

    world.act("pay_invoice", invoice=invoice)
    world.come_to_rest()
    first, second = tasks(world)
    assert second["Status"] == "Completed"
    assert "Paid" in second["AR_Outcome__c"]
    assert shown(world, "AR_Commitment__c", promise, "Status__c") == ("Broken",)
    world.check()


def test_a_repeat_of_everything_changes_nothing(world: World):
    account = world.account()
    invoice = bill(world, world.customer(account), 50_000, due_in_days=1)
    promise = commitment(world, account, invoice, Amount__c=500, Promised_On__c=(TODAY + timedelta(days=3)).isoformat())
    world.come_to_rest()
    before = world.rows("SELECT * FROM hold"), world.rows("SELECT * FROM commitment"), world.rows("SELECT * FROM entry")
    world._set("review", "wanted = wanted + 1", "true")
    world._set("hold", "applied = NULL", "true")
    world._set("crm", "stamp = stamp - interval '1 hour'", "true")
    world.come_to_rest()
    assert len(world.rows("SELECT 1 FROM entry")) == len(before[2])
    assert held(world, invoice) == (True, True)
    assert shown(world, "AR_Commitment__c", promise, "Status__c") == ("Open",)


def test_a_field_of_ours_is_put_back_and_said_so(world: World):
    account = world.account()
    invoice = bill(world, world.customer(account), 50_000)
    promise = commitment(world, account, invoice, Amount__c=500, Promised_On__c=(TODAY + timedelta(days=3)).isoformat())
    world.come_to_rest()
    record = world.shown_invoice(invoice)["Id"]
    world.admin.update("AR_Invoice__c", [{"Id": record, "Balance__c": 1}])
    world.admin.update("AR_Commitment__c", [{"Id": promise, "Status__c": "Kept", "Note__c": "called twice"}])
    world.come_to_rest()
    assert world.shown_invoice(invoice, "Balance__c")["Balance__c"] == 500
    assert shown(world, "AR_Commitment__c", promise, "Status__c", "Note__c") == ("Open", "called twice")
    said = world.admin.query("SELECT Body__c, Subject__c, Account__c FROM AR_Activity__c WHERE Kind__c = 'Note'")
    assert len(said) == 2
    assert all(row["Account__c"] == account for row in said)


def test_a_task_that_somebody_works_on_is_left_to_them(world: World):
    account = world.account()
    invoice = bill(world, world.customer(account), 50_000, due_in_days=1)
    world.move_to(TODAY + timedelta(days=2))
    world.turn()
    world.come_to_rest()
    [task] = tasks(world)
    world.admin.update("Task", [{"Id": task["Id"], "Status": "In Progress", "Description": "spoke to Ann"}])
    world.act("pay_invoice", invoice=invoice)
    world.come_to_rest()
    [task] = tasks(world)
    assert (task["Status"], task["Description"]) == ("In Progress", "spoke to Ann")


@pytest.mark.parametrize("ending", ["cancel", "delete", "pay", "void"])
def test_a_hold_ends_with_its_reason(world: World, ending: str):
    account = world.account()
    invoice = bill(world, world.customer(account), 50_000)
    promise = commitment(world, account, invoice, Promised_On__c=(TODAY + timedelta(days=3)).isoformat())
    world.come_to_rest()
    assert held(world, invoice) == (True, True)
    match ending:
        case "cancel":
            world.admin.update("AR_Commitment__c", [{"Id": promise, "Cancelled__c": True}])
        case "delete":
            world.admin._json("DELETE", f"/services/data/v66.0/sobjects/AR_Commitment__c/{promise}")
        case "pay":
            world.act("pay_invoice", invoice=invoice)
        case "void":
            world.act("void_invoice", invoice=invoice)
    world.come_to_rest()
    assert held(world, invoice)[1] is False
    if ending in {"cancel", "delete"}:
        assert held(world, invoice)[0] is False
    summary = world.admin.query("SELECT Promised__c, Next_Commitment_On__c FROM AR_Summary__c")[0]
    assert (summary["Promised__c"], summary["Next_Commitment_On__c"]) == (0, None)
    if ending == "delete":
        world.admin._json("POST", "/_control/undelete", json={"ids": [promise]})
        world.come_to_rest()
        assert held(world, invoice) == (True, True)


def test_a_dispute_holds_its_invoice_and_says_what_is_contested(world: World):
    account = world.account()
    invoice = bill(world, world.customer(account), 50_000)
    world.come_to_rest()
    row = {
        "Account__c": account,
        "Invoice__r": {"Key__c": f"{CONNECTION}:{invoice}"},
        "CurrencyIsoCode": "USD",
        "Category__c": "Pricing",
        "Disputed_Amount__c": 120,
        "Status__c": "New",
    }
    [made] = world.admin.create("AR_Dispute__c", [row])
    world.come_to_rest()
    assert held(world, invoice) == (True, True)
    assert world.shown_invoice(invoice, "Disputed__c", "On_Hold__c")["Disputed__c"] == 120
    assert world.admin.query("SELECT Disputed__c FROM AR_Summary__c")[0]["Disputed__c"] == 120
    assert shown(world, "AR_Dispute__c", made, "Hold_State__c", "SLA_Breached__c") == ("Held", False)
    world.admin.update("AR_Dispute__c", [{"Id": made, "Status__c": "Resolved"}])
    world.come_to_rest()
    assert held(world, invoice) == (False, False)
    assert world.shown_invoice(invoice, "Disputed__c")["Disputed__c"] == 0
    assert shown(world, "AR_Dispute__c", made, "Hold_State__c")[0] == "Released"


def test_calls_and_notes_are_on_the_timeline_and_the_last_contact_is_known(world: World):
    account = world.account()
    bill(world, world.customer(account), 50_000)
    world.come_to_rest()
    world.admin.create(
        "AR_Activity__c",
        [
            {
                "Account__c": account,
                "Kind__c": "Call",
                "Subject__c": "Asked for payment",
                "Body__c": "They pay on Friday",
            }
        ],
    )
    world.admin.create("Task", [{"WhatId": account, "Subject": "Email", "TaskSubtype": "Email", "Status": "Completed"}])
    world.come_to_rest()
    kinds = {row.kind: (row.by, row.system, row.contact) for row in world.rows("SELECT * FROM entry WHERE NOT ours")}
    assert kinds.keys() == {"Call", "Email"}
    assert all(by and system == "Salesforce" and contact for by, system, contact in kinds.values())
    [summary] = world.admin.query("SELECT Last_Contact_On__c, Last_Contact_By__c FROM AR_Summary__c")
    assert summary["Last_Contact_On__c"] is not None
    assert summary["Last_Contact_By__c"] == kinds["Call"][0]


def test_somebody_elses_hold_is_left_alone(world: World):
    account = world.account()
    invoice = bill(world, world.customer(account), 50_000)
    world.act("update_invoice", invoice=invoice, auto_advance=False)
    promise = commitment(world, account, invoice, Promised_On__c=(TODAY + timedelta(days=3)).isoformat())
    world.come_to_rest()
    assert held(world, invoice) == (True, False)
    world.admin.update("AR_Commitment__c", [{"Id": promise, "Cancelled__c": True}])
    world.come_to_rest()
    assert held(world, invoice) == (True, False)


def test_a_commitment_over_several_invoices_and_one_without_any(world: World):
    account = world.account()
    customer = world.customer(account)
    first = bill(world, customer, 10_000, due_in_days=1)
    second = bill(world, customer, 20_000, due_in_days=2)
    third = bill(world, customer, 30_000, due_in_days=3)
    world.come_to_rest()
    number = world.ledger(second).number
    day = (TODAY + timedelta(days=4)).isoformat()
    several = commitment(world, account, third, Invoices__c=f"{number}, NOT-1", Amount__c=500, Promised_On__c=day)
    world.come_to_rest()
    covers, problem = shown(world, "AR_Commitment__c", several, "Covers__c", "Problem__c")
    assert covers == f"{world.ledger(third).number}, {number}"
    assert "NOT-1" in problem
    assert [held(world, each)[1] for each in (first, second, third)] == [False, True, True]
    oldest = commitment(world, account, Amount__c=50, Promised_On__c=day)
    world.come_to_rest()
    assert shown(world, "AR_Commitment__c", oldest, "Covers__c")[0] == world.ledger(first).number
    assert held(world, first) == (True, True)
    world.act("pay_invoice", invoice=first, amount=5_000, method="bank")
    world.come_to_rest()
    assert shown(world, "AR_Commitment__c", oldest, "Status__c", "Kept_Amount__c") == ("Kept", 50)
    assert held(world, first) == (False, False)
    assert date.fromisoformat(shown(world, "AR_Commitment__c", oldest, "Kept_On__c")[0]) == TODAY
