"""WHERE against a straightforward reading of it in Python, and its rules for nulls, case and ids."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.local.org.soql import run_query


def _names(ask, where):
    return sorted(ask(f"SELECT Name FROM Account WHERE {where}", "Name"))


@pytest.fixture
def accounts(source):
    source.add("Account", Name="Acme", Industry="Media", AnnualRevenue=Decimal("100.5"), Active__c=True, Tags__c="A;B")
    source.add("Account", Name="acme two", Industry="Energy", AnnualRevenue=Decimal(200), Active__c=False, Tags__c="C")
    source.add("Account", Name="Zen", AnnualRevenue=None, Active__c=False, Site="50%_off")
    return source


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Name = 'ACME'", ["Acme"]),
        ("Name != 'acme'", ["Zen", "acme two"]),
        ("Name <> 'acme'", ["Zen", "acme two"]),
        ("Name > 'acme'", ["Zen", "acme two"]),
        ("Name <= 'ACME TWO'", ["Acme", "acme two"]),
        ("Name LIKE 'acm%'", ["Acme", "acme two"]),
        ("Name LIKE 'acm_'", ["Acme"]),
        ("Name LIKE '%E%'", ["Acme", "Zen", "acme two"]),
        ("(NOT Name LIKE 'acme%')", ["Zen"]),
        ("Site LIKE '50\\%\\_o%'", ["Zen"]),
        ("Site LIKE '50\\_%'", []),
        ("NOT Site LIKE '50%'", ["Acme", "acme two"]),
        ("Industry = null", ["Zen"]),
        ("Industry = ''", ["Zen"]),
        ("Industry != null", ["Acme", "acme two"]),
        ("Industry != 'Media'", ["Zen", "acme two"]),
        ("Industry NOT IN ('Media')", ["Zen", "acme two"]),
        ("Industry NOT IN ('media', null)", ["acme two"]),
        ("Industry IN ('media', null)", ["Acme", "Zen"]),
        ("Industry IN ('Media', '')", ["Acme", "Zen"]),
        ("toLabel(Industry) = 'Media'", ["Acme"]),
        ("AnnualRevenue = 100.50", ["Acme"]),
        ("AnnualRevenue < 200", ["Acme"]),
        ("AnnualRevenue >= +200", ["acme two"]),
        ("AnnualRevenue != 200", ["Acme", "Zen"]),
        ("AnnualRevenue IN (100.5, -1, .5)", ["Acme"]),
        ("AnnualRevenue = NULL", ["Zen"]),
        ("Active__c = true", ["Acme"]),
        ("Active__c = null", ["Zen", "acme two"]),
        ("Active__c != null", ["Acme"]),
        ("Tags__c INCLUDES ('a;b', 'C')", ["Acme", "acme two"]),
        ("Tags__c INCLUDES ('A;C')", []),
        ("Tags__c EXCLUDES ('A')", ["Zen", "acme two"]),
        ("Tags__c = 'B;A'", ["Acme"]),
        ("Parent.Name = null", ["Acme", "Zen", "acme two"]),
        ("Parent.Name = 'x'", []),
        ("Parent.Parent.Name != 'x'", ["Acme", "Zen", "acme two"]),
        ("Account.Name = 'Zen'", ["Zen"]),
        ("Name = 'Zen' AND (Industry = null OR Industry = 'Media')", ["Zen"]),
        ("NOT (Name = 'Zen' OR Name = 'Acme')", ["acme two"]),
    ],
)
def test_operators(accounts, ask, where, found):
    assert _names(ask, where) == found


def test_the_object_can_have_an_alias(accounts, ask):
    assert ask("SELECT a.Name FROM Account a WHERE a.Industry = 'Media' ORDER BY a.Name", "Name") == ["Acme"]


def test_escapes(source, ask):
    name = 'O\'Neill \\ "Sons"\n\tÄ'
    source.add("Account", Name=name)
    assert ask(r"SELECT Name FROM Account WHERE Name = 'o\'neill \\ \"sons\"\n\tä'", "Name") == [name]
    assert ask(r"SELECT Name FROM Account WHERE Name LIKE 'O\'N%\\%\u00e4'", "Name") == [name]


def test_case_sensitive_fields_mind_case(source, ask):
    source.add("Account", Name="one", Code__c="aB")
    assert ask("SELECT Name FROM Account WHERE Code__c = 'ab'", "Name") == []
    assert ask("SELECT Name FROM Account WHERE Code__c = 'aB'", "Name") == ["one"]


def test_ids_of_15_and_18_characters(source, ask):
    parent = source.add("Account", Name="parent")
    child = source.add("Account", Name="child", ParentId=parent)
    for written in (parent, parent[:15]):
        assert ask(f"SELECT Name FROM Account WHERE ParentId = '{written}'", "Name") == ["child"]
        assert ask(f"SELECT Name FROM Account WHERE Id IN ('{written}')", "Name") == ["parent"]
        assert ask(f"SELECT Name FROM Account WHERE Parent.Id != '{written}'", "Name") == ["parent"]
    assert ask(f"SELECT Name FROM Account WHERE Id > '{parent}'", "Name") == ["child"]
    assert ask("SELECT Name FROM Account WHERE ParentId = ''", "Name") == ["parent"]
    assert child != parent


def test_keys_are_looked_up_and_not_scanned(source, ask):
    ids = [source.add("AR_Invoice__c", Key__c=f"k{number}") for number in range(10)]
    assert ask("SELECT Id FROM AR_Invoice__c WHERE key__c = 'K3' AND Amount__c = null", "Id") == [ids[3]]
    assert ask(f"SELECT Id FROM AR_Invoice__c WHERE Id IN ('{ids[1]}', '{ids[1][:15]}')", "Id") == [ids[1]]
    assert source.calls["rows"] == 0
    assert ask("SELECT Id FROM AR_Invoice__c WHERE Key__c = 'k3' OR Amount__c != null", "Id") == [ids[3]]
    assert ask("SELECT Id FROM AR_Invoice__c WHERE Key__c IN ('k3', null)", "Id") == [ids[3]]
    assert source.calls["rows"] == 2


def test_what_is_new_is_found_without_a_scan(source, ask):
    now = datetime(2026, 3, 18, tzinfo=UTC)
    ids = [source.add("Account", Name=str(n), SystemModstamp=now + timedelta(seconds=n)) for n in range(4)]
    stamps = [f"{now + timedelta(seconds=n):%Y-%m-%dT%H:%M:%S}.000Z" for n in range(4)]
    for where, found in (
        (f"SystemModstamp >= {stamps[2]}", ids[2:]),
        (f"SystemModstamp > {stamps[2]} AND Name != null", ids[3:]),
        (f"SystemModstamp = {stamps[2]}", ids[2:3]),
        (f"SystemModstamp IN ({stamps[3]}, {stamps[1]})", [ids[1], ids[3]]),
        (f"SystemModstamp > {stamps[2]} OR (SystemModstamp = {stamps[2]} AND Id > '{ids[0]}')", ids[2:]),
        (f"SystemModstamp >= {stamps[1]} AND SystemModstamp < {stamps[3]}", ids[1:3]),
    ):
        assert ask(f"SELECT Id FROM Account WHERE {where} ORDER BY SystemModstamp, Id", "Id") == found
    assert (source.calls["rows"], source.calls["changed_since"]) == (0, 6)
    for where, found in (
        (f"SystemModstamp >= {stamps[2]} OR Name = '0'", [ids[0], *ids[2:]]),
        (f"NOT SystemModstamp >= {stamps[2]}", ids[:2]),
        (f"SystemModstamp < {stamps[1]}", ids[:1]),
        (f"SystemModstamp IN ({stamps[1]}, null)", ids[1:2]),
    ):
        assert ask(f"SELECT Id FROM Account WHERE {where} ORDER BY SystemModstamp, Id", "Id") == found
    assert (source.calls["rows"], source.calls["changed_since"]) == (4, 6)


def test_deleted_rows_are_only_in_query_all(source, ask):
    parent = source.add("Account", Name="gone", IsDeleted=True)
    source.add("Account", Name="child", ParentId=parent)
    assert ask("SELECT Name FROM Account", "Name") == ["child"]
    assert ask("SELECT Name FROM Account ALL ROWS", "Name") == ["gone", "child"]
    assert [one["Name"] for one in run_query("SELECT Name FROM Account", source, include_deleted=True).records] == [
        "gone",
        "child",
    ]
    assert ask(f"SELECT Name FROM Account WHERE Id = '{parent}'", "Name") == []
    assert ask("SELECT Parent.Name FROM Account", "Parent") == [None]
    assert ask("SELECT Name FROM Account WHERE IsDeleted = true", "Name") == []


def test_scope(source, ask):
    source.add("Account", Name="mine", OwnerId=source.user_id)
    source.add("Account", Name="theirs", OwnerId=None)
    assert ask("SELECT Name FROM Account USING SCOPE mine", "Name") == ["mine"]
    assert ask("SELECT Name FROM Account USING SCOPE everything", "Name") == ["mine", "theirs"]


def test_formulas_are_filtered_by_their_value(source, ask):
    source.add("AR_Invoice__c", Key__c="late", Due_On__c=date(2026, 3, 1))
    source.add("AR_Invoice__c", Key__c="soon", Due_On__c=date(2026, 4, 1))
    assert ask("SELECT Key__c FROM AR_Invoice__c WHERE Days_Past_Due__c > 0", "Key__c") == ["late"]
    assert ask("SELECT Key__c FROM AR_Invoice__c WHERE Bucket__c = 'LATE'", "Key__c") == ["late"]


def test_semi_joins_and_anti_joins(source, ask):
    acme, zen = source.add("Account", Name="Acme"), source.add("Account", Name="Zen")
    source.add("Contact", LastName="Lee", AccountId=acme)
    source.add("Contact", LastName="Ray", AccountId=None)
    source.add("AR_Invoice__c", Account__c=zen, Status__c="Open")
    by_contact = "SELECT Name FROM Account WHERE Id {} (SELECT AccountId FROM Contact WHERE LastName != 'x')"
    assert ask(by_contact.format("IN"), "Name") == ["Acme"]
    assert ask(by_contact.format("NOT IN"), "Name") == ["Zen"]
    assert ask(
        "SELECT LastName FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Name LIKE 'a%') "
        "AND AccountId NOT IN (SELECT Account__c FROM AR_Invoice__c WHERE Status__c = 'Open')",
        "LastName",
    ) == ["Lee"]


def test_polymorphic_parents(source, ask):
    account = source.add("Account", Name="Acme", OwnerId=source.add("User", Name="Ann", Email="ann@example.com"))
    invoice = source.add("AR_Invoice__c", Name="I-0001", Account__c=account)
    source.add("Task", Subject="call", WhatId=account, OwnerId=source.user_id)
    source.add("Task", Subject="chase", WhatId=invoice)
    source.add("Task", Subject="nothing")
    found = run_query("SELECT What.Name, What.Type, Owner.Email FROM Task ORDER BY Subject", source).records
    assert found[0]["What"] == {
        "attributes": {"type": "Name", "url": f"/services/data/v66.0/sobjects/Account/{account}"},
        "Name": "Acme",
        "Type": "Account",
    }
    assert found[0]["Owner"]["Email"] == "ann@example.com"
    assert found[1]["What"]["Type"] == "AR_Invoice__c"
    assert found[2]["What"] is None
    assert ask("SELECT Subject FROM Task WHERE What.Type IN ('account')", "Subject") == ["call"]


def test_currency_literals_compare_in_the_corporate_currency(source, ask):
    for code, rate in (("USD", "1"), ("EUR", "0.8"), ("JPY", "150")):
        source.add("CurrencyType", IsoCode=code, ConversionRate=Decimal(rate), IsActive=True)
    for name, amount, code in (("a", 5_001, "USD"), ("b", 7_000, "JPY"), ("c", 4_200, "EUR"), ("d", None, "EUR")):
        amount_or_none = None if amount is None else Decimal(amount)
        source.add("Account", Name=name, AnnualRevenue=amount_or_none, CurrencyIsoCode=code)
    assert _names(ask, "AnnualRevenue > USD5000") == ["a", "c"]
    assert _names(ask, "AnnualRevenue > 5000") == ["a", "b"]
    assert _names(ask, "AnnualRevenue IN (eur4200, JPY1)") == ["c"]
    assert _names(ask, "AnnualRevenue != EUR4200") == ["a", "b", "d"]


# --- any condition, against a plain reading of it -------------------------------------------------------------------

_TEXTS = st.sampled_from(["a", "A", "ab", "b%", "_", "", "é", "É", "x'y", "back\\slash", "\n"])
_ROWS = st.fixed_dictionaries(
    {
        "Name": st.none() | _TEXTS.filter(bool),
        "AnnualRevenue": st.none() | st.integers(-3, 3).map(Decimal),
        "Active__c": st.booleans(),
        "CreatedDate": st.integers(0, 3).map(lambda hour: datetime(2026, 3, 18, hour, tzinfo=UTC)),
    }
)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def _plain(op: str, value: Any, wanted: Any) -> bool:
    """What the documentation says of one comparison."""
    if op in ("=", "!="):
        return (value == wanted) == (op == "=")
    if value is None or wanted is None:
        return False
    return {"<": value < wanted, "<=": value <= wanted, ">": value > wanted, ">=": value >= wanted}[op]


def _fold(value: Any) -> Any:
    return value.upper() or None if isinstance(value, str) else value


@st.composite
def _comparisons(draw):
    name = draw(st.sampled_from(["Name", "AnnualRevenue", "Active__c", "CreatedDate"]))
    ops = ["=", "!="] if name == "Active__c" else ["=", "!=", "<", "<=", ">", ">="]
    op = draw(st.sampled_from(ops))
    if name == "Name":
        wanted = draw(_TEXTS if op in ("=", "!=") else _TEXTS.filter(bool))
        return f"Name {op} {_quoted(wanted)}", lambda row: _plain(op, _fold(row["Name"]), _fold(wanted))
    if name == "AnnualRevenue":
        number = draw(st.integers(-3, 3))
        return f"AnnualRevenue {op} {number}", lambda row: _plain(op, row["AnnualRevenue"], number)
    if name == "Active__c":
        flag = draw(st.booleans())
        return f"Active__c {op} {flag}", lambda row: _plain(op, row["Active__c"], flag)
    moment = datetime(2026, 3, 18, draw(st.integers(0, 3)), tzinfo=UTC)
    return f"CreatedDate {op} {moment:%Y-%m-%dT%H:%M:%SZ}", lambda row: _plain(op, row["CreatedDate"], moment)


@st.composite
def _lists(draw):
    wanted = draw(st.lists(_TEXTS, min_size=1, max_size=3))
    folded = {_fold(text) for text in wanted}
    inside = draw(st.booleans())
    written = ", ".join(_quoted(text) for text in wanted)
    return f"Name {'IN' if inside else 'NOT IN'} ({written})", lambda row: (_fold(row["Name"]) in folded) == inside


def _junction(parts):
    def build(word, combine):
        texts, tests = [f"({text})" for text, _ in parts], [test for _, test in parts]
        return f" {word} ".join(texts), lambda row: combine(test(row) for test in tests)

    return st.sampled_from([build("AND", all), build("OR", any)])


_CONDITIONS = st.recursive(
    _comparisons() | _lists(),
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).flatmap(_junction)
        | inner.map(lambda one: (f"NOT ({one[0]})", lambda row: not one[1](row)))
    ),
    max_leaves=6,
)


@given(rows=st.lists(_ROWS, max_size=6), condition=_CONDITIONS)
def test_any_condition_means_what_it_says(rows, condition, make_source):
    source = make_source()
    text, test = condition
    ids = [source.add("Account", **row) for row in rows]
    found = [one["Id"] for one in run_query(f"SELECT Id FROM Account WHERE {text}", source).records]
    assert found == [record_id for record_id, row in zip(ids, rows, strict=True) if test(row)]


@given(pattern=st.text("aB%_", max_size=5), text=st.text("AaBb", min_size=1, max_size=5))
def test_like_is_a_walk_over_the_pattern(pattern, text, make_source):
    def matches(rest: str, left: str) -> bool:
        if not rest:
            return not left
        if rest[0] == "%":
            return any(matches(rest[1:], left[at:]) for at in range(len(left) + 1))
        return bool(left) and (rest[0] == "_" or rest[0].upper() == left[0].upper()) and matches(rest[1:], left[1:])

    source = make_source()
    source.add("Account", Name=text)
    assert bool(run_query(f"SELECT Id FROM Account WHERE Name LIKE '{pattern}'", source).records) == matches(
        pattern, text
    )
