"""Money is integer minor units with a currency; floats never touch it.

The exponent (digits after the point) of a currency is Stripe's, which differs from ISO 4217 in a few places
(ISK and UGX are sent with two digits): https://docs.stripe.com/currencies#special-cases
Three-digit currencies: https://docs.stripe.com/currencies#three-decimal
IQD and LYD are in no list: ISO gives them three digits, Stripe does not say, and nothing here is guessed.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

ZERO_DIGITS = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
THREE_DIGITS = frozenset("BHD JOD KWD OMR TND".split())
TWO_DIGITS = frozenset(
    (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
        "CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
        "HTG HUF IDR ILS INR IRR ISK JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK "
        "MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB "
        "SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH UGX "
        "USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWL"
    ).split()
)


class UnknownCurrencyError(ValueError):
    """A currency whose minor unit we do not know: refused by name, never guessed."""


def exponent(currency: str) -> int:
    """Digits after the decimal point of `currency` (upper-case ISO code): 0, 2 or 3."""
    if currency in TWO_DIGITS:
        return 2
    if currency in ZERO_DIGITS:
        return 0
    if currency in THREE_DIGITS:
        return 3
    raise UnknownCurrencyError(f"currency {currency!r} is not known; its minor unit cannot be guessed")


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount: `minor` units (cents, yen, fils) of `currency`."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are int, not {type(self.minor).__name__}")
        exponent(self.currency)

    def __add__(self, other: Self) -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Self) -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def decimal(self) -> Decimal:
        """The amount in major units, exact: 1050 USD is Decimal('10.50')."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.currency} {self.decimal():,.{exponent(self.currency)}f}"

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")


def to_decimal(minor: int, currency: str) -> Decimal:
    """Minor units of `currency` as an exact decimal in major units."""
    return Money(minor, currency).decimal()
