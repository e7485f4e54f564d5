"""Bulk API 2.0, for thousands of rows: create a job, upload one CSV, close it, wait, read what became of each row.

An open job does nothing, so everything up to its closing can fail without doubt, and the job is aborted. After that
the org works on its own: if we lose sight of the job, its rows are in doubt (`outcome_unknown`).
Results come in any order and are matched by key. Empty cells mean "leave as it is", `#N/A` means "empty it".
https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_0_ingest.htm
"""

import csv
import io
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from connector.errors import ConnectorError, MisconfiguredError, RejectedError, RetryableError
from connector.salesforce.describe import Verb
from connector.salesforce.errors import refusal
from connector.salesforce.limits import Priority
from connector.salesforce.rows import Outcome, Row, all_failed, never_sent
from connector.salesforce.session import OrgSession
from connector.salesforce.values import cell

LARGEST_UPLOAD = 90_000_000  # bytes; Salesforce takes 150 MB after base64, which is about 100 MB before
_ENDS = frozenset({"JobComplete", "Failed", "Aborted"})
_ERROR = re.compile(r"(?P<code>[A-Za-z_0-9]+):(?P<message>.*):(?P<fields>[^:]*?) ?--", re.DOTALL)


@dataclass(frozen=True)
class Job:
    """What a job does: `verb` to `object_name`, rows known by `key_field`."""

    session: OrgSession
    object_name: str
    key_field: str
    verb: Verb
    priority: Priority

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One request to the ingest resource."""
        return self.session.request(method, f"jobs/ingest{path}", priority=self.priority, **options)


def carry(job: Job, rows: Sequence[Row]) -> list[Outcome]:
    """The outcome of each row, in order: one job, or several where the upload would be too large."""
    outcomes: list[Outcome] = []
    blocker: ConnectorError | None = None
    for portion, upload in _portions(job, rows):
        if blocker is not None:
            outcomes += never_sent(portion, blocker)
            continue
        try:
            outcomes += _carry_portion(job, portion, upload)
        except ConnectorError as error:
            blocker = error
            outcomes += all_failed(portion, error)
    return outcomes


def _carry_portion(job: Job, rows: Sequence[Row], upload: bytes) -> list[Outcome]:
    path = _start(job, upload)
    try:
        info = _finished(job, path)
        found = _successes(job, path) | _failures(job, path)
        lost = [row for row in rows if row.key not in found]
        if lost:
            found |= _left_over(job, path, info, lost)
    except RetryableError as error:
        raise replace(error, outcome_unknown=True) from error
    return [found[row.key] for row in rows]


def _start(job: Job, upload: bytes) -> str:
    """Create, fill and close a job; its path. What fails before the job is closed is undone and not in doubt."""
    described = {
        "object": job.object_name,
        "operation": "insert" if job.verb == "create" else job.verb,
        "contentType": "CSV",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    if job.verb == "upsert":
        described["externalIdFieldName"] = job.key_field
    try:
        path = f"/{job.call('POST', '', json=described, idempotent=False)['id']}"
    except RetryableError as error:  # at worst an empty job stays open
        raise replace(error, outcome_unknown=False) from error
    try:
        job.call("PUT", f"{path}/batches", content=upload, headers={"Content-Type": "text/csv"}, idempotent=False)
    except ConnectorError as error:
        _abort(job, path)
        raise replace(error, outcome_unknown=False) if isinstance(error, RetryableError) else error from error
    _close(job, path)
    return path


def _close(job: Job, path: str) -> None:
    """Hand the job over. After a doubtful answer the job itself says whether it was."""
    try:
        job.call("PATCH", path, json={"state": "UploadComplete"})
    except RetryableError as error:
        try:
            state = job.call("GET", path)["state"]
        except RetryableError:
            raise replace(error, outcome_unknown=True) from error
        if state == "Open":
            _abort(job, path)
            raise replace(error, outcome_unknown=False) from error


def _abort(job: Job, path: str) -> None:
    with suppress(ConnectorError):  # an open job does nothing and is swept after a day
        job.call("PATCH", path, json={"state": "Aborted"})


def _finished(job: Job, path: str) -> Mapping[str, Any]:
    """Look at the job, ever more rarely, until it has ended; what it says of itself then."""
    pace = job.session.pace
    deadline = time.monotonic() + pace.longest_job
    interval = pace.first_look
    while True:
        pause = interval
        try:
            info: Mapping[str, Any] = job.call("GET", path)
            if info["state"] in _ENDS:
                return info
        except RetryableError as error:  # the job goes on without us
            pause = max(interval, error.retry_after or 0)
        if time.monotonic() + pause > deadline:
            raise RetryableError(
                "TIMEOUT", f"job{path} has not ended after {pace.longest_job:.0f} s", outcome_unknown=True
            )
        time.sleep(pause)
        interval = min(interval * 1.5, pace.longest_look)


def _successes(job: Job, path: str) -> dict[str, Outcome]:
    return {
        line[job.key_field]: Outcome(id=line["sf__Id"], created=line["sf__Created"] == "true")
        for line in _lines(job, f"{path}/successfulResults")
    }


def _failures(job: Job, path: str) -> dict[str, Outcome]:
    return {
        line[job.key_field]: Outcome(error=_error(job, line["sf__Error"]))
        for line in _lines(job, f"{path}/failedResults")
    }


def _left_over(job: Job, path: str, info: Mapping[str, Any], lost: Sequence[Row]) -> dict[str, Outcome]:
    """The rows that the job neither wrote nor refused: untouched if it says so, in doubt otherwise."""
    untouched = {line[job.key_field] for line in _lines(job, f"{path}/unprocessedrecords")}
    why = _why_unprocessed(job, info)
    doubt = RetryableError("UNPROCESSED", f"job{path} does not say what became of the row", outcome_unknown=True)
    return {row.key: Outcome(error=why if row.key in untouched else doubt) for row in lost}


def _why_unprocessed(job: Job, info: Mapping[str, Any]) -> ConnectorError:
    said = str(info.get("errorMessage") or f"the job ended as {info['state']}")
    code, _colon, message = said.partition(" : ")
    error = refusal(code, message, object_name=job.object_name)
    return error if isinstance(error, MisconfiguredError) else RetryableError("UNPROCESSED", said)


def _error(job: Job, text: str) -> ConnectorError:
    """`CODE:message:Field__c --` as an error."""
    parts = _ERROR.match(text)
    if parts is None:
        return RejectedError("UNKNOWN", text, "act on the message, then try the record again")
    fields = [name for name in re.split(r"[\s,]+", parts["fields"]) if name and name != "--"]
    return refusal(parts["code"], parts["message"], fields=fields, object_name=job.object_name)


def _lines(job: Job, path: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(job.call("GET", path, headers={"Accept": "text/csv"}) or "", newline=""))


def _portions(job: Job, rows: Sequence[Row]) -> Iterator[tuple[Sequence[Row], bytes]]:
    """The rows as CSV uploads, each small enough."""
    columns = list(dict.fromkeys(name for row in rows for name in _flat(row.fields)))
    header = _csv_line([job.key_field, *columns])
    start, size, lines = 0, len(header), [header]
    for at, row in enumerate(rows):
        cells = _flat(row.fields)
        line = _csv_line([row.key, *(cell(cells[name]) if name in cells else "" for name in columns)])
        if size + len(line) > LARGEST_UPLOAD and at > start:
            yield rows[start:at], b"".join(lines)
            start, size, lines = at, len(header), [header]
        lines.append(line)
        size += len(line)
    yield rows[start:], b"".join(lines)


def _flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """References by key as columns: {"Account__r": {"Key__c": "x"}} is the column Account__r.Key__c."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            flat[name] = value
    return flat


def _csv_line(cells: Sequence[str]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode()
