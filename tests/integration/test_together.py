"""Events that wait are taken in together: what each of them says and who asked for it stays its own."""

import json

import pytest
from sqlalchemy import text

from sync.db import ledger
from sync.pipeline import inbox as pipeline
from sync.pipeline.inbox import TOGETHER
from tests.integration.world import World

ACCOUNT, OTHER = "001000000000001AAA", "001000000000002AAA"


@pytest.fixture
def sizes(monkeypatch) -> list[int]:
    """How many events each transaction took in."""
    found, process = [], pipeline._process

    def counted(conn, ingest, rows):
        found.append(len(rows))
        return process(conn, ingest, rows)

    monkeypatch.setattr(pipeline, "_process", counted)
    return found


def ends(books: World) -> dict[str, tuple[str, str, int]]:
    return {
        row.event_id: (row.status, row.reason, row.attempts)
        for row in books.rows("SELECT event_id, status, reason, attempts FROM inbox")
    }


def test_events_of_many_customers_share_a_transaction_and_the_ledger_is_right(books, sizes):
    for number in range(10):
        invoice = books.invoice(books.customer(f"00100000000000{number}AAA"), 1_000 + number)
        books.act("pay_invoice", invoice=invoice, amount=500)
    waiting = books.status.waiting_events
    books.drain()
    assert sizes[0] == TOGETHER < waiting == sum(sizes)
    books.check_ledger()


def test_every_record_is_traced_to_its_own_event_and_waits_since_that_came_in(books):
    first, second = books.customer(ACCOUNT), books.customer(OTHER)
    made = [books.invoice(first), books.invoice(first), books.invoice(second)]
    books.drain()
    with books.engine.begin() as conn:
        conn.execute(text("UPDATE record SET written = marked, trace = NULL, event_at = NULL"))
    paid = {}
    for invoice in made:
        known = set(ends(books))
        books.act("pay_invoice", invoice=invoice)
        paid[invoice] = set(ends(books)) - known
    books.drain()
    received = {row.event_id: row.received_at for row in books.rows("SELECT event_id, received_at FROM inbox")}
    records = {row.key: row for row in books.rows("SELECT * FROM record WHERE marked > written")}
    for invoice in made:
        record = records[f"main:{invoice}"]
        assert record.trace in paid[invoice]
        assert record.event_at in {received[event] for event in paid[invoice]}
    assert records[OTHER].trace in paid[made[2]]
    assert records[f"{ACCOUNT}:USD"].trace in paid[made[1]]  # the latest
    assert records[f"{ACCOUNT}:USD"].event_at == min(received[event] for event in paid[made[0]])  # and the oldest


def test_several_events_of_one_object_are_judged_one_upon_the_other(books):
    customer = books.customer(deliver=False)
    invoice = books.invoice(customer, deliver=False)
    books.act("pay_invoice", invoice=invoice, deliver=False)
    books.post(*reversed(books.withheld))
    books.drain()
    books.check_ledger()
    reasons = {reason for _, reason, _ in ends(books).values()}
    assert {"applied", "older than what is known"} <= reasons, reasons


def test_one_that_cannot_be_taken_in_holds_up_none_of_those_beside_it(books, monkeypatch, sizes):
    customer = books.customer()
    made = [books.invoice(customer, 1_000 + number) for number in range(3)]
    books.drain()
    bad = books.invoice(customer, 66_600)
    good = [books.act("pay_invoice", invoice=invoice) for invoice in made]
    put_invoices = ledger.put_invoices

    def failing(conn, rows):
        rows = list(rows)
        if any(row.total == 66_600 for row, _ in rows):
            raise RuntimeError("out of ideas")
        put_invoices(conn, rows)

    sizes.clear()
    with monkeypatch.context() as patched:
        patched.setattr(ledger, "put_invoices", failing)
        books.drain()
    assert len(good) == 3
    assert sizes[0] > 3
    assert set(sizes[1 : 1 + sizes[0]]) == {1}
    assert [books.ledger(invoice).status for invoice in made] == ["paid"] * 3
    waiting = [(reason, attempts) for status, reason, attempts in ends(books).values() if status == "received"]
    assert waiting
    assert set(waiting) == {("RuntimeError: out of ideas", 1)}
    books.hurry()
    books.drain()
    assert books.ledger(bad).status == "open"
    books.check_ledger()


def test_unreadable_events_are_parked_from_the_midst_of_the_others(books, sizes):
    invoice = books.invoice(books.customer(), 5_000)
    broken = {**books.objects("invoice")[0], "currency": "doge"}
    books.send(json.dumps(books.shown(books.stripe.world.event("invoice.updated", broken))).encode())
    books.act("pay_invoice", invoice=invoice)
    books.drain()
    assert len(sizes) == 1
    parked = [reason for status, reason, _ in ends(books).values() if status == "parked"]
    assert len(parked) == 1
    assert "DOGE" in parked[0]
    assert books.ledger(invoice).status == "paid"


def test_accounts_of_one_connection_take_turns(books, sizes):
    """Stripe Connect: what is processed together shares its scope; the others are next, and none is left out."""
    connected = books.stripe.desk.world("acct_b")
    connected.clock = books.clock
    for number in range(4):
        name = f"Company {number}"
        books.customer(name=name)
        _, events = connected.act("create_customer", {"name": name})
        books.post(*events)
    books.drain()
    assert sizes == [4, 4]
    assert {row.status for row in books.rows("SELECT status FROM inbox")} == {"processed"}
    assert len(books.rows("SELECT key FROM customer WHERE key LIKE 'main/acct_b:%'")) == 4
