"""Parked things: by cause, one by one, tried again, left alone."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection

from sync.admin import audit, csvs
from sync.admin.gate import connection, run, who
from sync.admin.health.form import IgnoreForm
from sync.admin.health.screen import screen
from sync.admin.health.words import title_of
from sync.admin.rights import Right
from sync.admin.tables import Column, Paging, asked
from sync.core.causes import Cause, explain
from sync.core.redact import redacted, redacted_text
from sync.core.words import counted
from sync.db import journeys, ledger, parked, refusals, unpark, work
from sync.db.tables import AnyRow
from sync.pipeline.journey import of_record, payload

RETRY = "retry"
UNSORTED = "new"  # in the address, what has no cause yet

_COLUMNS = (
    Column("key", "What", sortable=True),
    Column("account", "Account", sortable=True),
    Column("reason", "What was said"),
    Column("since", "Since", sortable=True),
    Column("attempts", "Tries", sortable=True, number=True),
    Column("do", ""),
)
_LEFT_ALONE = (Column("key", "What", sortable=True), Column("why", "Why"), Column("by", "By"), Column("do", ""))


def _cause(name: str) -> str:
    return "" if name == UNSORTED else name


@screen.get("/parked", right=Right.LOOK)
def parked_page() -> str:
    """Every cause, with its way out."""
    with connection() as conn:
        groups = parked.groups(conn)
        left_alone = parked.count(conn, left_alone=True)
        trying = work.latest(conn, RETRY, {"cause": None})
        names = journeys.titles(conn, [(group.kind, group.key) for group in groups])
    lines = [(group, explain(group.what, group.code, group.fix), names[group.kind, group.key]) for group in groups]
    return render_template(
        "health/parked.html",
        title="What needs a person",
        lines=lines,
        total=sum(group.count for group in groups),
        left_alone=left_alone,
        work=trying if trying is not None and trying.status == work.WAITING else None,
    )


@screen.get("/parked/<cause>", right=Right.LOOK)
def group(cause: str) -> str:
    """The things of one cause."""
    return _group_page(cause, IgnoreForm())


def _group_page(cause: str, form: IgnoreForm) -> str:
    wanted = asked(_COLUMNS, "since", filters=("q",))
    with connection() as conn:
        found = parked.group(conn, _cause(cause))
        which = parked.Wanted(_cause(cause), wanted.filters["q"])
        total, rows = parked.items(
            conn, which, sort=wanted.sort, down=wanted.down, offset=wanted.offset, limit=wanted.limit
        )
        names = journeys.titles(conn, [(row.kind, row.key) for row in rows])
        trying = work.latest(conn, RETRY, {"cause": _cause(cause)})
    if found is None and trying is None:
        abort(404)
    return render_template(
        "health/group.html",
        title=_explained(found).title if found else "Nothing is left of this",
        group=found,
        cause=_explained(found) if found else None,
        columns=_COLUMNS,
        rows=rows,
        names=names,
        paging=Paging(wanted, total),
        form=form,
        work=trying,
    )


def _explained(found: parked.Group) -> Cause:
    return explain(found.what, found.code, found.fix)


@screen.get("/parked/<cause>/items.csv", right=Right.LOOK)
def save_group(cause: str) -> Response:
    """The things of one cause, as a file."""
    with connection() as conn:
        _total, rows = parked.items(conn, parked.Wanted(_cause(cause)), limit=csvs.MOST_ROWS)
    header = ("what", "key", "account", "account name", "code", "reason", "since", "tries", "latest event")
    return csvs.answer("dueline-parked.csv", header, _lines(rows))


def _lines(rows: Sequence[AnyRow]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        told = redacted_text(row.reason or "")
        since = row.since.isoformat()
        yield row.kind, row.key, row.account, row.account_name, row.code, told, since, row.attempts, row.event


@screen.post("/parked/retry", right=Right.RUN)
def retry_all() -> Any:
    """Try everything again."""
    return _retry(None, "everything that was parked", url_for("health.parked_page"))


@screen.post("/parked/<cause>/retry", right=Right.RUN)
def retry_group(cause: str) -> Any:
    """Try everything of one cause again."""
    with connection() as conn:
        found = parked.group(conn, _cause(cause)) or abort(404)
    return _retry(_cause(cause), f"{found.count} × {_explained(found).title}", url_for("health.group", cause=cause))


def _retry(cause: str | None, what: str, back: str) -> Any:
    with connection() as conn:
        work.ask(conn, RETRY, {"cause": cause}, who().name)
        audit.note(conn, "tried again", what)
    run().bell.ring("work")
    return redirect(back, 303)


@screen.post("/parked/<cause>/ignore", right=Right.RUN)
def ignore_group(cause: str) -> Any:
    """Leave everything of one cause alone."""
    form = IgnoreForm()
    if not form.validate_on_submit():
        return _group_page(cause, form), 422
    with connection() as conn:
        found = parked.group(conn, _cause(cause)) or abort(404)
        count = unpark.ignore(conn, parked.Wanted(_cause(cause)), str(form.why.data), who().name)
        audit.note(conn, "ignored", f"{count} × {_explained(found).title}", after=form.why.data)
    flash(f"{counted(count, 'is', 'are')} left alone from now on.")
    return redirect(url_for("health.parked_page"), 303)


@screen.get("/ignored", right=Right.LOOK)
def ignored_page() -> str:
    """What is left alone, why, and by whom."""
    wanted = asked(_LEFT_ALONE, "key", filters=("q",))
    with connection() as conn:
        which = parked.Wanted(search=wanted.filters["q"], left_alone=True)
        total, rows = parked.items(
            conn, which, sort=wanted.sort, down=wanted.down, offset=wanted.offset, limit=wanted.limit
        )
        names = journeys.titles(conn, [(row.kind, row.key) for row in rows])
    return render_template(
        "health/ignored.html",
        title="Left alone",
        columns=_LEFT_ALONE,
        rows=rows,
        names=names,
        paging=Paging(wanted, total),
    )


@screen.get("/item/<kind>/<path:key>", right=Right.LOOK)
def item(kind: str, key: str) -> str:
    """One thing: what it is, what was sent and got, the event behind it, and its way."""
    return _item_page(kind, key, IgnoreForm())


def _item_page(kind: str, key: str, form: IgnoreForm) -> str:
    with connection() as conn:
        found, left_alone = parked.item(conn, kind, key)
        told = _told(conn, kind, key)
        if found is None and not told["known"]:
            abort(404)
        name = journeys.titles(conn, [(kind, key)])[kind, key]
        ignored = unpark.why_ignored(conn, kind, key) if left_alone else None
    cause = explain(found.what, found.code, found.fix) if found is not None else None
    return render_template(
        "health/item.html",
        title=title_of(kind, name),
        kind=kind,
        key=key,
        item=found,
        cause=cause,
        ignored=ignored,
        form=form,
        **told,
    )


def _told(conn: Connection, kind: str, key: str) -> dict[str, Any]:
    """Everything about it but why it is parked: with secrets removed."""
    names = journeys.connections(conn, run().settings.connections())
    record = journeys.record_row(conn, kind, key)
    refusal = refusals.get(conn, kind, key)
    if kind == "event":
        event = journeys.event_row(conn, int(key)) if key.isdecimal() and len(key) < 19 else None
    else:
        event = journeys.event(conn, names, record.trace) if record is not None and record.trace else None
    stops = [] if kind in {"event", "work", "review"} else of_record(conn, names, kind, key)
    return {
        "known": record is not None or event is not None or bool(stops),
        "record": record,
        "invoice": ledger.number_of(conn, key) if kind in {"invoice", "hold"} else None,
        "account_name": journeys.account_name(conn, record.lane) if record is not None else None,
        "sent": redacted(refusal.sent) if refusal is not None and refusal.sent is not None else None,
        "got": redacted(refusal.got) if refusal is not None else None,
        "refused_at": refusal.at if refusal is not None else None,
        "event": event,
        "payload": redacted(payload(event)) if event is not None else None,
        "stops": stops,
    }


@screen.post("/item/retry", right=Right.RUN)
def retry_item() -> Any:
    """Try one thing again."""
    kind, key = _named()
    with connection() as conn:
        if not unpark.retry_item(conn, kind, key):
            flash("That was not parked any more.")
            return redirect(url_for("health.parked_page"), 303)
        audit.note(conn, "tried again", f"{kind} {key}")
    for queue in unpark.QUEUES:
        run().bell.ring(queue)
    flash("It is being tried again. Load this page anew in a moment to see what came of it.")
    return redirect(url_for("health.item", kind=kind, key=key), 303)


@screen.post("/item/ignore", right=Right.RUN)
def ignore_item() -> Any:
    """Leave one thing alone."""
    kind, key = _named()
    form = IgnoreForm()
    if not form.validate_on_submit():
        return _item_page(kind, key, form), 422
    with connection() as conn:
        if not unpark.ignore(conn, (kind, key), str(form.why.data), who().name):
            abort(404)
        audit.note(conn, "ignored", f"{kind} {key}", after=form.why.data)
    flash("It is left alone from now on.")
    return redirect(url_for("health.item", kind=kind, key=key), 303)


@screen.post("/item/take-back", right=Right.RUN)
def take_back() -> Any:
    """Have something that was left alone told and tried again."""
    kind, key = _named()
    with connection() as conn:
        if unpark.take_back(conn, kind, key):
            audit.note(conn, "took back that it is ignored", f"{kind} {key}")
    for queue in unpark.QUEUES:
        run().bell.ring(queue)
    flash("It is told again, and tried again.")
    return redirect(url_for("health.ignored_page"), 303)


def _named() -> tuple[str, str]:
    """The thing that a form is about."""
    kind, key = request.form.get("kind", ""), request.form.get("key", "")
    if not kind or not key or len(key) > 500:
        abort(400)
    return kind, key
