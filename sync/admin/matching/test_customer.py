"""One customer, as finance meets it: what was found for it, and the search for an account."""

from urllib.parse import quote

import pytest

from tests.browsing import text_of
from tests.matching_steps import key, known, link, row_of


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
