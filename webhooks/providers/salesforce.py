"""Salesforce's Outbound Messages: "something you watch has changed". They ring the bell, and nothing of them is kept.

The message carries the rows as they are when it is sent, at least once and in no order, and is given up after a day;
what it says is therefore no record of what happened. The poll that it brings forward reads the same rows in the order
in which they changed. So a message lost, repeated or made up costs at most one poll.

Nothing signs it. Who sends it is told by the token in its address, which only the org's administrator has entered, and
by the org's id. Session ids are no longer sent, and would not be used if they were.
https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_understanding.htm
"""

import hmac
import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
_MOST = 100  # notifications in one message
_ID_LENGTHS = (15, 18)  # the longer form only adds a checksum for those who ignore case


def admitted(token: str, live: Iterable[str]) -> bool:
    """Whether it is one of the live tokens. All are compared, each in constant time."""
    given = token.encode()
    matches = [hmac.compare_digest(given, one.encode()) for one in live]
    return any(matches)


def problem(body: bytes, org_id: str) -> str | None:
    """None for an Outbound Message of that org; otherwise what is wrong, in words."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:  # the latter two: DTDs, entities, encodings
        return f"the body is not XML that can be read: {str(error) or type(error).__name__}"
    message = _message(root)
    if message is None:
        return "the body is not an Outbound Message: a SOAP envelope with one <notifications> in it"
    told = (message.findtext(f"{{{_OUTBOUND}}}OrganizationId") or "").strip()
    if len(told) not in _ID_LENGTHS or told[:15] != org_id[:15]:
        return "the message is of another org"
    count = len(message.findall(f"{{{_OUTBOUND}}}Notification"))
    if not 1 <= count <= _MOST:
        return f"the message has {count} notifications, not 1 to {_MOST}"
    return None


def _message(root: Element) -> Element | None:
    if root.tag != f"{{{_SOAP}}}Envelope":
        return None
    found = root.findall(f"{{{_SOAP}}}Body/{{{_OUTBOUND}}}notifications")
    return found[0] if len(found) == 1 else None


def answer(refusal: str | None = None) -> bytes:
    """The answer that Salesforce waits for: true, or false with the reason for whoever reads its delivery log.

    The schema of the answer has no room for words, so they are a comment.
    """
    ack = "true" if refusal is None else "false"
    why = "" if refusal is None else f"<!-- {escape(re.sub('-(?=-)', '- ', refusal))} -->"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_SOAP}">{why}<soapenv:Body>'
        f'<notificationsResponse xmlns="{_OUTBOUND}"><Ack>{ack}</Ack></notificationsResponse>'
        "</soapenv:Body></soapenv:Envelope>"
    ).encode()
