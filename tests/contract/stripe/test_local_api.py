"""The stand-in answers as Stripe does, to a plain HTTP client and to Stripe's own library."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests
import stripe

from connector.local.stripe.server import LocalStripe, StripeConfig

OLD = {"Stripe-Version": "2020-03-02"}


@pytest.fixture
def sdk(local):
    return stripe.StripeClient(
        local.config.api_key, base_addresses={"api": local.url}, http_client=stripe.RequestsClient(timeout=5)
    )


def test_stripes_own_library_pages_through_everything(local, sdk, customer):
    made = [local.act("create_invoice", customer=customer, lines=[{"amount": n + 1}])["id"] for n in range(25)]
    found = [each.id for each in sdk.v1.invoices.list({"limit": 10, "customer": customer}).auto_paging_iter()]
    assert found == made[::-1]
    backwards = sdk.v1.invoices.list({"limit": 10, "ending_before": made[0]})
    assert [each.id for each in backwards.data] == made[1:11][::-1]
    assert backwards.has_more


def test_lists_filter(local, sdk, api, customer, invoice):
    paid = local.act("create_invoice", customer=customer, lines=[{"amount": 5}])["id"]
    local.act("finalize_invoice", invoice=paid, due_in_days=1)
    local.act("pay_invoice", invoice=paid)
    assert [each.id for each in sdk.v1.invoices.list({"status": "paid"}).data] == [paid]
    [payment] = sdk.v1.invoice_payments.list({"invoice": paid}).data
    intent = payment.payment.payment_intent
    assert sdk.v1.charges.list({"payment_intent": intent}).data[0].customer == customer
    assert sdk.v1.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": intent}}).data
    created = sdk.v1.invoices.retrieve(paid).created
    assert sdk.v1.invoices.list({"created": {"gt": created}}).data == []
    assert len(sdk.v1.invoices.list({"created": {"gte": created - 5}}).data) == 2
    wrong = api("invoices", params={"colour": "red"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "parameter_unknown")


def test_events_feed(local, sdk, customer, invoice):
    kinds = [each.type for each in sdk.v1.events.list({"limit": 100}).data]
    assert kinds[-1] == "customer.created"
    assert "invoice.finalized" in kinds
    assert {each.type for each in sdk.v1.events.list({"types": ["customer.created", "invoice.created"]}).data} == {
        "customer.created",
        "invoice.created",
    }
    assert all(each.type.startswith("invoice.") for each in sdk.v1.events.list({"type": "invoice.*"}).data)
    old = local.world.event("customer.updated", {"id": "cus_x", "object": "customer"})
    local.world.store.put({**old, "created": local.world.now - 31 * 86_400})
    assert old["id"] not in [each.id for each in sdk.v1.events.list({"limit": 100}).data]


def test_payments_come_only_when_asked_for_and_not_before_basil(api, invoice):
    assert "payments" not in api(f"invoices/{invoice}").json()
    expanded = api(f"invoices/{invoice}", params={"expand[]": "payments"}).json()
    assert expanded["payments"]["data"][0]["invoice"] == invoice
    older = api(f"invoices/{invoice}", params={"expand[]": "payments"}, headers=OLD)
    assert (older.status_code, older.json()["error"]["param"]) == (400, "expand")
    assert api(f"invoices/{invoice}", headers=OLD).json()["paid"] is False
    assert api(f"invoices/{invoice}", params={"expand[]": "lines.data.price"}).status_code == 400


def test_deleted_customers_are_stubs_and_deleted_drafts_are_gone(local, api, customer):
    draft = local.act("create_invoice", customer=customer, lines=[{"amount": 5}])["id"]
    local.act("delete_invoice", invoice=draft)
    local.act("delete_customer", customer=customer)
    assert api(f"customers/{customer}").json() == {"id": customer, "object": "customer", "deleted": True}
    gone = api(f"invoices/{draft}")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "resource_missing")
    assert api("customers").json()["data"] == []


def test_refusals_have_stripes_bodies(api, local):
    nobody = requests.get(f"{local.url}/v1/customers", timeout=5)
    assert (nobody.status_code, nobody.json()["error"]["type"]) == (401, "invalid_request_error")
    assert "Invalid API Key" in api("customers", key="sk_test_wrong0000").json()["error"]["message"]
    assert requests.get(f"{local.url}/v1/customers", auth=(local.config.api_key, ""), timeout=5).ok
    unknown = api("unicorns")
    assert (unknown.status_code, unknown.json()["error"]["message"][:24]) == (404, "Unrecognized request URL")
    assert api("invoices", "DELETE").status_code == 404
    assert api("customers", headers={"Stripe-Account": "acct_nobody"}).json()["error"]["code"] == "account_invalid"
    assert api("customers", params={"starting_after": "cus_no"}).json()["error"]["param"] == "starting_after"
    assert api("customers", params={"limit": 101}).status_code == 400
    assert api("customers").headers["Request-Id"].startswith("req_")


def test_updates_announce_themselves_and_honour_idempotency_keys(api, local, invoice):
    key = {"Idempotency-Key": "k1"}
    data = {"auto_advance": "false", "metadata[a]": "1"}
    first = api(f"invoices/{invoice}", "POST", data=data, headers=key)
    again = api(f"invoices/{invoice}", "POST", data=data, headers=key)
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = api(f"invoices/{invoice}", "POST", data={"metadata[a]": "2"}, headers=key)
    assert other.json()["error"]["type"] == "idempotency_error"
    [update] = [
        each
        for each in local.world.store.everything("event")
        if each["type"] == "invoice.updated" and "metadata" in each["data"]["previous_attributes"]
    ]
    assert update["request"]["idempotency_key"] == "k1"
    late = api(f"invoices/{invoice}", "POST", data={"due_date": "1"})
    assert late.json()["error"]["code"] == "invoice_not_editable"


def test_connected_accounts_are_worlds_of_their_own(api, control):
    there = {"id": "cus_there", "object": "customer", "created": 5, "name": "There"}
    control("objects", there, "PUT", account="acct_1")
    assert api("customers/cus_there").status_code == 404
    assert api("customers/cus_there", headers={"Stripe-Account": "acct_1"}).json()["name"] == "There"


def test_what_is_put_there_is_the_truth(api, control):
    odd = {"id": "in_odd", "object": "invoice", "created": 1_700_000_000, "status": "open", "whatever": {"a": [1]}}
    assert control("objects", [odd], "PUT") == {"stored": ["in_odd"]}
    assert api("invoices/in_odd").json() == odd
    assert control("objects", method="GET", type="invoice")["data"] == [odd]
    control("objects", {**odd, "deleted": True}, "PUT")
    assert api("invoices/in_odd").status_code == 404


def test_a_slow_answer_shows_some_moment_within_it_and_is_dated_when_sent(api, control, local):
    states = set()
    control("delay", {"ms": 120})
    for round_ in range(8):
        local.world.put({"id": "in_s", "object": "invoice", "status": "open", "round": round_})
        started = time.monotonic()
        change = threading.Timer(0.06, local.world.put, [{"id": "in_s", "object": "invoice", "status": "paid"}])
        change.start()
        answer = api("invoices/in_s")
        change.join()
        assert time.monotonic() - started >= 0.12
        states.add(answer.json()["status"])
        sent = parsedate_to_datetime(answer.headers["Date"])
        assert abs((datetime.now(UTC) - sent).total_seconds()) < 1.5
    assert states == {"open", "paid"}


def test_the_world_has_its_own_day(tmp_path):
    day = tmp_path / "today.json"
    day.write_text('{"today": "2031-02-03"}')
    with LocalStripe(StripeConfig(today_file=day)).running() as local:
        made = local.act("create_customer", name="A")
        assert datetime.fromtimestamp(made["created"], UTC).date().isoformat() == "2031-02-03"
        headers = {"Authorization": f"Bearer {local.config.api_key}"}
        answer = requests.get(f"{local.url}/v1/customers", headers=headers, timeout=5)
        assert answer.headers["Date"].startswith("Mon, 03 Feb 2031")
        day.write_text('{"today": null}')
        assert abs(local.world.clock() - time.time()) < timedelta(minutes=1).total_seconds()


def test_objects_survive_a_restart_when_told_to(tmp_path):
    config = StripeConfig(data=tmp_path / "stripe")
    with LocalStripe(config).running() as local:
        kept = local.act("create_customer", name="A")["id"]
        local.desk.world("acct_2").create_customer(name="B")
    with LocalStripe(config).running() as local:
        assert local.world.get("customer", kept)["name"] == "A"
        assert local.desk.connected("acct_2")


def test_calls_are_counted_as_the_api_sees_them(api, control):
    api("customers")
    api("customers/cus_x")
    api("customers/cus_y/balance_transactions")
    assert control("calls", method="GET") == {
        "total": 3,
        "by": {
            "GET /v1/customers": 1,
            "GET /v1/customers/{id}": 1,
            "GET /v1/customers/{id}/balance_transactions": 1,
        },
    }


def test_balance_transactions(local, api, customer):
    local.act("adjust_balance", customer=customer, amount=-700, currency="usd")
    [move] = api(f"customers/{customer}/balance_transactions").json()["data"]
    assert (move["amount"], move["type"]) == (-700, "adjustment")


def test_control_refuses_what_it_does_not_know(local):
    for path, body in (
        ("act", {"action": "steal"}),
        ("act", {}),
        ("faults", {"kind": "unicorn"}),
        ("faults", {"colour": 1}),
        ("emit", {"type": "invoice.paid", "id": "in_nope"}),
        ("delay", {"ms": "long"}),
        ("targets", {"targets": [{"url": "x"}]}),
    ):
        answer = requests.post(f"{local.url}/_control/{path}", json=body, timeout=5)
        assert 400 <= answer.status_code < 500, (path, body)
        assert answer.json()["error"]["message"]


def test_faults_are_listed_counted_and_healed_kind_by_kind(api, control):
    control("faults", {"kind": "rate_limit", "retry_after": 3})
    control("faults", {"kind": "slow", "times": None, "ms": 50})
    limited = api("invoices")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "3")
    began = time.monotonic()
    assert api("invoices").status_code == 200
    assert time.monotonic() - began >= 0.05
    told = control("faults", method="DELETE", kind="slow")
    assert (told["faults"], told["struck"]) == ([], {"rate_limit": 1, "slow": 1})


def test_two_processes_may_change_the_same_account(tmp_path):
    """A transaction is the writer from its beginning: two that read before they write do not undo each other."""
    config = StripeConfig(data=tmp_path)
    one, other = LocalStripe(config), LocalStripe(config)
    customer = one.act("create_customer", name="A", deliver=False)["id"]

    def count(local, times):
        for _ in range(times):
            with local.world.transaction():
                number = int(local.world.get("customer", customer)["metadata"].get("n", "0"))
                local.world.update_customer(customer, metadata={"n": str(number + 1)})

    threads = [threading.Thread(target=count, args=(local, 40)) for local in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one.world.get("customer", customer)["metadata"]["n"] == "80"
    one.desk.close()
    other.desk.close()
