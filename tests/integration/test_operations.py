"""What an operator sees: status, /metrics, /readyz, logs with one trace from webhook to Salesforce, and the bell."""

import re

import pytest
from redis import Redis
from rq import Queue
from structlog.testing import capture_logs

from sync import jobs
from sync.bell import Bell
from sync.bootstrap import JOBS
from sync.db import migrate
from tests.integration.world import World


def metrics(books: World) -> dict[str, float]:
    answer = books.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    return {name: float(value) for name, value in re.findall(r"^(dueline\S*) (\S+)$", answer.text, re.MULTILINE)}


# --- status and metrics ----------------------------------------------------------------------------------------------


def test_status_counts_what_waits_what_is_parked_and_who_is_unlinked(world):
    assert (world.status.waiting, world.status.parked, world.status.unlinked) == (0, 0, 0)
    world.invoice(world.customer())
    world.invoice(world.customer(world.account()))
    world.send(b"garbage")
    status = world.status
    assert (status.waiting_events, status.waiting_records, status.parked_events) == (10, 0, 1)
    assert status.oldest_waiting_s > 0
    assert status.last_event_at is not None
    world.drain()
    status = world.status
    assert (status.waiting_events, status.waiting_records, status.unlinked) == (0, 3, 1)
    assert status.freshness_p95_s is None
    assert status.waiting_reviews == 1
    world.review()
    world.publish()
    world.run.meter.flush()
    status = world.status
    assert (status.waiting, status.parked, status.oldest_waiting_s) == (0, 1, 0)
    assert 0 < status.freshness_p50_s <= status.freshness_p95_s < 30
    assert status.api_calls_today > 0
    assert status.api_maximum == 100_000
    [problem] = status.problems
    assert problem["code"] == "event without a type"
    assert "not JSON" in problem["reason"]


def test_metrics_tell_the_same_and_count_webhooks_by_outcome(books):
    books.invoice(books.customer())
    books.send(b"{}")
    books.send(b"{}")
    books.send(b"{}", header="wrong")
    books.send(b"{}", connection="nobody")
    found = metrics(books)
    assert found["dueline_waiting_events"] == books.status.waiting_events == 5
    assert found["dueline_parked_events"] == 1
    outcomes = {
        re.search('outcome="(.*?)"', name)[1]: value for name, value in found.items() if "webhooks_total" in name
    }
    assert outcomes == {"stored": 6, "duplicate": 1, "400": 1, "404": 1}
    assert "dueline_freshness_p95_s" not in found  # nothing was written yet: no figure rather than a wrong one


def test_a_provider_that_somebody_made_up_makes_no_new_series(books):
    for name in ("a", "b", "c"):
        books.client.post(f"/webhooks/{name}/main")
    assert len([name for name in metrics(books) if "webhooks_total" in name]) == 1


# --- ready or not ----------------------------------------------------------------------------------------------------


def test_it_is_ready_when_database_and_redis_are_there(books, redis_url, monkeypatch):
    monkeypatch.setitem(books.run.__dict__, "bell", Bell(redis_url, JOBS))
    answer = books.client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, "database": "ok", "redis": "ok"})


def test_it_is_not_ready_without_redis(books, tmp_path, monkeypatch):
    monkeypatch.setitem(books.run.__dict__, "bell", Bell(f"unix://{tmp_path}/nobody.sock", JOBS))
    answer = books.client.get("/readyz")
    assert (answer.status_code, answer.json["ready"], answer.json["database"]) == (503, False, "ok")
    assert answer.json["redis"] != "ok"


def test_it_is_not_ready_while_migrations_are_behind(books, monkeypatch):
    monkeypatch.setattr(migrate, "head", lambda: "9999")
    answer = books.client.get("/readyz")
    assert answer.status_code == 503
    assert "this release needs 9999: dueline db upgrade" in answer.json["database"]


# --- one trace -------------------------------------------------------------------------------------------------------


def test_one_event_can_be_followed_from_the_webhook_to_salesforce_by_its_trace(world):
    account = world.account()
    customer = world.customer(account)
    invoice = world.invoice(customer)
    world.settle()
    with capture_logs() as logs:
        world.act("send_invoice", invoice=invoice)  # whatever else goes on
        world.act("credit_note", invoice=invoice, amount=100)
        world.settle()
    [event] = [line["trace"] for line in logs if line["event"] == "written" and line["kind"] == "invoice"]
    followed = [(line["event"], line.get("record", "")) for line in logs if line.get("trace") == event]
    assert [name for name, _ in followed[:2]] == ["webhook stored", "event processed"]
    assert ("written", f"main:{invoice}") in followed
    assert ("written", f"{account}:USD") in followed
    assert event in {row["id"] for row in world.objects("event")}


def test_a_fetch_and_a_refusal_carry_the_trace_of_the_event_behind_them(world):
    account = world.account()
    customer = world.customer(account, deliver=False)
    world.drain()
    with capture_logs() as logs:
        world.invoice(customer)
        world.drain()
        world.fault("partial", object="AR_Invoice__c", every=1, code="CUSTOM_ERROR", message="no")
        world.settle()
    by_name = {line["event"]: line for line in logs}
    events = {row["id"] for row in world.objects("event")}
    assert by_name["object fetched"]["trace"] in events
    refused = by_name["not written"]
    assert (refused["trace"] in events, refused["code"], refused["reason"]) == (True, "CUSTOM_ERROR", "no")


def test_no_log_line_tells_a_secret(world):
    with capture_logs() as logs:
        world.invoice(world.customer(world.account()))
        world.send(b"{}", header="t=1,v1=00")
        world.settle()
    told = repr(logs)
    for secret in ("whsec_test", "rk_test_world", "Bearer", "v1="):
        assert secret not in told


# --- the bell --------------------------------------------------------------------------------------------------------


@pytest.fixture
def redis(redis_url):
    with Redis.from_url(redis_url) as client:
        yield client


def test_many_rings_are_one_job_until_it_begins(redis, redis_url):
    bell = Bell(redis_url, JOBS)
    queue = Queue("ledger", connection=redis)
    assert bell.ring_now("ledger") is True
    assert bell.ring_now("ledger") is False
    assert [job.func_name for job in queue.jobs] == ["sync.jobs.drain_inbox"]
    bell.answered("ledger")
    assert bell.ring_now("ledger") is True
    assert len(queue) == 2


def test_each_queue_has_its_own_bell(redis, redis_url):
    bell = Bell(redis_url, JOBS)
    for name in JOBS:
        assert bell.ring_now(name) is True
        assert Queue(name, connection=redis).jobs[0].func_name == JOBS[name]


def test_ringing_never_blocks_and_arrives_soon(redis, redis_url):
    import time

    bell = Bell(redis_url, JOBS)
    began = time.monotonic()
    for _ in range(1_000):
        bell.ring("ledger")
    assert time.monotonic() - began < 1
    deadline = time.monotonic() + 5
    while not len(Queue("ledger", connection=redis)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(Queue("ledger", connection=redis)) == 1


def test_a_ring_that_redis_lost_is_rung_again_by_the_clock(redis, redis_url):
    """Everything in Redis is lost: the next ring is as good as the first."""
    bell = Bell(redis_url, JOBS)
    bell.ring_now("ledger")
    redis.flushall()
    assert bell.ring_now("ledger") is True


def test_the_jobs_do_the_work_and_ring_for_each_other(world, monkeypatch):
    """What the workers run, in the order in which the rings come, with nobody else moving."""
    monkeypatch.setattr(jobs, "runtime", lambda: world.run)
    work = {name: getattr(jobs, path.rpartition(".")[2]) for name, path in JOBS.items()}
    account = world.account()
    customer = world.customer(account, deliver=False)
    world.invoice(customer)
    assert set(world.run.bell.rung) == {"ledger"}
    world.run.bell.rung.clear()
    work["ledger"]()
    assert {"ledger", "salesforce", "fetch"} <= set(world.run.bell.rung)
    work["fetch"]()
    work["salesforce"]()
    world.check()
    work["crm"]()
    work["upkeep"]()
    assert world.status.waiting == world.status.parked == 0
