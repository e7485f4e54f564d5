"""How amounts are shown in the org: natively where it knows many currencies, converted where it knows one.

The ledger stays exact either way; a conversion is for reading and says so beside the original amount.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from sync.core.money import exponent, to_decimal


class MissingRateError(ValueError):
    """A conversion for which nobody has given a rate."""


@dataclass(frozen=True, slots=True)
class OrgMoney:
    """The org's currencies. `rates` are units of a currency for one unit of `home` (its corporate currency).

    `multi`: records carry a CurrencyIsoCode of their own.
    https://help.salesforce.com/s/articleView?id=sf.admin_currency.htm
    """

    home: str
    multi: bool
    rates: Mapping[str, Decimal] = field(default_factory=dict)

    def shown_in(self, currency: str) -> str:
        """The currency in which a record of `currency` shows its amounts."""
        return currency if self.multi else self.home

    def show(self, minor: int, currency: str, into: str | None = None) -> Decimal:
        """An amount as the org shows it, in major units, rounded to the minor unit of the currency shown."""
        target = into or self.shown_in(currency)
        amount = to_decimal(minor, currency)
        if target == currency:
            return amount
        converted = amount / self._rate(currency) * self._rate(target)
        return converted.quantize(Decimal(1).scaleb(-exponent(target)), ROUND_HALF_UP)

    def take(self, shown: Decimal, given_in: str, currency: str) -> int:
        """An amount that somebody wrote in the org, in major units of `given_in`, as minor units of `currency`."""
        amount = shown
        if given_in != currency:
            amount = shown / self._rate(given_in) * self._rate(currency)
        return int(amount.scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP))

    def _rate(self, currency: str) -> Decimal:
        if currency == self.home:
            return Decimal(1)
        if currency not in self.rates:
            raise MissingRateError(f"no exchange rate from {currency} to {self.home}")
        return self.rates[currency]
