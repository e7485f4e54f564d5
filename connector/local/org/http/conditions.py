"""Conditional requests: `If-Modified-Since` and `If-Unmodified-Since` on one record.

Both validate weakly, as documented: they compare whole seconds, so a change within the same second passes. A condition
where a real org has none would be lost without a word, and with it somebody's edit; here it is refused.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from flask import Response, request

from connector.local.org.model import OrgError, Row

_READS = frozenset({"sobjects.read", "sobjects.read_by_key"})
_SUPPORTED = {
    "If-Modified-Since": _READS,
    "If-Unmodified-Since": _READS | {"sobjects.update", "ui_records.update"},
    "If-Match": frozenset[str](),
    "If-None-Match": frozenset[str](),
    "If-Range": frozenset[str](),
}
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (?:GMT|[+-]\d{4})")


def refuse_unsupported() -> None:
    """Raise where the request carries a condition that its resource does not check."""
    for name, endpoints in _SUPPORTED.items():
        if name in request.headers and request.endpoint not in endpoints:
            if request.method == "DELETE":
                raise OrgError("INVALID_HEADER_VALUE", f"DELETE requests do not support {name}")
            message = f"The local org checks no {name} here; send it with one record's id, or not at all."
            raise OrgError("NOT_IMPLEMENTED_LOCALLY", message, 501)


def date_of(name: str) -> datetime | None:
    """The instant that a header names, or None where it is not sent. Raises 400 where it is no HTTP date."""
    given = request.headers.get(name)
    if given is None:
        return None
    try:
        if _HTTP_DATE.fullmatch(given):
            return parsedate_to_datetime(given).astimezone(UTC)
    except ValueError as error:
        raise _no_date(name, given) from error
    raise _no_date(name, given)


def check_unmodified(row: Row, since: datetime | None) -> None:
    """Raise 412 where the record was modified after that instant."""
    if since is not None and row["LastModifiedDate"] > since:
        message = "The record was modified after the given date"
        raise OrgError("PRECONDITION_FAILED", message, 412)  # the status is documented, code and words are unverified


def not_modified(row: Row) -> Response | None:
    """304 where the record was not modified after the instant asked for; raises 412 where it should not have been."""
    check_unmodified(row, date_of("If-Unmodified-Since"))
    since = date_of("If-Modified-Since")
    return Response(status=304) if since is not None and row["LastModifiedDate"] <= since else None


def _no_date(name: str, given: str) -> OrgError:
    return OrgError("INVALID_HEADER_VALUE", f"{name} is not an HTTP date: {given}")
