"""Who owes: by account and by owner; what was promised and what is contested. Each list also as a file, as filtered."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from flask import Response, redirect, render_template

from sync.admin import csvs
from sync.admin.gate import connection, run
from sync.admin.receivables.screen import BUCKET_WORDS, bar, chosen, common, scope, screen
from sync.admin.rights import Right
from sync.admin.tables import PER_PAGE, Asked, Column, Paging, asked
from sync.core.aging import Bucket
from sync.core.dates import Calendar
from sync.core.money import to_decimal
from sync.db import book_claims, book_figures
from sync.db.book_figures import Wanted, buckets_of
from sync.db.tables import AnyRow

_AGES = tuple(Column(f"bucket_{n}", words, sortable=True, number=True) for n, words in enumerate(BUCKET_WORDS.values()))
_SUMS = (
    Column("overdue", "Overdue", sortable=True, number=True),
    Column("outstanding", "Outstanding", sortable=True, number=True),
    Column("share", "By age"),
)
_ACCOUNTS = (
    Column("name", "Account", sortable=True),
    *_SUMS,
    *_AGES,
    Column("oldest", "Oldest due", sortable=True),
    Column("owner", "Owner", sortable=True),
    Column("invoices", "Open invoices", sortable=True, number=True),
)
_OWNERS = (
    Column("name", "Owner", sortable=True),
    *_SUMS,
    *_AGES,
    Column("accounts", "Accounts", sortable=True, number=True),
)
ONLY = (
    ("", "All who owe"),
    ("late", "With something overdue"),
    ("missed", "With a promise not kept"),
    ("disputed", "With an open dispute"),
    ("settled", "All, also who owe nothing"),
)
_ONLY = frozenset(value for value, _ in ONLY)
_FILTERS = ("currency", "q", "bucket", "owner", "only")
_BUCKETS = frozenset(Bucket)


def _wanted(found: Asked, currency: str) -> Wanted:
    """What the address asks for; what makes no sense there asks for nothing."""
    only = found.filters["only"] if found.filters["only"] in _ONLY else ""
    return Wanted(
        currency=currency,
        search=found.filters["q"],
        bucket=found.filters["bucket"] if found.filters["bucket"] in _BUCKETS else "",
        owner=found.filters["owner"],
        only="" if only == "settled" else only,
        settled=only == "settled",
        sort=found.sort,
        down=found.down,
        offset=found.offset,
        limit=found.limit,
    )


@screen.get("/accounts", right=Right.READ)
def accounts() -> Any:
    """Accounts by what they owe."""
    found = asked(_ACCOUNTS, "overdue", down=True, filters=_FILTERS)
    with connection() as conn:
        picked = chosen(conn)
        if not picked.currency:
            return render_template("receivables/empty.html", title="Receivables")
        wanted = _wanted(found, picked.currency)
        rows = book_figures.by_account(conn, scope(), run().calendar.today(), wanted)
        owners = book_figures.owners(conn, scope())
    if not rows and found.page > 1:
        return redirect(found.address(page=None), 303)  # beyond the end, where nothing can be counted
    longest = max((row.outstanding for row in rows), default=0)
    return render_template(
        "receivables/accounts.html",
        title="Receivables by account",
        **common(picked),
        columns=_ACCOUNTS,
        rows=rows,
        totals=rows[0] if rows else None,
        paging=Paging(found, rows[0].found if rows else 0),
        filters={name: value for name, value in found.filters.items() if value},
        bars={row.id: _bar(row, longest, picked.currency) for row in rows},
        buckets_of=buckets_of,
        chosen=(
            ("bucket", "Age", [("", "Any age"), *((str(name), words) for name, words in BUCKET_WORDS.items())]),
            (
                "owner",
                "Owner",
                [("", "Anybody"), *((row.id, row.name or row.id) for row in owners), ("none", "Nobody")],
            ),
            ("only", "Show", ONLY),
        ),
    )


def _bar(row: AnyRow, longest: int, currency: str) -> Any:
    amounts = buckets_of(row)
    words = [
        f"{name}: {currency} {to_decimal(amount, currency):,}"
        for name, amount in zip(BUCKET_WORDS.values(), amounts, strict=True)
    ]
    return bar(amounts, longest, words)


@screen.get("/accounts.csv", right=Right.READ)
def accounts_csv() -> Response:
    """The list as filtered and sorted, all of it."""
    found = asked(_ACCOUNTS, "overdue", down=True, filters=_FILTERS)
    today = run().calendar.today()
    with connection() as conn:
        picked = chosen(conn)
        wanted = replace(_wanted(found, picked.currency), offset=0, limit=csvs.MOST_ROWS)
        rows = book_figures.by_account(conn, scope(), today, wanted) if picked.currency else ()
    header = ("account id", "account", "owner", "currency", "outstanding", "overdue", *BUCKET_WORDS.values(),
              "oldest due", "open invoices")  # fmt: skip
    return csvs.answer(f"accounts-{today}.csv", header, _account_lines(rows, picked.currency))


def _account_lines(rows: Sequence[AnyRow], currency: str) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        owner = row.owner_name or row.owner
        yield row.id, row.name, owner, currency, *_amounts(row, currency), row.oldest, row.invoices


def _amounts(row: AnyRow, currency: str) -> Iterator[Any]:
    for amount in (row.outstanding, row.overdue, *buckets_of(row)):
        yield to_decimal(amount, currency)


@screen.get("/owners", right=Right.READ)
def owners() -> str:
    """Account owners by what is owed by their accounts."""
    found = asked(_OWNERS, "overdue", down=True, filters=("currency",))
    with connection() as conn:
        picked = chosen(conn)
        if not picked.currency:
            return render_template("receivables/empty.html", title="Receivables")
        today = run().calendar.today()
        every = book_figures.by_owner(conn, scope(), today, picked.currency, found.sort, down=found.down)
    longest = max((row.outstanding for row in every), default=0)
    rows = every[found.offset : found.offset + PER_PAGE]
    return render_template(
        "receivables/owners.html",
        title="Receivables by owner",
        **common(picked),
        columns=_OWNERS,
        rows=rows,
        paging=Paging(found, len(every)),
        filters={name: value for name, value in found.filters.items() if value},
        bars={row.id: _bar(row, longest, picked.currency) for row in rows},
        buckets_of=buckets_of,
    )


@screen.get("/owners.csv", right=Right.READ)
def owners_csv() -> Response:
    """The same, as a file."""
    found = asked(_OWNERS, "overdue", down=True, filters=("currency",))
    today = run().calendar.today()
    with connection() as conn:
        currency = chosen(conn).currency
        rows = book_figures.by_owner(conn, scope(), today, currency, found.sort, down=found.down)
    header = ("owner id", "owner", "currency", "outstanding", "overdue", *BUCKET_WORDS.values(), "accounts")
    lines = ((row.id, row.name or row.id, currency, *_amounts(row, currency), row.accounts) for row in rows)
    return csvs.answer(f"owners-{today}.csv", header, lines)


# --- promises and disputes --------------------------------------------------------------------------------------------

_PROMISES = (
    Column("account", "Account", sortable=True),
    Column("status", "Stands", sortable=True),
    Column("amount", "Promised", sortable=True, number=True),
    Column("kept", "Came in", sortable=True, number=True),
    Column("promised_on", "Promised for", sortable=True),
    Column("covers", "Invoices"),
    Column("by", "Written by"),
)
STANDINGS = ("Open", "Kept", "Partly Kept", "Broken", "Cancelled")
_DISPUTES = (
    Column("account", "Account", sortable=True),
    Column("number", "Invoice"),
    Column("category", "Category", sortable=True),
    Column("contested", "Contested", sortable=True, number=True),
    Column("opened_at", "Opened", sortable=True),
    Column("sla_due_at", "To be settled by", sortable=True),
    Column("by", "Opened by"),
)


@screen.get("/commitments", right=Right.READ)
def commitments() -> str:
    """Promises to pay."""
    found = asked(_PROMISES, "promised_on", down=True, filters=("currency", "q", "status"))
    with connection() as conn:
        picked = chosen(conn)
        total, rows = book_claims.list_promises(conn, scope(), picked.currency, **_claims(found, "status", STANDINGS))
    return render_template(
        "receivables/commitments.html",
        title="Commitments",
        **common(picked),
        columns=_PROMISES,
        rows=rows,
        paging=Paging(found, total),
        filters={name: value for name, value in found.filters.items() if value},
        chosen=(("status", "Stands", [("", "All"), *((name, name.capitalize()) for name in STANDINGS)]),),
    )


def _claims(found: Asked, name: str, values: Sequence[str]) -> dict[str, Any]:
    kept = found.filters[name] if found.filters[name] in values else ""
    return {
        name: kept,
        "search": found.filters["q"],
        "sort": found.sort,
        "down": found.down,
        "offset": found.offset,
        "limit": found.limit,
    }


@screen.get("/commitments.csv", right=Right.READ)
def commitments_csv() -> Response:
    """The same as filtered, as a file."""
    found = asked(_PROMISES, "promised_on", down=True, filters=("currency", "q", "status"))
    how = _claims(found, "status", STANDINGS) | {"offset": 0, "limit": csvs.MOST_ROWS}
    with connection() as conn:
        currency = chosen(conn).currency
        _, rows = book_claims.list_promises(conn, scope(), currency, **how)
    header = ("account id", "account", "stands", "currency", "promised", "came in", "still promised", "promised for",
              "kept on", "invoices", "written by", "written on")  # fmt: skip
    return csvs.answer(f"commitments-{run().calendar.today()}.csv", header, _promise_lines(rows))


def _promise_lines(rows: Sequence[AnyRow]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        amount = to_decimal(row.amount, row.currency) if row.amount is not None else "all that is owed"
        told = (amount, to_decimal(row.kept, row.currency), to_decimal(row.promised, row.currency))
        days = (row.promised_on, row.kept_on)
        yield row.account, row.name, row.status, row.currency, *told, *days, row.covers, row.by, row.made_on


@screen.get("/disputes", right=Right.READ)
def disputes() -> str:
    """What customers contest."""
    found = asked(_DISPUTES, "opened_at", filters=("currency", "q", "which"))
    with connection() as conn:
        picked = chosen(conn)
        total, rows = book_claims.list_disputes(conn, scope(), picked.currency, **_claims(found, "which", _WHICH))
    return render_template(
        "receivables/disputes.html",
        title="Disputes",
        **common(picked),
        columns=_DISPUTES,
        rows=rows,
        paging=Paging(found, total),
        filters={name: value for name, value in found.filters.items() if value},
        chosen=(("which", "Show", [("", "Open"), ("late", "Open and late"), ("closed", "Closed"), ("all", "All")]),),
    )


_WHICH = ("late", "closed", "all")


@screen.get("/disputes.csv", right=Right.READ)
def disputes_csv() -> Response:
    """The same as filtered, as a file."""
    found = asked(_DISPUTES, "opened_at", filters=("currency", "q", "which"))
    how = _claims(found, "which", _WHICH) | {"offset": 0, "limit": csvs.MOST_ROWS}
    with connection() as conn:
        currency = chosen(conn).currency
        _, rows = book_claims.list_disputes(conn, scope(), currency, **how)
    header = ("account id", "account", "invoice", "category", "currency", "contested", "opened", "to be settled by",
              "late", "closed", "opened by")  # fmt: skip
    return csvs.answer(f"disputes-{run().calendar.today()}.csv", header, _dispute_lines(rows, run().calendar))


def _dispute_lines(rows: Sequence[AnyRow], calendar: Calendar) -> Iterator[tuple[Any, ...]]:
    day = calendar.on
    for row in rows:
        contested = to_decimal(row.contested, row.currency)
        days = (day(row.opened_at), day(row.sla_due_at), "yes" if row.breached else "no")
        closed = day(row.closed_at) if row.closed_at and not row.open else None
        yield row.account, row.name, row.number, row.category, row.currency, contested, *days, closed, row.by
