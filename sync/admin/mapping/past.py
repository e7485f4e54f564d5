"""The versions that were saved, and bringing one back."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for

from sync.admin import audit
from sync.admin.gate import connection, who
from sync.admin.mapping import desk
from sync.admin.mapping.screen import screen
from sync.admin.rights import Right
from sync.admin.tables import Column, Paging, asked
from sync.core.fieldmap.rules import FieldMap, FieldMapError
from sync.core.fieldmap.telling import Told, told
from sync.db import config, fieldmaps
from sync.db.config import Version
from sync.db.fieldmaps import AREA
from sync.pipeline import mapping_draft
from sync.pipeline.mapping_draft import DraftError

_COLUMNS = (
    Column("id", "Version"),
    Column("at", "When"),
    Column("by", "Who"),
    Column("note", "Why"),
    Column("what", "What changed"),
    Column("act", ""),
)


@dataclass(frozen=True, slots=True)
class Past:
    """A version. `changes`: against the one before; None if this release cannot read one of the two."""

    version: Version
    changes: list[Told] | None
    holds: bool
    restored: bool


@screen.get("/versions", right=Right.LOOK)
def versions() -> str:
    """The latest first."""
    wanted = asked(_COLUMNS, "id")
    with connection() as conn:
        total = config.count(conn, AREA)
        found = config.versions(conn, AREA, limit=wanted.limit + 1, offset=wanted.offset)
        current = config.current(conn, AREA)
        drafted = config.get_draft(conn, AREA) is not None
    rows = [
        Past(
            version,
            _changes(found[at + 1] if at + 1 < len(found) else None, version),
            current is not None and version.id == current.id,
            fieldmaps.leaving(version) == "restore",
        )
        for at, version in enumerate(found[: wanted.limit])
    ]
    return render_template(
        "mapping/versions.html",
        title="Versions of the mapping",
        columns=_COLUMNS,
        rows=rows,
        paging=Paging(wanted, total),
        drafted=drafted,
        may_change=who().may(Right.DECIDE),
    )


def _changes(before: Version | None, after: Version) -> list[Told] | None:
    try:
        return told(_map(before), _map(after))
    except FieldMapError:
        return None


def _map(version: Version | None) -> FieldMap:
    return fieldmaps.of(version, desk.pins())


@screen.post("/versions/<int:number>/bring-back", right=Right.DECIDE)
def bring_back(number: int) -> Any:
    """Begin a draft that says what that version said; 0: as it came."""
    try:
        with connection() as conn:
            mapping_draft.bring_back(conn, desk.pins(), number, who().name)
            audit.note(conn, "began to bring a mapping back", f"mapping version {number}")
    except (DraftError, FieldMapError) as error:
        flash(str(error), "error")
        return redirect(url_for("mapping.versions"), 303)
    flash("This is what bringing it back would do. Nothing has changed yet.")
    return redirect(url_for("mapping.try_out"), 303)
