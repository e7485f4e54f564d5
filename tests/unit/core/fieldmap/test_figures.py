"""The catalogue says what is projected, and nothing else: no second list that could fall behind."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sync.adapters.specimens import written_rows
from sync.core.currency import OrgMoney
from sync.core.facts import RefundFacts
from sync.core.fieldmap.account import account_figures
from sync.core.fieldmap.figures import ACCOUNT, FIGURES, MAPPED, NOT_FIGURES, OBJECTS, FigureType, our_fields
from sync.core.projection import project_refund
from sync.core.summary import Book, DaySums, LastContact, LastPayment, OpenLine, summarise

TODAY = date(2026, 3, 10)
MANY = OrgMoney("USD", multi=True, rates={"EUR": Decimal("0.8")})


@pytest.mark.parametrize("kind", MAPPED)
def test_every_projected_field_is_a_figure_or_known_to_be_none(kind):
    row = written_rows(multi_currency=True)[OBJECTS[kind]]
    figures = {figure.name for figure in FIGURES[kind]}
    assert row.keys() - NOT_FIGURES[kind] <= figures
    assert figures <= row.keys()


@pytest.mark.parametrize("kind", MAPPED)
def test_every_figure_has_the_type_of_what_is_projected(kind):
    types = {
        FigureType.MONEY: Decimal,
        FigureType.DATE: date,
        FigureType.INSTANT: datetime,
        FigureType.FLAG: bool,
        FigureType.TEXT: str,
        FigureType.CHOICE: str,
    }
    row = written_rows(multi_currency=True)[OBJECTS[kind]]
    for figure in FIGURES[kind]:
        value = row[figure.name]
        assert value is None or isinstance(value, types.get(figure.type, (int, Decimal))), figure
        assert figure.label
        assert figure.meaning.endswith(".")
        if figure.type is FigureType.CHOICE:
            assert value in figure.values
    assert len({figure.name for figure in FIGURES[kind]}) == len(FIGURES[kind])
    assert len({figure.label for figure in FIGURES[kind]}) == len(FIGURES[kind])


def test_a_refund_says_nothing_that_payments_do_not():
    refund = RefundFacts(
        key="main:re_1", payment=None, charge=None, amount=100, currency="USD", status="succeeded",
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    row = project_refund(refund, "001", "Stripe", MANY, TODAY, datetime.now(UTC))
    assert row.keys() - NOT_FIGURES["payment"] <= {figure.name for figure in FIGURES["payment"]}


def test_our_fields_are_known_in_any_case():
    assert "ar_status__c" in our_fields(ACCOUNT)
    assert {"key__c", "assigned_to__c", "balance__c"} <= our_fields("invoice")


def book(currency: str, **more):
    lines = [OpenLine(date(2026, 2, 1), 5_000, 2), OpenLine(date(2026, 4, 1), 1_000, 1)]
    days = [DaySums(date(2026, 2, 1), invoiced=6_000, collected=500, late_amount=500, late_weight=1_000)]
    return Book(account="001", currency=currency, lines=lines, days=days, **more)


def figures(*books, today=TODAY, currency="USD"):
    return account_figures([summarise(each, today) for each in books], currency, MANY, today)


def test_an_account_of_one_currency_says_what_its_summary_says():
    told = figures(
        book(
            "USD", collected=700, written_off=30, credit=20, promised=10, disputed=5,
            next_commitment_on=date(2026, 3, 20), last_payment=LastPayment(date(2026, 3, 1), 500),
            last_contact=LastContact(date(2026, 3, 2), "Dana"),
        )
    )  # fmt: skip
    assert told == {
        "Not_Due__c": Decimal("10.00"), "Bucket_1_30__c": Decimal(0), "Bucket_31_60__c": Decimal("50.00"),
        "Bucket_61_90__c": Decimal(0), "Bucket_Over_90__c": Decimal(0), "Collected__c": Decimal("7.00"),
        "Collected_12_Months__c": Decimal("5.00"), "Written_Off__c": Decimal("0.30"),
        "Unapplied_Credit__c": Decimal("0.20"), "Disputed__c": Decimal("0.05"), "Promised__c": Decimal("0.10"),
        "Last_Payment_On__c": date(2026, 3, 1), "Last_Payment_Amount__c": Decimal("5.00"),
        "Next_Commitment_On__c": date(2026, 3, 20), "Oldest_Due_On__c": date(2026, 2, 1), "Days_Past_Due__c": 37,
        "Open_Invoices__c": 3, "Overdue_Invoices__c": 2, "Average_Days_Late__c": Decimal("2.0"),
        "DSO_Ratio__c": Decimal("90.0"), "DSO_Count_Back__c": Decimal("38.0"),
        "Last_Contact_On__c": date(2026, 3, 2), "Last_Contact_By__c": "Dana", "Currency__c": "USD",
    }  # fmt: skip


def test_amounts_of_two_currencies_are_never_added():
    told = figures(
        book("USD", collected=700, last_payment=LastPayment(date(2026, 3, 1), 500)),
        book("EUR", last_payment=LastPayment(date(2026, 3, 5), 400)),
    )
    assert told["Not_Due__c"] is told["Bucket_31_60__c"] is told["DSO_Ratio__c"] is told["DSO_Count_Back__c"] is None
    assert told["Collected__c"] == 7  # there is none in the other currency
    assert (told["Open_Invoices__c"], told["Overdue_Invoices__c"]) == (6, 4)
    assert (told["Last_Payment_On__c"], told["Last_Payment_Amount__c"]) == (date(2026, 3, 5), Decimal("5.00"))


def test_two_payments_of_one_day_in_two_currencies_have_no_one_amount():
    on = date(2026, 3, 1)
    told = figures(book("USD", last_payment=LastPayment(on, 1)), book("EUR", last_payment=LastPayment(on, 2)))
    assert (told["Last_Payment_On__c"], told["Last_Payment_Amount__c"]) == (on, None)


def test_an_account_without_anything_owes_nothing():
    told = figures()
    assert told["Not_Due__c"] == told["Collected__c"] == told["Open_Invoices__c"] == told["Days_Past_Due__c"] == 0
    assert told["Oldest_Due_On__c"] is told["Last_Contact_By__c"] is told["Last_Payment_Amount__c"] is None


def test_what_is_due_today_is_not_past_due():
    assert figures(book("USD"), today=date(2026, 2, 1))["Days_Past_Due__c"] == 0
