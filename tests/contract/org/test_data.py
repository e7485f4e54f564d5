"""What the org keeps when it is stopped, or killed."""

import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace

from connector.local.org.server import LocalOrg

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
    serve(config, 0, lambda url: print(url, flush=True))
    """
)


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
    command = [sys.executable, "-c", SERVE, str(METADATA), str(tmp_path / "org.db")]
    written = 0
    for _ in range(2):
        with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
            api = Api(process.stdout.readline().strip(), "integration", "s-int")
            assert len(api.query("SELECT Id FROM AR_Invoice__c")) == written
            for _ in range(3):
                results = api.upsert("AR_Invoice__c", [invoice(f"k{written + number}") for number in range(50)])
                assert all(result["success"] for result in results)
                written += 50
            os.kill(process.pid, signal.SIGKILL)
            api.session.close()
    assert written == 300
