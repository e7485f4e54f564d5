"""`/jobs/ingest` and `/jobs/query`: Bulk API 2.0 over HTTP."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from connector.local.org import bulk_csv
from connector.local.org.bulk_jobs import Job, Jobs
from connector.local.org.dml import key_column
from connector.local.org.http.context import base, body, seen, the_view, the_writer
from connector.local.org.model import OrgError
from connector.local.org.wire import nothing, reply

bulk = Blueprint("bulk", __name__)
_INGEST = {"insert", "update", "upsert", "delete"}
_KNOWN = {"object", "operation", "externalIdFieldName", "contentType", "lineEnding", "columnDelimiter"}
_LARGEST_UPLOAD = 150 * 1024 * 1024
_CSV = "text/csv; charset=UTF-8"
_ENDED = {"JobComplete", "Failed", "Aborted"}
_SELECT = re.compile(r"^\s*select\s+(.*?)\s+from\s", re.IGNORECASE | re.DOTALL)
_NOT_IN_BULK = re.compile(r"\bgroup\s+by\b|\boffset\b|\bfields\s*\(|\btypeof\b", re.IGNORECASE)


def _jobs() -> Jobs:
    jobs: Jobs = current_app.extensions["bulk_jobs"]
    return jobs


@bulk.post("/jobs/ingest")
def create() -> Response:
    """A job that waits for its upload."""
    given = body()
    _refuse_unknown(given, _KNOWN | {"assignmentRuleId"})
    operation = given.get("operation")
    if operation not in _INGEST:
        raise OrgError("INVALIDJOB", f"Unsupported operation: {operation}. It must be one of {sorted(_INGEST)}.")
    item, rights = seen(str(given.get("object")))
    if not (rights.create or rights.edit or rights.delete):
        raise OrgError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", 403)
    info = {"operation": operation, "object": item.name, **_format(given)}
    if operation == "upsert":
        if not given.get("externalIdFieldName"):
            raise OrgError("INVALIDJOB", "externalIdFieldName is required for upsert")
        key = key_column(the_writer().plan_of(item.name), str(given["externalIdFieldName"]))
        info["externalIdFieldName"] = key.field.name
    job = _jobs().open(the_view(), g.version, info, "Open")
    job.info["contentUrl"] = f"{base().lstrip('/')}/jobs/ingest/{job.id}/batches"
    return reply(_shown(job))


@bulk.put("/jobs/ingest/<job_id>/batches")
def upload(job_id: str) -> Response:
    """The one upload of a job."""
    job = _jobs().find(job_id, the_view())
    if not (request.mimetype or "").startswith("text/csv"):
        raise OrgError("UNSUPPORTED_MEDIA_TYPE", "Upload CSV with Content-Type text/csv", 415)
    if job.state != "Open" or job.upload is not None:
        raise OrgError("INVALIDJOBSTATE", f"Uploading is not allowed: the job is {job.state}, or has its data already")
    raw = request.get_data()
    if len(raw) > _LARGEST_UPLOAD:
        raise OrgError("INVALIDBATCH", "The upload is larger than 150 MB", 413)
    job.upload = raw
    return Response(status=201)


@bulk.patch("/jobs/ingest/<job_id>")
@bulk.patch("/jobs/query/<job_id>")
def close(job_id: str) -> Response:
    """Say that the upload is complete, or abort."""
    job = _jobs().find(job_id, the_view())
    state = body().get("state")
    if state == "Aborted" and job.state not in _ENDED:
        job.state = state
    elif state == "UploadComplete" and job.state == "Open":
        job.state = state
        _jobs().work_on(job)
    else:
        raise OrgError("INVALIDJOBSTATE", f"A job that is {job.state} cannot become {state}")
    return reply(_shown(job))


@bulk.get("/jobs/ingest/<job_id>")
@bulk.get("/jobs/query/<job_id>")
def info(job_id: str) -> Response:
    """How far it is."""
    return reply(_shown(_jobs().find(job_id, the_view())))


@bulk.get("/jobs/ingest")
def list_ingest() -> Response:
    """The user's ingest jobs."""
    jobs = [_shown(job) for job in _jobs().all_of(the_view()) if "query" not in job.info]
    return reply({"done": True, "nextRecordsUrl": None, "records": jobs})


@bulk.get("/jobs/query")
def list_queries() -> Response:
    """The user's query jobs."""
    jobs = [_shown(job) for job in _jobs().all_of(the_view()) if "query" in job.info]
    return reply({"done": True, "nextRecordsUrl": None, "records": jobs})


@bulk.delete("/jobs/ingest/<job_id>")
@bulk.delete("/jobs/query/<job_id>")
def delete(job_id: str) -> Response:
    """Forget a job that has ended."""
    job = _jobs().find(job_id, the_view())
    if job.state not in _ENDED | {"Open"}:
        raise OrgError("INVALIDJOBSTATE", f"A job that is {job.state} cannot be deleted")
    _jobs().remove(job)
    return nothing()


@bulk.get("/jobs/ingest/<job_id>/successfulResults")
def successful(job_id: str) -> Response:
    """The lines that passed."""
    job = _ended(job_id)
    rows = [[saved.id, str(bool(saved.created)).lower(), *line] for saved, error, line in job.results if not error]
    return _csv(job, ["sf__Id", "sf__Created", *job.header], rows)


@bulk.get("/jobs/ingest/<job_id>/failedResults")
def failed(job_id: str) -> Response:
    """The lines that were refused, and why."""
    job = _ended(job_id)
    rows = [[saved.id or "", error, *line] for saved, error, line in job.results if error]
    return _csv(job, ["sf__Id", "sf__Error", *job.header], rows)


@bulk.get("/jobs/ingest/<job_id>/unprocessedrecords")
def unprocessed(job_id: str) -> Response:
    """The lines that were never reached."""
    job = _ended(job_id)
    return _csv(job, job.header, job.lines[len(job.results) :])


@bulk.post("/jobs/query")
def create_query() -> Response:
    """A query whose result is fetched as CSV."""
    given = body()
    _refuse_unknown(given, {"operation", "query", "contentType", "lineEnding", "columnDelimiter"})
    text = given.get("query")
    if given.get("operation") not in {"query", "queryAll"} or not isinstance(text, str):
        raise OrgError("INVALIDJOB", "operation must be query or queryAll, and query the text of one")
    columns = _columns(text)
    details = {"operation": given["operation"], "query": text, **_format(given)}
    job = _jobs().open(the_view(), g.version, details, "UploadComplete")
    job.header = columns
    _jobs().work_on(job)
    return reply(_shown(job))


@bulk.get("/jobs/query/<job_id>/results")
def results(job_id: str) -> Response:
    """A part of the result; `Sforce-Locator` leads to the next, `null` ends it."""
    job = _ended(job_id)
    start, most = request.args.get("locator", "0"), request.args.get("maxRecords", "50000")
    if not (start.isdigit() and most.isdigit() and int(most)):
        raise OrgError("INVALID_QUERY_LOCATOR", "invalid query locator or maxRecords")
    end = int(start) + int(most)
    part = job.records[int(start) : end]
    answer = _csv(job, job.header, list(bulk_csv.flat(part, job.header)))
    answer.headers["Sforce-NumberOfRecords"] = str(len(part))
    answer.headers["Sforce-Locator"] = str(end) if end < len(job.records) else "null"
    return answer


def _format(given: dict[str, Any]) -> dict[str, Any]:
    details = {
        "contentType": given.get("contentType", "CSV"),
        "lineEnding": given.get("lineEnding", "LF"),
        "columnDelimiter": given.get("columnDelimiter", "COMMA"),
    }
    allowed = {"contentType": {"CSV"}, "lineEnding": bulk_csv.LINE_ENDINGS, "columnDelimiter": bulk_csv.DELIMITERS}
    for name, value in details.items():
        if value not in allowed[name]:
            raise OrgError("INVALIDJOB", f"{name} must be one of {', '.join(allowed[name])}, not {value}")
    return {**details, "concurrencyMode": "Parallel", "apiVersion": float(g.version[1:])}


def _refuse_unknown(given: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise OrgError("JSON_PARSER_ERROR", f'Unrecognized field "{unknown[0]}" at [line:1, column:1]')


def _columns(text: str) -> list[str]:
    """The names in the SELECT list, which head the CSV. Raises what bulk queries do not support."""
    found = _SELECT.match(text)
    names = [name.strip() for name in found[1].split(",")] if found else []
    if not names or _NOT_IN_BULK.search(text) or any(not re.fullmatch(r"[\w.]+", name) for name in names):
        message = "Bulk queries take plain fields only: no aggregates, functions, GROUP BY, OFFSET or sub-queries"
        raise OrgError("INVALIDJOB", message)
    return names


def _ended(job_id: str) -> Job:
    job = _jobs().find(job_id, the_view())
    if job.state not in _ENDED:
        raise OrgError("INVALIDJOBSTATE", f"The job is still {job.state}")
    return job


def _csv(job: Job, header: list[str], rows: list[list[Any]]) -> Response:
    text = bulk_csv.write(header, rows, job.info["columnDelimiter"], job.info["lineEnding"])
    return Response(text, content_type=_CSV)


def _shown(job: Job) -> dict[str, Any]:
    shown = {**job.info, "state": job.state}
    if job.state == "Open":
        return shown
    shown |= {
        "jobType": "V2Query" if "query" in job.info else "V2Ingest",
        "retries": 0,
        "totalProcessingTime": job.took_ms,
    }
    if "query" in job.info:
        return shown | {"numberRecordsProcessed": len(job.records)} | ({"errorMessage": job.error} if job.error else {})
    shown |= {"numberRecordsProcessed": len(job.results), "numberRecordsFailed": job.failed_rows}
    shown |= {"apiActiveProcessingTime": job.took_ms, "apexProcessingTime": 0}
    return shown | ({"errorMessage": job.error} if job.error else {})
