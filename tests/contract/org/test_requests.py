"""Requests as a whole: status codes, shapes, limits, many rows at once."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
import requests

from .conftest import Api, V, invoice


def test_versions_need_no_sign_in(org):
    answer = requests.get(f"{org.url}/services/data/", timeout=10)
    assert answer.json()[-1]["version"] == "67.0"
    assert "Sforce-Limit-Info" not in answer.headers


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/services/data/v30.0/limits", 410, "UNSUPPORTED_API_VERSION"),
        ("/services/data/v99.0/limits", 404, "NOT_FOUND"),
        ("nope", 404, "NOT_FOUND"),
        ("sobjects/Nope__c", 404, "NOT_FOUND"),
        ("sobjects/Account/23foo", 404, "NOT_FOUND"),
        ("sobjects/Account/001000000000001AAA", 404, "NOT_FOUND"),
        ("sobjects/Account/Website/x", 404, "NOT_FOUND"),
        ("ui-api/records", 501, "NOT_IMPLEMENTED_LOCALLY"),
        ("composite/tree/Account", 501, "NOT_IMPLEMENTED_LOCALLY"),
        ("query", 400, "MALFORMED_QUERY"),
        ("query/01g000000000000AAA-2000", 400, "INVALID_QUERY_LOCATOR"),
    ],
)
def test_refused_addresses(api: Api, path, status, code):
    answer = api.get(path)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"


def test_wrong_method(api: Api):
    answer = api.delete("limits")
    assert answer.status_code == 405
    assert answer.json()[0]["errorCode"] == "METHOD_NOT_ALLOWED"


def test_no_token_and_a_dead_one(org):
    for headers in ({}, {"Authorization": "Bearer 00D!dead"}):
        answer = requests.get(f"{org.url}/services/data/{V}/limits", headers=headers, timeout=10)
        assert answer.status_code == 401
        assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


@pytest.mark.parametrize(
    ("form", "error", "description"),
    [
        ({"grant_type": "client_credentials", "client_id": "x"}, "invalid_client_id", "client identifier invalid"),
        ({"grant_type": "client_credentials"}, "invalid_request", "missing required parameter: client_id"),
        (
            {"grant_type": "client_credentials", "client_id": "admin", "client_secret": "x"},
            "invalid_client",
            "invalid client credentials",
        ),
        ({"grant_type": "password"}, "unsupported_grant_type", "password"),
        ({}, "unsupported_grant_type", "grant type not supported"),
    ],
)
def test_token_refusals(org, form, error, description):
    answer = requests.post(f"{org.url}/services/oauth2/token", data=form, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert description in answer.json()["error_description"]


def test_token_by_basic_authentication(org):
    basic = base64.b64encode(b"admin:s-adm").decode()
    form = {"grant_type": "client_credentials"}
    headers = {"Authorization": f"Basic {basic}"}
    answer = requests.post(f"{org.url}/services/oauth2/token", data=form, headers=headers, timeout=10).json()
    assert answer["token_type"] == "Bearer"
    assert answer["instance_url"] == org.url
    assert "expires_in" not in answer


def test_client_credentials_only_on_the_own_domain(org):
    form = {"grant_type": "client_credentials", "client_id": "admin", "client_secret": "s-adm"}
    headers = {"X-Orig-Host": "login.salesforce.com"}
    answer = requests.post(f"{org.url}/services/oauth2/token", data=form, headers=headers, timeout=10)
    assert answer.json() == {"error": "invalid_grant", "error_description": "request not supported on this domain"}


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({}, None),
        ({"exp": "later"}, "invalid assertion"),
        ({"aud": "https://elsewhere.example"}, "audience is invalid"),
        ({"exp": 1}, "expired authorization code"),
        ({"exp": 4_000_000_000}, "expired authorization code"),
        ({"sub": "nobody@dueline.example"}, "user hasn't approved this consumer"),
        ({"iss": "unknown"}, "client identifier invalid"),
        ({"iss": "admin"}, "no certificate is registered"),
    ],
)
def test_jwt_bearer(org, private_key, claims, error):
    good = {
        "iss": "integration",
        "sub": "integration@dueline.example",
        "aud": "https://login.salesforce.com",
        "exp": str(int(time.time()) + 120),
    }
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": jwt.api_jws.encode(json.dumps(good | claims).encode(), private_key, algorithm="RS256"),
    }
    answer = requests.post(f"{org.url}/services/oauth2/token", data=form, timeout=10)
    if error is None:
        assert answer.status_code == 200
    else:
        assert error in answer.json()["error_description"]


def test_jwt_of_another_key_and_another_algorithm(org):
    for algorithm, key in (("HS256", "x" * 64), ("none", None)):
        assertion = jwt.encode({"iss": "integration"}, key, algorithm=algorithm)
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        answer = requests.post(f"{org.url}/services/oauth2/token", data=form, timeout=10)
        assert answer.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}


def test_addresses_have_an_end(api: Api):
    assert api.get("query", params={"q": "x" * 16_500}).status_code == 414
    assert api.get("limits", headers={"X-Much": "x" * 16_400}).status_code == 431


def test_single_upsert(api: Api):
    made = api.patch("sobjects/AR_Invoice__c/Key__c/a%2Fb", {"Balance__c": 1})
    assert (made.status_code, made.json()["created"]) == (201, True)
    same = api.patch("sobjects/AR_Invoice__c/Key__c/a%2Fb", {"Balance__c": 2})
    assert (same.status_code, same.json()) == (200, made.json() | {"created": False})
    again = api.patch("sobjects/AR_Invoice__c/Key__c/a%2Fb", {"Key__c": "a/b"})
    assert again.json()[0]["message"] == "The Key__c field should not be specified in the sobject data."
    only = api.patch("sobjects/AR_Invoice__c/Key__c/other?updateOnly=true", {"Balance__c": 2})
    assert (only.status_code, only.json()[0]["errorCode"]) == (404, "NOT_FOUND")
    assert api.get("sobjects/AR_Invoice__c/Key__c/a%2Fb").json()["Balance__c"] == 2


def test_conditional_requests(api: Api):
    made = api.create("AR_Invoice__c", Key__c="k1")
    later = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert api.get(f"sobjects/AR_Invoice__c/{made}", headers=later).status_code == 304
    earlier = {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}
    assert api.patch(f"sobjects/AR_Invoice__c/{made}", {"Balance__c": 1}, headers=earlier).status_code == 412


def test_collections_keep_the_order_and_judge_each_row(api: Api):
    rows = [invoice("k1"), invoice("k2", Status__c="No"), invoice("k3"), invoice("dup"), invoice("dup"), {"Name": "x"}]
    results = api.upsert("AR_Invoice__c", rows)
    assert [result["success"] for result in results] == [True, False, True, False, False, False]
    assert results[0] == {"id": results[0]["id"], "success": True, "errors": [], "created": True}
    assert results[3]["errors"][0]["message"] == "Duplicate external id specified: dup"
    assert results[5]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    assert {row["Key__c"] for row in api.query("SELECT Key__c FROM AR_Invoice__c")} == {"k1", "k3"}


def test_all_or_none(api: Api):
    results = api.upsert("AR_Invoice__c", [invoice("k1"), invoice("k2", Status__c="No")], all_or_none=True)
    codes = [result["errors"][0]["statusCode"] for result in results]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]
    assert [result["created"] for result in results] == [True, True]
    assert api.query("SELECT Id FROM AR_Invoice__c") == []


def test_insert_update_read_delete_many(admin: Api):
    rows = [{"attributes": {"type": "Account"}, "Name": name} for name in ("A", "B")]
    rows.append({"attributes": {"type": "Contact"}, "LastName": "C"})
    made = admin.post("composite/sobjects", {"records": rows}).json()
    assert all("created" not in result for result in made)
    ids = [result["id"] for result in made]
    changed = [{"attributes": {"type": "Account"}, "id": one, "Phone": "1"} for one in [*ids[:2], "001000000000009AAA"]]
    results = admin.patch("composite/sobjects", {"records": changed}).json()
    assert [result["success"] for result in results] == [True, True, False]
    assert results[2]["errors"][0]["statusCode"] in {"INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID"}
    wanted = {"ids": [ids[0], "001000000000009"], "fields": ["Name", "Phone"]}
    read = admin.post("composite/sobjects/Account", wanted).json()
    assert (read[0]["Name"], read[0]["Phone"], read[1]) == ("A", "1", None)
    gone = admin.delete(f"composite/sobjects?ids={','.join(ids)}&allOrNone=true").json()
    assert [result["id"] for result in gone] == ids
    again = admin.delete(f"composite/sobjects?ids={ids[0]}").json()
    assert again[0]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"records": []}, "INVALID_INPUT"),
        ({"records": [{"Key__c": "x"}]}, "INVALID_INPUT"),
        ({"records": [{"attributes": {"type": "Account"}, "Key__c": "x"}]}, "INVALID_TYPE"),
        ({"records": [{"attributes": {"type": "AR_Invoice__c"}}] * 201}, "EXCEEDED_ID_LIMIT"),
        ({}, "JSON_PARSER_ERROR"),
    ],
)
def test_malformed_collections(api: Api, body, code):
    answer = api.patch("composite/sobjects/AR_Invoice__c/Key__c", body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_too_many_chunks(admin: Api):
    pair = [{"attributes": {"type": "Account"}, "Name": "A"}, {"attributes": {"type": "Contact"}, "LastName": "C"}]
    assert admin.post("composite/sobjects", {"records": pair * 6}).json()[0]["errorCode"] == "LIMIT_EXCEEDED"
    assert all(result["success"] for result in admin.post("composite/sobjects", {"records": pair * 5}).json())


def test_broken_json(api: Api):
    headers = {"Content-Type": "application/json"}
    answer = api.call("POST", "sobjects/AR_Invoice__c", data=b'{"Key__c": }', headers=headers)
    assert answer.json()[0]["errorCode"] == "JSON_PARSER_ERROR"
    answer = api.call("POST", "sobjects/AR_Invoice__c", headers=headers)
    assert "no entity body" in answer.json()[0]["message"]


def test_query_pages_and_locators_expire(api: Api, started, config):
    for start in (0, 200):
        api.upsert("AR_Invoice__c", [invoice(f"k{start + number}") for number in range(200)])
    small = {"Sforce-Query-Options": "batchSize=200"}
    page = api.get("query", params={"q": "SELECT Id FROM AR_Invoice__c"}, headers=small).json()
    assert (page["totalSize"], page["done"], len(page["records"])) == (400, False, 200)
    address = page["nextRecordsUrl"]
    assert address.endswith("-200")
    rest = api.get(address).json()
    assert (rest["done"], len(rest["records"])) == (True, 200)
    api.post("/_control/faults", {"kind": "expire_locators"})
    assert api.get(address).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_only_so_many_cursors(api: Api):
    for start in (0, 200):
        api.upsert("AR_Invoice__c", [invoice(f"k{start + number}") for number in range(200)])
    small = {"Sforce-Query-Options": "batchSize=200"}
    pages = [api.get("query", params={"q": "SELECT Id FROM AR_Invoice__c"}, headers=small).json() for _ in range(11)]
    assert api.get(pages[0]["nextRecordsUrl"]).status_code == 400
    assert api.get(pages[1]["nextRecordsUrl"]).status_code == 200


def test_record_counts_leave_out_what_is_empty(api: Api):
    api.create("AR_Invoice__c", Key__c="k1")
    answer = api.get("limits/recordCount?sObjects=AR_Invoice__c,AR_Payment__c").json()
    assert answer == {"sObjects": [{"count": 1, "name": "AR_Invoice__c"}]}


def test_composite_fills_references_and_counts_once(api: Api, admin: Api):
    base = f"/services/data/{V}"
    before = api.get("/_control/calls").json()["total"]
    requests_ = [
        {"method": "POST", "url": f"{base}/sobjects/Account", "referenceId": "a", "body": {"Name": "Ref"}},
        {"method": "GET", "url": f"{base}/sobjects/Account/@{{a.id}}?fields=Name", "referenceId": "b"},
        {"method": "GET", "url": f"{base}/query?q=SELECT+Id+FROM+Account+WHERE+Id='@{{a.id}}'", "referenceId": "c"},
        {
            "method": "POST",
            "url": f"{base}/sobjects/Contact",
            "referenceId": "d",
            "body": {"LastName": "@{b.Name}", "AccountId": "@{c.records[0].Id}"},
        },
        {"method": "GET", "url": f"{base}/sobjects/Account/@{{nope.id}}", "referenceId": "e"},
    ]
    answers = admin.post("composite", {"compositeRequest": requests_}).json()["compositeResponse"]
    assert [answer["httpStatusCode"] for answer in answers] == [201, 200, 200, 201, 400]
    assert answers[4]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert admin.query("SELECT Name, Account.Name FROM Contact")[0]["Account"]["Name"] == "Ref"
    assert api.get("/_control/calls").json()["total"] == before + 2


def test_composite_all_or_none(admin: Api):
    base = f"/services/data/{V}"
    requests_ = [
        {"method": "POST", "url": f"{base}/sobjects/Account", "referenceId": "a", "body": {"Name": "Ref"}},
        {"method": "POST", "url": f"{base}/sobjects/Contact", "referenceId": "b", "body": {}},
    ]
    answers = admin.post("composite", {"allOrNone": True, "compositeRequest": requests_}).json()["compositeResponse"]
    assert [answer["httpStatusCode"] for answer in answers] == [400, 400]
    assert answers[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert answers[1]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert admin.query("SELECT Id FROM Account") == []


def test_graphs_stand_or_fall_alone(admin: Api):
    url = f"/services/data/{V}/sobjects/Account"
    nodes = [[{"Name": "A"}], [{"Name": "B"}, {}]]
    graphs = [
        {
            "graphId": str(number),
            "compositeRequest": [
                {"method": "POST", "url": url, "referenceId": f"n{place}", "body": body}
                for place, body in enumerate(bodies)
            ],
        }
        for number, bodies in enumerate(nodes)
    ]
    answer = admin.post("composite/graph", {"graphs": graphs}).json()
    assert [graph["isSuccessful"] for graph in answer["graphs"]] == [True, False]
    assert [row["Name"] for row in admin.query("SELECT Name FROM Account")] == ["A"]


def test_batch(api: Api):
    body = {
        "batchRequests": [
            {"method": "GET", "url": f"{V}/query?q=SELECT+COUNT()+FROM+Account"},
            {"method": "GET", "url": f"{V}/query?q=SELECT+Nope+FROM+Account"},
            {"method": "POST", "url": f"{V}/sobjects/AR_Invoice__c", "richInput": {"Key__c": "k", "Balance__c": 1.25}},
        ]
    }
    answer = api.post("composite/batch", body).json()
    assert answer["hasErrors"] is True
    assert [result["statusCode"] for result in answer["results"]] == [200, 400, 201]
    assert answer["results"][0]["result"] == {"totalSize": 0, "done": True, "records": []}
    halted = api.post("composite/batch", body | {"haltOnError": True}).json()
    assert halted["results"][2]["statusCode"] == 412


def test_updated_and_deleted(admin: Api, account: str):
    span = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:30Z"}
    assert admin.get("sobjects/Account/updated", params=span).json()[0]["errorCode"] == "INVALID_REPLICATION_DATE"
    now = time.time()
    start, end = (time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(now + shift)) for shift in (-120, 120))
    found = admin.get("sobjects/Account/updated", params={"start": start, "end": end}).json()
    assert found["ids"] == [account]
    assert found["latestDateCovered"].endswith(":00.000+0000")


def test_other_media_types(api: Api):
    answer = api.call("POST", "sobjects/AR_Invoice__c", data=b"<x/>", headers={"Content-Type": "application/xml"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_thousand_hands_make_one_row_per_key(api: Api):
    def write(number: int) -> None:
        body = {"records": [{"attributes": {"type": "AR_Invoice__c"}, **invoice(f"k{key}")} for key in range(20)]}
        headers = dict(api.session.headers)
        url = f"{api.url}/services/data/{V}/composite/sobjects/AR_Invoice__c/Key__c"
        results = requests.patch(url, json=body, headers=headers, timeout=30).json()
        assert all(result["success"] for result in results), number

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(64)))
    assert len(api.query("SELECT Id FROM AR_Invoice__c")) == 20
