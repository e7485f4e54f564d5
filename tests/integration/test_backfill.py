"""Reading everything: in pages, at the provider's pace, from where it was stopped, and never ahead of live payments."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from sync.core.budget import Priority
from sync.db import lanes
from sync.pipeline import backfill as walk
from sync.pipeline.pages import BillingAwayError, Gait
from tests.integration.place import CONNECTION

QUICK = Gait(rate=1e6, sleep=lambda _seconds: None)


def fill(books: Any, pages: Any = None, gait: Gait = QUICK) -> walk.Walked:
    given = pages or books.run.billing.pages
    return walk.backfill(books.engine, books.run.ingest, given, CONNECTION, "stripe", lambda *_: None, gait=gait)


def small(books: Any, size: int = 2) -> Any:
    billing = books.run.billing.of(CONNECTION)

    def pages(_connection: str, kind: str, after: str | None, since: int | None) -> Iterator[Any]:
        return billing.list_all(kind, created_gte=since, starting_after=after, page_size=size)

    return pages


class Failing:
    """Pages that fail before the page of that number, counted over all of them."""

    def __init__(self, pages: Any, failures: dict[int, BillingAwayError]) -> None:
        self.pages, self.failures, self.count = pages, failures, 0
        self.asked: list[tuple[str, str | None]] = []

    def __call__(self, connection: str, kind: str, after: str | None, since: int | None) -> Iterator[Any]:
        inner = self.pages(connection, kind, after, since)
        self.asked.append((kind, after))
        while True:
            self.count += 1
            if error := self.failures.pop(self.count, None):
                raise error
            page = next(inner, None)
            if page is None:
                return
            yield page


@pytest.fixture
def filled(books):
    """A Stripe account with a history that nothing has been told of."""
    for _ in range(3):
        customer = books.customer(deliver=False)
        for amount in (1_000, 2_000):
            invoice = books.invoice(customer, amount, deliver=False)
        books.act("pay_invoice", invoice=invoice, amount=2_000, deliver=False)
    books.act("void_invoice", invoice=books.invoice(customer, deliver=False), deliver=False)
    books.clock.tick(10)
    return books


def test_a_history_is_read_whole_in_pages_of_any_size(filled):
    found = fill(filled, small(filled))
    assert (found.read, found.missing["invoice"], found.drift) == (13, 7, 13)
    filled.drain()
    filled.check_ledger()
    assert fill(filled).read == 0


def test_the_provider_is_asked_again_when_it_wants_to_be_and_the_place_is_kept(filled):
    slept: list[float] = []
    late = BillingAwayError("429", "slow down", passing=True, retry_after_s=7.0)
    pages = Failing(small(filled), {2: late, 3: BillingAwayError("500", "oh", passing=True)})
    fill(filled, pages, Gait(rate=1e6, sleep=slept.append))
    assert [wait for wait in slept if wait > 0.1] == [7.0, 2.0]
    assert pages.asked[:3] == [("customer", None), ("customer", pages.asked[1][1]), pages.asked[1]]
    assert pages.asked[1][1] is not None
    filled.drain()
    filled.check_ledger()


def test_a_provider_that_stays_away_ends_it_and_the_next_run_goes_on(filled):
    away = {number: BillingAwayError("503", "away", passing=True) for number in range(4, 40)}
    with pytest.raises(BillingAwayError, match="503"):
        fill(filled, Failing(small(filled), away))
    held = filled.one("SELECT count(*) AS n FROM object WHERE facts IS NOT NULL").n
    assert 0 < held < 13
    found = fill(filled, small(filled))
    assert found.read < 13
    filled.drain()
    filled.check_ledger()


def test_what_asking_again_cannot_help_is_raised_at_once(filled):
    slept: list[float] = []
    pages = Failing(small(filled), {1: BillingAwayError("401", "wrong key", "give another")})
    with pytest.raises(BillingAwayError, match="give another"):
        fill(filled, pages, Gait(sleep=slept.append))
    assert [wait for wait in slept if wait] == []


def test_where_the_object_to_go_on_after_is_gone_the_kind_is_read_from_its_start(filled):
    away = {number: BillingAwayError("503", "away", passing=True) for number in range(4, 40)}
    with pytest.raises(BillingAwayError):
        fill(filled, Failing(small(filled), away))
    gone = Failing(small(filled), {1: BillingAwayError("404", "no such object", place_gone=True)})
    fill(filled, gone)
    assert gone.asked[1] == (gone.asked[0][0], None)
    filled.drain()
    filled.check_ledger()


def test_requests_keep_the_providers_pace(filled):
    began = time.monotonic()
    fill(filled, small(filled, 1), Gait(rate=50))
    assert time.monotonic() - began >= 13 / 50


def test_one_object_that_no_column_holds_does_not_hold_up_its_page(filled):
    broken = filled.objects("customer")[0]
    filled.stripe.world.store.put({**broken, "name": "half a \x00 name"})
    found = fill(filled)
    assert found.unreadable == {"customer": 1}
    held = {row.key for row in filled.rows("SELECT key FROM object WHERE facts IS NOT NULL AND kind = 'customer'")}
    assert held == {f"{CONNECTION}:{row['id']}" for row in filled.objects("customer")} - {
        f"{CONNECTION}:{broken['id']}"
    }
    assert filled.one("SELECT count(*) AS n FROM invoice").n == 7


def test_a_page_that_loses_a_race_for_locks_is_taken_in_again(filled, monkeypatch):
    from sqlalchemy.exc import OperationalError

    losing = [OperationalError("SELECT", None, Exception("deadlock detected")) for _ in range(2)]
    real = walk.observe_all

    def observe_all(*given, **named):
        if losing:
            raise losing.pop()
        return real(*given, **named)

    monkeypatch.setattr(walk, "observe_all", observe_all)
    found = fill(filled)
    assert (losing, found.unreadable, found.read) == ([], {}, 13)
    filled.drain()
    filled.check_ledger()


def test_what_it_marks_is_the_least_urgent_until_an_event_marks_it(world):
    account = world.account()
    customer = world.customer(account, deliver=False)
    invoice = world.invoice(customer, deliver=False)
    world.clock.tick(10)
    fill(world)
    assert {row.priority for row in world.rows("SELECT priority FROM record")} == {Priority.BACKGROUND}
    world.act("pay_invoice", invoice=invoice, amount=10_000)
    world.drain()
    urgent = {row.kind: row.priority for row in world.rows("SELECT kind, priority FROM record")}
    assert urgent == {"account": 0, "summary": 0, "invoice": 1, "payment": 0}
    world.settle()
    world.check()


def test_a_live_payment_goes_before_what_a_backfill_has_marked_long_ago(world):
    for number in range(3):
        world.invoice(world.customer(world.account(), deliver=False), 1_000 + number, deliver=False)
    world.clock.tick(10)
    fill(world)
    account = world.account()
    world.invoice(world.customer(account), 5_000)
    world.drain()
    with world.engine.begin() as conn:
        assert lanes.lease(conn, 1, 60.0).keys() == {account}


def test_a_dry_reconcile_tells_and_changes_nothing(filled):
    found = walk.reconcile(
        filled.engine, filled.run.ingest, small(filled), CONNECTION, "stripe", lambda *_: None, gait=QUICK, dry=True
    )
    assert found.missing["invoice"] == 7
    for table in ("object", "invoice", "record", "customer", "day_sum"):
        assert filled.one(f"SELECT count(*) AS n FROM {table}").n == 0


def test_a_reconcile_asks_first_for_what_is_in_doubt(filled):
    fill(filled)
    filled.drain()
    wrong = filled.objects("invoice")[0]["id"]
    with filled.engine.begin() as conn:
        conn.execute(text("UPDATE object SET doubtful = true WHERE key = :key"), {"key": f"{CONNECTION}:{wrong}"})
    order: list[str] = []

    def fetch(connection: str, source: str, object_id: str, account: str | None) -> Any:
        order.append(object_id)
        return filled.run.billing.fetch(connection, source, object_id, account)

    found = walk.reconcile(
        filled.engine, filled.run.ingest, small(filled), CONNECTION, "stripe",
        lambda kind, _count: order.append(kind), fetch=fetch, gait=QUICK,
    )  # fmt: skip
    assert found.doubtful == 1
    assert order[0] == wrong
    assert filled.one("SELECT count(*) AS n FROM object WHERE doubtful").n == 0


def test_killed_at_any_moment_it_goes_on_and_ends_right(books):
    """kill -9, twice, while pages come slowly; then once to the end."""
    customer = books.customer(deliver=False)
    for number in range(130):
        invoice = books.invoice(customer, 1_000 + number, deliver=False)
        if number % 4 == 0:
            books.act("pay_invoice", invoice=invoice, amount=1_000 + number, deliver=False)
    books.clock.tick(10)
    books.stripe.desk.delay = 0.15
    environment = {"PATH": os.environ["PATH"], **books.place.environment()}
    command = [sys.executable, "-m", "sync.cli", "backfill", CONNECTION]
    for pages in (1, 2):
        before = books.stripe.desk.calls.total()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            if books.stripe.desk.calls.total() >= before + pages:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.01)
        process.wait()
    books.stripe.desk.delay = 0
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    books.drain()
    books.check_ledger()
