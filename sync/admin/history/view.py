"""Who changed what, with what it was before and after."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Response, render_template

from sync.admin import csvs
from sync.admin.gate import Screen, connection
from sync.admin.rights import Right
from sync.admin.tables import Column, Paging, asked
from sync.db import audit

screen = Screen("history", "History", order=70, shown_to=Right.DECIDE)

_COLUMNS = (Column("at", "When"), Column("by", "Who"), Column("action", "What was done"), Column("what", "To what"))
_CHANGE = Column("change", "Before and after")


@screen.get("/", right=Right.DECIDE)
def page() -> str:
    """The latest changes first."""
    wanted = asked(_COLUMNS, "at", filters=("q",))
    with connection() as conn:
        total, rows = audit.page(conn, search=wanted.filters["q"], offset=wanted.offset, limit=wanted.limit)
    columns = (*_COLUMNS, _CHANGE)
    return render_template(
        "history/page.html", title="History", columns=columns, rows=rows, paging=Paging(wanted, total), text=_text
    )


@screen.get("/changes.csv", right=Right.DECIDE)
def save() -> Response:
    """Everything, as a file."""
    with connection() as conn:
        _total, rows = audit.page(conn, search="", offset=0, limit=csvs.MOST_ROWS)
    return csvs.answer("dueline-history.csv", ("when", "who", "did", "to", "before", "after"), _lines(rows))


def _lines(rows: Any) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield row.at.isoformat(), row.by, row.action, row.what, _text(row.before), _text(row.after)


def _text(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
