"""Date literals and date functions. Today is Wednesday, 18 March 2026."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.local.org.model import OrgError
from connector.local.org.soql import run_query
from connector.local.org.soql.literals import relative

TODAY = date(2026, 3, 18)
DAY = timedelta(days=1)
_NAMES = """
YESTERDAY TODAY TOMORROW LAST_WEEK THIS_WEEK NEXT_WEEK LAST_MONTH THIS_MONTH NEXT_MONTH LAST_90_DAYS NEXT_90_DAYS
LAST_N_DAYS:3 NEXT_N_DAYS:3 N_DAYS_AGO:3 LAST_N_WEEKS:3 NEXT_N_WEEKS:3 N_WEEKS_AGO:3 LAST_N_MONTHS:3 NEXT_N_MONTHS:3
N_MONTHS_AGO:3 THIS_QUARTER LAST_QUARTER NEXT_QUARTER LAST_N_QUARTERS:3 NEXT_N_QUARTERS:3 N_QUARTERS_AGO:3 THIS_YEAR
LAST_YEAR NEXT_YEAR LAST_N_YEARS:3 NEXT_N_YEARS:3 N_YEARS_AGO:3 THIS_FISCAL_QUARTER LAST_FISCAL_QUARTER
NEXT_FISCAL_QUARTER LAST_N_FISCAL_QUARTERS:3 NEXT_N_FISCAL_QUARTERS:3 N_FISCAL_QUARTERS_AGO:3 THIS_FISCAL_YEAR
LAST_FISCAL_YEAR NEXT_FISCAL_YEAR LAST_N_FISCAL_YEARS:3 NEXT_N_FISCAL_YEARS:3 N_FISCAL_YEARS_AGO:3
""".split()


@pytest.mark.parametrize(
    ("literal", "first", "last"),
    [
        ("TODAY", "2026-03-18", "2026-03-18"),
        ("yesterday", "2026-03-17", "2026-03-17"),
        ("TOMORROW", "2026-03-19", "2026-03-19"),
        ("LAST_WEEK", "2026-03-08", "2026-03-14"),
        ("THIS_WEEK", "2026-03-15", "2026-03-21"),
        ("NEXT_WEEK", "2026-03-22", "2026-03-28"),
        ("LAST_MONTH", "2026-02-01", "2026-02-28"),
        ("THIS_MONTH", "2026-03-01", "2026-03-31"),
        ("NEXT_MONTH", "2026-04-01", "2026-04-30"),
        ("LAST_90_DAYS", "2025-12-18", "2026-03-18"),
        ("NEXT_90_DAYS", "2026-03-19", "2026-06-16"),
        ("LAST_N_DAYS:1", "2026-03-17", "2026-03-18"),
        ("LAST_N_DAYS : 30", "2026-02-16", "2026-03-18"),
        ("NEXT_N_DAYS:2", "2026-03-19", "2026-03-20"),
        ("N_DAYS_AGO:2", "2026-03-16", "2026-03-16"),
        ("LAST_N_WEEKS:2", "2026-03-01", "2026-03-14"),
        ("NEXT_N_WEEKS:2", "2026-03-22", "2026-04-04"),
        ("N_WEEKS_AGO:2", "2026-03-01", "2026-03-07"),
        ("LAST_N_MONTHS:3", "2025-12-01", "2026-02-28"),
        ("NEXT_N_MONTHS:10", "2026-04-01", "2027-01-31"),
        ("N_MONTHS_AGO:3", "2025-12-01", "2025-12-31"),
        ("THIS_QUARTER", "2026-01-01", "2026-03-31"),
        ("LAST_QUARTER", "2025-10-01", "2025-12-31"),
        ("NEXT_FISCAL_QUARTER", "2026-04-01", "2026-06-30"),
        ("LAST_N_QUARTERS:2", "2025-07-01", "2025-12-31"),
        ("N_FISCAL_QUARTERS_AGO:4", "2025-01-01", "2025-03-31"),
        ("THIS_YEAR", "2026-01-01", "2026-12-31"),
        ("LAST_FISCAL_YEAR", "2025-01-01", "2025-12-31"),
        ("NEXT_N_YEARS:2", "2027-01-01", "2028-12-31"),
        ("LAST_N_YEARS:2", "2024-01-01", "2025-12-31"),
        ("N_YEARS_AGO:2", "2024-01-01", "2024-12-31"),
    ],
)
def test_the_days_of_a_literal(literal, first, last):
    span = relative(literal, TODAY)
    assert span is not None
    assert (span.first.isoformat(), (span.after - DAY).isoformat()) == (first, last)


@given(today=st.dates(date(1990, 1, 1), date(2200, 1, 1)))
def test_neighbours_touch_and_the_present_is_in_the_middle(today):
    for unit in ("WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"):
        last, this, after = (relative(f"{word}_{unit}", today) for word in ("LAST", "THIS", "NEXT"))
        assert last is not None
        assert this is not None
        assert after is not None
        assert last.after == this.first <= today < this.after == after.first
        assert relative(f"LAST_N_{unit}S:1", today) == last == relative(f"N_{unit}S_AGO:1", today)
        assert relative(f"NEXT_N_{unit}S:1", today) == after


@given(today=st.dates(date(1990, 1, 1), date(2200, 1, 1)), name=st.sampled_from(_NAMES))
def test_every_literal_is_a_range_of_days(today, name):
    span = relative(name, today)
    assert span is not None
    assert span.first < span.after


@pytest.mark.parametrize("name", ["SOMEDAY", "LAST_N_DAYS", "N_DAYS:3", "LAST_N_DAYS_AGO:3", "THIS_DAY", "LAST_DECADE"])
def test_other_words_are_no_literals(name):
    assert relative(name, TODAY) is None


def test_a_range_beyond_the_calendar_is_refused():
    with pytest.raises(OrgError, match="Invalid date"):
        relative("N_YEARS_AGO:99999", TODAY)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Due_On__c = TODAY", [18]),
        ("Due_On__c != TODAY", [10, 17, 19, None]),
        ("Due_On__c < TODAY", [10, 17]),
        ("Due_On__c <= TODAY", [10, 17, 18]),
        ("Due_On__c > TODAY", [19]),
        ("Due_On__c >= TODAY", [18, 19]),
        ("Due_On__c = THIS_WEEK", [17, 18, 19]),
        ("Due_On__c < THIS_WEEK", [10]),
        ("Due_On__c > LAST_WEEK", [17, 18, 19]),
        ("Due_On__c <= LAST_WEEK", [10]),
        ("Due_On__c = LAST_N_DAYS:1", [17, 18]),
        ("Due_On__c IN (YESTERDAY, TOMORROW)", [17, 19]),
        ("Due_On__c IN (YESTERDAY, 2026-03-10, null)", [10, 17, None]),
        ("Due_On__c NOT IN (YESTERDAY, 2026-03-10)", [18, 19, None]),
        ("Due_On__c = 2026-03-10", [10]),
        ("DAY_IN_WEEK(Due_On__c) = 4", [18]),
        ("CALENDAR_MONTH(Due_On__c) = 3 AND DAY_IN_MONTH(Due_On__c) > 17", [18, 19]),
    ],
)
def test_dates(source, where, found):
    for day in (10, 17, 18, 19, None):
        source.add("AR_Invoice__c", Due_On__c=None if day is None else date(2026, 3, day))
    records = run_query(f"SELECT Due_On__c FROM AR_Invoice__c WHERE {where}", source).records
    assert [one["Due_On__c"] and int(one["Due_On__c"][-2:]) for one in records] == found


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("CreatedDate = TODAY", [0, 23]),
        ("CreatedDate < TODAY", [-1]),
        ("CreatedDate > TODAY", [24]),
        ("CreatedDate <= TODAY", [-1, 0, 23]),
        ("CreatedDate >= TODAY", [0, 23, 24]),
        ("CreatedDate = 2026-03-18T01:00:00+01:00", [0]),
        ("CreatedDate > 2026-03-17T19:00:00-05:00", [23, 24]),
        ("CreatedDate <= 2026-03-18T00:00:00.000Z", [-1, 0]),
        ("DAY_ONLY(CreatedDate) = 2026-03-18", [0, 23]),
        ("HOUR_IN_DAY(CreatedDate) = 23", [-1, 23]),
    ],
)
def test_instants(source, where, found):
    midnight = int(datetime(2026, 3, 18, tzinfo=UTC).timestamp())
    hours = {}
    for hour in (-1, 0, 23, 24):
        hours[source.add("Account", CreatedDate=datetime.fromtimestamp(midnight + hour * 3600, UTC))] = hour
    records = run_query(f"SELECT Id FROM Account WHERE {where}", source).records
    assert [hours[one["Id"]] for one in records] == found


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("Due_On__c = 2026-02-30", "Invalid date: 2026-02-30"),
        ("Due_On__c = 1699-12-31", "Invalid date: 1699-12-31"),
        ("CreatedDate = 2026-01-01T25:00:00Z", "Invalid datetime"),
        ("CALENDAR_YEAR(Due_On__c) = THIS_YEAR", "must be of type int"),
        ("DAY_ONLY(Due_On__c) = 2026-01-01", "not supported by function DAY_ONLY"),
        ("CALENDAR_YEAR(Status__c) = 2026", "not supported by function CALENDAR_YEAR"),
        ("CALENDAR_YEAR() = 2026", "takes one date"),
    ],
)
def test_dates_that_cannot_be(source, where, message):
    with pytest.raises(OrgError, match=message):
        run_query(f"SELECT Id FROM AR_Invoice__c WHERE {where}", source)


def test_days_are_those_of_the_users_zone(source):
    source.zone = ZoneInfo("America/New_York")
    for name, moment in (("a", "03:59"), ("b", "04:00")):  # midnight there is four o'clock in UTC
        source.add("Account", Name=name, CreatedDate=datetime.fromisoformat(f"2026-03-18T{moment}:00+00:00"))
    answer = run_query("SELECT Name FROM Account WHERE CreatedDate = TODAY", source)
    assert [record["Name"] for record in answer.records] == ["b"]
    answer = run_query("SELECT Name FROM Account WHERE DAY_ONLY(CreatedDate) = 2026-03-18", source)
    assert len(answer.records) == 2


def test_every_date_function(source):
    source.add("Account", CreatedDate=datetime(2026, 8, 29, 23, 59, tzinfo=UTC))
    expected = {
        "CALENDAR_MONTH": 8,
        "CALENDAR_QUARTER": 3,
        "CALENDAR_YEAR": 2026,
        "DAY_IN_MONTH": 29,
        "DAY_IN_WEEK": 7,
        "DAY_IN_YEAR": 241,
        "DAY_ONLY": "2026-08-29",
        "FISCAL_MONTH": 8,
        "FISCAL_QUARTER": 3,
        "FISCAL_YEAR": 2026,
        "HOUR_IN_DAY": 23,
        "WEEK_IN_MONTH": 5,
        "WEEK_IN_YEAR": 35,
    }
    calls = [f"{name}(CreatedDate)" for name in expected]
    query = f"SELECT {', '.join(calls)} FROM Account GROUP BY {', '.join(calls)}"
    (record,) = run_query(query, source).records
    assert [record[f"expr{at}"] for at in range(len(calls))] == list(expected.values())
