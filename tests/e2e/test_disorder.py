"""Whatever the order in which webhooks arrive, and however slow the re-fetches: Stripe, ledger and org end equal."""

import os
import random
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.e2e.mail import Mail
from tests.e2e.stage import Stage
from tests.e2e.stories import Story

SEED = int(os.environ.get("DUELINE_TEST_SEED", "20260"))
STORIES = 200
CURRENCIES = ("usd", "usd", "eur", "gbp", "jpy")


@pytest.fixture(scope="module")
def stage(open_stage) -> Iterator[Stage]:
    with open_stage(4) as stage:
        yield stage


def customers(stage: Stage, count: int) -> list[Story]:
    """New customers; every fifth shares its Salesforce account with the one before it, every fourth is of old shape.

    Most name their account in the metadata; of some only the account's billing field names the customer.
    """
    currencies = [random.Random(f"{SEED}:{number}").choice(CURRENCIES) for number in range(count)]
    accounts = stage.new_accounts(currencies)
    stories: list[Story] = []
    for number, currency in enumerate(currencies):
        account = stage.accounts[stories[-1].customer] if number % 5 == 4 else accounts[number]
        by_field = number % 25 == 5
        story = Story(stage.stripe, random.Random(f"{SEED}:{number}"), "", currency, old=number % 4 == 1)
        metadata = {} if by_field else {"salesforce_account_id": account}
        story.customer = story.act("create_customer", name=f"Company {number}", metadata=metadata)["id"]
        stage.accounts[story.customer] = account
        if story.old:
            stage.old.add(story.customer)
        if by_field:
            stage.org.update("Account", [{"Id": account, "Billing_Customer_Id__c": story.customer}])
        stories.append(story)
    return stories


def mail(stage: Stage, **disorder: float) -> Mail:
    return Mail(stage.world.webhook_url, stage.world.who.webhook_secret, seed=SEED, **disorder)


def begin_second() -> None:
    """Wait for a second to begin, so that what follows happens within it."""
    time.sleep(1 - time.time() % 1)


def test_same_second_finalized_then_paid(stage):
    """The case that ends with a paid invoice shown open where "newer" decides: in every order, each with a repeat."""
    orders = ("fp", "pf", "fpf", "pfp", "ppf", "ffp", "pff", "fpp")
    [story] = customers(stage, 1)
    deliveries = []
    for order in orders:
        begin_second()
        invoice = finalized_and_paid(story)
        seen = {event["type"]: event for event in story.events if event["data"]["object"]["id"] == invoice}
        assert seen["invoice.finalized"]["created"] == seen["invoice.paid"]["created"]
        by_letter = {"f": seen["invoice.finalized"], "p": seen["invoice.paid"]}
        deliveries.append([by_letter[letter] for letter in order])
    with mail(stage, senders=1) as out:
        for delivery in deliveries:
            for event in delivery:
                out.put([event])
                time.sleep(0.05)
    with mail(stage) as out:  # the rest of what happened, afterwards
        out.put(story.events)
    stage.settle(60)
    assert stage.check()["AR_Invoice__c"] == len(orders)


def finalized_and_paid(story: Story) -> str:
    draft = story.act("create_invoice", customer=story.customer, lines=[{"amount": 9_900}], currency=story.currency)
    story.act("finalize_invoice", invoice=draft["id"], due_in_days=30)
    story.act("pay_invoice", invoice=draft["id"])
    return draft["id"]


def test_overlapping_slow_fetches(stage):
    """Fetches take longer than the pauses between changes: each answer may be older than what came in meanwhile."""
    stage.delay(stripe_ms=1500)
    try:
        stories = customers(stage, 12)
        invoices = [story.invoice()["id"] for story in stories]
        paid: dict[str, list[int]] = {invoice: [] for invoice in invoices}
        with mail(stage, copies=1) as out:
            for _ in range(8):
                for story in stories:
                    story.step()
                    story.step()
                    out.put(story.events)
                    story.events.clear()
                watch(stage, paid)
                time.sleep(0.3)
        stage.settle(90)
        watch(stage, paid)
    finally:
        stage.delay(stripe_ms=0)
    stage.check()
    for invoice, seen in paid.items():
        assert seen == sorted(seen), f"{invoice} went back from one paid amount to an earlier one: {seen}"


def watch(stage: Stage, paid: dict[str, list[int]]) -> None:
    """Note what the ledger says is paid on each invoice; Stripe never takes a payment off an invoice."""
    with stage.engine.connect() as conn:
        rows = conn.execute(text("SELECT key, paid FROM invoice"))
        for key, amount in rows:
            if (invoice := key.partition(":")[2]) in paid:
                paid[invoice].append(amount)


@pytest.mark.timeout(420)
def test_disorder(stage):
    """200 customers' stories at once: shuffled, repeated, late, within few seconds, with slow re-fetches."""
    print(f"seed {SEED} (DUELINE_TEST_SEED repeats it)")
    before = {url: stage.calls(url) for url in (stage.world.stripe_url, stage.world.org_url)}
    stage.delay(stripe_ms=300)
    began = time.monotonic()
    stories = customers(stage, STORIES)
    with mail(stage, copies=2, late=0.15, backlog=400, senders=6) as out:
        events = tell(stories, out)
        told_s = time.monotonic() - began
    sent_s = time.monotonic() - began
    status = stage.settle(180)
    settled_s = time.monotonic() - began
    stage.delay(stripe_ms=0)
    made = {url: stage.calls(url) - count for url, count in before.items()}
    print(
        f"{STORIES} stories, {events} events in {out.posted} deliveries: told in {told_s:.0f} s, delivered in "
        f"{sent_s:.0f} s, settled in {settled_s:.0f} s ({events / settled_s:.0f} events/s); "
        f"{made[stage.world.stripe_url]} fetches, {made[stage.world.org_url]} Salesforce calls"
    )
    assert status["parked"] == 0, status["problems"]
    assert status["unlinked"] == 0
    print(f"compared and equal: {stage.check()}")


def tell(stories: list[Story], out: Mail) -> int:
    """Let all stories happen, a few actions of one at a time, and hand their events over; how many events."""
    dice = random.Random(SEED)
    left = {story.customer: dice.randint(5, 20) for story in stories}
    events = 0
    while running := [story for story in stories if left[story.customer] > 0]:
        story = dice.choice(running)
        if not story.invoices:
            story.invoice()
        for _ in range(min(left[story.customer], dice.randint(1, 4))):
            story.step()
            left[story.customer] -= 1
        out.put(story.events)
        events += len(story.events)
        story.events.clear()
    return events
