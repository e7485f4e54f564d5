"""How the UI API and GraphQL give a value: `value` for programs, and `displayValue` where a person would read another.

Compared with recorded answers: texts, ids, checkboxes, and plain numbers too, have no display value; amounts, dates,
times, percentages and picklists have one. Everything is shown in American English and the org's time zone, as its
users have them. Unverified: in a multi-currency org whether the converted amount follows in brackets (it does on pages
while that setting is on; here it does not), and how many decimals a percentage has.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import NumberPattern, parse_pattern

from connector.local.org.model import Field, Row
from connector.local.org.org import Org
from connector.local.org.values import to_wire

_LOCALE = Locale.parse("en_US")
_DATE = "M/d/yyyy"
_TIME = f"{_DATE}, h:mm a"


def shown(own: Field, value: Any, row: Row, org: Org) -> dict[str, Any]:
    """`value` (of the field in the row, formulas computed) in both forms. The row says in what currency it is."""
    display = _DISPLAYS.get(own.type)
    return {
        "displayValue": None if value is None or display is None else display(own, value, row, org),
        "value": json_value(own, value),
    }


def json_value(own: Field, value: Any) -> Any:
    """The value as JSON carries it: as in every other API, but for instants, which end in Z here."""
    return instant(value) if isinstance(value, datetime) else to_wire(own, value)


def instant(moment: datetime) -> str:
    """`2026-11-22T10:00:00.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _amount(own: Field, value: Decimal, row: Row, org: Org) -> str:
    """`$48,200.00`; where there are several currencies `USD 48,200.00`, with as many decimals as the currency has."""
    config = org.config
    code = row.get("CurrencyIsoCode") or config.corporate_currency
    scale = min(own.scale, _decimals(org, code)) if config.multi_currency else own.scale
    pattern = _pattern("¤¤ " if config.multi_currency else "¤", scale, "")
    return str(pattern.apply(value, _LOCALE, currency=code, currency_digits=False))


def _decimals(org: Org, code: str) -> int:
    table = org.store.table("CurrencyType")
    return next((int(table.rows[one]["DecimalPlaces"]) for one in table.find("IsoCode", code) or ()), 2)


def _percentage(own: Field, value: Decimal, _row: Row, _org: Org) -> str:
    return str(_pattern("", own.scale, "%").apply(value / 100, _LOCALE))  # 20 is twenty per cent


@lru_cache(maxsize=64)
def _pattern(before: str, scale: int, after: str) -> NumberPattern:
    return parse_pattern(f"{before}#,##0{'.' if scale else ''}{'0' * scale}{after}")


def _day(_own: Field, value: date, _row: Row, _org: Org) -> str:
    return _written_day(value)


def _moment(_own: Field, value: datetime, _row: Row, org: Org) -> str:
    return _written_moment(value, org.clock.zone)


@lru_cache(maxsize=4_096)
def _written_day(value: date) -> str:
    return format_date(value, _DATE, locale=_LOCALE)


@lru_cache(maxsize=4_096)
def _written_moment(value: datetime, zone: tzinfo) -> str:
    return format_datetime(value, _TIME, tzinfo=zone, locale=_LOCALE)


def _label(_own: Field, value: str, _row: Row, _org: Org) -> str:
    return value  # values and labels of a picklist are the same in the local org


_DISPLAYS: dict[str, Callable[[Field, Any, Row, Org], str]] = {
    "currency": _amount,
    "percent": _percentage,
    "date": _day,
    "datetime": _moment,
    "picklist": _label,
}
