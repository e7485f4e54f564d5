"""What must not be seen on a screen is taken out; what a person needs stays."""

import json

import pytest

from sync.core.redact import REMOVED, redacted, redacted_text, trimmed

SECRETS = [
    "whsec_5f3ac9b1d2e4f60718293a4b5c6d7e8f",
    "sk_live_51HxYzAbCdEfGhIj",
    "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
    "rk_live_51HxYzAbCdEfGhIj",
    "rk_test_world",
    "pi_3MtwBwLkdIwHu7ix_secret_YrKJUKribcBjcG8HVhfZluoGH",
    "Bearer 00Dxx!abc.def",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123",
    "00D5g000004XyZz!AQEAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1EkN",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    "postgresql://dueline:hunter2secret@db/dueline",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_removed_wherever_it_stands(secret):
    shown = json.dumps(redacted({"metadata": {"note": f"see {secret}, please"}, "list": [secret]}))
    for part in (secret[8:], secret[-12:]):
        assert part not in shown or secret.startswith(("postgresql", "-----"))
    assert "hunter2" not in shown
    assert "MIIE" not in shown
    assert REMOVED in shown
    assert "please" in shown


@pytest.mark.parametrize(
    "name",
    "client_secret clientSecret password access_token refreshToken Authorization api_key X-Api-Key private_key "
    "payment_method_details card sepa_debit iban account_number fingerprint Stripe-Signature session_id cookie".split(),
)
def test_a_field_is_removed_for_its_name_with_all_that_is_in_it(name):
    assert redacted({"a": [{name: {"deep": "value"}}]}) == {"a": [{name: REMOVED}]}


def test_what_a_person_needs_stays():
    row = {
        "id": "in_1MtHbELkdIwHu7ixl4OzzPMv",
        "number": "INV-0042",
        "status": "open",
        "total": 1050,
        "customer": "cus_NeZwdNtLEOXuvB",
        "hosted_invoice_url": "https://invoice.stripe.com/i/acct_1/test_abc",
        "account_tax_ids": None,
        "paid": False,
        "payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
        "lines": {"data": [{"amount": 1050, "description": "Secret Santa hats"}]},
        "tokens": None,
    }
    assert redacted(row) == row
    assert redacted_text("INVALID_SESSION_ID: the org refuses even a new token") == (
        "INVALID_SESSION_ID: the org refuses even a new token"
    )


def test_a_row_is_trimmed_to_what_is_kept():
    row = {"Key__c": "main:in_1", "Note__c": "x" * 50_000, "Amount__c": 10}
    found = trimmed(row, 10_000)
    assert sum(len(str(value)) for value in found.values()) < 10_000
    assert (found["Key__c"], found["Amount__c"]) == ("main:in_1", 10)
    assert "50,000 characters" in found["Note__c"]
    assert trimmed({"a": "b"}, 10) == {"a": "b"}
