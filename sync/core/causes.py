"""Why something is parked, in words, and which causes are the same.

Three thousand rows refused for one reason are one problem. So each parked thing carries a fingerprint of its cause: of
the code and of the reason without what differs from row to row (ids, numbers, amounts, quoted values).
"""

import hashlib
import re
from dataclasses import dataclass

from sync.core.words import named

_WORD_WITH_DIGIT = re.compile(r"(?<![\w.:/@+-])[\w.:/@+-]*\d(?:[\w.:/@+-]|,(?=\d))*")
_PROVIDER_ID = re.compile(
    r"(?<![\w:-])(?:[\w-]+:)?[a-z]{2,6}_(?=[a-z]*[A-Z])[A-Za-z]{8,}\b"
)  # by chance without a digit
_QUOTED_TEXT = re.compile(r"'[^'\n]*[^\w'\n][^'\n]*'|\"[^\"\n]*[^\w\"\n][^\"\n]*\"")  # a bare name in quotes says what
_REFUSED_VALUE = re.compile(r"(?<=too large: ).*(?= \(max)", re.DOTALL)
_READ, _LONGEST = 2_000, 300  # characters of a reason that are looked at, and of what is left of it

UNSORTED = ""  # the fingerprint of what has none yet


def normalised(reason: str) -> str:
    """A reason without what differs from row to row."""
    text = _REFUSED_VALUE.sub("#", reason[:_READ])
    for pattern in (_QUOTED_TEXT, _WORD_WITH_DIGIT, _PROVIDER_ID):
        text = pattern.sub("#", text)
    return " ".join(text.split())[:_LONGEST]


def fingerprint(what: str, code: str | None, reason: str | None) -> str:
    """The same for everything of one sort (event, record, hold, review) that has the same cause."""
    told = "\n".join((what, code or "", normalised(reason or "")))
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause for people: a title, the way out, and the screen where it is mended (None: elsewhere)."""

    title: str
    fix: str
    screen: str | None = None


_PICKLIST = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
_RIGHTS = "Our user in Salesforce may not do this"
_GONE = "It belongs to a record that is gone"
_AUTOMATION = "An automation in Salesforce stops it"

# Salesforce's codes and ours (pipeline.render): title, and where it is mended when that is one of our screens.
_RECORD_CAUSES: dict[str, tuple[str, str | None]] = {
    "ACCOUNT_GONE": ("The account is gone, or hidden from us", "matching"),
    "EXCHANGE_RATE_MISSING": ("The rate of a currency is missing", "rules"),
    "OWNER_INACTIVE": ("The account's owner is not active any more", None),
    "NOT_RENDERED": ("Dueline could not work this out", None),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": ("A validation rule in Salesforce refuses it", None),
    "FIELD_FILTER_VALIDATION_EXCEPTION": ("A lookup filter in Salesforce refuses it", None),
    "REQUIRED_FIELD_MISSING": ("Salesforce demands a field that is left empty", "mapping"),
    "STRING_TOO_LONG": ("A text is too long for its field", "mapping"),
    "NUMBER_OUTSIDE_VALID_RANGE": ("A number is too large for its field", "mapping"),
    _PICKLIST: ("A picklist lacks the value", "mapping"),
    "INVALID_CURRENCY_ISO": ("A currency is not active in Salesforce", None),
    "DUPLICATE_VALUE": ("Another record has the same unique value", None),
    "DUPLICATE_EXTERNAL_ID": ("Two records have the same key", None),
    "DUPLICATES_DETECTED": ("A duplicate rule in Salesforce stops it", None),
    "ENTITY_IS_LOCKED": ("The record is locked by an approval", None),
    "ENTITY_IS_ARCHIVED": ("The record is archived", None),
    "INACTIVE_OWNER_OR_USER": ("The record's owner is not active any more", None),
    "STORAGE_LIMIT_EXCEEDED": ("Salesforce has no storage left", None),
    "LICENSE_LIMIT_EXCEEDED": ("A licence in Salesforce is missing", None),
    **dict.fromkeys(("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"), (_GONE, "matching")),
    **dict.fromkeys(
        ("INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"),
        (_RIGHTS, "setup"),
    ),
    **dict.fromkeys(
        ("INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_READ_ONLY_USER_DML", "FORBIDDEN", "API_CURRENTLY_DISABLED"),
        (_RIGHTS, "setup"),
    ),
    **dict.fromkeys(
        ("INVALID_FIELD", "INVALID_TYPE", "INVALID_EXTERNAL_ID_FIELD_NAME", "INVALID_ENTITY_FOR_UPSERT"),
        ("A field or object is missing in Salesforce, or hidden from us", "setup"),
    ),
    **dict.fromkeys(
        (
            "CANNOT_EXECUTE_FLOW_TRIGGER",
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "FLOW_EXCEPTION",
            "CUSTOM_APEX_ERROR",
            "APEX_FAILED",
            "LIMIT_EXCEEDED",
        ),
        (_AUTOMATION, None),
    ),
}
_REPORT = (
    "this event has a shape that this release does not know: update Dueline, or report the event, then try it again. "
    "Comparing with the billing system brings its figures in meanwhile"
)
_WORK = {
    "apply mapping": "Applying the mapping",
    "backfill": "Reading the history",
    "doctor": "Checking Salesforce",
    "reconcile": "Comparing everything",
    "retry": "Trying again",
}


def explain(what: str, code: str | None, fix: str | None) -> Cause:
    """The cause of something parked. `what`: event, record, hold, review or work; for work, `code` is its kind."""
    if what == "record":
        title, screen = _RECORD_CAUSES.get(code or "", ("Salesforce refuses it", None))
        own = {"ACCOUNT_GONE": "restore the account in Salesforce, or link the customer to another one"}
        own["EXCHANGE_RATE_MISSING"] = "give the rate among the rules, or activate the currency in Salesforce"
        return Cause(title, own.get(code or "") or fix or "act on the message, then try again", screen)
    if what == "event":
        return Cause("An event cannot be read", fix or _REPORT)
    if what == "hold":
        return Cause("The billing system refuses a dunning hold", fix or "act on the message, then try again", "setup")
    if what == "review":
        return Cause("An account cannot be looked at", "it is tried again by itself; if it stays, report the message")
    return Cause(
        f"{_WORK.get(code or '', f'Work “{code}”')} could not go on", "see the message, then let it go on from there"
    )


_KINDS = {
    "account": "account",
    "summary": "AR summary",
    "invoice": "invoice",
    "payment": "payment",
    "refund": "refund",
    "commitment": "commitment",
    "dispute": "dispute",
    "activity": "timeline entry",
    "task": "follow-up task",
    "event": "event",
    "hold": "dunning hold",
    "review": "review of an account",
    "work": "work",
}
_MANY = {
    "summary": "AR summaries",
    "activity": "timeline entries",
    "review": "reviews of accounts",
    "work": "pieces of work",
}


def kind_words(kind: str, count: int = 1) -> str:
    """A kind of thing as people call it, of one or of many."""
    one = _KINDS.get(kind, kind)
    return named(count, one, _MANY.get(kind, ""))
