"""How the service stands: one sentence, the figures behind it, and how they were over time."""

from collections.abc import Iterator
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for

from sync.admin import audit, csvs
from sync.admin.gate import connection, run, who
from sync.admin.health import journeys, parked_list
from sync.admin.health.banner import every_banner
from sync.admin.health.drawn import BY_NAME, FIGURES, RANGES, Range, draw, now, rounded
from sync.admin.health.screen import screen
from sync.admin.health.standing import gather, waiting, watch
from sync.admin.rights import Right
from sync.core.compared import compared_at, found
from sync.core.condition import headline
from sync.db import cursors, parked, samples, work

__all__ = ["journeys", "parked_list", "screen"]  # their routes are this screen's

RECONCILE = "reconcile"
_CAUSES = 3  # that the page names itself


def _range() -> Range:
    """The span that the address asks for."""
    return RANGES.get(request.args.get("range", ""), RANGES["hour"])


@screen.get("/", right=Right.LOOK)
def page() -> str:
    """Everything; the figures ask for themselves again while the page is open."""
    with connection() as conn:
        comparing = work.latest(conn, RECONCILE)
    return render_template(
        "health/page.html", title="Health", ranges=RANGES.values(), work=comparing, **_figures(), **_charts(_range())
    )


@screen.get("/now", right=Right.LOOK)
def figures() -> str:
    """The sentence and the figures alone."""
    return render_template("health/now.html", **_figures())


@screen.get("/figures.csv", right=Right.LOOK)
def save() -> Response:
    """The figures of one chart, as a file."""
    drawing = BY_NAME.get(request.args.get("chart", "")) or abort(404)
    span = _range().until(now())
    with connection() as conn:
        values = samples.series(conn, list(drawing.figures), span)

    def lines() -> Iterator[tuple[Any, ...]]:
        for at, step in enumerate(span.steps):
            told = (rounded(values[name][at]) for name in drawing.figures)
            yield step.isoformat(), *("" if value is None else f"{value:g}" for value in told)

    name = f"dueline-{drawing.name}-{_range().name}.csv"
    return csvs.answer(name, ("from", *drawing.figures.values()), lines())


@screen.post("/compare", right=Right.RUN)
def compare() -> Any:
    """Have billing systems, ledger and Salesforce compared, and mended."""
    with connection() as conn:
        number = work.ask(conn, RECONCILE, {}, who().name)
        audit.note(conn, "asked to compare everything", f"work {number}")
    run().bell.ring("work")
    flash("Everything is being compared. You can leave this page meanwhile.")
    return redirect(url_for("health.page"), 303)


def _figures() -> dict[str, Any]:
    here = gather(run())
    watch.renew(run(), here.condition)
    report = here.status.last_reconcile
    with connection() as conn:
        causes = parked.groups(conn) if here.status.parked or here.condition.parked else []
        back = samples.way_back(conn)
        flow = samples.latest_hour(conn)
        beat_s = cursors.age_s(conn, cursors.HEARTBEAT)
        heartbeat = cursors.get(conn, cursors.HEARTBEAT)
    return {
        "here": here,
        "headline": headline(here.condition, _clock),
        "waiting": waiting(here.status),
        "alarms": every_banner(),
        "causes": causes[:_CAUSES],
        "more_causes": max(0, len(causes) - _CAUSES),
        "back": back,
        "flow": flow,
        "beat_s": beat_s,
        "heartbeat": heartbeat,
        "compared_at": compared_at(report) if report else None,
        "compared": list(found(report)) if report else [],
    }


def _clock(at: Any) -> str:
    local, today = at.astimezone(run().calendar.zone), now().astimezone(run().calendar.zone)
    return f"{local:%H:%M}" if local.date() == today.date() else f"{local.day} {local:%b, %H:%M}"


def _charts(chosen: Range) -> dict[str, Any]:
    span = chosen.until(now())
    with connection() as conn:
        values = samples.series(conn, FIGURES, span)
    return {"charts": list(draw(values, span, chosen, run().calendar)), "chosen": chosen}
