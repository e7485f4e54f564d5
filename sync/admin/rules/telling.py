"""Rules in words: what they are called, how their values read, what two of them differ in."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from sync.admin.rules.after import Step
from sync.core.words import counted
from sync.settings import Rules

LABELS: Mapping[str, str] = {
    "time_zone": "Business time zone",
    "grace_days": "Grace after a due date",
    "follow_up_days": "Oldest follow-up",
    "milestones": "Aging milestones",
    "commitment_grace_days": "Grace after a promised day",
    "dispute_sla_days": "Time to settle a dispute",
    "org_currency": "Currency of your org",
    "exchange_rates": "Exchange rates",
    "api_share": "Share of the org's API calls",
    "poll_every_s": "Look for changes in Salesforce",
    "account_metadata_key": "Metadata key in the billing system",
    "account_billing_field": "Field of accounts with the billing customer's id",
    "closed_days": "Closed invoices in Salesforce",
    "body_days": "Text of webhooks",
}
FOLLOWS: Mapping[Step, str] = {
    Step.DERIVE: "The ledger is derived again from what billing systems said; what changes is written to Salesforce.",
    Step.CUSTOMERS: "Every customer's metadata is read again.",
    Step.LOOK_UP: "Customers without an account are looked up again.",
    Step.WRITE: "Every record is gone through again; those whose amounts change are written to Salesforce.",
    Step.REVIEW: "Commitments, disputes and follow-ups of every account are looked at again.",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A rule that is another one now, its values in words."""

    name: str
    label: str
    before: str
    after: str


def changes(before: Rules, after: Rules) -> list[Change]:
    """What two sets of rules differ in."""
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in LABELS]
    return [Change(name, LABELS[name], words(name, one), words(name, two)) for name, one, two in pairs if one != two]


def told(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The same of two versions as they are stored; what no release of ours knows any more is left out."""
    found = []
    for name in LABELS:
        one, two = (value.get(name, packed_default(name)) for value in (before, after))
        if one != two:
            found.append(Change(name, LABELS[name], words(name, one), words(name, two)))
    return found


def words(name: str, value: Any) -> str:
    """A value as a person reads it."""
    match name:
        case "milestones":
            return ", ".join(str(days) for days in value) or "none"
        case "exchange_rates":
            return ", ".join(f"{code} {rate}" for code, rate in sorted(value.items())) or "none"
        case "api_share":
            return f"{value * 100:g} %"
        case "poll_every_s":
            return f"every {value:g} s"
        case _ if name.endswith("_days"):
            return counted(value, "day")
        case _:
            return value or "none"


@cache
def defaults() -> dict[str, str]:
    """What holds where nobody has set anything, in words."""
    rules = Rules()
    return {name: words(name, getattr(rules, name)) for name in LABELS}


def packed(rules: Rules, fixed: frozenset[str]) -> dict[str, Any]:
    """As it is stored: what differs from the defaults, which may be others in a later release."""
    values = {name: _packed(getattr(rules, name)) for name in LABELS if name not in fixed}
    return {name: value for name, value in values.items() if value != packed_default(name)}


def packed_default(name: str) -> Any:
    """A default as it would be stored."""
    return _packed(getattr(Rules(), name))


def _packed(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, dict):
        return {code: str(rate) if isinstance(rate, Decimal) else rate for code, rate in sorted(value.items())}
    return value
