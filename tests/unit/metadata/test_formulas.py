"""What Salesforce computes is what the core computes: the formulas, run by the local org, against sync.core."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connector.local.org.formula import evaluate
from sync.core.aging import bucket
from sync.core.summary import Book, DaySums, OpenLine, summarise
from tests.unit.metadata.project import Project, text

TODAY = date(2026, 3, 15)
DUE = [None, *(TODAY - timedelta(days=days) for days in range(-2, 95))]


def _value(sobject, name, row, today=TODAY):
    formula = text(Project.load().objects[sobject].find(name), "formula")
    return evaluate(formula, row.get, today=today, now=datetime.combine(today, datetime.min.time(), UTC))


@pytest.fixture(scope="module")
def invoice_formulas():
    names = ("Bucket__c", "Days_Past_Due__c", "Overdue__c")
    fields = Project.load().objects["AR_Invoice__c"]
    return {name: text(fields.find(name), "formula") for name in names}


@pytest.mark.parametrize("balance", [None, Decimal(0), Decimal("0.01")])
def test_an_invoice_ages_in_salesforce_as_it_does_in_the_core(balance, invoice_formulas):
    now = datetime.combine(TODAY, datetime.min.time(), UTC)
    for due_on in DUE:
        row = {"Balance__c": balance, "Due_On__c": due_on}
        got = {name: evaluate(item, row.get, today=TODAY, now=now) for name, item in invoice_formulas.items()}
        late = (TODAY - due_on).days if due_on else 0
        assert got == {
            "Bucket__c": (bucket(due_on, TODAY) if due_on else "Not due") if balance else None,
            "Days_Past_Due__c": max(late, 0) if balance and due_on else None,
            "Overdue__c": bool(balance) and late > 0,
        }, due_on


@pytest.mark.parametrize("later", [0, 1, 9, 16])
def test_dso_by_count_back_rises_in_salesforce_as_it_does_in_the_core(later):
    days = [DaySums(day=TODAY.replace(day=4), invoiced=700), DaySums(day=date(2026, 1, 20), invoiced=900)]
    book = Book(account="A", currency="USD", lines=[OpenLine(TODAY, 1000, 1)], days=days)
    figures = summarise(book, TODAY)
    row = {"DSO_Earlier_Days__c": figures.dso_earlier_days, "DSO_Current_Month_Share__c": figures.dso_month_share}
    today = TODAY + timedelta(days=later)

    shown = _value("AR_Summary__c", "DSO_Count_Back__c", row, today)

    assert shown.quantize(Decimal("0.1")) == figures.dso_count_back(today)


def test_dso_by_count_back_is_empty_where_nothing_was_invoiced():
    assert _value("AR_Summary__c", "DSO_Count_Back__c", {}) is None


@pytest.mark.parametrize(
    ("account", "says"),
    [
        ({}, None),
        ({"AR_Status__c": "Current"}, None),
        ({"AR_Overdue__c": True, "AR_Status__c": "Overdue 31-60"}, "Overdue 31-60"),
        ({"AR_Disputed__c": True, "AR_Status__c": "Current"}, "Disputed"),
        (
            {
                "AR_Overdue__c": True,
                "AR_Status__c": "Overdue Over 90",
                "AR_Final_Notice_On__c": TODAY,
                "AR_Disputed__c": True,
                "AR_On_Hold__c": True,
            },
            "Overdue Over 90 · Final notice · Disputed · On hold",
        ),
    ],
)
def test_an_opportunity_warns_of_what_its_account_owes(account, says):
    row = {f"Account.{name}": value for name, value in account.items()}
    assert (_value("Opportunity", "AR_Warning__c", row) or None) == says


@pytest.mark.parametrize(("closed_on", "days"), [(None, 10), (TODAY - timedelta(days=4), 6), (TODAY, 10)])
def test_a_dispute_ages_until_it_is_closed(closed_on, days):
    raised = datetime.combine(TODAY - timedelta(days=10), datetime.min.time(), UTC)
    assert _value("AR_Dispute__c", "Age_Days__c", {"CreatedDate": raised, "Closed_On__c": closed_on}) == days
