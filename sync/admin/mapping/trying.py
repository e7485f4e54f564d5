"""Preview and saving. What is saved is what was previewed: the preview gives a seal of the draft it has shown, and
saving asks for the seal of the draft as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flask import current_app, flash, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer

from sync.admin import audit
from sync.admin.gate import connection, run, who
from sync.admin.mapping import desk
from sync.admin.mapping.applying import APPLY
from sync.admin.mapping.cells import groups
from sync.admin.mapping.desk import Org
from sync.admin.mapping.form import SaveForm
from sync.admin.mapping.screen import screen
from sync.admin.rights import Right
from sync.admin.shown import lasts
from sync.admin.typed import clean
from sync.core.fieldmap.changes import changes
from sync.core.fieldmap.telling import told
from sync.db import examples, work
from sync.db.config import StaleError, Version
from sync.db.examples import Example
from sync.pipeline import mapping_draft
from sync.pipeline.accounts import OrgAwayError
from sync.pipeline.mapping_draft import Desk, DraftError
from sync.pipeline.preview import MOST_ACCOUNTS, Preview, preview

Leaving = Literal["leave", "restore"]

_SEAL_S = 3_600  # so long a preview is good for: what Salesforce said grows old
_SECONDS_A_CALL = 2.0  # assumed of Salesforce for 200 records, triggers included; not measured in a real org
_A_FEW_S = 20
_LONGEST = 200  # characters of a search


@dataclass(frozen=True, slots=True)
class Asked:
    """What to preview: on which accounts, and what becomes of fields that are let go of."""

    picked: list[Example]
    leaving: Leaving


@dataclass(frozen=True, slots=True)
class Seal:
    """What somebody has seen in a preview."""

    seen: str
    accounts: list[str]
    leaving: Leaving
    refused: int


@screen.get("/preview", right=Right.DECIDE)
def try_out() -> Any:
    """What the draft would do, on some accounts."""
    with connection() as conn:
        now = desk.now(conn)
    if now.draft is None:
        flash("There is no draft to preview.", "error")
        return redirect(url_for("mapping.page"), 303)
    fallback: Leaving = "restore" if now.draft.undoes is not None else "leave"
    asked = _asked(request.args.getlist("account"), _leaving(request.args.get("leaving"), fallback))
    return _page(now, asked, SaveForm())


def _leaving(value: str | None, fallback: Leaving) -> Leaving:
    return "restore" if value == "restore" else "leave" if value == "leave" else fallback


def _asked(ids: Sequence[str], leaving: Leaving) -> Asked:
    with connection() as conn:
        picked = examples.by_id(conn, ids[:MOST_ACCOUNTS]) if ids else []
        return Asked(picked or examples.telling(conn, run().calendar.today()), leaving)


def _page(now: Desk, asked: Asked, form: SaveForm) -> str:
    """The preview, and saving where nothing speaks against it."""
    org = desk.org()
    found, away = _tried(now, asked) if not org.away else (None, org.away)
    if found is not None and not found.misfits and not now.stale:
        ids = [each.id for each in asked.picked]
        form.seen.data = _sealer().dumps([now.seen, ids, asked.leaving, len(found.refused)])
    leaves = [name for change in changes(now.held, now.working).values() for name in change.left]
    query = clean(request.args.get("q", ""))[:_LONGEST]
    with connection() as conn:
        others = examples.search(conn, query) if query else []
    return render_template(
        "mapping/preview.html",
        title="Preview",
        desk=now,
        changes=told(now.held, now.working, org.labels()),
        found=found,
        away=away,
        groups=groups(found, now.working, org, run().calendar) if found else [],
        misfits=_misfits(found, org),
        asked=asked,
        others=_without(others, asked.picked),
        query=query,
        most=MOST_ACCOUNTS,
        leaves=leaves,
        form=form,
        budget=run().meter.budget(),
        takes=_takes(found.cost.calls) if found else "",
    )


def _takes(calls: int) -> str:
    seconds = calls * _SECONDS_A_CALL
    return f"about {lasts(seconds)}" if seconds >= _A_FEW_S else "a few seconds"


def _without(others: Sequence[Example], picked: Sequence[Example]) -> list[Example]:
    known = {each.id for each in picked}
    return [each for each in others if each.id not in known]


def _tried(now: Desk, asked: Asked) -> tuple[Preview | None, str]:
    ids = [each.id for each in asked.picked]
    try:
        org = run().require_org()
        return preview(run().engine, org, run().publishing, ids, now.held, now.working, asked.leaving), ""
    except OrgAwayError as error:
        return None, f"Salesforce cannot be asked now: {error}"
    finally:
        run().meter.flush()


def _misfits(found: Preview | None, org: Org) -> list[tuple[str, str]]:
    """The field's name and the problem."""
    return [
        (target.label if (target := org.field(each.kind, each.field)) else each.field, each.problem)
        for each in (found.misfits if found else ())
    ]


@screen.post("/save", right=Right.DECIDE)
def save() -> Any:
    """Make the draft hold, and have old records written by it if that is wanted."""
    form = SaveForm()
    seal = _opened(form.seen.data or "")
    with connection() as conn:
        now = desk.now(conn)
    if seal is None:
        return _back("Look at the preview again before you save: this one is too old, or not of this draft.")
    if now.draft is None or now.seen != seal.seen:
        return _changed_meanwhile(now)
    if not form.validate() or not _knows_refusals(form, seal):
        return _page(now, _asked(seal.accounts, seal.leaving), form), 422
    try:
        return _saved(form, seal)
    except (DraftError, StaleError) as error:
        return _back(str(error))


def _knows_refusals(form: SaveForm, seal: Seal) -> bool:
    if seal.refused and not form.although.data:
        form.although.errors = ["Salesforce would refuse some of these records: change the draft, or tick this."]
        return False
    return True


def _saved(form: SaveForm, seal: Seal) -> Any:
    note = (form.note.data or "").strip()
    with connection() as conn:
        before, version = mapping_draft.save(conn, desk.pins(), seal.seen, who().name, note, seal.leaving)
        lets_go = any(change.left for change in changes(before.held, before.working).values())
        applied = form.when.data == "now" or lets_go
        if applied:
            work.ask(conn, APPLY, {"version": version.id}, who().name)
        _write_down(conn, before, version, seal)
    if applied:
        run().bell.ring("work")
    flash(f"Saved as version {version.id}. {_what_follows(applied=applied)}")
    return redirect(url_for("mapping.page"), 303)


def _what_follows(*, applied: bool) -> str:
    if applied:
        return "Old records are written again in the background: see how far it is below."
    return "Every record that changes from now on is written by it."


def _write_down(conn: Any, before: Desk, version: Version, seal: Seal) -> None:
    was = {"version": before.version, "mapping": before.held.pack()}
    after = {
        "version": version.id,
        "mapping": before.working.pack(),
        "changes": desk.in_words(before),
        "note": version.note,
        "undoes": version.undoes,
        "leaving": seal.leaving,
    }
    audit.note(conn, "saved mapping", f"mapping version {version.id}", before=was, after=after)


def _changed_meanwhile(now: Desk) -> Any:
    if now.draft is None:
        return _back("There is no draft any more: somebody has saved or discarded it meanwhile.", "mapping.page")
    return _back("The draft was changed since you previewed it. This is the preview of the draft as it is now.")


def _back(words: str, to: str = "mapping.try_out") -> Any:
    flash(words, "error")
    return redirect(url_for(to), 303)


def _sealer() -> URLSafeTimedSerializer:
    key = current_app.secret_key
    assert key is not None  # noqa: S101 - the app is never made without
    return URLSafeTimedSerializer(key, salt="mapping preview")


def _opened(seal: str) -> Seal | None:
    try:
        return Seal(*_sealer().loads(seal, max_age=_SEAL_S))
    except BadSignature:  # a seal that is too old is one as well
        return None
