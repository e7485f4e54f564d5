"""Whatever a signature covers comes in; what cannot be understood is parked at once with the reason, and runs again."""

import json

import pytest

from sync.core.mapping import stripe
from sync.db import inbox
from tests.integration.world import World


def parked(books: World) -> list[tuple[str, str]]:
    return [(row.status, row.reason) for row in books.rows("SELECT status, reason FROM inbox ORDER BY id")]


def event(books: World, **changes) -> bytes:
    """An event of an invoice, its object changed."""
    books.clock.tick(2)
    row = {**books.objects("invoice")[0], **changes}
    return json.dumps(books.shown(books.stripe.world.event("invoice.updated", row))).encode()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\xfd", "not JSON"),
        (b"\x00\x00", "not JSON"),
        (b'{"id": "evt_1", ', "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b'{"id": ' + b"1" * 5_000 + b"}", "not JSON"),
        (b"[]", "no id"),
        (b"null", "no id"),
        (b'{"object": "event"}', "no id"),
        (b'{"id": "evt\\u0000"}', "no id"),
        (b'{"id": "evt\\ud83d"}', "no id"),
        (b'{"id": "' + b"e" * 4_000 + b'"}', "no id"),
    ],
    ids=lambda value: repr(value[:16]) if isinstance(value, bytes) else "",
)
def test_what_is_no_event_is_parked_at_once(books, body, why):
    assert books.send(body).status_code == 200
    assert books.send(body).json["duplicate"] is True
    [(status, reason)] = parked(books)
    assert status == "parked"
    assert why in reason
    assert books.status.problems[0]["fix"].startswith("dueline replay")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"amount_remaining": None}, "amount_remaining is missing"),
        ({"amount_remaining": "100"}, "not a whole number"),
        ({"amount_remaining": 10.5}, "not a whole number"),
        ({"amount_remaining": 10**30}, "out of range"),
        ({"amount_paid": 2**63}, "out of range"),
        ({"currency": "doge"}, "'DOGE' is not known"),
        ({"currency": None}, "currency is missing"),
        ({"status": "forgiven"}, "status 'forgiven' is not known"),
        ({"customer": None}, "customer is missing"),
        ({"id": None}, "id is missing"),
        ({"created": 10**18}, "created"),
        ({"due_date": 10**40}, "due_date"),
        ({"total_taxes": "x"}, "total_taxes"),
        ({"total_taxes": [7]}, "total_taxes"),
        ({"number": "A\x00B"}, "\\u0000"),
        ({"number": "A\ud83d"}, "high surrogate"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_invoice_of_a_shape_we_do_not_know_is_parked_with_what_is_wrong(books, changes, why):
    books.invoice(books.customer())
    books.drain()
    before = books.rows("SELECT * FROM invoice")
    assert books.send(event(books, **changes)).status_code == 200
    books.drain()
    status, reason = parked(books)[-1]
    assert status == "parked", reason
    assert why in reason
    assert books.status.parked_events == 1
    assert books.one("SELECT attempts FROM inbox WHERE status = 'parked'").attempts == 1
    assert books.rows("SELECT * FROM invoice") == before


def test_everything_that_is_missing_is_told_at_once_and_a_replay_after_the_mending_works(books, monkeypatch):
    """A new release of the mapping understands the shape; the event that waited becomes part of the ledger."""
    invoice = books.invoice(books.customer(deliver=False), deliver=False)
    row = books.stripe.world.get("invoice", invoice)
    renamed = {**row, "owed": row["amount_remaining"], "amount_remaining": None, "total": None}
    books.send(json.dumps(books.shown(books.stripe.world.event("invoice.finalized", renamed))).encode())
    books.drain()
    [(status, reason)] = parked(books)
    assert (status, reason) == ("parked", f"invoice {invoice}: total is missing; amount_remaining is missing")

    def mended(body, scope):
        return stripe.map_object({**body, "amount_remaining": body["owed"], "total": body["owed"]}, scope)

    class Release:
        map_event = staticmethod(lambda event, scope: mended(event["data"]["object"], scope))
        map_object = staticmethod(stripe.map_object)
        map_dunning = staticmethod(stripe.map_dunning)

    monkeypatch.setitem(books.run.ingest.mappers, "stripe", Release)
    with books.engine.begin() as conn:
        assert inbox.replay(conn, parked=True) == 1
    books.drain()
    assert books.ledger(invoice).balance == 10_000
    assert books.status.parked == 0


def test_one_bad_event_holds_back_no_other(books):
    invoice = books.invoice(books.customer())
    books.send(event(books, amount_remaining="x"))
    books.act("pay_invoice", invoice=invoice)
    books.drain()
    books.check_ledger()
    assert books.status.parked_events == 1


def test_huge_amounts_are_exact(books):
    """More than a 32-bit and a 53-bit number holds (VND: https://docs.stripe.com/currencies#minimum-and-maximum)."""
    amount = 9_007_199_254_740_993
    invoice = books.invoice(books.customer(), amount, currency="vnd")
    books.drain()
    assert books.ledger(invoice).balance == amount
    books.check_ledger()
