"""Who is who: which Salesforce account a billing customer belongs to, and what happens when that changes."""

from datetime import timedelta

import pytest

from sync.core.linking import account_id
from sync.db import links
from sync.pipeline.link import LinkError, link_by_person
from tests.integration import oracle
from tests.integration.world import FIELD, TODAY, World


def customer_row(world: World, customer: str):
    return world.one("SELECT * FROM customer WHERE key = :key", key=f"main:{customer}")


def linked(world: World, customer: str) -> tuple[str | None, str | None]:
    row = customer_row(world, customer)
    return row.account, row.link_source


def person(world: World, customer: str, account: str | None) -> None:
    link_by_person(world.engine, world.run.org, f"main:{customer}", account)
    if account:
        world.accounts[customer] = account
    else:
        world.accounts.pop(customer, None)


def outstanding(world: World, account: str) -> object:
    row = world.summary(account)
    return row and row["Outstanding__c"]


# --- finding the account ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [15, 18])
def test_an_account_id_in_the_metadata_links_in_either_length(world, length):
    account = world.account()
    customer = world.customer(metadata={"salesforce_account_id": f" {account[:length]} "})
    world.accounts[customer] = account
    world.invoice(customer)
    world.settle()
    assert linked(world, customer) == (account, "metadata")
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
    assert linked(world, customer) == (account, "field")
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
        waiting = {row.key: row for row in links.unlinked(conn, 10)}
    hints = {hint.account: hint.reason for hint in waiting[f"main:{customer}"].suggestions}
    assert hints == {by_name: "same name", by_domain: "same domain, acme.example"}
    assert waiting[f"main:{free}"].suggestions == ()
    assert world.status.unlinked == 2
    person(world, customer, by_name)
    assert world.rows("SELECT * FROM suggestion") == []


def test_customers_are_not_looked_up_again_all_the_time(world):
    world.customer()
    world.drain()
    assert world.link() == 1
    world.calls()
    from sync.pipeline.link import link_waiting

    assert link_waiting(world.engine, world.run.require_org(), FIELD, 300.0) == 0
    assert world.calls() == {}


# --- a person's decision ---------------------------------------------------------------------------------------------


def test_a_persons_decision_outranks_metadata_and_field(world):
    by_metadata, by_person = world.account("Acme"), world.account("Acme EMEA")
    customer = world.customer(by_metadata)
    world.invoice(customer)
    world.settle()
    person(world, customer, by_person[:15])
    world.accounts[customer] = by_person
    world.act("update_customer", customer=customer, name="Acme Inc")
    world.admin.update("Account", [{"Id": by_metadata, FIELD: customer}])
    world.drain()
    world.link()
    world.settle()
    assert linked(world, customer) == (by_person, "person")
    world.check()


def test_an_unlinking_by_a_person_is_a_decision_too(world):
    account = world.account(**{FIELD: "?"})
    customer = world.customer(account)
    invoice = world.invoice(customer)
    world.act("pay_invoice", invoice=invoice, amount=1_000)
    world.settle()
    person(world, customer, None)
    world.admin.update("Account", [{"Id": account, FIELD: customer}])
    world.act("update_customer", customer=customer, name="Acme Inc")
    world.act("update_customer", customer=customer, metadata={"salesforce_account_id": "nonsense"})
    world.drain()
    world.link()
    world.act("update_customer", customer=customer, metadata={"salesforce_account_id": account})
    world.settle()
    assert linked(world, customer)[0] is None
    assert world.status.unlinked == 1


def test_unlinking_lets_go_of_every_record_and_empties_the_accounts_figures(world):
    account = world.account()
    customer = world.customer(account)
    invoice = world.invoice(customer)
    world.act("pay_invoice", invoice=invoice, amount=1_000)
    world.act("refund", charge=world.objects("charge")[0]["id"], amount=100)
    world.settle()
    assert world.shown_invoice(invoice)["Account__c"] == account
    person(world, customer, None)
    world.settle()
    assert world.shown_invoice(invoice)["Account__c"] is None
    payments = world.admin.query("SELECT Account__c FROM AR_Payment__c")
    assert [row["Account__c"] for row in payments] == [None, None]
    world.check_summaries()
    [row] = world.admin.query(f"SELECT AR_Status__c, AR_Outstanding__c FROM Account WHERE Id = '{account}'")
    assert (row["AR_Status__c"], row["AR_Outstanding__c"]) == ("Clear", 0)
    person(world, customer, account)
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
        person(world, customer, account)
    with pytest.raises(LinkError, match="dueline link --list"):
        person(world, "cus_nobody", world.account())


def test_a_link_to_an_account_that_was_merged_away_names_the_one_that_took_it_over(world):
    loser, master = world.account("Acme Old"), world.account("Acme")
    customer = world.customer()
    world.drain()
    world.merge(master, loser)
    with pytest.raises(LinkError, match=f"it was merged into {master}"):
        person(world, customer, loser)


# --- what a link carries ---------------------------------------------------------------------------------------------


def test_several_customers_of_one_account_are_one_summary(world):
    account = world.account()
    for amount in (10_000, 20_000):
        world.invoice(world.customer(account), amount)
    world.settle()
    world.check()
    assert outstanding(world, account) == 300


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
    person(world, moving, new)
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
    person(world, customer, new)
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


# --- accounts that go away -------------------------------------------------------------------------------------------


def test_a_deleted_account_parks_its_records_with_the_way_out_and_a_restored_one_gets_them(world):
    account = world.account()
    customer = world.customer(account)
    invoice = world.invoice(customer)
    world.settle()
    world.delete(account)
    world.act("pay_invoice", invoice=invoice, amount=1_000)
    world.settle()
    world.hurry()
    world.settle()
    status = world.status
    assert status.parked > 0
    assert status.waiting == 0
    assert all("restore" in problem["fix"] for problem in status.problems), status.problems
    late = world.customer(account)  # one more names it while it is gone: it is parked with the same way out
    world.invoice(late)
    world.settle()
    assert linked(world, late) == (account, "metadata")
    world.undelete(account)
    world.hurry()
    world.settle()
    assert world.status.parked == 0
    world.check()


def test_an_account_that_never_was_parks_its_records_and_another_link_frees_them(world):
    customer = world.customer(metadata={"salesforce_account_id": "001000000000001AAA"})
    world.invoice(customer)
    world.settle()
    [problem] = world.status.problems
    assert problem["code"] == "ACCOUNT_GONE"
    assert "dueline link CUSTOMER ACCOUNT" in problem["fix"]
    account = world.account()
    person(world, customer, account)
    world.settle()
    world.hurry()
    world.settle()
    world.check_org()
    assert world.status.problems == []


def test_a_merged_account_is_followed_and_its_own_summary_emptied(world):
    loser, master = world.account("Acme Old"), world.account("Acme")
    moving, staying = world.customer(loser), world.customer(master)
    invoice = world.invoice(moving)
    world.invoice(staying, 500)
    world.settle()
    world.check()
    world.merge(master, loser)
    world.accounts[moving] = master
    world.act("pay_invoice", invoice=invoice, amount=4_000)
    for _ in range(3):
        world.settle()
        world.hurry()
    assert linked(world, moving) == (master, "merge")
    assert world.status.problems == []
    world.check()
    assert world.summary(loser)["Account__c"] is None
    assert outstanding(world, loser) == 0


def test_metadata_that_still_names_the_merged_account_ends_at_the_one_that_took_it_over(world):
    loser, master = world.account("Acme Old"), world.account("Acme")
    customer = world.customer(loser)
    invoice = world.invoice(customer)
    world.settle()
    world.merge(master, loser)
    world.act("pay_invoice", invoice=invoice, amount=4_000)
    for _ in range(3):
        world.settle()
        world.hurry()
    world.act("update_customer", customer=customer, name="Acme Inc")
    for _ in range(3):
        world.settle()
        world.hurry()
    world.accounts[customer] = master
    world.check()
    assert world.status.problems == []


def test_an_account_merged_while_nothing_happens_is_found_when_its_names_are_read_again(world):
    loser, master = world.account("Acme Old"), world.account("Acme")
    customer = world.customer(loser)
    world.invoice(customer, due_in_days=3)
    world.settle()
    world.merge(master, loser)
    world.accounts[customer] = master
    world.move_to(TODAY + timedelta(days=4))
    world.turn()
    for _ in range(3):
        world.settle()
        world.hurry()
    world.check()
    assert world.summaries().keys() == {(loser, "USD"), (master, "USD")}
    assert {name: world.summary(loser)[name] for name in oracle.FIGURES} == oracle.NOTHING
