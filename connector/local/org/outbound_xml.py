"""The SOAP of outbound messages: what the org sends, and the answer it waits for."""

from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape
from zlib import crc32

from connector.local.org.ids import make_id
from connector.local.org.model import Row
from connector.local.org.values import stamp

_OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
_SOAP_VERSION = "66.0"
_DATES = ("LastModifiedDate", "SystemModstamp")
_TEXTS = ("LastModifiedById", "Name")


def envelope(org_id: str, org_url: str, sobject: str, rows: Iterable[tuple[str, Row]]) -> bytes:
    """One message: (notification id, row) of one object. The session id is nil, as it is in real ones since 2026."""
    notifications = "".join(_notification(notification_id, sobject, row) for notification_id, row in rows)
    action = make_id("04k", crc32(sobject.encode()))  # one action per object, the same in every message
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        f' <soapenv:Body>\n  <notifications xmlns="{_OUTBOUND}">\n'
        f"   <OrganizationId>{org_id}</OrganizationId>\n"
        f"   <ActionId>{action}</ActionId>\n"
        '   <SessionId xsi:nil="true"/>\n'
        f"   <EnterpriseUrl>{escape(org_url)}/services/Soap/c/{_SOAP_VERSION}/{org_id[:15]}</EnterpriseUrl>\n"
        f"   <PartnerUrl>{escape(org_url)}/services/Soap/u/{_SOAP_VERSION}/{org_id[:15]}</PartnerUrl>\n"
        f"{notifications}  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>"
    ).encode()


def _notification(notification_id: str, sobject: str, row: Row) -> str:
    fields = {"Id": row["Id"], **{name: _written(row[name]) for name in _fields(row)}}
    inner = "".join(f"     <sf:{name}>{value}</sf:{name}>\n" for name, value in fields.items())
    return (
        f"   <Notification>\n    <Id>{notification_id}</Id>\n"
        f'    <sObject xsi:type="sf:{sobject}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">\n'
        f"{inner}    </sObject>\n   </Notification>\n"
    )


def _fields(row: Row) -> list[str]:
    """Those that every message carries, as far as the row has them: empty fields are left out, as in real ones."""
    return sorted(name for name in (*_DATES, *_TEXTS) if row.get(name) is not None)


def _written(value: Any) -> str:
    if isinstance(value, str):
        return escape(value)
    return stamp(value).replace("+0000", "Z")


def acknowledged(answer: Element) -> bool:
    """Whether the receiver's SOAP says `<Ack>true</Ack>`."""
    found = answer.find(f".//{{{_OUTBOUND}}}notificationsResponse/{{{_OUTBOUND}}}Ack")
    return found is not None and (found.text or "").strip() in {"true", "1"}
