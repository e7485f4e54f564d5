"""Bulk API 2.0 jobs: one thread works on them in the order in which they were closed, 200 rows a transaction.

Jobs live in memory: after a restart of the org they are gone, their committed rows are not.
"""

import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connector.local.org import bulk_csv
from connector.local.org.batch import refuse_repeated, repeated, run_rows
from connector.local.org.bulk_csv import BulkCsvError
from connector.local.org.dml import Saved, Writer, key_column
from connector.local.org.faults import Asked
from connector.local.org.ids import make_id
from connector.local.org.model import OrgError
from connector.local.org.org import Org, View
from connector.local.org.removal import Remover
from connector.local.org.soql import run_query
from connector.local.org.values import BadValueError, stamp

_CHUNK = 200
_JOB_PREFIX = "750"


@dataclass
class Job:
    """One job. `results` are (saved, error text, line), in the order of processing."""

    id: str
    view: View
    version: str
    info: dict[str, Any]
    state: str
    upload: bytes | None = None
    header: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    results: list[tuple[Saved, str, list[str]]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    took_ms: int = 0

    @property
    def failed_rows(self) -> int:
        """How many lines were refused."""
        return sum(1 for _, error, _ in self.results if error)


class Jobs:
    """All jobs of an org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._jobs: dict[str, Job] = {}
        self._number = 0
        self._closed: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def open(self, view: View, version: str, info: dict[str, Any], state: str) -> Job:
        """A new job."""
        with self._lock:
            self._number += 1
            job_id = make_id(_JOB_PREFIX, self._number)
            now = stamp(self._org.clock.stamp)
            system = {"id": job_id, "createdById": view.user_id, "createdDate": now, "systemModstamp": now}
            job = Job(job_id, view, version, {**system, **info}, state)
            self._jobs[job_id] = job
            return job

    def find(self, job_id: str, view: View) -> Job:
        """The user's job. Raises NOT_FOUND."""
        job = self._jobs.get(job_id)
        if job is None or job.view.user_id != view.user_id:
            raise OrgError("NOT_FOUND", "The requested resource does not exist", 404)
        return job

    def all_of(self, view: View) -> list[Job]:
        """The user's jobs."""
        return [job for job in list(self._jobs.values()) if job.view.user_id == view.user_id]

    def remove(self, job: Job) -> None:
        """Forget a job."""
        with self._lock:
            self._jobs.pop(job.id, None)

    def work_on(self, job: Job) -> None:
        """Hand the job to the thread."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bulk-jobs", daemon=True)
                self._thread.start()
        self._closed.put(job)

    def stop(self) -> None:
        """End the thread once the job at hand is done."""
        if self._thread is not None:
            self._closed.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (job := self._closed.get()) is not None:
            if job.state != "UploadComplete":
                continue  # aborted meanwhile
            job.state = "InProgress"
            began = time.monotonic()
            try:
                work = self._query if "query" in job.info else self._ingest
                work(job)
                state = "JobComplete"
            except (BulkCsvError, OrgError) as error:
                job.error, state = str(error), "Failed"
            job.took_ms = int((time.monotonic() - began) * 1000)
            job.info["systemModstamp"] = stamp(self._org.clock.stamp)
            job.state = state

    def _query(self, job: Job) -> None:
        deleted_too = job.info["operation"] == "queryAll"
        source = self._org.source(job.view)
        with self._org.store.lock:
            found = run_query(job.info["query"], source, include_deleted=deleted_too, api_version=job.version)
        job.records = found.records

    def _ingest(self, job: Job) -> None:
        info = job.info
        job.header, job.lines = bulk_csv.parse(job.upload or b"", info["columnDelimiter"], info["lineEnding"])
        plan = self._org.writer(job.view).plan_of(info["object"])
        for name in job.header:
            if plan.column(name) is None and name.partition(".")[0].lower() not in plan.parents:
                raise BulkCsvError(f"InvalidBatch : Field name not found : {name}")
        records = [bulk_csv.record(job.header, line) for line in job.lines]
        for start in range(0, len(records), _CHUNK):
            self._chunk(job, records[start : start + _CHUNK], job.lines[start : start + _CHUNK])
        random.Random(job.id).shuffle(job.results)  # noqa: S311 - results come in no order, and clients must not rely on one

    def _chunk(self, job: Job, records: Sequence[dict[str, Any]], lines: Sequence[list[str]]) -> None:
        writer = self._org.writer(job.view)
        sobject = job.info["object"]
        failure = self._org.faults.row_failure(Asked("PUT", f"/services/data/{job.version}/jobs/ingest", b"", sobject))
        actions, ids = _actions(self._org, writer, job, records)
        for saved, line in zip(run_rows(writer, actions, ids, failure=failure), lines, strict=True):
            job.results.append((saved, _error_text(saved), line))


def _actions(
    org: Org, writer: Writer, job: Job, records: Sequence[dict[str, Any]]
) -> tuple[list[Callable[[], Saved]], list[str | None]]:
    """What to do for each record, and the ids that the lines named."""
    sobject, operation = job.info["object"], job.info["operation"]
    one: Callable[[Any, dict[str, Any]], Saved]  # of a line's key and its other values
    keys: list[Any]
    if operation == "insert":
        keys = [None] * len(records)
        one = partial(_insert, writer, sobject)
    elif operation == "upsert":
        field = key_column(writer.plan_of(sobject), job.info["externalIdFieldName"]).field.name
        keys = [_pop(record, field) for record in records]
        one = partial(_upsert, writer, sobject, field, repeated(keys))
    else:
        keys = [_pop(record, "Id") for record in records]
        one = (
            partial(_update, writer, sobject)
            if operation == "update"
            else partial(_delete, org.remover(job.view), sobject)
        )
    ids = keys if operation in {"update", "delete"} else [None] * len(records)
    return [partial(_checked, one, key, record) for key, record in zip(keys, records, strict=True)], ids


def _insert(writer: Writer, sobject: str, _: None, record: dict[str, Any]) -> Saved:
    return writer.insert(sobject, record)


def _upsert(writer: Writer, sobject: str, field: str, again: set[Any], key: Any, record: dict[str, Any]) -> Saved:
    refuse_repeated(key, again)
    return writer.upsert(sobject, field, key, record)


def _update(writer: Writer, sobject: str, record_id: Any, record: dict[str, Any]) -> Saved:
    if record_id is None:
        raise OrgError("MISSING_ARGUMENT", "Id not specified in an update call")
    return writer.update(sobject, record_id, record)


def _delete(remover: Remover, sobject: str, record_id: Any, _: dict[str, Any]) -> Saved:
    if record_id is None:
        raise OrgError("MISSING_ARGUMENT", "Id not specified in a delete call")
    return remover.delete(sobject, record_id)


def _checked(one: Callable[[Any, dict[str, Any]], Saved], key: Any, record: dict[str, Any]) -> Saved:
    """In a CSV, a value that cannot be read spoils its line only."""
    try:
        return one(key, record)
    except BadValueError as bad:
        message = f"{bad.field.label}: value not of required type: {bad.value}"
        raise OrgError("INVALID_TYPE_ON_FIELD_IN_RECORD", message, fields=[bad.field.name]) from bad


def _pop(record: dict[str, Any], name: str) -> Any:
    found = next((given for given in record if given.lower() == name.lower()), None)
    return record.pop(found) if found is not None else None


def _error_text(saved: Saved) -> str:
    """`CODE:message:Field__c --`, as the result files write it."""
    return ";".join(f"{error.code}:{error.message}:{' '.join([*error.fields, '--'])}" for error in saved.errors)
