"""Which account a customer belongs to: certain, or left to a person."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.facts import CustomerFacts
from sync.core.linking import account_id, mail_domain, named_in_metadata, web_domain
from tests.unit.core.made import STEADY

PAYLOADS = Path(os.environ.get("DUELINE_PAYLOADS", Path(__file__).parents[4] / "shared" / "payloads"))
RECORDED = PAYLOADS / "salesforce" / "recorded"


def customer(**given):
    return CustomerFacts(key="c:cus_1", **({"credits": {}, "metadata": {}} | given))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0018M000003uKqq", "0018M000003uKqqQAE"),
        ("0018M000003uKqqQAE", "0018M000003uKqqQAE"),
        (" 001000000000001AAA\n", "001000000000001AAA"),
        ("001000000000001", "001000000000001AAA"),
        ("0018M000003ukqqQAE", None),  # a letter in the wrong case: the checksum tells
        ("0018m000003ukqqqae", None),
        ("0038M000003uKqq", None),  # a contact's
        ("0018M000003uKq", None),
        ("0018M000003uKqqQ", None),
        ("", None),
    ],
)
def test_account_ids_in_both_lengths(text, expected):
    assert account_id(text) == expected


@pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded exchanges at {RECORDED}; set DUELINE_PAYLOADS")
def test_checksums_are_salesforces_own():
    text = "".join(path.read_text() for path in RECORDED.glob("*.yaml"))
    recorded = set(re.findall(r"\b0[01][135]([0-9A-Za-z]{12}[A-Z0-5]{3})\b", text))
    assert len(recorded) >= 10
    accounts = set(re.findall(r"\b001[0-9A-Za-z]{12}[A-Z0-5]{3}\b", text))
    assert accounts
    for full in accounts:
        assert account_id(full[:15]) == account_id(full) == full


@STEADY
@given(st.from_regex(r"\A001[0-9A-Za-z]{12}\Z"))
def test_a_long_id_survives_and_a_wrong_letter_is_noticed(short):
    full = account_id(short)
    assert full is not None
    assert full[:15] == short
    assert account_id(full) == full
    swapped = full[:15].swapcase() + full[15:]
    assert account_id(swapped) == (full if swapped == full else None)


def test_the_account_named_in_metadata():
    named = customer(metadata={"salesforce_account_id": "0018M000003uKqq", "other": "x"})
    assert named_in_metadata(named, "salesforce_account_id") == "0018M000003uKqqQAE"
    assert named_in_metadata(named, "other") is None
    assert named_in_metadata(named, "absent") is None


@pytest.mark.parametrize(
    ("email", "expected"),
    [("AP@Acme.COM ", "acme.com"), ("x@gmail.com", None), ("nobody", None), ("x@localhost", None), (None, None)],
)
def test_mail_domains(email, expected):
    assert mail_domain(email) == expected


@pytest.mark.parametrize(
    ("website", "expected"),
    [
        ("https://www.acme.com/x", "acme.com"),
        ("HTTP://ACME.com:8080", "acme.com"),
        ("acme.com", "acme.com"),
        ("", None),
        (None, None),
    ],
)
def test_web_domains(website, expected):
    assert web_domain(website) == expected
