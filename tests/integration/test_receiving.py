"""Webhooks into the real inbox: what 2xx promises, and what is kept of everything that comes in."""

import json
import subprocess
import sys
import time

import pytest
from sqlalchemy import create_engine, text

from connector.errors import RetryableError
from sync.bell import Bell
from tests.integration.place import SECRET, signature
from tests.integration.world import World, in_threads, kinds_of

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "invoice.paid",
    "created": 1_772_000_000,
    "api_version": "2026-10-28.endive",
}


def body(**changes) -> bytes:
    return json.dumps(EVENT | changes).encode()


def inbox(books: World):
    return books.rows("SELECT * FROM inbox ORDER BY id")


def test_an_event_is_kept_byte_for_byte_with_what_can_be_read_off_its_outside(books):
    sent = b' {"id": "evt_1",\n "type": "invoice.paid", "created": 1772000000} '
    assert books.send(sent).status_code == 200
    [row] = inbox(books)
    assert (row.connection, row.provider, row.event_id, row.scope) == ("main", "stripe", "evt_1", "main")
    assert (row.type, row.created, row.status) == ("invoice.paid", 1_772_000_000, "received")
    assert bytes(row.body) == sent
    assert books.run.bell.rung == ["ledger"]


def test_no_secret_is_kept(books):
    headers = {"Stripe-Signature": signature(body()), "Authorization": "Bearer x", "Cookie": "c=1", "User-Agent": "S"}
    books.client.post("/webhooks/stripe/main", data=body(), headers=headers)
    kept = inbox(books)[0].headers
    assert kept["User-Agent"] == "S"
    assert not {"stripe-signature", "authorization", "cookie"} & {name.lower() for name in kept}
    assert SECRET not in json.dumps(kept)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("", "missing or malformed"),
        ("t=now,v1=00", "missing or malformed"),
        (signature(body(), "whsec_other"), "no live signing secret"),
        (signature(body(id="evt_2")), "no live signing secret"),
        (signature(body(), at=time.time() - 3_600), "older than 300 seconds"),
    ],
    ids=["missing", "malformed", "another secret", "another body", "old"],
)
def test_what_cannot_be_verified_leaves_nothing_behind(books, header, told):
    answer = books.send(body(), header=header)
    assert (answer.status_code, inbox(books)) == (400, [])
    assert told in answer.json["error"]


@pytest.mark.parametrize(
    "settings", [{"DUELINE_STRIPE": '{"main": {"webhook_secrets": "whsec_old,whsec_new"}}'}], ids=["rotation"]
)
def test_both_secrets_of_a_rotation_are_good_and_one_of_several_signatures_is_enough(books):
    old, new = signature(body(), "whsec_old"), signature(body(id="evt_2"), "whsec_new")
    assert books.send(body(), header=old).status_code == 200
    assert books.send(body(id="evt_2"), header=f"{new},v1={'0' * 64},v0=x").status_code == 200
    assert books.send(body(id="evt_3"), header=signature(body(id="evt_3"), "whsec_older")).status_code == 400
    assert len(inbox(books)) == 2


@pytest.mark.parametrize("settings", [{"DUELINE_BODY_LIMIT": "1000"}], ids=["small"])
def test_a_body_over_the_limit_is_refused(books):
    assert books.send(body(data="x" * 1_000)).status_code == 413
    assert inbox(books) == []


def test_an_unknown_connection_is_not_found(books):
    assert books.send(body(), connection="other").status_code == 404
    assert inbox(books) == []


def test_eight_deliveries_of_one_event_at_once_are_one_row(books):
    clients = [books.client.application.test_client() for _ in range(8)]
    headers = {"Stripe-Signature": signature(body())}
    answers = in_threads(
        8, lambda number: clients[number].post("/webhooks/stripe/main", data=body(), headers=headers).json
    )
    assert sorted(answer["duplicate"] for answer in answers) == [False] + [True] * 7
    assert books.send(body()).json == {"received": True, "duplicate": True}
    assert len(inbox(books)) == 1


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (body(type="radar.early_fraud_warning.created", data={"object": {"object": "radar.early"}}), "no part of"),
        (body(type="something.unheard_of", data={"object": {"object": "novelty", "id": "n_1"}}), "no part of"),
        (body(type="payment_intent.created", data={"object": {"object": "payment_intent", "id": "pi_1"}}), "twice"),
        (body(type="invoice.upcoming", data={"object": {"object": "invoice", "customer": "cus_1"}}), "preview"),
    ],
)
def test_events_that_are_no_part_of_receivables_are_kept_and_processed_as_ignored(books, event, why):
    assert books.send(event).status_code == 200
    books.drain()
    [row] = inbox(books)
    assert row.status == "processed"
    assert row.reason.startswith("ignored: ")
    assert why in row.reason
    assert books.status.waiting == books.status.parked == 0


def test_the_same_invoice_id_in_two_accounts_is_two_invoices(books):
    """Stripe Connect: `account` names whose it is, and what must be fetched again is asked for in its name."""
    connected = books.stripe.desk.world("acct_b")
    connected.clock = books.clock
    mine = books.invoice(books.customer(), 10_000)
    theirs = {**books.stripe.world.get("invoice", mine), "amount_remaining": 700, "amount_due": 700, "total": 700}
    for kind in ("customer", "invoice"):
        connected.put({**books.objects(kind)[0], **(theirs if kind == "invoice" else {})})
    event = connected.event("invoice.updated", theirs)
    books.post(event)
    paid = {**theirs, "status": "paid", "amount_paid": 700, "amount_remaining": 0}
    connected.put(paid)
    books.post({**connected.event("invoice.paid", paid), "created": event["created"]})  # same second: to be fetched
    books.drain()
    assert (books.ledger(mine).status, books.ledger(mine).balance) == ("open", 10_000)
    assert (books.ledger(mine, "main/acct_b").status, books.ledger(mine, "main/acct_b").paid) == ("paid", 700)
    customer = books.objects("customer")[0]["id"]
    assert {row.key for row in books.rows("SELECT key FROM customer")} == {
        f"main:{customer}",
        f"main/acct_b:{customer}",
    }


def test_what_cannot_be_stored_is_not_acknowledged_and_comes_in_again_later(books):
    """The database goes away and comes back; Stripe repeats what was not answered 2xx."""
    database = books.engine.url.database
    [receiver] = books.opened
    url = receiver.url.set(database="postgres")
    books.engine.dispose()
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        conn.execute(text(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false"))
        conn.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"))
    assert books.send(body()).status_code == 503
    assert books.client.get("/readyz").status_code == 503
    assert books.client.get("/healthz").status_code == 200
    with server.connect() as conn:
        conn.execute(text(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true"))
    server.dispose()
    assert books.send(body()).status_code == 200
    assert len(inbox(books)) == 1


def test_a_connection_that_went_stale_costs_no_delivery(books):
    """A restarted PostgreSQL leaves dead connections in the pool; nobody at Stripe should notice."""
    assert books.send(body()).status_code == 200
    with books.engine.connect() as conn:
        conn.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert books.send(body(id="evt_2")).status_code == 200
    assert len(inbox(books)) == 2


def test_a_broken_mapping_fails_no_acknowledgement(books, monkeypatch):
    """Events come in while the mapping raises on everything; once it is mended they are processed."""
    mapper = books.run.ingest.mappers["stripe"]

    def broken(*_args):
        raise KeyError("a bug")

    invoice = books.invoice(books.customer())
    books.drain()
    monkeypatch.setattr(mapper, "map_event", broken)
    books.act("pay_invoice", invoice=invoice)
    books.drain()
    assert books.status.waiting_events > 0
    assert books.ledger(invoice).status == "open"
    monkeypatch.undo()
    books.hurry()
    books.drain()
    books.check_ledger()
    assert books.ledger(invoice).status == "paid"


def test_a_mapping_that_cannot_even_be_imported_leaves_the_web_process_alone():
    script = (
        "import sys\n"
        "sys.modules['sync.core.mapping.stripe'] = None\n"
        "import sync.web\n"
        "from sync.bootstrap import Current, Runtime\n"
        "from sync.settings import Settings\n"
        "run = Runtime(Settings(DATABASE_URL='postgresql://nowhere', REDIS_URL='redis://nowhere'))\n"
        "print(sync.web.make_app(Current(run)).test_client().get('/healthz').status_code)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "200", done.stderr


def test_a_dead_bell_fails_no_acknowledgement(books, monkeypatch):
    """The real bell rings in the background; a Redis that is away is the clock's business."""
    monkeypatch.setitem(books.run.__dict__, "bell", Bell("redis://127.0.0.1:1/0", {"ledger": "sync.jobs.drain_inbox"}))
    assert books.send(body()).status_code == 200
    ready = books.client.get("/readyz")
    assert (ready.status_code, ready.json["database"]) == (503, "ok")
    assert "refused" in ready.json["redis"]


def test_what_a_whole_story_sends_is_all_understood(books):
    """Every event type that the local Stripe knows how to cause passes through and nothing is parked."""
    customer = books.customer()
    one, two, three = (books.invoice(customer, amount) for amount in (10_000, 20_000, 30_000))
    books.act("update_customer", customer=customer, name="Acme Inc")
    books.act("fail_payment", invoice=one)
    books.act("pay_invoice", invoice=one, method="out_of_band")
    books.act("pay_together", invoices=[two, three], amount=25_000)
    books.act("overpay", invoice=three, amount=30_000)
    charge = books.objects("charge")[-1]["id"]
    books.act("refund", charge=charge, amount=1_000)
    dispute = books.act("dispute_charge", charge=books.objects("charge")[-2]["id"])["id"]
    books.act("close_dispute", dispute=dispute, outcome="lost")
    books.act("credit_note", invoice=two, amount=500, credit_amount=500)
    books.act("adjust_balance", customer=customer, amount=-100, currency="usd")
    books.drain()
    types = set(kinds_of(books.objects("event")))
    assert {"invoice.overpaid", "charge.dispute.closed", "invoice_payment.paid", "credit_note.created"} <= types
    assert books.status.parked == 0, books.status.problems
    books.check_ledger()


def test_an_event_that_stripe_repeats_is_applied_once(books):
    invoice = books.invoice(books.customer(deliver=False), deliver=False)
    books.act("pay_invoice", invoice=invoice, amount=4_000, deliver=False)
    for _ in range(3):
        books.post(*books.withheld)
    books.drain()
    books.check_ledger()
    assert len(inbox(books)) == len(books.withheld)


def test_a_fetch_that_stripe_refuses_for_now_is_asked_for_again(books, monkeypatch):
    billing = books.run.billing.of("main")
    asked = []

    def busy(kind, object_id, **_options):
        asked.append(object_id)
        raise RetryableError("429", "busy", retry_after=5.0)

    customer = books.customer(deliver=False)
    with monkeypatch.context() as patched:
        patched.setattr(billing, "fetch", busy)
        books.invoice(customer)
        books.drain()
    assert customer in asked
    waits = "SELECT extract(epoch FROM fetch_at - clock_timestamp()) AS s FROM object WHERE kind = 'customer'"
    assert 4 < books.one(waits).s <= 5
    books.hurry()
    books.drain()
    books.check_ledger()
    assert books.one("SELECT name FROM customer").name == "Acme"
