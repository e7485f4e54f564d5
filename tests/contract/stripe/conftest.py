"""The local Stripe over HTTP, and our connector against it."""

import pytest
import requests

from connector.billing import StripeBilling
from connector.local.stripe.server import LocalStripe, StripeConfig

READ_ONLY = "rk_test_readonly000001"
POOR = "rk_test_poor0000000001"
READS = "charge credit_note customer dispute event invoice payment_intent payment_record"


@pytest.fixture
def local():
    restricted = {
        READ_ONLY: frozenset(f"rak_{name}_read" for name in READS.split()),
        POOR: frozenset({"rak_customer_read"}),
    }
    with LocalStripe(StripeConfig(restricted_keys=restricted)).running() as running:
        yield running


@pytest.fixture
def billing(local):
    made = StripeBilling(local.config.api_key, api_base=local.url, timeout=5)
    yield made
    made.close()


@pytest.fixture
def control(local):
    """POST (or PUT) to /_control; the JSON answer."""

    def run(path, body=None, method="POST", **params):
        answer = requests.request(method, f"{local.url}/_control/{path}", json=body, params=params, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    return run


@pytest.fixture
def api(local):
    """A plain HTTP client of /v1 with the full key."""

    def run(path, method="GET", key=local.config.api_key, **arguments):
        headers = {"Authorization": f"Bearer {key}", **arguments.pop("headers", {})}
        return requests.request(method, f"{local.url}/v1/{path}", headers=headers, timeout=10, **arguments)

    return run


@pytest.fixture
def customer(local):
    return local.act("create_customer", name="Acme", email="ap@acme.test")["id"]


@pytest.fixture
def invoice(local, customer):
    draft = local.act("create_invoice", customer=customer, lines=[{"amount": 100_000}], auto_advance=True)
    return local.act("finalize_invoice", invoice=draft["id"], due_in_days=30)["id"]
