"""Looks things up by whatever name a person has of them: an event, a key, an invoice's number, a Salesforce id. Every
look-up is by an index.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select

from sync.core.salesforce_id import full_id
from sync.db.crm_tables import crm, hold, review
from sync.db.samples import rhythms
from sync.db.tables import AnyRow, account, customer, inbox, invoice, object_, record

_MOST = 50
RECORD_KINDS = ("summary", "account", "invoice", "payment", "refund", "commitment", "dispute", "task", "activity")


@dataclass(frozen=True, slots=True)
class Found:
    """Something that goes by that name: its kind, key, and what tells it from others."""

    kind: str
    key: str
    title: str


def connections(conn: Connection, configured: Iterable[str]) -> list[str]:
    """Connections that events may have come by: those configured, and those that any ever came by."""
    return sorted({*configured, *rhythms(conn)})


def event(conn: Connection, names: Sequence[str], event_id: str) -> AnyRow | None:
    """The event of that id, by whichever connection it came."""
    found = select(inbox).where(inbox.c.connection.in_(names), inbox.c.event_id == event_id)
    return conn.execute(found.order_by(inbox.c.id.desc()).limit(1)).first()


def event_row(conn: Connection, number: int) -> AnyRow | None:
    """An event by its number in the inbox."""
    return conn.execute(select(inbox).where(inbox.c.id == number)).first()


def find(conn: Connection, names: Sequence[str], text: str) -> list[Found]:
    """Everything that goes by that name."""
    found = event(conn, names, text)
    events = [Found("event", str(found.id), f"Event {found.event_id}")] if found is not None else []
    keys = {text, full_id(text), *(f"{name}:{text}" for name in names)}
    numbered = select(invoice.c.key).where(invoice.c.number == text).limit(_MOST)
    keys |= set(conn.scalars(numbered))
    keys |= _of_accounts(conn, keys)
    rows = select(record.c.kind, record.c.key).where(record.c.kind.in_(RECORD_KINDS), record.c.key.in_(sorted(keys)))
    records = [Found(row.kind, row.key, row.key) for row in conn.execute(rows.order_by(record.c.key).limit(_MOST))]
    seen = {each.key for each in records}
    theirs = conn.execute(select(crm.c.kind, crm.c.id).where(crm.c.id == full_id(text)))
    return [*events, *records, *(Found(row.kind, row.id, row.id) for row in theirs if row.id not in seen)]


def _of_accounts(conn: Connection, keys: set[str]) -> set[str]:
    """The accounts of customers that go by these keys."""
    linked = select(customer.c.account).where(customer.c.key.in_(sorted(keys)), customer.c.account.is_not(None))
    return set(conn.scalars(linked))


def record_row(conn: Connection, kind: str, key: str) -> AnyRow | None:
    """What is known of a Salesforce record that we write."""
    return conn.execute(select(record).where(record.c.kind == kind, record.c.key == key)).first()


def records_of(conn: Connection, kinds: Sequence[tuple[str, str]], accounts: Sequence[str]) -> Sequence[AnyRow]:
    """These records, and the figures of these accounts."""
    named = [(record.c.kind == kind) & (record.c.key == key) for kind, key in kinds]
    figures = record.c.lane.in_(list(accounts)) & record.c.kind.in_(("summary", "account"))
    found = select(record).where(or_(*named, figures)).order_by(record.c.kind, record.c.key)
    return conn.execute(found.limit(_MOST)).all()


def objects(conn: Connection, keys: Sequence[str]) -> Sequence[AnyRow]:
    """What is known of these objects of a billing system."""
    return conn.execute(select(object_).where(object_.c.key.in_(sorted(keys))).order_by(object_.c.key)).all()


def accounts_of(conn: Connection, objects_: Sequence[str], customers: Sequence[str]) -> list[str]:
    """The accounts that these objects, invoices and customers belong to."""
    of_invoices = select(invoice.c.customer).where(invoice.c.key.in_(list(objects_)))
    of_objects = select(object_.c.customer).where(object_.c.key.in_(list(objects_)), object_.c.customer.is_not(None))
    keys = {*customers, *conn.scalars(of_invoices), *conn.scalars(of_objects)}
    linked = select(customer.c.account).where(customer.c.key.in_(sorted(keys)), customer.c.account.is_not(None))
    return sorted(set(conn.scalars(linked)))


def unlinked_of(conn: Connection, keys: Sequence[str]) -> Sequence[AnyRow]:
    """Customers of these objects that belong to no account yet."""
    named = select(object_.c.customer).where(object_.c.key.in_(list(keys)))
    wanted = or_(customer.c.key.in_(named), customer.c.key.in_(list(keys)))
    return conn.execute(select(customer).where(wanted, customer.c.account.is_(None), ~customer.c.deleted)).all()


def read_back(conn: Connection, ids: Sequence[str], invoices: Sequence[str]) -> Sequence[AnyRow]:
    """What people wrote in Salesforce: these records, and those about these invoices; the latest first."""
    about = or_(crm.c.id.in_(list(ids)), crm.c.invoice.in_(list(invoices)))
    return conn.execute(select(crm).where(about).order_by(crm.c.read_at.desc()).limit(_MOST)).all()


def holds_of(conn: Connection, invoices: Sequence[str]) -> Sequence[AnyRow]:
    """Dunning holds of these invoices."""
    return conn.execute(select(hold).where(hold.c.invoice.in_(list(invoices))).order_by(hold.c.invoice)).all()


def review_of(conn: Connection, account_id: str) -> AnyRow | None:
    """Whether an account waits to be looked at."""
    waits = review.c.wanted > review.c.done
    return conn.execute(select(review).where(review.c.account == account_id, waits)).first()


def titles(conn: Connection, things: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What people call these things (kind and key): an invoice by its number, figures by their account."""
    wanted = list(things)
    keys = sorted({key for kind, key in wanted if kind in {"invoice", "hold"}})
    numbers = _by_key(conn, invoice.c.key, invoice.c.number, keys)
    ids = sorted({key.partition(":")[0] for kind, key in wanted if kind in {"summary", "account", "review"}})
    names = _by_key(conn, account.c.id, account.c.name, ids)
    events = _events(conn, [key for kind, key in wanted if kind == "event"])
    return {(kind, key): _title(kind, key, numbers, names) or events.get(key) or key for kind, key in wanted}


def _by_key(conn: Connection, key: Any, name: Any, keys: Sequence[str]) -> dict[str, str | None]:
    return {row[0]: row[1] for row in conn.execute(select(key, name).where(key.in_(keys)))} if keys else {}


def _title(kind: str, key: str, numbers: Mapping[str, str | None], names: Mapping[str, str | None]) -> str | None:
    if kind == "summary":
        account_id, _, currency = key.partition(":")
        return f"of {names.get(account_id) or account_id} in {currency}"
    return numbers.get(key) if kind in {"invoice", "hold"} else names.get(key)


def _events(conn: Connection, keys: Sequence[str]) -> dict[str, str]:
    numbers = [int(key) for key in keys if key.isdigit()]
    rows = conn.execute(select(inbox.c.id, inbox.c.event_id).where(inbox.c.id.in_(numbers))) if numbers else ()
    return {str(row.id): row.event_id for row in rows}


def account_name(conn: Connection, account_id: str) -> str | None:
    """The name of an account, as read last."""
    return conn.execute(select(account.c.name).where(account.c.id == account_id)).scalar()
