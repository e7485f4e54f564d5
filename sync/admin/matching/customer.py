"""One customer: what is known of it, accounts that may be its own, and deciding about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import abort, flash, redirect, render_template, request, url_for

from sync.admin.gate import connection, run, who, within
from sync.admin.matching.form import DecideForm, LinkForm, NotOursForm
from sync.admin.matching.screen import screen
from sync.admin.matching.telling import Telling
from sync.admin.rights import Right
from sync.core.linking import AccountCard, Decision, LinkSource, Standing, Verb, account_id, meant
from sync.db import audit, links, matching, moves, suggestions
from sync.db.matching import Listed
from sync.pipeline.accounts import OrgAwayError
from sync.pipeline.link import Decider, LinkError, MeanwhileError, decide, link_by_person

MOST_FOUND = 20
SHORTEST = 2  # letters of a search
_HISTORY = 50
_NOT_CONNECTED = "Salesforce is not connected yet, so nothing can be linked. Connect it on the page Set-up."


FormKind = TypeVar("FormKind", bound=DecideForm)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search for accounts brought. `others`: customers linked to each; `problem`: why it brought nothing."""

    text: str = ""
    cards: Sequence[AccountCard] = ()
    more: bool = False
    problem: str | None = None
    others: dict[str, int] | None = None


@screen.get("/customers/<path:key>", right=Right.LOOK)
def show(key: str) -> str:
    """Everything about one customer."""
    row = _customer(key)
    with connection() as conn:
        hints = suggestions.hints_of(conn, [key], others=True).get(key, [])
        changes = audit.about(conn, key, _HISTORY)
        account = links.seen_account(conn, row.account) if row.account else None
        others = links.linked_to(conn, [row.account])[row.account] - 1 if row.account else 0
    return render_template(
        "matching/customer.html",
        title=row.name or row.email or row.key,
        row=row,
        hints=hints,
        changes=changes,
        account=account,
        others=others,
        found=_search(request.args.get("account", "")),
        connected=run().org is not None,
        **_common(row),
    )


@screen.get("/accounts/<path:key>", right=Right.LOOK)
def search(key: str) -> Any:
    """The part of that page that a search fills while somebody types."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("matching.show", key=key, account=request.args.get("account", "")))
    row = _customer(key)
    return render_template(
        "matching/found.html", row=row, found=_search(request.args.get("account", "")), **_common(row)
    )


def _search(text: str) -> Found:
    """Accounts that somebody may mean, asked for in Salesforce."""
    wanted = meant(text.replace("\0", "")[:200])
    org = run().org
    if len(wanted) < SHORTEST:
        return Found(wanted, problem=f"Type at least {SHORTEST} letters." if wanted else None)
    if org is None:
        return Found(wanted, problem=_NOT_CONNECTED)
    try:
        cards = org.search_accounts(wanted, MOST_FOUND + 1)
    except OrgAwayError as error:
        return Found(wanted, problem=f"Salesforce could not be asked: {error.reason}. Try again in a moment.")
    with connection() as conn:
        others = links.linked_to(conn, [card.id for card in cards])
    return Found(wanted, cards[:MOST_FOUND], len(cards) > MOST_FOUND, others=others)


# --- deciding --------------------------------------------------------------------------------------------------------


@screen.get("/link/<path:key>", right=Right.DECIDE)
def confirm_link(key: str) -> Any:
    """What linking, or moving, would carry along; asks before it is done."""
    row, to = _customer(key), account_id(request.args.get("to", ""))
    if to is None:
        abort(404)
    if run().org is None:
        return _back(key, _NOT_CONNECTED)
    with connection() as conn:
        load, others = moves.load_of(conn, key), links.linked_to(conn, [to]).get(to, 0)
    try:
        [card] = run().require_org().accounts_like([], [], [to])
    except ValueError:
        return _back(key, f"Account {to} does not exist in Salesforce, or the integration user may not see it.")
    except OrgAwayError as error:
        return _back(key, f"Salesforce could not be asked: {error.reason}. Try again in a moment.")
    return render_template(
        "matching/move.html", title="Link customer", row=row, load=load, card=card, others=others, **_common(row)
    )


@screen.post("/link/<path:key>", right=Right.DECIDE)
def link(key: str) -> Any:
    """Give it to an account."""
    row, form = _customer(key), LinkForm()
    if not form.validate_on_submit():
        return _back(key, "; ".join(str(error) for errors in form.errors.values() for error in errors))
    if run().org is None:
        return _back(key, _NOT_CONNECTED)
    try:
        to = link_by_person(run().engine, run().org, key, form.account.data, _decider(), form.standing)
    except LinkError as error:
        return _back(key, str(error))
    except OrgAwayError as error:
        return _back(key, f"Salesforce could not be asked, so nothing was changed: {error.reason}.")
    return _done(form, key, f"{row.name or key} belongs to account {to} now. Salesforce shows it in a moment.")


@screen.get("/unlink/<path:key>", right=Right.DECIDE)
def confirm_unlink(key: str) -> Any:
    """What unlinking would let go of; asks before it is done."""
    row = _customer(key)
    if row.account is None:
        return _back(key, "It belongs to no account.")
    with connection() as conn:
        load = moves.load_of(conn, key)
    return render_template("matching/unlink.html", title="Unlink customer", row=row, load=load, **_common(row))


@screen.post("/unlink/<path:key>", right=Right.DECIDE)
def unlink(key: str) -> Any:
    """Take it off its account."""
    row = _customer(key)
    return _decide(row, DecideForm(), Decision(Verb.UNLINK), f"{row.name or key} belongs to no account now.")


@screen.route("/not-ours/<path:key>", methods=["GET", "POST"], right=Right.DECIDE)
def not_ours(key: str) -> Any:
    """Say, with a reason, that it is no customer of ours."""
    row = _customer(key)
    form = _form(NotOursForm, row)
    if form.validate_on_submit():
        told = f"{row.name or key} is out of the queue. It can be taken back at any time."
        return _decide(row, form, Decision(Verb.NOT_OURS, reason=form.reason.data), told)
    with connection() as conn:
        load = moves.load_of(conn, key)
    common = _common(row) | {"form": form}
    page = render_template("matching/not_ours.html", title="Not a customer of ours", row=row, load=load, **common)
    return page, 400 if form.is_submitted() else 200


@screen.post("/open-again/<path:key>", right=Right.DECIDE)
def open_again(key: str) -> Any:
    """Take a decision back: the rules look for an account again."""
    row = _customer(key)
    if row.account is not None:
        return _back(key, "It belongs to an account: unlink it first.")
    return _decide(row, DecideForm(), Decision(Verb.RULES), f"{row.name or key} is in the queue again.")


def _decide(row: Listed, form: DecideForm, decision: Decision, told: str) -> Any:
    """Do it as seen, or say why not."""
    if not form.validate_on_submit():
        abort(400, "This form did not come from this page. Open the customer again.")
    try:
        with connection() as conn:
            decide(conn, row.key, decision, _decider(), form.standing)
    except MeanwhileError as error:
        return _back(row.key, str(error))
    return _done(form, row.key, told)


def _done(form: DecideForm, key: str, told: str) -> Any:
    """Tell it, wake whoever writes it, and go on where the person came from."""
    flash(told, "done")
    for queue in ("salesforce", "crm"):
        run().bell.ring(queue)
    target = within(form.back.data) if form.back.data else url_for("matching.show", key=key)
    return redirect(target, 303)


def _back(key: str, problem: str) -> Any:
    flash(problem, "error")
    return redirect(url_for("matching.show", key=key), 303)


def _decider() -> Decider:
    person = who()
    return Decider(person.name, person.subject)


def _customer(key: str) -> Listed:
    """The customer; 404 if there is none."""
    if "\0" in key:
        abort(404)
    with connection() as conn:
        found = matching.listed(conn, [key], run().calendar.today())
    return found[0] if found else abort(404)


def _form(kind: type[FormKind], row: Listed) -> FormKind:
    """A form that says how the link stands now, and where the person came from."""
    return kind(seen=Standing(row.account, row.source).packed(), back=_came_from())


def _came_from() -> str:
    return request.args.get("back", "")[:2_000]


def _common(row: Listed) -> dict[str, Any]:
    """What every page about a customer needs."""
    back = _came_from()
    return {
        "form": _form(DecideForm, row),
        "tell": Telling(run()),
        "LinkSource": LinkSource,
        "back": back,
        "list": within(back) if back else url_for("matching.page"),
    }
