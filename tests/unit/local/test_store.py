"""The index that polls are answered from agrees with a look at every row, whatever was written, undone and removed."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.local.org.journal import Journal
from connector.local.org.model import Field, Schema, SObject
from connector.local.org.store import Change, Stamps, Store

START = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS = {name.lower(): Field(name, name, kind) for name, kind in (("Id", "id"), ("SystemModstamp", "datetime"))}
THING = SObject("Thing__c", "Thing", "Things", "a00", custom=True, fields=FIELDS)


class UndoneError(Exception):
    """A transaction that does not stand."""


def undo() -> None:
    raise UndoneError


def store() -> Store:
    return Store(Schema({"thing__c": THING}), Journal(None))


def row(record_id: str, seconds: int) -> dict[str, object]:
    return {"Id": record_id, "SystemModstamp": START + timedelta(seconds=seconds), "IsDeleted": False}


writes = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from("abcde"), st.one_of(st.none(), st.integers(0, 20))), max_size=5),
        st.booleans(),
    ),
    max_size=12,
)


@given(writes, st.integers(-1, 21))
def test_changed_since_is_what_a_scan_finds(transactions, since):
    own = store()
    table = own.table("Thing__c")
    for changes, stands in transactions:
        with suppress(UndoneError), own.transaction():
            for key, seconds in changes:
                own.put(table, f"a00{key}", None if seconds is None else row(f"a00{key}", seconds))
            if not stands:
                undo()
        moment = START + timedelta(seconds=since)
        found = table.stamps.since(moment)
        assert sorted(found) == sorted(key for key, one in table.rows.items() if one["SystemModstamp"] >= moment)
        ages = [table.rows[key]["SystemModstamp"] for key in found]
        assert ages == sorted(ages)


def test_an_old_stamp_that_comes_late_is_in_its_place():
    stamps = Stamps()
    for key, seconds in (("a", 3), ("b", 1), ("c", 3)):
        stamps.move(key, None, START + timedelta(seconds=seconds))
    assert stamps.since(START) == ["b", "a", "c"]
    assert stamps.since(START + timedelta(seconds=2)) == ["a", "c"]


def test_listeners_hear_of_what_was_committed_as_one_and_of_nothing_else():
    own, heard = store(), []
    own.listeners.append(heard.append)
    table = own.table("Thing__c")
    with own.transaction():
        own.put(table, "a001", row("a001", 1))
        with own.transaction():
            own.put(table, "a001", row("a001", 2))
        assert heard == []
    assert heard == [[Change("Thing__c", row("a001", 2), None)]]
    with suppress(UndoneError), own.transaction():
        own.put(table, "a001", row("a001", 3))
        undo()
    with own.transaction():
        own.put(table, "a001", row("a001", 4))
    assert heard[1:] == [[Change("Thing__c", row("a001", 4), row("a001", 2))]]
