"""`displayValue` and `value` of every type, as the UI API and GraphQL give them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connector.local.org.model import Field
from connector.local.org.org import Org
from connector.local.org.ui.values import shown

NEW_YORK = "America/New_York"
AT = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 16, 59, 59, tzinfo=UTC)

# recorded from real orgs: pages of accounts and opportunities
RECORDED = [
    ("currency", 0, Decimal(1_000_000), "$1,000,000", 1_000_000),
    ("currency", 2, Decimal(235_000), "$235,000.00", 235_000),
    ("date", 0, date(2019, 2, 8), "2/8/2019", "2019-02-08"),
    ("picklist", 0, "Closed Won", "Closed Won", "Closed Won"),
    ("int", 0, Decimal(5000), None, 5000),
    ("boolean", 0, False, None, False),
    ("string", 0, "Abbott372 Inc", None, "Abbott372 Inc"),
    ("phone", 0, "4152568563", None, "4152568563"),
    ("reference", 0, "0013h00000Fffx3AAB", None, "0013h00000Fffx3AAB"),
]
CONCLUDED = [
    ("currency", 2, Decimal("-48200.5"), "-$48,200.50", -48_200.5),
    ("percent", 0, Decimal(20), "20%", 20),
    ("percent", 2, Decimal("-7.5"), "-7.50%", -7.5),
    ("double", 1, Decimal("4.5"), None, 4.5),
    ("datetime", 0, AT, "11/22/2026, 12:00 AM", "2026-11-22T05:00:00.000Z"),
    ("datetime", 0, SUMMER, "7/1/2026, 12:59 PM", "2026-07-01T16:59:59.000Z"),
    ("textarea", 0, "two\nlines", None, "two\nlines"),
    ("url", 0, "https://pay.example", None, "https://pay.example"),
    ("id", 0, "0013h00000Fffx3AAB", None, "0013h00000Fffx3AAB"),
]


@pytest.fixture(scope="module")
def orgs(config) -> Iterator[dict[bool, Org]]:
    made = {several: Org(replace(config, time_zone=NEW_YORK, multi_currency=several)) for several in (False, True)}
    yield made
    for org in made.values():
        org.close()


@pytest.mark.parametrize(("kind", "scale", "value", "display", "plain"), RECORDED + CONCLUDED)
def test_a_value_in_both_forms(orgs, kind: str, scale: int, value: Any, display: str | None, plain: Any):
    own = Field("A__c", "A", kind, scale=scale)
    assert shown(own, value, {}, orgs[False]) == {"displayValue": display, "value": plain}
    assert shown(own, None, {}, orgs[False]) == {"displayValue": None, "value": None}


@pytest.mark.parametrize(
    ("code", "scale", "value", "display"),
    [
        ("EUR", 2, "1200", "EUR 1,200.00"),
        ("USD", 2, "48200", "USD 48,200.00"),
        ("JPY", 2, "48200", "JPY 48,200"),
        ("KWD", 3, "1.5", "KWD 1.500"),
        ("KWD", 2, "1.5", "KWD 1.50"),
        ("EUR", 0, "1200", "EUR 1,200"),
        (None, 2, "7", "USD 7.00"),
    ],
)
def test_an_amount_says_its_currency_where_there_are_several(orgs, code, scale, value, display):
    own = Field("A__c", "A", "currency", scale=scale)
    assert shown(own, Decimal(value), {"CurrencyIsoCode": code}, orgs[True])["displayValue"] == display
