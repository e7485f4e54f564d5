"""What a reconciliation found, as it is kept for people: billing systems against the ledger, the ledger against
Salesforce.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

Found = Mapping[str, Any]  # packed: see sync.pipeline.backfill.Walked and sync.pipeline.compare.Drift


def report(at: datetime, billing: Mapping[str, Found], salesforce: Mapping[str, Found], *, dry: bool) -> dict[str, Any]:
    """Of each connection and each object of Salesforce what was found. `mended`: nothing is left for a person."""
    unread = sum(sum(found["unreadable"].values()) for found in billing.values())
    strange = sum(found["strange"] for found in salesforce.values())
    return {
        "at": at.isoformat(timespec="seconds"),
        "dry_run": dry,
        "mended": not (dry or unread or strange),
        "billing": dict(billing),
        "salesforce": dict(salesforce),
    }


def added(one: Found | None, other: Found) -> dict[str, Any]:
    """What two pieces of one walk found together."""
    if one is None:
        return dict(other)
    return {name: _sum(value, other[name]) for name, value in one.items()}


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, dict):
        return {name: one.get(name, 0) + other.get(name, 0) for name in sorted(one.keys() | other.keys())}
    return one + other
