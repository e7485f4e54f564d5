"""Events that no webhook brought: read from Stripe's list of events, once, and with the place kept."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from connector.billing.stripe import StripeBilling
from sync.pipeline.catch_up import OVERLAP_S, CaughtUp, catch_up
from sync.pipeline.pages import BillingAwayError, Gait
from tests.integration.place import CONNECTION
from webhooks.providers import PROVIDERS

DAY = 86_400


class List:
    """Stripe's event list in small pages, which counts them and can be told to fail."""

    def __init__(self, books: Any, size: int = 3) -> None:
        self.billing, self.size = books.run.billing.of(CONNECTION), size
        self.read: list[str | None] = []
        self.failing: dict[int, BillingAwayError] = {}

    def __call__(self, connection: str, kind: str, after: str | None, since: int | None) -> Iterator[Any]:
        assert (connection, kind) == (CONNECTION, "event")
        assert isinstance(self.billing, StripeBilling)
        pages = self.billing.list_all(kind, created_gte=since, starting_after=after, page_size=self.size)
        while True:
            self.read.append(after)
            if error := self.failing.pop(len(self.read), None):
                raise error
            page = next(pages, None)
            if page is None:
                self.read.pop()
                return
            after = page.last_id
            yield page


@pytest.fixture
def events(books) -> List:
    return List(books)


def run(books: Any, events: List, **options: Any) -> CaughtUp:
    gait = Gait(rate=1e6, tries=1)
    return catch_up(books.engine, events, {CONNECTION: "stripe"}, PROVIDERS, books.clock(), gait=gait, **options)


def counts(done: CaughtUp) -> tuple[int, int]:
    return done.seen[CONNECTION], done.added[CONNECTION]


def test_events_that_were_never_sent_are_processed_and_a_late_delivery_is_a_duplicate(books, events):
    invoice = books.invoice(books.customer(), deliver=False)
    books.act("pay_invoice", invoice=invoice, amount=10_000, deliver=False)
    done = run(books, events)
    assert counts(done) == (len(books.withheld) + 1, len(books.withheld))  # the customer's had come
    books.drain()
    books.check_ledger()
    assert books.ledger(invoice).status == "paid"
    before = books.rows("SELECT count(*), sum(attempts) FROM inbox")
    books.post(*books.withheld)
    books.drain()
    assert books.rows("SELECT count(*), sum(attempts) FROM inbox") == before
    rows = books.rows("""SELECT event_id, created FROM inbox WHERE headers = '{"Dueline-Source": "event list"}'""")
    assert {tuple(row) for row in rows} == {(event["id"], event["created"]) for event in books.withheld}


def test_what_was_delivered_is_left_alone(books, events):
    books.invoice(books.customer())
    before = books.rows("SELECT id, body FROM inbox ORDER BY id")
    assert counts(run(books, events)) == (len(before), 0)
    assert books.rows("SELECT id, body FROM inbox ORDER BY id") == before


def test_the_next_run_reads_no_further_back_than_the_overlap(books, events):
    customer = books.customer(deliver=False)
    for _ in range(4):
        books.invoice(customer, deliver=False)
        books.clock.tick(OVERLAP_S)
    run(books, events)
    everything = len(events.read)
    assert everything >= 4
    known = len(books.objects("event"))
    books.invoice(customer, deliver=False)
    events.read.clear()
    done = run(books, events)
    assert done.added[CONNECTION] == len(books.objects("event")) - known
    assert len(events.read) <= 4
    assert counts(run(books, events))[1] == 0


def test_an_event_that_enters_the_list_late_is_found_by_the_overlap(books, events):
    books.invoice(books.customer(), deliver=False)
    run(books, events)
    [late] = [event for event in books.withheld if event["type"] == "invoice.finalized"]
    with books.engine.begin() as conn:
        conn.exec_driver_sql(f"DELETE FROM inbox WHERE event_id = '{late['id']}'")
    books.clock.tick(OVERLAP_S / 2)
    assert run(books, events).added[CONNECTION] == 1


def test_a_provider_that_stops_answering_ends_the_walk_and_the_next_goes_on_there(books, events):
    books.invoice(books.customer(), deliver=False)
    books.clock.tick(10)
    events.failing[2] = BillingAwayError("429", "slow down", passing=True)
    done = run(books, events)
    assert counts(done) == (3, 3)
    assert "429" in done.stopped[CONNECTION]
    place = events.read[-1]
    newest = books.customer(deliver=False)
    events.read.clear()
    done = run(books, events)
    assert events.read[0] == place
    assert done.stopped == {}
    books.drain()
    books.check_ledger()
    assert books.rows("SELECT 1 FROM customer WHERE key = :key", key=f"{CONNECTION}:{newest}")


def test_it_stops_between_two_pages_when_it_is_told_to_and_goes_on(books, events):
    books.invoice(books.customer(), deliver=False)
    assert counts(run(books, events, proceed=lambda: False)) == (3, 3)
    place = books.one("SELECT position FROM cursor WHERE name = 'events:main'").position
    run(books, events)
    assert place["after"] in events.read
    assert books.one("SELECT position FROM cursor WHERE name = 'events:main'").position["since"] is None
    assert books.one("SELECT count(*) AS n FROM inbox").n == len(books.objects("event"))


def test_a_place_that_is_gone_is_read_from_the_newest_again(books, events):
    books.invoice(books.customer(), deliver=False)
    run(books, events, proceed=lambda: False)
    events.failing[2] = BillingAwayError("404", "no such event", place_gone=True)
    done = run(books, events)
    assert done.stopped == {}
    assert books.one("SELECT count(*) AS n FROM inbox").n == len(books.objects("event"))


def test_events_older_than_stripe_keeps_are_told(books, events):
    books.customer(deliver=False)
    run(books, events)
    books.clock.tick(45 * DAY)
    books.customer(deliver=False)
    assert counts(run(books, events)) == (1, 1)


def test_the_first_run_goes_back_as_far_as_it_is_told(books, events):
    books.customer(deliver=False)
    books.clock.tick(10 * DAY)
    books.customer(deliver=False)
    assert counts(run(books, events, first_days=7)) == (1, 1)


def test_through_the_real_connector_a_wrong_key_ends_only_that_connection(books):
    books.stripe.desk.config.restricted_keys.clear()
    pages = books.run.billing.pages
    books.customer(deliver=False)

    def of(connection: str, *given: Any) -> Iterator[Any]:
        if connection == "other":
            raise BillingAwayError("401", "no such key")
        return pages(connection, *given)

    gait = Gait(rate=1e6, tries=1)
    two = {"other": "stripe", CONNECTION: "stripe"}
    done = catch_up(books.engine, of, two, PROVIDERS, books.clock(), gait=gait)
    assert done.stopped.keys() == {"other"}
    assert done.added[CONNECTION] == 1
    [row] = books.rows("SELECT body FROM inbox")
    assert json.loads(bytes(row.body))["object"] == "event"
