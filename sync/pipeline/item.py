"""One record on its way to Salesforce."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.core.projection import UNTOLD, SalesforceRow, fingerprint
from sync.db.tables import AnyRow


@dataclass(frozen=True, slots=True)
class Item:
    """One waiting record and what it should say. `row` is None where nothing (more) is to be written for it.

    `problem` (code, reason, fix) where it cannot be said; `elsewhere`: the account to which it has moved. `untold`:
    fields of the row that are no reason to write it. `foreign`: those of somebody else's that it says something in;
    `unkept`: such fields that were left out of it, because what stands there was not kept yet. `restoring`: values of
    somebody else's to be put back with it.
    """

    record: AnyRow
    row: SalesforceRow | None = None
    problem: tuple[str, str, str] | None = None
    elsewhere: str | None = None
    untold: frozenset[str] = UNTOLD
    foreign: frozenset[str] = frozenset()
    unkept: frozenset[str] = frozenset()
    restoring: Mapping[str, Any] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """Fingerprint of what it should say."""
        return fingerprint(self.row, self.untold) if self.row is not None else "nothing"

    @property
    def sent(self) -> SalesforceRow:
        """Everything that is written for it."""
        return {**(self.row or {}), **self.restoring}
