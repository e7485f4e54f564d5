"""Fields that the org hid from us are left out of writes, so that the rest can be shown. Once they can be written, the
records that lack them are written again: nobody has to remember which.
"""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Engine

from sync.db import upkeep


class Exposes(Protocol):
    """What is asked of Salesforce."""

    def writable(self, kind: str, fields: Sequence[str]) -> bool:
        """Whether we may write any of these fields of a kind's records now. Raises OrgAwayError."""


def refill(engine: Engine, org: Exposes) -> int:
    """Have records written again whose hidden fields are back. Returns how many."""
    with engine.connect() as conn:
        missing = upkeep.left_out(conn)
    back = [(kind, fields) for kind, fields in missing if org.writable(kind, fields.split(","))]
    with engine.begin() as conn:
        return sum(upkeep.refill(conn, kind, fields) for kind, fields in sorted(back))
