"""The state in one sentence, and what needs a person."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sync.core.condition import Alarm, Away, Condition, alarms, headline
from sync.core.journey import Step, in_order
from sync.core.silence import Rhythm

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
GOOD = Condition(now=NOW, within_s=2.44, half_within_s=1.1, first_event_at=NOW - timedelta(days=2))
AWAY = Away(NOW - timedelta(hours=3), "INVALID_SESSION_ID", "the org refuses us", "check the app")


def said(now: Condition) -> tuple[str, str]:
    found = headline(now, lambda at: f"{at:%H:%M}")
    return found.text, found.mood


@pytest.mark.parametrize(
    ("changes", "text", "mood"),
    [
        ({}, "95 of 100 changes of the last hour were in Salesforce within 2.4 s, half of them within 1.1 s", "good"),
        ({"within_s": None}, "nothing has changed in the last hour", "good"),
        ({"first_event_at": None}, "waiting for the first event", "wait"),
        ({"waiting": {"events": 0, "records": 312}, "away": AWAY}, "since 09:00: 312 records wait, nothing", "bad"),
        ({"away": replace(AWAY, since=NOW - timedelta(seconds=5))}, "All is well", "good"),
        ({"waiting": {"events": 400, "records": 100}, "oldest_s": 185.0}, "500 events and records wait, the", "wait"),
        ({"waiting": {"accounts to be looked at": 1}, "away": AWAY}, ": 1 account to be looked at waits, no", "bad"),
        ({"waiting": {"records": 9}, "oldest_s": 3.0}, "All is well", "good"),
        ({"unstaffed": ("salesforce",)}, "Nobody works on the queue salesforce (it writes to Salesforce)", "bad"),
        ({"clock_age_s": 600.0}, "The clock has stopped", "bad"),
        ({"redis_problem": "refused"}, "Redis does not answer", "bad"),
        ({"connected": False}, "not connected yet", "wait"),
        ({"budget": 1.2}, "API calls is spent", "wait"),
        ({"parked": 1}, "one thing needs a person", "bad"),
        ({"parked": 1200}, "1,200 things need a person", "bad"),
    ],
)  # fmt: skip
def test_the_sentence_says_the_worst_first(changes, text, mood):
    found = said(replace(GOOD, **changes))
    assert text in found[0]
    assert found[1] == mood


def told(now: Condition) -> list[Alarm]:
    return list(alarms(now))


def test_all_is_well_raises_nothing():
    assert told(GOOD) == []
    assert told(replace(GOOD, away=replace(AWAY, since=NOW - timedelta(seconds=5)), parked=3)) == []


@pytest.mark.parametrize(
    ("changes", "part", "screen"),
    [
        ({"away": AWAY}, "does not let us in: The org refuses us.", "setup"),
        ({"hidden": ["AR_Invoice__c cannot be seen"]}, "AR_Invoice__c cannot be seen", "setup"),
        ({"budget": 1.0}, "API calls is spent", "rules"),
        ({"budget": 0.96}, "run low", "rules"),
        ({"unstaffed": ("ledger", "crm")}, "queues ledger", "health"),
        ({"clock_age_s": 200.0, "unstaffed": ("upkeep",)}, "The clock has stopped", "health"),
        ({"parked": 25}, "25 things could not be done", "parked"),
        ({"silent": {"main": 90_000.0}}, "“main” has come for 1 day", "health"),
        ({"sealed": ["stripe:main:api_key"]}, "cannot be opened", "setup"),
        ({"first_event_at": NOW - timedelta(days=31)}, "have not been compared yet", "health"),
        ({"first_event_at": NOW - timedelta(days=90), "reconcile": {"at": "2026-02-01T00:00:00+00:00", "mended": True}},
         "more than 30 days", "health"),
        ({"reconcile": {"at": "2026-03-10T00:00:00+00:00", "mended": False}}, "could not mend", "health"),
    ],
)  # fmt: skip
def test_what_needs_a_person_is_told_with_the_way_out(changes, part, screen):
    [found] = told(replace(GOOD, **changes))
    assert part in found.what
    assert found.fix
    assert found.screen == screen


def test_a_connection_that_rests_every_weekend_is_not_missed_on_one():
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    rhythm = Rhythm(monday, monday)
    for day in range(1, 12):
        at = monday + timedelta(days=day)
        if at.weekday() < 5:
            rhythm = rhythm.heard(at, at + timedelta(hours=8))
    assert rhythm.overdue_s(rhythm.last + timedelta(hours=65)) is None
    assert rhythm.overdue_s(rhythm.last + timedelta(days=6)) == pytest.approx(6 * 86_400)
    assert Rhythm.unpack(rhythm.packed()) == rhythm


def test_nothing_is_said_of_a_rhythm_that_is_not_known():
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert Rhythm(at, at + timedelta(hours=1), {date(2026, 3, 2): 60.0}).overdue_s(at + timedelta(days=30)) is None


def test_steps_stand_in_order_with_the_times_between_and_what_is_to_come_at_the_end():
    steps = [Step(None, "later"), Step(NOW + timedelta(seconds=3), "third"), Step(NOW, "first"), Step(NOW, "second")]
    stops = in_order(steps)
    assert [stop.step.what for stop in stops] == ["first", "second", "third", "later"]
    assert [stop.after_s for stop in stops] == [None, 0.0, 3.0, None]
