"""Salesforce calls for 1,000 changed invoices of 300 accounts, as the org counts them, through the whole system."""

import time

import requests

from tests.bench.stage import customers, opened
from tests.bench.table import Result
from tests.e2e.mail import Mail

ACCOUNTS, INVOICES = 300, 1_000
FLOOR = 5 + 2 + 2  # full calls of 200 rows: invoices, summaries, accounts
TARGET = 12
HEARTBEAT = "AR_Sync__c"


def run() -> list[Result]:
    with opened(workers=2) as stage:
        stories = customers(stage, ACCOUNTS)
        for number in range(INVOICES):
            story = stories[number % ACCOUNTS]
            draft = story.act("create_invoice", customer=story.customer, lines=[{"amount": 50_000}])["id"]
            story.act("finalize_invoice", invoice=draft, due_in_days=30)
            story.invoices.append(draft)
        stage.dueline("backfill", "main")
        stage.settle(180)
        changes = []
        for story in stories:
            story.events.clear()
            for invoice in story.invoices:
                story.act("credit_note", invoice=invoice, amount=1_000)
            changes += story.events
        before, asked, began = _calls(stage.world.org_url), stage.calls(stage.world.stripe_url), time.monotonic()
        with Mail(stage.world.webhook_url, stage.world.who.webhook_secret) as out:
            out.put(changes)
        stage.settle(180)
        took = time.monotonic() - began
        after, fetches = _calls(stage.world.org_url), stage.calls(stage.world.stripe_url) - asked
        made = {name: count - before.get(name, 0) for name, count in after.items() if count > before.get(name, 0)}
        made = {name: count for name, count in made.items() if HEARTBEAT not in name}  # it costs the same without them
        total = sum(made.values())
        stage.check()
    by = ", ".join(f"{count} {name}" for name, count in sorted(made.items()))
    detail = (
        f"floor {FLOOR}; {by}; {len(changes)} events and {fetches} fetches in {took:.0f} s; every figure compared with "
        "Stripe afterwards"
    )
    what = f"Salesforce calls for {INVOICES:,} changed invoices of {ACCOUNTS} accounts"
    return [Result(what, str(total), f"<= {TARGET}", total <= TARGET, detail, "calls")]


def _calls(org_url: str) -> dict[str, int]:
    answer = requests.get(f"{org_url}/_control/calls", timeout=30).json()
    return {str(name): int(count) for name, count in answer["by"].items()}
