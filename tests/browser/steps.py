"""The steps of the story up to the click that saves, and where each has to end: for tests, and to be timed.

Every step begins on the open page of the busy account.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from playwright.sync_api import Locator, expect

from sync.demo.book import BUSY
from tests.browser.site import Site
from tests.browser.visitor import Visitor

Row = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """A form that is filled in: a click on `save` saves it, a toast says `told`, and `ended` finds it in the ledger."""

    name: str
    save: Locator
    told: str | None
    ended: Callable[[], list[Row]]

    def play(self, visitor: Visitor) -> list[Row]:
        """Save, and wait for it in the ledger; its rows there."""
        self.save.click()
        if self.told:
            visitor.told(self.told)
        return visitor.site.soon(f"{self.name} is in the ledger", self.ended)


def overdue(site: Site, skip: int, count: int) -> list[Row]:
    """Some of the oldest overdue invoices of the busy account."""
    return site.org.query(
        f"SELECT Id, Number__c, Key__c, Balance__c FROM AR_Invoice__c WHERE Account__c = '{site.account(BUSY)}' "
        f"AND Status__c = 'Open' AND Days_Past_Due__c > 0 ORDER BY Due_On__c, Id LIMIT {count} OFFSET {skip}"
    )


def select(visitor: Visitor, numbers: list[str]) -> Locator:
    """Tick these invoices in the list, and no others; the actions for them."""
    clear = visitor.invoices.get_by_role("button", name="Clear selection")
    if clear.count():
        clear.click()
    for number in numbers:
        visitor.invoices.get_by_label(f"Select invoice {number}").check()
    bar = visitor.invoices.get_by_text(f"{len(numbers)} selected", exact=False)
    expect(bar).to_be_visible()
    return visitor.invoices.get_by_role("group", name="Receivables actions")


def commit(visitor: Visitor, rows: list[Row], who: str) -> Step:
    """Promise what these invoices come to."""
    form = visitor.act("Add commitment", select(visitor, [row["Number__c"] for row in rows]))
    form.get_by_label("Who promised it").fill(who)
    sql = (
        "SELECT c.id, c.amount, c.status, c.problem, array_agg(v.invoice) AS covers FROM commitment c "
        "JOIN coverage v ON v.commitment = c.id JOIN crm ON crm.id = c.id "
        "WHERE c.account = :account AND crm.row->>'Note__c' = :note GROUP BY 1, 2, 3, 4"
    )
    ended = partial(visitor.site.ledger, sql, account=visitor.site.account(BUSY), note=who)
    return Step("the commitment", form.get_by_role("button", name="Save commitment"), "Commitment saved", ended)


def dispute(visitor: Visitor, row: Row, reason: str) -> Step:
    """The customer contests an invoice; the reason is not yet said where it is empty."""
    form = visitor.act("Raise dispute", select(visitor, [row["Number__c"]]))
    form.get_by_role("combobox", name="Category").click()
    visitor.page.get_by_role("option", name="Billing Error").click()
    form.get_by_label("What the customer says").fill(reason)
    sql = "SELECT * FROM dispute WHERE invoice = :key AND open"
    ended = partial(visitor.site.ledger, sql, key=row["Key__c"])
    return Step("the dispute", form.get_by_role("button", name="Raise dispute"), "Dispute raised about", ended)


def escalate(visitor: Visitor, reason: str) -> Step:
    """Hand the account to finance."""
    form = visitor.act("Escalate")
    form.get_by_text("A team").click()
    form.get_by_role("combobox", name="Team").click()
    visitor.page.get_by_role("option", name="Finance").click()
    form.get_by_label("Why, and what you need").fill(reason)
    sql = (
        "SELECT 1 AS found FROM crm WHERE kind = 'activity' AND account = :account "
        "AND row->>'Kind__c' = 'Escalation' AND row->>'Body__c' = :body"
    )
    ended = partial(visitor.site.ledger, sql, account=visitor.site.account(BUSY), body=reason)
    return Step("the escalation", form.get_by_role("button", name="Escalate"), "Escalated to Finance", ended)


def take_over(visitor: Visitor, row: Row, name: str) -> Step:
    """Follow up an invoice oneself; `name` is the visitor's own."""
    form = visitor.act("I'm on it", select(visitor, [row["Number__c"]]))
    me = visitor.site.one(f"SELECT Id FROM User WHERE Name = '{name}'")["Id"]
    sql = "SELECT 1 AS found FROM assignment WHERE invoice = :key AND person = :me"
    ended = partial(visitor.site.ledger, sql, key=row["Key__c"], me=me)
    save = form.get_by_role("button", name=re.compile("I'm on it|Take it over"))
    return Step("who follows it up", save, "You are on it", ended)


def complete(visitor: Visitor, row: Row, outcome: str) -> Step:
    """The task about an overdue invoice is done. The form stays open for more of them."""
    form = visitor.act("Complete a task")
    line = form.get_by_role("listitem").filter(has_text=row["Number__c"])
    done = line.get_by_role("button", name=re.compile("^Complete"))
    done.click()
    line.get_by_label("What came of it").fill(outcome)
    sql = (
        "SELECT row FROM crm WHERE kind = 'task' AND account = :account AND row->>'Status' = 'Completed' "
        "AND row->>'AR_Key__c' LIKE :key"
    )
    ended = partial(visitor.site.ledger, sql, account=visitor.site.account(BUSY), key=f"due:{row['Key__c']}:%")
    return Step("the completed task", done.last, None, ended)


def close(visitor: Visitor) -> None:
    """Close a form that stays open."""
    visitor.dialog.get_by_role("button", name="Cancel and close").click()
