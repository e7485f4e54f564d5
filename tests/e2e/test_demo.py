"""`dueline demo` as its user runs it: a process, its ready file, and what is left of it afterwards."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import requests
from redis import Redis

from sync.demo.people import OrgUserClient, until

API = "/services/data/v66.0"


def demo(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start it, with everything that it says in `demo.log`."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    with (home / "demo.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "sync.cli", "demo", *arguments],
            env={**environment, "DUELINE_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def test_once_proves_its_story(homes):
    home = homes()
    process = demo(home, "--port", "0", "--once")
    code = process.wait(150)
    said = (home / "demo.log").read_text()
    assert code == 0, said
    assert "proved in" in said
    assert "0 parked" in said
    assert left_running(home) == []


@pytest.fixture(scope="module")
def running(homes: Callable[[], Path]) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any], Path]]:
    home = homes()
    ready = home / "ready.json"
    process = demo(home, "--port", "0", "--ready-file", str(ready))
    try:
        assert until(ready.exists, timeout_s=150), (home / "demo.log").read_text()
        yield process, json.loads(ready.read_text()), home
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)


@pytest.fixture
def ready(running) -> dict[str, Any]:
    return running[1]


def test_ready_file_names_everything(ready):
    assert ready.keys() == {
        "web_url",
        "admin",
        "webhook_url",
        "webhook_secret",
        "org",
        "org_admin",
        "org_users",
        "stripe",
        "database_url",
        "redis_url",
        "lightning",
        "sign_in",
    }
    assert ready["admin"].keys() == {"url", "user", "password"}
    assert ready["org"].keys() == {"instance_url", "client_id", "client_secret", "api_version"}
    assert ready["org_admin"].keys() == {"client_id", "client_secret"}
    assert ready["sign_in"].keys() == {"client_id", "client_secret"}
    assert ready["stripe"].keys() == {"api_base", "api_key"}
    assert all(person.keys() == {"name", "role", "client_id", "client_secret"} for person in ready["org_users"])


@pytest.mark.parametrize("path", ["healthz", "readyz", "metrics"])
def test_web_answers(ready, path):
    assert requests.get(f"{ready['web_url']}/{path}", timeout=10).status_code == 200


def test_org_lets_everybody_in(ready):
    url = ready["org"]["instance_url"]
    for who in (ready["org"], ready["org_admin"], *ready["org_users"]):
        assert OrgUserClient(url, who["client_id"], who["client_secret"]).query("SELECT Id FROM Account LIMIT 1")


def test_book_stands_in_the_org(ready):
    org = OrgUserClient(ready["org"]["instance_url"], **ready["org_admin"])

    def flags_follow_invoices() -> bool:
        invoices = org.query("SELECT Account__c, Overdue__c FROM AR_Invoice__c WHERE Balance__c > 0")
        late = {row["Account__c"] for row in invoices if row["Overdue__c"]}
        flagged = {row["Id"] for row in org.query("SELECT Id FROM Account WHERE AR_Overdue__c = true")}
        return len(late) > 5 and late == flagged

    assert until(flags_follow_invoices)


def test_stripe_answers_with_its_key_only(ready):
    address = f"{ready['stripe']['api_base']}/v1/invoices?limit=1"
    key = {"Authorization": f"Bearer {ready['stripe']['api_key']}"}
    assert requests.get(address, headers=key, timeout=10).json()["data"]
    assert requests.get(address, timeout=10).status_code == 401


def test_database_and_redis_answer(ready):
    with psycopg.connect(ready["database_url"]) as conn:
        [count] = conn.execute("SELECT count(*) FROM invoice").fetchone() or (0,)
    assert count > 100
    redis = Redis.from_url(ready["redis_url"])
    assert redis.ping()
    redis.close()


def test_an_object_put_and_emitted_is_in_the_org_within_five_seconds(ready):
    stripe = ready["stripe"]
    key = {"Authorization": f"Bearer {stripe['api_key']}"}
    listed = requests.get(f"{stripe['api_base']}/v1/invoices?status=open&limit=100", headers=key, timeout=10).json()
    org = OrgUserClient(ready["org"]["instance_url"], **ready["org_admin"])
    known = {row["Key__c"].partition(":")[2] for row in org.query("SELECT Key__c FROM AR_Invoice__c")}
    row = next(row for row in listed["data"] if row["id"] in known)
    settled = {"status": "paid", "amount_paid": row["amount_due"], "amount_remaining": 0}
    moments = {**row["status_transitions"], "paid_at": int(time.time())}
    paid = {**row, **settled, "auto_advance": False, "status_transitions": moments}
    control = f"{stripe['api_base']}/_control"
    requests.put(f"{control}/objects", json=paid, timeout=10).raise_for_status()
    began = time.monotonic()
    answer = requests.post(f"{control}/emit", json={"type": "invoice.paid", "id": row["id"]}, timeout=10).json()
    assert answer["status"] == [200]
    soql = f"SELECT Status__c FROM AR_Invoice__c WHERE Key__c = 'main:{row['id']}'"
    assert until(lambda: org.query(soql)[0]["Status__c"] == "Paid", timeout_s=30)
    assert time.monotonic() - began < 5


def test_interrupt_ends_everything(running):
    process, _, home = running
    ours = {psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True), *left_running(home)}
    assert len(ours) > 9  # demo, PostgreSQL, Redis, org, Stripe, web, four workers, clock
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0, (home / "demo.log").read_text()[-2000:]
    assert time.monotonic() - began < 20
    assert [one for one in ours if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
    assert left_running(home) == []


def left_running(home: Path) -> list[psutil.Process]:
    """Processes that work in or for this folder (PostgreSQL is nobody's child), those waiting to be reaped aside."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ", "status"]):
        told = [*(process.info["cmdline"] or ()), (process.info["environ"] or {}).get("DUELINE_HOME", "")]
        ended = process.info["status"] == psutil.STATUS_ZOMBIE
        if any(str(home) in word for word in told) and process.pid != os.getpid() and not ended:
            found.append(process)
    return found
