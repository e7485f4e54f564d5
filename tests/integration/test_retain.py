"""What goes after its time, what stays, and that nothing goes to and fro between removing and writing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from sync.adapters.org_books import OrgBooks
from sync.pipeline.compare import compare
from sync.pipeline.retain import Removal, Retained, Retention, retain
from tests.integration.place import CONNECTION, TODAY

CLOSED_DAYS = 400
LATER = TODAY + timedelta(days=CLOSED_DAYS + 2)


def how(world: Any, **changes: Any) -> Retention:
    settings = world.run.settings
    given = {"body_days": 90, "closed_days": settings.closed_days, "request_lifetime_s": 600.0}
    return Retention(calendar=world.run.calendar, **{**given, **changes})


def tidy(world: Any, remover: Any = None, **changes: Any) -> Retained:
    inside = remover or OrgBooks(world.run.require_org())
    return retain(world.engine, how(world, **changes), lambda: True, inside)


def run_sql(world: Any, sql: str, **values: Any) -> None:
    with world.engine.begin() as conn:
        conn.execute(text(sql), values)


def keys(world: Any, object_name: str) -> set[str]:
    return {row["Key__c"].rpartition(":")[2] for row in world.admin.query(f"SELECT Key__c FROM {object_name}")}


# --- bodies ----------------------------------------------------------------------------------------------------------


def aged(books: Any, days: int) -> None:
    age = f"interval '{days} days'"
    run_sql(books, f"UPDATE inbox SET received_at = received_at - {age}, processed_at = processed_at - {age}")


def emptied(books: Any) -> list[bool]:
    return [bytes(row.body) == b"" and row.headers == {} for row in books.rows("SELECT * FROM inbox ORDER BY id")]


def test_bodies_of_old_processed_events_go_and_everything_else_stays(books):
    books.invoice(books.customer())
    books.drain()
    assert retain(books.engine, how(books), lambda: True).bodies == 0
    aged(books, 91)
    books.customer()
    books.drain()
    many = len(emptied(books))
    assert retain(books.engine, how(books), lambda: True).bodies == many - 1
    assert emptied(books) == [True] * (many - 1) + [False]
    assert retain(books.engine, how(books), lambda: True).bodies == 0
    books.check_ledger()


def test_a_parked_event_keeps_its_body_until_it_was_processed_long_ago(books):
    books.send(b"garbage")
    books.customer()
    books.drain()
    aged(books, 91)
    assert retain(books.engine, how(books), lambda: True).bodies == 1
    assert emptied(books) == [False, True]
    run_sql(books, "UPDATE inbox SET status = 'processed', processed_at = now() WHERE status = 'parked'")
    assert retain(books.engine, how(books), lambda: True).bodies == 0
    aged(books, 91)
    assert retain(books.engine, how(books), lambda: True).bodies == 1
    assert emptied(books) == [True, True]


def test_the_inbox_is_gone_through_in_steps_that_remember_the_place(books, monkeypatch):
    monkeypatch.setattr("sync.pipeline.retain.BODIES", 2)
    for _ in range(5):
        books.customer()
    books.drain()
    aged(books, 91)
    stops = iter([True, False])
    assert retain(books.engine, how(books), lambda: next(stops)).bodies == 2
    assert retain(books.engine, how(books), lambda: True).bodies == 3
    assert all(emptied(books))


# --- rows in Salesforce ----------------------------------------------------------------------------------------------


@pytest.fixture
def story(world):
    """Paid, void, open and partly paid invoices of one account, all in the org, on the day before they are too old."""
    world.here = world.account()
    customer = world.customer(world.here)
    world.paid = world.invoice(customer, 20_000)
    world.act("pay_invoice", invoice=world.paid, amount=20_000)
    world.charge = world.objects("charge")[0]
    world.void = world.invoice(customer, 3_000)
    world.act("void_invoice", invoice=world.void)
    world.open = world.invoice(customer, 4_000)
    world.settle()
    world.check()
    return world


def later(world: Any) -> None:
    world.move_to(LATER)
    world.turn()
    world.settle()


def test_closed_rows_go_when_they_are_too_old_and_not_before(story):
    assert tidy(story).removed.total() == 0
    later(story)
    assert tidy(story).removed == {"payment": 1, "invoice": 2}
    assert keys(story, "AR_Invoice__c") == {story.open}
    assert keys(story, "AR_Payment__c") == set()
    story.check_ledger()
    story.check_summaries()


def test_nothing_goes_to_and_fro(story):
    later(story)
    tidy(story)
    for _ in range(3):
        run_sql(story, "DELETE FROM cursor WHERE name LIKE 'retention:%'")
        assert tidy(story).removed.total() == 0
        assert story.publish().written == 0
        inside = OrgBooks(story.run.require_org())
        org = story.run.require_org()
        drifts = compare(story.engine, org, story.run.publishing, inside, lambda *_: None)
        assert sum(drift.found for drift in drifts.values()) == 0
        story.reconcile()
        story.settle()
    assert keys(story, "AR_Invoice__c") == {story.open}


def test_a_late_refund_of_a_removed_payment_is_shown_and_the_figures_follow(story):
    later(story)
    tidy(story)
    story.act("refund", charge=story.charge["id"], amount=5_000)
    story.settle()
    [refund] = story.objects("refund")
    assert keys(story, "AR_Payment__c") == {refund["id"]}
    story.check_ledger()
    story.check_summaries()
    run_sql(story, "DELETE FROM cursor WHERE name LIKE 'retention:%'")
    assert tidy(story).removed.total() == 0


def test_what_was_written_off_lately_stays_however_old_the_invoice_is(story):
    later(story)
    story.act("mark_uncollectible", invoice=story.open)
    story.settle()
    tidy(story)
    assert keys(story, "AR_Invoice__c") == {story.open}


def test_what_a_commitment_or_dispute_refers_to_stays(story):
    later(story)
    run_sql(story, "INSERT INTO coverage (commitment, invoice, n) VALUES ('a02', :key, 0)", key=f"main:{story.paid}")
    tidy(story)
    assert keys(story, "AR_Invoice__c") == {story.open, story.paid}
    run_sql(story, "DELETE FROM coverage")
    run_sql(story, "DELETE FROM cursor WHERE name LIKE 'retention:%'")
    tidy(story)
    assert keys(story, "AR_Invoice__c") == {story.open}


class Stubborn:
    """A Salesforce that says no, or nothing."""

    def __init__(self, state: Any) -> None:
        self.state = state

    def remove(self, _kind: str, wanted: Any) -> dict[str, Removal]:
        return {key: Removal(self.state, "DELETE_FAILED: no") for key in wanted}


def test_what_salesforce_will_not_delete_stands_as_before_and_is_told(story):
    later(story)
    done = tidy(story, Stubborn("stays"))
    assert done.stayed == {"DELETE_FAILED: no": 3}
    assert done.removed.total() == 0
    assert story.publish().written == 0
    assert tidy(story).removed.total() == 0, "once a day"
    story.check()


def test_a_lost_answer_leaves_a_row_that_is_written_again_and_goes_the_next_day(story):
    later(story)
    tidy(story, Stubborn("unknown"))
    assert story.status.waiting_records == 0
    for _ in range(2):  # once because nobody answered, once because the request may have been alive then
        assert story.sweep() == 3
        assert story.publish().written == 3
    story.check()
    story.move_to(LATER + timedelta(days=1))
    story.turn()
    story.settle()
    tidy(story)
    assert keys(story, "AR_Invoice__c") == {story.open}


def test_an_event_that_comes_while_a_row_is_removed_is_not_lost(story):
    later(story)
    real = OrgBooks(story.run.require_org())

    class Meanwhile:
        def remove(self, kind: str, wanted: Any) -> dict[str, Removal]:
            if kind == "invoice":
                run_sql(story, "UPDATE record SET marked = marked + 1, due_at = now() WHERE kind = 'invoice'")
                done = story.publish()
                assert (done.written, done.unchanged) == (0, 1)  # the open one; nobody else writes what is removed
            return real.remove(kind, wanted)

    tidy(story, Meanwhile())
    story.publish()
    assert keys(story, "AR_Invoice__c") == {story.open}
    story.check_ledger()
    assert story.status.waiting_records == 0


def test_what_a_person_brings_back_goes_again(story):
    later(story)
    key = f"{CONNECTION}:{story.paid}"
    [row] = story.admin.query(f"SELECT Id FROM AR_Invoice__c WHERE Key__c = '{key}'")
    tidy(story)
    story.undelete(row["Id"])
    org = story.run.require_org()
    drifts = compare(story.engine, org, story.run.publishing, OrgBooks(org), lambda *_: None)
    assert drifts["AR_Invoice__c"].in_words() == "1 there again after they were removed"
    run_sql(story, "DELETE FROM cursor WHERE name LIKE 'retention:%'")
    assert tidy(story).removed["invoice"] == 1
    assert keys(story, "AR_Invoice__c") == {story.open}


def test_it_is_bounded_a_run_and_leaves_the_budget_alone(story, monkeypatch):
    monkeypatch.setattr("sync.pipeline.retain.ROWS", 1)
    later(story)
    inside = OrgBooks(story.run.require_org())
    nothing = retain(story.engine, how(story), lambda: True, inside, lambda _priority: False)
    assert nothing.removed.total() == 0
    assert tidy(story, rows_a_run=1).removed == {"payment": 1, "invoice": 1}
    assert tidy(story).removed == {"invoice": 1}
