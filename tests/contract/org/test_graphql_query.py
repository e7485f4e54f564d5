"""What components read through `lightning/graphql`: shapes, paging, access, `@optional`, aggregates."""

import time
from typing import Any

import pytest
from graphql import validate_schema

from connector.local.org.graphql import nodes as nodes_module
from connector.local.org.graphql.paging import Slice
from connector.local.org.graphql.schema import build_schema
from connector.local.org.org import Org
from connector.local.org.server import OrgUser
from connector.local.org.soql import run_query

from .conftest import Api, invoice
from .graphql_api import ask, data, listed, nodes, refused

PAGED = """
query paged($after: String, $first: Int!, $bound: Int) {
  uiapi { query {
    AR_Invoice__c(first: $first, after: $after, upperBound: $bound, orderBy: { Balance__c: { order: DESC } }) {
      edges { node { Id } }
      pageInfo { hasNextPage hasPreviousPage endCursor }
      totalCount
      pageResultCount
    }
  } }
}
"""


def invoices(api: Api, account: str, count: int, **values: Any) -> None:
    records = [invoice(f"k{number}", Account__c=account, **values) for number in range(count)]
    for start in range(0, count, 200):
        results = api.upsert("AR_Invoice__c", records[start : start + 200])
        assert all(result["success"] for result in results), results


def test_fields_come_as_values_of_their_kind(api, ann, account):
    invoices(api, account, 1, Due_On__c="2026-01-31", Balance__c=1200.5, As_Of__c="2026-02-01T08:00:00Z")
    (node,) = listed(
        ann,
        "AR_Invoice__c",
        """ Id ApiName DisplayValue __typename
            Name { value } Status__c { value label displayValue } Due_On__c { value displayValue }
            Balance__c { value displayValue } As_Of__c { value } Account__c { value displayValue }
            On_Hold__c { value } Days_Past_Due__c { value } CurrencyIsoCode { value } """,
    )
    assert node["__typename"] == node["ApiName"] == "AR_Invoice__c"
    assert node["Name"] == {"value": "k0"}
    assert node["DisplayValue"] == "k0"
    assert node["Status__c"] == {"value": "Open", "label": "Open", "displayValue": "Open"}
    assert node["Due_On__c"] == {"value": "2026-01-31", "displayValue": "1/31/2026"}
    assert node["Balance__c"]["value"] == 1200.5
    assert "1,200.50" in node["Balance__c"]["displayValue"]
    assert node["As_Of__c"] == {"value": "2026-02-01T08:00:00.000Z"}
    assert node["Account__c"] == {"value": account, "displayValue": None}
    assert node["On_Hold__c"] == {"value": False}
    assert isinstance(node["Days_Past_Due__c"]["value"], int | float)
    assert node["CurrencyIsoCode"] == {"value": "USD"}


def test_parents_and_polymorphic_owners(admin, account):
    admin.create("AR_Invoice__c", Key__c="k", Account__c=account)
    task = admin.create("Task", Subject="Call", WhatId=account)
    (node,) = listed(admin, "AR_Invoice__c", "Account__r { Id Name { value } Owner { Name { value } } }")
    assert node["Account__r"]["Id"] == account
    assert node["Account__r"]["Owner"]["Name"]["value"] == "System Administrator"
    fields = "Id Owner { __typename ... on User { Name { value } } } What { ... on Account { Name { value } } }"
    (node,) = listed(admin, "Task", fields)
    assert node["Id"] == task
    assert node["Owner"] == {"__typename": "User", "Name": {"value": "System Administrator"}}
    assert node["What"] == {"Name": {"value": "Acme"}}
    (error,) = refused(admin, "{ uiapi { query { Task { edges { node { Owner { Name { value } } } } } } } }")
    assert "Field 'Name' in type 'Task_Owner' is undefined" in error["message"]


def test_children_of_many_parents_take_one_query(admin, monkeypatch):
    accounts = [admin.create("Account", Name=f"A{number}") for number in range(5)]
    for number, account in enumerate(accounts):
        for one in range(number):
            admin.create("AR_Invoice__c", Key__c=f"{number}-{one}", Account__c=account, Balance__c=one)
    query = """{ uiapi { query { Account(orderBy: { Name: { order: ASC } }) { edges { node {
        Name { value }
        AR_Invoices__r(first: 2, orderBy: { Balance__c: { order: DESC } }) {
          edges { node { Balance__c { value } } } totalCount pageInfo { hasNextPage endCursor }
        }
        big: AR_Invoices__r(where: { Balance__c: { gte: 3 } }) { edges { node { Name { value } } } }
    } } } } } }"""
    asked: list[str] = []
    monkeypatch.setattr(nodes_module, "run_query", lambda text, source: asked.append(text) or run_query(text, source))
    found = nodes(data(admin, query)["query"]["Account"])
    assert len(asked) == 3  # the accounts, and each of the two lists for all of them
    assert [one["AR_Invoices__r"]["totalCount"] for one in found] == [0, 1, 2, 3, 4]
    assert [one["AR_Invoices__r"]["pageInfo"]["hasNextPage"] for one in found] == [False, False, False, True, True]
    balances = [[node["Balance__c"]["value"] for node in nodes(one["AR_Invoices__r"])] for one in found]
    assert balances == [[], [0], [1, 0], [2, 1], [3, 2]]
    assert [len(nodes(one["big"])) for one in found] == [0, 0, 0, 0, 1]
    after = found[4]["AR_Invoices__r"]["pageInfo"]["endCursor"]
    more = 'Account(where: { Name: { eq: "A4" } })'
    (one,) = listed(admin, more, f'AR_Invoices__r(first: 9, after: "{after}") {{ edges {{ node {{ Id }} }} }}')
    assert len(nodes(one["AR_Invoices__r"])) == 2


def test_only_one_level_of_children(admin, account):
    admin.create("AR_Invoice__c", Key__c="k", Account__c=account)
    query = """{ uiapi { query { Account { edges { node { AR_Invoices__r { edges { node {
        AR_Disputes__r { edges { node { Id } } } } } } } } } } } }"""
    (error,) = refused(admin, query)
    assert "only 1 level of child relationships" in error["message"]
    assert error["paths"][-1] == "AR_Disputes__r"


def test_five_levels_of_parents_and_no_more(admin):
    parent = None
    for number in range(7):
        parent = admin.create("Account", Name=f"A{number}", **({"ParentId": parent} if parent else {}))
    chain = "Name { value }"
    for _ in range(5):
        chain = f"Parent {{ {chain} }}"
    (node,) = listed(admin, 'Account(where: { Name: { eq: "A6" } })', chain)
    for _ in range(5):
        node = node["Parent"]
    assert node == {"Name": {"value": "A1"}}
    deep = f'Account(where: {{ Name: {{ eq: "A6" }} }}) {{ edges {{ node {{ Parent {{ {chain} }} }} }} }}'
    (error,) = refused(admin, f"{{ uiapi {{ query {{ {deep} }} }} }}")
    assert "at most 5 levels of parents" in error["message"]


@pytest.mark.parametrize(("first", "bound"), [(500, None), (1000, None), (700, 5000)])
def test_paging_through_2100_invoices_shows_each_once(api, account, first, bound):
    invoices(api, account, 2100)  # all of one balance: only a stable order keeps the pages apart
    seen: list[str] = []
    after = None
    while True:
        variables = {"first": first, "after": after, "bound": bound}
        page = data(api, PAGED, variables)["query"]["AR_Invoice__c"]
        assert page["totalCount"] == 2100
        assert page["pageResultCount"] == len(page["edges"]) <= first
        assert page["pageInfo"]["hasPreviousPage"] == bool(after)
        seen += [node["Id"] for node in nodes(page)]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert len(seen) == len(set(seen)) == 2100


def test_sizes_and_cursors_that_are_not_allowed(api, account):
    invoices(api, account, 12)
    assert len(listed(api, "AR_Invoice__c")) == 10  # the default
    for arguments, said in [
        ("first: 0", "between 1 and 2000"),
        ("first: 2001", "between 1 and 2000"),
        ("first: 100, upperBound: 5000", "between 200 and 2000"),
        ('after: "nonsense"', "cursor of an earlier answer"),
    ]:
        (error,) = refused(api, f"{{ uiapi {{ query {{ AR_Invoice__c({arguments}) {{ totalCount }} }} }} }}")
        assert said in error["message"]
        assert error["extensions"]["ErrorType"] == "DataFetchingException"
    beyond = ask(api, PAGED, {"first": 5, "after": Slice(2_499, 1).cursor(0)})
    assert beyond["errors"][0]["message"] == "Maximum SOQL offset allowed is 2000"


def test_who_has_no_permission_set_sees_no_such_object(started):
    org = started(users=(OrgUser("Bob Moe", "Account Executive", "bob", "s-bob", ()),))
    bob = Api(org.url, "bob", "s-bob")
    query = "query a { uiapi { query { AR_Summary__c(first: 1) { edges { node { Id } } } } } }"
    answer = ask(bob, query)
    assert answer == {
        "data": {},
        "errors": [
            {
                "message": "Validation error of type FieldUndefined: Field 'AR_Summary__c' in type 'RecordQuery' is "
                "undefined @ 'uiapi/query/AR_Summary__c'",
                "locations": [{"line": 1, "column": 27}],
                "paths": [],
                "extensions": {"ErrorType": "ValidationError"},
            }
        ],
        "extensions": {},
    }
    (error,) = refused(bob, "{ uiapi { query { Account { edges { node { AR_Overdue__c { value } } } } } } }")
    assert error["message"].endswith(
        "Field 'AR_Overdue__c' in type 'Account' is undefined @ 'uiapi/query/Account/edges/node/AR_Overdue__c'"
    )
    (error,) = refused(bob, "{ uiapi { query { Account(where: { AR_Overdue__c: { eq: true } }) { totalCount } } } }")
    assert "WrongType" in error["message"]
    assert "'AR_Overdue__c' is not defined by type 'Account_Filter'" in error["message"]
    bob.session.close()


def test_optional_leaves_out_what_is_hidden(started, admin):
    org = started(users=(OrgUser("Bob Moe", "Account Executive", "bob", "s-bob", ()),))
    bob = Api(org.url, "bob", "s-bob")
    bob.create("Account", Name="Mine")
    query = """query a($first: Int) { uiapi { query {
        Account { edges { node { Name @optional { value } AR_Overdue__c @optional { value }
            AR_Invoices__r(first: $first) @optional { edges { node { Id } } } } } }
        AR_Summary__c @optional { edges { node { Id } } }
    } } }"""
    assert data(bob, query, {"first": 3})["query"] == {"Account": {"edges": [{"node": {"Name": {"value": "Mine"}}}]}}
    only = "{ uiapi { query { AR_Summary__c @optional { edges { node { Id } } } } } }"
    assert data(bob, only) == {"query": {}}
    assert data(admin, only) == {"query": {"AR_Summary__c": {"edges": []}}}
    (error,) = refused(
        bob, "{ uiapi { query { Account { edges { node { Nope { value } Nix @optional { value } } } } } } }"
    )
    assert "'Nope'" in error["message"]
    bob.session.close()


def test_a_revoked_field_is_gone_at_once(admin, ann, account):
    query = "{ uiapi { query { Account { edges { node { AR_Overdue__c { value } } } } } } }"
    assert ask(ann, query)["errors"] == []
    admin.post("/_control/faults", {"kind": "revoke_field", "object": "Account", "field": "AR_Overdue__c"})
    assert "AR_Overdue__c" in refused(ann, query)[0]["message"]
    admin.delete("/_control/faults")
    assert ask(ann, query)["errors"] == []


def test_what_cannot_be_understood(admin):
    (error,) = refused(admin, "{ uiapi { query { Account(")
    assert error["extensions"]["ErrorType"] == "InvalidSyntax"
    assert error["locations"] == [{"line": 1, "column": 27}]
    (error,) = refused(admin, "query q($n: Int!) { uiapi { query { Account(first: $n) { totalCount } } } }")
    assert error["extensions"]["ErrorType"] == "ValidationError"
    for query, rule, name in [
        ("{ uiapi { query { Account(last: 3) { totalCount } } } }", "UnknownArgument", "last"),
        ("{ uiapi { query { Account @category { totalCount } } } }", "UnknownDirective", "category"),
        ("{ uiapi { query { Account { edges { node { Name } } } } } }", "SubSelectionRequired", "Name"),
        ("query q($a: String) { uiapi { query { Account(first: $a) { totalCount } } } }", "VariableTypeMismatch", "$a"),
        ("{ uiapi { query { Account(scope: TEAM) { totalCount } } } }", "WrongType", "TEAM"),
        ("query q($a: Int) { uiapi { query { Account { totalCount } } } }", "UnusedVariable", "$a"),
    ]:
        error = refused(admin, query)[0]
        assert error["message"].startswith(f"Validation error of type {rule}: ")
        assert name in error["message"]
    two = "query a { uiapi { query { __typename } } } query b { uiapi { query { __typename } } }"
    assert ask(admin, two)["errors"][0]["extensions"]["ErrorType"] == "OperationNotSupported"
    assert ask(admin, two, operation="b")["errors"] == []
    assert ask(admin, two, operation="c")["errors"][0]["extensions"]["ErrorType"] == "OperationNotSupported"
    assert admin.post("graphql", {"query": ""}).status_code == 400
    assert admin.post("graphql", {"query": "{ __typename }", "id": 1}).status_code == 400


def test_what_the_local_org_cannot_do_is_not_answered(admin):
    query = "{ uiapi { aggregate { Account(groupBy: { type: CUBE, Industry: { group: true } }) { totalCount } } } }"
    assert refused(admin, query)[0]["extensions"]["ErrorType"] == "OperationNotSupported"
    where = '{ What: { Account: { Industry: { eq: "Energy" } } } }'
    answer = admin.post("graphql", {"query": f"{{ uiapi {{ query {{ Task(where: {where}) {{ totalCount }} }} }} }}"})
    assert answer.json()["errors"][0]["extensions"]["errorCode"] == "INVALID_FIELD"
    null = "{ uiapi { query { Account(where: { AnnualRevenue: { gt: null } }) { totalCount } } } }"
    assert admin.post("graphql", {"query": null}).status_code == 501


def test_ten_subqueries_and_no_more(admin):
    some = " ".join(f"a{number}: Account {{ totalCount }}" for number in range(10))
    assert len(data(admin, f"{{ uiapi {{ query {{ {some} }} }} }}")["query"]) == 10
    (error,) = refused(admin, f"{{ uiapi {{ query {{ {some} more: Task {{ totalCount }} }} }} }}")
    assert "up to 10 subqueries, not 11" in error["message"]


def test_the_scope_of_ones_own(admin, ann):
    admin.create("Account", Name="Theirs")
    mine = ann.create("Account", Name="Mine")
    assert listed(ann, "Account(scope: MINE)") == [{"Id": mine}]


def test_object_infos_and_the_current_user(ann):
    query = """{ uiapi { currentUser { Name { value } } objectInfos(apiNames: ["AR_Dispute__c", "Nope__c"]) {
        ApiName label labelPlural createable updateable nameFields
        childRelationships { relationshipName }
        fields { ApiName label dataType updateable required
            ... on PicklistField { picklistValuesByRecordTypeIDs { picklistValues { label value } } } } } } }"""
    found = data(ann, query)
    assert found["currentUser"] == {"Name": {"value": "Ann Lee"}}
    (info,) = found["objectInfos"]
    assert (info["ApiName"], info["createable"], info["nameFields"]) == ("AR_Dispute__c", True, ["Name"])
    fields = {field["ApiName"]: field for field in info["fields"]}
    assert fields["Disputed_Amount__c"]["dataType"] == "CURRENCY"
    assert "picklistValuesByRecordTypeIDs" not in fields["Disputed_Amount__c"]
    (values,) = fields["Category__c"]["picklistValuesByRecordTypeIDs"]
    assert values["picklistValues"]


def test_aggregates_by_group(api, account):
    for number, (status, balance, code) in enumerate(
        [("Open", 10, "USD"), ("Open", 15.5, "USD"), ("Paid", 0, "USD"), ("Open", 7, "EUR")]
    ):
        record = invoice(f"k{number}", Account__c=account, Status__c=status, Balance__c=balance, CurrencyIsoCode=code)
        api.upsert("AR_Invoice__c", [{**record, "Due_On__c": f"2026-0{number % 2 + 1}-15"}])
    query = """{ uiapi { aggregate { AR_Invoice__c(
        where: { CurrencyIsoCode: { eq: "USD" } }
        groupBy: { Status__c: { group: true }, Account__r: { Name: { group: true } } }
        orderBy: { Balance__c: { function: SUM, order: DESC } }
    ) { edges { node { aggregate {
        Status__c { value label } Account__r { Name { value } }
        Balance__c { count { value } sum { value displayValue } avg { value } max { value } min { value } }
        Id { number: count { value } } Due_On__c { max { value displayValue } }
    } } } totalCount pageInfo { hasNextPage } } } } }"""
    found = data(api, query)["aggregate"]["AR_Invoice__c"]
    assert found["totalCount"] == 2
    first, second = (node["aggregate"] for node in nodes(found))
    assert first["Status__c"] == {"value": "Open", "label": "Open"}
    assert first["Account__r"] == {"Name": {"value": "Acme"}}
    balance = first["Balance__c"]
    assert (balance["count"]["value"], balance["sum"]["value"], balance["avg"]["value"]) == (2, 25.5, 12.75)
    assert "25.50" in balance["sum"]["displayValue"]
    assert (balance["max"]["value"], balance["min"]["value"]) == (15.5, 10)
    assert first["Id"] == {"number": {"value": 2}}
    assert first["Due_On__c"]["max"] == {"value": "2026-02-15", "displayValue": "2/15/2026"}
    assert second["Balance__c"]["sum"]["value"] == 0
    months = """{ uiapi { aggregate { AR_Invoice__c(groupBy: { Due_On__c: { function: CALENDAR_MONTH } }) {
        edges { node { aggregate { Due_On__c { calendarMonth { value } } Id { count { value } } } } } } } } }"""
    groups = [node["aggregate"] for node in nodes(data(api, months)["aggregate"]["AR_Invoice__c"])]
    assert {one["Due_On__c"]["calendarMonth"]["value"]: one["Id"]["count"]["value"] for one in groups} == {1: 2, 2: 2}
    whole = """{ uiapi { aggregate { AR_Invoice__c {
        edges { node { aggregate { Id { count { value } } } } } totalCount } } } }"""
    found = data(api, whole)["aggregate"]["AR_Invoice__c"]
    assert (found["totalCount"], nodes(found)[0]["aggregate"]["Id"]["count"]["value"]) == (4, 4)
    (error,) = refused(api, whole.replace("Id { count { value } }", "Status__c { value }"))
    assert "must be grouped or aggregated" in error["message"]


def test_every_schema_is_valid(config):
    org = Org(config)
    users = [row["Id"] for row in org.store.table("User").rows.values()]
    for user_id in users:
        assert validate_schema(build_schema(org.view(user_id).access)) == []
    org.close()


def test_how_long_it_takes(api, ann, account, capsys):
    invoices(api, account, 50, Due_On__c="2026-01-31")
    names = (
        "Name Status__c Number__c Amount__c Paid__c Balance__c Issued_On__c Due_On__c Paid_On__c Pay_URL__c "
        "Billing_System__c Disputed__c Promised_On__c On_Hold__c As_Of__c Days_Past_Due__c Bucket__c CurrencyIsoCode "
        "Account__c CreatedDate"
    ).split()
    fields = " ".join(f"{name} {{ value displayValue }}" for name in names)
    arguments = "where: { Account__c: { eq: $id } }, orderBy: { Due_On__c: { order: ASC, nulls: LAST } }"
    query = f"""query timed($id: ID) {{ uiapi {{ query {{
        AR_Invoice__c(first: 50, {arguments}) {{ edges {{ node {{ Id {fields} }} }} }} }} }} }}"""
    times = []
    for _ in range(6):
        start = time.perf_counter()
        assert len(nodes(data(ann, query, {"id": account})["query"]["AR_Invoice__c"])) == 50
        times.append((time.perf_counter() - start) * 1_000)
    with capsys.disabled():
        print(f"\n50 rows x {len(names)} fields: first {times[0]:.0f} ms, then {min(times[1:]):.0f} ms")
