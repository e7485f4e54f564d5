"""Decisions in a file: loaded, looked at line by line, and done once somebody says so."""

from collections.abc import Iterator
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Engine

from sync.admin import csvs
from sync.admin.gate import connection, run, who
from sync.admin.matching.form import ApplyForm, FileForm
from sync.admin.matching.planned import LOOK, begin
from sync.admin.matching.screen import screen
from sync.admin.matching.telling import Telling
from sync.admin.rights import Right
from sync.admin.tables import Column, Paging, asked
from sync.core.link_file import KEY_LENGTH, REASON_LENGTH, VERDICT_WORDS, Line, Verdict, clashes
from sync.db import plans, work

WANTED, OPTIONAL = ("customer", "account"), ("reason",)
_CELL = 200  # characters of an account cell that are kept: enough to be recognised
_LATEST = 10
_CHUNK = 2_000
_HEADER = ("line", "customer", "name", "account", "account name", "what", "why", "outcome", "why left out")
_COLUMNS = (
    Column("n", "Line", number=True),
    Column("customer", "Customer"),
    Column("now", "Now"),
    Column("wish", "The file says"),
    Column("verdict", "What happens"),
)
_OUTCOMES = ((plans.DONE, "Done"), (plans.LEFT_OUT, "Left out"))


@screen.get("/file", right=Right.DECIDE)
def file() -> str:
    """Where a file is chosen."""
    return _chooser(FileForm())


@screen.post("/file", right=Right.DECIDE)
def load() -> Any:
    """Keep the lines of a file, and have them looked at. Nothing is changed."""
    form = FileForm()
    if not form.validate_on_submit():
        return _chooser(form), 400
    try:
        lines = _lines_of(form.file.data)
    except csvs.CsvError as error:
        form.file.errors = [str(error)]
        return _chooser(form), 400
    with connection() as conn:
        name = (form.file.data.filename or "file")[:200].replace("\0", "")
        number = plans.add(conn, plans.FILE, name, who().name, who().subject)
        plans.add_lines(conn, number, lines, clashes(lines))
        plans.checked_by(conn, number, work.ask(conn, LOOK, {"plan": number}, who().name))
    run().bell.ring("work")
    return redirect(url_for("matching.plan", number=number), 303)


def _lines_of(file: Any) -> list[Line]:
    """The lines of a file. Raises CsvError."""
    lines = [
        Line(n, cells["customer"][: KEY_LENGTH + 1], cells["account"][:_CELL], cells["reason"][: REASON_LENGTH + 1])
        for n, cells in csvs.read(file, WANTED, OPTIONAL)
    ]
    if not lines:
        raise csvs.CsvError("the file has no lines after the first")
    return lines


def _chooser(form: FileForm) -> str:
    with connection() as conn:
        latest = plans.latest(conn, _LATEST)
    return render_template("matching/file.html", title="Decide in a spreadsheet", form=form, plans=latest)


@screen.get("/plans/<int:number>", right=Right.LOOK)
def plan(number: int) -> str:
    """What a plan would do, does, or has done."""
    wanted = asked(_COLUMNS, "n", filters=("show",))
    with connection() as conn:
        found = plans.get(conn, number) or abort(404)
        sums = plans.sums(conn, number)
        total, rows = plans.page(conn, number, wanted.filters["show"], offset=wanted.offset, limit=wanted.limit)
        under_way = work.get(conn, found.apply_work or found.check_work or 0)
    return render_template(
        "matching/plan.html",
        title="Accept exact suggestions" if found.source == plans.EXACT else f"Decisions in {found.name}",
        plan=found,
        sums=sums,
        columns=_COLUMNS,
        rows=rows,
        paging=Paging(wanted, total),
        choices=[("show", "Show", _choices(sums))],
        work=under_way,
        form=ApplyForm(),
        words=VERDICT_WORDS,
        Verdict=Verdict,
        tell=Telling(run()),
    )


@screen.post("/plans/<int:number>/apply", right=Right.DECIDE)
def apply(number: int) -> Any:
    """Do it."""
    with connection() as conn:
        found = plans.get(conn, number) or abort(404)
        sums = plans.sums(conn, number)
        if sums.unjudged:
            flash("Its lines are still being looked at. Wait a moment.", "error")
        elif not begin(conn, found.id, moves="moves" in request.form):
            flash("Somebody has started this already.", "error")
    run().bell.ring("work")
    return redirect(url_for("matching.plan", number=number), 303)


@screen.get("/plans/<int:number>.csv", right=Right.LOOK)
def save_plan(number: int) -> Response:
    """Every line with what came of it."""
    with connection() as conn:
        found = plans.get(conn, number) or abort(404)
    return csvs.answer(f"dueline-plan-{found.id}.csv", _HEADER, _outcomes(run().engine, found.id))


def _outcomes(engine: Engine, number: int) -> Iterator[tuple[Any, ...]]:
    for start in range(0, csvs.MOST_ROWS, _CHUNK):
        with engine.connect() as conn:
            _, rows = plans.page(conn, number, "", offset=start, limit=_CHUNK)
        for row in rows:
            what = VERDICT_WORDS[Verdict(row.verdict)] if row.verdict else "Not looked at yet"
            yield row.n, row.customer, row.name, row.wish, row.account_name, what, row.words, row.outcome, row.told
        if len(rows) < _CHUNK:
            return


def _choices(sums: plans.Sums) -> list[tuple[str, str]]:
    """What the lines can be narrowed to: what there is of."""
    found = [("", f"All lines ({sums.total:,})")]
    counted = [(verdict, VERDICT_WORDS[verdict], sums.verdicts.get(verdict, 0)) for verdict in Verdict]
    ended = [(name, words, sums.done if name == plans.DONE else sums.left_out) for name, words in _OUTCOMES]
    return found + [(str(value), f"{words} ({number:,})") for value, words, number in [*counted, *ended] if number]
