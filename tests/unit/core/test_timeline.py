from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sync.core.commitments import CommitmentStatus, judge
from sync.core.facts import InvoiceStatus
from sync.core.holds import HoldState
from sync.core.timeline import commitment_changed, commitment_settled, hold_changed, put_back, written_off
from sync.core.words import cut, day, listed, sum_of
from tests.unit.core.promised import by_key, march, owed, paid, promise

AT = datetime(2026, 3, 13, 8, 30, tzinfo=UTC)
LATER = AT + timedelta(hours=2)
OPEN, KEPT, PARTLY_KEPT, BROKEN, CANCELLED = CommitmentStatus


def settled(commitment, *invoices, before=OPEN, on=13, at=AT):
    standing = judge([commitment], by_key(*invoices), march(on), 0)[commitment.id]
    return commitment_settled("001A", commitment, before, standing, [item.number for item in invoices], at)


@pytest.mark.parametrize(
    ("commitment", "invoice", "before", "on", "subject", "body"),
    [
        (
            promise(),
            owed(received=paid((5, 500))),
            OPEN,
            5,
            "Commitment kept: USD 5.00 by 12 Mar 2026",
            "Counted against INV-A. Kept on 5 Mar 2026: USD 5.00 came in for it.",
        ),
        (
            promise(amount=2_000),
            owed(received=paid((5, 1_000))),
            OPEN,
            5,
            "Commitment kept: USD 20.00 by 12 Mar 2026",
            (
                "Counted against INV-A. Kept on 5 Mar 2026: USD 10.00 came in for it. "
                "Nothing is owed on its invoices any more."
            ),
        ),
        (
            promise(),
            owed(received=paid((5, 200))),
            OPEN,
            13,
            "Commitment partly kept: USD 5.00 by 12 Mar 2026",
            "Counted against INV-A. USD 2.00 came in for it.",
        ),
        (
            promise(amount=None),
            owed(),
            OPEN,
            13,
            "Commitment broken: all that is owed by 12 Mar 2026",
            "Counted against INV-A. Nothing came in.",
        ),
        (
            promise(),
            owed(status=InvoiceStatus.VOID, balance=0),
            OPEN,
            5,
            "Commitment cancelled: USD 5.00 by 12 Mar 2026",
            "Counted against INV-A. All of it is void. Nothing came in.",
        ),
        (
            promise(promised_on=None),
            owed(),
            BROKEN,
            13,
            "Commitment open again: USD 5.00, without a date",
            "Counted against INV-A. Nothing came in.",
        ),
    ],
)
def test_what_became_of_a_commitment(commitment, invoice, before, on, subject, body):
    entry = settled(commitment, invoice, before=before, on=on)
    assert (entry.subject, entry.body) == (subject, body)
    assert (entry.kind, entry.by, entry.system, entry.occurred_at) == ("Commitment", None, "Dueline", AT)
    assert (entry.commitment, entry.currency) == ("p1", "USD")


def test_about_no_invoice():
    assert settled(promise(covers=())).body == "It covers no invoice. Nothing came in."


def test_the_same_status_is_no_news():
    assert settled(promise(), owed(), on=5) is None
    assert settled(promise(), owed(), before=None, on=5) is None
    assert settled(promise(), owed(), before=BROKEN) is None
    assert settled(promise(), owed(), before=None) is not None


def test_its_amount_is_what_was_promised_or_else_what_came_in():
    assert settled(promise(), owed()).amount == 500
    assert settled(promise(amount=None), owed(received=paid((5, 200)))).amount == 200
    assert settled(promise(amount=None), owed()).amount is None


def test_a_cancellation_is_told_once_by_who_did_it():
    cancelled = promise(cancelled=True)
    assert settled(cancelled, owed(), on=5) is None
    assert settled(cancelled, owed(), before=None, on=5).subject == "Commitment cancelled: USD 5.00 by 12 Mar 2026"
    entry = commitment_changed(promise(), cancelled, "Dana Cole", AT)
    assert entry.subject == "Commitment changed: cancelled"


def test_the_same_outcome_of_the_same_promise_is_one_entry():
    key = settled(promise(), owed()).key
    assert settled(promise(), owed(), at=LATER).key == key
    assert settled(promise(promised_on=march(20)), owed(), on=21).key != key
    assert settled(promise(), owed(received=paid((5, 1)))).key != key
    assert settled(promise("p2"), owed()).key != key


def test_what_was_changed_of_a_commitment():
    after = promise(amount=None, promised_on=march(20), cancelled=True)
    entry = commitment_changed(promise(), after, "Dana Cole", AT)
    assert entry.subject == (
        "Commitment changed: USD 5.00 is now all that is owed; 12 Mar 2026 is now 20 Mar 2026; cancelled"
    )
    assert entry.body == "Dana Cole changed it. It reads now: all that is owed by 20 Mar 2026, cancelled."
    assert (entry.kind, entry.by, entry.system, entry.commitment) == ("Commitment", "Dana Cole", "Salesforce", "p1")
    back = commitment_changed(after, promise(promised_on=None), None, AT)
    assert back.subject == (
        "Commitment changed: all that is owed is now USD 5.00; 20 Mar 2026 is now no date; no longer cancelled"
    )
    assert back.body == "Somebody changed it. It reads now: USD 5.00, without a date."


def test_the_same_number_in_another_currency_is_a_change():
    entry = commitment_changed(promise(), promise(currency="EUR"), None, AT)
    assert entry.subject == "Commitment changed: USD 5.00 is now EUR 5.00"


def test_what_is_not_told_is_no_change():
    assert commitment_changed(promise(), replace(promise(), covers=("B",), by="Somebody else"), None, AT) is None


def test_each_change_is_one_entry_however_often_it_is_read():
    first = commitment_changed(promise(), promise(amount=600), "Dana Cole", AT)
    assert commitment_changed(promise(), promise(amount=600), "Dana Cole", AT).key == first.key
    assert commitment_changed(promise(), promise(amount=600), "Dana Cole", LATER).key != first.key
    assert commitment_changed(promise(), promise(amount=700), "Dana Cole", AT).key != first.key


def hold(before, after, note=None, at=AT):
    return hold_changed("acme:in_1", "INV-1", before, after, note, at)


@pytest.mark.parametrize(
    ("before", "after", "subject"),
    [
        (HoldState.REQUESTED, HoldState.HELD, "Dunning hold put on INV-1"),
        (HoldState.HELD, HoldState.RELEASED, "Dunning hold taken off INV-1"),
        (HoldState.FAILED, HoldState.RELEASED, "Dunning hold taken off INV-1"),
        (HoldState.REQUESTED, HoldState.FAILED, "Dunning hold on INV-1 was refused"),
        (None, HoldState.NOT_SUPPORTED, "INV-1 cannot be held by its billing system"),
    ],
)
def test_holds_that_changed(before, after, subject):
    entry = hold(before, after, "why")
    assert (entry.subject, entry.body, entry.kind, entry.invoice) == (subject, "why", "Hold", "acme:in_1")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HoldState.HELD, HoldState.HELD),
        (None, HoldState.REQUESTED),
        (HoldState.REQUESTED, HoldState.NOT_HELD),
        (None, HoldState.RELEASED),
        (HoldState.NOT_HELD, HoldState.RELEASED),
    ],
)
def test_steps_between_are_no_news(before, after):
    assert hold(before, after) is None


def test_a_hold_put_again_is_told_again_but_a_refusal_only_once():
    assert hold(None, HoldState.HELD).key == hold(None, HoldState.HELD).key
    assert hold(None, HoldState.HELD).key != hold(None, HoldState.HELD, at=LATER).key
    assert hold(None, HoldState.FAILED, "no").key == hold(None, HoldState.FAILED, "no", LATER).key
    assert hold(None, HoldState.FAILED, "no").key != hold(None, HoldState.FAILED, "never").key


def test_a_field_put_back():
    changes = {"Balance": (Decimal("1200.00"), Decimal("0.00"))}
    entry = put_back("INV-0042", "acme:in_1", changes, "Dana Cole", AT)
    assert entry.subject == "INV-0042: Dana Cole changed Balance"
    assert entry.body == "Dana Cole changed Balance from 1,200.00 to 0.00; Dueline put it back."
    assert (entry.kind, entry.by, entry.occurred_at) == ("Note", "Dana Cole", AT)


def test_fields_put_back():
    changes = {
        "Status": ("Open", "Paid"),
        "Overdue": (True, False),
        "Paid On": (None, march(3)),
        "As Of": (AT, ""),
    }
    entry = put_back("INV-0042", "acme:in_1", changes, None, AT)
    assert entry.subject == "INV-0042: Somebody changed As Of, Overdue, Paid On, Status"
    assert entry.body == (
        "Somebody changed As Of from 2026-03-13 08:30 UTC to empty, Overdue from checked to unchecked, "
        "Paid On from empty to 3 Mar 2026, Status from Open to Paid; Dueline put them back."
    )


def test_each_change_put_back_is_one_entry():
    key = put_back("INV-1", "k", {"A": (1, 2), "B": (1, 2)}, "Dana Cole", AT).key
    assert put_back("INV-1", "k", {"B": (1, 2), "A": (1, 2)}, "Dana Cole", AT).key == key
    assert put_back("INV-1", "k", {"A": (1, 2), "B": (1, 2)}, "Dana Cole", LATER).key != key
    assert put_back("INV-1", "other", {"A": (1, 2), "B": (1, 2)}, "Dana Cole", AT).key != key


def test_written_off():
    invoice = owed(status=InvoiceStatus.WRITTEN_OFF, balance=0, written_off=700)
    entry = written_off(invoice, AT)
    assert (entry.subject, entry.kind, entry.amount) == ("INV-A written off: USD 7.00", "Write-Off", 700)
    assert written_off(invoice, LATER).key == entry.key == "written-off:A"
    unknown = written_off(replace(invoice, written_off=0), AT)
    assert (unknown.subject, unknown.amount) == ("INV-A written off", None)


def test_subjects_fit_into_their_field():
    long = "N" * 400
    assert len(hold_changed("k", long, None, HoldState.HELD, None, AT).subject) == 255
    assert len(put_back(long, "k", {"A": (1, 2)}, None, AT).subject) == 255
    assert len(written_off(owed(number=long, written_off=700), AT).subject) <= 255


def test_words():
    assert day(march(5)) == "5 Mar 2026"
    assert (sum_of(None, "USD"), sum_of(1_234_500, "KWD")) == ("all that is owed", "KWD 1,234.500")
    assert (cut("abc", 3), cut("abcd", 3), cut("a bcd", 3)) == ("abc", "ab…", "a…")
    assert (listed("abc", 3), listed("abcd", 3), listed("")) == ("a, b, c", "a, b, c and 1 more", "")
