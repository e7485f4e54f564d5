"""Finding the accounts of billing customers that nobody has linked, and doing what people decide about them.

What is certain is linked, the rest suggested. Every decision of a person is checked against what they saw, done, and
written down with what was before, in one transaction.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from sync.core.linking import (
    SHARED_FIELD,
    SOURCE_WORDS,
    UNLINKED_BY_A_PERSON,
    Decision,
    LinkSource,
    Standing,
    Verb,
    account_id,
)
from sync.core.matching import names_to_ask, suggest
from sync.db import audit, links, records, suggestions
from sync.db.links import AccountRow
from sync.db.tables import AnyRow
from sync.pipeline.accounts import AccountReader
from sync.pipeline.belonging import relink

BATCH = 100


class LinkError(ValueError):
    """A person asked for a link that cannot be made."""


class MeanwhileError(LinkError):
    """The link is not any more as the person saw it: they should look again."""


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides: the name that people know, and the subject that signed in."""

    name: str
    subject: str


COMMAND_LINE = Decider("Command line", "command line")


# --- rules -----------------------------------------------------------------------------------------------------------


def link_waiting(engine: Engine, org: AccountReader, field: str | None, every_s: float) -> int:
    """Ask Salesforce about customers that have no account. Returns how many were looked at."""
    with engine.begin() as conn:
        waiting = links.to_look_up(conn, every_s, BATCH)
    if not waiting:
        return 0
    held = _holders(org, field, waiting) if field else {}
    open_ = [row for row in waiting if not _link(engine, row, held.get(row.key, set()), field)]
    if open_:
        _suggest(engine, org, open_, held)
    return len(waiting)


def _holders(org: AccountReader, field: str, waiting: Sequence[AnyRow]) -> dict[str, set[str]]:
    """Accounts whose billing field holds a customer's id, with its connection before it or without."""
    names = {row.key.rpartition(":")[2]: row.key for row in waiting} | {row.key: row.key for row in waiting}
    found: dict[str, set[str]] = defaultdict(set)
    for value, account in org.accounts_holding(field, sorted(names)):
        if value in names:
            found[names[value]].add(account)
    return found


def _link(engine: Engine, row: AnyRow, accounts: set[str], field: str | None) -> bool:
    """Link a customer that exactly one account names; not if it was decided while Salesforce was asked."""
    if row.link_source is not None:
        return False
    with engine.begin() as conn:
        if len(accounts) > 1:
            links.tell_problem(conn, row.key, f"{len(accounts)} {SHARED_FIELD} {field}: {', '.join(sorted(accounts))}")
        if len(accounts) != 1:
            return False
        now = links.get(conn, row.key)
        if now is None or now.account is not None or now.link_source is not None:
            return True
        records.mark(conn, relink(conn, row.key, accounts.pop(), LinkSource.FIELD))
    return True


def _suggest(engine: Engine, org: AccountReader, rows: list[AnyRow], held: dict[str, set[str]]) -> None:
    names = sorted({name for row in rows for name in names_to_ask(row.name)})
    domains = sorted({row.domain for row in rows if row.domain})
    holders = sorted({account for row in rows for account in held.get(row.key, ())})
    cards = org.accounts_like(names, domains, holders) if names or domains or holders else []
    found = {row.key: suggest(row.name, row.email, cards, held.get(row.key, ())) for row in rows}
    with engine.begin() as conn:
        links.field_is_free(conn, [row.key for row in rows if len(held.get(row.key, ())) < 2])
        suggestions.suggest(conn, found)


# --- a person's decision ---------------------------------------------------------------------------------------------


def link_by_person(
    engine: Engine,
    org: AccountReader | None,
    customer: str,
    account: str | None,
    by: Decider = COMMAND_LINE,
    expected: Standing | None = None,
) -> str | None:
    """A person's decision; `account` None takes the link back. Returns the account's 18-character id."""
    full = account_id(account) if account else None
    if account and full is None:
        raise LinkError(f"{account!r} is not an account id: it has 15 or 18 characters and begins with 001")
    if full and org is not None and (problem := find_accounts(org, [full])[1].get(full)):
        raise LinkError(problem)
    with engine.begin() as conn:
        decide(conn, customer, Decision(Verb.LINK, full) if full else Decision(Verb.UNLINK), by, expected)
    return full


def find_accounts(org: AccountReader, ids: Sequence[str]) -> tuple[dict[str, AccountRow], dict[str, str]]:
    """Those of these accounts that a customer can be linked to, and what is wrong with the others, by id.

    Raises OrgAwayError.
    """
    states = {state.account.id: state for state in org.accounts(ids)}
    problems = {}
    for name in ids:
        state = states.get(name)
        if state is None or state.account.gone:
            hint = f"; it was merged into {state.merged_into}" if state and state.merged_into else ""
            problems[name] = (
                f"account {name} does not exist in Salesforce, or the integration user may not see it{hint}"
            )
    return {name: state.account for name, state in states.items() if name not in problems}, problems


def decide(conn: Connection, customer: str, decision: Decision, by: Decider, expected: Standing | None = None) -> None:
    """Do what a person decided, and write down what was before and after.

    `expected`: how the link stood when they looked. Raises MeanwhileError if it stands otherwise now, LinkError if
    there is no such customer.
    """
    row = links.get(conn, customer)
    if row is None:
        raise LinkError(f"no billing customer {customer!r}: dueline link --list shows those that wait")
    before = _standing(row)
    if expected is not None and before != expected:
        raise MeanwhileError(f"{row.name or customer} was decided meanwhile: it {before.words()}. Look at it again.")
    after = _AFTER[decision.verb]
    marks = relink(conn, customer, decision.account, after or LinkSource.PERSON)
    if decision.verb is not Verb.LINK:
        links.set_link(conn, customer, None, after, _REASONS.get(decision.verb) or decision.reason)
    now = Standing(decision.account, after)
    if now != before:
        told = _told(now) | ({"reason": decision.reason} if decision.reason else {})
        action = _ACTIONS[decision.verb] if not (decision.account and before.account) else "moved customer"
        audit.add(conn, by=by.name, subject=by.subject, action=action, what=customer, before=_told(before), after=told)
    records.mark(conn, marks)


_AFTER = {
    Verb.LINK: LinkSource.PERSON,
    Verb.UNLINK: LinkSource.PERSON,
    Verb.NOT_OURS: LinkSource.NOT_OURS,
    Verb.RULES: None,
}
_REASONS = {Verb.UNLINK: UNLINKED_BY_A_PERSON}
_ACTIONS = {
    Verb.LINK: "linked customer",
    Verb.UNLINK: "unlinked customer",
    Verb.NOT_OURS: "said: not a customer of ours",
    Verb.RULES: "left customer to the rules",
}


def _standing(row: AnyRow) -> Standing:
    return Standing(row.account, LinkSource(row.link_source) if row.link_source else None)


def _told(standing: Standing) -> dict[str, str | None]:
    return {"account": standing.account, "how": SOURCE_WORDS[standing.source] if standing.source else None}
