"""Any process dies at any moment, without warning: nothing is lost, and in the end everything is equal."""

import os
import random
import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.e2e.mail import Mail
from tests.e2e.stage import Stage
from tests.e2e.stories import Story

SEED = 4711
VICTIMS = ("worker-ledger-0", "worker-salesforce-0", "web", "redis", "clock", "worker-fetch-0", "worker-ledger-1")


@pytest.fixture(scope="module")
def stage(open_stage) -> Iterator[Stage]:
    with open_stage(2) as stage:
        yield stage


def kill(stage: Stage, name: str) -> int:
    """kill -9 for a process and, as when a machine dies, for its own children; the process id it had."""
    [child] = [child for child in stage.world.processes.children if child.name == name]
    assert child.process is not None
    pid = child.process.pid
    for process in (*psutil.Process(pid).children(recursive=True), psutil.Process(pid)):
        os.kill(process.pid, signal.SIGKILL)
    return pid


@pytest.mark.timeout(480)
def test_everything_is_killed_in_the_middle_of_a_stream(stage):
    stories = customers(stage, 12)
    stage.delay(org_ms=200)  # so that some die with a request on the wire
    killed = {}
    sender = Mail(stage.world.webhook_url, stage.world.who.webhook_secret, seed=SEED, copies=1, senders=2)
    dice = random.Random(SEED)
    events = 0
    with sender as out:
        for number in range(42):
            story = dice.choice(stories)
            story.step()
            events += len(story.events)
            out.put(story.events)
            story.events.clear()
            time.sleep(0.3)
            if number % 6 == 5:
                victim = VICTIMS[number // 6]
                killed[victim] = kill(stage, victim)
    status = stage.settle(360)  # accounts that a killed worker held are free again when their lease ends
    stage.delay(org_ms=0)
    running = {child.name: child.process.pid for child in stage.world.processes.children if child.process}
    print(f"{events} events, {out.refused} deliveries refused and sent again, killed: {', '.join(killed)}")
    assert killed.keys() == set(VICTIMS)
    assert all(running[name] != pid for name, pid in killed.items()), "not started again"
    assert out.refused, "web was killed, and no delivery noticed"
    assert status["parked"] == 0, status["problems"]
    stage.check()


def customers(stage: Stage, count: int) -> list[Story]:
    stories = []
    for number, account in enumerate(stage.new_accounts(["usd"] * count)):
        story = Story(stage.stripe, random.Random(f"{SEED}:{number}"), "", "usd")
        metadata = {"salesforce_account_id": account}
        story.customer = story.act("create_customer", name=f"Company {number}", metadata=metadata)["id"]
        stage.accounts[story.customer] = account
        story.invoice()
        stories.append(story)
    return stories
