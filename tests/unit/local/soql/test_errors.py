"""Refusals that depend on the schema, compared to recorded ones."""

from dataclasses import replace

import pytest

from connector.local.org.model import OrgError, Schema
from connector.local.org.soql import run_query


def _refusal(query, source) -> OrgError:
    with pytest.raises(OrgError) as caught:
        run_query(query, source)
    return caught.value


def test_unknown_object_as_recorded(source):
    refusal = _refusal("select count() from XYZZY", source)
    assert (refusal.code, refusal.status) == ("INVALID_TYPE", 400)
    assert refusal.message == (
        "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not "
        "supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. "
        "Please reference your WSDL or the describe call for the appropriate names."
    )


def test_unknown_field_as_recorded(source):
    refusal = _refusal("SELECT Id, Dispenser__c\nFROM AR_Invoice__c", source)
    assert refusal.code == "INVALID_FIELD"
    assert refusal.message == (
        "\nSELECT Id, Dispenser__c\n           ^\nERROR at Row:1:Column:12\nNo such column 'Dispenser__c' on entity "
        "'AR_Invoice__c'. If you are attempting to use a custom field, be sure to append the '__c' after the custom "
        "field name. Please reference your WSDL or the describe call for the appropriate names."
    )


@pytest.mark.parametrize(
    "query",
    [
        "SELECT Nope__c FROM Account",
        "SELECT Parent.Nope__c FROM Account",
        "SELECT Id FROM Account WHERE Nope__c = 1",
        "SELECT Id FROM Account ORDER BY Nope__c",
        "SELECT COUNT(Nope__c) FROM Account",
        "SELECT Name FROM Account GROUP BY Name, Nope__c",
        "SELECT (SELECT Nope__c FROM Contacts) FROM Account",
        "SELECT Id FROM Account WHERE Id IN (SELECT Nope__c FROM Contact)",
        "SELECT Name FROM Account GROUP BY Name HAVING MAX(Nope__c) > 1",
    ],
)
def test_unknown_fields_are_found_everywhere(source, query):
    assert _refusal(query, source).code == "INVALID_FIELD"


def test_a_hidden_field_is_an_unknown_one(source):
    account = source.schema.get("Account")
    fields = {name: one for name, one in account.fields.items() if name != "annualrevenue"}
    source.schema = Schema({**source.schema.objects, "account": replace(account, fields=fields)})
    assert (
        "No such column 'AnnualRevenue'" in _refusal("SELECT Id FROM Account WHERE AnnualRevenue > 1", source).message
    )


def test_unknown_relationships(source):
    refusal = _refusal("SELECT Id, Foo__r.Name FROM Account", source)
    assert refusal.code == "INVALID_FIELD"
    assert "Didn't understand relationship 'Foo__r' in field path." in refusal.message
    refusal = _refusal("SELECT Id, (SELECT Id FROM Invoices) FROM Account", source)
    assert refusal.code == "INVALID_TYPE"
    assert "Didn't understand relationship 'Invoices' in FROM part of query call." in refusal.message


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ("Name = 1", "'Name' must be of type string and should be enclosed in quotes"),
        ("Name = TRUE", "'Name' must be of type string and should be enclosed in quotes"),
        ("AnnualRevenue = '1'", "'AnnualRevenue' must be of type double and should not be enclosed in quotes"),
        ("NumberOfEmployees = '1'", "'NumberOfEmployees' must be of type int and should not be enclosed in quotes"),
        ("CreatedDate > '2026-01-01'", "'CreatedDate' must be of type dateTime and should not be enclosed in quotes"),
        ("CreatedDate > 2026-01-01", "'CreatedDate' must be of type dateTime and should not be enclosed in quotes"),
        ("Active__c = 'true'", "'Active__c' must be of type boolean and should not be enclosed in quotes"),
        ("Active__c = 1", "'Active__c' must be of type boolean and should not be enclosed in quotes"),
        ("Parent.AnnualRevenue = ''", "'Parent.AnnualRevenue' must be of type double"),
        ("AnnualRevenue IN (1, '2')", "'AnnualRevenue' must be of type double"),
    ],
)
def test_literals_of_the_wrong_type(source, where, wanted):
    refusal = _refusal(f"SELECT Id FROM Account WHERE {where}", source)
    assert refusal.code == "INVALID_FIELD"
    assert f"value of filter criterion for field {wanted}" in refusal.message


def test_dates_and_instants_do_not_mix(source):
    refusal = _refusal("SELECT Id FROM AR_Invoice__c WHERE Due_On__c > 2026-01-01T00:00:00Z", source)
    assert "must be of type date and should not be enclosed in quotes" in refusal.message


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        ("WHERE OwnerId IN ('abc')", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        ("WHERE Id LIKE '001%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
        ("WHERE ParentId LIKE '001%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
        ("WHERE Active__c > TRUE", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean field"),
        ("WHERE Name INCLUDES ('a')", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on string field"),
        ("WHERE Description = 'x'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"),
        ("WHERE Parent.Description LIKE 'x'", "INVALID_FIELD", "field 'Description' can not be filtered"),
        ("ORDER BY Description", "MALFORMED_QUERY", "field 'Description' can not be sorted in a query call"),
        ("ORDER BY Tags__c", "MALFORMED_QUERY", "field 'Tags__c' can not be sorted in a query call"),
        ("WHERE Name = Site", "MALFORMED_QUERY", "unexpected token: 'Site'"),
        ("WHERE CreatedDate = SOMEDAY", "MALFORMED_QUERY", "unexpected token: 'SOMEDAY'"),
        ("WHERE CreatedDate = LAST_N_DAYS", "MALFORMED_QUERY", "unexpected token: 'LAST_N_DAYS'"),
        ("WHERE Name = 'a\\d'", "MALFORMED_QUERY", "Illegal character sequence '\\d' in string literal"),
        ("OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
        ("WHERE AnnualRevenue > null", "UNSUPPORTED_SOQL", "null has no order"),
        ("WHERE Billing__c = 'x'", "UNSUPPORTED_SOQL", "fields of type location"),
        ("WHERE DISTANCE(Billing__c, GEOLOCATION(1, 2), 'mi') < 3", "UNSUPPORTED_SOQL", "DISTANCE"),
        ("USING SCOPE team", "UNSUPPORTED_SOQL", "USING SCOPE team"),
        ("WHERE AnnualRevenue > USD5", "UNSUPPORTED_SOQL", "CurrencyType"),
        ("WHERE HOUR_IN_DAY(convertTimezone(CreatedDate)) = 1", "UNSUPPORTED_SOQL", "convertTimezone"),
    ],
)
def test_other_refusals(source, query, code, message):
    refusal = _refusal(f"SELECT Id FROM Account {query}", source)
    assert refusal.code == code
    assert message in refusal.message


def test_conditions_nested_beyond_reason(source):
    where = "NOT (" * 5_000 + "Name = 'x'" + ")" * 5_000
    assert _refusal(f"SELECT Id FROM Account WHERE {where}", source).code == "QUERY_TOO_COMPLICATED"


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("SELECT Id, Name, id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Id, FIELDS(ALL) FROM Account LIMIT 200", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Id Name FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        (
            "SELECT FIELDS(ALL) FROM Account",
            "MALFORMED_QUERY",
            "The SOQL FIELDS function must have a LIMIT of at most 200",
        ),
        ("SELECT FIELDS(CUSTOM) FROM Account LIMIT 201", "MALFORMED_QUERY", "must have a LIMIT of at most 200"),
        ("SELECT FIELDS(CUSTOM) FROM User LIMIT 9", "MALFORMED_QUERY", "must result in at least one field"),
        ("SELECT FIELDS(SOME) FROM User LIMIT 9", "MALFORMED_QUERY", "ALL, STANDARD and CUSTOM"),
        ("SELECT FORMAT(AnnualRevenue) FROM Account", "UNSUPPORTED_SOQL", "FORMAT"),
        ("SELECT convertCurrency(AnnualRevenue) FROM Account", "UNSUPPORTED_SOQL", "CONVERTCURRENCY"),
        ("SELECT toLabel(Name) FROM Account", "UNSUPPORTED_SOQL", "toLabel"),
        ("SELECT Owner.Manager.Name FROM Task", "UNSUPPORTED_SOQL", "polymorphic"),
        ("SELECT What.Industry FROM Task", "INVALID_FIELD", "No such column 'Industry' on entity 'Name'"),
        (f"SELECT {'Parent.' * 6}Name FROM Account", "MALFORMED_QUERY", "at most 5 levels"),
        (
            "SELECT (SELECT COUNT() FROM Contacts) FROM Account",
            "MALFORMED_QUERY",
            "Only root queries support aggregate",
        ),
    ],
)
def test_select_lists_that_cannot_be(source, query, code, message):
    refusal = _refusal(query, source)
    assert refusal.code == code
    assert message in refusal.message


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (
            "Name IN (SELECT LastName FROM Contact)",
            "semi join sub selects can only query id fields, cannot use: 'name'",
        ),
        (
            "Id IN (SELECT LastName FROM Contact)",
            "semi join sub selects can only query id fields, cannot use: 'lastname'",
        ),
        ("Id IN (SELECT OwnerId FROM Task)", "Entity 'Task' is not supported for semi join inner selects"),
        ("Id IN (SELECT ParentId FROM Account)", "The inner and outer selects should not be on the same object type"),
        ("Id IN (SELECT Id FROM Contact)", "should point to the same object type"),
        ("Parent.Id IN (SELECT AccountId FROM Contact)", "cannot have more than one level of relationships"),
        ("Name = 'x' OR Id IN (SELECT AccountId FROM Contact)", "only allowed at the top level WHERE expressions"),
        ("NOT Id IN (SELECT AccountId FROM Contact)", "only allowed at the top level WHERE expressions"),
        ("Id IN (SELECT AccountId FROM Contact LIMIT 1)", "LIMIT is not allowed in semi join sub-selects"),
        ("Id IN (SELECT AccountId FROM Contact ORDER BY Id)", "ORDER BY is not allowed in semi join sub-selects"),
        (
            "Id IN (SELECT AccountId FROM Contact WHERE Id IN (SELECT ContactId FROM Case))",
            "Nesting of semi join sub-selects is not supported",
        ),
        (
            " AND ".join(["Id IN (SELECT AccountId FROM Contact)"] * 3),
            "Maximum 2 semi join sub-selects are allowed.",
        ),
    ],
)
def test_semi_joins_that_cannot_be(source, where, message):
    refusal = _refusal(f"SELECT Id FROM Account WHERE {where}", source)
    assert refusal.code == "MALFORMED_QUERY"
    assert message in refusal.message
