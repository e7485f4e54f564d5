"""How far the service has come, as Salesforce shows it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from sync.adapters.org_books import OrgBooks
from sync.core.budget import Priority
from sync.core.fieldmap.rules import default
from sync.core.heartbeat import KEY
from sync.db import heartbeat
from sync.doctor.needs import needs
from sync.pipeline.compare import compare
from sync.pipeline.heartbeat import beat
from tests.integration.world import World

EVERY_S = 900.0


def told(world: World) -> dict[str, Any]:
    [row] = world.admin.query("SELECT Key__c, Name, Caught_Up_At__c, Waiting__c, Problem__c FROM AR_Sync__c")
    return row


def ago(shown: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(shown)).total_seconds()


def wait(world: World, seconds: float) -> None:
    world._set("cursor", f"updated_at = updated_at - interval '{seconds} s'", "name = 'heartbeat'")


def again(world: World) -> bool:
    return beat(world.engine, world.run.require_org(), EVERY_S)


def test_one_row_says_that_everything_stands_there(world: World):
    account = world.account()
    world.invoice(world.customer(account))
    world.come_to_rest()
    assert again(world) is True
    row = told(world)
    assert (row["Key__c"], row["Name"], row["Waiting__c"], row["Problem__c"]) == (KEY, "Dueline service", 0, None)
    assert ago(row["Caught_Up_At__c"]) < 5
    assert again(world) is False
    wait(world, EVERY_S)
    world.calls()
    assert again(world) is True
    assert world.calls() == {"PATCH composite/sobjects/AR_Sync__c": 1}
    assert told(world)["Key__c"] == KEY


def test_what_waits_holds_the_time_back(world: World):
    account = world.account()
    world.invoice(world.customer(account))
    world._set("inbox", "received_at = received_at - interval '1 hour'", "true")
    with world.engine.connect() as conn:
        found = heartbeat.read(conn)
        assert found.caught_up_at < datetime.now(UTC) - timedelta(minutes=59)
        assert found.waiting == world.status.waiting_events
    world.drain()
    with world.engine.connect() as conn:  # now it waits to be written, since that event
        found = heartbeat.read(conn)
        assert found.caught_up_at < datetime.now(UTC) - timedelta(minutes=59)
        assert found.waiting == world.status.waiting_records
    world.come_to_rest()
    with world.engine.connect() as conn:
        assert datetime.now(UTC) - heartbeat.read(conn).caught_up_at < timedelta(seconds=5)


def test_a_refused_row_is_a_problem_and_not_staleness(world: World):
    account = world.account()
    world.invoice(world.customer(account))
    world.come_to_rest()
    assert again(world) is True
    world._set("record", "parked = 'X', reason = 'No.', marked = written + 1", "kind = 'invoice'")
    wait(world, 59)
    assert again(world) is False
    wait(world, 1)
    assert again(world) is True  # at once, though its time has not come
    row = told(world)
    assert (row["Problem__c"], row["Waiting__c"]) == ("Salesforce refuses 1 row: No.", 0)
    assert ago(row["Caught_Up_At__c"]) < 5
    wait(world, 60)
    assert again(world) is False
    world._set("record", "parked = NULL, written = marked", "kind = 'invoice'")
    assert again(world) is True
    assert told(world)["Problem__c"] is None


def test_what_keeps_waiting_and_what_cannot_be_read_are_problems_too(world: World):
    account = world.account()
    world.invoice(world.customer(account))
    world.drain()
    world._set("record", "attempts = 3, reason = 'no login'", "kind = 'summary'")
    with world.engine.begin() as conn:
        conn.execute(text("UPDATE inbox SET status = 'parked' WHERE type = 'invoice.created'"))
        problem = heartbeat.read(conn).problem
    assert problem == "1 row cannot be written yet: no login; 1 event of the billing system cannot be read"


def test_one_account_that_is_gone_is_nobody_elses_problem(world: World):
    account = world.account()
    world.invoice(world.customer(account))
    world.come_to_rest()
    world.delete(account)
    world.read_back()
    world.come_to_rest()
    assert world.status.parked > 0
    with world.engine.connect() as conn:
        assert heartbeat.read(conn).problem is None


def test_an_org_that_is_away_is_asked_ever_less_often(world: World):
    world.fault("error", status=503, times=10_000)
    for seconds in (60, 120, 240, 480, 900, 900):
        assert again(world) is True
        wait(world, seconds - 1)
        assert again(world) is False
        wait(world, 1)
    world.heal()
    assert again(world) is True
    assert told(world)["Problem__c"] is None


def test_a_spent_budget_is_left_to_what_is_urgent(world: World):
    org = world.run.require_org()

    class Spent:
        write = org.write

        def allows(self, priority: Priority) -> bool:
            return priority is Priority.ESSENTIAL

    assert beat(world.engine, Spent(), EVERY_S) is False


@pytest.mark.parametrize("dry", [True, False])
def test_it_is_no_drift(world: World, dry: bool):
    assert again(world) is True
    inside = OrgBooks(world.run.require_org())
    drifts = compare(world.engine, world.run.require_org(), world.run.publishing, inside, lambda *_: None, dry=dry)
    assert sum(found.found for found in drifts.values()) == 0
    assert told(world)["Key__c"] == KEY


def test_upkeep_does_it(world: World, monkeypatch: pytest.MonkeyPatch):
    from sync import jobs

    monkeypatch.setattr(jobs, "runtime", lambda: world.run)
    jobs.do_upkeep()
    assert told(world)["Key__c"] == KEY


def test_the_doctor_looks_for_the_object():
    wanted = needs(default(), multi_currency=False)["AR_Sync__c"]
    assert (wanted.key, wanted.creates) == ("Key__c", True)
    assert wanted.writes >= {"Caught_Up_At__c", "Waiting__c", "Problem__c"}
