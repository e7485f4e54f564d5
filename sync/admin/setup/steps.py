"""The checklist: what is done, what comes next, what waits for what. Every tick is found out anew, none is kept.

One tick is a person's: that the mapping was looked at. It is kept as a version of the area `setup`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from sync.admin.setup.saving import looking_at
from sync.admin.setup.work import DOCTOR, RECONCILE, SALESFORCE
from sync.bootstrap import Runtime
from sync.core.words import counted
from sync.db import arrivals, config, cursors, matching, work
from sync.db.matching import Which
from sync.effective import CONNECTIONS
from sync.pipeline import backfill

SETUP = "setup"  # area of sync.db.config


class State(StrEnum):
    """How a step stands."""

    DONE = "done"
    NEXT = "to do"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Step:
    """A step. `name`: of its page; `told`: how it stands, in words; `needed`: nothing works before it is done."""

    name: str
    title: str
    state: State
    told: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a connection found, and what of it is to be mended: first of all, and when there is time."""

    at: datetime | None
    findings: tuple[dict[str, Any], ...] = ()
    under_way: Any = None

    @property
    def blocking(self) -> list[dict[str, Any]]:
        """What must be mended."""
        return [each for each in self._wrong if each["needed"]]

    @property
    def advice(self) -> list[dict[str, Any]]:
        """What should be."""
        return [each for each in self._wrong if not each["needed"]]

    @property
    def good(self) -> list[dict[str, Any]]:
        """What is in order."""
        return [each for each in self.findings if each["ok"]]

    @property
    def _wrong(self) -> list[dict[str, Any]]:
        return [each for each in self.findings if not each["ok"]]


def found(conn: Connection, area: str) -> Found:
    """What the last look found at the connection as it is now."""
    last = work.latest(conn, DOCTOR, looking_at(conn, area))
    if last is None:
        return Found(None)
    if last.status != work.DONE:
        return Found(None, under_way=last)
    return Found(last.ended_at, tuple(last.result or ()))


@dataclass(frozen=True, slots=True)
class Linked:
    """How a connection to a billing system stands."""

    name: str
    has_key: bool
    has_secret: bool
    last: arrivals.Arrival | None
    found: Found
    filled: bool

    @property
    def missing(self) -> str:
        """What is missing, in words; empty if nothing is."""
        if not self.has_key:
            return "an API key"
        if not self.has_secret:
            return "the signing secret of its webhook endpoint"
        if self.found.blocking:
            return f"a right of its API key: {self.found.blocking[0]['what']}"
        return "" if self.last else "its first event"


def links(conn: Connection, run: Runtime) -> list[Linked]:
    """Every connection to a billing system, those that were only begun included."""
    stored = config.current(conn, CONNECTIONS)
    names = {*run.settings.stripe, *(stored.value.get("stripe", {}) if stored else {})}
    return [link(conn, run, name) for name in sorted(names)]


def link(conn: Connection, run: Runtime, name: str) -> Linked:
    """One connection."""
    settings = run.settings.stripe.get(name)
    return Linked(
        name=name,
        has_key=settings is not None and settings.api_key is not None,
        has_secret=settings is not None and bool(settings.secrets()),
        last=arrivals.last_delivered(conn, name),
        found=found(conn, name),
        filled=backfill.finished(conn, name),
    )


@dataclass(slots=True)
class Checklist:
    """All steps, in the order in which they are done."""

    steps: list[Step] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether everything that others depend on is done."""
        return all(step.state is State.DONE for step in self.steps if step.needed)

    @property
    def next(self) -> Step | None:
        """What to do next."""
        return next((step for step in self.steps if step.state is State.NEXT), None)

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.state is State.DONE for step in self.steps)


def checklist(conn: Connection, run: Runtime) -> Checklist:
    """How everything stands now."""
    org, billing = _salesforce(conn, run), links(conn, run)
    stripe, mapping = _stripe(billing), _mapping(conn, org)
    load = _load(billing)
    return Checklist([org, stripe, mapping, load, _customers(conn, load), _check(conn, org, load)])


def _salesforce(conn: Connection, run: Runtime) -> Step:
    step = ("salesforce", "Connect Salesforce")
    if run.settings.salesforce is None:
        return Step(*step, State.NEXT, "Not connected yet.")
    look = found(conn, SALESFORCE)
    if look.blocking:
        count = len(look.blocking)
        return Step(*step, State.NEXT, f"{count} thing{'s' * (count > 1)} to be mended in Salesforce.")
    if cursors.get(conn, cursors.ORG_IDENTITY) is None:
        return Step(*step, State.NEXT, "Being tested." if look.under_way else "Not tested yet.")
    return Step(*step, State.DONE, "Connected." if look.at is None else "Connected, tested, everything in place.")


def _stripe(billing: list[Linked]) -> Step:
    step = ("stripe", "Connect Stripe")
    if not billing:
        return Step(*step, State.NEXT, "Not connected yet.")
    missing = [f"{each.name} lacks {each.missing}" for each in billing if each.missing]
    if missing:
        return Step(*step, State.NEXT, f"{'; '.join(missing)}.")
    return Step(*step, State.DONE, f"Events arrive from {', '.join(each.name for each in billing)}.")


def _mapping(conn: Connection, org: Step) -> Step:
    step = ("mapping", "Review the mapping")
    reviewed = config.current(conn, SETUP)
    if reviewed is not None:
        return Step(*step, State.DONE, f"Reviewed by {reviewed.made_by}.", needed=False)
    if org.state is not State.DONE:
        return Step(*step, State.WAITS, "Waits for Salesforce: its fields are read from there.", needed=False)
    return Step(*step, State.NEXT, "Nobody has looked at it yet.", needed=False)


def _load(billing: list[Linked]) -> Step:
    step = ("load", "Load what is there already")
    readable = [each for each in billing if each.has_key]
    if not readable:
        return Step(*step, State.WAITS, "Waits for Stripe: it is read with the API key.")
    waiting = [each.name for each in readable if not each.filled]
    if waiting:
        return Step(*step, State.NEXT, f"Not loaded yet: {', '.join(waiting)}.")
    return Step(*step, State.DONE, "Customers, invoices and payments are loaded.")


def _customers(conn: Connection, load: Step) -> Step:
    step = ("customers", "Match customers with accounts")
    counts = matching.counts(conn)
    open_, linked = counts[Which.OPEN], counts[Which.LINKED]
    if open_:
        told = f"{linked:,} matched, {counted(open_, 'waits', 'wait')} for a decision."
        return Step(*step, State.NEXT, told, needed=False)
    if not linked and load.state is not State.DONE:
        return Step(*step, State.WAITS, "Waits for the customers: loading brings them.", needed=False)
    return Step(*step, State.DONE, f"All {linked:,} are matched.", needed=False)


def _check(conn: Connection, org: Step, load: Step) -> Step:
    step = ("check", "Check that everything agrees")
    last = cursors.get(conn, cursors.LAST_RECONCILE)
    if last is not None:
        told = "Billing, ledger and Salesforce were compared." if last["mended"] else "Something is left for a person."
        return Step(*step, State.DONE if last["mended"] else State.NEXT, told, needed=False)
    if State.WAITS in {org.state, load.state} or load.state is not State.DONE:
        return Step(*step, State.WAITS, "Waits until everything is loaded.", needed=False)
    under_way = work.latest(conn, RECONCILE)
    told = "Under way." if under_way is not None and under_way.status == work.WAITING else "Not compared yet."
    return Step(*step, State.NEXT, told, needed=False)
