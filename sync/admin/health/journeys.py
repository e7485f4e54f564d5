"""One event's way from the billing system to Salesforce, found by whatever name a person has."""

from typing import Any

from flask import abort, redirect, render_template, request

from sync.admin.gate import connection, run
from sync.admin.health.screen import screen
from sync.admin.health.words import place_of, title_of
from sync.admin.rights import Right
from sync.admin.typed import clean
from sync.core.redact import redacted
from sync.db import journeys
from sync.pipeline.journey import of_event, payload

_LONGEST = 200


@screen.get("/find", right=Right.LOOK)
def find() -> Any:
    """Whatever goes by the name that was typed; straight there if it is one thing."""
    text = clean(request.args.get("q", ""))[:_LONGEST]
    found = []
    if text:
        with connection() as conn:
            found = journeys.find(conn, journeys.connections(conn, run().settings.connections()), text)
            names = journeys.titles(conn, [(each.kind, each.key) for each in found])
        if len(found) == 1 and (place := place_of(found[0].kind, found[0].key)):
            return redirect(place, 303)
    lines = [(each, title_of(each.kind, names[each.kind, each.key])) for each in found]
    return render_template("health/found.html", title="Follow something", text=text, lines=lines)


@screen.get("/event/<int:number>", right=Right.LOOK)
def event(number: int) -> str:
    """The way of one event."""
    with connection() as conn:
        row = journeys.event_row(conn, number) if number < 2**63 else None
        if row is None:
            abort(404)
        ingest = run().ingest
        stops = of_event(conn, ingest.mappers, ingest.systems, row)
    body = payload(row)
    return render_template(
        "health/journey.html",
        title=f"Event {row.event_id}",
        event=row,
        stops=stops,
        payload=None if body is None else redacted(body),
    )
