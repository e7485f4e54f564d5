"""How the service stands, in one sentence, and what of it needs a person.

The sentence and the banners are decided here from plain facts, so that they never contradict each other and can be
tested without a service. What passes by itself is told in the sentence; only what does not raises a banner.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sync.core.budget import ESSENTIALS_AT
from sync.core.words import counted, named

AWAY_S = 30.0  # so long Salesforce may fail to answer before we call it away: a look or two may fail any time
PARKED_MANY = 25  # parked things from which every page tells it
CATCHING_UP_S = 60.0  # so long the oldest may wait before we say that we are behind
COMPARE_AFTER = timedelta(days=30)
CLOCK_STOPPED_S = 180.0  # upkeep notes figures every minute

QUEUE_WORK = {
    "ledger": "takes events in",
    "fetch": "asks billing systems",
    "salesforce": "writes to Salesforce",
    "crm": "reads Salesforce back",
    "upkeep": "does upkeep",
    "work": "does long work",
}


@dataclass(frozen=True, slots=True)
class Away:
    """Salesforce does not let us in, or does not answer, since then."""

    since: datetime
    code: str
    reason: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The facts. Counts are of what waits; `oldest_s` is for how long the oldest has. Times in seconds.

    `within_s`, `half_within_s`: how soon 95 of 100, and half, of the last hour's writes followed their events; None if
    there were none. `unstaffed`: queues that nobody works on; None if Redis cannot be asked. `clock_age_s`: since when
    upkeep has noted no figures; None if it never has. `budget`: the part of our share of API calls that is spent.
    `hidden`: what Salesforce does not let us see. `silent`: connections that have been quiet for too long, in seconds.
    `sealed`: names of secrets that cannot be opened.
    """

    now: datetime
    connected: bool = True
    billing: int = 1  # connections
    waiting: Mapping[str, int] = field(default_factory=dict)
    oldest_s: float = 0.0
    parked: int = 0
    within_s: float | None = None
    half_within_s: float | None = None
    away: Away | None = None
    redis_problem: str | None = None
    unstaffed: Sequence[str] | None = ()
    clock_age_s: float | None = 0.0
    budget: float = 0.0
    hidden: Sequence[str] = ()
    first_event_at: datetime | None = None
    silent: Mapping[str, float] = field(default_factory=dict)
    reconcile: Mapping[str, Any] | None = None
    sealed: Sequence[str] = ()

    @property
    def behind(self) -> int:
        """Everything that waits."""
        return sum(self.waiting.values())

    @property
    def shut_out(self) -> Away | None:
        """Why Salesforce cannot be reached, if that has lasted."""
        away = self.away
        return away if away is not None and (self.now - away.since).total_seconds() >= AWAY_S else None

    @property
    def clock_stopped(self) -> bool:
        """Whether nobody has done upkeep for so long that the clock must have stopped."""
        return self.clock_age_s is not None and self.clock_age_s > CLOCK_STOPPED_S


@dataclass(frozen=True, slots=True)
class Headline:
    """How things stand in one sentence. `mood`: good, wait (passes by itself), bad (does not)."""

    text: str
    mood: str


def headline(now: Condition, clock: Any) -> Headline:
    """The sentence. `clock` tells an instant as the time of day, or day and time, where the company is."""
    if now.redis_problem is not None:
        return Headline(f"Redis does not answer: events are received and kept, nothing moves on. {_kept(now)}", "bad")
    if now.clock_stopped and now.unstaffed == ():
        return Headline(f"The clock has stopped: what failed is not tried again. {_kept(now)}", "bad")
    if now.unstaffed:
        return Headline(f"{_nobody(now.unstaffed)}. {_kept(now)}", "bad")
    if not now.connected:
        return Headline("Salesforce is not connected yet: events are taken in, and wait to be shown there.", "wait")
    if (away := now.shut_out) is not None:
        return Headline(f"Salesforce has not answered us since {clock(away.since)}: {_kept(now)}", "bad")
    if now.budget >= 1:
        return Headline(f"Our share of Salesforce's API calls is spent for now: {_kept(now)}", "wait")
    return _at_work(now)


def _at_work(now: Condition) -> Headline:
    """While nothing is wrong with the parts."""
    if now.behind and now.oldest_s >= CATCHING_UP_S:
        return Headline(f"Catching up: {_behind(now)}, the oldest for {lasts(now.oldest_s)}.", "wait")
    if now.first_event_at is None and not now.behind:
        return Headline("Ready: waiting for the first event of a billing system.", "wait")
    if now.parked:
        thing = "one thing needs" if now.parked == 1 else f"{now.parked:,} things need"
        return Headline(f"Everything is in Salesforce, except that {thing} a person.", "bad")
    if now.within_s is None:
        return Headline("All is well: everything is in Salesforce, and nothing has changed in the last hour.", "good")
    half = "" if now.half_within_s is None else f", half of them within {lasts(now.half_within_s)}"
    told = f"95 of 100 changes of the last hour were in Salesforce within {lasts(now.within_s)}{half}."
    return Headline(f"All is well: {told}", "good")


def _kept(now: Condition) -> str:
    return f"{_behind(now)}, nothing is lost." if now.behind else "nothing waits, nothing is lost."


def _behind(now: Condition) -> str:
    """What waits, in words: 312 records wait; 400 events and records wait; 1 record waits."""
    parts = [name for name, count in now.waiting.items() if count]
    names = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    if now.behind == 1:
        names = names.replace("s", "", 1)  # in each of the stages the first s makes it many
    return counted(now.behind, f"{names} waits", f"{names} wait")


def _nobody(queues: Sequence[str]) -> str:
    told = [f"{name} (it {QUEUE_WORK.get(name, 'works')})" for name in queues]
    return f"Nobody works on the {named(len(told), 'queue')} {', '.join(told)}"


def lasts(seconds: float) -> str:
    """A time span in words."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return counted(int(seconds // size), unit)
    return f"{seconds:.0f} s"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A problem that needs a person: what, what to do, and where to look at it. `error`: figures may be wrong by it."""

    what: str
    fix: str
    screen: str | None = "health"
    error: bool = True


def alarms(now: Condition) -> Iterator[Alarm]:
    """Every problem that needs a person, the worst first."""
    yield from _engine_alarms(now)
    yield from _salesforce_alarms(now)
    if now.parked >= PARKED_MANY:
        yield Alarm(f"{now.parked:,} things could not be done.", "Each cause is told with its way out.", "parked")
    for name, seconds in now.silent.items():
        what = f"No event of “{name}” has come for {lasts(seconds)}, much longer than usual."
        yield Alarm(what, "Check that its webhook still points here; missed events are caught up on.", error=False)
    yield from _reconcile_alarms(now)


def _engine_alarms(now: Condition) -> Iterator[Alarm]:
    if now.redis_problem is not None:
        yield Alarm("Redis does not answer.", f"Nothing moves on until it does: {now.redis_problem}")
    if now.clock_stopped:
        yield Alarm(
            "The clock has stopped, or nobody does upkeep.", "Start the clock and the worker upkeep: see README."
        )
    elif now.unstaffed:
        commands = ", ".join(f"dueline worker {name}" for name in now.unstaffed)
        yield Alarm(f"{_nobody(now.unstaffed)}.", f"Start {commands}.")
    for name in now.sealed:
        fix = "Set DUELINE_SECRET_KEY as it was when it was entered, or enter it again."
        yield Alarm(f"The stored secret “{name}” cannot be opened.", fix, "setup")


def _salesforce_alarms(now: Condition) -> Iterator[Alarm]:
    if now.connected and (away := now.shut_out) is not None:
        yield Alarm(f"Salesforce does not let us in: {_sentence(away.reason)}", _sentence(away.fix), "setup")
    if now.hidden:
        fix = "Assign the permission set Dueline Integration to our user, and deploy the package."
        yield Alarm(f"Salesforce hides from us: {'; '.join(now.hidden)}.", fix, "setup")
    if now.budget >= 1:
        yield Alarm("Our share of Salesforce's API calls is spent.", "Wait, or raise the share.", "rules")
    elif now.budget >= ESSENTIALS_AT:
        what = "Salesforce's API calls run low: only payments and overdue flags are written."
        yield Alarm(what, "Wait, or raise our share.", "rules", error=False)


def _reconcile_alarms(now: Condition) -> Iterator[Alarm]:
    if now.reconcile is not None and not now.reconcile.get("mended", True) and not now.reconcile.get("dry_run"):
        yield Alarm("The last comparison found what it could not mend.", "See what it found, then compare again.")
    began = now.first_event_at
    at = datetime.fromisoformat(str(now.reconcile["at"])) if now.reconcile else None
    if began is not None and now.now - (at or began) > COMPARE_AFTER:
        since = "for more than 30 days" if at else "yet"
        what = f"Billing system, ledger and Salesforce have not been compared {since}."
        yield Alarm(what, "Press “Compare now”.", error=False)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}" if text else ""
