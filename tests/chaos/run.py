"""One run: play the plan, be quiet, judge."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from tests.chaos import back, figures, quiet
from tests.chaos.arena import Arena, opened, victims
from tests.chaos.calendar import MovedDays
from tests.chaos.plan import Plan, draw
from tests.chaos.sales import DEEDS, Sales
from tests.chaos.stripe_side import StripeSide
from tests.chaos.trouble import Trouble
from tests.chaos.verdict import Verdict


@dataclass
class Run:
    """What a run was and what came of it."""

    plan: Plan
    home: Path
    verdict: Verdict = field(default_factory=Verdict)
    told: list[str] = field(default_factory=list)


@dataclass
class Sides:
    """Everything that goes on at once."""

    stripe: StripeSide
    trouble: Trouble
    days: MovedDays
    sales: Sales


def make_plan(seed: int, seconds: float, rate: float, without: frozenset[str] = frozenset()) -> Plan:
    """The plan that these options mean."""
    return draw(seed, seconds, rate, victims(), DEEDS, without)


def run(plan: Plan, home: Path, console: Console) -> Run:
    """Everything from an empty folder to the verdict."""
    done = Run(plan, home)
    (home / "plan.txt").write_text("\n".join(map(str, plan.happenings)))
    with opened(home, console) as arena:
        stripe = StripeSide(arena.stripe, arena.admin, plan.seed, plan.seconds, plan.rate)
        days = MovedDays(arena, plan)
        sides = Sides(stripe, Trouble(arena, plan), days, Sales(arena, plan, stripe, days))
        console.print(f"{plan.seconds:.0f} s of seed {plan.seed} at {plan.rate:g} events/s …")
        done.told += _play(arena, plan, sides)
        console.print("quiet …")
        began = time.monotonic()
        _judge(done, arena, sides)
        done.told.append(f"quiet and verdict took {time.monotonic() - began:.0f} s")
    return done


def _play(arena: Arena, plan: Plan, sides: Sides) -> list[str]:
    began = time.monotonic()
    sides.trouble.start()
    sides.days.start()
    sides.sales.start()
    try:
        sides.stripe.run(plan.seconds)
    finally:
        sides.days.stop()
        sides.sales.stop()
        sides.trouble.stop()
    return _told(arena, sides, time.monotonic() - began)


def _told(arena: Arena, sides: Sides, played_s: float) -> list[str]:
    caused, trouble, memory = arena.stripe.caused, sides.trouble, sides.sales.memory
    counts = {
        "deeds": memory.deeds,
        "promises": len(memory.promises),
        "disputes": len(memory.disputes),
        "notes": len(memory.activities),
        "tasks worked on": len(memory.touched_tasks),
        "merges": len(memory.merged),
        "in vain": len(memory.in_vain),
    }
    rate = f"{caused} events in {played_s:.0f} s: {caused / played_s:.1f}/s"
    return [
        f"{rate}, {len(sides.stripe.stories)} customers, {sides.days.moves} moves of the date",
        f"people: {_counted(counts)}",
        *(f"  in vain: {each}" for each in memory.in_vain[:5]),
        f"faults: {_counted(trouble.faults)}",
        _at_stripe(arena),
        f"kill -9: {_counted(trouble.kills)}",
        *(f"  not carried out: {each}" for each in trouble.missed),
    ]


def _at_stripe(arena: Arena) -> str:
    """How often Stripe's faults really struck, and whether anybody was too impatient for a Retry-After."""
    seen = arena.stripe.control("GET", "faults")
    return f"struck at Stripe: {_counted(seen['struck'])}; {seen['hurried']} requests came back before Retry-After"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"


def _judge(done: Run, arena: Arena, sides: Sides) -> None:
    """Ask every question, whatever the answers before it were."""
    verdict = done.verdict
    sides.stripe.link_everyone()
    verdict.ask("rest", lambda: quiet.rest(arena))
    engine = arena.engine()
    accounts, today, memory = sides.stripe.accounts, sides.days.today, sides.sales.memory
    try:
        if not figures.never_sent(arena):  # what was never sent only a comparison with Stripe can bring in
            verdict.ask("figures", lambda: figures.figures(arena, engine, accounts, today, "without reconcile: "))
        verdict.ask("reconcile", lambda: quiet.reconciled(arena))
        verdict.ask("figures", lambda: figures.figures(arena, engine, accounts, today))
        verdict.ask("events", lambda: figures.events(arena, engine))
        verdict.ask("the way back", lambda: back.make(arena, memory, accounts, today, sides.stripe.on_hold).checks())
        verdict.ask("parked", lambda: figures.parked(arena.status()))
        verdict.ask("logs", lambda: figures.logs(arena))
    finally:
        engine.dispose()
