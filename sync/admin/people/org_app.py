"""The app of the org through which people sign in: its address, its key, and its secret, written and never shown."""

from typing import Any

from flask import flash, redirect, render_template, url_for

from sync.admin import audit, gate
from sync.admin.gate import connection, run
from sync.admin.people.form import AppForm
from sync.admin.people.screen import screen
from sync.admin.rights import Right
from sync.admin.signin import oidc, provider
from sync.admin.signin.view import callback_address
from sync.db import secrets

_PART = "sign_in"


@screen.get("/salesforce", right=Right.DECIDE)
def app() -> str:
    """The app through which people sign in."""
    with connection() as conn:
        parts = provider.stored(conn).get(_PART) or {}
    org = run().settings.salesforce
    address = parts.get("login_url") or (org.login_url if org else "")
    return _page(AppForm(login_url=address, client_id=parts.get("client_id")))


@screen.post("/salesforce", right=Right.DECIDE)
def save_app() -> Any:
    """Save the app. Its secret is asked for again when it would be sent to another address than before."""
    form = AppForm()
    if _environment() is not None or not form.validate():
        return _page(form), 400
    address, key, secret = form.login_url.data or "", form.client_id.data or "", form.client_secret.data or ""
    with connection() as conn:
        parts = provider.stored(conn).get(_PART) or {}
        kept = provider.SECRET in secrets.sealed(conn)
    if not secret and (not kept or parts.get("login_url") != address or parts.get("client_id") != key):
        form.client_secret.errors = ["Type the consumer secret of this app."]
        return _page(form), 400
    try:
        oidc.reachable(provider.Provider(address, key, secret))
    except oidc.SignInError as error:
        form.login_url.errors = [str(error)]
        return _page(form), 400
    _keep({"login_url": address, "client_id": key}, secret)
    flash("Saved. The sign-in page offers Salesforce now: try it in another browser.")
    return redirect(url_for("people.app"), 303)


@screen.post("/salesforce/remove", right=Right.DECIDE)
def remove_app() -> Any:
    """Offer Salesforce no more; who is signed in by it stays so until their session ends."""
    with connection() as conn:
        before = provider.stored(conn).get(_PART)
        if before:
            provider.put(conn, _PART, None, gate.who().name, note="sign-in with Salesforce removed")
            secrets.drop(conn, provider.SECRET)
            audit.note(conn, "removed the sign-in with Salesforce", before["client_id"], before=before)
    flash("People can no longer sign in with Salesforce.")
    return redirect(url_for("people.app"), 303)


def _environment() -> Any:
    return (run().environment or run().settings).sign_in


def _keep(parts: dict[str, str], secret: str) -> None:
    with connection() as conn:
        before = provider.stored(conn).get(_PART)
        provider.put(conn, _PART, parts, gate.who().name, note="sign-in with Salesforce")
        if secret:
            secrets.put(conn, provider.SECRET, secret, run().vault.seal(secret), gate.who().name)
        after = {**parts, "consumer secret": "replaced" if secret else "as before"}
        audit.note(conn, "saved the sign-in with Salesforce", parts["client_id"], before=before, after=after)


def _page(form: AppForm) -> str:
    with connection() as conn:
        told = secrets.told(conn, provider.SECRET)
        kept = provider.stored(conn).get(_PART) is not None
        offered = provider.configured(run(), conn) is not None
    return render_template(
        "people/salesforce.html",
        title="Sign in with Salesforce",
        form=form,
        kept=kept,
        offered=offered,
        secret=told[0] if told else None,
        environment=_environment(),
        callback=callback_address(),
    )
