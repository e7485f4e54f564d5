"""What will happen, drawn from the seed before anything does: faults, kills, moved dates, what people do, and when.

The same seed, length and rate give the same plan. Real time still decides how it falls out: which request meets a
fault, and how far a process had come when it was killed.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Arguments = dict[str, Any]


@dataclass(frozen=True, order=True)
class Happening:
    """At so many seconds from the beginning, `what` happens to `where` (org, stripe, kill, people, calendar)."""

    at: float
    where: str
    what: str
    arguments: Arguments = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.arguments.items())
        return f"{self.at:7.1f} s  {self.where}: {self.what}{f' ({told})' if told else ''}"


@dataclass(frozen=True)
class Plan:
    """A run to be. `seconds` of play at `rate` events a second."""

    seed: int
    seconds: float
    rate: float
    happenings: tuple[Happening, ...]

    def of(self, *where: str) -> list[Happening]:
        """What happens there, in order."""
        return [each for each in self.happenings if each.where in where]


# How often each thing happens, in seconds from one to the next, on average
ORG_EVERY_S = 3.0
STRIPE_EVERY_S = 6.0
KILL_EVERY_S = 5.0
PEOPLE_EVERY_S = 0.6
DAY_EVERY_S = 15.0
MOST_DAYS = 60  # in all: the oracle counts on everything having happened within 90 days
FIRST_TROUBLE_S = 2.0


def draw(
    seed: int,
    seconds: float,
    rate: float,
    victims: dict[str, int],
    deeds: dict[str, int],
    without: frozenset[str] = frozenset(),
) -> Plan:
    """The plan of a seed. `victims`, `deeds`: what may be killed and what people do, with weights.

    `without`: what is left out of it (by `what` or `where`), the rest staying as drawn, to narrow a failure down.
    """
    dice = random.Random(seed)
    # A short run has its share of everything.
    org_s, stripe_s, kill_s = (min(every_s, seconds / 6) for every_s in (ORG_EVERY_S, STRIPE_EVERY_S, KILL_EVERY_S))
    drawn = [
        *_often(dice, seconds, org_s, lambda at: _trouble(dice, at, "org", ORG_FAULTS)),
        *_often(dice, seconds, stripe_s, lambda at: _trouble(dice, at, "stripe", STRIPE_FAULTS)),
        *_often(dice, seconds, kill_s, lambda at: [Happening(at, "kill", _one(dice, victims))]),
        *_often(dice, seconds, PEOPLE_EVERY_S, lambda at: [_deed(dice, at, deeds)]),
        *_days(dice, seconds),
    ]
    kept = (each for each in drawn if not {each.what, each.where} & without)
    return Plan(seed, seconds, rate, tuple(sorted(kept)))


def _often(
    dice: random.Random, seconds: float, every_s: float, draw_one: Callable[[float], list[Happening]]
) -> Iterator[Happening]:
    at = FIRST_TROUBLE_S + dice.expovariate(1 / every_s)
    while at < seconds:
        yield from draw_one(at)
        at += dice.expovariate(1 / every_s)


def _one(dice: random.Random, weights: dict[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def _deed(dice: random.Random, at: float, deeds: dict[str, int]) -> Happening:
    return Happening(at, "people", _one(dice, deeds), {"seed": dice.getrandbits(32)})


def _days(dice: random.Random, seconds: float) -> Iterator[Happening]:
    """The company's date goes forward, never back, and not too far."""
    at, total = 0.0, 0
    while True:
        at += dice.uniform(0.6, 1.4) * min(DAY_EVERY_S, seconds / 3)
        days = dice.choice((1, 1, 2, 3))
        total += days
        if at >= seconds or total > MOST_DAYS:
            return
        yield Happening(at, "calendar", "move", {"days": days})


# --- faults: kind, arguments drawn, how long it lasts (None: as often as `times` says) ------------------------------

Draw = Callable[[random.Random], Arguments]
Fault = tuple[int, str, Draw, tuple[float, float] | None]
_WRITES = "/Key__c"  # the upserts that only the product makes
_FIELDS = (("AR_Invoice__c", "Balance__c"), ("AR_Summary__c", "Outstanding__c"), ("AR_Payment__c", "Amount__c"))

ORG_FAULTS: tuple[Fault, ...] = (
    (4, "lock_row", lambda dice: {"times": dice.randint(1, 3), "path": _WRITES}, None),
    (4, "partial", lambda dice: {"times": dice.randint(1, 4), "every": dice.randint(2, 4), "path": _WRITES}, None),
    (3, "error", lambda dice: {"times": dice.randint(1, 6), "status": dice.choice((500, 502, 503))}, None),
    (3, "slow", lambda dice: {"times": dice.randint(1, 5), "ms": dice.randint(300, 2500), "path": _WRITES}, None),
    (4, "drop_after_commit", lambda dice: {"times": dice.randint(1, 3), "path": _WRITES}, None),
    (3, "late_stamp", lambda dice: {"times": dice.randint(1, 3), "ms": dice.randint(500, 3000)}, None),
    (2, "expire_session", lambda _: {"times": 1}, None),
    (1, "expire_session", lambda _: {"for_good": True}, (1.5, 4.0)),
    (1, "limit_spent", lambda _: {}, (1.5, 4.0)),
    (2, "revoke_field", lambda dice: dict(zip(("object", "field"), dice.choice(_FIELDS), strict=True)), (2.0, 5.0)),
)
STRIPE_FAULTS: tuple[Fault, ...] = (
    (3, "slow", lambda dice: {"times": None, "chance": 0.3, "ms": dice.randint(200, 2000)}, (2.0, 6.0)),
    (3, "rate_limit", lambda dice: {"times": dice.randint(1, 8), "retry_after": dice.randint(1, 2)}, None),
    (3, "status", lambda dice: {"times": None, "chance": 0.4, "status": dice.choice((500, 502))}, (1.0, 4.0)),
    (3, "drop", lambda dice: {"times": dice.randint(1, 4), "when": dice.choice(("before", "after"))}, None),
    (2, "sent_late", lambda dice: {"times": dice.randint(1, 5)}, None),
    (2, "never_sent", lambda dice: {"times": dice.randint(1, 3), "path": "invoice.*"}, None),
)


def _trouble(dice: random.Random, at: float, where: str, faults: tuple[Fault, ...]) -> list[Happening]:
    _, kind, arguments, lasts = dice.choices(faults, [weight for weight, *_ in faults])[0]
    given = arguments(dice)
    if where == "stripe":
        given["seed"] = dice.getrandbits(32)
    struck = [Happening(at, where, kind, given)]
    return struck if lasts is None else [*struck, Happening(at + dice.uniform(*lasts), where, "heal", {"kind": kind})]
