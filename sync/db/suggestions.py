"""Accounts that were found for undecided customers, with what speaks for each (sync.core.matching)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from sync.core.linking import LinkSource
from sync.core.matching import Evidence, Match, Suggestion, exact, grade, in_words
from sync.db.links import OPEN, linked_to
from sync.db.tables import customer, suggestion


@dataclass(frozen=True, slots=True)
class Hint:
    """A suggested account as stored. `others`: how many customers are linked to it already."""

    customer: str
    account: str
    account_name: str
    website: str | None
    owner: str | None
    evidence: tuple[Evidence, ...]
    exact: bool
    others: int = 0

    def words(self, domain: str | None = None, field: str | None = None) -> list[str]:
        """What speaks for it."""
        return in_words(self.evidence, domain, field)


def hints_of(conn: Connection, keys: Iterable[str], *, others: bool = False) -> dict[str, list[Hint]]:
    """The accounts suggested for these customers, the best first."""
    ranked = select(suggestion).where(suggestion.c.customer.in_(list(keys)))
    rows = conn.execute(ranked.order_by(suggestion.c.customer, suggestion.c.rank, suggestion.c.account)).all()
    linked = linked_to(conn, {row.account for row in rows}) if others else {}
    found: dict[str, list[Hint]] = defaultdict(list)
    for row in rows:
        evidence = tuple(Evidence(each) for each in row.evidence)
        told = (row.customer, row.account, row.account_name, row.website, row.owner)
        found[row.customer].append(Hint(*told, evidence, row.exact, linked.get(row.account, 0)))
    return found


def suggest(conn: Connection, found: Mapping[str, Sequence[Suggestion]]) -> None:
    """Put these suggestions in the place of older ones. Of customers that were decided meanwhile nothing is kept."""
    still = select(customer.c.key, customer.c.link_source, customer.c.match).where(
        OPEN, customer.c.key.in_(list(found))
    )
    sources = {row.key: row for row in conn.execute(still.order_by(customer.c.key).with_for_update(key_share=True))}
    held = hints_of(conn, sources)
    for key, row in sources.items():
        source = LinkSource(row.link_source) if row.link_source else None
        match, best = grade(found[key], source), exact(found[key])
        told = [_hint(key, each, exact=each is best and match is Match.EXACT) for each in found[key]]
        if told != held.get(key, []):
            _replace(conn, key, told)
        if row.match != match:
            conn.execute(update(customer).where(customer.c.key == key).values(match=match))


def _hint(key: str, found: Suggestion, *, exact: bool) -> Hint:
    card = found.account
    return Hint(key, card.id, card.name, card.website, card.owner, found.evidence, exact)


def _replace(conn: Connection, key: str, hints: Sequence[Hint]) -> None:
    conn.execute(delete(suggestion).where(suggestion.c.customer == key))
    if hints:
        rows = [
            {
                "customer": hint.customer,
                "account": hint.account,
                "account_name": hint.account_name,
                "website": hint.website,
                "owner": hint.owner,
                "evidence": [str(each) for each in hint.evidence],
                "exact": hint.exact,
                "rank": rank,
            }
            for rank, hint in enumerate(hints)
        ]
        conn.execute(insert(suggestion), rows)
