"""`where` and `orderBy` against what SOQL finds: the two must agree row by row, in order."""

import pytest

from connector.local.org.graphql.soql import quoted

from .conftest import invoice
from .graphql_api import data, listed, nodes, refused

ROWS = [
    ("a", "Open", 10, "2026-01-31", False, "USD"),
    ("b", "Open", 20.5, "2026-02-15", True, "USD"),
    ("C's 50%", "Paid", 0, None, False, "USD"),
    ("d_e", "Open", 7, "2026-03-01", False, "EUR"),
    ("dxe", "Void", None, "2025-12-31", True, "USD"),
]


@pytest.fixture
def filled(api, account):
    """Five invoices of one account, and one of none."""
    for key, status, balance, due, hold, code in ROWS:
        record = invoice(key, Status__c=status, Balance__c=balance, CurrencyIsoCode=code)
        record |= {"Account__c": account, "Due_On__c": due, "On_Hold__c": hold}
        assert api.upsert("AR_Invoice__c", [record])[0]["success"]
    assert api.upsert("AR_Invoice__c", [invoice("loose")])[0]["success"]
    return api


MATRIX = [
    ('Status__c: { eq: "Open" }', "Status__c = 'Open'"),
    ('Status__c: { eq: "open" }', "Status__c = 'open'"),
    ('Status__c: { ne: "Open" }', "Status__c != 'Open'"),
    ('Status__c: { in: ["Open", "Paid"] }', "Status__c IN ('Open','Paid')"),
    ('Status__c: { nin: ["Open", "Paid"] }', "Status__c NOT IN ('Open','Paid')"),
    ("Balance__c: { gt: 7, lte: 20.5 }", "Balance__c > 7 AND Balance__c <= 20.5"),
    ("Balance__c: { eq: null }", "Balance__c = NULL"),
    ("Balance__c: { ne: null }", "Balance__c != NULL"),
    ("Balance__c: { lt: 10 }", "Balance__c < 10"),
    ("Balance__c: { gte: 10.00 }", "Balance__c >= 10.00"),
    ("On_Hold__c: { eq: true }", "On_Hold__c = TRUE"),
    ("On_Hold__c: { ne: true }", "On_Hold__c != TRUE"),
    ('Name: { like: "%e" }', "Name LIKE '%e'"),
    ('Name: { like: "C\'s 50\\\\%" }', "Name LIKE 'C\\'s 50\\%'"),
    ('Name: { like: "d\\\\_e" }', "Name LIKE 'd\\_e'"),
    ('Name: { eq: "C\'s 50%" }', "Name = 'C\\'s 50%'"),
    ('Due_On__c: { eq: { value: "2026-01-31" } }', "Due_On__c = 2026-01-31"),
    ('Due_On__c: { lt: { value: "2026-02-15" } }', "Due_On__c < 2026-02-15"),
    ("Due_On__c: { lt: { literal: TODAY } }", "Due_On__c < TODAY"),
    ("Due_On__c: { eq: { range: { last_n_days: 3650 } } }", "Due_On__c = LAST_N_DAYS:3650"),
    ("Due_On__c: { gte: { range: { n_years_ago: 5 } } }", "Due_On__c >= N_YEARS_AGO:5"),
    ("Due_On__c: { eq: { value: null } }", "Due_On__c = NULL"),
    ('Due_On__c: { in: [{ value: "2026-01-31" }, { value: "2026-03-01" }] }', "Due_On__c IN (2026-01-31,2026-03-01)"),
    ("Due_On__c: { CALENDAR_YEAR: { value: { eq: 2026 } } }", "CALENDAR_YEAR(Due_On__c) = 2026"),
    ('CreatedDate: { gt: { value: "2020-01-01T00:00:00Z" } }', "CreatedDate > 2020-01-01T00:00:00Z"),
    ("CreatedDate: { eq: { literal: TODAY } }", "CreatedDate = TODAY"),
    ("Days_Past_Due__c: { gt: 0 }", "Days_Past_Due__c > 0"),
    ('Account__r: { Name: { eq: "Acme" } }', "Account__r.Name = 'Acme'"),
    ('Account__r: { Owner: { Name: { like: "System%" } } }', "Account__r.Owner.Name LIKE 'System%'"),
    ("Account__c: { eq: null }", "Account__c = NULL"),
    ("CreatedBy: { IsActive: { eq: true } }", "CreatedBy.IsActive = TRUE"),
    (
        'or: [{ Status__c: { eq: "Paid" } }, { and: [{ Balance__c: { gt: 15 } }, { On_Hold__c: { eq: true } }] }]',
        "Status__c = 'Paid' OR (Balance__c > 15 AND On_Hold__c = TRUE)",
    ),
    ('not: { Status__c: { eq: "Open" } }', "NOT Status__c = 'Open'"),
    (
        'On_Hold__c: { eq: false }, not: { or: [{ Status__c: { eq: "Paid" } }, { Balance__c: { gt: 8 } }] }',
        "On_Hold__c = FALSE AND (NOT (Status__c = 'Paid' OR Balance__c > 8))",
    ),
]


@pytest.mark.parametrize(("where", "soql"), MATRIX)
def test_where(filled, where, soql):
    found = listed(filled, f"AR_Invoice__c(first: 100, where: {{ {where} }}, orderBy: {{ Name: {{}} }})")
    expected = filled.query(f"SELECT Id FROM AR_Invoice__c WHERE {soql} ORDER BY Name")
    assert [node["Id"] for node in found] == [record["Id"] for record in expected]


@pytest.mark.parametrize(
    ("order", "soql"),
    [
        ("Due_On__c: { order: ASC, nulls: LAST }", "Due_On__c ASC NULLS LAST"),
        ("Due_On__c: { order: DESC }", "Due_On__c DESC NULLS FIRST"),
        ("Balance__c: {}", "Balance__c"),
        ("Status__c: { order: DESC }, Balance__c: { order: ASC }", "Status__c DESC, Balance__c ASC"),
        ("On_Hold__c: { order: DESC }, Balance__c: { order: DESC, nulls: LAST }", None),
        ("Account__r: { Name: { order: DESC, nulls: LAST } }, Name: { order: ASC }", None),
    ],
)
def test_order_by(filled, order, soql):
    soql = (
        soql
        or {
            "O": "On_Hold__c DESC, Balance__c DESC NULLS LAST",
            "A": "Account__r.Name DESC NULLS LAST, Name ASC",
        }[order[0]]
    )
    found = listed(filled, f"AR_Invoice__c(orderBy: {{ {order} }})")
    expected = filled.query(f"SELECT Id FROM AR_Invoice__c ORDER BY {soql}")
    assert [node["Id"] for node in found] == [record["Id"] for record in expected]


def test_order_and_filter_as_variables(filled):
    """A table sorted by its reader: the keys count in the order in which they were sent."""
    query = """query sorted($where: AR_Invoice__c_Filter, $orderBy: AR_Invoice__c_OrderBy, $way: ResultOrder) {
      uiapi { query {
        AR_Invoice__c(where: $where, orderBy: $orderBy) { edges { node { Id } } }
        one: AR_Invoice__c(orderBy: { Name: { order: $way } }, first: 1) { edges { node { Name { value } } } }
      } } }"""
    variables = {
        "where": {"CurrencyIsoCode": {"eq": "USD"}, "Due_On__c": {"ne": {"value": None}}},
        "orderBy": {"Status__c": {"order": "DESC"}, "Balance__c": {"order": "DESC"}},
        "way": "DESC",
    }
    found = data(filled, query, variables)["query"]
    condition = "CurrencyIsoCode = 'USD' AND Due_On__c != NULL"
    soql = f"SELECT Id FROM AR_Invoice__c WHERE {condition} ORDER BY Status__c DESC, Balance__c DESC"
    assert [node["Id"] for node in nodes(found["AR_Invoice__c"])] == [record["Id"] for record in filled.query(soql)]
    assert nodes(found["one"]) == [{"Name": {"value": "loose"}}]


def test_semi_and_anti_joins(filled, account):
    other = 'inq: { AR_Invoice__c: { Status__c: { eq: "Open" } }, ApiName: "Account__c" }'
    assert listed(filled, f"Account(where: {{ Id: {{ {other} }} }})") == [{"Id": account}]
    assert listed(filled, f"Account(where: {{ Id: {{ n{other} }} }})") == []


def test_owners_and_what_tasks_are_about(admin, account):
    admin.create("Task", Subject="x", WhatId=account)
    owned = 'Task(where: { Owner: { User: { Username: { eq: "admin@dueline.example" } } } })'
    assert len(listed(admin, owned)) == 1
    about = 'Task(where: {{ What: {{ {} : {{ Name: {{ eq: "Acme" }} }} }} }})'
    assert len(listed(admin, about.format("Account"))) == 1
    assert listed(admin, about.format("Opportunity")) == []


def test_values_that_do_not_fit(admin):
    for where, said in [
        ('Balance__c: { gt: "7" }', "a number is needed"),
        ('Due_On__c: { eq: { value: "31.1.2026" } }', "YYYY-MM-DD"),
        ('CreatedDate: { eq: { value: "2026-01-31" } }', "needs a zone"),
        ("Due_On__c: { eq: { literal: SOMEDAY } }", "SOMEDAY"),
        ('Due_On__c: { eq: { literal: TODAY, value: "2026-01-31" } }', "exactly one of value, literal and range"),
        ("Status__c: { in: [] }", "at least one value"),
        ("On_Hold__c: { gt: true }", "'gt' is not defined"),
    ]:
        error = refused(admin, f"{{ uiapi {{ query {{ AR_Invoice__c(where: {{ {where} }}) {{ totalCount }} }} }} }}")[0]
        assert said in error["message"], error


@pytest.mark.parametrize("text", ["'", "\\", "\\'", "a\nb\t", "%_", "' OR Name != '", 'ü"'])
def test_no_text_ends_its_quotes(admin, text):
    made = admin.create("Account", Name=f"x{text}y")
    query = """query q($name: String) { uiapi { query {
        Account(where: { Name: { eq: $name } }) { edges { node { Id } } } } } }"""
    found = nodes(data(admin, query, {"name": f"x{text}y"})["query"]["Account"])
    assert found == [{"Id": made}]
    assert quoted(text).startswith("'")
