"""Saving connections: a version of the configuration, secrets sealed, a line in the history; in one transaction.

Whatever changes a secret adds a version, too: that is how every process hears of it (sync.db.config.stamp). Each
connection counts how often it was saved (`revision`), so that what a test found is never taken for what is now.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from sync.admin import audit
from sync.admin.gate import run, who
from sync.admin.setup.work import DOCTOR, SALESFORCE
from sync.db import config, cursors, secrets, work
from sync.effective import CLIENT_SECRET, CONNECTIONS, PRIVATE_KEY, api_key, signing

Value = dict[str, Any]


def stored(conn: Connection, *, to_change: bool = False) -> Value:
    """The connections as saved on the page: `salesforce`, and `stripe` by name. A copy.

    `to_change`: nobody else changes them before this transaction ends.
    """
    if to_change:
        config.lock(conn, CONNECTIONS)
    held = config.current(conn, CONNECTIONS)
    found = copy.deepcopy(held.value) if held else {}
    return {"salesforce": found.get("salesforce"), "stripe": found.get("stripe", {})}


def save_salesforce(conn: Connection, value: Value, given: Mapping[str, str]) -> None:
    """Keep the connection to Salesforce; `given`: new secrets by name. What the other flow needed is forgotten."""
    before = stored(conn, to_change=True)
    _seal(conn, given)
    for other in {CLIENT_SECRET, PRIVATE_KEY} - {PRIVATE_KEY if value.get("username") else CLIENT_SECRET}:
        secrets.drop(conn, other)
    if (before["salesforce"] or {}).get("login_url") != value["login_url"]:
        cursors.drop(conn, cursors.ORG_IDENTITY)  # it may be another org: who it is must be learned again
        cursors.drop(conn, cursors.ORG_CURRENCIES)
    _add(conn, {**before, "salesforce": _next(value, before["salesforce"])})
    told = {"new_secret": sorted(given)} if given else {}
    audit.note(conn, "connected Salesforce", "Salesforce", before=before["salesforce"], after={**value, **told})


def forget_salesforce(conn: Connection) -> None:
    """Forget the connection to Salesforce with its secrets. Nothing changes over there."""
    before = stored(conn, to_change=True)
    for name in (CLIENT_SECRET, PRIVATE_KEY):
        secrets.drop(conn, name)
    for name in (cursors.ORG_IDENTITY, cursors.ORG_CURRENCIES):
        cursors.drop(conn, name)
    _add(conn, {**before, "salesforce": None})
    audit.note(conn, "disconnected Salesforce", "Salesforce", before=before["salesforce"])


def save_stripe(conn: Connection, name: str, value: Value, key: str | None) -> None:
    """Keep a connection to Stripe, and its API key if a new one is given."""
    before = stored(conn, to_change=True)
    _seal(conn, {api_key(name): key} if key else {})
    _add(conn, {**before, "stripe": {**before["stripe"], name: _next(value, before["stripe"].get(name))}})
    told = {**value, "new_secret": ["API key"]} if key else value
    audit.note(conn, "connected Stripe", f"Stripe, {name}", before=before["stripe"].get(name), after=told)


def add_signing_secret(conn: Connection, name: str, secret: str) -> None:
    """Have one more signing secret live. The ones before it stay live until somebody removes them."""
    before = stored(conn, to_change=True)
    numbers = [int(each.name.rpartition(":")[2]) for each in secrets.told(conn, signing(name))]
    _seal(conn, {f"{signing(name)}{max(numbers, default=0) + 1}": secret})
    _add(conn, {**before, "stripe": {name: {}, **before["stripe"]}})
    audit.note(conn, "added a signing secret", f"Stripe, {name}")


def remove_secret(conn: Connection, secret: str, what: str, of: str) -> bool:
    """Forget a secret. False if it is not there."""
    if not secrets.drop(conn, secret):
        return False
    _add(conn, stored(conn, to_change=True))
    audit.note(conn, f"removed {what}", of)
    return True


def forget_stripe(conn: Connection, name: str) -> None:
    """Forget a connection with its secrets. What it brought stays in the ledger."""
    before = stored(conn, to_change=True)
    for each in secrets.told(conn, f"stripe:{name}:"):
        secrets.drop(conn, each.name)
    _add(conn, {**before, "stripe": {other: value for other, value in before["stripe"].items() if other != name}})
    audit.note(conn, "disconnected Stripe", f"Stripe, {name}", before=before["stripe"].get(name))


def save_and_look(area: str, save: Callable[[Connection], object]) -> None:
    """Save something, and have the connection looked at, at once."""
    with run().engine.begin() as conn:
        save(conn)
        work.ask(conn, DOCTOR, looking_at(conn, area), who().name)
    run().bell.ring("work")


def looking_at(conn: Connection, area: str) -> Value:
    """What a test of a connection as it is now is called among long work."""
    held = stored(conn)
    value = held["salesforce"] if area == SALESFORCE else held["stripe"].get(area)
    return {"area": area, "revision": (value or {}).get("revision", 0)}


def _next(value: Value, before: Value | None) -> Value:
    return {**value, "revision": (before or {}).get("revision", 0) + 1}


def _seal(conn: Connection, given: Mapping[str, str]) -> None:
    for name, clear in given.items():
        secrets.put(conn, name, clear, run().vault.seal(clear), who().name)


def _add(conn: Connection, value: Value) -> None:
    config.add(conn, CONNECTIONS, {part: held for part, held in value.items() if held}, who().name)
