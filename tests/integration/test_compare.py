"""Ledger and Salesforce beside each other, field by field: what differs is found, told and mended, and nothing else."""

from typing import Any

import pytest

from connector.salesforce import read
from sync.adapters.org_books import OrgBooks
from sync.adapters.specimens import written_fields
from sync.core.fieldmap.rules import default, pinned
from sync.pipeline.compare import Drift, compare
from tests.integration.place import CONNECTION, TODAY


def look(world: Any, *, dry: bool = False) -> dict[str, Drift]:
    inside = OrgBooks(world.run.require_org(), world.run.fieldmap)
    return compare(world.engine, world.run.require_org(), world.run.publishing, inside, lambda *_: None, dry=dry)


def found(drifts: dict[str, Drift]) -> dict[str, str]:
    return {name: drift.in_words() for name, drift in drifts.items() if drift.found}


def row_id(world: Any, object_name: str, key: str) -> str:
    [row] = world.admin.query(f"SELECT Id FROM {object_name} WHERE Key__c = '{key}'")
    return row["Id"]


def change(world: Any, object_name: str, key: str, **fields: Any) -> None:
    world.admin.update(object_name, [{"Id": row_id(world, object_name, key), **fields}])


def drop(world: Any, object_name: str, key: str) -> None:
    world.admin._json("DELETE", f"/services/data/v66.0/sobjects/{object_name}/{row_id(world, object_name, key)}")


@pytest.fixture
def story(world):
    """An account with an open, a paid and a half refunded invoice, all of it in the org."""
    world.here = world.account()
    customer = world.customer(world.here)
    world.open = world.invoice(customer, 12_345)
    world.paid = world.invoice(customer, 20_000)
    world.act("pay_invoice", invoice=world.paid, amount=20_000)
    [world.payment] = [row["payment_intent"] for row in world.objects("charge")]
    world.act("refund", charge=world.objects("charge")[0]["id"], amount=5_000)
    world.settle()
    world.check()
    return world


def test_what_is_as_it_should_be_is_left_alone(story):
    drifts = look(story)
    assert found(drifts) == {}
    compared = {name: drift.compared for name, drift in drifts.items()}
    assert compared == {"AR_Summary__c": 1, "AR_Invoice__c": 2, "AR_Payment__c": 2, "AR_Activity__c": 0, "Account": 1}
    assert story.status.waiting_records == 0


def test_fields_that_differ_are_named_and_written_again(story):
    change(story, "AR_Invoice__c", f"{CONNECTION}:{story.open}", Balance__c=1, Status__c="Paid")
    change(story, "AR_Summary__c", f"{story.here}:USD", Outstanding__c=0, Oldest_Due_On__c=None)
    change(story, "AR_Payment__c", f"{CONNECTION}:{story.payment}", Invoice__c=None, Method__c="cash")
    story.admin.update("Account", [{"Id": story.here, "AR_Status__c": "Clear"}])
    assert found(look(story)) == {
        "AR_Summary__c": "1 different (Oldest_Due_On__c, Outstanding__c)",
        "AR_Invoice__c": "1 different (Balance__c, Status__c)",
        "AR_Payment__c": "1 different (Invoice__r.Key__c, Method__c)",
        "Account": "1 different (AR_Status__c)",
    }
    story.publish()
    story.check()
    assert found(look(story)) == {}


def test_what_was_deleted_there_is_made_again(story):
    for name, key in (("AR_Invoice__c", story.open), ("AR_Payment__c", story.payment)):
        drop(story, name, f"{CONNECTION}:{key}")
    drop(story, "AR_Summary__c", f"{story.here}:USD")
    assert found(look(story)) == {
        "AR_Summary__c": "1 missing",
        "AR_Invoice__c": "1 missing",
        "AR_Payment__c": "1 missing",
    }
    story.publish()
    story.check()
    assert found(look(story)) == {}


def test_a_key_that_the_ledger_does_not_know_is_told_and_left_there(story):
    story.admin.create(
        "AR_Invoice__c", [{"Key__c": "old:in_1", "Name": "X", "Account__c": story.here, "CurrencyIsoCode": "USD"}]
    )
    for _ in range(2):
        assert found(look(story)) == {"AR_Invoice__c": "1 strange (old:in_1)"}
    assert row_id(story, "AR_Invoice__c", "old:in_1")


def test_a_row_whose_record_was_lost_is_taken_up_again(story):
    key = f"{CONNECTION}:{story.open}"
    with story.engine.begin() as conn:
        conn.exec_driver_sql(f"DELETE FROM record WHERE key IN ('{key}', '{story.here}:USD')")
    change(story, "AR_Invoice__c", key, Balance__c=1)
    drifts = look(story)
    assert (drifts["AR_Invoice__c"].different, drifts["AR_Invoice__c"].strange) == (1, 0)
    assert (drifts["AR_Summary__c"].different, drifts["AR_Summary__c"].strange) == (1, 0)
    story.publish()
    story.check()
    assert found(look(story)) == {}


def test_a_dry_run_mends_nothing(story):
    change(story, "AR_Invoice__c", f"{CONNECTION}:{story.open}", Balance__c=1)
    drop(story, "AR_Payment__c", f"{CONNECTION}:{story.payment}")
    for _ in range(2):
        drifts = look(story, dry=True)
        assert (drifts["AR_Invoice__c"].different, drifts["AR_Payment__c"].missing) == (1, 1)
    assert story.status.waiting_records == 0


def test_what_waits_to_be_written_is_no_drift(story):
    story.act("pay_invoice", invoice=story.open, amount=345)
    story.drain()
    assert found(look(story)) == {}
    story.publish()
    story.check()


def test_what_is_written_while_its_page_is_read_is_no_drift(story):
    inside = OrgBooks(story.run.require_org())
    pages = inside.pages

    def slowly(name: str) -> Any:
        for page in pages(name):
            if name == "AR_Invoice__c":  # the page is on its way, when the invoice is paid and written
                story.act("pay_invoice", invoice=story.open, amount=12_345)
                story.settle()
            yield page

    inside.pages = slowly
    org = story.run.require_org()
    drifts = compare(story.engine, org, story.run.publishing, inside, lambda *_: None)
    assert drifts["AR_Invoice__c"].found == 0
    story.check()


def test_a_third_digit_that_the_field_does_not_keep_is_no_drift(world):
    account = world.account(CurrencyIsoCode="KWD")
    world.invoice(world.customer(account), 12_345, currency="kwd")
    world.settle()
    assert found(look(world)) == {}


def test_switched_off_and_renamed_account_fields_are_compared_under_their_names(world):
    account = world.account()
    world.invoice(world.customer(account))
    world.settle()
    org = world.run.require_org()
    mapping = pinned(default(), {"AR_Status__c": None, "AR_Outstanding__c": "AnnualRevenue"})
    told = OrgBooks(org, lambda: mapping).accounts([account])["account", account]
    ours = set(written_fields(default())["Account"])
    assert told.keys() == ours - {"AR_Status__c", "AR_Outstanding__c"} | {"AnnualRevenue"}


def test_pages_of_any_size_and_many_accounts(world, monkeypatch):
    monkeypatch.setattr(read, "_PAGE", 3)
    monkeypatch.setattr("sync.pipeline.compare._PAGE", 3)
    for _ in range(4):
        customer = world.customer(world.account())
        invoices = [world.invoice(customer, 1_000 + n) for n in range(2)]
        world.act("pay_invoice", invoice=invoices[0], amount=1_000)
    world.settle()
    drifts = look(world)
    assert found(drifts) == {}
    assert (drifts["AR_Invoice__c"].compared, drifts["Account"].compared) == (8, 4)
    for invoice in world.objects("invoice"):
        drop(world, "AR_Invoice__c", f"{CONNECTION}:{invoice['id']}")
    assert look(world)["AR_Invoice__c"].missing == 8
    world.publish()
    world.check()


def test_the_same_on_another_day_once_the_day_is_turned(story):
    story.move_to(TODAY.replace(month=5))
    story.turn()
    assert found(look(story)) == {}  # it all waits
    story.publish()
    assert found(look(story)) == {}
    story.check()
