"""Who may look at the pages, and what the page needs to know of whoever does."""

from typing import Any

from connector.local.org.config import Credentials, OrgUser
from connector.local.org.org import Org

Person = dict[str, Any]


def people(org: Org) -> list[Person]:
    """Everybody whom a browser may be: the people of the org, and its administrator. Not the integration user."""
    return [_person(org, user) for user in org.config.users] + [_person(org, org.config.org_admin)]


def person_of(org: Org, username: str | None) -> Person | None:
    """The one with that username; for None the first."""
    return next((each for each in people(org) if username in {each["username"], None}), None)


def session_of(org: Org, person: Person) -> dict[str, Any]:
    """What the page is given: a token, who it is, whom else it could be, and what the platform tells components."""
    schema = org.view(person["id"]).access.schema
    user = org.store.table("User").rows[person["id"]]
    return {
        "token": org.sessions.sign_in(person["id"]),
        "user": person,
        "users": people(org),
        "timeZone": user["TimeZoneSidKey"],
        "currency": user.get("DefaultCurrencyIsoCode") or org.config.corporate_currency,
        "clock": clock_of(org),
        "objects": {item.name: item.label_plural for item in schema.objects.values()},
        "prefixes": {item.key_prefix: item.name for item in schema.objects.values()},
    }


def clock_of(org: Org) -> dict[str, Any]:
    """The org's date, and by how many milliseconds its time is ahead of the real one: whole minutes, so that it stays
    the same while the date does.
    """
    clock = org.clock
    minutes = 0 if clock.moved_to is None else round((clock.now - clock.stamp).total_seconds() / 60)
    return {"today": clock.today.isoformat(), "offset": minutes * 60_000}


def _person(org: Org, item: OrgUser | Credentials) -> Person:
    (user_id,) = org.store.table("User").find("Username", item.username) or ("",)
    row = org.store.table("User").rows[user_id]
    return {
        "id": user_id,
        "username": item.username,
        "name": row["Name"],
        "role": item.role if isinstance(item, OrgUser) else "",
        "permissionSets": list(item.permission_sets) if isinstance(item, OrgUser) else [],
        "administrator": isinstance(item, Credentials),
    }
