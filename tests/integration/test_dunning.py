"""What finance's system wrote to the customer, on the timeline that sales reads before they call."""

from datetime import timedelta

import pytest

from sync.adapters.org_books import OrgBooks
from sync.pipeline.compare import compare
from sync.pipeline.retain import Retention, retain
from tests.integration.place import TODAY
from tests.integration.selling import told
from tests.integration.world import World


def sent(world: World, **given: object) -> tuple[str, str]:
    """An account and its invoice, which Stripe has e-mailed."""
    account = world.account()
    invoice = world.invoice(world.customer(account, email="ap@acme.example"), **given)  # type: ignore[arg-type]
    world.act("send_invoice", invoice=invoice)
    return account, invoice


def test_sales_sees_that_an_invoice_was_mailed(world: World):
    account, invoice = sent(world)
    world.come_to_rest()
    [subject] = told(world, account, "Dunning")
    assert subject.startswith(f"{world.ledger(invoice).number} e-mailed to ")
    [row] = world.admin.query("SELECT System__c, By__c, Amount__c, Invoice__r.Key__c FROM AR_Activity__c")
    assert (row["System__c"], row["By__c"], row["Amount__c"]) == ("Stripe", None, 100)
    assert row["Invoice__r"]["Key__c"] == f"main:{invoice}"
    assert world.one("SELECT contact FROM entry").contact is False  # nobody spoke with them


def test_a_failed_charge_and_a_reminder(world: World):
    account = world.account()
    invoice = world.invoice(world.customer(account), collection_method="charge_automatically", auto_advance=True)
    world.act("fail_payment", invoice=invoice)
    world.come_to_rest()
    assert [text.startswith("Automatic charge for") for text in told(world, account, "Dunning")] == [True]
    other = world.account(name="Late")
    late = world.invoice(world.customer(other), due_in_days=1, auto_advance=True)
    world.move_to(TODAY + timedelta(days=3))
    world.act("dunning")
    world.come_to_rest()
    assert [text.partition(":")[0] for text in told(world, other, "Dunning")] == ["Reminder"]
    assert world.ledger(late).status == "open"


def test_events_that_come_twice_and_in_any_order_make_one_entry(world: World):
    account = world.account()
    customer = world.customer(account, deliver=False)
    invoice = world.invoice(customer, deliver=False)
    world.act("send_invoice", invoice=invoice, deliver=False)
    for event in reversed(world.withheld):  # the mail first, the customer last
        world.post(event)
        world.come_to_rest()
    world.post(*world.withheld)
    world.come_to_rest()
    again = {**world.withheld[-1], "id": "evt_of_another_endpoint"}
    world.post(again)
    world.come_to_rest()
    assert len(told(world, account, "Dunning")) == 1
    [row] = world.admin.query("SELECT Invoice__r.Key__c FROM AR_Activity__c")
    assert row["Invoice__r"]["Key__c"] == f"main:{invoice}"  # the entry stood there before the invoice did


def test_a_customer_that_is_linked_later_brings_it_along(world: World):
    customer = world.customer()
    invoice = world.invoice(customer)
    world.act("send_invoice", invoice=invoice)
    world.come_to_rest()
    assert world.one("SELECT account FROM entry").account is None
    assert world.rows("SELECT 1 FROM record") == []
    account, other = world.account(), world.account(name="Other")
    world.decide(customer, account)
    world.come_to_rest()
    assert len(told(world, account, "Dunning")) == 1
    world.decide(customer, other)
    world.come_to_rest()
    assert (told(world, account, "Dunning"), len(told(world, other, "Dunning"))) == ([], 1)


def test_what_is_too_old_is_not_shown_and_what_grows_old_goes(world: World):
    account, _ = sent(world)
    days = world.run.settings.closed_days
    world.drain()
    world.move_to(TODAY + timedelta(days=days + 2))
    world.come_to_rest()
    assert told(world, account, "Dunning") == []
    other, _ = sent(world)
    world.come_to_rest()
    assert len(told(world, other, "Dunning")) == 1
    world.move_to(TODAY + timedelta(days=2 * days + 6))
    inside = OrgBooks(world.run.require_org())
    done = retain(world.engine, Retention(world.run.calendar, 90, days, 600.0), lambda: True, inside)
    assert done.removed["activity"] == 1
    assert told(world, other, "Dunning") == []
    world.come_to_rest()
    found = compare(world.engine, world.run.require_org(), world.run.publishing, inside, lambda *_: None)
    assert found["AR_Activity__c"].found == 0
    assert told(world, other, "Dunning") == []


@pytest.mark.parametrize("action", ["mark_overdue", "will_be_due"])
def test_what_reached_nobody_is_no_entry(world: World, action: str):
    account = world.account()
    invoice = world.invoice(world.customer(account))
    world.act(action, invoice=invoice)
    world.come_to_rest()
    assert told(world, account, "Dunning") == []
