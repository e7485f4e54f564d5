"""Decisions in files: looked at first, told by line, then done."""

import csv
import io
from html import unescape

import pytest

from sync.admin.csvs import CsvError, read
from tests.browsing import text_of
from tests.matching_steps import changes, flashed, key, known, row_of, upload, work_off


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
