"""The Salesforce connector against the local org, over HTTP: what it writes, reads and says when things go wrong."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from structlog.testing import capture_logs

from connector.errors import GoneError, MisconfiguredError, RejectedError, RetryableError
from connector.local.org.server import Credentials, LocalOrg, OrgConfig
from connector.salesforce import read, write
from connector.salesforce.describe import Exposure
from connector.salesforce.doctor import ObjectNeeds, examine
from connector.salesforce.session import OrgLogin, OrgSession, Pace

METADATA = Path(__file__).parents[2] / "salesforce_metadata"
PACE = Pace(first_wait=0.01, between_logins=0.05, first_look=0.02, longest_look=0.1, longest_job=60)
SIGNING_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = (
    SIGNING_KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
PRIVATE_PEM = SIGNING_KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
INTEGRATION = Credentials("integration", "secret", "integration@acme.example", PUBLIC_PEM)
ADMIN = Credentials("admin", "secret", "admin@acme.example")
NEEDS = {
    "AR_Invoice__c": ObjectNeeds(
        writes=frozenset({"Key__c", "Account__c", "Number__c", "Balance__c", "CurrencyIsoCode"}),
        reads=frozenset({"Assigned_To__c"}),
        key="Key__c",
        amounts=frozenset({"Balance__c"}),
    ),
    "Account": ObjectNeeds(writes=frozenset({"AR_Status__c"}), reads=frozenset({"OwnerId"}), creates=False),
}


@pytest.fixture
def org() -> Iterator[LocalOrg]:
    with LocalOrg(OrgConfig(METADATA, INTEGRATION, ADMIN)) as org:
        yield org


@pytest.fixture
def session(org) -> Iterator[OrgSession]:
    session = OrgSession(OrgLogin(org.url, "integration", "secret", timeout=5), pace=PACE)
    yield session
    session.close()


@pytest.fixture
def admin(org) -> Iterator[OrgSession]:
    session = OrgSession(OrgLogin(org.url, "admin", "secret"), pace=PACE)
    yield session
    session.close()


@pytest.fixture
def exposure(session) -> Exposure:
    return Exposure(session)


@pytest.fixture
def account(admin) -> str:
    return admin.request("POST", "sobjects/Account", json={"Name": "Acme", "Website": "https://acme.example"})["id"]


@pytest.fixture
def fault(org):
    def order(kind: str, **details: Any) -> None:
        answer = requests.post(f"{org.url}/_control/faults", json={"kind": kind, **details}, timeout=5)
        assert answer.ok, answer.text

    return order


def calls(org) -> dict[str, int]:
    return requests.get(f"{org.url}/_control/calls", timeout=5).json()["by"]


def invoices(account, count, **fields) -> list[dict[str, Any]]:
    return [
        {"Key__c": f"c1:in_{number}", "Account__c": account, "Number__c": f"INV-{number}", **fields}
        for number in range(count)
    ]


def upsert(session, exposure, rows, **options):
    return write.upsert(session, exposure, "AR_Invoice__c", "Key__c", rows, **options)


def test_jwt_bearer_logs_in(org):
    login = OrgLogin(org.url, "integration", username="integration@acme.example", private_key=PRIVATE_PEM)
    session = OrgSession(login, pace=PACE)
    assert session.connect().user_id.startswith("005")
    session.close()


def test_a_wrong_secret_says_what_to_do(org):
    with pytest.raises(MisconfiguredError, match="copy client id"):
        OrgSession(OrgLogin(org.url, "integration", "wrong"), pace=PACE).connect()


def test_rows_are_created_then_updated_and_read_back_exactly(session, exposure, account):
    amounts = [Decimal("0.1") + Decimal("0.2"), Decimal("9876543210987.65"), Decimal(7)]
    rows = [
        {**row, "Balance__c": amount, "CurrencyIsoCode": "EUR"}
        for row, amount in zip(invoices(account, 3), amounts, strict=True)
    ]
    created = upsert(session, exposure, rows)
    assert [(each.created, each.error) for each in created] == [(True, None)] * 3
    updated = upsert(session, exposure, rows)
    assert [(each.id, each.created) for each in updated] == [(each.id, False) for each in created]
    soql = "SELECT Id, Balance__c, CurrencyIsoCode FROM AR_Invoice__c ORDER BY Key__c"
    found = list(read.query(session, soql))
    assert [(row["Id"], row["Balance__c"]) for row in found] == [
        (each.id, amount) for each, amount in zip(created, amounts, strict=True)
    ]


def test_a_thousand_rows_cost_five_calls(org, session, exposure, account):
    assert all(each.error is None for each in upsert(session, exposure, invoices(account, 1000)))
    assert calls(org)["PATCH composite/sobjects/AR_Invoice__c"] == 5
    assert session.usage.used >= 5


def test_thousands_of_rows_go_by_bulk_and_the_bad_ones_are_named(org, session, exposure, account):
    rows = invoices(account, 2000, Balance__c=Decimal("0.30"), Pay_URL__c=None)
    rows[7]["Number__c"] = "x" * 300
    results = upsert(session, exposure, rows)
    assert [at for at, each in enumerate(results) if each.error] == [7]
    assert results[7].error.code == "STRING_TOO_LONG"
    assert [each.key for each in results] == [row["Key__c"] for row in rows]
    by = calls(org)
    assert by["POST jobs/ingest"] == 1
    assert "PATCH composite/sobjects/AR_Invoice__c" not in by
    (count,) = read.query_many(session, ["SELECT Key__c FROM AR_Invoice__c WHERE Balance__c = 0.3"])
    assert len(count) == 1999


def test_bulk_and_collections_mean_the_same_by_null(session, exposure, account):
    for bulk_from in (1, 100):
        upsert(session, exposure, invoices(account, 2, Pay_URL__c="https://pay.example/1"))
        upsert(session, exposure, invoices(account, 2, Pay_URL__c=None), bulk_from=bulk_from)
        rows = read.query(session, "SELECT Pay_URL__c, Number__c FROM AR_Invoice__c ORDER BY Key__c")
        assert [(row["Pay_URL__c"], row["Number__c"]) for row in rows] == [(None, "INV-0"), (None, "INV-1")]


def test_one_bad_row_does_not_hold_back_the_others(session, exposure, account):
    rows = invoices(account, 4)
    rows[1]["Number__c"] = "x" * 300
    rows[2]["CurrencyIsoCode"] = "CHF"
    results = upsert(session, exposure, rows)
    assert [each.error is None for each in results] == [True, False, False, True]
    assert results[1].error.code == "STRING_TOO_LONG"
    assert "add the currency" in results[2].error.fix


def test_account_rows_are_updated_by_id_and_deleted_ones_are_gone(session, exposure, admin, account):
    lost = admin.request("POST", "sobjects/Account", json={"Name": "Lost"})["id"]
    admin.request("DELETE", f"sobjects/Account/{lost}")
    rows = [{"Id": account, "AR_Outstanding__c": Decimal("12.30")}, {"Id": lost, "AR_Outstanding__c": Decimal(1)}]
    first, second = write.update(session, exposure, "Account", rows)
    assert (first.id, first.error) == (account, None)
    assert isinstance(second.error, GoneError)
    found = read.accounts(session, [account, lost], ["Name", "AR_Outstanding__c"])
    assert found[account]["AR_Outstanding__c"] == Decimal("12.30")
    assert (found[lost]["IsDeleted"], found[account]["IsDeleted"]) == (True, False)


def test_accounts_are_found_by_name_website_and_field(session, account):
    assert [row["Id"] for row in read.accounts_named(session, ["acme"])] == [account]
    assert [row["Id"] for row in read.accounts_named(session, ["nobody's"], ["acme.example"])] == [account]
    assert read.accounts_by(session, "Name", ["Robert'); DROP TABLE --"]) == []


def test_tasks_are_created(admin, account):
    rows = [{"AR_Key__c": "t1", "Subject": "Call Acme", "WhatId": account}]
    (result,) = write.create(admin, Exposure(admin), "Task", rows, key_field="AR_Key__c")
    assert (result.key, result.created, result.error) == ("t1", True, None)
    (task,) = read.query(admin, f"SELECT Id, Subject FROM Task WHERE AR_Key__c = {read.quote('t1')}")
    assert (task["Id"], task["Subject"]) == (result.id, "Call Acme")


def test_long_queries_and_pages(session, exposure, account):
    upsert(session, exposure, invoices(account, 2500), bulk_from=10_000)
    assert len(list(read.query(session, "SELECT Key__c FROM AR_Invoice__c"))) == 2500
    keys = [f"c1:in_{number}" for number in range(1200)]
    soql = f"SELECT Key__c FROM AR_Invoice__c WHERE Key__c IN {read.quote(keys)}"
    assert len(soql) > 14_000
    assert {row["Key__c"] for row in read.query(session, soql)} == set(keys)


# --- faults -------------------------------------------------------------------------------------------------------


def test_locked_rows_may_be_tried_again(session, exposure, account, fault):
    fault("lock_row", object="AR_Invoice__c")
    results = upsert(session, exposure, invoices(account, 3))
    assert {each.error.code for each in results} == {"UNABLE_TO_LOCK_ROW"}
    assert all(isinstance(each.error, RetryableError) and not each.error.outcome_unknown for each in results)
    assert all(each.error is None for each in upsert(session, exposure, invoices(account, 3)))


def test_an_answer_lost_after_the_commit_is_doubt_and_writing_again_is_harmless(session, exposure, account, fault):
    fault("drop_after_commit", method="PATCH")
    first = upsert(session, exposure, invoices(account, 2))
    assert all(each.error.outcome_unknown for each in first)
    second = upsert(session, exposure, invoices(account, 2))
    assert [(each.created, each.error) for each in second] == [(False, None)] * 2


def test_a_create_whose_answer_is_lost_is_not_repeated(admin, account, fault):
    exposure = Exposure(admin)
    exposure.require("Task")
    fault("drop_after_commit", method="POST")
    (result,) = write.create(admin, exposure, "Task", [{"Subject": "Call", "WhatId": account}])
    assert result.error.outcome_unknown
    assert len(list(read.query(admin, "SELECT Id FROM Task"))) == 1


def test_a_slow_org_is_a_timeout(org, exposure, account, fault):
    hasty = OrgSession(OrgLogin(org.url, "integration", "secret", timeout=0.2), pace=PACE)
    exposure.require("AR_Invoice__c")
    hasty.connect()
    fault("slow", ms=800, method="PATCH")
    (result,) = upsert(hasty, exposure, invoices(account, 1))
    assert (result.error.code, result.error.outcome_unknown) == ("TIMEOUT", True)
    hasty.close()


@pytest.mark.parametrize("status", [500, 503])
def test_passing_failures_are_passed(session, exposure, account, fault, status):
    fault("error", status=status, times=2, method="PATCH")
    assert [each.error for each in upsert(session, exposure, invoices(account, 1))] == [None]


def test_a_gateway_failure_is_doubt(session, exposure, account, fault):
    fault("error", status=502, method="PATCH")
    (result,) = upsert(session, exposure, invoices(account, 1))
    assert result.error.outcome_unknown


def test_a_session_that_expired_is_renewed(org, session, exposure, account, fault):
    session.request("GET", "limits")
    fault("expire_session")
    with ThreadPoolExecutor(4) as pool:
        assert len(list(pool.map(lambda _n: session.request("GET", "limits"), range(8)))) == 8
    assert [each.error for each in upsert(session, exposure, invoices(account, 1))] == [None]


@pytest.mark.parametrize("step", ["/batches", "/successfulResults", "/failedResults"])
def test_a_session_that_expires_during_a_bulk_job_is_renewed(session, exposure, account, fault, step):
    fault("expire_session", path=step)
    results = upsert(session, exposure, invoices(account, 50), bulk_from=1)
    assert [each.error for each in results] == [None] * 50


def test_a_session_refused_for_good_ends_as_misconfigured(org, session, exposure, account, fault):
    exposure.require("AR_Invoice__c")
    fault("expire_session", for_good=True)
    before = sum(calls(org).values())
    start = time.monotonic()
    results = upsert(session, exposure, invoices(account, 600))
    assert {type(each.error) for each in results} == {MisconfiguredError}
    assert sum(calls(org).values()) - before <= 2
    assert time.monotonic() - start < 2


def test_a_spent_day_stops_at_the_first_call(org, session, exposure, account, fault):
    exposure.require("AR_Invoice__c")
    fault("limit_spent")
    results = upsert(session, exposure, invoices(account, 600))
    assert {each.error.code for each in results} == {"REQUEST_LIMIT_EXCEEDED"}
    assert all(each.error.retry_after == 60 for each in results)


def test_a_revoked_field_is_left_out_and_named(session, exposure, account, fault):
    rows = invoices(account, 250, Pay_URL__c="https://pay.example/1")
    upsert(session, exposure, rows)
    fault("revoke_field", object="AR_Invoice__c", field="Pay_URL__c")
    with capture_logs() as logs:
        results = upsert(session, exposure, rows)
    assert {(each.error, each.dropped) for each in results} == {(None, ("Pay_URL__c",))}
    assert [log["fields"] for log in logs if log["event"] == "fields left out"] == [("Pay_URL__c",)]


def test_a_field_revoked_before_a_bulk_job_is_left_out(session, exposure, account, fault):
    exposure.require("AR_Invoice__c")
    fault("revoke_field", object="AR_Invoice__c", field="Pay_URL__c")
    with capture_logs():
        results = upsert(session, exposure, invoices(account, 5, Pay_URL__c="https://pay.example/1"), bulk_from=1)
    assert {(each.error, each.dropped) for each in results} == {(None, ("Pay_URL__c",))}


# --- the doctor ---------------------------------------------------------------------------------------------------


def test_the_doctor_finds_a_deployed_org_healthy(session):
    findings = examine(session, NEEDS, currencies=["USD", "EUR", "JPY"])
    assert [each for each in findings if not each.ok] == []
    assert {"login", "version", "package", "fields", "key", "currency", "api", "storage"} == {
        each.area for each in findings
    }


def test_the_doctor_names_what_is_wrong(session, fault):
    fault("revoke_field", object="AR_Invoice__c", field="Balance__c")
    needs = {**NEEDS, "AR_Nothing__c": ObjectNeeds(key="Key__c")}
    wrong = [each for each in examine(session, needs, currencies=["CHF", "KWD"]) if not each.ok]
    assert [(each.area, each.what) for each in wrong] == [
        ("fields", "AR_Invoice__c: not visible: Balance__c"),
        ("package", "AR_Nothing__c does not exist for the integration user"),
        ("currency", "not active: CHF"),
    ]
    assert all(each.fix for each in wrong)


def test_the_doctor_says_why_it_cannot_get_in(org, fault):
    (finding,) = examine(OrgSession(OrgLogin(org.url, "integration", "wrong"), pace=PACE), NEEDS)
    assert (finding.ok, finding.area) == (False, "login")


def test_a_single_currency_org():
    with LocalOrg(OrgConfig(METADATA, INTEGRATION, ADMIN, multi_currency=False)) as org:
        session = OrgSession(OrgLogin(org.url, "integration", "secret"), pace=PACE)
        exposure = Exposure(session)
        assert exposure.org_currencies() == ()
        with capture_logs():
            (result,) = upsert(session, exposure, [{"Key__c": "k", "Number__c": "1", "CurrencyIsoCode": "USD"}])
        assert not isinstance(result.error, RejectedError)
        assert result.dropped == ("CurrencyIsoCode",)
        session.close()
