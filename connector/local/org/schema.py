"""The whole org's schema: the standard objects, and on top of them what the SFDX project adds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from connector.local.org import standard
from connector.local.org.ids import custom_prefix
from connector.local.org.metadata import MetadataError, ObjectSource, Rule, read_objects, source_root
from connector.local.org.model import Child, Field, Picklist, Schema, SObject


@dataclass(frozen=True)
class OrgSchema:
    """Objects, and by lower-case API name the validation rules of each and how the custom ones are shared."""

    schema: Schema
    rules: Mapping[str, tuple[Rule, ...]]
    sharing: Mapping[str, str]


def load_schema(
    metadata: Path,
    *,
    currencies: Iterable[str] = (),
    corporate: str = "USD",
    prefixes: Mapping[str, str] | None = None,
    account_teams: bool = True,
) -> OrgSchema:
    """The schema of the project at `metadata`. `currencies` (ISO codes) makes it a multi-currency org; `prefixes` are
    the key prefixes that custom objects already have in stored data. Raises MetadataError.
    """
    sources = {source.name: source for source in read_objects(source_root(metadata))}
    money = _currency_field(tuple(currencies), corporate)
    absent = {"CurrencyType": not money, "AccountTeamMember": not account_teams}
    builds = [_standard(name, sources, money) for name in standard.STANDARD if not absent.get(name)]
    known = {build.name for build in builds} | {"Activity"}
    custom = [source for name, source in sources.items() if name not in known]
    taken = dict(prefixes or {})
    builds += [_custom(source, money, _prefix(source, taken)) for source in custom]
    objects = {build.name: build for build in builds}
    _widen_tasks(objects, sources.values())
    names = dict(standard.CHILD_NAMES)
    for name, source in sources.items():
        names |= {("Task" if name == "Activity" else name, field): child for field, child in source.child_names.items()}
    linked = {name.lower(): replace(item, children=_children(item, objects, names)) for name, item in objects.items()}
    _check_lookups(objects)
    rules = {name.lower(): source.rules for name, source in sources.items() if source.rules}
    return OrgSchema(Schema(linked), rules, {source.name.lower(): source.sharing for source in custom})


def _currency_field(currencies: tuple[str, ...], corporate: str) -> Field | None:
    if not currencies:
        return None
    values = Picklist(currencies, restricted=True, default=corporate)
    return Field("CurrencyIsoCode", "Currency ISO Code", "picklist", length=255, picklist=values, default=corporate)


def _standard(name: str, sources: Mapping[str, ObjectSource], money: Field | None) -> SObject:
    prefix, label, plural, own = standard.STANDARD[name]
    added = [sources[source].fields for source in _sources_of(name) if source in sources]
    currency = (money,) if money and name not in standard.WITHOUT_CURRENCY else ()
    fields = (*standard.SYSTEM_START, *own, *currency, *standard.SYSTEM_END, *(f for part in added for f in part))
    return SObject(name, label, plural, prefix, custom=False, fields={field.name.lower(): field for field in fields})


def _sources_of(name: str) -> tuple[str, ...]:
    return ("Task", "Activity") if name == "Task" else (name,)


def _custom(source: ObjectSource, money: Field | None, prefix: str) -> SObject:
    if source.name_field is None or not source.name.endswith("__c"):
        raise MetadataError(f"objects/{source.name}: the local org knows no such standard object.")
    fields = (
        standard.SYSTEM_START[0],
        standard.OWNER,
        standard.SYSTEM_START[1],
        source.name_field,
        *((money,) if money else ()),
        *standard.SYSTEM_END,
        *((standard.LAST_ACTIVITY,) if source.activities else ()),
        *standard.SEEN,
        *source.fields,
    )
    by_name = {field.name.lower(): field for field in fields}
    return SObject(source.name, source.label, source.label_plural, prefix, custom=True, fields=by_name)


def _prefix(source: ObjectSource, taken: dict[str, str]) -> str:
    if source.name not in taken:
        used = set(taken.values())
        taken[source.name] = next(prefix for prefix in map(custom_prefix, count()) if prefix not in used)
    return taken[source.name]


def _widen_tasks(objects: dict[str, SObject], sources: Iterable[ObjectSource]) -> None:
    """A task may be about any custom object that allows activities."""
    more = tuple(source.name for source in sources if source.activities and source.name.endswith("__c"))
    task = objects["Task"]
    what = task.fields["whatid"]
    widened = replace(what, reference_to=what.reference_to + more)
    objects["Task"] = replace(task, fields={**task.fields, "whatid": widened})


def _children(
    parent: SObject, objects: Mapping[str, SObject], names: Mapping[tuple[str, str], str]
) -> tuple[Child, ...]:
    return tuple(
        Child(child.name, field.name, names[child.name, field.name], field.delete_constraint == "Cascade")
        for child in objects.values()
        for field in child.fields.values()
        if parent.name in field.reference_to and (child.name, field.name) in names
    )


def _check_lookups(objects: Mapping[str, SObject]) -> None:
    for item in objects.values():
        for field in item.fields.values():
            for target in field.reference_to:
                if target not in objects:
                    raise MetadataError(f"{item.name}.{field.name} looks up {target}, which the org does not have.")
