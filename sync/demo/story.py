"""One invoice's story from beginning to end, with proof: what Stripe, the ledger and Salesforce say at each step."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import click
from sqlalchemy import select

from sync.core.money import to_decimal
from sync.db.tables import invoice as invoices
from sync.demo.identities import CONNECTION
from sync.demo.people import OrgUserClient, until
from sync.demo.world import LocalWorld

STEP_S = 30.0
TOTAL = 120_000  # USD 1,200.00


class StoryError(AssertionError):
    """A step did not come true in time; the message says what was expected and what was seen."""


@dataclass
class Story:
    """The world, the people in it, and what has been proved so far."""

    world: LocalWorld
    org: OrgUserClient
    account: str = ""
    invoice: str = ""
    lines: list[str] = field(default_factory=list)

    def step(self, what: str, act: Callable[[], object], soql: str, expected: dict[str, object]) -> None:
        """Do something, then wait until Salesforce shows what it should."""
        began = time.monotonic()
        act()
        seen: dict[str, Any] = {}

        def stands() -> bool:
            rows = self.org.query(soql.format(account=self.account, key=f"{CONNECTION}:{self.invoice}"))
            seen.clear()
            seen.update(rows[0] if rows else {})
            return bool(rows) and all(_same(rows[0].get(name), value) for name, value in expected.items())

        if not until(stands, timeout_s=STEP_S):
            shown = {name: seen.get(name) for name in expected}
            raise StoryError(f"{what}: expected {expected}, Salesforce shows {shown or 'nothing'}")
        told = ", ".join(f"{name} {value}" for name, value in expected.items())
        click.echo(f"{time.monotonic() - began:6.2f} s  {what}: {told}")


def _same(seen: object, expected: object) -> bool:
    if isinstance(expected, Decimal | int) and isinstance(seen, Decimal | int) and not isinstance(expected, bool):
        return Decimal(seen) == Decimal(expected)
    return seen == expected


_INVOICE = (
    "SELECT Status__c, Balance__c, Paid__c, Credited__c, Bucket__c, Overdue__c "
    "FROM AR_Invoice__c WHERE Key__c = '{key}'"
)
_SUMMARY = (
    "SELECT Outstanding__c, Overdue__c, Not_Due__c, Bucket_1_30__c, Collected__c, Open_Invoices__c "
    "FROM AR_Summary__c WHERE Account__c = '{account}'"
)
_ACCOUNT = (
    "SELECT AR_Status__c, AR_Overdue__c, AR_Outstanding__c, AR_Overdue_Amount__c FROM Account WHERE Id = '{account}'"
)


def play(world: LocalWorld) -> str | None:
    """Play the story. Returns what failed, if anything."""
    began = time.monotonic()
    story = Story(world, world.org_admin)
    try:
        _invoiced(story)
        _overdue(story)
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
    [story.account] = story.org.create("Account", [{"Name": "Once Upon Robotics", "CurrencyIsoCode": "USD"}])
    stripe = story.world.stripe
    metadata = {"salesforce_account_id": story.account}
    customer = stripe.act("create_customer", name="Once Upon Robotics", metadata=metadata)["id"]
    lines = [{"amount": TOTAL, "description": "One robot"}]
    draft = stripe.act("create_invoice", customer=customer, lines=lines, collection_method="send_invoice")
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
    after = (datetime.now(UTC) + timedelta(days=16)).date().isoformat()
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
    story.step("… overdue flag gone", _nothing, _ACCOUNT, {"AR_Overdue__c": False, "AR_Status__c": "Clear"})
    story.step(
        "… in the AR summary",
        _nothing,
        _SUMMARY,
        {"Outstanding__c": 0, "Overdue__c": 0, "Collected__c": Decimal("1100.50")},
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


def _nothing() -> None:
    return None
