"""What finance does with the mapping in the stories here, and what is seen of it."""

from typing import Any

from sync.core.fieldmap.figures import ACCOUNT
from sync.core.fieldmap.rules import FieldMap, KindMap, Rule, default
from sync.db import fieldmaps
from sync.db.config import Version
from sync.pipeline.remap import Applied, apply_slice
from tests.integration.world import World, once


def with_rules(kind: str, *rules: Rule, base: FieldMap | None = None) -> FieldMap:
    """Ours (or `base`), and these rules beside those of the kind."""
    mapping = base or default()
    return mapping.put(kind, KindMap(rules=(*mapping.of(kind).rules, *rules)))


def without(mapping: FieldMap, *fields: str, kind: str = ACCOUNT) -> FieldMap:
    """The mapping less the rules of some fields."""
    return mapping.put(kind, KindMap(rules=tuple(rule for rule in mapping.of(kind).rules if rule.field not in fields)))


def save(world: World, mapping: FieldMap, leaving: fieldmaps.Leaving = "leave") -> Version:
    """Save a mapping; nothing else happens yet."""
    with world.engine.begin() as conn:
        return fieldmaps.save(conn, mapping, "finance", leaving=leaving)


def apply(world: World, version: Version, place: Any = None, proceed: Any = None) -> Applied:
    """Do a slice of applying it: all of it, unless `proceed` says stop."""
    return apply_slice(world.engine, world.run.settings.account_fields, version.id, place, proceed or once())


def change(world: World, mapping: FieldMap, leaving: fieldmaps.Leaving = "leave") -> Version:
    """Save a mapping, apply it and write what it concerns."""
    version = save(world, mapping, leaving)
    assert apply(world, version).finished
    world.settle()
    return version


def on_account(world: World, account: str, *fields: str) -> tuple[Any, ...]:
    """Fields of an account in the org."""
    [row] = world.admin.query(f"SELECT {', '.join(fields)} FROM Account WHERE Id = '{account}'")
    return tuple(row[name] for name in fields)


def fill(world: World, account: str, **fields: Any) -> None:
    """A person writes into an account."""
    world.admin.update("Account", [{"Id": account, **fields}])


def times(count: int) -> Any:
    """A `proceed` that says yes so often."""
    left = [count]

    def proceed() -> bool:
        left[0] -= 1
        return left[0] >= 0

    return proceed
