"""Webhooks into the real inbox: what 2xx promises, and what is kept of everything that comes in."""

import json
import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from connector.errors import RetryableError
from tests.integration.world import SECRET, World, in_threads, kinds_of, signature

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "invoice.paid",
    "created": 1_772_000_000,
    "api_version": "2026-10-28.endive",
}


def body(**changes) -> bytes:
    return json.dumps(EVENT | changes).encode()


def inbox(world: World):
    return world.rows("SELECT * FROM inbox ORDER BY id")


def test_an_event_is_kept_byte_for_byte_with_what_can_be_read_off_its_outside(world):
    sent = b' {"id": "evt_1",\n "type": "invoice.paid", "created": 1772000000} '
    assert world.send(sent).status_code == 200
    [row] = inbox(world)
    assert (row.connection, row.provider, row.event_id, row.scope) == ("main", "stripe", "evt_1", "main")
    assert (row.type, row.created, row.status) == ("invoice.paid", 1_772_000_000, "received")
    assert bytes(row.body) == sent
    assert world.run.bell.rung == ["ledger"]


def test_no_secret_is_kept(world):
    headers = {"Stripe-Signature": signature(body()), "Authorization": "Bearer x", "Cookie": "c=1", "User-Agent": "S"}
    world.client.post("/webhooks/stripe/main", data=body(), headers=headers)
    kept = inbox(world)[0].headers
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
)
def test_what_cannot_be_verified_leaves_nothing_behind(world, header, told):
    answer = world.send(body(), header=header)
    assert (answer.status_code, inbox(world)) == (400, [])
    assert told in answer.json["error"]


@pytest.mark.parametrize(
    "settings", [{"DUELINE_STRIPE": '{"main": {"webhook_secrets": "whsec_old,whsec_new"}}'}], ids=["rotation"]
)
def test_both_secrets_of_a_rotation_are_good_and_one_of_several_signatures_is_enough(world):
    old, new = signature(body(), "whsec_old"), signature(body(id="evt_2"), "whsec_new")
    assert world.send(body(), header=old).status_code == 200
    assert world.send(body(id="evt_2"), header=f"{new},v1={'0' * 64},v0=x").status_code == 200
    assert world.send(body(id="evt_3"), header=signature(body(id="evt_3"), "whsec_older")).status_code == 400
    assert len(inbox(world)) == 2


@pytest.mark.parametrize("settings", [{"DUELINE_BODY_LIMIT": "1000"}], ids=["small"])
def test_a_body_over_the_limit_is_refused(world):
    assert world.send(body(data="x" * 1_000)).status_code == 413
    assert inbox(world) == []


def test_an_unknown_connection_is_not_found(world):
    assert world.send(body(), connection="other").status_code == 404
    assert inbox(world) == []


def test_eight_deliveries_of_one_event_at_once_are_one_row(world):
    clients = [world.client.application.test_client() for _ in range(8)]
    headers = {"Stripe-Signature": signature(body())}
    answers = in_threads(
        8, lambda number: clients[number].post("/webhooks/stripe/main", data=body(), headers=headers).json
    )
    assert sorted(answer["duplicate"] for answer in answers) == [False] + [True] * 7
    assert world.send(body()).json == {"received": True, "duplicate": True}
    assert len(inbox(world)) == 1


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (body(type="radar.early_fraud_warning.created", data={"object": {"object": "radar.early"}}), "no part of"),
        (body(type="something.unheard_of", data={"object": {"object": "novelty", "id": "n_1"}}), "no part of"),
        (body(type="payment_intent.created", data={"object": {"object": "payment_intent", "id": "pi_1"}}), "twice"),
        (body(type="invoice.upcoming", data={"object": {"object": "invoice", "customer": "cus_1"}}), "preview"),
    ],
)
def test_events_that_are_no_part_of_receivables_are_kept_and_processed_as_ignored(world, event, why):
    assert world.send(event).status_code == 200
    world.drain()
    [row] = inbox(world)
    assert row.status == "processed"
    assert row.reason.startswith("ignored: ")
    assert why in row.reason
    assert world.status.waiting == world.status.parked == 0


def test_the_same_invoice_id_in_two_accounts_is_two_invoices(world):
    """Stripe Connect: `account` names whose it is, and what must be fetched again is asked for in its name."""
    connected = world.stripe.desk.world("acct_b")
    connected.clock = world.clock
    mine = world.invoice(world.customer(), 10_000)
    theirs = {**world.stripe.world.get("invoice", mine), "amount_remaining": 700, "amount_due": 700, "total": 700}
    for kind in ("customer", "invoice"):
        connected.put({**world.objects(kind)[0], **(theirs if kind == "invoice" else {})})
    event = connected.event("invoice.updated", theirs)
    world.post(event)
    paid = {**theirs, "status": "paid", "amount_paid": 700, "amount_remaining": 0}
    connected.put(paid)
    world.post({**connected.event("invoice.paid", paid), "created": event["created"]})  # same second: to be fetched
    world.drain()
    assert (world.ledger(mine).status, world.ledger(mine).balance) == ("open", 10_000)
    assert (world.ledger(mine, "main/acct_b").status, world.ledger(mine, "main/acct_b").paid) == ("paid", 700)
    customer = world.objects("customer")[0]["id"]
    assert {row.key for row in world.rows("SELECT key FROM customer")} == {
        f"main:{customer}",
        f"main/acct_b:{customer}",
    }


def test_what_cannot_be_stored_is_not_acknowledged_and_comes_in_again_later(world):
    """The database goes away and comes back; Stripe repeats what was not answered 2xx."""
    database = world.engine.url.database
    [receiver] = world.opened
    url = receiver.url.set(database="postgres")
    world.engine.dispose()
    from sqlalchemy import create_engine

    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        conn.execute(text(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false"))
        conn.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"))
    assert world.send(body()).status_code == 503
    assert world.client.get("/readyz").status_code == 503
    assert world.client.get("/healthz").status_code == 200
    with server.connect() as conn:
        conn.execute(text(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true"))
    server.dispose()
    assert world.send(body()).status_code == 200
    assert len(inbox(world)) == 1


def test_a_connection_that_went_stale_costs_no_delivery(world):
    """A restarted PostgreSQL leaves dead connections in the pool; nobody at Stripe should notice."""
    assert world.send(body()).status_code == 200
    with world.engine.connect() as conn:
        conn.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert world.send(body(id="evt_2")).status_code == 200
    assert len(inbox(world)) == 2


def test_a_broken_mapping_fails_no_acknowledgement(world, monkeypatch):
    """Events come in while the mapping raises on everything; once it is mended they are processed."""
    mapper = world.run.ingest.mappers["stripe"]

    def broken(*_args):
        raise KeyError("a bug")

    invoice = world.invoice(world.customer())
    world.drain()
    monkeypatch.setattr(mapper, "map_event", broken)
    world.act("pay_invoice", invoice=invoice)
    world.drain()
    assert world.status.waiting_events > 0
    assert world.ledger(invoice).status == "open"
    monkeypatch.undo()
    world.hurry()
    world.drain()
    world.check_ledger()
    assert world.ledger(invoice).status == "paid"


def test_a_mapping_that_cannot_even_be_imported_leaves_the_web_process_alone():
    script = (
        "import sys\n"
        "sys.modules['sync.core.mapping.stripe'] = None\n"
        "import sync.web\n"
        "from sync.bootstrap import Runtime\n"
        "from sync.settings import Settings\n"
        "run = Runtime(Settings(DATABASE_URL='postgresql://nowhere', REDIS_URL='redis://nowhere'))\n"
        "print(sync.web.make_app(run).test_client().get('/healthz').status_code)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "200", done.stderr


def test_a_dead_bell_fails_no_acknowledgement(world, monkeypatch):
    """The real bell rings in the background; a Redis that is away is the clock's business."""
    from sync.bell import Bell

    monkeypatch.setitem(world.run.__dict__, "bell", Bell("redis://127.0.0.1:1/0", {"ledger": "sync.jobs.drain_inbox"}))
    assert world.send(body()).status_code == 200
    ready = world.client.get("/readyz")
    assert (ready.status_code, ready.json["database"]) == (503, "ok")
    assert "refused" in ready.json["redis"]


def test_what_a_whole_story_sends_is_all_understood(world):
    """Every event type that the local Stripe knows how to cause passes through and nothing is parked."""
    customer = world.customer(world.account())
    one, two, three = (world.invoice(customer, amount) for amount in (10_000, 20_000, 30_000))
    world.act("update_customer", customer=customer, name="Acme Inc")
    world.act("fail_payment", invoice=one)
    world.act("pay_invoice", invoice=one, method="out_of_band")
    world.act("pay_together", invoices=[two, three], amount=25_000)
    world.act("overpay", invoice=three, amount=30_000)
    charge = world.objects("charge")[-1]["id"]
    world.act("refund", charge=charge, amount=1_000)
    dispute = world.act("dispute_charge", charge=world.objects("charge")[-2]["id"])["id"]
    world.act("close_dispute", dispute=dispute, outcome="lost")
    world.act("credit_note", invoice=two, amount=500, credit_amount=500)
    world.act("adjust_balance", customer=customer, amount=-100, currency="usd")
    world.drain()
    types = set(kinds_of(world.objects("event")))
    assert {"invoice.overpaid", "charge.dispute.closed", "invoice_payment.paid", "credit_note.created"} <= types
    assert world.status.parked == 0, world.status.problems
    world.check_ledger()


def test_an_event_that_stripe_repeats_is_applied_once(world):
    invoice = world.invoice(world.customer(deliver=False), deliver=False)
    world.act("pay_invoice", invoice=invoice, amount=4_000, deliver=False)
    for _ in range(3):
        world.post(*world.withheld)
    world.drain()
    world.check_ledger()
    assert len(inbox(world)) == len(world.withheld)


def test_a_fetch_that_stripe_refuses_for_now_is_asked_for_again(world, monkeypatch):
    billing = world.run.billing.of("main")
    asked = []

    def busy(kind, object_id, **_options):
        asked.append(object_id)
        raise RetryableError("429", "busy", retry_after=5.0)

    customer = world.customer(deliver=False)
    with monkeypatch.context() as patched:
        patched.setattr(billing, "fetch", busy)
        world.invoice(customer)
        world.drain()
    assert customer in asked
    waits = "SELECT extract(epoch FROM fetch_at - clock_timestamp()) AS s FROM object WHERE kind = 'customer'"
    assert 4 < world.one(waits).s <= 5
    world.hurry()
    world.drain()
    world.check_ledger()
    assert world.one("SELECT name FROM customer").name == "Acme"
