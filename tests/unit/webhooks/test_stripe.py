"""Stripe's signature and envelope: what is let in, and what can be read off the outside of anything."""

import hashlib
import hmac
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe import WebhookSignature

from webhooks.providers import PROVIDERS
from webhooks.providers.stripe import envelope, verify

SECRET = "whsec_live"
NOW = 1_772_000_000.0
TEXTS = st.text(st.characters(exclude_categories=("Cs",)))


def header(body: str, secret: str = SECRET, at: float = NOW) -> str:
    """As Stripe's own library makes it."""
    return str(WebhookSignature.generate_signature_header(body, secret, int(at)))


def wrong(body: str, signature: str | None, *secrets: str, now: float = NOW) -> str | None:
    headers = {} if signature is None else {"Stripe-Signature": signature}
    return verify(body.encode(), headers, secrets or (SECRET,), now=now, tolerance_s=300)


@given(TEXTS, TEXTS)
def test_what_stripes_library_signs_is_let_in(body, secret):
    assert wrong(body, header(body, secret), secret) is None


@given(st.binary())
def test_bytes_that_are_no_text_are_verified_as_they_are(body):
    digest = hmac.new(SECRET.encode(), f"{int(NOW)}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Stripe-Signature": f"t={int(NOW)},v1={digest}"}
    assert verify(body, headers, (SECRET,), now=NOW, tolerance_s=300) is None
    assert verify(body + b" ", headers, (SECRET,), now=NOW, tolerance_s=300)


@pytest.mark.parametrize("signature", [None, "", "t=1", "v1=abc", "t=,v1=abc", "t=x,v1=abc", "t=²,v1=abc", "garbage"])
def test_a_header_that_is_missing_or_malformed_is_refused(signature):
    assert wrong("{}", signature) == "header Stripe-Signature is missing or malformed"


@given(st.text(), st.text())
def test_no_header_and_no_body_make_it_fail(body, signature):
    assert verify(body.encode(errors="replace"), {"Stripe-Signature": signature}, (SECRET,), now=NOW, tolerance_s=300)


def test_another_secret_and_another_body_are_refused():
    assert "no live signing secret" in (wrong("{}", header("{}", "whsec_other")) or "")
    assert "no live signing secret" in (wrong("{ }", header("{}")) or "")
    assert "no live signing secret" in (wrong("{}", header("{}").replace("v1=", "v0=") + ",v1=00") or "")


def test_two_live_secrets_are_both_good_while_they_are_rotated():
    for secret in ("whsec_old", "whsec_new"):
        assert wrong("{}", header("{}", secret), "whsec_old", "whsec_new") is None
    assert wrong("{}", header("{}", "whsec_older"), "whsec_old", "whsec_new")


def test_one_good_signature_among_several_is_enough():
    good = header("{}").partition(",")[2]
    assert wrong("{}", f"t={int(NOW)},v1={'0' * 64},{good},v0=ignored") is None


def test_the_time_that_was_signed_is_the_one_that_counts():
    signed_long_ago = header("{}", at=NOW - 1_000)
    assert "no live signing secret" in (wrong("{}", signed_long_ago.replace("t=", "t=9")) or "")


@pytest.mark.parametrize(("age", "good"), [(0, True), (300, True), (301, False), (86_400, False), (-3_600, True)])
def test_a_signature_is_good_for_five_minutes_and_a_clock_ahead_of_ours_is_no_crime(age, good):
    assert (wrong("{}", header("{}", at=NOW - age)) is None) is good


def test_no_secret_and_no_signature_is_told_to_whoever_asks():
    told = wrong("{}", header("{}", "whsec_other")) or ""
    assert SECRET not in told
    assert header("{}", "whsec_other") not in told


# --- the envelope ----------------------------------------------------------------------------------------------------

EVENT = {
    "id": "evt_1",
    "type": "invoice.paid",
    "created": 1_772_000_000,
    "api_version": "2026-10-28.endive",
    "data": {"object": {"object": "invoice"}},
}


def read(body: bytes | dict):
    return envelope("main", body if isinstance(body, bytes) else json.dumps(body).encode(), {"User-Agent": "Stripe"})


def test_an_event_is_read_off_its_outside():
    found = read(EVENT)
    assert (found.connection, found.provider, found.event_id, found.scope) == ("main", "stripe", "evt_1", "main")
    assert (found.type, found.created, found.api_version) == ("invoice.paid", 1_772_000_000, "2026-10-28.endive")
    assert found.problem is None
    assert found.headers == {"User-Agent": "Stripe"}


def test_a_connected_accounts_event_has_a_scope_of_its_own():
    assert read(EVENT | {"account": "acct_9"}).scope == "main/acct_9"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b'{"id": "evt_1"',
        b"[]",
        b"null",
        b"3",
        b'"evt_1"',
        b"{}",
        b'{"id": null}',
        b'{"id": 7}',
        b'{"id": ""}',
        b'{"id": "evt\\u0000"}',
        b'{"id": "evt\\ud800"}',
        b"[" * 100_000,
        b'{"id": ' + b"9" * 5_000 + b"}",
        b'{"id": "' + b"x" * 3_000 + b'"}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_event_is_kept_under_its_own_digest_with_the_reason(body):
    found = read(body)
    assert found.event_id.startswith("sha256:")
    assert found.body == body
    assert found.problem
    assert read(body).event_id == found.event_id


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from(["id", "type", "created", "api_version", "account", "data"]),
)
def test_an_event_with_anything_in_any_of_its_fields_is_kept(junk, name):
    found = read(EVENT | {name: junk})
    for text in (found.event_id, found.scope, found.type or "", found.api_version or ""):
        assert "\x00" not in text
        assert len(text.encode()) < 2_000
    assert found.created is None or 0 <= found.created < 2**63
    assert found.event_id
    assert found.problem or found.event_id == (junk if name == "id" else "evt_1")


@pytest.mark.parametrize("created", [None, "1772000000", 1.5, True, -1, 2**63])
def test_a_time_that_is_none_is_left_out(created):
    assert read(EVENT | {"created": created}).created is None


def test_every_provider_offers_the_same_two_functions():
    for provider in PROVIDERS.values():
        assert provider.envelope("c", b"?", {}).problem
        assert provider.verify(b"", {}, (), now=time.time(), tolerance_s=1)
