"""The mapping that holds and the draft: what goes where, switches, taking changes back, versions."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from sync.admin import audit
from sync.admin.gate import connection, run, who
from sync.admin.mapping import choosing, desk, past, trying
from sync.admin.mapping.applying import APPLY
from sync.admin.mapping.lines import READ_BACK, Scene, cards
from sync.admin.mapping.screen import screen
from sync.admin.rights import Right
from sync.core.fieldmap.editing import drop, find, switch, take_back
from sync.core.fieldmap.figures import KIND_LABELS, KINDS
from sync.core.fieldmap.rules import FieldMap, FieldMapError
from sync.core.fieldmap.telling import told
from sync.db import work
from sync.pipeline import mapping_draft
from sync.pipeline.mapping_draft import Desk, DraftError

__all__ = ["choosing", "past", "screen", "trying"]  # their routes are this screen's


@screen.get("/", right=Right.LOOK)
def page() -> str:
    """What goes where, and the draft."""
    org = desk.org()
    with connection() as conn:
        now = desk.now(conn)
        applied = work.latest(conn, APPLY)
    scene = Scene(now.held, now.working, desk.pins(), org.fields, run().calendar)
    return render_template(
        "mapping/page.html",
        title="Mapping",
        cards=cards(scene),
        desk=now,
        changes=told(now.held, now.working, org.labels()),
        away=org.away,
        read_back=READ_BACK,
        pins=desk.pins(),
        work=applied,
        may_change=who().may(Right.DECIDE),
    )


def _step(change: Any, done: str) -> Any:
    """Make a step in the draft, say so or why not, and go back to the page."""
    try:
        with connection() as conn:
            after = desk.step(conn, change)
    except (FieldMapError, DraftError) as error:
        flash(str(error), "error")
    else:
        flash(done if after.draft else f"{done} The draft says what holds now, so there is no draft any more.")
    return redirect(url_for("mapping.page"), 303)


@screen.post("/<kind>/remove", right=Right.DECIDE)
def remove(kind: str) -> Any:
    """Write nothing to that field any more."""
    field = _known_field(kind)
    return _step(
        lambda fieldmap: drop(fieldmap, kind, field),
        f"{field} is removed in the draft. Before saving you choose what becomes of the values that stand there.",
    )


@screen.post("/<kind>/take-back", right=Right.DECIDE)
def take_one_back(kind: str) -> Any:
    """Take one change of the draft back."""
    field = _known_field(kind)
    with connection() as conn:
        held = desk.now(conn).held
    return _step(lambda fieldmap: take_back(fieldmap, held, kind, field), f"The change of {field} was taken back.")


@screen.post("/<kind>/switch", right=Right.DECIDE)
def turn(kind: str) -> Any:
    """Write records of the kind, or none."""
    if kind not in KINDS or request.form.get("on") not in {"yes", "no"}:
        abort(404)
    on = request.form["on"] == "yes"
    done = f"{KIND_LABELS[kind]}: switched {'on' if on else 'off'} in the draft."
    return _step(lambda fieldmap: switch(fieldmap, kind, on=on), done)


@screen.post("/discard", right=Right.DECIDE)
def discard() -> Any:
    """Throw the draft away."""
    with connection() as conn:
        now = desk.now(conn)
        if mapping_draft.discard(conn):
            audit.note(conn, "discarded draft of mapping", "mapping", before=desk.in_words(now) or now.problem)
    flash("The draft was discarded. What holds did not change.")
    return redirect(url_for("mapping.page"), 303)


def _known_field(kind: str) -> str:
    """The field that the form names, as it is written in the mapping or the draft; 404 if neither has it."""
    with connection() as conn:
        now: Desk = desk.now(conn)
    found = _find(now.working, kind) or _find(now.held, kind)
    if found is None:
        abort(404)
    return found


def _find(fieldmap: FieldMap, kind: str) -> str | None:
    rule = find(fieldmap, kind, request.form.get("field", "")) if kind in KINDS else None
    return rule.field if rule else None
