import csv
import io
import random
from decimal import Decimal

import pytest
import requests

from connector.errors import MisconfiguredError, RejectedError, RetryableError
from connector.salesforce import bulk, write
from connector.salesforce.session import Pace
from tests.contract.salesforce.fake_org import KEY, described, described_field, ok, refuse, sent

FIELDS = [
    KEY,
    described_field("Balance__c", type="currency", scale=2),
    described_field("Status__c"),
    described_field("Account__c", type="reference", relationshipName="Account__r"),
]
EXPIRED = refuse("INVALID_SESSION_ID", "Session expired or invalid", 401)


class Jobs:
    """The ingest resource, one job after another; `fails` and `skips` are keys of rows that it refuses or leaves."""

    def __init__(self, org):
        self.org = org
        self.created, self.uploads, self.states = [], [], []
        self.fails: dict[str, str] = {}
        self.skips: set[str] = set()
        self.end = {"state": "JobComplete"}
        self.looks = 0
        for method, path, name in (
            ("POST", "jobs/ingest", "create"),
            ("PUT", "jobs/ingest/7501/batches", "upload"),
            ("PATCH", "jobs/ingest/7501", "patch"),
            ("GET", "jobs/ingest/7501", "look"),
        ):
            org.on(method, path, lambda request, name=name: getattr(self, name)(request))
        for name in ("successfulResults", "failedResults", "unprocessedrecords"):
            org.on("GET", f"jobs/ingest/7501/{name}", lambda _request, name=name: self.results(name))

    def create(self, request):
        self.created.append(sent(request))
        return ok({"id": "7501", "state": "Open"})

    def upload(self, request):
        self.uploads.append(request.body.decode())
        return 201, {}, ""

    def patch(self, request):
        self.states.append(sent(request)["state"])
        return ok({"id": "7501", "state": self.states[-1]})

    def look(self, _request):
        self.looks += 1
        return ok({"id": "7501", "state": "InProgress"} if self.looks < 3 else {"id": "7501", **self.end})

    def rows(self):
        return list(csv.DictReader(io.StringIO(self.uploads[-1], newline="")))

    def results(self, name):
        key = self.created[-1].get("externalIdFieldName", "Id")
        kept = [row for row in self.rows() if row[key] not in self.skips]
        if name == "unprocessedrecords":
            lines = [row for row in self.rows() if row[key] in self.skips]
        elif name == "failedResults":
            lines = [{"sf__Id": "", "sf__Error": self.fails[row[key]], **row} for row in kept if row[key] in self.fails]
        else:
            good = [row for row in kept if row[key] not in self.fails]
            lines = [{"sf__Id": f"a01{row[key]}", "sf__Created": "true", **row} for row in good]
        random.Random(7).shuffle(lines)
        text = io.StringIO(newline="")
        writer = csv.DictWriter(
            text, list(lines[0]) if lines else ["sf__Id"], lineterminator="\n", quoting=csv.QUOTE_ALL
        )
        writer.writeheader()
        writer.writerows(lines)
        return 200, {"Content-Type": "text/csv"}, "\ufeff" + text.getvalue()


@pytest.fixture
def jobs(org):
    org.objects["AR_Invoice__c"] = described("AR_Invoice__c", FIELDS)
    org.objects["Account"] = described("Account", [described_field("AR_Status__c")])
    return Jobs(org)


def rows(count, **fields):
    return [{"Key__c": f"c1:in_{number}", "Balance__c": Decimal("0.30"), **fields} for number in range(count)]


def upsert(session, exposure, given, **options):
    return write.upsert(session, exposure, "AR_Invoice__c", "Key__c", given, **{"bulk_from": 1, **options})


def test_2000_rows_go_by_bulk_and_come_back_in_order(org, session, exposure, jobs):
    given = rows(2000)
    results = write.upsert(session, exposure, "AR_Invoice__c", "Key__c", given)
    assert [(each.key, each.id) for each in results] == [(row["Key__c"], f"a01{row['Key__c']}") for row in given]
    assert all(each.created and each.error is None for each in results)
    assert jobs.created == [
        {
            "object": "AR_Invoice__c",
            "operation": "upsert",
            "contentType": "CSV",
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
            "externalIdFieldName": "Key__c",
        }
    ]
    assert jobs.states == ["UploadComplete"]
    assert org.paths()[1:] == [
        "POST jobs/ingest",
        "PUT jobs/ingest/7501/batches",
        "PATCH jobs/ingest/7501",
        *["GET jobs/ingest/7501"] * 3,
        "GET jobs/ingest/7501/successfulResults",
        "GET jobs/ingest/7501/failedResults",
    ]


def test_what_an_upload_looks_like(session, exposure, jobs):
    given = [
        {"Key__c": "k1", "Balance__c": Decimal("1E+3"), "Status__c": None, "Account__r": {"Key__c": "a"}},
        {"Key__c": "k2", "Balance__c": Decimal("12.345"), "Status__c": 'a "b", c\nd'},
        {"Key__c": "k3", "Status__c": "Zürich 东京"},
    ]
    upsert(session, exposure, given)
    assert jobs.uploads == [
        'Key__c,Balance__c,Status__c,Account__r.Key__c\nk1,1000,#N/A,a\nk2,12.345,"a ""b"", c\nd",\nk3,,Zürich 东京,\n'
    ]


def test_refused_rows_carry_their_errors(session, exposure, jobs):
    jobs.fails = {
        "c1:in_1": "STRING_TOO_LONG:Status: data value too large: x (max length=40):Status__c --",
        "c1:in_2": "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--",
        "c1:in_3": "INVALID_FIELD:Foreign key external ID: x not found:Key__c --",
        "c1:in_4": "no code at all",
    }
    results = upsert(session, exposure, rows(6))
    errors = [each.error for each in results[1:5]]
    assert [type(each) for each in errors] == [RejectedError, RetryableError, RejectedError, RejectedError]
    assert errors[0].fix == "lengthen Status__c (now 40 characters)"
    assert errors[2].fix == "write the record x first"
    assert [each.error is None for each in results] == [True, False, False, False, False, True]


def test_rows_that_were_not_processed_may_be_sent_again_without_doubt(session, exposure, jobs):
    jobs.end = {"state": "Failed", "errorMessage": "InternalServerError : try later"}
    jobs.skips = {"c1:in_1"}
    first, second = upsert(session, exposure, rows(2))
    assert first.error is None
    assert isinstance(second.error, RetryableError)
    assert "try later" in second.error.reason
    assert not second.error.outcome_unknown


def test_a_job_aborted_by_an_admin_may_be_sent_again(session, exposure, jobs):
    jobs.end = {"state": "Aborted"}
    jobs.skips = {"c1:in_0"}
    (result,) = upsert(session, exposure, rows(1))
    assert result.error.reason == "the job ended as Aborted"


def test_a_row_that_the_job_does_not_mention_is_in_doubt(session, exposure, jobs):
    jobs.skips = {"c1:in_0"}
    given = rows(1)
    jobs.results = lambda _name: (200, {"Content-Type": "text/csv"}, '"sf__Id"\n')
    (result,) = upsert(session, exposure, given)
    assert result.error.outcome_unknown


def test_a_column_that_the_org_does_not_have_is_misconfigured(session, exposure, jobs):
    jobs.end = {"state": "Failed", "errorMessage": "InvalidBatch : Field name not found : Status__c"}
    jobs.skips = {"c1:in_0"}
    (result,) = upsert(session, exposure, rows(1, Status__c="open"))
    assert isinstance(result.error, MisconfiguredError)
    assert "Status__c is missing" in result.error.fix


@pytest.mark.parametrize("step", ["create", "upload", "patch", "look", "results"])
def test_a_session_may_expire_at_any_step(org, session, exposure, jobs, monkeypatch, step):
    answer, expired = getattr(jobs, step), []

    def once(request):
        if expired:
            return answer(request)
        expired.append(request)
        return EXPIRED

    monkeypatch.setattr(jobs, step, once)
    (result,) = upsert(session, exposure, rows(1))
    assert result.error is None
    assert (len(jobs.uploads), org.tokens) == (1, 2)


@pytest.mark.parametrize("step", ["create", "upload"])
def test_what_fails_before_the_job_is_closed_is_undone_and_not_in_doubt(org, session, exposure, jobs, step):
    method, path = {"create": ("POST", "jobs/ingest"), "upload": ("PUT", "jobs/ingest/7501/batches")}[step]
    org.mock.remove(method, f"https://acme.my.salesforce.com/services/data/v66.0/{path}")
    org.in_turn(method, path, requests.ReadTimeout("no answer"))
    results = upsert(session, exposure, rows(2))
    assert all(isinstance(each.error, RetryableError) and not each.error.outcome_unknown for each in results)
    assert jobs.states == ([] if step == "create" else ["Aborted"])


@pytest.mark.parametrize(("state", "passes"), [("UploadComplete", True), ("Open", False)])
def test_a_doubtful_closing_is_settled_by_asking_the_job(org, session, exposure, jobs, state, passes):
    org.mock.remove("PATCH", "https://acme.my.salesforce.com/services/data/v66.0/jobs/ingest/7501")
    org.in_turn("PATCH", "jobs/ingest/7501", requests.ReadTimeout("no answer"), ok({}))
    looks = []

    def look(_request):
        looks.append(1)
        return ok({"state": state if len(looks) == 1 else "JobComplete"})

    org.mock.remove("GET", "https://acme.my.salesforce.com/services/data/v66.0/jobs/ingest/7501")
    org.on("GET", "jobs/ingest/7501", look)
    (result,) = upsert(session, exposure, rows(1))
    assert (result.error is None) is passes
    assert passes or not result.error.outcome_unknown


def test_a_job_that_does_not_end_leaves_its_rows_in_doubt(session, exposure, jobs):
    session.pace = Pace(first_look=0.01, longest_look=0.01, longest_job=0.05)
    jobs.end = {"state": "InProgress"}
    (result,) = upsert(session, exposure, rows(1))
    assert (result.error.code, result.error.outcome_unknown) == ("TIMEOUT", True)


def test_large_uploads_are_several_jobs(session, exposure, jobs, monkeypatch):
    monkeypatch.setattr(bulk, "LARGEST_UPLOAD", 100)
    results = upsert(session, exposure, rows(10))
    assert [each.id for each in results] == [f"a01c1:in_{number}" for number in range(10)]
    assert len(jobs.uploads) > 1
    assert all(len(upload) <= 100 for upload in jobs.uploads)


def test_after_a_blocked_job_the_next_is_not_begun(org, session, exposure, jobs, monkeypatch):
    monkeypatch.setattr(bulk, "LARGEST_UPLOAD", 60)
    org.mock.remove("POST", "https://acme.my.salesforce.com/services/data/v66.0/jobs/ingest")
    org.on("POST", "jobs/ingest", refuse("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403))
    results = upsert(session, exposure, rows(10))
    assert {each.error.code for each in results} == {"REQUEST_LIMIT_EXCEEDED"}
    assert org.paths().count("POST jobs/ingest") == 1


def test_text_that_means_null_in_csv_goes_by_collections(org, session, exposure, jobs):
    path = "composite/sobjects/AR_Invoice__c/Key__c"
    org.on("PATCH", path, ok([{"id": "a01", "success": True, "errors": [], "created": True}]))
    (result,) = upsert(session, exposure, rows(1, Status__c="#N/A"))
    assert result.error is None
    assert jobs.created == []


def test_update_by_id(session, exposure, jobs):
    given = [{"Id": "001A", "AR_Status__c": "overdue"}]
    (result,) = write.update(session, exposure, "Account", given, bulk_from=1)
    assert (result.key, result.error) == ("001A", None)
    assert jobs.created[0]["operation"] == "update"
    assert jobs.uploads == ["Id,AR_Status__c\n001A,overdue\n"]
