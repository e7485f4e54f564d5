"""One invoice's story, there and back, with proof: what Stripe, the ledger and Salesforce say at each step.

Finance sends an invoice, its due date passes, the account's owner gets a task and writes down a promise in Salesforce,
Stripe leaves the invoice alone, the promise is broken, a new task, the money comes, the task is closed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import click
from sqlalchemy import select

from sync.core.mapping.stripe import HOLD_KEY
from sync.core.money import to_decimal
from sync.db.tables import invoice as invoices
from sync.demo.identities import CONNECTION
from sync.demo.people import OrgUserClient, until
from sync.demo.world import LocalWorld

STEP_S = 30.0
TOTAL = 120_000  # USD 1,200.00
OWNER = "Ada Okafor"


class StoryError(AssertionError):
    """A step did not come true in time; the message says what was expected and what was seen."""


@dataclass
class Story:
    """The world, the people in it, and what has been proved so far."""

    world: LocalWorld
    org: OrgUserClient
    owner: OrgUserClient
    account: str = ""
    invoice: str = ""

    def step(self, what: str, act: Callable[[], object], soql: str, expected: dict[str, object]) -> None:
        """Do something, then wait until Salesforce shows what it should, in the only row that it shows."""

        def look() -> dict[str, Any]:
            rows = self.org.query(soql.format(account=self.account, key=f"{CONNECTION}:{self.invoice}"))
            return rows[0] if len(rows) == 1 else {}

        self._prove(what, act, look, expected, "Salesforce")

    def step_at_stripe(self, what: str, expected: dict[str, object]) -> None:
        """Wait until Stripe shows of the invoice what it should."""

        def look() -> dict[str, Any]:
            body = self.world.stripe.get(f"invoices/{self.invoice}")
            return {"auto_advance": body["auto_advance"], "note": (body["metadata"] or {}).get(HOLD_KEY)}

        self._prove(what, _nothing, look, expected, "Stripe")

    def _prove(
        self,
        what: str,
        act: Callable[[], object],
        look: Callable[[], dict[str, Any]],
        expected: dict[str, object],
        where: str,
    ) -> None:
        began = time.monotonic()
        act()
        seen: dict[str, Any] = {}

        def stands() -> bool:
            seen.clear()
            seen.update(look())
            return bool(seen) and all(_same(seen.get(name), value) for name, value in expected.items())

        if not until(stands, timeout_s=STEP_S):
            shown = {name: seen.get(name) for name in expected} if seen else "nothing"
            raise StoryError(f"{what}: expected {expected}, {where} shows {shown}")
        told = ", ".join(f"{name} {value}" for name, value in expected.items())
        click.echo(f"{time.monotonic() - began:6.2f} s  {what}: {told}")


def _same(seen: object, expected: object) -> bool:
    if isinstance(expected, Decimal | int) and isinstance(seen, Decimal | int) and not isinstance(expected, bool):
        return Decimal(seen) == Decimal(expected)
    return seen == expected


_TASK = (
    "SELECT Subject, Status, Owner.Name, AR_Outcome__c FROM Task WHERE AR_Key__c LIKE '{kind}:%' "
    "AND WhatId = '{{account}}'"
)
_DUE_TASK, _BROKEN_TASK = _TASK.format(kind="due"), _TASK.format(kind="broken")
_PROMISE = "SELECT Status__c, Hold_State__c, Kept_Amount__c FROM AR_Commitment__c WHERE Account__c = '{account}'"
_INVOICE = (
    "SELECT Id, Status__c, Balance__c, Paid__c, Credited__c, Bucket__c, Overdue__c, Promised_On__c, On_Hold__c "
    "FROM AR_Invoice__c WHERE Key__c = '{key}'"
)
_SUMMARY = (
    "SELECT Outstanding__c, Overdue__c, Not_Due__c, Bucket_1_30__c, Collected__c, Open_Invoices__c, Promised__c "
    "FROM AR_Summary__c WHERE Account__c = '{account}'"
)
_ACCOUNT = (
    "SELECT AR_Status__c, AR_Overdue__c, AR_Outstanding__c, AR_Overdue_Amount__c FROM Account WHERE Id = '{account}'"
)


def play(world: LocalWorld) -> str | None:
    """Play the story. Returns what failed, if anything."""
    began = time.monotonic()
    story = Story(world, world.org_admin, world.act_as(OWNER))
    try:
        _invoiced(story)
        _overdue(story)
        _promised(story)
        _broken(story)
        _settled(story)
        _agree(story)
    except StoryError as error:
        return str(error)
    with world.runtime().engine.connect() as conn:
        from sync.db import health

        status = health.read(conn)
    click.echo(
        f"proved in {time.monotonic() - began:.1f} s: every figure equal in Stripe, ledger and Salesforce; "
        f"event → Salesforce p95 {status.freshness_p95_s} s, {status.api_calls_today} API calls, {status.parked} parked"
    )
    return None if status.parked == 0 else f"{status.parked} rows are parked: {status.problems}"


def _invoiced(story: Story) -> None:
    [owner] = story.org.query(f"SELECT Id FROM User WHERE Name = '{OWNER}'")  # noqa: S608 - a name from here
    row = {"Name": "Once Upon Robotics", "CurrencyIsoCode": "USD", "OwnerId": owner["Id"]}
    [story.account] = story.org.create("Account", [row])
    stripe = story.world.stripe
    metadata = {"salesforce_account_id": story.account}
    customer = stripe.act("create_customer", name="Once Upon Robotics", metadata=metadata)["id"]
    lines = [{"amount": TOTAL, "description": "One robot"}]
    how = {"collection_method": "send_invoice", "auto_advance": True}
    draft = stripe.act("create_invoice", customer=customer, lines=lines, **how)
    story.invoice = draft["id"]

    def finalize() -> None:
        stripe.act("finalize_invoice", invoice=story.invoice, due_in_days=14)

    story.step(
        "invoice finalized",
        finalize,
        _INVOICE,
        {"Status__c": "Open", "Balance__c": Decimal(1200), "Bucket__c": "Not due"},
    )
    story.step(
        "… in the AR summary",
        _nothing,
        _SUMMARY,
        {"Outstanding__c": Decimal(1200), "Overdue__c": 0, "Open_Invoices__c": 1},
    )


def _overdue(story: Story) -> None:
    after = _in_days(16)
    story.step(
        f"due date passes (today is {after})",
        lambda: story.org.move_clock(after),
        _ACCOUNT,
        {"AR_Overdue__c": True, "AR_Status__c": "Overdue 1-30", "AR_Overdue_Amount__c": Decimal(1200)},
    )
    story.step("… its bucket", _nothing, _INVOICE, {"Bucket__c": "1-30", "Overdue__c": True})
    story.step(
        "… in the AR summary", _nothing, _SUMMARY, {"Overdue__c": Decimal(1200), "Bucket_1_30__c": Decimal(1200)}
    )
    story.step("… one task for the owner", _nothing, _DUE_TASK, {"Status": "Not Started", "AR_Outcome__c": None})


def _promised(story: Story) -> None:
    """The owner writes it down in Salesforce; finance's system leaves the invoice alone."""
    [row] = story.org.query(_INVOICE.format(key=f"{CONNECTION}:{story.invoice}"))
    day = _in_days(20)
    promise = {"Account__c": story.account, "Invoice__c": row["Id"], "Amount__c": 1200, "Promised_On__c": day}

    def promise_it() -> None:
        story.owner.create("AR_Commitment__c", [{**promise, "CurrencyIsoCode": "USD", "Note__c": "They pay on Friday"}])

    story.step(f"{OWNER} writes down a promise for {day}", promise_it, _PROMISE, {"Status__c": "Open"})
    story.step_at_stripe("… Stripe leaves the invoice alone", {"auto_advance": False})
    story.step("… seen on the commitment", _nothing, _PROMISE, {"Hold_State__c": "Held"})
    story.step("… and on the invoice", _nothing, _INVOICE, {"Promised_On__c": day, "On_Hold__c": True})
    story.step("… in the AR summary", _nothing, _SUMMARY, {"Promised__c": Decimal(1200)})
    story.step("… the task has done its work", _nothing, _DUE_TASK, {"Status": "Completed"})


def _broken(story: Story) -> None:
    after = _in_days(21)
    story.step(
        f"the day passes unpaid (today is {after})",
        lambda: story.org.move_clock(after),
        _PROMISE,
        {"Status__c": "Broken", "Kept_Amount__c": 0, "Hold_State__c": "Released"},
    )
    story.step_at_stripe("… Stripe may collect again", {"auto_advance": True, "note": None})
    story.step("… a new task for the owner", _nothing, _BROKEN_TASK, {"Status": "Not Started", "AR_Outcome__c": None})


def _settled(story: Story) -> None:
    stripe, invoice = story.world.stripe, story.invoice
    story.step(
        "partial payment of 500.00",
        lambda: stripe.act("pay_invoice", invoice=invoice, amount=50_000, method="bank"),
        _INVOICE,
        {"Status__c": "Open", "Balance__c": Decimal(700), "Paid__c": Decimal(500)},
    )
    story.step(
        "credit note of 99.50",
        lambda: stripe.act("credit_note", invoice=invoice, amount=9_950),
        _INVOICE,
        {"Balance__c": Decimal("600.50"), "Credited__c": Decimal("99.50")},
    )
    story.step(
        "the rest is paid",
        lambda: stripe.act("pay_invoice", invoice=invoice),
        _INVOICE,
        {"Status__c": "Paid", "Balance__c": 0, "Paid__c": Decimal("1100.50")},
    )
    story.step("… the task is closed", _nothing, _BROKEN_TASK, {"Status": "Completed"})
    story.step("… overdue flag gone", _nothing, _ACCOUNT, {"AR_Overdue__c": False, "AR_Status__c": "Clear"})
    story.step(
        "… in the AR summary",
        _nothing,
        _SUMMARY,
        {"Outstanding__c": 0, "Overdue__c": 0, "Promised__c": 0, "Collected__c": Decimal("1100.50")},
    )


def _agree(story: Story) -> None:
    """The same figures in all three places, to the cent."""
    stripe = story.world.stripe.get(f"invoices/{story.invoice}")
    run = story.world.runtime()
    with run.engine.connect() as conn:
        ledger = conn.execute(select(invoices).where(invoices.c.key == f"{CONNECTION}:{story.invoice}")).one()
    run.close()
    [row] = story.org.query(_INVOICE.format(key=f"{CONNECTION}:{story.invoice}"))
    figures = {
        "paid": (stripe["amount_paid"], ledger.paid, row["Paid__c"]),
        "balance": (stripe["amount_remaining"], ledger.balance, row["Balance__c"]),
        "credited": (stripe["pre_payment_credit_notes_amount"], ledger.credited, row["Credited__c"]),
    }
    for name, (there, here, shown) in figures.items():
        if not there == here or to_decimal(here, "USD") != Decimal(shown):
            raise StoryError(f"{name}: Stripe says {there}, the ledger {here}, Salesforce {shown}")
        click.echo(f"          {name}: Stripe {there}, ledger {here}, Salesforce {shown}")


def _in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def _nothing() -> None:
    return None
