"""Choosing one rule in three pages: a figure, a field that it fits, and how it is shown there. Only the last posts."""

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from sync.admin.gate import connection, run
from sync.admin.mapping import desk
from sync.admin.mapping.desk import Org
from sync.admin.mapping.form import RuleForm, rule_form
from sync.admin.mapping.screen import screen
from sync.admin.rights import Right
from sync.admin.typed import clean
from sync.core.fieldmap.choices import choices_for
from sync.core.fieldmap.editing import digest, find, is_pinned, put, ways
from sync.core.fieldmap.figures import FIGURES, KIND_LABELS, MAPPED, OBJECTS, Figure, figure
from sync.core.fieldmap.fit import problems
from sync.core.fieldmap.orgfield import OrgField
from sync.core.fieldmap.proposals import proposal
from sync.core.fieldmap.rules import FieldMap, FieldMapError, Rule
from sync.core.fieldmap.telling import example, way
from sync.core.fieldmap.transforms import TransformError, pack
from sync.pipeline.mapping_draft import DraftError

_SHOWN = 60  # fields in a list before one is asked to search
_LONGEST = 200  # characters of a search


@dataclass(frozen=True, slots=True)
class Offer:
    """A field, and why it cannot take the figure: empty if it can. `says`: the figure that it says now."""

    field: OrgField
    problem: str = ""
    says: str = ""


@screen.get("/<kind>/figures", right=Right.DECIDE)
def figures(kind: str) -> Any:
    """The figures to choose from."""
    _known(kind)
    asked = clean(request.args.get("q", ""))[:_LONGEST]
    with connection() as conn:
        working = desk.now(conn).working
    goes: dict[str, list[str]] = {}
    for rule in working.of(kind).rules:
        goes.setdefault(rule.figure, []).append(rule.field)
    found = [each for each in FIGURES[kind] if _matches(asked, each.label, each.meaning, each.name)]
    pinned = {each.name for each in found if is_pinned(kind, each.name, desk.pins())}
    return render_template(
        "mapping/figures.html",
        title=f"Choose a figure: {KIND_LABELS[kind]}",
        kind=kind,
        figures=found,
        goes=goes,
        pinned=pinned,
        asked=asked,
        replaces=request.args.get("replaces", "")[:80],
    )


@screen.get("/<kind>/fields", right=Right.DECIDE)
def fields(kind: str) -> Any:
    """The fields to choose from: those it fits first, the others with the reason."""
    about = _figure(kind)
    org, asked = desk.org(), clean(request.args.get("q", ""))[:_LONGEST]
    replaces = request.args.get("replaces", "")[:80]
    with connection() as conn:
        working = desk.now(conn).working
    fit, misfit = _offers(kind, about, org, working, replaces)
    fit = [each for each in fit if _matches(asked, each.field.label, each.field.name)]
    misfit = [each for each in misfit if _matches(asked, each.field.label, each.field.name)]
    return render_template(
        "mapping/fields.html",
        title=f"Choose a field for {about.label}",
        kind=kind,
        object=OBJECTS[kind],
        about=about,
        fit=fit[:_SHOWN],
        misfit=misfit[:_SHOWN],
        more=max(0, len(fit) - _SHOWN),
        misfit_more=max(0, len(misfit) - _SHOWN),
        asked=asked,
        replaces=replaces,
        away=org.away,
    )


def _offers(kind: str, about: Figure, org: Org, working: FieldMap, replaces: str) -> tuple[list[Offer], list[Offer]]:
    there = org.of(kind)
    others = [each for each in working.of(kind).rules if each.field.lower() != replaces.lower()]
    used = {each.field.lower(): each.figure for each in others}
    fit = [Offer(choice.field) for choice in choices_for(about, kind, there, tuple(used))]
    good = {each.field.name for each in fit}
    rest = [_misfit(kind, about, field, used) for field in there if field.name not in good]
    return fit, sorted(rest, key=lambda each: (not each.says, not each.field.custom, each.field.label.lower()))


def _misfit(kind: str, about: Figure, field: OrgField, used: dict[str, str]) -> Offer:
    if (says := used.get(field.name.lower())) is not None:
        other = figure(kind, says)
        label = other.label if other else says
        return Offer(field, f"says {label} already", label)
    best = proposal(about, field)
    rule = Rule(about.name, field.name, best) if best else Rule(about.name, field.name)
    return Offer(field, "; ".join(problems(kind, about, rule, field)) or "does not take such a figure")


@screen.get("/<kind>/rule", right=Right.DECIDE)
def rule(kind: str) -> Any:
    """How the figure is shown in the field."""
    about, target, replaces = _chosen(kind)
    with connection() as conn:
        before = find(desk.now(conn).working, kind, replaces) if replaces else None
    same = before is not None and before.figure == about.name and before.field == target.name
    form = rule_form(about, target, before.transform if before and same else proposal(about, target))
    form.was.data = _was(before)
    return _rule_page(kind, form, replaces)


@screen.post("/<kind>/rule", right=Right.DECIDE)
def keep(kind: str) -> Any:
    """Put it into the draft."""
    about, target, replaces = _chosen(kind)
    form = rule_form(about, target, None)
    if form.validate() and not _tell_problems(kind, form):
        made = Rule(about.name, target.name, form.transform())
        try:
            with connection() as conn:
                desk.step(conn, lambda now: _changed(now, kind, made, replaces, form))
        except (FieldMapError, DraftError) as error:
            form.tell(str(error))
        else:
            flash(f"In the draft: {about.label} goes to {target.label}. Preview it before it is saved.")
            return redirect(url_for("mapping.page"), 303)
    return _rule_page(kind, form, replaces), 422


@screen.post("/<kind>/check", right=Right.DECIDE)
def check(kind: str) -> str:
    """While one chooses: what the field would show, and what is wrong."""
    about, target, _replaces = _chosen(kind)
    form = rule_form(about, target, None)
    try:
        transform = form.transform() if form.way.data else None
    except TransformError as error:
        return render_template("mapping/check.html", problems=[str(error)], example="", words="")
    if transform is None:
        return render_template("mapping/check.html", problems=[], example="", words="")
    found = problems(kind, about, Rule(about.name, target.name, transform), target)
    told = example(about, transform, run().calendar)
    return render_template("mapping/check.html", problems=found, example=told, words=way(transform, about))


def _changed(now: FieldMap, kind: str, made: Rule, replaces: str, form: RuleForm) -> FieldMap:
    if replaces and _was(find(now, kind, replaces)) != form.was.data:
        raise DraftError("Somebody has changed this field in the draft meanwhile. Look at it again, then change it.")
    return put(now, kind, made, replaces or None)


def _tell_problems(kind: str, form: RuleForm) -> bool:
    found = problems(kind, form.about, Rule(form.about.name, form.target.name, form.transform()), form.target)
    for problem in found:
        form.tell(f"{form.target.label} {problem}")
    return bool(found)


def _rule_page(kind: str, form: RuleForm, replaces: str) -> str:
    about, target = form.about, form.target
    try:
        transform = form.transform()
    except TransformError:
        transform = None
    found = problems(kind, about, Rule(about.name, target.name, transform), target) if transform else []
    return render_template(
        "mapping/rule.html",
        title=f"{about.label} → {target.label}",
        kind=kind,
        object=OBJECTS[kind],
        form=form,
        about=about,
        target=target,
        replaces=replaces,
        example=example(about, transform, run().calendar) if transform and not found else "",
        words=way(transform, about) if transform else "",
        problems=found,
        alone=len(ways(about, target)) == 1,
    )


def _was(found: Rule | None) -> str:
    """The same as long as nobody changes the rule."""
    return digest([found.figure, found.field, pack(found.transform)]) if found else ""


def _known(kind: str) -> None:
    if kind not in MAPPED:
        abort(404)


def _figure(kind: str) -> Figure:
    _known(kind)
    found = figure(kind, request.args.get("figure", ""))
    if found is None or is_pinned(kind, found.name, desk.pins()):
        abort(404)
    return found


def _chosen(kind: str) -> tuple[Figure, OrgField, str]:
    """What the address names; 404 for a figure or a field that there is not."""
    about, org = _figure(kind), desk.org()
    if org.fields is None:
        abort(503, org.away)
    target = org.field(kind, request.args.get("field", ""))
    if target is None or not ways(about, target):
        abort(404)
    return about, target, request.args.get("replaces", "")[:80]


def _matches(asked: str, *texts: str) -> bool:
    wanted = asked.lower().split()
    joined = " ".join(texts).lower()
    return all(word in joined for word in wanted)
