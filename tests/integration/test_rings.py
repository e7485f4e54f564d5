"""Whatever people do on the screens is read when Salesforce rings: nothing of it has to wait for the next poll."""

from collections.abc import Callable
from typing import Any

import pytest

from sync import jobs
from sync.db import cursors
from tests.integration.place import CONNECTION
from tests.integration.selling import contest, edit, next_day, promise, tasks
from tests.integration.test_outbound import ORG, PATH, TOKEN, known
from tests.integration.world import World
from tests.unit.webhooks.test_salesforce import message


@pytest.fixture
def settings() -> dict[str, str]:
    return {"DUELINE_SALESFORCE__HOOK_TOKENS": TOKEN}


@pytest.fixture
def ring(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """An Outbound Message of that object arrives, and the worker answers the bell."""
    monkeypatch.setattr(jobs, "runtime", lambda: world.run)

    def rung(object_name: str) -> None:
        known(world)
        world.run.bell.rung.clear()
        note = f'<Notification><Id>04l000000000001AAA</Id><sObject xsi:type="sf:{object_name}"/></Notification>'
        answer = world.client.post(PATH, data=message(org=ORG, notes=note))
        assert (answer.status_code, b"<Ack>true</Ack>" in answer.data) == (200, True), answer.text
        assert "crm:now" in world.run.bell.rung
        world._set("cursor", "updated_at = now() - interval '1 s'", f"name = '{cursors.LAST_LOOK}'")
        jobs.look_now()

    return rung


@pytest.fixture
def scene(world: World) -> tuple[str, list[str]]:
    """An account with two overdue invoices and their follow-ups: everything is quiet."""
    account = world.account()
    customer = world.customer(account)
    invoices = [world.invoice(customer, 50_000, due_in_days=1, auto_advance=True) for _ in range(2)]
    world.come_to_rest()
    next_day(world, 2)
    world.come_to_rest()
    return account, invoices


def admin(world: World) -> str:
    return world.admin.query("SELECT OwnerId FROM Account")[0]["OwnerId"]


def test_an_invoice_that_somebody_takes(world: World, ring: Any, scene: Any):
    _, [invoice, _] = scene
    shown = world.shown_invoice(invoice, "Assigned_To__c")
    assert shown is not None
    edit(world, "AR_Invoice__c", shown["Id"], Assigned_To__c=admin(world))
    ring("AR_Invoice__c")
    assert world.one("SELECT invoice, person FROM assignment") == (f"{CONNECTION}:{invoice}", admin(world))


def test_an_escalation_to_a_team(world: World, ring: Any, scene: Any):
    account, _ = scene
    row = {"Account__c": account, "Kind__c": "Escalation", "Escalated_Team__c": "Finance", "Body__c": "They hide."}
    world.admin.create("AR_Activity__c", [row])
    ring("AR_Activity__c")
    found = world.one("SELECT subject, body FROM entry WHERE kind = 'Escalation'")
    assert found == ("Escalated to Finance", "They hide.")


def test_a_team_of_the_companys_own(world: World, ring: Any, scene: Any):
    account, _ = scene
    row = {"Account__c": account, "Kind__c": "Escalation", "Escalated_Team__c": "Collections EMEA"}
    world.admin.create("AR_Activity__c", [row])
    ring("AR_Activity__c")
    assert world.one("SELECT subject FROM entry WHERE kind = 'Escalation'") == ("Escalated to Collections EMEA",)


@pytest.mark.parametrize("kind", ["Call", "Note", "Email", "Final Notice"])
def test_what_was_said_to_the_customer(world: World, ring: Any, scene: Any, kind: str):
    account, _ = scene
    world.admin.create("AR_Activity__c", [{"Account__c": account, "Kind__c": kind, "Subject__c": "Ask Ann"}])
    ring("AR_Activity__c")
    assert world.one("SELECT kind FROM entry WHERE subject = 'Ask Ann'") == (kind,)


def test_a_follow_up_that_somebody_takes_and_one_that_is_done(world: World, ring: Any, scene: Any):
    account, _ = scene
    one, two = tasks(world, account)
    edit(world, "Task", one["Id"], Status="In Progress")
    edit(world, "Task", two["Id"], Status="Completed")
    ring("Task")
    assert {row.theirs for row in world.rows("SELECT theirs FROM followup")} == {"worked_on"}
    subjects = {row.subject.partition(":")[0] for row in world.rows("SELECT subject FROM entry WHERE kind = 'Task'")}
    assert subjects == {"In Progress", "Completed"}


def test_a_promise_for_several_invoices(world: World, ring: Any, scene: Any):
    account, [one, two] = scene
    made = promise(world, account, one, by=9, Invoices__c=world.ledger(two).number)
    ring("AR_Commitment__c")
    assert world.one("SELECT id, status FROM commitment") == (made, "Open")
    covered = {row.invoice for row in world.rows("SELECT invoice FROM coverage")}
    assert covered == {f"{CONNECTION}:{one}", f"{CONNECTION}:{two}"}


def test_a_dispute(world: World, ring: Any, scene: Any):
    account, [one, _] = scene
    made = contest(world, account, one)
    ring("AR_Dispute__c")
    assert world.one("SELECT id, open, contested FROM dispute") == (made, True, 50_000)
