"""Into Salesforce with as few calls as the platform allows, one worker an account, nothing lost on the way."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from sync.db import lanes, records
from sync.db.records import Mark
from sync.pipeline.link import link_by_person
from tests.integration.world import World, in_threads

INVOICES, SUMMARIES, ACCOUNTS = (
    "PATCH composite/sobjects/AR_Invoice__c",
    "PATCH composite/sobjects/AR_Summary__c",
    "PATCH composite/sobjects",
)


def many(world: World, accounts: int, invoices: int) -> list[str]:
    """So many accounts with so many invoices between them, in the ledger; the invoices' ids."""
    rows = [{"Name": f"Account {number}", "CurrencyIsoCode": "USD"} for number in range(accounts)]
    ids, made = world.admin.create("Account", rows), []
    with world.stripe.world.transaction():
        stripe = world.stripe.world
        customers = [stripe.create_customer(metadata={"salesforce_account_id": account})["id"] for account in ids]
        for number in range(invoices):
            draft = stripe.create_invoice(customers[number % accounts], [{"amount": 10_000}])
            made.append(stripe.finalize_invoice(draft["id"], due_in_days=30)["id"])
    world.accounts.update(zip(customers, ids, strict=True))
    world.clock.tick(60)
    world.backfill()
    return made


def touch(world: World, *kinds: str) -> None:
    """Have every record of these kinds written again, without anything having changed."""
    rows = world.rows("SELECT kind, key, lane, priority FROM record WHERE kind = ANY(:kinds)", kinds=list(kinds))
    with world.engine.begin() as conn:
        records.mark(conn, [Mark(row.kind, row.key, row.lane, row.priority) for row in rows])


# --- few calls -------------------------------------------------------------------------------------------------------


def test_a_thousand_changed_invoices_of_three_hundred_accounts_cost_nine_calls(world):
    """The floor: five calls for the invoices, two for the summaries, two for the accounts."""
    many(world, 300, 1_000)
    world.publish()
    world.check_org()
    with world.engine.begin() as conn:
        conn.execute(text("UPDATE invoice SET balance = balance - 1000"))
    touch(world, "summary", "account", "invoice")
    world.calls()
    done = world.publish()
    assert done.written == 1_000 + 300 + 300
    assert world.calls() == {INVOICES: 5, SUMMARIES: 2, ACCOUNTS: 2}
    [owed] = world.admin.query("SELECT SUM(Balance__c) owed FROM AR_Invoice__c")
    [shown] = world.admin.query("SELECT SUM(Outstanding__c) owed FROM AR_Summary__c")
    assert owed["owed"] == shown["owed"] == 90 * 1_000


def test_many_events_on_one_invoice_are_one_row_each(world):
    account = world.account()
    invoice = world.invoice(world.customer(account))
    world.settle()
    world.calls()
    for _ in range(20):
        world.act("pay_invoice", invoice=invoice, amount=100)
        world.drain()
    done = world.publish()
    assert done.written == 1 + 1 + 1 + 20  # summary, account, invoice, and twenty payments
    assert set(world.calls().values()) == {1}
    world.check()


def test_what_stands_there_already_is_not_sent_again(world):
    world.invoice(world.customer(world.account()))
    world.settle()
    touch(world, "summary", "account", "invoice")
    world.calls()
    done = world.publish()
    assert (done.unchanged, done.written) == (3, 0)
    assert world.calls() == {}
    assert world.status.waiting == 0


def test_events_that_change_no_field_cost_no_call(world):
    account = world.account()
    customer = world.customer(account)
    invoice = world.invoice(customer)
    world.settle()
    world.calls()
    world.act("will_be_due", invoice=invoice)
    world.act("update_invoice", invoice=invoice, description="as agreed")
    world.act("update_customer", customer=customer, phone="+1 555 0100")
    world.settle()
    assert world.calls() == {}


def test_mails_and_failed_charges_cost_their_timeline_entries_and_nothing_else(world):
    account = world.account()
    customer = world.customer(account)
    invoices = [world.invoice(customer) for _ in range(5)]
    world.settle()
    world.act("send_invoice", invoice=invoices[0])
    world.settle()  # what the org exposes of activities is known from now on
    world.calls()
    for invoice in invoices:
        world.act("send_invoice", invoice=invoice)
        world.act("fail_payment", invoice=invoice)
    world.settle()
    assert world.calls() == {"PATCH composite/sobjects/AR_Activity__c": 1}


def test_while_events_pour_in_only_full_calls_are_sent(world):
    many(world, 5, 45)
    world.drain()
    end = time.monotonic() + 0.5
    done = world.publish(lambda: time.monotonic() < end, flush_rows=20, flush_after_s=60.0, flush_busy_s=60.0)
    assert done.written == 40
    assert world.calls()[INVOICES] == 1
    world.settle()
    world.check_org()


@pytest.mark.parametrize("settings", [{"DUELINE_BULK_FROM": "50"}], ids=["bulk from 50"])
def test_many_rows_go_by_bulk_and_its_bad_row_is_parked_alone(world):
    made = many(world, 3, 60)
    bad = world.stripe.world.get("invoice", made[7])
    world.clock.tick(10)
    world.stripe.world.store.put({**bad, "hosted_invoice_url": "https://pay.example/" + "x" * 3_000})
    world.clock.tick(10)
    world.reconcile()
    done = world.publish()
    calls = world.calls()
    assert calls["POST jobs/ingest"] == 1
    assert INVOICES not in calls
    assert (done.refused, done.problems) == (1, {"STRING_TOO_LONG": 1})
    [parked] = world.rows("SELECT key, reason, fix FROM record WHERE parked IS NOT NULL")
    assert parked.key == f"main:{made[7]}"
    assert "Pay_URL__c" in parked.fix
    world.stripe.world.store.put(bad)
    world.clock.tick(10)
    world.reconcile()
    world.publish()
    world.check_org()
    assert world.status.parked == 0


# --- one worker an account -------------------------------------------------------------------------------------------


def test_publishers_at_once_never_hold_the_same_account(world, monkeypatch):
    """Five of them, an org that takes its time, and accounts that change all the while."""
    made = many(world, 20, 40)
    org, held, guard, clashes = world.run.require_org(), set[str](), threading.Lock(), []
    write = org.write

    def watched(kind, rows, priority):
        lanes = {str(row.get("Account__c") or row.get("Id") or row["Key__c"].split(":")[0]) for row in rows}
        with guard:
            clashes.extend(held & lanes)
            held.update(lanes)
        try:
            return write(kind, rows, priority)
        finally:
            with guard:
                held.difference_update(lanes)

    monkeypatch.setattr(org, "write", watched)
    world.org.org.faults.extra_ms = 20
    stop = threading.Event()

    def work(_number: int) -> int:
        written = 0
        while not stop.is_set():
            written += world.publish(lanes=4).written
            time.sleep(0.005)
        return written

    with ThreadPoolExecutor(5) as pool:
        workers = [pool.submit(work, number) for number in range(5)]
        for invoice in made[:12]:
            world.act("pay_invoice", invoice=invoice, amount=1_000)
            world.drain()
        time.sleep(0.3)
        stop.set()
        shares = [worker.result() for worker in workers]
    assert clashes == []
    assert sum(share > 0 for share in shares) >= 2
    world.publish()
    world.check()


def test_five_publishers_share_the_work_of_many_accounts(world):
    many(world, 40, 80)
    shares = in_threads(5, lambda _number: world.publish(lanes=10).written)
    world.publish()
    assert sum(shares) <= 160
    world.check_org()


def test_an_account_that_another_worker_holds_is_left_to_it(world):
    world.invoice(world.customer(world.account()))
    world.drain()
    with world.engine.begin() as conn:
        held = lanes.lease(conn, 10, 300.0)
    assert len(held) == 1
    world.calls()
    assert world.publish().rounds == 0
    assert world.calls() == {}
    with world.engine.begin() as conn:
        lanes.release(conn, held)
    world.publish()
    world.check()


def test_a_lease_that_ran_out_passes_on_and_its_former_holder_cannot_give_it_back(world):
    world.invoice(world.customer(world.account()))
    world.drain()
    with world.engine.begin() as conn:
        [(lane, first)] = lanes.lease(conn, 10, -1.0).items()
    with world.engine.begin() as conn:
        [(_, second)] = lanes.lease(conn, 10, 300.0).items()
        assert second == first + 1
        lanes.release(conn, {lane: first})
    with world.engine.begin() as conn:
        assert lanes.lease(conn, 10, 300.0) == {}


# --- nothing is lost -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
def test_a_worker_that_dies_between_sending_and_the_answer_leaves_rows_that_are_written_again(
    world, monkeypatch, committed
):
    """KeyboardInterrupt stands for the kill: before the org has heard of the rows, or after it has written them."""
    account = world.account()
    invoice = world.invoice(world.customer(account))
    world.drain()
    org = world.run.require_org()
    write = org.write

    def dies(kind, rows, priority):
        if committed:
            write(kind, rows, priority)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(org, "write", dies)
        with pytest.raises(KeyboardInterrupt):
            world.publish()
    world.act("pay_invoice", invoice=invoice, amount=4_000)
    world.drain()
    world.calls()
    world.publish()
    called = set(world.calls())
    assert SUMMARIES not in called  # a request that carries it may be alive
    assert {ACCOUNTS, INVOICES} < called  # these had not been sent yet
    assert world.sweep() == 1
    world.hurry()
    assert world.publish().written == 1
    world.check()
    assert world.sweep() == 1  # the dead worker's request may have come late after all: once more, then all is known
    assert world.publish().written == 1
    assert world.sweep() == 0


def test_an_answer_lost_after_the_commit_is_written_again_now_and_once_more_when_the_request_must_be_dead(world):
    account = world.account()
    invoice = world.invoice(world.customer(account))
    world.settle()
    world.act("pay_invoice", invoice=invoice, amount=4_000)
    world.drain()
    world.fault("drop_after_commit", object="AR_Invoice__c", method="PATCH")
    done = world.publish()
    assert done.refused == 1
    assert world.status.parked == 0
    world.hurry()
    world.publish()
    world.check()
    lifetime = world.one("SELECT extract(epoch FROM rewrite_at - now()) AS s FROM record WHERE rewrite_at IS NOT NULL")
    assert float(lifetime.s) == pytest.approx(world.run.settings.request_lifetime_s, abs=30)
    # The late request comes through at last, with what the invoice was before.
    shown = world.shown_invoice(invoice)
    world.admin.update("AR_Invoice__c", [{"Id": shown["Id"], "Balance__c": 100}])
    world.sweep()
    world.publish()
    world.check()


def test_an_event_that_comes_while_its_record_is_on_the_wire_is_written_next(world, monkeypatch):
    account = world.account()
    invoice = world.invoice(world.customer(account))
    world.settle()
    world.act("pay_invoice", invoice=invoice, amount=1_000)
    world.drain()
    org = world.run.require_org()
    write = org.write

    def meanwhile(kind, rows, priority):
        monkeypatch.setattr(org, "write", write)
        world.act("pay_invoice", invoice=invoice, amount=2_000)
        world.drain()
        return write(kind, rows, priority)

    monkeypatch.setattr(org, "write", meanwhile)
    world.publish()
    world.check()
    assert world.status.waiting_records == 0


def test_a_record_that_moved_to_another_account_while_on_the_wire_is_written_there(world, monkeypatch):
    old, new = world.account("Old"), world.account("New")
    customer = world.customer(old)
    world.invoice(customer)
    world.drain()
    org = world.run.require_org()
    write = org.write

    def meanwhile(kind, rows, priority):
        answer = write(kind, rows, priority)
        if kind == "invoice":
            monkeypatch.setattr(org, "write", write)
            link_by_person(world.engine, None, f"main:{customer}", new)
        return answer

    monkeypatch.setattr(org, "write", meanwhile)
    world.publish()
    world.publish()
    world.accounts[customer] = new
    world.check()
