"""The order in which things are learned never matters: fifty accounts live through one story in fifty orders.

Each account has the same things done to it on the same days, in an order of its own; between any two of them any step
of the pipeline may run, or none, and some of Stripe's events come late. In the end all are in the same state.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.integration.selling import bill, contest, day, edit, held, next_day, promise
from tests.integration.world import World

ACCOUNTS = 50
STEPS_A_DAY = 12


@dataclass
class Life:
    """An account, its two invoices, and what somebody wrote about them."""

    world: World
    account: str
    customer: str
    invoices: list[str] = field(default_factory=list)
    made: str = ""
    second: str = ""
    argued: str = ""

    def first_day(self) -> list[Callable[[], Any]]:
        return [self._promise, self._contest, lambda: self._pay(1, 3_000)]

    def second_day(self) -> list[Callable[[], Any]]:
        return [
            lambda: self._pay(0, 4_000),
            lambda: edit(self.world, "AR_Commitment__c", self.made, Amount__c=90),
            lambda: edit(self.world, "AR_Dispute__c", self.argued, Disputed_Amount__c=20),
            lambda: edit(self.world, "AR_Commitment__c", self.made, Note__c="spoke to Ann"),
        ]

    def third_day(self) -> list[Callable[[], Any]]:
        return [
            lambda: self._pay(0, 5_000),
            lambda: edit(self.world, "AR_Dispute__c", self.argued, Status__c="Resolved"),
            lambda: edit(self.world, "AR_Commitment__c", self.second, Cancelled__c=True),
            lambda: edit(self.world, "Account", self.account, Phone="030 1234"),
        ]

    def fourth_day(self) -> list[Callable[[], Any]]:
        return [lambda: self._pay(1, 2_000), lambda: edit(self.world, "AR_Commitment__c", self.second, Note__c="gone")]

    def _promise(self) -> None:
        self.made = promise(self.world, self.account, self.invoices[0], by=3, Amount__c=60)
        self.second = promise(self.world, self.account, self.invoices[1], by=9, Amount__c=100)

    def _contest(self) -> None:
        self.argued = contest(self.world, self.account, self.invoices[1], Disputed_Amount__c=50)

    def _pay(self, which: int, amount: int) -> None:
        invoice = self.invoices[which]
        self.world.act("pay_invoice", invoice=invoice, amount=amount, method="bank", deliver=False)

    def ends(self, read: "Seen") -> dict[str, Any]:
        """Everything about it that anybody can see, names left out."""
        open_tasks = [task["AR_Key__c"].partition(":")[0] for task in read.tasks if task["WhatId"] == self.account]
        return {
            "promises": [read.promises[each] for each in (self.made, self.second)],
            "dispute": read.disputes[self.argued],
            "invoices": [read.invoices[f"main:{each}"] for each in self.invoices],
            "summary": read.summaries[self.account],
            "open tasks": sorted(open_tasks),
            "at Stripe": [held(self.world, each) for each in self.invoices],
        }


class Seen:
    """The org as it is, read in one go."""

    def __init__(self, world: World) -> None:
        self.promises = _by(
            world, "Id", "AR_Commitment__c", "Status__c, Kept_Amount__c, Kept_On__c, Amount__c, Problem__c, Note__c"
        )
        self.disputes = _by(
            world, "Id", "AR_Dispute__c", "Status__c, SLA_Breached__c, Closed_On__c, Disputed_Amount__c"
        )
        self.invoices = _by(
            world, "Key__c", "AR_Invoice__c", "Balance__c, Status__c, Promised_On__c, Disputed__c, On_Hold__c"
        )
        self.summaries = _by(
            world,
            "Account__c",
            "AR_Summary__c",
            "Outstanding__c, Overdue__c, Promised__c, Disputed__c, Next_Commitment_On__c",
        )
        self.tasks = world.admin.query(
            "SELECT WhatId, AR_Key__c FROM Task WHERE AR_Key__c != null AND IsClosed = false"
        )


def _by(world: World, key: str, name: str, fields: str) -> dict[str, tuple[Any, ...]]:
    names = fields.split(", ")
    return {
        row[key]: tuple(row[each] for each in names) for row in world.admin.query(f"SELECT {key}, {fields} FROM {name}")
    }


def shuffled(dice: random.Random, lives: list[Life], what: Callable[[Life], list[Callable[[], Any]]]) -> list[Any]:
    """The day's doings of all accounts, in any order."""
    doings = [doing for life in lives for doing in what(life)]
    dice.shuffle(doings)
    return doings


def live(world: World, dice: random.Random, doings: list[Any]) -> None:
    """Do the day's doings, with steps of the pipeline in between, and events that come when they come."""
    steps: list[Callable[[], Any]] = [
        world.take_in, world.drain, world.fetch_once, world.read_back, world.review, world.settle_holds, world.publish,
    ]  # fmt: skip
    when = sorted(dice.randrange(len(doings)) for _ in range(STEPS_A_DAY))
    for number, doing in enumerate(doings):
        for _ in range(when.count(number)):
            dice.choice(steps)()
        doing()
        if dice.random() < 0.1:
            dice.shuffle(world.withheld)
            world.post(*world.withheld)
            world.withheld.clear()
    world.read_back()  # what is written on a day is read on it: only the date is moved here, not the clock
    world.review()


def test_fifty_orders_end_in_one_state(world: World):
    dice = random.Random(20260310)
    lives = [Life(world, world.account(name=f"Account {n}"), "") for n in range(ACCOUNTS)]
    for life in lives:
        life.customer = world.customer(life.account)
        life.invoices = [bill(world, life.customer, 10_000, due_in_days=due) for due in (1, 2)]
    world.come_to_rest()
    live(world, dice, shuffled(dice, lives, Life.first_day))
    for number, what in ((1, Life.second_day), (2, Life.third_day), (4, Life.fourth_day)):
        world.move_to(day(number))
        if number != 2:
            world.turn()
        live(world, dice, shuffled(dice, lives, what))
    world.post(*world.withheld)
    world.withheld.clear()
    next_day(world, 5)
    world.hurry()
    world.sweep()
    world.come_to_rest()
    seen = Seen(world)
    ends = [life.ends(seen) for life in lives]
    assert ends[0]["promises"] == [
        ("Kept", 90, day(2).isoformat(), 90, None, "spoke to Ann"),
        ("Cancelled", 0, None, 100, None, "gone"),
    ]
    for name in ends[0]:
        assert Counter(str(end[name]) for end in ends) == {str(ends[0][name]): ACCOUNTS}, name
    assert ends[0]["open tasks"] == ["due", "due"]
    keys = [row["AR_Key__c"] for row in world.admin.query("SELECT AR_Key__c FROM Task WHERE AR_Key__c != null")]
    assert len(keys) == len(set(keys))
    assert world.status.problems == []
    said = world.admin.query("SELECT Key__c FROM AR_Activity__c")
    assert not [row for row in said if row["Key__c"].startswith("put-back:")]
    world.check()
