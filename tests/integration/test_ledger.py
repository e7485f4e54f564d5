"""The ledger through the database: what was lost is found, and what breaks loses nothing."""

import json
import threading
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from sync.core.ledger import Unit
from sync.db import cursors, inbox, ledger
from sync.pipeline import post
from sync.pipeline.backfill import restart
from tests.integration.place import NO_KEY
from tests.integration.world import World, in_threads


def fetches(books: World) -> dict[str, int]:
    """How often each kind of object was asked for since the last time."""
    found = {name.removeprefix("GET /v1/").removesuffix("/{id}"): n for name, n in books.stripe.desk.calls.items()}
    books.stripe.desk.calls.clear()
    return found


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


@pytest.mark.parametrize("where", ["finish", "add_sums", "put_invoices"])
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
        patched.setattr(post.ledger, "put_invoices", broken)
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
    held, wanted, beaten = threading.Event(), threading.Event(), []

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
        try:
            lock_units(conn, units)
        except OperationalError as error:
            beaten.append(error)
            raise

    ledger.lock_units = tell
    try:
        books.drain()
    finally:
        ledger.lock_units = lock_units
        other.join()
    books.hurry()
    books.drain()
    assert books.status.waiting == books.status.parked == 0
    assert len(beaten) == 1
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
