"""Dunning holds at Stripe: put and taken off exactly, whatever Stripe answers and whoever else has a hand in it."""

import pytest

from connector.local.stripe.faults import read_fault
from sync.core.holds import HoldState
from sync.db import holds
from sync.pipeline.holds import settle_holds
from tests.integration.selling import bill, billed, contest, day, edit, held, promise, shown, standing, told
from tests.integration.world import World, in_threads

HOLD_PATH = "/v1/invoices/*"


def break_stripe(world: World, kind: str = "status", **details) -> None:
    world.stripe.desk.faults.add(read_fault({"kind": kind, "path": HOLD_PATH, **details}))


def heal_stripe(world: World) -> None:
    world.stripe.desk.heal()


def hurry(world: World) -> None:
    """Let every waiting time of holds be over."""
    world._set("hold", "due_at = now(), leased_until = NULL", "true")
    world._set("hold", "again_at = now()", "again_at IS NOT NULL")


def hear_of_ours(world: World) -> None:
    """Stripe tells of what we did there, too."""
    known = {row.event_id for row in world.rows("SELECT event_id FROM inbox")}
    world.post(*(event for event in world.objects("event") if event["id"] not in known))
    world.clock.tick(2)


def asked(world: World) -> int:
    """Calls that change an invoice at Stripe so far."""
    return sum(count for path, count in world.stripe.desk.calls.items() if "POST" in str(path).upper())


def row(world: World, invoice: str):
    return world.one("SELECT * FROM hold WHERE invoice = :key", key=f"main:{invoice}")


def test_exactly_what_is_promised_or_contested_is_held_and_nothing_is_asked_twice(world: World):
    account = world.account()
    customer = world.customer(account)
    promised, contested, both, neither, paid = (bill(world, customer, 10_000 + n) for n in range(5))
    world.come_to_rest()
    made = promise(world, account, promised, Amount__c=10)
    argued = contest(world, account, contested)
    one, two = promise(world, account, both, Amount__c=10), contest(world, account, both)
    world.act("pay_invoice", invoice=paid)
    late = promise(world, account, paid, Amount__c=10)
    world.come_to_rest()
    assert [held(world, each) for each in (promised, contested, both)] == [(True, True)] * 3
    assert held(world, neither) == (False, False)
    assert standing(world, late)[2] == "Not Held"
    before = asked(world)
    for _ in range(3):
        world._set("review", "wanted = wanted + 1", "true")
        world._set("hold", "applied = NULL", "true")
        world.come_to_rest()
    assert asked(world) == before
    edit(world, "AR_Commitment__c", one, Cancelled__c=True)
    edit(world, "AR_Commitment__c", made, Cancelled__c=True)
    world.come_to_rest()
    assert [held(world, each) for each in (promised, both)] == [(False, False), (True, True)]
    edit(world, "AR_Dispute__c", two, Status__c="Rejected")
    edit(world, "AR_Dispute__c", argued, Status__c="In Progress")
    world.come_to_rest()
    assert [held(world, each) for each in (contested, both)] == [(True, True), (False, False)]
    assert shown(world, "AR_Dispute__c", two, "Hold_State__c", "Closed_On__c") == ("Released", day(0).isoformat())
    assert len(told(world, account, "Hold")) == 5  # three put on, two taken off


def test_what_others_do_at_stripe(world: World):
    account = world.account()
    customer = world.customer(account)
    theirs, switched, wiped = (bill(world, customer, 10_000 + n) for n in range(3))
    world.act("update_invoice", invoice=theirs, auto_advance=False)
    world.come_to_rest()
    made = [promise(world, account, each, Amount__c=10) for each in (theirs, switched, wiped)]
    world.come_to_rest()
    assert [held(world, each) for each in (theirs, switched, wiped)] == [(True, False), (True, True), (True, True)]
    hear_of_ours(world)
    world.come_to_rest()
    world.act("update_invoice", invoice=theirs, auto_advance=True)  # they let go: now it is ours
    world.act("update_invoice", invoice=switched, auto_advance=True)
    world.act("update_invoice", invoice=wiped, auto_advance=True, metadata={"dueline_hold": None})
    world.come_to_rest()
    assert [held(world, each) for each in (theirs, switched, wiped)] == [(True, True)] * 3
    for each in made:
        edit(world, "AR_Commitment__c", each, Cancelled__c=True)
    world.come_to_rest()
    assert [held(world, each) for each in (theirs, switched, wiped)] == [(False, False)] * 3


REFUSALS = [
    ("403 is a person's to mend", {"status": 403}, True),
    ("500", {"status": 500}, False),
    ("429", {"kind": "rate_limit"}, False),
    ("dropped before", {"kind": "drop"}, False),
    ("dropped after", {"kind": "drop", "when": "after"}, False),
    ("500 after all", {"status": 500, "when": "after"}, False),
]


@pytest.mark.parametrize(("details", "parked"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS])
def test_stripe_refuses_and_it_is_seen_and_ends_right(world: World, details, parked: bool):
    account, invoice = billed(world)
    made = promise(world, account, invoice, Amount__c=10)
    world.read_back()
    world.review()
    break_stripe(world, **{"times": None, **details})
    world.settle_holds()
    problems = [row for row in world.status.problems if str(row["code"]).startswith("hold ")]
    assert bool(problems) == parked
    assert all(row["fix"] for row in problems)
    assert world.status.parked_holds == int(parked)
    assert world.status.waiting_holds == int(not parked)
    world.review()
    world.publish()
    assert standing(world, made)[2] == ("Failed" if parked else "Requested")
    heal_stripe(world)
    hurry(world)
    world.come_to_rest()
    assert (held(world, invoice), standing(world, made)[2]) == ((True, True), "Held")
    assert world.status.problems == []
    break_stripe(world, **{"times": None, **details})
    edit(world, "AR_Commitment__c", made, Cancelled__c=True)
    world.read_back()
    world.review()
    world.settle_holds()
    heal_stripe(world)
    hurry(world)
    world.come_to_rest()
    assert (held(world, invoice), standing(world, made)[2]) == ((False, False), "Released")
    assert world.status.problems == []


def test_a_worker_dies_after_the_call(world: World):
    account, invoice = billed(world)
    made = promise(world, account, invoice, Amount__c=10)
    world.read_back()
    world.review()

    def dies(*told):
        world.run.billing.ask_hold(*told)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        settle_holds(world.engine, dies, 600)
    assert held(world, invoice) == (True, True)
    assert world.settle_holds() == 0  # its lease holds others off for a while
    before = asked(world)
    hurry(world)
    world.come_to_rest()
    assert (asked(world), standing(world, made)[2]) == (before, "Held")
    assert len(told(world, account, "Hold")) == 1


@pytest.mark.parametrize("ending", ["cancelled", "paid", "taken off"])
def test_something_happens_while_the_request_is_on_its_way(world: World, ending: str):
    account, invoice = billed(world)
    made = promise(world, account, invoice, Amount__c=10)
    world.read_back()
    world.review()

    def ask(*told):
        if ending == "paid":
            world.act("pay_invoice", invoice=invoice)
            world.take_in()
        answer = world.run.billing.ask_hold(*told)
        if ending == "cancelled":
            edit(world, "AR_Commitment__c", made, Cancelled__c=True)
            world.read_back()
            world.review()
        if ending == "taken off":
            hear_of_ours(world)
            world.act("update_invoice", invoice=invoice, auto_advance=True, metadata={"dueline_hold": None})
            world.take_in()
        return answer

    settle_holds(world.engine, ask, 600)
    world.come_to_rest()
    match ending:
        case "cancelled":
            assert (held(world, invoice), standing(world, made)[2]) == ((False, False), "Released")
        case "paid":
            assert (held(world, invoice)[1], standing(world, made)[0]) == (False, "Kept")
            assert told(world, account, "Hold") == []  # it was never put on, so it is not taken off
        case "taken off":
            assert (held(world, invoice), standing(world, made)[2]) == ((True, True), "Held")


def test_a_refusal_of_what_is_not_wanted_any_more_holds_nothing_up(world: World):
    account, invoice = billed(world)
    made = promise(world, account, invoice, Amount__c=10)
    world.read_back()
    world.review()

    def ask(*told):
        edit(world, "AR_Commitment__c", made, Cancelled__c=True)
        world.read_back()
        world.review()
        break_stripe(world, status=403)
        return world.run.billing.ask_hold(*told)

    settle_holds(world.engine, ask, 600)
    world.come_to_rest()
    assert world.status.problems == []
    assert row(world, invoice).applied == row(world, invoice).version
    assert held(world, invoice) == (False, False)


def test_an_answer_that_is_lost_is_looked_up_again_when_the_request_can_no_longer_be_alive(world: World):
    account, invoice = billed(world)
    made = promise(world, account, invoice, Amount__c=10)
    world.read_back()
    world.review()
    break_stripe(world, status=500, when="after", times=None)
    world.settle_holds()
    assert row(world, invoice).again_at is not None or held(world, invoice)[1] is False
    heal_stripe(world)
    edit(world, "AR_Commitment__c", made, Cancelled__c=True)
    hurry(world)
    world.come_to_rest()
    world.act("update_invoice", invoice=invoice, deliver=False, auto_advance=False, metadata={"dueline_hold": "late"})
    hurry(world)  # the lost request came through after all, and nobody told us
    if row(world, invoice).again_at is not None:
        world.come_to_rest()
        assert held(world, invoice) == (False, False)


def test_several_workers_settle_many_holds_once_each(world: World):
    account = world.account()
    customer = world.customer(account)
    invoices = [bill(world, customer, 1_000 + n) for n in range(12)]
    world.come_to_rest()
    numbers = ", ".join(world.ledger(each).number for each in invoices)
    made = promise(world, account, Invoices__c=numbers, Amount__c=120)
    world.read_back()
    world.review()
    before = asked(world)
    in_threads(3, lambda _number: [world.settle_holds() for _ in range(3)])
    assert asked(world) == before + len(invoices)
    world.come_to_rest()
    assert standing(world, made)[2] == "Held"
    assert all(held(world, each) == (True, True) for each in invoices)


def test_what_is_wanted_is_seen_by_whoever_asks_meanwhile(world: World):
    """A doubt that comes while an answer is on its way is not lost with that answer."""
    account, invoice = billed(world)
    promise(world, account, invoice, Amount__c=10)
    world.come_to_rest()
    key = f"main:{invoice}"
    with world.engine.begin() as conn:
        holds.doubt(conn, [], [key])
    with world.engine.begin() as conn:
        [claimed] = holds.claim(conn, 8, 90)
    with world.engine.begin() as conn:
        holds.doubt(conn, [], [key])
    with world.engine.begin() as conn:
        holds.settled(conn, holds.Settled(key, claimed.version, HoldState.HELD))
    with world.engine.begin() as conn:
        assert holds.anything_due(conn)
