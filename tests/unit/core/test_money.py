"""Money: exact in every currency, never added across two of them, and converted only with a rate somebody gave."""

from decimal import Decimal

import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st

from sync.core.currency import MissingRateError, OrgMoney
from sync.core.money import (
    THREE_DIGITS,
    TWO_DIGITS,
    ZERO_DIGITS,
    Money,
    UnknownCurrencyError,
    exponent,
    to_decimal,
)
from tests.unit.core.made import STEADY

CURRENCIES = sorted(ZERO_DIGITS | TWO_DIGITS | THREE_DIGITS)
AMOUNTS = st.integers(-(2**62), 2**62)
# CLDR says how amounts are usually written, which for these is without the two digits that they have in payments.
WRITTEN_WITHOUT_DIGITS = set("AFN ALL IRR ISK KPW LAK LBP MMK RSD SOS SYP UGX YER".split())


@pytest.mark.parametrize(
    ("minor", "currency", "expected", "text"),
    [
        (1_050, "USD", "10.50", "USD 10.50"),
        (1_234_567, "JPY", "1234567", "JPY 1,234,567"),
        (1_234_567, "KWD", "1234.567", "KWD 1,234.567"),
        (-5, "EUR", "-0.05", "EUR -0.05"),
        (2**31 * 100, "GBP", "2147483648.00", "GBP 2,147,483,648.00"),
    ],
)
def test_minor_units_in_major_ones(minor, currency, expected, text):
    assert str(to_decimal(minor, currency)) == expected
    assert str(Money(minor, currency)) == text


@STEADY
@given(AMOUNTS, st.sampled_from(CURRENCIES))
def test_no_digit_is_lost(minor, currency):
    shown = to_decimal(minor, currency)
    assert int(shown.scaleb(exponent(currency))) == minor
    assert shown.as_tuple().exponent == -exponent(currency)


@STEADY
@given(AMOUNTS, AMOUNTS, st.sampled_from(CURRENCIES))
def test_adding_is_exact(one, other, currency):
    left, right = Money(one, currency), Money(other, currency)
    assert (left + right).minor == one + other
    assert left + right - right == left
    assert bool(left) == (one != 0)


def test_two_currencies_are_never_added():
    with pytest.raises(ValueError, match="USD and EUR cannot be added"):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(ValueError, match="USD and EUR cannot be added"):
        Money(1, "USD") - Money(1, "EUR")


@pytest.mark.parametrize("minor", [1.0, "1", True, None, Decimal(1)])
def test_only_whole_numbers_are_money(minor):
    with pytest.raises(TypeError, match="minor units are int"):
        Money(minor, "USD")


@pytest.mark.parametrize("currency", ["usd", "XXX", "", "US", "IQD", "LYD"])
def test_an_unknown_currency_is_refused_by_name(currency):
    with pytest.raises(UnknownCurrencyError, match=repr(currency)):
        Money(1, currency)


def test_the_three_lists_do_not_overlap():
    assert len(ZERO_DIGITS) + len(TWO_DIGITS) + len(THREE_DIGITS) == len(CURRENCIES)


@pytest.mark.parametrize("currency", CURRENCIES)
def test_digits_are_those_of_the_standard(currency):
    fractions = get_global("currency_fractions")
    usual = fractions.get(currency, fractions["DEFAULT"])[0]
    assert exponent(currency) == (2 if currency in WRITTEN_WITHOUT_DIGITS else usual)


ONE = OrgMoney("USD", multi=False, rates={"EUR": Decimal("0.8"), "JPY": Decimal(150), "KWD": Decimal("0.3")})
MANY = OrgMoney("USD", multi=True, rates={"EUR": Decimal("0.8")})


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (1_000, "USD", "10.00"),
        (1_000, "EUR", "12.50"),
        (1_000, "JPY", "6.67"),
        (1_000, "KWD", "3.33"),
        (-1_000, "JPY", "-6.67"),
    ],
)
def test_an_org_of_one_currency_shows_everything_in_it(minor, currency, expected):
    assert ONE.shown_in(currency) == "USD"
    assert str(ONE.show(minor, currency)) == expected


def test_an_org_of_many_currencies_shows_each_in_its_own():
    assert MANY.shown_in("EUR") == "EUR"
    assert str(MANY.show(1_000, "EUR")) == "10.00"
    assert str(MANY.show(1_000, "KWD")) == "1.000"  # not converted, so it needs no rate


def test_amounts_are_shown_in_an_accounts_currency_on_request():
    assert str(MANY.show(1_000, "USD", into="EUR")) == "8.00"
    assert str(ONE.show(1_000, "EUR", into="JPY")) == "1875"
    assert str(ONE.show(1, "EUR", into="EUR")) == "0.01"


def test_half_a_unit_is_rounded_up():
    rates = {"EUR": Decimal(2)}
    assert str(OrgMoney("USD", multi=False, rates=rates).show(1, "EUR")) == "0.01"
    assert str(OrgMoney("USD", multi=False, rates=rates).show(-1, "EUR")) == "-0.01"


def test_without_a_rate_nothing_is_converted():
    with pytest.raises(MissingRateError, match="no exchange rate from GBP to USD"):
        ONE.show(1, "GBP")
    with pytest.raises(MissingRateError, match="no exchange rate from JPY to USD"):
        MANY.show(1, "USD", into="JPY")


@STEADY
@given(st.integers(-(10**13), 10**13), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_a_conversion_is_off_by_no_more_than_half_a_unit(minor, currency):
    exact = to_decimal(minor, currency) / ONE.rates[currency]
    assert abs(ONE.show(minor, currency) - exact) <= Decimal("0.005") + Decimal("1e-12")


@pytest.mark.parametrize(
    ("org", "shown", "given_in", "currency", "minor"),
    [
        (MANY, "12.34", "USD", "USD", 1_234),
        (MANY, "12.345", "USD", "USD", 1_235),
        (MANY, "12.5", "JPY", "JPY", 13),
        (MANY, "1.2345", "KWD", "KWD", 1_235),
        (MANY, "100", "USD", "EUR", 8_000),
        (ONE, "100", "EUR", "JPY", 18_750),
        (ONE, "10", "USD", "KWD", 3_000),
        (ONE, "-1.005", "USD", "USD", -101),
        (ONE, "0", "USD", "JPY", 0),
    ],
)
def test_what_somebody_wrote_is_taken_in_minor_units(org, shown, given_in, currency, minor):
    assert org.take(Decimal(shown), given_in, currency) == minor


def test_what_has_no_rate_is_not_taken():
    with pytest.raises(MissingRateError, match="GBP"):
        ONE.take(Decimal(1), "USD", "GBP")


@STEADY
@given(st.integers(0, 10**12), st.sampled_from(["USD", "EUR", "JPY", "KWD"]))
def test_what_we_show_is_taken_as_what_it_was(minor, currency):
    for org in (ONE, OrgMoney("USD", multi=True, rates=ONE.rates)):
        assert org.take(org.show(minor, currency, into=currency), currency, currency) == minor
