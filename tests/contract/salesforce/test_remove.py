from connector.errors import MisconfiguredError, RejectedError, RetryableError
from connector.salesforce import write
from connector.salesforce.describe import Exposure
from connector.salesforce.read import query
from connector.salesforce.remove import delete_by_key
from tests.contract.salesforce.fake_org import ok, refuse

OBJECT = "AR_Invoice__c"


def make(us, account, keys):
    rows = [{"Key__c": key, "Account__c": account, "Number__c": key} for key in keys]
    assert all(each.error is None for each in write.upsert(us, Exposure(us), OBJECT, "Key__c", rows))


def standing_keys(us):
    return {row["Key__c"] for row in query(us, f"SELECT Key__c FROM {OBJECT}")}


def test_rows_go_and_what_is_not_there_is_as_good_as_gone(us, account, calls):
    make(us, account, [f"c:in_{number}" for number in range(450)] + ["c:keep", "C:IN_1"])
    calls()
    keys = [f"c:in_{number}" for number in range(450)] + ["c:never"]
    assert delete_by_key(us, OBJECT, "Key__c", keys) == dict.fromkeys(keys)
    assert calls() == {"POST composite/batch": 1, "DELETE composite/sobjects": 3}
    assert standing_keys(us) == {"c:keep", "C:IN_1"}
    assert delete_by_key(us, OBJECT, "Key__c", keys) == dict.fromkeys(keys)
    assert delete_by_key(us, OBJECT, "Key__c", []) == {}


def test_a_lost_answer_is_doubt_and_doing_it_again_is_harmless(us, account, fault):
    make(us, account, ["a", "b"])
    fault("drop_after_commit", method="DELETE")
    assert all(error.outcome_unknown for error in delete_by_key(us, OBJECT, "Key__c", ["a", "b"]).values())
    assert delete_by_key(us, OBJECT, "Key__c", ["a", "b"]) == {"a": None, "b": None}


def test_a_locked_row_holds_back_no_other(us, account, fault):
    make(us, account, ["a", "b", "c"])
    fault("partial", object=OBJECT, method="DELETE", every=2)
    done = delete_by_key(us, OBJECT, "Key__c", ["a", "b", "c"])
    assert [key for key, error in done.items() if error] == ["b"]
    assert isinstance(done["b"], RetryableError)
    assert standing_keys(us) == {"b"}


def test_an_object_that_is_not_there_and_one_that_we_may_not_delete(us, account, admin):
    missing = delete_by_key(us, "Nothing__c", "Key__c", ["a"])
    assert isinstance(missing["a"], MisconfiguredError)
    refused = delete_by_key(us, "Account", "Name", ["Acme"])
    assert isinstance(refused["Acme"], RejectedError | MisconfiguredError)
    assert refused["Acme"].fix


def found(*rows):
    records = [{"Id": record_id, "Key__c": key} for record_id, key in rows]
    return lambda _request: ok({"results": [{"statusCode": 200, "result": {"done": True, "records": records}}]})


def test_several_rows_of_one_key_and_one_that_vanished(org, session):
    org.batch = found(("1", "a"), ("2", "a"), ("3", "b"))
    gone = {"success": False, "errors": [{"statusCode": "ENTITY_IS_DELETED", "message": "entity is deleted"}]}
    fine = {"id": "1", "success": True, "errors": []}
    org.on("DELETE", "composite/sobjects", ok([fine, fine, gone]))
    assert delete_by_key(session, OBJECT, "Key__c", ["a", "b"]) == {"a": None, "b": None}
    assert org.asked[-1].params == {"ids": "1,2,3", "allOrNone": "false"}


def test_after_a_refused_request_nothing_more_is_sent(org, session):
    keys = [f"k{number:03}" for number in range(300)]
    org.batch = found(*((key, key) for key in keys))
    org.on("DELETE", "composite/sobjects", refuse("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403))
    done = delete_by_key(session, OBJECT, "Key__c", keys)
    assert {error.code for error in done.values()} == {"REQUEST_LIMIT_EXCEEDED"}
    assert org.paths().count("DELETE composite/sobjects") == 1


def test_an_answer_that_makes_no_sense_is_doubt(org, session):
    org.batch = found(("1", "a"))
    org.in_turn("DELETE", "composite/sobjects", ok([]), ok([{"id": "1"}]))
    for _ in range(2):
        assert delete_by_key(session, OBJECT, "Key__c", ["a"])["a"].outcome_unknown
