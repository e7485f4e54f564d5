"""Refusals of the UI API. What a save is refused for comes sorted: `fieldErrors` belong at a field of the form,
`errors` at its top. The rest is refused like everywhere, in a list.

Recorded: the shape, its message (which speaks of an update whatever was tried), and that a restricted picklist, a
field that is required and a validation rule shown at a field are field errors. A save that came too late is refused
like this too. Unverified: the code of a value that cannot be read.
"""

from typing import Any

from flask import Response

from connector.local.org.model import OrgError, SObject
from connector.local.org.values import BadValueError
from connector.local.org.wire import refusal, reply

_MESSAGE = "An error occurred while trying to update the record. Please try again."
_STATUS = 400


def no_such_record() -> OrgError:
    """404, for what is deleted or never was."""
    return OrgError("NOT_FOUND", "The requested resource does not exist", 404)


def no_access() -> OrgError:
    """403, for records that are not shared with the user, or of an object that they do not see."""
    message = "You don't have access to this record. Ask your administrator for help or to request access."
    return OrgError("INSUFFICIENT_ACCESS", message, 403)


def changed_meanwhile(by: str) -> OrgError:
    """Somebody else saved the record after it was read."""
    message = (
        f"This record was modified by {by} during your edit session. Make a note of the data you entered, then reload "
        "the record and enter your updates again."
    )
    return OrgError("CollisionDetectedException", message)


def not_saved(error: OrgError, item: SObject) -> Response:
    """The refusal of a save."""
    errors: list[dict[str, Any]] = []
    by_field: dict[str, list[dict[str, Any]]] = {}
    for name in error.fields:
        by_field.setdefault(name, []).append(_detail(error, item, name))
    if not error.fields:
        errors.append(_detail(error, item, None))
    body = {
        "message": _MESSAGE,
        "statusCode": _STATUS,
        "enhancedErrorType": "RecordError",
        "output": {"errors": errors, "fieldErrors": by_field},
    }
    return reply(body, _STATUS)


def unreadable(error: BadValueError) -> Response:
    """The refusal of a value that is none of the field's type."""
    message = f"{error.field.name}: {error.value!r} cannot be read as a {error.field.type}"
    return refusal(OrgError("POST_BODY_PARSE_ERROR", message))


def _detail(error: OrgError, item: SObject, name: str | None) -> dict[str, Any]:
    own = item.get(name) if name else None
    return {
        "constituentField": None,
        "duplicateRecordError": None,
        "errorCode": error.code,
        "field": name,
        "fieldLabel": own.label if own else name,
        "message": error.message,
    }
