"""A burst of 20,000 webhooks through the running processes, from its first byte until nothing waits any more.

Eight connections send as fast as they are answered: stories of 300 customers, each posted, paid, credited; events of
one invoice overtake each other and share their seconds, so that some are fetched again. Salesforce calls are counted
by the org, rows are the records that were written, and the floor is a call for every 200 rows of an object. At the end
every figure is compared with Stripe.
"""

import math
import time
from datetime import UTC, datetime
from typing import Any

import requests
from sqlalchemy import text

from tests.bench.load import Sent, send_all, signed
from tests.bench.stage import Stage, customers, opened
from tests.bench.table import Result
from tests.e2e.stories import Story

EVENTS, CUSTOMERS = 20_000, 300
ACK_TARGET_S, DRAIN_TARGET_S, CALLS_TARGET = 0.1, 120, 5


def run() -> list[Result]:
    with opened(workers=1) as stage:
        events = _stories(customers(stage, CUSTOMERS))
        before, began = _calls(stage), datetime.now(UTC)
        sent = send_all([stage.world.webhook_url], [signed(event, stage.world.who.webhook_secret) for event in events])
        drained = _drained(stage)
        after, rows = _calls(stage), _rows(stage, began)
        stage.check()
    return [_acks(len(events), sent), _drain(len(events), drained, sent.seconds), _made(after, before, rows)]


def _stories(told: list[Story]) -> list[dict[str, Any]]:
    """At least EVENTS events: of each customer in turn an invoice, most of it paid, some of it credited."""
    events: list[dict[str, Any]] = []
    number = 0
    while len(events) < EVENTS:
        story = told[number % len(told)]
        draft = story.act("create_invoice", customer=story.customer, lines=[{"amount": 50_000 + number}])["id"]
        story.act("finalize_invoice", invoice=draft, due_in_days=(-40, -1, 30)[number % 3])
        if number % 5 == 0:
            story.act("credit_note", invoice=draft, amount=1_000)
        if number % 4:
            story.act("pay_invoice", invoice=draft, amount=40_000, method="bank")
        events += story.events
        story.events.clear()
        number += 1
    return events


def _drained(stage: Stage) -> float:
    """Seconds from now until nothing waits, nor anything that was refused for now."""
    began = time.monotonic()
    while True:
        found = stage.status()
        if not (found.waiting or found.waiting_fetches or found.parked):
            return time.monotonic() - began
        if time.monotonic() > began + 1_200:
            raise TimeoutError(f"still under way: {found}\n" + "\n".join(stage.waiting()))
        time.sleep(0.5)


def _calls(stage: Stage) -> dict[str, int]:
    answer = requests.get(f"{stage.world.org_url}/_control/calls", timeout=30).json()
    return {str(name): int(count) for name, count in answer["by"].items()}


def _rows(stage: Stage, since: datetime) -> dict[str, int]:
    """Records of each kind that were written."""
    counted = text("SELECT kind, count(*) AS rows FROM record WHERE written_at >= :since GROUP BY kind")
    with stage.engine.connect() as conn:
        return {row.kind: row.rows for row in conn.execute(counted, {"since": since})}


def _acks(count: int, sent: Sent) -> Result:
    what = f"burst of {EVENTS:,} webhooks: p95 of the acknowledgement"
    detail = f"{count / sent.seconds:,.0f} acks/s while the workers work on the same two cores"
    figure, target = f"{sent.p95 * 1000:.0f} ms", f"<= {ACK_TARGET_S * 1000:.0f} ms"
    return Result(what, figure, target, sent.p95 <= ACK_TARGET_S, detail, "burst")


def _drain(count: int, drained: float, sending: float) -> Result:
    what = f"burst of {EVENTS:,} webhooks: until nothing waits, after the last of them"
    total = drained + sending
    detail = f"{count:,} events in {total:.0f} s in all, {count / total:,.0f}/s from the first byte to Salesforce"
    return Result(what, f"{drained:.0f} s", f"<= {DRAIN_TARGET_S} s", drained <= DRAIN_TARGET_S, detail, "burst")


def _made(after: dict[str, int], before: dict[str, int], rows: dict[str, int]) -> Result:
    made = {name: count - before.get(name, 0) for name, count in after.items() if count > before.get(name, 0)}
    floor = sum(math.ceil(count / 200) for count in rows.values())
    ratio = sum(made.values()) / floor
    written = ", ".join(f"{count:,} {kind}" for kind, count in sorted(rows.items()))
    by = ", ".join(f"{count} {name}" for name, count in sorted(made.items()))
    detail = f"{sum(made.values())} calls ({by}); floor {floor} ({written} rows); all figures compared with Stripe"
    what = f"burst of {EVENTS:,} webhooks: Salesforce calls, against the floor of one per 200 rows"
    return Result(what, f"{ratio:.1f}", f"<= {CALLS_TARGET}", ratio <= CALLS_TARGET, detail, "burst")
