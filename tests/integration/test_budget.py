"""Our share of the org's API calls: counted for all processes, the urgent first, and nothing once it is spent."""

import time

import pytest
from sqlalchemy import text

from sync.db import usage
from tests.integration.world import World


def spend(world: World, part: float) -> None:
    """Let so much of our share of the org's calls be spent."""
    maximum = 10_000
    with world.engine.begin() as conn:
        usage.add(conn, int(part * maximum * world.run.settings.api_share), (100, maximum))
    world.run.meter._read_at = 0.0


@pytest.mark.parametrize("org_options", [{"daily_api_limit": 10_000}], ids=["10,000 calls"])
def test_payments_and_overdue_flags_go_first_when_little_is_left_and_nothing_when_nothing_is(world):
    account = world.account()
    invoice = world.invoice(world.customer(account))
    world.settle()
    world.act("pay_invoice", invoice=invoice)
    world.drain()
    spend(world, 0.97)
    done = world.publish(slow_s=0.0)
    assert done.problems == {"API_BUDGET_SPENT": 1}
    assert world.summary(account)["Outstanding__c"] == 0
    assert len(world.admin.query("SELECT Id FROM AR_Payment__c")) == 1
    assert world.shown_invoice(invoice)["Status__c"] == "Open"
    wait = world.one("SELECT extract(epoch FROM due_at - now()) AS s FROM record WHERE kind = 'invoice'")
    assert wait.s > 50
    assert world.status.parked == 0
    spend(world, 0.05)
    world.hurry()
    world.calls()
    assert world.publish(slow_s=0.0).rounds == 0
    assert world.calls() == {}
    with world.engine.begin() as conn:
        conn.execute(text("DELETE FROM api_use"))
    world.run.meter._read_at = 0.0
    world.publish()
    world.check()


@pytest.mark.parametrize("org_options", [{"daily_api_limit": 10_000}], ids=["10,000 calls"])
def test_rows_are_gathered_for_longer_when_the_budget_runs_low(world):
    world.invoice(world.customer(world.account()))
    world.drain()
    spend(world, 0.85)
    end = time.monotonic() + 0.3
    assert world.publish(lambda: time.monotonic() < end, slow_s=30.0).rounds == 0
    assert world.publish(slow_s=0.0).written == 3


def test_every_call_is_counted_for_all_processes(world):
    world.calls()
    world.invoice(world.customer(world.account()))
    world.settle()
    world.run.meter.flush()
    made = sum(world.calls().values()) - 1  # the account was made by somebody else
    assert world.status.api_calls_today == made
    assert world.status.api_maximum == 100_000
