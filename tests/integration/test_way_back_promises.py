"""Every rule of commitments through the database: written in Salesforce, judged here, and read there again."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.place import CONNECTION
from tests.integration.selling import (
    bill,
    billed,
    contest,
    day,
    edit,
    held,
    next_day,
    promise,
    remove,
    shown,
    standing,
    told,
)
from tests.integration.world import World


@dataclass
class Case:
    """An account with two invoices of 100 and what somebody promised about the first, unless it says otherwise."""

    account: str
    customer: str
    invoices: list[str]
    made: str = ""

    def number(self, world: World, which: int) -> str:
        return world.ledger(self.invoices[which]).number


def cases(world: World, count: int) -> list[Case]:
    """So many accounts, whose invoices stand in Salesforce."""
    made = []
    for number in range(count):
        account = world.account(name=f"Account {number}")
        customer = world.customer(account)
        made.append(Case(account, customer, [bill(world, customer, 10_000, due_in_days=n) for n in (20, 25)]))
    world.come_to_rest()
    return made


def pay(world: World, invoice: str, amount: int | None = None) -> None:
    world.act("pay_invoice", invoice=invoice, amount=amount, method="bank")


def read(world: World, commitment: str) -> tuple[str, Decimal, str | None]:
    return shown(world, "AR_Commitment__c", commitment, "Status__c", "Kept_Amount__c", "Kept_On__c")


def problem(world: World, record: str, kind: str = "AR_Commitment__c") -> str:
    return shown(world, kind, record, "Problem__c")[0] or ""


def test_when_the_money_comes_decides(world: World):
    before, same_day, in_time, last_day, too_late, partly, none, more, together, credited = cases(world, 10)
    pay(world, before.invoices[0], 4_000)  # a day before it is promised: that money was not promised
    next_day(world, 1)
    pay(world, same_day.invoices[0], 6_000)
    world.come_to_rest()
    all_of = [before, same_day, in_time, last_day, too_late, partly, none, more, together, credited]
    for case in all_of:
        case.made = promise(world, case.account, case.invoices[0], by=3, Amount__c=60)
    both = promise(world, more.account, more.invoices[0], by=2, Amount__c=30)
    edit(world, "AR_Commitment__c", together.made, Invoices__c=together.number(world, 1), Amount__c=150)
    world.come_to_rest()
    next_day(world, 2)
    pay(world, in_time.invoices[0], 6_000)
    pay(world, partly.invoices[0], 2_500)
    pay(world, more.invoices[0], 7_000)  # the earlier promise takes 30, the later what is left
    world.act("pay_together", invoices=together.invoices, amount=16_000)
    world.act("credit_note", invoice=credited.invoices[0], amount=10_000)
    next_day(world, 3)
    pay(world, last_day.invoices[0], 6_000)
    world.come_to_rest()
    assert read(world, none.made) == ("Open", 0, None)
    next_day(world, 4)
    pay(world, too_late.invoices[0])
    world.come_to_rest()
    assert {
        name: read(world, case.made)
        for name, case in {
            "before": before, "same day": same_day, "in time": in_time, "last day": last_day, "too late": too_late,
            "partly": partly, "none": none, "more": more, "together": together, "credited": credited,
        }.items()
    } == {
        "before": ("Broken", 0, None),
        "same day": ("Kept", 60, day(1).isoformat()),
        "in time": ("Kept", 60, day(2).isoformat()),
        "last day": ("Kept", 60, day(3).isoformat()),
        "too late": ("Broken", 0, None),
        "partly": ("Partly Kept", 25, None),
        "none": ("Broken", 0, None),
        "more": ("Partly Kept", 40, None),
        "together": ("Kept", 150, day(2).isoformat()),
        "credited": ("Kept", 0, day(2).isoformat()),
    }  # fmt: skip
    assert read(world, both) == ("Kept", 30, day(2).isoformat())
    assert not any(held(world, invoice)[1] for case in all_of for invoice in case.invoices)
    for case in all_of:
        assert len([entry for entry in told(world, case.account, "Commitment") if "settled" not in entry]) >= 1
    world.check()


def test_what_is_changed_makes_another_promise(world: World):
    later, less, other, cancelled, back, gone, again, moved = cases(world, 8)
    for case in (later, less, other, cancelled, back, gone, again, moved):
        case.made = promise(world, case.account, case.invoices[0], by=2, Amount__c=60)
    world.come_to_rest()
    pay(world, less.invoices[0], 2_000)
    pay(world, other.invoices[1], 6_000)
    next_day(world, 3)
    world.come_to_rest()
    assert [read(world, case.made)[0] for case in (later, less, other, back)] == [
        "Broken", "Partly Kept", "Broken", "Broken",
    ]  # fmt: skip
    edit(world, "AR_Commitment__c", later.made, Promised_On__c=day(9).isoformat())
    edit(world, "AR_Commitment__c", less.made, Amount__c=20)
    edit(world, "AR_Commitment__c", other.made, Invoice__r={"Key__c": f"{CONNECTION}:{other.invoices[1]}"})
    edit(world, "AR_Commitment__c", cancelled.made, Cancelled__c=True)
    edit(world, "AR_Commitment__c", back.made, Cancelled__c=True)
    remove(world, "AR_Commitment__c", gone.made)
    edit(world, "AR_Commitment__c", again.made, Promised_On__c=day(9).isoformat())
    world.come_to_rest()
    edit(world, "AR_Commitment__c", back.made, Cancelled__c=False, Promised_On__c=day(8).isoformat())
    edit(world, "AR_Commitment__c", again.made, Promised_On__c=day(2).isoformat())
    world.come_to_rest()
    assert standing(world, later.made) == ("Open", 0, "Held")
    assert standing(world, less.made) == ("Kept", 20, "Released")
    assert read(world, other.made) == ("Kept", 60, day(0).isoformat())
    assert shown(world, "AR_Commitment__c", other.made, "Covers__c") == (other.number(world, 1),)
    assert standing(world, cancelled.made) == ("Cancelled", 0, "Released")
    assert standing(world, back.made) == ("Open", 0, "Held")
    assert standing(world, again.made)[0] == "Broken"
    assert held(world, gone.invoices[0]) == (False, False)
    assert any("cancelled" in entry for entry in told(world, cancelled.account, "Commitment"))
    assert world.rows("SELECT 1 FROM commitment WHERE id = :id", id=gone.made) == []
    world.check()


def test_money_that_goes_back(world: World):
    refunded, lost, won, voided = cases(world, 4)
    for case in (refunded, lost, won, voided):
        case.made = promise(world, case.account, case.invoices[0], by=2, Amount__c=100)
    world.come_to_rest()
    for case in (refunded, lost, won):
        world.act("pay_invoice", invoice=case.invoices[0])
    world.come_to_rest()
    charges = {row["customer"]: row["id"] for row in world.objects("charge")}
    world.act("refund", charge=charges[refunded.customer], amount=10_000)
    for case, outcome in ((lost, "lost"), (won, "won")):
        contested = world.act("dispute_charge", charge=charges[case.customer])
        world.come_to_rest()
        assert read(world, case.made)[0] == "Kept"
        world.act("close_dispute", dispute=contested["id"], outcome=outcome)
    world.act("void_invoice", invoice=voided.invoices[0])
    world.come_to_rest()
    assert [read(world, case.made)[0] for case in (refunded, won, voided)] == ["Kept", "Kept", "Cancelled"]
    assert read(world, lost.made)[1] == 0  # it counts no money any more
    world.check()


def test_what_cannot_be_used_as_written_is_said_and_the_rest_counts(world: World):
    unknown, foreign, unowed, undated, zero, negative, huge, long, by_id = cases(world, 9)
    for invoice in unowed.invoices:
        pay(world, invoice)
    world.come_to_rest()
    words = ", ".join(f"NOT-{n:05}" for n in range(2_700))
    unknown.made = promise(
        world, unknown.account, Invoices__c=f"{unknown.number(world, 1).lower()}\nNOPE;", Amount__c=5
    )
    foreign.made = promise(world, foreign.account, Invoices__c=unknown.number(world, 0), Amount__c=5)
    unowed.made = promise(world, unowed.account, Amount__c=5)
    undated.made = promise(world, undated.account, undated.invoices[0], by=None, Amount__c=100)
    zero.made = promise(world, zero.account, zero.invoices[0], Amount__c=0)
    negative.made = promise(world, negative.account, negative.invoices[0], Amount__c=-7)
    huge.made = promise(world, huge.account, huge.invoices[0], Amount__c=9_999_999_999_999_999)
    long.made = promise(world, long.account, long.invoices[0], Invoices__c=words, Note__c="x" * 4_000)
    by_id.made = promise(world, by_id.account, Invoices__c=f"{by_id.invoices[1]} {CONNECTION}:{by_id.invoices[0]}")
    argued = contest(world, huge.account, huge.invoices[0], Disputed_Amount__c=9_999_999_999_999_999)
    about_nothing = contest(world, zero.account, None, Disputed_Amount__c=-1)
    world.come_to_rest()
    assert "NOPE" in problem(world, unknown.made)
    assert shown(world, "AR_Commitment__c", unknown.made, "Covers__c") == (unknown.number(world, 1),)
    assert unknown.number(world, 0) in problem(world, foreign.made)
    assert not any(held(world, invoice)[1] for invoice in (unknown.invoices[0], *foreign.invoices))
    assert "nothing is owed in USD" in problem(world, unowed.made)
    assert "day" in problem(world, undated.made)
    assert standing(world, undated.made) == ("Open", 0, "Held")
    for case in (zero, negative):
        assert "amount" in problem(world, case.made)
    assert read(world, huge.made)[0] == "Open"
    assert len(problem(world, long.made)) == 255
    assert [held(world, invoice)[1] for invoice in by_id.invoices] == [True, True]
    assert shown(world, "AR_Dispute__c", argued, "Hold_State__c") == ("Held",)
    assert world.shown_invoice(huge.invoices[0], "Disputed__c")["Disputed__c"] == 100
    assert "invoice" in problem(world, about_nothing, "AR_Dispute__c")
    assert world.status.waiting_reviews == 0
    for invoice in by_id.invoices:
        pay(world, invoice)
    pay(world, undated.invoices[0])
    bill(world, unowed.customer, 500)
    world.come_to_rest()
    assert (read(world, by_id.made)[0], problem(world, by_id.made)) == ("Kept", "")
    assert read(world, undated.made)[0] == "Kept"
    assert problem(world, unowed.made) == ""  # what is billed now is what was promised
    world.check()


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_promise_that_is_given_to_another_account_leaves_nothing_behind(world: World, where: str):
    one, two = sorted(cases(world, 2), key=lambda case: case.account, reverse=where == "after")
    made = promise(world, one.account, by=2, Amount__c=60)
    about = contest(world, one.account)
    world.come_to_rest()
    edit(world, "AR_Commitment__c", made, Account__c=two.account)
    edit(world, "AR_Dispute__c", about, Account__c=two.account)
    world.come_to_rest()
    sums = world.admin.query("SELECT Account__c, Promised__c, Next_Commitment_On__c FROM AR_Summary__c")
    assert {row["Account__c"]: (row["Promised__c"], row["Next_Commitment_On__c"]) for row in sums} == {
        one.account: (0, None),
        two.account: (60, day(2).isoformat()),
    }
    assert [held(world, case.invoices[0])[1] for case in (one, two)] == [False, True]
    assert shown(world, "AR_Commitment__c", made, "Covers__c") == (two.number(world, 0),)


def test_a_promise_counts_in_the_currency_of_its_invoice(world: World):
    account = world.account()
    customers = [world.customer(account, name=f"Acme {n}") for n in range(4)]
    euro = bill(world, customers[0], 10_000, currency="eur")
    yen = bill(world, customers[1], 10_000, currency="jpy")
    dinar = bill(world, customers[2], 10_120, currency="kwd")
    dong = bill(world, customers[3], 1_000_000, currency="vnd")
    world.come_to_rest()
    rates = {
        row["IsoCode"]: row["ConversionRate"]
        for row in world.admin.query("SELECT IsoCode, ConversionRate FROM CurrencyType")
    }
    made = {
        "EUR": promise(world, account, euro, Amount__c=50),
        "JPY": promise(world, account, yen, Amount__c=4_000, CurrencyIsoCode="JPY"),
        "KWD": promise(world, account, dinar, Amount__c=10.12, CurrencyIsoCode="KWD"),
        "VND": promise(world, account, dong, Amount__c=9_999_999_999_999_999),
    }
    world.come_to_rest()
    amounts = {row.currency: row.amount for row in world.rows("SELECT currency, amount FROM commitment")}
    assert amounts["EUR"] == round(50 * rates["EUR"] * 100)
    assert amounts["JPY"] == 4_000
    assert amounts["KWD"] == 10_120
    assert "written in USD" in problem(world, made["EUR"])
    assert shown(world, "AR_Commitment__c", made["EUR"], "Currency__c") == ("EUR",)
    world.act("pay_invoice", invoice=euro)
    world.act("pay_invoice", invoice=yen, amount=4_000, method="bank")
    world.act("pay_invoice", invoice=dinar)
    world.come_to_rest()
    assert [read(world, made[name])[0] for name in ("EUR", "JPY", "KWD", "VND")] == ["Kept", "Kept", "Kept", "Open"]
    assert abs(read(world, made["EUR"])[1] - 50) <= Decimal("0.01")
    assert read(world, made["JPY"])[1] == 4_000
    assert read(world, made["KWD"])[1] == Decimal("10.12")
    world.check()


ONE_CURRENCY: dict[str, Any] = {"multi_currency": False}


@pytest.mark.parametrize("org_options", [ONE_CURRENCY])
@pytest.mark.parametrize("settings", [{"DUELINE_EXCHANGE_RATES": '{"EUR": "0.8"}'}])
def test_an_org_of_one_currency_takes_promises_in_it(world: World, org_options, settings):
    [account] = world.admin.create("Account", [{"Name": "Acme"}])
    customer, other = world.customer(account), world.customer(account, name="Acme UK")
    euro = bill(world, customer, 10_000, currency="eur")
    world.come_to_rest()
    pound = bill(world, other, 10_000, currency="gbp")
    world.come_to_rest()
    row = {"Account__c": account, "Promised_On__c": day(3).isoformat(), "Amount__c": 100}
    [in_euro] = world.admin.create("AR_Commitment__c", [{**row, "Invoice__r": {"Key__c": f"{CONNECTION}:{euro}"}}])
    [in_pound] = world.admin.create("AR_Commitment__c", [{**row, "Invoices__c": world.ledger(pound).number}])
    world.come_to_rest()
    amounts = {row.currency: row.amount for row in world.rows("SELECT currency, amount FROM commitment")}
    assert amounts == {"EUR": 8_000, "GBP": None}
    pay(world, euro, 8_000)
    world.come_to_rest()
    assert read(world, in_euro)[:2] == ("Kept", 100)
    assert held(world, pound)[1] is True
    problems = {row["code"]: row["fix"] for row in world.status.problems}
    assert "DUELINE_EXCHANGE_RATES" in problems["EXCHANGE_RATE_MISSING"]
    assert world.status.waiting_reviews == 0
    assert in_pound


@pytest.mark.parametrize("settings", [{"DUELINE_COMMITMENT_GRACE_DAYS": "2", "DUELINE_GRACE_DAYS": "1"}])
def test_days_of_grace(world: World, settings):
    account, invoice = billed(world, due_in_days=20)
    made = promise(world, account, invoice, by=1, Amount__c=100)
    world.come_to_rest()
    for number in (2, 3):
        next_day(world, number)
        world.come_to_rest()
        assert standing(world, made) == ("Open", 0, "Held")
    next_day(world, 4)
    world.come_to_rest()
    assert standing(world, made) == ("Broken", 0, "Released")
    next_day(world, 3)  # somebody moves the clock back
    world.come_to_rest()
    assert standing(world, made) == ("Open", 0, "Held")
