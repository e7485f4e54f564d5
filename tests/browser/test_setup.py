"""A newcomer with test accounts: from a page that knows nothing to figures in Salesforce, without a command line."""

import shutil
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from rich.console import Console
from sqlalchemy import text

from sync.demo.world import LocalWorld, local_world
from tests.browser.clerk import Clerk


@pytest.fixture(scope="module")
def world() -> Iterator[LocalWorld]:
    """A company with an org and a Stripe account, and a Dueline that was told of neither."""
    home = Path(tempfile.mkdtemp(prefix="dueline-newcomer-"))
    with local_world(home, 0, Console(stderr=True, quiet=True), book=True, connected=False) as world:
        yield world
    shutil.rmtree(home, ignore_errors=True)


def test_a_newcomer_sets_everything_up(world: LocalWorld, browser: Browser) -> None:
    clerk = Clerk.arrive(browser, f"{world.web_url}/admin/")
    page = clerk.page
    clerk.sign_in("finance", world.admin_password)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set-up")  # nothing is set up: this comes first
    assert clerk.barriers() == []

    page.get_by_role("link", name="Connect Salesforce: go on").click()
    page.get_by_label("My Domain address").fill(world.org_url)
    page.get_by_label("Consumer key").fill(world.who.integration_id)
    page.get_by_label("Consumer secret").fill(world.who.integration_secret)
    clerk.press("Save and test")
    clerk.wait_for_work()
    clerk.told("Everything needed is in place")
    assert world.who.integration_secret not in page.content()
    assert clerk.barriers() == []

    page.get_by_role("link", name="To the checklist").click()
    page.get_by_role("link", name="Connect Stripe: go on").click()
    page.get_by_label("Restricted API key").fill(world.who.stripe_key)
    page.get_by_text("A stand-in instead of Stripe").click()
    page.get_by_label("Another API address").fill(world.stripe_url)
    clerk.press("Save and test")
    clerk.wait_for_work()
    clerk.press("Create the endpoint for me")
    clerk.told("Waiting for the first event")
    assert clerk.barriers() == []
    world.stripe.act("create_customer", name="First Event Ltd", deliver="soon")
    expect(page.get_by_text("Got it.")).to_be_visible(timeout=30_000)

    page.get_by_role("link", name="To the checklist").click()
    page.get_by_role("link", name="Review the mapping: go on").click()
    clerk.press("I have looked at it: it is right")
    clerk.told("the mapping was reviewed")

    page.get_by_role("link", name="Load what is there already: go on").click()
    clerk.press("Start loading")
    clerk.wait_for_work(120)
    clerk.told("Loaded.")
    assert clerk.barriers() == []

    clerk.open("setup/customers")
    page.get_by_text("Dueline's own field").click()
    clerk.press("Save")
    page.get_by_role("link", name="To the checklist").click()
    page.get_by_role("link", name="Check that everything agrees", exact=True).click()
    clerk.press("Compare everything")
    clerk.wait_for_work(180)
    clerk.told("All three say the same")
    assert clerk.barriers() == []
    assert clerk.unexpected == []
    clerk.context.close()
    agrees(world)


def agrees(world: LocalWorld) -> None:
    """What is open in the ledger, and belongs to somebody, stands in the org to the cent."""
    run = world.runtime()
    owed = text(
        "SELECT sum(balance) FROM invoice JOIN customer ON customer.key = invoice.customer "
        "WHERE account IS NOT NULL AND currency = 'USD' AND balance > 0"
    )
    with run.engine.connect() as conn:
        ours = Decimal(conn.scalar(owed)) / 100
    run.close()
    rows = world.org_admin.query("SELECT Outstanding__c FROM AR_Summary__c WHERE Currency__c = 'USD'")
    assert sum(Decimal(str(row["Outstanding__c"])) for row in rows) == ours > 0
