"""What is written to Salesforce: the right figure in each field, and in every field a value that it can hold."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sync.core.aging import Bucket
from sync.core.currency import MissingRateError, OrgMoney
from sync.core.heartbeat import Pulse, project_pulse
from sync.core.ledger import derive_invoice, derive_payment
from sync.core.projection import (
    Flags,
    fingerprint,
    project_account,
    project_invoice,
    project_payment,
    project_refund,
    project_summary,
)
from sync.core.summary import Book, DaySums, LastPayment, OpenLine, summarise
from tests.unit.core import made
from tests.unit.core.made import UTC_DAYS, noon
from tests.unit.metadata.ownership import people_write
from tests.unit.metadata.project import Project, flag, text, texts

TODAY, AS_OF = date(2026, 3, 15), datetime(2026, 3, 15, 9, 30, tzinfo=UTC)
ACCOUNT = "0018M000003uKqqQAE"
MANY = OrgMoney("USD", multi=True, rates={"EUR": Decimal("0.8"), "JPY": Decimal(150)})
ONE = OrgMoney("USD", multi=False, rates={"EUR": Decimal("0.8"), "JPY": Decimal(150)})
STANDARD = {"Name": 80, "CurrencyIsoCode": 3, "Id": 18}
# Figures of commitments, disputes and contacts come from what people do in Salesforce, not from the ledger.
NOT_OF_THE_LEDGER = {
    "AR_Summary__c": {
        "Disputed__c",
        "Promised__c",
        "Next_Commitment_On__c",
        "Last_Contact_On__c",
        "Last_Contact_By__c",
    },
    "AR_Invoice__c": {"Disputed__c", "Promised_On__c", "On_Hold__c"},
    "AR_Payment__c": set(),
}


def summary(currency="USD", lines=(), **given):
    book = Book(account=ACCOUNT, currency=currency, lines=lines, **given)
    return summarise(book, TODAY)


FULL = summary(
    lines=[OpenLine(date(2026, 3, 1), 10_000, 2), OpenLine(date(2025, 1, 1), 999_999_999_999, 1)],
    days=[DaySums(date(2026, 3, 2), invoiced=5_000, collected=700, late_amount=700, late_weight=7_000)],
    collected=123_456,
    written_off=10,
    credit=20,
    last_payment=LastPayment(date(2026, 3, 2), 700),
)
INVOICE, _ = derive_invoice(
    made.invoice(
        "acme:in_1",
        number="N" * 100,
        tax=1_900,
        paid=2_500,
        credited=500,
        due_at=noon(date(2026, 2, 4)),
        pay_url="https://pay.test/1",
        pdf_url="https://pay.test/1.pdf",
    ),
    (),
    UTC_DAYS,
    TODAY,
)
PAYMENT = derive_payment("acme:pi_1", [made.charge(method="card")], [made.refund()], [], ["c:cus_1"])


def written(money=MANY):
    """One row of each kind, with everything filled in."""
    on = date(2026, 1, 20)
    numbers = [f"A-{n:04}" for n in range(60)]
    return [
        ("AR_Summary__c", project_summary(FULL, "A" * 200, money, AS_OF)),
        ("Account", project_account(ACCOUNT, [FULL], "EUR", money, TODAY, AS_OF, Flags(True, True, TODAY))),
        ("AR_Sync__c", project_pulse(Pulse(AS_OF, 10**9))),
        ("AR_Invoice__c", project_invoice(INVOICE, ACCOUNT, "Stripe", money, AS_OF)),
        ("AR_Payment__c", project_payment(PAYMENT, numbers, None, ACCOUNT, "Stripe", money, on, AS_OF)),
        ("AR_Payment__c", project_payment(PAYMENT, ["A-1"], "acme:in_1", ACCOUNT, "Stripe", money, on, AS_OF)),
        ("AR_Payment__c", project_refund(made.refund(), ACCOUNT, "Stripe", money, on, AS_OF)),
    ]


def plain(row):
    """Field names and values; a relation by key counts for its lookup field."""
    return {name.replace("__r", "__c"): value for name, value in row.items()}


def test_every_field_written_is_one_that_we_may_write():
    objects = Project.load().objects
    for sobject, row in written() + written(ONE):
        for name in plain(row).keys() - STANDARD.keys():
            node = objects[sobject].find(name)
            assert node is not None, f"{sobject}.{name} does not exist"
            assert not text(node, "formula"), f"{sobject}.{name} is computed by Salesforce"
            assert not people_write(sobject, name), f"{sobject}.{name} belongs to people"


def fits(node, value):
    """Whether a field of this definition can hold the value; a relation is `{key field: key}`."""
    kind = text(node, "type")
    if isinstance(value, dict):
        return kind == "Lookup" and value.keys() == {"Key__c"}
    match kind:
        case "Text" | "LongTextArea":
            return isinstance(value, str) and len(value) <= int(text(node, "length"))
        case "Picklist":
            return value in texts(node, "valueSet/valueSetDefinition/value/fullName")
        case "Currency" | "Number":
            scale, precision = int(text(node, "scale")), int(text(node, "precision"))
            exact = Decimal(value)
            return exact == round(exact, scale) and abs(exact) < Decimal(10) ** (precision - scale)
        case "Date":
            return type(value) is date
        case "DateTime":
            return isinstance(value, datetime) and value.tzinfo is not None
        case "Checkbox":
            return isinstance(value, bool)
        case "Lookup":
            return isinstance(value, str) and len(value) == 18
    return False


def test_every_value_written_fits_its_field():
    objects = Project.load().objects
    for sobject, row in written() + written(ONE):
        for name, value in plain(row).items():
            if name in STANDARD:
                assert isinstance(value, str)
                assert len(value) <= STANDARD[name]
            elif value is not None:
                assert fits(objects[sobject].find(name), value), f"{sobject}.{name} cannot hold {value!r}"


def test_key_fields_identify_their_rows():
    for sobject in ("AR_Summary__c", "AR_Invoice__c", "AR_Payment__c"):
        key = Project.load().objects[sobject].find("Key__c")
        assert flag(key, "externalId")
        assert flag(key, "unique")
    assert all(row["Key__c"] for sobject, row in written() if sobject != "Account")


@pytest.mark.parametrize("sobject", NOT_OF_THE_LEDGER)
def test_every_figure_of_the_ledger_is_written(sobject):
    fields = {
        name
        for name, part in Project.load().objects[sobject].fields.items()
        if not text(part.root, "formula") and not people_write(sobject, name)
    }
    rows = [plain(row) for kind, row in written() if kind == sobject]
    assert fields - NOT_OF_THE_LEDGER[sobject] <= set().union(*rows)


def test_the_parts_of_the_count_back_are_those_of_its_formula():
    formula = text(Project.load().objects["AR_Summary__c"].find("DSO_Count_Back__c"), "formula")
    row = project_summary(FULL, "Acme", MANY, AS_OF)
    by_hand = row["DSO_Earlier_Days__c"] + row["DSO_Current_Month_Share__c"] * TODAY.day
    assert formula.endswith("DSO_Earlier_Days__c + DSO_Current_Month_Share__c * DAY(TODAY()))")
    assert round(by_hand, 1) == FULL.dso_count_back(TODAY)


def test_a_summary_in_a_multi_currency_org():
    row = project_summary(FULL, "Acme", MANY, AS_OF)
    assert (row["Key__c"], row["Name"], row["Account__c"]) == (f"{ACCOUNT}:USD", "Acme · USD", ACCOUNT)
    assert (row["Currency__c"], row["CurrencyIsoCode"], row["Original_Amounts__c"]) == ("USD", "USD", None)
    assert row["Outstanding__c"] == Decimal("10000000099.99")
    assert (row["Bucket_1_30__c"], row["Bucket_Over_90__c"]) == (Decimal(100), Decimal("9999999999.99"))
    assert sum(row[name] for name in row if name.startswith("Bucket_")) + row["Not_Due__c"] == row["Outstanding__c"]
    assert (row["Collected__c"], row["Written_Off__c"], row["Unapplied_Credit__c"]) == (
        Decimal("1234.56"),
        Decimal("0.10"),
        Decimal("0.20"),
    )
    assert (row["Last_Payment_On__c"], row["Last_Payment_Amount__c"]) == (date(2026, 3, 2), Decimal(7))
    assert (row["Open_Invoices__c"], row["Overdue_Invoices__c"], row["Average_Days_Late__c"]) == (3, 3, Decimal(10))


def test_an_org_of_one_currency_says_what_its_amounts_are_in_and_what_they_were():
    euros = summary("EUR", [OpenLine(TODAY, 1_000, 1)])
    row = project_summary(euros, "Acme", ONE, AS_OF)
    assert (row["Outstanding__c"], row["Currency__c"]) == (Decimal("12.50"), "USD")
    assert row["Original_Amounts__c"] == "Outstanding EUR 10.00"
    assert (row["Key__c"], row["Name"]) == (f"{ACCOUNT}:EUR", "Acme · EUR")
    assert "CurrencyIsoCode" not in row
    invoice = project_invoice(replace(INVOICE, currency="JPY"), ACCOUNT, "Stripe", ONE, AS_OF)
    assert (invoice["Amount__c"], invoice["Currency__c"]) == (Decimal("66.67"), "USD")
    assert invoice["Original_Amount__c"] == "Amount JPY 10,000"


def test_without_a_rate_a_row_cannot_be_shown():
    with pytest.raises(MissingRateError):
        project_summary(summary("GBP"), "Acme", ONE, AS_OF)


def test_an_invoice():
    row = project_invoice(INVOICE, ACCOUNT, "Stripe", MANY, AS_OF)
    assert (row["Amount__c"], row["Paid__c"], row["Balance__c"]) == (Decimal(100), Decimal(25), Decimal(70))
    assert (row["Credited__c"], row["Tax__c"], row["Status__c"]) == (Decimal(5), Decimal(19), "Open")
    assert (row["Issued_On__c"], row["Due_On__c"], row["Paid_On__c"]) == (date(2026, 1, 5), date(2026, 2, 4), None)
    assert (row["Billing_System__c"], row["Billing_Customer__c"]) == ("Stripe", "cus_1")
    assert (row["Name"], row["Number__c"]) == ("N" * 80, "N" * 100)
    unnamed = project_invoice(replace(INVOICE, number=None), None, "Stripe", MANY, AS_OF)
    assert (unnamed["Name"], unnamed["Number__c"], unnamed["Account__c"]) == ("in_1", "in_1", None)


def test_a_payment_and_a_refund():
    row = project_payment(PAYMENT, ["A-1", "A-2"], None, ACCOUNT, "Stripe", MANY, date(2026, 1, 20), AS_OF)
    assert (row["Kind__c"], row["Status__c"], row["Method__c"]) == ("Payment", "Succeeded", "card")
    assert (row["Amount__c"], row["Refunded__c"], row["Charged_Back__c"]) == (Decimal(100), Decimal(10), Decimal(0))
    assert (row["Invoices__c"], row["Paid_On__c"]) == ("A-1, A-2", date(2026, 1, 20))
    back = project_refund(made.refund(status="requires_action"), ACCOUNT, "Stripe", MANY, date(2026, 2, 1), AS_OF)
    assert (back["Kind__c"], back["Status__c"], back["Amount__c"]) == ("Refund", "Pending", Decimal(10))


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (None, "Clear"),
        (0, "Current"),
        (1, "Overdue 1-30"),
        (31, "Overdue 31-60"),
        (61, "Overdue 61-90"),
        (91, "Overdue Over 90"),
    ],
)
def test_the_status_of_an_account_is_that_of_its_oldest_invoice(late, expected):
    lines = [OpenLine(date.fromordinal(TODAY.toordinal() - late), 500, 1)] if late is not None else []
    row = project_account(ACCOUNT, [summary(lines=lines), summary("EUR")], "USD", MANY, TODAY, AS_OF)
    assert (row["AR_Status__c"], row["AR_Overdue__c"]) == (expected, bool(late))
    assert row["AR_Outstanding__c"] == (Decimal(5) if lines else 0)
    assert row["AR_Overdue_Amount__c"] == (Decimal(5) if late else 0)


@pytest.mark.parametrize(
    ("notice_on", "due_on", "shown"),
    [
        (None, date(2026, 1, 1), None),  # nobody wrote one
        (date(2026, 3, 1), None, None),  # everything is paid
        (date(2026, 3, 1), date(2026, 2, 28), date(2026, 3, 1)),
        (date(2026, 3, 1), date(2026, 3, 1), None),  # due on that very day: not overdue yet
        (date(2026, 3, 1), date(2026, 3, 5), None),  # what was overdue then is paid, something newer is overdue
        (TODAY, date(2026, 3, 14), TODAY),
        (date(2026, 3, 20), date(2026, 3, 18), None),  # written ahead of its day, and nothing is overdue yet
    ],
)
def test_a_final_notice_stands_while_anything_that_was_overdue_then_still_is(notice_on, due_on, shown):
    newer = [OpenLine(TODAY, 500, 1)]
    lines = [OpenLine(due_on, 500, 1), *newer] if due_on else newer
    flags = Flags(last_notice_on=notice_on)
    row = project_account(ACCOUNT, [summary("EUR"), summary(lines=lines)], "USD", MANY, TODAY, AS_OF, flags)
    assert row["AR_Final_Notice_On__c"] == shown


def test_what_is_contested_or_held_flags_the_account():
    for flags in (Flags(), Flags(disputed=True), Flags(on_hold=True)):
        row = project_account(ACCOUNT, [FULL], "USD", MANY, TODAY, AS_OF, flags)
        assert (row["AR_Disputed__c"], row["AR_On_Hold__c"]) == (flags.disputed, flags.on_hold)


def test_the_worst_of_several_currencies_speaks_for_the_account_but_amounts_are_never_added():
    dollars, euros = summary(lines=[OpenLine(TODAY, 500, 1)]), summary("EUR", [OpenLine(date(2025, 1, 1), 5, 1)])
    row = project_account(ACCOUNT, [dollars, euros], "USD", MANY, TODAY, AS_OF)
    assert (row["AR_Status__c"], row["AR_Overdue__c"]) == (f"Overdue {Bucket.OVER_90}", True)
    assert (row["AR_Outstanding__c"], row["AR_Overdue_Amount__c"]) == (None, None)


def test_an_accounts_amounts_are_in_the_accounts_currency():
    euros = summary("EUR", [OpenLine(TODAY, 1_000, 1)])
    assert project_account(ACCOUNT, [euros], "USD", MANY, TODAY, AS_OF)["AR_Outstanding__c"] == Decimal("12.50")
    assert project_account(ACCOUNT, [euros], "EUR", MANY, TODAY, AS_OF)["AR_Outstanding__c"] == Decimal("10.00")
    assert project_account(ACCOUNT, [euros], "GBP", MANY, TODAY, AS_OF)["AR_Outstanding__c"] is None  # no rate given


def test_a_row_that_says_the_same_has_the_same_fingerprint():
    later = datetime(2026, 3, 15, 10, 0, tzinfo=UTC)
    assert fingerprint(project_summary(FULL, "Acme", MANY, AS_OF)) == fingerprint(
        project_summary(FULL, "Acme", MANY, later)
    )
    changed = replace(FULL, written_off=11)
    assert fingerprint(project_summary(changed, "Acme", MANY, AS_OF)) != fingerprint(
        project_summary(FULL, "Acme", MANY, AS_OF)
    )
    account = project_account(ACCOUNT, [FULL], "USD", MANY, TODAY, AS_OF)
    assert fingerprint(account) == fingerprint(account | {"AR_As_Of__c": later})
