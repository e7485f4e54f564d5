from urllib.parse import parse_qs, urlsplit

import pytest

from connector.errors import MisconfiguredError, RejectedError, RetryableError
from connector.salesforce import read, write
from connector.salesforce.describe import Exposure
from tests.contract.salesforce.fake_org import ok, refuse, sent

PAGE = {"totalSize": 1, "done": True, "records": [{"Id": "1"}]}


def soql_of(request):
    return parse_qs(urlsplit(request.url).query)["q"][0]


def batch_soqls(request):
    return [parse_qs(urlsplit(each["url"]).query)["q"][0] for each in sent(request)["batchRequests"]]


def test_a_query_is_followed_to_its_end(org, session):
    url = "/services/data/v66.0/query/01gXX-2"
    org.on("GET", "query/", ok({"totalSize": 3, "done": False, "nextRecordsUrl": url, "records": [{"Id": "1"}]}))
    org.on("GET", url, ok({"totalSize": 3, "done": True, "records": [{"Id": "2"}, {"Id": "3"}]}))
    soql = "SELECT Id FROM Task WHERE SystemModstamp > 2026-01-31T00:00:00+00:00 AND Subject = 'a&b=c'"
    assert [row["Id"] for row in read.query(session, soql)] == ["1", "2", "3"]
    assert soql_of(org.asked[0]) == soql
    assert len(org.asked) == 2


def test_deleted_rows_are_asked_for(org, session):
    org.on("GET", "queryAll/", ok(PAGE))
    assert list(read.query(session, "SELECT Id FROM Task", include_deleted=True)) == [{"Id": "1"}]


def test_a_locator_that_expired_may_be_tried_anew(org, session):
    url = "/services/data/v66.0/query/01gXX-2"
    org.on("GET", "query/", ok({"totalSize": 3, "done": False, "nextRecordsUrl": url, "records": []}))
    org.on("GET", url, refuse("INVALID_QUERY_LOCATOR", "Invalid query locator"))
    with pytest.raises(RetryableError):
        list(read.query(session, "SELECT Id FROM Task"))


def test_a_long_query_travels_in_a_body(org, session):
    soql = f"SELECT Id FROM Account WHERE Name IN {read.quote([f'Näme {number}' for number in range(1000)])}"
    part = {"body": PAGE, "httpHeaders": {}, "httpStatusCode": 200, "referenceId": "query"}
    org.on("POST", "composite", ok({"compositeResponse": [part]}))
    assert list(read.query(session, soql)) == [{"Id": "1"}]
    (inner,) = sent(org.asked[0])["compositeRequest"]
    assert inner["url"].startswith("/services/data/v66.0/query/?q=")
    assert parse_qs(urlsplit(inner["url"]).query)["q"] == [soql]


def test_a_long_query_that_is_refused_says_so(org, session):
    body = [{"errorCode": "MALFORMED_QUERY", "message": "unexpected token: 'FROM'"}]
    part = {"body": body, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": "query"}
    org.on("POST", "composite", ok({"compositeResponse": [part]}))
    with pytest.raises(RejectedError, match="unexpected token"):
        list(read.query(session, f"SELECT {'x' * 20_000}"))


def test_several_queries_are_one_call(org, session):
    org.queries = {"SELECT Id FROM A": PAGE, "SELECT Id FROM B": {**PAGE, "records": []}}
    assert read.query_many(session, list(org.queries)) == [[{"Id": "1"}], []]
    assert org.paths() == ["POST composite/batch"]


def test_more_than_25_queries_are_more_calls(org, session):
    soqls = [f"SELECT Id FROM A{number}" for number in range(26)]
    org.queries = dict.fromkeys(soqls, PAGE)
    assert len(read.query_many(session, soqls)) == 26
    assert [len(batch_soqls(each)) for each in org.asked] == [25, 1]


def test_pages_of_one_query_among_several(org, session):
    url = "/services/data/v66.0/query/01gXX-1"
    org.queries = {"SELECT Id FROM A": {"done": False, "nextRecordsUrl": url, "records": [{"Id": "1"}]}}
    org.on("GET", url, ok({"done": True, "records": [{"Id": "2"}]}))
    assert read.query_many(session, ["SELECT Id FROM A"]) == [[{"Id": "1"}, {"Id": "2"}]]


def test_one_refused_query_among_several_is_raised(org, session):
    answer = {"statusCode": 400, "result": [{"errorCode": "INVALID_FIELD", "message": "No such column 'X' on entity"}]}
    org.batch = lambda request: ok({"hasErrors": True, "results": [answer]})
    with pytest.raises(MisconfiguredError, match="X is missing"):
        read.query_many(session, ["SELECT X FROM A"])


def test_accounts_bring_their_surviving_masters(org, session):
    lost, middle, last = "001000000000001AAA", "001000000000002AAA", "001000000000003AAA"
    rows = {
        lost: {"Id": lost, "IsDeleted": True, "MasterRecordId": middle},
        middle: {"Id": middle, "IsDeleted": True, "MasterRecordId": last},
        last: {"Id": last, "IsDeleted": False, "MasterRecordId": None},
    }

    def answer(request):
        assert all("/queryAll/" in each["url"] for each in sent(request)["batchRequests"])
        soqls = batch_soqls(request)
        found = [[row for key, row in rows.items() if key in soql] for soql in soqls]
        return ok({"results": [{"statusCode": 200, "result": {"done": True, "records": each}} for each in found]})

    org.batch = answer
    assert read.accounts(session, [lost, "001000000000009AAA"]) == rows


def test_accounts_that_nobody_asks_for_cost_nothing(org, session):
    assert read.accounts(session, []) == {}
    assert read.accounts_by(session, "AccountNumber", []) == []
    assert read.accounts_named(session) == []
    assert org.asked == []


def test_many_ids_share_one_call_and_no_url_is_too_long(org, session):
    seen = []

    def answer(request):
        seen.extend(len(each["url"]) for each in sent(request)["batchRequests"])
        empty = {"statusCode": 200, "result": {"done": True, "records": []}}
        return ok({"results": [empty] * len(sent(request)["batchRequests"])})

    org.batch = answer
    read.accounts(session, [f"001{number:012}AAA" for number in range(5000)])
    assert max(seen) < 14_100
    assert len(seen) < 14


@pytest.mark.parametrize("bad", ["", "001", "001' OR Id != '", "001000000000001AA"])
def test_what_is_no_id_is_not_asked_for(session, bad):
    with pytest.raises(ValueError, match="not a Salesforce id"):
        read.accounts(session, [bad])


def test_what_is_no_field_is_not_asked_for(session):
    with pytest.raises(ValueError, match="not the API name"):
        read.accounts_by(session, "Name = 'x' OR Name", ["y"])


def test_accounts_by_a_field(org, session):
    soql = "SELECT Id, AccountNumber, Name, Owner.Name FROM Account WHERE AccountNumber IN ('a\\'b','c')"
    org.queries = {soql: PAGE}
    assert read.accounts_by(session, "AccountNumber", ["c", "a'b", "c"], ["Name", "Owner.Name"]) == [{"Id": "1"}]


def test_accounts_by_name_or_website_come_once(org, session):
    org.queries = {
        "SELECT Id, Name, OwnerId, Website FROM Account WHERE Name IN ('Acme')": PAGE,
        r"SELECT Id, Name, OwnerId, Website FROM Account WHERE Website LIKE '%ac\_me.com%'": PAGE,
    }
    assert read.accounts_named(session, ["Acme"], ["ac_me.com"]) == [{"Id": "1"}]
    assert len(org.asked) == 1


def scanned(org, session, *pages, **options):
    org.in_turn("GET", "query/", *(ok(page) for page in pages))
    return list(read.scan(session, "AR_Invoice__c", ["Key__c", "Account__r.Name"], **options))


def test_accounts_that_a_person_means_are_asked_for_once(org, session):
    account = "0018M000003uKqq"
    org.in_turn("GET", "query/", *[ok(PAGE)] * 3)
    for text in (" ac_me  o'x ", account, "internationally"):
        assert read.accounts_meant(session, text, ["Name"], limit=5) == [{"Id": "1"}]
    assert read.accounts_meant(session, "  ", limit=5) == []
    asked = [parse_qs(urlsplit(request.url).query)["q"][0].partition(" WHERE ")[2] for request in org.asked]
    assert asked == [
        r"(Name LIKE '%ac\_me%' AND Name LIKE '%o\'x%') OR Website LIKE '%ac\_me o\'x%' ORDER BY Name LIMIT 5",
        f"(Name LIKE '%{account}%') OR Website LIKE '%{account}%' OR Id = '{account}' ORDER BY Name LIMIT 5",
        "(Name LIKE '%internationally%') OR Website LIKE '%internationally%' ORDER BY Name LIMIT 5",
    ]


def test_many_domains_share_one_call_and_no_url_is_too_long(org, session):
    seen = []

    def answer(request):
        seen.extend(each["url"] for each in sent(request)["batchRequests"])
        empty = {"statusCode": 200, "result": {"done": True, "records": []}}
        return ok({"results": [empty] * len(sent(request)["batchRequests"])})

    org.batch = answer
    read.accounts_named(session, (), [f"company{number:04}.example" for number in range(500)])
    assert max(map(len, seen)) < 14_100
    assert sum(url.count("Website%20LIKE") for url in seen) == 500
    assert len(org.asked) == 1


def page_of(first, count, *, done=True):
    records = [{"Id": f"{number:04}", "Key__c": "k", "Account__r": None} for number in range(first, first + count)]
    return {"totalSize": count, "done": done, "records": records, **({} if done else {"nextRecordsUrl": "/x"})}


def test_a_scan_is_pages_of_their_own(org, session):
    pages = scanned(org, session, page_of(0, 2000), page_of(2000, 3), condition="Key__c != null OR Key__c = ''")
    assert [len(each) for each in pages] == [2000, 3]
    assert pages[1][0] == {"Id": "2000", "Account__r.Name": None, "Key__c": "k"}
    start = "SELECT Id, Account__r.Name, Key__c FROM AR_Invoice__c WHERE (Key__c != null OR Key__c = '')"
    assert [soql_of(each) for each in org.asked] == [
        f"{start} ORDER BY Id LIMIT 2000",
        f"{start} AND Id > '1999' ORDER BY Id LIMIT 2000",
    ]


def test_a_scan_goes_on_where_the_org_gives_smaller_pages(org, session):
    pages = scanned(org, session, page_of(0, 500, done=False), page_of(500, 0))
    assert [len(each) for each in pages] == [500]
    assert soql_of(org.asked[1]).endswith("WHERE Id > '0499' ORDER BY Id LIMIT 2000")


def test_a_scan_of_nothing(org, session):
    assert scanned(org, session, page_of(0, 0)) == []
    assert len(org.asked) == 1


def test_a_scan_survives_the_end_of_every_locator(us, account, fault):
    rows = [{"Key__c": f"c:{number}", "Account__c": account, "Number__c": "1"} for number in range(2100)]
    write.upsert(us, Exposure(us), "AR_Invoice__c", "Key__c", rows, bulk_from=10_000)
    fault("expire_locators", times=99)
    pages = list(read.scan(us, "AR_Invoice__c", ["Key__c"]))
    assert {row["Key__c"] for page in pages for row in page} == {row["Key__c"] for row in rows}
    assert sum(map(len, pages)) == 2100


@pytest.mark.parametrize(("path", "value"), [("A", 1), ("B.C", 2), ("B.D.E", 3), ("N.C", None), ("B.N.C", None)])
def test_values_at_the_end_of_a_path(path, value):
    assert read.at_path({"A": 1, "B": {"C": 2, "D": {"E": 3}, "N": None}, "N": None}, path) == value
