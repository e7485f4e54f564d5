"""Deriving the ledger again from the facts that are kept, piece by piece: when the company's time zone has changed,
every day in it may be another one.

Each piece posts its rows as events do, under the same locks, so it can go on while events pour in; what has not changed
moves nothing, and costs no write to Salesforce. It may be repeated, and broken off between two pieces.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, Engine

from sync.core.budget import Priority
from sync.core.ledger import Unit, customer_unit, invoice_unit, payment_unit
from sync.db import derived, records, reviews
from sync.db.objects import Asker
from sync.pipeline.changes import Posting
from sync.pipeline.post import post

BATCH = 100
MARKED = 1_000  # records marked in one transaction
_UNITS = {"invoice": invoice_unit, "payment": payment_unit, "customer": customer_unit}
LEDGER = ("invoice", "payment")
CUSTOMERS = ("customer",)

Context = Callable[[str, str], Posting]  # scope, provider


@dataclass(slots=True)
class Place:
    """Where the work stands: so many tables are done, and the next one up to a key. `done`: rows so far."""

    tables: int = 0
    after: str = ""
    done: int = 0


def derive_again(
    engine: Engine, context: Context, tables: Sequence[str], place: Place, proceed: Callable[[], bool]
) -> bool:
    """Derive these tables again from `place` on, which is moved. False if `proceed` said stop before the end."""
    while place.tables < len(tables):
        table = tables[place.tables]
        with engine.begin() as conn:
            keys = derived.keys(conn, table, place.after, BATCH)
            _post(conn, table, keys, context)
        place.done += len(keys)
        if keys:
            place.after = keys[-1]
        else:
            place.tables, place.after = place.tables + 1, ""
        if place.tables < len(tables) and not proceed():
            return False
    return True


def _post(conn: Connection, table: str, keys: Sequence[str], context: Context) -> None:
    """Post rows that have a scope in common together; scopes come one after the other, in one order for all."""
    providers: Mapping[str, str] = derived.providers(conn) if keys else {}
    for scope, own in groupby(keys, key=_scope):
        provider = providers.get(scope.partition("/")[0])
        if provider is not None:  # else nothing of that connection is in the ledger
            units: dict[Unit, Asker] = {_UNITS[table](key): Asker() for key in own}
            post(conn, units, context(scope, provider))


def _scope(key: str) -> str:
    return key.rpartition(":")[0]


def write_again(engine: Engine, place: Place, proceed: Callable[[], bool]) -> bool:
    """Have every record looked at again, from `place` on: those that would now say something else are written."""
    while True:
        with engine.begin() as conn:
            kind, _, key = place.after.partition(":")
            found = derived.records_after(conn, kind, key, MARKED)
            records.rewrite(conn, found, Priority.BACKGROUND, doubted=False)
        if not found:
            return True
        place.done += len(found)
        place.after = ":".join(found[-1])
        if not proceed():
            return False


def review_again(engine: Engine) -> int:
    """Have every account looked at again. Returns how many."""
    with engine.begin() as conn:
        return reviews.want_all(conn)
