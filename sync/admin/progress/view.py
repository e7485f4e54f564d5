"""How far long work has come; stopping it, and going on with it."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for

from sync.admin import audit
from sync.admin.gate import Screen, connection, run, who
from sync.admin.rights import Right
from sync.db import work

screen = Screen("progress", "Work")
DECIDED = frozenset({"apply mapping", "change links", "rules"})  # kinds of work that carry out what finance decided
ENDED = frozenset({work.FAILED, work.STOPPED})


@screen.app_template_global()
def may_go_on(found: Any) -> bool:
    """Whether the caller may have it gone on with."""
    called_off = found.status == work.STOPPED and found.kind in DECIDED
    return found.status in ENDED and who().may(Right.DECIDE if called_off else Right.RUN)


@screen.get("/<int:number>", right=Right.LOOK)
def page(number: int) -> Any:
    """One piece of work. A page that shows it asks for this again until it has ended, then loads itself anew."""
    with connection() as conn:
        found = work.get(conn, number)
    if found is None:
        abort(404)
    if "HX-Request" in request.headers:
        answer = render_template("progress/bar.html", work=found)
        return (answer, 200, {"HX-Refresh": "true"}) if found.status != work.WAITING else answer
    return render_template("progress/page.html", title="Work", work=found)


@screen.post("/<int:number>/stop", right=Right.RUN)
def stop(number: int) -> Any:
    """Stop it; what it did stays done."""
    with connection() as conn:
        if work.stop(conn, number):
            audit.note(conn, "stopped work", str(number))
    return redirect(url_for("progress.page", number=number), 303)


@screen.post("/<int:number>/go-on", right=Right.RUN)
def go_on(number: int) -> Any:
    """Go on where it failed or was stopped; what carries out a decision and was called off, only who may decide."""
    with connection() as conn:
        found = work.get(conn, number) or abort(404)
        if found.status in ENDED and not may_go_on(found):
            abort(403)
        if found.status in ENDED and work.go_on(conn, number, {found.status}):
            audit.note(conn, "went on with work", str(number))
    run().bell.ring("work")
    return redirect(url_for("progress.page", number=number), 303)
