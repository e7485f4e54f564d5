"""Everything at once: stories taken in while they are told, written to a failing org by workers that are killed."""

import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sync.pipeline.link import link_by_person
from tests.integration.place import signature
from tests.integration.stories import Teller
from tests.integration.world import World

FAULTS = (
    ("lock_row", {"object": "AR_Summary__c"}),
    ("lock_row", {"object": "AR_Invoice__c"}),
    ("partial", {"every": 3}),
    ("error", {"status": 503, "method": "PATCH"}),
    ("error", {"status": 502, "method": "PATCH"}),
    ("drop_after_commit", {"method": "PATCH"}),
    ("slow", {"ms": 60, "method": "PATCH"}),
)


def teller(world: World, seed: int, account: str) -> Teller:
    """One whose deliveries are posted from a thread of its own."""
    client = world.client.application.test_client()

    def send(event):
        body = json.dumps(world.shown(event)).encode()
        answer = client.post("/webhooks/stripe/main", data=body, headers={"Stripe-Signature": signature(body)})
        assert answer.status_code == 200

    return Teller(world, seed, send, account)


def rest(world: World) -> None:
    """Let everything that waits for something have its turn."""
    for _ in range(12):
        world.drain(workers=2)
        world.review()
        world.sweep()
        world.hurry()
        world.publish()
        if world.status.waiting == 0 and world.sweep() == 0:
            return
    raise AssertionError(f"still waiting: {world.status}")


def until(over: threading.Event, work: Callable[[], object]) -> None:
    """Keep at it until it is over."""
    while not over.is_set():
        work()
        over.wait(0.01)


@pytest.mark.parametrize("seed", range(3))
def test_stripe_ledger_and_org_agree_after_disorder_faults_and_kills(world, seed, monkeypatch):
    """Four stories, three workers, two publishers; every tenth write kills its worker, the org fails as it likes."""
    dice = random.Random(seed)
    world.clock.run()
    accounts = [world.account(f"Account {number}") for number in range(3)]
    org = world.run.require_org()
    write = org.write

    def killed_now_and_then(kind, rows, priority):
        verdicts = write(kind, rows, priority)
        if dice.random() < 0.1:
            raise KeyboardInterrupt
        return verdicts

    def publish() -> None:
        try:
            world.publish()
        except KeyboardInterrupt:
            world.sweep()  # the next one comes up and finds what the last one left behind
        world.hurry()

    monkeypatch.setattr(org, "write", killed_now_and_then)
    over = threading.Event()
    with ThreadPoolExecutor(10) as pool:
        tellers = [teller(world, 10 * seed + number, accounts[number % 3]) for number in range(4)]
        stories = [pool.submit(each.tell, 12) for each in tellers]
        work = [pool.submit(until, over, lambda: world.drain(workers=1)) for _ in range(3)]
        work += [pool.submit(until, over, publish) for _ in range(2)]
        try:
            while not all(story.done() for story in stories):
                kind, details = dice.choice(FAULTS)
                world.fault(kind, **details)
                over.wait(0.05)
        finally:
            over.set()
        for each in (*stories, *work):
            each.result()
    monkeypatch.undo()
    world.heal()
    rest(world)
    assert world.status.problems == []
    world.check()


def test_customers_that_are_moved_about_while_they_pay_end_where_they_were_put_last(world):
    """A person links the same customers here and there while events come in and two publishers write."""
    accounts = [world.account(f"Account {number}") for number in range(4)]
    customers = [world.customer(accounts[0]) for _ in range(3)]
    made = [world.invoice(customer, 10_000) for customer in customers for _ in range(4)]
    world.settle()
    over = threading.Event()

    def move() -> None:
        dice = random.Random(1)
        for _ in range(25):
            customer, account = dice.choice(customers), dice.choice(accounts)
            link_by_person(world.engine, None, f"main:{customer}", account)
            world.accounts[customer] = account
            over.wait(0.02)

    with ThreadPoolExecutor(4) as pool:
        moving = pool.submit(move)
        work = [pool.submit(until, over, world.drain)]
        work += [pool.submit(until, over, world.publish) for _ in range(2)]
        try:
            for invoice in made:
                world.act("pay_invoice", invoice=invoice, amount=2_000)
            moving.result()
        finally:
            over.set()
        for each in work:
            each.result()
    rest(world)
    assert world.status.problems == []
    world.check()
    owners = {row["Account__c"] for row in world.admin.query("SELECT Account__c FROM AR_Payment__c")}
    assert owners <= set(world.accounts.values())
