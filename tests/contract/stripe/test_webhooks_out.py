"""Webhooks leave the stand-in signed, in either shape, in order or badly."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

SECRET = "whsec_test"


@pytest.fixture
def received(control):
    """What arrives, verified; the stand-in is told to deliver here."""
    got: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            stripe.WebhookSignature.verify_header(body, self.headers["Stripe-Signature"], SECRET, 300)
            got.append(json.loads(body))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    control("targets", {"targets": [{"url": f"http://127.0.0.1:{server.server_port}/", "secret": SECRET}]})
    yield got
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_action_is_delivered_in_order(control, received, customer, invoice):
    received.clear()
    answer = control("act", {"action": "pay_invoice", "invoice": invoice})
    assert answer["result"]["status"] == "paid"
    assert [each["id"] for each in received] == [each["id"] for each in answer["events"]]
    assert {each["status"] for each in answer["deliveries"]} == {202}
    assert "_links" not in json.dumps(received)


def test_an_action_is_delivered_badly_or_not_at_all(control, received, invoice):
    received.clear()
    disorder = {"shuffle": True, "copies": 1, "same_second": True, "seed": 4}
    answer = control("act", {"action": "pay_invoice", "invoice": invoice, "disorder": disorder})
    types = [each["type"] for each in received]
    assert len(types) == 2 * len(answer["events"])
    assert types[::2] != [each["type"] for each in answer["events"]]
    assert len({each["created"] for each in received}) == 1
    received.clear()
    control("act", {"action": "create_customer", "name": "Quiet", "deliver": False})
    assert received == []


def test_emit_sends_the_truth_of_now_or_what_it_is_given(control, received, invoice):
    received.clear()
    answer = control("emit", {"type": "invoice.updated", "id": invoice, "created": 1234, "times": 2})
    assert answer["status"] == [202, 202]
    assert [each["id"] for each in received] == [answer["event_id"]] * 2
    assert (received[0]["created"], received[0]["data"]["object"]["status"]) == (1234, "open")
    control(
        "emit",
        {
            "type": "invoice.paid",
            "id": invoice,
            "created": 1235,
            "object": {"id": invoice, "object": "invoice", "status": "paid", "odd": 1},
            "api_version": "2020-03-02",
            "account": "acct_9",
            "event_id": "evt_mine",
        },
    )
    last = received[-1]
    assert last["data"]["object"] == {"id": invoice, "object": "invoice", "status": "paid", "odd": 1}
    assert (last["id"], last["account"], last["api_version"]) == ("evt_mine", "acct_9", "2020-03-02")


def test_emit_in_the_older_shape(control, received, invoice):
    control("emit", {"type": "invoice.updated", "id": invoice, "created": 1, "api_version": "2020-03-02"})
    assert received[-1]["data"]["object"]["paid"] is False


def test_an_api_update_is_announced_in_the_background(local, api, received, invoice):
    received.clear()
    api(f"invoices/{invoice}", "POST", data={"metadata[a]": "1"})
    local.desk.courier.settle()
    assert [each["type"] for each in received] == ["invoice.updated"]
    assert received[0]["request"]["id"]


def test_an_action_may_be_announced_soon_instead_of_now(local, control, received):
    answer = control("act", {"action": "create_customer", "name": "Soon", "deliver": "soon"})
    assert answer["deliveries"] == []
    local.desk.courier.settle()
    assert [each["id"] for each in received] == [each["id"] for each in answer["events"]]


def test_a_webhook_may_be_lost_or_come_long_after_its_time(local, control, received):
    control("faults", {"kind": "never_sent", "path": "customer.created"})
    lost = control("act", {"action": "create_customer", "name": "Lost", "deliver": "soon"})
    control("faults", {"kind": "sent_late", "path": "customer.created"})
    late = control("act", {"action": "create_customer", "name": "Late", "deliver": "soon"})
    local.desk.courier.settle()
    assert received == []
    state = control("deliveries", method="GET")
    assert (state["late"], state["never_sent"]) == (1, [lost["events"][0]["id"]])
    told = control("faults", method="DELETE")
    assert (told["faults"], told["struck"]) == ([], {"never_sent": 1, "sent_late": 1})
    local.desk.courier.settle()
    assert [each["id"] for each in received] == [late["events"][0]["id"]]


def test_an_endpoint_of_several_addresses_is_reached_by_the_one_that_answers(local, control, received):
    [target] = local.desk.courier.targets
    dead = {"url": "http://127.0.0.1:9/", "secret": target.secret, "others": [target.url]}
    control("targets", {"targets": [dead]})
    made = [control("act", {"action": "create_customer", "name": "Any", "deliver": "soon"}) for _ in range(4)]
    local.desk.courier.settle()
    assert sorted(each["id"] for each in received) == sorted(each["events"][0]["id"] for each in made)
