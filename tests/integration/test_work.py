"""Long work: slice by slice, wherever it was stopped, and never twice at once."""

import time
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from sync import errands
from sync.db import config, work
from sync.db.work import Slice
from sync.settings import SettingsError
from tests.integration.world import in_threads

PROCEED = lambda: True  # noqa: E731


@pytest.fixture
def run(engine):
    return SimpleNamespace(engine=engine)


@pytest.fixture
def counting(monkeypatch):
    """An errand that counts to its argument, one a slice; what it did, in order."""
    done = []

    def count(_run, argument, place, _proceed, note):
        at = (place or 0) + 1
        done.append(at)
        note(at, f"at {at}")
        if argument.get("breaks") == at and done.count(at) < 2:
            raise SettingsError("the way out")
        return Slice(at, at, argument["to"], f"{at} counted", at >= argument["to"], {"at": at})

    module = SimpleNamespace(count=count)
    monkeypatch.setitem(errands.ERRANDS, "count", "some.module.count")
    monkeypatch.setattr(errands, "import_module", lambda _name: module)
    return done


def ask(engine, **argument):
    with engine.begin() as conn:
        return work.ask(conn, "count", argument, "Farid")


def get(engine, number):
    with engine.connect() as conn:
        return work.get(conn, number)


def hurry(engine):
    with engine.begin() as conn:
        conn.execute(text("UPDATE work SET next_at = now()"))


def test_work_is_done_in_slices(run, counting):
    number = ask(run.engine, to=3)
    while errands.do_slice(run, PROCEED):
        pass
    found = get(run.engine, number)
    assert counting == [1, 2, 3]
    assert (found.status, found.done, found.total, found.told) == ("done", 3, 3, "3 counted")
    assert found.result == {"at": 3}
    assert found.ended_at is not None


def test_the_same_work_is_not_asked_for_twice_while_it_waits(run, counting):
    numbers = in_threads(4, lambda _n: ask(run.engine, to=1))
    assert len(set(numbers)) == 1
    while errands.do_slice(run, PROCEED):
        pass
    assert ask(run.engine, to=1) != numbers[0]


def test_what_fails_says_why_and_goes_on_where_it_was(run, counting):
    number = ask(run.engine, to=3, breaks=2)
    assert errands.do_slice(run, PROCEED)
    assert errands.do_slice(run, PROCEED)
    found = get(run.engine, number)
    assert (found.status, found.attempts, found.told, found.place) == ("waiting", 1, "the way out", 1)
    assert not errands.do_slice(run, PROCEED)  # not before its time
    hurry(run.engine)
    while errands.do_slice(run, PROCEED):
        pass
    assert counting == [1, 2, 2, 3]
    assert get(run.engine, number).attempts == 0


def test_what_keeps_failing_waits_for_a_person(run, monkeypatch, counting):
    module = SimpleNamespace(count=lambda *_: 1 / 0)
    monkeypatch.setattr(errands, "import_module", lambda _name: module)
    number = ask(run.engine, to=1)
    for _ in range(work.MOST_FAILURES):
        hurry(run.engine)
        assert errands.do_slice(run, PROCEED)
    assert get(run.engine, number).status == "failed"
    assert "division by zero" in get(run.engine, number).told
    hurry(run.engine)
    assert not errands.do_slice(run, PROCEED)
    with run.engine.begin() as conn:
        assert work.go_on(conn, number)
    assert errands.do_slice(run, PROCEED)


def test_work_of_an_unknown_kind_fails_at_once(run):
    with run.engine.begin() as conn:
        number = work.ask(conn, "nobody knows", {}, "Farid")
    assert errands.do_slice(run, PROCEED)
    assert get(run.engine, number).status == "failed"


def test_stopped_work_stops_in_the_middle_of_a_slice(run, monkeypatch):
    def count(_run, _argument, _place, _proceed, note):
        with run.engine.begin() as conn:
            assert work.stop(conn, number)
        note(1, "still at it")
        raise AssertionError("it went on")

    monkeypatch.setitem(errands.ERRANDS, "count", "some.module.count")
    monkeypatch.setattr(errands, "import_module", lambda _name: SimpleNamespace(count=count))
    number = ask(run.engine, to=1)
    assert errands.do_slice(run, PROCEED)
    assert get(run.engine, number).status == "stopped"


def test_what_a_dead_worker_held_is_taken_up_again(run, counting):
    number = ask(run.engine, to=1)
    with run.engine.begin() as conn:
        assert work.claim(conn, 0.05).id == number
        assert work.claim(conn, 0.05) is None
    assert not work_is_there(run)
    time.sleep(0.1)
    assert errands.do_slice(run, PROCEED)
    assert get(run.engine, number).status == "done"


def work_is_there(run):
    with run.engine.connect() as conn:
        return work.anything_due(conn)


def test_one_piece_of_work_is_never_done_by_two(run, counting):
    ask(run.engine, to=20)

    def until_done(_n):
        while work_is_there(run) or get(run.engine, 1).status == "waiting":
            errands.do_slice(run, PROCEED)

    in_threads(3, until_done)
    assert counting == list(range(1, 21))


def test_versions_are_added_and_undone_by_adding(engine):
    with engine.begin() as conn:
        first = config.add(conn, "rules", {"grace_days": 1}, "Farid", based_on=0)
        second = config.add(conn, "rules", {"grace_days": 3}, "Farid", note="after the audit", based_on=first.id)
        third = config.add(conn, "rules", first.value, "Farid", undoes=first.id, based_on=second.id)
        assert config.current(conn, "rules") == third
        assert config.current(conn, "mapping") is None
        assert [version.value["grace_days"] for version in config.versions(conn, "rules")] == [1, 3, 1]
        with pytest.raises(config.StaleError, match="Farid has saved this meanwhile"):
            config.add(conn, "rules", {}, "Ada", based_on=second.id)


def test_two_who_save_at_once_do_not_both_win(engine):
    def save(number):
        try:
            with engine.begin() as conn:
                return config.add(conn, "rules", {"n": number}, f"person {number}", based_on=0)
        except config.StaleError:
            return None

    assert sum(saved is not None for saved in in_threads(4, save)) == 1


def test_a_draft_is_kept_until_it_is_thrown_away(engine):
    with engine.begin() as conn:
        config.put_draft(conn, "mapping", {"a": 1}, "Farid", 0)
        config.put_draft(conn, "mapping", {"a": 2}, "Ada", 7)
        found = config.get_draft(conn, "mapping")
        assert (found.value, found.made_by, found.based_on) == ({"a": 2}, "Ada", 7)
        config.drop_draft(conn, "mapping")
        assert config.get_draft(conn, "mapping") is None
