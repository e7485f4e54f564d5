"""Time passing is an event: what becomes overdue, changes its bucket or leaves a window does so without any webhook."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from sync.core.dates import Calendar
from sync.db import cursors
from sync.pipeline.day import turn_day, turn_due
from tests.integration.place import TODAY
from tests.integration.world import World, in_threads

TERMS = (-100, -61, -31, -1, 0, 1, 29, 30, 31, 60, 61, 89, 90, 91, 200)


def book_of_terms(world: World) -> str:
    """One account with an open invoice for each of many terms, and one that was paid."""
    account = world.account()
    customer = world.customer(account)
    for number, days in enumerate(TERMS):
        world.invoice(customer, 1_000 + number, due_in_days=days)
    paid = world.invoice(customer, 5_000)
    world.act("pay_invoice", invoice=paid)
    world.settle()
    world.check()
    return account


def pass_days(world: World, *days: int) -> None:
    """Go to each of these days after the first and let the day turn."""
    for number in days:
        world.move_to(TODAY + timedelta(days=number))
        world.turn()
        world.publish()
        world.check_summaries()


def test_each_day_shows_the_buckets_of_that_day(world):
    book_of_terms(world)
    pass_days(world, 1, 2, 29, 30, 31, 60, 61, 62, 90, 91, 92)


@pytest.mark.parametrize("days", [(1, 2, 3, 4, 5), (5,), (1, 5), (5, 5)], ids=["daily", "late", "skipped", "twice"])
def test_a_turn_that_is_late_or_done_twice_ends_as_the_daily_one(world, days):
    book_of_terms(world)
    pass_days(world, *days)
    assert world.turn() == 0
    rows = world.rows("SELECT key, next_change_on FROM invoice WHERE next_change_on IS NOT NULL")
    assert rows
    assert all(row.next_change_on > world.today for row in rows)


def test_a_turn_touches_only_what_the_day_changes_and_the_org_hears_only_of_that(world):
    quiet = world.customer(world.account("Quiet"))
    world.invoice(quiet, due_in_days=40)
    loud = world.account("Loud")
    world.invoice(world.customer(loud), due_in_days=3)
    world.settle()
    world.calls()
    world.move_to(TODAY + timedelta(days=1))
    assert world.turn() == 0
    assert world.publish().rounds == 0
    world.move_to(TODAY + timedelta(days=4))
    assert world.turn() == 2  # the invoice, and its account's follow-ups
    # The summary, the account's flags, a line on its timeline; the invoice's bucket is a formula.
    assert world.publish().written == 3
    writes = [f"PATCH composite/sobjects{of}" for of in ("", "/AR_Summary__c", "/AR_Activity__c")]
    assert world.calls() == dict.fromkeys((*writes, "POST composite/batch"), 1)  # the last: accounts' currencies
    world.check()


def test_an_overdue_flag_comes_with_the_day_and_goes_with_the_payment(world):
    account = world.account()
    invoice = world.invoice(world.customer(account), due_in_days=0)
    flags = f"SELECT AR_Overdue__c, AR_Status__c FROM Account WHERE Id = '{account}'"
    bucket = f"SELECT Bucket__c, Overdue__c FROM AR_Invoice__c WHERE Key__c = 'main:{invoice}'"
    world.settle()
    assert world.admin.query(flags)[0]["AR_Status__c"] == "Current"
    pass_days(world, 1)
    assert world.admin.query(flags)[0]["AR_Overdue__c"] is True
    assert world.admin.query(bucket)[0]["Bucket__c"] == "1-30"
    world.act("pay_invoice", invoice=invoice)
    world.settle()
    assert world.admin.query(flags)[0]["AR_Status__c"] == "Clear"
    assert world.admin.query(bucket)[0]["Overdue__c"] is False


def test_figures_of_a_window_change_when_a_day_leaves_it(world):
    """DSO looks back 90 days, days late 12 months: nothing is received, and yet both change."""
    account = world.account()
    customer = world.customer(account)
    world.invoice(customer, 10_000, due_in_days=300)
    world.clock.tick(20 * 86_400)
    world.move_to(TODAY + timedelta(days=20))
    late = world.invoice(customer, 30_000, due_in_days=-10)
    world.act("pay_invoice", invoice=late)
    world.turn()
    world.settle()
    world.check()
    before = world.summary(account)
    pass_days(world, 89, 90, 91)
    assert world.summary(account)["DSO_Ratio__c"] != before["DSO_Ratio__c"]
    pass_days(world, 200, 385, 386)
    assert world.summary(account)["Average_Days_Late__c"] is None


def test_a_turn_that_was_stopped_goes_on_where_it_was(world):
    book_of_terms(world)
    world.move_to(TODAY + timedelta(days=40))
    assert turn_day(world.engine, world.run.calendar, lambda: False) == 0
    assert turn_due(world.engine, world.run.calendar)
    steps = iter([True, False])
    turn_day(world.engine, world.run.calendar, lambda: next(steps))
    assert turn_due(world.engine, world.run.calendar)
    world.turn()
    assert not turn_due(world.engine, world.run.calendar)
    world.publish()
    world.check()


def test_two_turns_at_once_do_each_row_once(world):
    book_of_terms(world)
    world.move_to(TODAY + timedelta(days=40))
    in_threads(3, lambda _number: world.turn())
    assert world.rows("SELECT key FROM invoice WHERE next_change_on <= :today", today=world.today) == []
    world.publish()
    world.check()


def test_a_clock_that_was_moved_back_turns_the_days_again(world):
    """Somebody tries the future in the demo and comes back."""
    book_of_terms(world)
    pass_days(world, 95, 10, 11, 40)
    world.check()


def test_events_taken_in_on_the_day_are_not_turned_again(world):
    world.move_to(TODAY)
    world.turn()
    account = world.account()
    world.invoice(world.customer(account), due_in_days=-3)
    world.settle()
    assert not turn_due(world.engine, world.run.calendar)
    assert world.turn() == 0
    world.check()


@pytest.mark.parametrize(
    ("settings", "day"),
    [
        ({"DUELINE_TIME_ZONE": "America/Los_Angeles"}, date(2026, 3, 9)),
        ({"DUELINE_TIME_ZONE": "UTC"}, date(2026, 3, 10)),
        ({"DUELINE_TIME_ZONE": "Pacific/Kiritimati"}, date(2026, 3, 10)),
    ],
    ids=["Los Angeles", "UTC", "Kiritimati"],
)
def test_days_are_the_companys(world, settings, day):
    """An invoice of 03:00 UTC on 10 March is one of the 9th in Los Angeles; due dates are days there too."""
    account = world.account()
    customer = world.customer(account)
    world.clock.tick(datetime(2026, 3, 10, 3, tzinfo=UTC).timestamp() - world.clock() - 4)
    invoice = world.invoice(customer, due_in_days=10)
    world.settle()
    assert world.ledger(invoice).issued_on == day
    assert world.ledger(invoice).due_on == day + timedelta(days=10)
    zone = settings["DUELINE_TIME_ZONE"]
    for late in (0, 1, 31):
        world.move_to(day + timedelta(days=10 + late))
        world.turn()
        world.publish()
        world.check_summaries(zone=zone)
        assert world.summary(account)["Overdue__c"] == (100 if late else 0)


def test_the_day_of_a_company_begins_at_its_own_midnight(books):
    """Without a moved date, today is the date in the company's zone."""
    east, west = Calendar("Pacific/Kiritimati"), Calendar("Etc/GMT+12")
    assert east.today() - west.today() in {timedelta(days=1), timedelta(days=2)}
    assert turn_due(books.engine, east)
    with books.engine.begin() as conn:
        cursors.put(conn, "day", east.today().isoformat())
    assert turn_due(books.engine, west)


def test_a_leap_day_is_a_day(world):
    world.move_to(date(2028, 2, 28))
    account = world.account()
    customer = world.customer(account)
    paid = world.invoice(customer, 20_000, due_in_days=-2)
    world.act("pay_invoice", invoice=paid)
    world.invoice(customer, due_in_days=1)
    world.settle()
    for day in (date(2028, 2, 29), date(2028, 3, 1), date(2029, 2, 27), date(2029, 2, 28), date(2029, 3, 1)):
        world.move_to(day)
        world.turn()
        world.publish()
        world.check_summaries()


def test_a_day_is_not_over_while_another_turn_holds_some_of_its_rows(world):
    """That one may die yet, and its rows would be left as they were yesterday."""
    book_of_terms(world)
    world.move_to(TODAY + timedelta(days=40))
    with world.engine.connect() as other:
        other.execute(text("SELECT key FROM invoice WHERE next_change_on IS NOT NULL FOR UPDATE"))
        world.turn()
        assert turn_due(world.engine, world.run.calendar)
    world.turn()
    assert not turn_due(world.engine, world.run.calendar)
    world.publish()
    world.check()
