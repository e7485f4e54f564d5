"""Reviews of accounts: every question is looked at when it may have another answer, by one only, whoever comes."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from sync.db import promises, reviews
from sync.db.crm_tables import coverage
from sync.pipeline.look import Look
from tests.integration.selling import bill, billed, contest, day, edit, next_day, promise, shown, standing, tasks, told
from tests.integration.world import World, in_threads


def blocked(world: World) -> bool:
    """Whether somebody waits for a row that another holds."""
    return bool(
        world.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
    )


def test_a_payment_that_comes_while_its_promise_is_looked_at_is_not_overlooked(world: World):
    account, invoice = billed(world)
    made = promise(world, account, invoice, Amount__c=500)
    world.read_back()
    world.act("pay_invoice", invoice=invoice)
    with world.engine.connect() as conn:
        claimed = reviews.claim(conn)
        look = Look(conn, account, world.run.calendar, world.run.reviewing.terms, world.run.reviewing.money)
        look.decide()  # it has read the invoice, and has not said yet that it is about it
        worker = threading.Thread(target=world.take_in)
        worker.start()
        for _ in range(200):
            if blocked(world):
                break
            time.sleep(0.01)
        reviews.finish(conn, claimed, look.next_on)
        conn.execute(select(coverage))
        conn.commit()
    worker.join()
    world.come_to_rest()
    assert standing(world, made)[:2] == ("Kept", 500)


def test_looks_of_many_at_once_write_what_one_would(world: World):
    accounts = []
    for number in range(6):
        account = world.account(name=f"Account {number}")
        accounts.append((account, bill(world, world.customer(account), 10_000, due_in_days=1)))
    world.come_to_rest()
    made = [promise(world, account, invoice, by=2, Amount__c=10) for account, invoice in accounts]
    world.read_back()
    next_day(world, 3)
    in_threads(3, lambda _number: (world.review(), world.settle_holds(), world.review()))
    world.come_to_rest()
    assert [standing(world, each) for each in made] == [("Broken", 0, "Not Held")] * 6
    assert len(tasks(world)) == 6
    assert all(len(told(world, account, "Commitment")) == 1 for account, _ in accounts)


def test_an_account_that_cannot_be_looked_at_holds_nobody_up_and_is_seen(world: World, monkeypatch):
    good, first = billed(world)
    bad, second = billed(world)
    decide = Look.decide

    def fails(look: Look) -> None:
        if look.account == bad:
            raise ValueError("this cannot be")
        decide(look)

    made = promise(world, good, first, Amount__c=10)
    other = promise(world, bad, second, Amount__c=10)
    world.read_back()
    with monkeypatch.context() as patch:
        patch.setattr(Look, "decide", fails)
        for _ in range(3):
            world._set("review", "due_at = now()", "true")
            world.review()
    world.publish()
    assert [row.id for row in world.rows("SELECT id FROM commitment")] == [made]
    [problem] = [row for row in world.status.problems if row["code"] == "not reviewed"]
    assert "this cannot be" in str(problem["reason"])
    world._set("review", "due_at = now()", "true")
    world.come_to_rest()
    assert standing(world, other) == ("Open", 0, "Held")


def test_a_look_waits_for_the_orgs_currencies_only_while_nobody_has_ever_read_them(world: World):
    account, invoice = billed(world)
    made = promise(world, account, invoice, Amount__c=10)
    world.read_back()
    org = world.run.require_org()
    org.exposure._currencies = None
    world.fault("error", status=503, times=None)
    assert org.money().multi  # as last read
    org._currencies = None
    world.review()
    assert world.status.waiting_reviews == 1
    world.heal()
    world._set("review", "due_at = now()", "true")
    world.come_to_rest()
    assert standing(world, made)[0] == "Open"


def test_only_what_raises_a_question_is_looked_at(world: World):
    account, invoice = billed(world, due_in_days=9)
    other, _ = billed(world, due_in_days=9)
    promise(world, account, invoice, Amount__c=10)
    world.come_to_rest()
    assert world.status.waiting_reviews == 0
    customer = next(name for name, linked in world.accounts.items() if linked == other)
    world.act("pay_invoice", invoice=bill(world, customer, 100))
    world.drain()
    assert world.rows("SELECT 1 FROM review WHERE wanted > done") == []
    world.act("pay_invoice", invoice=invoice, amount=100, method="bank")
    world.drain()
    assert [row.account for row in world.rows("SELECT account FROM review WHERE wanted > done")] == [account]
    days = {row.account: row.next_on for row in world.rows("SELECT account, next_on FROM review")}
    assert days[other] == day(10)
    world.review()
    assert world.one("SELECT next_on FROM review WHERE account = :a", a=account).next_on == day(4)


@pytest.mark.parametrize("settings", [{"DUELINE_DISPUTE_SLA_DAYS": "2"}])
def test_a_dispute_is_late_after_its_working_days(world: World, settings):
    account, invoice = billed(world)  # Tuesday
    late, settled = contest(world, account, invoice), contest(world, account, invoice, Disputed_Amount__c=400)
    world.come_to_rest()
    assert world.shown_invoice(invoice, "Disputed__c")["Disputed__c"] == 500  # never more than is owed
    edit(world, "AR_Dispute__c", settled, Status__c="Resolved")
    world.come_to_rest()
    for number, breached in ((2, False), (3, True)):
        next_day(world, number)
        world.come_to_rest()
        assert shown(world, "AR_Dispute__c", late, "SLA_Breached__c") == (breached,)
    assert shown(world, "AR_Dispute__c", settled, "SLA_Breached__c", "Closed_On__c") == (False, day(0).isoformat())
    edit(world, "AR_Dispute__c", late, Status__c="Resolved")
    edit(world, "AR_Dispute__c", settled, Status__c="In Progress")
    world.come_to_rest()
    assert shown(world, "AR_Dispute__c", late, "SLA_Breached__c", "Closed_On__c") == (True, day(3).isoformat())
    assert shown(world, "AR_Dispute__c", settled, "SLA_Breached__c", "Closed_On__c") == (True, None)
    assert shown(world, "AR_Dispute__c", late, "SLA_Due_At__c")[0].startswith(day(2).isoformat())


def test_the_timeline_names_who_did_it_and_when_by_salesforces_clock(world: World):
    account, invoice = billed(world)
    made = promise(world, account, invoice, Amount__c=10)
    world.come_to_rest()
    edit(world, "AR_Commitment__c", made, Amount__c=20)
    world.act("pay_invoice", invoice=invoice, amount=500, method="bank")
    world.drain()
    world.review()
    world.publish()  # we write its status before we have read who changed it
    world.come_to_rest()
    [entry] = world.rows("SELECT * FROM entry WHERE key LIKE 'commitment-changed:%'")
    [person] = world.admin.query(f"SELECT CreatedBy.Name FROM AR_Commitment__c WHERE Id = '{made}'")
    us = world.admin.query(f"SELECT Name FROM User WHERE Id = '{world.run.require_org().user_id}'")[0]["Name"]
    assert entry.by in {person["CreatedBy"]["Name"], None}
    assert us not in f"{entry.by} {entry.body}"
    stamp = world.one("SELECT changed_at FROM crm WHERE id = :id", id=made).changed_at
    assert abs(entry.occurred_at - stamp) < timedelta(seconds=30)


def test_a_clock_that_goes_back_starts_all_days_anew(world: World):
    account, invoice = billed(world, due_in_days=5)
    made = promise(world, account, invoice, by=2, Amount__c=10)
    world.come_to_rest()
    next_day(world, 7)
    world.come_to_rest()
    assert standing(world, made)[0] == "Broken"
    next_day(world, 1)
    world.come_to_rest()
    assert standing(world, made) == ("Open", 0, "Held")
    assert all(task["IsClosed"] for task in tasks(world))
    next_day(world, 3)
    world.come_to_rest()
    assert standing(world, made) == ("Broken", 0, "Released")
    assert len({task["AR_Key__c"] for task in tasks(world)}) == len(tasks(world))
    world.check()


def test_the_summary_adds_up_what_is_promised_and_contested(world: World):
    account = world.account()
    customer = world.customer(account)
    first, second = bill(world, customer, 10_000), bill(world, customer, 20_000)
    world.come_to_rest()
    promise(world, account, first, by=5, Amount__c=70)
    promise(world, account, first, by=3, Amount__c=70)  # only 100 are owed there
    promise(world, account, second, by=4)
    contest(world, account, second, Disputed_Amount__c=30)
    world.come_to_rest()
    [row] = world.admin.query("SELECT Promised__c, Next_Commitment_On__c, Disputed__c FROM AR_Summary__c")
    assert (row["Promised__c"], row["Next_Commitment_On__c"], row["Disputed__c"]) == (300, day(3).isoformat(), 30)
    assert world.shown_invoice(first, "Promised_On__c")["Promised_On__c"] == day(3).isoformat()
    world.act("pay_invoice", invoice=second, amount=18_000, method="bank")
    world.come_to_rest()
    [row] = world.admin.query("SELECT Promised__c, Disputed__c FROM AR_Summary__c")
    assert (row["Promised__c"], row["Disputed__c"]) == (120, 20)
    with world.engine.begin() as conn:
        assert promises.commitments(conn, account).keys() == {
            each.id for each in conn.execute(text("SELECT id FROM commitment"))
        }
