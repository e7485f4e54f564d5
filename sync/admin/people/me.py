"""One's own password, for every role."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from sync.admin import gate
from sync.admin.gate import SIGN_IN, connection, run
from sync.admin.people.form import PasswordForm
from sync.admin.people.screen import screen
from sync.admin.rights import Right
from sync.admin.signin import entrance, local, passwords
from sync.admin.signin.tries import TooManyTriesError, tries_of
from sync.db import members
from sync.db.members import Member


@screen.get("/me", right=Right.READ)
def me() -> str:
    """Who one is here, and one's password."""
    return _page(PasswordForm(), _mine())


@screen.post("/me", right=Right.READ)
def change_own() -> Any:
    """Change one's own password; every other browser is signed out."""
    form, mine = PasswordForm(), _mine()
    if mine is None or local.by_environment(run().settings, mine.name):
        return _page(form, mine), 400
    if not form.validate():
        return _page(form, mine), 400
    try:
        tries_of(run().redis_url).take(mine.name, request.remote_addr or "")
    except TooManyTriesError as error:
        form.now.errors = [str(error)]
        return _page(form, mine), 429, {"Retry-After": str(error.wait_s)}
    new = form.new.data or ""
    if local.check(run().engine, mine.name, form.now.data or "") is None:
        form.now.errors = ["This is not your password."]
    elif wrong := "is the one you have" if new == form.now.data else passwords.wrong_with(new, mine.name):
        form.new.errors = [f"The new password {wrong}."]
    else:
        return _changed(mine, new)
    return _page(form, mine), 400


def _changed(mine: Member, password: str) -> Any:
    local.change_own(run().engine, mine.name, password)
    tries_of(run().redis_url).forgive(mine.name)
    with connection() as conn:
        now = members.get(conn, mine.name, lock=True)  # their role may just have been changed, too
        if now is None or not now.enabled:
            entrance.leave(conn)
            return redirect(url_for(SIGN_IN), 303)
        entrance.begin(conn, entrance.person_of(now))
    flash("Your password is changed. You were signed out in every other browser.")
    return redirect(url_for("people.me"), 303)


def _mine() -> Member | None:
    """The caller as a local member; None if they came by Salesforce."""
    name = local.name_of(gate.who().subject)
    if name is None:
        return None
    with connection() as conn:
        return members.get(conn, name)


def _page(form: PasswordForm, mine: Member | None) -> str:
    person = gate.who()
    with connection() as conn:
        words = local.in_words(conn, person.role, person.scope)
    fixed = mine is not None and local.by_environment(run().settings, mine.name)
    return render_template("people/me.html", title=person.name, form=form, mine=mine, words=words, fixed=fixed)
