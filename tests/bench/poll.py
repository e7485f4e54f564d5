"""A look at what people did in Salesforce, when they did nothing: what every 15 seconds cost.

In an org with the invoices of 100 accounts, a promise, a dispute and a note at each tenth; all of it was read before.
The look is the product's own, in this process, so that its statements can be counted; the org counts the calls. What
the look's overlap reads again says nothing new, and is part of the price.
"""

import statistics
import time

from sync.pipeline.readback import read_back
from tests.bench.stage import Stage, customers, opened
from tests.bench.table import Result
from tests.bench.turn import Counted

ACCOUNTS, LOOKS, WARM_UP = 100, 20, 3
_DISPUTE = {"Category__c": "Pricing", "Reason__c": "More than agreed"}


def run() -> list[Result]:
    with opened(workers=1) as stage:
        _people_at_work(stage)
        took, statements, calls = _look(stage)
    median, count, least = statistics.median(took) * 1000, round(statistics.median(statements)), min(calls)
    detail = f"median {median:.0f} ms with the org's answer, worst {max(took) * 1000:.0f} ms, {count} statements"
    what = "API calls of a look at Salesforce when nothing is new"
    return [Result(what, str(least), "1", least == 1, detail, "poll")]


def _people_at_work(stage: Stage) -> None:
    """Invoices, and what people say about some of them."""
    stories = customers(stage, ACCOUNTS)
    for story in stories:
        draft = story.act("create_invoice", customer=story.customer, lines=[{"amount": 50_000}])["id"]
        story.act("finalize_invoice", invoice=draft, due_in_days=30)
    stage.dueline("backfill", "main")
    stage.settle(180)
    invoices = {row["Account__c"]: row["Id"] for row in stage.org.query("SELECT Id, Account__c FROM AR_Invoice__c")}
    some = sorted(invoices)[::10]
    promise = {"Amount__c": 10, "Promised_On__c": "2999-01-01"}
    stage.org.create("AR_Commitment__c", [{"Account__c": a, "Invoice__c": invoices[a], **promise} for a in some])
    stage.org.create("AR_Dispute__c", [{"Account__c": a, "Invoice__c": invoices[a], **_DISPUTE} for a in some])
    stage.org.create("AR_Activity__c", [{"Account__c": a, "Kind__c": "Note", "Subject__c": "Called"} for a in some])
    stage.settle(60)


def _look(stage: Stage) -> tuple[list[float], list[int], list[int]]:
    """Look again and again: seconds, statements and calls of each. A look while a worker looks is none."""
    run = stage.world.runtime()
    took, statements, calls = [], [], []
    while len(took) < LOOKS + WARM_UP:
        before, sent, began = stage.calls(stage.world.org_url), Counted(run.engine), time.perf_counter()
        found = read_back(run.engine, run.require_org(), run.reading_back)
        seconds = time.perf_counter() - began
        sent.stop()
        if found is None:
            continue
        took.append(seconds)
        statements.append(sent.count)
        calls.append(stage.calls(stage.world.org_url) - before)
    run.close()
    return took[WARM_UP:], statements[WARM_UP:], calls[WARM_UP:]
