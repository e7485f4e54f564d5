"""What the last comparison of billing systems, ledger and Salesforce found, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.core.words import counted

Report = Mapping[str, Any]

_OBJECTS = {
    "AR_Summary__c": "AR summaries",
    "AR_Invoice__c": "invoices",
    "AR_Payment__c": "payments",
    "AR_Activity__c": "timeline entries",
    "Account": "accounts",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What was found of one thing. `well`: nothing, or nothing that is not mended."""

    name: str
    text: str
    well: bool


def compared_at(report: Report) -> datetime:
    """When it was."""
    return datetime.fromisoformat(str(report["at"]))


def found(report: Report) -> Iterator[Line]:
    """One line for each billing system and each object in Salesforce."""
    mended = "not mended, for it was only looked" if report.get("dry_run") else "mended"
    for name, told in report["billing"].items():
        yield _billing(name, told, mended)
    for name, told in report["salesforce"].items():
        yield _salesforce(name, told, mended)


def _billing(name: str, told: Report, mended: str) -> Line:
    parts = [
        f"{counted(count, kind.replace('_', ' '))} {what}"
        for what in ("missing", "different")
        for kind, count in told[what].items()
    ]
    unreadable = sum(told["unreadable"].values())
    differing = f"{', '.join(parts)} ({mended})" if parts else "all as we had them"
    text = f"{counted(told['read'], 'object')} read, {differing}"
    more = f"; {unreadable:,} cannot be read" if unreadable else ""
    return Line(f"Billing: {name}", text + more, not unreadable)


def _salesforce(name: str, told: Report, mended: str) -> Line:
    wrong = {"different": "different", "missing": "missing", "left_over": "there again after they were removed"}
    parts = [f"{told[key]:,} {words}" for key, words in wrong.items() if told.get(key)]
    differing = f"{', '.join(parts)} ({mended})" if parts else "all as they should be"
    text = f"{counted(told['compared'], 'row')} compared, {differing}"
    strange = told.get("strange", 0)
    more = f"; {strange:,} that we do not know: {', '.join(told.get('strange_keys', ())[:5])}" if strange else ""
    return Line(f"Salesforce: {_OBJECTS.get(name, name)}", text + more, not strange)
