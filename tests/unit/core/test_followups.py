from dataclasses import replace

import pytest

from sync.core.commitments import judge
from sync.core.facts import InvoiceStatus
from sync.core.followups import KnownFollowUp, broken_key, due_key, follow_ups, next_look_on
from tests.unit.core.made import noon
from tests.unit.core.promised import by_key, dispute, march, owed, paid, promise

DUE = "due:A:20260310"
MISSED = "broken:p1:20260312"
VOID = {"status": InvoiceStatus.VOID, "balance": 0}


def made(*invoices, promises=(), disputes=(), known=(), on=11, grace=0, age=30, promise_grace=None):
    """The follow-ups of an account on a day of March, by key. Invoice A was due on the 10th."""
    found = by_key(*invoices)
    commitments = by_key(*promises)
    standings = judge(commitments.values(), found, march(on), grace if promise_grace is None else promise_grace)
    known = [KnownFollowUp(key=i.key, invoice=i.invoice, commitment=i.commitment, due_on=i.due_on) for i in known]
    given = (found, commitments, standings, disputes, known, march(on), grace, age, promise_grace)
    return {item.key: item for item in follow_ups("001A", *given)}


def outcomes(*invoices, **given):
    return {key: item.outcome for key, item in made(*invoices, **given).items()}


def test_a_due_date_missed_makes_one():
    (item,) = made(owed(total=120_000, number="INV-0042", received=paid((3, 20_000)))).values()
    assert (item.key, item.account, item.invoice, item.commitment) == (DUE, "001A", "A", None)
    assert item.subject == "INV-0042 was due on 10 Mar 2026: USD 1,000.00 open"
    assert (item.due_on, item.high, item.outcome) == (march(11), False, None)
    assert item.description.startswith(
        "Invoice INV-0042 over USD 1,200.00 was due on 10 Mar 2026, and USD 1,000.00 of it is still open. "
        "USD 200.00 came in so far.\n\nAsk the customer when it will be paid"
    )


def test_not_before_the_day_and_the_grace_have_passed():
    assert made(owed(), on=10) == {}
    assert made(owed(), on=13, grace=3) == {}
    (item,) = made(owed(), on=14, grace=3).values()
    assert item.due_on == march(14)


@pytest.mark.parametrize(
    "invoice",
    [owed(balance=0), owed(**VOID), owed(status=InvoiceStatus.WRITTEN_OFF, balance=0), owed(due_on=None)],
)
def test_nothing_to_chase(invoice):
    assert made(invoice) == {}


def test_what_was_old_when_it_was_first_seen_makes_none():
    assert made(owed(), on=20, age=10).keys() == {DUE}
    assert made(owed(), on=21, age=10) == {}
    known = made(owed(), on=20, age=10).values()
    assert outcomes(owed(), on=31, age=10, known=known) == {DUE: None}


def test_the_same_on_every_later_day():
    """Nothing is written again because a day has passed, nor because finance changes the grace."""
    first = made(owed())
    assert made(owed(), on=30, known=first.values()) == first
    assert made(owed(), on=30, grace=2, known=first.values()) == first


@pytest.mark.parametrize(
    ("invoice", "outcome"),
    [
        (owed(received=paid((12, 1_000))), "Paid on 12 Mar 2026."),
        (owed(balance=0), "Paid."),
        (owed(**VOID), "Void: nothing is owed any more."),
        (owed(status=InvoiceStatus.DELETED, balance=0), "Void: nothing is owed any more."),
        (owed(status=InvoiceStatus.WRITTEN_OFF, balance=0), "Written off."),
        (owed(status=InvoiceStatus.OPEN, balance=0), "Nothing is owed any more."),
        (owed(due_on=march(31)), "Due date moved to 31 Mar 2026."),
        (owed(due_on=None), "The invoice has no due date any more."),
        (owed("B", due_on=march(31)), "The invoice is no longer on this account."),
    ],
)
def test_closed_with_the_reason(invoice, outcome):
    first = made(owed())
    now = made(invoice, on=12, known=first.values())
    assert now[DUE].outcome == outcome
    assert (now[DUE].due_on, now[DUE].high) == (march(11), False)
    assert "open" not in now[DUE].subject


def test_a_due_date_that_moves_away_and_back():
    first = made(owed())
    moved = made(owed(due_on=march(12)), on=13, known=first.values())
    assert {key: item.outcome for key, item in moved.items()} == {
        DUE: "Due date moved to 12 Mar 2026.",
        "due:A:20260312": None,
    }
    assert outcomes(owed(), on=13, known=moved.values()) == {
        DUE: None,
        "due:A:20260312": "Due date moved to 10 Mar 2026.",
    }


def test_more_days_of_grace_close_it_until_they_have_passed():
    first = made(owed())
    assert outcomes(owed(), known=first.values(), grace=5) == {DUE: "There is time until 15 Mar 2026."}
    assert outcomes(owed(), known=first.values(), grace=5, on=16) == {DUE: None}


def test_promised_nobody_chases():
    assert made(owed(), promises=[promise()]) == {}
    first = made(owed())
    given = {"known": first.values(), "on": 12}
    assert outcomes(owed(), promises=[promise()], **given) == {DUE: "Promised: USD 5.00 by 12 Mar 2026 (Dana Cole)."}
    whenever = promise(amount=None, promised_on=None, by=None)
    assert outcomes(owed(), promises=[whenever], **given) == {DUE: "Promised: all that is owed."}


def test_contested_nobody_chases():
    assert made(owed(), disputes=[dispute()]) == {}
    first = made(owed())
    several = [dispute(), dispute("d2", category="Tax"), dispute("d3", category="Tax")]
    assert outcomes(owed(), disputes=several, known=first.values()) == {DUE: "Disputed: Pricing, Tax."}
    assert outcomes(owed(), disputes=[dispute(category=None)], known=first.values()) == {DUE: "Disputed."}
    assert outcomes(owed(), disputes=[dispute(open=False)], known=first.values()) == {DUE: None}


def test_the_same_one_is_open_again_when_its_cause_returns():
    first = made(owed())
    held = made(owed(), promises=[promise()], known=first.values())
    back = made(owed(), promises=[promise(cancelled=True)], known=held.values())
    assert back == first


def test_a_broken_promise_makes_one_and_closes_that_of_the_due_date():
    first = made(owed(), promises=[promise(made_on=march(11))], known=made(owed()).values(), on=12)
    now = made(owed(), promises=[promise(made_on=march(11))], known=first.values(), on=13)
    assert now[DUE].outcome == "A promise was broken since: see the newer task."
    item = now[MISSED]
    assert (item.invoice, item.commitment, item.due_on, item.high, item.outcome) == ("A", "p1", march(13), True, None)
    assert item.subject == "Promise of USD 5.00 by 12 Mar 2026 not kept: INV-A, USD 10.00 open"
    assert item.description.startswith(
        "Dana Cole wrote down on 11 Mar 2026 that the customer would pay USD 5.00 by 12 Mar 2026. "
        "Of that nothing came in by then. Still open: INV-A (USD 10.00).\n\n"
    )


def test_a_promise_kept_in_part_makes_one_too():
    invoice = owed(received=paid((5, 200)))
    (item,) = made(invoice, promises=[promise()], on=13).values()
    assert "Of that USD 2.00 came in by then. Still open: INV-A (USD 8.00)." in item.description


def test_a_promise_has_days_of_grace_of_its_own():
    given = {"promises": [promise()], "promise_grace": 2}
    assert made(owed(), on=14, **given) == {}
    (item,) = made(owed(), on=15, **given).values()
    assert (item.key, item.due_on) == (MISSED, march(15))


def test_a_promise_about_nothing_that_is_owed_makes_none():
    assert made(promises=[promise(covers=())], on=13) == {}
    assert made(owed("E", currency="EUR", due_on=march(31)), promises=[promise(covers=("E",))], on=13) == {}
    assert made(owed(received=paid((14, 1_000))), promises=[promise()], on=15) == {}


BOTH = promise(amount=1_500, covers=("A", "B"))


def test_about_several_invoices_it_asks_for_all_that_are_open():
    (item,) = made(owed("A"), owed("B"), promises=[BOTH], on=13).values()
    assert item.invoice is None
    assert item.subject == "Promise of USD 15.00 by 12 Mar 2026 not kept: INV-A, INV-B, USD 20.00 open"
    later = made(owed("A", received=paid((14, 1_000))), owed("B"), promises=[BOTH], known=[item], on=14)
    assert later[MISSED].subject == "Promise of USD 15.00 by 12 Mar 2026 not kept: INV-B, USD 10.00 open"
    assert later[MISSED].outcome is None


def test_what_is_promised_anew_or_contested_is_left_out_and_the_rest_is_chased():
    again = promise("p2", promised_on=march(20), made_on=march(13), covers=("A",))
    found = made(owed("A"), owed("B"), promises=[BOTH, again], on=13)
    assert found.keys() == {MISSED}
    assert found[MISSED].subject.endswith("INV-B, USD 10.00 open")
    contested = dispute(invoice="B")
    assert outcomes(
        owed("A"), owed("B"), promises=[BOTH, again], disputes=[contested], known=found.values(), on=13
    ) == {MISSED: "Promised: USD 5.00 by 20 Mar 2026 (Dana Cole)."}
    both = [contested, dispute("d2", category="Tax")]
    assert outcomes(owed("A"), owed("B"), promises=[BOTH], disputes=both, known=found.values(), on=13) == {
        MISSED: "Disputed: Tax, Pricing."
    }


def test_a_promise_made_before_does_not_excuse_one_that_was_broken():
    """What was promised for the 12th did not come, whatever is promised for the 20th since earlier."""
    other = promise("p0", promised_on=march(20), made_at=noon(march(1)))
    found = made(owed(), promises=[promise(), other], known=made(owed()).values(), on=13)
    assert found[MISSED].outcome is None
    assert found[DUE].outcome == "A promise was broken since: see the newer task."


def test_of_two_broken_about_one_invoice_the_later_date_asks():
    first = made(owed("A"), owed("B"), promises=[BOTH], on=13)
    again = promise("p2", promised_on=march(20), made_on=march(13), covers=("A", "B"))
    found = made(owed("A"), owed("B"), promises=[BOTH, again], known=first.values(), on=21)
    assert {key: item.outcome for key, item in found.items()} == {
        MISSED: "A promise was broken since: see the newer task.",
        "broken:p2:20260320": None,
    }
    only_a = replace(again, covers=("A",))
    parted = made(owed("A"), owed("B"), promises=[BOTH, only_a], known=first.values(), on=21)
    assert [item.subject.partition("kept: ")[2] for item in parted.values()] == [
        "INV-B, USD 10.00 open",
        "INV-A, USD 10.00 open",
    ]


@pytest.mark.parametrize(
    ("invoice", "changed", "outcome"),
    [
        (owed(received=paid((20, 1_000))), promise(), "Paid on 20 Mar 2026."),
        (owed(status=InvoiceStatus.WRITTEN_OFF, balance=0), promise(), "Written off."),
        (owed(void_on=march(20), **VOID), promise(), "Void: nothing is owed any more."),
        (owed(), promise(cancelled=True), "The commitment was cancelled."),
        (owed(), promise(promised_on=march(31)), "The promise was changed."),
        (owed(), promise(promised_on=None), "The promise was changed."),
        (owed(received=paid((5, 500))), promise(), "The promise was kept on 5 Mar 2026."),
        (owed(), promise(covers=()), "Nothing is owed any more."),
        (owed(), promise("p2"), "The commitment was deleted."),
    ],
)
def test_broken_then_closed_with_the_reason(invoice, changed, outcome):
    first = made(owed(), promises=[promise()], on=13)
    now = made(invoice, promises=[changed], known=first.values(), on=21)
    assert now[MISSED].outcome == outcome
    assert (now[MISSED].due_on, now[MISSED].high) == (march(13), True)
    assert now[MISSED].subject == "Promise to pay by 12 Mar 2026 not kept"


def test_more_days_of_grace_for_a_promise_close_its_task():
    first = made(owed(), promises=[promise()], on=13)
    later = outcomes(owed(), promises=[promise()], known=first.values(), on=13, promise_grace=5)
    assert later == {MISSED: "There is time until 17 Mar 2026."}


def test_paid_on_the_day_of_the_last_of_several():
    first = made(owed("A"), owed("B"), promises=[BOTH], on=13)
    invoices = owed("A", received=paid((15, 1_000))), owed("B", received=paid((14, 1_000)))
    assert outcomes(*invoices, promises=[BOTH], known=first.values(), on=16) == {MISSED: "Paid on 15 Mar 2026."}
    mixed = owed("A", **VOID), owed("B", received=paid((14, 1_000)))
    assert outcomes(*mixed, promises=[BOTH], known=first.values(), on=16)[MISSED] == "Paid on 14 Mar 2026."


def test_a_moved_date_that_is_missed_again_makes_another():
    first = made(owed(), promises=[promise()], on=13)
    moved = [promise(promised_on=march(20))]
    assert outcomes(owed(), promises=moved, known=first.values(), on=21) == {
        MISSED: "The promise was changed.",
        "broken:p1:20260320": None,
    }


def test_texts_fit_into_their_fields():
    long = "N" * 400
    several = [owed(key, number=long) for key in "ABCDEFG"]
    wide = promise(covers=tuple("ABCDEFG"), by="B" * 400)
    (item,) = made(*several, promises=[wide], on=13).values()
    assert len(item.subject) == 255
    assert item.subject.endswith(", USD 70.00 open")
    (due,) = made(owed(number=long)).values()
    assert len(due.subject) == 255
    assert due.subject.endswith("… was due on 10 Mar 2026: USD 10.00 open")
    still = promise(by="B" * 400)
    assert len(outcomes(owed(), promises=[still], known=[due])[DUE]) == 255


def test_keys_name_the_cause():
    assert due_key("acme:in_1", march(10)) == "due:acme:in_1:20260310"
    assert broken_key("a0X000000000001AAA", march(12)) == "broken:a0X000000000001AAA:20260312"


def test_long_keys_are_shortened_in_the_middle_and_stay_apart():
    keys = {due_key("connection/acct_1:" + "x" * 90 + end, march(10)) for end in ("a", "b")}
    assert len(keys) == 2
    assert {len(key) for key in keys} == {100}
    assert all(key.startswith("due:connection/acct_1:x") and key.endswith(":20260310") for key in keys)
    fits = "x" * (100 - len("due::20260310"))
    assert due_key(fits, march(10)) == f"due:{fits}:20260310"


def test_a_long_key_is_known_again():
    long = "c" * 120
    first = made(owed(long))
    assert made(owed(long), known=first.values(), on=20) == first


def test_the_next_day_on_which_a_due_date_is_missed():
    invoices = [owed("A"), owed("B", due_on=march(5)), owed("C", balance=0, due_on=march(6)), owed("D", due_on=None)]
    assert next_look_on(invoices, march(5), 0) == march(6)
    assert next_look_on(invoices, march(6), 0) == march(11)
    assert next_look_on(invoices, march(6), 2) == march(8)
    assert next_look_on(invoices, march(11), 0) is None
