"""Signing in and out."""

from typing import Any

import structlog
from flask import flash, redirect, render_template, request, session, url_for

from sync.admin import access
from sync.admin.gate import SIGN_IN, Screen, connection, run, within
from sync.admin.rights import Person, Right
from sync.admin.shown import person
from sync.admin.signin import entrance, local, oidc, provider, renew
from sync.admin.signin.form import SignInForm
from sync.admin.signin.tries import TooManyTriesError, tries_of
from sync.db import members
from sync.pipeline.accounts import OrgAwayError

log = structlog.get_logger()
screen = Screen("signin", "Sign in")

_THEN = "then"  # where to go afterwards, kept while Salesforce is asked
_LONGEST = 2_000  # characters of it


@screen.get("/", right=Right.OPEN)
def form() -> Any:
    """The form; whoever is signed in already goes on."""
    if person() is not None:
        return redirect(within(request.args.get("then")), 303)
    return _page(SignInForm())


@screen.post("/", right=Right.OPEN)
def enter() -> Any:
    """Sign in with a name and a password."""
    filled = SignInForm()
    if not filled.validate():
        return _page(filled), 400
    typed, password = (filled.name.data or "").strip().lower(), filled.password.data or ""
    tries = tries_of(run().redis_url)
    try:
        tries.take(typed, request.remote_addr or "")
    except TooManyTriesError as error:
        return _page(filled, str(error)), 429, {"Retry-After": str(error.wait_s)}
    found = local.check(run().engine, typed, password)
    with connection() as conn:
        if found is None or not entrance.begin_member(conn, found):
            log.info("sign-in refused", address=request.remote_addr)
            return _page(filled, "There is no member with this name and password."), 401
    tries.forgive(typed)
    log.info("signed in", subject=local.subject_of(found.name))
    return redirect(within(request.args.get("then")), 303)


@screen.post("/out", right=Right.OPEN)
def out() -> Any:
    """Sign out."""
    with connection() as conn:
        entrance.leave(conn)
    flash("You are signed out.")
    return redirect(url_for(SIGN_IN), 303)


@screen.get("/salesforce", right=Right.OPEN)
def salesforce() -> Any:
    """To Salesforce, and back to `callback`."""
    with connection() as conn:
        found = provider.configured(run(), conn)
    if found is None:
        return redirect(url_for(SIGN_IN), 303)
    try:
        answer = oidc.begin(found, callback_address())
    except oidc.SignInError as error:
        return _page(SignInForm(), str(error)), 503
    session[_THEN] = request.args.get("then", "")[:_LONGEST]
    return answer


@screen.get("/salesforce/callback", right=Right.OPEN)
def callback() -> Any:
    """Back from Salesforce."""
    with connection() as conn:
        found = provider.configured(run(), conn)
        grants = access.read_grants(provider.stored(conn))
    if found is None:
        return redirect(url_for(SIGN_IN), 303)
    try:
        user = _user_of_our_org(*oidc.finish(found))
        rights = renew.rights_of(run(), [user], grants).get(user)
    except oidc.SignInError as error:
        return _page(SignInForm(), str(error)), 401
    except OrgAwayError as error:
        return _page(SignInForm(), f"Salesforce could not be asked what you may do here: {error}"), 503
    if rights is None:
        title, sees = "You may not use Dueline yet", access.SEES
        return render_template("signin/no_right.html", title=title, grants=grants, sees=sees), 403
    return _enter_as(user, *rights)


def _user_of_our_org(org: str, user: str) -> str:
    """The user, if they are of the org whose receivables these are. Raises SignInError."""
    from sync.adapters import rights

    ours = run().org
    if ours is None:
        raise oidc.SignInError("Dueline is not connected to Salesforce yet: sign in with a name and a password.")
    if rights.org_id(ours) != org:
        log.warning("sign-in from another org", org=org)
        raise oidc.SignInError(
            "You signed in to another Salesforce org than the one Dueline works with (a sandbox, perhaps). Sign out "
            "there, and sign in to the right one."
        )
    return user


def _enter_as(user: str, name: str, sees: str) -> Any:
    target = within(session.get(_THEN))
    someone = Person(renew.subject_of(user), name, *access.role_of(sees, user))
    with connection() as conn:
        entrance.begin(conn, someone, checked=True)
    log.info("signed in", subject=someone.subject)
    return redirect(target, 303)


def callback_address() -> str:
    """Where Salesforce sends people back to; it must be known there, letter by letter."""
    public = run().settings.public_url
    return f"{public}{url_for('signin.callback')}" if public else url_for("signin.callback", _external=True)


def _page(filled: SignInForm, problem: str = "") -> str:
    with connection() as conn:
        offered = provider.configured(run(), conn) is not None
        nobody = not offered and not members.anybody(conn)
    then = request.args.get("then", "")[:_LONGEST]
    return render_template(
        "signin/page.html", title="Sign in", form=filled, problem=problem, offered=offered, nobody=nobody, then=then
    )
