"""Who follows up what, on the timeline: one entry for what somebody did at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sync.core.assignments import Assigned, assignment_entries

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
ONE = Assigned(
    invoice="main:in_1", number="INV-1", account="001", person="005A", name="Ada Okafor", taken=True, by="Ada Okafor",
    at=NOON,
)  # fmt: skip
TWO = replace(ONE, invoice="main:in_2", number="INV-2", at=NOON + timedelta(seconds=3))


def subjects(*changes):
    return [entry.subject for _, entry in assignment_entries(changes)]


def test_what_was_saved_together_is_told_as_one():
    [(account, entry)] = assignment_entries([TWO, ONE])
    assert (account, entry.subject) == ("001", "Ada Okafor follows up INV-1, INV-2")
    assert (entry.kind, entry.by, entry.system) == ("Task", "Ada Okafor", "Salesforce")
    assert (entry.invoice, entry.occurred_at) == (None, TWO.at)
    assert entry.body == "INV-1, INV-2."


def test_one_invoice_is_named():
    [(_, entry)] = assignment_entries([replace(ONE, taken=False, by="Grace Hopper")])
    assert (entry.subject, entry.invoice) == ("Ada Okafor no longer follows up INV-1", "main:in_1")
    assert entry.body == "INV-1, chosen by Grace Hopper."


def test_other_people_accounts_deeds_and_hours_are_told_apart():
    assert len(subjects(ONE, replace(TWO, account="002"))) == 2
    assert len(subjects(ONE, replace(TWO, person="005B", name="Ben"))) == 2
    assert len(subjects(ONE, replace(TWO, taken=False))) == 2
    assert len(subjects(ONE, replace(TWO, by=None))) == 2
    assert len(subjects(ONE, replace(TWO, at=NOON + timedelta(seconds=61)))) == 2


def test_the_key_is_what_happened():
    keys = [entry.key for changes in ([ONE, TWO], [TWO, ONE], [ONE]) for _, entry in assignment_entries(changes)]
    assert (keys[0], len(set(keys))) == (keys[1], 2)
    again = replace(ONE, at=NOON + timedelta(days=1))
    assert assignment_entries([again])[0][1].key != keys[2]


def test_many_are_counted():
    many = [replace(ONE, invoice=f"main:in_{n}", number=f"INV-{n}") for n in range(50)]
    [subject] = subjects(*many)
    assert subject.endswith("and 45 more")
