"""What events refer to and never brought is fetched; what cannot be fetched is decided without it, and marked."""

import pytest

from connector.local.stripe.faults import Fault
from sync.pipeline import fetch as fetching
from tests.integration.world import World


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
    books.stripe.desk.faults.add(fault)
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
    books.stripe.desk.faults.add(Fault("status", times=10_000, path="/v1/invoices/*", status=500))
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


def test_an_error_while_an_answer_is_taken_in_is_tried_again_and_holds_back_no_other(books, monkeypatch):
    good, bad = (books.customer(deliver=False, name=name) for name in ("Good", "Bad"))
    for customer in (good, bad):
        books.invoice(customer)
    books.take_in()
    settle = fetching._settle

    def fails_for_one(conn, ingest, row, now, answer, context):
        if row.key.endswith(bad):
            raise RuntimeError("out of ideas")
        settle(conn, ingest, row, now, answer, context)

    with monkeypatch.context() as patched:
        patched.setattr(fetching, "_settle", fails_for_one)
        assert books.fetch_once() == 2
    names = "SELECT name FROM customer WHERE name IS NOT NULL ORDER BY name"
    assert [row.name for row in books.rows(names)] == ["Good"]
    waiting = books.one("SELECT key, fetch_error FROM object WHERE fetch_at IS NOT NULL")
    assert (waiting.key, waiting.fetch_error) == (f"main:{bad}", "RuntimeError: out of ideas")
    books.hurry()
    books.drain()
    assert [row.name for row in books.rows(names)] == ["Bad", "Good"]
