"""What people of Salesforce may do here, by their permission sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from sync.admin import access, audit, gate
from sync.admin.access import Grant
from sync.admin.gate import connection, run
from sync.admin.people.form import AccessForm
from sync.admin.people.screen import screen
from sync.admin.rights import Right
from sync.admin.signin import provider
from sync.db import config, sessions
from sync.db.config import StaleError, Version
from sync.pipeline.accounts import OrgAwayError

_MOST_VERSIONS = 10


@screen.get("/access", right=Right.DECIDE)
def granted() -> str:
    """The table of permission sets."""
    with connection() as conn:
        current = config.current(conn, access.AREA)
        grants = access.read_grants(current.value if current else None)
    rows = [{"permission_set": grant.permission_set, "sees": str(grant.sees)} for grant in grants]
    form = AccessForm(based_on=str(current.id if current else 0), grants=rows)
    return _table(form)


@screen.post("/access", right=Right.DECIDE)
def grant() -> Any:
    """Save the table."""
    form = AccessForm()
    if not form.validate():
        return _table(form), 400
    grants = [Grant(line.permission_set.data, line.sees.data) for line in form.lines]
    if len({each.permission_set.casefold() for each in grants}) < len(grants):
        form.grants.errors = ["Each permission set can stand there once."]
        return _table(form), 400
    spelt = _as_in_the_org(form, grants)
    if spelt is None:
        return _table(form), 400
    try:
        _save(spelt, "saved who may see what", based_on=_number(form.based_on.data))
    except StaleError as error:
        form.grants.errors = [f"{str(error).capitalize()}."]
        return _table(form), 409
    flash("Saved. It holds for everybody from their next click on.")
    return redirect(url_for("people.granted"), 303)


@screen.post("/access/<int:number>", right=Right.DECIDE)
def bring_back(number: int) -> Any:
    """Have the table as it once was."""
    with connection() as conn:
        found = config.version(conn, access.AREA, number) if number < 2**63 else None
    if found is None:
        abort(404)
    _save(access.read_grants(found.value), "brought back who may see what", undoes=found.id)
    flash("The older table holds again.")
    return redirect(url_for("people.granted"), 303)


def _as_in_the_org(form: AccessForm, grants: list[Grant]) -> list[Grant] | None:
    """The table in the org's spelling; None, with errors at the fields, if the org lacks one of the sets."""
    from sync.adapters import rights

    org = run().org
    if org is None:
        return grants  # nobody signs in by Salesforce before it is connected
    try:
        found = rights.permission_sets(org, [each.permission_set for each in grants])
    except OrgAwayError as error:
        form.grants.errors = [f"Salesforce could not be asked whether it has these permission sets: {error}"]
        return None
    known = {name.casefold(): name for name in found}
    for line in form.lines:
        name = line.permission_set.data
        if name.casefold() not in known:
            line.permission_set.errors = [f"Salesforce has no permission set with the API name {name}."]
    if any(line.permission_set.errors for line in form.lines):
        return None
    return [Grant(known[each.permission_set.casefold()], each.sees) for each in grants]


def _save(grants: Sequence[Grant], action: str, *, based_on: int | None = None, undoes: int | None = None) -> None:
    with connection() as conn:
        before = access.read_grants(provider.stored(conn))
        value = access.stored_grants(grants)
        provider.put(conn, "grants", value, gate.who().name, based_on=based_on, undoes=undoes)
        sessions.doubt_all(conn)
        audit.note(conn, action, "permission sets", before=_told(before), after=_told(grants))


def _told(grants: Sequence[Grant]) -> dict[str, str]:
    return {grant.permission_set: str(grant.sees) for grant in grants}


def _number(typed: str | None) -> int | None:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 19 else 0


def _table(form: AccessForm) -> str:
    if request.method == "GET" or not form.grants.errors:
        form.make_room()
    with connection() as conn:
        found = config.versions(conn, access.AREA)
        offered = provider.configured(run(), conn) is not None
    return render_template(
        "people/access.html",
        title="Who may see what",
        form=form,
        versions=_older(found)[:_MOST_VERSIONS],
        latest=found[0] if found else None,
        offered=offered,
        sees=access.SEES,
    )


@dataclass(frozen=True, slots=True)
class _Older:
    """A table that held once, as people recognise it."""

    id: int
    made_by: str
    made_at: datetime
    told: dict[str, str]


def _older(versions: Sequence[Version]) -> list[_Older]:
    """Every other table than the one that held next, the latest first."""
    found = []
    newer = _told(access.read_grants(versions[0].value)) if versions else {}
    for each in versions[1:]:
        told = _told(access.read_grants(each.value))
        if told != newer:
            found.append(_Older(each.id, each.made_by, each.made_at, told))
        newer = told
    return found
