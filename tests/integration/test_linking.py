"""Who is who: which Salesforce account a billing customer belongs to, and what happens when that changes."""

import pytest

from sync.core.linking import account_id
from sync.db import matching
from sync.pipeline.link import LinkError, link_waiting
from tests.integration.place import FIELD
from tests.integration.world import World


def customer_row(world: World, customer: str):
    return world.one("SELECT * FROM customer WHERE key = :key", key=f"main:{customer}")


# --- finding the account ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [15, 18])
def test_an_account_id_in_the_metadata_links_in_either_length(world, length):
    account = world.account()
    customer = world.customer(metadata={"salesforce_account_id": f" {account[:length]} "})
    world.accounts[customer] = account
    world.invoice(customer)
    world.settle()
    assert world.linked(customer) == (account, "metadata")
    world.check()


@pytest.mark.parametrize("named", ["Acme Inc", "003000000000001AAA", "001xyz", "0010000000000010000"])
def test_metadata_that_names_no_account_links_nothing_and_says_why(world, named):
    customer = world.customer(metadata={"salesforce_account_id": named})
    world.invoice(customer)
    world.settle()
    row = customer_row(world, customer)
    assert row.account is None
    assert row.link_problem == f"metadata salesforce_account_id is not an account id: {named!r}"
    assert world.status.unlinked == 1
    assert world.summaries() == {}


def test_metadata_put_right_later_links_with_the_whole_history(world):
    account = world.account()
    customer = world.customer(metadata={"salesforce_account_id": "oops"})
    invoice = world.invoice(customer)
    world.act("pay_invoice", invoice=invoice)
    world.settle()
    world.act("update_customer", customer=customer, metadata={"salesforce_account_id": account})
    world.accounts[customer] = account
    world.settle()
    world.check()
    assert customer_row(world, customer).link_problem is None
    assert len(world.admin.query("SELECT Id FROM AR_Payment__c")) == 1


@pytest.mark.parametrize("prefixed", [False, True], ids=["id", "connection:id"])
def test_exactly_one_account_whose_field_names_the_customer_is_its_account(world, prefixed):
    customer = world.customer()
    account = world.account(**{FIELD: f"main:{customer}" if prefixed else customer})
    world.accounts[customer] = account
    world.invoice(customer)
    world.drain()
    assert world.link() == 1
    world.settle()
    assert world.linked(customer) == (account, "field")
    world.check()


def test_two_accounts_that_name_the_customer_leave_it_open_with_the_reason(world):
    customer = world.customer()
    first, second = (world.account(name, **{FIELD: customer}) for name in ("Acme", "Acme EMEA"))
    world.invoice(customer)
    world.drain()
    world.link()
    world.settle()
    row = customer_row(world, customer)
    assert row.account is None
    assert row.link_problem == f"2 accounts hold it in {FIELD}: {', '.join(sorted((first, second)))}"
    world.admin.update("Account", [{"Id": second, FIELD: None}])
    world.link()
    world.accounts[customer] = first
    world.settle()
    world.check()


def test_equal_names_and_domains_are_suggested_and_never_applied(world):
    by_name = world.account("ACME")
    by_domain = world.account("Another Name", Website="https://www.acme.example/about")
    world.account("Acme Holdings", Website="https://acme-holdings.example")
    customer = world.customer(name="Acme", email="ap@acme.example")
    free = world.customer(name="Somebody", email="somebody@gmail.com")
    world.drain()
    assert world.link() == 2
    with world.engine.connect() as conn:
        _, waiting = matching.page(conn, matching.Wanted(), world.today, offset=0, limit=10)
    hints = {row.key: {hint.account: hint.words(row.domain) for hint in row.hints} for row in waiting}
    assert hints[f"main:{customer}"] == {by_name: ["same name"], by_domain: ["same domain acme.example"]}
    assert hints[f"main:{free}"] == {}
    assert world.status.unlinked == 2
    world.decide(customer, by_name)
    assert world.rows("SELECT * FROM suggestion") == []


def test_customers_are_not_looked_up_again_all_the_time(world):
    world.customer()
    world.drain()
    assert world.link() == 1
    world.calls()
    assert link_waiting(world.engine, world.run.require_org(), FIELD, 300.0) == 0
    assert world.calls() == {}


# --- a person's decision ---------------------------------------------------------------------------------------------


def test_a_persons_decision_outranks_metadata_and_field(world):
    by_metadata, by_person = world.account("Acme"), world.account("Acme EMEA")
    customer = world.customer(by_metadata)
    world.invoice(customer)
    world.settle()
    world.decide(customer, by_person[:15])
    world.act("update_customer", customer=customer, name="Acme Inc")
    world.admin.update("Account", [{"Id": by_metadata, FIELD: customer}])
    world.drain()
    world.link()
    world.settle()
    assert world.linked(customer) == (by_person, "person")
    world.check()


def test_an_unlinking_by_a_person_is_a_decision_too(world):
    account = world.account(**{FIELD: "?"})
    customer = world.customer(account)
    invoice = world.invoice(customer)
    world.act("pay_invoice", invoice=invoice, amount=1_000)
    world.settle()
    world.decide(customer, None)
    world.admin.update("Account", [{"Id": account, FIELD: customer}])
    world.act("update_customer", customer=customer, name="Acme Inc")
    world.act("update_customer", customer=customer, metadata={"salesforce_account_id": "nonsense"})
    world.drain()
    world.link()
    world.act("update_customer", customer=customer, metadata={"salesforce_account_id": account})
    world.settle()
    assert world.linked(customer)[0] is None
    assert world.status.unlinked == 1


def test_unlinking_lets_go_of_every_record_and_empties_the_accounts_figures(world):
    account = world.account()
    customer = world.customer(account)
    invoice = world.invoice(customer)
    world.act("pay_invoice", invoice=invoice, amount=1_000)
    world.act("refund", charge=world.objects("charge")[0]["id"], amount=100)
    world.settle()
    assert world.shown_invoice(invoice)["Account__c"] == account
    world.decide(customer, None)
    world.settle()
    assert world.shown_invoice(invoice)["Account__c"] is None
    payments = world.admin.query("SELECT Account__c FROM AR_Payment__c")
    assert [row["Account__c"] for row in payments] == [None, None]
    world.check_summaries()
    [row] = world.admin.query(f"SELECT AR_Status__c, AR_Outstanding__c FROM Account WHERE Id = '{account}'")
    assert (row["AR_Status__c"], row["AR_Outstanding__c"]) == ("Clear", 0)
    world.decide(customer, account)
    world.settle()
    world.check()


@pytest.mark.parametrize(
    ("account", "told"),
    [
        ("Acme", "is not an account id: it has 15 or 18 characters and begins with 001"),
        ("001000000000000", "does not exist in Salesforce"),
    ],
)
def test_a_link_that_cannot_be_made_is_refused_in_words(world, account, told):
    customer = world.customer()
    world.drain()
    with pytest.raises(LinkError, match=told):
        world.decide(customer, account)
    with pytest.raises(LinkError, match="dueline link --list"):
        world.decide("cus_nobody", world.account())


def test_a_link_to_an_account_that_was_merged_away_names_the_one_that_took_it_over(world):
    loser, master = world.account("Acme Old"), world.account("Acme")
    customer = world.customer()
    world.drain()
    world.merge(master, loser)
    with pytest.raises(LinkError, match=f"it was merged into {master}"):
        world.decide(customer, loser)


# --- what a link carries ---------------------------------------------------------------------------------------------


def test_several_customers_of_one_account_are_one_summary(world):
    account = world.account()
    for amount in (10_000, 20_000):
        world.invoice(world.customer(account), amount)
    world.settle()
    world.check()
    assert world.summary(account)["Outstanding__c"] == 300


def test_a_new_link_moves_the_history_and_the_figures_of_both_accounts(world):
    old, new = world.account("Old"), world.account("New")
    moving, staying = world.customer(old), world.customer(old)
    first = world.invoice(moving, 10_000, due_in_days=-5)
    world.invoice(staying, 500)
    paid = world.invoice(moving, 7_000)
    world.act("pay_invoice", invoice=paid)
    world.act("refund", charge=world.objects("charge")[0]["id"], amount=2_000)
    world.settle()
    world.check()
    world.decide(moving, new)
    world.settle()
    world.check()
    assert world.shown_invoice(first)["Account__c"] == new
    assert {row["Account__c"] for row in world.admin.query("SELECT Account__c FROM AR_Payment__c")} == {new}
    rows = world.admin.query("SELECT Id, AR_Status__c, AR_Overdue__c FROM Account")
    assert {row["Id"]: (row["AR_Status__c"], row["AR_Overdue__c"]) for row in rows} == {
        old: ("Current", False),
        new: ("Overdue 1-30", True),
    }


def test_a_payment_taken_in_while_its_customer_is_moved_ends_at_the_new_account(world):
    old, new = world.account("Old"), world.account("New")
    customer = world.customer(old)
    invoice = world.invoice(customer)
    world.settle()
    world.act("pay_invoice", invoice=invoice)
    world.decide(customer, new)
    world.settle()
    world.check()


def test_metadata_that_names_another_account_moves_the_customer(world):
    old, new = world.account("Old"), world.account("New")
    customer = world.customer(old)
    world.invoice(customer)
    world.settle()
    world.act("update_customer", customer=customer, metadata={"salesforce_account_id": new[:15]})
    world.accounts[customer] = new
    world.settle()
    world.check()
    assert account_id(new[:15]) == new
