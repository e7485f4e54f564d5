"""docs/figures.md cannot lie: the tables of its example are run through the core and compared with its results."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from sync.core.aging import bucket
from sync.core.commitments import Commitment, CommitmentStatus, Received, judge
from sync.core.currency import OrgMoney
from sync.core.disputes import OPEN_STATUSES, Dispute, contested_by_invoice
from sync.core.facts import InvoiceStatus
from sync.core.projection import Flags, project_account, project_summary
from sync.core.summary import LastContact, summarise
from sync.pipeline.owed import owed as as_owed
from tests.unit.core import made
from tests.unit.core.fold import book, fold
from tests.unit.core.made import noon
from tests.unit.metadata.project import Project

PAGE = Path(__file__).parents[3] / "docs" / "figures.md"
TEXT = PAGE.read_text(encoding="utf-8")
AS_OF = datetime(2026, 3, 15, 9, 0, tzinfo=UTC)
DOLLARS = OrgMoney("USD", multi=True)
STATUS = {
    "draft": InvoiceStatus.DRAFT,
    "open": InvoiceStatus.OPEN,
    "paid": InvoiceStatus.PAID,
    "void": InvoiceStatus.VOID,
    "written off": InvoiceStatus.WRITTEN_OFF,
}


def table(heading):
    """The rows of the table under a heading, by its column names."""
    section = TEXT.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")
    ]
    names, _, *found = rows
    return [dict(zip(names, row, strict=True)) for row in found]


def cents(text):
    return int(Decimal(text.replace(",", "") or 0) * 100)


def day(text):
    return date.fromisoformat(text) if text else None


def at(text):
    return noon(day(text)) if text else None


TODAY = day(re.search(r"account in USD on (\S+)\.", TEXT)[1])
CREDIT = cents(re.search(r"credit of ([\d.,]+\d) has not been applied", TEXT)[1])


def invoices():
    for row in table("Invoices"):
        status, closed = STATUS[row["Status"]], at(row["Closed"])
        yield made.invoice(
            row["Invoice"],
            status=status,
            total=cents(row["Total"]),
            credited=cents(row["Credited"]),
            paid=cents(row["Paid"]),
            issued_at=at(row["Issued"]),
            due_at=at(row["Due"]),
            paid_at=closed if status is InvoiceStatus.PAID else None,
            written_off_at=closed if status is InvoiceStatus.WRITTEN_OFF else None,
        )


def money():
    taken = {}
    for n, row in enumerate(table("Payments")):
        yield made.part(
            f"part-{n}", invoice=row["Invoice"], payment=row["Payment"], amount=cents(row["Amount"]), at=at(row["Paid"])
        )
        amount, _ = taken.get(row["Payment"], (0, None))
        taken[row["Payment"]] = amount + cents(row["Amount"]), at(row["Paid"])
    for payment, (amount, paid_at) in taken.items():
        yield made.charge(f"charge-{payment}", payment=payment, amount=amount, created_at=paid_at)


def came_back():
    for n, row in enumerate(table("What came back")):
        make = {"refund": made.refund, "chargeback": made.chargeback}[row["What"]]
        names = {"payment": row["Payment"], "charge": f"charge-{row['Payment']}", "status": row["Outcome"]}
        yield make(f"back-{n}", amount=cents(row["Amount"]), created_at=at(row["Day"]), **names)


@cache
def ledger():
    return fold([*invoices(), *money(), *came_back()], TODAY)


@cache
def owed():
    """The invoices as promises and disputes see them."""
    received = {}
    for row in table("Payments"):
        received.setdefault(row["Invoice"], []).append(Received(day(row["Paid"]), cents(row["Amount"])))
    return {key: as_owed(row, received.get(key, ())) for key, row in ledger().invoices.items()}


def commitments():
    return [
        Commitment(
            id=row["Commitment"],
            currency="USD",
            amount=cents(row["Amount"]),
            promised_on=day(row["Promised on"]),
            made_at=at(row["Written"]),
            made_on=day(row["Written"]),
            covers=(row["Invoice"],),
        )
        for row in table("Commitments")
    ]


def disputes():
    return [
        Dispute(
            id=row["Dispute"],
            invoice=row["Invoice"],
            amount=cents(row["Amount"]),
            open=row["Status"] in OPEN_STATUSES,
            opened_at=at("2026-03-01"),
        )
        for row in table("Disputes")
    ]


def claims(today):
    """What a book says of promises, disputes and contacts."""
    standings = judge(commitments(), owed(), today, grace_days=0)
    still = [item for item in commitments() if standings[item.id].status is CommitmentStatus.OPEN]
    return {
        "promised": sum(standings[item.id].promised for item in still),
        "next_commitment_on": min(item.promised_on for item in still),
        "disputed": sum(contested_by_invoice(disputes(), owed()).values()),
        "last_contact": LastContact(max(item.made_on for item in commitments()), "Ada Okafor"),
    }


def summary(today=TODAY):
    return summarise(replace(book(ledger(), today, credit=CREDIT), **claims(today)), today)


def shown(value):
    """A value as the page prints it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            places = 2 if value.as_tuple().exponent == -2 else 4
            return f"{value:,.{places}f}" if places == 2 else f"{value.normalize():f}"
        case date():
            return value.isoformat()
    return str(value)


def test_the_tables_agree_with_each_other():
    given = {row["Invoice"]: 0 for row in table("Invoices")}
    for row in table("Payments"):
        given[row["Invoice"]] += cents(row["Amount"])
    assert given == {row["Invoice"]: cents(row["Paid"]) for row in table("Invoices")}


def test_invoice_by_invoice():
    rows = table("Invoice by invoice")
    assert {row["Invoice"] for row in rows} == {key for key, row in ledger().invoices.items() if row.balance}
    for row in rows:
        found = ledger().invoices[row["Invoice"]]
        assert found.balance == cents(row["Balance"])
        assert (TODAY - found.due_on).days == int(row["Days past due"])
        assert bucket(found.due_on, TODAY) == row["Bucket"]
        assert found.next_change_on == day(row["Moves on"])


@pytest.mark.parametrize("row", table("Commitments"), ids=lambda row: row["Commitment"])
def test_the_commitments(row):
    found = judge(commitments(), owed(), TODAY, grace_days=0)[row["Commitment"]]
    assert (found.status, found.kept, found.promised) == (
        row["Status"],
        cents(row["Kept"]),
        cents(row["Still promised"]),
    )


def test_the_disputes():
    told = {row["Invoice"]: cents(row["Contested"]) for row in table("Disputes") if row["Contested"]}
    assert contested_by_invoice(disputes(), owed()) == told


@pytest.mark.parametrize("row", table("The AR summary"), ids=lambda row: row["Field"])
def test_the_summary(row):
    found = project_summary(summary(), "Acme", DOLLARS, AS_OF)
    found["DSO_Count_Back__c"] = summary().dso_count_back(TODAY)
    assert shown(found[row["Field"]]) == row["Value"]


def test_the_summary_on_the_page_has_every_figure():
    told = {row["Field"] for row in table("The AR summary")}
    figures = {
        name
        for name in project_summary(summary(), "Acme", DOLLARS, AS_OF)
        if name not in {"Key__c", "Name", "Account__c", "Currency__c", "CurrencyIsoCode", "Original_Amounts__c"}
    }
    assert told == figures - {"As_Of__c"} | {"DSO_Count_Back__c"}
    assert told <= Project.load().objects["AR_Summary__c"].fields.keys()


@pytest.mark.parametrize("row", table("On the account"), ids=lambda row: row["Field"])
def test_the_account(row):
    told = re.search(r"A final notice went out on ([\d-]+)", TEXT)[1]
    flags = Flags(disputed=True, on_hold=True, last_notice_on=date.fromisoformat(told))
    found = project_account("001", [summary()], "USD", DOLLARS, TODAY, AS_OF, flags)
    assert shown(found[row["Field"]]) == row["Value"]


def test_the_months_of_the_count_back():
    sales = {}
    for (posted_on, measure), amount in ledger().sums.items():
        if measure == "invoiced":
            sales[f"{posted_on:%Y-%m}"] = sales.get(f"{posted_on:%Y-%m}", 0) + amount
    rows = table("Count-back")
    left, days = summary().outstanding, Decimal(0)
    for row in rows:
        assert sales[row["Month"]] == cents(row["Sales"])
        assert min(left, sales[row["Month"]]) == cents(row["Used"])
        left -= cents(row["Used"])
        days += Decimal(row["Days"])
    assert left == 0
    assert days.quantize(Decimal("0.1")) == summary().dso_count_back(TODAY)


def test_tomorrow_the_count_back_has_risen_and_nothing_was_written():
    tomorrow = TODAY + timedelta(days=1)
    told = re.search(r"tomorrow ([\d.]+), with nothing written", TEXT)[1]
    assert summary().dso_count_back(tomorrow) == Decimal(told)
    assert summary(tomorrow).dso_count_back(tomorrow) == Decimal(told)
    assert project_summary(summary(tomorrow), "Acme", DOLLARS, AS_OF) == project_summary(
        summary(), "Acme", DOLLARS, AS_OF
    )
