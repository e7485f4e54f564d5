"""Facts are stored as JSON and read back by later versions of themselves; their order settles ties."""

import json

import pytest

from sync.core.facts import KINDS, ChargeFacts, InvoiceStatus, unpack
from tests.unit.core import made

ONE_OF_EACH = [made.invoice(paid=5), made.part(), made.charge(), made.refund(), made.chargeback()]


@pytest.mark.parametrize("facts", ONE_OF_EACH, ids=lambda facts: facts.kind)
def test_facts_survive_being_stored(facts):
    assert unpack(facts.kind, json.loads(json.dumps(facts.pack()))) == facts


def test_facts_stored_by_another_version_are_read():
    stored = made.charge(method="card").pack()
    del stored["method"]
    assert ChargeFacts.unpack(stored | {"dropped_since": 1}) == made.charge()


def test_every_kind_can_be_read_back():
    assert all(kind == item.kind for kind, item in KINDS.items())
    assert {facts.kind for facts in ONE_OF_EACH} < set(KINDS)


def ordered(*facts):
    return [item.progress for item in facts] == sorted({item.progress for item in facts})


def test_an_invoice_gets_further():
    later = [made.invoice(status=status, remaining=0) for status in ("uncollectible", "paid", "deleted")]
    assert ordered(made.invoice(status=InvoiceStatus.DRAFT), made.invoice(), made.invoice(paid=1), *later)
    assert made.invoice(status="paid", remaining=0).progress == made.invoice(status="void", remaining=0).progress


def test_other_objects_get_further():
    assert ordered(made.charge(status="pending"), made.charge(status="failed"), made.charge(), made.charge(refunded=1))
    assert ordered(made.part(status="open"), made.part(status="canceled"), made.part())
    assert ordered(made.refund(status="pending"), made.refund(), made.refund(status="failed"))
    assert ordered(
        made.chargeback(status="needs_response"), made.chargeback(status="under_review"), made.chargeback(status="won")
    )


@pytest.mark.parametrize(
    ("facts", "settled"),
    [
        (made.invoice(), False),
        (made.invoice(status="uncollectible"), False),
        (made.invoice(status="paid"), True),
        (made.invoice(status="void"), True),
        (made.invoice(status="deleted"), True),
        (made.part(), True),
        (made.part(status="open"), False),
        (made.charge(), False),
        (made.refund(), False),
        (made.chargeback(status="needs_response"), False),
        (made.chargeback(status="won"), True),
    ],
)
def test_what_only_the_provider_may_undo(facts, settled):
    assert facts.settled == settled
