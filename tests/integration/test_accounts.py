"""Accounts that go away in Salesforce: deleted, restored, merged into others, or never there."""

from datetime import timedelta

from tests.integration import oracle
from tests.integration.place import TODAY


def test_a_deleted_account_parks_its_records_with_the_way_out_and_a_restored_one_gets_them(world):
    account = world.account()
    customer = world.customer(account)
    invoice = world.invoice(customer)
    world.settle()
    world.delete(account)
    world.act("pay_invoice", invoice=invoice, amount=1_000)
    world.settle()
    world.hurry()
    world.settle()
    status = world.status
    assert status.parked > 0
    assert status.waiting == 0
    assert all("restore" in problem["fix"] for problem in status.problems), status.problems
    late = world.customer(account)  # one more names it while it is gone: it is parked with the same way out
    world.invoice(late)
    world.settle()
    assert world.linked(late) == (account, "metadata")
    world.undelete(account)
    world.hurry()
    world.settle()
    assert world.status.parked == 0
    world.check()


def test_an_account_that_never_was_parks_its_records_and_another_link_frees_them(world):
    customer = world.customer(metadata={"salesforce_account_id": "001000000000001AAA"})
    world.invoice(customer)
    world.settle()
    [problem] = world.status.problems
    assert problem["code"] == "ACCOUNT_GONE"
    assert "dueline link CUSTOMER ACCOUNT" in problem["fix"]
    account = world.account()
    world.decide(customer, account)
    world.settle()
    world.hurry()
    world.settle()
    world.check_org()
    assert world.status.problems == []


def test_a_merged_account_is_followed_and_its_own_summary_emptied(world):
    loser, master = world.account("Acme Old"), world.account("Acme")
    moving, staying = world.customer(loser), world.customer(master)
    invoice = world.invoice(moving)
    world.invoice(staying, 500)
    world.settle()
    world.check()
    world.merge(master, loser)
    world.accounts[moving] = master
    world.act("pay_invoice", invoice=invoice, amount=4_000)
    for _ in range(3):
        world.settle()
        world.hurry()
    assert world.linked(moving) == (master, "merge")
    assert world.status.problems == []
    world.check()
    assert world.summary(loser)["Account__c"] is None
    assert world.summary(loser)["Outstanding__c"] == 0


def test_metadata_that_still_names_the_merged_account_ends_at_the_one_that_took_it_over(world):
    loser, master = world.account("Acme Old"), world.account("Acme")
    customer = world.customer(loser)
    invoice = world.invoice(customer)
    world.settle()
    world.merge(master, loser)
    world.act("pay_invoice", invoice=invoice, amount=4_000)
    for _ in range(3):
        world.settle()
        world.hurry()
    world.act("update_customer", customer=customer, name="Acme Inc")
    for _ in range(3):
        world.settle()
        world.hurry()
    world.accounts[customer] = master
    world.check()
    assert world.status.problems == []


def test_an_account_merged_while_nothing_happens_is_found_when_its_names_are_read_again(world):
    loser, master = world.account("Acme Old"), world.account("Acme")
    customer = world.customer(loser)
    world.invoice(customer, due_in_days=3)
    world.settle()
    world.merge(master, loser)
    world.accounts[customer] = master
    world.move_to(TODAY + timedelta(days=4))
    world.turn()
    for _ in range(3):
        world.settle()
        world.hurry()
    world.check()
    assert world.summaries().keys() == {(loser, "USD"), (master, "USD")}
    assert {name: world.summary(loser)[name] for name in oracle.FIGURES} == oracle.NOTHING
