"""Writing to an org: 200 rows a call by collections, Bulk API 2.0 from 2,000 rows, one result for every row.

The caller's order is kept (it sorts by account, so that one request does not lock what another holds). One bad row
never holds back the others: rows are refused one by one, and a request that is refused as a whole is divided until
the row at fault stands alone. Fields that the org does not expose to us are left out and named, not fatal: a permission
set that somebody forgot to extend must not stop payments from being shown.

Nothing here raises a ConnectorError: what went wrong stands in the results, for the rows it went wrong for.
ValueError and TypeError are for the caller's own mistakes, and are raised before anything is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from connector.errors import ConnectorError, GoneError, MisconfiguredError, RejectedError, RetryableError
from connector.salesforce import bulk, transport
from connector.salesforce.describe import Exposure, ObjectFacts, Verb
from connector.salesforce.errors import DEPLOY, refusals
from connector.salesforce.limits import Priority
from connector.salesforce.rows import Outcome, Row, all_failed, fit, keys_of, never_sent
from connector.salesforce.session import OrgSession
from connector.salesforce.values import BULK_NULL

ROWS_PER_CALL = 200  # the platform's limit for collections
BULK_FROM = 2000  # rows; below, Salesforce itself advises collections
_DIVISIONS = 20  # requests more than one that finding the rows at fault may cost per 200 rows

# Errors that say our picture of the object is out of date, and those whole-request errors after which others may pass.
_CONTRADICTIONS = frozenset(
    {"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE", "NOT_FOUND", "InvalidBatch"}
)
_LOCAL = frozenset({transport.DISCONNECTED, "UNABLE_TO_LOCK_ROW", "QUERY_TIMEOUT", "UNKNOWN_EXCEPTION"})

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row. `error` None: it is in the org, under `id`. `dropped`: fields the org does not expose."""

    key: str
    id: str | None
    created: bool | None
    error: ConnectorError | None
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class _Target:
    session: OrgSession
    exposure: Exposure
    object_name: str
    key_field: str
    verb: Verb
    priority: Priority
    bulk_from: int

    @property
    def apart(self) -> str | None:
        """The key field where the key does not travel among the other fields."""
        return None if self.verb == "create" else self.key_field


def upsert(
    session: OrgSession,
    exposure: Exposure,
    object_name: str,
    key_field: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    bulk_from: int = BULK_FROM,
    priority: Priority = Priority.NORMAL,
) -> list[RowResult]:
    """Create or update each row by its unique external id `key_field`; one result per row, in order."""
    target = _Target(session, exposure, object_name, key_field, "upsert", priority, bulk_from)
    return _write(target, rows, keys_of(rows, key_field))


def update(
    session: OrgSession,
    exposure: Exposure,
    object_name: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    bulk_from: int = BULK_FROM,
    priority: Priority = Priority.NORMAL,
) -> list[RowResult]:
    """Update existing records; each row has its `Id`. GoneError for those that were deleted or merged away."""
    target = _Target(session, exposure, object_name, "Id", "update", priority, bulk_from)
    return _write(target, rows, keys_of(rows, "Id"))


def create(
    session: OrgSession,
    exposure: Exposure,
    object_name: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    key_field: str | None = None,
    priority: Priority = Priority.NORMAL,
) -> list[RowResult]:
    """Create records of an object that has no unique key. Never repeated by itself: after `outcome_unknown` look first.

    `key_field` names the field whose value the results carry as `key`; without the right to write it nothing is
    created, for nobody would find such a record again.
    """
    target = _Target(session, exposure, object_name, key_field or "", "create", priority, len(rows) + 1)
    keys = keys_of(rows, key_field) if key_field else [""] * len(rows)
    return _write(target, rows, keys)


def _write(target: _Target, rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[RowResult]:
    if not rows:
        return []
    try:
        fitted = _fitted(target, rows, keys)
        outcomes = _carry(target, fitted)
    except ConnectorError as error:
        return [RowResult(key, None, None, error, ()) for key in keys]
    contradicted = [at for at, outcome in enumerate(outcomes) if _contradicts(outcome.error)]
    if contradicted:
        _carry_again(target, rows, contradicted, fitted, outcomes)
    return [
        RowResult(row.key, outcome.id, outcome.created, outcome.error, row.left_out)
        for row, outcome in zip(fitted, outcomes, strict=True)
    ]


def _carry_again(
    target: _Target,
    rows: Sequence[Mapping[str, Any]],
    places: Sequence[int],
    fitted: list[Row],
    outcomes: list[Outcome],
) -> None:
    """Look at the object anew; where that changes what would be sent, send those rows once more."""
    target.exposure.forget(target.object_name)
    try:
        anew = _fitted(target, [rows[at] for at in places], [fitted[at].key for at in places])
    except ConnectorError as error:
        for at in places:
            outcomes[at] = Outcome(error=error)
        return
    if all(new.fields == fitted[at].fields for at, new in zip(places, anew, strict=True)):
        return
    for at, new, outcome in zip(places, anew, _carry(target, anew), strict=True):
        fitted[at], outcomes[at] = new, outcome


def _contradicts(error: ConnectorError | None) -> bool:
    return isinstance(error, MisconfiguredError) and error.code in _CONTRADICTIONS


def _fitted(target: _Target, rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[Row]:
    """The rows as the org will take them. Raises ConnectorError where it will take none."""
    facts = target.exposure.require(target.object_name, priority=target.priority)
    _check_key(target, facts)
    fitted = [fit(facts, row, key, target.verb, without=target.apart) for row, key in zip(rows, keys, strict=True)]
    left_out = {name for row in fitted for name in row.left_out}
    if new := target.exposure.first_told(target.object_name, left_out):
        _log.warning("fields left out", object=target.object_name, fields=new, fix=DEPLOY)
    return fitted


def _check_key(target: _Target, facts: ObjectFacts) -> None:
    if target.verb == "update" or not target.key_field:
        return
    key = facts.field(target.key_field)
    if key is None or not key.writable("create"):
        reason = f"the integration user may not write the key {target.key_field} of {target.object_name}"
        raise MisconfiguredError("INVALID_FIELD", reason, DEPLOY)


def _carry(target: _Target, rows: Sequence[Row]) -> list[Outcome]:
    if len(rows) >= target.bulk_from and not _needs_json(rows):
        job = bulk.Job(target.session, target.object_name, target.key_field, target.verb, target.priority)
        return bulk.carry(job, rows)
    outcomes: list[Outcome] = []
    blocker: ConnectorError | None = None
    for start in range(0, len(rows), ROWS_PER_CALL):
        chunk = rows[start : start + ROWS_PER_CALL]
        if blocker is None:
            done, blocker = _carry_chunk(target, chunk)
            outcomes += done
        else:
            outcomes += never_sent(chunk, blocker)
    return outcomes


def _needs_json(rows: Sequence[Row]) -> bool:
    """Whether some text cannot travel in CSV: the word that means null there."""
    return any(BULK_NULL in row.fields.values() for row in rows)


def _carry_chunk(target: _Target, rows: Sequence[Row]) -> tuple[list[Outcome], ConnectorError | None]:
    """The outcomes of up to 200 rows, and the error, if any, that lets nothing more pass for now."""
    outcomes = [Outcome()] * len(rows)
    parts = [range(len(rows))]
    divisions = _DIVISIONS
    while parts:
        part = parts.pop()
        some = [rows[at] for at in part]
        try:
            results = _send(target, some)
        except RejectedError as error:
            if len(part) > 1 and divisions > 0:
                divisions -= 2
                parts += [part[len(part) // 2 :], part[: len(part) // 2]]
                continue
            results = all_failed(some, error)
        except ConnectorError as error:
            results = all_failed(some, error)
            if isinstance(error, MisconfiguredError) or error.code not in _LOCAL:
                rest = [at for other in parts for at in other]
                results += never_sent([rows[at] for at in rest], error)
                return _placed(outcomes, [*part, *rest], results), error
        outcomes = _placed(outcomes, part, results)
    return outcomes, None


def _placed(outcomes: Sequence[Outcome], places: Sequence[int], results: Sequence[Outcome]) -> list[Outcome]:
    placed = list(outcomes)
    for at, result in zip(places, results, strict=True):
        placed[at] = result
    return placed


def _send(target: _Target, rows: Sequence[Row]) -> list[Outcome]:
    """One collections request. Raises ConnectorError when it is refused as a whole."""
    method, path = _resource(target)
    body = {"allOrNone": False, "records": [_record(target, row) for row in rows]}
    idempotent = target.verb != "create"
    try:
        results = target.session.request(method, path, json=body, idempotent=idempotent, priority=target.priority)
    except GoneError as error:  # not one record: the object or the key field
        raise MisconfiguredError(error.code, error.reason, DEPLOY) from error
    if not isinstance(results, list) or len(results) != len(rows):
        raise RetryableError(
            "UNEXPECTED_ANSWER",
            f"not one result for each of {len(rows)} rows of {target.object_name}",
            outcome_unknown=True,
        )
    return [_outcome(target, result) for result in results]


def _resource(target: _Target) -> tuple[str, str]:
    match target.verb:
        case "upsert":
            return "PATCH", f"composite/sobjects/{target.object_name}/{target.key_field}"
        case "update":
            return "PATCH", "composite/sobjects"
        case "create":
            return "POST", "composite/sobjects"


def _record(target: _Target, row: Row) -> dict[str, Any]:
    attributes = {"attributes": {"type": target.object_name}}
    match target.verb:
        case "upsert":
            return {**attributes, target.key_field: row.key, **row.fields}
        case "update":
            return {**attributes, "id": row.key, **row.fields}
        case "create":
            return {**attributes, **row.fields}


def _outcome(target: _Target, result: Mapping[str, Any]) -> Outcome:
    if result.get("success") is True:
        return Outcome(id=result["id"], created=result.get("created", target.verb == "create"))
    error = refusals(result.get("errors"), object_name=target.object_name)
    return Outcome(
        error=error
        or RetryableError("UNEXPECTED_ANSWER", f"neither success nor errors: {result}", outcome_unknown=True)
    )
