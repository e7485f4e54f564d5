"""Who may do what on finance's page: three roles, four rights. `gate` asks here, for every route."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is on the page."""

    FINANCE = "finance"
    OPERATOR = "operator"
    VIEWER = "viewer"


class Right(StrEnum):
    """What a route asks of whoever calls it."""

    OPEN = "open"  # anybody, signed in or not
    READ = "read"  # receivables: every role; a viewer with a scope sees its own accounts only
    LOOK = "look"  # how the service stands and how it is set up
    RUN = "run"  # have work done again, ignore a problem; decides nothing
    DECIDE = "decide"  # links, mappings, rules, connections, people


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.FINANCE: frozenset(Right),
    Role.OPERATOR: frozenset({Right.OPEN, Right.READ, Right.LOOK, Right.RUN}),
    Role.VIEWER: frozenset({Right.OPEN, Right.READ}),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who is calling. `scope`: the Salesforce user whose accounts they may see; None for all."""

    subject: str
    name: str
    role: Role
    scope: str | None = None

    def may(self, right: Right) -> bool:
        """Whether they have that right."""
        return right in RIGHTS[self.role]
