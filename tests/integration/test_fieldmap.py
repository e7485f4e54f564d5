"""Figures in whichever fields finance chose: every way of writing them, put back, left out, refused, switched off."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from connector.local.org.server import LocalOrg
from connector.salesforce import describe
from sync.adapters.org_books import OrgBooks
from sync.core.fieldmap.figures import ACCOUNT, INVOICE, PAYMENT, SUMMARY
from sync.core.fieldmap.rules import KindMap, Rule, default
from sync.core.fieldmap.transforms import AsDay, AsText, Choices, Constant, DayForm, Rounded, YesNo
from sync.doctor import org_findings
from sync.pipeline.compare import compare
from sync.pipeline.refill import refill
from tests.integration.mapping import change, fill, on_account, save, with_rules, without
from tests.integration.own_fields import org_with_own_fields
from tests.integration.place import CONNECTION, TODAY
from tests.integration.selling import edit, promise, put_backs
from tests.integration.world import World

LIGHTS = Choices((("Clear", "Green"), ("Current", "Green"), ("Overdue 1-30", "Amber"), ("Overdue 31-60", "Red")))


@pytest.fixture
def local_org(tmp_path) -> Iterator[LocalOrg]:
    with org_with_own_fields(tmp_path) as org:
        yield org


def drifts(world: World) -> dict[str, str]:
    org = world.run.require_org()
    inside = OrgBooks(org, world.run.fieldmap)
    found = compare(world.engine, org, world.run.publishing, inside, lambda *_: None)
    return {name: drift.in_words() for name, drift in found.items() if drift.found}


def owing(world: World, amount: int = 123_450, due_in_days: int = -3) -> tuple[str, str]:
    account = world.account()
    invoice = world.invoice(world.customer(account), amount, due_in_days=due_in_days)
    world.settle()
    return account, invoice


def test_every_way_of_writing_a_figure_reaches_the_org(world: World):
    account, invoice = owing(world)
    mapping = with_rules(
        ACCOUNT,
        Rule("AR_Outstanding__c", "Owed__c"),
        Rule("AR_Outstanding__c", "AnnualRevenue", Rounded(0)),
        Rule("AR_Outstanding__c", "Owed_Words__c", AsText()),
        Rule("AR_Overdue__c", "Late_Words__c", YesNo("late", "in time")),
        Rule("AR_Overdue__c", "Late_Box__c"),
        Rule("Days_Past_Due__c", "Late_Days__c"),
        Rule("Oldest_Due_On__c", "Since__c"),
        Rule("Oldest_Due_On__c", "Since_Words__c", AsDay(DayForm.DMY)),
        Rule("AR_As_Of__c", "Told_At__c"),
        Rule("AR_Status__c", "Light__c", LIGHTS),
        Rule("Open_Invoices__c", "NumberOfEmployees"),
        Rule("AR_Status__c", "Site", Constant("see AR")),
    )
    mapping = with_rules(INVOICE, Rule("Balance__c", "Still_Owed__c", AsText()), base=mapping)
    mapping = with_rules(SUMMARY, Rule("Outstanding__c", "Owed_Words__c", AsText()), base=mapping)
    mapping = with_rules(PAYMENT, Rule("Kind__c", "Paid_Words__c"), base=mapping)
    world.act("pay_invoice", invoice=world.invoice(world.customer(account), 900), amount=900)
    change(world, mapping)
    due = TODAY - timedelta(days=3)
    assert on_account(
        world, account, "Owed__c", "AnnualRevenue", "Owed_Words__c", "Late_Words__c", "Late_Box__c", "Late_Days__c",
        "Since__c", "Since_Words__c", "Light__c", "NumberOfEmployees", "Site",
    ) == (
        Decimal("1234.50"), 1235, "USD 1,234.50", "late", True, 3, due.isoformat(), due.strftime("%d.%m.%Y"), "Amber",
        1, "see AR",
    )  # fmt: skip
    assert on_account(world, account, "Told_At__c")[0]
    assert world.shown_invoice(invoice, "Still_Owed__c")["Still_Owed__c"] == "USD 1,234.50"
    assert [row["Owed_Words__c"] for row in world.admin.query("SELECT Owed_Words__c FROM AR_Summary__c")] == [
        "USD 1,234.50"
    ]
    assert [row["Paid_Words__c"] for row in world.admin.query("SELECT Paid_Words__c FROM AR_Payment__c")] == ["Payment"]
    world.check()
    assert drifts(world) == {}
    world.act("pay_invoice", invoice=invoice)
    world.settle()
    assert on_account(world, account, "Owed__c", "Late_Words__c", "Since__c", "Light__c") == (
        0, "in time", None, "Green",
    )  # fmt: skip
    assert drifts(world) == {}


def test_when_figures_were_true_is_no_reason_to_write_wherever_it_stands(world: World):
    account, _ = owing(world)
    mapping = without(default(), "AR_As_Of__c")
    mapping = with_rules(ACCOUNT, Rule("AR_As_Of__c", "Told_At__c"), base=mapping)
    mapping = with_rules(ACCOUNT, Rule("AR_As_Of__c", "Since_Words__c", AsDay(DayForm.ISO)), base=mapping)
    change(world, mapping)
    world.calls()
    with world.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE record SET marked = marked + 1, due_at = now() WHERE kind = 'account'")
    assert world.publish().unchanged == 1
    fill(world, account, Told_At__c="2020-01-01T00:00:00Z")
    world.come_to_rest()
    assert put_backs(world) == []
    assert drifts(world) == {}


def test_an_edit_in_a_mapped_field_is_put_back_and_told(world: World):
    account, invoice = owing(world)
    mapping = with_rules(ACCOUNT, Rule("AR_Outstanding__c", "Owed__c"))
    change(world, with_rules(INVOICE, Rule("Balance__c", "Still_Owed__c", AsText()), base=mapping))
    world.come_to_rest()
    fill(world, account, Owed__c=5)
    [record] = world.admin.query("SELECT Id FROM AR_Invoice__c")
    edit(world, "AR_Invoice__c", record["Id"], Still_Owed__c="nothing")
    world.come_to_rest()
    assert on_account(world, account, "Owed__c") == (Decimal("1234.50"),)
    assert world.shown_invoice(invoice, "Still_Owed__c")["Still_Owed__c"] == "USD 1,234.50"
    assert sorted(row["Body__c"].split(" from ")[0].split()[-1] for row in put_backs(world)) == [
        "Owed__c",
        "Still_Owed__c",
    ]


def test_a_mapped_field_that_differs_is_drift_and_mended(world: World):
    account, _ = owing(world)
    change(world, with_rules(ACCOUNT, Rule("AR_Status__c", "Light__c", LIGHTS)))
    fill(world, account, Light__c="Green")
    assert drifts(world) == {"Account": "1 different (Light__c)"}
    world.publish()
    assert on_account(world, account, "Light__c") == ("Amber",)


def test_a_mapped_field_that_is_hidden_is_left_out_and_filled_in_later(world: World, monkeypatch):
    monkeypatch.setattr(describe, "INCOMPLETE_MAX_AGE", 0.0)
    account, invoice = owing(world)
    fill(world, account, Owed__c=77)
    world.fault("revoke_field", object="Account", field="Owed__c")
    world.run.require_org().exposure.forget_all()
    change(world, with_rules(ACCOUNT, Rule("AR_Outstanding__c", "Owed__c")))
    world.act("pay_invoice", invoice=invoice, amount=23_450)
    world.settle()
    assert on_account(world, account, "AR_Outstanding__c", "Owed__c") == (1_000, 77)
    assert [(row["code"], row["reason"]) for row in world.status.problems] == [
        ("fields left out", "account: Owed__c cannot be written")
    ]
    world.heal()
    assert refill(world.engine, world.run.require_org()) == 1
    world.publish()
    assert on_account(world, account, "Owed__c") == (1_000,)
    assert world.status.problems == []
    back = change(world, default(), "restore")
    assert back
    assert on_account(world, account, "Owed__c") == (77,)  # it was kept before it was first written


def test_a_field_that_the_org_refuses_parks_its_record_with_the_way_out(world: World):
    account, _ = owing(world)
    change(world, with_rules(ACCOUNT, Rule("AR_Status__c", "Light__c")))
    [problem] = world.status.problems
    assert "Overdue 1-30" in problem["reason"] + problem["fix"]
    change(world, with_rules(ACCOUNT, Rule("AR_Status__c", "Light__c", LIGHTS)))
    assert world.status.problems == []
    assert on_account(world, account, "Light__c") == ("Amber",)
    world.check()


@pytest.mark.parametrize("kind", ["invoice", "payment", "activity", "task"])
def test_what_is_switched_off_is_not_written_and_stays_until_it_is_on_again(world: World, kind):
    account, invoice = owing(world, due_in_days=1)
    change(world, default().put(kind, KindMap(on=False)))
    for _ in range(2):
        world.move_to(world.today + timedelta(days=3))
        world.turn()
        world.come_to_rest()
    world.act("pay_invoice", invoice=invoice, amount=450)
    world.invoice(next(iter(world.accounts)), 700)
    promise(world, account, by=10)
    world.come_to_rest()
    fill(world, account, AR_Overdue__c=False)  # which is put back, with a note on the timeline
    world.come_to_rest()
    assert world.status.problems == []
    assert drifts(world) == {}
    objects = {"invoice": "AR_Invoice__c", "payment": "AR_Payment__c", "activity": "AR_Activity__c", "task": "Task"}
    there = {name: len(world.admin.query(f"SELECT Id FROM {name}")) for name in objects.values()}
    assert there[objects[kind]] == (1 if kind == "invoice" else 0)
    assert all(count > 0 for name, count in there.items() if name != objects[kind]), there
    world.check_summaries()
    change(world, default())
    world.move_to(world.today + timedelta(days=20))  # the promise is broken by then: somebody has to follow up
    world.turn()
    world.come_to_rest()
    assert world.admin.query(f"SELECT Id FROM {objects[kind]}")
    assert drifts(world) == {}
    world.check()


def test_with_invoices_off_payments_and_entries_point_to_none_that_will_not_come(world: World):
    account = world.account()
    customer = world.customer(account)
    change(world, default().put("invoice", KindMap(on=False)))
    invoice = world.invoice(customer, 1_000, due_in_days=-1)
    world.act("pay_invoice", invoice=invoice, amount=400)
    world.come_to_rest()
    assert world.status.problems == []
    [row] = world.admin.query("SELECT Invoice__c FROM AR_Payment__c")
    assert row["Invoice__c"] is None
    change(world, default())
    world.come_to_rest()
    [row] = world.admin.query("SELECT Invoice__r.Key__c FROM AR_Payment__c")
    assert row["Invoice__r"]["Key__c"] == f"{CONNECTION}:{invoice}"


def test_an_account_of_which_nothing_is_said_is_not_written(world: World):
    change(world, default().put(ACCOUNT, KindMap(on=False)))
    account, _ = owing(world)
    assert on_account(world, account, "AR_Status__c", "AR_Outstanding__c") == (None, None)
    assert world.one("SELECT written_at FROM record WHERE kind = 'account'").written_at is None
    assert drifts(world) == {}


def test_days_past_due_are_written_once_a_day_while_anything_is_late(world: World):
    account, invoice = owing(world, due_in_days=2)
    change(world, with_rules(ACCOUNT, Rule("Days_Past_Due__c", "Late_Days__c")))
    seen = []
    for _ in range(4):
        seen.append(on_account(world, account, "Late_Days__c")[0])
        world.move_to(world.today + timedelta(days=1))
        world.turn()
        world.publish()
    assert seen == [0, 0, 0, 1]
    assert on_account(world, account, "Late_Days__c") == (2,)
    world.act("pay_invoice", invoice=invoice)
    world.settle()
    assert on_account(world, account, "Late_Days__c") == (0,)
    change(world, default())
    for _ in range(2):
        world.move_to(world.today + timedelta(days=1))
        world.turn()
        world.publish()
    assert world.one("SELECT next_change_on FROM record WHERE kind = 'account'").next_change_on is None


def test_promises_and_disputes_reach_an_account_that_says_them(world: World):
    account, invoice = owing(world, amount=50_000)
    change(world, with_rules(ACCOUNT, Rule("Promised__c", "Owed__c"), Rule("Next_Commitment_On__c", "Since__c")))
    promise(world, account, invoice, by=3, Amount__c=100)
    world.come_to_rest()
    assert on_account(world, account, "Owed__c", "Since__c") == (100, (TODAY + timedelta(days=3)).isoformat())


@pytest.mark.parametrize("settings", [{"DUELINE_ACCOUNT_FIELDS": '{"AR_Outstanding__c": "Owed__c"}'}])
def test_the_environment_has_the_last_word(world: World):
    account, _ = owing(world)
    assert on_account(world, account, "Owed__c", "AR_Outstanding__c") == (Decimal("1234.50"), None)
    save(world, with_rules(ACCOUNT, Rule("AR_Status__c", "Owed__c", Constant("no"))))
    fill(world, account, Owed__c=1)
    world.come_to_rest()
    assert on_account(world, account, "Owed__c", "AR_Outstanding__c") == (Decimal("1234.50"), None)


def findings(world: World) -> list[str]:
    """What the doctor would have mended in the fields and the rules of the org."""
    wrong = [each for each in org_findings(world.run) if not each.ok]
    return [each.what for each in wrong if each.area in {"salesforce fields", "salesforce rules", "salesforce package"}]


def test_the_doctor_looks_at_the_mapped_fields(world: World):
    owing(world)
    assert findings(world) == []
    mapping = with_rules(ACCOUNT, Rule("AR_Status__c", "Light__c", LIGHTS), Rule("AR_As_Of__c", "Told_At__c"))
    mapping = with_rules(INVOICE, Rule("Due_On__c", "Still_Owed__c", AsDay(DayForm.MDY)), base=mapping)
    save(world, without(mapping, "AR_As_Of__c"))
    assert findings(world) == []
    save(world, with_rules(ACCOUNT, Rule("AR_Outstanding__c", "Twice__c"), Rule("AR_Status__c", "Late_Box__c")))
    assert findings(world) == [
        "Account: not editable: Twice__c",
        "Account.Twice__c: is a formula: nobody can write it",
        "Account.Late_Box__c: holds a checkbox, and this is text",
    ]
    save(world, default().put("invoice", KindMap(on=False)).put("task", KindMap(on=False)))
    assert findings(world) == []
