"""Formula fields, formula defaults and validation rules, evaluated against rows.

A formula sees every field, whoever asks: field-level security hides results, not what they are made of.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connector.local.org.clock import Clock
from connector.local.org.formula import evaluate, fields_used
from connector.local.org.metadata import MetadataError, Rule
from connector.local.org.model import Field, OrgError, Row, Schema, SObject
from connector.local.org.store import Store

_NUMERIC = {"double", "currency", "percent", "int"}
_IS_CHANGED = re.compile(r"\bISCHANGED\s*\(\s*(\w+)\s*\)", re.IGNORECASE)
_IS_NEW = re.compile(r"\bISNEW\s*\(\s*\)", re.IGNORECASE)


class Formulas:
    """Evaluates for one org."""

    def __init__(self, schema: Schema, store: Store, clock: Clock) -> None:
        self._schema = schema
        self._store = store
        self._clock = clock

    def value(self, sobject: SObject, row: Row, field: Field, now: datetime | None = None) -> Any:
        """The field's value in the row: stored, or computed where it is a formula."""
        if field.formula is None:
            return row.get(field.name)
        return self._typed(field, self._evaluate(field.formula, sobject, row, field.formula_blank_as_zero, now))

    def default(self, sobject: SObject, field: Field) -> Any:
        """The value of a default that is a formula."""
        return self._typed(field, self._evaluate(field.default, sobject, {}, blank_as_zero=False))

    def check(self, sobject: SObject, rules: Iterable[Rule], row: Row, old: Row | None) -> None:
        """Raise what the first broken validation rule says of the row that is about to replace `old`."""
        for rule in rules:
            formula = _IS_NEW.sub(_truth(old is None), rule.formula)
            formula = _IS_CHANGED.sub(lambda match: _truth(_changed(sobject, match[1], row, old)), formula).strip()
            if formula != "FALSE" and self._evaluate(formula, sobject, row, blank_as_zero=False):
                fields = [rule.field] if rule.field else []
                raise OrgError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields=fields)

    def _evaluate(
        self, formula: str, sobject: SObject, row: Row, blank_as_zero: bool, now: datetime | None = None
    ) -> Any:
        fields = self._resolver(sobject, row, blank_as_zero)
        return evaluate(formula, fields, today=self._clock.today, now=now or self._clock.now)

    def _resolver(self, sobject: SObject, row: Row, blank_as_zero: bool) -> Callable[[str], Any]:
        def resolve(path: str) -> Any:
            head, _, rest = path.partition(".")
            if rest:
                return self._through(sobject, row, head, rest, blank_as_zero)
            field = sobject.get(head)
            if field is None:
                raise OrgError("INVALID_FIELD", f"Field {head} does not exist. Check spelling.")
            value = self.value(sobject, row, field)
            return Decimal(0) if value is None and blank_as_zero and field.type in _NUMERIC else value

        return resolve

    def _through(self, sobject: SObject, row: Row, relationship: str, rest: str, blank_as_zero: bool) -> Any:
        for field in sobject.fields.values():
            if (field.relationship_name or "").lower() == relationship.lower():
                parent_id = row.get(field.name)
                parent = None if parent_id is None else self._store.find(parent_id)
                target = self._schema.get(field.reference_to[0])
                if target is None or (parent is None and target.get(rest.partition(".")[0]) is not None):
                    return None
                return self._resolver(target, parent or {}, blank_as_zero)(rest)
        raise OrgError("INVALID_FIELD", f"Field {relationship}.{rest} does not exist. Check spelling.")

    @staticmethod
    def _typed(field: Field, value: Any) -> Any:
        if field.type in _NUMERIC and value is not None:
            return Decimal(value).quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP)
        if field.type == "boolean":
            return bool(value)
        return value or None if isinstance(value, str) else value


def check_formulas(schema: Schema, rules: Mapping[str, Iterable[Rule]]) -> None:
    """Raise MetadataError for a formula that could not be evaluated later, or that reads a field which is not there."""
    for name, sobject in schema.objects.items():
        formulas = {field.name: field.formula for field in sobject.fields.values() if field.formula is not None}
        for rule in rules.get(name, ()):
            formulas[rule.name] = _IS_NEW.sub("TRUE", _IS_CHANGED.sub(r"ISBLANK(\1)", rule.formula))
        for where, formula in formulas.items():
            try:
                missing = [path for path in fields_used(formula) if not _exists(schema, sobject, path)]
            except OrgError as error:
                raise MetadataError(f"{sobject.name}.{where}: {error.message}") from error
            if missing:
                raise MetadataError(f"{sobject.name}.{where}: its formula reads {missing[0]}, which does not exist.")


def _exists(schema: Schema, sobject: SObject, path: str) -> bool:
    head, _, rest = path.partition(".")
    if not rest:
        return sobject.get(head) is not None
    for field in sobject.fields.values():
        if (field.relationship_name or "").lower() == head.lower():
            target = schema.get(field.reference_to[0])
            return target is not None and _exists(schema, target, rest)
    return False


def _truth(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def _changed(sobject: SObject, name: str, row: Row, old: Row | None) -> bool:
    field = sobject.get(name)
    if field is None:
        raise OrgError("INVALID_FIELD", f"Field {name} does not exist. Check spelling.")
    return old is not None and old[field.name] != row[field.name]
