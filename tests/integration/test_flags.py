"""What sales should know of an account before it sells there: contested, on hold, under final notice."""

from typing import Any

from tests.integration.selling import bill, billed, contest, day, edit, next_day, promise, remove, shown
from tests.integration.world import World

FLAGS = ("AR_Disputed__c", "AR_On_Hold__c", "AR_Final_Notice_On__c")


def flags(world: World, account: str) -> tuple[Any, ...]:
    return shown(world, "Account", account, *FLAGS)


def notice(world: World, account: str, on: int) -> str:
    """Finance sends the last letter, so many days after the story begins."""
    at = f"{day(on).isoformat()}T09:00:00.000+0000"
    row = {"Account__c": account, "Kind__c": "Final Notice", "Subject__c": "Last letter", "Occurred_At__c": at}
    [made] = world.admin.create("AR_Activity__c", [row])
    return made


def test_a_dispute_flags_its_account_until_it_is_settled(world: World):
    account, invoice = billed(world)
    assert flags(world, account) == (False, False, None)
    contested = contest(world, account, invoice)
    world.come_to_rest()
    assert flags(world, account) == (True, True, None)
    edit(world, "AR_Dispute__c", contested, Status__c="Resolved")
    world.come_to_rest()
    assert flags(world, account) == (False, False, None)


def test_a_dispute_that_is_deleted_or_whose_invoice_is_paid_flags_nothing(world: World):
    account, invoice = billed(world)
    first = contest(world, account, invoice)
    world.come_to_rest()
    remove(world, "AR_Dispute__c", first)
    world.come_to_rest()
    assert flags(world, account) == (False, False, None)
    contest(world, account, invoice)
    world.come_to_rest()
    assert flags(world, account)[0] is True
    world.act("pay_invoice", invoice=invoice)
    world.come_to_rest()
    assert flags(world, account) == (False, False, None)
    world.check_org()


def test_a_hold_flags_its_account_whoever_put_it(world: World):
    account, invoice = billed(world)
    promised = promise(world, account, invoice)
    world.come_to_rest()
    assert flags(world, account) == (False, True, None)
    remove(world, "AR_Commitment__c", promised)
    world.come_to_rest()
    assert flags(world, account) == (False, False, None)
    world.act("update_invoice", invoice=invoice, auto_advance=False)  # somebody at Stripe
    world.come_to_rest()
    assert flags(world, account)[1] is False  # nobody promised or contests anything: it is simply not collected
    promise(world, account, invoice)
    world.come_to_rest()
    assert flags(world, account)[1] is True


def test_a_final_notice_stands_until_the_last_invoice_of_then_is_paid(world: World):
    account = world.account()
    customer = world.customer(account)
    old, also = (bill(world, customer, 1_000, due_in_days=1) for _ in range(2))
    world.come_to_rest()
    next_day(world, 5)
    world.come_to_rest()
    written = notice(world, account, 5)
    world.come_to_rest()
    assert flags(world, account) == (False, False, day(5).isoformat())
    bill(world, customer, 2_000, due_in_days=1)
    next_day(world, 9)
    world.act("pay_invoice", invoice=old)
    world.come_to_rest()
    assert flags(world, account)[2] == day(5).isoformat()
    world.act("pay_invoice", invoice=also)
    world.come_to_rest()
    assert flags(world, account)[2] is None  # what is overdue now was not, then
    assert shown(world, "Account", account, "AR_Overdue__c") == (True,)
    notice(world, account, 9)
    world.come_to_rest()
    assert flags(world, account)[2] == day(9).isoformat()
    remove(world, "AR_Activity__c", written)
    world.come_to_rest()
    assert flags(world, account)[2] == day(9).isoformat()


def test_a_notice_that_was_a_mistake_is_taken_back(world: World):
    account = world.account()
    bill(world, world.customer(account), 1_000, due_in_days=1)
    next_day(world, 5)
    world.come_to_rest()
    written = notice(world, account, 5)
    world.come_to_rest()
    edit(world, "AR_Activity__c", written, Kind__c="Note")
    world.come_to_rest()
    assert flags(world, account)[2] is None


def test_flags_that_somebody_changes_are_put_back(world: World):
    account, invoice = billed(world)
    contest(world, account, invoice)
    world.come_to_rest()
    edit(world, "Account", account, AR_Disputed__c=False, AR_Final_Notice_On__c=day(0).isoformat())
    world.come_to_rest()
    assert flags(world, account) == (True, True, None)


def test_an_account_that_nobody_bills_is_left_alone(world: World):
    account = world.account()
    notice(world, account, 0)
    contest(world, account)
    world.come_to_rest()
    assert shown(world, "Account", account, "AR_Status__c", "AR_As_Of__c") == (None, None)
