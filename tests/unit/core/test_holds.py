import pytest

from sync.core.commitments import judge
from sync.core.facts import InvoiceStatus
from sync.core.holds import HoldState, state_of, wanted_holds
from tests.unit.core.promised import by_key, dispute, march, owed, promise


def notes(commitments=(), disputes=(), invoices=None, on=5):
    found = by_key(*(invoices or [owed()]))
    return wanted_holds(by_key(*commitments), judge(commitments, found, march(on), 0), disputes, found)


def test_promised():
    assert notes([promise()]) == {"A": "Promised USD 5.00 by 2026-03-12 (Dana Cole)"}
    assert notes([promise(by=None, promised_on=None)]) == {"A": "Promised USD 5.00"}
    assert notes([promise(amount=None)]) == {"A": "Promised all that is owed by 2026-03-12 (Dana Cole)"}


def test_contested():
    assert notes(disputes=[dispute()]) == {"A": "Disputed: Pricing"}
    assert notes(disputes=[dispute(category=None)]) == {"A": "Disputed"}


def test_both_and_several_in_an_order_of_their_own():
    commitments = [promise("late", promised_on=march(20), amount=100), promise("early")]
    disputes = [dispute("d2", category="Tax"), dispute("d1"), dispute("d3"), dispute("d4", category=None)]
    told = {
        "A": "Promised USD 5.00 by 2026-03-12 (Dana Cole); promised USD 1.00 by 2026-03-20 (Dana Cole); "
        "disputed: Pricing, Tax"
    }
    assert notes(commitments, disputes) == told
    assert notes(commitments[::-1], disputes[::-1]) == told


def test_exactly_the_invoices_that_it_covers():
    invoices = [owed("A"), owed("B"), owed("C"), owed("E", currency="EUR")]
    assert set(notes([promise(covers=("A", "B", "E"))], [dispute(invoice="C")], invoices)) == {"A", "B", "C"}


@pytest.mark.parametrize(
    "status", [InvoiceStatus.PAID, InvoiceStatus.VOID, InvoiceStatus.WRITTEN_OFF, InvoiceStatus.DRAFT]
)
def test_a_closed_invoice_needs_none(status):
    invoices = [owed(status=status, balance=0), owed("B")]
    assert set(notes([promise(covers=("A", "B"))], [dispute()], invoices)) == {"B"}


def test_nothing_holds_when_promises_and_disputes_are_over():
    assert notes([promise()], on=13) == {}
    assert notes([promise(cancelled=True)]) == {}
    assert notes(disputes=[dispute(open=False)]) == {}
    assert notes(disputes=[dispute(invoice=None)]) == {}


def test_a_long_note_is_cut_to_what_the_billing_system_takes():
    many = [promise(f"p{n}", by="A name of some length") for n in range(30)]
    (note,) = notes(many).values()
    assert 490 < len(note) <= 500
    assert note.endswith("…")


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (["Held", "Failed", "Not Supported"], "Failed"),
        (["Held", "Not Supported", "Requested"], "Not Supported"),
        (["Held", "Requested"], "Requested"),
        (["Released", "Held"], "Held"),
        (["Not Held", "Released"], "Released"),
        (["Not Held"], "Not Held"),
        ([], "Not Held"),
    ],
)
def test_of_several_invoices_the_state_to_be_known_comes_first(states, told):
    by_invoice = {str(n): HoldState(state) for n, state in enumerate(states)}
    assert state_of([*by_invoice, "unknown"], by_invoice) == told
