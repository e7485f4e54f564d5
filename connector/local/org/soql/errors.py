"""Refusals in Salesforce's words, with the header that points a caret at the place in the query.

The header quotes the line of the error, cut to the words that reach 30 characters to either side (measured on recorded
production messages; the exact rule is not documented).
"""

import re

from connector.local.org.model import OrgError

_REACH = 30
_WORD_END = re.compile(r"[\s,]|$")


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of the line that is quoted, and where in it the caret belongs."""
    start = max(0, column - _REACH)
    while start and line[start - 1] not in " \t,":
        start -= 1
    found = _WORD_END.search(line, min(len(line), column + _REACH))
    end = found.start() if found else len(line)
    return line[start:end].rstrip(), column - start


def header(text: str, at: int) -> str:
    r"""`\nSELECT Id, X FROM …\n           ^\nERROR at Row:1:Column:12\n` for the offset `at`."""
    at = min(at, len(text))
    row = text.count("\n", 0, at)
    line_start = text.rfind("\n", 0, at) + 1
    line_end = text.find("\n", at)
    quoted, caret = _window(text[line_start : line_end if line_end >= 0 else len(text)], at - line_start)
    return f"\n{quoted}\n{' ' * caret}^\nERROR at Row:{row + 1}:Column:{at - line_start + 1}\n"


def malformed(message: str) -> OrgError:
    """MALFORMED_QUERY without a place."""
    return OrgError("MALFORMED_QUERY", message)


def unsupported(what: str) -> OrgError:
    """A part of SOQL that real orgs have and this one does not: never half-handled."""
    return OrgError("UNSUPPORTED_SOQL", f"The local org does not support {what}. Write the query without it.", 501)


def no_such_column(text: str, at: int, name: str, entity: str) -> OrgError:
    """INVALID_FIELD for an unknown or hidden field."""
    message = (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append "
        "the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate "
        "names."
    )
    return OrgError("INVALID_FIELD", header(text, at) + message)


def no_such_relationship(text: str, at: int, name: str, *, where: str = "field path") -> OrgError:
    """INVALID_FIELD for an unknown parent, INVALID_TYPE for an unknown child relationship in a sub-select."""
    message = (
        f"Didn't understand relationship '{name}' in {where}. If you are attempting to use a custom relationship, be "
        "sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call "
        "for the appropriate names."
    )
    code = "INVALID_FIELD" if where == "field path" else "INVALID_TYPE"
    return OrgError(code, header(text, at) + message)


def no_such_object(text: str, at: int, name: str) -> OrgError:
    """INVALID_TYPE for an unknown or hidden object."""
    message = (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the "
        "'__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
    )
    return OrgError("INVALID_TYPE", header(text, at) + message)


def wrong_literal(text: str, at: int, name: str, wanted: str) -> OrgError:
    """INVALID_FIELD for a literal of the wrong kind; only text wants quotes."""
    quotes = "should be enclosed in quotes" if wanted == "string" else "should not be enclosed in quotes"
    message = f"value of filter criterion for field '{name}' must be of type {wanted} and {quotes}"
    return OrgError("INVALID_FIELD", header(text, at) + message)


def wrong_operator(kind: str) -> OrgError:
    """INVALID_QUERY_FILTER_OPERATOR. The words are known for ids; for other types they follow that pattern."""
    return OrgError("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {kind} field")
