"""The screen itself, and what all its pages share. Its routes: overview.py, lists.py,
account.py, salesforce.py, invoice.py.

Every page asks `scope()` whose accounts the caller sees, and hands that to every query: what is not theirs is not there
(404), whoever guesses its address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import abort, request
from sqlalchemy import Connection

from sync.admin.gate import Screen, run, who
from sync.admin.outside import salesforce_record
from sync.admin.rights import Right
from sync.core.aging import Bucket
from sync.db import account_book, book_figures
from sync.db.scope import Scope, invoice_seen, sees_account
from sync.db.tables import AnyRow

screen = Screen("receivables", "Receivables", order=5, shown_to=Right.READ)

BUCKET_WORDS = {
    Bucket.NOT_DUE: "Not due",
    Bucket.D1_30: "1–30 days",
    Bucket.D31_60: "31–60 days",
    Bucket.D61_90: "61–90 days",
    Bucket.OVER_90: "Over 90 days",
}
STATUS_WORDS = {
    "open": "Open",
    "paid": "Paid",
    "uncollectible": "Written off",
    "void": "Void",
    "deleted": "Deleted",
}


def scope() -> Scope:
    """Whose accounts the caller sees: a Salesforce user's, or (None) all."""
    return who().scope


@dataclass(frozen=True, slots=True)
class Chosen:
    """The currency that a page is about, and those that could be chosen. Empty: there is nothing in the ledger."""

    currency: str
    currencies: Sequence[str]


def chosen(conn: Connection, main: str | None = None) -> Chosen:
    """The currency that the address asks for; else the one with most open invoices: `main`, where that is known."""
    there = book_figures.currencies(conn, scope())
    currency = request.args.get("currency", "")
    if there and currency not in there:
        currency = main or book_figures.main_currency(conn, scope()) or there[0]
    return Chosen(currency if there else "", there)


@dataclass(frozen=True, slots=True)
class Account:
    """An account as its pages show it. `known`: Salesforce was asked about it."""

    id: str
    name: str
    owner: str | None
    gone: bool
    known: bool
    href: str | None


def account_or_404(conn: Connection, account_id: str) -> Account:
    """The account, if there is one that the caller may see."""
    if not sees_account(conn, scope(), account_id):
        abort(404)
    row = account_book.head(conn, account_id)
    if row is None:
        return Account(account_id, account_id, None, gone=False, known=False, href=in_salesforce("Account", account_id))
    owner = row.owner_name or row.owner
    return Account(row.id, row.name, owner, gone=row.gone, known=True, href=in_salesforce("Account", row.id))


def invoice_or_404(conn: Connection, key: str) -> AnyRow:
    """The invoice with its customer, if there is one that the caller may see."""
    row = invoice_seen(conn, scope(), key)
    if row is None:
        abort(404)
    return row


def in_salesforce(object_name: str, record_id: str | None) -> str | None:
    """The address of a record in Salesforce; None while it is not connected."""
    return salesforce_record(run().settings, record_id, object_name) if record_id else None


def web_address(text: str | None) -> str | None:
    """An address of the billing system if it is one of the web; anything else is not made a link."""
    try:
        return text if text and urlsplit(text).scheme in {"https", "http"} else None
    except ValueError:  # http://[
        return None


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: where it begins and how long it is, in hundredths; `series` gives its colour."""

    x: float
    width: float
    series: int
    told: str


def bar(buckets: Sequence[int], longest: int, words: Sequence[str]) -> list[Piece]:
    """The buckets of a row as one stacked bar; `longest`: the sum that fills it."""
    pieces, x = [], 0.0
    for number, amount in enumerate(buckets):
        width = 100 * amount / longest if longest > 0 else 0.0
        if width > 0:
            pieces.append(Piece(round(x, 2), round(width, 2), number, words[number]))
        x += width
    return pieces


def common(picked: Chosen) -> dict[str, Any]:
    """What every page of the whole book has in its template."""
    return {"currency": picked.currency, "currencies": picked.currencies, "buckets": tuple(BUCKET_WORDS.values())}
