"""`dueline demo --unconnected`: the same company, and a Dueline that has not been told of anything yet."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from sync.demo.people import OrgUserClient, until
from tests.e2e.test_demo import demo, left_running


@pytest.fixture(scope="module")
def running(homes: Callable[[], Path]) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any], Path]]:
    home = homes()
    ready = home / "ready.json"
    process = demo(home, "--port", "0", "--ready-file", str(ready), "--unconnected")
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


def count(ready: dict[str, Any], table: str) -> int:
    with psycopg.connect(ready["database_url"]) as conn:
        [found] = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
    return found


def test_there_is_a_company_that_dueline_knows_nothing_of(ready):
    assert ready["unconnected"] is True
    assert ready["webhook_secret"] is None
    org = OrgUserClient(ready["org"]["instance_url"], ready["org"]["client_id"], ready["org"]["client_secret"])
    assert len(org.query("SELECT Id FROM Account")) > 50
    assert org.query("SELECT Id FROM AR_Invoice__c") == []
    key = {"Authorization": f"Bearer {ready['stripe']['api_key']}"}
    api = f"{ready['stripe']['api_base']}/v1"
    assert requests.get(f"{api}/invoices", {"limit": 100}, headers=key, timeout=10).json()["has_more"]
    assert requests.get(f"{api}/webhook_endpoints", headers=key, timeout=10).json()["data"] == []
    assert count(ready, "invoice") == count(ready, "inbox") == 0
    assert requests.get(f"{ready['web_url']}/readyz", timeout=10).status_code == 200


def test_nobody_has_told_the_processes_anything(running):
    process, _, home = running
    environments = [one.environ() for one in left_running(home) if one.pid != process.pid]
    assert environments
    for names in environments:
        assert not [name for name in names if name.startswith(("DUELINE_STRIPE", "DUELINE_SALESFORCE", "DUELINE_SIGN"))]


def test_the_screen_says_what_to_enter(running):
    _, ready, home = running
    said = "".join((home / "demo.log").read_text().split())
    for told in (
        *ready["admin"].values(),
        ready["org"]["instance_url"],
        ready["org"]["client_id"],
        ready["org"]["client_secret"],
        *ready["sign_in"].values(),
        *ready["stripe"].values(),
        f"{ready['stripe']['api_base']}/dashboard/",
        ready["webhook_url"],
    ):
        assert told in said.replace("│", ""), told


def test_an_endpoint_made_before_dueline_knows_its_secret_keeps_its_events(ready):
    """What Stripe sends to an address that nobody has set up is refused, and tried again."""
    base = ready["stripe"]["api_base"]
    key = {"Authorization": f"Bearer {ready['stripe']['api_key']}"}
    form = {"url": ready["webhook_url"], "enabled_events[]": "*"}
    made = requests.post(f"{base}/v1/webhook_endpoints", form, headers=key, timeout=10).json()
    assert made["secret"].startswith("whsec_")
    act = {"action": "create_customer", "name": "Early Bird", "deliver": "soon"}
    requests.post(f"{base}/_control/act", json=act, timeout=10).raise_for_status()

    def waiting() -> int:
        return requests.get(f"{base}/_control/deliveries", timeout=10).json()["waiting"]

    assert until(waiting)
    assert not until(lambda: not waiting(), timeout_s=2)
    assert count(ready, "inbox") == 0
    requests.delete(f"{base}/v1/webhook_endpoints/{made['id']}", headers=key, timeout=10).raise_for_status()


def test_once_wants_a_connected_world(homes):
    home = homes()
    assert demo(home, "--once", "--unconnected").wait(60) == 2
    assert "leave out --unconnected" in (home / "demo.log").read_text()
