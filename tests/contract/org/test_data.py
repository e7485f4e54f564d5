"""What the org keeps when it is stopped, or killed."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from dataclasses import replace

import requests

from connector.local.org.server import Credentials, LocalOrg, OrgConfig

from .conftest import METADATA, REPO, Api, invoice

SERVE = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from connector.local.org.server import Credentials, OrgConfig, serve
    config = OrgConfig(
        metadata=Path(sys.argv[1]),
        data=Path(sys.argv[2]),
        integration=Credentials("integration", "s-int", "integration@dueline.example"),
        org_admin=Credentials("admin", "s-adm", "admin@dueline.example"),
    )
    serve(config, int(sys.argv[3]), lambda url: print(url, flush=True))
    """
)

INTEGRATION = Credentials("integration", "s-int", "integration@dueline.example")
ADMIN = Credentials("admin", "s-adm", "admin@dueline.example")


def test_a_restart_keeps_everything(config, tmp_path):
    kept = replace(config, data=tmp_path / "org.db")
    with LocalOrg(kept) as org:
        api = Api(org.url, "admin", "s-adm")
        account = api.create("Account", Name="Acme")
        made = api.create("AR_Invoice__c", **invoice("k1", Account__c=account, Due_On__c="2026-01-31", Balance__c=1.25))
        api.create("AR_Dispute__c")
        api.delete(f"sobjects/AR_Invoice__c/{api.create('AR_Invoice__c', Key__c='k2')}")
        before = api.get(f"sobjects/AR_Invoice__c/{made}").json()
        api.session.close()
    with LocalOrg(kept) as org:
        api = Api(org.url, "admin", "s-adm")
        assert api.get(f"sobjects/AR_Invoice__c/{made}").json() == before
        assert len(api.query("SELECT Id FROM AR_Invoice__c", "queryAll")) == 2
        assert api.create("AR_Invoice__c", Key__c="k3") > made
        dispute = api.create("AR_Dispute__c")
        assert api.get(f"sobjects/AR_Dispute__c/{dispute}").json()["Name"] == "D-00002"
        again = api.post("sobjects/AR_Invoice__c", {"Key__c": "k1"})
        assert again.json()[0]["errorCode"] == "DUPLICATE_VALUE"
        assert len(api.query("SELECT Id FROM User")) == 4
        api.session.close()


def test_a_kill_loses_nothing_that_was_answered(tmp_path):
    written, port = 0, 0
    for _ in range(2):
        command = [sys.executable, "-c", SERVE, str(METADATA), str(tmp_path / "org.db"), str(port)]
        with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
            url = process.stdout.readline().strip()
            api, port = Api(url, "integration", "s-int"), int(url.rpartition(":")[2])  # the same port again, at once
            assert len(api.query("SELECT Id FROM AR_Invoice__c")) == written
            for _ in range(3):
                results = api.upsert("AR_Invoice__c", [invoice(f"k{written + number}") for number in range(50)])
                assert all(result["success"] for result in results)
                written += 50
            os.kill(process.pid, signal.SIGKILL)
            api.session.close()
    assert written == 300


def test_a_kill_leaves_no_half_of_anything(tmp_path):
    """Requests of 200 rows are killed at some point: each is there as a whole, or not at all."""
    command = [sys.executable, "-c", SERVE, str(METADATA), str(tmp_path / "org.db"), "0"]
    answered: set[int] = set()
    for run in range(3):
        with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
            api = Api(process.stdout.readline().strip(), "integration", "s-int")
            killer = threading.Timer(0.2 + 0.15 * run, os.kill, (process.pid, signal.SIGKILL))
            killer.start()
            with contextlib.suppress(requests.ConnectionError):
                for number in range(1_000):
                    batch = run * 1_000 + number
                    api.upsert("AR_Invoice__c", [invoice(f"{batch}:{row}", Paid__c=batch) for row in range(200)])
                    answered.add(batch)
            killer.join()
            api.session.close()
    with LocalOrg(OrgConfig(METADATA, INTEGRATION, ADMIN, data=tmp_path / "org.db")) as org:
        batches = Counter(row["Paid__c"] for row in org.org.store.table("AR_Invoice__c").rows.values())
    assert set(batches.values()) == {200}
    assert answered <= set(batches)
