"""COUNT(), aggregates, GROUP BY and HAVING."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector.local.org.model import OrgError
from connector.local.org.soql import run_query
from connector.local.org.soql.aggregating import MAX_GROUPS


def _plain(records):
    return [{key: value for key, value in one.items() if key != "attributes"} for one in records]


@pytest.fixture
def invoices(source):
    acme, zen = source.add("Account", Name="Acme"), source.add("Account", Name="Zen")
    for status, amount, account, due in (
        ("Open", "100.10", acme, date(2026, 1, 5)),
        ("Open", "200", zen, date(2026, 1, 31)),
        ("Paid", "50", acme, date(2026, 2, 1)),
        ("Paid", None, acme, None),
        (None, "7", None, date(2025, 2, 1)),
    ):
        amount_or_none = None if amount is None else Decimal(amount)
        source.add("AR_Invoice__c", Status__c=status, Amount__c=amount_or_none, Account__c=account, Due_On__c=due)
    return source


def test_count_alone(invoices):
    result = run_query("SELECT COUNT() FROM AR_Invoice__c WHERE Status__c != null", invoices)
    assert (result.total_size, result.records, result.aggregate) == (4, [], True)
    assert run_query("SELECT count() FROM AR_Invoice__c LIMIT 2", invoices).total_size == 2


def test_one_group_of_everything(invoices):
    query = (
        "SELECT COUNT(Id), COUNT(Amount__c) priced, COUNT_DISTINCT(Status__c), SUM(Amount__c), AVG(Amount__c) mean, "
        "MIN(Due_On__c), MAX(Status__c) FROM AR_Invoice__c"
    )
    result = run_query(query, invoices)
    assert (result.total_size, result.aggregate) == (1, True)
    assert result.records[0]["attributes"] == {"type": "AggregateResult"}
    assert _plain(result.records) == [
        {
            "expr0": 5,
            "priced": 4,
            "expr1": 2,
            "expr2": Decimal("357.10"),
            "mean": Decimal("89.275"),
            "expr3": "2025-02-01",
            "expr4": "Paid",
        }
    ]


def test_nothing_to_aggregate(source):
    query = "SELECT COUNT(Id), SUM(Amount__c), AVG(Amount__c), MIN(Amount__c) FROM AR_Invoice__c"
    assert _plain(run_query(query, source).records) == [{"expr0": 0, "expr1": None, "expr2": None, "expr3": None}]
    assert run_query("SELECT Status__c, COUNT(Id) FROM AR_Invoice__c GROUP BY Status__c", source).records == []


def test_groups(invoices):
    query = (
        "SELECT status__c, SUM(Amount__c), COUNT(Id) n FROM AR_Invoice__c GROUP BY Status__c "
        "ORDER BY SUM(Amount__c) DESC NULLS LAST"
    )
    assert _plain(run_query(query, invoices).records) == [
        {"Status__c": "Open", "expr0": Decimal("300.10"), "n": 2},
        {"Status__c": "Paid", "expr0": Decimal(50), "n": 2},
        {"Status__c": None, "expr0": Decimal(7), "n": 1},
    ]


def test_groups_of_parents_and_dates(invoices):
    query = (
        "SELECT Account__r.Name, CALENDAR_YEAR(Due_On__c) year, CALENDAR_MONTH(Due_On__c), COUNT(Id) "
        "FROM AR_Invoice__c WHERE Due_On__c != null "
        "GROUP BY Account__r.Name, CALENDAR_YEAR(Due_On__c), CALENDAR_MONTH(Due_On__c) "
        "ORDER BY Account__r.Name NULLS LAST, CALENDAR_MONTH(Due_On__c)"
    )
    assert _plain(run_query(query, invoices).records) == [
        {"Name": "Acme", "year": 2026, "expr0": 1, "expr1": 1},
        {"Name": "Acme", "year": 2026, "expr0": 2, "expr1": 1},
        {"Name": "Zen", "year": 2026, "expr0": 1, "expr1": 1},
        {"Name": None, "year": 2025, "expr0": 2, "expr1": 1},
    ]


def test_a_date_function_of_a_grouped_date(invoices):
    query = "SELECT CALENDAR_YEAR(Due_On__c) FROM AR_Invoice__c GROUP BY Due_On__c ORDER BY Due_On__c"
    assert [one["expr0"] for one in run_query(query, invoices).records] == [None, 2025, 2026, 2026, 2026]


@pytest.mark.parametrize(
    ("having", "found"),
    [
        ("COUNT(Id) > 1", ["Open", "Paid"]),
        ("SUM(Amount__c) >= 300.10", ["Open"]),
        ("Status__c LIKE 'p%' OR SUM(Amount__c) = 7", ["Paid", None]),
        ("NOT COUNT(Id) = 2", [None]),
        ("MAX(Due_On__c) > 2026-01-31", ["Paid"]),
        ("MIN(Due_On__c) < LAST_YEAR AND COUNT(Id) > 0", []),
        ("COUNT(Id) IN (1, 3)", [None]),
    ],
)
def test_having(invoices, having, found):
    query = f"SELECT Status__c FROM AR_Invoice__c GROUP BY Status__c HAVING {having}"
    assert [one["Status__c"] for one in run_query(query, invoices).records] == found


def test_limit_and_offset_count_groups(invoices):
    query = "SELECT Status__c FROM AR_Invoice__c GROUP BY Status__c ORDER BY Status__c NULLS LAST LIMIT 1 OFFSET 1"
    assert _plain(run_query(query, invoices).records) == [{"Status__c": "Paid"}]


def test_picklists_have_extremes_by_their_order_and_text_without_case(source):
    for industry, name in (("Energy", "b"), ("Media", "A"), ("Banking", "C")):
        source.add("Account", Industry=industry, Name=name)
    query = "SELECT MIN(Industry), MAX(Industry), MIN(Name), MAX(Name), MAX(CreatedDate) FROM Account"
    assert list(_plain(run_query(query, source).records)[0].values()) == [
        "Media",
        "Energy",
        "A",
        "C",
        "2026-03-18T15:30:00.000+0000",
    ]


def test_amounts_are_added_in_the_corporate_currency(source):
    for code, rate in (("USD", "1"), ("EUR", "0.5")):
        source.add("CurrencyType", IsoCode=code, ConversionRate=Decimal(rate), IsActive=True)
    for amount, code in ((10, "USD"), (10, "EUR"), (5, None)):
        source.add("Account", AnnualRevenue=Decimal(amount), CurrencyIsoCode=code)
    assert _plain(run_query("SELECT SUM(AnnualRevenue) s, MAX(AnnualRevenue) m FROM Account", source).records) == [
        {"s": Decimal(35), "m": Decimal(20)}
    ]


def test_a_currency_without_rate_is_refused(source):
    source.add("Account", AnnualRevenue=Decimal(10), CurrencyIsoCode="XXX")
    with pytest.raises(OrgError, match="XXX") as caught:
        run_query("SELECT SUM(AnnualRevenue) FROM Account", source)
    assert caught.value.code == "UNSUPPORTED_SOQL"


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
        ("SELECT Name FROM Account GROUP BY Site", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
        (
            "SELECT CALENDAR_YEAR(CreatedDate) FROM Account",
            "MALFORMED_QUERY",
            "Field must be grouped or aggregated: CAL",
        ),
        ("SELECT CALENDAR_YEAR(CreatedDate) FROM Account GROUP BY Name", "MALFORMED_QUERY", "must be grouped"),
        (
            "SELECT Name FROM Account GROUP BY Name ORDER BY Site",
            "MALFORMED_QUERY",
            "must be grouped or aggregated: Site",
        ),
        ("SELECT Name FROM Account GROUP BY Name HAVING Site = 'x'", "MALFORMED_QUERY", "must be grouped"),
        (
            "SELECT AnnualRevenue FROM Account GROUP BY AnnualRevenue",
            "MALFORMED_QUERY",
            "can not be grouped in a query",
        ),
        (
            "SELECT CreatedDate FROM Account GROUP BY CreatedDate",
            "MALFORMED_QUERY",
            "can not be grouped in a query call",
        ),
        (
            "SELECT Description FROM Account GROUP BY Description",
            "MALFORMED_QUERY",
            "can not be grouped in a query call",
        ),
        (
            "SELECT Bucket__c FROM AR_Invoice__c GROUP BY Bucket__c",
            "MALFORMED_QUERY",
            "can not be grouped in a query call",
        ),
        ("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY", "field Name does not support aggregate operator SUM"),
        ("SELECT COUNT(Active__c) FROM Account", "MALFORMED_QUERY", "does not support aggregate operator COUNT"),
        ("SELECT COUNT(Description) FROM Account", "MALFORMED_QUERY", "does not support aggregate operator COUNT"),
        ("SELECT MAX(Tags__c) FROM Account", "MALFORMED_QUERY", "does not support aggregate operator MAX"),
        ("SELECT SUM() FROM Account", "MALFORMED_QUERY", "SUM takes one field"),
        ("SELECT SUM(Name, Site) FROM Account", "MALFORMED_QUERY", "SUM takes one field"),
        ("SELECT COUNT(), Id FROM Account", "MALFORMED_QUERY", "COUNT() stands alone"),
        ("SELECT COUNT() FROM Account ORDER BY Name", "MALFORMED_QUERY", "COUNT() stands alone"),
        ("SELECT COUNT() FROM Account GROUP BY Name", "MALFORMED_QUERY", "COUNT() stands alone"),
        ("SELECT MAX(Name) FROM Account LIMIT 1", "MALFORMED_QUERY", "cannot also use LIMIT"),
        ("SELECT COUNT(Id) n, MAX(Name) N FROM Account", "MALFORMED_QUERY", "duplicate alias: N"),
        (
            "SELECT Name, Parent.Name FROM Account GROUP BY Name, Parent.Name",
            "MALFORMED_QUERY",
            "duplicate alias: Name",
        ),
        ("SELECT COUNT(Id) FROM Account HAVING COUNT(Id) > 1", "MALFORMED_QUERY", "HAVING needs a GROUP BY"),
        (
            "SELECT Name, (SELECT Id FROM Contacts) FROM Account GROUP BY Name",
            "MALFORMED_QUERY",
            "Grouped query cannot use child relationships in the SELECT list",
        ),
        (
            "SELECT Id FROM Account GROUP BY Id HAVING Id IN (SELECT AccountId FROM Contact)",
            "MALFORMED_QUERY",
            "not allowed in HAVING",
        ),
        ("SELECT Name FROM Account GROUP BY ROLLUP(Name)", "UNSUPPORTED_SOQL", "GROUP BY ROLLUP"),
        ("SELECT Name FROM Account GROUP BY CUBE(Name, Site)", "UNSUPPORTED_SOQL", "GROUP BY CUBE"),
        ("SELECT Name, GROUPING(Name) FROM Account GROUP BY Name", "UNSUPPORTED_SOQL", "GROUPING"),
        ("SELECT Id FROM Account WHERE COUNT(Id) > 1", "UNSUPPORTED_SOQL", "COUNT"),
        (
            "SELECT SUM(AnnualRevenue) FROM Account GROUP BY Name HAVING SUM(AnnualRevenue) > USD1",
            "INVALID_FIELD",
            "double",
        ),
    ],
)
def test_what_cannot_be_aggregated(source, query, code, message):
    with pytest.raises(OrgError) as caught:
        run_query(query, source)
    assert caught.value.code == code
    assert message in caught.value.message


def test_more_groups_than_a_batch_are_refused(source):
    for number in range(MAX_GROUPS + 1):
        source.add("Account", Name=str(number), CreatedDate=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(OrgError) as caught:
        run_query("SELECT Name FROM Account GROUP BY Name", source)
    assert caught.value.code == "EXCEEDED_ID_LIMIT"
    limited = run_query(f"SELECT Name FROM Account GROUP BY Name LIMIT {MAX_GROUPS}", source)
    assert limited.total_size == MAX_GROUPS
