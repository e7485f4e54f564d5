"""One real customer's history, as a Stripe account tells it, and the same under other names: as many as are wanted.

Ids keep their shape and stay unique; amounts and dates are those of the one customer.
"""

import json
import re
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from connector.local.stripe.world import World

DAY = 86_400
CLOSED, OPEN = 90, 10  # invoices of the customer
INVOICES = CLOSED + OPEN
TAG = "Copy0of"  # stands in every id of the customer
ACCOUNT = "001000000000000AAA"
_ID = re.compile(r'"((?:cus|in|ch|pi|inpay|py|pr|evt|cbtxn)_)([0-9A-Za-z]{24})"')


@dataclass(frozen=True)
class History:
    """`events`: three years, as webhooks. `payments`: of each open invoice, for later. `objects`: all of it, by kind,
    newest first, as Stripe lists it before those payments.
    """

    events: list[str]
    payments: list[list[str]]
    objects: dict[str, list[str]]


class _Clock:
    def __init__(self) -> None:
        self.now = time.time() - 3 * 365 * DAY

    def __call__(self) -> float:
        return self.now


@cache
def told() -> History:
    """Three years of one customer: its closed invoices, then its open ones. Told once in a run."""
    clock = _Clock()
    world = World(clock=clock, seed=1)
    with world.transaction() as events:
        customer = world.create_customer(name="Acme", metadata={"salesforce_account_id": ACCOUNT})["id"]
        open_ = [_invoice(world, clock, customer, number) for number in range(INVOICES)][CLOSED:]
    kinds = ("customer", "invoice", "charge")
    listed = {kind: [_tagged(row) for row in reversed(world.store.everything(kind))] for kind in kinds}
    payments = []
    for invoice in open_:
        clock.now = time.time()
        payments.append(world.act("pay_invoice", {"invoice": invoice})[1])
    return History(_bodies(events), [_bodies(some) for some in payments], listed)


def named(body: str, copy: int) -> str:
    """The same, as it would be for customer number `copy`."""
    return body.replace(TAG, f"Copy{copy}of").replace(ACCOUNT, account(copy))


def account(copy: int) -> str:
    """The Salesforce account of customer number `copy`."""
    return f"001{copy:012}AAA"


def _invoice(world: World, clock: _Clock, customer: str, number: int) -> str:
    clock.now += 10 * DAY
    draft = world.create_invoice(customer, [{"amount": 50_000 + number}])
    clock.now += 60
    world.finalize_invoice(draft["id"], due_in_days=30)
    if number < CLOSED:
        clock.now += DAY / 2
        world.pay_invoice(draft["id"], method="bank")
    return str(draft["id"])


def _bodies(events: list[dict[str, Any]]) -> list[str]:
    return [_tagged(event) for event in events if event["data"]["object"]["object"] != "payment_intent"]


def _tagged(body: dict[str, Any]) -> str:
    return _ID.sub(rf'"\1{TAG}\2"', json.dumps(body))
