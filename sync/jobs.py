"""What workers do, by queue, and when the clock reminds them. Rows in PostgreSQL are the truth; a job is a nudge.

A job drains whatever waits, for a few seconds at most, then ends, so that a worker can be stopped; if there is more,
it rings again. Losing a job therefore loses nothing, and two of the same do no harm. RQ loses jobs of workers that
listen to several queues (rq issue 1716), so each worker has one.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from sync.adapters.crm import CrmOrg
from sync.bootstrap import Runtime, current, runtime
from sync.core.budget import Priority
from sync.db import cursors, holds, inbox, objects, records, refusals, reviews, samples, unpark, upkeep, usage, work
from sync.errands import do_slice
from sync.pipeline.accounts import OrgAwayError
from sync.pipeline.catch_up import catch_up
from sync.pipeline.day import turn_day, turn_due
from sync.pipeline.fetch import fetch_due
from sync.pipeline.heartbeat import beat
from sync.pipeline.holds import settle_holds
from sync.pipeline.inbox import process_inbox
from sync.pipeline.link import link_waiting
from sync.pipeline.publish import publish
from sync.pipeline.readback import read_back
from sync.pipeline.refill import refill
from sync.pipeline.retain import retain
from sync.pipeline.review import review_waiting
from webhooks.providers import PROVIDERS

log = structlog.get_logger()

JOB_S = 10.0  # how long a job goes on before it lets its worker breathe
RETAIN_EVERY_S = 3_600.0
REFILL_EVERY_S = 120.0
TIDY_EVERY_S = 3_600.0
HELP_FROM = 50  # rows waiting from which another worker is called
SCHEDULE_S = {
    "ledger": 1.0,
    "fetch": 1.0,
    "salesforce": 1.0,
    "crm": 1.0,
    "upkeep": 5.0,
    "work": 2.0,
}  # how often the clock rings each queue


def drain_inbox() -> None:
    """Queue `ledger`: events into the ledger."""
    run = runtime()
    run.bell.answered("ledger")
    with run.engine.connect() as conn:
        if inbox.waiting(conn) >= HELP_FROM:
            run.bell.ring("ledger")
            run.bell.ring("salesforce")
    done = process_inbox(run.engine, run.ingest, _for(JOB_S))
    if done.rows:
        run.bell.ring("salesforce")
    if done.fetches:
        run.bell.ring("fetch")
    with run.engine.connect() as conn:
        if inbox.anything_due(conn):
            run.bell.ring("ledger")
        if done.rows and reviews.anything_due(conn):
            run.bell.ring("crm")


def drain_fetches() -> None:
    """Queue `fetch`: objects fetched again from their billing systems, dunning holds put and taken off there."""
    run = runtime()
    run.bell.answered("fetch")
    proceed, done = _for(JOB_S), 0
    while proceed():
        held = settle_holds(run.engine, run.billing.ask_hold, run.settings.request_lifetime_s)
        ended = fetch_due(run.engine, run.ingest, run.settings.connections(), run.billing.fetch)
        done += ended + held
        if held or ended:
            run.bell.ring("crm")
        if not ended and not held:
            break
        run.bell.ring("salesforce")
    with run.engine.connect() as conn:
        if done and (objects.fetches_due(conn) or holds.anything_due(conn)):
            run.bell.ring("fetch")


def drain_crm() -> None:
    """Queue `crm`: what people did in Salesforce, and what follows from that and from the ledger."""
    run = runtime()
    run.bell.answered("crm")
    if run.org is not None and _poll_due(run, run.org):
        _look(run, run.org)
    _review(run)


def look_now() -> None:
    """Queue `crm`: Salesforce has said that something changed; look at once, though not more than once a second."""
    run = runtime()
    run.bell.answered("crm:now")
    if run.org is not None and run.org.allows(Priority.NORMAL):
        with run.engine.connect() as conn:
            age = cursors.age_s(conn, cursors.LAST_LOOK)
        time.sleep(max(0.0, min(1.0, 1.0 - age)) if age is not None else 0.0)
        _look(run, run.org)
    _review(run)


def _poll_due(run: Runtime, org: CrmOrg) -> bool:
    with run.engine.connect() as conn:
        age = cursors.age_s(conn, cursors.LAST_LOOK)
    return (age is None or age >= org.poll_every_s(run.settings.poll_every_s)) and org.allows(Priority.NORMAL)


def _look(run: Runtime, org: CrmOrg) -> None:
    """Look once what people did; one that fails is made up for by the next."""
    with run.engine.begin() as conn:
        cursors.put(conn, cursors.LAST_LOOK, {"at": time.time()})
    try:
        read = read_back(run.engine, org, run.reading_back)
        _know_org(run, org)
    except OrgAwayError as error:
        log.warning("not read back", reason=str(error))
        _note_away(run, error)
        return
    finally:
        run.meter.flush()
    if read is not None and (read.new or read.put_back):
        log.info("read back", **read.new, put_back=read.put_back)
        run.bell.ring("salesforce")


def _know_org(run: Runtime, org: CrmOrg) -> None:
    """Write down whose messages the web process may believe, and that the org answers."""
    identity = {"org": org.org_id, "user": org.user_id}
    with run.engine.begin() as conn:
        if cursors.get(conn, cursors.ORG_AWAY) is not None:
            cursors.drop(conn, cursors.ORG_AWAY)
        if cursors.get(conn, cursors.ORG_IDENTITY) != identity:
            cursors.put(conn, cursors.ORG_IDENTITY, identity)


def _note_away(run: Runtime, error: OrgAwayError) -> None:
    """Write down since when the org does not answer, and why, for the page; a spent budget is told as that."""
    if error.code == "API_BUDGET_SPENT":
        return
    with run.engine.begin() as conn:
        known = cursors.get(conn, cursors.ORG_AWAY) or {"since": datetime.now(UTC).isoformat()}
        told = {"since": known["since"], "code": error.code, "reason": error.reason, "fix": error.fix}
        if told != known:
            cursors.put(conn, cursors.ORG_AWAY, told)


def _review(run: Runtime) -> None:
    done = review_waiting(run.engine, run.reviewing, _for(JOB_S))
    if done.holds:
        run.bell.ring("fetch")
    if done.accounts:
        log.info("reviewed", accounts=done.accounts)
        run.bell.ring("salesforce")
    with run.engine.connect() as conn:
        if reviews.anything_due(conn):
            run.bell.ring("crm")


def drain_records() -> None:
    """Queue `salesforce`: waiting records into Salesforce."""
    run = runtime()
    run.bell.answered("salesforce")
    if run.org is None:
        return
    done = publish(run.engine, run.org, run.publishing, _for(JOB_S))
    run.meter.flush()
    if done.rounds:
        log.info("published", written=done.written, unchanged=done.unchanged, refused=done.refused, codes=done.problems)
    with run.engine.connect() as conn:
        if done.rounds and records.any_due(conn):
            run.bell.ring("salesforce")


def do_upkeep() -> None:
    """Queue `upkeep`: what moves without an event. Each task is bounded; what one leaves the next run does."""
    run = runtime()
    run.bell.answered("upkeep")
    _look_at_ourselves(run)
    with run.engine.begin() as conn:
        swept = upkeep.sweep(conn, run.settings.request_lifetime_s)
        usage.forget(conn)
    turned = _turn(run) if turn_due(run.engine, run.calendar) else 0
    looked_at = _link(run, run.org) if run.org is not None else 0
    refilled = _refill(run, run.org) if run.org is not None and _due(run, "refill", REFILL_EVERY_S) else 0
    if swept or turned or looked_at or refilled:
        log.info("upkeep", swept=swept, turned=turned, looked_up=looked_at, refilled=refilled)
        run.bell.ring("salesforce")
    if turned:
        run.bell.ring("crm")
    if _due(run, "catch up", run.settings.catch_up_every_s):
        _catch_up(run)
    if run.org is not None and beat(run.engine, run.org, run.settings.heartbeat_s):
        run.meter.flush()
    if _due(run, "retention", RETAIN_EVERY_S):
        inside = run.books if run.org is not None else None
        retain(run.engine, run.retention, _for(JOB_S), inside, run.org.allows if run.org is not None else _never)
        run.meter.flush()


def _look_at_ourselves(run: Runtime) -> None:
    """Note how we do, once a minute; every hour, forget what nobody asks for any more."""
    with run.engine.begin() as conn:
        unpark.sort_new(conn)
        samples.take(conn)
    if _due(run, "tidying", TIDY_EVERY_S):
        with run.engine.begin() as conn:
            samples.thin(conn)
            refusals.forget(conn)
            unpark.forget(conn)


def do_work() -> None:
    """Queue `work`: long work that somebody asked for on finance's page, a slice at a time."""
    run = current().look()
    run.bell.answered("work")
    proceed = _for(JOB_S)
    while proceed() and do_slice(run, proceed):
        run = current().look()  # what is asked for next may need what was configured just now
    if run.org is not None:
        run.meter.flush()
    with run.engine.connect() as conn:
        if work.anything_due(conn):
            run.bell.ring("work")


def _turn(run: Runtime) -> int:
    """Turn the day."""
    return turn_day(run.engine, run.calendar, _for(JOB_S), run.settings.milestones)


def _link(run: Runtime, org: CrmOrg) -> int:
    """Look for the accounts of customers that have none."""
    try:
        return link_waiting(run.engine, org, run.settings.account_billing_field, run.settings.link_every_s)
    except OrgAwayError as error:  # they are looked up again in a while
        log.warning("accounts not looked up", reason=str(error))
        return 0


def _refill(run: Runtime, org: CrmOrg) -> int:
    """Write in full what lacked fields that were hidden."""
    try:
        return refill(run.engine, org)
    except OrgAwayError as error:
        log.warning("hidden fields not looked at", reason=str(error))
        return 0


def _catch_up(run: Runtime) -> None:
    """Read the billing systems' own lists of events, for those that no webhook brought."""
    readable = {name: kind for name, kind in run.settings.connections().items() if name in run.billing.names}
    days = run.settings.catch_up_days
    gone_on = _for(JOB_S)
    done = catch_up(run.engine, run.billing.pages, readable, PROVIDERS, time.time(), first_days=days, proceed=gone_on)
    if done.added:
        log.info("events caught up on", **done.added)
        run.bell.ring("ledger")


def _due(run: Runtime, name: str, every_s: float) -> bool:
    """Whether it was not done for so long; then it is taken to be done now."""
    with run.engine.begin() as conn:
        age = cursors.age_s(conn, name)
        due = age is None or age >= every_s
        if due:
            cursors.put(conn, name, {"at": time.time()})
    return due


def _never(_priority: Priority) -> bool:
    return False


def _for(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end
