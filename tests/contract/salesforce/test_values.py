import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.salesforce.values import cell, instant, long_id, moment, plain, quote, quote_like, to_json


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Decimal("0.1") + Decimal("0.2"), b"0.3"),
        (Decimal("0.30"), b"0.30"),
        (Decimal("12.345"), b"12.345"),
        (Decimal("123456789012345678.12"), b"123456789012345678.12"),
        (Decimal("-0.01"), b"-0.01"),
        (10, b"10"),
    ],
)
def test_amounts_are_written_digit_by_digit(amount, written):
    assert to_json(amount) == written


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**16), max_value=10**16, places=3))
def test_every_amount_comes_back_as_it_went(amount):
    assert json.loads(to_json({"a": amount}), parse_float=Decimal)["a"] == amount
    assert Decimal(cell(amount)) == amount


@pytest.mark.parametrize("value", [0.3, object(), {1}, b"bytes"])
def test_what_is_not_exact_is_refused(value):
    with pytest.raises(TypeError, match="no exact form"):
        plain({"Amount__c": value})


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="not an amount"):
        to_json(value)


def test_instants_are_utc_with_milliseconds_and_days_are_days():
    berlin = timezone(timedelta(hours=1))
    assert instant(datetime(2026, 1, 31, 13, 0, 0, 123456, tzinfo=berlin)) == "2026-01-31T12:00:00.123Z"
    assert plain(date(2026, 1, 31)) == "2026-01-31"


def test_a_naive_datetime_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        plain(datetime(2026, 1, 31, 12))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "#N/A"),
        ("", "#N/A"),
        (True, "true"),
        (False, "false"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (date(2026, 1, 31), "2026-01-31"),
        ("a\nb", "a\nb"),
    ],
)
def test_csv_cells(value, written):
    assert cell(value) == written


def test_a_list_is_no_cell():
    with pytest.raises(TypeError, match="CSV"):
        cell(["a"])


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("O'Neil", r"'O\'Neil'"),
        ("' OR Name != '", r"'\' OR Name != \''"),
        ("back\\' OR 1", r"'back\\\' OR 1'"),
        ("a\nb", r"'a\nb'"),
        ('say "x"', r"'say \"x\"'"),
        (None, "null"),
        (True, "true"),
        (7, "7"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, tzinfo=UTC), "2026-01-31T00:00:00.000Z"),
        (["a", "b'"], r"('a','b\'')"),
    ],
)
def test_soql_literals_keep_their_place(value, literal):
    assert quote(value) == literal


def test_an_empty_list_is_no_condition():
    with pytest.raises(ValueError, match="IN needs"):
        quote([])


def test_a_float_is_no_literal():
    with pytest.raises(TypeError, match="SOQL"):
        quote(1.5)


def test_like_matches_the_text_itself():
    assert quote_like("50%_o'ff", after="%") == r"'50\%\_o\'ff%'"


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("0018M000003uKqq", "0018M000003uKqqQAE"),
        ("AAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA555"),
        ("000000000000000", "000000000000000AAA"),
    ],
)
def test_ids_in_their_long_form(short, long):
    assert long_id(short) == long
    assert long_id(long) == long


@pytest.mark.parametrize("other", ["", "001", "no id at all...", "001-00000000001"])
def test_what_is_no_id_stays_as_it_is(other):
    assert long_id(other) == other


def test_instants_come_back():
    assert moment("2026-01-31T13:00:00.000+0100") == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert moment("2026-01-31T12:00:00.000+0000").tzinfo is UTC
