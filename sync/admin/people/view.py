"""Who may use the page: local members, and who is signed in."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from sync.admin import access, audit, gate
from sync.admin.gate import connection, run
from sync.admin.people import granting, me, org_app
from sync.admin.people.form import AddForm, RoleForm
from sync.admin.people.screen import actor, screen
from sync.admin.rights import Right
from sync.admin.signin import local, provider
from sync.admin.signin.local import MemberError
from sync.admin.tables import Column, Paging, asked
from sync.admin.typed import clean
from sync.db import members, sessions
from sync.db.members import Member

__all__ = ["granting", "me", "org_app", "screen"]  # whose routes are the screen's

_MEMBERS = (
    Column("name", "Name", sortable=True),
    Column("role", "What they may do", sortable=True),
    Column("made_at", "Member since", sortable=True),
    Column("state", "Signed in"),
)
_SESSIONS = (
    Column("name", "Who"),
    Column("role", "What they may do"),
    Column("seen_at", "Last seen"),
    Column("made_at", "Signed in"),
    Column("actions", ""),
)


@screen.get("/", right=Right.DECIDE)
def page() -> str:
    """Members, and the ways in."""
    wanted = asked(_MEMBERS, "name", filters=("q",))
    with connection() as conn:
        total, rows = members.page(
            conn,
            search=wanted.filters["q"],
            sort=wanted.sort,
            down=wanted.down,
            offset=wanted.offset,
            limit=wanted.limit,
        )
        grants = access.read_grants(provider.stored(conn))
        offered = provider.configured(run(), conn)
        here, _rows = sessions.page(conn, offset=0, limit=1)
    return render_template(
        "people/page.html",
        title="People",
        columns=_MEMBERS,
        rows=rows,
        paging=Paging(wanted, total),
        grants=grants,
        sees=access.SEES,
        offered=offered,
        here=here,
    )


@screen.get("/users", right=Right.DECIDE)
def users() -> str:
    """Salesforce users like what is being typed, as suggestions."""
    typed = clean(request.args.get("owner", ""))[:200]
    with connection() as conn:
        found = members.users_like(conn, typed) if len(typed) > 1 else []
    return render_template("people/users.html", users=found)


@screen.route("/add", methods=["GET", "POST"], right=Right.DECIDE)
def add() -> Any:
    """Add a member; the password is in the answer, and nowhere else."""
    form = AddForm()
    if not form.is_submitted():
        return _adding(form)
    if not form.validate() or not _owned(form):
        return _adding(form), 400
    with connection() as conn:
        owner = form.chosen(conn)
    try:
        name, password = local.add(run().engine, form.name.data or "", form.sees.data, owner, actor())
    except MemberError as error:
        form.name.errors = [f"{str(error).capitalize()}."]
        return _adding(form), 400
    return _shown_once(name, password, f"{name} may sign in now")


@screen.get("/member/<name>", right=Right.DECIDE)
def member(name: str) -> str:
    """One member."""
    found = _found(name)
    with connection() as conn:
        owner = members.user(conn, found.scope) if found.scope else None
    form = RoleForm(sees=local.sees(found), owner=(owner.email or owner.id) if owner else found.scope)
    return _member(found, form)


@screen.post("/member/<name>", right=Right.DECIDE)
def change(name: str) -> Any:
    """Give a member another role."""
    found, form = _found(name), RoleForm()
    if not form.validate() or not _owned(form):
        return _member(found, form), 400
    with connection() as conn:
        owner = form.chosen(conn)
    try:
        local.set_role(run().engine, name, form.sees.data, owner, actor())
    except MemberError as error:
        form.sees.errors = [f"{str(error).capitalize()}."]
        return _member(found, form), 400
    flash(f"Saved. {name} signs in again with the new role.")
    return redirect(url_for("people.member", name=name), 303)


@screen.post("/member/<name>/password", right=Right.DECIDE)
def password(name: str) -> Any:
    """Give a member a new password; it is in the answer, and nowhere else."""
    _found(name)
    if local.by_environment(run().settings, name):
        flash("The environment sets this password (DUELINE_ADMIN_PASSWORD): change it there.", "error")
        return redirect(url_for("people.member", name=name), 303)
    made = local.new_password(run().engine, name, actor())
    return _shown_once(name, made, f"{name} has a new password")


@screen.post("/member/<name>/<any(disable, enable, sign_out):what>", right=Right.DECIDE)
def act(name: str, what: str) -> Any:
    """Disable, enable or sign out a member."""
    _found(name)
    acts = {"disable": local.disable, "enable": local.enable, "sign_out": local.sign_out}
    told = {"disable": "is disabled, and signed out", "enable": "may sign in again", "sign_out": "is signed out"}
    try:
        acts[what](run().engine, name, actor())
        flash(f"{name} {told[what]}.")
    except MemberError as error:
        flash(f"{str(error).capitalize()}.", "error")
    return redirect(url_for("people.member", name=name), 303)


@screen.get("/sessions", right=Right.DECIDE)
def signed_in() -> str:
    """Who is signed in now."""
    wanted = asked(_SESSIONS, "seen_at")
    with connection() as conn:
        total, rows = sessions.page(conn, offset=wanted.offset, limit=wanted.limit)
        words = {(row.role, row.scope): local.in_words(conn, row.role, row.scope) for row in rows}
    return render_template(
        "people/sessions.html",
        title="Signed in now",
        columns=_SESSIONS,
        rows=rows,
        words=words,
        paging=Paging(wanted, total),
    )


@screen.post("/sessions/end", right=Right.DECIDE)
def end() -> Any:
    """Sign one browser out."""
    with connection() as conn:
        ended = sessions.end_one(conn, request.form.get("session", "")[:100])
        if ended is not None:
            audit.note(conn, "signed somebody out", ended.name)
    flash(f"{ended.name} is signed out there." if ended is not None else "That session had ended already.")
    return redirect(url_for("people.signed_in"), 303)


def _found(name: str) -> Member:
    with connection() as conn:
        found = members.get(conn, name)
    return found or abort(404)


def _owned(form: RoleForm) -> bool:
    """Whether the form says whose accounts a viewer of own accounts sees."""
    with connection() as conn:
        form.chosen(conn)
    return not form.owner.errors


def _adding(form: AddForm) -> str:
    return render_template("people/add.html", title="Add a member", form=form)


def _member(found: Member, form: RoleForm) -> str:
    with connection() as conn:
        words = local.in_words(conn, found.role, found.scope)
        open_ = sessions.count_of(conn, local.subject_of(found.name))
    return render_template(
        "people/member.html",
        title=found.name,
        member=found,
        words=words,
        sessions=open_,
        form=form,
        mine=gate.who().subject == local.subject_of(found.name),
        fixed=local.by_environment(run().settings, found.name),
    )


def _shown_once(name: str, password: str, title: str) -> str:
    public = run().settings.public_url
    where = f"{public}{url_for('home')}" if public else url_for("home", _external=True)
    return render_template("people/password.html", title=title, name=name, password=password, where=where)
