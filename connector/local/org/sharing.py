"""Record sharing: whose rows one user reads, edits and deletes, among those of objects that they may use at all.

Enforced: organization-wide defaults, owners, account teams, permissions to view or modify all, and sharing rules, each
of which names one user here. Left out: role hierarchies, public groups, queues and manual shares; what the access to a
row implies for others (a real org lets whoever reads a contact, case or opportunity read its account, and depending
on their role lets owners of accounts edit these; here such owners read them); and the right to transfer (whoever may
edit a row may give it away).

Where everybody has access, nothing is asked of any row: that is decided once per user and object.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

from connector.local.org.access import Rights
from connector.local.org.config import OrgConfig
from connector.local.org.metadata import MetadataError
from connector.local.org.model import Row, SObject
from connector.local.org.standard import SETUP_OBJECTS
from connector.local.org.store import Store

Test = Callable[[Row], bool]


class Level(IntEnum):
    """What one may do with a row; each includes those before it. ALL is to delete it."""

    NONE = 0
    READ = 1
    EDIT = 2
    ALL = 3


_MODELS = {"Private": Level.NONE, "Read": Level.READ, "ReadWrite": Level.EDIT}
_BY_PARENT = "ControlledByParent"
_PARENTS = {"contact": ("AccountId",), "task": ("WhatId", "WhoId"), "accountteammember": ("AccountId",)}
_STANDARD_MODELS = {
    "Account": {*_MODELS},
    "Opportunity": {*_MODELS},
    "Case": {*_MODELS},
    "Contact": {*_MODELS, _BY_PARENT},
    "Task": {"Private", _BY_PARENT},
}
_TEAM_LEVELS = {
    "account": "AccountAccessLevel",
    "opportunity": "OpportunityAccessLevel",
    "case": "CaseAccessLevel",
    "contact": "ContactAccessLevel",
}
_LEVELS = {"None": Level.NONE, "Read": Level.READ, "Edit": Level.EDIT, "All": Level.ALL}


@dataclass(frozen=True)
class Sharing:
    """The whole org's: `models` by lower-case object, `rules` by user id and lower-case object."""

    store: Store
    models: Mapping[str, str]
    rules: Mapping[tuple[str, str], Level]

    def of(self, user_id: str, rights: Mapping[str, Rights]) -> "Shared":
        """What that user has with these rights."""
        return Shared(self, user_id, rights)


def read_sharing(config: OrgConfig, store: Store, custom: Mapping[str, str], users: Mapping[str, str]) -> Sharing:
    """The sharing that the configuration asks for. `custom` are the models of custom objects by lower-case name,
    `users` ids by username. Raises MetadataError for what no org has or this one cannot enforce.
    """
    for name, model in config.sharing.items():
        if model not in _STANDARD_MODELS.get(name, ()):
            known = "; ".join(f"{item}: {', '.join(sorted(models))}" for item, models in _STANDARD_MODELS.items())
            raise MetadataError(f"sharing: {name} cannot be {model}. Custom objects say it themselves; {known}.")
    rules = dict(_rule(store, users, *rule) for rule in config.sharing_rules)
    standard = {name.lower(): model for name, model in config.sharing.items()}
    if "account" in standard:
        standard["accountteammember"] = _BY_PARENT
    return Sharing(store, {**custom, **standard}, rules)


def _rule(
    store: Store, users: Mapping[str, str], username: str, name: str, level: str
) -> tuple[tuple[str, str], Level]:
    if username not in users or name.lower() not in store.tables or level not in {"Read", "Edit"}:
        message = f"sharing_rules: ({username}, {name}, {level}) must be a username, an object, and Read or Edit."
        raise MetadataError(message)
    return (users[username], name.lower()), _LEVELS[level]


class Shared:
    """What one user may do with each row. Not for objects or fields: `access.Access` says which of those they see."""

    def __init__(self, sharing: Sharing, user_id: str, rights: Mapping[str, Rights]) -> None:
        self._sharing = sharing
        self._store = sharing.store
        self._user_id = user_id
        self._rights = rights
        self._general = {name: self._everywhere(name) for name in self._store.tables}
        self._guarded: dict[str, tuple[str, ...]] = {}

    def test(self, sobject: str, level: Level) -> Test | None:
        """What tells whether the user has that level on a row of the object; None where they have it on every row."""
        name = sobject.lower()
        return None if self._general[name] >= level else partial(self._has, name, level)

    def may(self, sobject: str, row: Row, level: Level) -> bool:
        """Whether the user has that level on the row."""
        return self._has(sobject.lower(), level, row)

    def guarded(self, sobject: SObject) -> tuple[str, ...]:
        """The object's lookups whose targets the user may not all read."""
        found = self._guarded.get(sobject.name)
        if found is None:
            fields = [own for own in sobject.fields.values() if own.type == "reference" and own.createable]
            hidden = {item.sobject.name for name, item in self._store.tables.items() if not self._general[name]}
            found = tuple(own.name for own in fields if not hidden.isdisjoint(own.reference_to))
            self._guarded[sobject.name] = found
        return found

    def _everywhere(self, name: str) -> Level:
        """The level on every row of the object, whoever owns it."""
        rights = self._rights.get(name, Rights())
        if rights.modify_all or self._store.tables[name].sobject.name in SETUP_OBJECTS:
            return Level.ALL
        model = self._sharing.models.get(name)
        general = Level.ALL if model is None else _MODELS.get(model, Level.NONE)
        rule = self._sharing.rules.get((self._user_id, name), Level.NONE)
        return max(general, rule, Level.READ if rights.view_all else Level.NONE)

    def _has(self, name: str, level: Level, row: Row) -> bool:
        if self._general[name] >= level or row.get("OwnerId") == self._user_id:
            return True
        if self._sharing.models.get(name) == _BY_PARENT:
            return any(self._has_parent(row[field], level) for field in _PARENTS[name])
        return self._through_account(name, level, row)

    def _has_parent(self, parent_id: str | None, level: Level) -> bool:
        """Whether the user has the level on the row that another is controlled by, rights on its object included."""
        table = self._store.table_of(parent_id) if parent_id else None
        parent = table.rows.get(parent_id) if table and parent_id else None
        if table is None or parent is None:
            return False
        name = table.sobject.name.lower()
        rights = self._rights.get(name, Rights())
        allowed = rights.read if level is Level.READ else rights.edit
        return allowed and self._has(name, level, parent)

    def _through_account(self, name: str, level: Level, row: Row) -> bool:
        """As a member of the account's team, or as its owner, who reads what hangs from it."""
        own = _TEAM_LEVELS.get(name)
        account_id = row["Id"] if name == "account" else row.get("AccountId")
        if own is None or account_id is None:
            return False
        if level is Level.READ and self._store.table("Account").rows[account_id]["OwnerId"] == self._user_id:
            return True
        return any(_LEVELS.get(member[own], Level.NONE) >= level for member in self._memberships(account_id))

    def _memberships(self, account_id: str) -> list[Row]:
        team = self._store.tables.get("accountteammember")
        rows = [team.rows[one] for one in team.find("AccountId", account_id) or ()] if team else []
        return [row for row in rows if row["UserId"] == self._user_id and not row["IsDeleted"]]
