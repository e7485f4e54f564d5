"""Rules: what counts as late, kept, too old; what it costs; each with its effect in words, saved as versions."""

from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from pydantic import ValidationError

from sync.admin.gate import Screen, connection, run, who
from sync.admin.rights import Right
from sync.admin.rules import after, telling
from sync.admin.rules.form import GROUPS, RulesForm, zones
from sync.core.rule_effects import RuleBook, effect
from sync.db import config, rule_book, work
from sync.db.config import StaleError, Version
from sync.effective import RULES, from_environment
from sync.settings import Rules

_SHOWN = 50  # versions

screen = Screen("rules", "Rules", order=40, shown_to=Right.LOOK)


@screen.get("/", right=Right.LOOK)
def page() -> str:
    """The rules as they are."""
    held, book = _now()
    form = RulesForm.showing(_rules(), held.id if held else 0, book.billed_in)
    return _page(form, held, book)


@screen.post("/", right=Right.DECIDE)
def save() -> Any:
    """Show what changed rules would do, or save them."""
    form = RulesForm()
    fixed, (held, book) = from_environment(run().by_environment), _now()
    wanted = form.sound(_rules(), fixed)
    if wanted is None:
        return _page(form, held, book), 422
    changes = telling.changes(_rules(), wanted)
    if "preview" in request.form or not changes:
        return _page(form, held, book, wanted)
    try:
        kept = {name: value for name, value in (held.value if held else {}).items() if name in fixed}
        after.save(
            kept | telling.packed(wanted, fixed), note=form.note.data or None, based_on=_number(form.based_on.data)
        )
    except StaleError as error:
        flash(f"Nothing was saved: {error}.", "error")
        return _page(form, held, book, wanted), 409
    flash(f"Saved: {', '.join(change.label for change in changes)}.")
    return redirect(url_for("rules.page"), 303)


def _page(form: RulesForm, held: Version | None, book: RuleBook, wanted: Rules | None = None) -> str:
    now, at = _rules(), datetime.now(UTC)
    changes = telling.changes(now, wanted) if wanted else []
    with connection() as conn:
        under_way = work.latest(conn, after.FOLLOW)
    return render_template(
        "rules/page.html",
        title="Rules",
        form=form,
        groups=GROUPS,
        zones=zones,
        held=held,
        fixed=from_environment(run().by_environment),
        may_change=who().may(Right.DECIDE),
        previewed=wanted is not None,
        changes=[(change, _effects(change.name, now, wanted or now, book, at)) for change in changes],
        follows=[telling.FOLLOWS[step] for step in after.steps_of([change.name for change in changes])],
        effects={name: effect(name, getattr(now, name), now.model_dump(), book, at) for name in Rules.model_fields},
        defaults=telling.defaults(),
        book=book,
        work=under_way if under_way is not None and under_way.status != work.DONE else None,
    )


def _effects(name: str, now: Rules, wanted: Rules, book: RuleBook, at: datetime) -> tuple[str, str]:
    """What the rule does now, and what it would do."""
    before = effect(name, getattr(now, name), now.model_dump(), book, at)
    return before, effect(name, getattr(wanted, name), wanted.model_dump(), book, at)


@screen.get("/versions", right=Right.LOOK)
def versions() -> str:
    """Who saved which rules when."""
    with connection() as conn:
        saved = config.versions(conn, RULES, _SHOWN + 1)
    before = [each.value for each in saved[1:]] + [{}]
    told = [(each, telling.told(then, each.value)) for each, then in zip(saved[:_SHOWN], before, strict=False)]
    return render_template("rules/versions.html", title="Versions of the rules", versions=told)


@screen.post("/versions/<int:number>", right=Right.DECIDE)
def bring_back(number: int) -> Any:
    """Have older rules hold again; 0: the defaults."""
    with connection() as conn:
        old, held = config.version(conn, RULES, number), config.current(conn, RULES)
    if old is None and number:
        abort(404)
    value = old.value if old else {}
    try:
        Rules.model_validate(value)
    except ValidationError:
        flash("These rules were saved by another release and cannot be used any more.", "error")
        return redirect(url_for("rules.versions"), 303)
    after.save(value, note="Brought back", undoes=number or None, based_on=held.id if held else 0)
    flash("The older rules hold again.")
    return redirect(url_for("rules.page"), 303)


def _now() -> tuple[Version | None, RuleBook]:
    with connection() as conn:
        return config.current(conn, RULES), rule_book.read(conn, run().calendar.today())


def _rules() -> Rules:
    """The rules that hold."""
    settings = run().settings
    return Rules.model_construct(**{name: getattr(settings, name) for name in Rules.model_fields})


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
