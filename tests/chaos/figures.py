"""Stripe = ledger = Salesforce, to the cent and row; and every event went in once."""

import re
from collections.abc import Iterator
from datetime import date

from sqlalchemy import Engine, text

from sync.demo.identities import CONNECTION
from tests.chaos.arena import Arena
from tests.chaos.truth import Divided
from tests.chaos.verdict import SHOWN, Check
from tests.e2e.compare import compare


def figures(arena: Arena, engine: Engine, accounts: dict[str, str], today: date, prefix: str = "") -> Iterator[Check]:
    """Invoices, payments, credits, summaries and accounts."""
    objects = arena.stripe.control("GET", "objects")["data"]
    truth = Divided(objects, accounts, CONNECTION, today)
    for each in compare(engine, arena.admin, truth):  # type: ignore[arg-type]
        wrong = each.in_words(engine, SHOWN)
        wrong += [f"{key}: by Stripe {wanted}, is {has}" for key, wanted, has in each.differences[SHOWN:]]
        yield Check(f"{prefix}figures of {each.what}", f"{each.count} rows", wrong)


def never_sent(arena: Arena) -> set[str]:
    """Events that Stripe has kept to itself."""
    return set(arena.stripe.control("GET", "deliveries")["never_sent"])


def events(arena: Arena, engine: Engine) -> Iterator[Check]:
    """Every event that was sent is in the inbox once, and processed; none that was never sent is missing its effect."""
    sent = {row["id"] for row in arena.stripe.control("GET", "objects", type="event")["data"]}
    never = never_sent(arena)
    with engine.connect() as conn:
        rows = conn.execute(text("SELECT event_id, status, reason FROM inbox")).all()
    stood = {row.event_id: row for row in rows}
    wrong = [f"{event} was answered 2xx and is not in the inbox" for event in sorted(sent - never - stood.keys())]
    wrong += [f"{row.event_id} is {row.status}: {row.reason}" for row in rows if row.status != "processed"]
    wrong += [f"{event} never was" for event in sorted(stood.keys() - sent)]
    yield Check("events", f"{len(sent)} happened, {len(never)} never sent, {len(rows)} in the inbox", wrong)


def parked(told: dict[str, object]) -> Iterator[Check]:
    """Nothing is parked once everything is healed."""
    problems = told.get("problems") or []
    wrong = [str(problem) for problem in problems] if told["parked"] else []  # type: ignore[attr-defined]
    yield Check("parked", f"{told['parked_events']} events, {told['parked_records']} records", wrong)


# What a process may say when another was killed or a fault struck. Anything else at level error, or any traceback that
# is none of these, is news.
KNOWN = re.compile(
    r"OperationalError|AdminShutdown|InterfaceError|the database system is|server closed the connection|"
    r"terminating connection|connection (is bad|failed|refused|reset)|ConnectionError|Connection refused|"
    r"redis\.exceptions\.|BusyLoadingError|rq\.exceptions\.InvalidJobOperation|LockNotAvailable|DeadlockDetected|"
    r"Broken pipe|Connection reset"
)
_ENGINES = {"postgres", "redis", "local-org", "local-stripe"}


def logs(arena: Arena) -> Iterator[Check]:
    """No error line of an unknown kind in the logs of the product."""
    wrong, lines = [], 0
    for name, child in arena.children.items():
        if name in _ENGINES:
            continue
        for line in _complaints(child.log.read_text(errors="replace").splitlines()):
            lines += 1
            if not KNOWN.search(line):
                wrong.append(f"{name}: {line[-600:]}")
    yield Check("logs", f"{lines} complaints, all of known kinds" if not wrong else f"{lines} complaints", wrong)


def _complaints(lines: list[str]) -> Iterator[str]:
    """Lines of level error, and the last line of each traceback."""
    inside = False
    for line in lines:
        if line.startswith("{"):
            inside = False
            if '"level": "error"' in line or '"level": "critical"' in line:
                yield line
        elif line.startswith("Traceback "):
            inside = True
        elif inside and line and not line.startswith((" ", "\t")):
            inside = False
            yield line
