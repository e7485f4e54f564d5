"""CSV out and in: no cell is run as a formula, and what went out comes back as it was."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage

from sync.admin import csvs


def file(content):
    return FileStorage(io.BytesIO(content.encode() if isinstance(content, str) else content), "some.csv")


def rows_of(content, *wanted):
    return [row for _line, row in csvs.read(file(content), wanted)]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-2+3", "@SUM(A1)", "'=1", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x")']
)
def test_a_cell_that_a_spreadsheet_would_run_is_text(cell):
    assert csvs.harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(("cell", "told"), [(None, ""), (-5, "-5"), (Decimal("-1.50"), "-1.50"), ("a=b", "a=b")])
def test_numbers_and_plain_text_are_left_alone(cell, told):
    assert csvs.harmless(cell) == told


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=30), min_size=1, max_size=20))
def test_what_goes_out_comes_back(cells):
    sent = csvs.answer("x.csv", ("Name", "other"), [(cell, "") for cell in cells]).get_data()
    back = [row["name"] for row in rows_of(sent, "name")]
    assert back == [cell.strip() if not csvs.harmless(cell).startswith("'") else cell.rstrip() for cell in cells]


def test_every_line_of_a_long_answer_is_there():
    sent = csvs.answer("x.csv", ("n", "text"), [(n, "x" * 100) for n in range(5_000)])
    lines = csv.reader(io.StringIO(sent.get_data(as_text=True).removeprefix("\ufeff")))
    assert [row[0] for row in lines][1:] == list(map(str, range(5_000)))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_spreadsheets_file_is_read(delimiter):
    text = delimiter.join(("Account", "CUSTOMER")) + "\r\n" + delimiter.join(("001", '"a, b; c"')) + "\r\n"
    assert rows_of("\ufeff" + text, "customer", "account") == [{"customer": "a, b; c", "account": "001"}]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"customer\xff,account\n", "not UTF-8"),
        ("customer;konto\n1;2\n", "missing: account"),
        ("", "missing: customer, account"),
        ('customer,account\n"1,2\n', "line"),
        ("customer,account\n" + "1,2\n" * (csvs.MOST_ROWS + 1), "divide the file"),
    ],
)
def test_what_cannot_be_used_says_why(content, told):
    with pytest.raises(csvs.CsvError, match=told):
        rows_of(content, "customer", "account")


def test_short_and_long_lines_are_no_surprise():
    assert rows_of("customer,account\n1\n1,2,3\n", "customer", "account") == [
        {"customer": "1", "account": ""},
        {"customer": "1", "account": "2"},
    ]
