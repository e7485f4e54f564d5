"""Amounts of several currencies in one query: Salesforce compares and adds them in the corporate currency.

The rates are the org's own `CurrencyType` rows (ConversionRate = units of that currency for one unit of the corporate
one). An org whose objects have no `CurrencyIsoCode` has one currency and needs none of this.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from typing import Any

from connector.local.org.model import Row, Source
from connector.local.org.soql import errors
from connector.local.org.soql.terms import Term

ISO_CODE = "CurrencyIsoCode"


class Currencies:
    """Conversion into the corporate currency, with the rates that the org holds."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @cached_property
    def rates(self) -> dict[str, Decimal]:
        """Units of each active currency for one unit of the corporate currency."""
        sobject = self._source.schema.get("CurrencyType")
        rows = self._source.rows(sobject.name) if sobject else ()
        return {row["IsoCode"]: row["ConversionRate"] for row in rows if row.get("IsActive", True)}

    def corporate(self, amount: Decimal, code: str) -> Decimal:
        """The amount in the corporate currency."""
        rate = self.rates.get(code)
        if rate is None:
            raise errors.unsupported(f"converting {code}: its CurrencyType rows hold no rate for it")
        return amount / rate

    def converted(self, term: Term) -> Callable[[Row], Any]:
        """How to read a currency term in the corporate currency; anything else is read as it is."""
        if term.type != "currency" or term.place is None or term.place.objects[0].get(ISO_CODE) is None:
            return term.get
        get = term.get
        climb = term.hops[-1].get if term.hops else None

        def read(row: Row) -> Decimal | None:
            amount = get(row)
            holder = climb(row) if climb else row
            code = holder.get(ISO_CODE) if holder else None
            return amount if amount is None or code is None else self.corporate(amount, code)

        return read

    def literal(self, text: str) -> Decimal:
        """`EUR5000` in the corporate currency."""
        return self.corporate(Decimal(text[3:]), text[:3].upper())
