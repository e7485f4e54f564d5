"""Our connector against the stand-in: what comes back, and every failure as one of three families."""

import time
import typing

import pytest
import responses
import stripe
from stripe.params import WebhookEndpointCreateParams

from connector.billing import PROVIDERS, HoldState, StripeBilling
from connector.billing.stripe import KINDS, PERMISSIONS
from connector.billing.stripe_events import EVENTS
from connector.errors import GoneError, MisconfiguredError, RejectedError, RetryableError
from connector.local.stripe.server import LocalStripe, StripeConfig

from .conftest import POOR, READ_ONLY


@pytest.fixture
def hurried(local):
    """Never repeats a request by itself."""
    made = StripeBilling(local.config.api_key, api_base=local.url, timeout=0.3, max_network_retries=0)
    yield made
    made.close()


def test_it_is_registered():
    assert PROVIDERS["stripe"] is StripeBilling


def test_fetches_plain_json_with_the_time_of_the_answer(local, billing, control, invoice):
    control("delay", {"ms": 50})
    found = billing.fetch("invoice", invoice)
    assert type(found.body) is dict
    assert type(found.body["lines"]["data"][0]) is dict
    assert found.body["payments"]["data"][0]["invoice"] == invoice
    assert found.elapsed >= 0.05
    assert 0 <= time.time() - found.date < 2


def test_fetches_every_kind(local, billing, customer, invoice):
    local.act("pay_invoice", invoice=invoice, amount=60_000)
    local.act("pay_invoice", invoice=invoice, amount=10_000, method="out_of_band")
    charge = local.world.find("charge")[0]["id"]
    local.act("credit_note", invoice=invoice, amount=40_000, refund_amount=10_000)
    local.act("dispute_charge", charge=charge)
    for kind in KINDS.keys() - {"event"}:
        [page] = billing.list_all(kind)
        assert page.items, kind
        assert billing.fetch(kind, page.items[0]["id"]).body == page.items[0]


def test_the_answer_is_in_the_librarys_version_whatever_the_account_defaults_to():
    with LocalStripe(StripeConfig(api_version="2020-03-02")).running() as local:
        owner = local.act("create_customer", name="A")["id"]
        draft = local.act("create_invoice", customer=owner, lines=[{"amount": 5}])["id"]
        billing = StripeBilling(local.config.api_key, api_base=local.url)
        assert "paid" not in billing.fetch("invoice", draft).body
        [event] = [each for each in next(billing.list_all("event")).items if each["type"] == "invoice.created"]
        assert event["data"]["object"]["paid"] is False  # events keep the version of their time
        billing.close()


def test_deleted_customers_are_told_missing_objects_raise(local, billing, customer):
    local.act("delete_customer", customer=customer)
    assert billing.fetch("customer", customer).body["deleted"] is True
    with pytest.raises(GoneError) as gone:
        billing.fetch("invoice", "in_nope")
    assert gone.value.code == "404 resource_missing"
    assert "No such invoice" in gone.value.reason
    with pytest.raises(ValueError, match="known: customer"):
        billing.fetch("unicorn", "u_1")


def test_an_address_stripe_does_not_know_is_not_a_deleted_object(billing):
    with pytest.raises(RejectedError, match="Unrecognized request URL") as refused:
        billing.fetch("invoice", "in_1/lines/of/something")
    assert not isinstance(refused.value, GoneError)


def test_connected_accounts(control, billing):
    control("objects", {"id": "cus_there", "object": "customer", "created": 1}, "PUT", account="acct_1")
    assert billing.fetch("customer", "cus_there", account="acct_1").body["id"] == "cus_there"
    with pytest.raises(GoneError):
        billing.fetch("customer", "cus_there")
    with pytest.raises(MisconfiguredError, match="account_invalid"):
        billing.fetch("customer", "cus_there", account="acct_2")


def test_lists_resume_where_they_stopped(local, billing, customer):
    made = [local.act("create_invoice", customer=customer, lines=[{"amount": n + 1}])["id"] for n in range(7)]
    pages = billing.list_all("invoice", page_size=3)
    first = next(pages)
    assert [each["id"] for each in first.items] == made[::-1][:3]
    rest = list(billing.list_all("invoice", page_size=3, starting_after=first.last_id))
    assert [each["id"] for page in rest for each in page.items] == made[::-1][3:]
    assert [page.has_more for page in rest] == [True, False]
    assert all("payments" in each for page in rest for each in page.items)
    local.act("delete_invoice", invoice=made[0])
    with pytest.raises(GoneError):
        list(billing.list_all("invoice", starting_after="in_never"))


@pytest.mark.parametrize("kind", ["invoice", "payment_record"])
def test_lists_since_a_second_include_that_second(local, control, billing, kind):
    rows = [{"id": f"x_{n}", "object": kind, "created": 1000 + n} for n in range(5)]
    control("objects", rows, "PUT")
    [page] = billing.list_all(kind, created_gte=1003)
    assert [each["created"] for each in page.items] == [1004, 1003]


def test_an_empty_list_is_one_empty_page(billing):
    [page] = billing.list_all("dispute")
    assert (list(page.items), page.last_id, page.has_more) == ([], None, False)


def test_hold_and_release_are_idempotent(local, billing, invoice):
    assert billing.hold(invoice, note="promised for Friday").state is HoldState.HELD
    assert billing.hold(invoice, note="promised for Friday").state is HoldState.ALREADY_HELD
    held = local.world.get("invoice", invoice)
    assert (held["auto_advance"], held["metadata"]) == (False, {"dueline_hold": "promised for Friday"})
    assert billing.release(invoice).state is HoldState.RELEASED
    assert billing.release(invoice).state is HoldState.NOT_HELD
    after = local.world.get("invoice", invoice)
    assert (after["auto_advance"], after["metadata"]) == (True, {})
    assert billing.hold(invoice, note="again").state is HoldState.HELD


def test_somebody_elses_hold_is_left_alone(local, billing, invoice):
    local.act("update_invoice", invoice=invoice, auto_advance=False)
    assert billing.hold(invoice, note="x").state is HoldState.HELD_ELSEWHERE
    assert billing.release(invoice).state is HoldState.NOT_HELD
    assert local.world.get("invoice", invoice)["auto_advance"] is False


def test_a_paid_invoice_loses_the_mark_but_is_not_collected_again(local, billing, invoice):
    billing.hold(invoice, note="x")
    local.act("pay_invoice", invoice=invoice)
    assert billing.hold(invoice, note="x").state is HoldState.NOT_COLLECTING
    assert billing.release(invoice).state is HoldState.RELEASED
    after = local.world.get("invoice", invoice)
    assert (after["auto_advance"], after["metadata"]) == (False, {})


def test_a_note_of_any_length_fits(billing, invoice):
    held = billing.hold(invoice, note="x" * 2000)
    assert len(held.body["metadata"]["dueline_hold"]) == 500


def test_dunning_passes_over_what_is_held(local, billing, invoice, control):
    local.world.clock = lambda: time.time() + 40 * 86_400
    billing.hold(invoice, note="x")
    assert control("act", {"action": "dunning"})["result"] == []
    billing.release(invoice)
    assert control("act", {"action": "dunning"})["result"] == [invoice]


def test_permissions_name_what_to_grant(local, billing):
    assert all(finding.ok for finding in billing.permissions())
    reader = StripeBilling(READ_ONLY, api_base=local.url)
    assert [finding.kind for finding in reader.permissions() if not finding.ok] == ["hold"]
    poor = {finding.kind: finding for finding in StripeBilling(POOR, api_base=local.url).permissions()}
    assert {kind for kind, finding in poor.items() if finding.ok} == {"customer"}
    assert "'Invoices: Read (rak_invoice_read)'" in poor["invoice"].fix
    assert poor.keys() == PERMISSIONS.keys()
    with pytest.raises(MisconfiguredError, match="401"):
        StripeBilling("sk_test_wrong00", api_base=local.url).permissions()


def test_an_endpoint_is_made_with_every_event_that_we_need_and_its_secret_is_told_once(local, billing):
    made = billing.listen("http://127.0.0.1:9/webhooks/stripe/main")
    assert made.secret.startswith("whsec_")
    assert made.secret not in repr(made)
    [shown] = billing._request("get", "customer", "/v1/webhook_endpoints", {}, None).body["data"]
    assert (shown["id"], shown["enabled_events"], shown.get("secret")) == (made.id, list(EVENTS), None)
    assert shown["api_version"] == stripe.api_version
    with pytest.raises(MisconfiguredError) as refused:
        StripeBilling(READ_ONLY, api_base=local.url).listen("http://127.0.0.1:9/")
    assert "'Webhook Endpoints: Write" in refused.value.fix


def test_events_are_those_that_stripe_knows_and_that_the_readme_names():
    known = typing.get_args(typing.get_args(WebhookEndpointCreateParams.__annotations__["enabled_events"])[0])
    assert set(EVENTS) <= set(known)
    ours = [name for name in known if name.split(".")[0] in {"invoice_payment", "refund", "credit_note"}]
    assert set(ours) <= set(EVENTS)


def test_wrong_keys_and_missing_permissions_need_a_person(local):
    with pytest.raises(MisconfiguredError) as wrong:
        StripeBilling("sk_test_wrong00", api_base=local.url).fetch("invoice", "in_1")
    assert "API keys" in wrong.value.fix
    with pytest.raises(MisconfiguredError) as forbidden:
        StripeBilling(POOR, api_base=local.url).fetch("refund", "re_1")
    assert "grant 'Charges and Refunds: Read (rak_charge_read)'" in forbidden.value.fix


def test_rate_limits_say_when_to_come_back(control, hurried):
    control("faults", {"kind": "rate_limit", "retry_after": 7})
    with pytest.raises(RetryableError) as limited:
        hurried.fetch("invoice", "in_1")
    assert (limited.value.code, limited.value.retry_after) == ("429 rate_limit", 7.0)


@pytest.mark.parametrize("status", [409, 500, 502, 503])
def test_their_failures_may_pass(control, hurried, status):
    control("faults", {"kind": "status", "status": status, "path": "/v1/invoices*"})
    with pytest.raises(RetryableError) as failed:
        hurried.fetch("invoice", "in_1")
    assert not failed.value.outcome_unknown
    assert hurried.list_all("customer")


def test_other_refusals_are_about_this_record(control, hurried):
    control("faults", {"kind": "status", "status": 402})
    with pytest.raises(RejectedError) as refused:
        hurried.fetch("invoice", "in_1")
    assert not isinstance(refused.value, GoneError)


def test_silence_and_dropped_connections_may_pass(control, hurried, local):
    control("faults", {"kind": "drop"})
    with pytest.raises(RetryableError, match="no_connection"):
        hurried.fetch("invoice", "in_1")
    control("delay", {"ms": 1000})
    with pytest.raises(RetryableError, match="timed out"):
        hurried.fetch("invoice", "in_1")
    with pytest.raises(RetryableError, match="no_connection"):
        StripeBilling("sk", api_base="http://127.0.0.1:9", max_network_retries=0).fetch("invoice", "in_1")


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 500}, {"kind": "drop"}])
def test_a_write_cut_off_after_it_was_done_is_repeated_without_harm(local, control, billing, hurried, invoice, fault):
    local.desk.calls.clear()
    control("faults", {**fault, "when": "after", "path": f"/v1/invoices/{invoice}", "times": 2})
    with pytest.raises(RetryableError) as unread:
        hurried.hold(invoice, note="x")  # the first fault hits the read before it
    assert not unread.value.outcome_unknown
    changes = {"auto_advance": False, "metadata": {"dueline_hold": "x"}}
    with pytest.raises(RetryableError) as cut:
        hurried._update(invoice, changes, None)
    assert cut.value.outcome_unknown
    assert billing.hold(invoice, note="x").state is HoldState.ALREADY_HELD


def test_a_hiccup_is_repeated_by_itself_and_counted_as_elapsed(control, billing, invoice):
    control("faults", {"kind": "drop", "times": 1})
    assert billing.fetch("invoice", invoice).elapsed >= 0.5


@responses.activate
def test_pages_of_a_proxy_are_no_verdict_and_answers_without_a_date_are_refused():
    billing = StripeBilling("sk", api_base="https://stripe.test", max_network_retries=0)
    responses.get("https://stripe.test/v1/customers/cus_1", body="<html>gateway</html>", status=502)
    with pytest.raises(RetryableError):
        billing.fetch("customer", "cus_1")
    responses.get("https://stripe.test/v1/customers/cus_2", json={"id": "cus_2"})
    with pytest.raises(MisconfiguredError, match="no Date header"):
        billing.fetch("customer", "cus_2")


@responses.activate
def test_a_test_key_on_live_data_is_a_matter_of_configuration():
    billing = StripeBilling("sk_test_1", api_base="https://stripe.test", max_network_retries=0)
    message = (
        "No such invoice: 'in_1'; a similar object exists in live mode, but a test mode key was used to make this"
        " request."
    )
    body = {"error": {"code": "resource_missing", "message": message, "type": "invalid_request_error"}}
    responses.get("https://stripe.test/v1/invoices/in_1", json=body, status=404)
    with pytest.raises(MisconfiguredError) as wrong:
        billing.fetch("invoice", "in_1")
    assert "mode" in wrong.value.fix
    assert responses.calls[0].request.headers["Stripe-Version"] == stripe.api_version


@responses.activate
def test_retry_after_may_be_a_date():
    billing = StripeBilling("sk", api_base="https://stripe.test", max_network_retries=0)
    headers = {"Retry-After": "Mon, 03 Feb 2031 10:00:00 GMT"}
    body = {"error": {"message": "Too many requests", "code": "lock_timeout"}}
    responses.get("https://stripe.test/v1/invoices/in_1", json=body, status=429, headers=headers)
    with pytest.raises(RetryableError) as limited:
        billing.fetch("invoice", "in_1")
    assert limited.value.retry_after > 0
