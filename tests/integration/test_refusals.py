"""What Salesforce refuses is parked row by row with the reason and the way out; what passes by itself is waited for."""

import json

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from connector.salesforce import describe
from sync.pipeline.refill import refill
from tests.integration.world import World

MAPPED = {"AR_Status__c": None, "AR_Outstanding__c": None, "AR_Overdue_Amount__c": "AR_Outstanding__c"}


def parked(world: World) -> dict[str, tuple[str, str, str]]:
    rows = world.rows("SELECT kind, key, parked, reason, fix FROM record WHERE parked IS NOT NULL")
    return {f"{row.kind} {row.key}": (row.parked, row.reason, row.fix) for row in rows}


def book(world: World, count: int = 6, **fields) -> list[str]:
    customer = world.customer(world.account(**fields))
    return [world.invoice(customer, 1_000 + number) for number in range(count)]


def again(world: World) -> None:
    world.hurry()
    world.settle()


# --- one row's own fault ---------------------------------------------------------------------------------------------


def test_one_bad_row_holds_back_no_other_and_is_written_once_its_cause_is_gone(world):
    made = book(world)
    row = world.stripe.world.get("invoice", made[2])
    world.act("update_invoice", invoice=made[2], deliver=False)
    long = {**row, "number": "N" * 300}
    world.post(world.stripe.world.event("invoice.updated", long))
    world.settle()
    [(name, (code, reason, fix))] = parked(world).items()
    assert name == f"invoice main:{made[2]}"
    assert code == "STRING_TOO_LONG"
    assert "max length=255" in reason
    assert fix == "lengthen Number__c (now 255 characters)"
    assert len(world.admin.query("SELECT Id FROM AR_Invoice__c")) == 5
    world.act("pay_invoice", invoice=made[2])
    world.settle()
    assert parked(world) == {}
    world.check()


@pytest.mark.parametrize(
    ("code", "message", "fix"),
    [
        (
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "Amounts over 10 need a purchase order",
            "meet AR_Invoice__c's validation rule, or exempt the integration user",
        ),
        (
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Status: bad value for restricted picklist field: Open",
            "add Open to the picklist",
        ),
        ("DUPLICATES_DETECTED", "You're creating a duplicate record.", "duplicate rule"),
        ("CANNOT_EXECUTE_FLOW_TRIGGER", "We can't save this record because the flow failed.", "the automation"),
        ("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", "free data storage"),
        ("SOMETHING_NOBODY_HAS_MET", "what is this", "does not know this code"),
    ],
)
def test_every_refusal_is_parked_with_reason_and_fix_and_tried_again(world, code, message, fix):
    book(world)
    world.drain()
    world.fault("partial", object="AR_Invoice__c", every=3, code=code, message=message)
    world.publish()
    found = parked(world)
    assert len(found) == 2
    assert {told for told, _, _ in found.values()} == {code}
    assert all(message in reason and fix in way for _, reason, way in found.values())
    [problem] = world.status.problems
    assert (problem["code"], problem["count"]) == (code, 2)
    assert world.status.waiting_events == world.status.waiting_records == 0
    again(world)
    assert parked(world) == {}
    world.check()


def test_a_parked_row_is_tried_again_ever_later_by_itself(world):
    book(world, 1)
    world.drain()
    world.fault("partial", object="AR_Invoice__c", every=1, times=10, code="CUSTOM_ERROR", message="no")
    waits = []
    for _ in range(4):
        world.publish()
        row = world.one("SELECT extract(epoch FROM due_at - now()) AS s, attempts FROM record WHERE kind = 'invoice'")
        waits.append(round(row.s))
        world.hurry()
    assert waits == sorted(waits)
    assert waits[0] <= 10
    assert waits[2] >= 60
    assert row.attempts == 4


def test_a_new_event_tries_a_parked_row_at_once(world):
    [invoice] = book(world, 1)
    world.drain()
    world.fault("partial", object="AR_Invoice__c", every=1, code="CUSTOM_ERROR", message="no")
    world.publish()
    assert len(parked(world)) == 1
    world.act("pay_invoice", invoice=invoice)
    world.settle()
    assert parked(world) == {}
    world.check()


def test_a_currency_that_the_org_has_not_activated_is_parked_until_it_has(world):
    account = world.account()
    customer = world.customer(account)
    world.invoice(customer, currency="usd")
    invoice = world.invoice(customer, currency="chf")
    world.settle()
    found = parked(world)
    assert set(found) == {f"summary {account}:CHF", f"invoice main:{invoice}"}
    assert all("Manage Currencies" in fix and "CHF" in reason + fix for _, reason, fix in found.values())
    rate = {"IsoCode": "CHF", "ConversionRate": "0.88", "DecimalPlaces": 2, "IsActive": True}
    world.admin.create("CurrencyType", [rate])
    again(world)
    assert parked(world) == {}
    world.check()


# --- what passes by itself -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("lock_row", {"times": 2, "object": "AR_Summary__c"}),
        ("error", {"status": 503, "times": 5, "method": "PATCH"}),
        ("error", {"status": 502, "times": 2, "method": "PATCH"}),
        ("drop_after_commit", {"times": 2, "method": "PATCH"}),
        ("expire_session", {"times": 1}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_passes_by_itself_parks_nothing(world, kind, details):
    book(world)
    world.drain()
    world.fault(kind, **details)
    for _ in range(8):
        world.publish()
        assert parked(world) == {}
        world.hurry()
    assert world.status.waiting_events == world.status.waiting_records == 0
    world.heal()
    world.check()


@pytest.mark.parametrize("settings", [{"DUELINE_SALESFORCE__TIMEOUT_S": "0.3"}], ids=["0.3 s"])
def test_an_org_that_is_too_slow_is_asked_again(world):
    book(world, 2)
    world.drain()
    world.publish()
    world.act("pay_invoice", invoice=world.objects("invoice")[0]["id"])
    world.drain()
    world.fault("slow", ms=700, object="AR_Invoice__c", method="PATCH")
    world.publish()
    assert parked(world) == {}
    again(world)
    world.check()


def test_an_org_that_refuses_every_session_is_not_hammered_and_the_cause_is_told(world):
    made = book(world)
    world.settle()
    world.act("pay_invoice", invoice=made[0])
    world.drain()
    world.fault("expire_session", for_good=True)
    world.calls()
    for _ in range(3):
        world.publish()
        world.hurry()
    assert sum(world.calls().values()) <= 3 * 2 * 4  # rounds, a call and its repetition with a new token, kinds
    assert parked(world) == {}
    assert world.status.waiting_records == 4
    [problem] = [each for each in world.status.problems if each["code"] == "waits"]
    assert "INVALID_SESSION_ID" in problem["reason"]
    assert "OAuth scope" in problem["fix"]
    world.heal()
    again(world)
    world.check()


@pytest.mark.parametrize(
    "settings",
    [
        {"DUELINE_SALESFORCE__CLIENT_SECRET": "wrong"},
        {"DUELINE_SALESFORCE__LOGIN_URL": "http://127.0.0.1:1"},
    ],
    ids=["wrong secret", "nobody there"],
)
def test_an_org_that_lets_nobody_in_leaves_everything_waiting_and_says_why(world, settings):
    """Nothing is known of the accounts yet: they cannot even be read."""
    book(world)
    world.drain()
    for _ in range(3):
        done = world.publish()
        assert done.written == 0
        world.hurry()
    assert world.status.waiting_records == 8
    [problem] = world.status.problems
    told = "client" if "DUELINE_SALESFORCE__CLIENT_SECRET" in settings else "unreachable"
    assert problem["code"] == "waits"
    assert told in f"{problem['reason']} {problem['fix']}".lower()


def test_a_day_without_calls_left_is_waited_for(world):
    made = book(world)
    world.settle()
    world.act("pay_invoice", invoice=made[0])
    world.drain()
    world.fault("limit_spent")
    world.calls()
    world.publish()
    assert sum(world.calls().values()) <= 4
    assert parked(world) == {}
    wait = world.one("SELECT max(extract(epoch FROM due_at - now())) AS s FROM record WHERE marked > written")
    assert 50 < wait.s < 70  # then somebody asks again whether there are calls left
    world.heal()
    world.hurry()
    world.calls()
    assert world.publish().rounds == 0  # the org said that it is spent, and nobody has heard otherwise
    assert world.calls() == {}
    world.run.meter.flush()
    with world.engine.begin() as conn:
        conn.execute(text("UPDATE cursor SET updated_at = now() - interval '61 seconds'"))
    world.run.meter._read_at = 0.0
    world.publish()
    world.check()


# --- fields and permissions ------------------------------------------------------------------------------------------


def test_a_hidden_field_is_left_out_with_a_warning_and_everything_else_is_written(world):
    world.fault("revoke_field", object="AR_Invoice__c", field="Pay_URL__c")
    [invoice] = book(world, 1)
    with capture_logs() as logs:
        world.settle()
    [told] = [line for line in logs if line["event"] == "fields left out"]
    assert told["fields"] == ("Pay_URL__c",)
    assert "Dueline_Integration" in told["fix"]
    assert world.shown_invoice(invoice)["Balance__c"] == 10
    assert parked(world) == {}


def test_a_hidden_key_parks_its_kind_with_the_way_out_until_it_is_shown(world):
    world.fault("revoke_field", object="AR_Invoice__c", field="Key__c")
    made = book(world, 2)
    world.settle()
    assert set(parked(world)) == {f"invoice main:{invoice}" for invoice in made}
    [problem] = world.status.problems
    assert "Dueline_Integration" in problem["fix"]
    world.heal()
    world.run.require_org().exposure.forget("AR_Invoice__c")
    again(world)
    world.check()


@pytest.mark.parametrize(
    "settings",
    [{"DUELINE_ACCOUNT_FIELDS": json.dumps(MAPPED)}],
    ids=["mapped"],
)
def test_finance_switches_account_fields_off_or_maps_them_elsewhere(world):
    account = world.account()
    world.invoice(world.customer(account), due_in_days=-3)
    world.settle()
    names = "AR_Status__c, AR_Overdue__c, AR_Overdue_Amount__c, AR_Outstanding__c"
    [row] = world.admin.query(f"SELECT {names} FROM Account WHERE Id = '{account}'")
    assert (row["AR_Status__c"], row["AR_Overdue__c"], row["AR_Overdue_Amount__c"]) == (None, True, None)
    assert row["AR_Outstanding__c"] == 100


def test_a_field_that_was_hidden_is_filled_in_when_it_can_be_written(world, monkeypatch):
    monkeypatch.setattr(describe, "INCOMPLETE_MAX_AGE", 0.0)
    account = world.account()
    invoice = world.invoice(world.customer(account), 50_000)
    world.fault("revoke_field", object="AR_Invoice__c", field="Due_On__c")
    world.settle()
    assert world.shown_invoice(invoice, "Due_On__c")["Due_On__c"] is None
    [problem] = world.status.problems
    assert (problem["code"], problem["reason"]) == ("fields left out", "invoice: Due_On__c cannot be written")
    assert refill(world.engine, world.run.require_org()) == 0
    world.heal()
    assert refill(world.engine, world.run.require_org()) == 1
    world.publish()
    assert world.shown_invoice(invoice, "Due_On__c")["Due_On__c"] is not None
    assert world.status.problems == []
    assert refill(world.engine, world.run.require_org()) == 0


def test_a_payment_that_stood_there_first_points_to_its_invoice_once_that_does(world):
    invoice = world.invoice(world.customer(world.account()))
    world.act("pay_invoice", invoice=invoice)
    refusal = {"code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "not yet"}
    world.fault("partial", object="AR_Invoice__c", every=1, times=None, **refusal)
    world.settle()
    again(world)
    [payment] = world.admin.query("SELECT Invoice__c FROM AR_Payment__c")
    assert payment["Invoice__c"] is None
    world.heal()
    again(world)
    again(world)
    [payment] = world.admin.query("SELECT Invoice__r.Key__c FROM AR_Payment__c")
    assert payment["Invoice__r"]["Key__c"] == f"main:{invoice}"
    world.check()
