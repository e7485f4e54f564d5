"""`"@{first}"`: the id of what an earlier operation of the same mutation made or deleted, wherever an id may stand."""

import re
from collections.abc import Iterable
from typing import Any

from connector.local.org.model import OrgError, SObject

_REFERENCE = re.compile(r"@\{(.*)\}")
_REFERABLE = frozenset({"Create", "Delete"})  # documented: not what an update has changed


class References:
    """What the operations of one mutation have come to so far."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = list(keys)
        self._ids: dict[str, str] = {}

    def note(self, key: str, verb: str, record_id: str | None) -> None:
        """The operation has been carried out."""
        if verb in _REFERABLE and record_id:
            self._ids[key] = record_id

    def filled(self, key: str, item: SObject, values: dict[str, Any]) -> dict[str, Any]:
        """The values with ids in the place of references."""
        lookups = {own.name for own in item.fields.values() if own.type == "reference"}
        return {name: self.found(key, name, value) if name in lookups else value for name, value in values.items()}

    def found(self, key: str, field: str, value: Any) -> Any:
        """The id that a reference of operation `key` means; anything else is itself. Raises OrgError."""
        written = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if written is None:
            return value
        name = written[1]
        if name not in self._ids:
            known = self._keys[: self._keys.index(key)] if key in self._keys else []
            why = "did not succeed, or is an update" if name in known else "is no earlier operation of this mutation"
            raise OrgError("INVALID_REFERENCE", f"Invalid reference specified. {value}: {name} {why}.", fields=[field])
        return self._ids[name]
