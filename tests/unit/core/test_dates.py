"""Business dates, months that end on different days, and buckets that days move between."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.aging import Bucket, bucket, next_change_on
from sync.core.dates import Calendar, days_in_month, first_of_next_month, instant, months_back
from tests.unit.core.made import STEADY

DATES = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", date(2026, 3, 8)),
        ("Pacific/Auckland", date(2026, 3, 8)),
        ("America/New_York", date(2026, 3, 7)),
        ("Pacific/Kiritimati", date(2026, 3, 8)),
    ],
)
def test_the_day_depends_on_where_the_company_is(zone, expected):
    assert Calendar(zone).on(datetime(2026, 3, 8, 4, 59, tzinfo=UTC)) == expected


@STEADY
@given(st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_business_date_is_the_date_on_a_clock_there(at):
    zone = ZoneInfo("America/St_Johns")
    assert Calendar("America/St_Johns").on(at) == at.astimezone(zone).date()


def test_today_can_be_set_and_set_free_again(tmp_path):
    file = tmp_path / "today.json"
    calendar = Calendar("UTC", file)
    real = calendar.today()
    assert abs((real - datetime.now(UTC).date()).days) <= 1
    file.write_text('{"today": "2030-02-28"}')
    assert calendar.today() == date(2030, 2, 28)
    for text in ('{"today": null}', "", "{"):
        file.write_text(text)
        assert abs((calendar.today() - real).days) <= 1


def test_epoch_seconds_are_aware():
    assert instant(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert instant(2**33).tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 1, 15), 13, date(2024, 12, 15)),
        (date(2026, 12, 1), -12, date(2027, 12, 1)),
    ],
)
def test_months_back(day, months, expected):
    assert months_back(day, months) == expected


@STEADY
@given(DATES, DATES, st.integers(0, 24))
def test_months_back_keeps_the_order_of_days(one, other, months):
    early, late = sorted((one, other))
    assert months_back(early, months) <= months_back(late, months)


@STEADY
@given(DATES)
def test_months_are_whole(day):
    first = day.replace(day=1)
    following = first_of_next_month(day)
    assert following.day == 1
    assert (following - first).days == days_in_month(day)
    assert months_back(following, 1) == first


@STEADY
@given(DATES, DATES)
def test_a_bucket_holds_until_the_day_it_is_said_to_change(due_on, today):
    change = next_change_on(due_on, today)
    now = bucket(due_on, today)
    if change is None:
        assert now is Bucket.OVER_90
        assert bucket(due_on, today + timedelta(days=5_000)) is now
        return
    assert change > today
    assert bucket(due_on, change - timedelta(days=1)) is now
    assert bucket(due_on, change) is not now
    order = list(Bucket)
    assert order.index(bucket(due_on, change)) == order.index(now) + 1


def test_an_instant_is_lived_on_the_day_to_which_today_was_moved(tmp_path):
    file = tmp_path / "today.json"
    moved, real = Calendar("Europe/Berlin", file), Calendar("Europe/Berlin")
    now = datetime.now(UTC)
    assert moved.lived(now) == now
    file.write_text('{"today": "2026-03-10"}')
    assert moved.on(moved.lived(now)) == date(2026, 3, 10)
    assert moved.on(moved.lived(now - timedelta(days=2))) == date(2026, 3, 8)
    assert moved.lived(now) - moved.lived(now - timedelta(hours=5)) == timedelta(hours=5)
    assert real.lived(now) == now
    file.write_text("not json")
    assert moved.lived(now) == now


def test_an_instant_is_lived_on_the_date_that_held_then(tmp_path):
    file = tmp_path / "today.json"
    began = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    moves = [
        [(began + timedelta(minutes=n)).isoformat(), to] for n, to in ((1, "2026-12-01"), (2, "2026-12-09"), (3, None))
    ]
    file.write_text(json.dumps({"today": None, "moves": moves}))
    calendar = Calendar("UTC", file)
    days = [calendar.on(calendar.lived(began + timedelta(minutes=n))) for n in (0, 1, 2, 3)]
    assert days == [date(2026, 11, 22), date(2026, 12, 1), date(2026, 12, 9), date(2026, 11, 22)]
