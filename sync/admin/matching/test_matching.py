"""Matching, as finance meets it: the queue, one customer, many at once, and files."""

import csv
import io
from html import unescape
from urllib.parse import quote

import pytest

from sync.admin.csvs import CsvError, read
from sync.core.linking import Standing
from sync.db import matching, work
from sync.errands import do_slice
from sync.pipeline.link import COMMAND_LINE, link_by_person
from tests.browsing import text_of, visitor
from tests.integration.place import FIELD
from tests.integration.world import once

NASTY = '<script>alert(1)</script>=HYPERLINK("x")'


@pytest.fixture
def finance(browser):
    return browser("finance")


def known(world, name="Acme", email="ap@acme.example", **fields):
    """A customer that waits in the queue, with what was found for it."""
    customer = world.customer(name=name, email=email, **fields)
    world.drain()
    return customer


def key(customer):
    return f"main:{customer}"


def row_of(world, customer):
    return world.one("SELECT * FROM customer WHERE key = :key", key=key(customer))


def names(page):
    """The customers of a list, in its order."""
    return [cell.text for cell in page.cssselect("tbody th a:first-child")]


def flashed(answer, person):
    """What the page after a form says first."""
    assert answer.status_code == 303, unescape(answer.text)[:1500]
    page = person.page(answer.location.removeprefix("/admin"))
    return text_of(page.cssselect(".dl-flash")[0])


def seen(world, customer):
    """What a form of the customer's page carries now."""
    row = row_of(world, customer)
    return f"{row.account or ''}/{row.link_source or ''}"


def link(person, world, customer, account, **fields):
    form = {"account": account, "seen": seen(world, customer), **fields}
    return person.post(f"/matching/link/{key(customer)}", form)


def work_off(world):
    """Do all long work."""
    while do_slice(world.run, once()):
        pass


def upload(person, content, name="decisions.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    form = {"file": (io.BytesIO(data), name)}
    return person.post("/matching/file", form, content_type="multipart/form-data")


def changes(world):
    return world.rows("SELECT * FROM audit ORDER BY id")


# --- the queue -------------------------------------------------------------------------------------------------------


def test_an_empty_queue_says_that_all_is_well(world, finance):
    page = finance.page("/matching/")
    assert "Every customer has an account" in text_of(page)
    assert not page.cssselect("table")


def test_the_oldest_debt_comes_first_and_those_without_debt_last(world, finance):
    for name, due in (("Late", -40), ("Later", -90), ("Soon", 20)):
        world.invoice(known(world, name, f"ap@{name.lower()}.example"), 10_000, due_in_days=due)
    known(world, "Nothing", "ap@nothing.example")
    world.drain()
    assert names(finance.page("/matching/")) == ["Later", "Late", "Soon", "Nothing"]
    assert names(finance.page("/matching/?sort=oldest&down=1")) == ["Soon", "Late", "Later", "Nothing"]
    assert names(finance.page("/matching/?sort=name&down=1")) == ["Soon", "Nothing", "Later", "Late"]
    text = text_of(finance.page("/matching/"))
    assert "1 overdue" in text
    assert "USD 300.00" in text


def test_amounts_of_two_currencies_are_never_added(world, finance):
    dear, cheap = known(world, "Dear", "a@dear.example"), known(world, "Cheap", "a@cheap.example")
    world.invoice(dear, 90_000)
    world.invoice(dear, 5_000, currency="eur")
    world.invoice(cheap, 70_000, currency="eur")
    world.drain()
    page = finance.page("/matching/")
    assert [text_of(each) for each in page.cssselect(".dl-figure")][3:] == ["EUR 750.00", "USD 900.00"]
    assert "sort=owed" not in finance.get("/matching/").text  # by what, of two currencies?
    assert names(finance.page("/matching/?currency=EUR&sort=owed&down=1")) == ["Cheap", "Dear"]
    assert names(finance.page("/matching/?currency=USD")) == ["Dear"]
    assert len(names(finance.page("/matching/?currency=XXX&sort=owed"))) == 2  # asked in vain: left out


def test_the_queue_is_searched_by_name_address_and_id(world, finance):
    one = known(world, "100% Acme_", "ap@acme.example")
    known(world, "Bell", "ap@bell.example")
    for text in ("100%", "Acme_", "AP@ACME", one, one[4:]):
        assert names(finance.page(f"/matching/?q={quote(text)}")) == ["100% Acme_"], text
    assert names(finance.page("/matching/?q=10_%25")) == []
    assert "No customer fits" in finance.get("/matching/?q=nobody").text


def test_every_sort_of_customer_is_found_under_its_own_name(world, finance):
    world.account("Exact", Website="https://exact.example")
    world.account("Lonely")
    for number in range(2):
        world.account("Twice", Website=f"https://twice{number}.example")
    shared = known(world, "Shared", "a@shared.example")
    for name in ("One", "Other"):
        world.account(name, **{FIELD: shared})
    for name in ("Exact", "Lonely", "Twice", "Unknown"):
        known(world, name, f"ap@{name.lower()}.example")
    world.drain()
    world.link()
    found = {which: names(finance.page(f"/matching/?which={which}&sort=name")) for which in matching.Which}
    assert found == {
        "open": ["Exact", "Lonely", "Shared", "Twice", "Unknown"],
        "exact": ["Exact"],
        "one": ["Lonely"],
        "several": ["Shared", "Twice"],
        "none": ["Unknown"],
        "problem": ["Shared"],
        "not_ours": [],
        "linked": [],
    }
    told = dict(_reasons(finance.page("/matching/")))
    assert told["Exact"] == "One account has its name and its domain: it waits for your yes"
    assert told["Lonely"] == "One account has its name: that alone proves nothing"
    assert told["Twice"] == "2 accounts have its name"
    assert told["Shared"].startswith(f"2 accounts hold it in {FIELD}: 001")
    assert told["Unknown"] == "No account has its name, domain or billing id"
    assert f"same billing id in {FIELD}" in finance.get("/matching/?which=problem").text
    assert "same domain exact.example, same name" in finance.get("/matching/?which=exact").text


def _reasons(page):
    for row in page.cssselect("tbody tr"):
        yield row.cssselect("th a")[0].text, text_of(row.cssselect("td.dl-wrap")[0])


def test_a_queue_of_many_has_pages_and_keeps_what_was_asked(world, finance):
    with world.engine.begin() as conn:
        conn.exec_driver_sql(
            "INSERT INTO customer (key, connection, provider, name) SELECT 'main:cus_' || n, 'main', 'stripe', "
            "'Customer ' || lpad(n::text, 4, '0') FROM generate_series(1, 1010) n"
        )
    first = finance.page("/matching/?q=Customer&sort=name")
    assert len(names(first)) == 50
    assert "1 to 50 of 1,010" in text_of(first)
    [next_] = first.cssselect("a[rel=next]")
    second = finance.page(next_.get("href").removeprefix("/admin"))
    assert names(second)[0] == "Customer 0051"
    assert "q=Customer" in next_.get("href")
    assert names(finance.page("/matching/?page=99999")) == []
    assert finance.get("/matching/?page=-3&sort=nonsense&which=nonsense&down=x").status_code == 200


@pytest.mark.parametrize("query", ["q=%00", "which=%00", "currency=x", "_external=1&_scheme=javascript", "sort=x"])
def test_addresses_that_make_no_sense_are_harmless(world, finance, query):
    for path in ("/matching/", "/matching/customers.csv", "/matching/exact"):
        answer = finance.get(f"{path}?{query}")
        assert answer.status_code in {200, 400}, path
        assert "javascript:" not in answer.text


def test_names_are_text_and_nothing_else(world, finance):
    world.account(NASTY, Website="https://acme.example")
    customer = known(world, NASTY)
    world.link()
    for path in ("/matching/", "/matching/exact", f"/matching/customers/{key(customer)}?account=script"):
        text = finance.get(path).text
        assert "<script>alert" not in text, path
        assert "&lt;script&gt;alert" in text, path


def test_the_file_holds_everything_and_runs_nothing(world, finance):
    account = world.account("=1+1", Website="https://acme.example")
    customer = known(world, "=1+1", "+ap@acme.example")
    world.invoice(customer, 123_456, due_in_days=-3)
    world.drain()
    world.link()
    answer = finance.get("/matching/customers.csv")
    assert answer.mimetype == "text/csv"
    [line] = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert line["customer"] == key(customer)
    assert line["name"] == line["suggested name"] == "'=1+1"
    assert line["email"] == "'+ap@acme.example"
    assert (line["owes"], line["open invoices"], line["overdue invoices"]) == ("USD 1234.56", "1", "1")
    assert (line["suggested account"], line["account"]) == (account, "")
    assert line["evidence"] == "same domain acme.example, same name"


# --- one customer ----------------------------------------------------------------------------------------------------


def test_a_customer_shows_its_evidence_and_the_accounts(world, finance):
    account = world.account("Acme Inc", Website="https://www.acme.example")
    other = world.customer(account, name="Acme EMEA", email="x@other.example")
    customer = known(world)
    world.link()
    page = finance.page(f"/matching/customers/{key(customer)}")
    row = text_of(page.cssselect("[aria-label='Suggested accounts'] tbody tr")[0])
    assert row.startswith(f"Acme Inc{account} same domain acme.example, same name but for the legal form exact")
    assert "https://www.acme.example1" in row  # one other customer is linked to it
    assert row_of(world, other).account == account


@pytest.mark.parametrize("path", ["customers/main:cus_nobody", "customers/a%0Ab", "link/nobody?to=001000000000001AAA"])
def test_customers_that_do_not_exist_are_not_found(world, finance, path):
    assert finance.get(f"/matching/{path}").status_code == 404


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


def test_after_deciding_one_is_back_in_the_list(world, finance):
    account = world.account("Acme", Website="acme.example")
    customer = known(world)
    world.link()
    address = f"/matching/customers/{key(customer)}?back={quote('/matching/?which=exact')}"
    [form] = [form for form in finance.page(address).forms if form.action and "/link/" in form.action]
    fields = {name: value for name, value in form.form_values() if name != "csrf_token"}
    assert fields == {"account": account, "seen": "/", "back": "/matching/?which=exact"}
    assert link(finance, world, customer, account, back=fields["back"]).location == "/admin/matching/?which=exact"


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_to_another_site(world, finance, back):
    customer = known(world)
    assert "evil" not in finance.page(f"/matching/customers/{key(customer)}?back={quote(back)}").cssselect(
        ".dl-lead a"
    )[0].get("href")
    answer = link(finance, world, customer, world.account("Acme"), back=back)
    assert answer.location == "/admin/"


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


# --- searching Salesforce --------------------------------------------------------------------------------------------


def test_accounts_are_searched_by_name_domain_and_id(world, finance):
    wanted = world.account("Blue & Söhne 100%_'x", Website="https://blue.example")
    world.account("Red", Website="https://red.example")
    customer = known(world)
    page = f"/matching/customers/{key(customer)}?account="
    address = f"https://x.lightning.force.com/lightning/r/Account/{wanted}/view"
    for text in ("blue söhne", "SÖHNE", "100%_'", "blue.example", wanted, wanted[:15], address):
        found = finance.page(page + quote(text, safe="")).cssselect("#found tbody tr")
        assert [each.cssselect("th")[0].text.strip() for each in found] == ["Blue & Söhne 100%_'x"], text
    for text in ("%%", "__", "blue red", "internationally"):
        assert "No account in Salesforce has" in finance.get(page + quote(text)).text, text
    assert "at least 2 letters" in finance.get(page + "b").text


def test_a_search_while_typing_brings_the_part_only(world, finance):
    world.account("Blue")
    customer = known(world)
    path = f"/matching/accounts/{key(customer)}?account=Blue"
    part = finance.get(path, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Blue" in part
    whole = finance.get(path)
    assert whole.location == f"/admin/matching/customers/{key(customer)}?account=Blue"


def test_a_search_is_bounded(world, finance):
    world.admin.create("Account", [{"Name": f"Acme {number:02}"} for number in range(25)])
    page = finance.page(f"/matching/customers/{key(known(world))}?account=acme")
    assert len(page.cssselect("#found tbody tr")) == 20
    assert "The first 20 accounts" in text_of(page)


def test_an_org_that_is_away_is_told_and_nothing_is_changed(world, finance):
    account = world.account("Acme")
    customer = known(world)
    world.fault("error", status=503, times=50)
    page = finance.get(f"/matching/customers/{key(customer)}?account=acme")
    assert page.status_code == 200
    assert "Salesforce could not be asked" in page.text
    assert "so nothing was changed" in flashed(link(finance, world, customer, account), finance)
    assert row_of(world, customer).account is None


# --- roles -----------------------------------------------------------------------------------------------------------


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


# --- exact ones together ---------------------------------------------------------------------------------------------


def exact_ones(world, *names_):
    """Customers with one exact account each, by name."""
    found = {}
    for name in names_:
        account = world.account(name, Website=f"https://{name.lower()}.example")
        found[name] = (known(world, name, f"ap@{name.lower()}.example"), account)
    world.drain()
    world.link()
    return found


def accept(person, button, *, untick=(), query=""):
    """Press a button under the list, with some boxes unticked."""
    page = person.page(f"/matching/exact{query}")
    [form] = [form for form in page.forms if form.method == "POST" and form.action.endswith("/exact")]
    picked = [value for name, value in form.form_values() if name == "pick" and not value.endswith(tuple(untick))]
    shown = [value for name, value in form.form_values() if name == "shown"]
    fields = {name: form.fields[name] for name in ("seen", "q")}
    return person.post("/matching/exact", {**fields, "pick": picked, "shown": shown, button: "1"})


def test_ticked_exact_ones_are_linked_as_work(world, finance):
    ones = exact_ones(world, "Acme", "Bell", "Cedar")
    page = finance.page("/matching/exact")
    assert sorted(names(page)) == ["Acme", "Bell", "Cedar"]
    answer = accept(finance, "ticked", untick=[ones["Bell"][0]])
    assert {world.linked(customer)[0] for customer, _ in ones.values()} == {None}
    work_off(world)
    assert {name: world.linked(customer) for name, (customer, _) in ones.items()} == {
        "Acme": (ones["Acme"][1], "person"),
        "Bell": (None, None),
        "Cedar": (ones["Cedar"][1], "person"),
    }
    assert "2 customers changed" in text_of(finance.page(answer.location.removeprefix("/admin")))
    assert [(change.by, change.action) for change in changes(world)] == [("Finance person", "linked customer")] * 2


def test_all_of_the_list_are_linked_but_those_unticked(world, finance):
    ones = exact_ones(world, "Acme", "Bell", "Cedar")
    accept(finance, "all", untick=[ones["Cedar"][0]])
    work_off(world)
    linked = {name for name, (customer, _) in ones.items() if world.linked(customer)[0]}
    assert linked == {"Acme", "Bell"}


def test_all_are_those_of_the_search(world, finance):
    ones = exact_ones(world, "Acme", "Bell")
    accept(finance, "all", query="?q=bell")
    work_off(world)
    assert [world.linked(ones[name][0])[0] is not None for name in ("Acme", "Bell")] == [False, True]


def test_a_list_that_changed_while_it_was_looked_at_is_shown_again(world, finance):
    exact_ones(world, "Acme")
    page = finance.page("/matching/exact")
    stamp = page.cssselect("input[name=seen]")[0].get("value")
    exact_ones(world, "Bell")
    told = flashed(finance.post("/matching/exact", {"seen": stamp, "all": "1"}), finance)
    assert "has changed while you looked at it" in told
    assert world.rows("SELECT * FROM work") == []
    assert "Nothing is ticked" in flashed(finance.post("/matching/exact", {"ticked": "1"}), finance)


def test_what_changed_until_its_turn_is_left_out_and_told(world, finance):
    ones = exact_ones(world, "Acme", "Bell", "Cedar", "Delta", "Ember")
    other = world.account("Other")
    answer = accept(finance, "all")
    world.account("Acme")  # a namesake appears
    world.link()
    world.decide(ones["Bell"][0], other)  # somebody decides
    world.delete(ones["Cedar"][1])  # its account is deleted
    world.act("update_customer", customer=ones["Delta"][0], name="Another")  # it has another name now
    world.drain()
    work_off(world)
    assert {name: world.linked(customer)[0] for name, (customer, _) in ones.items()} == {
        "Acme": None,
        "Bell": other,
        "Cedar": None,
        "Delta": None,
        "Ember": ones["Ember"][1],
    }
    plan = answer.location.removeprefix("/admin")
    page = text_of(finance.page(f"{plan}?show=left out"))
    assert "1 customer changed, 4 left out" in page
    assert page.count("it is not exact any more") == 2
    assert f"was decided meanwhile: it belongs to {other}" in page
    assert "does not exist in Salesforce" in page


def test_a_made_up_pair_is_not_linked(world, finance):
    customer = known(world)
    account = world.account("Stranger")
    finance.post("/matching/exact", {"pick": f"{account} {key(customer)}", "ticked": "1"})
    work_off(world)
    assert world.linked(customer) == (None, None)


def test_work_that_was_killed_in_between_goes_on_and_does_nothing_twice(world, finance, monkeypatch):
    ones = exact_ones(world, "Acme", "Bell", "Cedar")
    accept(finance, "all")
    steps = iter([True, False])
    do_slice(world.run, lambda: next(steps, False))
    assert len(changes(world)) == 1
    world._set("work", "place = NULL, held_until = NULL", "true")  # as after a kill: what the slice left is lost
    work_off(world)
    assert len(changes(world)) == 3
    for customer, account in ones.values():
        assert world.linked(customer)[0] == account


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_is_looked_at_first_and_then_done(world, finance):
    a, b = world.account("A"), world.account("B")
    new, moved, gone, odd, kept = (known(world, name, f"ap@{name}.example") for name in ("n", "m", "g", "o", "k"))
    for customer in (moved, gone):
        world.decide(customer, a)
    lines = [
        "Account;reason;CUSTOMER",
        f"{a[:15]};;{key(new)}",
        f"{b};;{key(moved)}",
        f"none;;{key(gone)}",
        f"not ours;a test;{key(odd)}",
        f";;{key(kept)}",
        f"{a};;main:cus_nobody",
        f"0015;;{key(kept)}",
        "001000000000000AAA;;" + key(kept),
    ]
    answer = upload(finance, b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    path = answer.location.removeprefix("/admin")
    assert "being looked at" in finance.get(path).text
    work_off(world)
    page = text_of(finance.page(path))
    assert "2 customers would change" not in page
    assert "4 customers would change" in page
    assert "Cannot be done: 3" in page
    assert "line 9 says something else about this customer" in page
    assert "no customer has the key 'main:cus_nobody'" in page
    assert changes(world)[2:] == []  # only what the test itself decided
    assert "2 of them belong to an account already" in page
    finance.post(f"{path}/apply", {"moves": "y"})
    work_off(world)
    assert [world.linked(customer) for customer in (new, moved, gone, odd, kept)] == [
        (a, "person"),
        (b, "person"),
        (None, "person"),
        (None, "not_ours"),
        (None, None),
    ]
    assert row_of(world, odd).link_problem == "a test"
    assert "4 customers changed" in text_of(finance.page(path))
    saved = list(csv.DictReader(io.StringIO(finance.get(f"{path}.csv").text.removeprefix("\ufeff"))))
    assert [line["outcome"] for line in saved] == ["done"] * 4 + [""] * 4
    assert len({change.what for change in changes(world)[2:]}) == 4


def test_the_ids_of_a_file_are_looked_up_and_told_by_line(world, finance):
    customer = known(world)
    path = upload(finance, f"customer,account\n{key(customer)},001000000000000AAA\n").location.removeprefix("/admin")
    work_off(world)
    page = text_of(finance.page(path))
    assert "Nothing would change" in page
    assert "account 001000000000000AAA does not exist in Salesforce" in page
    other = upload(finance, f"customer,account\n{key(customer)},0015\n").location.removeprefix("/admin")
    work_off(world)
    cells = [text_of(cell) for cell in finance.page(other).cssselect("tbody tr td")]
    assert cells[0] == "2"
    assert "'0015' is not an account id" in cells[-1]


def test_linked_customers_are_changed_only_where_that_was_confirmed(world, finance):
    a, b = world.account("A"), world.account("B")
    customer = known(world)
    world.decide(customer, a)
    path = upload(finance, f"customer,account\n{key(customer)},{b}\n").location.removeprefix("/admin")
    work_off(world)
    finance.post(f"{path}/apply", {})
    work_off(world)
    assert world.linked(customer)[0] == a
    assert "changing such was not confirmed" in text_of(finance.page(path))
    assert "Somebody has started this already" in flashed(finance.post(f"{path}/apply", {"moves": "y"}), finance)
    assert world.linked(customer)[0] == a


def test_what_was_decided_between_looking_and_doing_is_left_out(world, finance):
    a, b = world.account("A"), world.account("B")
    customer = known(world)
    path = upload(finance, f"customer,account\n{key(customer)},{a}\n").location.removeprefix("/admin")
    assert "still being looked at" in flashed(finance.post(f"{path}/apply", {}), finance)
    work_off(world)
    world.decide(customer, b)
    finance.post(f"{path}/apply", {"moves": "y"})
    work_off(world)
    assert world.linked(customer)[0] == b
    assert "was decided meanwhile" in text_of(finance.page(path))


def test_the_saved_list_can_be_filled_in_and_loaded(world, finance):
    account = world.account("=Acme")
    customer = known(world, "=Acme")
    rows = list(csv.reader(io.StringIO(finance.get("/matching/customers.csv").text.removeprefix("\ufeff"))))
    rows[1][rows[0].index("account")] = account
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    path = upload(finance, out.getvalue()).location.removeprefix("/admin")
    work_off(world)
    finance.post(f"{path}/apply", {})
    work_off(world)
    assert world.linked(customer) == (account, "person")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the first line must name the columns customer, account"),
        (b"customer,acount\nmain:cus_1,x\n", "missing: account"),
        (b"customer,account\n", "no lines after the first"),
        ("customer,account\nmain:cus_1,ä\n".encode("latin-1"), "is not UTF-8 text"),
        (b"customer,account\nmain:cus_1,\0\n", "is no text"),
        (b'customer,account\n"main:cus_1,x\n', "is no CSV"),
        (b"customer,account\n" + b"x" * 200_000 + b",y\n", "field larger than field limit"),
        (b"x" * 200_000, "field larger than field limit"),
    ],
)
def test_files_that_cannot_be_used_are_told_why(world, finance, content, told):
    answer = upload(finance, content)
    assert answer.status_code == 400
    assert told in unescape(answer.text)
    assert world.rows("SELECT * FROM link_plan") == []


def test_a_file_must_be_chosen_and_be_a_csv(world, finance):
    assert "Choose a file" in upload(finance, "x", name="").text
    assert "whose name ends in .csv" in upload(finance, "x", name="x.exe").text


def test_a_file_may_have_cells_too_many_and_too_few(world, finance):
    customer = known(world)
    path = upload(finance, f"customer,account\n{key(customer)},none,x,y,z\n{key(customer)}\n").location
    work_off(world)
    page = text_of(finance.page(path.removeprefix("/admin")))
    assert "Is so already: 1" in page
    assert "Left as it is: nothing is decided: 1" in page


def test_a_file_of_more_lines_than_are_taken_is_refused():
    class File:
        stream = io.BytesIO(b"customer,account\n" + b"a,b\n" * 50_001)

    with pytest.raises(CsvError, match="more than 50,000 rows"):
        list(read(File(), ("customer", "account")))


def test_a_large_file_costs_few_calls(world, finance):
    accounts = world.admin.create("Account", [{"Name": f"A{number}"} for number in range(200)])
    with world.engine.begin() as conn:
        conn.exec_driver_sql(
            "INSERT INTO customer (key, connection, provider) SELECT 'main:c' || n, 'main', 'stripe' "
            "FROM generate_series(0, 2999) n"
        )
    lines = [f"main:c{number},{accounts[number % 200]}" for number in range(3_000)]
    path = upload(finance, "customer,account\n" + "\n".join(lines)).location.removeprefix("/admin")
    world.calls()
    work_off(world)
    assert sum(world.calls().values()) <= 6
    assert "3,000 customers would change" in text_of(finance.page(path))


def test_every_plan_is_its_own_and_unknown_ones_are_not_found(world, finance):
    assert finance.get("/matching/plans/7").status_code == 404
    assert finance.get("/matching/plans/7.csv").status_code == 404
    assert finance.post("/matching/plans/7/apply", {}).status_code == 404


def test_a_page_without_salesforce_says_what_to_do(books):
    customer = books.customer(name="Acme")
    books.drain()
    finance = visitor(books.run, books.client.application, "finance")
    assert "Salesforce is not connected yet" in finance.get(f"/matching/customers/{key(customer)}").text
    answer = finance.post(f"/matching/link/{key(customer)}", {"account": "001000000000001", "seen": "/"})
    assert "not connected" in flashed(answer, finance)


def test_work_is_told_by_its_progress(world, finance):
    exact_ones(world, "Acme")
    accept(finance, "all")
    work_off(world)
    with world.engine.connect() as conn:
        done = work.latest(conn, "change links")
    assert (done.status, done.done, done.total, done.told) == ("done", 1, 1, "1 customers changed")


def test_the_command_line_is_written_down_too(world):
    customer, account = known(world), world.account("Acme")
    link_by_person(world.engine, world.run.org, key(customer), account)
    [change] = changes(world)
    assert (change.by, change.after["account"]) == (COMMAND_LINE.name, account)
    link_by_person(world.engine, world.run.org, key(customer), account, expected=Standing.unpack(f"{account}/person"))
    assert len(changes(world)) == 1  # nothing changed
