"""Finding the accounts of billing customers that nobody has linked. What is certain is linked, the rest suggested."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Engine

from sync.core.facts import CustomerFacts
from sync.core.linking import LinkSource, account_id, suggest
from sync.db import links, records
from sync.db.tables import AnyRow
from sync.pipeline.accounts import AccountReader
from sync.pipeline.belonging import relink

BATCH = 100


class LinkError(ValueError):
    """A person asked for a link that cannot be made."""


def link_waiting(engine: Engine, org: AccountReader, field: str | None, every_s: float) -> int:
    """Ask Salesforce about customers that have no account. Returns how many were looked at."""
    with engine.begin() as conn:
        waiting = links.to_look_up(conn, every_s, BATCH)
    if not waiting:
        return 0
    held = _holders(org, field, waiting) if field else {}
    open_ = [row for row in waiting if not _link(engine, row, held.get(row.key, set()), field)]
    if open_:
        _suggest(engine, org, open_)
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
    if len(accounts) != 1:
        if accounts:
            with engine.begin() as conn:
                problem = f"{len(accounts)} accounts hold it in {field}: {', '.join(sorted(accounts))}"
                links.set_link(conn, row.key, None, None, problem)
        return False
    with engine.begin() as conn:
        records.mark(conn, relink(conn, row.key, accounts.pop(), LinkSource.FIELD))
    return True


def _suggest(engine: Engine, org: AccountReader, rows: list[AnyRow]) -> None:
    names = sorted({row.name for row in rows if row.name})
    domains = sorted({row.domain for row in rows if row.domain})
    cards = org.accounts_like(names, domains) if names or domains else []
    with engine.begin() as conn:
        for row in rows:
            facts = CustomerFacts(key=row.key, name=row.name, email=row.email, credits={}, metadata={})
            links.suggest(conn, row.key, suggest(facts, cards))


def link_by_person(engine: Engine, org: AccountReader | None, customer: str, account: str | None) -> str | None:
    """A person's decision; `account` None takes the link back. Returns the account's 18-character id."""
    full = account_id(account) if account else None
    if account and full is None:
        raise LinkError(f"{account!r} is not an account id: it has 15 or 18 characters and begins with 001")
    if full and org is not None:
        found = {state.account.id: state for state in org.accounts([full])}
        state = found.get(full)
        if state is None or state.account.gone:
            hint = f"; it was merged into {state.merged_into}" if state and state.merged_into else ""
            raise LinkError(
                f"account {full} does not exist in Salesforce, or the integration user may not see it{hint}"
            )
    with engine.begin() as conn:
        if links.get(conn, customer) is None:
            raise LinkError(f"no billing customer {customer!r}: dueline link --list shows those that wait")
        marks = relink(conn, customer, full, LinkSource.PERSON)
        if full is None:
            links.set_link(conn, customer, None, LinkSource.PERSON, "unlinked by a person")
        records.mark(conn, marks)
    return full
