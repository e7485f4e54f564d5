"""Parked things as one list: grouped by cause, found, tried again, left alone, however many there are."""

import time

from sqlalchemy import text

from sync.core.causes import fingerprint
from sync.db import cursors, inbox, parked, refusals, unpark, upkeep
from sync.db.parked import Wanted
from sync.jobs import _know_org, _note_away
from sync.pipeline.accounts import OrgAwayError

MANY = 10_000


def fill(world, count=MANY) -> None:
    """So many parked things of four causes, as a week of trouble leaves them."""
    with world.engine.begin() as conn:
        conn.execute(text("INSERT INTO account (id, name, read_at) VALUES ('001000000000001', 'Acme', now())"))
        causes = {
            "record": fingerprint("record", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Amounts over 10 need an order"),
            "other": fingerprint("record", "DUPLICATE_VALUE", "duplicate of 001000000000001"),
            "event": fingerprint("event", "invoice.updated", "invoice in_1: total is missing"),
        }
        conn.execute(
            text(
                "INSERT INTO record (kind, key, lane, marked, priority, marked_at, due_at, parked, reason, fix, cause,"
                " parked_at, attempts) SELECT CASE WHEN n % 10 = 0 THEN 'payment' ELSE 'invoice' END, 'main:in_' || n,"
                " '001000000000001', 1, 1, now(), now() + interval '1 hour', CASE WHEN n % 4 = 0 THEN 'DUPLICATE_VALUE'"
                " ELSE 'FIELD_CUSTOM_VALIDATION_EXCEPTION' END, CASE WHEN n % 4 = 0 THEN 'duplicate of ' || n ELSE"
                " 'Amounts over ' || n || ' need an order' END, 'do it',"
                " CASE WHEN n % 4 = 0 THEN :other ELSE :record END,"
                " now() - n * interval '1 s', 3 FROM generate_series(1, :n) n"
            ),
            {"n": count * 8 // 10, **{name: cause for name, cause in causes.items() if name != "event"}},
        )
        conn.execute(
            text(
                "INSERT INTO inbox (connection, event_id, provider, type, scope, headers, body, status, reason, cause)"
                " SELECT 'main', 'evt_' || n, 'stripe', 'invoice.updated', 'main', '{}', '{}', 'parked',"
                " 'invoice in_' || n || ': total is missing', :event FROM generate_series(1, :n) n"
            ),
            {"n": count * 2 // 10, "event": causes["event"]},
        )
        conn.execute(text("ANALYZE"))


def test_ten_thousand_are_grouped_paged_and_ignored_fast(books):
    fill(books)
    took = {}

    def timed(name, work):
        begun = time.perf_counter()
        found = work()
        took[name] = round((time.perf_counter() - begun) * 1000)
        return found

    with books.engine.begin() as conn:
        groups = timed("groups", lambda: parked.groups(conn))
        assert [(group.what, group.count) for group in groups] == [
            ("record", 6_000),
            ("event", 2_000),
            ("record", 2_000),
        ]
        first = groups[0]
        assert (first.kinds, first.code) == (("invoice", "payment"), "FIELD_CUSTOM_VALIDATION_EXCEPTION")
        total, rows = timed("page", lambda: parked.items(conn, Wanted(first.cause), offset=5_000))
        assert (total, len(rows), rows[0].account_name) == (6_000, 50, "Acme")
        total, rows = timed("search", lambda: parked.items(conn, Wanted(first.cause, "in_7777")))
        assert [row.key for row in rows] == ["main:in_7777"]
        timed("status", lambda: books.status)
        assert timed("ignore", lambda: unpark.ignore(conn, Wanted(first.cause), "known", "Ann")) == 6_000
        assert timed("groups with as many ignored", lambda: sum(group.count for group in parked.groups(conn))) == 4_000
        assert parked.count(conn, left_alone=True) == 6_000
        again, _ = timed("retry", lambda: unpark.retry(conn, None))
        assert again == 4_000
    print("ms:", took)


def test_an_event_parked_at_the_door_gets_its_cause_with_the_next_upkeep(books):
    books.send(b"{", header=None)
    with books.engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO inbox (connection, event_id, provider, scope, headers, body, status, reason)"
                " VALUES ('main', 'x1', 'stripe', 'main', '{}', '', 'parked', 'no JSON'),"
                " ('main', 'x2', 'stripe', 'main', '{}', '', 'parked', 'no JSON')"
            )
        )
        before = parked.groups(conn)
        assert [group.cause for group in before if group.reason == "no JSON"] == [""]
        assert unpark.sort_new(conn) >= 2
        assert unpark.sort_new(conn) == 0
        [group] = [group for group in parked.groups(conn) if group.reason == "no JSON"]
        assert (len(group.cause), group.count) == (16, 2)


def test_what_was_ignored_is_forgotten_once_it_is_done(world):
    invoice = world.invoice(world.customer(world.account()))
    world.drain()
    world.fault("partial", object="AR_Invoice__c", every=1, times=1, code="CUSTOM_ERROR", message="no")
    world.publish()
    with world.engine.begin() as conn:
        assert unpark.ignore(conn, ("invoice", f"main:{invoice}"), "so", "Ann") == 1
        unpark.forget(conn)
        assert parked.count(conn, left_alone=True) == 1
        refusal = refusals.get(conn, "invoice", f"main:{invoice}")
        assert refusal.sent["Key__c"] == f"main:{invoice}"
        assert refusal.got["code"] == "CUSTOM_ERROR"
        assert unpark.take_back(conn, "invoice", f"main:{invoice}")
        assert not unpark.take_back(conn, "invoice", f"main:{invoice}")
    world.publish()
    assert world.status.parked == 0
    with world.engine.begin() as conn:
        unpark.forget(conn)
        refusals.forget(conn)
        assert refusals.get(conn, "invoice", f"main:{invoice}") is not None, "kept for a while"
        conn.execute(text("UPDATE refusal SET at = now() - interval '91 days'"))
        refusals.forget(conn)
        assert refusals.get(conn, "invoice", f"main:{invoice}") is None


def test_the_command_line_leaves_alone_what_is_ignored(books):
    fill(books, 50)
    with books.engine.begin() as conn:
        groups = parked.groups(conn)
        for group in groups[:2]:
            unpark.ignore(conn, Wanted(group.cause), "known", "Ann")
        assert (inbox.replay(conn, parked=True), upkeep.retry_parked(conn)) == (0, groups[2].count)


def test_an_org_that_does_not_answer_is_noted_once_since_when(world):
    error = OrgAwayError("INVALID_SESSION_ID", "no", "act", 1.0)
    _note_away(world.run, error)
    first = world.one("SELECT position FROM cursor WHERE name = 'salesforce away'").position
    _note_away(world.run, error)
    _note_away(world.run, OrgAwayError("API_BUDGET_SPENT", "spent", "wait", 1.0))
    assert world.one("SELECT position FROM cursor WHERE name = 'salesforce away'").position == first
    _know_org(world.run, world.run.org)
    with world.engine.connect() as conn:
        assert cursors.get(conn, cursors.ORG_AWAY) is None
