import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connector.salesforce.clock import OrgClock

SECOND = timedelta(seconds=1)


def header(moment: datetime) -> dict[str, str]:
    return {"Date": format_datetime(moment, usegmt=True)}


def heard(ahead: timedelta) -> OrgClock:
    clock = OrgClock()
    clock.hear(header(datetime.now(UTC) + ahead), sent=time.monotonic() - 0.1)
    return clock


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=-3), timedelta(days=200)])
def test_the_orgs_time_is_never_said_to_be_later_than_it_is(ahead):
    clock = heard(ahead)
    now = datetime.now(UTC) + ahead
    assert now - 1.1 * SECOND <= clock.at_least() <= now


@pytest.mark.parametrize("minutes", [-90, -2, 2, 90])
def test_a_difference_of_clocks_is_told(minutes):
    told = heard(timedelta(minutes=minutes)).ahead()
    assert abs(told - timedelta(minutes=minutes)) < 1.2 * SECOND


def test_what_whole_seconds_and_the_journey_explain_is_no_difference():
    assert heard(timedelta(0)).ahead() == timedelta(0)


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}])
def test_an_org_that_does_not_say(headers):
    clock = OrgClock()
    clock.hear(headers, sent=time.monotonic())
    assert clock.ahead() is None
    assert abs(clock.at_least() - datetime.now(UTC)) < SECOND


def test_what_is_known_more_closely_stays_and_what_is_contradicted_goes():
    clock, now = OrgClock(), datetime.now(UTC)
    clock.hear(header(now), sent=time.monotonic())
    time.sleep(0.2)
    first = clock.at_least()
    clock.hear(header(now), sent=time.monotonic())
    assert clock.at_least() >= first
    clock.hear(header(now - timedelta(hours=1)), sent=time.monotonic())
    assert clock.at_least() < now - timedelta(minutes=59)
