"""From webhook to Salesforce, measured from outside: 20 events a second for a minute, an org that answers in 200 ms.

The clock of an event starts when its request is sent, and stops when an answer of the org to somebody else, who asks
for what changed lately, first shows its invoice as the event has it or further. That somebody waits for the org's
200 ms like everybody, so what is measured is late by that much.
"""

import random
import statistics
import threading
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from sync.demo.people import OrgUserClient
from tests.bench.stage import Stage, customers, opened
from tests.bench.table import Result
from tests.e2e.mail import Mail

RATE, SECONDS, ANSWER_MS = 20, 60, 200
CUSTOMERS, TARGET_S = 100, 5.0

Standing = tuple[Decimal, Decimal]  # paid, credited: an invoice's only grow


def run() -> list[Result]:
    with opened(workers=1) as stage:
        stories = customers(stage, CUSTOMERS)
        for story in stories:
            for _ in range(3):
                story.invoice()
        with Mail(stage.world.webhook_url, stage.world.who.webhook_secret) as out:
            out.put(event for story in stories for event in story.events)
        stage.settle(120)
        stage.delay(org_ms=ANSWER_MS)
        began = datetime.now(UTC)
        seen = _stream(stage, stories)
        return [_result(stage, seen, began)]


class Watch:
    """What was sent and when, and when the org first showed it."""

    def __init__(self, org: OrgUserClient) -> None:
        self._org = org
        self._lock = threading.Lock()
        self._open: dict[str, list[tuple[Standing, float]]] = {}
        self.took: list[float] = []

    def sent(self, event: dict[str, Any], at: float) -> None:
        """An event is on its way; those that change no posted invoice are not watched."""
        row = event["data"]["object"]
        if row["object"] == "invoice" and row["status"] != "draft":
            credited = row["pre_payment_credit_notes_amount"] + row["post_payment_credit_notes_amount"]
            standing = (Decimal(row["amount_paid"]) / 100, Decimal(credited) / 100)
            with self._lock:
                self._open.setdefault(f"main:{row['id']}", []).append((standing, at))

    def look(self) -> None:
        """Ask the org once what changed in the last seconds."""
        since = (datetime.now(UTC) - timedelta(seconds=15)).strftime("%Y-%m-%dT%H:%M:%SZ")
        soql = f"SELECT Key__c, Paid__c, Credited__c FROM AR_Invoice__c WHERE SystemModstamp >= {since}"
        rows = self._org.query(soql)
        now = time.monotonic()
        with self._lock:
            for row in rows:
                waiting = self._open.get(row["Key__c"], [])
                there = [item for item in waiting if row["Paid__c"] >= item[0][0] and row["Credited__c"] >= item[0][1]]
                self.took += [now - at for _, at in there]
                self._open[row["Key__c"]] = [item for item in waiting if item not in there]

    @property
    def missing(self) -> int:
        """How many are not there yet."""
        with self._lock:
            return sum(map(len, self._open.values()))


def _stream(stage: Stage, stories: list[Any]) -> Watch:
    watch, stop = Watch(stage.org), threading.Event()
    looker = threading.Thread(target=_look, args=(watch, stop))
    looker.start()
    began, number = time.monotonic(), 0
    dice = random.Random(1)
    with Mail(stage.world.webhook_url, stage.world.who.webhook_secret, senders=2) as out:
        while number < RATE * SECONDS:
            story = dice.choice(stories)
            story.events.clear()
            _something(story, dice)
            for event in story.events:
                time.sleep(max(0.0, began + number / RATE - time.monotonic()))
                watch.sent(event, time.monotonic())
                out.put([event])
                number += 1
    late = time.monotonic() + 60
    while watch.missing and time.monotonic() < late:
        time.sleep(0.1)
    stop.set()
    looker.join()
    return watch


def _something(story: Any, dice: random.Random) -> None:
    open_ = [row for row in map(story._get, story.invoices) if row["status"] == "open"]
    if not open_ or dice.random() < 0.3:
        story.invoice()
    elif dice.random() < 0.2:
        row = dice.choice(open_)
        story.act("credit_note", invoice=row["id"], amount=max(1, row["amount_remaining"] // 10))
    else:
        row = dice.choice(open_)
        story.act("pay_invoice", invoice=row["id"], amount=max(1, row["amount_remaining"] // 2), method="bank")


def _look(watch: Watch, stop: threading.Event) -> None:
    while not stop.wait(0.05):
        watch.look()


def _result(stage: Stage, seen: Watch, began: datetime) -> Result:
    own = text(
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY freshness_s), percentile_cont(0.95) WITHIN GROUP "
        "(ORDER BY freshness_s) FROM record WHERE written_at > :began AND freshness_s IS NOT NULL"
    )
    with stage.engine.connect() as conn:
        low, high = conn.execute(own, {"began": began}).one()
    cuts = statistics.quantiles(seen.took, n=20)
    detail = (
        f"p50 {statistics.median(seen.took):.2f} s, p95 {cuts[18]:.2f} s, worst {max(seen.took):.2f} s of "
        f"{len(seen.took)} invoice events ({seen.missing} never seen); the product's own figure: p50 {low:.2f} s, "
        f"p95 {high:.2f} s"
    )
    what = f"webhook to visible in Salesforce, p95, {RATE} events/s, org answering in {ANSWER_MS} ms"
    reached = cuts[18] <= TARGET_S and not seen.missing
    return Result(what, f"{cuts[18]:.1f} s", f"<= {TARGET_S:.0f} s", reached, detail, "freshness")
