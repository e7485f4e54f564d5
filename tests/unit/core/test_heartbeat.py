"""How far the service has come, in words; and how often it says so."""

from datetime import UTC, datetime

import pytest

from sync.core.heartbeat import Beat, Cause, Pulse, Trouble, project_pulse
from tests.unit.metadata.project import Project

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_the_row_has_every_field_of_the_object():
    row = project_pulse(Pulse(NOW, 3))
    assert row.keys() - {"Name"} == set(Project.load().objects["AR_Sync__c"].fields)
    assert (row["Key__c"], row["Caught_Up_At__c"], row["Waiting__c"], row["Problem__c"]) == ("service", NOW, 3, None)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (Trouble(Cause.REFUSED, 1, "no such field"), "Salesforce refuses 1 row: no such field"),
        (Trouble(Cause.HELD_UP, 1_200, "no login"), "1,200 rows cannot be written yet: no login"),
        (Trouble(Cause.UNFETCHED, 2), "the billing system does not answer for 2 objects"),
        (Trouble(Cause.UNREAD, 2), "2 events of the billing system cannot be read"),
    ],
)
def test_a_problem_in_words(trouble, words):
    assert Pulse(NOW, 0, [trouble]).problem == words
    assert Pulse(NOW, 0, [trouble, trouble]).problem == f"{words}; {words}"


def test_a_problem_fits_its_field():
    problem = Pulse(NOW, 0, [Trouble(Cause.REFUSED, 1, "x" * 500)]).problem
    assert problem is not None
    assert len(problem) == 255


@pytest.mark.parametrize(
    ("last", "problem", "due"),
    [
        (Beat(899), False, False),
        (Beat(900), False, True),
        (Beat(59), True, False),
        (Beat(60), True, True),
        (Beat(60, problem=True), True, False),
        (Beat(60, problem=True), False, True),
        (Beat(59, failed=1), False, False),
        (Beat(60, failed=1), False, True),
        (Beat(119, failed=2), True, False),
        (Beat(899, failed=9), True, False),
        (Beat(900, failed=99), False, True),
    ],
)
def test_it_is_said_now_and_then_and_at_once_when_it_changes(last, problem, due):
    assert last.due(900, problem=problem) is due
