"""What sales keeps in Salesforce about the companies of the book: accounts and their team, contacts, open pipeline,
cases, and what was said to whom. None of it comes from the billing system.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sync.demo.book import BUSY, OWING, WORLDWIDE, Company
from sync.demo.people import OrgUserClient

UNBILLED = "Quarry Consulting"  # an account that no billing customer belongs to
MANAGER, FINANCE, EXECUTIVE = "Dana Weiss", "Farid Nasser", "Ada Okafor"
_SHOWN = {OWING, BUSY, WORLDWIDE, UNBILLED}
_FIRST = "Amira Carlos Elena Hugo Ines Jonas Kofi Leila Mateo Nora Oskar Priya Rosa Tomas Uma Viktor Yusuf Zoe".split()
_LAST = "Adler Brandt Castillo Dubois Eriksen Fontaine Grant Haddad Ito Jensen Kovacs Lindqvist Moreau Novak".split()
_TITLES = ("Accounts Payable Manager", "Finance Director", "Head of Procurement", "Operations Manager")
_WITH_PIPELINE, _WITH_CASE = 0.4, 0.15  # parts of the accounts
_STAGES = ("Qualification", "Needs Analysis", "Proposal/Price Quote", "Negotiation/Review")
_CASES = ("Invoice shows the wrong address", "Purchase order number is missing", "Charged twice for one month")

Rows = list[dict[str, Any]]


def accounts_of(book: list[Company], owners: list[str]) -> Rows:
    """One account for each company, and the one that is not billed. The first owner has those that are shown."""
    named = {company.account or company.name: company for company in book}
    rows = [_account(name, company.domain, company.currency) for name, company in named.items()]
    rows.append(_account(UNBILLED, "quarry-consulting.com", "USD"))
    for number, row in enumerate(rows):
        row["OwnerId"] = owners[0 if row["Name"] in _SHOWN else number % len(owners)]
    return rows


def _account(name: str, domain: str, currency: str) -> dict[str, Any]:
    telephone = f"+1 555 01{len(name):02}"
    shown = {"Name": name, "Website": f"https://www.{domain}", "Phone": telephone, "Type": "Customer - Direct"}
    return {**shown, "CurrencyIsoCode": currency}


@dataclass
class Sales:
    """The org's records around its accounts, written by its administrator. The same seed makes the same."""

    admin: OrgUserClient
    accounts: list[dict[str, Any]]  # with their ids
    seed: int = 7

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311 - a story, not a secret

    def write(self) -> None:
        """All of it."""
        contacts = self._contacts()
        self.admin.create("Contact", contacts)
        self.admin.create("Opportunity", self._opportunities())
        self.admin.create("Case", self._cases())
        self.admin.create("AccountTeamMember", self._team())

    def _contacts(self) -> Rows:
        return [self._contact(row) for row in self.accounts for _ in range(self.dice.choice((1, 2)))]

    def _contact(self, account: dict[str, Any]) -> dict[str, Any]:
        dice = self.dice
        first, last = dice.choice(_FIRST), dice.choice(_LAST)
        domain = str(account["Website"]).removeprefix("https://www.")
        return {
            "FirstName": first,
            "LastName": last,
            "Title": dice.choice(_TITLES),
            "Email": f"{first}.{last}@{domain}".lower(),
            "Phone": f"+1 555 01{dice.randrange(100):02}",
            **_of(account),
        }

    def _opportunities(self) -> Rows:
        chosen = [row for row in self.accounts if row["Name"] in _SHOWN or self.dice.random() < _WITH_PIPELINE]
        return [self._opportunity(row) for row in chosen]

    def _opportunity(self, account: dict[str, Any]) -> dict[str, Any]:
        stage = self.dice.choice(_STAGES)
        return {
            "Name": f"{account['Name']} - {self.dice.choice(('Renewal', 'Expansion', 'Premium support'))}",
            "StageName": stage,
            "Probability": 20 * (1 + _STAGES.index(stage)),
            "Amount": self.dice.randrange(12_000, 180_000, 500),
            "CloseDate": _day(self.dice.randrange(5, 90)),
            "CurrencyIsoCode": account["CurrencyIsoCode"],
            **_of(account),
        }

    def _cases(self) -> Rows:
        chosen = [row for row in self.accounts if row["Name"] == OWING or self.dice.random() < _WITH_CASE]
        return [
            {
                "Subject": self.dice.choice(_CASES),
                "Type": "Billing",
                "Origin": "Email",
                "Priority": self.dice.choice(("High", "Medium")),
                **_of(row),
            }
            for row in chosen
        ]

    def _team(self) -> Rows:
        """Customer success looks after every other account."""
        manager = self.admin.find("User", "Name", MANAGER)
        levels = {"AccountAccessLevel": "Edit", "OpportunityAccessLevel": "Read", "CaseAccessLevel": "Edit"}
        member = {"UserId": manager, "TeamMemberRole": "Account Manager", **levels}
        return [{"AccountId": row["Id"], **member} for number, row in enumerate(self.accounts) if number % 2 == 0]


def say(accounts: dict[str, str], act_as: Callable[[str], OrgUserClient]) -> None:
    """What people have noted in the last days, each by themselves: nobody is the first to contact a customer."""
    for person in (EXECUTIVE, FINANCE):
        rows = [
            {
                "Account__c": accounts[account],
                "Kind__c": kind,
                "Subject__c": subject,
                "Body__c": body,
                "Occurred_At__c": _instant(days),
            }
            for who, account, kind, subject, body, days in _SAID
            if who == person
        ]
        act_as(person).create("AR_Activity__c", rows)


_SAID = (
    (EXECUTIVE, OWING, "Call", "Left a message with accounts payable", "Nobody at the desk; they call back.", 12),
    (EXECUTIVE, OWING, "Call", "They wait for a purchase order number", "Elena asks procurement for it.", 6),
    (FINANCE, OWING, "Email", "Statement of account sent", "All open invoices, with the payment links.", 1),
    (FINANCE, BUSY, "Note", "New payer since the merger", "Invoices go to the shared service centre now.", 20),
    (FINANCE, BUSY, "Final Notice", "Final notice sent by post", "Ten days, then the account goes to collection.", 3),
)


def _of(account: dict[str, Any]) -> dict[str, Any]:
    return {"AccountId": account["Id"], "OwnerId": account["OwnerId"]}


def _day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


def _instant(ago: int) -> str:
    return (datetime.now(UTC) - timedelta(days=ago, hours=2)).isoformat(timespec="seconds")
