"""The queue of customers without an account, as finance reads, searches, sorts and saves it."""

import csv
import io
from urllib.parse import quote

import pytest

from sync.db import matching
from tests.browsing import text_of
from tests.integration.place import FIELD
from tests.matching_steps import NASTY, key, known, names


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
