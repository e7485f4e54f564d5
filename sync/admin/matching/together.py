"""Exact suggestions accepted together, by somebody who has seen them."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from sync.admin.gate import connection, run, who
from sync.admin.matching.planned import begin
from sync.admin.matching.screen import screen
from sync.admin.matching.telling import Telling
from sync.admin.rights import Right
from sync.admin.tables import PER_PAGE, Column, Paging, asked
from sync.admin.typed import clean
from sync.core.link_file import KEY_LENGTH
from sync.core.linking import account_id
from sync.db import matching, plans
from sync.db.matching import Order, Wanted, Which

_COLUMNS = (
    Column("pick", "Link"),
    Column(Order.NAME, "Customer", sortable=True),
    Column("owed", "Owes", number=True),
    Column(Order.OLDEST, "Oldest due", sortable=True),
    Column("account", "Account"),
    Column("evidence", "What speaks for it"),
)
Pairs = set[tuple[str, str]]


@screen.get("/exact", right=Right.LOOK)
def exact() -> str:
    """Every customer with an exact suggestion, ticked."""
    wanted = asked(_COLUMNS, Order.OLDEST, filters=("q",))
    list_ = Wanted(Which.EXACT, wanted.filters["q"], None, Order(wanted.sort), wanted.down)
    with connection() as conn:
        total, rows = matching.page(conn, list_, run().calendar.today(), offset=wanted.offset, limit=wanted.limit)
        seen = matching.exact_stamp(conn, wanted.filters["q"])
    return render_template(
        "matching/exact.html",
        title="Accept exact suggestions",
        columns=_COLUMNS,
        rows=rows,
        paging=Paging(wanted, total),
        seen=seen,
        tell=Telling(run()),
    )


@screen.post("/exact", right=Right.DECIDE)
def accept() -> Any:
    """Link the ticked ones of the page, or all of the list but those that were unticked."""
    search, everything = clean(request.form.get("q", ""))[:200], "all" in request.form
    ticked, shown = _pairs("pick"), _pairs("shown")
    with connection() as conn:
        if everything and matching.exact_stamp(conn, search) != request.form.get("seen"):
            return _again(
                "The list has changed while you looked at it, so nothing was linked. Look at it again.", search
            )
        wanted = set(matching.exact_pairs(conn, search)) - (shown - ticked) if everything else ticked
        if not wanted:
            return _again("Nothing is ticked.", search)
        plan = plans.add(conn, plans.EXACT, "Exact suggestions", who().name, who().subject)
        plans.add_links(conn, plan, sorted(wanted))
        begin(conn, plan, moves=False)
    run().bell.ring("work")
    return redirect(url_for("matching.plan", number=plan), 303)


def _again(words: str, search: str) -> Any:
    flash(words, "error")
    return redirect(url_for("matching.exact", q=search or None), 303)


def _pairs(name: str) -> Pairs:
    """Customers and accounts that a form names; what can be none is left out. Whether they are exact is asked later."""
    found = set()
    for value in request.form.getlist(name)[:PER_PAGE]:
        account, _, key = value.partition(" ")
        full = account_id(account)
        if full and key and len(key) <= KEY_LENGTH and "\0" not in key:
            found.add((key, full))
    return found
