"""Set-up: a checklist whose every tick is found out anew, and the pages of its steps."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for

from sync.admin import audit
from sync.admin.gate import connection, run, who
from sync.admin.mapping import desk
from sync.admin.mapping.lines import Scene, cards
from sync.admin.rights import Right
from sync.admin.setup import billing, saving  # noqa: F401 - the routes of billing
from sync.admin.setup.form import OUR_FIELD, FieldForm, SalesforceForm
from sync.admin.setup.screen import screen
from sync.admin.setup.steps import SETUP, State, checklist, found, links
from sync.admin.setup.work import BACKFILL, OBJECT_WORDS, RECONCILE, SALESFORCE
from sync.db import config, cursors, matching, secrets, work
from sync.db.matching import Which
from sync.effective import RULES, from_environment
from sync.settings import Rules

__all__ = ["finished", "screen"]


@screen.get("/", right=Right.LOOK)
def page() -> str:
    """The checklist."""
    with connection() as conn:
        steps = checklist(conn, run())
    return render_template("setup/page.html", title="Set-up", steps=steps, State=State, problems=run().problems)


def finished() -> bool:
    """Whether nothing is left to be set up on which everything else depends."""
    with connection() as conn:
        return checklist(conn, run()).finished


@screen.get("/salesforce", right=Right.LOOK)
def salesforce() -> str:
    """Connecting Salesforce."""
    with connection() as conn:
        before = saving.stored(conn)["salesforce"] or {}
    way = "key" if before.get("username") else "secret"
    return _salesforce(SalesforceForm(data={"api_version": "66.0", **before, "way": way}))


def _salesforce(form: SalesforceForm) -> str:
    fixed = run().by_environment.salesforce
    with connection() as conn:
        hidden = secrets.told(conn, "salesforce:")
        look = found(conn, SALESFORCE)
        identity = cursors.get(conn, cursors.ORG_IDENTITY)
    return render_template(
        "setup/salesforce.html",
        title="Connect Salesforce",
        form=form,
        fixed=fixed,
        connected=run().settings.salesforce is not None,
        hidden={each.name.rpartition(":")[2]: each for each in hidden},
        look=look,
        identity=identity,
    )


@screen.post("/salesforce", right=Right.DECIDE)
def save_salesforce() -> Any:
    """Keep the connection, and test it."""
    if run().by_environment.salesforce is not None:
        return _refused("setup.salesforce")
    form = SalesforceForm()
    with connection() as conn:
        before = saving.stored(conn)["salesforce"]
        held = frozenset(each.name for each in secrets.told(conn, "salesforce:"))
    if not form.sound(before, held):
        return _salesforce(form), 422
    value, given = form.value(), form.given()
    saving.save_and_look(SALESFORCE, lambda conn: saving.save_salesforce(conn, value, given))
    flash("Saved. Dueline signs in and looks at the org now.")
    return redirect(url_for("setup.salesforce"), 303)


@screen.post("/salesforce/test", right=Right.RUN)
def test_salesforce() -> Any:
    """Look at the org again."""
    saving.save_and_look(SALESFORCE, lambda conn: audit.note(conn, "tested the connection", "Salesforce"))
    return redirect(url_for("setup.salesforce"), 303)


@screen.post("/salesforce/forget", right=Right.DECIDE)
def forget_salesforce() -> Any:
    """Disconnect."""
    if run().by_environment.salesforce is not None:
        return _refused("setup.salesforce")
    with connection() as conn:
        saving.forget_salesforce(conn)
    flash("Disconnected. Nothing was changed in Salesforce; what is to be written waits.")
    return redirect(url_for("setup.salesforce"), 303)


@screen.get("/mapping", right=Right.LOOK)
def mapping() -> str:
    """Whether somebody has looked at the mapping."""
    with connection() as conn:
        reviewed = config.current(conn, SETUP)
        saved = config.current(conn, "mapping")
    misfits, away = _misfits() if run().settings.salesforce is not None else ([], "")
    return render_template(
        "setup/mapping.html",
        title="Review the mapping",
        reviewed=reviewed,
        saved=saved,
        misfits=misfits,
        away=away,
        connected=run().settings.salesforce is not None,
    )


def _misfits() -> tuple[list[tuple[str, str, str]], str]:
    """Figures that do not fit the field they go to: of what, which, and why. Or why the org cannot be asked."""
    org = desk.org()
    with connection() as conn:
        held = desk.now(conn).held
    scene = Scene(held, held, desk.pins(), org.fields, run().calendar)
    found = [
        (card.label, line.rule.field, why)
        for card in cards(scene)
        for line in card.lines
        for why in line.problems or ()
    ]
    return found, org.away


@screen.post("/mapping/reviewed", right=Right.DECIDE)
def review_mapping() -> Any:
    """Somebody has looked at the mapping, and finds it right."""
    with connection() as conn:
        saved = config.current(conn, "mapping")
        config.add(conn, SETUP, {"mapping": saved.id if saved else 0}, who().name)
        audit.note(conn, "reviewed the mapping", f"version {saved.id}" if saved else "as it came")
    flash("Noted: the mapping was reviewed.")
    return redirect(url_for("setup.page"), 303)


@screen.get("/load", right=Right.LOOK)
def load() -> str:
    """Loading what billing systems hold already."""
    with connection() as conn:
        billing_ = [each for each in links(conn, run()) if each.has_key]
        works = {each.name: work.latest(conn, BACKFILL, {"connection": each.name}) for each in billing_}
    return render_template("setup/load.html", title="Load what is there already", billing=billing_, works=works)


@screen.post("/load/<name>", right=Right.RUN)
def start_load(name: str) -> Any:
    """Begin, or go on where it was stopped."""
    if name not in run().settings.readable():
        flash(f"{name} has no API key yet: it cannot be read.", "error")
        return redirect(url_for("setup.load"), 303)
    _ask(BACKFILL, {"connection": name}, "started loading", name)
    return redirect(url_for("setup.load"), 303)


@screen.get("/customers", right=Right.LOOK)
def customers() -> str:
    """Matching customers with accounts."""
    field = run().settings.account_billing_field
    choice = {None: "none", OUR_FIELD: "ours"}.get(field, "other")
    return _customers(FieldForm(data={"choice": choice, "name": field if choice == "other" else ""}))


def _customers(form: FieldForm) -> str:
    with connection() as conn:
        counts = matching.counts(conn)
    return render_template(
        "setup/customers.html",
        title="Match customers with accounts",
        form=form,
        counts=counts,
        Which=Which,
        fixed="account_billing_field" in from_environment(run().by_environment),
    )


@screen.post("/customers", right=Right.DECIDE)
def choose_field() -> Any:
    """Say which field of accounts holds the billing customer's id."""
    if "account_billing_field" in from_environment(run().by_environment):
        return _refused("setup.customers")
    form = FieldForm()
    if not form.validate_on_submit():
        return _customers(form), 422
    from sync.admin.rules.after import save

    rules = {**_rules(), "account_billing_field": form.chosen()}
    try:
        Rules.model_validate(rules)
    except ValueError:
        form.name.errors = ["It must be the API name of a field, such as Customer_No__c."]
        return _customers(form), 422
    save(rules, note="Which field of accounts holds the billing customer's id")
    flash("Saved. Customers without an account are looked up again within minutes.")
    return redirect(url_for("setup.customers"), 303)


def _rules() -> dict[str, Any]:
    with connection() as conn:
        held = config.current(conn, RULES)
    return dict(held.value) if held else {}


@screen.get("/check", right=Right.LOOK)
def check() -> str:
    """Whether billing systems, ledger and Salesforce say the same."""
    with connection() as conn:
        last, under_way = cursors.get(conn, cursors.LAST_RECONCILE), work.latest(conn, RECONCILE)
    return render_template(
        "setup/check.html",
        title="Check that everything agrees",
        last=last,
        at=datetime.fromisoformat(last["at"]) if last else None,
        work=under_way if under_way is not None and under_way.status != work.DONE else None,
        words=OBJECT_WORDS,
    )


@screen.post("/check", right=Right.RUN)
def start_check() -> Any:
    """Compare everything, and mend what differs."""
    _ask(RECONCILE, {}, "started a comparison", "billing, ledger, Salesforce")
    return redirect(url_for("setup.check"), 303)


def _ask(kind: str, argument: dict[str, Any], action: str, what: str) -> None:
    with connection() as conn:
        work.ask(conn, kind, argument, who().name)
        audit.note(conn, action, what)
    run().bell.ring("work")


def _refused(endpoint: str) -> Any:
    flash("This is set by the environment; it cannot be changed here.", "error")
    return redirect(url_for(endpoint), 303)
