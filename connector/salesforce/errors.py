"""Every refusal of Salesforce in one table: what it means for us, and the way out in words for a person.

The first row whose code (and pattern, looked for in the message and then in the field names) matches decides.
`fix` may use {object}, {fields} and the named groups of its pattern. Codes: the StatusCode enumeration of the WSDL and
the REST error list, https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
(those of the token endpoint are in login.py). A code that is not here is shown by name, its meaning never guessed.
"""

# ruff: noqa: RUF001 - the arrow in a path of menus is how Salesforce writes the way through its menus

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.errors import ConnectorError, GoneError, MisconfiguredError, RejectedError, RetryableError

PERMISSION_SET = "Dueline_Integration"
DEPLOY = f"deploy the Dueline package and assign the permission set {PERMISSION_SET} to the integration user"
APP = "in Setup › External Client App Manager, open Dueline's app"
API_SCOPE = f"{APP} and allow the OAuth scope 'Manage user data via APIs (api)'"
API_ENABLED = "give the integration user the permission 'API Enabled'"
_GRANT = f"give the integration user edit access to {{fields}}: assign the permission set {PERMISSION_SET}"
_SHARE = (
    f"give the integration user edit access to the record: assign {PERMISSION_SET}, or share the record with it "
    "(tasks: set Activity to 'Controlled by Parent' under Setup › Sharing Settings)"
)
MANAGE_CURRENCIES = "ask your admin to add the currency {value} under Setup › Company Information › Manage Currencies"
_RECORD_CURRENCY = MANAGE_CURRENCIES.replace("{value}", "of this record")
_AUTOMATION = "ask your admin to look at the automation on {object} that the message names"
_OURS = "report this request to Dueline's developers"
_LONGEST_REASON = 800  # characters; Salesforce repeats the refused value in its message
_LIMIT_PAUSE = 60.0  # seconds; the count is of the last 24 hours: calls fall out of it all the time, and a look is free


@dataclass(frozen=True, slots=True)
class Way:
    """One row: what `code` (with a message or fields matching `pattern`) means and what gets a person out of it."""

    code: str
    family: type[ConnectorError]
    fix: str = ""
    pattern: str = ""
    retry_after: float | None = None  # seconds; None: as soon as the caller likes

    def match(self, message: str, fields: str) -> re.Match[str] | None:
        """The pattern's match in the message, else in the field names."""
        return re.search(self.pattern, message, re.DOTALL) or re.search(self.pattern, fields)


# The same row may pass in a moment. A lock can also be met inside someone's trigger or flow, which then only quotes it.
_PASSING = (
    "UNABLE_TO_LOCK_ROW UNABLE_TO_LOCK_RECORD QUERY_TIMEOUT REQUEST_RUNNING_TOO_LONG SERVER_UNAVAILABLE "
    "SERVICE_UNAVAILABLE UNKNOWN_EXCEPTION INTERNAL_ERROR TOO_MANY_APEX_REQUESTS ALL_OR_NONE_OPERATION_ROLLED_BACK "
    "PROCESSING_HALTED INVALID_QUERY_LOCATOR INVALIDJOBSTATE"
).split()
_LOCK = "UNABLE_TO_LOCK_ROW"
_AUTOMATION_CODES = (
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY CANNOT_EXECUTE_FLOW_TRIGGER FLOW_EXCEPTION CUSTOM_APEX_ERROR APEX_FAILED "
    "APEX_DATA_ACCESS_RESTRICTION LIMIT_EXCEEDED SELF_REFERENCE_FROM_TRIGGER SELF_REFERENCE_FROM_FLOW"
).split()

WAYS: tuple[Way, ...] = (
    *(Way(code, RetryableError) for code in _PASSING),
    *(Way(code, RetryableError, pattern=_LOCK) for code in _AUTOMATION_CODES),
    Way("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", RetryableError, retry_after=300.0),
    Way("REQUEST_LIMIT_EXCEEDED", RetryableError, pattern="(?i)concurrent"),
    Way(
        "REQUEST_LIMIT_EXCEEDED",
        RetryableError,
        "the org's API calls of the last 24 hours are spent: buy more, or slow other integrations down",
        retry_after=_LIMIT_PAUSE,
    ),
    # The record, or one that it points to, is not there any more.
    Way("ENTITY_IS_DELETED", GoneError, "restore the record from the recycle bin, or link to another one"),
    Way("INVALID_CROSS_REFERENCE_KEY", GoneError, "it was deleted or merged: link to an account that exists"),
    Way("NOT_FOUND", MisconfiguredError, DEPLOY, "external ID field"),
    Way("NOT_FOUND", GoneError, "the integration user sees no such record or resource"),
    # Nothing of the kind can pass until a person acts.
    Way(
        "INVALID_FIELD", RejectedError, "write the record {value} first", r"Foreign key external ID: (?P<value>.+) not"
    ),
    Way("INVALID_FIELD", MisconfiguredError, f"{DEPLOY}: {{value}} is missing", r"No such column '(?P<value>[^']+)'"),
    Way("INVALID_FIELD", MisconfiguredError, DEPLOY),
    Way("INVALID_TYPE", MisconfiguredError, f"{DEPLOY}: {{value}} is missing", r"sObject type '(?P<value>[^']+)'"),
    Way("INVALID_TYPE", MisconfiguredError, DEPLOY),
    Way(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        MisconfiguredError,
        _GRANT.replace("{fields}", "{value}"),
        r"fields: (?P<value>[\w, ]+)\.",
    ),
    Way("INVALID_FIELD_FOR_INSERT_UPDATE", MisconfiguredError, _GRANT),
    Way("INVALID_EXTERNAL_ID_FIELD_NAME", MisconfiguredError, DEPLOY),
    Way("INVALID_ENTITY_FOR_UPSERT", MisconfiguredError, DEPLOY),
    Way("INVALID_READ_ONLY_USER_DML", MisconfiguredError, DEPLOY),
    Way("FORBIDDEN", MisconfiguredError, DEPLOY),
    Way("API_DISABLED_FOR_ORG", MisconfiguredError, f"use an edition with API access, and {API_ENABLED}"),
    Way("API_CURRENTLY_DISABLED", MisconfiguredError, API_ENABLED),
    Way("FUNCTIONALITY_NOT_ENABLED", MisconfiguredError, "ask your admin to enable the feature that the message names"),
    Way("INVALID_SESSION_ID", MisconfiguredError, API_SCOPE),
    Way("INVALID_AUTH_HEADER", MisconfiguredError, API_SCOPE),
    Way(
        "TXN_SECURITY_NO_ACCESS", MisconfiguredError, "exempt the integration user from the transaction security policy"
    ),
    Way("UNSUPPORTED_API_VERSION", MisconfiguredError, "set the API version to one that the org supports"),
    Way("METHOD_NOT_ALLOWED", MisconfiguredError, "set the API version to 46.0 or later"),
    Way("STORAGE_LIMIT_EXCEEDED", MisconfiguredError, "free data storage or buy more (Setup › Storage Usage)"),
    Way("LICENSE_LIMIT_EXCEEDED", MisconfiguredError, "ask your admin for a licence that allows this"),
    Way("PACKAGE_LICENSE_REQUIRED", MisconfiguredError, "assign the package licence to the integration user"),
    # This record is refused, others pass: what its people decided about their data.
    Way(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        RejectedError,
        MANAGE_CURRENCIES,
        r"(?i)currency.*field: (?P<value>\w+)",
    ),
    Way("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", RejectedError, _RECORD_CURRENCY, "CurrencyIsoCode"),
    Way(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        RejectedError,
        "add {value} to the picklist {fields} of {object}, or map to a value that it has",
        r"picklist field: (?P<value>.+)",
    ),
    Way("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", RejectedError, "use a value of the picklist {fields} of {object}"),
    Way("INVALID_CURRENCY_ISO", RejectedError, _RECORD_CURRENCY),
    Way(
        "REQUIRED_FIELD_MISSING", RejectedError, "make {value} of {object} optional, or map to it", r"\[(?P<value>.+)\]"
    ),
    Way("REQUIRED_FIELD_MISSING", RejectedError, "make {fields} of {object} optional, or map to it"),
    # Two requests created the same key at once (the first had been given up): the next upsert finds the record.
    Way("DUPLICATE_VALUE", RetryableError, pattern=r"found: Key__c duplicates value on record"),
    Way("DUPLICATE_VALUE", RejectedError, "change or delete the record {value}", r"with id: (?P<value>\w{15,18})"),
    Way("DUPLICATE_VALUE", RejectedError, "change or delete the other record with the same unique value"),
    Way("DUPLICATE_EXTERNAL_ID", RejectedError, "delete all but one record with this key; make the key field unique"),
    Way("DUPLICATES_DETECTED", RejectedError, "let the integration user pass {object}'s duplicate rule, or merge"),
    Way("STRING_TOO_LONG", RejectedError, "lengthen {fields} (now {limit} characters)", r"max length=(?P<limit>\d+)"),
    Way("STRING_TOO_LONG", RejectedError, "lengthen {fields} of {object}, or shorten the text at its source"),
    Way("NUMBER_OUTSIDE_VALID_RANGE", RejectedError, "give {fields} of {object} more digits"),
    Way("INVALID_EMAIL_ADDRESS", RejectedError, "correct the e-mail address at its source"),
    Way("INVALID_TYPE_ON_FIELD_IN_RECORD", RejectedError, "map {fields} of {object} to a field of a fitting type"),
    Way("JSON_PARSER_ERROR", RejectedError, "map the value to a field of a fitting type"),
    Way("MALFORMED_ID", RejectedError, "give the id of the right kind of record"),
    Way("FIELD_INTEGRITY_EXCEPTION", RejectedError, "correct the value of {fields} of {object}"),
    Way(
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        RejectedError,
        "meet {object}'s validation rule, or exempt the integration user",
    ),
    Way("FIELD_FILTER_VALIDATION_EXCEPTION", RejectedError, "change the lookup filter of {fields}, or the link"),
    *(Way(code, RejectedError, _AUTOMATION) for code in _AUTOMATION_CODES),
    Way("ENTITY_IS_LOCKED", RejectedError, "the record is in an approval process: approve, recall or unlock it"),
    Way("ENTITY_IS_ARCHIVED", RejectedError, "restore the archived record"),
    Way("INACTIVE_OWNER_OR_USER", RejectedError, "give the record an active owner"),
    Way("INSUFFICIENT_ACCESS_OR_READONLY", RejectedError, _SHARE),
    Way("INSUFFICIENT_ACCESS", RejectedError, _SHARE),
    Way(
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        RejectedError,
        "share the account it points to with the integration user",
    ),
    Way("TRANSFER_REQUIRES_READ", RejectedError, "give the new owner read access to {object}"),
    Way("DELETE_FAILED", RejectedError, "remove what depends on the record first"),
    Way("MALFORMED_QUERY", RejectedError, _OURS),
    Way("INVALID_QUERY_FILTER_OPERATOR", RejectedError, _OURS),
    Way("UNSUPPORTED_MEDIA_TYPE", RejectedError, _OURS),
    Way("EXCEEDED_ID_LIMIT", RejectedError, _OURS),
    Way("INVALID_REPLICATION_DATE", RejectedError, "read the object in full: the time asked for is too long ago"),
    # Bulk API 2.0 jobs
    Way(
        "InvalidBatch",
        MisconfiguredError,
        f"{DEPLOY}: {{value}} is missing",
        r"Field name not found : (?P<value>[\w.]+)",
    ),
    Way("InvalidBatch", RejectedError, _OURS),
    Way("INVALIDJOB", RejectedError, _OURS),
)


class Table:
    """Rows by code, asked with a code and a message."""

    def __init__(self, ways: Iterable[Way]) -> None:
        self._by_code: dict[str, list[Way]] = {}
        for way in ways:
            self._by_code.setdefault(way.code, []).append(way)

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def explain(
        self, code: str, message: str, *, fields: Sequence[str] = (), object_name: str = "the object"
    ) -> ConnectorError | None:
        """The error for `code` and `message`, its fix filled in; None for a code that is not in the table."""
        names = ", ".join(fields)
        for way in self._by_code.get(code, ()):
            if found := way.match(message, names):
                words = {"fields": names or "the field", "object": object_name, **found.groupdict()}
                return _raise_able(way, message, way.fix.format_map(words))
        return None


_TABLE = Table(WAYS)


def refusal(code: str, message: str, *, fields: Sequence[str] = (), object_name: str = "the object") -> ConnectorError:
    """The error that Salesforce's `code` and `message` mean; RejectedError, by name, for a code nobody has met."""
    known = _TABLE.explain(code, message, fields=fields, object_name=object_name)
    return known or RejectedError(
        code, _short(message), "Dueline does not know this code: act on the message, then try the record again"
    )


def refusals(errors: Any, *, object_name: str = "the object") -> ConnectorError | None:
    """One error for the list that a REST body or a collections row carries (`errorCode` there, `statusCode` here).

    What will not pass by waiting decides over what may, and every message is kept. None where `errors` is no such list.
    """
    if not isinstance(errors, Sequence) or isinstance(errors, str | bytes) or not errors:
        return None
    if not all(isinstance(error, Mapping) and (error.get("errorCode") or error.get("statusCode")) for error in errors):
        return None
    found = [_one(error, object_name) for error in errors]
    first = next((error for error in found if not isinstance(error, RetryableError)), found[0])
    first.reason = _short("; ".join(dict.fromkeys(error.reason for error in found)))
    return first


def refused_part(status: int, body: Any, *, object_name: str = "the object") -> ConnectorError:
    """The error for one sub-request of a composite or a batch, refused with `status` (300 or above) and `body`."""
    known = refusals(body, object_name=object_name)
    if known is None and status >= 500:
        return RetryableError(f"HTTP_{status}", _short(str(body)))
    return known or refusal(f"HTTP_{status}", str(body), object_name=object_name)


def _one(error: Mapping[str, Any], object_name: str) -> ConnectorError:
    code = str(error.get("errorCode") or error.get("statusCode"))
    fields = [str(name) for name in error.get("fields") or ()]
    return refusal(code, str(error.get("message", "")), fields=fields, object_name=object_name)


def _raise_able(way: Way, message: str, fix: str) -> ConnectorError:
    if issubclass(way.family, RetryableError):
        return way.family(way.code, _short(message), fix, retry_after=way.retry_after)
    return way.family(way.code, _short(message), fix)


def _short(message: str) -> str:
    text = " ".join(message.split())
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}…"
