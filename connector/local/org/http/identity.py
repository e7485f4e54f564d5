"""Who somebody is, in the shapes of the UserInfo endpoint, of the identity URL and of an ID token."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from connector.local.org.http.context import the_org

SHARED_DOMAINS = ("login.salesforce.com", "test.salesforce.com")


def address() -> str:
    """This org's address as the client knows it: a client may have been led here from a real host name."""
    original = request.headers.get("X-Orig-Host")
    return f"https://{original}" if original and original not in SHARED_DOMAINS else request.host_url.rstrip("/")


def identity_url(user_id: str) -> str:
    """The address that names one user, everywhere."""
    return f"{address()}/id/{the_org().org_id}/{user_id}"


def claims(user_id: str, client_id: str) -> dict[str, Any]:
    """Those of an ID token, besides its times. The rest is at the UserInfo endpoint."""
    return {"iss": address(), "sub": identity_url(user_id), "aud": client_id}


def user_info(user_id: str) -> dict[str, Any]:
    """The claims of the UserInfo endpoint."""
    user = _user(user_id)
    return {
        "sub": identity_url(user_id),
        "user_id": user_id,
        "organization_id": the_org().org_id,
        "preferred_username": user["Username"],
        "nickname": user["Alias"],
        "name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "given_name": user["FirstName"],
        "family_name": user["LastName"],
        "zoneinfo": user["TimeZoneSidKey"],
        "profile": f"{address()}/{user_id}",
        "address": {},
        "is_salesforce_integration_user": user["Username"] == the_org().config.integration.username,
        **_both(user),
        "updated_at": _moment(user),
    }


def identity(user_id: str) -> dict[str, Any]:
    """The same person, as the identity URL tells it."""
    user = _user(user_id)
    return {
        "id": identity_url(user_id),
        "asserted_user": True,
        "user_id": user_id,
        "organization_id": the_org().org_id,
        "username": user["Username"],
        "nick_name": user["Alias"],
        "display_name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "first_name": user["FirstName"],
        "last_name": user["LastName"],
        "timezone": user["TimeZoneSidKey"],
        "mobile_phone": None,
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        **_both(user),
        "last_modified_date": _moment(user),
    }


def _both(user: dict[str, Any]) -> dict[str, Any]:
    rest = f"{address()}/services/data/v{{version}}/"
    return {
        "urls": {
            "rest": rest,
            "sobjects": f"{rest}sobjects/",
            "query": f"{rest}query/",
            "profile": f"{address()}/{user['Id']}",
            "custom_domain": address(),
        },
        "active": user["IsActive"],
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": user["LocaleSidKey"],
        "utcOffset": _offset_ms(user["TimeZoneSidKey"]),
    }


def _offset_ms(zone: str) -> int:
    offset = datetime.now(ZoneInfo(zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds() * 1000)


def _moment(user: dict[str, Any]) -> str:
    return f"{user['LastModifiedDate']:%Y-%m-%dT%H:%M:%SZ}"


def _user(user_id: str) -> dict[str, Any]:
    return the_org().store.table("User").rows[user_id]
