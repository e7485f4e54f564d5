"""Formulas: precedence, blanks, dates and every function, with the documentation's own examples where it has some."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.local.org.formula import evaluate, fields_used
from connector.local.org.formula.functions import FUNCTIONS
from connector.local.org.model import OrgError

TODAY = date(2026, 3, 18)
NOW = datetime(2026, 3, 18, 15, 30, tzinfo=UTC)
FIELDS = {
    "Three__c": Decimal(3),
    "Blank__c": None,
    "Due_On__c": date(2026, 1, 31),
    "Status__c": "Open",
    "Flag__c": True,
    "Account__r.Owner.Name": "Ann O'Neill",
}


def _run(formula, **options):
    return evaluate(formula, FIELDS.__getitem__, today=TODAY, now=NOW, **options)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("12 / 4 / 3", 1),
        ("2 ^ 3 ^ 2", 512),
        ("-Three__c + 5", 2),
        ("0.1 + 0.2", "0.3"),
        ("1 / 0", None),
        ("/* a comment */ 1 /* another\n */ + 1", 2),
        (".5 + +1", "1.5"),
    ],
)
def test_arithmetic_is_exact(formula, value):
    assert _run(formula) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3", True),
        ("1 = 2 || Three__c == 3", True),
        ("1 <> 1 || 1 != 1", False),
        ("!(1 = 1)", False),
        ("NOT(Flag__c)", False),
        ("'a' < \"b\"", True),
        ("Status__c = 'open'", False),
        ("Due_On__c < TODAY()", True),
        ("AND(TRUE, Flag__c, 1 = 1)", True),
        ("OR(FALSE, Status__c = 'Paid')", False),
        ("FALSE && Missing__c", False),
        ("TRUE || Missing__c", True),
        ("AND(FALSE, Missing__c)", False),
        ("Blank__c = NULL", True),
        ('Blank__c = ""', True),
        ("Blank__c <> 1", True),
        ("Blank__c < 1", False),
        ("Blank__c > 1", False),
        ("NOT(Blank__c)", True),
    ],
)
def test_conditions(formula, value):
    assert _run(formula) is value


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("Blank__c + 1", None),
        ("-Blank__c", None),
        ("TODAY() - Blank__c", None),
        ("Blank__c - TODAY()", None),
        ("TODAY() + Blank__c", None),
        ("ABS(Blank__c)", None),
        ("ROUND(Blank__c, 2)", None),
        ("MAX(1, Blank__c)", None),
        ("YEAR(Blank__c)", None),
        ("Blank__c & 'x'", "x"),
        ("LEFT(Blank__c, 3)", ""),
        ("BLANKVALUE(Blank__c, 'x')", "x"),
        ("BLANKVALUE('', 'x')", "x"),
        ("NULLVALUE('', 'x')", ""),
        ("NULLVALUE(Blank__c, Three__c)", Decimal(3)),
        ("ISBLANK(Blank__c)", True),
        ("ISBLANK('')", True),
        ("ISNULL('')", False),
        ("ISNULL(Blank__c)", True),
        ("IF(Blank__c, 1, 2)", Decimal(2)),
    ],
)
def test_blanks(formula, value):
    assert _run(formula) == value


def test_blanks_as_zero():
    assert _run("Blank__c + 1", blank_as_zero=True) == 1
    assert _run("Blank__c < 1", blank_as_zero=True) is True
    assert _run("TODAY() + Blank__c", blank_as_zero=True) == TODAY
    assert _run("TODAY() - Blank__c", blank_as_zero=True) is None


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("TODAY()", TODAY),
        ("NOW()", NOW),
        ("TODAY() - Due_On__c", Decimal(46)),
        ("Due_On__c + 1.9", date(2026, 2, 1)),
        ("1 + Due_On__c", date(2026, 2, 1)),
        ("Due_On__c - 31", date(2025, 12, 31)),
        ("NOW() - 0.5", datetime(2026, 3, 18, 3, 30, tzinfo=UTC)),
        ("NOW() - (NOW() - 1)", Decimal(1)),
        ("DATE(2026, 2, 28)", date(2026, 2, 28)),
        ("DATE(2026, 2, 29)", None),
        ("DATE(2026, Blank__c, 1)", None),
        ("DATEVALUE(NOW())", TODAY),
        ('DATEVALUE("2026-02-01")', date(2026, 2, 1)),
        ('DATEVALUE("soon")', None),
        ("YEAR(TODAY()) * 10000 + MONTH(TODAY()) * 100 + DAY(TODAY())", Decimal(20260318)),
        ("WEEKDAY(TODAY())", Decimal(4)),
        ("WEEKDAY(DATE(2026, 3, 15))", Decimal(1)),
        ("ADDMONTHS(Due_On__c, 1)", date(2026, 2, 28)),
        ("ADDMONTHS(DATE(2026, 2, 28), 1)", date(2026, 3, 31)),
        ("ADDMONTHS(DATE(2026, 1, 15), -13)", date(2024, 12, 15)),
        ("ADDMONTHS(DATE(2026, 1, 15), 99999)", None),
        ("DATE(9999, 12, 31) + 1", None),
    ],
)
def test_dates(formula, value):
    assert _run(formula) == value


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("ABS(-1.5)", "1.5"),
        ("CEILING(2.5)", "3"),
        ("CEILING(-2.5)", "-3"),
        ("FLOOR(245.245)", "245"),
        ("FLOOR(-2.5)", "-2"),
        ("MCEILING(-2.5)", "-2"),
        ("MFLOOR(-2.5)", "-3"),
        ("MAX(1, 3, 2)", "3"),
        ("MIN(1, 3, 2)", "1"),
        ("MOD(123, 100)", "23"),
        ("MOD(-7, 3)", "-1"),
        ("ROUND(1.5, 0)", "2"),
        ("ROUND(-1.5, 0)", "-2"),
        ("ROUND(225.49823, 2)", "225.50"),
        ("ROUND(1250, -2)", "1300"),
        ("VALUE(' 12.50 ')", "12.5"),
        ("LEN('four')", "4"),
    ],
)
def test_numbers(formula, value):
    assert _run(formula) == Decimal(value)


@pytest.mark.parametrize("formula", ["MOD(1, 0)", "VALUE('x')", "VALUE('')", "VALUE('NaN')", "10 ^ 10 ^ 10"])
def test_errors_of_a_formula_are_null(formula):
    assert _run(formula) is None


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("Account__r.Owner.Name & ' (' & TEXT(Three__c) & ')'", "Ann O'Neill (3)"),
        ("'a' + 'b'", "ab"),
        ('\'it\\\'s\' & "\\"quoted\\"\\n"', 'it\'s"quoted"\n'),
        ("TEXT(1.50)", "1.5"),
        ("TEXT(100)", "100"),
        ("TEXT(Due_On__c)", "2026-01-31"),
        ("TEXT(NOW())", "2026-03-18 15:30:00Z"),
        ("TEXT(Status__c)", "Open"),
        ("TEXT(Blank__c)", ""),
        ("LEFT('abc', 2) & RIGHT('abc', 2) & MID('abcdef', 2, 3)", "abbcbcd"),
        ("LEFT('abc', -1) & RIGHT('abc', 0)", ""),
        ("LOWER('AbC') & UPPER('x') & TRIM('  y ')", "abcXy"),
        ("SUBSTITUTE('a-b-c', '-', '')", "abc"),
        ("IF(CONTAINS(Status__c, 'pe'), 'y', 'n') & IF(CONTAINS(Status__c, 'PE'), 'y', 'n')", "yn"),
        ("IF(BEGINS(Status__c, 'Op'), 'y', 'n')", "y"),
        ("IF(ISPICKVAL(Status__c, 'Open'), 'y', 'n')", "y"),
        ("IF(ISPICKVAL(Blank__c, ''), 'y', 'n')", "y"),
        ("CASE(Status__c, 'Paid', 'p', 'Open', 'o', 'else')", "o"),
        ("CASE(Three__c, 1, 'a', 2, 'b', 'else')", "else"),
        ("CASE(WEEKDAY(TODAY()), 4, 'Wed', 'other')", "Wed"),
        ("HYPERLINK('/' & Status__c, 'a<b')", '<a href="/Open" target="_blank">a&lt;b</a>'),
        ("HYPERLINK('/x', 'y', '_self')", '<a href="/x" target="_self">y</a>'),
        ("IMAGE('/f.png', 'flag')", '<img src="/f.png" alt="flag" border="0"/>'),
        ("IMAGE('/f.png', 'f', 8, 9)", '<img src="/f.png" alt="f" style="height:8px; width:9px;" border="0"/>'),
        ("if(true, 'functions and constants in any case', 'x')", "functions and constants in any case"),
    ],
)
def test_text(formula, value):
    assert _run(formula) == value


def test_the_formulas_of_an_aged_invoice():
    bucket = """
        IF(Balance__c > 0,
          IF(OR(ISBLANK(Due_On__c), TODAY() <= Due_On__c), "Not due",
          IF(TODAY() - Due_On__c <= 30, "1-30",
          IF(TODAY() - Due_On__c <= 60, "31-60", "over"))), NULL)"""
    for balance, due, expected in ((1, date(2026, 3, 18), "Not due"), (1, date(2026, 2, 16), "1-30"), (0, None, None)):
        row = {"Balance__c": Decimal(balance), "Due_On__c": due}
        assert evaluate(bucket, row.__getitem__, today=TODAY, now=NOW) == expected
    assert fields_used(bucket) == {"Balance__c", "Due_On__c"}


def test_fields_used_are_found_in_every_branch():
    assert fields_used('IF(a.b__r.C > 1, CASE(d, 1, e, f), "g" & h)') == {"a.b__r.C", "d", "e", "f", "h"}
    assert fields_used("TODAY() + 1") == set()


@pytest.mark.parametrize(
    ("formula", "code", "message"),
    [
        ("VLOOKUP(1, 2, 3)", "UNSUPPORTED_FORMULA", "VLOOKUP()"),
        ("FALSE && ISCHANGED(a)", "UNSUPPORTED_FORMULA", "ISCHANGED()"),
        ("$User.Id", "UNSUPPORTED_FORMULA", "$User.Id"),
        ("1 +", "FIELD_INTEGRITY_EXCEPTION", "Found end of formula"),
        ("1 2", "FIELD_INTEGRITY_EXCEPTION", "Found '2'"),
        ("IF(1 = 1, 2", "FIELD_INTEGRITY_EXCEPTION", "Found end of formula"),
        ("1 # 2", "FIELD_INTEGRITY_EXCEPTION", "Found '#'"),
        ("", "FIELD_INTEGRITY_EXCEPTION", "Found end of formula"),
        ("IF(TRUE, 1)", "FIELD_INTEGRITY_EXCEPTION", "Expected 3, received 2"),
        ("TODAY(1)", "FIELD_INTEGRITY_EXCEPTION", "Expected 0, received 1"),
        ("CASE(1, 2, 3, 4, 5)", "FIELD_INTEGRITY_EXCEPTION", "Incorrect number of parameters"),
        ("1 + 'a'", "FIELD_INTEGRITY_EXCEPTION", "Expected Text, received Number"),
        ("1 * 'a'", "FIELD_INTEGRITY_EXCEPTION", "operator '*'. Expected Number, received Text"),
        ("TODAY() + TODAY()", "FIELD_INTEGRITY_EXCEPTION", "received Date"),
        ("NOW() - TODAY()", "FIELD_INTEGRITY_EXCEPTION", "received Date"),
        ("1 - TODAY()", "FIELD_INTEGRITY_EXCEPTION", "Expected Date, received Number"),
        ("1 < 'a'", "FIELD_INTEGRITY_EXCEPTION", "operator '<'"),
        ("1 = 'a'", "FIELD_INTEGRITY_EXCEPTION", "operator '='"),
        ("TRUE < FALSE", "FIELD_INTEGRITY_EXCEPTION", "operator '<'"),
        ("IF(1, 2, 3)", "FIELD_INTEGRITY_EXCEPTION", "function IF(). Expected Boolean, received Number"),
        ("LEN(1)", "FIELD_INTEGRITY_EXCEPTION", "function LEN(). Expected Text, received Number"),
        ("YEAR(NOW())", "FIELD_INTEGRITY_EXCEPTION", "Expected Date, received DateTime"),
        ("TEXT(TRUE)", "FIELD_INTEGRITY_EXCEPTION", "received Boolean"),
        ("ADDMONTHS(1, 1)", "FIELD_INTEGRITY_EXCEPTION", "Expected Date, received Number"),
        ("3 & 'x'", "FIELD_INTEGRITY_EXCEPTION", "operator '&'. Expected Text, received Number"),
    ],
)
def test_refusals(formula, code, message):
    with pytest.raises(OrgError) as caught:
        _run(formula)
    assert caught.value.code == code
    assert message in caught.value.message


def test_an_unknown_function_is_found_by_a_lint_too():
    with pytest.raises(OrgError, match="REGEX"):
        fields_used("IF(FALSE, REGEX(a, b), 1)")


def test_every_function_checks_how_it_is_called():
    for name, function in FUNCTIONS.items():
        if function.least:
            with pytest.raises(OrgError, match="Incorrect number of parameters"):
                fields_used(f"{name}()")


@st.composite
def _sums(draw, depth=3):
    if depth == 0 or draw(st.booleans()):
        number = draw(st.integers(0, 50))
        return str(number), Decimal(number)
    sign = draw(st.sampled_from("+-*"))
    (left, one), (right, other) = draw(_sums(depth=depth - 1)), draw(_sums(depth=depth - 1))
    value = {"+": one + other, "-": one - other, "*": one * other}[sign]
    return f"({left}) {sign} ({right})", value


@given(_sums())
def test_any_sum_is_what_python_makes_of_it(case):
    formula, value = case
    assert _run(formula) == value
    assert _run(formula) == eval(formula)
