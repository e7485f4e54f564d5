"""What is a query and what is not, in Salesforce's words."""

import pytest

from connector.local.org.model import OrgError
from connector.local.org.soql import tree
from connector.local.org.soql.errors import header as header_at
from connector.local.org.soql.parse import parse


def _refusal(query: str) -> OrgError:
    with pytest.raises(OrgError) as caught:
        parse(query)
    return caught.value


def test_every_clause_at_once():
    query = parse(
        "select Id, a.Account__r.Name, (SELECT Id FROM Cases__r LIMIT 2) from Foo__c a using scope mine where x = 1 "
        "GROUP BY x, CALENDAR_YEAR(y) having count(Id) > 3 order by Name desc nulls last, Id limit 3 offset 4 "
        "for view all rows"
    )
    assert query.select[1] == tree.Selected(tree.Path(("a", "Account__r", "Name"), 11), None)
    assert isinstance(query.select[2], tree.Query)
    assert query.select[2].limit == 2
    assert (query.alias, query.limit, query.offset, query.all_rows) == ("a", 3, 4, True)
    assert [operand.text for operand in query.group_by] == ["x", "CALENDAR_YEAR(y)"]
    assert [(one.descending, one.nulls_last) for one in query.order_by] == [(True, True), (False, False)]


@pytest.mark.parametrize(
    "name", ["Group", "Order", "Scope", "Limit__c", "Fromage", "Android", "Inbox", "Notes", "Ordering"]
)
def test_keywords_are_names_where_no_keyword_can_stand(name):
    query = parse(f"SELECT {name}, {name}.Name FROM {name} WHERE {name} = 1 ORDER BY {name}")
    assert query.sobject.text == name


def test_conditions_nest_only_by_parentheses():
    query = parse("SELECT Id FROM A WHERE (x = 1 OR y = 2) AND NOT z = 3")
    assert isinstance(query.where, tree.Junction)
    assert query.where.every
    assert isinstance(query.where.terms[0], tree.Junction)
    assert isinstance(query.where.terms[1], tree.Negation)


@pytest.mark.parametrize(
    ("query", "token"),
    [
        ("SELECT Id, FROM Account", "FROM"),
        ("SELECT Id FROM Account WHERE", "<EOF>"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Site = 'b' OR Name = 'c'", "OR"),
        ("SELECT Id FROM Account WHERE Name = 'a' OR Site = 'b' AND Name = 'c'", "AND"),
        ("SELECT Id FROM Account LIMIT ten", "ten"),
        ("SELECT Id FROM Account LIMIT -1", "-1"),
        ("SELECT Id FROM Account LIMIT 1.5", "1.5"),
        ("SELECT Id FROM Account WHERE Name IN ('a', )", ")"),
        ("SELECT Id FROM Account WHERE Name NOT LIKE 'a'", "LIKE"),
        ("DELETE FROM Account", "DELETE"),
        ("SELECT * FROM Account", "*"),
        ("SELECT Id FROM Account LIMIT 1 WHERE Name = 'a'", "WHERE"),
    ],
)
def test_unexpected_tokens(query, token):
    refusal = _refusal(query)
    assert refusal.code == "MALFORMED_QUERY"
    assert token in refusal.message


def test_the_caret_stands_under_the_token():
    assert _refusal("SELECT Id, FROM Account").message == (
        "\nSELECT Id, FROM Account\n           ^\nERROR at Row:1:Column:12\nunexpected token: 'FROM'"
    )


@pytest.mark.parametrize(
    ("before", "quoted", "culprit", "column"),
    [
        ("Id,", "CreatedById,OCE__ActualCap__c,TPI_Product__c,Name,OCE__JobId__c", "TPI_Product__c", 114),
        (" ", "Account.Phone, Account.Rating, Account.RecordTypeId, Account.ShippingCity", "Account.Rec", 486),
    ],
)
def test_the_header_quotes_the_words_around_the_error_as_recorded(before, quoted, culprit, column):
    at = quoted.index(culprit)
    text = "SELECT Account.Id,".ljust(column - 1 - at - len(before), "x") + before + f"{quoted},More__c FROM Account"
    header = header_at(text, column - 1)
    assert header == f"\n{quoted}\n{' ' * at}^\nERROR at Row:1:Column:{column}\n"


def test_rows_are_counted_in_queries_of_several_lines():
    message = _refusal("SELECT Id\nFROM Account\nWHERE Name = AND Site = 'x'").message
    assert message.startswith("\nWHERE Name = AND Site = 'x'\n             ^\nERROR at Row:3:Column:14\n")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('SELECT Id FROM Account WHERE Name = "x"', "line 1:36 no viable alternative at character '\"'"),
        ("SELECT Id FROM Account WHERE Name = 'x", "line 1:36 mismatched character '<EOF>' expecting '''"),
        ("SELECT Id FROM Account WHERE Name = :name", "Bind variables only allowed in Apex code"),
        ("SELECT Id FROM Account LIMIT :n", "Bind variables only allowed in Apex code"),
    ],
)
def test_messages_of_the_lexer(query, message):
    refusal = _refusal(query)
    assert (refusal.code, refusal.message) == ("MALFORMED_QUERY", message)


@pytest.mark.parametrize(
    ("query", "clause"),
    [
        ("SELECT Id FROM Account WITH SECURITY_ENFORCED", "WITH"),
        ("SELECT Id FROM Account WHERE Name = 'a' WITH USER_MODE LIMIT 1", "WITH"),
        ("SELECT TYPEOF What WHEN Account THEN Phone END FROM Task", "TYPEOF"),
        ("SELECT Id FROM Contact c, c.Account a", "several objects in FROM"),
        ("SELECT Id FROM Account UPDATE TRACKING", "UPDATE TRACKING"),
    ],
)
def test_what_is_not_supported_says_so(query, clause):
    refusal = _refusal(query)
    assert (refusal.code, refusal.status) == ("UNSUPPORTED_SOQL", 501)
    assert clause in refusal.message


def test_a_query_may_have_100_000_characters():
    ids = ",".join(f"'{number:018d}'" for number in range(4_700))
    query = parse(f"SELECT Id FROM Account WHERE Id IN ({ids})")
    assert isinstance(query.where, tree.Comparison)
    assert isinstance(query.where.right, tuple)
    assert len(query.where.right) == 4_700
    assert "100000" in _refusal("SELECT Id FROM Account WHERE Name = '" + "x" * 100_000 + "'").message


def test_a_string_may_have_4_000_characters():
    assert parse(f"SELECT Id FROM A WHERE b = '{'x' * 4_000}'")
    assert "4000" in _refusal(f"SELECT Id FROM A WHERE b = '{'x' * 4_001}'").message
    assert "4000" in _refusal(f"SELECT Id FROM A WHERE b IN ('a', '{'x' * 4_001}')").message
