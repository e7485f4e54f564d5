"""Reads the way of one event, or of one record, off the tables; nothing is remembered for it alone."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from sync.core.causes import kind_words
from sync.core.condition import lasts
from sync.core.dates import instant
from sync.core.facts import RefundFacts
from sync.core.journey import Step, Stop, in_order
from sync.core.ledger import Unit, touched_by
from sync.core.mapping import Ignored, Mapper, Seen, UnmappableError
from sync.core.words import counted
from sync.db import inbox as inbox_store
from sync.db import journeys
from sync.db.tables import AnyRow

_OUTCOMES = {
    "applied": "It was new, and was taken into the ledger.",
    "older than what is known": "We already knew something newer, so it changed nothing.",
    "says what is known": "It said what we already knew.",
    "fetch again": "It was as old as what we knew, so the billing system was asked for the truth.",
    "tie: further state kept": "It was as old as what we knew, and nobody could be asked: the further state was kept.",
}
CAUGHT_UP = "Dueline-Source"  # header of events that were found in the billing system's own list


def of_event(
    conn: Connection, mappers: Mapping[str, Mapper], systems: Mapping[str, str], row: AnyRow
) -> Sequence[Stop]:
    """The way of an event: received, processed, and what followed from it."""
    steps = [*_arrival(row, systems.get(row.provider, row.provider))]
    seen = _mapped(mappers, row)
    keys = [item.facts.key for item in seen]
    known = journeys.objects(conn, keys)
    steps += [step for item in known for step in _object(row, item)]
    units = {unit for item in seen for unit in touched_by(item.facts)}
    refunds = [("refund", item.facts.key) for item in seen if isinstance(item.facts, RefundFacts)]
    steps += _after(conn, units, refunds, keys, row)
    return in_order(steps)


def of_record(conn: Connection, connections: Sequence[str], kind: str, key: str) -> Sequence[Stop]:
    """The way of a record: the event behind it, what was written, and what people did with it."""
    row = journeys.record_row(conn, kind, key)
    steps: list[Step] = []
    invoices = [key] if kind in {"invoice", "hold"} else []
    if row is not None:
        behind = journeys.event(conn, connections, row.trace) if row.trace else None
        if behind is not None:
            told = f"{behind.type} {row.trace}"
            steps.append(
                Step(behind.received_at, "The latest event behind it came", told, to=("event", str(behind.id)))
            )
        steps += _records(conn, [row], None)
    steps += _holds(conn, invoices)
    steps += _theirs(conn, [key], invoices)
    return in_order(steps)


def _arrival(row: AnyRow, system: str) -> Iterator[Step]:
    if row.created is not None:
        yield Step(instant(row.created), f"It happened in {system}", row.type or "an event without a type")
    if CAUGHT_UP in row.headers:
        yield Step(row.received_at, "Found in the billing system’s own list", "No webhook had brought it.")
    else:
        yield Step(
            row.received_at, "Received and stored", f"By the webhook of “{row.connection}”. Repeats are not counted."
        )
    if row.status == inbox_store.RECEIVED:
        yield Step(None, "Waits to be taken into the ledger", _tried(row.attempts, row.reason), "wait")
    elif row.status == inbox_store.PARKED:
        yield Step(
            row.processed_at or row.received_at, "It cannot be read", row.reason or "", "bad", ("event", str(row.id))
        )
    else:
        yield Step(row.processed_at, "Taken in", _OUTCOMES.get(row.reason or "", _ignored(row.reason)), "good")


def _tried(times: int, error: str | None) -> str:
    return f"Tried {counted(times, 'time')}: {error}" if times else "Its turn comes in a moment."


def _ignored(reason: str | None) -> str:
    told = reason or ""
    return f"Nothing follows from it: {told.removeprefix('ignored: ')}." if told.startswith("ignored: ") else told


def _mapped(mappers: Mapping[str, Mapper], row: AnyRow) -> list[Seen]:
    """What the event says, as far as it can be read and has been kept."""
    mapper = mappers.get(row.provider)
    if mapper is None or not row.body:
        return []
    try:
        seen = mapper.map_event(json.loads(row.body), row.scope)
    except (UnmappableError, ValueError):
        return []
    return [] if isinstance(seen, Ignored) else seen


def _object(row: AnyRow, item: AnyRow) -> Iterator[Step]:
    """What became of an object that the event told of."""
    name = f"{kind_words(item.kind.replace('_', ' '))} {item.key}"
    if item.fetch_at is not None:
        why = _tried(item.fetch_attempts if item.fetch_error else 0, item.fetch_error)
        yield Step(None, f"The billing system is to be asked again for {name}", why, "wait")
    elif item.doubtful:
        why = item.fetch_error or "The next comparison looks at it."
        yield Step(None, f"What we know of {name} is in doubt", why, "wait")
    elif item.trace == row.event_id and item.changed_at is not None:
        yield Step(
            item.changed_at, f"The billing system was asked for {name}", "What it said is in the ledger.", "good"
        )


def _after(
    conn: Connection, units: Iterable[Unit], refunds: list[tuple[str, str]], keys: Sequence[str], row: AnyRow
) -> Iterator[Step]:
    """The Salesforce records that follow from it, and what people have written about them."""
    found = sorted({(unit.kind, unit.key) for unit in units})
    invoices = [key for kind, key in found if kind == "invoice"]
    customers = [key for kind, key in found if kind == "customer"]
    accounts = journeys.accounts_of(conn, [*keys, *(key for _, key in found)], customers)
    named = [(kind, key) for kind, key in found if kind in {"invoice", "payment"}] + refunds
    for each in journeys.unlinked_of(conn, [*keys, *customers]):
        what = f"Customer {each.name or each.key} belongs to no account yet"
        yield Step(
            None, what, "Nothing of it is shown in Salesforce until it is linked.", "wait", ("customer", each.key)
        )
    yield from _records(conn, journeys.records_of(conn, named, accounts), row)
    for account in accounts:
        waits = journeys.review_of(conn, account)
        if waits is not None:
            yield Step(None, "Promises and follow-ups of the account are looked at", waits.error or "", "wait")
    yield from _holds(conn, invoices)
    yield from _theirs(conn, (), invoices)


def _records(conn: Connection, rows: Sequence[AnyRow], event: AnyRow | None) -> Iterator[Step]:
    """Where records stand. `event`: the one whose way is told; None if it is the record's own."""
    names = journeys.titles(conn, [(row.kind, row.key) for row in rows])
    for row in rows:
        name, to = f"{kind_words(row.kind)} {names[row.kind, row.key]}", (row.kind, row.key)
        if row.parked:
            yield Step(row.parked_at, f"Salesforce refuses {name}", f"{row.reason}", "bad", to)
        elif row.marked > row.written:
            why = _tried(row.attempts, row.reason)
            yield Step(None, f"{_first_up(name)} waits to be written", why, "wait", to)
        if row.written_at is not None and (event is None or row.written_at >= event.received_at):
            yield Step(row.written_at, f"{_first_up(name)} was written to Salesforce", _how(row, event), "good", to)
        elif event is not None and not row.parked and row.marked <= row.written:
            told = "It stood there already." if row.written_at else "It is not shown there: a draft, or too old."
            yield Step(event.processed_at, f"Nothing new to write of {name}", told, "good", to)


def _how(record: AnyRow, event: AnyRow | None) -> str:
    """How soon after its event a record was written, or because of which other."""
    if event is None or record.trace == event.event_id:
        return f"{lasts(record.freshness_s)} after the event came." if record.freshness_s is not None else ""
    return f"Together with another event, {record.trace}." if record.trace else ""


def _holds(conn: Connection, invoices: Sequence[str]) -> Iterator[Step]:
    rows = journeys.holds_of(conn, invoices)
    names = journeys.titles(conn, [("hold", row.invoice) for row in rows])
    for row in rows:
        name, to = f"dunning hold of invoice {names['hold', row.invoice]}", ("hold", row.invoice)
        if row.parked:
            yield Step(row.parked_at, f"The billing system refuses the {name}", row.reason or "", "bad", to)
        elif row.applied != row.version:
            wish = "put on" if row.wanted else "taken off"
            yield Step(None, f"The {name} is to be {wish}", row.reason or "", "wait")
        elif row.settled_at is not None:
            yield Step(row.settled_at, f"The {name}: {row.state.lower()}", row.note or "", "good")


def _theirs(conn: Connection, ids: Sequence[str], invoices: Sequence[str]) -> Iterator[Step]:
    """What people wrote in Salesforce."""
    for each in journeys.read_back(conn, ids, invoices):
        what = f"{_first_up(kind_words(each.kind))} {each.id}"
        verb = "was deleted" if each.deleted else "was changed"
        who = f"By {each.changed_by}." if each.changed_by else ""
        yield Step(each.changed_at, f"{what} {verb} in Salesforce", who)
        yield Step(each.read_at, f"{what} was read back", "", "good")


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def payload(row: AnyRow) -> Any:
    """The body of an event as JSON; its text where it is none, None where it is not kept any more."""
    if not row.body:
        return None
    try:
        return json.loads(row.body)
    except ValueError:
        return bytes(row.body).decode(errors="replace")
