"""The ledger through the database: what is missing is fetched, what is lost is found, what breaks loses nothing."""

import json
import threading

import pytest
from sqlalchemy import text

from connector.local.stripe.desk import Fault
from sync.core.ledger import Unit
from sync.db import cursors, inbox, ledger
from sync.pipeline import post
from sync.pipeline.backfill import restart
from tests.integration.world import NO_KEY, World, in_threads


def fetches(books: World) -> dict[str, int]:
    """How often each kind of object was asked for since the last time."""
    found = {name.removeprefix("GET /v1/").removesuffix("/{id}"): n for name, n in books.stripe.desk.calls.items()}
    books.stripe.desk.calls.clear()
    return found


# --- what is referred to and was never seen --------------------------------------------------------------------------


def test_a_customer_that_was_never_seen_is_fetched(books):
    customer = books.customer(deliver=False, name="Acme")
    books.invoice(customer)
    books.drain()
    assert books.one("SELECT name FROM customer").name == "Acme"
    assert fetches(books) == {"customers": 1}
    books.check_ledger()


def test_the_charge_of_a_refund_that_was_never_seen_is_fetched_and_with_it_whose_money_it_was(books):
    customer = books.customer()
    invoice = books.invoice(customer)
    books.act("pay_invoice", invoice=invoice, deliver=False)
    charge = books.objects("charge")[0]
    books.act("refund", charge=charge["id"], amount=3_000, deliver=False)
    books.post(*[event for event in books.withheld if event["type"] == "refund.created"])
    books.drain()
    row = books.one("SELECT * FROM payment")
    assert (row.key, row.amount, row.refunded) == (f"main:{charge['payment_intent']}", 10_000, 3_000)
    assert row.customer == f"main:{customer}"
    assert (
        not row.receivable
    )  # the invoice is not known to be paid by it yet: nothing was collected, nothing given back
    books.post(*[event for event in books.withheld if event["type"].startswith("invoice")])
    books.drain()
    assert books.one("SELECT collected FROM total").collected == 7_000
    books.check_ledger()


def test_the_invoice_that_a_credit_note_lowered_is_fetched_if_its_own_event_is_lost(books):
    invoice = books.invoice(books.customer())
    books.drain()
    books.act("credit_note", invoice=invoice, amount=2_500, deliver=False)
    books.post(*[event for event in books.withheld if event["type"] == "credit_note.created"])
    books.drain()
    assert books.ledger(invoice).balance == 7_500
    books.check_ledger()


def test_payments_embedded_in_a_fetched_invoice_are_taken_in_with_it(books):
    """Their own events are lost; the fetch that a tie causes brings them along, and the payment's share is known."""
    invoice = books.invoice(books.customer())
    books.drain()
    books.act("pay_invoice", invoice=invoice, amount=4_000, deliver=False)
    books.act("pay_invoice", invoice=invoice, amount=6_000, seconds=0, deliver=False)
    lost = ("invoice_payment.paid", "charge.succeeded")
    books.post(*[event for event in books.withheld if event["type"] not in lost])
    books.drain()
    assert fetches(books)["invoices"] >= 1
    allocations = books.rows("SELECT amount, payment FROM allocation ORDER BY amount")
    assert [row.amount for row in allocations] == [4_000, 6_000]
    assert all(row.payment for row in allocations)
    books.check_ledger()


# --- what cannot be fetched ------------------------------------------------------------------------------------------


def test_an_object_that_is_gone_is_decided_without_it_and_marked_until_a_reconcile_sees_it_again(books):
    invoice = books.invoice(books.customer())
    books.drain()
    books.act("pay_invoice", invoice=invoice, amount=1_000)
    hidden = books.stripe.world.store.get(invoice)
    books.drain()
    books.act("mark_uncollectible", invoice=invoice, seconds=0, deliver=False)
    books.stripe.world.store.put({"id": invoice, "object": "invoice", "deleted": True})
    books.post(*books.withheld)
    books.drain()
    assert (books.ledger(invoice).status, books.ledger(invoice).written_off) == ("uncollectible", 9_000)
    assert books.status.doubtful == 1
    books.stripe.world.store.put(hidden)
    books.clock.tick(60)
    assert books.reconcile().different == {"invoice": 1}
    assert (books.ledger(invoice).status, books.ledger(invoice).balance) == ("open", 9_000)
    assert books.status.doubtful == 0


def test_a_deleted_draft_leaves_a_tombstone_and_no_doubt(books):
    customer = books.customer()
    books.clock.tick(2)
    draft = books.act("create_invoice", customer=customer, lines=[{"amount": 100}], seconds=0)
    books.act("delete_invoice", invoice=draft["id"], seconds=0)
    books.drain()
    assert books.one("SELECT posted FROM invoice").posted is False
    assert (books.status.doubtful, books.status.waiting_fetches) == (0, 0)
    assert books.rows("SELECT * FROM day_sum") == []


def test_a_deleted_customer_keeps_name_and_history(books):
    customer = books.customer(name="Acme")
    books.invoice(customer)
    books.act("delete_customer", customer=customer)
    books.drain()
    row = books.one("SELECT * FROM customer")
    assert (row.name, row.deleted) == ("Acme", True)
    assert books.status.unlinked == 0
    books.check_ledger()


@pytest.mark.parametrize(
    "fault",
    [Fault("status", times=3, status=503), Fault("drop", times=3), Fault("rate_limit", times=3, retry_after=0)],
    ids=lambda fault: fault.kind,
)
def test_a_stripe_that_fails_for_now_is_asked_again_until_it_answers(books, fault):
    customer = books.customer(deliver=False, name="Acme")
    books.invoice(customer)
    books.stripe.desk.add_fault(fault)
    books.drain()
    for _ in range(4):
        books.hurry()
        books.drain()
    assert books.one("SELECT name FROM customer").name == "Acme"
    assert books.status.doubtful == 0


def test_a_stripe_that_never_answers_ends_in_a_decision_that_is_marked(books):
    invoice = books.invoice(books.customer())
    books.drain()
    books.act("pay_invoice", invoice=invoice, amount=1_000)
    books.act("pay_invoice", invoice=invoice, seconds=0)
    books.stripe.desk.add_fault(Fault("status", times=10_000, path="/v1/invoices/*", status=500))
    for _ in range(7):
        books.drain()
        books.hurry()
    assert books.ledger(invoice).status == "paid"
    [doubt] = books.rows("SELECT fetch_error, fetch_attempts FROM object WHERE doubtful")
    assert doubt.fetch_attempts >= 6
    assert "500" in doubt.fetch_error


def test_a_fetch_whose_worker_died_is_done_by_another_once_its_lease_is_over(books):
    customer = books.customer(deliver=False, name="Acme")
    books.invoice(customer)

    def dies(*_args):
        raise KeyboardInterrupt

    books.take_in()
    with pytest.raises(KeyboardInterrupt):
        books.fetch_once(dies)
    assert books.fetch_once() == 0  # still leased
    assert books.status.waiting_fetches == 1
    books.hurry()
    books.drain()
    assert books.one("SELECT name FROM customer").name == "Acme"


def test_what_is_fetched_and_not_understood_is_said_and_not_asked_for_for_ever(books):
    invoice = books.invoice(books.customer())
    books.drain()
    row = books.stripe.world.get("invoice", invoice)
    books.stripe.world.store.put({**row, "status": "forgiven"})
    books.post(books.stripe.world.event("invoice.updated", {**row, "amount_remaining": 9_999}))  # same second: a tie
    books.drain()
    [seen] = books.rows("SELECT fetch_error, fetch_at FROM object WHERE kind = 'invoice'")
    assert seen.fetch_error == f"invoice {invoice}: status 'forgiven' is not known"
    assert seen.fetch_at is None
    assert books.ledger(invoice).balance == 9_999  # what the event said stands for now, and is marked
    assert books.status.doubtful == 1
    assert books.status.problems[0]["reason"] == seen.fetch_error


# --- lost events, backfill, reconcile ---------------------------------------------------------------------------------


def test_a_lost_event_is_found_reported_and_mended(books):
    customer = books.customer()
    lost, kept = books.invoice(customer, deliver=False), books.invoice(customer)
    books.act("pay_invoice", invoice=kept, deliver=False)
    books.drain()
    books.clock.tick(60)
    found = books.reconcile()
    assert found.missing["invoice"] == 1
    assert found.different["invoice"] == 1
    assert found.missing["charge"] == 1
    assert (books.ledger(lost).balance, books.ledger(kept).status) == (10_000, "paid")
    assert books.reconcile().drift == 0
    books.check_ledger()


def test_a_reconcile_of_the_last_days_leaves_older_objects_alone(books):
    customer = books.customer()
    books.invoice(customer, deliver=False)
    books.clock.tick(10 * 86_400)
    recent = books.invoice(customer, deliver=False)
    assert books.reconcile(since=int(books.clock()) - 86_400).missing["invoice"] == 1
    assert books.ledger(recent).balance == 10_000
    assert len(books.rows("SELECT key FROM invoice")) == 1


def test_a_backfill_that_was_stopped_goes_on_where_it_was_and_crosses_with_events(books):
    customer = books.customer()
    with books.stripe.world.transaction():
        for _ in range(230):
            draft = books.stripe.world.create_invoice(customer, [{"amount": 500}])
            books.stripe.world.finalize_invoice(draft["id"], due_in_days=1)
    books.clock.tick(5)
    seen: list[int] = []

    def stop_after_two_pages(kind, count):
        seen.append(count)
        if kind == "invoice" and seen.count(100) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        books.backfill(stop_after_two_pages)
    with books.engine.connect() as conn:
        assert cursors.get(conn, "backfill:main:customer")["done"] is True
        assert cursors.get(conn, "backfill:main:invoice")["done"] is False
    paid = books.objects("invoice")[0]["id"]
    books.act("pay_invoice", invoice=paid)
    books.drain()
    fetches(books)
    assert books.backfill().read > 0
    assert fetches(books)["invoices"] == 1  # the third page only
    assert books.ledger(paid).status == "paid"
    books.check_ledger()
    assert books.backfill().read == 0
    restart(books.engine, "main")
    assert books.backfill().drift == 0


def test_an_object_of_unknown_shape_is_counted_by_a_walk_and_holds_back_no_other(books):
    customer = books.customer()
    odd, good = books.invoice(customer, deliver=False), books.invoice(customer, deliver=False)
    books.stripe.world.store.put({**books.stripe.world.get("invoice", odd), "status": "forgiven"})
    found = books.reconcile()
    assert found.unreadable == {"invoice": 1}
    assert books.ledger(good).balance == 10_000


# --- nothing is lost -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["finish", "add_sums", "put_invoice"])
def test_a_worker_killed_in_the_middle_of_an_event_loses_nothing_and_doubles_nothing(books, monkeypatch, where):
    """KeyboardInterrupt stands for the kill: nothing catches it, the transaction dies with its connection."""
    module = inbox if where == "finish" else ledger
    invoice = books.invoice(books.customer(), deliver=False)
    books.post(*books.withheld)
    books.drain()
    books.act("pay_invoice", invoice=invoice)

    def killed(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, where, killed)
        with pytest.raises(KeyboardInterrupt):
            books.drain()
    assert books.status.waiting_events > 0
    books.drain()
    books.check_ledger()


def test_an_error_inside_an_event_is_tried_again_later_and_parked_when_that_does_not_help(books, monkeypatch):
    invoice = books.invoice(books.customer())
    books.drain()
    books.act("pay_invoice", invoice=invoice)

    def broken(*_args):
        raise RuntimeError("out of ideas")

    with monkeypatch.context() as patched:
        patched.setattr(post.ledger, "put_invoice", broken)
        for _ in range(books.run.settings.max_attempts):
            books.drain()
            books.hurry()
    parked = books.rows("SELECT reason, attempts FROM inbox WHERE status = 'parked'")
    assert {row.reason for row in parked} == {"RuntimeError: out of ideas"}
    assert {row.attempts for row in parked} == {books.run.settings.max_attempts}
    with books.engine.begin() as conn:
        inbox.replay(conn, parked=True)
    books.drain()
    assert books.ledger(invoice).status == "paid"
    books.check_ledger()


def test_a_deadlock_is_tried_again_at_once_and_nobody_notices(books):
    """Another session holds what the event needs, and wants what the event holds."""
    customer = books.customer()
    invoice = books.invoice(customer)
    books.drain()
    books.act("credit_note", invoice=invoice, amount=1_000)
    held, wanted = threading.Event(), threading.Event()

    def rival() -> None:
        with books.engine.begin() as conn:
            conn.execute(text("SET LOCAL deadlock_timeout = '10s'"))  # the event's session is the one that gives up
            ledger.lock_units(conn, {Unit(0, "invoice", f"main:{invoice}")})
            held.set()
            wanted.wait(5)
            conn.execute(text("SELECT * FROM object WHERE key = :key FOR UPDATE"), {"key": f"main:{invoice}"})

    other = threading.Thread(target=rival)
    other.start()
    held.wait(5)
    lock_units = ledger.lock_units

    def tell(conn, units):
        wanted.set()
        lock_units(conn, units)

    ledger.lock_units = tell
    try:
        books.drain()
    finally:
        ledger.lock_units = lock_units
        other.join()
    books.hurry()
    books.drain()
    assert books.status.waiting == books.status.parked == 0
    assert books.one("SELECT max(attempts) AS n FROM inbox").n >= 2
    books.check_ledger()


def test_many_workers_on_one_customer_add_up(books):
    """Twenty invoices of one customer, each paid by two payments, taken in by eight workers at once."""
    customer = books.customer()
    for _ in range(20):
        invoice = books.invoice(customer)
        books.act("pay_invoice", invoice=invoice, amount=2_500, seconds=0)
        books.act("pay_invoice", invoice=invoice, seconds=0)
    in_threads(8, lambda _number: books._drain_once())
    books.drain(workers=4)
    books.hurry()
    books.drain()
    books.check_ledger()
    assert books.one("SELECT collected, invoiced FROM total") == (200_000, 200_000)


@pytest.mark.parametrize("settings", [NO_KEY], ids=["no key"])
def test_without_a_key_nothing_waits_for_a_fetch(books):
    books.invoice(books.customer(deliver=False))
    books.drain()
    assert books.status.waiting_fetches == 0
    assert books.status.unlinked == 1


def test_an_event_of_an_older_api_version_says_the_same(books):
    """An account that still sends the shape of before 2025-03-31 (Basil)."""
    from dataclasses import replace

    invoice = books.invoice(books.customer(), tax=1_900)
    books.act("pay_invoice", invoice=invoice, amount=4_000, deliver=False)
    books.act("pay_invoice", invoice=invoice, deliver=False)
    config = books.stripe.config
    books.stripe.config = replace(config, api_version="2024-06-20")
    try:
        old = [event for event in books.withheld if not event["type"].startswith("invoice_payment")]
        bodies = [json.dumps(books.shown(event)).encode() for event in old]
    finally:
        books.stripe.config = config
    assert any(b'"payment_intent": "pi_' in body and b'"paid": true' in body for body in bodies)
    for body in bodies:
        assert books.send(body).status_code == 200
    books.drain()
    books.check_ledger()
    assert books.status.parked == 0
