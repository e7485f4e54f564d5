"""What finance decides of one customer: linked, moved, unlinked, not ours; and who may."""

import pytest

from sync.core.linking import Standing
from sync.pipeline.link import COMMAND_LINE, link_by_person
from tests.browsing import text_of, visitor
from tests.integration.place import FIELD
from tests.matching_steps import NASTY, changes, flashed, key, known, link, names, row_of, seen


def test_a_link_is_made_with_the_whole_history_and_written_down(world, finance):
    account = world.account("Acme")
    customer = known(world)
    world.invoice(customer, 10_000)
    world.drain()
    world.link()
    told = flashed(link(finance, world, customer, account[:15]), finance)
    assert told == f"Acme belongs to account {account} now. Salesforce shows it in a moment."
    world.accounts[customer] = account
    world.settle()
    world.check()
    [change] = changes(world)
    assert (change.by, change.subject, change.action, change.what) == (
        "Finance person",
        "member:Finance person",
        "linked customer",
        key(customer),
    )
    assert (change.before["account"], change.after["account"]) == (None, account)
    page = text_of(finance.page(f"/matching/customers/{key(customer)}"))
    assert "Finance person: linked customer" in page
    assert "a person decided it" in page.casefold()
    assert "salesforce" in world.run.bell.rung


@pytest.mark.parametrize(
    ("account", "told"),
    [
        ("Acme", "is not an account id"),
        ("", "Choose an account"),
        ("001000000000000", "does not exist in Salesforce"),
        ("0" * 500, "Field cannot be longer than 18 characters"),
    ],
)
def test_links_that_cannot_be_made_are_refused_in_words(world, finance, account, told):
    customer = known(world)
    assert told in flashed(link(finance, world, customer, account), finance)
    assert row_of(world, customer).account is None
    assert changes(world) == []


def test_a_decision_about_what_changed_meanwhile_is_not_made(world, finance):
    first, second = world.account("Acme"), world.account("Acme EMEA")
    customer = known(world)
    before = seen(world, customer)
    link_by_person(world.engine, world.run.org, key(customer), second)
    answer = finance.post(f"/matching/link/{key(customer)}", {"account": first, "seen": before})
    assert "was decided meanwhile" in flashed(answer, finance)
    assert row_of(world, customer).account == second
    answer = finance.post(f"/matching/not-ours/{key(customer)}", {"reason": "x", "seen": before})
    assert "was decided meanwhile" in flashed(answer, finance)
    answer = finance.post(f"/matching/unlink/{key(customer)}", {"seen": f"{first}/person"})
    assert "was decided meanwhile" in flashed(answer, finance)
    assert len(changes(world)) == 1


def test_a_rule_that_linked_meanwhile_is_told(world, finance):
    customer = known(world)
    before = seen(world, customer)
    account = world.account("Acme", **{FIELD: customer})
    world.link()
    answer = finance.post(f"/matching/link/{key(customer)}", {"account": world.account("B"), "seen": before})
    told = flashed(answer, finance)
    assert f"it belongs to {account}: the account's billing field holds the customer's id" in told


def test_a_form_of_somebody_elses_making_is_refused(world, finance):
    customer = known(world)
    answer = finance.post(f"/matching/unlink/{key(customer)}", {"seen": "x/nonsense"})
    assert answer.status_code == 400
    assert finance.post(f"/matching/open-again/{key(customer)}", {}).status_code == 400


def test_a_move_says_first_what_it_carries_along(world, finance):
    old, new = world.account("Old"), world.account("New")
    customer = world.customer(old, name="Acme")
    invoice = world.invoice(customer, 10_000, due_in_days=-5)
    paid = world.invoice(customer, 7_000)
    world.act("pay_invoice", invoice=paid)
    world.settle()
    [promised] = world.admin.query(f"SELECT Id FROM AR_Invoice__c WHERE Key__c = 'main:{invoice}'")
    promise = {"Promised_On__c": "2026-03-20", "Account__c": old, "Invoice__c": promised["Id"]}
    world.admin.create("AR_Commitment__c", [promise])
    world.come_to_rest()
    page = finance.page(f"/matching/link/{key(customer)}?to={new}")
    text = text_of(page)
    assert "From Old to New" in text
    assert "2 invoices, 1 payment, 0 refunds" in text
    assert "1 commitment and 0 disputes that name one of its invoices" in text
    assert "Notes, calls and other tasks stay where they were made" in text
    [form] = [form for form in page.forms if form.action and "/link/" in form.action]
    assert dict(form.form_values())["seen"] == f"{old}/metadata"
    link(finance, world, customer, new)
    world.accounts[customer] = new
    world.settle()
    world.check()
    [change] = changes(world)
    assert (change.action, change.before["account"], change.after["account"]) == ("moved customer", old, new)
    commitment = world.one("SELECT account FROM commitment")
    assert commitment.account == new


def test_unlinking_says_what_is_let_go_of(world, finance):
    account = world.account("Acme")
    customer = world.customer(account, name="Acme")
    world.invoice(customer)
    world.settle()
    assert "1 invoice, 0 payments" in text_of(finance.page(f"/matching/unlink/{key(customer)}"))
    told = flashed(finance.post(f"/matching/unlink/{key(customer)}", {"seen": seen(world, customer)}), finance)
    assert told == "Acme belongs to no account now."
    world.settle()
    assert world.linked(customer) == (None, "person")
    assert "Somebody unlinked it" in finance.get("/matching/").text
    assert [change.action for change in changes(world)] == ["unlinked customer"]


def test_what_a_person_unlinked_is_suggested_but_never_exact(world, finance):
    account = world.account("Acme", Website="acme.example", **{FIELD: "?"})
    customer = world.customer(account, name="Acme", email="ap@acme.example")
    world.settle()
    finance.post(f"/matching/unlink/{key(customer)}", {"seen": seen(world, customer)})
    world.admin.update("Account", [{"Id": account, FIELD: customer}])
    world.link()
    assert world.linked(customer) == (None, "person")
    assert row_of(world, customer).match == "one"
    assert f"same billing id in {FIELD}" in finance.get("/matching/").text
    form = {"seen": seen(world, customer)}
    flashed(finance.post(f"/matching/open-again/{key(customer)}", form), finance)
    world.link()
    assert world.linked(customer) == (account, "field")


def test_what_is_not_ours_leaves_queue_counts_and_look_ups_until_it_is_taken_back(world, finance):
    customer = known(world)
    world.invoice(customer)
    world.settle()
    form = {"seen": seen(world, customer), "reason": f"a test {NASTY}"}
    assert "out of the queue" in flashed(finance.post(f"/matching/not-ours/{key(customer)}", form), finance)
    assert world.status.unlinked == 0
    assert names(finance.page("/matching/")) == []
    assert names(finance.page("/matching/?which=not_ours")) == ["Acme"]
    assert "a test &lt;script" in finance.get("/matching/?which=not_ours").text
    world.account("Acme", **{FIELD: customer})
    world.calls()
    assert world.link() == 0
    assert world.calls() == {}
    world.act("update_customer", customer=customer, metadata={"salesforce_account_id": world.account("Other")})
    world.settle()
    assert world.linked(customer) == (None, "not_ours")
    assert world.admin.query("SELECT Id FROM AR_Invoice__c") == []
    told = flashed(finance.post(f"/matching/open-again/{key(customer)}", {"seen": "/not_ours"}), finance)
    assert told == "Acme is in the queue again."
    assert world.link() == 1
    assert world.linked(customer)[1] == "field"
    actions = [change.action for change in changes(world)]
    assert actions == ["said: not a customer of ours", "left customer to the rules"]


def test_a_linked_customer_that_is_not_ours_lets_go_of_everything(world, finance):
    account = world.account("Acme")
    customer = world.customer(account, name="Acme")
    invoice = world.invoice(customer)
    world.settle()
    form = {"seen": seen(world, customer), "reason": "a sister company"}
    flashed(finance.post(f"/matching/not-ours/{key(customer)}", form), finance)
    world.settle()
    assert world.shown_invoice(invoice)["Account__c"] is None
    assert world.status.unlinked == 0
    assert finance.post(f"/matching/open-again/{key(customer)}", form).status_code == 303


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_not_ours_needs_a_reason_of_some_words(world, finance, reason):
    customer = known(world)
    answer = finance.post(f"/matching/not-ours/{key(customer)}", {"seen": "/", "reason": reason})
    assert answer.status_code == 400
    assert "Nothing was saved yet" in answer.text
    assert row_of(world, customer).link_source is None


def test_an_org_that_is_away_is_told_and_nothing_is_changed(world, finance):
    account = world.account("Acme")
    customer = known(world)
    world.fault("error", status=503, times=50)
    page = finance.get(f"/matching/customers/{key(customer)}?account=acme")
    assert page.status_code == 200
    assert "Salesforce could not be asked" in page.text
    assert "so nothing was changed" in flashed(link(finance, world, customer, account), finance)
    assert row_of(world, customer).account is None


def test_an_operator_looks_and_decides_nothing(world, browser):
    account = world.account("Acme", Website="acme.example")
    customer = known(world)
    world.link()
    operator = browser("operator")
    for path in ("", "exact", f"customers/{key(customer)}?account=acme", "customers.csv"):
        answer = operator.get(f"/matching/{path}")
        assert answer.status_code == 200
        assert "/link/" not in answer.text, path
        assert "/not-ours/" not in answer.text, path
    pair = f"{account} {key(customer)}"
    for path, form in (
        (f"link/{key(customer)}", {"account": account, "seen": "/"}),
        (f"unlink/{key(customer)}", {"seen": "/"}),
        (f"not-ours/{key(customer)}", {"seen": "/", "reason": "x"}),
        (f"open-again/{key(customer)}", {"seen": "/"}),
        ("exact", {"pick": pair, "ticked": "1"}),
        ("file", {}),
        ("plans/1/apply", {}),
    ):
        assert operator.post(f"/matching/{path}", form).status_code == 403, path
        assert browser("viewer").post(f"/matching/{path}", form).status_code == 403, path
        assert browser(None).post(f"/matching/{path}", form).status_code in {303, 400}, path
        assert browser("finance").post(f"/matching/{path}", form, csrf=False).status_code == 400, path
    assert browser("viewer").get("/matching/").status_code == 403
    assert world.linked(customer) == (None, None)


def test_a_page_without_salesforce_says_what_to_do(books):
    customer = books.customer(name="Acme")
    books.drain()
    finance = visitor(books.run, books.client.application, "finance")
    assert "Salesforce is not connected yet" in finance.get(f"/matching/customers/{key(customer)}").text
    answer = finance.post(f"/matching/link/{key(customer)}", {"account": "001000000000001", "seen": "/"})
    assert "not connected" in flashed(answer, finance)


def test_the_command_line_is_written_down_too(world):
    customer, account = known(world), world.account("Acme")
    link_by_person(world.engine, world.run.org, key(customer), account)
    [change] = changes(world)
    assert (change.by, change.after["account"]) == (COMMAND_LINE.name, account)
    link_by_person(world.engine, world.run.org, key(customer), account, expected=Standing.unpack(f"{account}/person"))
    assert len(changes(world)) == 1  # nothing changed
