"""Set-up, connections to Stripe: the key to read with, the endpoint that events come to, and its signing secrets."""

import re
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from sync.admin import audit
from sync.admin.gate import connection, run
from sync.admin.rights import Right
from sync.admin.setup import saving
from sync.admin.setup.form import NameForm, SigningForm, StripeForm
from sync.admin.setup.screen import screen
from sync.admin.setup.steps import link, links
from sync.db import secrets
from sync.effective import api_key, signing
from sync.settings import StripeConnection

FIRST = "main"  # the name of the first connection, unless somebody wants another
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@screen.get("/stripe", right=Right.LOOK)
def stripe() -> Any:
    """Every connection; where there is none yet, the first one."""
    with connection() as conn:
        billing = links(conn, run())
    if not billing:
        return redirect(url_for("setup.account", name=FIRST))
    return render_template("setup/accounts.html", title="Connect Stripe", billing=billing, form=NameForm())


@screen.post("/stripe", right=Right.DECIDE)
def add_account() -> Any:
    """To the page of one more connection."""
    form = NameForm()
    if form.validate_on_submit():
        return redirect(url_for("setup.account", name=form.name.data), 303)
    with connection() as conn:
        billing = links(conn, run())
    return render_template("setup/accounts.html", title="Connect Stripe", billing=billing, form=form), 422


@screen.get("/stripe/<name>", right=Right.LOOK)
def account(name: str) -> str:
    """One connection."""
    with connection() as conn:
        value = saving.stored(conn)["stripe"].get(_known(name), {})
    return _account(name, StripeForm(data=value), SigningForm(formdata=None))


def _account(name: str, form: StripeForm, signing_form: SigningForm) -> str:
    with connection() as conn:
        told = {each.name: each for each in secrets.told(conn, f"stripe:{name}:")}
        stands = link(conn, run(), name)
    return render_template(
        "setup/account.html",
        title="Connect Stripe" if name == FIRST else f"Connect Stripe: {name}",
        name=name,
        form=form,
        signing=signing_form,
        link=stands,
        key=told.pop(api_key(name), None),
        live=list(told.values()),
        fixed=_fixed(name),
        address=_address(name),
    )


@screen.get("/stripe/<name>/arrivals", right=Right.LOOK)
def arrivals(name: str) -> str:
    """Whether anything has come: a part of the page, which asks for it until something has."""
    with connection() as conn:
        stands = link(conn, run(), _known(name))
    return render_template("setup/arrivals.html", name=name, link=stands)


@screen.post("/stripe/<name>", right=Right.DECIDE)
def save_account(name: str) -> Any:
    """Keep the key, and test it."""
    _known(name)
    if _fixed(name) and _fixed(name).api_key:  # type: ignore[union-attr] # asked just before
        return _refused(name)
    form = StripeForm()
    with connection() as conn:
        before = saving.stored(conn)["stripe"].get(name, {})
        held = any(each.name == api_key(name) for each in secrets.told(conn, api_key(name)))
    if not form.sound(before, held=held):
        return _account(name, form, SigningForm(formdata=None)), 422
    value, key = form.value(), form.api_key.data
    saving.save_and_look(name, lambda conn: saving.save_stripe(conn, name, value, key))
    flash("Saved. The key is tested now.")
    return redirect(url_for("setup.account", name=name), 303)


@screen.post("/stripe/<name>/test", right=Right.RUN)
def test_account(name: str) -> Any:
    """Look again what the key may do."""
    _known(name)
    saving.save_and_look(name, lambda conn: audit.note(conn, "tested the connection", f"Stripe, {name}"))
    return redirect(url_for("setup.account", name=name), 303)


@screen.post("/stripe/<name>/listen", right=Right.DECIDE)
def listen(name: str) -> Any:
    """Have Stripe make the endpoint, and keep its signing secret."""
    billing = run().billing.of(_known(name))
    if _secrets_fixed(name):
        return _refused(name)
    if billing is None:
        flash("Enter the API key first: the endpoint is made with it.", "error")
        return redirect(url_for("setup.account", name=name), 303)
    from connector.errors import ConnectorError

    try:
        made = billing.listen(_address(name))
    except ConnectorError as error:
        flash(f"Stripe did not make the endpoint: {error.reason}. {error.fix}".rstrip(), "error")
        return redirect(url_for("setup.account", name=name), 303)
    with connection() as conn:
        saving.add_signing_secret(conn, name, made.secret)
    flash(f"Stripe made the endpoint {made.id} and sends its events here from now on.")
    return redirect(url_for("setup.account", name=name), 303)


@screen.post("/stripe/<name>/secrets", right=Right.DECIDE)
def add_secret(name: str) -> Any:
    """Keep a signing secret that was pasted."""
    _known(name)
    if _secrets_fixed(name):
        return _refused(name)
    form = SigningForm()
    if not form.validate_on_submit():
        return _account(name, StripeForm(formdata=None), form), 422
    with connection() as conn:
        saving.add_signing_secret(conn, name, str(form.secret.data))
    flash("Saved. Events that are signed with it are taken in from now on.")
    return redirect(url_for("setup.account", name=name), 303)


@screen.post("/stripe/<name>/secrets/<int:number>/remove", right=Right.DECIDE)
def remove_secret(name: str, number: int) -> Any:
    """Take in no more events that are signed with it."""
    with connection() as conn:
        what = "a signing secret"
        if not saving.remove_secret(conn, f"{signing(_known(name))}{number}", what, f"Stripe, {name}"):
            abort(404)
    flash("Removed. Events that are signed with it are refused from now on.")
    return redirect(url_for("setup.account", name=name), 303)


@screen.post("/stripe/<name>/forget", right=Right.DECIDE)
def forget_account(name: str) -> Any:
    """Disconnect."""
    _known(name)
    with connection() as conn:
        saving.forget_stripe(conn, name)
    flash(f"{name} is disconnected. What it brought stays; delete the endpoint in Stripe, too.")
    return redirect(url_for("setup.stripe"), 303)


def _known(name: str) -> str:
    """A name that a connection may have; 404 for others."""
    if not _NAME.fullmatch(name):
        abort(404)
    return name


def _fixed(name: str) -> StripeConnection | None:
    """What the environment sets of a connection."""
    return run().by_environment.stripe.get(name)


def _secrets_fixed(name: str) -> bool:
    fixed = _fixed(name)
    return fixed is not None and bool(fixed.secrets())


def _address(name: str) -> str:
    """Where Stripe is to send events. Without a public address set, the one that this page was opened at."""
    base = run().settings.public_url or request.host_url.rstrip("/")
    return f"{base}/webhooks/stripe/{name}"


def _refused(name: str) -> Any:
    flash("This is set by the environment; it cannot be changed here.", "error")
    return redirect(url_for("setup.account", name=name), 303)
