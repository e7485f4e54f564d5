"""Webhook endpoints, made by Stripe's own library and on the account's page, and what is delivered to them."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import stripe

from connector.local.stripe.server import LocalStripe, StripeConfig


class Receiver:
    """A server that keeps what it gets, and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.status == 200:
                    outer.got.append((body, self.headers["Stripe-Signature"]))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/stripe/main"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def events(self, secret: str) -> list[dict]:
        """Those that arrived, each of them verified."""
        for body, signature in self.got:
            stripe.WebhookSignature.verify_header(body, signature, secret, 300)
        return [json.loads(body) for body, _ in self.got]

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def sdk(local):
    return stripe.StripeClient(
        local.config.api_key, base_addresses={"api": local.url}, http_client=stripe.RequestsClient(timeout=5)
    )


def happens(control, local, **more):
    """Something happens in the account, and its events are on their way."""
    told = control("act", {"action": "create_customer", "name": "Acme", "deliver": "soon", **more})
    local.desk.courier.settle()
    return [each["id"] for each in told["events"]]


def test_an_endpoint_made_by_stripes_library_gets_signed_events(local, control, sdk, receiver):
    made = sdk.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"], "metadata": {"by": "us"}})
    assert made.secret.startswith("whsec_")
    assert (made.object, made.status, made.url, made.livemode) == ("webhook_endpoint", "enabled", receiver.url, False)
    ids = happens(control, local)
    assert [event["id"] for event in receiver.events(made.secret)] == ids
    assert json.loads(receiver.got[0][0])["pending_webhooks"] == 1
    told = control("act", {"action": "create_customer", "name": "Now"})
    assert [each["status"] for each in told["deliveries"]] == [200]


def test_the_secret_is_shown_once(sdk, api, control, receiver):
    made = sdk.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    [listed] = sdk.v1.webhook_endpoints.list().data
    found = api(f"webhook_endpoints/{made.id}").json()
    for shown in (listed.to_dict(), found, *control("objects", method="GET")["data"]):
        assert shown["id"] == made.id
        assert made.secret not in json.dumps(shown)


def test_an_endpoint_gets_the_types_it_asked_for(local, control, sdk, receiver, customer):
    made = sdk.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["invoice.created"]})
    happens(control, local)
    control("act", {"action": "create_invoice", "customer": customer, "lines": [{"amount": 5}], "deliver": "soon"})
    local.desk.courier.settle()
    assert [event["type"] for event in receiver.events(made.secret)] == ["invoice.created"]


def test_an_endpoint_gets_events_in_its_own_version(local, control, sdk, receiver, invoice):
    version = "2020-03-02"
    made = sdk.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"], "api_version": version})
    control("act", {"action": "pay_invoice", "invoice": invoice, "deliver": "soon"})
    local.desk.courier.settle()
    events = receiver.events(made.secret)
    assert {event["api_version"] for event in events} == {version}
    assert "invoice_payment.paid" not in {event["type"] for event in events}
    [paid] = [event for event in events if event["type"] == "invoice.paid"]
    assert paid["data"]["object"]["paid"] is True


@pytest.mark.parametrize(("connect", "got"), [(True, ["acct_1"]), (False, [None])])
def test_events_of_connected_accounts_go_to_endpoints_for_them(local, control, sdk, receiver, connect, got):
    asked = {"url": receiver.url, "enabled_events": ["*"], "connect": connect}
    made = sdk.v1.webhook_endpoints.create(asked)
    happens(control, local)
    happens(control, local, account="acct_1")
    assert [event.get("account") for event in receiver.events(made.secret)] == got


def test_what_is_refused_is_tried_again_until_it_is_taken(local, control, sdk, receiver):
    receiver.status = 404  # nobody has told us the secret yet
    made = sdk.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    told = control("act", {"action": "create_customer", "name": "Early", "deliver": "soon"})
    with pytest.raises(TimeoutError):
        local.desk.courier.settle(0.5)
    receiver.status = 200
    local.desk.courier.settle()
    assert [event["id"] for event in receiver.events(made.secret)] == [each["id"] for each in told["events"]]


def test_an_endpoint_can_be_changed_disabled_and_deleted(local, control, sdk, receiver):
    other = Receiver()
    made = sdk.v1.webhook_endpoints.create({"url": other.url, "enabled_events": ["invoice.paid"]})
    changed = sdk.v1.webhook_endpoints.update(
        made.id, {"url": receiver.url, "enabled_events": ["*"], "description": "ours", "metadata": {"a": "1"}}
    )
    assert (changed.url, changed.description, changed.metadata["a"]) == (receiver.url, "ours", "1")
    happens(control, local)
    assert len(receiver.events(made.secret)) == 1
    assert sdk.v1.webhook_endpoints.update(made.id, {"disabled": True}).status == "disabled"
    happens(control, local)
    assert len(receiver.got) == 1
    sdk.v1.webhook_endpoints.update(made.id, {"disabled": False})
    receiver.status = 500
    control("act", {"action": "create_customer", "name": "Waits", "deliver": "soon"})
    gone = sdk.v1.webhook_endpoints.delete(made.id)
    assert gone.deleted
    local.desk.courier.settle()  # what waited for it went with it
    assert sdk.v1.webhook_endpoints.list().data == []
    with pytest.raises(stripe.InvalidRequestError, match="No such webhook endpoint"):
        sdk.v1.webhook_endpoints.retrieve(made.id)
    other.close()


@pytest.mark.parametrize(
    ("given", "param", "words"),
    [
        ({"enabled_events[]": "*"}, "url", "Missing required param"),
        ({"url": "https://x.test/"}, "enabled_events", "Missing required param"),
        ({"url": "x.test/hook", "enabled_events[]": "*"}, "url", "An explicit scheme"),
        ({"url": "ftp://x.test/hook", "enabled_events[]": "*"}, "url", "Not a valid URL"),
        ({"url": "http://x.test:port/", "enabled_events[]": "*"}, "url", "Invalid URL"),
        ({"url": "https://x.test/", "enabled_events[]": "invoice.eaten"}, "enabled_events[0]", "invoice.eaten"),
        ({"url": "https://x.test/", "enabled_events[]": "*", "colour": "red"}, "colour", "unknown parameter"),
        ({"url": "https://x.test/", "enabled_events[]": "*", "api_version": "1999-01-01"}, "api_version", "1999"),
    ],
)
def test_endpoints_that_are_refused(api, given, param, words):
    answer = api("webhook_endpoints", "POST", data=given)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert words in answer.json()["error"]["message"]
    assert api("webhook_endpoints").json()["data"] == []


def test_sixteen_are_enough_and_a_repeated_request_makes_one(api):
    data = {"url": "https://x.test/", "enabled_events[]": "*"}
    headers = {"Idempotency-Key": "once"}
    first, again = (api("webhook_endpoints", "POST", data=data, headers=headers).json() for _ in range(2))
    assert first == again
    assert [api("webhook_endpoints", "POST", data=data).status_code for _ in range(16)] == [200] * 15 + [400]


def test_keys_without_the_permission():
    keys = {"rk_test_reader0000001": frozenset({"rak_webhook_read"})}
    with LocalStripe(StripeConfig(restricted_keys=keys)).running() as local:
        key = {"Authorization": "Bearer rk_test_reader0000001"}
        assert requests.get(f"{local.url}/v1/webhook_endpoints", headers=key, timeout=5).ok
        refused = requests.post(f"{local.url}/v1/webhook_endpoints", headers=key, timeout=5)
        assert refused.status_code == 403
        assert "rak_webhook_write" in refused.json()["error"]["message"]


def test_endpoints_survive_a_restart(tmp_path, receiver):
    config = StripeConfig(data=tmp_path)
    with LocalStripe(config).running() as local:
        headers = {"Authorization": f"Bearer {local.config.api_key}"}
        form = {"url": receiver.url, "enabled_events[]": "*"}
        made = requests.post(f"{local.url}/v1/webhook_endpoints", form, headers=headers, timeout=5).json()
    with LocalStripe(config).running() as local:
        local.act("create_customer", name="After")
    assert [event["type"] for event in receiver.events(made["secret"])] == ["customer.created"]


def test_endpoints_are_made_on_the_accounts_page(local, control, receiver):
    page = f"{local.url}/dashboard/"
    assert local.config.api_key in requests.get(page, timeout=5).text
    made = requests.post(f"{page}webhooks", {"url": receiver.url, "events": "*"}, timeout=5)
    assert made.ok
    secret = re.search(r"whsec_\w+", made.text)[0]
    happens(control, local)
    assert len(receiver.events(secret)) == 1
    [delete] = re.findall(r'action="(/dashboard/webhooks/we_\w+/delete)"', made.text)
    assert "No endpoints yet" in requests.post(f"{local.url}{delete}", timeout=5).text
    happens(control, local)
    assert len(receiver.got) == 1


def test_the_accounts_page_says_what_is_wrong_and_keeps_what_was_typed(local):
    answer = requests.post(
        f"{local.url}/dashboard/webhooks", {"url": 'x.test/"><script>', "events": "invoice.paid, odd"}, timeout=5
    )
    assert answer.status_code == 400
    assert "An explicit scheme" in answer.text
    assert "<script>" not in answer.text
    assert 'value="invoice.paid, odd"' in answer.text


@pytest.mark.parametrize("headers", [{"Host": "evil.test"}, {"Origin": "https://evil.test"}])
def test_no_other_site_uses_the_accounts_page(local, headers):
    form = {"url": "https://evil.test/", "events": "*"}
    answer = requests.post(f"{local.url}/dashboard/webhooks", form, headers=headers, timeout=5)
    assert answer.status_code == 403
    assert local.desk.courier.endpoints == {}
