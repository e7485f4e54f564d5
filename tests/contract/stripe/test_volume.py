"""A big account lists in time that grows with its size, not with its square."""

import time

import pytest

from connector.local.stripe.store import Query, Store

PAGE = 100


@pytest.fixture
def big():
    store = Store()
    yield store
    store.close()


def walk(store):
    """Seconds per page over everything."""
    after, pages, started = None, 0, time.perf_counter()
    while True:
        items, more = store.page(Query("invoice", limit=PAGE, starting_after=after))
        pages += 1
        if not more:
            return (time.perf_counter() - started) / pages, pages
        after = items[-1]["id"]


def fill(store, first, count):
    with store.transaction():
        for n in range(first, first + count):
            store.put({"id": f"in_{n}", "object": "invoice", "created": 1000 + n // 7, "customer": f"cus_{n % 50}"})


def test_a_page_costs_the_same_in_a_big_account(big):
    fill(big, 0, 2_000)
    small, _ = walk(big)
    fill(big, 2_000, 98_000)
    large, pages = walk(big)
    assert pages == 1000
    assert large < 4 * small + 0.001


def test_events_are_generated_fast_enough_for_a_load_test(local, customer):
    started, events = time.perf_counter(), 0
    while events < 600:
        draft, first = local.world.act("create_invoice", {"customer": customer, "lines": [{"amount": 5}]})
        _, second = local.world.act("finalize_invoice", {"invoice": draft["id"], "due_in_days": 3})
        _, third = local.world.act("pay_invoice", {"invoice": draft["id"]})
        events += len(first) + len(second) + len(third)
    assert events / (time.perf_counter() - started) > 500
