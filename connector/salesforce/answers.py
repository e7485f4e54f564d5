"""What an HTTP answer of Salesforce means: its content, or the error it stands for."""

from decimal import Decimal
from typing import Any

import requests

from connector.errors import ConnectorError, GoneError, MisconfiguredError, RejectedError, RetryableError
from connector.salesforce.errors import refusal, refusals

# jsforce leaves these two alone as well: logging in again gives a token that is refused in the same way.
_USELESS = ("not valid for use with the REST API", "Connected app is not attached to Agent")
_FINISHED = frozenset({429, 500, 503})  # answered by the org itself: the request is over, whatever came of it
_GATEWAY = frozenset({502, 504})  # answered on its behalf: it may still be at work


def decode(response: requests.Response, *, reads: bool) -> Any:
    """The content of a successful answer. RetryableError for one that is not Salesforce's (a proxy's page)."""
    if response.status_code == requests.codes.no_content or not response.content:
        return None
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/csv":
        return response.content.decode("utf-8-sig")  # requests would guess Latin-1
    try:
        return response.json(parse_float=Decimal)
    except requests.exceptions.JSONDecodeError as error:
        start = response.text[:120]
        raise RetryableError(
            "UNEXPECTED_ANSWER", f"{kind or 'an untyped answer'} instead of JSON: {start}", outcome_unknown=not reads
        ) from error


def refused(response: requests.Response, content: Any, *, reads: bool, idempotent: bool) -> ConnectorError:
    """The error for an answer of 300 or above; `content` is its decoded body, or text."""
    error = refusals(content) or _by_status(response, content)
    if isinstance(error, RetryableError):
        unfinished = response.status_code in _GATEWAY
        doubtful = response.status_code == requests.codes.internal_server_error and not idempotent
        error.outcome_unknown = not reads and (unfinished or doubtful)
        error.retry_after = error.retry_after or _retry_after(response)
    return error


def login_is_useless(error: ConnectorError) -> bool:
    """Whether a 401 is of the kinds that a new token does not cure."""
    return any(text in error.reason for text in _USELESS)


def _by_status(response: requests.Response, content: Any) -> ConnectorError:
    """For a body that is not Salesforce's list of errors."""
    status = response.status_code
    code, said = f"HTTP_{status}", " ".join(str(content).split())[:200]
    if status == requests.codes.multiple_choices:
        records = ", ".join(str(url).rpartition("/")[2] for url in content) if isinstance(content, list) else said
        return refusal("DUPLICATE_EXTERNAL_ID", f"the key is in more than one record: {records}")
    if status in _FINISHED or status in _GATEWAY:
        return RetryableError(code, said or "the org is not available")
    if response.is_redirect:
        moved = f"the org moved to {response.headers['Location']}"
        return MisconfiguredError("MOVED", moved, "set the login URL to the org's present My Domain")
    match status:
        case 401:
            return MisconfiguredError(code, said or "not logged in", "check the app's OAuth settings")
        case 403:
            return MisconfiguredError(code, said or "forbidden", "check the integration user's permissions")
        case 404:
            return GoneError(code, said or "no such resource")
        case 410:
            return MisconfiguredError(code, said, "set the API version to one that the org supports")
        case 420:
            return MisconfiguredError(code, said or "no such org", "the org has expired or moved: check the login URL")
    return RejectedError(code, said or response.reason or "", "report this request to Dueline's developers")


def _retry_after(response: requests.Response) -> float | None:
    """Seconds from a Retry-After header; Salesforce documents none, the gateways before it may send one."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None
