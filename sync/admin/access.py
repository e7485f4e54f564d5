"""Who of Salesforce may do what here: their permission sets decide, by a table that finance keeps.

So an administrator of the org gives and takes rights where they give and take all others. Whoever holds several sets
has the highest of their roles. Kept in the configuration's area `access`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.admin.rights import Role

AREA = "access"
MOST_GRANTS = 50
NAME_LENGTH = 80  # of a permission set's API name in Salesforce

OWN = "own"
SEES: dict[str, str] = {
    Role.FINANCE: "Finance: sees and decides everything",
    Role.OPERATOR: "Operator: keeps it running, decides nothing",
    Role.VIEWER: "Viewer: reads all receivables",
    OWN: "Viewer of own accounts: reads their receivables",
}
"""What somebody may be, the highest first: the roles, and a viewer who sees some accounts only."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Whoever holds a permission set is this: a key of SEES."""

    permission_set: str
    sees: str


DEFAULTS = (Grant("Dueline_Finance", Role.FINANCE), Grant("Dueline_User", OWN))  # as the package has them


def highest(grants: Iterable[Grant], held: Collection[str]) -> str | None:
    """The highest that these permission sets make somebody; None if nothing. Salesforce does not look at case."""
    names = {name.casefold() for name in held}
    found = {grant.sees for grant in grants if grant.permission_set.casefold() in names}
    return next((sees for sees in SEES if sees in found), None)


def role_of(sees: str, user: str | None) -> tuple[Role, str | None]:
    """The role and the scope of it. `user`: the Salesforce user whose accounts a viewer of own accounts sees."""
    return (Role.VIEWER, user) if sees == OWN else (Role(sees), None)


def sees_of(role: str, scope: str | None) -> str:
    """The key of SEES that a role and a scope are."""
    return OWN if scope else role


def read_grants(value: Any) -> tuple[Grant, ...]:
    """The table as stored in the area; ours while nobody has stored another. Rows that say nothing are left out."""
    stored = value.get("grants") if isinstance(value, Mapping) else None
    if not isinstance(stored, list):
        return DEFAULTS
    rows = [row for row in stored if isinstance(row, Mapping) and row.get("sees") in SEES]
    return tuple(Grant(str(row["permission_set"]), row["sees"]) for row in rows if row.get("permission_set"))


def stored_grants(grants: Iterable[Grant]) -> list[dict[str, str]]:
    """The table as it is stored."""
    return [{"permission_set": grant.permission_set, "sees": str(grant.sees)} for grant in grants]
