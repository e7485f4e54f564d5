"""Money in the org: native where it knows many currencies, converted and said so where it knows one, always exact."""

from decimal import Decimal

import pytest

from tests.integration.world import World

SINGLE = {"multi_currency": False}


def plain_account(world: World, name: str = "Acme") -> str:
    [made] = world.admin.create("Account", [{"Name": name}])
    return made


def test_currencies_without_and_with_three_digits_are_exact(world):
    """JPY has no minor unit, KWD a thousandth; Stripe's amounts of the latter end in 0."""
    account = world.account()
    customer = world.customer(account)
    made = {
        currency: world.invoice(customer, amount, currency=currency)
        for currency, amount in {"jpy": 9_999_999, "vnd": 1_250_000, "kwd": 1_234_560, "eur": 1, "usd": 99}.items()
    }
    world.act("pay_invoice", invoice=made["kwd"], amount=234_560)
    world.act("pay_invoice", invoice=made["jpy"], amount=1)
    world.settle()
    world.check()
    assert world.shown_invoice(made["jpy"])["Balance__c"] == 9_999_998
    assert world.shown_invoice(made["kwd"])["Balance__c"] == Decimal("1000.00")
    assert world.summary(account, "KWD")["Collected__c"] == Decimal("234.56")
    assert world.ledger(made["kwd"]).balance == 1_000_000
    assert {slot[1] for slot in world.summaries()} == {"JPY", "VND", "KWD", "EUR", "USD"}


def test_amounts_of_two_currencies_are_never_added(world):
    account = world.account()
    customer = world.customer(account)
    world.invoice(customer, 10_000)
    fields = f"SELECT AR_Outstanding__c, AR_Overdue__c FROM Account WHERE Id = '{account}'"
    world.settle()
    assert world.admin.query(fields)[0]["AR_Outstanding__c"] == 100
    euros = world.invoice(customer, 9_200, currency="eur", due_in_days=-2)
    world.settle()
    [row] = world.admin.query(fields)
    assert (row["AR_Outstanding__c"], row["AR_Overdue__c"]) == (None, True)
    world.act("pay_invoice", invoice=euros)
    world.settle()
    assert world.admin.query(fields)[0]["AR_Outstanding__c"] == 100
    world.check()


def test_an_account_in_another_currency_shows_its_amount_converted_by_the_orgs_rate(world):
    account = world.account(CurrencyIsoCode="EUR")
    world.invoice(world.customer(account), 10_000)
    world.settle()
    [row] = world.admin.query(f"SELECT AR_Outstanding__c FROM Account WHERE Id = '{account}'")
    assert row["AR_Outstanding__c"] == Decimal("92.00")
    world.check()


@pytest.mark.parametrize("org_options", [SINGLE], ids=["one currency"])
@pytest.mark.parametrize("settings", [{"DUELINE_EXCHANGE_RATES": '{"EUR": "0.92", "JPY": "151.4"}'}], ids=["rates"])
def test_an_org_of_one_currency_shows_converted_amounts_beside_the_original_ones(world):
    account = plain_account(world)
    customer = world.customer(account)
    usd, eur, jpy = (world.invoice(customer, 10_000, currency=name) for name in ("usd", "eur", "jpy"))
    world.settle()
    assert world.status.problems == []
    names = ("Balance__c", "Currency__c", "Original_Amount__c")
    shown = [tuple(world.shown_invoice(invoice, *names)[name] for name in names) for invoice in (usd, eur, jpy)]
    assert shown == [
        (100, "USD", None),
        (Decimal("108.70"), "USD", "Amount EUR 100.00"),
        (Decimal("66.05"), "USD", "Amount JPY 10,000"),
    ]
    assert world.summary(account, "EUR")["Outstanding__c"] == Decimal("108.70")
    rows = world.admin.query("SELECT Key__c, Currency__c, Original_Amounts__c FROM AR_Summary__c")
    told = {row["Key__c"].split(":")[1]: (row["Currency__c"], row["Original_Amounts__c"]) for row in rows}
    assert told == {
        "USD": ("USD", None),
        "EUR": ("USD", "Outstanding EUR 100.00"),
        "JPY": ("USD", "Outstanding JPY 10,000"),
    }


@pytest.mark.parametrize("org_options", [SINGLE], ids=["one currency"])
def test_a_missing_rate_parks_what_needs_it_and_nothing_else_until_it_is_given(world):
    account = plain_account(world)
    customer = world.customer(account)
    usd, gbp = world.invoice(customer), world.invoice(customer, currency="gbp")
    world.settle()
    rows = world.rows("SELECT kind, key, parked, reason, fix FROM record WHERE parked IS NOT NULL ORDER BY kind")
    assert [(row.kind, row.key) for row in rows] == [("invoice", f"main:{gbp}"), ("summary", f"{account}:GBP")]
    assert {row.parked for row in rows} == {"EXCHANGE_RATE_MISSING"}
    assert {row.reason for row in rows} == {"no exchange rate from GBP to USD"}
    assert all("DUELINE_EXCHANGE_RATES" in row.fix for row in rows)
    assert world.shown_invoice(usd)["Balance__c"] == 100
    assert world.shown_invoice(gbp) is None
    world.run.require_org()._rates = {"GBP": Decimal("0.8")}
    world.hurry()
    world.settle()
    assert world.shown_invoice(gbp)["Balance__c"] == 125
    assert world.status.parked == 0


@pytest.mark.parametrize("org_options", [SINGLE], ids=["one currency"])
@pytest.mark.parametrize("settings", [{"DUELINE_ORG_CURRENCY": "EUR"}], ids=["home EUR"])
def test_the_only_currency_of_an_org_need_not_be_dollars(world):
    invoice = world.invoice(world.customer(plain_account(world)), 4_200, currency="eur")
    world.settle()
    assert world.shown_invoice(invoice)["Balance__c"] == 42
    assert world.status.problems == []
