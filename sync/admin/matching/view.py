"""Who has no account: the queue, oldest debt first, on the page and as a file."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response, render_template, url_for

from sync.admin import csvs
from sync.admin.gate import connection, run
from sync.admin.matching import customer, files, together  # noqa: F401 - their routes
from sync.admin.matching.screen import screen
from sync.admin.matching.telling import Telling
from sync.admin.rights import Right
from sync.admin.tables import Asked, Column, Paging, asked
from sync.bootstrap import Runtime
from sync.core.money import Money
from sync.db import matching
from sync.db.matching import Listed, Order, Wanted, Which

__all__ = ["screen"]

WHICH_WORDS = {
    Which.OPEN: "All without an account",
    Which.EXACT: "One exact suggestion",
    Which.ONE: "One suggestion, not exact",
    Which.SEVERAL: "Several suggestions",
    Which.NONE: "No suggestion",
    Which.PROBLEM: "With a problem",
    Which.NOT_OURS: "Not customers of ours",
    Which.LINKED: "Linked",
}
_FILTERS = ("q", "which", "currency")
_CHUNK = 1_000  # customers read together for a file
_HEADER = (
    *("customer", "name", "email", "billing system", "owes", "open invoices", "overdue invoices", "oldest due"),
    *("why", "suggested account", "suggested name", "evidence", "suggestions", "account", "reason"),
)


@screen.get("/", right=Right.LOOK)
def page() -> str:
    """The queue."""
    with connection() as conn:
        numbers, owed = matching.counts(conn), matching.owed_by(conn)
        wanted = _asked(owed)
        total, rows = matching.page(
            conn, _wanted(wanted, owed), run().calendar.today(), offset=wanted.offset, limit=wanted.limit
        )
    which = Which(wanted.filters["which"] or Which.OPEN)
    return render_template(
        "matching/queue.html",
        title="Match customers",
        columns=_columns(wanted, owed),
        rows=rows,
        paging=Paging(wanted, total),
        which=which,
        Which=Which,
        numbers=numbers,
        owed=owed,
        choices=_choices(numbers, owed),
        save=url_for("matching.save", **_address(wanted)),
        tell=Telling(run()),
    )


def _address(asked_: Asked) -> dict[str, Any]:
    """The same list elsewhere."""
    order = {"sort": asked_.sort, "down": "1" if asked_.down else ""}
    return {name: value for name, value in {**asked_.filters, **order}.items() if value}


@screen.get("/customers.csv", right=Right.LOOK)
def save() -> Response:
    """Everything that the address asks for, with a column for decisions, which can be loaded again."""
    with connection() as conn:
        owed = matching.owed_by(conn)
        keys = matching.keys(conn, _wanted(_asked(owed), owed), csvs.MOST_ROWS)
    return csvs.answer("dueline-customers.csv", _HEADER, _lines(run(), keys))


def _asked(owed: list[Money]) -> Asked:
    """The address, read; what it asks for in vain is left out."""
    columns = _columns(None, owed)
    found = asked(columns, Order.OLDEST, filters=_FILTERS)
    kept = dict(found.filters)
    if kept["which"] not in set(Which) or kept["which"] == Which.OPEN:
        kept["which"] = ""
    if kept["currency"] not in {money.currency for money in owed}:
        kept["currency"] = ""
    sort = Order.OLDEST if found.sort == Order.OWED and not _currency(kept["currency"], owed) else found.sort
    return Asked(found.page, sort, found.down, kept)


def _wanted(asked_: Asked, owed: list[Money]) -> Wanted:
    filters, order = asked_.filters, Order(asked_.sort)
    currency = _currency(filters["currency"], owed) if order is Order.OWED else filters["currency"]
    which = Which(filters["which"] or Which.OPEN)
    return Wanted(which, filters["q"], currency or None, order, asked_.down)


def _currency(chosen: str, owed: list[Money]) -> str:
    """The currency by whose amounts can be sorted: the one that was chosen, or the only one there is."""
    return chosen or (owed[0].currency if len(owed) == 1 else "")


def _columns(asked_: Asked | None, owed: list[Money]) -> tuple[Column, ...]:
    by_amount = asked_ is None or bool(_currency(asked_.filters["currency"], owed))
    decided = asked_ is not None and asked_.filters["which"] in {Which.LINKED, Which.NOT_OURS}
    return (
        Column(Order.NAME, "Customer", sortable=True),
        Column(Order.OWED, "Owes", sortable=by_amount, number=True),
        Column(Order.INVOICES, "Open invoices", sortable=True, number=True),
        Column(Order.OLDEST, "Oldest due", sortable=True),
        Column("why", "How it stands" if decided else "Why it is open"),
        Column("best", "Account" if decided else "Best suggestion"),
        Column("do", ""),
    )


def _choices(numbers: dict[Which, int], owed: list[Money]) -> Any:
    """What the list can be narrowed to."""
    shown = [
        ("" if which is Which.OPEN else which, f"{words} ({numbers[which]:,})") for which, words in WHICH_WORDS.items()
    ]
    currencies = [("", "Any currency"), *((money.currency, money.currency) for money in owed)]
    return [("which", "Show", shown), *([("currency", "Owing in", currencies)] if len(owed) > 1 else [])]


def _lines(configured: Runtime, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Read while the file is being sent, so no longer within a request."""
    tell, today = Telling(configured), configured.calendar.today()
    for start in range(0, len(keys), _CHUNK):
        with configured.engine.connect() as conn:
            rows = matching.listed(conn, keys[start : start + _CHUNK], today)
        for row in rows:
            yield _line(row, tell)


def _line(row: Listed, tell: Telling) -> tuple[Any, ...]:
    best = row.hints[0] if row.hints else None
    debt = row.debt
    owes = "; ".join(f"{money.currency} {money.decimal()}" for money in debt.owed)
    return (
        *(row.key, row.name, row.email, tell.system(row), owes, debt.invoices, debt.overdue, debt.oldest_due_on),
        *(tell.why(row), best and best.account, best and best.account_name),
        *(tell.evidence(row, best) if best else "", len(row.hints), row.account, ""),
    )
